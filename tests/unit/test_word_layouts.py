"""Folders of recordings as people have them: names, class folders, parts, lists, leftovers, and what can't be told."""

import shutil
from pathlib import Path

import pytest

from spoken import named, put, wav
from unit.word_folders import WORD_BY_WORD, content, opened, told, unused

BY_INDEX = "tests on the recordings of index 0 to 4, and trains on the others"


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
