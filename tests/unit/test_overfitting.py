"""Figures say that a run overfits where their lines show it, and nowhere else."""

from dataclasses import replace

import pytest

from genmodels.figures.curves import curves_figure
from genmodels.figures.elbo import elbo_figure
from genmodels.figures.lines import Curve
from unit.figure_texts import said

EPOCHS = list(range(9))
TRAIN = [4.0, 2.0, 1.6, 1.4, 1.2, 1.0, 0.9, 0.8, 0.7]
FALLS_BEHIND = [4.0, 2.05, 1.7, 1.6, 1.5, 1.5, 1.55, 1.6, 1.65]


def pair(train: list[float], held_out: list[float], half: float | None = None) -> list[Curve]:
    epochs = EPOCHS[: len(train)]
    seen = Curve("run", epochs, [float(e) for e in epochs], train, kind="lstm", part="train")
    ends = {} if half is None else {"low": [v - half for v in held_out], "high": [v + half for v in held_out]}
    later = held_out[1:]
    best = 1 + later.index(min(later, key=abs))
    return [seen, replace(seen, values=held_out, part="validation", best=best, **ends)]


@pytest.mark.parametrize(
    ("curves", "overfits"),
    [
        (pair(TRAIN, FALLS_BEHIND), True),
        (pair(TRAIN, FALLS_BEHIND, 0.1), True),
        (pair(TRAIN, FALLS_BEHIND, 1.0), False),  # it may all be chance
        (pair(TRAIN, [value + 0.1 for value in TRAIN]), False),  # a gap that does not grow
        (pair(TRAIN, [value - 1.0 + 0.1 * e for e, value in enumerate(TRAIN)]), False),  # held-out is the better one
        (pair(TRAIN, [v + 0.1 * (-1) ** e for e, v in enumerate(TRAIN)]), False),  # it goes to and fro
        (pair([14.1, 3.17, 2.89, 2.99], [14.1, 3.18, 2.9, 3.01]), False),  # a reader that reads nothing
        (pair([1.0] * 9, [1.0 + 0.1 * e for e in EPOCHS]), False),  # worse than untrained: that is another trouble
    ],
)
def test_overfitting_is_said_where_a_gap_is_there_and_grew_by_more_than_noise(
    curves: list[Curve], overfits: bool
) -> None:
    assert ("overfitting" in said(curves_figure({"loss (nats)": curves}, "t"))) is overfits
    bounds = [replace(curve, values=[-v for v in curve.values], low=[-v for v in curve.high],
                      high=[-v for v in curve.low], better=max) for curve in curves]  # fmt: skip
    told = said(elbo_figure(dict.fromkeys(("elbo", "reconstruction", "kl"), bounds), "t"))
    assert ("overfitting" in told) is overfits


def test_a_score_that_chooses_no_epoch_is_not_judged() -> None:
    curves = pair(TRAIN, FALLS_BEHIND)
    assert "overfitting" not in said(curves_figure({"x": curves}, "t", ringed="best epoch by loss"))


def test_easier_images_are_spoken_of_where_a_held_out_line_lies_above() -> None:
    above, below = ([[-v for v in TRAIN], [-v + move for v in TRAIN]] for move in (0.1, -0.1))
    told = [
        said(elbo_figure(dict.fromkeys(("elbo", "reconstruction", "kl"), pair(*values)), "t"))
        for values in (above, below)
    ]
    assert ["and ask why" in one for one in told] == [True, False]
    train, test = pair(*above)
    for half, surely in ((0.05, True), (0.2, False)):
        ends = {side: [value + sign * half for value in test.values] for side, sign in (("low", -1), ("high", 1))}
        lines = [train, replace(test, **ends)]
        told_of_it = said(elbo_figure(dict.fromkeys(("elbo", "reconstruction", "kl"), lines), "t"))
        assert ("and ask why" in told_of_it) is surely, "what lies within the band may be chance"
