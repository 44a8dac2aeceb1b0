"""Texts beside a run's own training text and held-out text: what judge-text and sample-text --judge share."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from genmodels.cli.console import say
from genmodels.runs import RunDir

if TYPE_CHECKING:
    from genmodels.analysis.text_quality import TextQuality
    from genmodels.data.text.streams import Split
    from genmodels.sampling.writing import TextWriter

MOST_CHARACTERS = 5_000_000  # of the training text: sorting takes about 200 bytes for each
LED_IN = 256  # characters read before the held-out text, so that its first ones aren't dear


@dataclass(frozen=True)
class Texts:
    """What a run's texts are measured by.

    Args:
        training: what the model has read, or its last 5 million characters.
        left_out: characters before those.
        lines_left_out: line ends among them.
        led_in: what stands before the held-out text.
        held_out: what it has not read.
    """

    training: str
    left_out: int
    lines_left_out: int
    led_in: str
    held_out: str


def texts_of(run: RunDir, notice: Callable[[str], None]) -> Texts:
    """The texts of a run's corpus.

    Raises:
        RunError: run.json is damaged.
        DataError: the corpus has changed or is gone.
    """
    from genmodels.training.language_model import recorded_splits

    train, validation = recorded_splits(run)
    begin = max(train.start, train.stop - MOST_CHARACTERS)
    if begin > train.start:
        notice(f"copies are sought in the last {MOST_CHARACTERS:,} of {len(train):,} characters of training text")
    training = train.corpus.text(begin, train.stop)
    pieces = range(train.start, begin, MOST_CHARACTERS)
    lines = sum(train.corpus.text(start, min(start + MOST_CHARACTERS, begin)).count("\n") for start in pieces)
    held_out = train.corpus.text(validation.start, validation.stop)
    return Texts(training, begin - train.start, lines, training[-LED_IN:], held_out)


def bits_per_char(log_probabilities: Sequence[float]) -> float:
    """Mean information of some characters."""
    return -sum(log_probabilities) / len(log_probabilities) / math.log(2.0)


def judge_all(
    texts: Texts, written: Sequence[tuple[str, float]], writer: "TextWriter", length: int
) -> tuple[list["TextQuality"], "TextQuality"]:
    """Statistics of texts, and of as much held-out text as the control.

    Args:
        texts: of the run.
        written: texts with their bits per character under the model.
        writer: scores the control.
        length: characters of the control.
    """
    from genmodels.analysis.text_quality import judge

    control = texts.held_out[:length]
    judged = judge(texts.training, [text for text, _ in written] + [control])
    *qualities, of_control = (quality.counted_from(texts.left_out, texts.lines_left_out) for quality in judged)
    bits = bits_per_char(writer.score(texts.led_in, control, "the held-out text"))
    return [q.with_bits(b) for q, (_, b) in zip(qualities, written, strict=True)], of_control.with_bits(bits)


def share(value: float | None) -> str:
    """A share as people say it."""
    return "-" if value is None else f"{value:.1%}"


def in_short(quality: "TextQuality") -> str:
    """One line for under a text."""
    copy = 0 if quality.longest_copy is None else quality.longest_copy.length
    return (
        f"real words {share(quality.real_words)}, novel 8-grams {share(quality.novel[8])}, "
        f"longest copy {copy}, {quality.bits_per_char:.2f} bits/char"
    )


def baselines_on(train: "Split", scored: "Split") -> dict[str, float]:
    """What guessing and counting reach: nats per character by name, counted on one part and scored on another."""
    from genmodels.analysis.baselines import MOST_CHARACTERS, score_baselines

    begin = max(train.start, train.stop - MOST_CHARACTERS)
    if begin > train.start:
        say(f"note: the baselines count the last {MOST_CHARACTERS:,} of {len(train):,} characters of training text")
    counted, read = train.corpus.read(begin, train.stop), scored.corpus.read(scored.start, scored.stop)
    return score_baselines(counted, read, len(scored.corpus.vocabulary))
