"""--report: a run's page is written anew after each epoch, and whatever becomes of it, the training is the same."""

import os
import re
import shutil
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

    def watched(page: LivePage, *asked, **known) -> bool:
        written = rewrite(page, *asked, **known)
        seen.append(page.path.read_text("utf-8"))
        return written

    monkeypatch.setattr(LivePage, "rewrite", watched)
    plain = notes(cli("train-text", "corpus.txt", *SMALL, "--name", "before"))
    outcome = cli("train-text", "corpus.txt", *SMALL, "--name", "seen", "--report")
    assert outcome.code == 0, outcome.err
    left_out = "left out of the page of seen: the text has 200 characters, too few"
    assert sorted(set(notes(outcome)) - set(plain)) == [
        "after each epoch a page is written anew, to be loaded again in a browser: runs/seen/report.html",
        f"{left_out} for 128 windows of 200",
        f"{left_out} to find units that track something",
        "no units are named: the text has 200 characters, too few to find units that track something",
    ]
    assert len(notes(outcome)) == len(plain) + 4
    assert len(seen) == 2
    assert ["training now" in page for page in seen] == [True, False]
    newest = [max(map(int, re.findall(r"\bepoch (\d)", page))) for page in seen]
    assert newest == [1, 2]
    assert not Path("runs/before/report.html").exists()
    assert losses_of(Path("runs/seen")) == losses_of(Path("runs/before"))
    assert weights_of(Path("runs/seen")) == weights_of(Path("runs/before"))


def notes(outcome) -> list[str]:
    return [line.removeprefix("note: ") for line in outcome.err.splitlines() if line.startswith("note: ")]


def never() -> bool:
    return False


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
    LivePage(RunDir(tmp_path), told.append).rewrite(never, is_last=False)
    assert len(told) == 1
    assert "No such file" in told[0]


def test_what_is_left_out_of_the_page_is_told_once_whatever_its_numbers(tmp_path: Path, monkeypatch) -> None:
    told: list[str] = []
    page = LivePage(RunDir(tmp_path), told.append)
    for size in ("3.2", "4.0"):
        code = f"import sys; sys.stderr.write('note: the page has {size} MiB\\nother\\n')"
        monkeypatch.setattr(live, "python_running", failing(code))
        assert page.rewrite(never, is_last=False)
    assert told == ["the page has 3.2 MiB"]


def test_each_reason_is_told_once_and_what_follows_is_true(tmp_path: Path, monkeypatch) -> None:
    told: list[str] = []
    page = LivePage(RunDir(tmp_path), told.append)
    for number, why in enumerate(["disk 1 is full", "no memory", "disk 2 is full", "no network"]):
        monkeypatch.setattr(live, "python_running", failing(f"import sys; sys.exit('error: {why}')"))
        assert not page.rewrite(never, is_last=number == 3)
    goes_on = "training goes on, and each epoch tries again"
    assert told == [
        f"{page.path} could not be written (disk 1 is full); {goes_on}",
        f"{page.path} could not be written (no memory); {goes_on}",
        f"{page.path} could not be written (no network); the training is finished all the same",
    ]


def test_looks_inside_an_epoch_and_the_untrained_model_write_no_page(cli, corpus_file, monkeypatch) -> None:
    written: list[bool] = []
    monkeypatch.setattr(LivePage, "rewrite", lambda *_, is_last: written.append(is_last))
    assert cli("train-text", "corpus.txt", *SMALL, "--name", "r", "--preview-every", "5steps", "--report").code == 0
    assert len(RunDir(Path("runs/r")).parts()) > 2
    assert written == [False, True]


def test_with_minutes_it_is_said_that_pages_come_on_top_of_them(tmp_path: Path) -> None:
    told: list[str] = []
    reporter = WithPage(QuietReporter(told.append))
    reporter.of(RunDir(tmp_path), None)
    reporter.started(Plan(10, None, 1.5, 0, 5), 0, None)
    assert told == [
        "after each epoch a page is written anew, in time that comes on top of --minutes 1.5, to be loaded again in a "
        f"browser: {tmp_path / 'report.html'}"
    ]


INTERRUPTS = "import os, signal, time; os.kill(os.getppid(), signal.{}); time.sleep(60)"


@pytest.mark.parametrize(("name", "code"), [("SIGINT", 130), ("SIGTERM", 143)])
@pytest.mark.parametrize("epochs", [1, 2])
def test_a_signal_ends_the_page_that_is_being_made_and_the_training(
    cli, corpus_file, monkeypatch, name: str, code: int, epochs: int
) -> None:
    monkeypatch.setattr(live, "python_running", failing(INTERRUPTS.format(name)))
    began = time.monotonic()
    outcome = cli("train-text", "corpus.txt", *SMALL, "--epochs", epochs, "--name", "tiny", "--report")
    assert outcome.code == code
    assert time.monotonic() - began < 30
    assert "note: runs/tiny/report.html was not written anew, as training is to stop" in outcome.err.splitlines()
    assert "everything is saved in runs/tiny" in outcome.err
    run = genmodels.open_run("tiny")
    assert run.epochs() == [1]
    assert run.facts["state"] == ("finished" if epochs == 1 else "stopped")


@pytest.mark.skipif(not hasattr(os, "killpg"), reason="there are no groups of processes")
def test_all_of_the_group_that_makes_a_page_is_ended(tmp_path: Path, monkeypatch) -> None:
    alive = tmp_path / "alive"
    child = f"import time, pathlib\nfor _ in range(400): pathlib.Path({str(alive)!r}).write_text('x'); time.sleep(0.05)"
    code = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])"
    monkeypatch.setattr(live, "python_running", failing(code))
    assert not LivePage(RunDir(tmp_path), lambda _: None).rewrite(alive.exists, is_last=False)
    time.sleep(0.2)
    alive.unlink()
    time.sleep(1.0)
    assert not alive.exists()


def test_a_finished_run_gets_the_page_that_it_lacks_and_only_that(cli, corpus_file, monkeypatch) -> None:
    assert cli("train-text", "corpus.txt", *SMALL, "--name", "tiny").code == 0
    page = Path("runs/tiny/report.html")

    def told() -> list[str]:
        outcome = cli("train-text", "--resume", "tiny", "--report")
        assert outcome.code == 0, outcome.err
        found = [line for line in outcome.err.splitlines() if "page" in line or "report" in line]
        return [line for line in found if not line.startswith("note: left out of the page")]

    assert told() == ["note: runs/tiny/report.html was written"]
    assert "training now" not in page.read_text("utf-8")
    written_at = page.stat().st_mtime_ns
    assert told() == ["note: runs/tiny/report.html is as new as the run"]
    assert page.stat().st_mtime_ns == written_at
    before = Path("runs/tiny/metrics.jsonl").stat().st_mtime
    os.utime(page, (before - 60, before - 60))
    assert told() == ["note: runs/tiny/report.html was written"]


def test_the_threads_of_the_training_make_its_page(tmp_path: Path, monkeypatch) -> None:
    asked: list[tuple[str, ...]] = []

    def running(*arguments: str, **_: object) -> tuple[list[str], dict[str, str]]:
        asked.append(arguments)
        return [sys.executable, "-c", ""], {}

    monkeypatch.setattr(live, "python_running", running)
    for threads in (3, None):
        LivePage(RunDir(tmp_path), lambda _: None, threads).rewrite(never, is_last=False)
    assert " --threads 3 " in " ".join(asked[0])
    assert "--threads" not in asked[1]


def test_a_training_hands_its_threads_on(cli, corpus_file, monkeypatch) -> None:
    found: list[int | None] = []
    monkeypatch.setattr(LivePage, "rewrite", lambda page, *_, **__: found.append(page.threads))
    assert cli("train-text", "corpus.txt", *SMALL, "--epochs", "1", "--threads", "1", "--report").code == 0
    assert found == [1]


def test_the_process_that_makes_it_is_none_of_several(tmp_path: Path, monkeypatch) -> None:
    asked: dict[str, str] = {}
    monkeypatch.setenv("WORLD_SIZE", "2")
    monkeypatch.setenv("TORCHELASTIC_RUN_ID", "x")
    monkeypatch.setenv("MASTER_ADDR", "localhost")

    def started(command, *, env, **_):
        asked.update(env)
        raise OSError("enough")

    monkeypatch.setattr(live.subprocess, "Popen", started)
    LivePage(RunDir(tmp_path), lambda _: None).rewrite(never, is_last=False)
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
    monkeypatch.setattr(LivePage, "rewrite", lambda page, *_, **__: written.append(str(page.path)))
    small = {"embedding_size": 6, "hidden_size": 8, "batch_size": 4, "window": 16, "epochs": 1}
    genmodels.compare_text(["rnn", "gru"], "corpus.txt", **small, name="cells", report=True, notice=lambda _: None)
    assert written == ["runs/cells/rnn/report.html", "runs/cells/gru/report.html"]
    genmodels.resume("cells/gru", epochs=2, report=True, notice=lambda _: None)
    assert written[2:] == ["runs/cells/gru/report.html"]


def test_a_comparison_that_goes_on_gives_its_finished_members_the_pages_that_they_lack(
    tmp_path: Path, corpus_file, monkeypatch
) -> None:
    monkeypatch.chdir(tmp_path)
    small = {"embedding_size": 6, "hidden_size": 8, "batch_size": 4, "window": 16, "epochs": 1}
    genmodels.compare_text(["rnn", "gru"], "corpus.txt", **small, name="cells", notice=lambda _: None)
    Path("runs/cells/rnn/report.html").touch()
    written: list[str] = []
    monkeypatch.setattr(LivePage, "rewrite", lambda page, *_, **__: written.append(str(page.path)))
    genmodels.compare_text(resume="cells", report=True, notice=lambda _: None)
    assert written == ["runs/cells/gru/report.html"]
    written.clear()
    shutil.rmtree("runs/cells/gru")
    Path("runs/cells/rnn/report.html").unlink()
    genmodels.compare_text(resume="cells", report=True, notice=lambda _: None)
    assert written == ["runs/cells/rnn/report.html", "runs/cells/gru/report.html"]
