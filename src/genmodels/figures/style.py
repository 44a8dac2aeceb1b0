"""How every figure looks: a title above, a sentence below that says what to look at, one size of letters, colours."""

import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import Any

from matplotlib import rc_context, rcParamsDefault
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.ticker import LogFormatterSciNotation, MaxNLocator
from matplotlib.transforms import blended_transform_factory

from genmodels.drawing import quiet
from genmodels.figures import widths
from genmodels.figures.fitting import LETTERS, Fitted, fitted, in_even_lines, line_height
from genmodels.figures.fonts import dress

INK, FAINT = "#222222", "#888888"
DOTS_PER_INCH = 160
WIDE, HIGH = 9.6, 5.4  # inches of a figure that has no reason for another size: 16:9, as screens are
TITLE, HEADING, LABEL, TICK, NOTE, SENTENCE = 14.0, 11.5, 10.5, 9.5, 9.0, 10.5  # points, in a figure so wide
_PAGE = ContextVar("page", default=(WIDE, HIGH))  # inches of what a figure is drawn for
_BELOW = ContextVar("below", default="")  # what the sentence of a figure begins with
_APART = ContextVar("apart", default=False)  # whether title and sentence are left out
MARGIN = 0.15  # inches between a figure's edge and the sentence
NARROWEST = 4.5  # inches of a figure whose title needs room
TITLE_MARGIN, LEGEND_MARGIN = 0.3, 0.9  # inches at both sides; a legend's has a stroke of the line too
TITLE_TOP = 0.13  # inches above a title
HEAD = 0.08  # of them, that a figure is made higher by: with less a projector's edge cuts into the title
SMALL_TITLE = 7.5  # points
MOST_TITLE_LINES = 2
ONE_LINE = 0.87  # of a title's size, at which one line is better than two
MOST_SENTENCE_LINES = 4
_STYLE: Any = {
    "font.size": LABEL,
    "axes.titlesize": HEADING,
    "axes.labelsize": LABEL,
    "xtick.labelsize": TICK,
    "ytick.labelsize": TICK,
    "legend.fontsize": LABEL,
    "lines.linewidth": widths.LINE,
    "lines.markersize": widths.MARKER,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": FAINT,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#e6e6e6",
    "grid.linewidth": widths.HAIR,
    "legend.frameon": False,
    "svg.hashsalt": "genmodels",  # the same figure gives the same file
    "svg.fonttype": "none",  # text stays text: it can be searched, copied and read aloud
    "pdf.fonttype": 42,
    **LETTERS,
}

_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


class _Layout(ConstrainedLayoutEngine):
    """matplotlib's own layout, with the title as far below the upper edge as it is in figures laid out by hand."""

    def execute(self, fig: Figure) -> None:
        super().execute(fig)
        fig.texts[0].set_y(1.0 - TITLE_TOP / fig.get_figheight())


class HouseFigure(Figure):
    """A figure with a foot: room below its axes, in inches, for a legend and a sentence.

    It is rigid where what it shows is placed by hand, as images and letters are. What is said below it stands in
    `said`, whether it is drawn or not.
    """

    foot: float = 0.0
    rigid: bool = False
    said: str = ""

    def reserve(self, inches: float) -> None:
        """Make the figure higher by more room at its foot."""
        self.foot += inches
        self.grow(0.0, inches)

    def grow(self, width: float, height: float) -> None:
        """Make the figure so many inches wider and higher; its foot stays."""
        self.set_size_inches(self.get_figwidth() + width, self.get_figheight() + height)
        engine = self.get_layout_engine()
        if isinstance(engine, ConstrainedLayoutEngine):
            high = self.get_figheight()
            engine.set(rect=(0.0, self.foot / high, 1.0, 1.0 - (self.foot + HEAD) / high))

    def fit(self, ratio: float) -> None:
        """Make the figure wider or higher, until its width is so many times its height.

        Axes fill it; those of a rigid figure stay as they are, in its middle. The sentence stays below.
        """
        before = self.get_size_inches()
        wide, high = _at_least(float(before[0]), float(before[1]), ratio)
        width, height = wide - float(before[0]), high - float(before[1])
        self.grow(width, height)
        if self.rigid:
            self._move_middle(width, height)

    def _move_middle(self, width: float, height: float) -> None:
        """Put what is placed by hand into the middle of a figure that has grown by so many inches."""
        wide, high = (float(side) for side in self.get_size_inches())

        def moved(x: float, y: float) -> tuple[float, float]:
            return (x * (wide - width) + width / 2) / wide, (y * (high - height) + height / 2) / high

        for axes in self.axes:
            left, bottom, across, up = axes.get_position().bounds
            axes.set_position((*moved(left, bottom), across * (wide - width) / wide, up * (high - height) / high))
        for text in self.texts:
            if text.get_transform() == self.transSubfigure:  # not the sentence, which is placed in inches
                text.set_position(moved(*text.get_position()))
        self.texts[0].set_y(1.0 - TITLE_TOP / high)


@contextmanager
def drawn_for(size: tuple[int, int] | None) -> Iterator[None]:
    """A context in which figures are laid out for a page of other proportions than a screen's.

    Args:
        size: width and height of the page, in pixels; None: a screen.
    """
    token = _PAGE.set((WIDE, HIGH) if size is None else _at_least(WIDE, HIGH, size[0] / size[1]))
    try:
        yield
    finally:
        _PAGE.reset(token)


def page() -> tuple[float, float]:
    """Width and height of the page that figures are drawn for, in inches: a screen, wider or higher."""
    return _PAGE.get()


@contextmanager
def told_below(own: str) -> Iterator[None]:
    """A context in which figures have another title than their own, with which their sentence begins.

    Args:
        own: what is plotted, of which run and data.
    """
    token = _BELOW.set(f"{' '.join(own.split())}." if own else "")  # no capital: a title may begin with a run's name
    try:
        yield
    finally:
        _BELOW.reset(token)


@contextmanager
def words_apart() -> Iterator[None]:
    """A context in which figures are drawn without title and sentence, as who shows them writes both beside them."""
    token = _APART.set(True)
    try:
        yield
    finally:
        _APART.reset(token)


def _at_least(wide: float, high: float, ratio: float) -> tuple[float, float]:
    """The smallest width and height of a ratio that hold a width and a height."""
    return max(wide, high * ratio), max(high, wide / ratio)


def new_figure(width: float, height: float) -> HouseFigure:
    """An empty figure of a size in inches that lays its axes out by itself."""
    with style():
        figure = HouseFigure(figsize=(width, height), dpi=DOTS_PER_INCH, layout=_Layout())
        FigureCanvasAgg(figure)
    return figure


def titled_figure(width: float, height: float, title: str, sentence: str = "", size: float = TITLE) -> HouseFigure:
    """An empty figure with a title above and a sentence below, wider and higher where these need it.

    Args:
        width: inches, at least.
        height: inches, with one line of title and without the sentence.
        title: what is plotted, of which run and data; it is wrapped, and set smaller, until it fits.
        sentence: what to look at; none where it is empty.
        size: of the title, in points.
    """
    wide = max(width, NARROWEST)
    title = "" if _APART.get() else title
    wrapped = _wrapped_title(title, width - TITLE_MARGIN, wide - TITLE_MARGIN, size)
    more = wrapped.height - line_height(wrapped.size)
    figure = new_figure(max(width, wrapped.width + TITLE_MARGIN), height + more)
    with style():
        figure.suptitle(wrapped.texts[0], fontsize=wrapped.size)
        figure.grow(0.0, HEAD)
        figure.said = _with_minus_signs(" ".join(filter(None, (_BELOW.get(), sentence))))
        if figure.said and not _APART.get():
            _say_below(figure, figure.said)
    return figure


def _wrapped_title(title: str, width: float, wide: float, size: float) -> Fitted:
    """A title in one line, a little smaller if need be, else in lines of about one length.

    Args:
        title: its own line feeds stay.
        width: inches that it has.
        wide: inches that it may take where it must.
        size: points.
    """
    own = title.count("\n") + 1
    for smaller in (size, 0.93 * size, ONE_LINE * size):
        alone = fitted([title], [(width, smaller)])
        if alone.texts[0].count("\n") < own:
            return alone
    wrapped = fitted([title], [(width, size), (wide, size), (wide, SMALL_TITLE)], MOST_TITLE_LINES + own - 1)
    return in_even_lines(title, wrapped)


def _say_below(figure: HouseFigure, sentence: str) -> None:
    """A sentence at the foot, from the left edge."""
    width = figure.get_figwidth() - 2 * MARGIN
    told = fitted([sentence], [(width, SENTENCE), (width, NOTE)], MOST_SENTENCE_LINES)
    figure.text(MARGIN, MARGIN, told.texts[0], transform=figure.dpi_scale_trans, fontsize=told.size, color=INK,
                ha="left", va="bottom")  # fmt: skip
    figure.reserve(told.height + 2 * MARGIN)


def _with_minus_signs(sentence: str) -> str:
    """A hyphen before a number becomes the sign that axes have; those in names, dates and options stay."""
    return re.sub(r"(?<![^\s(≤≥=±~])-(?=\.?\d)", "−", sentence)


def lay_out_by_hand(figure: HouseFigure) -> None:
    """Leave axes and texts where they are put, and the title close to the upper edge."""
    figure.rigid = True
    figure.set_layout_engine("none")
    figure.texts[0].set_y(1.0 - TITLE_TOP / figure.get_figheight())


class _Powers(LogFormatterSciNotation):
    """Powers of ten in raised digits: a $ is a $ here, so nothing is set as mathematics."""

    def __call__(self, x: float, pos: int | None = None) -> str:
        """The number, or nothing where the axis has too many."""
        return in_powers(x) if super().__call__(x, pos) else ""


def in_powers(value: float, digits: int = 4) -> str:
    """A positive number by its power of ten, with so many digits before that.

    >>> in_powers(1e-7), in_powers(0.00234), in_powers(0.00234, 1)
    ('10⁻⁷', '2.34×10⁻³', '2×10⁻³')
    """
    leading, exponent = f"{value:.{digits - 1}e}".split("e")
    power = "10" + str(int(exponent)).translate(_RAISED)
    return power if float(leading) == 1.0 else f"{float(leading):g}×{power}"


def in_digits(value: float, digits: int = 3) -> str:
    """A number in so many digits that count, whole where it has more, and only a tiny one by its power of ten.

    >>> in_digits(0.01234), in_digits(3.0), in_digits(130.4, 2), in_digits(12345.6), in_digits(0.00000123)
    ('0.0123', '3', '130', '12,346', '1.23×10⁻⁶')
    """
    told = f"{value:.{digits}g}"
    if "e" not in told:
        return told
    return f"{value:,.0f}" if abs(value) > 1.0 else in_powers(value, digits)


def sentence_of(remark: str) -> str:
    """A remark, as lines on a screen have it, among the sentences of a figure."""
    return f"{remark[:1].upper()}{remark[1:]}."


def logarithmic(axes: Axes) -> None:
    """Give axes a logarithmic scale upwards."""
    axes.set_yscale("log")
    axes.yaxis.set_major_formatter(_Powers())
    axes.yaxis.set_minor_formatter(_Powers())


def epochs_across(axes: Axes, label: str = "epoch") -> None:
    """Name the axis of epochs, with ticks at whole ones alone."""
    axes.set_xlabel(label)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1, steps=[1, 2, 5, 10]))


def legend_below(figure: HouseFigure, axes: Axes, columns: int) -> None:
    """One legend for all panels, with the lines of one of them, in at most so many columns; panels keep their size."""
    lines, names = axes.get_legend_handles_labels()
    width = figure.get_figwidth() - LEGEND_MARGIN
    wrapped = fitted(names, [(width, LABEL), (width, SMALL_TITLE)], 2)
    place = blended_transform_factory(figure.transFigure, figure.dpi_scale_trans)
    for count in range(columns, 0, -1):
        legend = figure.legend(
            lines, wrapped.texts, loc="lower center", ncols=count, fontsize=wrapped.size, borderaxespad=0.0,
            bbox_to_anchor=(0.5, figure.foot), bbox_transform=place,
        )  # fmt: skip
        legend.set_in_layout(False)  # its room is reserved
        dress(figure)
        extent = legend.get_window_extent()
        if extent.width <= figure.bbox.width or count == 1:
            break
        legend.remove()
    figure.reserve(extent.height / figure.dpi)


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
