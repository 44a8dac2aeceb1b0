"""How the library tells its caller what happens: it never prints by itself.

A sentence goes to a `Notice`; a long computation says by an `Advance` that so many more are done.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from genmodels.printable import one_line

SURE_ENOUGH, NEXT_TO_NOTHING = 0.5, 0.001  # probabilities of a reading
UNREAD = 0.9  # errors for each digit or word: a network that makes as many reads next to nothing
NONE_RIGHT = 0.75  # the same of one that gets no strip or utterance right, however short
SILENT = 0.1  # words read, right or wrong, for each that there is: a network that reads fewer says next to nothing
WHILE_TRAINING = "while training"  # what the part is called that is logged between evaluations
LONGER = "longer"  # the part of the data that is longer than what was trained on
ROUNDING = 1e-6  # thousandths of an epoch that a sum of floating-point numbers may miss

Notice = Callable[[str], None]
"""Is handed a sentence that the user should know."""

Advance = Callable[[int], None]
"""Is handed how many more are done."""

Counting = Callable[[str, int], AbstractContextManager[Advance]]
"""Is handed what is being done and how many there are in all; within the block its `Advance` counts them."""


def silent(_: object) -> None:
    """Tells nobody: a `Notice` and an `Advance` for a caller that doesn't want to know."""


def reads_nothing(errors: float, right: float) -> bool:
    """Whether a network reads next to nothing.

    Args:
        errors: for each digit or word.
        right: share of the strips or utterances that it reads without any error.

    >>> reads_nothing(0.9, 0.1), reads_nothing(0.88, 0.0), reads_nothing(0.88, 0.01), reads_nothing(0.6, 0.0)
    (True, True, False, False)
    """
    return errors >= UNREAD or (right == 0 and errors >= NONE_RIGHT)


def counted(count: float, one: str) -> str:
    """So many of something, as a sentence says it.

    >>> counted(1, "epoch"), counted(1200, "run"), counted(0.5, "minute")
    ('1 epoch', '1,200 runs', '0.5 minutes')
    """
    number = f"{int(count):,}" if count == int(count) else f"{count:g}"
    return f"{number} {one}{'' if count == 1 else 's'}"


def replaced_told(path: Path) -> str:
    """That a file which somebody named was there before.

    >>> replaced_told(Path("cells.html"))
    'replaced cells.html, which was there'
    """
    return f"replaced {one_line(str(path))}, which was there"


def epoch_told(epoch: float) -> str:
    """How far a training came, as every sentence says it: in epochs, of a part whole thousandths that are finished.

    >>> epoch_told(3.0), epoch_told(1.0857), epoch_told(1.085), epoch_told(1200)
    ('3', '1.085', '1.085', '1,200')
    """
    finished = math.floor(1000 * epoch + ROUNDING) / 1000
    return f"{finished:,.3f}".rstrip("0").rstrip(".")


def number_told(value: float) -> str:
    """A number of the user's as it was typed, or three digits of it where it is one that was computed.

    >>> number_told(0.000125), number_told(1.1501878739833047), number_told(1e-05), number_told(30.0)
    ('0.000125', '1.15', '1e-05', '30')
    """
    typed = f"{value:g}"
    return typed if float(typed) == value else f"{value:.3g}" if abs(value) < 1000 else f"{value:.0f}"


def duration(seconds: float) -> str:
    """A span as people say it: 45 s, 3 min 05 s, 2 h 10 min."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"


def in_percent(probability: float) -> str:
    """A probability that is neither nothing nor certainty, unless it is.

    >>> in_percent(0.5), in_percent(1e-9), in_percent(0.99999), in_percent(1.0)
    ('50.0%', '< 0.1%', '> 99.9%', '100.0%')
    """
    shown = f"{probability:.1%}"
    if shown == "0.0%" and probability > 0:
        return "< 0.1%"
    return "> 99.9%" if shown == "100.0%" and probability < 1 else shown


def of_hundred(share: float) -> str:
    """How many of 100 something holds for: neither none nor all, unless it is, so with as many digits as that takes.

    >>> of_hundred(0.612), of_hundred(0.997), of_hundred(0.9996), of_hundred(0.003), of_hundred(1.0), of_hundred(0.0)
    ('61', '99.7', '99.96', '0.3', '100', '0')
    """
    texts = (f"{100 * share:.{digits}f}" for digits in range(18))
    return next((text for text in texts if share in {0, 1} or float(text) not in {0, 100}), f"{100 * share:g}")


def errors_told(rate: float, of: str) -> str:
    """Errors for each digit or word, as a sentence says them; what is inserted counts, so there may be more than 100.

    >>> errors_told(0.0312, "digit"), errors_told(0.01, "word"), errors_told(0.0, "word"), errors_told(12.0, "digit")
    ('3.1 errors in 100 digits', '1 error in 100 words', '0 errors in 100 words', '1,200 errors in 100 digits')
    """
    number = f"{100 * rate:,.{1 if 100 * rate < 10 else 0}f}".removesuffix(".0")
    number = f"{100 * rate:.1g}" if number == "0" and rate > 0 else number
    return f"{number} error{'' if number == '1' else 's'} in 100 {of}s"


def doubt_of(probability: float) -> str:
    """What to think of a reading that is as likely to be right; "" where it is more likely right than wrong.

    >>> doubt_of(0.9), doubt_of(0.2), doubt_of(1e-22)
    ('', 'doubtful', 'next to nothing')
    """
    if probability >= SURE_ENOUGH:
        return ""
    return "doubtful" if probability >= NEXT_TO_NOTHING else "next to nothing"


def once(notice: Notice) -> Notice:
    """The same, but no sentence is told twice."""
    told: set[str] = set()

    def tell(sentence: str) -> None:
        if sentence not in told:
            told.add(sentence)
            notice(sentence)

    return tell


def each_number_once(named: Sequence[int], what: str, notice: Notice) -> list[int]:
    """Numbers in their order, each once; those that were named more than once are told.

    Args:
        named: they.
        what: they are of, such as "image".
        notice: is told.
    """
    again = [str(number) for number in dict.fromkeys(named) if named.count(number) > 1]
    if again:
        notice(f"{what}{'' if len(again) == 1 else 's'} {', '.join(again)} named more than once: taken once")
    return list(dict.fromkeys(named))


@contextmanager
def uncounted(what: str, total: int) -> Iterator[Advance]:
    """A `Counting` that shows nothing."""
    del what, total
    yield silent


@dataclass(frozen=True)
class Teller:
    """Who is told what while something is computed.

    Args:
        notice: sentences that the user should know.
        counting: how far a long computation is.
    """

    notice: Notice = silent
    counting: Counting = uncounted


UNTOLD = Teller()
"""Tells nobody anything."""


def longer_told(held_out: str) -> str:
    """What a legend calls what is longer than trained on, which is made of what is held out.

    >>> longer_told("test")
    'test, longer than trained on'
    """
    return f"{held_out}, longer than trained on"
