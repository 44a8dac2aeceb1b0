import dataclasses
from dataclasses import fields

import pytest

from doors import FAMILIES, Family
from genmodels.errors import UsageError, argument_of
from genmodels.settings import Settings
from genmodels.settings.dynamic import DynamicSettings
from genmodels.settings.fields import flag_for
from genmodels.settings.sampling import SampleSettings
from genmodels.settings.text import TEXT_MODELS, TextSettings


def test_defaults_are_valid_and_survive_a_round_trip_through_plain_values() -> None:
    settings = TextSettings(sample_temp=(0.5, 1.0), minutes=3.0)
    assert TextSettings.from_mapping(settings.to_mapping()) == settings


@pytest.mark.parametrize(
    ("values", "fragment"),
    [
        ({"epochs": 0}, "--epochs is 0, but it must be from 1 to 100,000"),
        ({"dropout": 1.0}, "--dropout is 1, but it must be at least 0 and below 1"),
        ({"learning_rate": float("nan")}, "not a finite number"),
        ({"learning_rate": float("inf")}, "not a finite number"),
        ({"sample_temp": (0.5, -1.0)}, "--sample-temp is -1,"),
        ({"model": "lsmt"}, "--model 'lsmt' is unknown"),
        ({"precision": "fp8"}, "--precision 'fp8' is unknown"),
        ({"seed": -1}, "--seed is -1"),
    ],
)
def test_a_value_out_of_range_is_named_with_its_bound(values: dict, fragment: str) -> None:
    with pytest.raises(UsageError, match=next(iter(values))) as caught:
        TextSettings(**values)
    what, hint = caught.value.typed
    assert fragment in what, "as a command line is told it"
    assert hint
    assert "--" not in f"{caught.value} {caught.value.hint}"


def test_a_typo_in_a_model_name_gets_a_suggestion() -> None:
    with pytest.raises(UsageError) as caught:
        TextSettings(model="lsmt")
    assert caught.value.hint == "did you mean lstm?"


def test_an_unknown_name_in_a_file_gets_a_suggestion() -> None:
    with pytest.raises(UsageError, match="hiden_size") as caught:
        TextSettings.from_mapping({"hiden_size": 3})
    assert "hidden_size" in str(caught.value.hint)


@pytest.mark.parametrize("value", ["12", 1.5, True, [1]])
def test_a_file_cannot_give_a_setting_another_type(value: object) -> None:
    with pytest.raises(UsageError, match="epochs"):
        TextSettings.from_mapping({"epochs": value})


def test_a_whole_number_in_a_file_may_stand_for_a_float() -> None:
    assert TextSettings.from_mapping({"learning_rate": 1}).learning_rate == 1.0


def test_every_model_name_is_accepted() -> None:
    assert [TextSettings(model=name).model for name in TEXT_MODELS] == list(TEXT_MODELS)


def test_settings_cannot_be_changed() -> None:
    settings: Settings = TextSettings()
    with pytest.raises(AttributeError):
        settings.epochs = 3  # type: ignore[attr-defined]


@pytest.mark.parametrize("family", FAMILIES.values(), ids=list(FAMILIES))
def test_what_a_setting_needs_of_others_are_values_that_they_can_have(family: Family) -> None:
    specs = {spec.name: spec for spec in dataclasses.fields(family.settings)}
    for spec in specs.values():
        for name, values in spec.metadata["only"].items():
            assert set(values) < set(specs[name].metadata["choices"]), (spec.name, name)


@pytest.mark.parametrize("kind", [*(family.settings for family in FAMILIES.values()), SampleSettings, DynamicSettings])
def test_what_python_calls_an_option_is_the_setting(kind: type[Settings]) -> None:
    """Else a sentence about a value would name what no function takes."""
    assert [argument_of(flag_for(spec)) for spec in fields(kind)] == [spec.name for spec in fields(kind)]
