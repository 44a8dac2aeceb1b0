"""When a model is looked at inside an epoch."""

import pytest

from genmodels.errors import UsageError
from genmodels.settings.every import NEVER, Every, every_of
from genmodels.settings.text import TextSettings
from genmodels.training.previews import RARELY, Previews


@pytest.mark.parametrize(
    ("text", "every"),
    [
        ("20s", Every(seconds=20.0)),
        ("1.5m", Every(seconds=90.0)),
        ("2 min", Every(seconds=120.0)),
        ("1h", Every(seconds=3600.0)),
        ("500steps", Every(steps=500)),
        ("1 step", Every(steps=1)),
        ("never", NEVER),
    ],
)
def test_how_often_is_read_with_its_unit(text: str, every: Every) -> None:
    assert every_of("--preview-every", text) == every


@pytest.mark.parametrize("text", ["", "0", "0s", "0steps", "1.5steps", "-3s", "nans", "1e3s", "often", "1m 30s"])
def test_what_says_no_unit_or_no_span_is_refused_by_the_settings(text: str) -> None:
    with pytest.raises(UsageError, match="--preview-every") as caught:
        TextSettings(preview_every=text)
    assert "500steps" in str(caught.value.hint)


def test_a_number_alone_is_told_both_ways_to_write_it() -> None:
    with pytest.raises(UsageError, match="does not say whether of steps or of seconds") as caught:
        TextSettings(preview_every="60")
    assert caught.value.hint == "write --preview-every 60steps or --preview-every 60s."


def test_in_steps_they_are_due_whatever_the_clock_says() -> None:
    previews = Previews(Every(steps=5), now=0.0)
    assert [step for step in range(1, 16) if previews.are_due(step, now=1e9)] == [5, 10, 15]


def test_by_the_clock_they_are_due_so_long_after_the_last_one() -> None:
    previews = Previews(Every(seconds=20.0), now=100.0)
    assert [previews.are_due(1, now) for now in (119.0, 120.0)] == [False, True]
    previews.shown(120.0, 121.0)
    assert [previews.are_due(2, now) for now in (140.9, 141.0)] == [False, True]
    previews.shown(141.0, 151.0)  # a slow one
    assert [previews.are_due(3, now) for now in (150.9 + RARELY * 10, 151.0 + RARELY * 10)] == [False, True]


def test_never_is_never() -> None:
    previews = Previews(NEVER, now=0.0)
    assert not previews.are_due(1, now=1e9)
    assert previews.share(1.0, 1000) == 0.0


def test_their_share_of_the_time_is_known_and_short_epochs_have_none() -> None:
    previews = Previews(Every(seconds=20.0), now=0.0)
    previews.shown(0.0, 0.5)
    assert previews.share(step_seconds=0.1, steps_per_epoch=1000) == pytest.approx(0.5 / 20.5)
    assert previews.share(step_seconds=0.1, steps_per_epoch=200) == 0.0
    in_steps = Previews(Every(steps=10), now=0.0)
    in_steps.shown(0.0, 1.0)
    assert in_steps.share(step_seconds=0.1, steps_per_epoch=1000) == pytest.approx(0.5)
