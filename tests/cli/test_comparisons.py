"""Comparisons on the disk: stopped, gone on with, named by commands, listed, shown and verified."""

import csv
import json
import re
import shutil
import signal
from pathlib import Path

import pytest

import genmodels
from bars import Bars
from cli.mistakes import check
from genmodels.exhibit import Exhibit
from genmodels.families.text.comparing import TextComparison, _figure, tables_of
from genmodels.runs import ComparisonDir
from genmodels.telling import Teller
from genmodels.training.reporting import QuietReporter
from homes import CORPUS, NGRAM
from unit.figure_texts import said

SMALL = (
    "--hidden-size", "12", "--embedding-size", "6", "--batch-size", "4", "--window", "16", "--sample-length", "20",
    "--epochs", "2",
)  # fmt: skip
MODELS = ("feedforward", "rnn", "lstm")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a text; what a test needs there, it makes once for all."""
    folder = tmp_path_factory.mktemp("comparisons")
    (folder / "corpus.txt").write_text(CORPUS, encoding="utf-8")
    return folder


def stop_in_the_second(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C at the third step of the second training."""
    trainings: list[int] = []

    def advanced(_: object, step: int) -> None:
        if step == 1:
            trainings.append(step)
        if step == 3 and len(trainings) == 2:
            signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(QuietReporter, "advanced", advanced)


@pytest.fixture
def stopped(cli, made: Path, tmp_path: Path) -> Path:
    """runs/cells, which was stopped in its second model."""
    kept = made / "stopped"
    if not kept.exists():
        with pytest.MonkeyPatch.context() as patch:
            shutil.copy(made / "corpus.txt", tmp_path)
            stop_in_the_second(patch)
            outcome = cli("train-text", "corpus.txt", *SMALL, "--compare", ",".join(MODELS), "--name", "cells")
        assert outcome.code == 130, outcome.err
        assert "note: not trained yet: lstm" in outcome.err
        assert outcome.err.endswith("hint: genmodels train-text --resume runs/cells goes on.\n")
        shutil.copytree(tmp_path, kept)
    return shutil.copytree(kept, tmp_path, dirs_exist_ok=True) / "runs" / "cells"


@pytest.fixture
def finished(cli, made: Path, stopped: Path) -> Path:
    """The same, once it has gone on."""
    kept = made / "finished"
    if not kept.exists():
        outcome = cli("train-text", "--resume", "cells", "-q")
        assert outcome.code == 0, outcome.err
        shutil.copytree(stopped, kept)
    shutil.rmtree(stopped)
    return shutil.copytree(kept, stopped)


def weights(folder: Path, model: str) -> bytes:
    return (folder / model / "checkpoints" / "epoch-0002" / "model.safetensors").read_bytes()


def test_the_curves_of_a_comparison_say_what_part_they_are_of_and_its_table_is_of_all(cli, finished: Path) -> None:
    run = ComparisonDir(finished).member("rnn")
    run.update(plan=run.document()["plan"] | {"measured_share": 0.125})
    (finished / "comparison.png").unlink()
    found = TextComparison(resume="cells", runs=finished.parent).train()
    told = "the curves are not measured on all that is held out: cells/rnn on 12.5% of it"
    assert told[1:] in said(found.figure())
    unlike = told.replace("the curves are", "the figure's curves, unlike the table, are")
    assert [remark for remark in found.remarks if "held out" in remark] == [unlike]
    again = cli("train-text", "--resume", "cells")
    assert f"\n{unlike}\n" in again.err, "under the table that stands too"


def test_the_figure_names_the_models_in_the_order_that_was_asked_for(cli, finished: Path) -> None:
    found = TextComparison(resume="cells", runs=finished.parent).train()
    asked = [*ComparisonDir(finished).document()["members"]]
    runs = [genmodels.open_run(finished / name, genmodels.TextRun) for name in asked]
    by_score = found.facts["comparison"]
    for rows in (by_score, by_score[::-1]):
        figure = _figure(runs, rows, "cells")
        assert [text.get_text() for text in figure.legends[0].get_texts()][: len(asked)] == asked


def test_a_stopped_comparison_goes_on_by_its_name_to_the_same_bits(cli, finished: Path) -> None:
    unbroken = cli("train-text", "corpus.txt", *SMALL, "--compare", ",".join(MODELS), "--name", "whole", "--json")
    assert unbroken.code == 0, unbroken.err
    whole = finished.parent / "whole"
    assert [weights(finished, model) for model in MODELS] == [weights(whole, model) for model in MODELS]
    kept, told = (json.loads((folder / "comparison.json").read_text())["result"] for folder in (finished, whole))
    measures = ("model", "nll", "accuracy", "parameters")
    rows = [[[row.get(name) for name in measures] for row in one["facts"]["comparison"]] for one in (kept, told)]
    assert rows[0] == rows[1]
    facts = json.loads(unbroken.out)
    assert {name: facts[name] for name in told["facts"]} == told["facts"], "what is kept is what was shown"
    assert (facts["folder"], facts["figure"]) == ("runs/whole", "runs/whole/comparison.png")


def test_the_last_training_that_goes_on_is_the_whole_comparison(cli, stopped: Path) -> None:
    first = weights(stopped, "feedforward")
    outcome = cli("train-text", "--resume", "last", "--json")
    assert outcome.code == 0, outcome.err
    trained = [row["run"] for row in json.loads(outcome.out)["comparison"] if "run" in row]
    assert sorted(trained) == ["cells/feedforward", "cells/lstm", "cells/rnn"]
    assert weights(stopped, "feedforward") == first


def test_one_member_that_was_stopped_can_go_on_alone(cli, stopped: Path) -> None:
    outcome = cli("train-text", "--resume", "cells/rnn", "-q")
    assert (outcome.code, outcome.out) == (0, "runs/cells/rnn\n"), outcome.err
    assert not (stopped / "lstm").exists()


def test_what_a_killed_process_left_of_a_member_is_no_obstacle(cli, stopped: Path) -> None:
    (stopped / "lstm" / "checkpoints").mkdir(parents=True)
    outcome = cli("train-text", "--resume", "cells", "-q")
    assert outcome.code == 0, outcome.err
    assert (stopped / "lstm" / "run.json").exists()


def test_a_trained_member_that_lost_its_run_json_is_kept_and_told(cli, finished: Path) -> None:
    (finished / "rnn" / "run.json").unlink()
    before = weights(finished, "rnn")
    check(cli("train-text", "--resume", "cells", "-q"), 4, "runs/cells/rnn has no run.json")
    assert weights(finished, "rnn") == before
    verified = cli("runs", "verify", "cells")
    assert (verified.code, "rnn/run.json\t" in verified.out) == (4, True), verified.out
    assert "hint: of cells/rnn: restore run.json from a copy" in verified.err


def test_a_member_whose_last_evaluation_was_not_saved_is_trained_on(cli, finished: Path) -> None:
    """As a crash leaves it between the record of the last epoch and its weights."""
    best = finished / "lstm" / "checkpoints" / "epoch-0002"
    states = sorted((finished / "lstm" / "checkpoints").glob("step-*"))
    before = json.loads((states[-1] / "state.json").read_text())
    assert before["progress"]["evaluated"] == 2
    shutil.rmtree(states[-1])
    shutil.rmtree(best)
    (finished / "lstm" / "checkpoints" / "last").write_text(states[0].name + "\n")
    (finished / "lstm" / "checkpoints" / "best").write_text("epoch-0001\n")
    outcome = cli("train-text", "--resume", "cells", "-q")
    assert outcome.code == 0, outcome.err
    assert best.exists()


def test_a_finished_comparison_shows_what_stands_and_measures_nothing(cli, finished: Path, monkeypatch) -> None:
    for state in finished.glob("*/checkpoints/step-*"):
        shutil.rmtree(state)
    monkeypatch.setattr(TextComparison, "result", None)
    outcome = cli("train-text", "--resume", "cells")
    assert outcome.code == 0, outcome.err
    assert "note: the comparison was finished already: nothing is left to train or to measure" in outcome.err
    assert "hardly tell which is better" in outcome.err
    assert outcome.err.endswith("figure: runs/cells/comparison.png\n")
    assert outcome.out == cli("runs", "show", "cells").out.partition("\n\n")[0] + "\n"
    kept = json.loads((finished / "comparison.json").read_text())["result"]["facts"]["comparison"]
    assert json.loads(cli("train-text", "--resume", "cells", "--json").out)["comparison"] == kept


@pytest.mark.parametrize("lost", ["comparison.png", "comparison.csv", "result"])
def test_a_finished_comparison_that_lacks_something_is_measured_again(cli, finished: Path, lost: str) -> None:
    document = json.loads((finished / "comparison.json").read_text())
    if lost == "result":
        (finished / "comparison.json").write_text(json.dumps(document | {"result": {"title": "?", "facts": {}}}))
    else:
        (finished / lost).unlink()
    outcome = cli("train-text", "--resume", "cells", "-q")
    assert outcome.code == 0, outcome.err
    assert "finished already" not in outcome.err
    assert (finished / "comparison.png").stat().st_size > 0 < (finished / "comparison.csv").stat().st_size
    again = json.loads((finished / "comparison.json").read_text())["result"]
    assert again["facts"]["comparison"] == document["result"]["facts"]["comparison"]


def interrupted(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize(
    ("at", "error", "hint"),
    [("genmodels.families.text.comparing.open_text", "interrupted before the training began: no run was made",
      "the same command begins it."),
     ("genmodels.families.text.starting.prepared", "interrupted; runs/cells keeps what was trained",
      "genmodels train-text --resume runs/cells goes on.")],
    ids=["before its directory is made", "before a member is made"],
)  # fmt: skip
def test_an_interrupt_beside_the_trainings_says_how_to_go_on(
    cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: str, error: str, hint: str
) -> None:
    (tmp_path / "corpus.txt").write_text(CORPUS, encoding="utf-8")
    monkeypatch.setattr(at, interrupted)
    outcome = cli("train-text", "corpus.txt", *SMALL, "--compare", "rnn,gru", "--name", "cells", "-q")
    assert outcome.code == 130
    assert outcome.err.splitlines()[-2:] == [error, f"hint: {hint}"]
    assert (tmp_path / "runs" / "cells").exists() == ("--resume" in hint)


def test_a_comparison_that_was_begun_before_a_setting_existed_goes_on(cli, stopped: Path) -> None:
    document = json.loads((stopped / "comparison.json").read_text())
    del document["settings"]["preview_every"]
    (stopped / "comparison.json").write_text(json.dumps(document))
    outcome = cli("train-text", "--resume", "cells", "-q")
    assert outcome.code == 0, outcome.err
    assert json.loads((stopped / "lstm" / "run.json").read_text())["settings"]["preview_every"]["from"] == "default"


def test_nobody_else_goes_on_with_a_comparison_while_its_runs_are_measured(cli, finished: Path, monkeypatch) -> None:
    measured = TextComparison.result

    def result(comparison: TextComparison, *found) -> Exhibit:
        check(cli("train-text", "--resume", "cells", "-q"), 4, "runs/cells is being trained by another process")
        check(cli("runs", "rename", "cells", "nets"), 4, "is being trained by another process")
        return measured(comparison, *found)

    monkeypatch.setattr(TextComparison, "result", result)
    (finished / "comparison.png").unlink()
    assert cli("train-text", "--resume", "cells", "-q").code == 0
    assert cli("runs", "rename", "cells", "nets").code == 0


def test_a_stopped_comparison_is_one_line_and_shows_how_far_its_members_are(cli, stopped: Path) -> None:
    (row,) = json.loads(cli("runs", "list", "--json").out)["runs"]
    assert (row["run"], row["model"], row["state"]) == ("cells", "3 compared", "stopped")
    assert len(cli("runs", "list").out.splitlines()) == 2
    for named in (("cells",), ()):  # the newest run is of it
        shown = cli("runs", "show", *named)
        assert shown.code == 0, shown.err
        lines = [line.split("\t")[:3] for line in shown.out.splitlines()]
        assert ["feedforward", "finished", "2"] in lines
        (epochs,) = [line[2] for line in lines if line[:2] == ["rnn", "stopped"]]
        assert 0 < float(epochs) < 1, "what is trained of an epoch that is not finished"
        assert ["lstm", "not begun", "-"] in lines
        assert "next: genmodels train-text --resume runs/cells" in shown.err


def test_a_comparison_that_was_stopped_while_it_was_measured_says_so(cli, finished: Path) -> None:
    ComparisonDir(finished).update(result=None)
    assert "stopped, not measured" in cli("runs", "list").out
    with ComparisonDir(finished).locked(print):
        assert "\tbeing measured\t" in cli("runs", "list").out
    shown = cli("runs", "show", "cells")
    assert "all of its runs are trained: what is missing is measuring them side by side" in shown.err
    assert "next: genmodels train-text --resume runs/cells" in shown.err


def test_another_length_is_refused_while_a_comparison_is_not_finished_with_what_begins_from_its_weights(
    cli, stopped: Path
) -> None:
    outcome = cli("train-text", "--resume", "cells", "--epochs", 9)
    assert outcome.code == 2
    assert "leave it out until all of its runs are finished: then --epochs or --minutes lengthens each" in outcome.err
    assert "train-text --init-from runs/cells/feedforward starts from the weights of one of its runs" in outcome.err


def test_a_finished_comparison_shows_its_table_again(cli, finished: Path) -> None:
    shown = cli("runs", "show", "cells")
    table, members, settings = shown.out.split("\n\n")
    assert table.splitlines()[0].split("\t")[:3] == ["model", "parameters", "nats/char"]
    assert {line.split("\t")[0] for line in table.splitlines()[1:]} >= {*MODELS, NGRAM, "uniform"}
    assert [line.split("\t")[:2] for line in members.splitlines()[1:]] == [[name, "finished"] for name in MODELS]
    assert "--hidden-size\t12\tflag" in settings
    assert "default" not in settings
    assert re.search(r"begun 20\d\d-\d\d-\d\d \d\d:\d\d on .*corpus.txt\n", shown.err)
    assert "figure: runs/cells/comparison.png" in shown.err
    assert "next:" not in shown.err
    with (finished / "comparison.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["model"] for row in rows] == [line.split("\t")[0] for line in table.splitlines()[1:]]
    assert {row["run"] for row in rows} == {"", *(f"cells/{name}" for name in MODELS)}
    facts = json.loads(cli("runs", "show", "cells", "--json").out)
    assert facts["state"] == "finished"
    assert [one["run"] for one in facts["members"]] == [f"cells/{name}" for name in MODELS]
    (line,) = json.loads(cli("runs", "list", "--json").out)["runs"]
    assert line["best"] == min(one["best"] for one in facts["members"])


def test_the_speed_in_a_table_is_that_of_the_steps_and_the_time_beside_it(finished: Path) -> None:
    facts = json.loads((finished / "comparison.json").read_text())["result"]["facts"]
    rows = [row for row in facts["comparison"] if "run" in row]
    assert len(rows) == len(MODELS)
    for row in rows:
        assert row["chars_per_second_in_all"] == round(row["steps"] * 4 * 16 / row["seconds"]), row
    assert "chars/s" in tables_of("cells", facts)[-1].meanings, "it is said that evaluations are part of the time"


def test_a_damaged_checkpoint_of_a_member_is_found(cli, finished: Path) -> None:
    assert cli("runs", "verify", "cells").code == 0
    (finished / "rnn" / "checkpoints" / "epoch-0001" / "model.safetensors").write_bytes(b"torn")
    outcome = cli("runs", "verify", "cells", "--json")
    assert outcome.code == 4
    found = json.loads(outcome.out)
    assert list(found["problems"]) == ["rnn/epoch-0001"]
    assert {"feedforward/epoch-0001", "lstm/epoch-0002"} <= set(found["checked"])


@pytest.mark.parametrize("content", ["{", "[]", '{"format": 1}', '{"format": 99}'])
def test_a_damaged_comparison_is_a_sentence_and_its_runs_can_be_used(cli, finished: Path, content: str) -> None:
    (finished / "comparison.json").write_text(content)
    check(cli("runs", "show", "cells"), 4, "comparison")
    check(cli("train-text", "--resume", "cells"), 4, "comparison")
    assert json.loads(cli("runs", "list", "--json").out)["runs"][0]["state"] == "damaged"
    assert cli("sample-text", "--run", "cells/rnn", "--length", 5).code == 0


@pytest.mark.parametrize("name", ["../tiny", "..", "", "a/b"])
def test_members_never_lead_out_of_the_comparison(cli, finished: Path, name: str) -> None:
    document = json.loads((finished / "comparison.json").read_text())
    document["members"][name] = {"model": "rnn"}
    (finished / "comparison.json").write_text(json.dumps(document))
    check(cli("train-text", "--resume", "cells"), 4, "is damaged: it holds no valid")


def test_members_are_named_by_name_pattern_and_comparison(cli, finished: Path) -> None:
    assert cli("eval-text", "--run", "cells/lstm", "--protocol", "carried").code == 0
    assert json.loads(cli("runs", "show", "cells/lstm", "--json").out)["run"] == "cells/lstm"
    check(cli("sample-text", "--run", "cells"), 4, "is a comparison of several runs (cells/feedforward, cells/rnn")
    hint = cli("sample-text", "--run", "cells").err.splitlines()[-1]
    assert hint == "hint: name one of them, such as runs/cells/feedforward."
    assert cli("sample-text", "--run", "runs/cells/feedforward", "--length", 5).code == 0
    assert cli("sample-text", "--length", 5).code == 0, "the newest run may be of a comparison"
    check(cli("sample-text", "--run", "cells/lsmt"), 4, "there is no run cells/lsmt")


def test_gradients_of_a_comparison_are_those_of_its_recurrent_models(cli, finished: Path) -> None:
    gradients = ("plot-gradients", "--windows", 64, "--window", 16, "--lags", 5)
    outcome = cli(*gradients, "--run", "cells", "--json")
    assert outcome.code == 0, outcome.err
    found = json.loads(outcome.out)
    assert [row["run"] for row in found["results"]] == ["cells/rnn", "cells/lstm", "cells/lstm"]
    assert found["figure"] == "runs/cells/figures/gradients.png", "no run's own figure is overwritten"
    assert "note: cells/feedforward is left out: no state is carried" in outcome.err
    alone = cli(*gradients, "--run", "cells/feedforward")
    check(alone, 4, "is feedforward, which carries no state")
    assert alone.err.endswith("hint: name another run, such as runs/cells/lstm.\n")
    assert cli("plot-gates", "--run", "cells/rnn").err.endswith("such as runs/cells/lstm.\n")
    shutil.rmtree(finished / "lstm")
    assert cli("plot-gates", "--run", "cells/rnn").err.endswith("hint: give a run of lstm.\n")
    named = cli("judge-text", "--run", "cells/rnn", "--by", "cells")
    assert named.err.endswith("hint: name one of them, such as runs/cells/feedforward.\n")


def test_a_comparison_s_name_is_taken_like_a_run_s(cli, finished: Path) -> None:
    again = cli("train-text", "corpus.txt", *SMALL, "--compare", "rnn,gru", "--name", "cells")
    check(again, 2, "runs/cells exists already")
    check(cli("train-text", "corpus.txt", *SMALL, "--name", "cells"), 2, "runs/cells exists already")
    check(cli("train-speech", "--resume", "cells"), 2, "is a comparison of models, trained by train-text")
    check(cli("train-vae", "--resume", "cells"), 4, "is a comparison of text runs, but this command needs a vae run")


def test_lines_say_which_of_how_many_and_the_time_of_all(cli, made: Path, tmp_path: Path, monkeypatch) -> None:
    shutil.copy(made / "corpus.txt", tmp_path)
    monkeypatch.setattr("genmodels.training.pace.MEASURED_SECONDS", 0.1)
    monkeypatch.setattr("genmodels.families.steps.quicker", lambda *_: ["--threads 1"])
    command = ("train-text", "corpus.txt", *SMALL[:-2], "--minutes", "0.01", "--compare", "rnn,gru")
    outcome = cli(*command, "--name", "timed")
    assert outcome.code == 0, outcome.err
    assert "note: 2 trainings of --minutes 0.01 each, evaluations included: about 1 s in all" in outcome.err
    lines = outcome.err.splitlines()
    assert "rnn, 1 of 2, 1 s left to train, then all are measured" in lines
    of_all = [line.partition("  rnn, 1 of 2, ")[2] for line in lines if line.startswith("epoch ")]
    assert any(told.endswith(" left to train, then all are measured") for told in of_all)
    assert any(line.startswith("gru, 2 of 2, ") for line in lines)
    (few,) = [line for line in lines if "hardly tell which is better" in line]
    assert few.endswith("each should have 400 or more; ask for --minutes 1 and --threads 1")
    steps = dict(re.findall(r"(rnn|gru) (\d+)", few))
    shown = cli("runs", "show", "timed").out
    assert f"\t{steps['rnn']}\t" in shown
    assert f"\t{steps['gru']}\t" in shown
    result = json.loads((tmp_path / "runs" / "timed" / "comparison.json").read_text())["result"]
    assert "fewer than 400" in tables_of(result["title"], result["facts"])[-1].meanings["steps"]
    (tmp_path / "runs" / "timed" / "comparison.png").unlink()
    again = cli("train-text", "--resume", "timed")
    assert again.code == 0, again.err
    assert "of --minutes" not in again.err, "nothing is left to train"


def test_measuring_the_models_has_one_bar_for_all_that_moves_while_each_is_measured(cli, finished: Path) -> None:
    bars = Bars()
    ComparisonDir(finished).update(result=None)
    TextComparison(resume="cells", runs=finished.parent, teller=Teller(print, bars.counting)).train()
    total, done = bars.seen["measuring 3 models"]
    assert len(done) > 2 * len(MODELS), "within each"
    assert sum(done) == pytest.approx(total, rel=0.01)
