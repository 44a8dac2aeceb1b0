"""What is advised where a training that goes on was too short: options alone that stand beside --resume."""

import re
from pathlib import Path

import pytest

from cli.mistakes import check
from doors import Cli
from genmodels.families.text.run import TextRun
from genmodels.runs import ComparisonDir
from homes import TINY_TEXT

TINY = (*TINY_TEXT[:8], "--sample-length", "20", "--minutes", "0.01")


@pytest.fixture
def many_cores_are_busy(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that fewer threads are advised wherever they may be."""
    monkeypatch.setattr("genmodels.training.pace.MEASURED_SECONDS", 0.1)
    monkeypatch.setattr("genmodels.training.starting.busy_told", lambda: "all cores are busy: --threads 1 helps")
    for place in ("families.steps", "training.task", "training.starting"):
        monkeypatch.setattr(f"genmodels.{place}.quicker", lambda *_: ["--threads 1"])


def steps_of(runs: Path) -> list[int]:
    return [int(run.metrics()[-1]["step"]) for run in ComparisonDir(runs / "cells").members()]


def test_a_comparison_that_goes_on_advises_what_its_command_line_takes(
    cli: Cli, corpus_file: Path, tmp_path: Path, many_cores_are_busy: None
) -> None:
    begun = cli("train-text", corpus_file, *TINY, "--compare", "rnn,gru", "--name", "cells")
    assert begun.err.count("note: all cores are busy") == 1
    assert re.search(r"hardly tell which is better: .*; ask for --minutes 1 and --threads 1\n", begun.err), begun.err
    line = ("train-text", "--resume", "cells", "--compare", "rnn,gru,lstm")
    gone_on = cli(*line)
    assert gone_on.code == 0, gone_on.err
    (few,) = [told for told in gone_on.err.splitlines() if "hardly tell which is better" in told]
    assert few.endswith("; ask for --minutes 1 beside --resume")
    assert "--threads" not in gone_on.err, "nor in what is said of each training"
    check(cli(*line, "--threads", "2"), 2, "--threads 2 contradicts the run")
    before = steps_of(tmp_path / "runs")
    followed = cli(*line, "--minutes", "0.01")  # in place of a minute for each
    assert followed.code == 0, followed.err
    assert all(now > then for now, then in zip(steps_of(tmp_path / "runs"), before, strict=True))


def test_a_run_that_goes_on_is_advised_no_setting_that_it_keeps(trained: Path, many_cores_are_busy: None) -> None:
    task = TextRun(trained).restore(print)
    assert task.quicker == []
    task.goes_on = False
    assert task.quicker == ["--threads 1"]
