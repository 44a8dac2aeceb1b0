"""What a file is by its first bytes: packed, a document, a picture; or text in UTF-16 or UTF-32."""

import codecs
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from genmodels.data.text.files import STANDARD_INPUT, pieces_of
from genmodels.errors import DataError

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
class Kind:
    """A kind of file that is not plain text.

    Args:
        name: as people call it.
        command: writes what is in {file} to its standard output, or "".
        filter: does the same with its standard input, or "".
        hint: what to do where there is no such command.
    """

    name: str
    command: str = ""
    filter: str = ""
    hint: str = ""

    def way_out(self, name: str) -> str:
        """What to do with such a file."""
        if name == STANDARD_INPUT and self.filter:
            return f"send it through `{self.filter}` first."
        if name == STANDARD_INPUT or not self.command:
            return self.hint or "unpack it, and give the text that is in it."
        return f"put `{self.command.format(file=shlex.quote(name))} |` before the command, and - in place of the file."


_EXPORT = "save it as plain text (.txt, UTF-8) with the program that made it, and give that."
_TEXT = "give a text file, or train on raw bytes with --bytes."
_PACKED_TEXT = (
    (b"word/document.xml", Kind("a Word file", hint=_EXPORT)),
    (b"application/epub+zip", Kind("an EPUB book", hint="make plain text of it (ebook-convert BOOK.epub BOOK.txt).")),
    (b"application/vnd.oasis.opendocument", Kind("an OpenDocument file", hint=_EXPORT)),
    (b"xl/workbook.xml", Kind("an Excel file", hint=_EXPORT)),
    (b"ppt/presentation.xml", Kind("a PowerPoint file", hint=_EXPORT)),
)
_ZIP = Kind("a zip archive", "unzip -p {file}", hint="unpack it with unzip, and give the text that is in it.")
_TAR = Kind("a tar archive", "tar -xOf {file}", "tar -xO")
_PDF = Kind("a PDF", "pdftotext {file} -", "pdftotext - -")
_PICTURE = Kind("a picture", hint=f"pictures are what train-vae and its like learn from; {_TEXT}")
_BY_BEGINNING: Mapping[bytes, Kind] = {
    b"\x1f\x8b": Kind("gzip", "gunzip -c {file}", "gunzip -c"),
    b"BZh": Kind("bzip2", "bzip2 -dc {file}", "bzip2 -dc"),
    b"\xfd7zXZ\0": Kind("xz", "xz -dc {file}", "xz -dc"),
    b"\x28\xb5\x2f\xfd": Kind("zstd", "zstd -dc {file}", "zstd -dc"),
    b"\x04\x22\x4d\x18": Kind("lz4", "lz4 -dc {file}", "lz4 -dc"),
    b"7z\xbc\xaf\x27\x1c": Kind("a 7z archive", "7z x -so {file}"),
    b"Rar!\x1a\x07": Kind("a RAR archive", "unrar p -inul {file}"),
    b"PK\3\4": _ZIP,
    b"%PDF-": _PDF,
    b"{\\rtf": Kind("RTF", hint=_EXPORT),
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": Kind("an old Word, Excel or PowerPoint file", hint=_EXPORT),
    b"SQLite format 3\0": Kind("an SQLite database", hint="write the text that is in it to a file, and give that."),
    b"\x93NUMPY": Kind("a NumPy array", hint=_TEXT),
    b"\x89PNG": _PICTURE,
    b"\xff\xd8\xff": _PICTURE,
    b"GIF87a": _PICTURE,
    b"GIF89a": _PICTURE,
    b"II*\0": _PICTURE,
    b"MM\0*": _PICTURE,
    b"\x7fELF": Kind("a program", hint=_TEXT),
}


def kind_of(head: bytes) -> Kind | None:
    """The kind of file that begins so; None: it may be plain text."""
    if head[257:262] == b"ustar" and b"\0" in head[:257]:
        return _TAR
    if head[60:68] == b"BOOKMOBI" and b"\0" in head[:60]:
        return Kind("a Kindle book", hint="make plain text of it (ebook-convert BOOK.mobi BOOK.txt).")
    begins = next((kind for beginning, kind in _BY_BEGINNING.items() if head.startswith(beginning)), None)
    if begins is _BY_BEGINNING[b"BZh"] and head[4:10] != b"1AY&SY":  # a text may begin with these letters
        return None
    if begins is _ZIP:
        return next((kind for member, kind in _PACKED_TEXT if member in head), _ZIP)
    return begins


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
    return kind.name if kind is not None else encoding[0] if encoding is not None and encoding[0] != "utf-8" else None


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
        raise DataError(f"{name} is {kind.name} by its first bytes", kind.way_out(name))
    asked, found = codecs.lookup(encoding).name, encoding_of(head)
    if found is not None and asked not in found:
        hint = "leave --encoding out." if found[0] == "utf-8" else f"use --encoding {found[0]}."
        raise DataError(f"{name} is {found[0]} by its first bytes, not {asked}", hint)
    wide = asked.startswith(("utf-16", "utf-32"))
    if wide and found is None and len(head) >= _FEWEST_ASCII and head.isascii() and b"\0" not in head:
        raise DataError(f"{name} is not {asked}: its first bytes are all ASCII", "leave --encoding out.")


def check_prompt(raw: bytes) -> None:
    """Refuse a file's content that is no plain text in UTF-8, the only encoding of prompts.

    Raises:
        DataError: it is; the hint says how to get at the text.
    """
    head = raw[:HEAD]
    if (kind := kind_of(head)) is not None:
        raise DataError(f"the prompt is {kind.name} by its first bytes", kind.way_out(STANDARD_INPUT))
    found = encoding_of(head)
    if found is not None and found[0] != "utf-8":
        source = found[0].upper().replace("-LE", "LE").replace("-BE", "BE")  # as iconv calls it
        hint = f"send it through `iconv -f {source} -t UTF-8` first."
        raise DataError(f"the prompt is {found[0]} by its first bytes, not utf-8", hint)


def head_of(path: Path, name: str) -> bytes:
    """The first bytes of a file."""
    head = b""
    for piece in pieces_of(path, name):
        head += piece
        if len(head) >= HEAD:
            break
    return head[:HEAD]
