"""That a run learned from a text is told, of all of it or of a part, and looking for it is counted."""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from genmodels.data.text.corpus import Corpus, HowRead, open_corpus
from genmodels.data.text.streams import Split
from genmodels.families.text import learned as looking
from genmodels.telling import Teller, silent

TEXT = "".join(random.Random(1).choices("abcd", k=2000))
STOP = 1500  # of what is learned from


class Learned:
    """A run that was trained on the beginning of the text."""

    path = Path("one")

    def __init__(self) -> None:
        self.told: list[str] = []
        self.counted: list[tuple[str, int]] = []
        self.advances: list[int] = []
        self.teller = Teller(self.told.append, self.counting)

    @contextmanager
    def counting(self, what: str, total: int) -> Iterator[Callable[[int], None]]:
        self.counted.append((what, total))
        yield self.advances.append

    def document(self) -> dict[str, None]:
        return {"init_from": None}


def read(text: str) -> Corpus:
    return open_corpus([], HowRead(), silent, text=text)


@pytest.fixture
def learned(monkeypatch: pytest.MonkeyPatch) -> Learned:
    corpus = read(TEXT)
    monkeypatch.setattr(looking, "recorded_splits", lambda _: (Split(corpus, 0, STOP), Split(corpus, STOP, len(TEXT))))
    return Learned()


@pytest.mark.parametrize(
    ("begin", "end", "told"),
    [
        (100, 900, "one was trained on a.txt: that tells nothing of how well it does on text that it never read"),
        (1000, 2000, "one was trained on 50 % of a.txt, so it does better there than on text that it never read"),
        (STOP - 5, 2000, None),
        (STOP - 6, 2000, "one was trained on 1 % of a.txt, so it does better there than on text that it never read"),
        (STOP, 2000, None),
    ],
    ids=["all", "half", "just below 1 %", "just above 1 %", "nothing"],
)
def test_how_much_of_a_text_was_learned_from_is_told(learned: Learned, begin: int, end: int, told: str | None) -> None:
    looking.tell_learned(learned, read(TEXT[begin:end]), "a.txt")
    assert learned.told == ([] if told is None else [told])


def test_a_text_is_looked_for_piece_by_piece(learned: Learned, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(looking, "PIECE", 1)
    looking.tell_learned(learned, read(TEXT[::-1][:300]), "a.txt")
    assert learned.counted == [("looking for a.txt in the training text", len(TEXT))]
    assert learned.advances == [300] * 6
