"""Passages of which one guesses whether they are real: nothing but what stands in them tells which is."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from genmodels.data.text.vocabulary import Vocabulary
from genmodels.families.text.alive_guess import ENDS, LED_IN, PASSAGE, guessing_passages

TEXT = "wide 日本語 and é, and \N{GRINNING FACE} of four bytes; " * 200
CUT = "\N{REPLACEMENT CHARACTER}"


class Writer(SimpleNamespace):
    """Remembers what it goes on from, and always writes the same."""

    def write(self, led_in: str, *_: Any) -> list[Any]:
        self.led_ins.append(led_in)
        return [SimpleNamespace(text="b\N{REPLACEMENT CHARACTER}c\N{REPLACEMENT CHARACTER}")]


def game(vocabulary: Vocabulary, held_out: np.ndarray) -> tuple[dict[str, list[str]], list[str]]:
    """Passages, and what written ones go on from."""
    writer = Writer(vocabulary=vocabulary, led_ins=[])
    (section,) = guessing_passages(writer, held_out)  # type: ignore[arg-type]
    return section.data, writer.led_ins


@pytest.mark.parametrize("first", range(4))
def test_passages_of_bytes_begin_and_end_at_whole_characters(first: int) -> None:
    held_out = np.frombuffer(TEXT.encode("utf-8"), np.uint8)[first:]
    data, led_ins = game(Vocabulary.of_bytes(), held_out)
    for passages, length, cut in ((data["real"], PASSAGE, 2 * ENDS), (led_ins, LED_IN, 0)):
        assert not any(CUT in passage for passage in passages)
        assert all(passage in TEXT for passage in passages)
        assert all(length - 6 - 4 * cut <= len(passage.encode("utf-8")) <= length for passage in passages)
    assert set(data["drawn"]) == {f"b{CUT}c"}, "one that is written ends as real ones do"


def test_passages_of_bytes_that_are_no_utf_8_are_as_long_as_others() -> None:
    data, _ = game(Vocabulary.of_bytes(), np.full(4000, 0x85, np.uint8))
    assert {len(passage) for passage in data["real"]} == {PASSAGE}


def test_passages_of_characters_are_cut_at_words_and_what_they_go_on_from_anywhere() -> None:
    vocabulary = Vocabulary("".join(sorted(set(TEXT))))
    data, led_ins = game(vocabulary, vocabulary.encode(TEXT, "text"))
    assert all(PASSAGE - 2 * ENDS <= len(passage) <= PASSAGE for passage in data["real"])
    assert all(f" {passage} " in f" {TEXT} " for passage in data["real"])
    assert {len(led_in) for led_in in led_ins} == {LED_IN}
