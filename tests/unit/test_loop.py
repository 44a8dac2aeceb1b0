import json
import math
from dataclasses import asdict, replace
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
    after = before.planned_again(measured, total)
    rates = [learning_rate_scale(step, before if step < measured else after) for step in range(total)]
    ramp = measured + math.ceil((1.0 - measured / 200) * min(200, total // 10))
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
    after = before.planned_again(measured, total)
    rates = [learning_rate_scale(step, after) for step in range(total)]
    assert rates[:measured] == [learning_rate_scale(step, before) for step in range(measured)]
    assert min(rates) > 0.0
    assert max(rates) == pytest.approx(1.0)


@pytest.mark.parametrize("schedule", ["cosine", "constant"])
@pytest.mark.parametrize("totals", [(1000, 500), (1000, 2000), (1000, 700, 1400, 900, 650)])
def test_every_plan_goes_on_from_the_rate_that_was_reached(totals: tuple[int, ...], schedule: str) -> None:
    planned = replace(plan(None, warmup=50), schedule=schedule)
    for number, total in enumerate(totals):
        planned = planned.planned_again(20 + 150 * number, total)
    rates = [learning_rate_scale(step, planned) for step in range(planned.total_steps or 0)]
    assert max(abs(later - now) for now, later in pairwise(rates[50:])) < 0.02, "no jump"
    assert (rates[-1] == 1.0) if schedule == "constant" else (0.0 < rates[-1] < 1e-3)
    assert rates[50:] == sorted(rates[50:], reverse=True)


def test_what_was_planned_later_is_not_known_before() -> None:
    planned = plan(None).planned_again(5, 400).planned_again(200, 300)
    assert planned.as_of(4) == plan(None)
    assert planned.as_of(199) == plan(None).planned_again(5, 400)
    assert planned.as_of(200) == planned


def test_what_run_json_keeps_gives_the_plan_back() -> None:
    planned = plan(None).planned_again(5, 100).planned_again(50, 90)
    assert Plan.from_mapping(json.loads(json.dumps(asdict(planned)))) == planned
    assert Plan.from_mapping(asdict(plan(30))) == plan(30)
    older = {**asdict(plan(100)), "measured_steps": 15}
    del older["planned"]
    assert Plan.from_mapping(older).planned == (), "of epochs"
    assert Plan.from_mapping({**older, "minutes": 1.0}).planned == ((15, 100),)
    del older["measured_steps"]
    assert Plan.from_mapping({**older, "minutes": 1.0}).planned == ((0, 100),)


@pytest.mark.parametrize("total", [120, 480, 5000])
def test_plans_in_the_warm_up_do_not_prolong_it(total: int) -> None:
    planned = plan(None, warmup=200)
    for step in range(3, total // 2, 7):
        planned = planned.planned_again(step, total + step % 5)
    ramp = next(step for step in range(total) if learning_rate_scale(step, planned) > 0.999)
    assert ramp <= min(200, total // 10) + 3
    assert learning_rate_scale(total // 2, planned) == pytest.approx(0.5, abs=0.15)


@pytest.mark.parametrize(
    "first", [plan(400, warmup=20), plan(None, warmup=20).planned_again(5, 300).planned_again(90, 400)]
)
def test_a_finished_training_that_is_lengthened_warms_up_again(first: Plan) -> None:
    longer = first.lengthened(400, 600)
    before = [learning_rate_scale(step, first) for step in range(400)]
    assert [learning_rate_scale(step, longer) for step in range(400)] == before
    rates = [learning_rate_scale(step, longer) for step in range(400, 600)]
    assert rates[0] == pytest.approx(1 / 20)
    assert rates[19] == 1.0
    assert rates[19:] == sorted(rates[19:], reverse=True)
    assert rates[-1] < 1e-3
    assert longer.as_of(399).total_steps == 400
    assert longer.as_of(400) == longer
    assert Plan.from_mapping(json.loads(json.dumps(asdict(longer)))) == longer


def test_a_training_that_ended_early_can_be_lengthened_and_twice() -> None:
    ended = plan(400, warmup=20).planned_again(100, 100)
    twice = ended.lengthened(100, 200).lengthened(200, 260)
    assert [learning_rate_scale(step, twice) for step in range(100)] == [
        learning_rate_scale(step, plan(400, warmup=20)) for step in range(100)
    ]
    assert [step for step in range(100, 260) if learning_rate_scale(step, twice) == 1.0] == [109, 110, 205, 206]
    assert twice.again == (100, 200)


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


def test_a_step_so_near_to_the_end_that_both_have_one_name_is_not_inside_an_epoch() -> None:
    near = Plan(1_000_000, 1_500_001, None, 0, 1)
    assert near.is_inside(1_200_000)
    assert not near.is_inside(1_500_000), "1.5 epochs, as the end is called"
    assert not near.is_inside(1_000_000), "an epoch's end"
    assert Plan(1_000_000, None, 1.0, 0, 1).is_inside(1_500_000)
