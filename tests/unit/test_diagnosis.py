import os
import signal
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from genmodels.diagnosis import asking, devices, places, system
from genmodels.diagnosis.asking import Question
from genmodels.diagnosis.places import held_by
from genmodels.diagnosis.report import doctor
from genmodels.diagnosis.section import discreet
from genmodels.diagnosis.system import cores_of_group, memory_of_group
from genmodels.diagnosis.versions import versions
from genmodels.exhibit import size


@pytest.fixture
def alice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Alice's home folder, on a machine that has a name."""
    home = tmp_path / "home" / "alice"
    home.mkdir(parents=True)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("USERPROFILE", str(home))
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.setenv(name, "alice")
    monkeypatch.setattr(socket, "gethostname", lambda: "wonderland.example.org")
    return home


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """However busy the machine of the tests is."""
    monkeypatch.setattr(asking, "PATIENCE", 60.0)


def test_the_home_folder_becomes_a_tilde_wherever_it_stands(alice: Path) -> None:
    assert discreet(f"no {alice}/runs in {alice}, {alice}-old") == f"no ~/runs in ~, {alice.parent}/USER-old"
    assert discreet({"a": [f"{alice}/x", 3, None]}) == {"a": ["~/x", 3, None]}


def test_names_of_user_and_machine_are_taken_out_of_paths_and_left_in_words(alice: Path) -> None:
    assert discreet("/scratch/alice/runs on /net/wonderland/x") == "/scratch/USER/runs on /net/HOST/x"
    assert discreet("/tmp/alice-123, /data/alicette, alice's terminal") == (
        "/tmp/USER-123, /data/alicette, alice's terminal"
    )
    assert discreet("GPU-4f1ab2c3-1234") == "GPU-..."


def test_a_home_that_is_missing_or_the_root_hides_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "home", lambda: Path("/"))
    assert discreet("/usr/lib") == "/usr/lib"

    def nowhere() -> Path:
        raise RuntimeError

    monkeypatch.setattr(Path, "home", nowhere)
    assert discreet("/usr/lib") == "/usr/lib"


@pytest.mark.parametrize(
    ("number", "shown"),
    [(0, "0 B"), (1023, "1023 B"), (1024, "1.0 KiB"), (5 * 2**30, "5.0 GiB"), (5000 * 2**40, "5,000.0 TiB")],
)
def test_sizes_are_written_as_people_say_them(number: int, shown: str) -> None:
    assert size(number) == shown


def group(folder: Path, **files: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name.replace("__", ".")).write_text(text, encoding="ascii")


def test_the_tightest_control_group_on_the_way_up_counts(tmp_path: Path) -> None:
    own, groups = tmp_path / "own", tmp_path / "groups"
    own.write_text("1:name=x:/other\n0::/job/step\n", encoding="ascii")
    group(groups, memory__max="900\n")
    group(groups / "job", memory__max="700\n", cpu__max="150000 100000\n")
    group(groups / "job" / "step", memory__max="max\n", cpu__max="max 100000\n")
    assert memory_of_group(groups, own) == 700
    assert cores_of_group(groups, own) == 1.5


def test_control_groups_of_older_kernels_are_read_too(tmp_path: Path) -> None:
    group(tmp_path / "memory", memory__limit_in_bytes="4096\n")
    group(tmp_path / "cpu", cpu__cfs_quota_us="50000\n", cpu__cfs_period_us="100000\n")
    assert (memory_of_group(tmp_path, tmp_path / "none"), cores_of_group(tmp_path, tmp_path / "none")) == (4096, 0.5)
    group(tmp_path / "memory", memory__limit_in_bytes="9223372036854771712\n")
    group(tmp_path / "cpu", cpu__cfs_quota_us="-1\n")
    assert (memory_of_group(tmp_path, tmp_path / "none"), cores_of_group(tmp_path, tmp_path / "none")) == (None, None)


def test_limits_of_the_shell_are_told_with_their_letter(monkeypatch: pytest.MonkeyPatch) -> None:
    resource = pytest.importorskip("resource")
    soft = {resource.RLIMIT_AS: 3 << 30, resource.RLIMIT_NOFILE: 1024, resource.RLIMIT_FSIZE: resource.RLIM_INFINITY}
    monkeypatch.setattr(resource, "getrlimit", lambda kind: (soft.get(kind, 60), resource.RLIM_INFINITY))
    shown = {fact.name: fact.shown for fact in system.limits().facts}
    assert shown == {
        "address space (ulimit -v)": "3.0 GiB",
        "open files (ulimit -n)": "1,024",
        "size of a file (ulimit -f)": "no limit",
        "seconds of CPU (ulimit -t)": "60",
    }


@pytest.fixture
def full(tmp_path: Path) -> Path:
    """A folder of two runs with six files of 1,000 bytes, and a link out of it."""
    folder = tmp_path / "runs"
    for name in ("one", "two"):
        (folder / name / "checkpoints").mkdir(parents=True)
        for file in ("run.json", "metrics.jsonl", "checkpoints/a"):
            (folder / name / file).write_bytes(b"x" * 1000)
    (folder / "link").symlink_to(tmp_path)
    return folder


def test_a_folder_is_counted_without_following_links(full: Path) -> None:
    held = held_by(full)
    link = (full / "link").lstat().st_size
    assert (held.files, held.bytes, held.runs, held.whole) == (7, 6000 + link, 2, True)
    assert str(held).startswith("7 files, 5.9 KiB")


def test_counting_stops_when_its_time_is_over_and_says_so(full: Path) -> None:
    held = held_by(full, seconds=-1)
    assert held.whole is False
    assert held.files < 7
    assert str(held).startswith("at least")


def test_a_folder_that_cannot_be_listed_is_counted_as_far_as_it_goes(full: Path, monkeypatch) -> None:
    real = os.scandir

    def scandir(path):
        if Path(path).name == "checkpoints":
            raise PermissionError(13, "Permission denied")
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    held = held_by(full)
    assert (held.files, held.whole) == (5, False)


def test_places_say_what_is_there_and_what_stands_in_the_way(full: Path, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(places.os, "access", lambda path, _: Path(path) != tmp_path)
    monkeypatch.setattr(places.shutil, "disk_usage", lambda _: type("Usage", (), {"free": 5 << 20}))
    section = places.places(full)
    found = {fact.name: fact for fact in section.facts}
    assert found["runs"].value["runs"] == 2
    assert "2 runs, 7 files" in found["runs"].shown
    assert "not there, and can't be made" in found["cache"].shown
    assert any(f"cache: {tmp_path / 'cache'} can't be written" in problem for problem in section.problems)
    assert any("runs: only 5.0 MiB are free" in problem for problem in section.problems)


def test_a_cache_without_a_home_is_told_and_stops_nothing(tmp_path: Path, monkeypatch) -> None:
    def nowhere() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("GENMODELS_CACHE")
    monkeypatch.setattr(Path, "home", nowhere)
    (problem,) = [line for line in places.places(tmp_path).problems if line.startswith("cache")]
    assert problem.endswith("set GENMODELS_CACHE")


def test_the_runs_folder_that_is_a_file_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "runs").write_text("a text", encoding="ascii")
    section = places.places(tmp_path / "runs")
    assert any("runs can't be written" in problem for problem in section.problems)
    assert f"{tmp_path / 'runs'} is no folder" in section.facts[0].shown
    assert "files" not in section.facts[0].value


def library(folder: Path, name: str, code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A library of that name which another process finds before the real one."""
    (folder / f"{name}.py").write_text(code, encoding="ascii")
    monkeypatch.syspath_prepend(folder)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("raise ImportError('libgomp.so.1: cannot open')", "can't be used: ImportError: libgomp.so.1: cannot open"),
        ("import os; os.abort()", "ends the process with SIGABRT"),
        ("import os; os._exit(3)", "ends the process with exit code 3"),
        ("import os; os._exit(0)", "ends the process without an answer"),
        ("print('no answer', flush=True); import os; os._exit(0)", "ends the process without an answer"),
        pytest.param(
            "import os, signal; os.kill(os.getpid(), signal.SIGRTMIN + 3)",
            f"ends the process with signal {getattr(signal, 'SIGRTMIN', 0) + 3}",
            marks=pytest.mark.skipif(not hasattr(signal, "SIGRTMIN"), reason="has no real-time signals"),
        ),
        ("print('hello')", "can't be used: ImportError: cannot import name 'Tensor'"),
        ("Tensor = Generator = object", "can't be used: AttributeError"),
    ],
)
def test_a_broken_library_is_a_sentence(code: str, expected: str, tmp_path: Path, monkeypatch) -> None:
    library(tmp_path, "torch", code, monkeypatch)
    section = Question.ask("devices", "devices", "PyTorch").section()
    assert expected in section.facts[0].shown
    assert section.problems == [f"PyTorch: {section.facts[0].shown}"]


def test_a_library_that_hangs_is_left_alone_after_a_while(tmp_path: Path, monkeypatch) -> None:
    library(tmp_path, "torch", "import time; time.sleep(60)", monkeypatch)
    monkeypatch.setattr(asking, "PATIENCE", 0.3)
    started = time.monotonic()
    assert "took longer than 0.3 s" in Question.ask("devices", "devices", "PyTorch").section().problems[0]
    assert time.monotonic() - started < 5


def test_what_a_library_prints_does_not_disturb_the_answer(tmp_path: Path, monkeypatch) -> None:
    code = "print('welcome to fonts')\nraise SystemExit('no fonts today')"
    library(tmp_path, "matplotlib", code, monkeypatch)
    assert "no fonts today" in Question.ask("fonts", "fonts", "matplotlib").section().problems[0]


def test_that_no_process_can_be_started_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking.sys, "executable", "/nowhere/python")
    assert "no second Python process" in Question.ask("fonts", "fonts", "matplotlib").section().problems[0]


def test_a_package_that_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("genmodels.diagnosis.versions.PACKAGES", ("torch", "no-such-package"))
    section = versions()
    assert section.facts[-1].shown == "not installed"
    assert "no-such-package" in section.problems[0]


def test_libraries_that_hang_are_named_in_a_report_that_does_not_wait_for_them(tmp_path: Path, monkeypatch) -> None:
    for name in ("torch", "matplotlib"):
        library(tmp_path, name, "import time; time.sleep(60)", monkeypatch)
    monkeypatch.setattr(asking, "PATIENCE", 0.3)
    started = time.monotonic()
    facts = doctor(tmp_path / "runs").facts
    problems = facts["problems"]
    assert time.monotonic() - started < 0.3 + 2 * places.SECONDS + 20, "20 for a busy machine"
    for name in ("PyTorch", "matplotlib"):
        assert any(problem.startswith(f"{name}: took longer than 0.3 s") for problem in problems)
    assert {"PyTorch", "--device auto", "cpu", "PyTorch's threads"} <= facts["devices"].keys()
    assert {"figures are written in", "Chinese", "families found"} <= facts["fonts"].keys()


def test_every_line_is_told_where_the_answer_took_too_long(tmp_path: Path, monkeypatch) -> None:
    library(tmp_path, "torch", "import time; time.sleep(60)", monkeypatch)
    monkeypatch.setattr(asking, "PATIENCE", 0.3)
    shown = {
        one.name: one.shown for one in Question.ask("devices", "devices", "PyTorch", devices.LINES).section().facts
    }
    assert shown.pop("PyTorch").startswith("took longer than 0.3 s")
    assert shown == dict.fromkeys(["--device auto", "cpu", "PyTorch's threads"], "took too long")


@pytest.mark.skipif(os.name == "nt", reason="modes mean nothing there")
@pytest.mark.parametrize(("mode", "open_to_others"), [(0o755, False), (0o777, True), (0o700, False)])
def test_the_cache_says_whether_others_may_write_to_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: int, open_to_others: bool
) -> None:
    (cache := tmp_path / "mine").mkdir()
    cache.chmod(mode)
    monkeypatch.setenv("GENMODELS_CACHE", str(cache))
    (fact,) = [one for one in places.places(tmp_path).facts if one.name == "cache"]
    assert fact.value["others_may_write"] is open_to_others
    assert ("others may write to it" in fact.shown) is open_to_others


def test_how_far_a_report_is_can_be_followed(tmp_path: Path) -> None:
    told: list[int] = []

    @contextmanager
    def counting(what: str, total: int) -> Iterator[Callable[[int], None]]:
        told.append(-total)
        yield told.append

    found = doctor(tmp_path, counting)
    assert told == [-8, *[1] * 8], "each section"
    assert len(found.facts) == 8 + 1
