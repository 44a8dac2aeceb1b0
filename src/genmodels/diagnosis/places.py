"""Where runs, cache and temporary files are, how much they hold, and whether there is room for more."""

import contextlib
import os
import shutil
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from genmodels.data.cache import cache_folder, is_open_to_others
from genmodels.data.offline import is_offline
from genmodels.diagnosis.section import Fact, Section
from genmodels.diagnosis.system import variables
from genmodels.errors import ResourceError
from genmodels.exhibit import size
from genmodels.telling import counted

SECONDS = 1.0  # that counting one folder may take
OWN_VARIABLES = ("GENMODELS_RUNS", "GENMODELS_CACHE", "GENMODELS_OFFLINE")
OPEN = "others may write to it: what they may have written is not believed"
LITTLE = 1 << 30  # bytes: a run of images and its states take some hundred MiB


@dataclass
class Holding:
    """What a folder holds.

    Args:
        files: how many.
        bytes: in all of them.
        runs: how many folders in it are runs.
        whole: whether all of it was counted and could be read.
    """

    files: int = 0
    bytes: int = 0
    runs: int = 0
    whole: bool = True

    def __str__(self) -> str:
        least = "" if self.whole else "at least "
        return f"{least}{counted(self.files, 'file')}, {size(self.bytes)}"


def held_by(folder: Path, seconds: float = SECONDS) -> Holding:
    """Count what a folder holds, following no links, for at most so long."""
    holding, ends_at, waiting = Holding(), time.monotonic() + seconds, [folder]
    while waiting:
        try:
            with os.scandir(waiting.pop()) as entries:
                for entry in entries:
                    if time.monotonic() > ends_at:
                        return _cut_short(holding)
                    _count(entry, holding, waiting)
        except OSError:
            holding.whole = False
    return holding


def _cut_short(holding: Holding) -> Holding:
    holding.whole = False
    return holding


def _count(entry: "os.DirEntry[str]", holding: Holding, waiting: list[Path]) -> None:
    if entry.is_dir(follow_symlinks=False):
        waiting.append(Path(entry.path))
        return
    holding.files += 1
    holding.bytes += entry.stat(follow_symlinks=False).st_size
    holding.runs += entry.name == "run.json"


def places(runs: Path) -> Section:
    """The folders of runs, cache and temporary files, and genmodels' own variables.

    Args:
        runs: folder of the runs.
    """
    facts: list[Fact] = []
    problems: list[str] = []
    for name, folder in (("runs", runs), ("cache", _cache()), ("temporary files", _temporary())):
        if isinstance(folder, str):
            facts.append(Fact(name, None, folder))
            problems.append(f"{name}: {folder}")
        else:
            facts.append(_place(name, folder.absolute(), count=name != "temporary files", private=name == "cache"))
            problems += _problems(name, facts[-1])
    offline = is_offline()
    facts.append(Fact("offline", offline, "yes, nothing is downloaded" if offline else "no"))
    return Section("folders", [*facts, *variables(OWN_VARIABLES)], problems)


def _cache() -> Path | str:
    try:
        return cache_folder()
    except ResourceError as error:
        return f"{error.what}; set GENMODELS_CACHE"


def _temporary() -> Path | str:
    try:
        return Path(tempfile.gettempdir())
    except OSError as error:
        return f"no folder can be written ({error.strerror}); set TMPDIR"


def _place(name: str, folder: Path, *, count: bool, private: bool) -> Fact:
    """A folder: whether it is there and can be written, and by others, what it holds, how much room its disk has."""
    there = _nearest(folder)
    writable, free = there.is_dir() and os.access(there, os.W_OK | os.X_OK), _free(there)
    value = {"path": str(folder), "exists": there == folder, "writable": writable, "free": free}
    parts = [str(folder)]
    if not there.is_dir():
        parts.append(f"{there} is no folder")
    elif there != folder:
        parts.append("not there yet" if writable else "not there, and can't be made")
    elif not writable:
        parts.append("can't be written")
    if count and folder.is_dir():
        holding = held_by(folder)
        value |= {"files": holding.files, "bytes": holding.bytes, "counted_all": holding.whole}
        value |= {"runs": holding.runs} if name == "runs" else {}
        parts += [counted(holding.runs, "run")] if name == "runs" else []
        parts.append(str(holding))
    if private:
        value["others_may_write"] = shared = _is_open(folder)
        parts += [OPEN] if shared else []
    parts.append(f"{'unknown' if free is None else size(free)} free")
    return Fact(name, value, ", ".join(parts))


def _is_open(folder: Path) -> bool:
    with contextlib.suppress(OSError):
        return is_open_to_others(folder)
    return False


def _nearest(folder: Path) -> Path:
    """The folder, or the nearest one above it that is there."""
    return next((path for path in (folder, *folder.parents) if os.path.lexists(path)), folder)


def _free(folder: Path) -> int | None:
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return None


def _problems(name: str, place: Fact) -> list[str]:
    found = []
    if not place.value["writable"]:
        found.append(f"{name}: {place.value['path']} can't be written")
    if place.value["free"] is not None and place.value["free"] < LITTLE:
        found.append(f"{name}: only {size(place.value['free'])} are free on the disk of {place.value['path']}")
    return found
