"""What a file is, by the bytes that it begins with."""

import re

Signatures = tuple[tuple[str, re.Pattern[bytes]], ...]


def _table(*rows: tuple[str, bytes]) -> Signatures:
    return tuple((name, re.compile(begins, re.DOTALL)) for name, begins in rows)


PICTURES = _table(
    ("PNG", rb"\x89PNG\r\n\x1a\n"),
    ("JPEG", rb"\xff\xd8\xff"),
    ("GIF", rb"GIF8[79]a"),
    ("WEBP", rb"RIFF.{4}WEBP"),
    ("TIFF", rb"II[*+]\0|MM\0[*+]"),
    ("BMP", rb"BM.{4}\0{4}"),
    ("AVIF", rb".{4}ftyp(avif|avis|mif1.{8,40}avif)"),
    ("JPEG2000", rb"\0\0\0\x0cjP  \r\n\x87\n|\xff\x4f\xff\x51"),
    ("PPM", rb"P[1-6](\s|#[^\n]*\n)+\d"),
)
"""Still pictures, by the names that Pillow gives their decoders; none of these starts another program."""

BINARY = _table(
    ("gzip", rb"\x1f\x8b"),
    ("bzip2", rb"BZh[1-9]1AY&SY"),
    ("xz", rb"\xfd7zXZ\0"),
    ("zstd", rb"\x28\xb5\x2f\xfd"),
    ("lz4", rb"\x04\x22\x4d\x18"),
    ("a 7z archive", rb"7z\xbc\xaf\x27\x1c"),
    ("a RAR archive", rb"Rar!\x1a\x07"),
    ("a tar archive", rb"(?=.{0,256}\0).{257}ustar"),
    ("a Word file", rb"PK\x03\x04.*word/document\.xml"),
    ("an EPUB book", rb"PK\x03\x04.*application/epub\+zip"),
    ("an OpenDocument file", rb"PK\x03\x04.*application/vnd\.oasis\.opendocument"),
    ("an Excel file", rb"PK\x03\x04.*xl/workbook\.xml"),
    ("a PowerPoint file", rb"PK\x03\x04.*ppt/presentation\.xml"),
    ("a zip archive", rb"PK\x03\x04|PK\x05\x06"),
    ("a PDF", rb"%PDF-"),
    ("RTF", rb"\{\\rtf"),
    ("an old Word, Excel or PowerPoint file", rb"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
    ("a Kindle book", rb"(?=.{0,59}\0).{60}BOOKMOBI"),
    ("an SQLite database", rb"SQLite format 3\0"),
    ("a NumPy array (.npy)", rb"\x93NUMPY"),
    ("an HDF5 file", rb"\x89HDF\r\n\x1a\n"),
    ("a MATLAB file", rb"MATLAB 5\.0 MAT-file"),
    ("a Parquet table", rb"PAR1.{0,8}\0"),
    ("a pickle, which is never opened", rb"\x80[\x02-\x05][\]}ch\x8a\x8c\x95(]"),
    ("a HEIC picture", rb".{4}ftyp(hei|hev|mif1|msf1)"),
    ("a Photoshop file", rb"8BPS\0"),
    ("an icon", rb"\0\0[\x01\x02]\0[^\0]\0"),
    ("a program", rb"\x7fELF"),
)
"""What is neither a text nor a picture that is read here; the first that fits counts."""

MARKUP = _table(
    ("an EPS or PostScript file", rb"(\xef\xbb\xbf)?%!PS|\xc5\xd0\xd3\xc6"),
    ("an SVG drawing", rb"\s*(<\?xml[^>]*>\s*)?(<!--.*?-->\s*)?(<!DOCTYPE svg[^>]*>\s*)?<svg"),
    ("a web page", rb"\s*<(![Dd][Oo][Cc][Tt][Yy][Pp][Ee] [Hh][Tt][Mm][Ll]|[Hh][Tt][Mm][Ll])"),
)
"""Texts that stand for something to look at: texts where a text is wanted, no pictures that are read here."""


WAV = _table(("a wav", rb"(RIFF|RF64|BW64).{4}WAVE"))
"""Sound that is read without another library, where it holds whole numbers."""

SOUNDS = _table(
    ("a FLAC file", rb"fLaC"),
    ("an Ogg file", rb"OggS"),
    ("an AIFF file", rb"FORM.{4}AIF[FC]"),
    ("an AU file", rb"\.snd\0"),
    ("a CAF file", rb"caff\0"),
    ("a W64 file", rb"riff\x2e\x91\xcf\x11"),
    ("a big-endian wav", rb"RIFX.{4}WAVE"),
    ("a VOC file", rb"Creative Voice File\x1a"),
    ("a NIST file", rb"NIST_1A\n"),
    ("an MP3 file", rb"ID3[\x02-\x04]\0|\xff[\xe2\xe3\xf2-\xf5\xfa-\xfd][^\xf0-\xff]"),
)
"""Sound that the library of the extra `audio` reads."""

OTHER_SOUNDS = _table(
    ("an m4a or mp4 file", rb".{4}ftyp(M4|mp4|iso|avc|dash|qt  |3g|MSNV|f4v|F4[AVB])"),
    ("a WebM or Matroska file", rb"\x1aE\xdf\xa3"),
    ("an AAC file", rb"\xff[\xf0\xf1\xf8\xf9]|ADIF"),
    ("an AMR file", rb"#!AMR"),
    ("a Windows Media file", rb"\x30\x26\xb2\x75\x8e\x66\xcf\x11"),
    ("a WavPack file", rb"wvpk"),
    ("a Monkey's Audio file", rb"MAC "),
    ("a Musepack file", rb"MPCK|MP\+"),
    ("a DSD file", rb"DSD |FRM8"),
    ("an AVI film", rb"RIFF.{4}AVI "),
)
"""Sound, or a film with sound, that nothing here reads."""


def first_of(head: bytes, *tables: Signatures) -> str | None:
    """The first name in some tables whose signature begins a file; None where there is none."""
    return next((name for table in tables for name, begins in table if begins.match(head)), None)
