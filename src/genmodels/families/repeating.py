"""The commands that repeat a run: the one that began it, and those by which it was gone on with."""

from collections.abc import Mapping
from typing import Any

from genmodels.printable import one_line
from genmodels.runs.run_dir import train_command, typed
from genmodels.runs.sealing import LENGTHENED


def commands_of(name: str, document: Mapping[str, Any]) -> list[str]:
    """The commands, one after the other; none where a Python program trained it.

    Args:
        name: of the run.
        document: its run.json.
    """
    if not document.get("argv"):
        return []
    begun = " ".join(["genmodels", *(typed(str(word)) for word in document["argv"])])
    again = f"genmodels {train_command(document['family'])} --resume {typed(name)}"
    return [one_line(command) for command in (begun, *(f"{again}{_flags(one)}" for one in _asked(document)))]


def _asked(document: Mapping[str, Any]) -> list[Any]:
    """What was asked for each time; of an earlier version's run that is not known, and its plan counts the times."""
    times = len((document.get("plan") or {}).get("again") or ())
    known = list(document.get(LENGTHENED) or ())[-times:] if times else []
    return [None] * (times - len(known)) + known


def _flags(asked: Any) -> str:
    if not isinstance(asked, dict):
        return " ...   (how long is not recorded)"
    return "".join(f" --{name} {typed(str(value))}" for name, value in asked.items())
