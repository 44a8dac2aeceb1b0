"""What a run's own files hold, looked at as a whole before anything is made of it: one table of what is what."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from genmodels.errors import RunError
from genmodels.ordinary import read_ordinary, strict_json, unreadable
from genmodels.runs.records import named_now

Shape = Callable[[Any], bool]
MOST_STEPS = 2**63  # and of everything else that is counted


def _is(*kinds: type) -> Shape:
    """A value of one of some types; True and False are no numbers."""
    return lambda value: type(value) in kinds


def _or_nothing(shape: Shape) -> Shape:
    return lambda value: value is None or shape(value)


def _list_of(shape: Shape) -> Shape:
    return lambda value: isinstance(value, list) and all(map(shape, value))


def _counts(value: Any) -> bool:
    return type(value) is int and 0 <= value < MOST_STEPS


def _is_number(value: Any) -> bool:
    return type(value) in {int, float}


def _is_value(value: Any) -> bool:
    """What a setting may be."""
    plain = _is(bool, int, float, str, type(None))
    return plain(value) or _list_of(plain)(value)


def _is_entry(value: Any) -> bool:
    """A setting, and where it came from."""
    return (
        isinstance(value, dict)
        and {"value", "from"} <= value.keys()
        and _is_value(value["value"])
        and _is(str)(value["from"])
    )


def _names_its_model(settings: Mapping[str, Any]) -> bool:
    """Whether the setting by which networks are told apart is a text, where there is one."""
    return isinstance(settings.get("model", {"value": ""})["value"], str)


def _are_first_weights(value: Any) -> bool:
    """What is kept of the weights that a run began from, of which some versions did not count the steps."""
    return isinstance(value, dict) and _counts(value.get("steps", 0))


_TEXT, _TEXTS = _or_nothing(_is(str)), _or_nothing(_list_of(_is(str)))
_TABLE = _or_nothing(_is(dict))
_COUNTS = _or_nothing(_list_of(_counts))
DATA: Mapping[str, Shape] = {
    **dict.fromkeys(("name", "fingerprint", "ink", "division", "taken", "identity", "glob", "encoding"), _TEXT),
    "sources": _list_of(_is(str)), **dict.fromkeys(("classes", "words", "speakers"), _TEXTS),
    **dict.fromkeys(("images", "shape", "clips"), _COUNTS),
    **dict.fromkeys(("characters", "different", "known", "max_vocabulary", "levels"), _or_nothing(_counts)),
    **dict.fromkeys(("bytes", "apart", "grey"), _or_nothing(_is(bool))),
    **dict.fromkeys(("word_counts", "speaker_counts"), _TABLE),
    "extends": _or_nothing(lambda value: isinstance(value, list | str)),
    "passed_over": _or_nothing(_is(list, dict)), "seconds": _or_nothing(_list_of(_is_number)),
    "class_counts": _or_nothing(_is(list, dict)),
}  # fmt: skip
PLAN: Mapping[str, Shape] = {
    **dict.fromkeys(
        ("steps_per_epoch", "total_steps", "warmup_steps", "log_every", "patience", "measured_steps"),
        _or_nothing(_counts),
    ),
    **dict.fromkeys(("minutes", "measured_share"), _or_nothing(_is_number)),
    **dict.fromkeys(("planned", "again"), _or_nothing(_is(list))), "schedule": _TEXT,
}  # fmt: skip
WHOLE: Mapping[str, Shape] = {
    "format": _is(int), "family": _is(str), "created_at": _is(str),
    "settings": lambda value: _is(dict)(value) and all(map(_is_entry, value.values())) and _names_its_model(value),
    "data": lambda value: isinstance(value, dict) and _misshapen(value, DATA) is None,
    "plan": _or_nothing(lambda value: isinstance(value, dict) and _misshapen(value, PLAN) is None),
    **dict.fromkeys(("preset", "init_from", "launch", "prompt"), _TEXT),
    "versions": _TABLE, "init_weights": _or_nothing(_are_first_weights),
    "argv": _TEXTS, "lengthened": _or_nothing(_list_of(_is(dict))), "processes": _or_nothing(_counts),
}  # fmt: skip
"""What stands in a run.json, or in a comparison's file, by name; what is not named may be anything."""
NEEDED = ("family", "settings", "data", "created_at")


def _misshapen(found: Mapping[str, Any], shapes: Mapping[str, Shape]) -> str | None:
    """The first entry that is not what it has to be; None where all are."""
    return next((name for name, value in found.items() if name in shapes and not shapes[name](value)), None)


def check_whole(document: Mapping[str, Any], path: Path) -> None:
    """Refuse a run.json, or a comparison's file, that lacks something, or has it in another shape.

    Raises:
        RunError: it does.
    """
    if missing := sorted(set(NEEDED) - document.keys()):
        raise RunError(f"{path} is damaged: it lacks {', '.join(missing)}", "restore it from a copy.")
    wrong = _misshapen(document, WHOLE)
    if wrong is not None:
        inner = {"data": DATA, "plan": PLAN}.get(wrong)
        within = _misshapen(document[wrong], inner) if inner and isinstance(document[wrong], dict) else None
        named = wrong if within is None else f"{within} of its {wrong}"
        raise RunError(f"{path} is damaged: it holds no valid {named}", "restore it from a copy.")


def text_of(path: Path) -> str:
    """A file of a run, whatever its bytes are.

    Raises:
        RunError: it can't be read, or is no ordinary file.
    """
    try:
        return read_ordinary(path).decode("utf-8", "replace")
    except OSError as error:
        raise unreadable(path, error) from error


def records_of(path: Path) -> Iterator[dict[str, Any]]:
    """The lines of metrics.jsonl; a last one that is torn, so that it does not end, is left out.

    Raises:
        RunError: a line is damaged, or the file can't be read.
    """
    if not path.exists():
        return
    lines = text_of(path).split("\n")
    for number, line in enumerate(lines, 1):
        record = _record_in(line)
        if record is not None:
            yield record
        elif number < len(lines):
            raise RunError(f"line {number} of {path} is damaged", "restore the file from a copy.")


def _record_in(line: str) -> dict[str, Any] | None:
    """The record that a line holds, or None where it is torn or no record: numbers by name, and the split."""
    try:
        record = strict_json(line)
    except ValueError:
        return None
    if not isinstance(record, dict) or not {"epoch", "step", "split"} <= record.keys():
        return None
    numbers = all(_is_number(value) for name, value in record.items() if name != "split")
    whole = numbers and _counts(record["step"]) and _is(str)(record["split"])
    return dict(named_now(record)) if whole and record["epoch"] >= 0 else None
