"""Texts beside a run's own training text and held-out text."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from genmodels.bytewise import reads_bytes
from genmodels.errors import DataError, UsageError
from genmodels.exhibit import Exhibit, Format, Row, Table
from genmodels.families.run import Run
from genmodels.families.text.author import Judge, open_author, open_judge
from genmodels.families.text.learned import tell_learned
from genmodels.families.text.splits import name_of, read_in, recorded_splits
from genmodels.printable import beginning
from genmodels.runs import Epochs
from genmodels.settings.fields import check_range
from genmodels.settings.sampling import SampleSettings
from genmodels.telling import Notice, counted

if TYPE_CHECKING:
    from genmodels.analysis.text_quality import TextQuality
    from genmodels.data.text.vocabulary import Vocabulary

MOST_SEARCHED = 5_000_000  # characters of the training text: sorting takes about 200 bytes for each
LED_IN = 256  # characters read before the held-out text, so that its first ones aren't dear
SHORTEST = 100  # characters worth judging
WRITTEN = 5000  # characters at each temperature
TEMPERATURES = (0.25, 0.5, 0.75, 1.0, 1.25, 1.5)
CONTROL = "held-out text"
MOST_NEAREST = 2  # texts that tie and are named; of more it is only said that they can't be told apart
_SHARES = "text real_words novel_4 novel_8 novel_16 novel_32 copy distinct_1 distinct_2 distinct_3 repetition"
_OF_COPIES = "text copy training_line passage"
COLUMNS: Mapping[str, Format] = {
    **dict.fromkeys(_SHARES.split(), ".1%"), "bits_per_char": ".3f", "distance": ".3f"
}  # fmt: skip
MOST_SHOWN = 60  # characters of a copy: `facts` have all of it
COPY_COLUMNS: Mapping[str, Format] = {**dict.fromkeys(_OF_COPIES.split(), ""), "training_line": ","}
HEADINGS = {name: name.replace("_", " ") for name in (*COLUMNS, *COPY_COLUMNS)} | {"bits_per_char": "bits/char"}

LEGEND = {
    "real_words": "share of its words that occur in the training text",
    "novel_4": "share of its passages of 4 characters that do not occur there (8, 16, 32: of so many)",
    "copy": "characters of its longest passage that stands there word for word",
    "distinct_1": "different words, as a share of all (2, 3: of pairs, of words in threes)",
    "repetition": "share of its passages of 4 words that came before in it",
    "bits_per_char": "how much each character surprises the model; less is more usual",
    "distance": "how far these measures lie from those of the held-out text; less is more natural",
}


@dataclass(frozen=True)
class Texts:
    """What a run's texts are measured by, a character for each that it reads: `Vocabulary.one_by_one`.

    Args:
        vocabulary: the run's.
        training: what the model has read, or its last 5 million characters, or bytes.
        left_out: so many before those.
        lines_left_out: line ends among them.
        led_in: what stands before the held-out text.
        held_out: what it has not read.
    """

    vocabulary: "Vocabulary"
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
    corpus, vocabulary = train.corpus, train.corpus.vocabulary

    def symbols(start: int, stop: int) -> str:
        return vocabulary.one_by_one(corpus.read(start, stop))

    begin = max(train.start, train.stop - MOST_SEARCHED)
    if begin > train.start:
        of = f"{len(train):,} {vocabulary.symbol}s of training text"
        run.teller.notice(f"copies are sought in the last {MOST_SEARCHED:,} of {of}")
    training = symbols(begin, train.stop)
    pieces = range(train.start, begin, MOST_SEARCHED)
    lines = sum(symbols(start, min(start + MOST_SEARCHED, begin)).count("\n") for start in pieces)
    held_out = symbols(validation.start, validation.stop)
    return Texts(vocabulary, training, begin - train.start, lines, training[-LED_IN:], held_out)


def judge_all(
    texts: Texts, written: Sequence[tuple[str, float]], judge: Judge, length: int
) -> "tuple[list[TextQuality], TextQuality]":
    """Statistics of texts, and of as much held-out text as the control.

    Args:
        texts: of the run.
        written: texts, as those are, with their bits per character or byte by the judge.
        judge: scores the control.
        length: of the control.
    """
    from genmodels.analysis import text_quality

    known, control = texts.vocabulary, texts.held_out[:length]
    judged = text_quality.judge(texts.training, [text for text, _ in written] + [control], known.readable)
    qualities = [quality.counted_from(texts.left_out, texts.lines_left_out) for quality in judged]
    bits = [*(of for _, of in written), judge.bits(known.exact(texts.led_in), known.exact(control), f"the {CONTROL}")]
    symbol = "byte" if known.is_bytes else "char"
    *told, of_control = (quality.with_bits(of, symbol) for quality, of in zip(qualities, bits, strict=True))
    return told, of_control


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
        f"longest copy {copy}, {quality.bits_per_char:.2f} bits/{quality.symbol}"
    )


@dataclass(frozen=True)
class Origin:
    """Where a text comes from.

    Args:
        epoch: whose weights wrote it, or None.
        temperature: it was written at, or None.
        text: what it is called, where nothing wrote it.
    """

    epoch: float | None = None
    temperature: float | None = None
    text: str | None = None

    @property
    def name(self) -> str:
        """How the table names it."""
        return str(self.text) if self.temperature is None else f"epoch {self.epoch}, temperature {self.temperature:g}"

    def to_record(self) -> dict[str, Any]:
        """The names used in ``--json``."""
        return {name: value for name, value in vars(self).items() if value is not None}

    def to_row(self, by: str | None) -> dict[str, Any]:
        """The beginning of its line of a table; see `_told_apart_by`."""
        value = None if by is None else vars(self)[by]
        told = self.name.replace("temperature", "temp") if value is None else f"{value:g}"
        return vars(replace(self, text=told))


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

    def to_row(self, by: str | None) -> dict[str, Any]:
        """Its line of the table; see `_told_apart_by`."""
        copy = self.quality.longest_copy
        measures = {**self.quality.shares(), "copy": 0 if copy is None else copy.length}
        bits = {"bits_per_char": self.quality.bits_per_char, "distance": self.distance}
        return self.origin.to_row(by) | measures | bits


def judge_written(
    run: Run,
    *,
    epochs: Epochs | None,
    temperature: float | Sequence[float],
    length: int,
    seed: int,
    by: Run | None,
    device: str,
) -> Exhibit:
    """What a run writes, beside as much held-out text; see `TextRun.judge`."""
    length = check_range("--length", length, SHORTEST)
    how = SampleSettings.from_mapping({"temperature": temperature, "seed": seed})
    authors = [open_author(checkpoint, device) for checkpoint in run.epoch_checkpoints(epochs)]
    judge, texts = open_judge(run, by, device), _enough(run)
    how = replace(how, length=_cut(length, texts, f"--length {length:,}", run.teller.notice))
    origins, written = [], []
    with run.teller.counting("writing", how.length * len(authors)) as advance:
        for author in authors:
            for sample in author.writer.write(author.phrase, how, advance=advance):
                origins.append(Origin(author.epoch, sample.temperature))
                written.append((sample.symbols, judge.bits_of(sample, author.phrase, author)))
    return _exhibit(run, judge, _judged(origins, texts, written, judge, how.length))


def judge_given(
    run: Run,
    file: str | Path | None,
    text: str | None,
    *,
    epochs: Epochs | None,
    encoding: str,
    unknown: str,
    by: Run | None,
    device: str,
) -> Exhibit:
    """A text from elsewhere, beside as much held-out text; see `TextRun.judge`."""
    name = str(name_of(file, text))
    if epochs is not None:
        hint = f"leave it out; for how well each epoch predicts it: genmodels eval-text {name} --epochs 1,2."
        raise UsageError(f"--epochs says who writes, but {name} is written already", hint)
    judge, texts, notice = open_judge(run, by, device, unknown), _enough(run), run.teller.notice
    vocabulary = open_author(run.epoch_checkpoint(None), device).writer.vocabulary
    corpus = read_in(vocabulary, file, text, encoding=encoding, unknown=unknown, teller=run.teller)
    if corpus.length < SHORTEST:
        what = f"{name} has {counted(corpus.length, vocabulary.symbol)}, too few to judge"
        raise DataError(what, f"give at least {SHORTEST}.")
    tell_learned(run, corpus, name)
    whole = f"{name}, of {corpus.length:,} {vocabulary.symbol}s,"
    read = vocabulary.one_by_one(corpus.read(0, _cut(corpus.length, texts, whole, notice)))
    written = [(read, judge.bits(vocabulary.exact(texts.led_in), vocabulary.exact(read), name))]
    return _exhibit(run, judge, _judged([Origin(text=name)], texts, written, judge, len(read)))


def _enough(run: Run) -> Texts:
    """A run's texts.

    Raises:
        DataError: too little is held out.
    """
    texts = texts_of(run)
    if len(texts.held_out) < SHORTEST:
        raise DataError(
            f"{run.path} holds out {counted(len(texts.held_out), texts.vocabulary.symbol)}, too few to judge by",
            f"at least {SHORTEST} are needed: train on a longer text, or with a larger --val-fraction.",
        )
    return texts


def _cut(length: int, texts: Texts, what: str, notice: Notice) -> int:
    """As many as there is held-out text, where that is less: statistics depend on the length."""
    if length > len(texts.held_out):
        these = f"{len(texts.held_out):,} {texts.vocabulary.symbol}s"
        notice(f"{what} is more than the held-out text; {these} are judged")
    return min(length, len(texts.held_out))


def _judged(
    origins: Sequence[Origin], texts: Texts, written: Sequence[tuple[str, float]], judge: Judge, length: int
) -> list[Judged]:
    """Each text, and last the control."""
    from genmodels.analysis.text_quality import distance

    qualities, control = judge_all(texts, written, judge, length)
    rows = [Judged(o, q, distance(q, control)) for o, q in zip(origins, qualities, strict=True)]
    return [*rows, Judged(Origin(text=CONTROL), control, None)]


def _exhibit(run: Run, judge: Judge, rows: Sequence[Judged]) -> Exhibit:
    """The statistics, the longest copies, and the texts that are nearest to the control."""
    from genmodels.analysis.text_quality import nearest_of

    length = rows[-1].quality.characters
    near = [rows[i] for i in nearest_of([row.distance for row in rows if row.distance is not None], length)]
    by, shared = _told_apart_by([row.origin for row in rows])
    own = "" if judge.run.path == run.path else f" of {judge.run.name}"
    measured = f"{length:,} characters each, bits/char by epoch {judge.author.epoch}{own}"
    title = f"{run.name}{shared}, {measured}"
    facts = {
        "run": str(run.path),
        "judge": judge.to_record(),
        "nearest": near[0].origin.to_record(),
        "ties": [row.origin.to_record() for row in near[1:]],
        "results": [row.to_record() for row in rows],
    }
    heads = HEADINGS if by is None else HEADINGS | {"text": by}
    judged = Table(title, COLUMNS, [row.to_row(by) for row in rows], heads, tall=True, legend=LEGEND)
    tables = [judged, _copies(rows, by, heads, "byte" if reads_bytes(run.document()) else "character")]
    remarks = why_no_words([row.quality for row in rows])
    by_chance = f"another seed changes a distance of {length:,} characters by as much"
    if len(near) > MOST_NEAREST:
        told = f"{len(near)} of {len(rows) - 1} texts can't be told apart by their distance from the {CONTROL}"
        remarks.append(f"{told}, as {by_chance}")
    elif len(rows) > 2 or near[0].origin.temperature is not None:
        remarks.append(f"nearest to the {CONTROL}: {' and '.join(map(_told, near))}")
    if 1 < len(near) <= MOST_NEAREST:
        remarks.append(f"that is a tie: {by_chance}")
    return Exhibit("judgement", title, facts, tables, leads="table", remarks=remarks)


def _told_apart_by(origins: Sequence[Origin]) -> tuple[str | None, str]:
    """What alone differs between texts that a run wrote, by which tables name them; and what they share, for a title.

    >>> _told_apart_by([Origin(3, 0.5), Origin(3, 1.0)]), _told_apart_by([Origin(3, 0.5), Origin(4, 1.0)])
    (('temperature', ', epoch 3'), (None, ''))
    """
    written = [origin for origin in origins if origin.temperature is not None]
    epochs, temperatures = ({vars(origin)[name] for origin in written} for name in ("epoch", "temperature"))
    if len(epochs) == 1:
        return "temperature", f", epoch {epochs.pop()}"
    return ("epoch", f", temperature {temperatures.pop():g}") if len(temperatures) == 1 else (None, "")


def _told(row: Judged) -> str:
    return f"{row.origin.name} (distance {row.distance:.3f})"


def _passage_told(row: Row, symbol: str) -> str:
    """A passage, or its beginning and how long it is, in characters or bytes."""
    passage = row["passage"]
    told = beginning(passage, MOST_SHOWN).replace("\n", "\u21b5")
    return told if len(passage) <= MOST_SHOWN else f"{told} ({counted(row['copy'], symbol)} in all)"


def _copies(rows: Sequence[Judged], by: str | None, heads: Mapping[str, str], symbol: str) -> Table:
    found = [(row.origin, row.quality.longest_copy) for row in rows]
    lines = [
        origin.to_row(by) | {"copy": c.length, "training_line": c.training_line, "passage": c.text}
        for origin, c in found
        if c is not None
    ]
    columns = {**COPY_COLUMNS, "passage": partial(_passage_told, symbol=symbol)}
    return Table("longest copies", columns, lines, heads, apart=True)
