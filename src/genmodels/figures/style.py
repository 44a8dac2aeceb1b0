"""How every figure looks, and how it reaches the disk."""

import io
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from matplotlib import rc_context, rcParamsDefault
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import LogFormatterSciNotation

from genmodels.drawing import quiet
from genmodels.durable import save_file
from genmodels.errors import UsageError
from genmodels.figures.fitting import fitted, line_height
from genmodels.figures.fonts import dress, lacking_told
from genmodels.telling import Notice, silent

if TYPE_CHECKING:
    from PIL import Image

# Okabe and Ito's colours, which colour-blind readers can tell apart.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
INK, FAINT = "#222222", "#888888"
FORMATS = ("png", "pdf", "svg")
DOTS_PER_INCH = 160
MARK = b"genmodels"  # by which figures among pictures are known to be no data
METADATA: dict[str, dict[str, Any]] = {"png": {"Software": MARK.decode()}, "svg": {"Date": None}}
FRAME_DOTS = 100
FRAME_MILLISECONDS, LAST_FRAME_MILLISECONDS = 500, 2_000
NARROWEST = 4.5  # inches of a figure whose title needs room
TITLE_MARGIN, LEGEND_MARGIN = 0.3, 0.9  # inches at both sides; a legend's has a stroke of the line too
TITLE_TOP = 0.05  # inches above a title
SMALL_TITLE = 7.5  # points
MOST_TITLE_LINES = 2
USUAL_LEGEND = 0.5  # inches of a legend that a figure's height has room for
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

_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def new_figure(width: float, height: float) -> Figure:
    """An empty figure of a size in inches that lays its axes out by itself."""
    with style():
        figure = Figure(figsize=(width, height), dpi=DOTS_PER_INCH, layout="constrained")
        FigureCanvasAgg(figure)
    return figure


def titled_figure(width: float, height: float, title: str, size: float = 10.0) -> Figure:
    """An empty figure with a title above it, wider and higher where the title needs it.

    Args:
        width: inches, at least.
        height: inches, with one line of title.
        title: that is wrapped, and set smaller, until it fits.
        size: points.
    """
    wide = max(width, NARROWEST)
    choices = [(w - TITLE_MARGIN, s) for w, s in ((width, size), (wide, size), (wide, SMALL_TITLE))]
    wrapped = fitted([title], choices, MOST_TITLE_LINES)
    more = wrapped.height - line_height(wrapped.size)
    figure = new_figure(max(width, wrapped.width + TITLE_MARGIN), height + more)
    with style():
        figure.suptitle(wrapped.texts[0], fontsize=wrapped.size)
    return figure


def lay_out_by_hand(figure: Figure) -> None:
    """Leave axes where they are put, and the title close to the upper edge."""
    figure.set_layout_engine("none")
    figure.texts[0].set_y(1.0 - TITLE_TOP / figure.get_figheight())


class _Powers(LogFormatterSciNotation):
    """Powers of ten in raised digits: a $ is a $ here, so nothing is set as mathematics."""

    def __call__(self, x: float, pos: int | None = None) -> str:
        """The number, or nothing where the axis has too many."""
        if not super().__call__(x, pos):
            return ""
        digits, exponent = f"{x:.3e}".split("e")
        power = "10" + str(int(exponent)).translate(_RAISED)
        return power if float(digits) == 1.0 else f"{float(digits):g}×{power}"


def logarithmic(axes: Axes) -> None:
    """Give axes a logarithmic scale upwards."""
    axes.set_yscale("log")
    axes.yaxis.set_major_formatter(_Powers())
    axes.yaxis.set_minor_formatter(_Powers())


def legend_below(figure: Figure, axes: Axes, columns: int) -> None:
    """One legend for all panels, with the lines of one of them, in at most so many columns; panels keep their size."""
    lines, names = axes.get_legend_handles_labels()
    width = figure.get_figwidth() - LEGEND_MARGIN
    wrapped = fitted(names, [(width, 8.0), (width, 6.5)], 2)
    for count in range(columns, 0, -1):
        legend = figure.legend(lines, wrapped.texts, loc="outside lower center", ncols=count, fontsize=wrapped.size)
        dress(figure)
        extent = legend.get_window_extent()
        if extent.width <= figure.bbox.width or count == 1:
            break
        legend.remove()
    space_for(figure, 0.0, max(0.0, extent.height / figure.dpi - USUAL_LEGEND))


@contextmanager
def style() -> Iterator[None]:
    """A context in which axes are made, and drawn, in the house's style: no settings of the user's count."""
    with quiet(), warnings.catch_warnings(), rc_context({**_defaults(), **_STYLE}):
        warnings.filterwarnings("ignore", "Glyph .* missing from font")  # a box stands for what the fonts lack
        yield


@cache
def _defaults() -> dict[Any, Any]:
    """The settings that matplotlib comes with; what draws a figure is chosen where it is saved."""
    with warnings.catch_warnings(action="ignore"):  # of settings that will be gone
        return {name: value for name, value in rcParamsDefault.items() if not name.startswith("backend")}


def space_for(figure: Figure, width: float, height: float) -> None:
    """Make a figure so many inches wider and higher."""
    figure.set_size_inches(figure.get_figwidth() + width, figure.get_figheight() + height)


def check_format(path: Path) -> str:
    """The format that a file's ending names.

    Raises:
        UsageError: none that is known.
    """
    kind = path.suffix.lower().removeprefix(".")
    if kind not in FORMATS:
        raise UsageError(f"--out {path} has no known ending", "end it in .png, .pdf or .svg.")
    return kind


def save_figure(figure: Figure, path: Path, notice: Notice = silent) -> None:
    """Write a figure as a whole, in the format of its ending; makes the folder.

    Args:
        figure: what is drawn.
        path: of the file.
        notice: is told of characters that no font here has.

    Raises:
        UsageError: an unknown ending.
        ResourceError: the folder cannot be written.
    """
    save_file(path, rendered(figure, check_format(path), DOTS_PER_INCH))
    _tell([figure], notice)


def save_animation(frames: Sequence[Figure], path: Path, notice: Notice = silent) -> None:
    """Write figures as an endless GIF; the last frame stays longer.

    Args:
        frames: figures of one kind.
        path: of the file.
        notice: is told of characters that no font here has.

    Raises:
        ResourceError: the folder cannot be written.
    """
    first, *rest = _of_equal_size([rendered(frame, "png", FRAME_DOTS) for frame in frames])
    durations = [FRAME_MILLISECONDS] * len(rest) + [LAST_FRAME_MILLISECONDS]
    file = io.BytesIO()
    first.save(file, format="GIF", save_all=True, append_images=rest, duration=durations, loop=0, comment=MARK)
    save_file(path, file.getvalue())
    _tell(frames, notice)


def _tell(figures: Sequence[Figure], notice: Notice) -> None:
    """Say which characters stand as boxes."""
    lacking = sorted(set().union(*map(dress, figures)))
    if lacking:
        notice(lacking_told("".join(lacking)))


def _of_equal_size(frames: Sequence[bytes]) -> "list[Image.Image]":
    """Frames as pictures; titles of more lines make some of them higher, so the others get ground above them."""
    from PIL import Image  # noqa: PLC0415 - only where a picture is written

    pictures = [Image.open(io.BytesIO(frame)).convert("L") for frame in frames]
    width, height = (max(picture.size[side] for picture in pictures) for side in (0, 1))
    sheets = [Image.new("L", (width, height), 255) for _ in pictures]
    for sheet, picture in zip(sheets, pictures, strict=True):
        sheet.paste(picture, ((width - picture.width) // 2, height - picture.height))
    return sheets


def rendered(figure: Figure, kind: str, dots: int = DOTS_PER_INCH) -> bytes:
    """A figure as a file's content, in the house's style.

    Args:
        figure: what is drawn.
        kind: "png", "pdf" or "svg".
        dots: per inch.
    """
    file = io.BytesIO()
    with style():
        dress(figure)
        figure.savefig(file, format=kind, dpi=dots, metadata=METADATA.get(kind))
    return file.getvalue()
