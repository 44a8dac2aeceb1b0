"""Runs are made, and found by name or path."""

import contextlib
import os
import re
import shutil
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from genmodels.durable import disk_errors, replace_file, sync_directory, to_json
from genmodels.errors import RunError, UsageError, did_you_mean, in_turn
from genmodels.paths import make_folder, path_of
from genmodels.runs.comparison import COMPARISON_FORMAT, ComparisonDir
from genmodels.runs.listing import HIDDEN_PREFIXES, list_all, list_comparisons, list_runs
from genmodels.runs.newest import newest_first, to_read
from genmodels.runs.run_dir import COMPARISON, RUN_FORMAT, RunDir, train_command, typed

LONGEST_NAME = 200  # bytes; file systems take 255, and files beside it have longer names
# What Windows takes for a device, whatever follows the first dot, in any case: such a run could not be copied there.
DEVICES = {"CON", "PRN", "AUX", "NUL"} | {f"{port}{number}" for port in ("COM", "LPT") for number in "123456789¹²³"}


def runs_folder(runs: str | Path | None = None) -> Path:
    """Where runs live: the folder that was named, else GENMODELS_RUNS, else "runs"."""
    return path_of(runs or os.environ.get("GENMODELS_RUNS") or "runs")


def check_name(name: str, root: Path) -> None:
    """Check the name of a new run.

    Raises:
        UsageError: it is taken, or see `check_plain_name`.
    """
    check_plain_name(name)
    if os.path.lexists(root / name):
        raise _taken(root / name)


def check_plain_name(name: str, called: str = "--name") -> None:
    """Check that a directory may be called so, on any system.

    Args:
        name: it.
        called: what the user knows it by.

    Raises:
        UsageError: it is reserved, too long, or not a plain directory name.
    """
    if not isinstance(name, str):
        raise UsageError(f"{called.removeprefix('--')} is {name!r}, but it must be a text", "give a text.")
    length = len(name.encode("utf-8", "surrogatepass"))
    if length > LONGEST_NAME:
        what = f"{called} {name[:20]!r}... is longer than {LONGEST_NAME} bytes: it has {length:,}"
        raise UsageError(what, "choose a shorter one.")
    if name == "last":
        raise UsageError(f"{called} 'last' is reserved: it means the newest run", "choose another name.")
    if not re.fullmatch(r"[\w.+][\w.+-]*", name) or name in {".", ".."}:
        raise UsageError(f"{called} {name!r} cannot name a run", "use letters, digits, '_', '.', '+' and, inside, '-'.")
    if name.startswith(HIDDEN_PREFIXES):
        what = f"{called} {name!r} cannot name a run: what begins so is half written or half removed, and swept away"
        raise UsageError(what, "choose another name.")
    if name.endswith("."):
        raise UsageError(f"{called} {name!r} ends in a dot, which Windows drops from names", "leave the dot out.")
    if name.partition(".")[0].upper() in DEVICES:
        hint = "choose another name; one that only begins so will do, such as console."
        raise UsageError(f"{called} {name!r} cannot name a run: on Windows it is a device", hint)


def _taken(path: Path) -> UsageError:
    return UsageError(f"{path} exists already", "choose another --name, or --resume it; nothing was overwritten.")


def create_run(root: Path, family: str, document: dict[str, Any], name: str | None = None) -> RunDir:
    """Make a new run directory and its run.json; never touches one that exists.

    Raises:
        UsageError: the name is taken or is not a plain directory name.
        ResourceError: the folder cannot be written.
    """
    now = datetime.now(UTC)
    if name is not None:
        check_name(name, root)
    head = {"format": RUN_FORMAT, "family": family, "created_at": now.isoformat()}
    content = to_json(head | document)
    path = root / (name or f"{family}-{now:%Y%m%d-%H%M%S}-{os.urandom(2).hex()}")
    with disk_errors(path):
        _make(path, "run.json", content, "checkpoints")
    return RunDir(path)


def create_comparison(root: Path, family: str, document: dict[str, Any], name: str) -> ComparisonDir:
    """Make a new directory for a comparison, with its comparison.json; never touches one that exists.

    Raises:
        UsageError: the name is taken or is not a plain directory name.
        ResourceError: the folder cannot be written.
    """
    check_name(name, root)
    head = {"format": COMPARISON_FORMAT, "family": family, "created_at": datetime.now(UTC).isoformat()}
    with disk_errors(root / name):
        _make(root / name, COMPARISON, to_json(head | document))
    return ComparisonDir(root / name)


def _make(path: Path, file: str, content: bytes, *folders: str) -> None:
    """A new directory with some in it and the file that says what it is, or none at all."""
    make_folder(path.parent)
    try:
        path.mkdir()
    except FileExistsError as error:
        raise _taken(path) from error
    try:
        for folder in folders:
            (path / folder).mkdir()
        replace_file(path / file, content)
        sync_directory(path.parent)
    except (OSError, KeyboardInterrupt):
        shutil.rmtree(path, ignore_errors=True)  # so that the name is free for the next attempt
        raise


def find_run(root: Path, reference: str | None, *families: str) -> RunDir:
    """The run that a user means: a path, a name under `root`, "last" for the newest, or the best one to read.

    Args:
        root: where runs are.
        reference: a path, a name, or "last"; None: the newest with a finished epoch that is not being trained now, or
            where there is none such the newest with a finished epoch, or the newest.
        families: those that the command can use; none for any.

    Raises:
        RunError: there is none, or it is of another family.

    Example:
        >>> genmodels.find_run(pathlib.Path("runs"), "story").name
        'story'
    """
    root = path_of(root)
    if reference is None or reference == "last":
        found = newest_first(root, families, certain=reference == "last")
        return found[0] if reference == "last" else to_read(found)
    several = find_comparison(root, reference)
    run = RunDir(place_of(root, reference)) if several is None else several
    family = run.document()["family"]
    if families and family not in families:
        kind = f"a {family} run" if several is None else f"a comparison of {family} runs"
        what = f"{run.path} is {kind}, but this command needs a {in_turn(families, 'or')} run"
        raise RunError(what, _one_that_fits(root, families))
    if isinstance(run, ComparisonDir):
        raise _one_of(run)
    return run


def alike(root: Path, run: RunDir) -> RunDir | None:
    """The newest other run of the same family on the same data with a finished epoch that nobody trains now."""
    document = run.document()
    for other in reversed(list_runs(root)):
        with contextlib.suppress(RunError):
            theirs = other.document()
            same = (theirs["family"], theirs["data"]) == (document["family"], document["data"])
            if same and other.name != run.name and other.epochs() and not other.is_being_trained():
                return other
    return None


def another_of(run: RunDir, models: Sequence[str]) -> str:
    """A hint: the newest run beside one, or beside it in its comparison, that has a model of some; else those models.

    Args:
        run: that has another model.
        models: by their names.
    """
    family = run.document()["family"]
    for other in reversed(list_all(run.path.parent)):
        with contextlib.suppress(RunError):
            theirs = other.document()
            fits = theirs["settings"].get("model", {}).get("value") in models
            if fits and theirs["family"] == family and other.epochs():
                return f"name another run, such as {other.quoted}."
    return f"give a run of {in_turn(models, 'or')}."


def whole_of(run: RunDir) -> RunDir | ComparisonDir:
    """The comparison whose member a run is, or the run itself."""
    folder = run.path.parent
    return ComparisonDir(folder) if (folder / COMPARISON).exists() else run


def find_comparison(root: Path, reference: str, *families: str) -> ComparisonDir | None:
    """The comparison that a user means; None where it is a single run, or nothing that is there.

    Args:
        root: where runs are.
        reference: a path, a name, or "last": that of the newest run of some families, if it is of one.
        families: those that the command can use; none for any.

    Raises:
        RunError: there is no run at all.
    """
    root = path_of(root)
    if reference == "last":
        newest = whole_of(newest_first(root, families)[0])
        return newest if isinstance(newest, ComparisonDir) else None
    found = None if _place_of(root, reference, "run.json") else _place_of(root, reference, COMPARISON)
    return None if found is None else ComparisonDir(found)


def find_either(root: Path, reference: str | None) -> RunDir | ComparisonDir:
    """The run or the comparison that a user means; where the newest run is one of a comparison, that.

    Args:
        root: where runs are.
        reference: as of `find_run`.

    Raises:
        RunError: there is none.
    """
    if reference is None:
        return whole_of(find_run(root, None))
    return find_comparison(root, reference) or find_run(root, reference)


def _one_that_fits(root: Path, families: tuple[str, ...]) -> str:
    """A hint: the newest run of some families that can be read, what goes on with one that can't yet, or makes one."""
    fitting: list[RunDir] = []
    for run in reversed(list_all(root)):
        with contextlib.suppress(RunError):
            fitting += [run] if run.document()["family"] in families else []
    for run in fitting:
        if run.epochs():
            return f"name another run, such as {run.quoted}."
    if fitting and fitting[0].is_being_trained():
        return f"name another run, such as {fitting[0].quoted} when it has a finished epoch: it is being trained now."
    return fitting[0].way_on() if fitting else f"genmodels {train_command(families[0])} makes one."


def _place_of(root: Path, reference: str, file: str) -> Path | None:
    """Where a directory with such a file is that a user means: a path counts first, then a name under `root`."""
    if reference == "":
        raise UsageError("the run's name is empty", "give a name or path, or 'last'.")
    return next((path for path in (path_of(reference), root / reference) if (path / file).exists()), None)


def place_of(root: Path, reference: str) -> Path:
    """Where the run of a name or path is.

    Raises:
        RunError: there is no such run, or not yet.
    """
    found = _place_of(root, reference, "run.json")
    if found is not None:
        return found
    path = path_of(reference)
    folder = _place_of(root, str(path.parent), COMPARISON)
    if folder is not None and path.name in (comparison := ComparisonDir(folder)).document()["members"]:
        raise RunError(f"{comparison.path / path.name} has not begun yet", comparison.way_on())
    if not path.exists():
        names = [*(one.name for one in list_comparisons(root)), *(run.name for run in list_all(root))]
        hint = did_you_mean(reference, names) or f"genmodels runs list --runs {typed(root)} shows what there is."
        raise RunError(f"there is no run {reference}", hint)
    return path


def _one_of(comparison: ComparisonDir) -> RunError:
    """What is wrong with a comparison where one run is meant."""
    begun = comparison.members()
    names = ", ".join(run.name for run in begun)
    if not begun:
        return RunError(f"{comparison.path} is a comparison of which no run is begun", comparison.way_on())
    return RunError(
        f"{comparison.path} is a comparison of several runs ({names}), and one is needed",
        f"name one of them, such as {to_read(begun).quoted}.",
    )
