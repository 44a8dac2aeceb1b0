"""What the tests use of the package's front: the command line and the table of families, imported in one place."""

from collections.abc import Callable
from dataclasses import dataclass

from genmodels.app import build_app, run
from genmodels.families import FAMILIES, Family, family_of
from genmodels.families.text.judging import texts_of

__all__ = [
    "ENTRY", "FAMILIES", "MOST_SEARCHED", "Cli", "Family", "Outcome", "build_app", "family_of", "run", "texts_of",
]  # fmt: skip
ENTRY = "from genmodels.app import run"  # for programs of their own process
MOST_SEARCHED = "genmodels.families.text.judging.MOST_SEARCHED"  # of a training text, for copies


@dataclass
class Outcome:
    """What a command did."""

    code: int
    out: str
    err: str


Cli = Callable[..., Outcome]
