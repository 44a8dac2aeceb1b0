"""--report: a run's page is written anew after each epoch, and whatever becomes of it, the training is the same."""

import re
import sys
import time
from pathlib import Path

import pytest

import genmodels
from genmodels.runs import RunDir
from genmodels.training import live
from genmodels.training.live import LivePage, WithPage
from genmodels.training.plan import Plan
from genmodels.training.reporting import QuietReporter
from homes import TINY_TEXT

SMALL = (*TINY_TEXT[:-1], "--seed", "5")


def weights_of(run: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(run)): path.read_bytes()
        for path in sorted(run.glob("checkpoints/epoch-*/model.safetensors"))
    }


def losses_of(run: Path) -> list[dict]:
    timed = {"seconds", "chars_per_second"}
    return [{name: one[name] for name in one.keys() - timed} for one in RunDir(run).metrics()]


def test_the_page_is_written_after_each_epoch_and_nothing_that_is_trained_changes(
    cli, corpus_file, monkeypatch
) -> None:
    seen: list[str] = []
    rewrite = LivePage.rewrite

    def watched(page: LivePage) -> None:
        rewrite(page)
        seen.append(page.path.read_text("utf-8"))

    monkeypatch.setattr(LivePage, "rewrite", watched)
    outcome = cli("train-text", "corpus.txt", *SMALL, "--name", "seen", "--report")
    assert outcome.code == 0, outcome.err
    assert "note: after each epoch a page is written anew, to be loaded again in a browser: runs/seen/report.html" in (
        outcome.err.splitlines()
    )
    assert len(seen) == 2
    newest = [max(map(int, re.findall(r"\bepoch (\d)", page))) for page in seen]
    assert newest == [1, 2]
    assert cli("train-text", "corpus.txt", *SMALL, "--name", "unseen").code == 0
    assert not Path("runs/unseen/report.html").exists()
    assert losses_of(Path("runs/seen")) == losses_of(Path("runs/unseen"))
    assert weights_of(Path("runs/seen")) == weights_of(Path("runs/unseen"))


def failing(code: str):
    return lambda *_, **__: ([sys.executable, "-c", code], {})


@pytest.mark.parametrize(
    ("code", "told"),
    [
        (
            "import sys; sys.stderr.write('note: x\\nerror: the disk is full\\nhint: y\\n'); sys.exit(5)",
            "the disk is full",
        ),
        ("import os; os._exit(9)", "exit code 9"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "exit code -9"),
    ],
)
def test_a_page_that_can_not_be_made_is_told_once_and_stops_nothing(
    cli, corpus_file, monkeypatch, code: str, told: str
) -> None:
    monkeypatch.setattr(live, "python_running", failing(code))
    outcome = cli("train-text", "corpus.txt", *SMALL, "--name", "tiny", "--report")
    assert outcome.code == 0
    assert outcome.err.count("could not be written") == 1
    said = f"note: runs/tiny/report.html could not be written ({told}); training goes on, and each epoch tries again"
    assert said in outcome.err.splitlines()
    assert genmodels.open_run("tiny").facts["state"] == "finished"


def test_a_page_that_hangs_is_waited_for_once(cli, corpus_file, monkeypatch) -> None:
    monkeypatch.setattr(live, "python_running", failing("import time; time.sleep(60)"))
    monkeypatch.setattr(live, "PATIENCE", 0.5)
    began = time.monotonic()
    outcome = cli("train-text", "corpus.txt", *SMALL, "--name", "tiny", "--report")
    assert outcome.code == 0
    assert outcome.err.count("so it is written no more; training goes on") == 1
    assert time.monotonic() - began < 30


def test_python_itself_that_can_not_be_started_is_told(tmp_path: Path, monkeypatch) -> None:
    told: list[str] = []
    monkeypatch.setattr(live, "python_running", lambda *_, **__: ([str(tmp_path / "none")], {}))
    LivePage(RunDir(tmp_path), told.append).rewrite()
    assert len(told) == 1
    assert "No such file" in told[0]


def test_what_is_left_out_of_the_page_is_told_once_whatever_its_numbers(tmp_path: Path, monkeypatch) -> None:
    told: list[str] = []
    page = LivePage(RunDir(tmp_path), told.append)
    for size in ("3.2", "4.0"):
        code = f"import sys; sys.stderr.write('note: the page has {size} MiB\\nother\\n')"
        monkeypatch.setattr(live, "python_running", failing(code))
        page.rewrite()
    assert told == ["the page has 3.2 MiB"]


def test_looks_inside_an_epoch_and_the_untrained_model_write_no_page(tmp_path: Path, monkeypatch) -> None:
    written: list[Path] = []
    monkeypatch.setattr(LivePage, "rewrite", lambda page: written.append(page.path))
    reporter = WithPage(QuietReporter())
    reporter.of(RunDir(tmp_path))
    reporter.started(Plan(10, 25, 1.0, 0, 5), 0, None)
    for epoch, count in ((0, 0), (0.5, 0), (1.0, 1), (1.75, 1), (2.0, 2), (2.5, 3)):
        reporter.previewed(epoch, "")
        assert len(written) == count, epoch


def test_the_process_that_makes_it_is_none_of_several(tmp_path: Path, monkeypatch) -> None:
    asked: dict[str, str] = {}
    monkeypatch.setenv("WORLD_SIZE", "2")
    monkeypatch.setenv("TORCHELASTIC_RUN_ID", "x")
    monkeypatch.setenv("MASTER_ADDR", "localhost")

    def run(command, *, env, **_):
        asked.update(env)
        raise OSError("enough")

    monkeypatch.setattr(live.subprocess, "run", run)
    LivePage(RunDir(tmp_path), lambda _: None).rewrite()
    assert "PATH" in asked
    assert not {"WORLD_SIZE", "TORCHELASTIC_RUN_ID", "MASTER_ADDR"} & asked.keys()


def test_of_several_processes_the_first_writes_it_and_the_others_wait(cli, corpus_file, monkeypatch) -> None:
    import subprocess

    line = ["train-text", "corpus.txt", *SMALL, "--name", "both", "--processes", "2", "--report"]
    program = [sys.executable, "-m", "genmodels", *map(str, line)]
    done = subprocess.run(program, capture_output=True, text=True, check=False, timeout=170)
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("after each epoch a page is written anew") == 1
    assert "epoch 2" in Path("runs/both/report.html").read_text("utf-8")


def test_every_member_of_a_comparison_has_its_page_in_python_too(tmp_path: Path, corpus_file, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    written: list[str] = []
    monkeypatch.setattr(LivePage, "rewrite", lambda page: written.append(str(page.path)))
    small = {"embedding_size": 6, "hidden_size": 8, "batch_size": 4, "window": 16, "epochs": 1}
    genmodels.compare_text(["rnn", "gru"], "corpus.txt", **small, name="cells", report=True, notice=lambda _: None)
    assert written == ["runs/cells/rnn/report.html", "runs/cells/gru/report.html"]
    genmodels.resume("cells/gru", epochs=2, report=True, notice=lambda _: None)
    assert written[2:] == ["runs/cells/gru/report.html"]
