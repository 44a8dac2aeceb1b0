"""What a file is by its first bytes: packed, a document, a picture; or text in UTF-16 or UTF-32."""

import codecs
import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath

from genmodels.data.images.kinds import ENDINGS as OF_PICTURES
from genmodels.data.signatures import BINARY, OTHER_SOUNDS, PICTURES, SOUNDS, WAV, first_of
from genmodels.data.sound.formats.recordings import ENDINGS as OF_RECORDINGS
from genmodels.data.text.files import STANDARD_INPUT, pieces_of
from genmodels.errors import DataError
from genmodels.ordinary import open_ordinary

HEAD = 1 << 16  # bytes looked at
_MARKS = (  # UTF-32 before UTF-16, whose mark its own begins with
    (codecs.BOM_UTF32_LE, "utf-32", "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32", "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16", "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16", "utf-16-be"),
    (codecs.BOM_UTF8, "utf-8", "utf-8-sig"),
)
_WIDE = ("utf-32-le", "utf-32-be", "utf-16-le", "utf-16-be")
_READABLE = 0.95  # share of characters that can be shown, in a text
_FEWEST_ZEROS = 0.25  # share of bytes: ASCII in UTF-16 has a half
_FEWEST_CHARACTERS = 2  # that make a text
_FEWEST_ASCII = 32  # bytes that can't be UTF-16 by chance when all of them are ASCII


@dataclass(frozen=True)
class Way:
    """A way to the text in a file that is not plain text.

    Args:
        command: writes what is in {file} to its standard output, or "".
        filter: does the same with its standard input, or "".
        hint: what to do where there is no such command.
    """

    command: str = ""
    filter: str = ""
    hint: str = ""

    def told(self, name: str) -> str:
        """What to do with such a file."""
        if name == STANDARD_INPUT and self.filter:
            return f"send it through `{self.filter}` first."
        if name == STANDARD_INPUT or not self.command:
            return self.hint or "unpack it, and give the text that is in it."
        return f"put `{self.command.format(file=shlex.quote(name))} |` before the command, and - in place of the file."


_EXPORT = Way(hint="save it as plain text (.txt, UTF-8) with the program that made it, and give that.")
_TEXT = "give a text file, or train on raw bytes with --bytes."
PICTURE = "a picture"
_WAYS: Mapping[str, Way] = {
    "gzip": Way("gunzip -c {file}", "gunzip -c"),
    "bzip2": Way("bzip2 -dc {file}", "bzip2 -dc"),
    "xz": Way("xz -dc {file}", "xz -dc"),
    "zstd": Way("zstd -dc {file}", "zstd -dc"),
    "lz4": Way("lz4 -dc {file}", "lz4 -dc"),
    "a 7z archive": Way("7z x -so {file}"),
    "a RAR archive": Way("unrar p -inul {file}"),
    "a tar archive": Way("tar -xOf {file}", "tar -xO"),
    "a zip archive": Way("unzip -p {file}", hint="unpack it with unzip, and give the text that is in it."),
    "a PDF": Way("pdftotext {file} -", "pdftotext - -"),
    "an EPUB book": Way(hint="make plain text of it (ebook-convert BOOK.epub BOOK.txt)."),
    "a Kindle book": Way(hint="make plain text of it (ebook-convert BOOK.mobi BOOK.txt)."),
    "an SQLite database": Way(hint="write the text that is in it to a file, and give that."),
    PICTURE: Way(hint=f"pictures are what train-vae and its like learn from; {_TEXT}"),
    **{name: Way(hint=f"recordings are what train-speech learns from; {_TEXT}") for name, _ in (*WAV, *SOUNDS)},
    **dict.fromkeys(
        (
            "a Word file", "an OpenDocument file", "an Excel file", "a PowerPoint file", "RTF",
            "an old Word, Excel or PowerPoint file",
        ),
        _EXPORT,
    ),
}  # fmt: skip
_OTHERWISE = Way(hint=_TEXT)
_PACKED = ("gzip", "bzip2", "xz", "zstd", "lz4")
_PICTURES = tuple(row for row in PICTURES if row[0] != "PPM")  # which a text may begin like


def kind_of(head: bytes) -> str | None:
    """The kind of file that begins so, as people call it; None: it may be plain text."""
    sounds = (WAV, SOUNDS, OTHER_SOUNDS) if b"\0" in head else ()  # without a zero byte a text may begin like some
    return PICTURE if first_of(head, _PICTURES) is not None else first_of(head, BINARY, *sounds)


_OF_IDX = re.compile(r"(images|labels)[-_.]idx[13]", re.IGNORECASE)  # as MNIST and its like are packed
_TRAININGS: Mapping[str, tuple[str, str]] = {  # kind of data -> what it is called, and the training that takes it
    "pictures": ("pictures", "train-vae, train-gan, train-pixelrnn or train-reader"),
    "recordings": ("recordings", "train-speech"),
}


def training_for(names: Sequence[str]) -> tuple[str, str] | None:
    """What some files that are no text are by their names, and which trainings learn from them; None: neither.

    >>> training_for(["train-images-idx3-ubyte.gz", "readme.md"])
    ('pictures', 'train-vae, train-gan, train-pixelrnn or train-reader')
    """
    found: dict[str, int] = {}
    for name in map(PurePath, names):
        ending = name.suffix.lower()
        kind = (
            "pictures" if ending in OF_PICTURES or _OF_IDX.search(name.name) else
            "recordings" if ending in OF_RECORDINGS else ""
        )  # fmt: skip
        found[kind] = found.get(kind, 0) + 1
    return _TRAININGS.get(max(found, key=lambda kind: found[kind], default=""))


def _way_out(kind: str, name: str) -> str:
    if kind in _PACKED and (learned := training_for([name])) is not None:
        folder = PurePath(name).parent
        return f"{learned[0]} are what {learned[1]} learn from: give them --dataset {shlex.quote(str(folder))}."
    return _WAYS.get(kind, _OTHERWISE).told(name)


def encoding_of(head: bytes) -> tuple[str, str] | None:
    """The encoding that the first bytes show, as it is to be asked for and with its byte order; None: they don't.

    A mark shows it, or zero bytes where UTF-16 or UTF-32 has them, around characters that make a text.
    """
    for mark, asked, exact in _MARKS:
        if head.startswith(mark):
            return asked, exact
    if b"\0" not in head or _has_stray_zeros(head):
        return None
    fitting = [encoding for encoding in _WIDE if _reads_as(head, encoding)]
    if len(fitting) > 1:
        fitting = [encoding for encoding in fitting if _zeros_suit(head, encoding)]
    return (fitting[0], fitting[0]) if fitting else None


def _reads_as(head: bytes, encoding: str) -> bool:
    """Whether bytes make a readable text without zero characters."""
    try:
        text = head.decode(encoding)
    except UnicodeDecodeError as error:
        if error.start < len(head) - 4:  # else the last character is cut
            return False
        text = head[: error.start].decode(encoding)
    return len(text) >= _FEWEST_CHARACTERS and "\0" not in text and _is_readable(text)


def _is_readable(text: str) -> bool:
    return sum(c.isprintable() or c.isspace() for c in text) >= _READABLE * len(text)


def _has_stray_zeros(head: bytes) -> bool:
    """Whether bytes are a text of the usual kind into which a few zero bytes got."""
    rest = head.replace(b"\0", b"").decode("utf-8", "replace").replace("\ufffd", "\0")
    return head.count(0) < _FEWEST_ZEROS * len(head) and _is_readable(rest)


def _zeros_suit(head: bytes, encoding: str) -> bool:
    """Whether most zero bytes stand where an encoding has those of ASCII characters."""
    if encoding.startswith("utf-32"):
        return True
    even, odd = head[0::2].count(0), head[1::2].count(0)
    return odd > even if encoding.endswith("le") else even > odd


def said_of(head: bytes) -> str | None:
    """What people call a file that begins so, unless it is a text in UTF-8 or an encoding like it."""
    kind, encoding = kind_of(head), encoding_of(head)
    return kind if kind is not None else encoding[0] if encoding is not None and encoding[0] != "utf-8" else None


def may_be_text(path: Path) -> bool:
    """Whether a file holds something that begins like a text in UTF-8; one that can't be read may not."""
    try:
        with open_ordinary(path) as file:
            head = file.read(HEAD)
    except OSError:
        return False
    return kind_of(head) is None and _reads_as(head, "utf-8")


def check_kind(path: Path, name: str, encoding: str) -> None:
    """Refuse a file that is no plain text, or is in another encoding than the one asked for.

    Args:
        path: where it is.
        name: what a message calls it.
        encoding: asked for.

    Raises:
        DataError: it is; the hint says how to get at the text.
    """
    head = head_of(path, name)
    if (kind := kind_of(head)) is not None:
        raise DataError(f"{name} is {kind} by its first bytes", _way_out(kind, name))
    asked, found = codecs.lookup(encoding).name, encoding_of(head)
    if found is not None and asked not in found:
        hint = "leave --encoding out." if found[0] == "utf-8" else f"use --encoding {found[0]}."
        raise DataError(f"{name} is {found[0]} by its first bytes, not {asked}", hint)
    wide = asked.startswith(("utf-16", "utf-32"))
    if wide and found is None and len(head) >= _FEWEST_ASCII and head.isascii() and b"\0" not in head:
        raise DataError(f"{name} is not {asked}: its first bytes are all ASCII", "leave --encoding out.")


def check_alike(paths: Sequence[Path], names: Sequence[str]) -> None:
    """Refuse files of which some are in UTF-16 or UTF-32 and others not: one encoding is asked for all.

    Raises:
        DataError: they differ; the hint turns one of them.
    """
    wide: dict[str | None, str] = {}
    for path, name in zip(paths, names, strict=True):
        found = encoding_of(head_of(path, name))
        wide.setdefault(None if found is None or found[0] == "utf-8" else found[0], name)
    if len(wide) > 1:
        (one, first), (other, second) = list(wide.items())[:2]
        encoding, file = (other, second) if one is None else (one, first)
        assert encoding is not None
        what = f"{file} is {encoding} by its first bytes, but {first if file == second else second} is not"
        turned = shlex.quote(f"{file}.utf-8.txt")
        hint = f"make them alike: iconv -f {_as_iconv_has_it(encoding)} -t UTF-8 {shlex.quote(file)} > {turned}"
        raise DataError(what, f"{hint}, and so on, then give those.")


def _as_iconv_has_it(encoding: str) -> str:
    return encoding.upper().replace("-LE", "LE").replace("-BE", "BE")


def check_prompt(raw: bytes) -> None:
    """Refuse a file's content that is no plain text in UTF-8, the only encoding of prompts.

    Raises:
        DataError: it is; the hint says how to get at the text.
    """
    head = raw[:HEAD]
    if (kind := kind_of(head)) is not None:
        raise DataError(f"the prompt is {kind} by its first bytes", _way_out(kind, STANDARD_INPUT))
    found = encoding_of(head)
    if found is not None and found[0] != "utf-8":
        hint = f"send it through `iconv -f {_as_iconv_has_it(found[0])} -t UTF-8` first."
        raise DataError(f"the prompt is {found[0]} by its first bytes, not utf-8", hint)


def head_of(path: Path, name: str) -> bytes:
    """The first bytes of a file."""
    head = b""
    for piece in pieces_of(path, name):
        head += piece
        if len(head) >= HEAD:
            break
    return head[:HEAD]
