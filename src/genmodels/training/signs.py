"""Signs that a training goes wrong: told once, when they have lasted, and told again when they have gone.

A GAN's generator may lose classes for an epoch and draw them in the next, and a VAE's code may be silent at first, so
one evaluation is no finding. A sign is told after `LASTING` epochs in a row, or at the end of a training that is
shorter; that it has gone is told after as many without it, or at the end.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

LASTING = 3  # epochs in a row


@dataclass(frozen=True)
class Sign:
    """What one evaluation shows of something that may go wrong.

    Args:
        name: of what may go wrong.
        present: whether it does.
        told: a sentence that says so, or that it does not.
    """

    name: str
    present: bool
    told: str


def news_of(signs: Iterable[Sign], seen: dict[str, dict[str, Any]], epoch: int, epochs: int | None) -> list[str]:
    """What is to be told after an epoch.

    Args:
        signs: of its evaluation.
        seen: what was seen before, by the signs' names; changed to what has been seen now. Empty at first, then of
            plain values, as training states keep it.
        epoch: its number, counted from 1.
        epochs: of the whole training; None where that is not known yet.

    Returns:
        A sentence for each sign that is sure now and was not told before.
    """
    news = []
    for sign in signs:
        before = seen.get(sign.name, {"present": False, "since": epoch, "told": False})
        since = before["since"] if before["present"] == sign.present else epoch
        told = before["told"]
        if sign.present != told and _is_sure(sign, epoch - since + 1, epoch, epochs):
            news.append(sign.told if since == epoch else f"since epoch {since}, {sign.told}")
            told = sign.present
        seen[sign.name] = {"present": sign.present, "since": since, "told": told}
    return news


def _is_sure(sign: Sign, lasted: int, epoch: int, epochs: int | None) -> bool:
    """Whether a sign has lasted, or will not change any more."""
    if epochs is None:
        return lasted >= LASTING
    return lasted >= min(LASTING, epochs) or (not sign.present and epoch == epochs)
