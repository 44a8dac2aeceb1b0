"""A language model mixed with an n-gram model: what either knows better, both know."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from genmodels.analysis.baselines import LONGEST, kneser_ney, order_within
from genmodels.analysis.blocks import standard_error
from genmodels.data.text.streams import Split
from genmodels.telling import Counting, uncounted

Array = NDArray[np.float64]
HALVINGS = 60  # of the interval that holds the weight: below the spacing of float64


@dataclass(frozen=True, eq=False)
class Counted:
    """An n-gram model's -log p of two texts, in nats.

    Args:
        order: n.
        fitting: the last tenth of the training text, on which a weight is fitted.
        of_fitting: of each of its characters but the first, counted on the training text before it.
        of_scored: of each character but the first of the text to be scored, counted on the whole training text.
    """

    order: int
    fitting: Split
    of_fitting: Array
    of_scored: Array


@dataclass(frozen=True, eq=False)
class Mixture:
    """How well a text was predicted by a network and an n-gram model together.

    Args:
        weight: of the network, from 0 to 1.
        losses: -log p of each character, nats, in the order of the text, shape (N,).
        gains: by how much the network alone is worse, character by character, shape (N,).
    """

    weight: float
    losses: Array
    gains: Array

    @property
    def nll(self) -> float:
        """Mean negative log-likelihood, nats per character."""
        return float(self.losses.mean())

    @property
    def standard_error(self) -> float | None:
        """Of `nll`, by blocks of the text; None of a text that is too short to tell."""
        return standard_error(self.losses)


def count_for_mixing(train: Split, scored: Split, counting: Counting = uncounted) -> Counted:
    """The n-gram model to mix with, counted twice: without the text that a weight is fitted on, and then with it.

    Args:
        train: is counted, at most `MOST_COUNTED` characters.
        scored: the text to be scored, in the same vocabulary.
        counting: how far it is: as many times as an order was tried, and then counted.
    """
    ids, held_out = (part.corpus.read(part.start, part.stop) for part in (train, scored))
    vocabulary_size = len(train.corpus.vocabulary)
    with counting("counting n-grams", 2 * LONGEST) as advance:
        order, of_fitting = order_within(ids, vocabulary_size, advance=advance)
        of_scored = kneser_ney(ids, held_out, vocabulary_size, order, advance)
        advance(LONGEST - order)
    fitting = Split(train.corpus, train.stop - len(of_fitting), train.stop)
    return Counted(order, fitting, -np.log(of_fitting[1:]), -np.log(of_scored[1:]))


def fitted_weight(first: NDArray[np.floating], second: NDArray[np.floating]) -> float:
    """The weight w of the first model with which a text is likeliest under w p_t + (1 - w) q_t.

    The log-likelihood sum_t log(w p_t + (1 - w) q_t) is concave in w (Jelinek and Mercer 1980 raise it by expectation
    maximisation); its slope sum_t (p_t - q_t) / (w p_t + (1 - w) q_t) falls, so halving finds where it is 0.

    Args:
        first: -log p_t, nats, shape (N,).
        second: -log q_t, nats, shape (N,).
    """
    difference = second.astype(np.float64) - first
    p, q = np.exp(np.minimum(difference, 0.0)), np.exp(np.minimum(-difference, 0.0))  # the larger one is 1
    low, high = 0.0, 1.0
    for _ in range(HALVINGS):
        middle = 0.5 * (low + high)
        rising = ((p - q) / (middle * p + (1.0 - middle) * q)).sum() > 0.0
        low, high = (middle, high) if rising else (low, middle)
    return 0.5 * (low + high)


def mixed(first: NDArray[np.floating], second: NDArray[np.floating], weight: float) -> Mixture:
    """Each character's -log(w p_t + (1 - w) q_t), and what is gained over -log p_t.

    Args:
        first: -log p_t of the network, nats, shape (N,).
        second: -log q_t of the n-gram model, nats, shape (N,).
        weight: w, of the network.
    """
    alone = first.astype(np.float64)
    with np.errstate(divide="ignore"):  # the logarithm of no weight at all
        losses = -np.logaddexp(np.log(weight) - alone, np.log1p(-weight) - second)
    return Mixture(weight, losses, alone - losses)
