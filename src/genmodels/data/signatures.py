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


def first_of(head: bytes, *tables: Signatures) -> str | None:
    """The first name in some tables whose signature begins a file; None where there is none."""
    return next((name for table in tables for name, begins in table if begins.match(head)), None)
