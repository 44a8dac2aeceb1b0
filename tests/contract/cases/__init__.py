"""One file a family: `CASES`, its models, and `TRAINED`, what its training promises on the command line."""

from importlib import import_module
from pkgutil import iter_modules
from typing import Any

import pytest

_MODULES = [import_module(f"{__name__}.{module.name}") for module in iter_modules(__path__)]
CASES = [case for module in _MODULES for case in module.CASES]
TRAINED = [module.TRAINED for module in _MODULES]


def rarely(value: object) -> object:
    """A value that only the long sweep tries."""
    return pytest.param(value, marks=pytest.mark.sweep)


LONG = ("gan", "reader")  # take the longest to train


def seldom(case: Any) -> object:
    """A case that the ordinary suite tries where its training is short: for what is asked on top of the training."""
    return rarely(case) if case.rare or case.family in LONG else case


every_case = pytest.mark.parametrize("case", [rarely(case) if case.rare else case for case in CASES], ids=str)

# A family's models share its training: what is long and concerns the training alone is tried with the first of them.
FIRST = {case.family: case for case in reversed(CASES) if not case.rare}
every_family = pytest.mark.parametrize(
    "case", [case if case in FIRST.values() else rarely(case) for case in CASES], ids=str
)
