import io
import json
import re
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from cli.mistakes import check
from contract.helpers import stopped_in_epoch, weights_of
from doors import run
from genmodels.data.text.files import BUILT_IN
from genmodels.runs.checkpoint import save_training_state
from genmodels.runs.spent import spent_told
from made_runs import made_run

TINY = (
    "--hidden-size", "12", "--embedding-size", "6", "--batch-size", "4", "--window", "16",
    "--sample-length", "20",
)  # fmt: skip


def test_a_run_without_a_name_gets_one_and_is_printed_alone_on_stdout(cli, corpus_file, tmp_path) -> None:
    outcome = cli("train-text", corpus_file, *TINY, "--epochs", 2)
    assert outcome.code == 0, outcome.err
    run = Path(outcome.out.strip())
    assert (tmp_path / run / "run.json").exists()
    assert outcome.out == f"{run}\n"
    assert f"next: genmodels sample-text --temp 0.75 --run {run}" in outcome.err


def test_the_run_directory_holds_what_the_architecture_page_says(trained) -> None:
    document = json.loads((trained / "run.json").read_text(encoding="utf-8"))
    assert document["settings"]["hidden_size"] == {"value": 12, "from": "flag"}
    assert document["settings"]["dropout"]["from"] == "default"
    assert len(document["data"]["fingerprint"]) == 64
    assert document["plan"]["total_steps"] > 0
    assert (trained / "samples" / "epoch-0001.txt").read_text().count("--- temperature") == 3
    epoch = trained / "checkpoints" / "epoch-0002"
    assert sorted(p.name for p in epoch.iterdir()) == ["manifest.json", "model.safetensors", "state.json"]
    last = trained / "checkpoints" / (trained / "checkpoints" / "last").read_text().strip()
    assert (last / "optimizer.safetensors").exists()
    assert not list(trained.rglob("*.pt")) + list(trained.rglob("*.pkl")) + list(trained.rglob("corpus*"))


@pytest.mark.parametrize("model", ["feedforward", "rnn", "gru", "lstm"])
def test_every_model_trains_samples_and_is_measured(cli, corpus_file, model) -> None:
    assert cli("train-text", corpus_file, *TINY, "--epochs", 1, "--model", model, "--layers", 2, "-q").code == 0
    assert len(cli("sample-text", "--length", 30).out) > 30
    assert "carried" in cli("eval-text").out
    assert f"\ttext {model}\tcorpus.txt\tfinished\t" in cli("runs", "list").out


def test_the_built_in_corpus_needs_nothing(cli, tmp_path) -> None:
    outcome = cli("train-text", *TINY, "--minutes", "0.02", "--quiet")
    assert outcome.code == 0, outcome.err
    data = json.loads((tmp_path / outcome.out.strip() / "run.json").read_text(encoding="utf-8"))["data"]
    assert data["sources"] == [BUILT_IN]
    assert data["characters"] > 100_000
    written = cli("sample-text", "--length", 10)
    assert written.code == 0, written.err
    assert len(written.out) > 10


def test_minutes_fixes_and_records_the_number_of_steps(cli, corpus_file, tmp_path) -> None:
    outcome = cli("train-text", corpus_file, *TINY, "--minutes", "0.03", "--name", "m")
    assert outcome.code == 0, outcome.err
    plan = json.loads((tmp_path / "runs" / "m" / "run.json").read_text())["plan"]
    assert plan["minutes"] == 0.03
    assert f"step {plan['total_steps']}/{plan['total_steps']}" in outcome.err
    assert "measured the speed" in outcome.err


def test_resuming_a_finished_run_changes_nothing_and_says_the_same(cli, trained) -> None:
    before = {p: p.read_bytes() for p in trained.rglob("*") if p.is_file()}
    outcome = cli("train-text", "--resume", "last")
    assert outcome.code == 0, outcome.err
    assert outcome.out == "runs/tiny\n"
    assert "finished already" in outcome.err
    assert "goes on with" not in outcome.err
    assert {p: p.read_bytes() for p in trained.rglob("*") if p.is_file()} == before
    assert "runs/tiny is finished; with --epochs 12, or --minutes for so many more, it goes on" in outcome.err


def test_a_run_may_go_on_on_another_device_and_says_so(cli, trained) -> None:
    outcome = cli("train-text", "--resume", "tiny", "--device", "cpu")
    assert outcome.code == 0, outcome.err
    assert "--device cpu instead of auto" in outcome.err


def test_resuming_notices_a_changed_corpus(cli, trained, corpus_file) -> None:
    corpus_file.write_text(corpus_file.read_text() + "more", encoding="utf-8")
    outcome = cli("train-text", "--resume", "tiny")
    check(outcome, 3, "or has changed since it began")
    assert "--init-from" in outcome.err


def test_fine_tuning_keeps_the_old_vocabulary_and_appends_new_characters(cli, trained, tmp_path) -> None:
    other = tmp_path / "other.txt"
    other.write_text("Zebra Quiz! the cat? " * 40, encoding="utf-8")
    outcome = cli("train-text", other, "--init-from", "tiny", *TINY[4:], "--epochs", 1, "--name", "tuned")
    assert outcome.code == 0, outcome.err
    new = "5 characters are new to the network ('Q', 'Z', 'b', 'u', 'z'), and their weights begin untrained"
    assert new in outcome.err
    different = len(set(other.read_text()))
    assert f"characters, {different} different (the network knows " in outcome.err
    recorded = json.loads((tmp_path / "runs" / "tuned" / "run.json").read_text())["data"]["different"]
    assert recorded == different
    scored = cli("eval-text", "--run", "tuned", "--baselines")
    told = f"characters that the network knows, of which this text has {different}\n"
    assert told in scored.err, scored.err
    assert "that the network knows" not in cli("eval-text", "--run", "tiny", "--baselines").err
    old, new = (json.loads(_state(tmp_path, name))["vocabulary"] for name in ("tiny", "tuned"))
    assert new[: len(old)] == old
    assert [chr(c) for c in new[len(old) :]] == list("QZbuz")
    assert json.loads((tmp_path / "runs" / "tuned" / "run.json").read_text())["init_from"] == "tiny"
    assert cli("train-text", "--resume", "tuned", "-q").code == 0, "its corpus is found again"


def _state(root: Path, name: str) -> str:
    checkpoints = root / "runs" / name / "checkpoints"
    return (checkpoints / (checkpoints / "best").read_text().strip() / "state.json").read_text()


def test_fine_tuning_starts_from_the_old_weights(cli, trained, corpus_file, tmp_path) -> None:
    outcome = cli(
        "train-text", corpus_file, "--init-from", "tiny", *TINY[4:], "--epochs", 1, "--learning-rate", "1e-12",
        "--weight-decay", 0, "--name", "same", "-q",
    )  # fmt: skip
    assert outcome.code == 0, outcome.err
    best = trained / "checkpoints" / (trained / "checkpoints" / "best").read_text().strip()
    old = load_file(best / "model.safetensors")
    new = load_file(tmp_path / "runs" / "same" / "checkpoints" / "epoch-0001" / "model.safetensors")
    for name, array in old.items():
        np.testing.assert_allclose(new[name], array, atol=1e-8)


def test_a_config_file_sets_and_a_flag_beats_it(cli, corpus_file, tmp_path) -> None:
    config = tmp_path / "small.toml"
    config.write_text('hidden_size = 9\nmodel = "gru"\nepochs = 1\nbatch_size = 4\nwindow = 8\nsample_temp = [0.5]\n')
    assert cli("train-text", corpus_file, "--config", config, "--model", "rnn", "--name", "c", "-q").code == 0
    settings = json.loads((tmp_path / "runs" / "c" / "run.json").read_text())["settings"]
    assert settings["hidden_size"] == {"value": 9, "from": "config"}
    assert settings["model"] == {"value": "rnn", "from": "flag"}
    again = cli("train-text", corpus_file, "--config", tmp_path / "runs" / "c" / "run.json", "--name", "d", "-q")
    assert again.code == 0, again.err
    files = [tmp_path / "runs" / n / "checkpoints" / "epoch-0001" / "model.safetensors" for n in "cd"]
    assert files[0].read_bytes() == files[1].read_bytes(), "the recorded settings reproduce the run"


def test_a_small_corpus_shrinks_batch_and_window_and_says_so(cli, tmp_path) -> None:
    small = tmp_path / "small.txt"
    small.write_text("abcdefghij" * 20, encoding="utf-8")
    outcome = cli("train-text", small, "--hidden-size", 8, "--epochs", 1, "--name", "s")
    assert outcome.code == 0, outcome.err
    assert "--batch-size" in outcome.err
    assert "became" in outcome.err
    settings = json.loads((tmp_path / "runs" / "s" / "run.json").read_text())["settings"]
    assert settings["batch_size"]["from"] == "adjusted"


def test_raw_bytes_can_be_modelled_and_come_back_as_bytes(cli, tmp_path, monkeypatch) -> None:
    (tmp_path / "any.bin").write_bytes(bytes(range(256)) * 2 + b"\xff\x00\xfe" * 700)
    (tmp_path / "prompt.bin").write_bytes(b"\xff\x00")
    assert cli("train-text", "any.bin", "--bytes", *TINY, "--epochs", 4, "--learning-rate", 0.03, "-q").code == 0
    assert cli("sample-text", "--prompt", "ab", "--length", 20).out.startswith("ab")
    with io.TextIOWrapper(io.BytesIO(), encoding="utf-8") as pipe, monkeypatch.context() as patch:
        patch.setattr(sys, "stdout", pipe)
        assert run(["sample-text", "--prompt-file", "prompt.bin", "--temp", "0", "--length", "60"]) == 0
        written = pipe.buffer.getvalue()
    assert written == b"\xff\x00" + b"\xfe\xff\x00" * 20
    same = ("--prompt-file", "prompt.bin", "--temp", "0", "--length", "60")
    assert cli("sample-text", *same, "--out", "written.bin").code == 0
    assert (tmp_path / "written.bin").read_bytes() == written, "a file holds what a pipe gets"


def test_json_gives_the_result_alone(cli, corpus_file) -> None:
    outcome = cli("train-text", corpus_file, *TINY, "--epochs", 1, "--json")
    result = json.loads(outcome.out)
    assert result["best_epoch"] == 1
    assert set(result["validation"]) == {"carried", "windows"}


def test_hostile_text_in_a_corpus_never_reaches_the_terminal(cli, tmp_path) -> None:
    path = tmp_path / "hostile.txt"
    path.write_text("\x1b[2Jab\x07\x9b1m\u202e" * 60, encoding="utf-8")
    outcome = cli("train-text", path, *TINY, "--epochs", 1, "--sample-prompt", "\x1b[2J")
    assert outcome.code == 0, outcome.err
    assert not set("\x1b\x07\x9b\u202e") & set(outcome.err)


def test_a_time_that_was_missed_is_told_also_where_nobody_watches(cli, corpus_file) -> None:
    outcome = cli("train-text", corpus_file, *TINY, "--minutes", "0.0001", "--name", "m")
    assert outcome.code == 0, outcome.err
    (told,) = [line for line in outcome.err.splitlines() if line.startswith("note: m took ")]
    waited = r"( \([1-9]\d* s before its first step\))?"  # of a busy machine: no second at all is not told
    assert re.fullmatch(rf"note: m took \d+ s in all{waited}, where --minutes 0.0001 was asked for", told), told


def test_the_time_of_a_run_says_what_it_is_and_what_it_took_in_all(tmp_path) -> None:
    run = made_run(tmp_path, "r")
    step = run.checkpoints / f"step-{run.steps()[-1]:08d}"
    save_training_state(run, 40, {"model": {}}, {"progress": {"step": 40, "seconds": 24.0, "seconds_before": 20.0}})
    assert spent_told(run, 24.0) == "24 s of training and evaluating, 44 s in all"
    shutil.rmtree(step.parent)
    assert spent_told(run, 24.0) == "24 s of training and evaluating"


@pytest.mark.sweep
def test_minutes_holds_for_a_corpus_whose_epochs_are_short(cli, corpus_file) -> None:
    """Nothing is asserted of how near it came: the machine may be busy. See tests/unit/test_pace.py."""
    outcome = cli("train-text", corpus_file, *TINY, "--minutes", "0.15", "--json")
    assert outcome.code == 0, outcome.err
    result = json.loads(outcome.out)
    planned = json.loads((Path(result["run"]) / "run.json").read_text())["plan"]["planned"]
    assert len(planned) > 3
    assert [step for step, _ in planned] == sorted({step for step, _ in planned})
    assert 4.5 < result["seconds"] < 3 * 9.0


def test_a_flag_for_epochs_beats_the_minutes_of_a_config(cli, corpus_file, tmp_path) -> None:
    (tmp_path / "c.toml").write_text("minutes = 5\nhidden_size = 8\n")
    outcome = cli("train-text", corpus_file, *TINY, "--config", "c.toml", "--epochs", 1, "--name", "r")
    assert outcome.code == 0, outcome.err
    settings = json.loads((tmp_path / "runs" / "r" / "run.json").read_text())["settings"]
    assert settings["minutes"] == {"value": None, "from": "default"}
    assert settings["epochs"] == {"value": 1, "from": "flag"}
    assert json.loads(cli("runs", "show", "r", "--json").out)["state"] == "finished"


def test_a_run_stopped_before_its_last_evaluation_is_not_finished(cli, corpus_file, tmp_path) -> None:
    assert cli("train-text", corpus_file, *TINY, "--epochs", 1, "--name", "r").code == 0
    metrics = tmp_path / "runs" / "r" / "metrics.jsonl"
    lines = metrics.read_text().splitlines(keepends=True)
    assert json.loads(cli("runs", "show", "r", "--json").out)["state"] == "finished"
    metrics.write_text("".join(line for line in lines if json.loads(line)["split"] != "validation"))
    assert json.loads(cli("runs", "show", "r", "--json").out)["state"] == "stopped"


def test_a_run_on_the_built_in_text_goes_on_when_another_python_carries_another_one(cli, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("genmodels.data.text.files.built_in_text", lambda: "to be or not to be, that is it\n" * 40)
    assert cli("train-text", *TINY, "--epochs", 2, "--name", "whole").code == 0
    with stopped_in_epoch(1, "validation"):
        assert cli("train-text", *TINY, "--epochs", 2, "--name", "r").code == 130
    measured = cli("eval-text", "--run", "whole", "--json").out
    monkeypatch.setattr("genmodels.data.text.files.built_in_text", lambda: "something else\n" * 40)
    outcome = cli("train-text", "--resume", "r")
    assert outcome.code == 0, outcome.err
    whole, resumed = (weights_of(tmp_path / "runs" / name) for name in ("whole", "r"))
    assert len(whole) == 2
    assert whole == resumed
    assert json.loads(cli("eval-text", "--run", "r", "--json").out)["results"] == json.loads(measured)["results"]


def test_files_with_reserved_names_are_ordinary_files(cli, tmp_path) -> None:
    (tmp_path / "built-in").write_text("my own text\n" * 40)
    assert cli("train-text", "built-in", *TINY, "--epochs", 1, "--name", "r").code == 0
    data = json.loads((tmp_path / "runs" / "r" / "run.json").read_text())["data"]
    assert data["sources"] == [str(tmp_path / "built-in")]
    assert data["characters"] == 12 * 40


def test_a_run_whose_checkpoints_are_gone_is_neither_begun_again_nor_called_whole(cli, corpus_file, tmp_path) -> None:
    assert cli("train-text", corpus_file, *TINY, "--epochs", 1, "--name", "r").code == 0
    run = tmp_path / "runs" / "r"
    before = (run / "metrics.jsonl").read_bytes()
    shutil.rmtree(run / "checkpoints")
    check(cli("train-text", "--resume", "r"), 4, "no whole training state")
    assert (run / "metrics.jsonl").read_bytes() == before
    verified = cli("runs", "verify", "r")
    assert verified.code == 4
    assert "none is left, though step" in verified.out


def test_a_moved_text_may_be_named_when_its_run_goes_on(cli, corpus_file, tmp_path, own_cache) -> None:
    assert cli("train-text", corpus_file, *TINY, "--epochs", 1, "--name", "r").code == 0
    moved = corpus_file.rename(tmp_path / "moved.txt")
    shutil.rmtree(own_cache)
    check(cli("train-text", "--resume", "r"), 3, "--resume RUN FILE")
    (tmp_path / "other.txt").write_text("something else entirely\n" * 30)
    check(cli("train-text", "--resume", "r", "other.txt"), 3, "is not that of the run")
    outcome = cli("train-text", "--resume", "r", moved)
    assert outcome.code == 0, outcome.err
    assert "finished already" in outcome.err


def test_a_folder_gives_no_hidden_files_and_no_samples_of_runs(cli, tmp_path) -> None:
    folder = tmp_path / "texts"
    (folder / "deep").mkdir(parents=True)
    (folder / ".git").mkdir()
    for name in ("a.txt", "deep/b.txt", ".git/c.txt"):
        (folder / name).write_text("some words of a text\n" * 30)
    for name in ("one", "two"):
        outcome = cli("train-text", folder, *TINY, "--epochs", 1, "--runs", folder / "runs", "--name", name)
        assert outcome.code == 0, outcome.err
        data = json.loads((folder / "runs" / name / "run.json").read_text())["data"]
        assert data["sources"] == [str(folder / "a.txt"), str(folder / "deep" / "b.txt")]


def test_a_model_worse_than_guessing_is_told(cli, corpus_file) -> None:
    outcome = cli(
        "train-text", corpus_file, *TINY, "--model", "feedforward", "--layers", 3, "--epochs", 1,
        "--learning-rate", 10, "--warmup-steps", 0, "--schedule", "constant",
    )  # fmt: skip
    assert outcome.code == 0, outcome.err
    assert "worse than guessing every character alike" in outcome.err


def test_scores_of_a_part_of_what_is_held_out_say_so_wherever_they_stand(cli, corpus_file, tmp_path) -> None:
    for name in ("part", "whole"):
        assert cli("train-text", corpus_file, *TINY, "--epochs", 1, "--name", name).code == 0
    path = tmp_path / "runs" / "part" / "run.json"
    document = json.loads(path.read_text())
    document["plan"]["measured_share"] = 0.125
    path.write_text(json.dumps(document))
    assert json.loads(cli("runs", "show", "part", "--json").out)["measured_share"] == 0.125
    assert "measured_share" not in json.loads(cli("runs", "show", "whole", "--json").out)
    again = cli("train-text", "--resume", "part", "--accept-changes")  # piped, so without the title of the table
    assert again.err.count("not measured on all that is held out: part on 12.5% of it") == 1, again.err
    for command in ("runs compare part whole", "plot-curve --run part --run whole"):
        assert "not measured on all that is held out: part on 12.5% of it" in cli(*command.split()).err, command
    for command in ("plot-gradients --run part --run whole", "plot-gradients --why --run part --run whole"):
        found = cli(*command.split(), "--windows", 64, "--window", 60)
        assert (found.code, "held out" in found.err) == (0, False), found.err
