import bz2
import codecs
import gzip
import io
import lzma
import shutil
import subprocess
import tarfile
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genmodels.data.text.corpus import HowRead, open_corpus
from genmodels.data.text.kinds import HEAD, check_kind, check_prompt, encoding_of, kind_of
from genmodels.errors import DataError

TEXT = "It was a dark night; the café was shut.\nNobody came.\n" * 40
TEXTS = {
    "English": TEXT,
    "Greek": "Ήταν μια σκοτεινή νύχτα, και κανείς δεν ήρθε.\n" * 40,
    "Russian": "Была тёмная ночь; никто не пришёл.\n" * 40,
    "Hindi": "यह एक किताब है। नदी के पास।\n" * 40,
    "Chinese": "一个黑暗的夜晚,没有人来。\n第二天,一切都变了。\n" * 40,
    "Japanese": "暗い夜でした。誰も来ませんでした。\n" * 40,
    "emoji": "so 😀 it goes 🎉\n" * 40,
    "short": "hi",
}
WIDE = ("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")
MARKS = {
    "utf-16-le": codecs.BOM_UTF16_LE, "utf-16-be": codecs.BOM_UTF16_BE,
    "utf-32-le": codecs.BOM_UTF32_LE, "utf-32-be": codecs.BOM_UTF32_BE,
}  # fmt: skip


def zipped(**members: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


def tarred() -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        entry = tarfile.TarInfo("book.txt")
        entry.size = len(TEXT.encode())
        archive.addfile(entry, io.BytesIO(TEXT.encode()))
    return file.getvalue()


NAMED = {
    "book.txt.gz": (gzip.compress(TEXT.encode()), "gzip"),
    "book.bz2": (bz2.compress(TEXT.encode()), "bzip2"),
    "book.xz": (lzma.compress(TEXT.encode()), "xz"),
    "my books.zip": (zipped(**{"book.txt": TEXT}), "a zip archive"),
    "book.tar": (tarred(), "a tar archive"),
    "book.docx": (zipped(**{"[Content_Types].xml": "", "word/document.xml": "<w/>"}), "a Word file"),
    "book.epub": (zipped(mimetype="application/epub+zip"), "an EPUB book"),
    "book.odt": (zipped(mimetype="application/vnd.oasis.opendocument.text"), "an OpenDocument file"),
    "table.xlsx": (zipped(**{"[Content_Types].xml": "", "xl/workbook.xml": ""}), "an Excel file"),
    "book.doc": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500), "an old Word"),
    "book.pdf": (b"%PDF-1.7\nall of it ASCII\n", "a PDF"),
    "book.rtf": (rb"{\rtf1\ansi It was a dark night.}", "RTF"),
    "book.zst": (b"\x28\xb5\x2f\xfd\x04\x00", "zstd"),
    "book.lz4": (b"\x04\x22\x4d\x18\x40", "lz4"),
    "book.7z": (b"7z\xbc\xaf\x27\x1c\0\4", "a 7z archive"),
    "book.rar": (b"Rar!\x1a\x07\x01\0", "a RAR archive"),
    "page.png": (b"\x89PNG\r\n\x1a\n\0\0", "a picture"),
    "page.jpg": (b"\xff\xd8\xff\xe0\0\x10JFIF", "a picture"),
    "page.gif": (b"GIF89a\1\0", "a picture"),
    "page.tif": (b"II*\0\x08", "a picture"),
    "notes.sqlite": (b"SQLite format 3\0\x10", "an SQLite database"),
    "x.npy": (b"\x93NUMPY\1\0", "a NumPy array"),
    "x.mobi": (b"title".ljust(60, b"\0") + b"BOOKMOBI", "a Kindle book"),
    "a.wav": (b"RIFF\x24\0\0\0WAVEfmt \x10\0\0\0", "a wav"),
    "a.flac": (b"fLaC\0\0\0\x22", "a FLAC file"),
    "a.mp3": (b"ID3\x04\0\0\0", "an MP3 file"),
    "a.mp4": (b"\0\0\0\x18ftypmp42", "an m4a or mp4 file"),
}


@pytest.mark.parametrize("name", NAMED)
def test_what_is_no_plain_text_is_named_for_what_it_is(tmp_path: Path, name: str) -> None:
    data, kind = NAMED[name]
    (tmp_path / name).write_bytes(data)
    for encoding in ("utf-8", "latin-1"):
        with pytest.raises(DataError) as caught:
            check_kind(tmp_path / name, name, encoding)
        assert f"{name} is {kind}" in caught.value.what
        assert "by its first bytes" in caught.value.what
        assert caught.value.hint
    with pytest.raises(DataError, match=f"the prompt is {kind}"):
        check_prompt(data)


def test_a_recording_is_told_which_training_learns_from_it(tmp_path: Path) -> None:
    (tmp_path / "a.wav").write_bytes(NAMED["a.wav"][0])
    with pytest.raises(DataError) as caught:
        check_kind(tmp_path / "a.wav", "a.wav", "utf-8")
    assert str(caught.value.hint).startswith("recordings are what train-speech learns from; ")


PACKED = {"book.txt.gz": "gunzip", "book.bz2": "bzip2", "book.xz": "xz", "my books.zip": "unzip", "book.tar": "tar"}


@pytest.mark.parametrize("name", PACKED)
def test_the_command_of_a_hint_gives_the_text(tmp_path: Path, name: str) -> None:
    if shutil.which(PACKED[name]) is None:
        pytest.skip(f"{PACKED[name]} is not installed")
    path = tmp_path / name
    path.write_bytes(NAMED[name][0])
    with pytest.raises(DataError) as caught:
        check_kind(path, str(path), "utf-8")
    command = str(caught.value.hint).split("`")[1].removesuffix(" |")
    assert subprocess.run(command, shell=True, capture_output=True, check=True).stdout.decode() == TEXT


@pytest.mark.parametrize("name", [name for name in PACKED if name != "my books.zip"])
def test_the_filter_of_a_hint_gives_the_text_of_standard_input(tmp_path: Path, name: str) -> None:
    if shutil.which(PACKED[name]) is None:
        pytest.skip(f"{PACKED[name]} is not installed")
    (tmp_path / "spool").write_bytes(NAMED[name][0])
    with pytest.raises(DataError) as caught:
        check_kind(tmp_path / "spool", "-", "utf-8")
    filtered = str(caught.value.hint).split("`")[1]
    made = subprocess.run(filtered, shell=True, input=NAMED[name][0], capture_output=True, check=True)
    assert made.stdout.decode() == TEXT


@pytest.mark.parametrize(
    "text",
    [
        "BZh is how it begins.", "PK is a name.", "%PDF is no more.", "GIF8 is half of it.", "Rar! said he.",
        "<!doctype html><p>A page is a text.</p>", "<?xml version='1.0'?><a/>", "x" * 257 + "ustar", "MM*", "\x1f.",
        '{"a": "\\ud83d\\ude00"}', "x" * 60 + "BOOKMOBI", "%!PS-Adobe", "II*I", "7z is a program.", "",
        "MAC OS is a system.", "OggSync", "fLaC", "DSD is old.", "RIFF1234WAVE", "MPCK", "ADIF",
    ],
)  # fmt: skip
def test_a_text_that_begins_like_another_kind_is_a_text(text: str) -> None:
    assert kind_of(text.encode()) is None
    assert encoding_of(text.encode()) is None


@pytest.mark.parametrize("encoding", WIDE)
@pytest.mark.parametrize("language", TEXTS)
@pytest.mark.parametrize("marked", [True, False], ids=["mark", "no mark"])
def test_after_the_hint_a_wide_text_is_read_whole(tmp_path: Path, language: str, encoding: str, marked: bool) -> None:
    text = TEXTS[language]
    if not marked and encoding.startswith("utf-16") and b"\0" not in text.encode(encoding):
        pytest.skip("nothing shows it")
    path = tmp_path / "wide.txt"
    path.write_bytes((MARKS[encoding] if marked else b"") + text.encode(encoding))
    for asked in ("utf-8", "latin-1"):
        with pytest.raises(DataError, match=r"is utf-.* by its first bytes") as caught:
            open_corpus([str(path)], HowRead(encoding=asked), print)
        hint = str(caught.value.hint)
        assert hint == f"use --encoding {encoding[:6] if marked else encoding}."
        corpus = open_corpus([str(path)], HowRead(encoding=hint[15:-1]), print)
        assert corpus.text(0, corpus.length) == text


@pytest.mark.parametrize(
    ("data", "asked", "right"),
    [
        (TEXT.encode("utf-16-be"), "utf-16-le", "utf-16-be"),
        (TEXT.encode("utf-16-be"), "utf-16", "utf-16-be"),
        (TEXT.encode("utf-32-le"), "utf-16-le", "utf-32-le"),
        (codecs.BOM_UTF32_LE + TEXT.encode("utf-32-le"), "utf-16", "utf-32"),
        (codecs.BOM_UTF8 + TEXT.encode(), "latin-1", None),
        (codecs.BOM_UTF8 + TEXT.encode(), "utf-16", None),
        (TEXT.replace("é", "e").encode(), "utf-16-le", None),
        (TEXT.replace("é", "e").encode(), "utf-32", None),
    ],
)
def test_another_encoding_than_the_one_asked_for_is_refused(
    tmp_path: Path, data: bytes, asked: str, right: str | None
) -> None:
    path = tmp_path / "text.txt"
    path.write_bytes(data)
    with pytest.raises(DataError) as caught:
        open_corpus([str(path)], HowRead(encoding=asked), print)
    assert caught.value.hint == ("leave --encoding out." if right is None else f"use --encoding {right}.")
    corpus = open_corpus([str(path)], HowRead(encoding=right or "utf-8"), print)
    assert corpus.text(0, 6) == "It was"


@pytest.mark.parametrize("encoding", WIDE)
def test_a_wide_text_longer_than_what_is_looked_at_is_known(encoding: str) -> None:
    assert encoding_of(("🎉a" * HEAD).encode(encoding)[:HEAD]) == (encoding, encoding)


STRAY = [
    b"a\0b", b"\1\2\0\0\xff", bytes(64), b"log\n\0\0\0\nlog\n", bytes(range(256)), b"a" * 40 + b"\0" + b"b" * 40,
    b"a" * 41 + b"\0" + b"b" * 41, b"one line\n" * 30 + b"\0", TEXT.encode() + b"\0" + TEXT.encode(),
    b"one\0two\0three\0four\0", ("यह एक किताब है।\n" * 9).encode() + b"\0",
    ("Была ночь.\n" * 9).encode("cp1251") + b"\0.",
]  # fmt: skip


@pytest.mark.parametrize("data", STRAY)
def test_zero_bytes_alone_show_no_encoding(data: bytes) -> None:
    assert encoding_of(data) is None


@given(st.binary(max_size=200))
def test_any_bytes_are_looked_at_without_a_fault(data: bytes) -> None:
    kind, encoding = kind_of(data), encoding_of(data)
    assert kind is None or kind.strip()
    shown = b"\0" in data or data.startswith((codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    assert encoding is None or (shown and all(codecs.lookup(name) for name in encoding))


@pytest.mark.parametrize(
    ("data", "kind"),
    [(NAMED["book.txt.gz"][0], "gzip"), (TEXT.encode("utf-16"), "utf-16"), (TEXT.encode("utf-32-be"), "utf-32-be")],
    ids=["gzip", "utf-16", "utf-32-be"],
)
def test_raw_bytes_may_be_of_any_kind_which_is_told(tmp_path: Path, data: bytes, kind: str) -> None:
    path = tmp_path / "book.gz"
    path.write_bytes(data)
    told: list[str] = []
    corpus = open_corpus([str(path)], HowRead(as_bytes=True), told.append)
    assert corpus.read(0, corpus.length).tobytes() == path.read_bytes()
    assert told == [f"read as raw bytes what is {kind} by its first bytes"]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32", *WIDE])
def test_a_wide_prompt_is_refused_with_a_filter_that_makes_it_utf_8(encoding: str) -> None:
    if shutil.which("iconv") is None:
        pytest.skip("iconv is not installed")
    data = TEXT.encode(encoding)
    with pytest.raises(DataError, match="the prompt is utf-") as caught:
        check_prompt(data)
    command = str(caught.value.hint).split("`")[1]
    assert subprocess.run(command, shell=True, input=data, capture_output=True, check=True).stdout.decode() == TEXT
