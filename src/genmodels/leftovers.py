"""What killed processes left half written is swept away, and nothing else."""

import contextlib
import os
import re
import shutil
import stat
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from genmodels.durable import ASIDE_PREFIX, HIDDEN_NAME, TEMPORARY_PREFIX, name_before

NOBODY_WRITES = 3600.0  # seconds after which a half written file is left by a process that died


def sweep_temporaries(directory: Path, seconds_old: float = 0.0) -> None:
    """Remove what a killed process left half written, and give a directory moved aside its name back.

    No link is followed: of a directory that is one nothing is touched, and one in it stays.

    Args:
        directory: where to look.
        seconds_old: leave alone what is younger, as another process may be writing it.
    """
    if directory.is_symlink():
        return
    for aside in older_than(directory.glob(f"{ASIDE_PREFIX}*"), seconds_old):
        _put_back_or_remove(aside, directory / name_before(aside))
    for leftover in older_than(directory.glob(f"{TEMPORARY_PREFIX}*"), seconds_old):
        if leftover.is_dir():
            shutil.rmtree(leftover, ignore_errors=True)
        else:
            leftover.unlink(missing_ok=True)


def _put_back_or_remove(aside: Path, target: Path) -> None:
    """Give a directory moved aside its name, unless that is taken; another process may do so, or publish, meanwhile."""
    if not os.path.lexists(target):
        try:
            aside.rename(target)
        except OSError:
            if os.path.lexists(aside) and not os.path.lexists(target):
                raise
        else:
            return
    shutil.rmtree(aside, ignore_errors=True)


def sweep_left_behind(directory: Path, seconds_old: float) -> None:
    """Remove files that a killed `replace_file` left in a folder of the user's: surely ours, old, and no links.

    Args:
        directory: where to look; one that can't be read or changed stays as it is.
        seconds_old: leave alone what is younger.
    """
    with contextlib.suppress(OSError), os.scandir(directory) as entries:
        for path in older_than(_hidden_in(entries), seconds_old):
            facts = path.lstat()
            if stat.S_ISREG(facts.st_mode) and facts.st_nlink == 1 and facts.st_uid == getattr(os, "geteuid", int)():
                path.unlink(missing_ok=True)


def left_in(directory: Path, seconds_old: float, digits: int) -> Iterator[Path]:
    """Directories that killed processes left half made or half removed in one of the user's, and old.

    By their names they are ours; who removes one looks at what it holds besides.

    Args:
        directory: where to look.
        seconds_old: leave alone what is younger.
        digits: in how many hexadecimal digits such names ended in earlier versions.
    """
    earlier = re.compile(rf"\.tmp-.+-\d+-[0-9a-f]{{{digits}}}", re.DOTALL)
    with os.scandir(directory) as entries:
        names = [one.name for one in entries if one.name.startswith(TEMPORARY_PREFIX)]
    ours = [directory / name for name in names if HIDDEN_NAME.fullmatch(name) or earlier.fullmatch(name)]
    yield from (path for path in older_than(ours, seconds_old) if path.is_dir())


def _hidden_in(entries: Iterable["os.DirEntry[str]"]) -> list[Path]:
    named = (one for one in entries if one.name.startswith(TEMPORARY_PREFIX))
    return [Path(one.path) for one in named if HIDDEN_NAME.fullmatch(one.name)]


def older_than(paths: Iterable[Path], seconds: float) -> Iterator[Path]:
    """Those last touched or renamed that long ago, but for links; one taken away meanwhile is left out."""
    for path in list(paths):
        with contextlib.suppress(FileNotFoundError):
            facts = path.lstat()
            if not stat.S_ISLNK(facts.st_mode) and time.time() - max(facts.st_mtime, facts.st_ctime) >= seconds:
                yield path
