"""The user's cache folder: everything in it can be made again.

What others may write to is not believed: of what lies in the cache only files that belong to who asks, to the system's
administrator, or to the owner of a folder that GENMODELS_CACHE names, and that nobody else may write to. So a class can
share one that its teacher filled, and a folder to which a whole group may write does no harm.
"""

import atexit
import errno
import functools
import os
import shutil
import stat
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from genmodels.errors import ResourceError
from genmodels.paths import path_of

CACHE_HINT = "free some space, or set GENMODELS_CACHE to a folder that can be written."
NOT_OURS = {errno.EACCES, errno.EPERM, errno.EROFS}  # of a folder that only others may write to
BY_OTHERS = stat.S_IWGRP | stat.S_IWOTH


def cache_folder() -> Path:
    """Where encoded corpora and image sets live: GENMODELS_CACHE, else the platform's cache folder.

    Raises:
        ResourceError: the system names no home folder.
    """
    chosen = os.environ.get("GENMODELS_CACHE")
    return path_of(chosen) if chosen else _usual_folder()


def _usual_folder() -> Path:
    try:
        home = Path.home()
    except RuntimeError as error:
        raise ResourceError(f"there is no home folder for the cache: {error}", CACHE_HINT) from error
    if sys.platform == "win32":
        return path_of(os.environ.get("LOCALAPPDATA", home / "AppData" / "Local")) / "genmodels" / "cache"
    if sys.platform == "darwin":
        return home / "Library" / "Caches" / "genmodels"
    return path_of(os.environ.get("XDG_CACHE_HOME") or home / ".cache") / "genmodels"


def cache_folders() -> list[Path]:
    """Where entries are looked for: in the cache folder, and in those that were taken in its place."""
    return [*_lasting_folders(), *_passing]


def writable_folders() -> Iterator[Path]:
    """Where entries are written: into the first of these that can be.

    In place of a folder that GENMODELS_CACHE names and that only others may write to, as a class shares one, the
    platform's is taken; after all comes one of this process alone, which goes with it.
    """
    yield from _lasting_folders()
    if not _passing:
        folder = tempfile.mkdtemp(prefix="genmodels-cache-")
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        _passing.append(Path(folder))
    yield from _passing


_passing: list[Path] = []  # the cache of this process alone, once it has one


def _lasting_folders() -> list[Path]:
    chosen = cache_folder()
    theirs = os.environ.get("GENMODELS_CACHE") and os.path.isdir(chosen) and not os.access(chosen, os.W_OK | os.X_OK)  # noqa: PTH112 - pathlib's may fail
    return [chosen, _usual_folder()] if theirs else [chosen]


def is_believed(status: os.stat_result, cache: Path) -> bool:
    """Whether nobody can have written a file or folder but those who are believed.

    Args:
        status: of the file or folder.
        cache: the cache folder that it lies in.
    """
    if os.name == "nt":  # whose folders of a user nobody else may write to
        return True
    return status.st_uid in _believed(cache) and not others_may_write(status)


def others_may_write(status: os.stat_result) -> bool:
    """Whether other users may write to a file or folder; a group of which only this user is a member is no other."""
    writers = status.st_mode & BY_OTHERS
    return bool(writers & stat.S_IWOTH) or (bool(writers) and not _is_own_group(status.st_gid))


def _believed(cache: Path) -> set[int]:
    """The users who are believed."""
    users = {os.geteuid(), 0}
    if os.environ.get("GENMODELS_CACHE") and cache == cache_folder() and not is_open_to_others(cache):
        users.add(cache.stat().st_uid)
    return users


def is_open_to_others(cache: Path) -> bool:
    """Whether other users may write to a cache folder that is there, or put another into its place.

    Raises:
        OSError: it can't be looked at.
    """
    if os.name == "nt":
        return False
    above = [folder.stat() for folder in cache.resolve().parents]
    exchangeable = any(others_may_write(one) and not one.st_mode & stat.S_ISVTX for one in above)
    return exchangeable or others_may_write(cache.stat())


@functools.cache
def _is_own_group(group: int) -> bool:
    """Whether a group is the one of this user alone, as many systems make for each."""
    import grp  # noqa: PLC0415 - not on Windows
    import pwd  # noqa: PLC0415 - not on Windows

    try:
        name, found = pwd.getpwuid(os.geteuid()).pw_name, grp.getgrgid(group)
    except KeyError:
        return False
    return found.gr_name == name and set(found.gr_mem) <= {name}
