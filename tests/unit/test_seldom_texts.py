"""What seldom happens to texts: each branch of what finds, decodes and keeps them, by a real case."""

import gzip
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from genmodels.data.text.corpus import Corpus, HowRead, open_cached, open_corpus
from genmodels.data.text.decoding import decoded_texts
from genmodels.data.text.files import BUILT_IN, as_file, built_in_text, pieces_of
from genmodels.data.text.kinds import encoding_of, may_be_text
from genmodels.data.text.recorded import corpus_again, describe_corpus, reopen_corpus
from genmodels.data.text.vocabulary import Vocabulary
from genmodels.data.walking import _status
from genmodels.errors import DataError, GenmodelsError, RunError, UsageError
from genmodels.telling import Advance, silent

TEXT = "the cat sat on the mat.\n" * 9
pipes = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such pipes")


@pytest.fixture
def pipe(tmp_path: Path) -> Path:
    os.mkfifo(tmp_path / "pipe")
    return tmp_path / "pipe"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "corpus.txt").write_text(TEXT)
    return tmp_path / "corpus.txt"


def refusal(*names: str, glob: str = "*.txt", kind: type[GenmodelsError] = DataError, **more: Any) -> tuple[str, str]:
    with pytest.raises(kind) as told:
        open_corpus(list(names), HowRead(), silent, glob, **more)
    return told.value.what, str(told.value.hint)


def test_a_text_and_files_or_what_is_no_text_is_told(file: Path) -> None:
    assert "contradict each other" in refusal(str(file), text="a", kind=UsageError)[0]
    assert "text is of the type int" in refusal(text=7, kind=UsageError)[0]
    assert refusal("")[0] == "a path is empty"


def test_a_folder_without_a_text_says_what_is_there_instead(tmp_path: Path) -> None:
    empty, pictures = tmp_path / "empty", tmp_path / "some pictures"
    empty.mkdir()
    pictures.mkdir()
    assert refusal(str(empty)) == (f"the folder {empty} is empty", "give a text file, or a folder with some in it.")
    (pictures / "a.png").write_bytes(b"\x89PNG")
    what, hint = refusal(str(pictures))
    assert what == f"no file in {pictures} matches '*.txt'"
    assert hint.endswith(
        "pictures are what train-vae, train-gan, train-pixelrnn or train-reader learn from: "
        f"give them --dataset '{pictures}'."
    )


def test_an_archive_of_images_is_no_text(tmp_path: Path) -> None:
    (tmp_path / "train-images-idx3-ubyte.gz").write_bytes(gzip.compress(b"\0\0\x08\x03"))
    hint = "pictures are what train-vae, train-gan, train-pixelrnn or train-reader learn from: give them "
    assert refusal(str(tmp_path / "train-images-idx3-ubyte.gz"))[1] == f"{hint}--dataset {tmp_path}."


@pipes
def test_a_pipe_in_place_of_a_text_is_told_and_not_waited_for(pipe: Path) -> None:
    assert not may_be_text(pipe)
    with pytest.raises(DataError, match="a name cannot be read: it is a pipe"):
        list(pieces_of(pipe, "a name"))


def test_what_goes_between_two_looks_is_told(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="gone cannot be read: No such file"):
        _status(tmp_path / "gone")


def test_the_built_in_text_is_read_as_a_file(tmp_path: Path) -> None:
    assert as_file(BUILT_IN, tmp_path).read_text(encoding="utf-8") == built_in_text()


@pytest.mark.parametrize("encoding", ["utf-32-le", "utf-32-be", "utf-16-le", "utf-16-be"])
def test_an_encoding_is_seen_where_zeros_stand(encoding: str) -> None:
    found = encoding_of("".join(chr(0x100 + n % 2) if n % 9 == 0 else "e" for n in range(200)).encode(encoding))
    assert found == (encoding, encoding)


def test_what_reads_alike_from_either_end_has_an_encoding() -> None:
    assert encoding_of(("\U00010100" * 50).encode("utf-32-le")) == ("utf-32-le", "utf-32-le")


def test_utf_16_without_a_mark_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes("the cat".encode("utf-16-le"))
    with pytest.raises(DataError, match=r"is not utf-16: .*BOM") as told:
        list(decoded_texts([tmp_path / "a.txt"], ["a.txt"], "utf-16", [], apart=True, advance=silent))
    assert "utf-16-le or utf-16-be" in str(told.value.hint)


def test_a_line_end_at_the_very_end_is_one(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"the cat\r")
    assert open_corpus([str(tmp_path / "a.txt")], HowRead(), silent).text(0, 9) == "the cat\n"


@contextmanager
def changed_meanwhile(path: Path) -> Iterator[Advance]:
    """Some other program writes into a file as soon as the first of it was read."""
    yield lambda _: path.write_text("another text, as long or not")


def test_a_text_that_changes_while_it_is_read_is_not_kept(file: Path, own_cache: Path) -> None:
    what, _ = refusal(str(file), counting=lambda *_: changed_meanwhile(file))
    assert what == f"{file} changed while it was read"
    assert not list(own_cache.glob("corpora/*"))


def test_characters_that_are_all_known_keep_their_numbers(file: Path) -> None:
    known = Vocabulary("".join(sorted(set(TEXT), reverse=True)))
    corpus = open_corpus([str(file)], HowRead(vocabulary=known), silent)
    assert corpus.vocabulary == known
    assert corpus.text(0, len(TEXT)) == TEXT


def test_an_entry_of_an_earlier_version_is_taken_as_it_was_written(own_cache: Path) -> None:
    corpus = open_corpus([], HowRead(), silent, text=TEXT)
    folder = own_cache / "corpora" / corpus.fingerprint
    (folder / "entry.json").unlink()
    assert open_cached(corpus.fingerprint, ("x",)) is None
    kept = open_cached(corpus.fingerprint, ("x",), gone=True)
    assert kept is not None
    assert kept.text(0, len(TEXT)) == TEXT
    ids = (folder / "ids").read_bytes()
    (folder / "ids").write_bytes(ids[::-1])
    said: list[str] = []
    assert open_cached(corpus.fingerprint, ("x",), said.append, gone=True) is None
    assert "ids are not as they were written" in said[0]


# -- the text of a run, found again -----------------------------------------------------------------------------------


def described(corpus: Corpus, reading: HowRead = HowRead()) -> dict[str, Any]:  # noqa: B008 - it is frozen
    return describe_corpus(corpus, reading, "*.txt")


def test_a_text_that_is_gone_is_asked_for(file: Path, own_cache: Path) -> None:
    kept = described(open_corpus([str(file)], HowRead(), silent))
    file.unlink()
    assert reopen_corpus(kept, silent).text(0, 7) == "the cat"
    (own_cache / "corpora").rename(own_cache / "elsewhere")
    with pytest.raises(DataError, match=r"the corpus of the run is gone: .*corpus\.txt") as told:
        reopen_corpus(kept, silent)
    assert "--resume RUN FILE" in str(told.value.hint)
    with pytest.raises(DataError, match="is not that of the run"):
        reopen_corpus(kept, silent, text=TEXT + TEXT)
    assert reopen_corpus(kept, silent, text=TEXT).text(0, 7) == "the cat"


def test_the_built_in_text_needs_no_cache(own_cache: Path) -> None:
    corpus = open_corpus([], HowRead(), silent)
    (own_cache / "corpora").rename(own_cache / "elsewhere")
    assert reopen_corpus(described(corpus), silent).fingerprint == corpus.fingerprint


def test_the_text_of_a_run_may_be_read_in_another_way(file: Path) -> None:
    reading = HowRead(apart=False)
    kept = described(open_corpus([str(file)], reading, silent), reading)
    same, how = corpus_again(kept, HowRead(), silent)
    assert (same.text(0, 7), how) == ("the cat", reading)  # with its files put together as they were
    other, how = corpus_again(kept, HowRead(as_bytes=True), silent)
    assert (other.vocabulary, how) == (Vocabulary.of_bytes(), HowRead(as_bytes=True, apart=False))


def test_what_came_through_standard_input_can_not_be_read_in_another_way() -> None:
    kept = described(open_corpus([], HowRead(), silent, text=TEXT))
    assert corpus_again(kept, HowRead(), silent)[0].text(0, 7) == "the cat"
    with pytest.raises(DataError, match="came through standard input, so it can't be read in another way"):
        corpus_again(kept, HowRead(as_bytes=True), silent)


# -- vocabularies -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("damaged", [{}, [-1], [0x110000], ["a"], [97, 97]])
def test_what_is_no_vocabulary_is_damage(damaged: object) -> None:
    with pytest.raises(RunError, match="the vocabulary of the checkpoint is damaged"):
        Vocabulary.from_json(damaged)


def test_bytes_are_a_vocabulary_that_never_grows() -> None:
    all_bytes = Vocabulary.of_bytes()
    assert all_bytes.extended("ß") is all_bytes
    assert all_bytes.one_by_one([0xE4, 0x61]) == "äa"
    assert Vocabulary("ab").extended("cba").one_by_one([2, 0]) == "ca"
