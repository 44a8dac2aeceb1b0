"""Files that survive a crash: written beside their target, synced, then renamed into place.

What one platform lacks (syncing a directory on Windows) falls back here and nowhere else.
"""

import contextlib
import errno
import json
import os
import shutil
import sys
import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import IO, Any

from genmodels.errors import ResourceError, RunError, UsageError
from genmodels.limits import hint_of
from genmodels.ordinary import open_ordinary, read_ordinary, strict_json, unreadable
from genmodels.paths import folder_told, make_folder
from genmodels.printable import one_line

TEMPORARY_PREFIX = ".tmp-"
ASIDE_PREFIX = ".old-"
LONGEST_KEPT = 60  # characters of a name, which keep a hidden one within what file systems take


def sync_directory(path: Path) -> None:
    """Make the names in a directory durable; Windows has no such call and orders renames itself."""
    if os.name == "nt":
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in {errno.EINVAL, errno.ENOTSUP}:  # some network file systems can't do it
            raise
    finally:
        os.close(descriptor)


def write_synced(path: Path, data: bytes) -> None:
    """Write a new file and force it to the disk."""
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def replace_file(path: Path, data: bytes) -> None:
    """Replace a file as a whole: a reader sees the old or the new content, never a part."""
    temporary = path.with_name(f"{TEMPORARY_PREFIX}{path.name}-{os.getpid()}")
    try:
        write_synced(temporary, data)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    sync_directory(path.parent)


@contextlib.contextmanager
def published_directory(target: Path, is_good: Callable[[], bool] = lambda: False) -> Iterator[Path]:
    """Yield an empty directory beside `target` that becomes `target` when the block ends well.

    An existing target is replaced: it is moved aside, and removed only when the new one has its name; a crash
    between the two renames is mended by `sweep_temporaries`.

    Args:
        target: the name to publish under.
        is_good: whether an existing target may stay instead, as another process has published the same content.
    """
    unique = f"{os.getpid()}-{uuid.uuid4().hex[:6]}"
    temporary = target.with_name(f"{TEMPORARY_PREFIX}{target.name}-{unique}")
    aside = target.with_name(f"{ASIDE_PREFIX}{target.name}~{unique}")
    temporary.mkdir(parents=True)
    try:
        yield temporary
        sync_directory(temporary)
        if target.exists() and is_good():
            shutil.rmtree(temporary, ignore_errors=True)
            return
        if target.exists():
            target.rename(aside)
        _rename_over(temporary, target)
        sync_directory(target.parent)
        shutil.rmtree(aside, ignore_errors=True)
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        if aside.exists() and not target.exists():
            aside.rename(target)
        raise


def _rename_over(temporary: Path, target: Path) -> None:
    """Give a directory its name; another process may have taken it in between with the same content."""
    try:
        temporary.rename(target)
    except OSError:
        if not target.exists():
            raise
        shutil.rmtree(temporary, ignore_errors=True)


def remove_directory(path: Path) -> None:
    """Remove a directory so that it is never seen half removed: rename first, then delete."""
    shutil.rmtree(set_aside(path), ignore_errors=True)


def set_aside(path: Path) -> Path:
    """Give a directory a hidden name, under which nothing but `sweep_temporaries` looks for it; gives that back."""
    hidden = path.with_name(f"{TEMPORARY_PREFIX}{path.name[:LONGEST_KEPT]}-{os.getpid()}-{uuid.uuid4().hex[:6]}")
    path.rename(hidden)
    return hidden


def sweep_temporaries(directory: Path, seconds_old: float = 0.0) -> None:
    """Remove what a killed process left half written, and give a directory moved aside its name back.

    Args:
        directory: where to look.
        seconds_old: leave alone what is younger, as another process may be writing it.
    """
    for aside in older_than(directory.glob(f"{ASIDE_PREFIX}*"), seconds_old):
        target = directory / aside.name.removeprefix(ASIDE_PREFIX).partition("~")[0]
        if target.exists():
            shutil.rmtree(aside, ignore_errors=True)
        else:
            aside.rename(target)
    for leftover in older_than(directory.glob(f"{TEMPORARY_PREFIX}*"), seconds_old):
        if leftover.is_dir():
            shutil.rmtree(leftover, ignore_errors=True)
        else:
            leftover.unlink(missing_ok=True)


def older_than(paths: Iterable[Path], seconds: float) -> Iterator[Path]:
    """Those last touched or renamed that long ago; one that another process takes away meanwhile is left out."""
    for path in list(paths):
        with contextlib.suppress(FileNotFoundError):
            facts = path.stat()
            if time.time() - max(facts.st_mtime, facts.st_ctime) >= seconds:
                yield path


def to_json(document: Any) -> bytes:
    """Serialise to JSON in ASCII, whatever names hold; a number that is not finite is a programming error."""
    text = json.dumps(document, indent=2, allow_nan=False).replace(
        "\x7f", "\\u007f"
    )  # the one control that JSON lets pass
    return f"{text}\n".encode("ascii")


def json_text(document: Any) -> str:
    """The same as text for a terminal or a pipe: without the last line feed."""
    return to_json(document).decode("ascii").rstrip()


def read_json(path: Path) -> Any:
    """Read a JSON file of ours.

    Raises:
        RunError: the file is missing, can't be read, is no ordinary file or not JSON.
    """
    try:
        return strict_json(read_ordinary(path).decode("utf-8"))
    except FileNotFoundError as error:
        raise RunError(f"{path} is missing", "the run or checkpoint is incomplete.") from error
    except ValueError as error:
        raise RunError(f"{path} is damaged: it is not valid JSON", "restore it from a copy.") from error
    except OSError as error:
        raise unreadable(path, error) from error


_WRONG_PLACE = {errno.ENOENT, errno.ENOTDIR, errno.EEXIST, errno.EISDIR}
ELSEWHERE = "free some space or choose another folder; everything saved before is intact."


def save_file(path: Path, data: bytes) -> None:
    """Replace a file that the user named; makes its folder.

    Raises:
        UsageError: it is a folder, or its own would be made at the root of a disk.
        ResourceError: the disk is full, or the folder cannot be written.
    """
    if os.path.isdir(path):  # noqa: PTH112 - pathlib's fails for a long name
        raise folder_told(str(path), str(path / f"new{path.suffix}"))
    with disk_errors(path):
        make_folder(path.parent)
        replace_file(path, data)


def save_folder(path: Path, files: Mapping[str, bytes]) -> None:
    """Replace a folder that the user named by one with these files, as a whole; makes those above it.

    One that is there is replaced only where it holds nothing but files of these names, the first of them too.

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
    path = path.absolute()
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
    with disk_errors(path):
        make_folder(path.parent)
        with published_directory(path) as folder:
            for name, data in files.items():
                inside = folder / name
                inside.parent.mkdir(parents=True, exist_ok=True)
                write_synced(inside, data)
            for below in {(folder / name).parent for name in files}:
                sync_directory(below)


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


@contextlib.contextmanager
def disk_errors(path: Path, hint: str = ELSEWHERE) -> Iterator[None]:
    """Turn an operating system error while writing into a sentence.

    Raises:
        ResourceError: the disk is full, or the folder cannot be written.
    """
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        named = str(error.filename or path)
        shown = path if TEMPORARY_PREFIX in named else named  # a name of ours tells the user nothing
        if error.errno in _WRONG_PLACE:
            hint = "check the folders in that path."
        raise ResourceError(f"cannot write {shown}: {reason}", hint_of(error) or hint) from error


_HELD = {errno.EWOULDBLOCK, errno.EAGAIN, errno.EACCES, errno.EDEADLK}
LOOKS, SECONDS_BETWEEN = 3, 0.05  # `is_locked` elsewhere holds a lock for a moment


@contextlib.contextmanager
def locked(path: Path, what: str, notice: Callable[[str], None]) -> Iterator[None]:
    """Hold a lock file; the system frees it when the process ends, however it ends.

    Args:
        path: the lock file.
        what: what is locked, for the message.
        notice: is told where the file system has no locks; then nothing is held.

    Raises:
        RunError: another process holds it.
    """
    with disk_errors(path):
        file = path.open("a+b")
    with file:
        try:
            _lock_patiently(file)
        except OSError as error:
            if error.errno in _HELD:
                hint = "wait for it or stop it first."
                raise RunError(f"{what} is being trained by another process", hint) from error
            notice(f"{path} cannot be locked ({error.strerror}): let no other process train this run meanwhile")
        yield


@contextlib.contextmanager
def locked_to_move(path: Path, what: str, notice: Callable[[str], None]) -> Iterator[None]:
    """As `locked`, around a block that moves the directory of the lock file.

    Windows moves no directory in which a file is open: there the lock is let go first, and whoever takes it in between
    keeps the directory in its place.
    """
    if os.name != "nt":
        with locked(path, what, notice):
            yield
        return
    with locked(path, what, notice):
        pass
    yield


def is_locked(path: Path) -> bool:
    """Whether a process holds a lock file now; False where there is none, or the file system has no locks."""
    with contextlib.suppress(OSError), open_ordinary(path) as file:
        try:
            _lock(file, alone=False)
        except OSError as error:
            return error.errno in _HELD
    return False


def _lock_patiently(file: IO[bytes]) -> None:
    """Lock a file, unless somebody holds it for longer than a look takes."""
    for _ in range(LOOKS - 1):
        try:
            return _lock(file)
        except OSError as error:
            if error.errno not in _HELD:
                raise
            time.sleep(SECONDS_BETWEEN)
    return _lock(file)


def _lock(file: IO[bytes], alone: bool = True) -> None:
    """Lock a file or raise an OSError; who only looks shares it, which needs no right to write on any file system."""
    if sys.platform == "win32":
        import msvcrt  # noqa: PLC0415 - only there

        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
    else:
        import fcntl  # noqa: PLC0415 - not on Windows

        fcntl.flock(file.fileno(), (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | fcntl.LOCK_NB)
