"""Files and folders that a user names: --out, --csv, the paths of the Python API; and figures in a run's own folder.

What lies there already is replaced where this program wrote it and nobody has changed it since, or where the user
forces it. That is known by a mark inside the file (`marks.py`), and where its format has no room for one by a record in
the cache: of each path the SHA-256 sum of what was written. It is written before the file, so that a process that is
killed between the two leaves the old file or the new one, both of them known. A path that leads to a terminal or a pipe
(/dev/stdout, `>(...)`, a named pipe) is written into.
"""

import contextlib
import errno
import hashlib
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from contextvars import ContextVar
from itertools import product
from pathlib import Path, PurePosixPath

from genmodels.durable import (
    LONG_HINT,
    TEMPORARY_PREFIX,
    disk_errors,
    kind_of,
    make_ours,
    make_synced,
    published_directory,
    put_back,
    replace_file,
    sync_directory,
    write_synced,
)
from genmodels.errors import GenmodelsError, UsageError
from genmodels.leftovers import NOBODY_WRITES, sweep_left_behind
from genmodels.marks import is_marked, marked
from genmodels.paths import PAGE, folder_told, is_of_runs
from genmodels.printable import one_line

OF_A_RUN = {"figures", "exports"}  # folders of a run or a comparison, in which all is this program's
RECORD = "written"  # folder in the cache, a file for each path
MOST_RECORDED = 4096  # paths; the oldest are forgotten
AT_ONCE = 512  # that many of them
MOST_LINKS = 40  # from one to the next, as the system follows them
OPENED = r"(?:/proc/(?:self|thread-self|{})/fd|/dev/fd)/(\d+)"  # a file that this process has open
INTO = {"a pipe", "a device"}  # what is written into, and not replaced
_forced: ContextVar[bool] = ContextVar("forced", default=False)


@contextlib.contextmanager
def forced(force: bool = True) -> Iterator[None]:
    """Within it files that this program did not write are replaced too.

    Args:
        force: whether they are; False leaves that as it is.
    """
    before = _forced.set(force or _forced.get())
    try:
        yield
    finally:
        _forced.reset(before)


def place_of(path: Path) -> tuple[Path, str]:
    """Where a path leads, and what is there: "a file", "a pipe", "a device"; "nothing".

    Raises:
        UsageError: it is a folder, a link that leads nowhere, a disk or a socket.
        OSError: it can't be looked at.
    """
    try:
        os.fsencode(path)
    except UnicodeEncodeError:
        raise UsageError(f"{path} can't be the name of a file here", "choose another name.") from None
    place = _end_of(path)
    try:
        kind = kind_of(os.stat(place).st_mode)  # noqa: PTH116 - a descriptor too
    except (FileNotFoundError, NotADirectoryError):
        if place != path:
            raise UsageError(f"{path} is a link that leads nowhere: to {place}", "remove it, or name a file.") from None
        return place, "nothing"
    if kind == "a folder":
        raise folder_told(str(path), str(path / f"new{path.suffix}"))
    if kind not in {"a file", *INTO}:
        raise UsageError(f"{path} is {kind}, and no file to write", "name a file.")
    return place, kind


def _end_of(path: Path) -> Path:
    """Where links lead at last, but no further than to what this process has open."""
    for _ in range(MOST_LINKS):
        if _descriptor(path) is not None or not path.is_symlink():
            return path
        path = Path(os.path.realpath(path.parent)) / path.readlink()
    return path


def _descriptor(path: Path) -> int | None:
    """The number of a file that this process has open, where a path names one: /dev/fd/63, /proc/self/fd/1."""
    found = re.fullmatch(OPENED.format(os.getpid()), os.path.normpath(path))
    return None if found is None else int(found[1])


def is_replaced(path: Path) -> bool:
    """Whether a path leads to a file or folder whose place a new one takes; False of what is written into."""
    return (path.is_file() or path.is_dir()) and _descriptor(_end_of(path)) is None


def check_free(path: Path | None) -> None:
    """Look at a file before anything is computed for it.

    Args:
        path: of it; None: none is written.

    Raises:
        UsageError: see `save_file`; or its name is too long.
    """
    if path is None or os.path.isdir(path):  # noqa: PTH112 - pathlib's fails for a long name; only where folders are written
        return
    try:
        place, kind = place_of(path)
        lost = kind == "a file" and _descriptor(place) is None and not _forced.get() and not is_ours(place)
    except OSError as error:
        if error.errno != errno.ENAMETOOLONG:
            return  # told when it is written
        raise UsageError(f"{path} can't be the name of a file here: it is too long", LONG_HINT) from None
    if lost:
        raise _not_ours(path, place)


def _not_ours(path: Path, place: Path) -> UsageError:
    there = f"{path} leads to {place}, which" if place != path else f"{path} is there already, and"
    what = f"{there} is not known to be what genmodels wrote there"
    return UsageError(what, "choose another name, or --force to replace it.", "--force")


def save_file(path: Path, data: bytes) -> None:
    """Replace a file that the user named; makes its folder.

    Raises:
        UsageError: it can't be written, or holds what this program did not write, unless that is `forced`.
        ResourceError: the disk is full, or the folder cannot be written.
    """
    with disk_errors(path):
        place, kind = place_of(path)
        if kind in INTO or _descriptor(place) is not None:
            _write_into(place, data)
            return
        found = marked(place.name, data)
        if kind == "a file" and not (_forced.get() or is_ours(place) or _holds(place, found)):
            raise _not_ours(path, place)
        if found is data:  # it has no mark
            remember(place, data)
        make_synced(place.parent)
        sweep_left_behind(place.parent, NOBODY_WRITES)
        replace_file(place, found)


def _write_into(place: Path, data: bytes) -> None:
    """Content into a pipe, a device, or a file that is open already, behind what is in it."""
    descriptor = _descriptor(place)
    own = os.open(place, os.O_WRONLY) if descriptor is None else os.dup(descriptor)
    with os.fdopen(own, "wb") as file:
        file.write(data)


def _holds(place: Path, data: bytes) -> bool:
    """Whether a file has this content already, so that nothing is lost."""
    return place.stat().st_size == len(data) and place.read_bytes() == data


def is_ours(place: Path) -> bool:
    """Whether a file holds what this program wrote under its path; False where neither mark nor record says so.

    What lies in a run's own folders of figures and exports, and its page, is ours in any case: a run may be moved, the
    cache cleared.
    """
    from genmodels.data.cache import cache_folders  # noqa: PLC0415 - what draws a figure need not know of data

    with contextlib.suppress(GenmodelsError, OSError):
        if _is_of_a_run(place) or is_marked(place):
            return True
        return any(_noted(place, cache) for cache in cache_folders())
    return False


def _is_of_a_run(place: Path) -> bool:
    folder = place.absolute().parent
    is_page = place.name == PAGE and is_of_runs(folder)
    return is_page or (folder.name in OF_A_RUN and is_of_runs(folder.parent))


def _noted(place: Path, cache: Path) -> str:
    """The line of a cache's record that says of a file as it is that it is ours; empty where none does."""
    with contextlib.suppress(OSError, ValueError):
        known = _note(place, cache).read_text(encoding="ascii").splitlines()
        size = str(place.stat().st_size)
        if any(line.startswith(f"{size} ") for line in known):  # so that a large file of somebody else's is not read
            with place.open("rb") as file:
                found = f"{size} {hashlib.file_digest(file, 'sha256').hexdigest()}"
            return found if found in known else ""
    return ""


def remember(place: Path, data: bytes) -> None:
    """Note what is about to be written under a path, in the first cache folder that can be written.

    What is known of the file that is there now is kept, as it stays where the writing fails.
    """
    from genmodels.data.cache import cache_folders, writable_folders  # noqa: PLC0415 - as above

    with contextlib.suppress(GenmodelsError):
        before = [found for cache in cache_folders() if (found := _noted(place, cache))][:1]
        lines = [*before, f"{len(data)} {hashlib.sha256(data).hexdigest()}"]
        for cache in writable_folders():
            note = _note(place, cache)
            with contextlib.suppress(OSError, GenmodelsError):
                make_synced(note.parent.parent)
                make_ours(note.parent)
                sweep_left_behind(note.parent, NOBODY_WRITES)
                _forget_oldest(note.parent)
                replace_file(note, "\n".join([*lines, ""]).encode())
                return


def _note(place: Path, cache: Path) -> Path:
    """The file in a cache folder that says what was written under a path."""
    return cache / RECORD / hashlib.sha256(os.fsencode(os.path.realpath(place))).hexdigest()[:32]


def records_moved(before: Path, now: Path) -> None:
    """Keep what is noted of the files in a folder that has got another name."""
    from genmodels.data.cache import cache_folders  # noqa: PLC0415 - as above

    with contextlib.suppress(OSError, GenmodelsError):
        for place, _, names in os.walk(now):
            for file, cache in product((Path(place) / name for name in names), cache_folders()):
                with contextlib.suppress(FileNotFoundError):
                    _note(before / file.relative_to(now), cache).rename(_note(file, cache))


def _forget_oldest(folder: Path) -> None:
    """Keep the record bounded."""
    notes = []
    with os.scandir(folder) as entries:
        for entry in (one for one in entries if not one.name.startswith(TEMPORARY_PREFIX)):
            with contextlib.suppress(FileNotFoundError):  # forgotten by another process
                notes.append((entry.stat(follow_symlinks=False).st_mtime, entry.path))
    if len(notes) >= MOST_RECORDED:
        for _, path in sorted(notes)[:AT_ONCE]:
            Path(path).unlink(missing_ok=True)


def save_folder(path: Path, files: Mapping[str, bytes]) -> None:
    """Replace a folder that the user named by one with these files, as a whole; makes those above it.

    One that is there is replaced only where it holds nothing but files of these names, the first of them too, and this
    program wrote each of them, unless that is `forced`.

    Args:
        path: of the folder.
        files: their content by their path in it, with "/".

    Raises:
        UsageError: it is a link or a file, the current folder, holds something else, or would be made at the root of a
            disk.
        ResourceError: the disk is full, or the folder cannot be written.
        ValueError: a file's path leads out of the folder.
    """
    if astray := [name for name in files if PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts]:
        raise ValueError(f"{astray[0]} is no place within a folder")
    path = Path(os.path.realpath(path.parent)) / path.name  # a folder that links lead to is the user's own choice
    put_back(path)
    if path.is_symlink() or (path.exists() and not path.is_dir()):
        what = f"{path} is a {'link' if path.is_symlink() else 'file'}, not a folder to write"
        raise UsageError(what, f"name a folder that is not there yet, such as {path}-new.")
    if path == Path.cwd():
        raise UsageError(
            "the current folder is none to be replaced", f"name one that is not there yet: {path / 'new'}."
        )
    strange = next(_others_in(path, files), None)
    if strange is None and path.exists() and not (path / next(iter(files))).exists():
        strange = next((one.name for one in path.iterdir()), None)  # no folder of ours, though of such names
    if strange is not None:
        what = f"{path} holds {one_line(strange)}, which would be lost"
        raise UsageError(what, f"name a folder that is not there yet, such as {path / 'new'}.")
    _refuse_changed(path, files)
    for name, data in files.items():
        remember(path / name, data)
    with disk_errors(path):
        make_synced(path.parent)
        with published_directory(path) as folder:
            for name, data in files.items():
                inside = folder / name
                inside.parent.mkdir(parents=True, exist_ok=True)
                write_synced(inside, data)
            for below in {(folder / name).parent for name in files}:
                sync_directory(below)


def _refuse_changed(path: Path, files: Mapping[str, bytes]) -> None:
    """Refuse a folder of which a file is not as this program wrote it."""
    there = [] if _forced.get() else [path / name for name in files if (path / name).exists()]
    for file in there:
        if not is_ours(file):
            raise _not_ours(file, file)


def _others_in(path: Path, files: Iterable[str]) -> Iterator[str]:
    """What a folder holds beside files of these names and the folders that they lie in."""
    names = set(files)
    for place, folders, found in os.walk(path):
        for name in [*found, *(one for one in folders if (Path(place) / one).is_symlink())]:
            inside = (Path(place) / name).relative_to(path).as_posix()
            if inside not in names or (Path(place) / name).is_symlink():
                yield inside
        yield from (
            f"{one}/" for one in folders if not any(name.startswith(_below(path, place, one)) for name in names)
        )


def _below(path: Path, place: str, folder: str) -> str:
    return f"{(Path(place) / folder).relative_to(path).as_posix()}/"
