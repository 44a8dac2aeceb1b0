"""How well spoken words are read: words wrong, and utterances without any error."""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import torch
from numpy.typing import NDArray

from genmodels.analysis.reading import LogP, beam, edit_distance, greedy
from genmodels.analysis.standard_errors import Each
from genmodels.chance import known_by
from genmodels.data.sound.log_mel import LogMel
from genmodels.data.sound.utterances import UtteranceMaker, Utterances
from genmodels.models.listener import Listener
from genmodels.processes import ALONE, World
from genmodels.runs import Record

READ_AT_ONCE = 32  # utterances
ENOUGH_SPEAKERS = 10  # for their standard error; of fewer it would be unsure itself


@dataclass(frozen=True)
class WordErrors:
    """What is counted over some utterances.

    Args:
        utterances: read.
        right: read without any error.
        errors: insertions, deletions and substitutions.
        words: there were.
        nats: -log p of what was said, summed.
        read: words that were read, right or wrong.
        each: the same of each utterance, which says how sure all of it is; a group for each length.
    """

    utterances: int = 0
    right: int = 0
    errors: int = 0
    words: int = 0
    nats: float = 0.0
    read: int = 0
    each: Each = field(default_factory=Each, compare=False, repr=False)

    def __add__(self, other: "WordErrors") -> "WordErrors":
        return WordErrors(
            self.utterances + other.utterances,
            self.right + other.right,
            self.errors + other.errors,
            self.words + other.words,
            self.nats + other.nats,
            self.read + other.read,
            self.each.beside(other.each),
        )

    @property
    def sequence_accuracy(self) -> float:
        """Share of the utterances read without any error."""
        return self.right / max(1, self.utterances)

    @property
    def word_error_rate(self) -> float:
        """Errors for each word; above 1 where more is read than was said."""
        return self.errors / max(1, self.words)

    @property
    def read_share(self) -> float:
        """Words that were read, right or wrong, for each that there was."""
        return self.read / max(1, self.words)

    def to_record(self) -> Record:
        """For JSON, and but for what is None for metrics.jsonl; standard errors are over utterances."""
        record: Record = {
            "word_error_rate": self.word_error_rate,
            "word_error_rate_standard_error": self.each.rate_error,
            "sequence_accuracy": self.sequence_accuracy,
            "sequence_accuracy_standard_error": self.each.share_error,
            "utterances": self.utterances,
        } | known_by(self.each.freedom)
        if math.isnan(self.nats):
            return record
        return record | {"nll": self.nats / max(1, self.words), "nll_standard_error": self.each.nll_error}


def counted(
    readings: Sequence[Sequence[int]],
    said: Sequence[Sequence[int]],
    nats: NDArray[np.float64] | None = None,
    made_of: NDArray[np.int64] | None = None,
) -> WordErrors:
    """Readings beside what was said, with -log p of each where it is known, shape (N,); see `Each` for `made_of`."""
    errors = [edit_distance(read, truth) for read, truth in zip(readings, said, strict=True)]
    return _added_up(list(map(len, readings)), Each.of(errors, list(map(len, said)), nats, made_of), nats)


def _added_up(read: Sequence[int], each: Each, nats: NDArray[np.float64] | None) -> WordErrors:
    """Words that were read in each utterance, what was counted of each, and -log p of each where it is known."""
    together = math.nan if nats is None else float(nats.sum())
    right, errors, words = (int(counts.sum()) for counts in (each.right, each.errors, each.symbols))
    return WordErrors(len(each), right, errors, words, together, sum(read), each)


def are_many(speakers: NDArray[np.int64]) -> bool:
    """Whether speakers are enough to tell how much they differ: then what one says is taken together."""
    return len(np.unique(speakers)) >= ENOUGH_SPEAKERS


def decoded(log_p: LogP, width: int) -> list[int]:
    """The words of the likeliest path (a beam of one), or of the likeliest reading that a beam finds."""
    return greedy(log_p) if width == 1 else beam(log_p, width)


@torch.no_grad()
def read_utterances(
    model: Listener,
    log_mel: LogMel,
    made: Utterances,
    width: int,
    speakers: NDArray[np.int64] | None = None,
    among: World = ALONE,
) -> WordErrors:
    """Read composed utterances.

    Args:
        model: in evaluation mode.
        log_mel: what it hears.
        made: the utterances.
        width: of the beam; 1 takes the best path.
        speakers: of each clip, shape (C,); None where none is known.
        among: the processes that share it out, by utterances; all of them get the whole.
    """
    clips, heard = made.rows.numpy(), log_mel.rows(made.power(log_mel))
    whose = np.zeros_like(clips[:, :1]) if speakers is None else speakers[clips[:, :1]]
    made_of, drawn_from = (whose, None) if speakers is not None and are_many(speakers) else (clips, whose[:, 0])
    rows = among.rows(len(heard)).or_weightless()
    labels, lengths, logits = rows.of(made.labels), rows.of(made.lengths), model(rows.of(heard))
    log_p: NDArray[np.float64] = logits.float().log_softmax(dim=2).cpu().double().numpy()
    said = [row[:length] for row, length in zip(labels.tolist(), lengths.tolist(), strict=True)]
    own = [
        (edit_distance(read, truth), len(truth), len(read))
        for read, truth in zip((decoded(one, width) for one in log_p), said, strict=True)
    ]
    errors, words, read = among.whole(rows, torch.tensor(own)).T.tolist()
    nats = among.whole(rows, model.loss(logits, labels, lengths).double().cpu()).numpy()
    return _added_up(read, Each.of(errors, words, nats, made_of, drawn_from), nats)


def errors_by_length(
    model: Listener,
    log_mel: LogMel,
    maker: UtteranceMaker,
    lengths: Iterable[int],
    count: int,
    *,
    snr: tuple[float, float] | None = None,
    width: int = 1,
    check: Callable[[], None] = lambda: None,
    among: World = ALONE,
) -> dict[int, WordErrors]:
    """Read so many utterances of each length, the same ones each time.

    Args:
        model: in evaluation mode.
        log_mel: what it hears.
        maker: of the utterances.
        lengths: clips in an utterance.
        count: utterances of each length.
        snr: decibels between which noise lies below the speech; None: none but the room's.
        width: of the beam; 1 takes the best path.
        check: called between batches; may raise to stop.
        among: the processes that share it out.
    """
    found = {}
    for length in lengths:
        total = WordErrors()
        for index, start in enumerate(range(0, count, READ_AT_ONCE)):
            check()
            many = min(READ_AT_ONCE, count - start)
            made = maker.make(many, length, 1_000_000 * length + index, snr)
            total += read_utterances(model, log_mel, made, width, maker.clips.speakers, among)
        found[length] = replace(total, each=total.each.as_one_group())
    return found


def total(found: dict[int, WordErrors], lengths: Iterable[int]) -> WordErrors:
    """Over several lengths together."""
    return sum((found[length] for length in lengths), WordErrors())
