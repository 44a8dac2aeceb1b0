"""Which files paths and folders mean: each once, and what is passed over, with the reason."""

import fnmatch
import shlex
import stat
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from glob import escape
from operator import attrgetter
from pathlib import Path, PurePath

from genmodels.data.leavings import HIDDEN, NOT_ORDINARY, RUN, TWICE, reason_by_name
from genmodels.data.passed_over import PassedOver, told
from genmodels.data.text.files import BUILT_IN, STANDARD_INPUT
from genmodels.data.text.kinds import may_be_text, training_for
from genmodels.errors import DataError
from genmodels.ordinary import is_handed
from genmodels.paths import expanded

EMPTY = "empty"
MOST_LOOKED_INTO = 200  # files that are no match, to see which may be texts


@dataclass(frozen=True)
class Found:
    """What was given.

    Args:
        files: that are used, in order.
        passed_over: what is not.
    """

    files: tuple[str, ...]
    passed_over: tuple[PassedOver, ...] = ()


def find_files(names: Sequence[str], glob: str) -> Found:
    """The files that are meant, in order; a folder gives its files that match `glob`, sorted.

    Hidden files, those of runs and what programs leave behind are passed over in a folder, files under a second name
    and empty ones everywhere.

    Raises:
        DataError: a path is missing, is no ordinary file, or a folder can't be read or holds no match.
    """
    try:
        found = [_meant_by(expanded(name), glob) for name in names]
    except OSError as error:
        raise DataError(f"{error.filename} cannot be read: {error.strerror}", "check its permissions.") from error
    files = tuple(file for one in found for file in one.files)
    passed_over = tuple(passed for one in found for passed in one.passed_over)
    return _without_empty(_each_once(Found(files, passed_over)))


def _meant_by(name: str, glob: str) -> Found:
    if not name:
        raise DataError("a path is empty", "name a file, or '.' for the text files of this folder.")
    path = Path(name)
    if name == STANDARD_INPUT:
        return Found((name,))
    if is_handed(path):
        return Found((name,))
    if path.is_dir():
        return _in_folder(path, glob)
    if not path.exists():
        raise _missing(path)
    if not stat.S_ISREG(path.stat().st_mode):
        raise DataError(f"{name} is no ordinary file", "pipe it in instead, with '-' as the path.")
    return Found((_unmistakable(name),))


def _unmistakable(name: str) -> str:
    """A file's name, unless it stands for something else than that file."""
    return str(Path(name).resolve()) if name in {BUILT_IN, STANDARD_INPUT} else name


def _missing(path: Path) -> DataError:
    if path.is_symlink():
        return DataError(
            f"{path} is a link to {path.readlink()}, which is missing", "restore that file, or remove the link."
        )
    return DataError(f"there is no file {path}", "check the path.")


def _in_folder(folder: Path, glob: str) -> Found:
    pattern = _pattern(glob)
    reasons = [(path, why or _unfit(path, folder, pattern, glob)) for path, why in _walk(folder, pattern)]
    files = sorted(_unmistakable(str(path)) for path, why in reasons if why is None)
    passed = sorted((PassedOver(str(path), why) for path, why in reasons if why is not None), key=attrgetter("file"))
    if not files:
        raise _no_match(folder, glob, passed)
    return Found(tuple(files), tuple(passed))


def _unfit(path: Path, folder: Path, pattern: Sequence[str], glob: str) -> str | None:
    """Why a file of a folder is not meant; None: it is.

    Raises:
        DataError: it is meant, and is a link to nothing.
    """
    if not _fits(path.relative_to(folder).parts, pattern):
        return f"not {glob}"
    if not path.exists():
        raise _missing(path)
    return None if path.is_file() else NOT_ORDINARY


def _no_match(folder: Path, glob: str, passed: Sequence[PassedOver]) -> DataError:
    """The error that says what is there instead, and how to ask for it."""
    if not passed and not any(folder.iterdir()):
        return DataError(f"the folder {folder} is empty", "give a text file, or a folder with some in it.")
    others = [p.file for p in passed if p.reason == f"not {glob}"]
    seen = f"it holds {told(passed)}; " if passed else ""
    other = training_for(others)
    if other is not None:
        kind, trainings = other
        told_of = f"{seen}{kind} are what {trainings} learn from: give them --dataset {shlex.quote(str(folder))}."
        return DataError(f"no file in {folder} matches {glob!r}", told_of)
    return DataError(f"no file in {folder} matches {glob!r}", seen + _to_name_instead(others))


def _to_name_instead(others: Sequence[str]) -> str:
    """What to type for the texts among files that a pattern does not mean: most often, those of one ending."""
    texts = [name for name in others[:MOST_LOOKED_INTO] if may_be_text(Path(name))]
    if not texts:
        return "give a text file, or a folder with some in it."
    named = f"name the files themselves, such as {shlex.quote(texts[0])}"
    ending, count = Counter(PurePath(name).suffix for name in texts).most_common(1)[0]
    if not ending:
        return f"{named}."
    whole = "takes that one" if count == 1 else f"takes {count:,} of them"
    return f"{named}, or give train-text --glob {shlex.quote('*' + escape(ending))}, which {whole}."


def _pattern(glob: str) -> tuple[str, ...]:
    """The parts of a pattern, in lower case.

    Raises:
        DataError: it is empty or leaves the folder.
    """
    pattern = PurePath(glob)
    if pattern.is_absolute() or not pattern.parts or ".." in pattern.parts:
        hint = "write it relative to the folder, e.g. '*.md'."
        raise DataError(f"--glob {glob!r} is no pattern within a folder", hint)
    return PurePath(glob.lower()).parts


def _fits(parts: Sequence[str], pattern: Sequence[str]) -> bool:
    """Whether the end of a path has the parts of a pattern, upper and lower case alike; ** is any number of folders."""
    return any(_fits_whole(parts[begin:], pattern) for begin in range(len(parts)))


def _fits_whole(parts: Sequence[str], pattern: Sequence[str]) -> bool:
    if not pattern:
        return not parts
    if pattern[0] == "**":
        return any(_fits_whole(parts[skipped:], pattern[1:]) for skipped in range(len(parts) + 1))
    return bool(parts) and fnmatch.fnmatchcase(parts[0].lower(), pattern[0]) and _fits_whole(parts[1:], pattern[1:])


def _walk(folder: Path, pattern: Sequence[str]) -> Iterator[tuple[Path, str | None]]:
    """Everything in a folder and below that is no folder, or is one that is passed over; with the reason, if so.

    Linked folders are entered too, after the others, and none is entered twice: links may lead in a circle. Hidden
    files are meant by a pattern that begins with a dot, as in a shell.
    """
    hidden_meant = pattern[-1].startswith(".")
    entered: set[tuple[int, int]] = set()
    waiting = deque([folder])
    while waiting:
        current = waiting.popleft()
        status = current.stat()
        if (status.st_dev, status.st_ino) in entered:
            yield current, TWICE
            continue
        entered.add((status.st_dev, status.st_ino))
        for path in sorted(current.iterdir()):
            reason = reason_by_name(path)
            if not path.is_dir():
                yield path, None if reason == HIDDEN and hidden_meant else reason
            elif reason is not None:
                yield path, reason
            elif (path / "run.json").exists():
                yield path, RUN
            elif path.is_symlink():
                waiting.append(path)
            else:
                waiting.appendleft(path)


def _each_once(found: Found) -> Found:
    """Without files that came before, under this name or another one."""
    seen: set[object] = set()
    files: list[str] = []
    passed = list(found.passed_over)
    for name in found.files:
        key = _identity(name)
        if key in seen:
            passed.append(PassedOver(name, TWICE))
        else:
            files.append(name)
        seen.add(key)
    return Found(tuple(files), tuple(passed))


def _identity(name: str) -> object:
    """What two names of one file share."""
    if name == STANDARD_INPUT:
        return name
    status = Path(name).stat()
    return (status.st_dev, status.st_ino) if status.st_ino else str(Path(name).resolve())


def _is_read_once(name: str) -> bool:
    """Whether it is standard input or another pipe, of which nobody knows how much it will bring."""
    return name == STANDARD_INPUT or is_handed(Path(name))


def _without_empty(found: Found) -> Found:
    """Without files that have nothing in them, unless all are such."""
    full = [name for name in found.files if _is_read_once(name) or Path(name).stat().st_size > 0]
    if not full:
        return found
    empty = [PassedOver(name, EMPTY) for name in found.files if name not in full]
    return Found(tuple(full), (*found.passed_over, *empty))
