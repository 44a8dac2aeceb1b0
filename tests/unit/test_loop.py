import math
from dataclasses import replace
from itertools import pairwise

import pytest

from genmodels.training.plan import Plan, is_due, learning_rate_scale


def plan(total: int | None, warmup: int = 10, epoch: int = 20) -> Plan:
    return Plan(epoch, total, None if total is not None else 1.0, warmup, 5)


def test_the_rate_warms_up_linearly_and_ends_at_zero() -> None:
    rates = [learning_rate_scale(step, plan(200)) for step in range(200)]
    assert rates[0] == pytest.approx(0.1)
    assert rates[9] == 1.0
    assert max(rates) == 1.0
    assert rates[10:] == sorted(rates[10:], reverse=True)
    assert rates[105] == pytest.approx(0.5)
    assert 0 < rates[-1] < 1e-3


def test_a_short_training_warms_up_for_a_tenth_of_it() -> None:
    rates = [learning_rate_scale(step, plan(20, warmup=500)) for step in range(20)]
    assert rates[1] == 1.0


def test_while_the_speed_is_measured_there_is_only_the_warm_up() -> None:
    rates = [learning_rate_scale(step, plan(None)) for step in range(30)]
    assert rates[4] == 0.5
    assert rates[10:] == [1.0] * 20


@pytest.mark.parametrize("total", [60, 100, 300, 5000])
def test_the_rate_goes_on_from_where_it_was_when_the_speed_is_known(total: int) -> None:
    before, measured = plan(None, warmup=200), 41
    after = replace(before, total_steps=total, measured_steps=measured)
    rates = [learning_rate_scale(step, before if step < measured else after) for step in range(total)]
    ramp = min(200, measured + (total - measured) // 10)
    assert rates[ramp - 1] == pytest.approx(1.0)
    assert rates[:ramp] == sorted(rates[:ramp])
    steepest = max(later - now for now, later in pairwise(rates[measured - 1 : ramp]))
    assert steepest == pytest.approx((1.0 - measured / 200) / (ramp - measured)), "in equal steps, without a jump"
    assert rates[ramp:] == sorted(rates[ramp:], reverse=True)


@pytest.mark.parametrize("measured", [1, 60, 199, 200, 350])
@pytest.mark.parametrize("total", [351, 400, 5000])
def test_a_training_that_goes_back_to_before_its_length_was_fixed_takes_the_rates_it_had(
    measured: int, total: int
) -> None:
    before = plan(None, warmup=200)
    after = replace(before, total_steps=total, measured_steps=measured)
    rates = [learning_rate_scale(step, after) for step in range(total)]
    assert rates[:measured] == [learning_rate_scale(step, before) for step in range(measured)]
    assert min(rates) > 0.0
    assert max(rates) == pytest.approx(1.0)


def test_one_step_in_all_has_a_rate() -> None:
    assert math.isclose(learning_rate_scale(0, plan(1)), 1.0)


def test_epochs_count_from_one_and_a_part_counts() -> None:
    p = plan(50)
    assert [p.epoch_of(s) for s in (0, 1, 20, 21, 40, 41, 50)] == [0, 1, 1, 2, 2, 3, 3]
    assert [s for s in range(1, 51) if p.ends_epoch(s)] == [20, 40, 50]
    assert p.epochs == 3
    assert plan(None).epochs is None


def test_is_due_never_falls_on_a_step_in_between() -> None:
    assert [s for s in range(1, 11) if is_due(s, 5)] == [5, 10]
