"""Recordings that a CSV or TSV file lists, with what is said in each."""

import codecs
import csv
import io
import os
import stat
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path

from genmodels.data.leavings import NOT_ORDINARY, TWICE, reason_by_name
from genmodels.data.part_names import role_of
from genmodels.data.sound.sets.given import Given, Said, with_parts_settled
from genmodels.data.sound.sets.kinds import beginning, is_recording
from genmodels.data.walking import entries_of
from genmodels.errors import DataError, listed
from genmodels.ordinary import read_ordinary
from genmodels.printable import one_line

PATH, WORDS, SPEAKER, PART = "path", "words", "speaker", "part"
_CALLED = {
    PATH: "path file filename filepath audio wav recording clip",
    WORDS: "words word label text transcript transcription sentence said class",
    SPEAKER: "speaker speakerid clientid user voice",
    PART: "part split set subset",
}
COLUMNS = {role: names.split() for role, names in _CALLED.items()}
"""What each column may be called, the better name first; capitals, spaces, - and _ do not count."""
DELIMITERS = ",;\t|"
MOST_BYTES = 16 << 20  # a list of all the sound that may be in a set has less; cells take up to sixteen times as much
MARKS = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
WRONG_PART = "its part is "
TOO_WIDE = "has more cells than the first line: quote what holds a comma"
HINT = f"begin it with a line of names: {PATH}, {WORDS}, and where they are known {SPEAKER} and {PART}."


def find_in_table(path: Path) -> Given:
    """The recordings that a list names, from the folder that it lies in.

    Raises:
        DataError: it is no such list, or names no recording that is there.
    """
    text = _text_of(path)
    try:
        delimiter, names = _first_row(path, text)
        _check_quotes(path, text, delimiter)
        rows = _Rows(path, _places(names), len(names))
        for line, row in islice(_rows_of(text, delimiter), 1, None):
            rows.take(line, row)
    except csv.Error as error:
        raise DataError(f"{path} is not a list of recordings: {error}", "quote cells that hold quotes.") from error
    if not rows.said:
        raise rows.nothing()
    others = [one_line(name) for place, name in enumerate(names) if place not in rows.places.values()]
    told = [f"columns of {path.name} that are not used: {listed(others)}"] if others else []
    given = Given(path.parent, rows.said, {**rows.passed_over, **_beside(path, rows)}, told)
    return with_parts_settled(given, "of the validation part") if PART in rows.places else given


def _text_of(path: Path) -> str:
    """What a list holds, without a byte order mark.

    Raises:
        DataError: it can't be read or decoded.
    """
    try:
        if path.stat().st_size > MOST_BYTES:
            raise DataError(f"{path} is larger than {MOST_BYTES >> 20} MiB, too large for a list", HINT)
        content = read_ordinary(path)
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror}", "check its permissions.") from error
    encoding = next((name for mark, name in MARKS.items() if content.startswith(mark)), "utf-8")
    try:
        text = content.decode(encoding).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        told = f"{path} is not {encoding}: byte 0x{error.object[error.start]:02x} at offset {error.start}"
        hint = f"save it as UTF-8, or `iconv -f CP1252 -t UTF-8 {path.name} > list.csv` where it is Western European."
        raise DataError(told, hint) from error
    if "\0" in text:
        raise DataError(f"{path} is no text: it has a zero byte", HINT)
    first, end, rest = text.partition("\n")
    return end + rest if first.strip().lower().startswith("sep=") else text  # which Excel writes and reads


def _rows_of(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """The rows that hold anything, with the numbers of the lines that they end in."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True)
    for row in reader:
        if any(map(str.strip, row)):
            yield reader.line_num, [cell.strip() for cell in row]


def _check_quotes(path: Path, text: str, delimiter: str) -> None:
    """Refuse a quote that is never closed: all that follows it would be one cell.

    Raises:
        DataError: there is one.
    """
    end, begun, line, row = "end of the list", 1, 0, [""]
    reader = csv.reader(io.StringIO(f"{text}\n{end}", newline=""), delimiter=delimiter, skipinitialspace=True)
    try:
        for found in reader:
            row, begun, line = found, line + 1, reader.line_num
    except csv.Error:  # a cell beyond the library's limit, which its reader tells where quotes come in pairs
        begun, row = line + 1, [] if text.count('"') % 2 else [end]
    if row != [end]:
        what = f"{path} opens a quote in line {begun} that is never closed"
        raise DataError(what, 'close it; a quote that belongs to a cell is written twice, as in "say ""one""".')


def _first_row(path: Path, text: str) -> tuple[str, list[str]]:
    """What divides the cells, and the names of the columns.

    Raises:
        DataError: the first row names no paths or no words.
    """
    seen: list[str] = []
    for delimiter in DELIMITERS:
        _, names = next(_rows_of(text, delimiter), (0, []))
        if {PATH, WORDS} <= _places(names).keys():
            return delimiter, names
        seen = max(seen, names, key=len)
    if not seen:
        raise DataError(f"{path} is empty", HINT)
    lacking = " and ".join(role for role in (PATH, WORDS) if role not in _places(seen))
    shown = listed([one_line(name)[:40] for name in seen], 6)
    raise DataError(f"{path} has no column for {lacking}; its first line holds {shown}", HINT)


def _places(names: Sequence[str]) -> dict[str, int]:
    """Which column holds what."""
    plain = ["".join(filter(str.isalnum, name.lower())) for name in names]
    found = {role: [plain.index(known) for known in called if known in plain] for role, called in COLUMNS.items()}
    return {role: places[0] for role, places in found.items() if places}


@dataclass
class _Rows:
    """Takes the rows of a list.

    Args:
        path: of the list.
        places: of the columns that are used.
        width: how many columns there are.
        said: what was taken.
        passed_over: what was not -> why.
        seen: the first row of each file, by its one name.
        named: all files that rows name, used or not.
    """

    path: Path
    places: Mapping[str, int]
    width: int
    said: list[Said] = field(default_factory=list)
    passed_over: dict[str, str] = field(default_factory=dict)
    seen: dict[str, Said] = field(default_factory=dict)
    named: set[Path] = field(default_factory=set)

    def take(self, line: int, row: Sequence[str]) -> None:
        """Take one row, or say why not."""
        cells = {role: row[place] if place < len(row) else "" for role, place in self.places.items()}
        file = self._file(cells[PATH])
        self.named.add(file)
        said = Said(file, tuple(cells[WORDS].split()), cells.get(SPEAKER) or None, self._part(cells))
        reason = TOO_WIDE if any(row[self.width :]) else self._fault(cells, said)
        if reason is not None:
            self.passed_over[f"line {line} of {self.path.name}"] = reason
        else:
            self.said.append(said)

    def _file(self, name: str) -> Path:
        """The recording that a cell names; a list from Windows has backslashes in its paths."""
        file = self.path.parent / name
        return self.path.parent / name.replace("\\", "/") if "\\" in name and not _is_file(file) else file

    def _part(self, cells: Mapping[str, str]) -> str | None:
        return role_of(cells[PART]) if PART in cells else None

    def _fault(self, cells: Mapping[str, str], said: Said) -> str | None:
        """Why a row is not used."""
        if not cells[PATH]:
            return "names no recording"
        if not said.words:
            return "holds no words"
        if PART in cells and said.part is None:
            return (
                f"{WRONG_PART}{one_line(cells[PART])[:40]!r}, neither train nor test" if cells[PART] else "has no part"
            )
        return self._file_fault(said)

    def _file_fault(self, said: Said) -> str | None:
        """Why a row is not used, by the file that it names."""
        try:
            status = said.file.stat()
        except (OSError, ValueError):
            return "there is no such recording"
        if not stat.S_ISREG(status.st_mode):
            return NOT_ORDINARY
        before = self.seen.setdefault(_real(said.file), said)
        if before is said:
            return None
        return TWICE if replace(before, file=said.file) == said else "given before, and otherwise"

    def nothing(self) -> DataError:
        """What to say where no row can be used."""
        if not self.passed_over:
            return DataError(f"{self.path} lists no recordings", HINT)
        if all(reason.startswith(WRONG_PART) for reason in self.passed_over.values()):
            line, reason = next(iter(self.passed_over.items()))
            hint = "write train or test there, or leave that column out: then some recordings are held out to test on."
            return DataError(f"no row of {self.path} is of a part that is known; {line}: {reason}", hint)
        line, reason = next(iter(self.passed_over.items()))
        hint = f"paths in it begin at {self.path.parent}{'/' * (str(self.path.parent) != '/')}; {HINT}"
        return DataError(f"no row of {self.path} can be used; {line}: {reason}", hint)


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def _beside(path: Path, rows: _Rows) -> dict[str, str]:
    """Recordings that lie in the same folders and are not in the list, and what else lies beside it."""
    named = {_real(file) for file in rows.named} | {_real(path)}
    unused: dict[str, str] = {}
    for folder in sorted({path.parent, *(one.file.parent for one in rows.said)}):
        for file in entries_of(folder):
            if _real(file) not in named and _is_file(file):
                why = f"not in {path.name}" if is_recording(file, beginning(file)) else "no recording"
                shown = file.relative_to(path.parent) if file.is_relative_to(path.parent) else file
                unused[shown.as_posix()] = reason_by_name(file) or why
    return unused


def _real(file: Path) -> str:
    """The one name of a file, whatever links lead to it."""
    return os.path.realpath(file)
