"""Whether a figure's letters can be read at the size that was asked for."""

import math

from matplotlib.figure import Figure
from matplotlib.text import Text

from genmodels.look import Look

LEAST_CAPITALS = 5.0  # pixels, from the line upwards: with fewer, letters are blots
CAPITALS = 0.73  # of a size in points, as DejaVu Sans has them
POINTS = 72.0  # of an inch


def too_small_told(figure: Figure, look: Look) -> str | None:
    """What to say of a picture whose letters can't be read; None where they can, or no size was asked for.

    Args:
        figure: as it was drawn for that size.
        look: the size, or dots for each inch.
    """
    dots = look.dots if look.size is None else look.size[0] / float(figure.get_figwidth())
    if dots is None:
        return None
    shown = [text for text in figure.findobj(Text) if text.get_visible() and text.get_text().strip()]
    points = min((float(text.get_fontsize()) for text in shown), default=math.inf)
    height = CAPITALS * points * dots / POINTS
    if height >= LEAST_CAPITALS:
        return None
    times = LEAST_CAPITALS / height
    if look.size is None:
        enough = f"--dpi {math.ceil(times * dots)}"
    else:
        enough = "--size " + "x".join(str(math.ceil(times * side)) for side in look.size)
    return f"the smallest letters are {height:.1f} pixels high, too small to read; enough would be {enough}"
