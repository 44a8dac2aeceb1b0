"""Files that survive a crash: written beside their target, synced, then renamed into place.

Every write goes through here. A target is looked at once before, itself and not what a link leads to: what is no
ordinary file of ours (a link, a pipe, a folder, a device) is refused. What one platform lacks (syncing a directory on
Windows) falls back here and nowhere else.
"""

import contextlib
import errno
import glob
import json
import os
import re
import secrets
import shutil
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

from genmodels.errors import ResourceError, RunError
from genmodels.limits import hint_of
from genmodels.ordinary import read_ordinary, strict_json, unreadable
from genmodels.paths import make_folder
from genmodels.printable import one_line

TEMPORARY_PREFIX = ".tmp-"
ASIDE_PREFIX = ".old-"
HIDDEN_PREFIXES = (TEMPORARY_PREFIX, ASIDE_PREFIX)  # of what is being removed or replaced
LONGEST_KEPT = 60  # bytes of a name, which keep a hidden one within the 255 that file systems take
HIDDEN_NAME = re.compile(r"\.(?:tmp|old)-(?P<name>.+)-\d+-[0-9a-f]{16}", re.DOTALL)  # as `hidden_name` makes it

PERMISSIONS = 0o777
NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
UNFOLLOWED = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)  # not on Windows
KINDS: tuple[tuple[Callable[[int], bool], str], ...] = (
    (stat.S_ISLNK, "a link"), (stat.S_ISDIR, "a folder"), (stat.S_ISFIFO, "a pipe"), (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"), (stat.S_ISBLK, "a disk"),
)  # fmt: skip


def hidden_name(path: Path, prefix: str = TEMPORARY_PREFIX) -> Path:
    """A name beside a path for what is half written, half removed or moved aside; nobody can foretell it.

    All that this program hides is called so: `.tmp-NAME-PID-` and 16 hexadecimal digits, by which
    `genmodels.leftovers` knows what a killed process left.

    Args:
        path: what it is to become, or was.
        prefix: ASIDE_PREFIX for what may be given its name back, of which all is kept.
    """
    name = path.name
    while prefix != ASIDE_PREFIX and len(os.fsencode(name)) > LONGEST_KEPT:
        name = name[:-1]  # a character may take four bytes
    return path.with_name(f"{prefix}{name}-{os.getpid()}-{secrets.token_hex(8)}")


def name_before(aside: Path) -> str:
    """The name of what was moved aside."""
    found = HIDDEN_NAME.fullmatch(aside.name)
    earlier = aside.name.removeprefix(ASIDE_PREFIX).partition("~")[0]  # as earlier versions called it
    return earlier if found is None else found["name"]


class StrangeFileError(OSError):
    """What lies where a file or folder of ours should be, and is none.

    Args:
        path: where.
        kind: what it is: "a link".
    """

    def __init__(self, path: Path, kind: str) -> None:
        super().__init__(errno.ELOOP, f"it is {kind}", str(path))
        self.kind = kind


def kind_of(mode: int) -> str:
    """What a file's mode says that it is: "a link", "a pipe"; "a file" where it is an ordinary one."""
    return next((kind for is_so, kind in KINDS if is_so(mode)), "a file")


def look_at(path: Path, wanted: str = "a file") -> os.stat_result | None:
    """What is known of a file of ours before it is written; None where there is none yet. No link is followed.

    Args:
        path: of it.
        wanted: what it is to be; "a folder" for one.

    Raises:
        StrangeFileError: it is something else, such as a link or a pipe.
    """
    try:
        facts = path.lstat()
    except FileNotFoundError:
        return None
    if (kind := kind_of(facts.st_mode)) != wanted:
        raise StrangeFileError(path, kind)
    return facts


def refuse_links(*paths: Path, wanted: str = "a folder") -> None:
    """Refuse folders of ours, or files, that are links: in what they lead to nothing is written or deleted.

    Raises:
        ResourceError: one is a link, or something else that it should not be.
    """
    for path in paths:
        with disk_errors(path):
            look_at(path, wanted)


def opened_ours(path: Path, flags: int) -> int:
    """The descriptor of a file of ours, never of what a link in its place leads to; what it is looked at once more.

    Args:
        path: of it.
        flags: as for `os.open`, such as os.O_RDWR.

    Raises:
        StrangeFileError: it is no ordinary file.
    """
    look_at(path)
    descriptor = os.open(path, flags | UNFOLLOWED | getattr(os, "O_BINARY", 0), 0o666)
    if (kind := kind_of(os.fstat(descriptor).st_mode)) != "a file":
        os.close(descriptor)
        raise StrangeFileError(path, kind)
    return descriptor


def opened_whole(path: Path) -> IO[bytes]:
    """A file of ours that is there, to be read and written; raises as `opened_ours`."""
    return os.fdopen(opened_ours(path, os.O_RDWR), "rb+")


def append(path: Path, data: bytes) -> None:
    """Add to the end of a file of ours; where it is new, its name is made durable. Raises as `opened_ours`."""
    is_new = not path.exists()
    with os.fdopen(opened_ours(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT), "ab") as file:
        file.write(data)
    if is_new:
        sync_directory(path.parent)


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


def make_synced(path: Path) -> None:
    """Make a folder and those above it, durably; raises as `genmodels.paths.make_folder` does."""
    missing = [folder for folder in (path, *path.parents) if not os.path.lexists(folder)]
    make_folder(path)
    for folder in reversed(missing):
        sync_directory(folder.parent)


def make_ours(path: Path) -> None:
    """Make a folder of ours inside another, durably.

    Raises:
        StrangeFileError: it is there, and is a link or a file.
    """
    if look_at(path, "a folder") is None:
        path.mkdir(exist_ok=True)
        sync_directory(path.parent)


def write_synced(path: Path, data: bytes, mode: int | None = None) -> None:
    """Write a file that is not there yet and force it to the disk.

    Args:
        path: of it.
        data: its content.
        mode: who may read and write it; None: as the umask has it.

    Raises:
        FileExistsError: something is there, be it a link that leads nowhere.
    """
    descriptor = os.open(path, NEW | UNFOLLOWED, 0o666 if mode is None else 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        if mode is not None and hasattr(os, "fchmod"):
            os.fchmod(descriptor, mode & PERMISSIONS)
        os.fsync(descriptor)


def replace_file(path: Path, data: bytes) -> None:
    """Replace a file as a whole: a reader sees the old or the new content, never a part; it keeps its mode.

    Raises:
        StrangeFileError: what is there is no ordinary file: a link, a pipe, a folder.
    """
    before = look_at(path)
    temporary = hidden_name(path)
    try:
        write_synced(temporary, data, None if before is None else before.st_mode)
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
    for folder in (target.parent, target):
        look_at(folder, "a folder")
    temporary, aside = hidden_name(target), hidden_name(target, ASIDE_PREFIX)
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


@contextlib.contextmanager
def passing_directory(folder: Path) -> Iterator[Path]:
    """A directory in one of ours that is gone when the block ends.

    Args:
        folder: in which, so that what is made there needs no copying to be published.
    """
    path = hidden_name(folder / "passing")
    path.mkdir(mode=0o700)
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def put_back(target: Path) -> None:
    """Give a directory its name again where a process died between moving it aside and publishing another."""
    if os.path.lexists(target) or not target.parent.is_dir():
        return
    for aside in sorted(target.parent.glob(f"{ASIDE_PREFIX}{glob.escape(target.name)}*")):
        if name_before(aside) == target.name and aside.is_dir() and not aside.is_symlink():
            with contextlib.suppress(FileNotFoundError):  # another process has done so meanwhile
                aside.rename(target)
            return


def _rename_over(temporary: Path, target: Path) -> None:
    """Give a directory its name; another process may have taken it in between with the same content."""
    try:
        temporary.rename(target)
    except OSError:
        if not target.exists():
            raise
        shutil.rmtree(temporary, ignore_errors=True)


def remove_directory(path: Path) -> None:
    """Remove a directory so that it is never seen half removed, whenever power is lost: rename first, then delete."""
    hidden = set_aside(path)
    sync_directory(path.parent)
    shutil.rmtree(hidden, ignore_errors=True)


def set_aside(path: Path) -> Path:
    """Give a directory a hidden name, under which nothing but `sweep_temporaries` looks for it; gives that back."""
    hidden = hidden_name(path)
    path.rename(hidden)
    return hidden


def to_json(document: Any) -> bytes:
    """Serialise to JSON in ASCII, whatever names hold; a number that is not finite is a programming error."""
    text = json.dumps(document, indent=2, allow_nan=False)
    return f"{text}\n".replace("\x7f", "\\u007f").encode("ascii")  # the one control that JSON lets pass


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


_PLACE = (errno.ENOENT, errno.ENOTDIR, errno.EEXIST, errno.EISDIR)
LONG_HINT = "choose a shorter name: 255 bytes are taken by most systems, an accented letter has two, an emoji four."
_HINTS = {**dict.fromkeys(_PLACE, "check the folders in that path."), errno.ENAMETOOLONG: LONG_HINT}
ELSEWHERE = "free some space or choose another folder; everything saved before is intact."


@contextlib.contextmanager
def disk_errors(path: Path, hint: str = ELSEWHERE) -> Iterator[None]:
    """Turn an operating system error while writing into a sentence.

    Raises:
        ResourceError: the disk is full, the folder cannot be written, or something strange lies where a file of ours
            should.
    """
    try:
        yield
    except StrangeFileError as error:
        what = f"cannot write {one_line(error.filename)}: it is {error.kind}, and nothing is written through or over it"
        raise ResourceError(what, "move it away, or put back what was there.") from error
    except OSError as error:
        reason = error.strerror or str(error)
        named = str(error.filename or path)
        shown = path if TEMPORARY_PREFIX in named else named  # a name of ours tells the user nothing
        told = hint_of(error) or _HINTS.get(error.errno or 0, hint)
        raise ResourceError(f"cannot write {shown}: {reason}", told) from error
