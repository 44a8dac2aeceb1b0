"""How every figure looks, and how it reaches the disk."""

import io
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text

from genmodels.durable import save_file
from genmodels.errors import UsageError

# Okabe and Ito's colours, which colour-blind readers can tell apart.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
INK, FAINT = "#222222", "#888888"
FORMATS = ("png", "pdf", "svg")
DOTS_PER_INCH = 160
FRAME_DOTS = 100
FRAME_MILLISECONDS, LAST_FRAME_MILLISECONDS = 500, 2_000
_STYLE: Any = {
    "font.size": 9,
    "axes.titlesize": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": FAINT,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#e6e6e6",
    "grid.linewidth": 0.6,
    "legend.frameon": False,
    "svg.hashsalt": "genmodels",  # the same figure gives the same file
    "pdf.fonttype": 42,
    "text.parse_math": False,  # a $ in a name is a $
}


def new_figure(width: float, height: float) -> Figure:
    """An empty figure of a size in inches that lays its axes out by itself."""
    figure = Figure(figsize=(width, height), dpi=DOTS_PER_INCH, layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def titled_figure(width: float, height: float, title: str, size: float = 10.0) -> Figure:
    """An empty figure with a title of some size (points) above it."""
    figure = new_figure(width, height)
    figure.suptitle(title, fontsize=size)
    return figure


def legend_below(figure: Figure, axes: Axes, columns: int) -> None:
    """One legend for all panels, with the lines of one of them, in so many columns."""
    lines, names = axes.get_legend_handles_labels()
    figure.legend(lines, names, loc="outside lower center", ncols=columns, fontsize=8)


def style() -> Any:
    """A context in which axes are made in the house's style."""
    return rc_context(_STYLE)


def check_format(path: Path) -> str:
    """The format that a file's ending names.

    Raises:
        UsageError: none that is known.
    """
    kind = path.suffix.lower().removeprefix(".")
    if kind not in FORMATS:
        raise UsageError(f"--out {path} has no known ending", "end it in .png, .pdf or .svg.")
    return kind


def save_figure(figure: Figure, path: Path) -> None:
    """Write a figure as a whole, in the format of its ending; makes the folder.

    Raises:
        UsageError: an unknown ending.
        ResourceError: the folder cannot be written.
    """
    save_file(path, rendered(figure, check_format(path), DOTS_PER_INCH))


def save_animation(frames: Sequence[Figure], path: Path) -> None:
    """Write figures of equal size as an endless GIF; the last frame stays longer.

    Raises:
        ResourceError: the folder cannot be written.
    """
    from PIL import Image  # noqa: PLC0415 - only where a picture is written

    first, *rest = [Image.open(io.BytesIO(rendered(frame, "png", FRAME_DOTS))).convert("L") for frame in frames]
    durations = [FRAME_MILLISECONDS] * len(rest) + [LAST_FRAME_MILLISECONDS]
    file = io.BytesIO()
    first.save(file, format="GIF", save_all=True, append_images=rest, duration=durations, loop=0)
    save_file(path, file.getvalue())


def rendered(figure: Figure, kind: str, dots: int = DOTS_PER_INCH) -> bytes:
    """A figure as a file's content, in the house's style.

    Args:
        figure: what is drawn.
        kind: "png", "pdf" or "svg".
        dots: per inch.
    """
    file = io.BytesIO()
    for text in figure.findobj(Text):
        text.set_text(text.get_text().encode("utf-8", "backslashreplace").decode())
    with style(), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing from font")  # a box stands for what the font lacks
        figure.savefig(file, format=kind, dpi=dots, metadata={"Date": None} if kind == "svg" else None)
    return file.getvalue()
