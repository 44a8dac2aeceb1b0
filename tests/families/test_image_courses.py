"""How trainings of image models went, and runs side by side."""

import csv
import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from matplotlib.figure import Figure

from families.refusals import refused
from genmodels.analysis.sample_quality import Quality, Yardstick
from genmodels.errors import RunError, UsageError
from genmodels.exhibit import Exhibit
from genmodels.families import open_run
from genmodels.families.comparison import compare
from genmodels.families.curves import curves
from genmodels.families.doubtful import DOUBT
from genmodels.families.gan import GanRun
from genmodels.families.images import ImageRun
from genmodels.families.newest import newest_of_each
from genmodels.families.side_by_side import side_by_side
from genmodels.families.vae import VaeRun, courses
from genmodels.runs import RunDir
from genmodels.telling import Teller
from made_runs import made_run
from unit.figure_texts import said


def rows_are_dictionaries(exhibit: Exhibit) -> bool:
    return all(isinstance(row, dict) and table.columns for table in exhibit.tables for row in table.rows)


@pytest.mark.parametrize(
    ("name", "called", "measure"),
    [("plain", "elbo", "elbo"), ("pixels", "nll", "nll"), ("game", "gan", "kernel_distance")],
)
def test_the_course_is_what_the_evaluations_found(opened, tmp_path: Path, name: str, called: str, measure: str) -> None:
    run = opened(name)
    exhibit = run.course()
    assert exhibit.name == called
    assert rows_are_dictionaries(exhibit)
    assert [row["epoch"] for row in exhibit.tables[0].rows if row["split"] == "test"] == [0, 1, 2]
    with exhibit.save(tmp_path / "c.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    recorded = [record[measure] for record in run.evaluations() if measure in record]
    assert [float(row[measure]) for row in rows] == recorded
    assert isinstance(run.figure(), Figure)


def test_the_course_of_a_game_shows_the_classes_of_a_chosen_epoch(opened) -> None:
    titles = [axes.get_legend_handles_labels()[1] for axes in opened("game").course(1).figure().axes]
    assert "drawn, epoch 1" in titles[-1]
    assert "Precision and recall of drawn images" in {
        axes.get_title() for axes in opened("bare").course().figure().axes
    }
    with pytest.raises(RunError, match="no evaluation of epoch 7") as caught:
        opened("game").course(7)
    assert caught.value.hint == "evaluated are: 0-2."


@pytest.mark.parametrize("name", ["plain", "pixels", "game"])
def test_a_run_without_a_finished_epoch_says_so(opened, name: str) -> None:
    run = opened(f"new-{name}")
    for ask in (run.course, run.draw, run.evaluate, run.figure):
        with pytest.raises(RunError, match="has no finished epoch yet") as caught:
            ask()
        assert "--resume" in str(caught.value.hint)
    assert "<table>" in run._repr_html_(), "it can be shown all the same"


def test_runs_of_other_targets_have_no_course_in_common_and_other_images_are_told(
    opened, home: Path, tmp_path: Path
) -> None:
    second = VaeRun(Path(shutil.copytree(home / "runs" / "plain", tmp_path / "second")))
    assert courses([opened("plain"), second]).facts["evaluations"][-1]["run"] == "second"
    for other in ("grey", "classes"):
        with pytest.raises(UsageError, match="can't share a figure"):
            courses([opened("plain"), opened(other)])
    elsewhere = courses([opened("plain"), opened("elsewhere")])
    assert elsewhere.remarks == ["their data differ: which score is better says little"]
    assert "Their data differ: which score is better says little." in said(elsewhere.figure())
    assert courses([opened("plain"), second]).remarks == []


@pytest.mark.sweep
def test_what_a_conditional_model_bounds_is_told_as_given_the_class(opened) -> None:
    run = opened("classes")
    course, reconstructed, scatter = run.course(), run.reconstruct([2]), run.latent("scatter")
    assert course.title.endswith("on set, binarised anew each epoch, given the class")
    assert "log p(x|class) is at least the reconstruction, E log p(x|z, class)" in said(course.figure())
    assert [axes.get_title().replace("\n", " ") for axes in course.figure().axes[1:3]] == [
        "reconstruction, E log p(x|z, class)", "KL(q(z|x, class) || p(z))",
    ]  # fmt: skip
    assert run.follow("kl").axis == "KL(q(z|x, class) || p(z)) (nats per image)"
    assert "Below each: log p(x|z, class)" in said(reconstructed.figure())
    assert "The codes of all images lie on each other" in said(scatter.figure()), "of a run that is hardly trained"
    assert "given the class" in run.evaluate(importance_samples=0).title
    assert any("given the class, test" in remark for remark in side_by_side([run, opened("plain")]).remarks)
    for shown in (opened("plain").course(), opened("plain").latent("scatter")):
        assert "class)" not in said(shown.figure())
        assert "given the class" not in shown.title + said(shown.figure())


def test_families_stand_side_by_side(opened, told, tmp_path: Path) -> None:
    runs = [opened(name) for name in ("plain", "pixels", "game")]
    exhibit = compare(runs, 100)
    facts = exhibit.facts
    assert (facts["targets"], facts["images"], len(facts["classifier"])) == ("dynamic", 55, 12), (
        "of 110 one half is reported"
    )
    assert [row["relation"] for row in facts["runs"]] == ["<=", "=", ""]
    assert [row["model"] for row in facts["runs"]] == ["VAE, conv", "pixel model, pixelcnn", "GAN, dcgan"]
    bound = min(-r["elbo"] for r in runs[0].evaluations() if r["split"] == "test" and "elbo" in r)
    assert facts["runs"][0]["nats"] == pytest.approx(bound)
    assert facts["runs"][2]["nats"] is None
    assert rows_are_dictionaries(exhibit)
    assert told.counted["drawing from pixels"] == [55, 55]
    assert isinstance(exhibit.figure(), Figure)
    with exhibit.save(tmp_path / "c.csv").open(encoding="utf-8", newline="") as file:
        assert [row["relation"] for row in csv.DictReader(file)] == ["<=", "=", "", ""]
    hidden, shown = exhibit.tables
    assert (hidden.shown, shown.shown, "relation" in shown.heads) == (False, True, False)
    assert shown.cells()[0][shown.heads.index("nats")] == f"<= {bound:.2f}"
    assert shown.cells()[3][0] == "(real images)"
    real = facts["real"]
    forms = {"precision": ".3f", "recall": ".3f", "class_kl": ".4f", "kernel_distance": ".4f"}
    errors = {name: real[f"{name}_standard_error"] for name in forms}
    beside = {f"{real[name]:{form}}\u00a0±\u00a0{errors[name]:{form}}" for name, form in forms.items()}
    assert set(shown.spoken_cells()[3][1:]) >= {"-", *beside}
    assert errors["precision"] == pytest.approx((real["precision"] * (1 - real["precision"]) / 55) ** 0.5)
    recorded = [r["nll_standard_error"] for r in runs[1].evaluations() if r["split"] == "test"]
    assert facts["runs"][1]["nats_standard_error"] in recorded
    assert facts["runs"][0]["nats_standard_error"] > 0
    assert facts["runs"][2]["nats_standard_error"] is None


def test_a_precision_that_says_nothing_is_marked_for_people_and_programs(opened, monkeypatch) -> None:
    measure = Yardstick.measure

    def little_covered(self: Yardstick, images: torch.Tensor) -> Quality:
        return replace(measure(self, images), precision=0.912, recall=0.03 if hasattr(self, "real") else 0.8)

    monkeypatch.setattr(Yardstick, "measure", little_covered)
    found = compare([opened("plain"), opened("game")], 100)
    assert [row[DOUBT] for row in (*found.facts["runs"], found.facts["real"])] == [True, True, False]
    whole, shown = found.tables
    assert [line.rsplit(",", 1)[1] for line in whole.as_csv().decode().splitlines()] == [DOUBT, "True", "True", "False"]
    assert [row[shown.heads.index("precision")] for row in shown.spoken_cells()][:2] == ["(0.912)", "(0.912)"]
    assert any("plain and game draw are nearly all alike or show few of the modes" in told for told in found.remarks)
    game = opened("game").evaluate()
    assert [row[DOUBT] for row in game.facts["results"]] == [True]
    assert game.tables[0].as_csv().decode().splitlines()[0].endswith(DOUBT)


def test_of_nats_alone_it_is_told_beside_what_is_drawn_that_they_are_of_a_part(opened, tmp_path: Path) -> None:
    parts = [part_measured(opened(name), tmp_path) for name in ("pixels", "game")]
    told = "their nats are not measured on all that is held out: pixels on 12.5% of it; eval-images takes all"
    found = compare([*parts, opened("plain")], 100)
    assert told in found.remarks
    assert "same for all" not in said(found.figure())
    assert "same for all" in said(compare([opened("game"), opened("plain")], 100).figure())
    assert said(found.figure()).count("held out") == 1
    assert not any("held out" in remark for remark in compare([parts[1], opened("plain")], 100).remarks)
    assert "not measured on all that is held out: pixels on 12.5% of it" in curves(parts[:1]).remarks
    vae = part_measured(opened("plain"), tmp_path)
    assert "not measured on all that is held out: plain on 12.5% of it" in courses([vae]).remarks


def part_measured(run: Any, folder: Path) -> Any:
    """A copy of a run whose evaluations were of an eighth of what is held out."""
    part = replace(run, path=shutil.copytree(run.path, folder / run.name))
    part.update(plan=part.plan() | {"measured_share": 0.125})
    return part


def test_grey_images_are_compared_where_all_runs_are_grey(opened) -> None:
    exhibit = compare([opened("grey"), opened("game")], 100)
    assert exhibit.facts["targets"] == "none"
    assert exhibit.title == "Test images of set and what 2 runs draw, grey"


@pytest.mark.parametrize(
    ("names", "fragment"),
    [
        (["plain"], "one run (plain) has nothing to be compared with"),
        (["plain", "elsewhere"], "these runs are on different images (plain: set; elsewhere: other)"),
        (["plain", "grey"], "nats of different targets can't be compared"),
        (["grey", "levels"], "levels: binarize none, levels 4, test images"),
        (["grey", "classes"], "classes: binarize dynamic, test images)"),
    ],
)
def test_runs_that_can_not_be_compared_are_refused(opened, told, names: list[str], fragment: str) -> None:
    with refused(UsageError, fragment):
        compare([opened(name) for name in names], 100)
    assert told.counted == {}, "before anything long is computed"


def test_those_among_runs_on_different_images_that_share_them_are_named(opened) -> None:
    with pytest.raises(UsageError) as caught:
        compare([opened(name) for name in ("plain", "elsewhere", "game")], 100)
    assert caught.value.hint == "name runs on the same --dataset, such as plain and game."


def test_a_run_without_a_finished_epoch_is_not_compared(opened) -> None:
    with pytest.raises(RunError, match="no finished epoch"):
        compare([opened("plain"), opened("new-game")], 100)


def test_the_newest_of_each_family_are_found(home: Path, tmp_path: Path) -> None:
    for name in ("plain", "classes", "game"):
        shutil.copytree(home / "runs" / name, tmp_path / name)
    assert [run.name for run in newest_of_each(tmp_path, Teller())] == ["classes", "game"]
    shutil.rmtree(tmp_path / "game")
    with pytest.raises(
        RunError,
        match="has runs of one family alone, vae, and a comparison takes two families or more of vae, pix",
    ):
        newest_of_each(tmp_path, Teller())


def test_the_newest_of_each_family_are_taken_on_images_that_they_share(tmp_path: Path) -> None:
    told: list[str] = []

    def newest() -> list[str]:
        told.clear()
        return [run.name for run in newest_of_each(tmp_path, Teller(told.append))]

    for name, family, data in (
        ("old-vae", "vae", "digits"), ("vae", "vae", "digits"), ("gan", "gan", "digits"), ("shapes", "vae", "shapes"),
    ):  # fmt: skip
        made_run(tmp_path, name, family, data=data)
    assert newest() == ["vae", "gan"]
    assert told == ["vae and gan are on the same images, digits; on other images: shapes (shapes)"]
    made_run(tmp_path, "begun", "gan", data="shapes", scores=())
    assert newest() == ["vae", "gan"], "that one has no finished epoch"
    made_run(tmp_path, "faces", "gan", data="shapes")
    assert newest() == ["shapes", "faces"]
    assert told == []


def test_where_no_families_share_their_images_two_runs_that_do_are_named(tmp_path: Path) -> None:
    for name, family, data in (("first", "vae", "digits"), ("second", "vae", "digits"), ("gan", "gan", "shapes")):
        made_run(tmp_path, name, family, data=data)
    with pytest.raises(RunError, match=r"on the same images \(gan: shapes; second: digits\)") as caught:
        newest_of_each(tmp_path, Teller())
    first, second = (RunDir(tmp_path / name).quoted for name in ("first", "second"))
    assert caught.value.hint == f"these two can be: genmodels compare-images {first} {second}"


HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.mark.parametrize(
    "name", [*(pytest.param(name, marks=pytest.mark.sweep) for name in ("plain", "pixels")), "game"]
)
def test_a_run_shows_itself_and_its_name_does_no_harm(opened, home: Path, tmp_path: Path, name: str) -> None:
    shutil.copytree(home / "runs" / name, tmp_path / HOSTILE)
    run = open_run(tmp_path, HOSTILE, ImageRun, Teller())
    for shown in (run._repr_html_(), run.evaluate()._repr_html_(), run.samples(None, 4)._repr_html_()):
        assert "onerror" not in shown.replace("&lt;img src=x onerror=alert(1)&gt;", "")
    assert "data:image/png;base64," in run._repr_html_()
    assert "&lt;img" in run._repr_html_()
    assert run.facts["run"] == HOSTILE
    assert [table.title for table in run.tables] == ["settings", "evaluations"]


def test_a_comparison_shows_its_table_and_its_picture(opened, home: Path, tmp_path: Path) -> None:
    shutil.copytree(home / "runs" / "grey", tmp_path / HOSTILE)
    shown = compare([open_run(tmp_path, HOSTILE, ImageRun, Teller()), opened("game")], 100)._repr_html_()
    assert "data:image/png;base64," in shown
    assert shown.count("<table>") == 1, "what is for a spreadsheet alone is not shown"
    assert "<img src=x" not in shown


def test_a_conditional_model_stands_beside_others_by_its_bound_over_all_classes(
    opened, told, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, plain = opened("classes"), opened("plain")
    exhibit = compare([plain, run], 100)
    (given,) = (r["elbo"] for r in run.evaluations() if r["split"] == "test" and r["epoch"] == 2)
    without, over_all = (row["nats"] for row in exhibit.facts["runs"])
    assert without == pytest.approx(-plain.best_evaluation()["test"]["elbo"])
    assert 0 < over_all - -given < np.log(3), "not to know the class can cost as much as its entropy"
    assert "given the class" not in exhibit.tables[0].title + said(exhibit.figure())
    assert told.counted["classes, under every class"] == [110, 110]
    (result,) = run.evaluate(importance_samples=20).facts["results"]
    assert result["marginal_elbo"] == pytest.approx(-over_all, abs=0.1)
    assert result["marginal_elbo"] < result["marginal_bound"] < result["importance_weighted_bound"]
    assert 0 < result["marginal_bound_standard_error"] < 1
    error = result["marginal_elbo_standard_error"]
    assert exhibit.facts["runs"][1]["nats_standard_error"] == pytest.approx(error, rel=0.1)
    assert "marginal_elbo" not in plain.evaluate(importance_samples=0).facts["results"][0]
    monkeypatch.setattr("genmodels.families.any_class.MOST_CLASSES", 2)
    with pytest.raises(UsageError, match="classes: binarize dynamic, test images, given the class"):
        compare([plain, run], 100)
    alone = compare([run, opened("game")], 100)
    assert "nats of test images, given the class" in alone.tables[0].title
    assert "mean −log p of test images, given the class" in said(alone.figure())
    assert "marginal_elbo" not in run.evaluate(importance_samples=0).facts["results"][0]
    assert "no bound of log p(x): 3 classes are too many to sum over" in told.notices


def test_all_images_have_the_levels_of_a_model_that_draws_in_few(opened, monkeypatch: pytest.MonkeyPatch) -> None:
    """The real ones too, else the levels themselves would be what tells drawn from real."""
    seen: list[np.ndarray] = []
    measure = Yardstick.measure

    def watched(self: Yardstick, images: torch.Tensor, *more: Any) -> Any:
        seen.append(images.cpu().numpy())
        return measure(self, images, *more)

    monkeypatch.setattr(Yardstick, "measure", watched)
    exhibit = compare([opened("levels"), opened("game")], 100)
    assert exhibit.title == "Test images of set and what 2 runs draw, in 4 levels of grey"
    assert (exhibit.facts["targets"], exhibit.facts["levels"]) == ("none", 4)
    assert len(seen) == 3, "training images, and what each run draws"
    for images in seen:
        assert {round(float(value) * 3, 2) for value in np.unique(images)} <= {0.0, 1.0, 2.0, 3.0}
    seen.clear()
    assert compare([opened("grey"), opened("game")], 100).facts["levels"] is None
    assert len(np.unique(seen[0])) > 4


@pytest.mark.parametrize(
    ("changes", "fragment"),
    [
        ({"val_images": 30}, "second: 30 validation images, seed 1"),
        ({"binarize": "static", "seed": 4}, "second: test images, seed 4"),
    ],
)
def test_scores_of_other_images_or_targets_share_no_figure(
    opened, home: Path, tmp_path: Path, changes: dict[str, object], fragment: str
) -> None:
    """Validation images beside test images; targets that were drawn once, by another seed."""
    runs = [VaeRun(Path(shutil.copytree(home / "runs" / "plain", tmp_path / name))) for name in ("first", "second")]
    kind = changes.get("binarize", "dynamic")
    for run, more in zip(runs, ({"binarize": kind}, changes), strict=True):
        document = run.document()
        document["settings"] |= {name: {"value": value, "from": "flag"} for name, value in more.items()}
        run.update(settings=document["settings"])
    for together in (courses, curves):
        with pytest.raises(UsageError, match="were evaluated on different images or targets") as caught:
            together(runs)
        assert fragment in caught.value.what
    assert courses(runs[1:]).facts["evaluations"]
    assert any(fragment.partition(": ")[2] in remark for remark in side_by_side(runs).remarks)


def test_a_game_s_stretch_of_few_steps_is_no_point_of_its_own(home: Path, tmp_path: Path) -> None:
    shutil.copytree(home / "runs" / "game", tmp_path / "game")
    run = GanRun(tmp_path / "game")
    logged = [record for record in run.metrics() if "steps" in record]
    others = [record for record in run.metrics() if "steps" not in record]
    usual = [{**logged[0], "step": 10 * n, "steps": 10} for n in (1, 2)]
    last = {**logged[0], "step": 21, "steps": 1, "score_real": 0.999}
    (run.path / "metrics.jsonl").write_text("".join(json.dumps(one) + "\n" for one in [*usual, last, *others]))
    (real, *_) = GanRun(run.path).course().figure().axes[0].get_lines()
    assert len(real.get_xdata()) == 2
    assert max(real.get_ydata()) < 0.9


def test_fewer_images_than_asked_for_are_told_once(opened, told) -> None:
    compare([opened("plain"), opened("game")], 5000)
    said_of = [sentence for sentence in told.notices if "--count" in sentence]
    assert len(said_of) == 1
    assert said_of[0].startswith("--count 5,000 became ")
    compare([opened("plain"), opened("game")])
    assert len([sentence for sentence in told.notices if "--count" in sentence]) == 1, "that nobody asked for"
