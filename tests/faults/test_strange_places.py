"""Every path that is written, with something strange in its place: a sentence or a success, and nothing is lost."""

import hashlib
import os
import shutil
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from genmodels.data.text.corpus import HowRead, open_corpus
from genmodels.errors import GenmodelsError
from genmodels.exhibit import Exhibit, Table
from genmodels.exports.exporting import export
from genmodels.families import Run
from genmodels.named_files import save_file, save_folder
from genmodels.runs import ComparisonDir, RunDir, create_run
from genmodels.runs.accepting import check_as_left
from genmodels.runs.checkpoint import load_training_state, prune_epochs, save_epoch, save_training_state
from genmodels.runs.listing import list_runs
from genmodels.runs.making import create_comparison
from genmodels.runs.notes import note_of, write_note
from genmodels.runs.parts import remove_parts, save_part
from genmodels.runs.pruning import prune_run
from genmodels.runs.removing import remove_run
from genmodels.runs.renaming import rename_run
from genmodels.runs.verifying import problems_of, verified
from genmodels.telling import Teller, silent
from made_runs import made_comparison, made_run

pytestmark = [
    pytest.mark.faults,
    pytest.mark.skipif(sys.platform == "win32", reason="Windows has neither such files nor such modes"),
]
WEIGHTS = {"model": {"weight": np.zeros(4, dtype=np.float32)}}
KINDS: dict[str, Callable[[Path, Path], Any]] = {  # (the place, a folder of somebody else's)
    "a link to a file": lambda place, other: place.symlink_to(other / "mine"),
    "a link to a folder": lambda place, other: place.symlink_to(other),
    "a link to nothing": lambda place, other: place.symlink_to(other / "nothing"),
    "a link to itself": lambda place, _: place.symlink_to(place.name),
    "a pipe": lambda place, _: os.mkfifo(place),
    "a folder": lambda place, _: place.mkdir(),
    "a full folder": lambda place, other: (place.mkdir(), (place / "mine").write_bytes(b"mine")),
    "a file": lambda place, _: place.write_bytes(b"mine"),
    "unreadable": lambda place, _: (place.write_bytes(b"mine"), place.chmod(0)),
}


def exhibit() -> Exhibit:
    return Exhibit("name", "title", {"a": 1}, [Table("t", {"a": ""}, [{"a": 1}])])


def removed(root: Path, run: RunDir) -> None:
    save_part(run, 1.5, WEIGHTS, {"step": 15})
    run.write_sample("epoch-0001.500.txt", b"text")
    remove_parts(run, [1.5])


def renamed(root: Path, run: RunDir) -> None:
    made_run(root, "child", scores=(), init_from="run")
    rename_run(root, run, "other", silent)


def of_comparison(root: Path, run: RunDir) -> ComparisonDir:
    path = root / "cells"
    return ComparisonDir(path) if path.exists() else made_comparison(root, "cells", ["a", "b"], [[3.0], [2.0]])


def moved_comparison(root: Path, run: RunDir) -> None:
    rename_run(root, of_comparison(root, run), "other", silent)


def redrawn(root: Path, run: RunDir) -> None:
    figure, table = of_comparison(root, run).files_to_write()
    exhibit().save_table(table, force=True)
    save_file(figure, b"figure")


Operation = Callable[[Path, RunDir], Any]
READ_FIRST = ["run.json", "metrics.jsonl", *(f"checkpoints/{name}" for name in (
    "last", "best", "step-00000040/manifest.json", "step-00000040/state.json", "step-00000040/model.safetensors",
    "epoch-0004/manifest.json", "epoch-0004/state.json",
))]  # fmt: skip
"""What is read of a run before anything is written."""


def resumed(root: Path, run: RunDir) -> None:
    check_as_left(run, silent)
    load_training_state(run, silent)


def looked_at(root: Path, run: RunDir) -> None:
    """As `runs list`, `runs show` and `runs verify` do."""
    list_runs(root)
    verified(run, silent)
    problems_of(run)
    note_of(run)


OPERATIONS: dict[str, tuple[Operation, Sequence[str]]] = {  # what is done to runs/run, the places that it writes
    "begin": (lambda root, _: create_run(root, "text", {"settings": {}, "data": {}}, "new"), ["", "new", "../runs"]),
    "begin a comparison": (lambda root, _: create_comparison(root, "text", {}, "new"), ["new"]),
    "log": (lambda _, run: run.append_metrics({"epoch": 5, "step": 50, "split": "train"}), ["run/metrics.jsonl"]),
    "count": (lambda _, run: run.metrics_size(), ["run/metrics.jsonl"]),
    "cut": (lambda _, run: run.truncate_metrics(0), ["run/metrics.jsonl"]),
    "state": (
        lambda _, run: save_training_state(run, 50, WEIGHTS, {"step": 50}),
        ["run/checkpoints", "run/checkpoints/step-00000050", "run/checkpoints/last", "run/checkpoints/step-00000030"],
    ),
    "epoch": (
        lambda _, run: (save_epoch(run, 5, WEIGHTS, {"epoch": 5}), run.point("best", "epoch-0005")),
        ["run/checkpoints", "run/checkpoints/epoch-0005", "run/checkpoints/best"],
    ),
    "sample": (lambda _, run: run.write_sample("e.txt", b"text"), ["run/samples", "run/samples/e.txt"]),
    "keep": (lambda _, run: prune_epochs(run, 1), ["run/checkpoints", "run/checkpoints/epoch-0001"]),
    "parts": (removed, ["run/checkpoints", "run/samples", "run/samples/epoch-0001.500.txt"]),
    "resume": (
        lambda _, run: load_training_state(run, silent),
        ["run/checkpoints", "run/samples", "run/.tmp-x", "run/.old-y~1", "run/samples/.tmp-x"],
    ),
    "go on": (resumed, [f"run/{name}" for name in READ_FIRST]),
    "accept": (
        lambda _, run: check_as_left(run, silent, accept=True),
        [f"run/{name}" for name in READ_FIRST],
    ),
    "look": (looked_at, [f"run/{name}" for name in (*READ_FIRST, "note.txt", ".lock", "checkpoints", "samples")]),
    "read a comparison": (
        lambda root, run: of_comparison(root, run).document(), ["cells/comparison.json", "cells/a/run.json"],
    ),
    "prune": (
        lambda _, run: prune_run(run, (), silent),
        ["run/checkpoints", "run/samples", "run/.lock", "run/checkpoints/epoch-0001", "run/checkpoints/.tmp-x"],
    ),
    "note": (lambda _, run: write_note(run, "a note"), ["run/note.txt"]),
    "no note": (lambda _, run: write_note(run, ""), ["run/note.txt"]),
    "update": (lambda _, run: run.update(plan={}), ["run/run.json"]),
    "rename": (renamed, ["run/run.json", "child", "other", "run/.lock", "run"]),
    "rename a comparison": (moved_comparison, ["cells/comparison.csv", "cells/.lock"]),
    "draw a comparison": (redrawn, ["cells/comparison.csv", "cells/comparison.png"]),
    "remove": (lambda root, run: remove_run(root, run, silent), ["run", "run/checkpoints", "run/samples", "run/mine"]),
    "list": (lambda root, _: list_runs(root), ["x", "run/samples"]),
    "corpus": (
        lambda *_: open_corpus([], HowRead(), silent, text="to be or not to be"), ["../cache", "../cache/corpora"],
    ),
    "figure": (
        lambda root, _: save_file(root / "figure.png", b"figure"),
        ["figure.png", "../cache", "../cache/written"],
    ),
    "table": (lambda root, _: exhibit().save(root / "new" / "a.csv"), ["new", "new/a.csv"]),
    "folder": (lambda root, _: save_folder(root / "new", {"a": b"1", "b/c": b"2"}), ["new", "new/a", "new/b"]),
    "export": (
        lambda _, run: export(Run(run.path, Teller()), "csv"), ["run/exports", "run/exports/history.csv"],
    ),
}  # fmt: skip
HANDED = {"figure.png", "new/a.csv"}  # into which a pipe of the user's is written, once somebody reads it
NOT_TRIED = {
    *((place, "a pipe") for place in HANDED),
    ("new", "a link to a folder"),  # that the user named as such
    ("", "a link to a folder"),
}


def cases() -> Iterator[tuple[str, str, str]]:
    for name, (_, places) in OPERATIONS.items():
        for place in places:
            for kind in KINDS:
                if (place, kind) not in NOT_TRIED:
                    yield name, place, kind


def sums(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir() if path.is_file()}


def refused_or_done(operation: Operation, root: Path, run: RunDir) -> str | None:
    """The sentence of a refusal.

    Raises:
        TimeoutError: it hangs.
    """

    def hangs(*_: object) -> None:
        raise TimeoutError

    signal.signal(signal.SIGALRM, hangs)
    signal.alarm(10)
    try:
        operation(root, run)
    except GenmodelsError as error:
        assert error.exit_code in {2, 3, 4, 5}
        return error.what
    finally:
        signal.alarm(0)
    return None


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Runs and a comparison that each case gets a copy of."""
    folder = tmp_path_factory.mktemp("made")
    run = made_run(folder, "run")
    run.write_sample("epoch-0004.txt", b"text")
    of_comparison(folder, run)
    return folder


def tried(made: Path, folder: Path, name: str, place: str, kind: str) -> str | None:
    """One case; what was said where it was refused."""
    other, root = folder / "other", folder / "runs"
    other.mkdir()
    for one in ("mine", ".tmp-mine", ".old-mine~1", "epoch-0001.500.txt", "comparison.csv"):
        (other / one).write_bytes(b"mine")
    shutil.copytree(made, root)
    run = RunDir(root / "run")
    target = Path(os.path.normpath(root / place))
    kept = None
    if os.path.lexists(target):  # what was there is set aside, and is what a link to a folder leads to
        kept = target.rename(folder / "kept")
    target.parent.mkdir(parents=True, exist_ok=True)
    leads = kept if kept is not None and kept.is_dir() and kind == "a link to a folder" else other
    before = sums(leads)
    KINDS[kind](target, leads)
    operation, _ = OPERATIONS[name]
    told = refused_or_done(operation, root, run)
    assert sums(leads) == before, f"{told}: something of others was changed"
    assert sums(other) == {one: hashlib.sha256(b"mine").hexdigest() for one in sums(other)}
    assert len(sums(other)) == 5
    return told


def sure_names(folder: Path) -> list[str]:
    """What is left half written."""
    return [path.name for path in folder.rglob(".tmp-*") if path.is_file() and path.name.count("-") > 2]


@pytest.mark.parametrize(("name", "place", "kind"), [
    ("log", "run/metrics.jsonl", "a link to a file"), ("sample", "run/samples", "a link to a folder"),
    ("state", "run/checkpoints", "a link to a folder"), ("resume", "run/samples", "a link to a folder"),
    ("prune", "run/.lock", "a pipe"), ("update", "run/run.json", "a link to a file"),
    ("note", "run/note.txt", "a link to nothing"), ("draw a comparison", "cells/comparison.csv", "a link to a file"),
    ("figure", "figure.png", "a file"), ("export", "run/exports", "a link to a folder"),
])  # fmt: skip
def test_what_is_strange_is_refused(
    made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, place: str, kind: str
) -> None:
    monkeypatch.chdir(tmp_path)
    assert tried(made, tmp_path, name, place, kind) is not None
    assert sure_names(tmp_path) == []


@pytest.mark.sweep
@pytest.mark.parametrize("name", OPERATIONS)
def test_every_place_that_is_written_with_everything_strange_in_it(
    made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    wrong: list[str] = []
    for number, case in enumerate(one for one in cases() if one[0] == name):
        folder = tmp_path / f"{number}"
        folder.mkdir()
        monkeypatch.chdir(folder)
        monkeypatch.setenv("GENMODELS_CACHE", str(folder / "cache"))
        try:
            tried(made, folder, *case)
            assert sure_names(folder) == [], "left half written"
            shutil.rmtree(folder)
        except Exception as error:
            wrong.append(f"{case}: {type(error).__name__}: {error}"[:400])
    assert not wrong, "\n".join(wrong)
