"""What a folder of recordings is opened as, and what is told of it."""

from pathlib import Path

import pytest

from genmodels.data.passed_over import by_reason
from genmodels.data.sound.clips import Clips, WordSet
from genmodels.data.sound.sets.opening import open_words
from genmodels.errors import DataError

WORD_BY_WORD = "tests on every tenth recording of each word"


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
