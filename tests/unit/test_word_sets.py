"""Sets of words: known names and slips, the cache, a run's recordings found again, and what is held out."""

import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from genmodels.data.sound.clips import Clips, WordSet, clips_of
from genmodels.data.sound.sets.described import describe_words
from genmodels.data.sound.sets.kept import fingerprint_of, keep, kept_by_fingerprint, open_kept
from genmodels.data.sound.sets.left_out import without_speaker
from genmodels.data.sound.sets.opening import open_words, reopen_words, words_learned
from genmodels.data.sound.sets.parts import held_out
from genmodels.errors import DataError, RunError, UsageError
from genmodels.telling import silent
from spoken import named, put, wav, write


def clips(said: list[list[int]], speakers: list[int] | None = None) -> Clips:
    samples = [wav(seed)[: 300 + seed, 0].astype(np.int16) for seed in range(len(said))]
    return clips_of(samples, said, speakers, [f"{n}.wav" for n in range(len(said))])


def word_set(speakers: bool = True) -> WordSet:
    """Three speakers of two words, utterances of several words among them."""
    train, test = [[0], [1], [0, 1, 0], [1], [0]], [[1, 0], [0]]
    names = ("ann", "bob", "cyd") if speakers else None
    parts = clips(train, [0, 1, 2, 0, 1] if speakers else None), clips(test, [2, 0] if speakers else None)
    return WordSet("made", "somewhere", *parts, ("no", "yes"), names, fingerprint_of(*parts, ("no", "yes"), names))


def same(first: Clips, second: Clips) -> bool:
    pairs = [(first.samples, second.samples), (first.starts, second.starts), (first.words, second.words)]
    pairs.append((first.word_starts, second.word_starts))
    if first.speakers is not None and second.speakers is not None:
        pairs.append((first.speakers, second.speakers))
    alike = all(a.dtype == b.dtype and np.array_equal(a, b) for a, b in pairs)
    return alike and (first.speakers is None) == (second.speakers is None) and list(first.files) == list(second.files)


@pytest.fixture
def voices(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The built-in voices are a small set; gets a line each time they are made."""
    made: list[str] = []

    def make_voices(*_: object) -> WordSet:
        made.append("made")
        return replace(word_set(), name="synthesised voices", source="", fingerprint="recipe 7")

    module = SimpleNamespace(VOICES_VERSION=7, make_voices=make_voices)
    monkeypatch.setitem(sys.modules, "genmodels.data.sound.voices.making", module)
    return made


@pytest.mark.parametrize("dataset", [None, "voices"])
def test_the_built_in_voices_are_made_once_and_kept(voices: list[str], dataset: str | None, own_cache: Path) -> None:
    first, second = open_words(dataset, silent), open_words(dataset, silent)
    assert voices == ["made"]
    assert first.source == "voices"
    assert (second.name, second.source, second.fingerprint) == ("synthesised voices", "voices", "recipe 7")
    assert same(first.train, second.train)
    assert [folder.name for folder in (own_cache / "words").iterdir()] == ["voices-7"]


def test_a_folder_that_is_called_as_a_known_set_is_told(
    voices: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    put(tmp_path / "voices", "a/*10", "b/*10")
    notices: list[str] = []
    assert open_words("voices", notices.append).name == "synthesised voices"
    assert notices == [
        "--dataset voices means the built-in synthesised voices; --dataset ./voices means what lies here"
    ]
    assert open_words("./voices", silent).words == ("a", "b")


@pytest.mark.parametrize(
    ("dataset", "what", "hint"),
    [
        ("", "--dataset is empty", "give a path, or one of: voices, fsdd."),
        ("fsd", "there is no set of words fsd", "did you mean fsdd?"),
        ("Voice", "there is no set of words Voice", "did you mean voices?"),
        ("nowhere/at/all", "there is no set of words nowhere/at/all", "give a path, or one of: voices, fsdd."),
        ("x" * 5000, "there is no set of words xxx", "give a path, or one of: voices, fsdd."),
        ("bell\x07", "there is no set of words bell\\x07", "give a path, or one of: voices, fsdd."),
    ],
)
def test_slips_and_missing_paths_have_a_way_out(dataset: str, what: str, hint: str, monkeypatch) -> None:
    monkeypatch.delenv("GENMODELS_OFFLINE", raising=False)
    with pytest.raises(DataError) as caught:
        open_words(dataset, silent)
    assert caught.value.what.startswith(what)
    assert caught.value.hint == hint


@pytest.mark.parametrize(
    ("dataset", "hint"),
    [("fssd", "give the path of its folder, or did you mean fsdd?"), ("voice", "did you mean voices?")],
)
def test_without_a_network_a_folder_is_offered_before_a_set_that_is_fetched(dataset, hint, monkeypatch) -> None:
    monkeypatch.setenv("GENMODELS_OFFLINE", "1")
    with pytest.raises(DataError) as caught:
        open_words(dataset, silent)
    assert caught.value.hint == hint


@pytest.mark.parametrize("speakers", [True, False])
def test_what_is_kept_is_what_was_given(speakers: bool) -> None:
    words = word_set(speakers)
    kept = keep("key", replace(words, reading={"held_out": True}))
    assert same(kept.train, words.train)
    assert same(kept.test, words.test)
    assert replace(kept, train=words.train, test=words.test, reading={}) == words
    assert kept.reading == {"held_out": True}
    assert kept.train.samples.flags.writeable  # torch warns of what isn't


@pytest.mark.parametrize("file", ["train-samples", "test-words", "train-speakers"])
def test_a_set_with_a_changed_byte_in_the_cache_is_none(own_cache: Path, file: str) -> None:
    keep("key", word_set())
    path = own_cache / "words" / "key" / file
    path.write_bytes(bytes([path.read_bytes()[0] ^ 1]) + path.read_bytes()[1:])
    assert open_kept("key", "x") is None
    assert kept_by_fingerprint(word_set().fingerprint, "x") is None


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"format": 1}', '{"format": 1, "sha256": {"../x": ""}}'])
def test_damaged_facts_in_the_cache_are_none(own_cache: Path, content: str) -> None:
    keep("key", word_set())
    (own_cache / "words" / "key" / "words.json").write_text(content)
    assert open_kept("key", "x") is None


def test_a_fingerprint_changes_with_all_it_covers() -> None:
    words = word_set()
    parts = (words.train, words.test, words.words, words.speakers)
    others = [
        (words.test, words.train, words.words, words.speakers),
        (words.train, words.test, ("yes", "no"), words.speakers),
        (words.train, words.test, words.words, ("ann", "bob", "dot")),
        (replace(words.train, words=1 - words.train.words), *parts[1:]),
        (replace(words.train, samples=words.train.samples + np.int16(1)), *parts[1:]),
        (replace(words.train, speakers=words.train.speakers[::-1]), *parts[1:]),
        (words.train.take(np.arange(4)), *parts[1:]),
    ]
    assert len({fingerprint_of(*other) for other in [parts, *others]}) == len(others) + 1


def test_a_folder_is_read_once_wherever_it_is_moved(tmp_path: Path) -> None:
    put(tmp_path / "set", "a/*10", "b/*10")
    notices: list[str] = []
    first = open_words(str(tmp_path / "set"), notices.append)
    (tmp_path / "set").rename(tmp_path / "moved")
    second = open_words(str(tmp_path / "moved"), notices.append)
    assert notices == [f"reading {tmp_path}/set (once)"]
    assert same(first.train, second.train)
    assert (second.name, second.source, second.taken.what[:9]) == ("moved", str(tmp_path / "moved"), "moved: 20")


def test_what_is_passed_over_is_told_again_when_a_set_comes_out_of_the_cache(tmp_path: Path) -> None:
    put(tmp_path / "set", "a/*10", "b/*10")
    (tmp_path / "set" / "a" / "empty.wav").write_bytes(b"")
    first, second = (open_words(str(tmp_path / "set"), silent) for _ in range(2))
    assert first.taken == second.taken
    assert [(one.file, one.reason) for one in second.taken.passed_over] == [("a/empty.wav", "is empty")]


def test_what_the_extra_reads_is_read_when_it_has_been_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path / "set", "a/*10", "b/*10")
    told: list[str] = []
    for library in (None, None, SimpleNamespace()):
        monkeypatch.setitem(sys.modules, "soundfile", library)
        open_words(str(tmp_path / "set"), told.append)
    assert told == [f"reading {tmp_path}/set (once)"] * 2, "what was passed over without it is looked at again"


def test_a_description_holds_what_run_json_needs(tmp_path: Path) -> None:
    put(tmp_path / "set", *named("yes no", "ann bob", 25))
    (tmp_path / "set" / "notes.txt").write_text("x")
    described = describe_words(open_words(str(tmp_path / "set"), silent))
    assert len(described.pop("fingerprint")) == 64
    assert described == {
        "name": "set",
        "sources": [str(tmp_path / "set")],
        "clips": [80, 20],
        "seconds": [4.0, 1.0],
        "words": ["no", "yes"],
        "word_counts": {"train": [40, 40], "test": [10, 10]},
        "speakers": ["ann", "bob"],
        "speaker_counts": {"train": [40, 40], "test": [10, 10]},
        "taken": "set: 80 recordings to train on and 20 to test on, of 2 words (no, yes) by 2 speakers",
        "passed_over": [{"reason": "no recording", "count": 1, "files": ["notes.txt"]}],
    }
    assert describe_words(word_set(speakers=False))["speaker_counts"] is None


@pytest.fixture
def described(tmp_path: Path) -> dict[str, object]:
    """The set in tmp_path/set, as a run describes it."""
    return describe_words(open_words(str(put(tmp_path / "set", "a/*10", "b/*10")), silent))


def test_the_recordings_of_a_run_are_opened_again(described: dict[str, object]) -> None:
    notices: list[str] = []
    assert reopen_words(described, notices.append).fingerprint == described["fingerprint"]
    assert notices == []


def test_moved_recordings_are_opened_where_they_are_now(described: dict[str, object], tmp_path: Path) -> None:
    (tmp_path / "set").rename(tmp_path / "moved")
    assert reopen_words(described, silent, str(tmp_path / "moved")).source == str(tmp_path / "moved")
    put(tmp_path / "other", "a/*10", "b/*10", first=70)
    with pytest.raises(DataError, match=r"the recordings of .*other are not those of the run"):
        reopen_words(described, silent, str(tmp_path / "other"))


def test_recordings_that_are_gone_come_out_of_the_cache(
    described: dict[str, object], tmp_path: Path, own_cache: Path
) -> None:
    (tmp_path / "set").rename(tmp_path / "moved")
    notices: list[str] = []
    assert reopen_words(described, notices.append).fingerprint == described["fingerprint"]
    assert notices == [f"the recordings of the run, {tmp_path}/set, are gone: took the run's own from the cache"]
    own_cache.rename(tmp_path / "no cache")
    with pytest.raises(DataError, match="are gone"):
        reopen_words(described, silent)


def test_changed_recordings_are_refused_to_a_run_and_a_question_takes_the_cache(
    described: dict[str, object], tmp_path: Path
) -> None:
    write(tmp_path / "set" / "a" / "03.wav", wav(99))
    with pytest.raises(DataError, match="have changed since the run began"):
        reopen_words(described, silent)
    notices: list[str] = []
    assert words_learned(described, notices.append).fingerprint == described["fingerprint"]
    assert "took the run's own from the cache" in notices[-1]


@pytest.mark.parametrize("damaged", [{}, {"sources": []}, {"sources": ["x"]}, None])
def test_a_damaged_description_is_an_error_of_the_run(damaged: object) -> None:
    with pytest.raises(RunError, match=r"run\.json does not describe its recordings"):
        reopen_words(damaged, silent)  # type: ignore[arg-type]


def test_a_speaker_left_out_is_tested_on_with_all_recordings_and_trained_on_with_none() -> None:
    words = word_set()
    left = without_speaker(words, "cyd")
    assert left.train.speakers.tolist() == [0, 1, 0, 1, 0]
    assert left.test.speakers.tolist() == [2, 2]
    assert [left.test.said(row) for row in range(2)] == [[0, 1, 0], [1, 0]]
    assert left.test.clip(1).tolist() == words.test.clip(0).tolist()
    assert left.train.clip(4).tolist() == words.test.clip(1).tolist()
    assert (left.words, left.speakers, left.fingerprint) == (words.words, words.speakers, words.fingerprint)
    assert len(left.train) + len(left.test) == len(words.train) + len(words.test)


@pytest.mark.parametrize(
    ("name", "what", "hint"),
    [
        ("cid", "made has no speaker cid", "did you mean cyd?"),
        ("xavier", "made has no speaker xavier", "its speakers: ann, bob, cyd."),
        ("", "made has no speaker ", "its speakers: ann, bob, cyd."),
    ],
)
def test_a_speaker_who_is_not_there_cannot_be_left_out(name: str, what: str, hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        without_speaker(word_set(), name)
    assert (caught.value.what, caught.value.hint) == (what, hint)


def test_unknown_speakers_and_an_only_one_cannot_be_left_out() -> None:
    with pytest.raises(UsageError, match="who speaks its recordings is not known"):
        without_speaker(word_set(speakers=False), "ann")
    alone = WordSet("set", "x", clips([[0]] * 3, [0] * 3), clips([[0]] * 2, [0] * 2), ("a",), ("ann",), "")
    with pytest.raises(UsageError, match="set has no other speaker"):
        without_speaker(alone, "ann")


@pytest.mark.parametrize("share", [0.05, 0.1, 0.25, 0.5])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_each_word_gives_its_share_to_within_one_clip(share: float, seed: int) -> None:
    counts = [3, 40, 57, 100]
    given = clips([[word] for word, count in enumerate(counts) for _ in range(count)])
    train, held = held_out(given, share, seed)
    for word, count in enumerate(counts):
        assert abs(int((held.words == word).sum()) - share * count) < 1
    assert sorted([*train.files, *held.files]) == sorted(given.files)
    assert list(train.files) == sorted(train.files, key=lambda name: int(name[:-4]))


def test_the_seed_picks_what_is_held_out() -> None:
    given = clips([[0]] * 50)
    first, again, other = (set(held_out(given, 0.2, seed)[1].files) for seed in (1, 1, 2))
    assert first == again != other


def test_a_clip_of_each_word_is_left_to_train_on() -> None:
    given = clips([[0, 1], [1, 0], [0], [2], [0, 3], [1]])
    train, held = held_out(given, 0.9, 3)
    assert set(train.words.tolist()) == {0, 1, 2, 3}
    assert len(held) >= 2


def test_two_are_held_out_of_few() -> None:
    assert len(held_out(clips([[0]] * 4), 0.01, 1)[1]) == 2


def test_too_few_to_hold_any_out_is_an_error() -> None:
    with pytest.raises(DataError, match="of 3 recordings"):
        held_out(clips([[0], [1], [1]]), 0.5, 1)
