"""Every mistake: its exit code, a sentence that names the value, a hint, no traceback, an empty stdout."""

import json
import os
import sys
from pathlib import Path

import pytest

TRAIN = [
    ("a missing file", ["train-text", "missing.txt"], 3, "there is no file missing.txt"),
    ("a folder without matches", ["train-text", "empty"], 3, "no file in empty matches '*.txt'"),
    ("an empty corpus", ["train-text", "empty.txt"], 3, "is empty"),
    ("a tiny corpus", ["train-text", "tiny.txt"], 3, "the corpus has 12 characters, too few"),
    ("a binary file", ["train-text", "binary.png"], 3, "looks binary"),
    ("a wrong encoding", ["train-text", "latin.txt"], 3, "byte 0xe9 at offset 3"),
    ("the wrong wide encoding", ["train-text", "corpus.txt", "--encoding", "utf-16"], 3, "is not utf-16"),
    ("an encoding that is none", ["train-text", "corpus.txt", "--encoding", "rot13"], 3, "no encoding 'rot13'"),
    ("a config of the wrong type", ["train-text", "corpus.txt", "--config", "typed.toml"], 2, "'minutes' is '3'"),
    ("a network of one unit", ["train-text", "corpus.txt", "--hidden-size", "1"], 2, "--hidden-size is 1"),
    ("no such encoding", ["train-text", "corpus.txt", "--encoding", "utf-9000"], 3, "no encoding 'utf-9000'"),
    ("a vocabulary over the limit", ["train-text", "corpus.txt", "--max-vocabulary", "5"], 3, "more than 5"),
    ("a typo in a model", ["train-text", "corpus.txt", "--model", "lsmt"], 2, "did you mean lstm?"),
    ("a typo in an option", ["train-text", "corpus.txt", "--hiden-size", "9"], 2, "did you mean --hidden-size?"),
    ("a typo in a command", ["trian-text"], 2, "Did you mean 'train-text'"),
    ("a typo in a subcommand", ["runs", "lst"], 2, "Did you mean 'list'?"),
    ("a word for a number", ["train-text", "corpus.txt", "--epochs", "many"], 2, "'many' is not a whole number"),
    ("no epochs", ["train-text", "corpus.txt", "--epochs", "0"], 2, "--epochs is 0"),
    ("no minutes", ["train-text", "corpus.txt", "--minutes", "0"], 2, "--minutes is 0"),
    ("dropout of one", ["train-text", "corpus.txt", "--dropout", "1"], 2, "--dropout is 1.0"),
    ("a learning rate of nan", ["train-text", "corpus.txt", "--learning-rate", "nan"], 2, "not a finite number"),
    ("an empty seed phrase", ["train-text", "corpus.txt", "--sample-prompt", ""], 2, "--sample-prompt is empty"),
    ("an unknown seed phrase", ["train-text", "corpus.txt", "--sample-prompt", "Ω"], 3, "'Ω' in --sample-prompt"),
    ("two lengths", ["train-text", "corpus.txt", "--epochs", "1", "--minutes", "1"], 2, "contradict each other"),
    ("a pattern that leaves the folder", ["train-text", ".", "--glob", "/x/*.txt"], 3, "no pattern within a folder"),
    ("a name that is taken", ["train-text", "corpus.txt", "--name", "empty", "--runs", "."], 2, "exists already"),
    ("a reserved name", ["train-text", "corpus.txt", "--name", "last"], 2, "is reserved"),
    ("a name that looks like a flag", ["train-text", "corpus.txt", "--name", "-x"], 2, "cannot name a run"),
    ("an empty reference", ["train-text", "--resume", ""], 2, "name is empty"),
    ("a config that is another JSON", ["train-text", "corpus.txt", "--config", "list.json"], 2, "not a run.json"),
    ("a config with a typo", ["train-text", "corpus.txt", "--config", "typo.toml"], 2, "--config typo.toml: there is"),
    ("a model in capitals", ["train-text", "corpus.txt", "--model", "LSTM"], 2, "did you mean lstm?"),
    ("the last of two values", ["train-text", "corpus.txt", "--epochs", "1", "--epochs", "x"], 2, "'x' is not a"),
    ("not a device", ["train-text", "corpus.txt", "--device", "gpu"], 2, "'gpu' is not a device"),
    ("half precision on a CPU", ["train-text", "corpus.txt", "--device", "cpu", "--precision", "bf16"], 2, "CUDA only"),
    ("a name with a slash", ["train-text", "corpus.txt", "--name", "a/b"], 2, "cannot name a run"),
    ("a runs folder that is a file", ["train-text", "corpus.txt", "--runs", "tiny.txt"], 5, "cannot write"),
    ("a config that is missing", ["train-text", "corpus.txt", "--config", "none.toml"], 2, "cannot be read"),
    ("a config that is no TOML", ["train-text", "corpus.txt", "--config", "corpus.txt"], 2, "neither TOML"),
    ("nothing to resume", ["train-text", "--resume", "last"], 4, "there is no text run in runs"),
    ("resuming what is no run", ["train-text", "--resume", "empty"], 4, "is not a run directory"),
    ("starting from what is no run", ["train-text", "corpus.txt", "--init-from", "nothing"], 4, "no run nothing"),
    ("sampling without a run", ["sample-text"], 4, "genmodels train-text makes one"),
]  # fmt: skip

READ = [
    (
        "unknown characters in a prompt",
        ["sample-text", "--prompt", "Ω the"],
        3,
        "'Ω' in the prompt is not in the voc",
    ),
    ("an escape sequence in a prompt", ["sample-text", "--prompt", "\x1b[2J"], 3, "'\\x1b'"),
    ("an empty prompt", ["sample-text", "--prompt", ""], 3, "the prompt is empty"),
    ("two prompts", ["sample-text", "--prompt", "a", "--prompt-file", "corpus.txt"], 2, "contradict"),
    ("a prompt file that is missing", ["sample-text", "--prompt-file", "none"], 3, "cannot be read"),
    (
        "a prompt file that is not UTF-8",
        ["sample-text", "--prompt-file", "latin.txt"],
        3,
        "not UTF-8 at byte 3",
    ),
    ("a temperature below 0", ["sample-text", "--temp", "-1"], 2, "--temp is -1.0"),
    ("a temperature of nan", ["sample-text", "--temp", "nan"], 2, "--temp is nan"),
    ("a temperature of inf", ["sample-text", "--temp", "0.5,inf"], 2, "--temp is inf"),
    ("a temperature that is a word", ["sample-text", "--temp", "hot"], 2, "'hot' is not a list of numbers"),
    ("an epoch that was not kept", ["sample-text", "--epochs", "7"], 4, "kept are: 1-2."),
    ("epochs that are words", ["sample-text", "--epochs", "first"], 2, "'first' is not an epoch"),
    ("too many epochs", ["sample-text", "--epochs", "1-20000"], 2, "more than 10,000 epochs"),
    ("epochs backwards", ["sample-text", "--epochs", "5-1"], 2, "'5-1' is not an epoch"),
    ("more than memory", ["sample-text", "--length", "100000000", "--count", "9"], 2, "900,000,000 characters in all"),
    ("a folder to score", ["eval-text", "empty"], 3, "no file in empty"),
    ("no length", ["sample-text", "--length", "0"], 2, "--length is 0"),
    ("a top-p of two", ["sample-text", "--top-p", "2"], 2, "--top-p is 2.0"),
    ("an empty stop string", ["sample-text", "--stop", ""], 2, "--stop is empty"),
    ("a policy that is not known", ["sample-text", "--unknown", "drop"], 2, "--unknown 'drop'"),
    ("a run that is misspelt", ["sample-text", "--run", "tinny"], 4, "did you mean tiny?"),
    ("an output that cannot be written", ["sample-text", "--out", "none/x.txt"], 5, "cannot write"),
    ("a protocol that is not known", ["eval-text", "--protocol", "all"], 2, "--protocol 'all'"),
    ("a text that is missing", ["eval-text", "none.txt"], 3, "there is no file none.txt"),
    ("a text of one character", ["eval-text", "one.txt"], 3, "1 characters"),
    ("showing what is no run", ["runs", "show", "none"], 4, "there is no run none"),
]


@pytest.fixture
def folder(tmp_path: Path, corpus_file: Path) -> Path:
    """A folder with one good text and everything that can be wrong with one."""
    (tmp_path / "empty").mkdir()
    for name, data in {
        "empty.txt": b"", "tiny.txt": b"twelve chars", "binary.png": b"\x89PNG\0\0", "latin.txt": b"caf\xe9",
        "one.txt": b"a",
        "typed.toml": b'minutes = "3"',
        "typo.toml": b"hidden_sise = 3",
        "list.json": b"[]",
    }.items():  # fmt: skip
        (tmp_path / name).write_bytes(data)
    return tmp_path


def check(outcome, code: int, fragment: str) -> None:
    assert outcome.code == code, outcome.err
    assert fragment in outcome.err, outcome.err
    assert "\nhint: " in outcome.err
    assert "error: " in outcome.err
    assert "Traceback" not in outcome.err
    assert "\x1b" not in outcome.err
    assert len([line for line in outcome.err.splitlines() if not line.startswith("note: ")]) == 2, outcome.err
    assert outcome.out == ""


@pytest.mark.parametrize(("arguments", "code", "fragment"), [r[1:] for r in TRAIN], ids=[r[0] for r in TRAIN])
def test_a_mistake_before_training_is_a_sentence(cli, folder, arguments, code, fragment) -> None:
    check(cli(*arguments), code, fragment)
    assert not (folder / "runs").exists() or not list((folder / "runs").iterdir()), "nothing was left behind"


@pytest.mark.parametrize(("arguments", "code", "fragment"), [r[1:] for r in READ], ids=[r[0] for r in READ])
def test_a_mistake_with_a_run_is_a_sentence(cli, folder, trained, arguments, code, fragment) -> None:
    check(cli(*arguments), code, fragment)


def test_cuda_that_is_missing_says_what_is_missing(cli, folder, monkeypatch) -> None:
    import torch

    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.version, "cuda", None)
    check(cli("train-text", "corpus.txt", "--device", "cuda"), 5, "build without CUDA")


def test_a_run_of_another_family_newer_or_damaged_is_a_sentence(cli, folder, trained) -> None:
    path = trained / "run.json"
    whole = json.loads(path.read_text())
    path.write_text(json.dumps(whole | {"family": "vae"}))
    check(cli("sample-text", "--run", "tiny"), 4, "is a vae run, but this command needs a text run")
    path.write_text(json.dumps(whole | {"format": 9}))
    check(cli("sample-text", "--run", "tiny"), 4, "run format 9")
    path.write_text("{")
    check(cli("sample-text", "--run", "tiny"), 4, "not valid JSON")
    path.write_text(json.dumps(whole | {"settings": {"model": {"value": "lsmt"}}}))
    check(cli("train-text", "--resume", "tiny"), 4, "no valid settings")
    path.write_text(json.dumps(whole | {"settings": 3}))
    check(cli("train-text", "--resume", "tiny"), 4, "no valid settings")


def test_a_checkpoint_that_lies_about_its_model_is_a_sentence(cli, folder, trained) -> None:
    import hashlib

    epoch = trained / "checkpoints" / "epoch-0002"
    (trained / "checkpoints" / "best").write_text("epoch-0002\n")
    state = json.loads((epoch / "state.json").read_text())
    for changes in ({"hidden_size": 13}, {"layers": 3}, {"model": "gru"}, {"embedding_size": 7}):
        data = json.dumps(state | {"settings": state["settings"] | changes}).encode()
        (epoch / "state.json").write_bytes(data)
        manifest = json.loads((epoch / "manifest.json").read_text())
        manifest["files"]["state.json"] = {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
        (epoch / "manifest.json").write_text(json.dumps(manifest))
        check(cli("eval-text", "--run", "tiny"), 4, "checkpoint")


def test_a_limit_on_the_vocabulary_counts_for_a_cached_corpus_too(cli, folder) -> None:
    small = ("--hidden-size", 4, "--epochs", 1, "--batch-size", 2, "--window", 16, "-q")
    assert cli("train-text", "corpus.txt", *small).code == 0
    outcome = cli("train-text", "corpus.txt", *small, "--max-vocabulary", 5)
    assert outcome.code == 3
    assert "more than 5" in outcome.err


def test_a_config_cannot_change_the_architecture_that_weights_come_from(cli, folder, trained) -> None:
    for text in ('model = "gru"', "bytes = true", "layers = 2"):
        (folder / "other.toml").write_text(text)
        check(
            cli("train-text", "corpus.txt", "--init-from", "tiny", "--config", "other.toml"),
            2,
            "contradicts --init-from",
        )


def test_one_damaged_run_leaves_the_list_of_the_others_readable(cli, folder, trained) -> None:
    (folder / "runs" / "broken").mkdir()
    document = json.loads((trained / "run.json").read_text()) | {"settings": []}
    (folder / "runs" / "broken" / "run.json").write_text(json.dumps(document))
    outcome = cli("runs", "list")
    assert outcome.code == 0
    assert "tiny\tlstm\tfinished" in outcome.out
    assert "broken\t-\tdamaged" in outcome.out


@pytest.mark.skipif(sys.platform in {"win32", "darwin"}, reason="file names there are Unicode")
def test_a_file_name_that_is_not_unicode_can_be_trained_on(cli, folder) -> None:
    path = os.fsencode(folder) + b"/caf\xe9.txt"
    Path(os.fsdecode(path)).write_bytes((folder / "corpus.txt").read_bytes())
    small = ("--hidden-size", 4, "--epochs", 1, "--batch-size", 2, "--window", 16)
    outcome = cli("train-text", os.fsdecode(path), *small)
    assert outcome.code == 0, outcome.err
    assert cli("runs", "show", "--json").code == 0


def test_a_text_goes_into_a_pipe_or_through_a_link_without_replacing_it(cli, folder, trained) -> None:
    (folder / "real.txt").write_text("old")
    (folder / "link.txt").symlink_to(folder / "real.txt")
    assert cli("sample-text", "--length", 10, "--out", "link.txt").code == 0
    assert (folder / "link.txt").is_symlink()
    assert len((folder / "real.txt").read_text()) > 10
    assert cli("sample-text", "--length", 10, "--out", "/dev/null").code == 0
    assert not Path("/dev/null").is_file()


def test_debug_shows_the_traceback_too(cli, folder) -> None:
    outcome = cli("train-text", "missing.txt", "--debug")
    assert outcome.code == 3
    assert "Traceback" in outcome.err


def test_a_bug_is_called_one_and_leaves_a_single_line(cli, folder, monkeypatch) -> None:
    from genmodels.commands import sample_text

    def broken(*_: object) -> None:
        raise KeyError("surprise")

    monkeypatch.setattr(sample_text, "open_run", broken)
    check(cli("sample-text"), 1, "unexpected KeyError")
