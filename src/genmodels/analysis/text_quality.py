"""What a text is like beside the one a model was trained on: words, copies, repetition."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from genmodels.analysis.copies import Ints, longest_matches
from genmodels.analysis.words import script_without_spaces, whole_words, words
from genmodels.chance import errors_of_chance

NGRAMS = (4, 8, 16, 32)  # symbols: characters or, of a run that reads those, bytes
FEWEST_WORDS = 4  # for any statistic of words
BY_SEED = 0.2  # over the root of the length: what another seed changes a distance by (tiny Shakespeare, an LSTM)


@dataclass(frozen=True)
class Copy:
    """The longest passage that stands in the training text too.

    Args:
        length: symbols.
        text: the passage, as people read it.
        at: where it begins in the text judged, counted from 0.
        training_at: where it begins in the training text, counted from 0; one place of several.
        training_line: the line there, counted from 1.
    """

    length: int
    text: str
    at: int
    training_at: int
    training_line: int


@dataclass(frozen=True)
class TextQuality:
    """Statistics of a text; those that are shares lie between 0 and 1.

    None stands where there are too few words, or a script that puts no spaces between them.

    Args:
        characters: of the text; as all that is counted here, bytes where the model reads those.
        real_words: share of its words that occur in the training text, whatever the case.
        novel: for each n of `NGRAMS` the share of its n-grams of symbols that do not occur there.
        longest_copy: the longest passage that does; None where not even one symbol does.
        distinct: distinct-1, -2, -3: different n-grams of words over all of them (Li et al. 2016, arXiv 1510.03055).
        repetition: share of its 4-grams of words that came before (seq-rep-4, Welleck et al. 2020, arXiv 1908.04319).
        bits_per_char: under the model, if it was asked.
        without_words: the script of the text, or of the training text, where it is one whose words can't be told.
        symbol: what the bits are told per: "char" or "byte".
    """

    characters: int
    real_words: float | None
    novel: dict[int, float | None]
    longest_copy: Copy | None
    distinct: tuple[float | None, float | None, float | None]
    repetition: float | None
    bits_per_char: float | None = None
    without_words: str | None = None
    symbol: str = "char"

    def shares(self) -> dict[str, float | None]:
        """Everything that lies between 0 and 1, by the names used in ``--json``."""
        novel = {f"novel_{n}": share for n, share in self.novel.items()}
        distinct = {f"distinct_{n}": share for n, share in enumerate(self.distinct, 1)}
        return {"real_words": self.real_words, **novel, **distinct, "repetition": self.repetition}

    def to_record(self) -> dict[str, object]:
        """The names used in ``--json``."""
        copy = None if self.longest_copy is None else vars(self.longest_copy)
        return {
            "characters": self.characters,
            **self.shares(),
            "longest_copy": copy,
            "bits_per_char": self.bits_per_char,
            "without_words": self.without_words,
        }

    def counted_from(self, characters: int, lines: int) -> "TextQuality":
        """The same, where so many characters and line ends stand before the training text that was searched."""
        c = self.longest_copy
        if c is None:
            return self
        moved = replace(c, training_at=c.training_at + characters, training_line=c.training_line + lines)
        return replace(self, longest_copy=moved)

    def with_bits(self, bits_per_char: float, symbol: str = "char") -> "TextQuality":
        """The same, and how well a model predicts it, per character or byte."""
        return replace(self, bits_per_char=bits_per_char, symbol=symbol)


def distance(one: TextQuality, control: TextQuality) -> float:
    """How far two texts' statistics lie apart: the mean difference of their shares and of bits/char.

    Bits/char count as a share of the control's. What one of them lacks is left out. Both texts must be equally long:
    the longer a text, the fewer of its n-grams are different.
    """
    pairs = [(a, b) for a, b in zip(one.shares().values(), control.shares().values(), strict=True)]
    differences = [abs(a - b) for a, b in pairs if a is not None and b is not None]
    if one.bits_per_char is not None and control.bits_per_char:
        differences.append(abs(one.bits_per_char / control.bits_per_char - 1.0))
    return float(np.mean(differences))


def nearest_of(distances: Sequence[float], length: int) -> list[int]:
    """Which distances are the smallest, the smallest first; all that another seed could make so.

    Of two texts that is what differs by less than two errors of a difference, 0.57 over the root of the length; of
    more it is wider, see `errors_of_chance`.

    Args:
        distances: of texts from the control.
        length: characters of each.
    """
    error_of_difference = math.sqrt(2.0) * BY_SEED / math.sqrt(length)
    least, noise = min(distances), errors_of_chance(0, len(distances)) * error_of_difference
    near = [index for index, value in enumerate(distances) if value - least < noise or value == least]
    return sorted(near, key=lambda index: distances[index])


def judge(training_text: str, texts: Sequence[str], readable: Callable[[str], str] = str) -> list[TextQuality]:
    """Statistics of some texts beside the training text, which is sorted once for all of them.

    Args:
        training_text: a character for each symbol that the model reads, such as a byte.
        texts: likewise.
        readable: makes of those what people read, in which words are sought.
    """
    read = readable(training_text)
    script = script_without_spaces(read)
    known = set(words(read)) if script is None else set()
    qualities = []
    for text, (lengths, places) in zip(texts, longest_matches(training_text, texts), strict=True):
        longest = _longest(training_text, text, lengths, places, readable)
        qualities.append(_quality(known, readable(text), script, lengths, longest))
    return qualities


def _quality(known: set[str], text: str, script: str | None, lengths: Ints, longest: Copy | None) -> TextQuality:
    """Statistics of a text.

    Args:
        known: words of the training text.
        text: as people read it.
        script: of the training text, where its words can't be told.
        lengths: at each symbol of it, how many from there on stand in the training text too.
        longest: its longest copy.
    """
    script = script or script_without_spaces(text)
    found, count = whole_words(text) if script is None else [], len(lengths)
    one, two, three = (_distinct(found, n) for n in (1, 2, 3))
    four = _distinct(found, 4)
    return TextQuality(
        characters=count,
        real_words=sum(word in known for word in found) / len(found) if len(found) >= FEWEST_WORDS else None,
        novel={n: float((lengths[: count - n + 1] < n).mean()) if count >= n else None for n in NGRAMS},
        longest_copy=longest,
        distinct=(one, two, three),
        repetition=None if four is None else 1.0 - four,
        without_words=script,
    )


def _distinct(words: list[str], n: int) -> float | None:
    grams = [tuple(words[i : i + n]) for i in range(len(words) - n + 1)]
    return len(set(grams)) / len(grams) if len(words) >= max(FEWEST_WORDS, n) else None


def _longest(training_text: str, text: str, lengths: Ints, places: Ints, readable: Callable[[str], str]) -> Copy | None:
    if len(lengths) == 0 or lengths.max() == 0:
        return None
    at = int(lengths.argmax())
    length, place = int(lengths[at]), int(places[at])
    line = training_text.count("\n", 0, place) + 1
    return Copy(length, readable(text[at : at + length]), at, place, line)
