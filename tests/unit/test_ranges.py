"""Numbers out of their range: the hint names one that is taken, whatever the setting."""

import re
from dataclasses import Field, fields
from typing import Any

import pytest

from genmodels.errors import UsageError
from genmodels.families import FAMILIES
from genmodels.settings import Settings
from genmodels.settings.dynamic import DynamicSettings
from genmodels.settings.fields import flag_for
from genmodels.settings.ranges import out_of_range
from genmodels.settings.sampling import SampleSettings

KINDS = [*(family.settings for family in FAMILIES.values()), SampleSettings, DynamicSettings]
BEYOND = {">=": -1, ">": 0, "<=": 1, "<": 0}  # added to a bound
RANGES = [
    pytest.param(kind, spec, bound + BEYOND[sign], id=f"{kind.__name__}-{spec.name}-{sign}")
    for kind in KINDS
    for spec in fields(kind)
    for bound, sign in spec.metadata["bounds"]
    if bound is not None
]


@pytest.mark.parametrize(("kind", "spec", "wrong"), RANGES)
def test_the_hint_names_a_value_that_is_taken(kind: type[Settings], spec: Field[Any], wrong: float) -> None:
    with pytest.raises(UsageError) as caught:
        kind(**{spec.name: wrong})
    assert " must be " in caught.value.what
    assert caught.value.hint is not None
    found = re.fullmatch(rf"try {spec.name}=\[?([-\d.,]+)\]?\.", caught.value.hint)
    assert found is not None, caught.value.hint
    assert caught.value.typed[1] == f"try {flag_for(spec)} {found[1]}.", "as a command line has it"
    tried = [float(item) for item in found[1].split(",")]
    is_whole = isinstance(wrong, int) and all(item.is_integer() for item in tried)
    value: Any = [int(item) if is_whole else item for item in tried]
    kind(**{spec.name: value if isinstance(spec.default, tuple) else value[0]})


@pytest.mark.parametrize(
    ("bounds", "value", "what", "hint"),
    [
        ([(0, ">"), (100_000, "<=")], 0.0, "--n is 0, but it must be above 0 and at most 100,000", "try --n 100000."),
        ([(0, ">"), (None, "<=")], -2.5, "--n is -2.5, but it must be above 0", "try --n 1."),
        ([(0, ">="), (1, "<")], 1.0, "--n is 1, but it must be at least 0 and below 1", "try --n 0."),
        ([(0, ">"), (1, "<")], 1.0, "--n is 1, but it must be above 0 and below 1", "try --n 0.5."),
        ([(1, ">="), (1e6, "<=")], "1e9", "--n is 1e9, but it must be from 1 to 1,000,000", "try --n 1000000."),
    ],
)
def test_numbers_are_written_as_people_type_them(bounds: Any, value: object, what: str, hint: str) -> None:
    assert out_of_range("--n", value, bounds).typed == (what, hint)
