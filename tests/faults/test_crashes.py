"""A death, a failing disk and a loss of power at every call that changes the disk: nothing is lost or half there.

Each scene is made again and again, until it ends before the call that fails.
"""

import errno
import random
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from doors import Cli
from faults.filling import data_given, filled_after, images_filled, page_there, reported, reported_after, text_filled
from faults.power import Power
from faults.shim import Died, Disk, on, works_here
from genmodels.durable import HIDDEN_NAME
from genmodels.errors import GenmodelsError, UsageError
from genmodels.named_files import forced, save_file
from genmodels.runs import RunDir, create_run
from genmodels.runs.accepting import check_as_left
from genmodels.runs.checkpoint import (
    forget_epochs,
    load_training_state,
    prune_epochs,
    read_checkpoint,
    save_epoch,
    save_training_state,
)
from genmodels.runs.making import create_comparison
from genmodels.runs.parts import forget_parts, prune_parts, save_part
from genmodels.runs.pruning import prune_run
from genmodels.runs.renaming import rename_run
from genmodels.runs.verifying import problems_of
from made_runs import made_run

pytestmark = [
    pytest.mark.faults,
    pytest.mark.skipif(not works_here(), reason="descriptors are followed by /proc"),
]
WEIGHTS = {"model": {"weight": np.arange(50, dtype=np.float32)}}
DOCUMENT: dict[str, Any] = {"settings": {"seed": {"value": 1, "from": "flag"}}, "data": {}, "plan": None}


def quiet(_: str) -> None:
    """Nobody is told."""


@dataclass(frozen=True)
class Scene:
    """Something that genmodels writes.

    Args:
        prepare: a folder -> what is there before.
        act: writes.
        check: what must hold after a death in it, and after an error: never less than was there before.
    """

    prepare: Callable[[Path], object]
    act: Callable[[Path], object]
    check: Callable[[Path], object]


def stopped(folder: Path) -> RunDir:
    """A run with two training states and three epochs of five."""
    return made_run(folder, "r", scores=(3.0, 2.0, 1.5), planned=5, settings={"keep_epochs": 2})


def ended(run: RunDir, epoch: int = 4) -> None:
    """The end of an epoch, as `genmodels.training.ledger` writes it."""
    step = 10 * epoch
    run.append_metrics({"epoch": epoch, "step": step, "split": "validation", "nll": 1.0, "seconds": 1.0})
    save_epoch(run, epoch, WEIGHTS, {"epoch": epoch, "step": step}, is_best=True)
    run.write_sample(f"epoch-{epoch:04d}.txt", b"text")
    state_saved(run, step, epoch)
    prune_epochs(run, 2)
    prune_parts(run, 2)


def state_saved(run: RunDir, step: int, epoch: int, best: int = 4) -> None:
    progress = {"step": step, "evaluated": epoch, "best_epoch": best}
    save_training_state(run, step, WEIGHTS, {"progress": progress, "metrics_bytes": run.metrics_size()})


def whole_after(folder: Path) -> None:
    """The run is whole, says so, goes on from a state that was there or the new one, and leaves nothing behind."""
    run = RunDir(folder / "r")
    assert problems_of(run) == {}
    check_as_left(run, quiet)
    newest = load_training_state(run, pytest.fail)
    assert newest is not None
    assert int(newest.path.name[5:]) >= 30
    assert run.pointer("last") == newest.path.name
    run.truncate_metrics(newest.state["metrics_bytes"])  # as `genmodels.training.ledger` goes on
    forget_parts(run, newest.state["progress"]["step"])
    forget_epochs(run, newest.state["progress"]["evaluated"], newest.state["progress"]["best_epoch"])
    for epoch in run.kept():
        assert read_checkpoint(run.epoch_checkpoint(epoch)).tensors
    assert problems_of(run) == {}
    assert not list(run.path.rglob(".tmp-*")), list(run.path.rglob(".tmp-*"))


def pruned_after(folder: Path) -> None:
    run = RunDir(folder / "r")
    assert problems_of(run) == {}
    assert {2, 4} <= set(run.epochs())
    prune_run(run, [2], quiet)
    assert (run.epochs(), run.steps(), problems_of(run)) == ([2, 4], [], {})


def renamed_after(folder: Path) -> None:
    names = [path.name for path in folder.iterdir()]
    assert len(names) == 1, names
    assert problems_of(RunDir(folder / names[0])) == {}


def made_after(folder: Path) -> None:
    """It is there as a whole, or its name is free."""
    if (folder / "r").exists():
        assert RunDir(folder / "r").document()["family"] == "text"
        assert problems_of(RunDir(folder / "r")) == {}
    else:
        create_run(folder, "text", DOCUMENT, "r")
    left = [path.name for path in folder.iterdir() if path.name != "r"]
    assert left == [], left


def compared_after(folder: Path) -> None:
    if not (folder / "c").exists():
        compared(folder)
    assert [path.name for path in folder.iterdir()] == ["c"]


def compared(folder: Path) -> None:
    settings = {"kind": "models", "settings": {}, "data": {}, "members": {}}
    create_comparison(folder, "text", settings, "c").document()


def saved_by_force(path: Path) -> None:
    """Over a file that this program did not write."""
    with forced():
        save_file(path, b"new" * 100)


def replaced_after(folder: Path) -> None:
    assert (folder / "out.csv").read_bytes() in {b"old", b"new" * 100}


SCENES = {
    "making a run": Scene(lambda folder: None, lambda folder: create_run(folder, "text", DOCUMENT, "r"), made_after),
    "making a comparison": Scene(lambda folder: None, compared, compared_after),
    "saving a state": Scene(stopped, lambda folder: state_saved(RunDir(folder / "r"), 35, 3, 3), whole_after),
    "the end of an epoch": Scene(stopped, lambda folder: ended(RunDir(folder / "r")), whole_after),
    "part of an epoch": Scene(
        stopped, lambda folder: save_part(RunDir(folder / "r"), 3.5, WEIGHTS, {"epoch": 3.5, "step": 35}), whole_after
    ),
    "pruning": Scene(
        lambda folder: made_run(folder, "r"), lambda folder: prune_run(RunDir(folder / "r"), [2], quiet), pruned_after
    ),
    "renaming": Scene(
        stopped, lambda folder: rename_run(folder, RunDir(folder / "r"), "s", quiet), renamed_after
    ),
    "--out": Scene(
        lambda folder: (folder / "out.csv").write_bytes(b"old"),
        lambda folder: saved_by_force(folder / "out.csv"), replaced_after,
    ),
    "a cache fill with a text": Scene(data_given, text_filled, filled_after),
    "a cache fill with images": Scene(data_given, images_filled, filled_after),
    "a report": Scene(page_there, reported, reported_after),
}  # fmt: skip


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a dead process left half made is swept without waiting, as nobody else makes anything here."""
    monkeypatch.setattr("genmodels.runs.making.NOBODY_MAKES", -1.0)
    for writer in ("genmodels.named_files", "genmodels.data.read_before"):
        monkeypatch.setattr(f"{writer}.NOBODY_WRITES", -1.0)


class Stage:
    """A scene's folder, set up once and copied for each try."""

    def __init__(self, scene: Scene, folder: Path) -> None:
        self.scene, self.folder = scene, folder
        (folder / "set").mkdir()
        scene.prepare(folder / "set")

    def copy(self, name: object) -> Path:
        return Path(shutil.copytree(self.folder / "set", self.folder / str(name), symlinks=True))


@pytest.fixture(params=SCENES)
def stage(request: pytest.FixtureRequest, tmp_path: Path) -> Stage:
    return Stage(SCENES[request.param], tmp_path)


FEW = ("making a run", "saving a state")  # which the ordinary suite takes, as they have most kinds of calls
MANY = [*FEW, *(pytest.param(name, marks=pytest.mark.sweep) for name in SCENES if name not in FEW)]
few_of_them = pytest.mark.parametrize("stage", MANY, indirect=True)


def calls_of(stage: Stage) -> int:
    """How many calls the scene makes when all goes well."""
    folder = stage.copy("well")
    with on(Disk(folder)) as disk:
        stage.scene.act(folder)
    stage.scene.check(folder)
    assert disk.count >= 3
    return disk.count


@few_of_them
def test_a_death_at_any_call_leaves_all_whole(stage: Stage) -> None:
    for at in range(1, calls_of(stage) + 1):
        folder = stage.copy(at)
        with on(Disk(folder, at)), pytest.raises(Died):
            stage.scene.act(folder)
        stage.scene.check(folder)
        shutil.rmtree(folder)


ERRORS = [errno.ENOSPC, *(pytest.param(one, marks=pytest.mark.sweep) for one in (errno.EIO, errno.EDQUOT, errno.EINTR))]


@few_of_them
@pytest.mark.parametrize("lasting", [True, pytest.param(False, marks=pytest.mark.sweep)])
@pytest.mark.parametrize("error", ERRORS)
def test_an_error_at_any_call_is_a_sentence_and_leaves_all_whole(stage: Stage, error: int, lasting: bool) -> None:
    for at in range(1, calls_of(stage) + 1):
        folder = stage.copy(at)
        try:
            with on(Disk(folder, at, error, lasting=lasting)):
                stage.scene.act(folder)
        except GenmodelsError as told:
            assert told.exit_code in {4, 5}
        stage.scene.check(folder)
        shutil.rmtree(folder)


LOSSES = [
    1,
    pytest.param(4, marks=pytest.mark.sweep),
    pytest.param(60, marks=[pytest.mark.nightly, pytest.mark.timeout(3600)]),
]


@few_of_them
@pytest.mark.parametrize("orders", LOSSES)
def test_after_a_loss_of_power_at_any_call_all_is_whole(stage: Stage, tmp_path: Path, orders: int) -> None:
    calls = calls_of(stage)
    for at in range(1, calls + 2):
        folder, graveyard = stage.copy(at), tmp_path / f"graveyard-{at}"
        graveyard.mkdir()
        power = Power(folder, graveyard)
        power.watch(disk := Disk(folder, at))
        try:
            with on(disk):
                stage.scene.act(folder)
        except Died:
            pass
        for order in range(orders):
            survived = tmp_path / f"survived-{at}-{order}"
            power.survives(survived, random.Random(order) if order else None)
            stage.scene.check(survived)
            shutil.rmtree(survived)
        shutil.rmtree(folder)


def test_what_was_saved_is_there_after_a_loss_of_power(tmp_path: Path) -> None:
    stage = Stage(SCENES["the end of an epoch"], tmp_path)
    folder, graveyard = stage.copy("r"), tmp_path / "graveyard"
    graveyard.mkdir()
    power = Power(folder, graveyard)
    power.watch(disk := Disk(folder))
    with on(disk):
        stage.scene.act(folder)
    power.survives(tmp_path / "survived")
    run = RunDir(tmp_path / "survived" / "r")
    assert (run.pointer("last"), run.pointer("best"), run.epochs()[-1]) == ("step-00000040", "epoch-0004", 4)
    assert run.metrics()[-1]["epoch"] == 4


HIDDEN = re.compile(r"\.(?:tmp|old)-[^/'\"]+")


@pytest.mark.parametrize("name", [*(name for name in SCENES if name != "renaming"), "a state once more"])
def test_whatever_writes_hides_by_one_kind_of_name(tmp_path: Path, name: str) -> None:
    scene = SCENES.get(name) or Scene(stopped, lambda folder: state_saved(RunDir(folder / "r"), 30, 3, 3), whole_after)
    folder, seen = Stage(scene, tmp_path).copy("x"), set[str]()
    with on(disk := Disk(folder)):
        disk.before = lambda _, arguments: seen.update(HIDDEN.findall(str(arguments)))
        scene.act(folder)
    assert seen
    assert {one for one in seen if not HIDDEN_NAME.fullmatch(one)} == set()
    assert any(one.startswith(".old-step-00000030-") for one in seen) or name in SCENES


def test_of_two_that_make_one_name_at_once_one_wins_and_the_other_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from genmodels.runs import making

    take = making._take_name

    def raced(hidden: Path, path: Path) -> None:
        monkeypatch.setattr(making, "_take_name", take)
        create_run(tmp_path, "vae", DOCUMENT, "r")
        take(hidden, path)

    monkeypatch.setattr(making, "_take_name", raced)
    with pytest.raises(UsageError, match="exists already"):
        create_run(tmp_path, "text", DOCUMENT, "r")
    assert RunDir(tmp_path / "r").document()["family"] == "vae"
    assert [path.name for path in tmp_path.iterdir()] == ["r"]


def test_what_is_being_made_by_another_process_now_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    (tmp_path / ".tmp-s-12345-0123456789abcdef").mkdir()
    (tmp_path / ".tmp-mine").mkdir()
    create_run(tmp_path, "text", DOCUMENT, "r")
    assert {path.name for path in tmp_path.iterdir()} == {"r", ".tmp-s-12345-0123456789abcdef", ".tmp-mine"}


@pytest.mark.sweep
def test_a_report_writes_its_page_alone_after_all_is_computed(trained: Path, cli: Cli) -> None:
    written: list[str] = []
    disk = Disk(trained)
    disk.before = lambda name, arguments: written.append(name)
    with on(disk):
        assert cli("report", "--run", "tiny", "--small").code == 0
    assert (trained / "report.html").stat().st_size > 50_000
    assert written == ["mkdir", "open", "fsync", "replace", "fsync"], "its folder is there, as mkdir finds"
