"""runs compare: what is told of runs side by side, and the figure."""

import json
from pathlib import Path

import pytest

import genmodels
from doors import Cli
from genmodels.families import run_at
from genmodels.families.side_by_side import side_by_side
from genmodels.families.summary import value_in_force
from genmodels.runs import RunDir, create_run
from genmodels.telling import Teller
from made_runs import made_comparison, made_run


def test_runs_of_one_family_are_put_side_by_side(cli: Cli, three: Path) -> None:
    made_run(three, "poem", scores=(2.0, 1.0), settings={"hidden_size": 16, "seed": 2})
    outcome = cli("runs", "compare", "story", "poem")
    rows = dict(line.split("\t", 1) for line in outcome.out.splitlines())
    assert rows["what"] == "story\tpoem"
    assert rows["best"] == "nll 1.2500 nats/char\tnll 1.0000 nats/char"
    assert rows["held-out nll (nats/char)"] == "1.2500\t1.0000"
    assert rows["--hidden-size"] == "8\t16"
    assert "seed" not in rows, "they have it in common"
    assert "--json" not in outcome.err
    facts = json.loads(cli("runs", "compare", "story", "poem", "--json").out)
    assert facts["settings"] == {"hidden_size": {"story": 8, "poem": 16}}
    assert facts["same_data"] is True


def test_numbers_of_settings_are_rounded_on_a_screen_and_whole_for_programs(cli: Cli, three: Path) -> None:
    minutes = 1.1501878739833047
    for name, rate in (("gone-on", 0.000125), ("other", 1e-5)):
        made_run(three, name, settings={"minutes": minutes + rate, "learning_rate": rate, "dropout": 1 / 3})
    compared = dict(line.split("\t", 1) for line in cli("runs", "compare", "gone-on", "other").out.splitlines())
    assert (compared["--minutes"], compared["--learning-rate"]) == ("1.15\t1.15", "0.000125\t1e-05")
    shown = dict(line.split("\t")[:2] for line in cli("runs", "show", "gone-on").out.splitlines())
    assert (shown["--minutes"], shown["--learning-rate"], shown["--dropout"]) == ("1.15", "0.000125", "0.333")
    facts = json.loads(cli("runs", "compare", "gone-on", "other", "--json").out)
    assert facts["settings"]["minutes"]["gone-on"] == minutes + 0.000125
    settings = json.loads(cli("runs", "show", "gone-on", "--json").out)["run.json"]["settings"]
    assert settings["minutes"]["value"] == minutes + 0.000125


def test_a_comparison_is_named_by_itself_in_what_comes_next(cli: Cli, three: Path) -> None:
    made_comparison(three, "cells", ("rnn", "gru"), [(3.0, 2.0), (3.0, 2.5)])
    told = cli("runs", "compare", "cells", "story").err
    assert "next: genmodels runs compare runs/cells runs/story --out curves.png" in told
    assert "next: genmodels report --run runs/cells --run runs/story" in told


def test_runs_of_different_families_are_too_and_it_is_said_what_that_is_worth(cli: Cli, three: Path) -> None:
    outcome = cli("runs", "compare", "story", "faces", "--out", "both.png")
    assert outcome.code == 0, outcome.err
    assert "families can't be compared (nll, nats/char; elbo, nats/image): hold like against like" in outcome.err
    assert "2 measures that only some of them have are in --json" in outcome.err
    rows = [line.split("\t") for line in outcome.out.splitlines()]
    assert all("-" not in row for row in rows), "what they share is shown"
    assert rows[-2:] == [["best epoch", "4", "2"], ["--seed", "2", "1"]]
    assert outcome.err.endswith("figure: both.png\n")
    assert Path("both.png").stat().st_size > 10_000


def test_short_trainings_of_runs_of_one_name_are_all_told(cli: Cli, three: Path) -> None:
    made_run(three / "later", "story")
    outcome = cli("runs", "compare", "runs/story", "runs/later/story")
    assert outcome.code == 0, outcome.err
    assert "so few steps (runs/story 40, runs/later/story 40) hardly tell" in outcome.err


def test_different_data_under_one_score_are_told(cli: Cli, three: Path) -> None:
    made_run(three, "other", data="other.txt")
    assert "their data differ" in cli("runs", "compare", "story", "other").err


def test_the_figure_of_runs_side_by_side_says_what_it_shows_and_what_is_printed_of_it(three: Path) -> None:
    other = made_run(three, "other", data="other.txt")
    found = side_by_side([RunDir(three / "story"), other])
    story = RunDir(three / "story").metrics_path
    untrained = {"epoch": 0, "step": 0, "split": "validation", "nll": 4.0, "seconds": 1.0}
    story.write_text(json.dumps(untrained) + "\n" + story.read_text())
    assert found.title == (
        "Loss by epoch and time of story and other (language model) on corpus.txt; other.txt"
    )  # fmt: skip
    figure = found.figure()
    sentence = figure.texts[-1].get_text().replace("\n", " ")
    assert "Their data differ: which score is better says little." in sentence
    assert "So few steps (story 40, other 40) hardly tell which is better" in sentence
    drawn = {line.get_label(): line for line in figure.legends[0].get_lines()}
    assert drawn["story"].get_linestyle() != drawn["other"].get_linestyle(), "they are of one kind"
    assert figure.axes[0].get_lines()[0].get_xdata()[0] == 0, "the untrained model was measured"


def test_one_score_of_different_targets_or_parts_is_told_and_drawn_apart(root: Path) -> None:
    several = {
        "a": made_run(root, "a", "vae", settings={"binarize": "none"}),
        "b": made_run(root, "b", "vae", settings={"binarize": "dynamic"}),
        "c": made_run(root, "c", "vae", settings={"binarize": "dynamic"}),
        "begun": made_run(root, "begun", "vae", scores=(), settings={"binarize": "static"}),
    }
    dynamic = "binarised anew each epoch, test images"
    told = f"(a: grey, test images; b: {dynamic}; c: {dynamic})"
    apart = side_by_side(list(several.values()))
    assert any(told in remark for remark in apart.remarks)
    axis = "lower bound, ELBO (nats per image)"
    panels = [axes for axes in apart.figure().axes if axes.get_ylabel()]
    assert [axes.get_ylabel().replace("\n", " ") for axes in panels] == [
        f"{axis} grey, test images", f"{axis} {dynamic}",
    ]  # fmt: skip
    alike = side_by_side([several["b"], several["c"], several["begun"]])
    assert not any("targets" in remark for remark in alike.remarks)
    assert [axes.get_ylabel() for axes in alike.figure().axes if axes.get_ylabel()] == [axis]
    several["c"].update(settings=several["c"].document()["settings"] | {"val_images": {"value": 30, "from": "flag"}})
    (remark,) = [r for r in side_by_side([several["b"], several["c"]]).remarks if "targets" in r]
    assert "c: binarised anew each epoch, 30 validation images, seed 1" in remark


@pytest.mark.parametrize(
    ("levels", "binarize", "told"),
    [
        ("2", "dynamic", "binarised anew each epoch"),
        ("16", "none", "grey of 16 levels"),
        ("4", "none", "grey of 4 levels"),
    ],
)
def test_the_levels_of_pixels_are_their_targets(root: Path, levels: str, binarize: str, told: str) -> None:
    settings = {"levels": levels, "binarize": binarize}
    document = {"settings": {name: {"value": value, "from": "flag"} for name, value in settings.items()}}
    run = run_at(create_run(root, "pixelrnn", {**document, "data": {"name": "mnist"}}, "one").path, Teller())
    assert (run.targets_told, run.data_told) == (told, f"mnist, {told}")


def test_a_setting_that_does_nothing_for_a_model_is_a_dash(cli: Cli, root: Path) -> None:
    made_run(root, "wide", settings={"model": "feedforward", "context": 16})
    made_run(root, "lstm", settings={"context": 16})
    made_run(root, "gru", settings={"model": "gru", "context": 8})
    rows = dict(line.split("\t", 1) for line in cli("runs", "compare", "wide", "lstm").out.splitlines())
    assert rows["--context"] == "16\t-"
    assert "--context" not in cli("runs", "compare", "lstm", "gru").out
    shown = {name: cli("runs", "show", name, "--all").out for name in ("wide", "lstm")}
    assert "\n--context\t16\tflag\n" in shown["wide"]
    assert "\n--context\t-\tflag\n" in shown["lstm"]


def test_a_setting_of_a_comparison_counts_if_it_does_for_one_of_its_models() -> None:
    settings = {"model": {"value": "tdnn", "from": "default"}, "window": {"value": 21, "from": "default"}}
    both = {"window": {"model": "window"}, "lstm": {"model": "lstm"}}
    for members, value in ((both, 21), ({"lstm": both["lstm"]}, None)):
        assert value_in_force({"family": "speech", "settings": settings, "members": members}, "window") == value


@pytest.mark.parametrize(("optimizer", "value"), [(None, 0.9), ("adamw", 0.9), ("schedule-free", None)])
def test_an_average_of_the_weights_counts_unless_the_optimizer_keeps_one(
    optimizer: str | None, value: float | None
) -> None:
    recorded = {"average_weights": {"value": 0.9}} | ({} if optimizer is None else {"optimizer": {"value": optimizer}})
    assert value_in_force({"family": "vae", "settings": recorded}, "average_weights") == value


def test_a_run_that_is_named_twice_is_taken_once_and_that_is_told(cli: Cli, three: Path) -> None:
    told = "story is named more than once: it is taken once"
    assert f"note: {told}\n" in cli("plot-curve", "--run", "story", "--run", "story").err
    notices: list[str] = []
    genmodels.compare_curves(["story", three / "story"], runs=three, notice=notices.append)
    assert notices == [told]
    alone = cli("compare-images", "faces", "faces")
    assert (alone.code, alone.out) == (2, "")
    assert "one run (faces) has nothing to be compared with" in alone.err


@pytest.mark.parametrize("names", [("story",), ("story", "story"), ("story", "nothing")])
def test_a_comparison_needs_two_runs(cli: Cli, three: Path, names: tuple[str, ...]) -> None:
    outcome = cli("runs", "compare", *names)
    assert outcome.code in {2, 4}
    assert outcome.out == ""


def test_one_setting_that_only_one_run_has_is_told_as_one(cli: Cli, three: Path) -> None:
    made_run(three, "poem", settings={"hidden_size": 8, "window": 9})
    told = cli("runs", "compare", "story", "poem").err
    assert "1 setting that only some of them have is in --json" in told
    assert "--out curves.png" in told


@pytest.mark.parametrize(
    ("family", "typed"),
    [("gan", "compare-images runs/one runs/other"), ("reader", "eval-reader --run runs/one --run runs/other")],
)
def test_where_recorded_numbers_alone_are_left_it_is_said_what_measures_the_difference(
    cli: Cli, three: Path, family: str, typed: str
) -> None:
    for name in ("one", "other"):
        made_run(three, name, family)
    assert f"what the runs differ by on the same data is surer: genmodels {typed}" in cli(
        "runs", "compare", "one", "other"
    ).err.replace("\n", " ")
    made_run(three, "elsewhere", "gan", data="other.npz")
    assert "is surer" not in cli("runs", "compare", "one", "elsewhere").err, "their data differ"
    made_run(three, "poem")
    assert "is surer" not in cli("runs", "compare", "story", "poem").err, "no command pairs them"
