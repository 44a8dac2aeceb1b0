"""Which learning rate a sweep suggests: what its losses say, each of one step with a higher rate than the last.

The range test of Smith 2017, "Cyclical learning rates for training neural networks" (arXiv 1506.01186), raises the
rate linearly and reads the accuracy. To raise it by a factor each step and to read a smoothed loss is fast.ai's way,
and so are the rules in use: the rate at which the loss falls most steeply, and a tenth of the rate of its minimum.
This is the second: with AdamW the steepest fall lies where a fresh network learns how often each output occurs, which
it does at any rate. Their smoothed loss is a mean that forgets, so it lags, by a number of steps, and the suggestion
moves with how many there are. Here it is a running median around each step: it has no lag, and one step that blows up
is not in it. A game's losses, which swing, are smoothed by a mean that forgets.
"""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import median

AROUND = 7  # steps on either side of one, whose losses' median is its smoothed loss
KEPT = 0.9  # of a running mean after each step
SMOOTHED = {True: f"median of {2 * AROUND + 1} steps around each", False: f"running mean, {KEPT} of it kept each step"}
"""What is shown of losses that are to fall, and of a game's."""
FIRST = 5  # steps of which the last tells the loss at the beginning
FEWEST = 20  # steps by which noise is told
CLEAR = 3.0  # so many times the noise is a fall that is seen
RISEN = 2.0  # likewise a rise
OF_LEAST, OF_BREAK = 10.0, 3.0  # the suggestion is such a part of the rate of the minimum, or of the break
HARDLY = "the loss hardly falls in so few steps"
MOST = 10.0  # no training takes a higher rate
_DEVIATIONS = 1.4826  # of a normal distribution, to a median of absolute deviations


def running_median(losses: Sequence[float]) -> list[float]:
    """The median of each loss and those around it; at either end of those that there are.

    >>> running_median([3.0, 2.0, 900.0]), running_median([float(n) for n in range(20)])[7:13]
    ([3.0, 3.0, 3.0], [7.0, 8.0, 9.0, 10.0, 11.0, 12.0])
    """
    return [median(losses[max(0, at - AROUND) : at + AROUND + 1]) for at in range(len(losses))]


def running_mean(losses: Sequence[float]) -> list[float]:
    """The mean of each loss and those before it, which forgets exponentially.

    Free of the bias to 0 that its beginning would have (Kingma and Ba 2015).

    >>> running_mean([3.0, 3.0])
    [3.0, 3.0]
    """
    total, weight, means = 0.0, 0.0, []
    for loss in losses:
        total, weight = KEPT * total + loss, KEPT * weight + 1.0
        means.append(total / weight)
    return means


def smoothed_of(losses: Sequence[float], *, to_fall: bool) -> list[float]:
    """The losses as they are read; see `SMOOTHED`."""
    return (running_median if to_fall else running_mean)(losses)


@dataclass(frozen=True)
class Reading:
    """What a loss against the learning rate says.

    Args:
        began: the smoothed loss of the first steps; None, as all else, where a sweep ended before.
        noise: by how much the loss of one step differs from the smoothed one (standard deviation, by the median).
        least: the lowest smoothed loss.
        low: the lowest and the highest rate at which it is within the noise of that; None of a game, or where it did
            not clearly fall.
        broke: the rate at which it breaks; None where it does not.
        suggestion: the peak rate to train with, in two digits; None where the sweep says nothing.
        why: how it comes about, or what to do; the end of a sentence.
    """

    began: float | None
    noise: float | None
    least: float | None
    low: tuple[float, float] | None
    broke: float | None
    suggestion: float | None
    why: str


def read(
    rates: Sequence[float], losses: Sequence[float], smoothed: Sequence[float], *, to_fall: bool, ended: bool = False
) -> Reading:
    """What a sweep says: see `read_loss`, or of a loss that need not fall `read_game`.

    Args:
        rates: ascending.
        losses: of each step.
        smoothed: see `smoothed_of`.
        to_fall: whether the loss is one that a training lowers.
        ended: whether the sweep ended before its last step, as the loss blew up.
    """
    if len(rates) < FIRST:
        return Reading(None, None, None, None, None, None, "the sweep ended at once; begin it with a lower --lowest")
    return read_loss(rates, losses, smoothed, ended=ended) if to_fall else read_game(rates, losses, smoothed)


def read_loss(
    rates: Sequence[float], losses: Sequence[float], smoothed: Sequence[float], *, ended: bool = False
) -> Reading:
    """What a loss that is to fall says: a tenth of the rate of its minimum.

    A minimum that is flat and noisy is any of its rates by chance: its middle is taken, on a scale of logarithms,
    between the first and the last rate at which the loss is within the noise of the least. Where the loss does not
    clearly fall in so few steps, a third of the rate at which it breaks: at which it is clearly above where it began,
    or at the latest where a sweep ended as it blew up, of which its last medians need not know.

    Args:
        rates: ascending.
        losses: of each step.
        smoothed: their running medians.
        ended: whether the sweep ended before its last step, as the loss blew up.
    """
    began, least = smoothed[FIRST - 1], min(smoothed)
    quiet = max(smoothed.index(least) + 1, FEWEST)  # what comes after the least is thrown about, which is no noise
    noise = _noise(losses[:quiet], smoothed[:quiet])
    later = zip(rates[FIRST:], smoothed[FIRST:], strict=True)
    broke = next((rate for rate, loss in later if loss > began + RISEN * noise), rates[-1] if ended else None)
    if began - least <= CLEAR * noise:
        return Reading(began, noise, least, None, broke, *_by_break(broke, rates, HARDLY))
    low = _low(rates, smoothed, least + noise)
    return Reading(began, noise, least, low, broke, *_by_least(low, rates, falls=smoothed[-1] == least and not ended))


def _low(rates: Sequence[float], smoothed: Sequence[float], most: float) -> tuple[float, float]:
    """The first and the last rate at which the smoothed loss is no higher."""
    low = [rate for rate, loss in zip(rates, smoothed, strict=True) if loss <= most]
    return low[0], low[-1]


def _by_least(low: tuple[float, float], rates: Sequence[float], *, falls: bool) -> tuple[float | None, str]:
    """The suggestion by the minimum, and how it comes about; none where the sweep ended while the loss still fell."""
    if falls:
        return None, _further("falls", rates)
    middle = sqrt(low[0] * low[1])
    told = f"a tenth of {middle:.2g}, the middle of the rates with the lowest loss ({low[0]:.2g} to {low[1]:.2g})"
    return _rounded(middle / OF_LEAST), told


def read_game(rates: Sequence[float], losses: Sequence[float], smoothed: Sequence[float]) -> Reading:
    """What the discriminator's loss says of a game: a third of the rate at which it breaks.

    Either player's loss depends on how good the other is, so none that falls says that anything becomes better. But
    the discriminator, which learns faster, first wins; where its loss, after it had fallen, is as high again as that
    of one which has learned nothing, it is thrown about by its updates, and nobody learns from it.
    """
    began, noise, least = smoothed[FIRST - 1], _noise(losses, smoothed), min(smoothed)
    fallen = (at for at in range(FIRST, len(rates)) if smoothed[at] < began - _noise(losses[:at], smoothed[:at]))
    fell = next(fallen, len(rates))
    back = (rate for rate, loss in zip(rates[fell:], smoothed[fell:], strict=True) if loss >= began)
    broke = next(back, None)
    return Reading(began, noise, least, None, broke, *_by_break(broke, rates, "a game has no loss that must fall"))


def _noise(losses: Sequence[float], smoothed: Sequence[float]) -> float:
    """By the median, as some steps are far from any mean."""
    return _DEVIATIONS * median(abs(loss - mean) for loss, mean in zip(losses, smoothed, strict=True))


def _by_break(broke: float | None, rates: Sequence[float], why: str) -> tuple[float | None, str]:
    """The suggestion where only the break says something, and how it comes about."""
    if broke is None:
        return None, _further("neither falls clearly nor breaks", rates)
    if bisect_left(rates, broke) <= FIRST:
        return None, f"the loss breaks from the first steps on; begin lower: --lowest {rates[0] / 100:.1g}"
    return _rounded(broke / OF_BREAK), f"a third of {broke:.2g}, at which it breaks, as {why}"


def _further(what: str, rates: Sequence[float]) -> str:
    """What to do where the sweep ended too soon."""
    told, wider = f"the loss {what} up to {rates[-1]:.2g}", 10.0 * rates[-1]
    return f"{told}; more --steps show more" if wider > MOST else f"{told}; sweep further: --highest {wider:.2g}"


def _rounded(rate: float) -> float:
    """In two digits, as it is typed."""
    return float(f"{rate:.2g}")
