import codecs
import os
from pathlib import Path

import pytest

from genmodels.data.text import files
from genmodels.data.text.corpus import Corpus, HowRead, open_corpus
from genmodels.data.text.decoding import as_in_a_corpus, decoded_texts
from genmodels.data.text.recorded import describe_corpus, reopen_corpus
from genmodels.data.text.surrogates import joined
from genmodels.data.text.vocabulary import Vocabulary
from genmodels.errors import DataError


def written(folder: Path, *contents: bytes) -> list[str]:
    names = [str(folder / f"{number}.txt") for number in range(len(contents))]
    for name, content in zip(names, contents, strict=True):
        Path(name).write_bytes(content)
    return names


def opened(names: list[str], reading: HowRead | None = None) -> tuple[str, list[str], Corpus]:
    notices: list[str] = []
    corpus = open_corpus(names, reading or HowRead(), notices.append)
    return corpus.text(0, corpus.length), notices, corpus


def test_a_line_feed_is_put_between_files_that_lack_one_and_nowhere_else(tmp_path: Path) -> None:
    text, notices, _ = opened(written(tmp_path, b"one\ntwo", b"three\n", b"four\r\n", b"five", b"six"))
    assert text == "one\ntwo\nthree\nfour\nfive\nsix"
    assert "put a line feed after 2 files that end without one" in notices
    assert opened(written(tmp_path, b"one\n", b"two\n"))[:2] == ("one\ntwo\n", [])


def test_one_file_alone_gets_no_line_feed(tmp_path: Path) -> None:
    assert opened(written(tmp_path, b"one"))[:2] == ("one", [])


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be", "utf-32", "utf-32-le"])
def test_files_of_wide_encodings_are_put_together_alike(tmp_path: Path, encoding: str) -> None:
    names = written(tmp_path, *(text.encode(encoding) for text in ("one two", "three four\n", "five six")))
    assert opened(names, HowRead(encoding=encoding))[0] == "one two\nthree four\nfive six"


@pytest.mark.parametrize("piece", [1 << 20, 1])
def test_the_mark_at_the_start_of_each_file_is_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, piece: int
) -> None:
    names = written(tmp_path, *(codecs.BOM_UTF8 + text for text in (b"one\n", b"two\n", b"three\n")))
    monkeypatch.setattr(files, "PIECE", piece)
    text, notices, corpus = opened(names)
    assert text == "one\ntwo\nthree\n"
    assert notices == ["left out the byte order mark at the start of the text"]
    assert "\ufeff" not in str(corpus.vocabulary.characters)


def test_a_file_with_a_mark_alone_brings_no_line(tmp_path: Path) -> None:
    assert opened(written(tmp_path, b"one", codecs.BOM_UTF8, b"two"))[0] == "one\ntwo"


def test_a_mark_in_the_middle_is_a_character_like_others(tmp_path: Path) -> None:
    assert opened(written(tmp_path, codecs.BOM_UTF8 + b"one" + codecs.BOM_UTF8 + b"two"))[0] == "one\ufefftwo"


def test_quotes_of_windows_read_as_latin_1_are_told(tmp_path: Path) -> None:
    names = written(tmp_path, "“It’s late” – he said".encode("cp1252"))
    assert opened(names, HowRead(encoding="latin-1"))[1] == [
        "control characters (U+0080 to U+009F) are in the text; its encoding may be cp1252"
    ]
    assert opened(names, HowRead(encoding="cp1252"))[:2] == ("“It’s late” – he said", [])


def test_raw_bytes_are_put_together_as_they_are(tmp_path: Path) -> None:
    text, notices, _ = opened(written(tmp_path, b"one", b"two"), HowRead(as_bytes=True))
    assert (text, notices) == ("onetwo", [])


def test_a_run_made_before_files_were_kept_apart_finds_its_corpus(tmp_path: Path) -> None:
    names = written(tmp_path, b"one", b"two")
    old = opened(names, HowRead(apart=False))[2]
    described = describe_corpus(old, HowRead(apart=False), "*.txt")
    del described["apart"], described["passed_over"]
    assert reopen_corpus(described, print).text(0, 6) == "onetwo"
    new = opened(names)[2]
    assert reopen_corpus(describe_corpus(new, HowRead(), "*.txt"), print).text(0, 7) == "one\ntwo"
    assert new.fingerprint != old.fingerprint


def test_what_was_passed_over_is_recorded(tmp_path: Path) -> None:
    names = written(tmp_path, b"one")
    corpus = opened([*names, *names])[2]
    described = describe_corpus(corpus, HowRead(), "*.txt")
    assert described["sources"] == names
    assert described["passed_over"] == [{"reason": "given twice", "count": 1, "files": names}]


# -- halves of characters -------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["\ud83d\ude00", "a\ud83d\ude00b", "😀\ud83d\ude00", "", "plain"])
def test_halves_that_belong_together_are_one_character(text: str) -> None:
    assert joined(text) == text.encode("utf-16", "surrogatepass").decode("utf-16")


@pytest.mark.parametrize("text", ["\ud83d", "\ude00\ud83d", "a\udce9"])
def test_single_halves_stay(text: str) -> None:
    assert joined(text) == text


def test_a_text_with_halves_is_read_as_the_whole_characters() -> None:
    for reading in (HowRead(), HowRead(as_bytes=True), HowRead(encoding="utf-16")):
        corpus = open_corpus([], reading, print, text="so \ud83d\ude00 it goes")
        assert corpus.text(0, corpus.length) == "so 😀 it goes"


def test_a_text_with_half_a_character_is_refused_by_name() -> None:
    with pytest.raises(DataError, match=r"the text has half a character, '\\ud83d', at 3") as caught:
        open_corpus([], HowRead(), print, text="so \ud83d it goes")
    assert "other half" in str(caught.value.hint)
    with pytest.raises(DataError, match="which latin-1 can't hold"):
        open_corpus([], HowRead(encoding="latin-1"), print, text="\ud83d\ude00 it goes")


@pytest.mark.parametrize("piece", [1 << 20, 6, 1])
def test_escaped_halves_of_a_file_are_joined(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, piece: int) -> None:
    monkeypatch.setattr(files, "PIECE", piece)
    names = written(tmp_path, rb"so \ud83d\ude00 it goes\n")
    assert opened(names, HowRead(encoding="raw_unicode_escape"))[0] == r"so 😀 it goes\n"
    (lone,) = written(tmp_path, rb"so \ud83d it goes")
    with pytest.raises(DataError, match=r"0\.txt has half a character, '\\ud83d'"):
        opened([lone], HowRead(encoding="raw_unicode_escape"))


def test_half_a_character_is_never_encoded_as_bytes() -> None:
    vocabulary = Vocabulary.of_bytes()
    assert bytes(vocabulary.encode("\ud83d\ude00\udce9", "x").tolist()) == "😀".encode() + b"\xe9"
    with pytest.raises(DataError, match="--text has half a character"):
        vocabulary.encode("a\ud83d", "--text")
    assert Vocabulary("a😀").encode("\ud83d\ude00", "x").tolist() == [1]


def test_a_typed_text_is_made_as_a_corpus_is() -> None:
    assert as_in_a_corpus("\ufeffa\r\nb\rc\ud83d\ude00", "abc\n") == "a\nb\nc😀"
    assert as_in_a_corpus("\ufeffa", "\ufeffa") == "\ufeffa", "the run knows it as a character"
    assert as_in_a_corpus("\ufeffa\r\n", None) == "\ufeffa\r\n", "bytes stay as they are"


def test_a_zero_byte_far_into_a_file_is_found_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "PIECE", 16)
    with pytest.raises(DataError, match="zero byte at offset 40"):
        opened(written(tmp_path, b"a" * 40 + b"\0" + b"b" * 40))


@pytest.mark.skipif(os.name == "nt", reason="POSIX links")
def test_links_to_one_file_are_one_source(tmp_path: Path) -> None:
    (name,) = written(tmp_path, b"one")
    (tmp_path / "link.txt").symlink_to(name)
    corpus = opened([str(tmp_path / "link.txt"), name])[2]
    assert (corpus.text(0, 9), corpus.sources) == ("one", (str(tmp_path / "link.txt"),))


FAR = [("吾輩は猫である。名前はまだ無い。" * 60, "shift_jis"), ("道可道非常道" * 60, "utf-16-be")]


@pytest.mark.parametrize(("text", "encoding"), FAR, ids=["shift_jis", "utf-16-be"])
def test_a_text_of_no_western_encoding_is_not_said_to_be_in_one(tmp_path: Path, text: str, encoding: str) -> None:
    (tmp_path / "a.txt").write_bytes(text.encode(encoding))
    with pytest.raises(DataError) as caught:
        list(decoded_texts([tmp_path / "a.txt"], ["a.txt"], "utf-8", []))
    assert "none of Western Europe" in str(caught.value.hint)
    assert encoding in str(caught.value.hint)


def test_a_text_that_changes_its_encoding_is_told_so(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(("un café noir, " * 60).encode() + ("un café noir, " * 60).encode("latin-1"))
    with pytest.raises(DataError) as caught:
        list(decoded_texts([tmp_path / "a.txt"], ["a.txt"], "utf-8", []))
    assert "up to there it is utf-8, so two encodings may be mixed" in str(caught.value.hint)
