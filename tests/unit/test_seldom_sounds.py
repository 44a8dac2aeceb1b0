"""What seldom happens to recordings and sets of words: each branch of their readers, by a real case."""

import io
import os
import shutil
import struct
import sys
from pathlib import Path

import numpy as np
import pytest

from genmodels.data.sound.clips import WordSet, clips_of, not_among, renumbered
from genmodels.data.sound.formats.recordings import check_is_there
from genmodels.data.sound.sets import fsdd
from genmodels.data.sound.sets.given import Given, Said, key_of, with_parts_settled
from genmodels.data.sound.sets.kept import keep, open_kept
from genmodels.data.sound.sets.kinds import beginning
from genmodels.data.sound.sets.labels import fault_of
from genmodels.data.sound.sets.layout import _lines
from genmodels.data.sound.sets.left_out import without_speaker
from genmodels.data.sound.sets.opening import open_words
from genmodels.data.sound.sets.reading import _size
from genmodels.data.sound.sets.table import _is_file, find_in_table
from genmodels.errors import DataError, UsageError
from genmodels.telling import silent
from homes import write_words
from unit.recordings_read import read, refusal
from unit.wavs import chunk, description, riff

pipes = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such pipes")


@pytest.fixture
def pipe(tmp_path: Path) -> Path:
    os.mkfifo(tmp_path / "pipe")
    return tmp_path / "pipe"


def refused(path: Path) -> tuple[str, str]:
    with pytest.raises(DataError) as told:
        open_words(str(path), silent)
    return told.value.what, str(told.value.hint)


# -- recordings -------------------------------------------------------------------------------------------------------


def encoded(samples: np.ndarray, rate: int, kind: str) -> bytes:
    soundfile = pytest.importorskip("soundfile")
    file = io.BytesIO()
    soundfile.write(file, samples, rate, format=kind)
    return file.getvalue()


def test_a_header_of_sixty_four_bits_that_is_cut_is_passed_over() -> None:
    sound = np.arange(-300, 300, dtype="<i2").tobytes()
    for content in (b"", b"\0" * 8, struct.pack("<QQQ", 0, len(sound), 0)):
        whole = riff(
            chunk(b"ds64", content), chunk(b"fmt ", description()), chunk(b"data", sound, 0xFFFF_FFFF), kind=b"RF64"
        )
        recording, _ = read(whole)
        assert len(recording.samples) == 600


def test_a_rate_that_no_sound_has_is_told() -> None:
    what, _ = refusal(encoded(np.zeros(2000, np.int16), 50, "FLAC"), "x.flac")
    assert what.startswith("x.flac says in its header that it has ")


def test_an_mp3_without_sound_is_damaged() -> None:
    pytest.importorskip("soundfile")
    what, _ = refusal(b"\xff\xfb\x90\x64" + bytes(40), "x.mp3")
    assert what == "x.mp3 is an MP3 file and cannot be read: it is damaged"


def test_an_mp3_that_is_cut_is_read_to_its_end_and_told() -> None:
    whole = encoded((np.sin(np.arange(80_000) / 9) * 9000).astype(np.int16), 48_000, "MP3")
    _, told = read(whole[: len(whole) // 2], "x.mp3")
    assert any("x.mp3: its header promises " in said and "but it ends after" in said for said in told)


@pipes
def test_a_pipe_in_place_of_a_recording_is_told_and_not_waited_for(pipe: Path, tmp_path: Path) -> None:
    assert beginning(pipe) == b""
    with pytest.raises(DataError, match="pipe"):
        check_is_there(pipe)
    check_is_there(Path("-"))
    one = Given(tmp_path, [Said(pipe, ("yes",))])
    assert key_of(one, "a way") != key_of(Given(tmp_path, []), "a way")


def test_what_is_no_file_is_none() -> None:
    assert not _is_file(Path("a\0b"))
    assert not _is_file(Path("x" * 5000))
    assert _size(Path("gone.wav")) == 0


# -- sets of words ----------------------------------------------------------------------------------------------------


def test_a_label_of_blanks_is_empty() -> None:
    assert fault_of(" \t") == "its label is empty"


def test_a_run_is_no_set_of_words(tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text("{}")
    assert refused(tmp_path)[0] == f"{tmp_path} is a run, not a set of words"


def test_a_list_of_parts_that_is_no_text_is_told(tmp_path: Path) -> None:
    for word in ("yes", "no"):
        (tmp_path / word).mkdir()
    write_words(tmp_path, takes=2)
    for number, path in enumerate(tmp_path.glob("*.wav")):
        path.rename(tmp_path / ("yes" if path.name.startswith("low") else "no") / f"{number}.wav")
    for name in ("validation_list.txt", "testing_list.txt"):
        (tmp_path / name).write_bytes(b"yes/0.wav\n")
    (tmp_path / "testing_list.txt").write_bytes(b"\xff\xfe\xfd")
    assert refused(tmp_path)[0] == f"{tmp_path / 'testing_list.txt'} cannot be read: it is no text"
    (tmp_path / "testing_list.txt").unlink()
    with pytest.raises(DataError, match=r"testing_list\.txt cannot be read: No such file"):
        _lines(tmp_path / "testing_list.txt")
    with pytest.raises(DataError, match=r"gone\.csv cannot be read: No such file"):
        find_in_table(tmp_path / "gone.csv")


def test_recordings_to_test_on_alone_are_no_set(tmp_path: Path) -> None:
    said = [Said(tmp_path / "a.wav", ("yes",), part="test")]
    with pytest.raises(DataError, match="holds recordings to test on but none to train on"):
        with_parts_settled(Given(tmp_path, said), "in a list")
    plain = Given(tmp_path, [Said(tmp_path / "a.wav", ("yes",))])
    assert with_parts_settled(plain, "in a list") is plain


def test_speakers_that_are_known_of_some_recordings_alone_are_left_out(tmp_path: Path) -> None:
    write_words(tmp_path, takes=4)
    rows = [
        f"{path.name},{path.name.split('_')[0]},{path.name.split('_')[1]}" for path in sorted(tmp_path.glob("*.wav"))
    ]
    for unknown, told in ((1, "of high_ann_0.wav is"), (3, "of high_ann_0.wav and 2 more is")):
        cut = [row.rpartition(",")[0] + "," if number < unknown else row for number, row in enumerate(rows)]
        (tmp_path / "list.csv").write_text("\n".join(["file,label,speaker", *cut]))
        words = open_words(str(tmp_path / "list.csv"), silent)
        assert words.speakers is None
        assert words.taken is not None
        assert any(f"left the speakers out, as that {told} not known" in said for said in words.taken.guesses)


def word_set(said: list[list[int]], speakers: list[int]) -> WordSet:
    samples = [np.full(5 + number, number, np.int16) for number in range(len(said))]
    clips = clips_of(samples, said, speakers, [f"{number}.wav" for number in range(len(said))])
    return WordSet("name", "x", clips, clips.take(np.array([], np.int64)), ("yes", "no", "go"), ("ann", "bob"), "fp")


def test_a_speaker_whose_words_nobody_else_says_can_not_be_left_out() -> None:
    with pytest.raises(UsageError, match="ann of name says no word that anybody else says"):
        without_speaker(word_set([[0], [1]], [0, 1]), "ann")
    some = without_speaker(word_set([[0], [1], [1]], [0, 0, 1]), "ann")
    assert some.test.files == ["1.wav"]


def test_clips_are_counted_compared_and_numbered_anew() -> None:
    words = word_set([[0], [1], [2]], [0, 0, 1]).train
    assert words.unit == "word"
    assert word_set([[0, 1], [2]], [0, 1]).train.unit == "clip"
    others = words.take(np.array([1]))
    assert not_among(words, others).files == ["0.wav", "2.wav"]
    assert words.digest != others.digest
    assert words.digest == word_set([[2], [1], [0]], [1, 0, 0]).train.digest
    known = renumbered(words, ("yes", "no", "go"), ("go", "yes"))
    assert (known.files, [known.said(row) for row in range(len(known))]) == (["0.wav", "2.wav"], [[1], [0]])


def test_a_known_set_that_an_earlier_version_kept_serves_where_nothing_else_does(
    monkeypatch: pytest.MonkeyPatch, own_cache: Path
) -> None:
    monkeypatch.setenv("GENMODELS_OFFLINE", "1")
    from genmodels.data.sound.sets import opening

    key = f"{fsdd.NAME}-{fsdd.COMMIT[:7]}-{opening.FORMAT}-{opening.READING}"
    keep(key, word_set([[0], [1]], [0, 1]))
    (own_cache / "words" / key / "entry.json").unlink()
    assert open_words(fsdd.NAME, silent).train.files == ["0.wav", "1.wav"]
    samples = own_cache / "words" / key / "train-samples"
    samples.write_bytes(samples.read_bytes()[::-1])
    said: list[str] = []
    assert open_kept(key, "x", said.append, gone=True) is None
    assert "it is not as it was written" in said[0]
    shutil.rmtree(own_cache / "words")
    with pytest.raises(DataError):
        open_words(fsdd.NAME, silent)
