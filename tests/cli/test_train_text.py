import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from genmodels.training.pace import MEASURED_STEPS, SETTLING_STEPS

TINY = (
    "--hidden-size", "12", "--embedding-size", "6", "--batch-size", "4", "--window", "16",
    "--sample-length", "20",
)  # fmt: skip


def test_training_prints_the_run_alone_on_stdout_and_the_story_on_stderr(cli, corpus_file, tmp_path) -> None:
    outcome = cli("train-text", corpus_file, *TINY, "--epochs", 2)
    assert outcome.code == 0, outcome.err
    run = Path(outcome.out.strip())
    assert (tmp_path / run / "run.json").exists()
    assert outcome.out == f"{run}\n"
    for expected in (
        "lstm with",
        "on cpu",
        "epoch 2/2",
        "validation",
        "carried",
        "windows",
        "next: genmodels sample-text",
    ):
        assert expected in outcome.err
    assert "\x1b" not in outcome.err
    assert "\r" not in outcome.err


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


def test_the_built_in_corpus_needs_nothing(cli) -> None:
    outcome = cli("train-text", *TINY, "--minutes", "0.02", "--quiet")
    assert outcome.code == 0, outcome.err
    assert cli("sample-text", "--length", 10).code == 0


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
    assert {p: p.read_bytes() for p in trained.rglob("*") if p.is_file()} == before


def test_a_flag_that_agrees_with_the_run_may_be_repeated_and_one_that_differs_is_an_error(cli, trained) -> None:
    assert cli("train-text", "--resume", "tiny", "--hidden-size", 12, "-q").code == 0
    outcome = cli("train-text", "--resume", "tiny", "--hidden-size", 13)
    assert outcome.code == 2
    assert "--hidden-size 13 contradicts the run, which has 12" in outcome.err


def test_a_run_may_go_on_on_another_device_and_says_so(cli, trained) -> None:
    outcome = cli("train-text", "--resume", "tiny", "--device", "cpu")
    assert outcome.code == 0, outcome.err
    assert "--device cpu instead of auto" in outcome.err


def test_resuming_notices_a_changed_corpus(cli, trained, corpus_file) -> None:
    corpus_file.write_text(corpus_file.read_text() + "more", encoding="utf-8")
    outcome = cli("train-text", "--resume", "tiny")
    assert outcome.code == 3
    assert "or has changed since it began" in outcome.err
    assert "--init-from" in outcome.err


def test_fine_tuning_keeps_the_old_vocabulary_and_appends_new_characters(cli, trained, tmp_path) -> None:
    other = tmp_path / "other.txt"
    other.write_text("Zebra Quiz! the cat? " * 40, encoding="utf-8")
    outcome = cli("train-text", other, "--init-from", "tiny", *TINY[4:], "--epochs", 1, "--name", "tuned")
    assert outcome.code == 0, outcome.err
    assert "5 new characters get fresh rows: 'QZbuz'" in outcome.err
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


def test_another_architecture_cannot_be_initialised_from_a_run(cli, trained, corpus_file) -> None:
    outcome = cli("train-text", corpus_file, "--init-from", "tiny", "--hidden-size", 20)
    assert outcome.code == 2
    assert "contradicts --init-from tiny, which has 12" in outcome.err


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


def test_a_typo_in_a_config_file_gets_a_suggestion(cli, corpus_file, tmp_path) -> None:
    config = tmp_path / "typo.toml"
    config.write_text("hiden_size = 9\n")
    outcome = cli("train-text", corpus_file, "--config", config)
    assert outcome.code == 2
    assert "did you mean hidden_size" in outcome.err


def test_a_small_corpus_shrinks_batch_and_window_and_says_so(cli, tmp_path) -> None:
    small = tmp_path / "small.txt"
    small.write_text("abcdefghij" * 20, encoding="utf-8")
    outcome = cli("train-text", small, "--hidden-size", 8, "--epochs", 1, "--name", "s")
    assert outcome.code == 0, outcome.err
    assert "--batch-size" in outcome.err
    assert "became" in outcome.err
    settings = json.loads((tmp_path / "runs" / "s" / "run.json").read_text())["settings"]
    assert settings["batch_size"]["from"] == "adjusted"


def test_raw_bytes_can_be_modelled(cli, tmp_path) -> None:
    path = tmp_path / "noise.bin"
    path.write_bytes(bytes(range(256)) * 8)
    assert cli("train-text", path, "--bytes", *TINY, "--epochs", 1, "-q").code == 0
    assert cli("sample-text", "--prompt", "ab", "--length", 20).code == 0


def test_json_gives_the_result_alone(cli, corpus_file) -> None:
    outcome = cli("train-text", corpus_file, *TINY, "--epochs", 1, "--json")
    result = json.loads(outcome.out)
    assert result["best_epoch"] == 1
    assert set(result["validation"]) == {"carried", "windows"}


def test_two_runs_of_the_same_command_give_the_same_bits(cli, corpus_file, tmp_path) -> None:
    for name in ("a", "b"):
        assert cli("train-text", corpus_file, *TINY, "--epochs", 1, "--name", name, "-q").code == 0
    a, b = (tmp_path / "runs" / n / "checkpoints" / "epoch-0001" / "model.safetensors" for n in ("a", "b"))
    assert a.read_bytes() == b.read_bytes()


def test_hostile_text_in_a_corpus_never_reaches_the_terminal(cli, tmp_path) -> None:
    path = tmp_path / "hostile.txt"
    path.write_text("\x1b[2Jab\x07\x9b1m\u202e" * 60, encoding="utf-8")
    outcome = cli("train-text", path, *TINY, "--epochs", 1, "--sample-prompt", "\x1b[2J")
    assert outcome.code == 0, outcome.err
    assert not set("\x1b\x07\x9b\u202e") & set(outcome.err)


def test_minutes_holds_for_a_corpus_whose_epochs_are_short(cli, corpus_file) -> None:
    """Evaluations inside the measured span must not be counted twice."""
    outcome = cli("train-text", corpus_file, *TINY, "--minutes", "0.15", "--json")
    assert outcome.code == 0, outcome.err
    result = json.loads(outcome.out)
    run = Path(result["run"])
    records = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    plan = json.loads((run / "run.json").read_text())["plan"]
    fixed_at = MEASURED_STEPS + SETTLING_STEPS
    before = max(r["seconds"] for r in records if r["step"] <= fixed_at)
    # The plan was made from what was measured by then; a busy machine may be slower later, but not threefold.
    assert plan["total_steps"] > fixed_at
    assert before < result["seconds"] < 3 * 9.0


def test_a_flag_for_epochs_beats_the_minutes_of_a_config(cli, corpus_file, tmp_path) -> None:
    (tmp_path / "c.toml").write_text("minutes = 5\nhidden_size = 8\n")
    outcome = cli("train-text", corpus_file, *TINY, "--config", "c.toml", "--epochs", 1, "--name", "r")
    assert outcome.code == 0, outcome.err
    settings = json.loads((tmp_path / "runs" / "r" / "run.json").read_text())["settings"]
    assert settings["minutes"] == {"value": None, "from": "default"}
    assert settings["epochs"] == {"value": 1, "from": "flag"}
    assert cli("runs", "show", "r", "--json").code == 0


def test_a_run_stopped_before_its_last_evaluation_is_not_finished(cli, corpus_file, tmp_path) -> None:
    assert cli("train-text", corpus_file, *TINY, "--epochs", 1, "--name", "r").code == 0
    metrics = tmp_path / "runs" / "r" / "metrics.jsonl"
    lines = metrics.read_text().splitlines(keepends=True)
    assert json.loads(cli("runs", "show", "r", "--json").out)["state"] == "finished"
    metrics.write_text("".join(line for line in lines if json.loads(line)["split"] != "validation"))
    assert json.loads(cli("runs", "show", "r", "--json").out)["state"] == "unfinished"


def test_a_run_on_the_built_in_text_goes_on_when_another_python_carries_another_one(cli, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("genmodels.data.text.files.built_in_text", lambda: "to be or not to be, that is it\n" * 40)
    assert cli("train-text", *TINY, "--epochs", 1, "--name", "r").code == 0
    monkeypatch.setattr("genmodels.data.text.files.built_in_text", lambda: "something else\n" * 40)
    assert cli("eval-text", "--run", "r").code == 0
    outcome = cli("train-text", "--resume", "r")
    assert outcome.code == 0, outcome.err


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
    outcome = cli("train-text", "--resume", "r")
    assert outcome.code == 4
    assert "no whole training state" in outcome.err
    assert (run / "metrics.jsonl").read_bytes() == before
    verified = cli("runs", "verify", "r")
    assert verified.code == 4
    assert "none is left, though step" in verified.out


def test_a_moved_text_may_be_named_when_its_run_goes_on(cli, corpus_file, tmp_path, own_cache) -> None:
    assert cli("train-text", corpus_file, *TINY, "--epochs", 1, "--name", "r").code == 0
    moved = corpus_file.rename(tmp_path / "moved.txt")
    shutil.rmtree(own_cache)
    outcome = cli("train-text", "--resume", "r")
    assert outcome.code == 3
    assert "--resume RUN FILE" in outcome.err
    (tmp_path / "other.txt").write_text("something else entirely\n" * 30)
    outcome = cli("train-text", "--resume", "r", "other.txt")
    assert outcome.code == 3
    assert "is not that of the run" in outcome.err
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
