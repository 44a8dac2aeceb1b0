"""What an LSTM's gates do along a text, and which of its units track something that has a name."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from genmodels.analysis.unrolled import unroll
from genmodels.analysis.words import is_mark, spans
from genmodels.errors import DataError
from genmodels.models.recurrent_lm import RecurrentLM
from genmodels.telling import Advance, Counting, counted, silent, uncounted

Array = NDArray[np.float64]
GATES = ("keep", "write", "read")
ROWS = 16  # stretches of text read side by side
WARM_UP = 64  # characters each reads before those that count
FEWEST = 32  # characters that count in each
LED_IN = 256  # characters read before a passage, so that its state isn't empty
PASSAGES = 64  # passages of which one is chosen


# -- what has a name ----------------------------------------------------------------------------------


def inside_quotes(text: str) -> Iterator[float]:
    """1 from an opening double quote to the one that closes it; a blank line closes it too."""
    inside = False
    for before, c in zip("\n" + text, text, strict=False):
        if c == '"':
            inside = not inside
        elif c in "\u201c\u00ab":
            inside = True
        elif c in "\u201d\u00bb" or before == c == "\n":
            inside = False
        yield float(inside)


def inside_brackets(text: str) -> Iterator[float]:
    """How many brackets are open."""
    depth = 0
    for c in text:
        depth = max(0, depth + (c in "([{") - (c in ")]}"))
        yield float(depth)


def position_in_line(text: str) -> Iterator[float]:
    """Characters since the line began."""
    position = 0
    for c in text:
        position = 0 if c == "\n" else position + 1
        yield float(position)


def indentation(text: str) -> Iterator[float]:
    """Blanks at the line's beginning, so far."""
    blanks, beginning = 0, True
    for c in text:
        if c == "\n":
            blanks, beginning = 0, True
        elif beginning and c in " \t":
            blanks += 1
        else:
            beginning = False
        yield float(blanks)


def position_in_word(text: str) -> Iterator[float]:
    """Letters since the word began; 0 outside words. What belongs to a letter, such as an accent, is where that is."""
    positions = [0.0] * len(text)
    for begin, end in spans(text):
        letters = np.cumsum([c.isalpha() for c in text[begin:end]])
        positions[begin:end] = letters.astype(float).tolist()
    return iter(positions)


def capitals(text: str) -> Iterator[float]:
    """1 at a capital letter, and at the marks that belong to it."""
    capital = False
    for c in text:
        capital = capital if is_mark(c) else c.isupper()
        yield float(capital)


NAMEABLE: dict[str, Callable[[str], Iterator[float]]] = {
    "inside quotes": inside_quotes,
    "inside brackets": inside_brackets,
    "position in line": position_in_line,
    "indentation": indentation,
    "position in word": position_in_word,
    "capital letter": capitals,
}


# -- the network --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class GateTrace:
    """One layer's gates and cells along a text.

    Args:
        gates: "keep", "write" and "read", each of shape (T, H), between 0 and 1.
        cells: c_t, shape (T, H).
    """

    gates: dict[str, Array]
    cells: Array


@torch.no_grad()
def trace_gates(
    model: RecurrentLM, ids: NDArray[np.integer], layer: int, warm_up: int = 0, advance: Advance = silent
) -> GateTrace:
    """Read a text from an empty state.

    Args:
        model: an LSTM.
        ids: shape (T,), or (B, T) for texts side by side, whose traces are put one after the other.
        layer: counted from 0.
        warm_up: characters at the beginning whose traces are left out.
        advance: is told of each step of each layer.
    """
    rows = torch.from_numpy(np.atleast_2d(ids).astype(np.int64))
    moments = unroll(model.cpu().eval(), rows, advance)[layer][warm_up:]
    gates = {name: _joined([moment.gates[name] for moment in moments]) for name in GATES}
    return GateTrace(gates, _joined([moment.cell for moment in moments if moment.cell is not None]))


def _joined(steps: list[torch.Tensor]) -> Array:
    """(T, B, H) -> (B T, H)."""
    joined: Array = torch.stack(steps, dim=1).flatten(0, 1).double().numpy()
    return joined


@dataclass(frozen=True)
class Tracker:
    """A unit that tracks something.

    Args:
        feature: what, a name of `NAMEABLE`.
        unit: counted from 0.
        correlation: of its cell with it, on text that took no part in choosing the unit.
    """

    feature: str
    unit: int
    correlation: float


def find_trackers(
    model: RecurrentLM, text: str, ids: NDArray[np.integer], layer: int, counting: Counting = uncounted,
    symbol: str = "character",
) -> list[Tracker]:  # fmt: skip
    """For each feature the unit whose cell correlates with it most (Pearson), the strongest first.

    The unit is chosen on the first half of the text; the correlation told is that on the second half, as the best
    of many units would look good by chance. A feature that does not vary in a half is left out.

    Args:
        model: an LSTM.
        text: N characters of held-out text.
        ids: the same as ids, shape (N,).
        layer: counted from 0.
        counting: how far the reading is.
        symbol: what an id stands for: `Vocabulary.symbol`.

    Raises:
        DataError: the text is too short.
    """
    width = len(text) // ROWS
    if width < WARM_UP + FEWEST:
        raise DataError(
            f"the text has {counted(len(text), symbol)}, too few to find units that track something",
            f"at least {ROWS * (WARM_UP + FEWEST):,} are needed; or name --units yourself.",
        )
    with counting("reading", width * len(model.layers)) as advance:
        cells = trace_gates(model, ids[: ROWS * width].reshape(ROWS, width), layer, WARM_UP, advance).cells
    cells = np.tanh(cells)  # as they are shown
    half = len(cells) // 2
    trackers = []
    for name, feature in NAMEABLE.items():
        values = np.fromiter(feature(text), np.float64)[: ROWS * width].reshape(ROWS, width)[:, WARM_UP:].ravel()
        if values[:half].std() == 0.0 or values[half:].std() == 0.0:
            continue
        unit = int(np.abs(correlations(cells[:half], values[:half])).argmax())
        correlation = float(correlations(cells[half:, unit : unit + 1], values[half:])[0])
        trackers.append(Tracker(name, unit, correlation))
    return sorted(trackers, key=lambda tracker: -abs(tracker.correlation))


def closest_passage(
    model: RecurrentLM,
    text: str,
    ids: NDArray[np.integer],
    layer: int,
    *,
    trackers: Sequence[Tracker],
    length: int,
    counting: Counting = uncounted,
) -> tuple[int, int]:
    """Of passages that begin with a line, the one in which the correlations of all trackers are highest on average.

    Each is measured as it is shown: read after `LED_IN` characters, tanh(c) against what is named.

    Args:
        model: an LSTM.
        text: N characters of held-out text.
        ids: the same as ids, shape (N,).
        layer: counted from 0.
        trackers: units, at least one, and what they follow.
        length: characters of a passage.
        counting: how far the reading is.

    Returns:
        Where it begins, and of how many it is the best.
    """
    starts = _passages(text, length)
    if not starts:
        return 0, 1
    units = [tracker.unit for tracker in trackers]
    rows = np.stack([ids[start - LED_IN : start + length] for start in starts])
    with counting("choosing a passage", rows.shape[1] * len(model.layers)) as advance:
        cells = trace_gates(model, rows, layer, LED_IN, advance).cells[:, units].reshape(len(starts), length, -1)
    closeness = np.zeros(len(starts))
    for place, tracker in enumerate(trackers):
        values = np.fromiter(NAMEABLE[tracker.feature](text), np.float64)
        for index, start in enumerate(starts):
            here = correlations(np.tanh(cells[index, :, [place]].T), values[start : start + length])[0]
            closeness[index] += here * np.sign(tracker.correlation)
    return starts[int(closeness.argmax())], len(starts)


def _passages(text: str, length: int) -> list[int]:
    """Where passages begin, spread over the text: after a line end, or anywhere in a text without any."""
    last = len(text) - length
    lines = [place for place in range(LED_IN, last + 1) if text[place - 1] == "\n" != text[place]]
    places = lines or list(range(LED_IN, last + 1))
    return [places[round(at)] for at in np.linspace(0, len(places) - 1, min(PASSAGES, len(places)))]


def correlations(columns: Array, values: Array) -> Array:
    """Pearson's correlation of each column of (N, H) with values (N,), shape (H,); 0 for a column that is constant."""
    centred, wanted = columns - columns.mean(axis=0), values - values.mean()
    norms = np.sqrt((centred**2).sum(axis=0) * (wanted**2).sum())
    products: Array = wanted @ centred
    shares: Array = np.divide(products, norms, out=np.zeros_like(products), where=norms > 0)
    return shares
