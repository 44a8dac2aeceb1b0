"""Dynamic evaluation: a language model that goes on learning from the text that it has just predicted."""

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from itertools import chain
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from genmodels.analysis.text_likelihood import TextMeasures
from genmodels.data.text.streams import Split
from genmodels.device import memory_errors, reproducible
from genmodels.errors import UsageError
from genmodels.models.language_model import LanguageModel
from genmodels.settings.dynamic import DynamicSettings
from genmodels.telling import Advance, counted, silent

SEGMENT = 50  # characters that are predicted before the weights change
STRETCHES, STRETCH = 20, 1001  # of the training text, over which gradients are gathered
FLOOR = 1.0  # added to each weight's root mean square, as a share of their mean


@dataclass(frozen=True)
class Scales:
    """What decides how far each weight moves, in the order of the model's parameters.

    Args:
        divisors: RMS_g + eps of each weight.
        relative: RMS_g of each weight, over the mean of all.
    """

    divisors: list[Tensor]
    relative: list[Tensor]


class Read(NamedTuple):
    """One segment, as it was predicted before anything was learned from it.

    Args:
        losses: -log p of each of its characters, nats, shape (T,).
        correct: how many were the most probable guess.
        gradients: of the mean of `losses`, in the order of the model's parameters.
    """

    losses: Tensor
    correct: int
    gradients: tuple[Tensor, ...]


def gathered_scales(model: LanguageModel, train: Split, advance: Advance = silent) -> Scales:
    """The root mean square RMS_g of each weight's gradient over segments of the training text.

    Args:
        model: as it was trained; a copy of it is used.
        train: the text; `STRETCHES` of it are read, evenly spaced, each from an empty state.
        advance: is told how many more characters were read.
    """
    pupil = _pupil(model)
    device = next(pupil.parameters()).device
    squares, segments = [torch.zeros_like(weight) for weight in pupil.parameters()], 0
    length = min(STRETCH, len(train))
    starts = np.linspace(train.start, train.stop - length, STRETCHES).astype(int).tolist()
    stretches = [Split(train.corpus, start, start + length) for start in starts]
    with memory_errors(device, f"segments of {SEGMENT} {train.corpus.vocabulary.symbol}s"), reproducible(device):
        for read in chain.from_iterable(_reading(pupil, stretch) for stretch in stretches):
            for square, gradient in zip(squares, read.gradients, strict=True):
                square.addcmul_(gradient, gradient)
            segments += 1
            advance(len(read.losses))
    roots = [(square / segments).sqrt() for square in squares]
    mean = torch.cat([root.flatten() for root in roots]).mean()
    return Scales([root + FLOOR * mean for root in roots], [root / mean for root in roots])


def evaluate_dynamically(
    model: LanguageModel, split: Split, scales: Scales, how: DynamicSettings, advance: Advance = silent
) -> TextMeasures:
    """Score a text segment by segment with the state carried, and learn from each segment once it is scored.

    After a segment with the mean loss L every weight moves by

        theta <- theta - rate * dL/dtheta / (RMS_g + eps) + min(decay * RMS_g / mean(RMS_g), 1) * (theta_0 - theta)

    where theta_0 are the trained weights, RMS_g is the root mean square of a weight's gradient over training text, and
    mean(RMS_g) that over all weights (Krause et al. 2018, arXiv 1709.07432, RMS with a global prior). Here eps is
    `FLOOR` times that mean, so that a rate does not depend on the scale of the gradients. No segment is scored with
    weights that have seen it, or anything after it, so the sum is a negative log-likelihood like any other; but what
    is measured is network and learning rule together.

    Args:
        model: any language model; a copy of it learns.
        split: the text, at least two characters, read as one stream.
        scales: see `gathered_scales`.
        how: rate and decay.
        advance: is told how many more characters are scored.

    Raises:
        UsageError: the rate is so large that the weights are no longer finite.
    """
    pupil, losses, correct = _pupil(model), list[Tensor](), 0
    weights = list(pupil.parameters())
    trained = [weight.detach().clone() for weight in weights]
    rates = [how.dynamic_rate / divisor for divisor in scales.divisors]
    pulls = [(how.dynamic_decay * relative).clamp(max=1.0) for relative in scales.relative]
    moved, device = (weights, trained, pulls, rates), weights[0].device
    symbol = split.corpus.vocabulary.symbol
    with memory_errors(device, f"segments of {SEGMENT} {symbol}s"), reproducible(device):
        for read in _reading(pupil, split):
            losses.append(read.losses.float().cpu())
            if not losses[-1].isfinite().all():
                raise _diverged(how, counted(SEGMENT * (len(losses) - 1), symbol))
            correct += read.correct
            with torch.no_grad():
                for weight, begun, pull, rate, gradient in zip(*moved, read.gradients, strict=True):
                    weight.addcmul_(pull, begun - weight).addcmul_(rate, gradient, value=-1.0)
            advance(len(read.losses))
    return TextMeasures(torch.cat(losses).numpy(), correct)


def _pupil(model: LanguageModel) -> LanguageModel:
    """A copy that may learn: in training mode, as cuDNN's recurrent kernels want for a gradient, without dropout."""
    pupil = deepcopy(model).train()
    pupil.dropout_scale = 0.0
    return pupil.requires_grad_()


def _reading(pupil: LanguageModel, split: Split) -> Iterator[Read]:
    """A text segment by segment, the state carried; whoever reads may change the weights before the next."""
    weights = list(pupil.parameters())
    state = pupil.initial_state(1)
    for begin in range(split.start, split.stop - 1, SEGMENT):
        ids = split.corpus.read(begin, min(begin + SEGMENT + 1, split.stop))
        row = torch.from_numpy(ids).long().to(weights[0].device)
        with torch.enable_grad():
            logits, after = pupil(row[None, :-1], state)
            losses = functional.cross_entropy(logits[0], row[1:], reduction="none")
            gradients = torch.autograd.grad(losses.mean(), weights)
        state = tuple(tensor.detach() for tensor in after)
        correct = int((logits[0].argmax(dim=-1) == row[1:]).sum())
        yield Read(losses.detach(), correct, gradients)


def _diverged(how: DynamicSettings, read: str) -> UsageError:
    return UsageError(
        f"--dynamic-rate {how.dynamic_rate:g} is too large: the loss is not finite any more after {read}",
        f"give a smaller one (usual: {DynamicSettings.dynamic_rate:g}).",
        "--dynamic-rate",
    )
