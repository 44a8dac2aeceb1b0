"""Marks inside files: a file says itself that this program wrote it under its name, and that nobody changed it since.

It stands at the file's end, where its format has room for a remark, and holds the SHA-256 sum of the name and of all
else: a file that was changed is none of ours any more, nor is a copy under another name, which somebody keeps. A mark
is no signature: who wants to can make one.
"""

import hashlib
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

WORD = b"genmodels wrote this: "


@dataclass(frozen=True)
class Form:
    """A format that has room for a mark at its end.

    Args:
        begins: the first bytes of a file of this format.
        ends: the last ones of a file without a mark, before which it stands.
        made: a note -> the bytes that hold it.
        closes: the last bytes of a file with one, where they are others.
    """

    begins: bytes
    ends: bytes
    made: Callable[[bytes], bytes]
    closes: bytes | None = None

    def bytes_of(self, name: str, plain: bytes) -> bytes:
        """What a file of this name holds in place of its `ends`, if it is to have a mark."""
        digest = hashlib.sha256(name.encode("utf-8", "surrogateescape") + b"\0" + plain).hexdigest()
        return self.made(WORD + digest.encode()) + (self.ends if self.closes is None else self.closes)

    def has_room(self, data: bytes) -> bool:
        """Whether a file is of this format."""
        return data.startswith(self.begins) and data.endswith(self.ends)


def _png_text(note: bytes) -> bytes:
    chunk = b"tEXtComment\0" + note
    return (len(chunk) - 4).to_bytes(4, "big") + chunk + zlib.crc32(chunk).to_bytes(4, "big")


def _protobuf_entry(note: bytes) -> bytes:
    """An entry of an ONNX model's metadata_props, field 14; fields may stand in any order."""
    entry = b"\x0a\x04mark\x12" + bytes([len(note)]) + note
    return b"\x72" + bytes([len(entry)]) + entry


FORMS = {
    ".png": Form(b"\x89PNG", b"\0\0\0\0IEND\xaeB`\x82", _png_text),
    ".gif": Form(b"GIF8", b";", lambda note: b"!\xfe" + bytes([len(note)]) + note + b"\0"),
    ".svg": Form(b"<?xml", b"</svg>\n", lambda note: b"<!-- " + note + b" -->"),
    **dict.fromkeys((".html", ".htm"), Form(b"<!DOCTYPE html>", b"</html>", lambda note: b"<!-- " + note + b" -->")),
    ".pdf": Form(b"%PDF-", b"%%EOF\n", lambda note: b"%%EOF\n%" + note + b"\n", closes=b""),
    ".npz": Form(b"PK", b"\0\0", lambda note: len(note).to_bytes(2, "little") + note, closes=b""),
    ".onnx": Form(b"\x08", b"", _protobuf_entry),
}  # fmt: skip


def marked(name: str, data: bytes) -> bytes:
    """A file's bytes with a mark, where its format has room for one.

    Args:
        name: of the file.
        data: what it is to hold.
    """
    form = FORMS.get(Path(name).suffix.lower())
    if form is None or not form.has_room(data):
        return data
    return data[: len(data) - len(form.ends)] + form.bytes_of(name, data)


def is_marked(path: Path) -> bool:
    """Whether a file holds a mark, and is as it was when it got it.

    Raises:
        OSError: it can't be read.
    """
    form = FORMS.get(path.suffix.lower())
    if form is None:
        return False
    length = len(form.bytes_of("", b""))
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - length))
        if WORD not in file.read(length):  # so that a large file of somebody else's is not read
            return False
        file.seek(0)
        data = file.read()
    plain = data[:-length] + form.ends
    return form.has_room(plain) and data == data[:-length] + form.bytes_of(path.name, plain)
