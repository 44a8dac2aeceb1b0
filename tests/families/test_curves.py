"""How trainings of every family went, in one kind of figure."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from contract.helpers import records_of
from genmodels.errors import UsageError
from genmodels.families.course import alike, held_out_of, stretches
from genmodels.families.curves import curves
from genmodels.families.run import Run
from genmodels.family import family_of


def test_a_last_epoch_that_was_not_finished_lies_where_it_ended(opened, home: Path, tmp_path: Path) -> None:
    run = opened("plain")
    per_epoch = run.document()["plan"]["steps_per_epoch"]
    points = curves([run]).facts["points"]
    assert [point["epochs"] for point in points if point["part"] == "test"] == [0, 1, 2]
    half = type(run)(_copied(home, tmp_path, "plain"))
    text = (
        (half.path / "metrics.jsonl").read_text().replace(f'"step": {2 * per_epoch},', f'"step": {2 * per_epoch - 1},')
    )
    (half.path / "metrics.jsonl").write_text(text)
    epochs = [point["epochs"] for point in curves([half]).facts["points"] if point["part"] == "test"]
    assert epochs == [0, 1, pytest.approx(2 - 1 / per_epoch)]


def _copied(home: Path, to: Path, name: str) -> Path:
    shutil.copytree(home / "runs" / name, to / name)
    return to / name


@pytest.mark.parametrize(
    ("name", "score", "axis", "made"),
    [
        ("plain", "elbo", "lower bound, ELBO (nats per image)", "binarised anew each epoch"),
        ("pixels", "nll", "loss, −log p(x) (nats per image)", "binarised anew each epoch"),
        ("game", "kernel_distance", "kernel distance to held-out images (MMD²)", "grey"),
    ],
)
def test_the_score_of_a_family_is_shown_unless_another_is_named(
    opened, name: str, score: str, axis: str, made: str
) -> None:
    run = opened(name)
    exhibit = curves([run])
    assert (exhibit.facts["score"], exhibit.facts["axis"]) == (score, axis)
    tested = [record[score] for record in records_of(run.path) if record["split"] == "test" and "steps" not in record]
    assert [point[score] for point in exhibit.facts["points"] if point["part"] == "test"] == tested
    assert exhibit.title.startswith(axis[0].upper() + axis[1:].partition(" (")[0])
    assert f"of {name} ({family_of(run.family).title} {run.setting('model')}) on set, {made}" in exhibit.title
    other = curves([run], "images_per_second")
    assert {point["part"] for point in other.facts["points"]} == {"while training"}


def test_a_pixel_model_s_curve_shows_how_sure_each_value_is(opened) -> None:
    drawn = opened("pixels").follow("nll").curves()
    record = next(record for record in records_of(opened("pixels").path) if record["split"] == "test")
    tested = next(curve for curve in drawn if curve.part == "test")
    assert tested.high[0] - record["nll"] == pytest.approx(1.96 * record["nll_standard_error"])
    assert not opened("pixels").follow("bits_per_dim").curves()[1].low, "the error is that of nats"


def test_a_measure_s_own_error_is_shown_too_and_where_there_is_none_the_band_has_no_height(opened, tmp_path) -> None:
    run = opened("plain")
    other = type(run)(shutil.copytree(run.path, tmp_path / "other"))
    lines = (other.path / "metrics.jsonl").read_text().splitlines()
    records = [json.loads(line) for line in lines]
    for record in records:
        record.pop("elbo_standard_error", None)
        if record.get("split") == "test" and record["epoch"] == 1:
            record["kl_standard_error"] = 0.5
    (other.path / "metrics.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records))
    (kl,) = [curve for curve in other.follow("kl").curves() if curve.part == "test"]
    heights = [high - low for low, high in zip(kl.low, kl.high, strict=True)]
    assert heights == pytest.approx([0.0, 1.96, 0.0])
    for record in records:
        record["degrees_of_freedom"] = 9
    (other.path / "metrics.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records))
    (kl,) = [curve for curve in other.follow("kl").curves() if curve.part == "test"]
    assert kl.high[1] - kl.low[1] == pytest.approx(1.96 * 2.32 / 2, rel=1e-3), (
        "an error by ten speakers is unsure itself"
    )
    assert not any(curve.low for curve in other.follow("elbo").curves()), (
        "a run of an earlier version is drawn as it was"
    )


def test_the_bound_of_a_vae_has_its_band_in_both_figures(opened) -> None:
    run = opened("plain")
    records = [r for r in records_of(run.path) if r["split"] == "test" and "steps" not in r]
    (tested,) = [curve for curve in run.follow("elbo").curves() if curve.part == "test"]
    ends = [r["elbo"] + 1.96 * r["elbo_standard_error"] for r in records]
    assert tested.high == pytest.approx(ends)
    for exhibit in (run.course(), curves([run])):
        assert len(exhibit.figure().axes[0].collections) == 1


def test_which_way_a_score_is_better_is_its_family_s_and_what_hinders_it_is_told_of_no_other(opened) -> None:
    for name, term, other in (("plain", "elbo", "kl"), ("pixels", "nll", "bits_per_dim")):
        family = family_of(opened(name).family)
        drawn = opened(name).follow(term).curves()
        assert {(curve.better, *curve.hindrances) for curve in drawn} == {(family.best, "not by their average")}
        assert opened(name).follow(other).hindrances == ()


def test_runs_that_say_nothing_beside_each_other_are_refused(opened) -> None:
    with pytest.raises(UsageError, match="have different scores"):
        curves([opened("plain"), opened("game")])
    with pytest.raises(UsageError, match="have different targets"):
        curves([opened("plain"), opened("grey")])
    with pytest.raises(UsageError, match="--score word_error_rate is nothing that") as caught:
        curves([opened("plain")], "word_error_rate")
    assert "elbo" in str(caught.value.hint)
    with pytest.raises(UsageError, match="no run was named"):
        curves([])


def test_a_run_of_an_unknown_family_has_no_curve(tmp_path: Path) -> None:
    from genmodels.errors import RunError

    with pytest.raises(RunError):
        curves([Run(tmp_path)])


def test_a_stretch_of_few_steps_is_no_jump_at_the_end_of_what_was_logged() -> None:
    usual = [{"step": 9 * k, "steps": 9, "seconds": k, "nll": 2.0} for k in (1, 2)]
    last = {"step": 20, "steps": 2, "seconds": 3, "nll": 7.5}
    joined = stretches([*usual, last], "nll")
    assert [(row["step"], row["steps"], row["nll"]) for row in joined] == [(9, 9, 2.0), (20, 11, 3.0)]
    assert stretches([last], "nll") == [last]


def test_it_is_known_how_many_steps_at_the_end_are_not_drawn_by_themselves(opened) -> None:
    usual = [{"step": 9 * k, "steps": 9, "seconds": k, "elbo": -2.0} for k in (1, 2)]
    course = replace(opened("plain").follow("elbo"), logged=[*usual, {**usual[1], "step": 20, "steps": 2}])
    assert course.joined == 2
    assert replace(course, logged=usual).joined == 0
    assert replace(course, logged=[]).joined == 0


def test_a_run_that_was_measured_but_once_shows_what_was_logged_also_where_held_out_data_alone_are_shown(
    opened,
) -> None:
    twice = opened("plain").follow("elbo")
    logged = [{**record, "step": step, "steps": 1} for step, record in enumerate(twice.logged[:1] * 3, start=1)]
    once = replace(twice, evaluated=[record for record in twice.evaluated if record["epoch"] < 2], logged=logged)
    assert (once.once, twice.once) == (True, False)
    assert all(curve.sparse for curve in once.curves())
    assert not any(curve.sparse for curve in twice.curves())
    assert not any(curve.sparse for curve in replace(once, logged=[]).curves()), "else nothing would show the course"
    assert [curve.part for curve in held_out_of([once])] == ["test", "while training"]
    assert [curve.part for curve in held_out_of([once, twice])] == ["test", "while training"] * 2
    assert [curve.part for curve in held_out_of([twice])] == ["test"]


def test_what_was_logged_while_training_is_drawn_of_all_runs_of_a_figure_or_of_none(opened) -> None:
    few = opened("plain").follow("elbo")
    records = [{"epoch": e, "step": e, "seconds": e, "split": split, "elbo": -9.0} for e in range(5) for split in
               ("train", "test")]  # fmt: skip
    enough = replace(few, evaluated=records)
    assert ["while training" in course.parts() for course in (few, enough)] == [True, False]
    assert all("while training" in course.parts() for course in alike([enough, few]))
    assert not any("while training" in course.parts() for course in alike([enough, enough]))


def test_a_single_mean_over_its_steps_is_drawn_of_no_run_and_then_no_point_stands_alone(opened) -> None:
    run = opened("plain").follow("elbo")
    record = run.logged[0]
    many = [{**record, "step": step, "steps": 1} for step in (1, 2, 3)]
    once = replace(run, evaluated=[one for one in run.evaluated if one["epoch"] < 2], logged=many)
    lone = replace(once, logged=many[:1])
    assert not any(curve.part == "while training" for curve in lone.curves()), "it would be a marker off the lines"
    for shown in ([curve for course in alike([once, lone]) for curve in course.curves()], held_out_of([once, lone])):
        assert {curve.part for curve in shown} <= {"train", "test"}
        assert not any(curve.sparse for curve in shown), "nothing else shows the course, so the points are joined"


def test_evaluations_of_all_runs_of_a_figure_are_points_or_of_none(opened) -> None:
    twice = opened("plain").follow("elbo")
    many = [{**twice.logged[0], "step": step, "steps": 1} for step in (1, 2, 3)]
    twice = replace(twice, logged=many)
    once = replace(twice, evaluated=[one for one in twice.evaluated if one["epoch"] < 2])
    for shown in ([curve for course in alike([once, twice]) for curve in course.curves()], held_out_of([once, twice])):
        assert all(curve.sparse for curve in shown)
    assert not any(curve.sparse for course in alike([twice, twice]) for curve in course.curves())
