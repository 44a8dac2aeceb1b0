"""What a run can be asked: a wrong name of a question or of its arguments is answered in a sentence."""

from inspect import isfunction

from genmodels.errors import in_turn, telling_wrong_names
from genmodels.family import FAMILIES


def tell_wrong_names(kind: type) -> None:
    """Have the questions that a class asks for itself say which of their arguments has a wrong name."""
    for name, method in list(vars(kind).items()):
        if not name.startswith("_") and isfunction(method):
            setattr(kind, name, telling_wrong_names(method))


def whom_to_ask(run: str, family: str, question: str) -> str | None:
    """What to say of a question that other families have; None if none has it.

    Args:
        run: its name.
        family: of the run.
        question: the name that was used.
    """
    able = [family.title for family in FAMILIES.values() if hasattr(family.run, question)]
    if not able:
        return None
    ours = FAMILIES[family].title if family in FAMILIES else "run of an unknown family"
    return f"{run} is a {ours}, which has no .{question}: ask a run of a {in_turn(able, 'or')}"
