from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genmodels.analysis.copies import longest_matches
from genmodels.analysis.text_quality import distance, judge
from genmodels.data.text.vocabulary import Vocabulary

TRAINING = "The cat sat on the mat.\nA dog ran to the cat, and the cat ran.\n"


def naive_matches(training: str, text: str) -> list[int]:
    found = []
    for i in range(len(text)):
        length = 0
        while i + length < len(text) and text[i : i + length + 1] in training:
            length += 1
        found.append(length)
    return found


@settings(max_examples=150, deadline=None)
@given(st.text("ab\n", max_size=40), st.lists(st.text("abc\n", max_size=25), min_size=1, max_size=3))
def test_the_longest_matches_are_those_of_a_naive_search(training: str, texts: list[str]) -> None:
    for text, (lengths, places) in zip(texts, longest_matches(training, texts), strict=True):
        assert lengths.tolist() == naive_matches(training, text)
        for i, (length, place) in enumerate(zip(lengths, places, strict=True)):
            assert length == 0 or training[place : place + length] == text[i : i + length]


def test_a_copy_is_found_with_its_place_and_line() -> None:
    (quality,) = judge(TRAINING, ["xx a dog ran to the cat, xx"])
    copy = quality.longest_copy
    assert copy is not None
    assert copy.text == " dog ran to the cat, "
    assert TRAINING[copy.training_at :].startswith(copy.text)
    assert (copy.length, copy.at, copy.training_line) == (21, 4, 2)


def test_shares_are_those_counted_by_hand() -> None:
    (quality,) = judge(TRAINING, ["(the cat sat; the cot sat; the cat sat; the cat)"])
    words = ["the", "cat", "sat", "the", "cot", "sat", "the", "cat", "sat", "the", "cat"]
    assert quality.real_words == pytest.approx(10 / 11)
    two = list(pairwise(words))
    assert quality.distinct[0] == pytest.approx(4 / 11)
    assert quality.distinct[1] == pytest.approx(len(set(two)) / len(two))
    four = [tuple(words[i : i + 4]) for i in range(8)]
    assert quality.repetition == pytest.approx(1 - len(set(four)) / len(four))


@pytest.mark.parametrize("n", [4, 8])
def test_novel_ngrams_are_those_that_the_training_text_lacks(n: int) -> None:
    text = "on the mat sat a cat, and a dog ran."
    (quality,) = judge(TRAINING, [text])
    grams = [text[i : i + n] for i in range(len(text) - n + 1)]
    assert quality.novel[n] == pytest.approx(np.mean([gram not in TRAINING for gram in grams]))


def test_a_word_cut_at_an_end_is_not_judged() -> None:
    (quality,) = judge(TRAINING, ["qq the cat sat on the ma"])
    assert quality.real_words == 1.0


def test_too_short_a_text_has_no_statistics_but_no_error() -> None:
    for text in ("", "a", "zz"):
        (quality,) = judge(TRAINING, [text])
        assert quality.real_words is None
        assert quality.repetition is None
        assert quality.novel[32] is None
    assert judge(TRAINING, ["\u03a9\u03a9\u03a9"])[0].longest_copy is None


def test_several_texts_are_judged_as_each_alone() -> None:
    texts = ["the cat ran, and the dog sat.", "a mat, a cat: the mat of the cat ran", "\u03a9"]
    assert judge(TRAINING, texts) == [judge(TRAINING, [text])[0] for text in texts]


def test_a_text_lies_at_distance_0_from_itself_and_counts_bits_relatively() -> None:
    (one,) = judge(TRAINING, ["the cat sat on the mat and then the dog ran away"])
    assert distance(one.with_bits(2.0), one.with_bits(2.0)) == 0.0
    shares = sum(share is not None for share in one.shares().values())
    assert distance(one.with_bits(3.0), one.with_bits(2.0)) == pytest.approx(0.5 / (shares + 1))


def test_a_text_that_repeats_itself_for_long_is_found_whole() -> None:
    (quality,) = judge("ab" * 20_000, ["ab" * 5_000])
    assert quality.longest_copy is not None
    assert quality.longest_copy.length == 10_000


@pytest.mark.parametrize("n", [4, 8])
def test_a_text_as_long_as_an_ngram_has_one_of_them(n: int) -> None:
    for text, novel in ((TRAINING[:n], 0.0), ("#" * n, 1.0), ("#" * (n - 1), None)):
        assert judge(TRAINING, [text])[0].novel[n] == novel


def test_a_copy_is_placed_in_the_whole_text_where_its_beginning_was_not_searched() -> None:
    before = "one line\nand another one, of which\nnothing is searched. "
    (quality,) = judge(TRAINING, ["xx a dog ran to the cat, xx"])
    moved = quality.counted_from(len(before), before.count("\n"))
    copy = moved.longest_copy
    assert copy is not None
    assert (before + TRAINING)[copy.training_at :].startswith(copy.text)
    assert copy.training_line == (before + TRAINING).count("\n", 0, copy.training_at) + 1 == 4
    (none,) = judge(TRAINING, ["####"])
    assert none.counted_from(5, 1) == none


def test_a_record_has_every_statistic_by_its_name() -> None:
    record = judge(TRAINING, ["xx a dog ran to the cat, xx"])[0].with_bits(2.5).to_record()
    assert record == record | {"characters": 27, "bits_per_char": 2.5, "without_words": None}
    assert record["longest_copy"] == {
        "length": 21, "text": " dog ran to the cat, ", "at": 4, "training_at": 25, "training_line": 2,
    }  # fmt: skip
    assert judge(TRAINING, ["####"])[0].to_record()["longest_copy"] is None


@given(st.binary(max_size=40))
def test_bytes_whatever_they_are_come_back_from_what_stands_for_them(raw: bytes) -> None:
    known = Vocabulary.of_bytes()
    symbols = known.one_by_one(list(raw))
    assert len(symbols) == len(raw)
    assert known.encode(known.exact(symbols), "it").tolist() == list(raw)
    assert known.readable(symbols) == known.decode(list(raw))


def test_symbols_are_counted_and_words_are_those_that_people_read() -> None:
    text, known = "die böse Katze läuft heute fort mit", Vocabulary.of_bytes()
    training, part = (known.one_by_one(known.encode(one, "it")) for one in (f"{text}.\n" * 3, f"x{text}"))
    (quality,) = judge(training, [part], known.readable)
    assert quality.characters == len(text) + 3
    assert quality.real_words == 1.0
    assert quality.longest_copy is not None
    assert (quality.longest_copy.length, quality.longest_copy.text) == (len(text) + 2, text)
