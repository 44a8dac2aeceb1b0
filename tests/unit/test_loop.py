import math

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
