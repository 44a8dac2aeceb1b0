"""Things that are not independent: strips of the same images, utterances of the same clips or by the same speaker.

What can't be read is misread wherever it stands, so such things tell less than as many others would.
"""

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Numbering = NDArray[np.int64]


def in_common(values: Numbers, made_of: Numbering, drawn_from: Numbering) -> float:
    """What is added to the variance of a sum of deviations e_i by the parts that things share; at least 0.

    With S_g the sum of e_i over the things that have part g, S the mean of S_g over the G parts of one source, and L_i
    the number of parts of thing i, each source adds

        (G - 1) / G (sum_i L_i / sum_i L_i (1 - L_i / G))^2 (sum_g (S_g - S)^2 - sum_i L_i (1 - L_i / G) e_i^2)

    Of things with one part each that is the usual variance of clusters less sum_i e_i^2, with its factor G / (G - 1)
    (Cameron and Miller 2015, Journal of Human Resources 50, section VI). Things with several parts, whose clusters
    cross, count by how many more they share than chance lets them, and what is lost as deviations are those from a
    mean over the same parts is put back; it is right on average where what parts do to a thing adds up. The sum over
    pairs that share any, each once (Cameron, Gelbach and Miller 2011), is the same where there are so many parts that
    two are hardly ever shared; of a few clips it is too small, and it takes what speakers differ by for their clips.

    Args:
        values: e_i, which sum up to about 0, shape (N,).
        made_of: what each thing is made of, shape (N, L), filled up with -1; what it has twice counts once.
        drawn_from: number of the source of each thing's parts, such as a speaker's clips, shape (N,).
    """
    things, places = np.nonzero(made_of >= 0)
    if len(things) == 0:
        return 0.0
    kinds, parts = np.unique(made_of[things, places], return_inverse=True)
    things, parts = np.divmod(np.unique(things * len(kinds) + parts), len(kinds))
    _, source = np.unique(drawn_from, return_inverse=True)
    of_part = np.zeros(len(kinds), np.int64)
    of_part[parts] = source[things]
    many, held = np.bincount(of_part, minlength=source.max() + 1), np.bincount(things, minlength=len(values))
    sums = np.bincount(parts, values[things])
    apart = np.bincount(of_part, sums**2, len(many)) - np.bincount(of_part, sums, len(many)) ** 2 / many.clip(min=1)
    alone = held * (1.0 - held / many.clip(min=1)[source])
    kept = np.bincount(source, alone)
    apart -= np.bincount(source, alone * values**2)
    factor = np.bincount(source, held) ** 2 / np.where(kept > 0, kept, np.inf) ** 2 * (many - 1) / many.clip(min=1)
    return max(0.0, float((factor * apart).sum()))


def freedom_of(made_of: Numbering, drawn_from: Numbering) -> int:
    """Degrees of freedom of what parts add: the parts but one of each source, at least 1; 0: nothing has parts."""
    things = (made_of >= 0).any(axis=1)
    if not things.any():
        return 0
    return max(1, len(np.unique(made_of[made_of >= 0])) - len(np.unique(drawn_from[things])))
