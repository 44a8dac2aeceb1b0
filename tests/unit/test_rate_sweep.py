"""A sweep of the learning rate: its rates, its running means, what is read of it; and one over a known parabola."""

import math
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from genmodels.analysis.rate_sweep import AROUND, FIRST, read, read_game, read_loss, running_mean, running_median
from genmodels.errors import UsageError
from genmodels.settings.sweep import SweepSettings
from genmodels.training.sweep import GROWN, sweep

RATES = SweepSettings().rates()
PLACES = [math.log10(rate) for rate in RATES]


def test_rates_are_a_geometric_series_from_the_lowest_to_the_highest() -> None:
    rates = SweepSettings(lowest=0.001, highest=0.1, steps=21).rates()
    assert len(rates) == 21
    assert rates[0] == 0.001
    assert rates[10] == pytest.approx(0.01)
    assert rates[-1] == pytest.approx(0.1)


@pytest.mark.parametrize(("asked", "told"), [
    ({"lowest": 0.1, "highest": 0.01}, "--lowest 0.1 is not below --highest 0.01"),
    ({"lowest": 0.1, "highest": 0.1}, "--lowest 0.1 is not below --highest 0.1"),
    ({"lowest": 0.0}, "lowest is 0"),
    ({"highest": math.nan}, "highest is nan"),
    ({"highest": 11.0}, "highest is 11"),
    ({"steps": 1}, "steps is 1"),
])  # fmt: skip
def test_rates_that_make_no_sweep_are_refused(asked: dict[str, Any], told: str) -> None:
    with pytest.raises(UsageError, match=told):
        SweepSettings(**asked)


def test_a_smoothed_loss_does_not_lag_and_one_step_that_blows_up_is_not_in_it() -> None:
    losses = [4.0 + 2.0 * (place + 2.0) ** 2 for place in PLACES]  # lowest at 0.01
    losses[50] += 1000.0
    smoothed = running_median(losses)
    least = [rate for rate, loss in zip(RATES, smoothed, strict=True) if loss == pytest.approx(min(smoothed))]
    assert math.sqrt(least[0] * least[-1]) == pytest.approx(0.01, rel=0.1)
    assert smoothed[50] == pytest.approx(losses[51], rel=0.1)
    assert smoothed[-1] == pytest.approx((losses[-5] + losses[-4]) / 2), "at its end of the last eight alone"
    assert smoothed[AROUND] == sorted(losses[: 2 * AROUND + 1])[AROUND]


def test_a_running_mean_has_no_bias_to_nothing() -> None:
    values = [5.0, 1.0, 4.0, 2.0]
    weights = [0.9**age for age in range(len(values))]
    expected = sum(w * v for w, v in zip(weights, reversed(values), strict=True)) / sum(weights)
    assert running_mean(values)[0] == pytest.approx(5.0)
    assert running_mean(values)[-1] == pytest.approx(expected)


def test_a_loss_that_falls_from_the_first_step_on_does_not_break_there() -> None:
    losses = [9.0 - 0.5 * step for step in range(12)] + [3.0 + 0.01 * (step % 2) for step in range(88)]
    found = read_loss(RATES, losses, running_median(losses))
    assert found.broke is None


def test_a_tenth_of_the_middle_of_the_lowest_losses_is_suggested() -> None:
    losses = [4.0 + 2.0 * (place + 2.0) ** 2 for place in PLACES]  # lowest at 0.01
    found = read_loss(RATES, losses, losses)
    assert found.low is not None
    assert math.sqrt(found.low[0] * found.low[1]) == pytest.approx(0.01, rel=0.1)
    assert found.suggestion == pytest.approx(0.001, rel=0.1)
    assert "a tenth of" in found.why


def test_noise_moves_the_suggestion_little() -> None:
    random = torch.Generator().manual_seed(0)
    clean = [4.0 + 0.5 * max(0.0, -place - 2.0) + 9.0 * max(0.0, place + 0.7) for place in PLACES]  # flat 0.01 to 0.2
    noise = torch.randn(len(clean), generator=random).mul(0.05).tolist()
    losses = [value + more for value, more in zip(clean, noise, strict=True)]
    found = read_loss(RATES, losses, running_median(losses))
    assert found.suggestion is not None
    assert 0.002 < found.suggestion < 0.02


def test_a_blow_up_at_the_end_hides_no_fall_before_it() -> None:
    losses = [max(2.0, 4.0 - 0.1 * step) for step in range(48)] + [2.1 + 3.0 * (step % 2) for step in range(52)]
    found = read_loss(RATES, losses, running_median(losses))
    assert found.noise is not None
    assert found.noise < 0.5, "of the steps until the least"
    assert "a tenth of" in found.why


def test_where_a_loss_does_not_fall_a_third_of_where_it_breaks_is_suggested() -> None:
    losses = [200.0 + (-1.0) ** step + (100.0 if rate > 0.03 else 0.0) for step, rate in enumerate(RATES)]
    found = read_loss(RATES, losses, running_median(losses))
    assert found.low is None
    assert found.broke == pytest.approx(next(rate for rate in RATES if rate > 0.03))
    assert found.suggestion == pytest.approx(0.01, rel=0.15)
    assert "a third of" in found.why


@pytest.mark.parametrize(("losses", "told"), [
    ([200.0 + (-1.0) ** step for step in range(100)], "neither falls clearly nor breaks up to 1; sweep further: "),
    ([9.0 - 0.08 * step for step in range(100)], "falls up to 1; sweep further: --highest 10"),
    ([1.0 + 0.2 * (step % 2) + 5.0 * (step > 5) for step in range(100)], "begin lower: --lowest 1e-07"),
])  # fmt: skip
def test_where_a_sweep_says_nothing_it_says_what_to_do(losses: list[float], told: str) -> None:
    found = read_loss(RATES, losses, losses if "neither" not in told else running_median(losses))
    assert found.suggestion is None
    assert told in found.why


@pytest.mark.parametrize("to_fall", [True, False])
def test_of_a_sweep_that_ended_at_once_nothing_is_read(to_fall: bool) -> None:
    few = [1.0] * (FIRST - 1)
    found = read(RATES[: FIRST - 1], few, few, to_fall=to_fall)
    assert (found.began, found.suggestion) == (None, None)
    assert "lower --lowest" in found.why


def test_where_no_higher_rate_can_be_asked_for_more_steps_are() -> None:
    rates = SweepSettings(lowest=0.1, highest=10.0).rates()
    found = read_loss(rates, [9.0 - 0.08 * step for step in range(100)], [9.0 - 0.08 * step for step in range(100)])
    assert found.why == "the loss falls up to 10; more --steps show more"


def test_what_a_training_lowers_is_read_as_a_loss_and_what_need_not_fall_as_a_game() -> None:
    losses = [2.0 - (0.01 if rate < 0.01 else -0.03) * step for step, rate in enumerate(RATES)]
    smoothed = running_median(losses)
    assert read(RATES, losses, smoothed, to_fall=True) == read_loss(RATES, losses, smoothed)
    assert read(RATES, losses, smoothed, to_fall=False) == read_game(RATES, losses, smoothed)
    assert read_loss(RATES, losses, smoothed) != read_game(RATES, losses, smoothed)


def test_a_game_breaks_where_the_discriminator_is_back_where_it_began_after_it_had_won() -> None:
    losses = [1.4 if rate < 1e-4 else 0.5 if rate < 0.03 else 1.6 for rate in RATES]
    found = read_game(RATES, losses, losses)
    assert found.broke == pytest.approx(next(rate for rate in RATES if rate >= 0.03))
    assert found.suggestion == pytest.approx(0.01, rel=0.15)
    never = read_game(RATES, [1.4] * len(RATES), [1.4] * len(RATES))
    assert (never.broke, never.suggestion) == (None, None)


CURVATURE = 100.0  # gradient descent on h/2 w^2 shrinks w while its rate is below 2/h


class Parabola:
    """What a sweep asks of a task: gradient descent on h/2 w^2."""

    settings = SimpleNamespace(learning_rate=0.5, minutes=None, epochs=1, warmup_steps=0, schedule="constant",
                               patience=None, goal=None)  # fmt: skip
    steps_per_epoch = 10

    def __init__(self, broken_from: float = math.inf) -> None:
        self.w, self.broken_from, self.seen = torch.tensor(3.0, dtype=torch.float64), broken_from, []

    def planned(self, plan: Any) -> None:
        self.plan = plan

    def logged(self, means: Any) -> Any:
        return means

    def train_step(self, step: int, rate: float) -> dict[str, torch.Tensor]:
        loss, rate = 0.5 * CURVATURE * self.w**2, rate * self.settings.learning_rate
        self.seen.append(rate)
        self.w = self.w - rate * CURVATURE * self.w
        return {"finite": torch.tensor(rate < self.broken_from), "loss": loss}


def test_a_parabola_grows_from_its_known_rate_on_and_the_sweep_ends() -> None:
    task, told = Parabola(), []
    swept = sweep(task, RATES, {"loss": 1.0}, told.append)  # type: ignore[arg-type]
    critical = 2.0 / CURVATURE
    losses = swept.losses["loss"]
    grew = [swept.rates[step] for step in range(len(losses) - 1) if losses[step + 1] > losses[step]]
    assert task.seen == pytest.approx(RATES[: len(task.seen)]), "a step for each rate, scaled by none of the settings"
    assert grew[0] == min(rate for rate in RATES if rate > critical)
    assert len(told) == len(swept.rates) < len(RATES)
    assert swept.ended.startswith("the loss has grown to 4 times its least at ")
    assert swept.smoothed["loss"][-1] > GROWN * min(swept.smoothed["loss"])
    found = read_loss(swept.rates, losses, swept.smoothed["loss"])
    assert found.suggestion is not None
    assert critical / 100 < found.suggestion < critical


def test_a_loss_that_is_not_finite_ends_a_sweep_and_is_no_error() -> None:
    swept = sweep(Parabola(broken_from=0.001), RATES, {"loss": 1.0}, lambda _: None)  # type: ignore[arg-type]
    assert swept.rates == [rate for rate in RATES if rate < 0.001]
    assert swept.ended == "the loss or its gradient is not finite at 0.001"
    assert len(swept.losses["loss"]) == len(swept.smoothed["loss"]) == len(swept.rates)


def test_what_is_better_the_higher_it_is_becomes_a_loss() -> None:
    swept = sweep(Parabola(), RATES[:5], {"loss": -1.0}, lambda _: None)  # type: ignore[arg-type]
    assert max(swept.losses["loss"]) < 0.0
    assert swept.ended == "", "less than nothing does not grow by a factor"


@pytest.mark.parametrize("blown_up", [2, 5])
def test_a_sweep_that_ended_as_the_loss_blew_up_breaks_there_and_is_not_to_go_further(blown_up: int) -> None:
    for steady in ([200.0 + (-1.0) ** step for step in range(60)], [9.0 - 0.05 * step for step in range(60)]):
        losses = [*steady, *([5000.0] * blown_up)]
        rates = RATES[: len(losses)]
        found = read(rates, losses, running_median(losses), to_fall=True, ended=True)
        assert found.broke is not None
        assert found.suggestion is not None
        assert "further" not in found.why
