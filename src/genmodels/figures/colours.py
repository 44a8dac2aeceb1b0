"""Colours: one for each kind of model, wherever it is shown; and others for what has no kind."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

# Okabe and Ito's colours, which colour-blind readers can tell apart.
BLUE, ORANGE, GREEN, PINK, YELLOW, SKY, BLACK = (
    "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000",
)  # fmt: skip
COLOURS = (BLUE, ORANGE, GREEN, PINK, YELLOW, SKY, BLACK)
KINDS = {
    # networks over time: a window, then recurrent ones by what carries their state
    "feedforward": PINK, "window": PINK, "tdnn": YELLOW, "rnn": ORANGE, "gru": GREEN, "lstm": BLUE, "bilstm": SKY,
    "tdnn-bilstm": BLACK,
    # networks that draw images, by what they are made of
    "mlp": SKY, "conv": BLUE, "dcgan": ORANGE, "pixelcnn": GREEN, "row-lstm": PINK, "diagonal-bilstm": YELLOW,
    # readers of strips
    "crnn": BLUE, "cnn": PINK,
}  # fmt: skip
MARKER_STEP = 3  # from one line of a colour to the next, so that few are like the first of the next colour
STROKES = ("-", "--", ":", "-.")
MARKERS = ("o", "s", "^", "D", "v", "P", "X")  # of the first line of each of COLOURS
SHADES = (0.0, -0.75, 0.5)  # towards black, towards white: of the second and third line of a colour
SHADES_OF_BLACK = (0.0, 0.5, 0.7)  # which has no darker one


@dataclass(frozen=True)
class Stroke:
    """How a line is drawn.

    Args:
        colour: of its model's kind.
        nth: among the lines of that colour, from 0; each has its own dashes and marker, the first that of its colour.
    """

    colour: str
    nth: int = 0

    @property
    def settings(self) -> dict[str, Any]:
        """For `Axes.plot`."""
        return {
            "color": self.colour,
            "linestyle": STROKES[self.nth % len(STROKES)],
            "marker": self.marker,
        }

    @property
    def marker(self) -> str:
        """Of the points: a kind of model has its own wherever it is shown, as it has its colour."""
        return MARKERS[(COLOURS.index(self.colour) + MARKER_STEP * self.nth) % len(MARKERS)]

    @property
    def shade(self) -> str:
        """The colour, or for others than its first line a darker or lighter one: for lines whose dashes say more.

        >>> Stroke(BLUE).shade, Stroke(BLUE, 1).shade, Stroke(BLUE, 2).shade
        ('#0072b2', '#001c2c', '#80b8d8')
        """
        shades = SHADES_OF_BLACK if self.colour == BLACK else SHADES
        change = shades[self.nth % len(shades)]
        aim = 0.0 if change < 0 else 255.0
        parts = (int(self.colour[start : start + 2], 16) for start in (1, 3, 5))
        return "#" + "".join(f"{round(part + abs(change) * (aim - part)):02x}" for part in parts)


def strokes_of(kinds: Sequence[str | None]) -> list[Stroke]:
    """A line for each model: the colour of its kind; several of a kind by their dashes and markers.

    Args:
        kinds: of the models, such as "lstm"; an unknown one, or None, takes a colour that is still free.

    >>> [(stroke.colour, stroke.nth) for stroke in strokes_of(["lstm", "rnn", "lstm"])]
    [('#0072B2', 0), ('#D55E00', 0), ('#0072B2', 1)]
    """
    taken = {KINDS[kind] for kind in kinds if kind in KINDS}
    free = [colour for colour in COLOURS if colour not in taken] or list(COLOURS)
    others = {
        kind: free[index % len(free)] for index, kind in enumerate(dict.fromkeys(k for k in kinds if k not in KINDS))
    }
    seen: Counter[str] = Counter()
    strokes = []
    for index, kind in enumerate(kinds):
        colour = KINDS[kind] if kind in KINDS else free[index % len(free)] if kind is None else others[kind]
        strokes.append(Stroke(colour, seen[colour]))
        seen[colour] += 1
    return strokes
