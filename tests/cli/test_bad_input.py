"""Mistakes that one command line can't show: damaged runs, missing devices, odd names; the others: mistakes.py."""

import json
import os
import re
import sys
from pathlib import Path

import pytest

from cli.mistakes import check


def test_cuda_that_is_missing_says_what_is_missing(cli, tmp_path, corpus_file, monkeypatch) -> None:
    import torch

    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.version, "cuda", None)
    check(cli("train-text", "corpus.txt", "--device", "cuda"), 5, "build without CUDA")


def test_a_run_of_another_family_newer_or_damaged_is_a_sentence(cli, tmp_path, trained) -> None:
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


def test_a_checkpoint_that_lies_about_its_model_is_a_sentence(cli, tmp_path, trained) -> None:
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


def test_a_limit_on_the_vocabulary_counts_for_a_cached_corpus_too(cli, tmp_path, corpus_file) -> None:
    small = ("--hidden-size", 4, "--epochs", 1, "--batch-size", 2, "--window", 16, "-q")
    assert cli("train-text", "corpus.txt", *small).code == 0
    check(cli("train-text", "corpus.txt", *small, "--max-vocabulary", 5), 3, "more than 5")


def test_one_damaged_run_leaves_the_list_of_the_others_readable(cli, tmp_path, trained) -> None:
    (tmp_path / "runs" / "broken").mkdir()
    document = json.loads((trained / "run.json").read_text()) | {"settings": []}
    (tmp_path / "runs" / "broken" / "run.json").write_text(json.dumps(document))
    outcome = cli("runs", "list")
    assert outcome.code == 0
    assert re.search(r"^tiny\t.*\ttext lstm\tcorpus.txt\tfinished\t", outcome.out, flags=re.MULTILINE)
    assert re.search(r"^broken\t.*\tdamaged\t", outcome.out, flags=re.MULTILINE)


@pytest.mark.skipif(sys.platform in {"win32", "darwin"}, reason="file names there are Unicode")
def test_a_file_name_that_is_not_unicode_can_be_trained_on(cli, tmp_path, corpus_file) -> None:
    path = os.fsencode(tmp_path) + b"/caf\xe9.txt"
    Path(os.fsdecode(path)).write_bytes((tmp_path / "corpus.txt").read_bytes())
    small = ("--hidden-size", 4, "--epochs", 1, "--batch-size", 2, "--window", 16)
    outcome = cli("train-text", os.fsdecode(path), *small)
    assert outcome.code == 0, outcome.err
    shown = cli("runs", "show", "--json")
    assert shown.code == 0, shown.err
    assert [Path(s).name for s in json.loads(shown.out)["data"]] == ["caf\udce9.txt"]


def test_a_text_goes_into_a_pipe_or_through_a_link_without_replacing_it(cli, tmp_path, trained) -> None:
    (tmp_path / "real.txt").write_text("old")
    (tmp_path / "link.txt").symlink_to(tmp_path / "real.txt")
    refused = cli("sample-text", "--length", 10, "--out", "link.txt")
    assert (refused.code, (tmp_path / "real.txt").read_text()) == (2, "old"), refused.err
    assert cli("sample-text", "--length", 10, "--out", "link.txt", "--force").code == 0
    assert (tmp_path / "link.txt").is_symlink()
    assert len((tmp_path / "real.txt").read_text()) > 10
    outcome = cli("sample-text", "--length", 10, "--out", "/dev/null")
    assert (outcome.code, outcome.out) == (0, "")
    assert not Path("/dev/null").is_file()


def test_debug_shows_the_traceback_too(cli) -> None:
    outcome = cli("train-text", "missing.txt", "--debug")
    assert outcome.code == 3
    assert "Traceback (most recent call last)" in outcome.err
    told = outcome.err.splitlines()[-2:]
    assert told[0].startswith("error: there is no file missing.txt")
    assert told[1].startswith("hint: ")


def test_a_bug_is_called_one_and_leaves_a_single_line(cli, trained, monkeypatch) -> None:
    def broken(*_: object) -> None:
        raise KeyError("surprise")

    monkeypatch.setattr("genmodels.runs.RunDir.epoch_checkpoint", broken)
    check(cli("sample-text"), 1, "unexpected KeyError: 'surprise'")
