import codecs
import io
import os
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from genmodels.data.text import corpus as module
from genmodels.data.text import files
from genmodels.data.text.corpus import HowRead, open_corpus
from genmodels.data.text.files import built_in_text
from genmodels.data.text.recorded import describe_corpus, reopen_corpus
from genmodels.data.text.vocabulary import Vocabulary
from genmodels.errors import DataError


def read(path: Path, reading: HowRead | None = None) -> tuple[str, Vocabulary, list[str]]:
    notices: list[str] = []
    corpus = open_corpus([str(path)], reading or HowRead(), notices.append)
    return corpus.text(0, corpus.length), corpus.vocabulary, notices


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\0\r\ufeff"), min_size=1))
def test_any_text_comes_back_unchanged(tmp_path: Path, text: str) -> None:
    path = tmp_path / "any.txt"
    path.write_bytes(text.encode())
    assert read(path)[0] == text


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.binary(min_size=1))
def test_any_bytes_come_back_unchanged(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "any.bin"
    path.write_bytes(data)
    corpus = open_corpus([str(path)], HowRead(as_bytes=True), lambda _: None)
    assert corpus.read(0, corpus.length).tobytes() == data
    assert len(corpus.vocabulary) == 256


def test_pieces_that_cut_characters_and_line_ends_change_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "cut.txt"
    path.write_bytes("añ€😀\r\nb\r\n".encode() * 9)
    monkeypatch.setattr(files, "PIECE", 3)
    assert read(path)[0] == "añ€😀\nb\n" * 9


def test_byte_order_mark_and_line_ends_are_handled_and_told(tmp_path: Path) -> None:
    path = tmp_path / "windows.txt"
    path.write_bytes(codecs.BOM_UTF8 + b"one\r\ntwo\r\n")
    text, _, notices = read(path)
    assert text == "one\ntwo\n"
    assert [n.split()[0] for n in notices] == ["left", "turned"]
    assert read(path)[2] == notices, "a cached corpus says the same again"


def test_wrong_encoding_names_the_byte_and_its_offset(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "latin.txt"
    path.write_bytes(b"0123456789" * 3 + b"caf\xe9 noir")
    monkeypatch.setattr(files, "PIECE", 16)
    with pytest.raises(DataError, match="byte 0xe9 at offset 33") as caught:
        read(path)
    assert "--encoding" in str(caught.value.hint)
    assert read(path, HowRead(encoding="latin-1"))[0].endswith("café noir")


def test_a_sequence_cut_by_the_end_of_the_file_names_its_first_byte(tmp_path: Path) -> None:
    path = tmp_path / "torn.txt"
    path.write_bytes(b"abc\xe2\x82")
    with pytest.raises(DataError, match="byte 0xe2 at offset 3"):
        read(path)


@pytest.mark.parametrize(
    ("data", "fragment"),
    [
        (b"\x01\x02\0\0\xff", "looks binary"),
        (b"", "is empty"),
        (codecs.BOM_UTF8, "is empty"),
        ("hello".encode("utf-16"), "is utf-16 by its first bytes"),
    ],
)
def test_what_is_not_text_is_refused_with_a_reason(tmp_path: Path, data: bytes, fragment: str) -> None:
    path = tmp_path / "odd"
    path.write_bytes(data)
    with pytest.raises(DataError, match=fragment) as caught:
        read(path)
    assert caught.value.hint


def test_utf_16_is_read_when_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "wide.txt"
    path.write_bytes("häß".encode("utf-16"))
    assert read(path, HowRead(encoding="utf-16"))[0] == "häß"


def test_unknown_encoding_and_missing_file_are_sentences(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no encoding 'utf-99'"):
        read(tmp_path / "x", HowRead(encoding="utf-99"))
    with pytest.raises(DataError, match="there is no file"):
        read(tmp_path / "missing.txt")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_named_pipe_is_refused_instead_of_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(DataError, match="no ordinary file"):
        read(tmp_path / "pipe")


def test_a_folder_gives_its_matching_files_in_order(tmp_path: Path) -> None:
    (tmp_path / "f" / "sub").mkdir(parents=True)
    for name in ("b.txt", "a.txt", "sub/c.txt", "d.md"):
        (tmp_path / "f" / name).write_text(name[0], encoding="utf-8")
    corpus = open_corpus([str(tmp_path / "f")], HowRead(), lambda _: None)
    assert corpus.text(0, 9) == "a\nb\ns"
    with pytest.raises(DataError, match=r"matches '\*\.rst'"):
        open_corpus([str(tmp_path / "f")], HowRead(), lambda _: None, glob="*.rst")


def test_standard_input_is_a_corpus(monkeypatch: pytest.MonkeyPatch) -> None:
    class Piped:
        buffer = io.BytesIO(b"from a pipe")

    monkeypatch.setattr(sys, "stdin", Piped())
    corpus = open_corpus(["-"], HowRead(), lambda _: None)
    assert corpus.text(0, 99) == "from a pipe"
    described = describe_corpus(corpus, HowRead(), "*.txt")
    assert reopen_corpus(described, lambda _: None).fingerprint == corpus.fingerprint


def test_the_built_in_corpus_is_the_language_reference() -> None:
    text = built_in_text()
    assert len(text) > 300_000
    assert 'The "if" statement is used for conditional execution' in text.replace("\n", " ")
    lines = text.split("\n")
    assert not any(len(line.strip()) > 3 and set(line.strip()) <= set("+-=*~|") for line in lines), "no tables"
    assert any(line.strip().startswith("|") for line in lines), "lines of the grammar stay"


@pytest.mark.parametrize(("count", "dtype"), [(200, "uint8"), (256, "uint8"), (257, "uint16"), (65_537, "uint32")])
def test_ids_take_the_smallest_type(tmp_path: Path, count: int, dtype: str) -> None:
    path = tmp_path / "wide.txt"
    codes = [c for c in range(0x4E, 0x4E + count + 2200) if not 0xD800 <= c < 0xE000][:count]
    path.write_text("".join(map(chr, codes)), encoding="utf-8", newline="\n")
    corpus = open_corpus([str(path)], HowRead(max_vocabulary=10**6), lambda _: None)
    assert corpus.vocabulary.dtype == np.dtype(dtype)
    assert corpus.read(0, count).max() == count - 1


def test_too_many_different_characters_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "many.txt"
    path.write_text("abcdef", encoding="utf-8")
    with pytest.raises(DataError, match="6 different characters, more than 5"):
        read(path, HowRead(max_vocabulary=5))


def test_a_second_opening_reads_the_cache_and_a_damaged_cache_is_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, own_cache: Path
) -> None:
    path = tmp_path / "c.txt"
    path.write_text("abcabc", encoding="utf-8")
    open_corpus([str(path)], HowRead(), lambda _: None)
    with monkeypatch.context() as patch:
        patch.setattr(module, "_encode", lambda *_: pytest.fail("was encoded again"))
        open_corpus([str(path)], HowRead(), lambda _: None)
    (ids,) = own_cache.rglob("ids")
    ids.write_bytes(b"\1\1\1\1\1\1")
    assert read(path)[0] == "abcabc"


def test_a_changed_file_is_noticed_when_a_run_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "c.txt"
    path.write_text("abcabc", encoding="utf-8")
    described = describe_corpus(open_corpus([str(path)], HowRead(), lambda _: None), HowRead(), "*.txt")
    assert reopen_corpus(described, lambda _: None).length == 6
    path.write_text("abcabd", encoding="utf-8")
    with pytest.raises(DataError, match="has changed"):
        reopen_corpus(described, lambda _: None)
    path.unlink()
    assert reopen_corpus(described, lambda _: None).text(0, 6) == "abcabc", "the cache still holds it"


def test_an_old_vocabulary_is_kept_and_extended_never_reordered(tmp_path: Path) -> None:
    path = tmp_path / "c.txt"
    path.write_text("aXbY", encoding="utf-8")
    old = Vocabulary("ba")
    _, extended, notices = read(path, HowRead(vocabulary=old, extend=True))
    assert extended.characters == "baXY"
    assert "2 characters are new to the network ('X', 'Y')" in notices[0]
    with pytest.raises(DataError, match="'X', 'Y'"):
        read(path, HowRead(vocabulary=old))
    text, same, _ = read(path, HowRead(vocabulary=old, unknown="skip"))
    assert (text, same) == ("ab", old)


def test_unknown_control_characters_are_named_without_being_printed() -> None:
    with pytest.raises(DataError) as caught:
        Vocabulary("ab").encode("a\x1b[2J", "the prompt")
    assert "\\x1b" in caught.value.what
    assert "\x1b" not in caught.value.what


def test_files_in_different_encodings_are_refused_with_a_way_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.txt").write_text("hello there, " * 20, encoding="utf-8")
    Path("b.txt").write_text("hello there, " * 20, encoding="utf-16")
    for encoding in ("utf-8", "utf-16"):
        with pytest.raises(DataError, match=r"b\.txt is utf-16 by its first bytes, but a\.txt is not") as caught:
            open_corpus(["a.txt", "b.txt"], HowRead(encoding=encoding), print)
        assert "iconv -f UTF-16 -t UTF-8 b.txt > b.txt.utf-8.txt" in str(caught.value.hint)


def test_how_many_different_characters_a_text_has_is_counted_in_pieces_and_not_those_that_are_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.txt").write_text("abcabd" * 3)
    monkeypatch.setattr(module, "READ_AT_ONCE", 4)
    own = open_corpus([str(tmp_path / "a.txt")], HowRead(), lambda _: None)
    wider = open_corpus([str(tmp_path / "a.txt")], HowRead(vocabulary=Vocabulary("abcdxyz")), lambda _: None)
    assert (own.different(), len(own.vocabulary)) == (4, 4)
    assert (wider.different(), len(wider.vocabulary)) == (4, 7)


def test_characters_that_stand_for_ids_can_be_read_and_give_the_bytes_again() -> None:
    known = Vocabulary(None)
    shown = known.one_by_one(b"\xc3\xa9\xff")
    assert (len(shown), known.readable(shown)) == (3, "é\ufffd")
    assert known.encode(known.exact(shown), "it").tolist() == [0xC3, 0xA9, 0xFF]
    letters = Vocabulary("ab")
    assert (letters.readable("ab"), letters.exact("ab")) == ("ab", "ab")
