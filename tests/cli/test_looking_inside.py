"""plot-gradients, plot-gates and train-text --compare through the command line."""

import csv
import json
import math
import statistics
from typing import Any

import pytest
import torch

import genmodels
from cli.mistakes import check
from genmodels.analysis.gates import _passages
from genmodels.families.text.gates import _searched

SMALL = (
    "--hidden-size", 12, "--embedding-size", 6, "--batch-size", 4, "--window", 16, "--epochs", 2,
    "--sample-length", 20,
)  # fmt: skip
GRADIENTS = ("plot-gradients", "--window", 30, "--windows", 64)


@pytest.fixture
def long_corpus(tmp_path):
    """Text whose validation part is long enough to look for trackers in."""
    path = tmp_path / "long.txt"
    path.write_text("the cat sat on the mat (and Tom sat by).\nwhere is my hat?\n" * 420, encoding="utf-8")
    return path


@pytest.fixture
def long_run(cli, long_corpus, tmp_path):
    outcome = cli("train-text", long_corpus, *SMALL, "--epochs", 1, "--device", "cpu", "--name", "long")
    assert outcome.code == 0, outcome.err
    return tmp_path / "runs" / "long"


def test_why_gradients_fade_is_a_figure_a_table_and_a_row_for_each_lag(cli, trained, tmp_path) -> None:
    outcome = cli(*GRADIENTS, "--why", "--csv", "why.csv", "--json")
    assert outcome.code == 0, outcome.err
    result = json.loads(outcome.out)
    assert (trained / "figures" / "gradients-why.png").read_bytes().startswith(b"\x89PNG")
    assert not (trained / "figures" / "gradients.png").exists()
    (found,) = result["results"]
    assert (found["model"], found["state"], result["lag"]) == ("lstm", "cell", 29)
    assert 0 < found["mean_factor"] < 1
    assert found["bound"] is None
    rows = list(csv.DictReader((tmp_path / "why.csv").read_text().splitlines()))
    assert [int(row["lag"]) for row in rows] == list(range(30))
    assert (float(rows[0]["real"]), float(rows[0]["through"])) == (1.0, 0.0)
    assert cli(*GRADIENTS, "--init", "--why", "--run", "tiny").out.endswith("gradients-why-untrained.png\n")


def test_gradients_of_a_run_give_figure_csv_and_json(cli, trained, tmp_path) -> None:
    outcome = cli(*GRADIENTS, "--csv", "fading.csv", "--json")
    assert outcome.code == 0, outcome.err
    result = json.loads(outcome.out)
    assert (trained / "figures" / "gradients.png").read_bytes().startswith(b"\x89PNG")
    assert result["figure"].endswith("gradients.png")
    assert [(r["model"], r["quantity"]) for r in result["results"]] == [("lstm", "hidden"), ("lstm", "cell")]
    rows = list(csv.DictReader((tmp_path / "fading.csv").read_text().splitlines()))
    assert len(rows) == 2 * 30
    assert float(rows[0]["lower_quartile"]) <= float(rows[0]["median"]) <= float(rows[0]["upper_quartile"])
    assert float(rows[10]["ratio"]) == result["results"][0]["ratio_at_10"]
    assert "half_life" not in rows[0] | result["results"][0]
    assert [float(row["median"]) for row in rows] == [r["median"] for r in result["gradients"]]


def test_untrained_cells_need_no_run_and_an_untrained_run_is_not_the_trained_one(cli, trained, tmp_path) -> None:
    fresh = json.loads(cli(*GRADIENTS, "--init", "--out", "fresh.svg", "--json").out)
    assert [r["model"] for r in fresh["results"]] == ["rnn", "gru", "lstm", "lstm"]
    assert (tmp_path / "fresh.svg").exists()
    trained_one, before = (
        json.loads(cli(*GRADIENTS, "--run", "tiny", *more, "--json").out)["gradients"] for more in ((), ("--init",))
    )
    assert trained_one != before


def test_an_untrained_figure_is_where_it_is_told_and_not_in_place_of_the_trained_one(cli, trained, tmp_path) -> None:
    assert cli(*GRADIENTS, "--init").out == "gradients-untrained.png\n"
    assert (tmp_path / "gradients-untrained.png").exists()
    for more, name in ((("--init",), "gradients-untrained"), ((), "gradients")):
        outcome = cli(*GRADIENTS, "--run", "tiny", *more)
        assert outcome.out == f"runs/tiny/figures/{name}.png\n"
        assert (trained / "figures" / f"{name}.png").exists()
    assert "at 50" in outcome.err


def test_gradients_tell_how_long_each_network_was_trained(cli, trained) -> None:
    outcome = cli(*GRADIENTS, "--run", "tiny", "--out", "g.svg")
    (found,) = [json.loads(cli(*GRADIENTS, "--run", "tiny", "--json").out)["results"][0]]
    figure = (trained.parents[1] / "g.svg").read_text(encoding="utf-8")
    assert found["step"] > 0
    assert f"epoch {found['epoch']}, {found['step']} steps), dL/dh" in figure
    assert f"so few steps (tiny {found['step']}) hardly tell which is better" in outcome.err
    assert "So few steps (tiny" in figure
    why = cli(*GRADIENTS, "--run", "tiny", "--why", "--out", "why.svg").err
    assert f"so few steps (tiny {found['step']}) hardly tell which is better" in why
    assert "So few steps (tiny" in (trained.parents[1] / "why.svg").read_text(encoding="utf-8")
    untrained = cli(*GRADIENTS, "--run", "tiny", "--init", "--out", "g.svg")
    assert "few steps" not in untrained.err + (trained.parents[1] / "g.svg").read_text(encoding="utf-8")


def test_gates_of_chosen_units_of_a_text_of_ones_own(cli, trained) -> None:
    outcome = cli("plot-gates", "--text", "the hat", "--units", "3,7", "--csv", "gates.csv", "--json")
    assert outcome.code == 0, outcome.err
    rows = json.loads(outcome.out)["gates"]
    assert "".join(row["character"] for row in rows[::2]) == "the hat"
    assert {row["unit"] for row in rows} == {3, 7}
    assert all(0 < row[gate] < 1 for row in rows for gate in ("keep", "write", "read"))
    assert "the network is hardly trained (" in outcome.err
    cli("plot-gates", "--text", "the hat", "--units", "3,7", "--out", "g.svg")
    assert "The network is hardly trained (" in (trained.parents[1] / "g.svg").read_text(encoding="utf-8")
    assert (trained / "figures" / "gates.png").exists()


def test_units_are_sought_on_validation_text_where_none_are_named(cli, long_run) -> None:
    outcome = cli("plot-gates", "--length", 20, "--start", 40, "--json")
    assert outcome.code == 0, outcome.err
    result = json.loads(outcome.out)
    assert {t["feature"] for t in result["trackers"]} >= {"position in line", "inside brackets"}
    assert {row["unit"] for row in result["gates"]} == {t["unit"] for t in result["trackers"]}
    assert all(abs(t["correlation"]) >= 0.3 for t in result["trackers"])
    assert cli("plot-gates").err.count("position in line") == 1


def test_what_units_follow_is_measured_on_the_passage_that_is_shown(cli, long_run) -> None:
    text = "the cat (a hat)\nthe mat"
    result = json.loads(cli("plot-gates", "--text", text, "--json").out)
    (line,) = [tracker for tracker in result["trackers"] if tracker["feature"] == "position in line"]
    cells = [math.tanh(row["cell"]) for row in result["gates"] if row["unit"] == line["unit"]]
    positions = [*range(1, 16), 0, *range(1, 8)]
    assert line["here"] == pytest.approx(statistics.correlation(cells, positions), abs=1e-4)
    flat = json.loads(cli("plot-gates", "--text", "hat", "--json").out)["trackers"]
    assert [tracker["here"] for tracker in flat if tracker["feature"] == "inside brackets"] == [None]


def test_the_passage_is_the_one_in_which_the_units_follow_best_and_that_is_told(cli, long_run) -> None:
    outcome = cli("plot-gates", "--length", 40, "--json")
    chosen = json.loads(outcome.out)

    def closeness(result: dict[str, Any]) -> float:
        return sum(math.copysign(t["here"] or 0.0, (t["here"] or 0.0) * t["correlation"]) for t in result["trackers"])

    told = cli("plot-gates", "--length", 40).err
    assert "the one in which these units follow best what is named" in told
    assert f"from character {chosen['start']:,} on" in told
    assert chosen["gates"][0]["position"] == 0
    run = genmodels.open_run(long_run)
    _, text = _searched(run, run.load(run.epoch_checkpoint(None), torch.device("cpu")))
    starts = _passages(text, 40)
    assert chosen["start"] in starts
    for start in starts[:: len(starts) // 3]:
        other = json.loads(cli("plot-gates", "--length", 40, "--start", start, "--json").out)
        assert other["start"] == start
        assert closeness(chosen) >= closeness(other) - 1e-4
    again = json.loads(cli("plot-gates", "--length", 40, "--start", chosen["start"], "--json").out)
    assert again["gates"] == chosen["gates"], "the same passage by its number"


def test_what_no_unit_follows_is_left_out_and_told(cli, long_run, monkeypatch) -> None:
    monkeypatch.setattr("genmodels.families.text.gates.NOISE", 0.9999)
    outcome = cli("plot-gates", "--length", 20, "--json")
    result = json.loads(outcome.out)
    assert result["trackers"] == []
    assert {t["feature"] for t in result["noise"]} >= {"position in line", "inside brackets"}
    assert len({row["unit"] for row in result["gates"]}) == 4
    shown = cli("plot-gates", "--length", 20, "--title", "t")
    assert "No unit's cell follows anything that has a name here" in shown.err
    assert "left out, as no unit's cell follows it" in shown.err
    assert "position in line (0." in shown.err


@pytest.mark.sweep
def test_a_byte_models_gates_can_be_drawn(cli, long_corpus, tmp_path) -> None:
    assert cli("train-text", long_corpus, *SMALL, "--epochs", 1, "--bytes", "--name", "raw").code == 0
    outcome = cli("plot-gates", "--text", "h\u00e4t", "--units", "0", "--json")
    assert outcome.code == 0, outcome.err
    assert len(json.loads(outcome.out)["gates"]) == 4, "a gate for each byte"
    found = cli("plot-gates")
    assert found.code == 0, found.err
    assert "position in line" in found.err
    assert (tmp_path / "runs" / "raw" / "figures" / "gates.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.sweep  # four trainings
def test_compared_models_are_ordinary_runs_of_equal_size_beside_the_baselines(cli, long_corpus, tmp_path) -> None:
    outcome = cli("train-text", long_corpus, *SMALL, "--compare", "feedforward,rnn,gru,lstm", "--name", "all", "--json")
    assert outcome.code == 0, outcome.err
    rows = json.loads(outcome.out)["comparison"]
    assert [row["nll"] for row in rows] == sorted(row["nll"] for row in rows)
    runs = {row["model"]: row for row in rows if "run" in row}
    assert set(runs) == {"feedforward", "rnn", "gru", "lstm"}
    counts = [row["parameters"] for row in runs.values()]
    assert max(counts) <= 1.05 * runs["lstm"]["parameters"]
    assert min(counts) >= 0.95 * runs["lstm"]["parameters"]
    assert runs["feedforward"]["gradient_at_50"] is None
    assert 0 < runs["rnn"]["gradient_at_50"] < 1
    (alone,) = json.loads(cli("plot-gradients", "--run", "all/rnn", "--json").out)["results"]
    assert runs["rnn"]["gradient_at_50"] == pytest.approx(alone["ratio_at_50"], rel=1e-9), "of the same windows"
    assert {row["model"] for row in rows} - set(runs) == {"uniform", "unigram", "7-gram"}
    folder = tmp_path / "runs" / "all"
    assert {path.name for path in folder.iterdir()} == {
        ".lock", "comparison.json", "comparison.csv", "comparison.png", "feedforward", "rnn", "gru", "lstm",
    }  # fmt: skip
    assert len(cli("sample-text", "--run", "all/gru", "--length", 5).out) > 5
    resumed = cli("train-text", "--resume", "all/rnn")
    assert (resumed.code, resumed.out) == (0, "runs/all/rnn\n")
    settings = json.loads((folder / "rnn" / "run.json").read_text())["settings"]
    assert settings["hidden_size"]["from"] == settings["model"]["from"] == "comparison"


@pytest.mark.sweep  # test_comparisons tries it with made runs
def test_a_comparison_goes_on_with_the_runs_it_has(cli, long_corpus, corpus_file, tmp_path) -> None:
    command = ("train-text", long_corpus, *SMALL, "--epochs", 1, "--compare")
    assert cli(*command, "rnn,gru", "--name", "begun").code == 0
    weights = (tmp_path / "runs" / "begun" / "rnn" / "checkpoints" / "epoch-0001" / "model.safetensors").read_bytes()
    outcome = cli(*command, "rnn,gru,lstm", "--resume", "begun", "--json")
    assert outcome.code == 0, outcome.err
    assert {row["run"] for row in json.loads(outcome.out)["comparison"] if "run" in row} == {
        "begun/rnn", "begun/gru", "begun/lstm"
    }  # fmt: skip
    again = (tmp_path / "runs" / "begun" / "rnn" / "checkpoints" / "epoch-0001" / "model.safetensors").read_bytes()
    assert again == weights
    check(cli(*command, "rnn,gru", "--resume", "begun"), 2, "--compare lacks lstm")
    elsewhere = cli("train-text", corpus_file, "--resume", "begun")
    check(elsewhere, 3, "is not that of the run")
    more = cli(*command[:-1], "--batch-size", 2, "--resume", "begun")
    check(more, 2, "--batch-size 2 contradicts the run")
    check(cli("train-text", "--resume", "begun", "--model", "gru"), 2, "--compare and --model contradict each other")
    check(cli("train-text", "--resume", "begun", "--glob", "*.md"), 2, "--glob *.md contradicts runs/begun")


@pytest.mark.sweep
def test_a_comparison_with_a_config_and_an_adjusted_batch_goes_on_by_the_same_command(
    cli, corpus_file, tmp_path
) -> None:
    (tmp_path / "c.toml").write_text("learning_rate = 0.01\n")
    command = (
        "train-text",
        corpus_file,
        *SMALL,
        "--epochs",
        1,
        "--config",
        "c.toml",
        "--batch-size",
        5000,
        "--compare",
    )
    assert cli(*command, "rnn,gru", "--name", "fitted").code == 0
    settings = json.loads((tmp_path / "runs" / "fitted" / "rnn" / "run.json").read_text())["settings"]
    assert settings["batch_size"]["from"] == "adjusted"
    outcome = cli(*command, "rnn,gru", "--resume", "fitted")
    assert outcome.code == 0, outcome.err
    check(
        cli(*command[:-1], "--hidden-size", 30, "--compare", "rnn,gru", "--resume", "fitted"),
        2,
        "--hidden-size 30 contradicts the run",
    )
    (tmp_path / "c.toml").write_text("learning_rate = 0.02\n")
    check(cli(*command, "rnn,gru", "--resume", "fitted"), 2, "--learning-rate 0.02 contradicts the run")


def test_the_table_of_a_comparison_is_the_result(cli, long_corpus) -> None:
    outcome = cli("train-text", long_corpus, *SMALL, "--epochs", 1, "--compare", "rnn, lstm")
    assert outcome.code == 0, outcome.err
    lines = outcome.out.splitlines()
    assert lines[0].split("\t")[:3] == ["model", "parameters", "nats/char"]
    assert len(lines) == 1 + 2 + 3
    assert "next: genmodels plot-gradients --run runs/compare-" in outcome.err


@pytest.mark.parametrize(("model", "command"), [("feedforward", "plot-gradients"), ("gru", "plot-gates")])
def test_a_run_without_the_needed_cell_is_a_sentence(cli, corpus_file, model, command) -> None:
    assert cli("train-text", corpus_file, *SMALL, "--epochs", 1, "--model", model).code == 0
    check(cli(command), 4, f"is {model}, which")
