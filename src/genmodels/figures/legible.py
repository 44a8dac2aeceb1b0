"""Whether a figure's letters can be read at the size that was asked for."""

import math

from matplotlib.figure import Figure
from matplotlib.text import Text

from genmodels.look import Look

LEAST_CAPITALS = 5.0  # pixels, from the line upwards: with fewer, letters are blots
CAPITALS = 0.73  # of a size in points, as DejaVu Sans has them
POINTS = 72.0  # of an inch


def too_small_told(figure: Figure, look: Look) -> str | None:
    """What to say of a figure, drawn for a look, whose letters can't be read; None: they can, or no size was wished."""
    dots = look.dots if look.size is None else look.size[0] / float(figure.get_figwidth())
    if dots is None:
        return None
    shown = [text for text in figure.findobj(Text) if text.get_visible() and text.get_text().strip()]
    points = min((float(text.get_fontsize()) for text in shown), default=math.inf)
    height = CAPITALS * points * dots / POINTS
    if height >= LEAST_CAPITALS:
        return None
    flag, sides = ("--dpi", [dots]) if look.size is None else ("--size", look.size)
    enough = f"{flag} {'x'.join(str(math.ceil(LEAST_CAPITALS / height * side)) for side in sides)}"
    return f"the smallest letters are {height:.1f} pixels high, too small to read; enough would be {enough}"
