"""Folders of recordings as people have them: names, class folders, parts, lists, leftovers, and what can't be told."""

import os
import shutil
from pathlib import Path

import pytest

from genmodels.data.passed_over import by_reason
from genmodels.data.sound.clips import Clips, WordSet
from genmodels.data.sound.sets.labels import LONGEST
from genmodels.data.sound.sets.opening import open_words
from genmodels.errors import DataError
from spoken import named, put, wav, write


def opened(root: Path) -> WordSet:
    return open_words(str(root), lambda _: None)


def content(words: WordSet, clips: Clips) -> dict[str, str]:
    """File -> what is said in it, and by whom."""
    by = [""] * len(clips) if clips.speakers is None else [words.speakers[s] for s in clips.speakers]
    return {
        file: " ".join(words.words[w] for w in clips.said(row)) + (f" by {by[row]}" if by[row] else "")
        for row, file in enumerate(clips.files)
    }


def unused(words: WordSet) -> dict[str, list[str]]:
    assert words.taken is not None
    return by_reason(words.taken.passed_over)


def told(words: WordSet) -> list[str]:
    assert words.taken is not None
    return list(words.taken.guesses)


def fails(root: Path) -> DataError:
    with pytest.raises(DataError) as caught:
        opened(root)
    assert caught.value.hint
    return caught.value


BY_INDEX = "tests on the recordings of index 0 to 4, and trains on the others"
WORD_BY_WORD = "tests on every tenth recording of each word"


def test_names_hold_label_speaker_and_index_and_indices_up_to_4_are_tested_on(tmp_path: Path) -> None:
    words = opened(put(tmp_path, *named("yes no", "ann bo_b", 25)))
    assert (words.words, words.speakers) == (("no", "yes"), ("ann", "bo_b"))
    assert content(words, words.test)["yes_bo_b_4.wav"] == "yes by bo_b"
    assert {file.rpartition("_")[2] for file in words.test.files} == {f"{i}.wav" for i in range(5)}
    assert (len(words.train), len(words.test)) == (80, 20)
    assert told(words) == [BY_INDEX]


def test_samples_are_those_of_the_file(tmp_path: Path) -> None:
    words = opened(put(tmp_path, *named("yes no", "ann", 12)))
    assert "no_ann_11.wav" in words.train.files
    row = words.train.files.index("no_ann_11.wav")
    assert words.train.clip(row).tolist() == wav(23)[:, 0].tolist()


def test_few_indices_beyond_4_are_no_split_by_index(tmp_path: Path) -> None:
    words = opened(put(tmp_path, *named("yes no", "ann bob", 6)))  # of 0 to 5
    assert told(words) == [WORD_BY_WORD]
    assert (len(words.train), len(words.test)) == (22, 2)


def test_audio_mnist_has_a_folder_for_each_speaker_and_names_win(tmp_path: Path) -> None:
    for speaker in ("01", "02"):
        put(tmp_path / "data" / speaker, *named("0 1", speaker, 26))
    words = opened(tmp_path)
    assert (words.words, words.speakers) == (("zero", "one"), ("01", "02"))
    assert content(words, words.train)["data/01/1_01_25.wav"] == "one by 01"
    assert told(words) == [BY_INDEX, "took the digits 0 to 9 for the words zero to nine"]


def test_names_that_agree_with_no_folder_are_taken_and_that_is_told(tmp_path: Path) -> None:
    put(tmp_path / "monday", *named("yes no", "ann", 6))
    put(tmp_path / "tuesday", *named("yes no", "bob", 6), first=50)
    words = opened(tmp_path)
    assert words.words == ("no", "yes")
    assert told(words)[0] == "took the words from the names of recordings, as LABEL_SPEAKER_INDEX: no_ann_0.wav"


def test_names_of_one_label_give_way_to_class_folders(tmp_path: Path) -> None:
    put(tmp_path / "yes", *named("rec", "ann", 10))
    put(tmp_path / "no", *named("rec", "ann", 10), first=50)
    words = opened(tmp_path)
    assert (words.words, words.speakers) == (("no", "yes"), None)


def test_a_few_names_of_another_form_in_one_folder_are_passed_over(tmp_path: Path) -> None:
    words = opened(put(tmp_path, *named("yes no", "ann", 12), "noise.wav"))
    assert unused(words) == {"its name is not LABEL_SPEAKER_INDEX": ["noise.wav"]}


def test_names_may_lie_in_parts(tmp_path: Path) -> None:
    put(tmp_path / "train", *named("yes no", "ann", 10))
    put(tmp_path / "test", *named("yes no", "bob", 2), first=50)
    words = opened(tmp_path)
    assert set(words.test.files) == {f"test/{name}" for name in named("yes no", "bob", 2)}
    assert told(words) == []


def test_class_folders_give_the_words_and_every_tenth_recording_of_each_is_tested_on(tmp_path: Path) -> None:
    words = opened(put(tmp_path, "left/*20", "right/*30"))
    assert (words.words, words.speakers) == (("left", "right"), None)
    assert sorted(words.words[w] for w in words.test.words) == ["left"] * 2 + ["right"] * 3
    assert all(said == file.partition("/")[0] for file, said in content(words, words.train).items())
    assert told(words) == [WORD_BY_WORD]
    assert words.taken.what == (
        f"{tmp_path.name}: 50 recordings, 5 of them held out to test on, of 2 words (left, right) by unknown speakers"
    )


@pytest.mark.parametrize(("train", "test"), [("train", "test"), ("Training", "testing"), ("train_set", "Test-Data")])
def test_class_folders_may_lie_in_parts(tmp_path: Path, train: str, test: str) -> None:
    words = opened(put(tmp_path, f"{train}/a/*10", f"{train}/b/*10", f"{test}/a/*2", f"{test}/b/*1"))
    assert (len(words.train), len(words.test), words.words) == (20, 3, ("a", "b"))
    assert told(words) == []


def test_a_validation_part_is_tested_on_where_there_is_no_other_and_else_named(tmp_path: Path) -> None:
    root = tmp_path / "set"
    put(root, "train/a/*10", "train/b/*10", "val/a/*2", "val/b/*2")
    assert told(opened(root)) == ["tests on what is in val/, as there is no test part"]
    put(root, "test/a/*3", first=90)
    words = opened(root)
    assert len(words.test) == 3
    assert unused(words) == {
        "in val/, which is neither trained nor tested on": [
            "val/a/00.wav",
            "val/a/01.wav",
            "val/b/00.wav",
            "val/b/01.wav",
        ]
    }


def test_a_training_part_alone_is_divided(tmp_path: Path) -> None:
    words = opened(put(tmp_path, "train/a/*10", "train/b/*10"))
    assert (len(words.train), len(words.test), told(words)) == (18, 2, [WORD_BY_WORD])


def test_words_to_test_on_that_nothing_teaches_are_passed_over(tmp_path: Path) -> None:
    words = opened(put(tmp_path, "train/a/*10", "train/b/*10", "test/a/*2", "test/c/*1"))
    assert (words.words, len(words.test)) == (("a", "b"), 2)
    assert unused(words) == {"to test on, but no recording to train on holds its words": ["test/c/00.wav"]}


HASHES = [f"{n:08x}" for n in range(0x3A000000, 0x3A000000 + 12)]


def speech_commands(root: Path) -> Path:
    """Twelve speakers who say two words, once or twice, a noise, and the texts that are beside them."""
    for number, word in enumerate(("yes", "no")):
        put(
            root / word,
            *[f"{speaker}_nohash_{take}.wav" for speaker in HASHES for take in range(2)],
            first=100 * number,
        )
    put(root / "_background_noise_", "pink.wav", seconds=2, first=900)
    (root / "README.md").write_text("read me")
    (root / "testing_list.txt").write_text(f"yes/{HASHES[0]}_nohash_0.wav\nno/{HASHES[0]}_nohash_0.wav\n")
    (root / "validation_list.txt").write_text(f"yes/{HASHES[1]}_nohash_1.wav\nno/gone_nohash_0.wav\n")
    return root


def test_speech_commands_is_divided_by_its_lists(tmp_path: Path) -> None:
    words = opened(speech_commands(tmp_path))
    assert set(words.test.files) == {f"{word}/{HASHES[0]}_nohash_0.wav" for word in ("yes", "no")}
    assert (words.words, words.speakers, len(words.train)) == (("no", "yes"), tuple(HASHES), 45)
    assert unused(words) == {
        "in validation_list.txt, which is neither trained nor tested on": [f"yes/{HASHES[1]}_nohash_1.wav"],
        "no recording": ["README.md"],
        "noise, in which no word is said": ["_background_noise_/pink.wav"],
    }
    assert told(words) == ["the lists of parts name a recording that is not there, or in no folder of a word"]


def test_many_speakers_are_held_out_whole_where_no_list_divides_them(tmp_path: Path) -> None:
    speech_commands(tmp_path)
    (tmp_path / "testing_list.txt").unlink()
    (tmp_path / "validation_list.txt").unlink()
    shutil.rmtree(tmp_path / "_background_noise_")  # so that all names look like LABEL_SPEAKER_INDEX
    words = opened(tmp_path)
    assert words.words == ("no", "yes")
    assert told(words) == ["tests on all recordings of 2 of 12 speakers"]
    tested, trained = set(words.test.speakers.tolist()), set(words.train.speakers.tolist())
    assert (len(tested), tested & trained, len(words.test)) == (2, set(), 8)


def test_a_validation_list_alone_is_tested_on(tmp_path: Path) -> None:
    speech_commands(tmp_path)
    (tmp_path / "validation_list.txt").write_text(f"yes/{HASHES[1]}_nohash_1.wav\r\nno/{HASHES[1]}_nohash_1.wav\r\n")
    (tmp_path / "testing_list.txt").unlink()
    words = opened(tmp_path)
    assert len(words.test) == 2
    assert told(words) == ["tests on what is in validation_list.txt, as there is no test part"]


def test_speakers_that_not_all_names_hold_are_left_out(tmp_path: Path) -> None:
    speech_commands(tmp_path)
    put(tmp_path / "no", "mine.wav", first=800)
    words = opened(tmp_path)
    assert words.speakers is None


def test_the_one_folder_in_a_folder_is_taken(tmp_path: Path) -> None:
    put(tmp_path / "download" / "speech", "a/*10", "b/*10")
    words = opened(tmp_path)
    assert told(words)[:2] == [
        f"took {tmp_path}/download, the one folder in {tmp_path}",
        f"took {tmp_path}/download/speech, the one folder in {tmp_path}/download",
    ]
    assert "download/speech/a/03.wav" in [*words.train.files, *words.test.files]


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
        "is no recording that is known here": ["b/text.wav"],
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


def test_how_far_a_long_reading_is_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("genmodels.data.sound.sets.reading.TOLD_EVERY", 10)
    notices: list[str] = []
    open_words(str(put(tmp_path, "a/*15", "b/*15")), notices.append)
    assert notices[1:] == ["read 10 of 30 recordings", "read 20 of 30 recordings"]


def test_one_word_and_one_speaker_alone_will_do(tmp_path: Path) -> None:
    words = opened(put(tmp_path, *named("yes", "ann", 30)))
    assert (words.words, words.speakers, len(words.test)) == (("yes",), ("ann",), 5)
    assert words.taken.what.endswith("of 1 word (yes) by 1 speaker")
