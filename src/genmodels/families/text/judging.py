"""Texts beside a run's own training text and held-out text."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from genmodels.errors import DataError
from genmodels.exhibit import Exhibit, Format, Table
from genmodels.families.run import Run
from genmodels.families.text.author import Author, open_author
from genmodels.families.text.splits import name_of, read_in, recorded_splits
from genmodels.settings.fields import check_range
from genmodels.settings.sampling import SampleSettings
from genmodels.telling import Notice, counted

if TYPE_CHECKING:
    from genmodels.analysis.text_quality import TextQuality
    from genmodels.sampling.writing import TextWriter

MOST_SEARCHED = 5_000_000  # characters of the training text: sorting takes about 200 bytes for each
LED_IN = 256  # characters read before the held-out text, so that its first ones aren't dear
SHORTEST = 100  # characters worth judging
WRITTEN = 5000  # characters at each temperature
TEMPERATURES = (0.25, 0.5, 0.75, 1.0, 1.25, 1.5)
CONTROL = "held-out text"
_SHARES = "text real_words novel_4 novel_8 novel_16 novel_32 copy distinct_1 distinct_2 distinct_3 repetition"
_OF_COPIES = "text copy training_line passage"
COLUMNS: Mapping[str, Format] = {
    **dict.fromkeys(_SHARES.split(), ".1%"), "bits_per_char": ".3f", "distance": ".3f"
}  # fmt: skip
COPY_COLUMNS: Mapping[str, Format] = dict.fromkeys(_OF_COPIES.split(), "") | {"training_line": ","}
HEADINGS = {name: name.replace("_", " ") for name in (*COLUMNS, *COPY_COLUMNS)} | {"bits_per_char": "bits/char"}


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


def texts_of(run: Run) -> Texts:
    """The texts of a run's corpus.

    Raises:
        RunError: run.json is damaged.
        DataError: the corpus has changed or is gone.
    """
    train, validation = recorded_splits(run)
    begin = max(train.start, train.stop - MOST_SEARCHED)
    if begin > train.start:
        run.teller.notice(
            f"copies are sought in the last {MOST_SEARCHED:,} of {len(train):,} characters of training text"
        )
    training = train.corpus.text(begin, train.stop)
    pieces = range(train.start, begin, MOST_SEARCHED)
    lines = sum(train.corpus.text(start, min(start + MOST_SEARCHED, begin)).count("\n") for start in pieces)
    held_out = train.corpus.text(validation.start, validation.stop)
    return Texts(training, begin - train.start, lines, training[-LED_IN:], held_out)


def bits_per_char(log_probabilities: Sequence[float]) -> float:
    """Mean information of some characters."""
    return -sum(log_probabilities) / len(log_probabilities) / math.log(2.0)


def judge_all(
    texts: Texts, written: Sequence[tuple[str, float]], writer: "TextWriter", length: int
) -> "tuple[list[TextQuality], TextQuality]":
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
    bits = bits_per_char(writer.score(texts.led_in, control, f"the {CONTROL}"))
    return [q.with_bits(b) for q, (_, b) in zip(qualities, written, strict=True)], of_control.with_bits(bits)


def share(value: float | None) -> str:
    """A share as people say it."""
    return "-" if value is None else f"{value:.1%}"


def why_no_words(qualities: "Sequence[TextQuality]") -> list[str]:
    """A sentence for each script in which words can't be told."""
    from genmodels.analysis import words

    return [words.why_none(script) for script in dict.fromkeys(q.without_words for q in qualities) if script]


def in_short(quality: "TextQuality") -> str:
    """One line for under a text."""
    copy = 0 if quality.longest_copy is None else quality.longest_copy.length
    return (
        f"real words {share(quality.real_words)}, novel 8-grams {share(quality.novel[8])}, "
        f"longest copy {copy}, {quality.bits_per_char:.2f} bits/char"
    )


@dataclass(frozen=True)
class Origin:
    """Where a text comes from.

    Args:
        epoch: whose weights wrote it, or score it.
        temperature: it was written at, or None.
        text: what it is called, where nothing wrote it.
    """

    epoch: int
    temperature: float | None = None
    text: str | None = None

    @property
    def name(self) -> str:
        """How the table names it."""
        if self.temperature is not None:
            return f"epoch {self.epoch}, temperature {self.temperature:g}"
        return f"epoch {self.epoch}, {self.text}"

    def to_record(self) -> dict[str, Any]:
        """The names used in ``--json``."""
        return {name: value for name, value in vars(self).items() if value is not None}

    def to_row(self) -> dict[str, Any]:
        """The beginning of its line of a table."""
        return vars(replace(self, text=self.name))


@dataclass(frozen=True)
class Judged:
    """A text and what it is like.

    Args:
        origin: its epoch, and its temperature, or its file, or that it is the control.
        quality: its statistics.
        distance: from the control; None for the control.
    """

    origin: Origin
    quality: "TextQuality"
    distance: float | None

    def to_record(self) -> dict[str, Any]:
        """The names used in ``--json``."""
        return self.origin.to_record() | self.quality.to_record() | {"distance": self.distance}

    def to_row(self) -> dict[str, Any]:
        """Its line of the table."""
        copy = self.quality.longest_copy
        measures = {**self.quality.shares(), "copy": 0 if copy is None else copy.length}
        bits = {"bits_per_char": self.quality.bits_per_char, "distance": self.distance}
        return self.origin.to_row() | measures | bits


def judge_written(
    run: Run, *, epochs: Sequence[int] | None, temperature: float | Sequence[float], length: int, seed: int, device: str
) -> Exhibit:
    """What a run writes, beside as much held-out text; see `TextRun.judge`."""
    length = check_range("--length", length, SHORTEST)
    how = SampleSettings.from_mapping({"temperature": temperature, "seed": seed})
    authors = [open_author(checkpoint, device) for checkpoint in run.epoch_checkpoints(epochs)]
    texts = _enough(run)
    cut = _cut(length, texts, f"--length {length:,}", run.teller.notice)
    how = replace(how, length=cut)
    return _exhibit(run, [row for author in authors for row in _of_written(author, texts, how)])


def judge_given(
    run: Run,
    file: str | Path | None,
    text: str | None,
    *,
    epochs: Sequence[int] | None,
    encoding: str,
    unknown: str,
    device: str,
) -> Exhibit:
    """A text from elsewhere, beside as much held-out text; see `TextRun.judge`."""
    authors = [open_author(checkpoint, device) for checkpoint in run.epoch_checkpoints(epochs)]
    texts, notice = _enough(run), run.teller.notice
    vocabulary = authors[0].writer.vocabulary  # every epoch of a run has the same
    corpus = read_in(vocabulary, file, text, encoding=encoding, unknown=unknown, notice=notice)
    name = str(name_of(file, text))
    if corpus.length < SHORTEST:
        raise DataError(
            f"{name} has {counted(corpus.length, 'character')}, too few to judge", f"give at least {SHORTEST}."
        )
    read = corpus.text(0, corpus.length)
    read = read[: _cut(len(read), texts, f"{name}, of {len(read):,} characters,", notice)]
    return _exhibit(run, [row for author in authors for row in _of_given(author, texts, read, name)])


def _enough(run: Run) -> Texts:
    """A run's texts.

    Raises:
        DataError: too little is held out.
    """
    texts = texts_of(run)
    if len(texts.held_out) < SHORTEST:
        raise DataError(
            f"{run.path} holds out {counted(len(texts.held_out), 'character')}, too few to judge by",
            f"at least {SHORTEST} are needed: train on a longer text, or with a larger --val-fraction.",
        )
    return texts


def _cut(length: int, texts: Texts, what: str, notice: Notice) -> int:
    """As many characters as there is held-out text: statistics depend on the length."""
    if length > len(texts.held_out):
        notice(f"{what} is more than the held-out text; {len(texts.held_out):,} characters are judged")
    return min(length, len(texts.held_out))


def _of_written(author: Author, texts: Texts, how: SampleSettings) -> list[Judged]:
    """What a run writes at each temperature, and the control."""
    samples = author.writer.write(author.phrase, how)
    written = [(sample.text, bits_per_char(sample.log_probabilities)) for sample in samples]
    origins = [Origin(author.epoch, sample.temperature) for sample in samples]
    return _judged(origins, texts, written, author, how.length)


def _of_given(author: Author, texts: Texts, text: str, name: str) -> list[Judged]:
    """A text from elsewhere, and the control."""
    written = [(text, bits_per_char(author.writer.score(texts.led_in, text, name)))]
    return _judged([Origin(author.epoch, text=name)], texts, written, author, len(text))


def _judged(
    origins: Sequence[Origin], texts: Texts, written: Sequence[tuple[str, float]], author: Author, length: int
) -> list[Judged]:
    from genmodels.analysis.text_quality import distance

    qualities, control = judge_all(texts, written, author.writer, length)
    rows = [Judged(o, q, distance(q, control)) for o, q in zip(origins, qualities, strict=True)]
    return [*rows, Judged(Origin(author.epoch, text=CONTROL), control, None)]


def _exhibit(run: Run, rows: Sequence[Judged]) -> Exhibit:
    """The statistics, the longest copies, and the text that is nearest to the control."""
    nearest = min((row for row in rows if row.distance is not None), key=lambda row: row.distance or 0.0)
    title = f"{run.name}, {rows[0].quality.characters:,} characters each"
    results = [row.to_record() for row in rows]
    facts = {"run": str(run.path), "nearest": nearest.origin.to_record(), "results": results}
    tables = [Table(title, COLUMNS, [row.to_row() for row in rows], HEADINGS, tall=True), _copies(rows)]
    remarks = why_no_words([row.quality for row in rows])
    if nearest.origin.temperature is not None:
        remarks.append(f"nearest to the {CONTROL}: {nearest.origin.name} (distance {nearest.distance:.3f})")
    return Exhibit("judgement", title, facts, tables, leads="table", remarks=remarks)


def _copies(rows: Sequence[Judged]) -> Table:
    found = [(row.origin, row.quality.longest_copy) for row in rows]
    lines = [
        origin.to_row()
        | {"copy": c.length, "training_line": c.training_line, "passage": c.text.replace("\n", "\u21b5")}
        for origin, c in found
        if c is not None
    ]
    return Table("longest copies", COPY_COLUMNS, lines, HEADINGS, apart=True)
