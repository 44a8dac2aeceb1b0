"""Bytes -> text: encodings, byte order marks, line ends."""

import codecs
import io
from collections.abc import Iterator, Sequence
from pathlib import Path

from genmodels.data.text.files import pieces_of
from genmodels.errors import DataError

_BOMS = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}


def check_encoding(name: str) -> None:
    """Refuse a name that Python knows no encoding of.

    Raises:
        DataError: there is none.
    """
    try:
        "a".encode(name)
    except (LookupError, UnicodeError) as error:
        raise DataError(f"there is no encoding {name!r}", "common ones: utf-8, latin-1, cp1252, utf-16.") from error


class _Decoder:
    """Decodes one file piece by piece, counting bytes so that an error can name its offset."""

    def __init__(self, name: str, encoding: str) -> None:
        self.name, self.encoding = name, codecs.lookup(encoding).name
        self._decoder = codecs.getincrementaldecoder(encoding)(errors="strict")
        self._lines = io.IncrementalNewlineDecoder(None, translate=True)
        self._offset = 0
        self.had_bom = False

    @property
    def newlines(self) -> bool:
        """Whether line ends other than a line feed were seen."""
        return self._lines.newlines not in {None, "\n"}

    def decode(self, piece: bytes, final: bool) -> str:
        if self._offset == 0:
            self._refuse_binary(piece)
        waiting = len(self._decoder.getstate()[0])
        try:
            text = self._decoder.decode(piece, final)
        except UnicodeError as error:
            if not isinstance(error, UnicodeDecodeError):
                raise DataError(f"{self.name} is not {self.encoding}: {error}", "give its --encoding.") from error
            at = self._offset - waiting + error.start
            value = error.object[error.start]
            raise DataError(
                f"{self.name} is not {self.encoding}: byte 0x{value:02x} at offset {at} cannot be decoded",
                "give its --encoding (often latin-1 or cp1252), or train on raw bytes with --bytes.",
            ) from error
        if self._offset == 0 and text.startswith("\ufeff"):
            self.had_bom, text = True, text[1:]
        self._offset += len(piece)
        return self._lines.decode(text, final)

    def _refuse_binary(self, piece: bytes) -> None:
        for bom, encoding in _BOMS.items():
            if piece.startswith(bom) and self.encoding == "utf-8" and encoding != "utf-8":
                raise DataError(f"{self.name} is {encoding} by its first bytes", f"use --encoding {encoding}.")
        if b"\0" in piece and not self.encoding.startswith(("utf-16", "utf-32")):
            at = piece.index(b"\0")
            raise DataError(
                f"{self.name} looks binary: it has a zero byte at offset {at}",
                "give a text file, its --encoding (utf-16 has zero bytes), or train on raw bytes with --bytes.",
            )


_LEFT_OUT_BOM = "left out the byte order mark at the start of the text"
_TURNED_LINE_ENDS = "turned line ends (CR or CRLF) into line feeds"


def decoded_texts(paths: Sequence[Path], names: Sequence[str], encoding: str, notices: list[str]) -> Iterator[str]:
    """The decoded text of all files, in pieces; says once what was changed in each file."""
    for path, name in zip(paths, names, strict=True):
        decoder = _Decoder(name, encoding)
        for piece in pieces_of(path, name):
            yield decoder.decode(piece, final=False)
        yield decoder.decode(b"", final=True)
        changes = {_LEFT_OUT_BOM: decoder.had_bom, _TURNED_LINE_ENDS: decoder.newlines}
        notices += [said for said, happened in changes.items() if happened and said not in notices]
