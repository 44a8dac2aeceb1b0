"""What a Python program relies on: nothing said on stdout, nothing of its process changed, errors as the commands'."""

import json
import random
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

import genmodels
from genmodels.errors import DataError, RunError, UsageError
from genmodels.training.reporting import QuietReporter
from homes import CORPUS, TINY_RUN
from made_runs import made_comparison


@pytest.fixture(autouse=True)
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "corpus.txt").write_text(CORPUS, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def weights(run: genmodels.Run) -> dict[str, bytes]:
    return {str(p.relative_to(run.path)): p.read_bytes() for p in run.path.rglob("epoch-*/*.safetensors")}


class At(QuietReporter):
    """Interrupts after a step, as Ctrl-C does."""

    def __init__(self, step: int) -> None:
        super().__init__()
        self.step, self.records = step, []

    def advanced(self, step: int) -> None:
        if step == self.step:
            signal.raise_signal(signal.SIGINT)

    def logged(self, record: dict) -> None:
        self.records.append(record)


def test_a_program_and_a_command_line_train_the_same_bits(cli, desk: Path) -> None:
    ours = genmodels.train_text("corpus.txt", name="ours", threads=1, **TINY_RUN)
    flags = [word for name, value in TINY_RUN.items() for word in (f"--{name.replace('_', '-')}", value)]
    assert cli("train-text", "corpus.txt", *flags, "--threads", 1, "--name", "theirs").code == 0
    theirs = genmodels.open_run("theirs", genmodels.TextRun)
    assert weights(ours) == weights(theirs)
    assert ours.document()["settings"] == theirs.document()["settings"]
    scored = json.loads(cli("eval-text", "--run", "ours", "--json").out)
    assert ours.score().facts == scored


def test_nothing_of_the_callers_process_changes(capfd: pytest.CaptureFixture[str]) -> None:
    torch.manual_seed(3)
    np.random.seed(3)
    random.seed(3)
    before = torch.get_rng_state(), np.random.get_state()[1].copy(), random.getstate()
    threads, handler = torch.get_num_threads(), signal.getsignal(signal.SIGINT)
    run = genmodels.train_text("corpus.txt", threads=threads + 1, **TINY_RUN)
    assert run.document()["settings"]["threads"]["value"] == threads + 1, "it was asked for, while it trained"
    run.sample(length=20)
    run.course().figure()
    genmodels.resume(run)
    assert torch.equal(torch.get_rng_state(), before[0])
    assert (np.random.get_state()[1] == before[1]).all()
    assert random.getstate() == before[2]
    assert torch.get_num_threads() == threads
    assert signal.getsignal(signal.SIGINT) is handler
    assert capfd.readouterr().out == ""


def test_importing_costs_nothing_and_figures_need_no_backend(desk: Path) -> None:
    program = (
        "import sys, genmodels\n"
        "assert not {'torch', 'numpy', 'matplotlib', 'typer', 'rich'} & set(sys.modules)\n"
        f"run = genmodels.train_text('corpus.txt', **{TINY_RUN!r})\n"
        "run.course().save('course.png'); run._repr_html_()\n"
        "assert 'matplotlib.pyplot' not in sys.modules\n"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=desk, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    assert "note: " in done.stderr
    assert "epoch 1" not in done.stderr, "nobody watches: no progress"


def test_progress_is_shown_when_asked_for_and_notices_go_where_they_are_wanted(
    capfd: pytest.CaptureFixture[str],
) -> None:
    genmodels.train_text("corpus.txt", progress=True, **TINY_RUN)
    assert "epoch 2/2" in capfd.readouterr().err
    told: list[str] = []
    run = genmodels.train_text("corpus.txt", progress=True, notice=told.append, **TINY_RUN)
    assert "note:" not in capfd.readouterr().err
    assert any(sentence.startswith("lstm with") for sentence in told)
    run.score(text="the \u03a9 cat", unknown="skip")
    assert any("left out" in sentence for sentence in told), "what is asked of the run later is told there too"


@pytest.mark.usefixtures("notebook")
def test_a_notebook_gets_one_line_that_is_written_over(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("genmodels.cli.notebook.SECONDS_BETWEEN", 0.0)
    genmodels.train_text("corpus.txt", notice=lambda _: None, **TINY_RUN)
    shown = capfd.readouterr().err
    assert "\n" not in shown
    assert shown.count("\r") > 10
    assert "\u2588" in shown
    assert "\x1b" not in shown
    assert shown.endswith("\r")


def test_without_a_console_everything_goes_on_in_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stderr", None)  # as under pythonw
    for progress in (None, True):
        run = genmodels.train_text("corpus.txt", progress=progress, **TINY_RUN)
    monkeypatch.setattr("genmodels.cli.progress.LINE_SECONDS", 0.0)
    told: list[str] = []
    faded = genmodels.open_run(run.path, genmodels.TextRun, progress=True, notice=told.append).gradients(
        windows=64, window=8
    )
    assert faded.facts["results"]


def test_an_interrupt_saves_names_how_to_go_on_and_going_on_ends_with_the_same_weights(desk: Path) -> None:
    whole = genmodels.train_text("corpus.txt", name="whole", **TINY_RUN)
    with pytest.raises(genmodels.Stopped) as caught:
        genmodels.train_text("corpus.txt", name="stopped", reporter=At(7), **TINY_RUN)
    assert caught.value.hint == "genmodels.resume('runs/stopped') goes on."
    assert "everything is saved" in caught.value.what
    stopped = genmodels.open_run("stopped")
    assert stopped.facts["state"] == "stopped"
    assert "stopped" in stopped._repr_html_(), "a run without a finished epoch shows itself too"
    finished = genmodels.resume("runs/stopped")
    assert finished.facts["state"] == "finished"
    assert weights(finished) == weights(whole)


def test_a_reporter_of_ones_own_is_told_every_record() -> None:
    reporter = At(-1)
    run = genmodels.train_text("corpus.txt", reporter=reporter, **TINY_RUN)
    assert reporter.records == run.metrics()


@pytest.mark.parametrize(
    ("arguments", "kind", "what", "hint"),
    [
        ({"epoch": 3}, UsageError, "there is no setting 'epoch'", "did you mean epochs?"),
        ({"epochs": 0}, UsageError, "epochs is 0", "try epochs=20."),
        ({"epochs": "three"}, UsageError, "epochs is 'three', but it must be a whole number", "give epochs a "),
        ({"epochs": 3, "minutes": 2}, UsageError, "--epochs and --minutes contradict", "give one of them"),
        ({"model": "lsmt"}, UsageError, "model='lsmt' is unknown", "did you mean lstm?"),
        ({"name": "last"}, UsageError, "is reserved", "choose another name"),
        ({"corpus": "none.txt"}, DataError, "there is no file none.txt", "check the path"),
        ({"text": ""}, DataError, "is empty", "give a file with text in it"),
        ({"corpus": "corpus.txt", "text": "a"}, UsageError, "contradict each other", "give one"),
        ({"init_from": "nothing"}, RunError, "there is no run nothing", "runs list"),
        ({"config": "none.toml"}, UsageError, "--config none.toml cannot be read", "check the path"),
    ],
)
def test_a_wrong_value_is_refused_as_the_command_refuses_it(
    desk: Path, arguments: dict, kind: type, what: str, hint: str
) -> None:
    with pytest.raises(kind) as caught:
        genmodels.train_text(**{"corpus": "corpus.txt", **arguments} if "text" not in arguments else arguments)
    assert what in caught.value.what
    assert hint in caught.value.hint
    assert not (desk / "runs").exists(), "nothing was left behind"


def test_runs_are_found_by_name_path_and_age_and_a_damaged_one_does_not_hide_the_others(
    desk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("first", "second"):
        genmodels.train_text("corpus.txt", name=name, **TINY_RUN)
    assert genmodels.open_run().name == genmodels.open_run("last").name == "second"
    assert genmodels.open_run(desk / "runs" / "first") == genmodels.open_run(str(desk / "runs" / "first"))
    with pytest.raises(RunError, match="is a text run, but this command needs a vae run"):
        genmodels.open_run("first", genmodels.VaeRun)
    with pytest.raises(RunError, match="which draws no images"):
        genmodels.open_run("first").draw(4)
    (desk / "runs" / "second" / "run.json").write_text("{")
    runs = genmodels.list_runs()
    assert [(run.name, run.facts["state"]) for run in runs] == [("first", "finished"), ("second", "damaged")]
    assert "damaged" in runs[1]._repr_html_()
    (desk / "runs").rename(desk / "elsewhere")
    assert genmodels.list_runs() == []
    assert len(genmodels.list_runs("elsewhere")) == 2
    made_comparison(desk / "elsewhere", "cells", ("rnn", "gru"), [(3.0, 2.0, 1.5, 1.25), (2.0, 1.5)])
    assert {"cells/rnn", "cells/gru"} < {run.name for run in genmodels.list_runs("elsewhere")}
    monkeypatch.setenv("GENMODELS_RUNS", "elsewhere")
    assert genmodels.open_run("first").path == Path("elsewhere/first")


def test_a_run_and_its_exhibits_escape_what_names_hold(desk: Path) -> None:
    genmodels.train_text("corpus.txt", name="plain", **TINY_RUN)
    (desk / "runs" / "plain").rename(desk / "runs" / "<script>alert(1)</script>".replace("/", "_"))
    run = genmodels.list_runs()[0]
    for page in (run._repr_html_(), run.score()._repr_html_(), run.course()._repr_html_()):
        assert "<script>" not in page
        assert "&lt;script&gt;" in page
