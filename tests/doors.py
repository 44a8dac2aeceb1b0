"""What the tests use of the package's front: the command line and the table of families, imported in one place."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from genmodels.cli.app import run
from genmodels.cli.judging import texts_of
from genmodels.registry import FAMILIES, Family, family_of, load

__all__ = [
    "ENTRY", "FAMILIES", "MOST_SEARCHED", "Cli", "Family", "Outcome", "family_of", "restore_of", "run", "texts_of",
]  # fmt: skip
ENTRY = "from genmodels.cli.app import run"  # for programs of their own process
MOST_SEARCHED = "genmodels.cli.judging.MOST_CHARACTERS"  # of a training text, for copies


@dataclass
class Outcome:
    """What a command did."""

    code: int
    out: str
    err: str


Cli = Callable[..., Outcome]


def restore_of(family: Family) -> Callable[..., Any]:
    """What rebuilds a task of a family out of its run."""
    return load(family.restore)
