"""Recordings and test utterances to read, and the words that are heard in each, with their times."""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from genmodels.errors import DataError, UsageError
from genmodels.exhibit import Exhibit, Format, Row, Table
from genmodels.families.readings import reading_told
from genmodels.paths import path_of
from genmodels.printable import one_line
from genmodels.telling import NEXT_TO_NOTHING, Notice, doubt_of, in_percent

if TYPE_CHECKING:
    import numpy as np
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from genmodels.analysis.reading import Reading
    from genmodels.data.sound.clips import WordSet
    from genmodels.data.sound.pieces import Piece
    from genmodels.families.speech.ears import Ears
    from genmodels.figures.heard import DrawnSound

    Blocks = Callable[[], Iterator[NDArray[np.int16]]]

FEWEST_UTTERANCES, MOST_UTTERANCES = 1, 100_000
MOST_DRAWN = 6  # recordings; a taller figure helps nobody
SECONDS_DRAWN = 12.0  # of each
LATE = 0.05  # of the room behind a recording's end, after a word that is said there
LEGEND = {
    "confidence": "probability that all of the reading is right and nothing is missing, so it falls with each word; "
    "the figure and --json have the output for each word in its surest place, which is no probability of the word",
    "when": "seconds at which the network says each word",
}


@dataclass(frozen=True)
class Source:
    """Something to listen to.

    Args:
        name: what it is called.
        blocks: gives its samples, block by block.
        truth: the words that are said, where they are known.
    """

    name: str
    blocks: "Blocks"
    truth: str | None = None


def named_recordings(
    files: str | Path | Sequence[str | Path] | None, utterances: int | None, lengths: object
) -> list[str | Path]:
    """The recordings that were named; none for test utterances.

    Raises:
        UsageError: a list of none, recordings and what is for utterances alone, or standard input twice.
        DataError: one is missing, which is told before a run is looked for.
    """
    from genmodels.data.sound.formats.recordings import check_is_there

    if files is None:
        return []
    named = [files] if isinstance(files, str | Path) else list(files)
    if not named:
        raise UsageError("the list of files names no recording", "name one or several, or leave it out for utterances.")
    if utterances is not None or lengths is not None:
        raise UsageError("files and --utterances or --lengths contradict each other", "give one of them.")
    if [str(file) for file in named].count("-") > 1:
        raise UsageError("standard input is named twice, but can be read once", "write - once.")
    for file in named:
        check_is_there(Path("-") if str(file) == "-" else path_of(file))
    return named


def sources_of(files: Sequence[str | Path], notice: Notice) -> list[Source]:
    """Recordings of the user's own; each is opened when its turn comes."""
    from genmodels.data.sound.formats.recordings import blocks_of

    def blocks(file: str | Path) -> "Blocks":
        return lambda: blocks_of(Path("-") if str(file) == "-" else path_of(file), notice)

    return [Source("standard input" if str(file) == "-" else str(file), blocks(file)) for file in files]


def utterances_of(words: "WordSet", count: int, lengths: Sequence[int], seed: int) -> list[Source]:
    """Utterances of test clips that no training heard, of these lengths in turn."""
    import numpy as np
    import torch

    from genmodels.data.sound.utterances import UtteranceMaker

    maker = UtteranceMaker(words.test, seed, torch.device("cpu"), "utterances shown")

    def samples_of(length: int, index: int) -> "Iterator[NDArray[np.int16]]":
        """Made again when its turn comes, as many are too much to be held."""
        samples = maker.make(1, length, index).samples[0].numpy()
        yield np.clip(np.rint(samples * 32768), -32768, 32767).astype(np.int16)

    sources = []
    for index in range(count):
        length = lengths[index % len(lengths)]
        made = maker.make(1, length, index)
        said = " ".join(words.words[word] for word in made.labels[0, : int(made.lengths[0])].tolist())
        sources.append(Source(f"utterance {index + 1}", partial(samples_of, length, index), said))
    return sources


@dataclass(frozen=True)
class HeardWord:
    """A word that was heard.

    Args:
        word: as it is written.
        seconds: from the recording's beginning: where the network says it, first and last.
        surest_output: the network's output for it in its surest place, which is no probability of the word.
        said: the same place, also where it lies in the room that is added behind the recording, as networks speak late.
    """

    word: str
    seconds: tuple[float, float]
    surest_output: float
    said: tuple[float, float]


@dataclass
class Heard:
    """A recording and what was heard in it.

    Args:
        source: that was listened to.
        words: in their order.
        log_confidence: log of the probability that all of this reading is right.
        seconds: of the recording.
        pieces: the first ones, as the figure shows them: samples with room, log-probabilities; none where it is not
            drawn.
        silent: whether nothing at all can be heard in it.
    """

    source: Source
    words: list[HeardWord] = field(default_factory=list)
    log_confidence: float = 0.0
    seconds: float = 0.0
    pieces: "list[tuple[Piece, NDArray[np.float64]]]" = field(default_factory=list)
    silent: bool = True

    @property
    def text(self) -> str:
        """The words."""
        return " ".join(word.word for word in self.words)

    @property
    def is_wrong(self) -> bool:
        """Whether something else was heard than is known to be said."""
        return self.source.truth is not None and self.source.truth != self.text

    @property
    def facts(self) -> dict[str, Any]:
        """Everything by name."""
        truth = self.source.truth
        return {
            "name": self.source.name,
            "reading": self.text,
            "blank": self.silent,
            "confidence": None if self.silent else float(f"{math.exp(self.log_confidence):.6g}"),
            "seconds": round(self.seconds, 3),
            "words": [
                {
                    "word": word.word,
                    "surest_output": round(word.surest_output, 6),
                    "seconds": [round(edge, 3) for edge in word.seconds],
                }
                for word in self.words
            ],
            **({} if truth is None else {"truth": truth, "right": not self.is_wrong}),
        }


def listen_to(ears: "Ears", source: Source, width: int, notice: Notice) -> Heard:
    """The words of a recording, piece by piece.

    Args:
        ears: the network.
        source: the recording.
        width: of the beam; 1 takes the best path.
        notice: is told of silence.

    Raises:
        DataError: the recording can't be read.
    """
    from genmodels.analysis.reading import read_columns
    from genmodels.data.sound.clips import RATE
    from genmodels.data.sound.features import heard
    from genmodels.data.sound.pieces import pieces_of

    found = Heard(source)
    for piece in pieces_of(source.blocks()):
        found.seconds += len(piece.own) / RATE
        if piece.is_silent:
            continue
        found.silent = False
        log_p = ears.listen(heard(piece.samples, ears.about.settings.features))
        reading = read_columns(log_p, width)
        found.words += _words_of(reading, piece, ears.about.words)
        found.log_confidence += math.log(max(reading.confidence, 1e-300))
        if piece.start < SECONDS_DRAWN:
            found.pieces.append((piece, log_p))
    if found.silent:
        notice(f"{one_line(source.name)} is silent, so there is nothing to read")
    return found


def listen_to_all(ears: "Ears", sources: Iterable[Source], width: int, notice: Notice) -> list[Heard]:
    """The words of recordings; of all but those that the figure shows no sound is held. Arguments as of `listen_to`."""
    found: list[Heard] = []
    audible = 0
    for source in sources:
        try:
            one = listen_to(ears, source, width, notice)
        except DataError as error:
            if not found:
                raise
            read = "; ".join(f"{one_line(before.source.name)}: {before.text or 'nothing'}" for before in found)
            raise DataError(f"{error.what}; read before it: {read}", error.hint) from error
        audible += not one.silent
        found.append(one if audible <= MOST_DRAWN else replace(one, pieces=[]))
    return found


def _words_of(reading: "Reading", piece: "Piece", words: tuple[str, ...]) -> Iterable[HeardWord]:
    """The words of a piece with their times."""
    assert reading.spans is not None
    for kind, (first, last), score in zip(reading.classes, reading.spans, reading.scores, strict=True):
        said = (piece.start + step_seconds(first), piece.start + step_seconds(last))
        yield HeardWord(words[kind], (piece.within(said[0]), piece.within(said[1])), score, said)


def step_seconds(step: int) -> float:
    """Where the middle of a step's frames lies, in seconds from a piece's first sample."""
    from genmodels.data.sound.clips import RATE
    from genmodels.data.sound.features import HOP, SPECTRUM
    from genmodels.models.layers import STRIDE

    return (step * STRIDE * HOP + SPECTRUM / 2) / RATE


def readings_of(found: Sequence[Heard], ears: "Ears", title: str, asked: Mapping[str, Any], notice: Notice) -> Exhibit:
    """Readings as one result.

    Args:
        found: recordings, each with what was heard in it.
        ears: the network.
        title: names it.
        asked: what else the facts begin with.
        notice: is told of what the figure leaves out.
    """
    rows = [one.facts for one in found]
    known = {"truth": ""} if any("truth" in row for row in rows) else {}
    columns: dict[str, Format] = {
        "name": "",
        "reading": reading_told,
        "confidence": _confidence,
        "when": _when,
        **known,
    }
    audible = [one for one in found if not one.silent]
    if len(audible) > MOST_DRAWN:
        notice(f"the figure shows the first {MOST_DRAWN} of {len(audible)}")
    long = [one.source.name for one in audible[:MOST_DRAWN] if one.seconds > SECONDS_DRAWN]
    if long:
        notice(f"the figure shows the first {SECONDS_DRAWN:.0f} s of {one_line(', '.join(long))}")
    table = Table(title, columns, rows, legend=LEGEND, spoken={"confidence": _confidence_told})
    draw = (lambda title: _figure(audible[:MOST_DRAWN], ears, title)) if audible else None
    return Exhibit("transcript", title, {**asked, "readings": rows}, [table], draw, leads="table")


def _confidence(row: Row) -> str:
    """The probability of the whole reading; only nothing is 0."""
    value = row["confidence"]
    return "-" if value is None else f"{value:.3f}" if value >= NEXT_TO_NOTHING else f"{value:.2g}"


def _confidence_told(row: Row) -> str:
    """The same for people as the figure has it, with a word where it is low."""
    value = row["confidence"]
    if value is None:
        return "-"
    return ", ".join(filter(None, (in_percent(value), doubt_of(value))))


def _when(row: Row) -> str:
    """Where the network says each word: the middle of its place, in seconds."""
    return " ".join(f"{sum(word['seconds']) / 2:.2f}" for word in row["words"]) or "-"


def _figure(found: Sequence[Heard], ears: "Ears", title: str) -> "Figure":
    from genmodels.figures.spikes import spikes_figure

    return spikes_figure([drawn(one) for one in found], ears.about.words, title)


def drawn(one: Heard) -> "DrawnSound":
    """A recording for the figure: its first seconds, and what is said of its own places, not of the room around."""
    import numpy as np

    from genmodels.data.sound.clips import RATE
    from genmodels.figures.heard import DrawnSound

    samples = np.zeros(int(RATE * min(one.seconds, SECONDS_DRAWN)), np.int16)
    times: list[float] = []
    probabilities = []
    for piece, log_p in one.pieces:
        own, first = piece.own, round(piece.begins * RATE)
        samples[first : first + len(own)] = own[: len(samples) - first]
        last = piece.begins + len(own) / RATE
        if one.seconds <= min(last + 1 / RATE, SECONDS_DRAWN):  # where a word is said behind the end, it is shown there
            last = max([last, *(word.said[1] + LATE for word in one.words if word.said[1] > last)])
        for step, row in enumerate(log_p):
            if piece.begins <= piece.start + step_seconds(step) <= last:
                times.append(piece.start + step_seconds(step))
                probabilities.append(np.exp(row))
    return DrawnSound(
        name=one_line(one.source.name),
        samples=samples,
        times=np.array(times),
        probabilities=np.stack(probabilities) if probabilities else np.zeros((0, 1)),
        words=[(word.word, word.said, word.surest_output) for word in one.words if word.seconds[0] < SECONDS_DRAWN],
        text=one.text,
        confidence=math.exp(one.log_confidence),
        truth=one.source.truth,
        wrong=one.is_wrong,
    )
