"""Bytes -> text: encodings, byte order marks, line ends, halves of characters, and files put together."""

import codecs
import io
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from genmodels.data.text.files import pieces_of
from genmodels.data.text.surrogates import ends_in_a_half, first_half, joined
from genmodels.errors import DataError
from genmodels.telling import Advance, silent

MARK = "\ufeff"
_CONTROLS = re.compile("[\x80-\x84\x86-\x9f]")  # what quotes and dashes of cp1252 become when it is read as latin-1


def check_encoding(name: str) -> None:
    """Refuse a name that Python knows no encoding of.

    Raises:
        DataError: there is none.
    """
    try:
        "a".encode(name)
    except (LookupError, ValueError) as error:  # a name with a zero byte is the latter
        raise DataError(f"there is no encoding {name!r}", "common ones: utf-8, latin-1, cp1252, utf-16.") from error


class _Decoder:
    """Decodes one file piece by piece, counting bytes so that an error can name its offset."""

    def __init__(self, name: str, encoding: str) -> None:
        self.name, self.encoding = name, codecs.lookup(encoding).name
        self._decoder = codecs.getincrementaldecoder(encoding)(errors="strict")
        self._lines = io.IncrementalNewlineDecoder(None, translate=True)
        self._offset = 0
        self._waiting, self._at_start = "", True
        self.had_bom = self.had_controls = False

    @property
    def newlines(self) -> bool:
        """Whether line ends other than a line feed were seen."""
        return self._lines.newlines not in {None, "\n"}

    def decode(self, piece: bytes, final: bool) -> str:
        self._refuse_zero_bytes(piece)
        text = self._without_mark(self._whole_characters(self._decoded(piece, final), final))
        self._offset += len(piece)
        self.had_controls = self.had_controls or _CONTROLS.search(text) is not None
        return self._lines.decode(text, final)

    def _decoded(self, piece: bytes, final: bool) -> str:
        waiting = len(self._decoder.getstate()[0])
        try:
            return self._decoder.decode(piece, final)
        except UnicodeError as error:
            if not isinstance(error, UnicodeDecodeError):
                hint = "give its --encoding; without a mark that is utf-16-le or utf-16-be, utf-32-le or utf-32-be."
                raise DataError(f"{self.name} is not {self.encoding}: {error}", hint) from error
            at = self._offset - waiting + error.start
            value = error.object[error.start]
            raise DataError(
                f"{self.name} is not {self.encoding}: byte 0x{value:02x} at offset {at} cannot be decoded",
                _encodings_told(error.object, self.encoding, at),
            ) from error

    def _whole_characters(self, text: str, final: bool) -> str:
        """Halves of characters joined; one at the end waits for the other."""
        text, self._waiting = self._waiting + text, ""
        if ends_in_a_half(text) and not final:
            text, self._waiting = text[:-1], text[-1]
        text = joined(text)
        if (at := first_half(text)) is not None:
            hint = "leave it out, or train on raw bytes with --bytes."
            raise DataError(f"{self.name} has half a character, {text[at]!a}, without its other half", hint)
        return text

    def _without_mark(self, text: str) -> str:
        if self._at_start and text:
            self._at_start, self.had_bom = False, text.startswith(MARK)
            return text.removeprefix(MARK)
        return text

    def _refuse_zero_bytes(self, piece: bytes) -> None:
        if b"\0" in piece and not self.encoding.startswith(("utf-16", "utf-32")):
            at = self._offset + piece.index(b"\0")
            raise DataError(
                f"{self.name} looks binary: it has a zero byte at offset {at}",
                "give a text file, its --encoding (utf-16 has zero bytes), or train on raw bytes with --bytes.",
            )


def _encodings_told(piece: bytes, encoding: str, at: int) -> str:
    """Which encodings a text may have that can't be decoded: Western ones are ASCII for the most part."""
    otherwise = "or train on raw bytes with --bytes."
    if sum(byte > 0x7F for byte in piece) > MOSTLY * len(piece):
        told = "such as shift_jis, gb18030, big5, euc-kr, cp1251, koi8-r, utf-16-le or utf-16-be"
        return f"give its --encoding, which is none of Western Europe: {told}; {otherwise}"
    before = f"; up to there it is {encoding}, so two encodings may be mixed" if at > MUCH else ""
    return f"give its --encoding (often cp1252 or latin-1){before}, {otherwise}"


MOSTLY = 0.3  # share of bytes above 0x7f that no Western text in latin-1 or cp1252 has
MUCH = 512  # bytes that were read well
_LEFT_OUT_BOM = "left out the byte order mark at the start of the text"
_ODD_CONTROLS = "control characters (U+0080 to U+009F) are in the text; its encoding may be cp1252"
_TURNED_LINE_ENDS = "turned line ends (CR or CRLF) into line feeds"


def decoded_texts(
    paths: Sequence[Path],
    names: Sequence[str],
    encoding: str,
    notices: list[str],
    *,
    apart: bool = True,
    advance: Advance = silent,
) -> Iterator[str]:
    """The decoded text of all files, in pieces; says once what was changed in them.

    Args:
        paths: of the files.
        names: what messages call them.
        encoding: of all of them.
        notices: get what was changed.
        apart: put a line feed after a file that ends without one, before the next.
        advance: is told how many more bytes are read.
    """
    last, put = "", 0
    for path, name in zip(paths, names, strict=True):
        decoder = _Decoder(name, encoding)
        begun = False
        for text in _texts_of(decoder, path, advance):
            if apart and not begun and last not in {"", "\n"}:
                put += 1
                yield "\n"
            begun, last = True, text[-1]
            yield text
        changes = {
            _LEFT_OUT_BOM: decoder.had_bom, _TURNED_LINE_ENDS: decoder.newlines,
            _ODD_CONTROLS: decoder.had_controls,
        }  # fmt: skip
        notices += [said for said, happened in changes.items() if happened and said not in notices]
    if put:
        notices.append(f"put a line feed after {put} {'file that ends' if put == 1 else 'files that end'} without one")


def _texts_of(decoder: _Decoder, path: Path, advance: Advance) -> Iterator[str]:
    """The pieces of one file that have something in them."""
    for piece in pieces_of(path, decoder.name):
        advance(len(piece))
        if text := decoder.decode(piece, final=False):
            yield text
    if text := decoder.decode(b"", final=True):
        yield text


def as_in_a_corpus(text: str, known: str | None) -> str:
    """A text typed or pasted, as a corpus would have it: line feeds, no mark at its start, whole characters.

    Args:
        text: any.
        known: characters of a vocabulary, or None for bytes, which stay as they are. A mark that is one of them stays.
    """
    if known is None:
        return joined(text)
    text = joined(text) if MARK in known else joined(text).removeprefix(MARK)
    return text.replace("\r\n", "\n").replace("\r", "\n")
