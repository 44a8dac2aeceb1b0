"""The seal of a comparison: its settings, its data and its members are those that genmodels wrote."""

from datetime import UTC, datetime
from typing import Any

from genmodels.durable import disk_errors, replace_file, to_json
from genmodels.paths import COMPARISON
from genmodels.runs.accepting import accepted_entries, refuse_changed, told_as_accepted, told_as_passed, unsealed_told
from genmodels.runs.comparison import ComparisonDir
from genmodels.runs.sealing import ACCEPTED, SEAL, VALUES, is_whole, number_in, sealed, values_of
from genmodels.runs.seals import RESULT, Difference, changes_in, told
from genmodels.telling import Notice

UNNAMED = "it was changed by another hand"


def differences_in(found: ComparisonDir) -> list[Difference]:
    """All in comparison.json that is not as it was; nothing where an earlier version sealed nothing.

    Raises:
        RunError: it is missing or damaged.
    """
    document = found.stored()
    if SEAL not in document or is_whole(document):
        return []
    values = document[SEAL].get(VALUES) if isinstance(document[SEAL], dict) else None
    named = changes_in(values, values_of(document), place=COMPARISON) if isinstance(values, dict) else ()
    return list(named) or [Difference(COMPARISON, UNNAMED)]


def check_comparison(found: ComparisonDir, notice: Notice, *, accept: bool = False) -> None:
    """Refuse to go on with a comparison whose comparison.json is not as genmodels left it; its lock is held.

    Where its result is another, which decides nothing, that is measured again.

    Args:
        found: it.
        notice: is told of changes that decide nothing, and where it has no seal.
        accept: go on all the same; what differs is recorded in comparison.json then.

    Raises:
        RunError: something differs that decides what is trained.
    """
    document = found.stored()
    if SEAL not in document:
        notice(unsealed_told(found))
    differing = differences_in(found)
    if not differing:
        return
    if not accept:
        refuse_changed(found, differing)
    told_of = told_as_accepted if accept else told_as_passed
    for sentence in told_of(found, told(differing)):
        notice(sentence)
    if any(one.told.startswith((RESULT, UNNAMED)) for one in differing):
        document[RESULT] = None
    if accept:
        entry: dict[str, Any] = {"at": datetime.now(UTC).isoformat(), "changes": told(differing)}
        document[ACCEPTED] = [*accepted_entries(document), entry]
    with disk_errors(found.path):
        again = sealed(document, 1 + (number_in(document) or 0), telling=True)
        replace_file(found.path / COMPARISON, to_json(again))
