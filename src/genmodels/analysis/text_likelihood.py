"""How well a language model predicts a text, by two named protocols.

Figures of different protocols can't be compared: a cold start makes every window's first characters dear.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from genmodels.analysis.blocks import standard_error
from genmodels.data.text.streams import Split
from genmodels.device import memory_errors
from genmodels.errors import DataError
from genmodels.models.language_model import LanguageModel
from genmodels.models.mode import evaluating
from genmodels.processes import ALONE, World
from genmodels.telling import Advance, counted, silent

WARM_UP = 512  # characters a stream reads before its first scored one
STREAM = 4096  # a text is cut into more streams only while each scores this many characters
STREAMS = 64  # at most
LOGITS = 1 << 26  # at most in one call of the model: 256 MB
PIECE = 512  # characters between two calls of the model
WINDOW = 256  # characters of a window in the "windows" protocol
Check = Callable[[], None]


@dataclass(frozen=True, eq=False)
class TextMeasures:
    """How well a text was predicted.

    Args:
        losses: -log p of each character that was scored, nats, in the order of the text, shape (N,).
        correct: characters whose most probable guess was right.
    """

    losses: NDArray[np.float32]
    correct: int

    @property
    def characters(self) -> int:
        """How many were scored."""
        return len(self.losses)

    @property
    def nats(self) -> float:
        """Summed negative log-likelihood."""
        return float(self.losses.sum(dtype=np.float64))

    @property
    def standard_error(self) -> float | None:
        """Of `nll`, by blocks of the text; None of a text that is too short to tell."""
        return standard_error(self.losses)

    @property
    def nll(self) -> float:
        """Mean negative log-likelihood, nats per character."""
        return self.nats / self.characters

    def to_record(self) -> dict[str, float]:
        """The names used in metrics.jsonl and ``--json``; perplexity is exp(nll)."""
        return {
            "nll": self.nll,
            "bits_per_char": self.nll / math.log(2.0),
            "perplexity": math.exp(min(self.nll, 700.0)),
            "accuracy": self.correct / self.characters,
        }


# One batch to score: inputs (B, T), targets (B, T), which targets count (B, T), and whether to start afresh.
Piece = tuple[Tensor, Tensor, Tensor, bool]


def carried_pieces(split: Split) -> Iterator[Piece]:
    """The whole text with the state carried through it, cut into S streams that are read side by side.

    Each stream but the first reads `WARM_UP` characters before the first one it scores, so that its state
    is that of one long reading to about five digits. Every character but the text's first is scored once.
    """
    streams, warm_up, length = _streams(split)
    for begin in range(0, warm_up + length, PIECE):
        rows = [_row(split, k * length + begin, min(PIECE, warm_up + length - begin)) for k in range(streams)]
        position = begin + torch.arange(PIECE)
        counts = (position < warm_up + length) & (position >= warm_up)
        first = (position < warm_up + length)[None]
        wanted = torch.cat([first, counts.expand(streams - 1, PIECE)])
        ids = torch.stack([row for row, _ in rows])
        inside = torch.stack([valid for _, valid in rows])
        yield ids[:, :-1], ids[:, 1:], wanted & inside, begin == 0


def count_carried(split: Split) -> int:
    """How many pieces `carried_pieces` makes of a text."""
    _, warm_up, length = _streams(split)
    return math.ceil((warm_up + length) / PIECE)


def _streams(split: Split) -> tuple[int, int, int]:
    """How many streams a text is cut into, and how many characters each but the first only reads, and then scores.

    The first also scores those that the others only read.
    """
    targets = len(split) - 1
    streams = max(1, min(_most_rows(split, PIECE), (targets - WARM_UP) // STREAM))
    warm_up = WARM_UP if streams > 1 else 0
    return streams, warm_up, math.ceil((targets - warm_up) / streams)


def window_pieces(split: Split) -> Iterator[Piece]:
    """Windows of 256 characters side by side, each from an empty state; the text's ragged end is left out."""
    width = min(WINDOW, len(split) - 1)
    starts, most = list(range(0, len(split) - width, width)), _most_rows(split, width)
    for first in range(0, len(starts), most):
        batch = starts[first : first + most]
        rows = [torch.from_numpy(split.corpus.read(s, s + width + 1)).long() for s in _absolute(split, batch)]
        rows += [torch.zeros_like(rows[0])] * (most - len(batch) if len(starts) > most else 0)
        ids = torch.stack(rows)
        wanted = (torch.arange(len(rows)) < len(batch))[:, None].expand(len(rows), width)
        yield ids[:, :-1], ids[:, 1:], wanted, True


PROTOCOLS: dict[str, Callable[[Split], Iterator[Piece]]] = {
    "carried": carried_pieces,
    "windows": window_pieces,
}


def _most_rows(split: Split, width: int) -> int:
    """Streams side by side: fewer where the vocabulary is so large that their logits would fill the memory."""
    return max(1, min(STREAMS, LOGITS // (width * len(split.corpus.vocabulary))))


def _absolute(split: Split, starts: list[int]) -> list[int]:
    return [split.start + start for start in starts]


def _row(split: Split, begin: int, useful: int) -> tuple[Tensor, Tensor]:
    """PIECE + 1 ids from `begin`, padded with id 0 past `useful` and past the text, and which targets are real."""
    stop = min(begin + useful + 1, len(split))
    ids = torch.zeros(PIECE + 1, dtype=torch.long)
    found = max(0, stop - begin)
    if found > 0:
        ids[:found] = torch.from_numpy(split.corpus.read(split.start + begin, split.start + stop)).long()
    return ids, torch.arange(PIECE) < found - 1


@torch.no_grad()
def evaluate_text(
    model: LanguageModel,
    split: Split,
    protocol: str = "carried",
    check: Check = lambda: None,
    advance: Advance = silent,
    among: World = ALONE,
) -> TextMeasures:
    """Score a text.

    Args:
        model: any language model; it is put in evaluation mode and back.
        split: the text, at least two characters.
        protocol: "carried" (one state through the whole text) or "windows" (256 characters from an empty state).
        check: called between pieces; may raise to stop.
        advance: is told how many more characters are scored.
        among: the processes that share it out, stream by stream of "carried"; all of them get the whole.

    Raises:
        DataError: fewer than two characters.

    Example:
        >>> run = genmodels.open_run("story", genmodels.TextRun)
        >>> loaded = run.load(run.epoch_checkpoint(None), torch.device("cpu"))
        >>> genmodels.evaluate_text(loaded.model, run.splits()[1], "carried").nll < 3.3
        True
    """
    symbol = split.corpus.vocabulary.symbol
    if len(split) < 2:
        what = f"a text of {counted(len(split), symbol)} cannot be scored"
        raise DataError(what, f"give at least two {symbol}s.")
    device = next(model.parameters()).device
    with evaluating(model), memory_errors(device, f"{STREAMS} streams of {PIECE} {symbol}s"):
        pieces = PROTOCOLS[protocol](split)
        if among.is_alone or protocol != "carried" or _streams(split)[0] < among.count:
            return _score(model, pieces, check, advance)
        return _together(_score(model, (_rows_of(piece, among) for piece in pieces), check, advance), among)


def _rows_of(piece: Piece, among: World) -> Piece:
    """The streams of a piece that this process reads."""
    inputs, targets, wanted, afresh = piece
    rows = among.rows(len(inputs))
    return rows.of(inputs), rows.of(targets), rows.of(wanted), afresh


def _together(own: TextMeasures, among: World) -> TextMeasures:
    """What all processes scored, whose streams follow each other in the text."""
    losses, correct = among.joined(torch.from_numpy(own.losses)), among.summed(torch.tensor(own.correct))
    return TextMeasures(losses.numpy(), int(correct))


def _score(model: LanguageModel, pieces: Iterator[Piece], check: Check, advance: Advance) -> TextMeasures:
    device = next(model.parameters()).device
    rows: list[list[Tensor]] = []  # of the batch that is being read: what each row scored, piece by piece
    in_order: list[list[Tensor]] = []  # the rows of all batches, which is the order of the text
    correct = 0
    state = model.initial_state(1)
    for inputs, targets, wanted, afresh in pieces:
        check()
        if afresh:
            state, rows = model.initial_state(len(inputs)), [[] for _ in inputs]
            in_order += rows
        logits, state = model(inputs.to(device), state)
        chosen, answers = logits.float()[wanted.to(device)], targets[wanted].to(device)
        losses = functional.cross_entropy(chosen, answers, reduction="none").cpu()
        for row, part in zip(rows, torch.split(losses, wanted.sum(dim=1).tolist()), strict=True):
            row.append(part)
        correct += int((chosen.argmax(dim=-1) == answers).sum())
        advance(len(answers))
    return TextMeasures(torch.cat([part for row in in_order for part in row]).numpy(), correct)
