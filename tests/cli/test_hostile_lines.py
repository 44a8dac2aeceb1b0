"""Thousands of hostile command lines, always the same: documented exit codes, no control character, nothing written."""

import importlib
import os
import pkgutil
import resource
import shutil
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import genmodels
from cli.hostile import Line, fill, lines
from doors import Cli, Outcome
from genmodels.errors import Stopped
from homes import shapes, write_set, write_words
from made_runs import made_run

pytestmark = pytest.mark.skipif(os.name == "nt", reason="pipes, devices and alarms are POSIX")
DOCUMENTED = {0, 2, 3, 4, 5}
REACHED = 130  # all was right, so that training or measuring would have begun
SECONDS = 60.0  # for each line
SPARE = 3 << 30  # bytes of address space beyond what is taken when the lines begin
SHARDS = 8


class Hangs(BaseException):
    """A command did not end in time."""


def _reached(*_: Any, **__: Any) -> Any:
    raise Stopped("it would have begun", "that is all.", REACHED)


@pytest.fixture
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that the lines are typed in."""
    folder = tmp_path_factory.mktemp("template")
    fill(folder)
    write_set(folder / "set.npz", *shapes(12, 12, 60), 48)
    write_words(folder / "words", ("ann", "bob"), 3)
    made_run(folder / "runs", "good")
    made_run(folder / "runs", "faces", "vae", scores=(-100.0, -90.0))
    steering = made_run(folder / "runs", "steering", data="\x1b]0;x\x07[red]\n.txt", settings={"seed": "\x9b31m"})
    steering.path.rename(folder / "runs" / "g\x1b]0;x\x07{b}[red]\nerror: c")
    (made_run(folder / "runs", "bad").path / "run.json").write_text("{")
    return folder


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Whatever would compute for long is reached instead; a line has so much time and memory, and the cache is kept."""
    for module in pkgutil.walk_packages(genmodels.__path__, "genmodels."):  # one first imported now would keep a stub
        importlib.import_module(module.name)
    for place in ("training.starting", "commands.train_text", "commands.train_images", "touring"):
        monkeypatch.setattr(f"genmodels.{place}.train", _reached)
    monkeypatch.setattr("genmodels.diagnosis.asking._started", lambda _: "not here")
    monkeypatch.setattr("genmodels.training.sweep.sweep", _reached)
    monkeypatch.setattr("genmodels.analysis.classifying.train_classifier", _reached)
    monkeypatch.setattr("genmodels.data.images.digits.render_digits", _reached)
    monkeypatch.setenv("GENMODELS_OFFLINE", "1")
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    taken = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (taken + SPARE, hard))
    before = signal.signal(signal.SIGALRM, _hangs)
    yield
    signal.signal(signal.SIGALRM, before)
    resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def _hangs(*_: object) -> None:
    raise Hangs


def everything_in(folder: Path) -> dict[Path, tuple[int, int, int]]:
    """What is there, how long and how old: the time of a folder tells of what was made and removed in it too."""
    found = {path: path.lstat() for path in folder.rglob("*") if path.relative_to(folder).parts[0] != "cache"}
    return {path: (status.st_mode, status.st_size, status.st_mtime_ns) for path, status in found.items()}


def wrong_with(outcome: Outcome) -> str | None:
    """What an outcome must never be; None where nothing is."""
    text = outcome.out + outcome.err
    if outcome.code not in {*DOCUMENTED, REACHED}:
        return f"exit code {outcome.code}"
    if "Traceback" in text:
        return "a traceback"
    steering = {c for c in text if (ord(c) < 0x20 and c not in "\n\t") or 0x7F <= ord(c) < 0xA0 or c in BIDI}
    if steering:
        return f"raw {steering!a}"
    errors = [line for line in outcome.err.splitlines() if line.startswith("error: ")]
    wanted = int(outcome.code in DOCUMENTED - {0})
    return f"{len(errors)} errors in place of {wanted}" if len(errors) > wanted else None


BIDI = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u2028\u2029"


def typed_in(folder: Path, template: Path, cli: Cli, line: Line, monkeypatch: pytest.MonkeyPatch) -> str | None:
    """Type a line in a folder that is made again where it changed; gives back what is wrong with the answer."""
    before = everything_in(folder)
    with monkeypatch.context() as patch:
        for name, value in line.environment:
            patch.setenv(name, value)
        signal.setitimer(signal.ITIMER_REAL, SECONDS)
        try:
            outcome = cli(*line.arguments)
        except Hangs:
            return "it hangs"
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            os.chdir(folder)
    changed = everything_in(folder) != before
    if changed:
        _made_again(folder, template)
    wrong = wrong_with(outcome)
    if wrong is None and changed and outcome.code in {2, 3, 4} and "made the folder" not in outcome.err:
        wrong = f"something was written, though it ended with {outcome.code}"
    return None if wrong is None else f"{wrong}: {outcome.err[:900]!a}"


def _made_again(folder: Path, template: Path) -> None:
    for path in folder.iterdir():
        if path.name != "cache":
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
    _copied(template, folder)


def _copied(template: Path, folder: Path) -> None:
    for path in template.iterdir():
        target = folder / path.name
        if path.is_symlink() or path.is_file():
            shutil.copy2(path, target, follow_symlinks=False)
        elif path.is_dir():
            shutil.copytree(path, target, symlinks=True)
        elif path.is_fifo():
            os.mkfifo(target)
    fill_socket(folder)


def fill_socket(folder: Path) -> None:
    """A socket can't be copied."""
    import socket

    os.chdir(folder)
    with socket.socket(socket.AF_UNIX) as made:
        made.bind("socket")


def _all_wrong(seed: int, count: int, cli: Cli, template: Path, tmp_path: Path, patch: pytest.MonkeyPatch) -> list[str]:
    folder = tmp_path / "here"
    folder.mkdir()
    patch.chdir(folder)
    _copied(template, folder)
    patch.setenv("GENMODELS_CACHE", str(folder / "cache"))
    type_: Callable[[Line], str | None] = lambda line: typed_in(folder, template, cli, line, patch)  # noqa: E731
    answers = ((line, type_(line)) for line in lines(seed, count))
    return [f"{line.environment} {_shown(line)}\n    {wrong}" for line, wrong in answers if wrong is not None]


def _shown(line: Line) -> str:
    return " ".join(f"{word[:60]!a}" for word in line.arguments)


CASES = [
    pytest.param(1, 60, id="few"),
    *(pytest.param(seed, 500, marks=pytest.mark.sweep, id=f"sweep {seed}") for seed in range(2, 6)),
    *(pytest.param(seed, 2500, marks=pytest.mark.nightly, id=f"nightly {seed}") for seed in range(100, 100 + SHARDS)),
]


@pytest.mark.timeout(1200)
@pytest.mark.parametrize(("seed", "count"), CASES)
def test_no_hostile_line_is_more_than_a_sentence(
    cli, short, template, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int, count: int
) -> None:
    wrong = _all_wrong(seed, count, cli, template, tmp_path, monkeypatch)
    assert not wrong, f"{len(wrong)} of {count}:\n" + "\n".join(wrong)
