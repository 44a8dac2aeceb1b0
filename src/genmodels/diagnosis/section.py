"""Facts about a machine in sections, and what they leave out: whose machine it is."""

import getpass
import os
import re
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from genmodels.exhibit import size


@dataclass(frozen=True)
class Fact:
    """One thing that was found.

    Args:
        name: what it is.
        value: as JSON can hold it; sizes in bytes, None where it isn't known or there is none.
        shown: the same for a person.
    """

    name: str
    value: Any
    shown: str


@dataclass(frozen=True)
class Section:
    """Facts of one kind.

    Args:
        title: of which.
        facts: in the order in which they are shown.
        problems: sentences on what will stand in the way.
    """

    title: str
    facts: Sequence[Fact]
    problems: Sequence[str] = ()


def plain(name: str, value: object, missing: str = "unknown") -> Fact:
    """A fact that is shown as it is, or as `missing` where it is None."""
    return Fact(name, value, missing if value is None else str(value))


def amount(name: str, value: int | None, missing: str = "unknown") -> Fact:
    """A number of bytes."""
    return Fact(name, value, missing if value is None else size(value))


def discreet(value: Any) -> Any:
    """A value without the home folder (~), and paths in it without the user's and the machine's name."""
    if isinstance(value, str):
        return _discreet_text(value)
    if isinstance(value, Mapping):
        return {name: discreet(inner) for name, inner in value.items()}
    return [discreet(inner) for inner in value] if isinstance(value, list | tuple) else value


def _discreet_text(text: str) -> str:
    for home in _homes():
        text = re.sub(rf"{re.escape(home)}(?![\w.-])", "~", text)
    for name, instead in _names().items():
        text = re.sub(rf"(?<=[/\\]){re.escape(name)}(?![^\W_])", instead, text)
    return re.sub(r"\b(GPU|MIG)-[0-9a-f][0-9a-f-]{6,}", r"\1-...", text)  # which card it is, as some variables say


def _homes() -> list[str]:
    """The home folder as it is called, and as it is called once links are followed; "/" and "." are nobody's."""
    try:
        home = Path.home()
    except RuntimeError:
        return []
    if not home.is_absolute():
        return []
    called = {str(home), os.path.realpath(home)}
    return sorted((path for path in called if len(Path(path).parts) > 1), key=len, reverse=True)


def _names() -> dict[str, str]:
    """The user's and the machine's name, and what stands in their place."""
    try:
        user = getpass.getuser()
    except (OSError, KeyError, ImportError):  # a container's user may have no name
        user = ""
    host = socket.gethostname()
    named = {user: "USER", host: "HOST", host.partition(".")[0]: "HOST"}
    return {name: instead for name, instead in named.items() if name not in {"", "root", "localhost"}}
