"""No command, on whatever it is given, writes a file outside of where it may, starts a program or opens a socket."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest

from cli.test_help import COMMANDS, GROUPS
from homes import CORPUS, TINY_TEXT
from made_runs import made_comparison, made_run

pytestmark = [
    pytest.mark.faults,
    pytest.mark.skipif(sys.platform != "linux", reason="links, and /proc to see where a descriptor leads"),
]
# What each command is asked, {run} being a run that somebody prepared; a new command needs a line here.
LINES: dict[str, Sequence[str]] = {
    "train-text": ("train-text --resume {run}", f"train-text mine/bad.txt --name new {' '.join(TINY_TEXT)}"),
    "sample-text": ("sample-text --run {run} --out out/a.txt", "sample-text --run {run} --out out/link.txt"),
    "judge-text": ("judge-text --run {run} --csv out/b.csv",),
    "eval-text": ("eval-text mine/bad.txt --run {run} --json",),
    "plot-gradients": ("plot-gradients --run {run} --out out/a.png",),
    "plot-gates": ("plot-gates --run {run}",),
    "train-vae": ("train-vae --dataset mine/pictures --name v", "train-vae --resume {run}"),
    "reconstruct": ("reconstruct --run {run}",),
    "plot-elbo": ("plot-elbo --run {run}", "plot-elbo --run {run} --csv out/link.csv"),
    "plot-latent": ("plot-latent interpolate --run {run} --animate out/a.gif",),
    "train-pixelrnn": ("train-pixelrnn --dataset mine/bad.npz --name p",),
    "complete": ("complete --run {run}",),
    "train-gan": ("train-gan --dataset mine/bad.txt --name g",),
    "plot-gan": ("plot-gan --run {run}",),
    "eval-images": ("eval-images --run {run}",),
    "sample-images": ("sample-images --run {run} --out out/a.npz",),
    "compare-images": ("compare-images {run} --csv out/c.csv",),
    "train-reader": ("train-reader --dataset mine --name r",),
    "read-image": ("read-image mine/pictures/digit.png --run {run}",),
    "eval-reader": ("eval-reader --run {run}",),
    "train-speech": ("train-speech --dataset mine/bad.csv --name s",),
    "transcribe": ("transcribe mine/bad.wav --run {run}",),
    "eval-speech": ("eval-speech --run {run}",),
    "plot-context": ("plot-context --run {run}",),
    "plot-curve": ("plot-curve --run {run}", "plot-curve --run {run} --out out/link.png --csv out/link.csv"),
    "report": ("report --run {run}", "report --run {run} --out out/link.html"),
    "tour": ("tour --runs bad --no-open --out out/link.html",),
    **{
        f"find-rate {family}": (f"find-rate {family} {data} --steps 20 --out out/{family}.png",)
        for family, data in {
            "text": "mine/bad.txt", "vae": "--dataset mine/pictures", "pixelrnn": "--dataset mine/bad.npz",
            "gan": "--dataset mine", "reader": "--dataset mine/bad.npz", "speech": "--dataset mine/bad.csv",
        }.items()
    },
    "runs list": ("runs list", "runs list --csv out/d.csv", "runs list --csv out/link.csv"),
    "runs show": ("runs show {run}",),
    "runs compare": ("runs compare {run} plain --out out/b.png",),
    "runs verify": ("runs verify {run}",),
    "runs export": ("runs export {run} --to csv", "runs export {run} --to safetensors --out out/folder"),
    "runs note": ("runs note {run} hello",),
    "runs prune": ("runs prune {run} --yes",),
    "runs rename": ("runs rename {run} other-{number}",),
    "runs remove": ("runs remove other-{number} --yes", "runs remove {run} --yes"),
    "doctor": ("doctor --json",),
}  # fmt: skip
TESTS = Path(__file__).parents[1]
SOURCE = TESTS.parent / "src"
SLOW = ("doctor", "train-text mine", "find-rate text")  # lines that begin so are left to the sweep
OWN_PROCESSES = {"doctor"}  # asks another Python for what may crash


def link(path: Path, to: Path) -> None:
    """Put a link in the place of a file or folder of ours; what was there is now where it leads."""
    if path.exists():
        path.rename(to)
    path.parent.mkdir(exist_ok=True)
    path.symlink_to(to)


def rewrite(run: Path, **changes: Any) -> None:
    document = json.loads((run / "run.json").read_text())
    (run / "run.json").write_text(json.dumps(document | changes))


PREPARED: dict[str, Callable[[Path, Path], None]] = {  # (run, a folder of the user's)
    "samples": lambda run, mine: link(run / "samples", mine / "samples"),
    "checkpoints": lambda run, mine: link(run / "checkpoints", mine / "checkpoints"),
    "metrics": lambda run, mine: link(run / "metrics.jsonl", mine / "metrics.jsonl"),
    "run.json": lambda run, mine: link(run / "run.json", mine / "run.json"),
    "lock": lambda run, mine: link(run / ".lock", mine / "metrics.txt"),
    "pointer": lambda run, mine: link(run / "checkpoints" / "best", mine / "best"),
    "figures": lambda run, mine: link(run / "figures", mine),
    "exports": lambda run, mine: link(run / "exports", mine),
    "report": lambda run, mine: link(run / "report.html", mine / "page.html"),
    "note": lambda run, mine: link(run / "note.txt", mine / "note.txt"),
    "up": lambda run, _: (run / "checkpoints" / "last").write_text("../../mine\n") and None,
    "sources": lambda run, mine: rewrite(run, data={"sources": [str(mine / "notes.txt"), "| id", "http://localhost/"]}),
    "parent": lambda run, mine: rewrite(run, init_from="../../mine", argv=["train-text", "; id"], family="text"),
    "left": lambda run, mine: link(run / "checkpoints" / ".tmp-a-1", mine),
}


def prepare(folder: Path, run_of: Callable[[str], Path]) -> list[str]:
    """A folder as somebody who means harm would hand it over; the names of its runs."""
    mine = folder / "mine"
    (mine / "pictures").mkdir(parents=True)
    (folder / "out").mkdir()
    for name, data in {
        "notes.txt": b"mine", "page.html": b"mine", "bad.txt": b"\x1b]0;x\x07" + CORPUS.encode(), "bad.npz": b"PK\3\4",
        "bad.wav": b"RIFF" + bytes(40), "bad.csv": b"path,words\n|id,=1+2\n/etc/passwd,a\n", "metrics.txt": b"mine",
        "pictures/digit.png": b"\x89PNG\r\n\x1a\n" + bytes(40), "pictures/page.svg": b"<svg/>", "note.txt": b"mine",
    }.items():  # fmt: skip
        (mine / name).write_bytes(data)
    for ending in ("txt", "png", "csv", "html"):
        (folder / "out" / f"link.{ending}").symlink_to(mine / "notes.txt")
    for name, change in PREPARED.items():
        kept = folder / "mine" / f"of-{name}"
        kept.mkdir()
        for one in mine.iterdir():
            if one.is_file():
                (kept / one.name).write_bytes(one.read_bytes())
        change(run_of(name), kept)
    run_of("plain")
    made_comparison(folder / "runs", "compared", ["a", "b"], [[3.0, 2.0], [3.0, 2.5]])
    link(folder / "runs" / "compared" / "comparison.csv", mine / "comparison.csv")
    return [*PREPARED, "compared"]


def seen_by(folder: Path, lines: Sequence[Sequence[str]]) -> list[dict[str, Any]]:
    """What the lines did, each in turn, in one process that watches itself."""
    may = [folder / "runs", folder / "cache", folder / "out", folder / "temporary", folder / "bad"]
    (folder / "temporary").mkdir(exist_ok=True)
    done = subprocess.run(
        [sys.executable, "-m", "faults.audited"], cwd=folder, capture_output=True, text=True, timeout=900, check=False,
        input=json.dumps({"lines": [*map(list, lines)], "folders": [*map(str, may)]}),
        env={**os.environ, "PYTHONPATH": f"{SOURCE}{os.pathsep}{TESTS}", "GENMODELS_CACHE": str(folder / "cache"),
             "TMPDIR": str(folder / "temporary"), "GENMODELS_OFFLINE": "1",
             "PYTHONDONTWRITEBYTECODE": "1", "TORCHINDUCTOR_CACHE_DIR": str(folder / "temporary")},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def sums(folder: Path) -> dict[str, str]:
    """What lies in a folder and below, by its bytes."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "folder"
        for path in sorted(folder.rglob("*"))
    }


def check(folder: Path, lines: Sequence[str], names: Sequence[str]) -> int:
    """Run them and look at what they did; gives back how many there were."""
    before = sums(folder / "mine")
    found = seen_by(folder, [line.split() for line in lines])
    wrong = [(one["line"], one["seen"]) for one in found if one["seen"] and one["line"][0] not in OWN_PROCESSES]
    assert not wrong, wrong
    failed = [(one["line"], one["said"]) for one in found if one["code"] == 1]
    assert not failed, failed
    after = sums(folder / "mine")
    changed = [name for name in {*before, *after} if before.get(name) != after.get(name)]
    assert not changed, changed
    assert all((folder / "out" / f"link.{ending}").is_symlink() for ending in ("txt", "png", "csv", "html"))
    assert {path.name for path in folder.iterdir()} - {"bad"} == {"mine", "out", "runs", "cache", "temporary", *names}
    return len(found)


def test_every_command_is_asked() -> None:
    assert set(LINES) == {command for command in COMMANDS if command not in GROUPS}


def spread(names: Sequence[str]) -> Iterator[str]:
    """Each line once, the runs in turn."""
    runs = cycle(names)
    for number, line in enumerate(line for lines in LINES.values() for line in lines):
        yield line.format(run=next(runs), number=number)


def every(names: Sequence[str]) -> Iterator[str]:
    """Each line with each run; those that rename and remove last."""
    for lines in LINES.values():
        for line in lines:
            for number, name in enumerate(names if "{" in line else names[:1]):
                yield line.format(run=name, number=number)


def copies(run: Path, folder: Path) -> Callable[[str], Path]:
    return lambda name: Path(shutil.copytree(run, folder / "runs" / name, symlinks=True))


def of_family(folder: Path, family: str) -> Callable[[str], Path]:
    return copies(made_run(folder / "runs", "first", family).path, folder)


def test_commands_on_prepared_runs_keep_to_their_places(tmp_path: Path) -> None:
    names = prepare(tmp_path, of_family(tmp_path, "text"))
    assert check(tmp_path, [line for line in spread(names) if not line.startswith(SLOW)], []) > len(LINES)


@pytest.mark.sweep
def test_commands_that_take_longer_keep_to_their_places_too(tmp_path: Path) -> None:
    names = prepare(tmp_path, of_family(tmp_path, "vae"))
    assert check(tmp_path, list(spread(names)), []) > len(LINES)


@pytest.mark.nightly
@pytest.mark.timeout(1000)
@pytest.mark.parametrize("family", ["text", "vae", "gan", "reader"])
def test_every_command_on_every_prepared_run_keeps_to_its_places(tmp_path: Path, family: str) -> None:
    names = prepare(tmp_path, of_family(tmp_path, family))
    assert check(tmp_path, list(every(names)), []) > 500


@pytest.mark.nightly
@pytest.mark.timeout(1000)
def test_commands_on_trained_runs_that_were_prepared_keep_to_their_places(tmp_path: Path, trained: Path) -> None:
    names = prepare(tmp_path, copies(trained, tmp_path))
    lines = [line for line in every(names) if line.split()[0] not in {"tour", "find-rate"} and "dataset" not in line]
    assert check(tmp_path, lines, ["corpus.txt"]) > 300
