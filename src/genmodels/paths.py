"""Paths as people type them: `~` is the home folder, also where no shell has seen it (quotes, `--out=~/x`, Python)."""

import os
import shlex
from collections.abc import Sequence
from pathlib import Path

from genmodels.errors import ResourceError, UsageError

RUN_JSON, COMPARISON = "run.json", "comparison.json"  # in the folder of a run; of runs that were trained alike
PAGE = "report.html"  # in a run's folder, where it is written while training, or among its figures
HOME = "~"


def expanded(name: str) -> str:
    """A path with the home folder in place of `~` or `~user`; any other name stays as it is typed.

    A user who is unknown stays too: files may be called so. `./~` is a file of that name in the current folder, and
    becomes a whole path, so that it is not taken for the home folder by whoever is handed it next.
    """
    if name.startswith(HOME):
        return os.path.expanduser(name)  # noqa: PTH111 - pathlib's fails where a user is unknown
    return str(Path(name).absolute()) if _begins_with_tilde(Path(name)) else name


def path_of(typed: str | Path) -> Path:
    """The same as a path; `./-` becomes a whole one, as `-` alone may stand for standard input."""
    path = Path(expanded(str(typed)))
    return path.absolute() if str(path) == "-" != str(typed) else path


def file_to_write(flag: str, typed: str | Path, example: str) -> Path:
    """The same for a file that is to be written.

    Args:
        flag: the option that it was typed for.
        typed: the path.
        example: the name of such a file.

    Raises:
        UsageError: it is a folder, or is written as one, or its folder would be made at the root of a disk.
    """
    path = path_of(typed)
    check_folder(path.parent)
    if str(typed).endswith(("/", os.sep)) or os.path.isdir(path):  # noqa: PTH112 - pathlib's fails for a long name
        raise folder_told(f"{flag} {typed}", f"{flag} {path / example}")
    return path


def folder_told(what: str, example: str) -> UsageError:
    """What is said of a folder where a file is to be written.

    Args:
        what: names it.
        example: a file in it, as it would be given.
    """
    return UsageError(f"{what} is a folder, not a file to write", f"name a file in it, such as {example}.")


def check_folder(path: Path) -> None:
    """Refuse a folder that would be made at the root of a disk: a path whose first name is not there is mistyped.

    Any other is made where it is missing, and that is told; also in the current folder where this is the root.

    Raises:
        UsageError: it would be.
    """
    first = Path(*path.parts[:2])
    if path.is_absolute() and not os.path.lexists(first):
        what = f"there is no {first}, and no folder is made at the root of a disk"
        raise UsageError(what, f"check the path; if it is meant: mkdir {shlex.quote(str(first))}")


def make_folder(path: Path) -> None:
    """Make a folder and those above it, but none at the root of a disk, or that is named as the home of nobody here.

    Raises:
        UsageError: it would be made at the root.
        ResourceError: it would be named so.
        OSError: it can't be made.
    """
    check_folder(path)
    if _begins_with_tilde(path) and not Path(path.parts[0]).exists():
        first = path.parts[0]
        raise ResourceError(
            f"cannot write into {path}: there is no user {first.removeprefix(HOME)}",
            f"check the name; ./{first} would be a folder in the current one.",
        )
    path.mkdir(parents=True, exist_ok=True)


def _begins_with_tilde(path: Path) -> bool:
    return path.parts[:1] != () and path.parts[0].startswith(HOME)


def is_of_runs(folder: Path) -> bool:
    """Whether a folder is a run's, or that of a comparison, by the file that says what it is."""
    return any((folder / file).is_file() for file in (RUN_JSON, COMPARISON))


def taken_for_option(arguments: Sequence[str]) -> str | None:
    """A file among the arguments whose name begins with a dash, as a pattern such as *.wav may bring one."""
    return next((name for name in arguments if name.startswith("-") and os.path.isfile(name)), None)  # noqa: PTH113 - pathlib's fails for a long one
