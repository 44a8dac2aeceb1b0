"""Runs and comparisons are made: under a hidden name first, so that each is there as a whole or not at all."""

import contextlib
import os
import re
import shutil
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from genmodels.durable import (
    HIDDEN_PREFIXES,
    disk_errors,
    hidden_name,
    make_synced,
    sync_directory,
    to_json,
    write_synced,
)
from genmodels.errors import UsageError
from genmodels.leftovers import left_in
from genmodels.paths import COMPARISON
from genmodels.runs.comparison import COMPARISON_FORMAT, ComparisonDir
from genmodels.runs.run_dir import RUN_FORMAT, RunDir
from genmodels.runs.sealing import sealed

LONGEST_NAME = 200  # bytes; file systems take 255, and files beside it have longer names
# What Windows takes for a device, whatever follows the first dot, in any case: such a run could not be copied there.
DEVICES = {"CON", "PRN", "AUX", "NUL"} | {f"{port}{number}" for port in ("COM", "LPT") for number in "123456789¹²³"}
NOBODY_MAKES = 60.0  # seconds after which what is half made is left by a process that died
_FIRST = {"run.json", COMPARISON, "checkpoints"}  # all that a new one holds


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
        usual = re.sub(r"[^\w.+-]+", "-", name).strip("-.")
        such = f", such as {usual}" if usual else ""
        hint = f"use letters, digits, '_', '.', '+' and, inside, '-'{such}."
        raise UsageError(f"{called} {name!r} cannot name a run", hint)
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
    content = to_json(sealed(head | document, 1))
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
        _make(root / name, COMPARISON, to_json(sealed(head | document, 1, telling=True)))
    return ComparisonDir(root / name)


def _make(path: Path, file: str, content: bytes, *folders: str) -> None:
    """A new directory with some in it and the file that says what it is, or none at all, whenever it is killed."""
    make_synced(path.parent)
    sweep_half_made(path.parent)
    hidden = hidden_name(path)
    hidden.mkdir()
    try:
        for folder in folders:
            (hidden / folder).mkdir()
        write_synced(hidden / file, content)
        sync_directory(hidden)
        _take_name(hidden, path)
    except BaseException:
        shutil.rmtree(hidden, ignore_errors=True)
        raise
    sync_directory(path.parent)


def _take_name(hidden: Path, path: Path) -> None:
    """Give what was made its name; of two that ask for one name at once the second is refused.

    Raises:
        UsageError: it is taken.
    """
    if os.path.lexists(path):  # POSIX would put a directory into the place of an empty one
        raise _taken(path)
    try:
        hidden.rename(path)
    except OSError as error:
        if os.path.lexists(path):
            raise _taken(path) from error
        raise


def sweep_half_made(root: Path) -> None:
    """Delete what processes left that died while they made a run; whatever else lies there is the user's own."""
    for path in left_in(root, NOBODY_MAKES, digits=8):
        with contextlib.suppress(OSError):  # somebody else's, or swept by another process in this moment
            if _is_new(path.iterdir()):
                shutil.rmtree(path, ignore_errors=True)


def _is_new(entries: Iterable[Path]) -> bool:
    """Whether no more is there than a run begins with."""
    return all(one.name in _FIRST and (one.is_file() or not any(one.iterdir())) for one in entries)
