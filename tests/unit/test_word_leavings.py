"""What folders of recordings hold that is no recording of a word, and labels that are no words."""

import os
import shutil
from pathlib import Path

import pytest

from genmodels.data.sound.sets.labels import LONGEST
from spoken import named, put, wav, write
from unit.word_folders import WORD_BY_WORD, fails, opened, told, unused


def test_what_is_no_recording_of_a_word_is_named_with_the_reason(tmp_path: Path) -> None:
    put(tmp_path, "a/*12", "b/*12", "loose.wav", ".cache/*2", "__MACOSX/a/*2")
    (tmp_path / "a" / "Thumbs.db").write_bytes(b"x")
    (tmp_path / ".DS_Store").write_bytes(b"x")
    (tmp_path / "photo.png").write_bytes(b"\x89PNG\r\n\x1a\n1234")
    (tmp_path / "old.zip").write_bytes(b"PK\x03\x04aaaa")
    (tmp_path / "b" / "empty.wav").write_bytes(b"")
    (tmp_path / "b" / "text.wav").write_text("this is no sound at all")
    write(tmp_path / "b" / "silent.wav", wav(0) * 0)
    write(tmp_path / "b" / "hum.wav", wav(0) * 0 + 900)
    put(tmp_path, "b/long.wav", seconds=10.2)
    (tmp_path / "a" / "again.wav").symlink_to(tmp_path / "a" / "00.wav")
    os.mkfifo(tmp_path / "b" / "pipe.wav")
    words = opened(tmp_path)
    assert unused(words) == {
        "hidden": [".DS_Store", ".cache"],
        "left behind by a program": ["__MACOSX", "a/Thumbs.db"],
        "no recording": ["photo.png"],
        "no recording: a zip archive": ["old.zip"],
        "no ordinary file": ["b/pipe.wav"],
        "given twice": ["a/again.wav"],
        "in no folder of a word": ["loose.wav"],
        "is empty": ["b/empty.wav"],
        "is no recording: it is a text": ["b/text.wav"],
        "is longer than 10 s": ["b/long.wav"],
        "silent": ["b/hum.wav", "b/silent.wav"],
    }
    assert len(words.train) + len(words.test) == 24


def test_content_decides_what_is_a_recording(tmp_path: Path) -> None:
    put(tmp_path, "a/*10", "b/*10")
    shutil.move(tmp_path / "a" / "00.wav", tmp_path / "a" / "00.sound")
    words = opened(tmp_path)
    assert "a/00.sound" in [*words.train.files, *words.test.files]


def test_changes_of_many_recordings_are_counted(tmp_path: Path) -> None:
    put(tmp_path, "a/*11", "b/*10", rate=16_000)
    put(tmp_path, "b/stereo.wav", rate=48_000, channels=2)
    words = opened(tmp_path)
    assert sorted(told(words)) == [
        "1 recording of 48,000 Hz, 2 channels: mixed and resampled to 8,000 Hz",
        "21 recordings of 16,000 Hz: resampled to 8,000 Hz",
        WORD_BY_WORD,
    ]
    assert len(words.train.clip(0)) == pytest.approx(400, abs=2)


def test_other_sentences_about_recordings_are_told_once(tmp_path: Path) -> None:
    put(tmp_path, "a/*11", "b/*11")
    for name in ("a/03.wav", "b/07.wav"):
        (tmp_path / name).write_bytes((tmp_path / name).read_bytes()[:-100])
    sentence = next(line for line in told(opened(tmp_path)) if "header" in line)
    assert sentence.startswith("a/03.wav: its header promises")
    assert sentence.endswith(", and likewise of 1 more")


def test_most_recordings_unreadable_is_an_error_with_the_way_out_of_the_first(tmp_path: Path) -> None:
    put(tmp_path, "a/*10", "b/*10")
    for index in range(10):
        (tmp_path / f"a/{index}.flac").write_bytes(b"junk")
        (tmp_path / f"b/{index}.wav").write_bytes(b"junk")
    assert len(unused(opened(tmp_path))) == 1
    (tmp_path / "a" / "first.wav").write_bytes(b"")
    error = fails(tmp_path)
    assert error.what.startswith(
        f"21 of the 41 recordings of {tmp_path} can't be used; the first: {tmp_path}/a/0.flac is"
    )


def test_few_different_faults_are_told_and_the_rest_in_one(tmp_path: Path) -> None:
    from genmodels.data.sound.sets.reading import FAULTS_TOLD

    put(tmp_path, "a/*20", "b/*20")
    for index in range(8):
        put(tmp_path, f"a/{index}.wav", seconds=(index + 1) / 8_000)
    assert len(unused(opened(tmp_path))) == FAULTS_TOLD + 1
    assert len(unused(opened(tmp_path))["can't be read"]) == 8 - FAULTS_TOLD


@pytest.mark.parametrize(
    ("label", "reason"),
    [
        ("---", "its label holds neither letters nor digits"),
        ("two words", "its label holds spaces or characters that can't be seen"),
        ("bell\x07", "its label holds spaces or characters that can't be seen"),
        ("\u202eevil", "its label holds spaces or characters that can't be seen"),
        ("x" * (LONGEST + 1), f"its label is longer than {LONGEST} characters"),
    ],
)
def test_labels_that_are_no_words_are_passed_over(tmp_path: Path, label: str, reason: str) -> None:
    words = opened(put(tmp_path, "a/*11", "b/*11", f"{label}/*2"))
    assert {why: len(names) for why, names in unused(words).items()} == {reason: 2}
    assert words.words == ("a", "b")


def test_words_are_written_small_where_that_joins_nothing(tmp_path: Path) -> None:
    words = opened(put(tmp_path, "Yes/*10", "NO/*10"))
    assert words.words == ("no", "yes")
    assert told(words)[0] == "wrote words in small letters: no for NO"
    words = opened(put(tmp_path, "yes/*10"))
    assert words.words == ("NO", "Yes", "yes")
    assert told(words)[0] == "left words as they are written, as Yes and yes differ in capitals alone"


def test_digits_are_words_only_where_all_labels_are_digits(tmp_path: Path) -> None:
    assert opened(put(tmp_path, "7/*10", "3/*10")).words == ("three", "seven")
    assert opened(put(tmp_path, "12/*10")).words == ("12", "3", "7")


def test_digits_by_name_are_numbered_as_they_count(tmp_path: Path) -> None:
    assert opened(put(tmp_path, "Two/*10", "one/*10", "nine/*5")).words == ("one", "two", "nine")


def test_accents_are_composed(tmp_path: Path) -> None:
    assert opened(put(tmp_path, "fu\u0308nf/*10", "elf/*10")).words == ("elf", "f\u00fcnf")


@pytest.mark.parametrize(
    ("names", "what"),
    [
        (["x.wav", "y.wav"], "what is said in the recordings of {root} can't be told: x.wav, y.wav"),
        (["a/b/*2", "c/*2"], "{root} holds folders of recordings within folders: a/b"),
        (["a/*5", "b/*5"], "too few to train on: 10 recordings"),
        (["train/a/*25", "test/a/*1"], "1 recording can be tested on, too few"),
        (
            ["train/a/*25", "test/b/*3"],
            "no recordings can be tested on, too few; passed over: test/b/00.wav and 2 others",
        ),
        ([], "{root} holds no recordings"),
    ],
)
def test_what_cannot_be_told_is_refused_in_a_sentence(tmp_path: Path, names: list[str], what: str) -> None:
    root = put(tmp_path / "set", *names)
    root.mkdir(exist_ok=True)
    assert fails(root).what.startswith(what.format(root=root))


def test_a_list_beside_unlabelled_recordings_is_pointed_to(tmp_path: Path) -> None:
    put(tmp_path, "x*30")
    (tmp_path / "list.csv").write_text("path,words\n")
    assert fails(tmp_path).hint == f"--dataset {tmp_path}/list.csv reads the words from that list."


def test_a_folder_of_packed_images_is_sent_to_those_that_learn_from_pictures(tmp_path: Path) -> None:
    (tmp_path / "train-images-idx3-ubyte.gz").write_bytes(b"\x1f\x8b" + b"\0" * 60)
    found = fails(tmp_path)
    assert found.what == f"{tmp_path} holds pictures, no recordings"
    assert "train-vae" in str(found.hint)
    assert "train-reader" in str(found.hint)


def test_files_that_are_no_set_are_named_for_what_they_are(tmp_path: Path) -> None:
    put(tmp_path, "one.wav")
    (tmp_path / "set.zip").write_bytes(b"PK\x03\x04" + b"\0" * 600)
    (tmp_path / "doc.pdf").write_bytes(b"%PDF-1.4")
    (tmp_path / "only").mkdir()
    shutil.copy(tmp_path / "set.zip", tmp_path / "only" / "set.zip")
    packed = fails(tmp_path / "set.zip")
    assert (packed.what, packed.hint) == (f"{tmp_path}/set.zip is a zip archive", "unpack it and give the folder.")
    assert fails(tmp_path / "one.wav").what.endswith("one.wav is one recording, not a set of words")
    assert fails(tmp_path / "doc.pdf").what.endswith("doc.pdf is not a set of words: it is a PDF")
    assert fails(tmp_path / "only").hint == "unpack it and give the folder."


def test_too_much_is_refused_before_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path, "a/*10", "b/*10", seconds=2)

    def never(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr("genmodels.data.sound.sets.reading.read_recording", never)
    monkeypatch.setattr("genmodels.data.sound.sets.reading.MOST_HOURS", 39 / 3600)
    assert "more than" in fails(tmp_path).what
    monkeypatch.setattr("genmodels.data.sound.sets.reading.MOST_BYTES", 600_000)
    assert "GiB" in fails(tmp_path).what


def test_one_word_and_one_speaker_alone_will_do(tmp_path: Path) -> None:
    words = opened(put(tmp_path, *named("yes", "ann", 30)))
    assert (words.words, words.speakers, len(words.test)) == (("yes",), ("ann",), 5)
    assert words.taken.what.endswith("of 1 word (yes) by 1 speaker")
