"""Texts that fit where they stand: measured, wrapped at words, then set smaller, at last broken anywhere."""

import re
import warnings
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from typing import Any

from matplotlib import rc_context, rcParams, rcParamsDefault
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties

from genmodels.figures.fonts import SANS, families_for, shown

LINE_SPACING = 1.2  # matplotlib's own
LETTERS: dict[Any, Any] = {
    "text.hinting": "none",  # letters moved to the grid of dots make a text up to 7 % wider at other dots than measured
    "text.parse_math": False,  # a $ in a name is a $
}
_DOTS = 160
_UNITS = r"(?:s|ms|min|h|dB|%)(?![^\W_])"
_WORDS = re.compile(rf"(?:\(?[\d.,]+ (?={_UNITS}))?[^ /\\_]*[/\\_]*[ ]*")
"""What a line may end after: a space, but none between a number and its unit; a stroke, an underscore."""


@dataclass(frozen=True)
class Fitted:
    """Texts in the form in which they fit.

    Args:
        texts: with line feeds where they were wrapped.
        width: that was kept to, in inches.
        size: of the letters, in points.
    """

    texts: Sequence[str]
    width: float
    size: float

    @property
    def height(self) -> float:
        """Inches of the text that has most lines."""
        return max((text_height(text, self.size) for text in self.texts), default=0.0)

    @property
    def widest(self) -> float:
        """Inches of the widest text."""
        return max((width_of(text, self.size) for text in self.texts), default=0.0)


def fitted(texts: Sequence[str], choices: Sequence[tuple[float, float]], lines: int = 1) -> Fitted:
    """Texts in the first form in which all of them fit; in the last one, whatever it takes.

    Args:
        texts: that stand alike, such as the captions of a row; as anything may have named them.
        choices: width (inches) and size (points), the best one first.
        lines: that a text may take; the last choice takes as many as it needs.
    """
    safe = [shown(text) for text in texts]
    for width, size in choices:
        wrapped = [wrap(text, width, size) for text in safe]
        if all(text.count("\n") < lines and width_of(text, size) <= width for text in wrapped):
            break
    broken = [wrap(text, width, size, anywhere=True) for text in safe]
    return Fitted(broken, width, size)


def in_even_lines(text: str, wrapped: Fitted) -> Fitted:
    """A text that was wrapped, in as many lines of about one length."""
    lines = wrapped.texts[0].count("\n")
    for share in (0.5, 0.6, 0.7, 0.8, 0.9):
        narrower = fitted([text], [(share * wrapped.width, wrapped.size)], lines + 1)
        if narrower.texts[0].count("\n") == lines and narrower.widest <= wrapped.width:
            return replace(narrower, width=wrapped.width)
    return wrapped


def wrap(text: str, width: float, size: float, *, anywhere: bool = False) -> str:
    """A text in lines of a width (inches).

    Args:
        text: its own line feeds stay.
        width: of the lines; a longer word stands out unless it may be broken.
        size: points.
        anywhere: break words that are wider than a line.
    """
    return "\n".join("\n".join(_lines(line, width, size, anywhere)) for line in text.split("\n"))


def _lines(text: str, width: float, size: float, anywhere: bool) -> Iterator[str]:
    fits_whole = width_of(text.rstrip(), size) <= width  # as most do: one measurement instead of one a word
    line = ""
    for word in [text] if fits_whole else filter(None, _WORDS.findall(text)):
        if line and width_of((line + word).rstrip(), size) > width:
            yield line.rstrip()
            line = ""
        line += word
        while anywhere and len(line) > 1 and width_of(line.rstrip(), size) > width:
            end = _longest(line, width, size)
            yield line[:end]
            line = line[end:]
    yield line.rstrip()


def _longest(text: str, width: float, size: float) -> int:
    """How many characters fit into a line, at least one."""
    return max(1, bisect_right(range(1, len(text)), width, key=lambda end: width_of(text[:end], size)))


@lru_cache(maxsize=20_000)
def width_of(text: str, size: float, family: str = SANS) -> float:
    """The width of a text's widest line, in inches.

    Args:
        text: as it is shown.
        size: points.
        family: the font that is used as far as it goes.
    """
    font = _font(families_for(text, family), size)
    lines = (line for line in text.split("\n") if line)
    return max((_extent(line, font)[0] for line in lines), default=0.0)


def text_height(text: str, size: float) -> float:
    """The height of all lines of a text, in inches; none of an empty one."""
    return (text.count("\n") + 1) * line_height(size) if text else 0.0


@cache
def line_height(size: float) -> float:
    """The height of a line among others, in inches."""
    font = _font([SANS], size)
    return LINE_SPACING * _extent("lp", font)[1]


def spread(middles: Sequence[float], widths: Sequence[float], low: float, high: float) -> list[float]:
    """Places for labels beside each other that don't overlap, near where they belong.

    Args:
        middles: where each belongs, ascending.
        widths: of the labels.
        low: where the first may begin.
        high: where the last must end, as far as all have room.
    """
    places: list[float] = []
    edge = low
    for middle, width in zip(middles, widths, strict=True):
        places.append(max(middle, edge + width / 2))
        edge = places[-1] + width / 2
    edge = max(high, low + sum(widths))
    for index in reversed(range(len(places))):
        places[index] = min(places[index], edge - widths[index] / 2)
        edge = places[index] - widths[index] / 2
    return places


def _font(families: Sequence[str], size: float) -> FontProperties:
    """As figures are drawn with: what is not given here would come from the user's own settings."""
    return FontProperties(
        family=list(families), style="normal", variant="normal", weight="normal", stretch="normal", size=size
    )


def _extent(line: str, font: FontProperties) -> tuple[float, float]:
    """Width and height of a line, in inches."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing from font")
        with nullcontext() if _as_it_comes() else rc_context(_settings()):
            width, height, _ = _renderer().get_text_width_height_descent(line, font, False)
    return width / _DOTS, height / _DOTS


def _as_it_comes() -> bool:
    """Whether letters are set so already, as within the house's style: a context costs more than a measurement."""
    return all(rcParams[name] == value for name, value in _settings().items())


@cache
def _settings() -> dict[Any, Any]:
    """How matplotlib sets letters as it comes, but at no grid of dots: figures are drawn so."""
    with warnings.catch_warnings(action="ignore"):  # of settings that will be gone
        return {name: value for name, value in rcParamsDefault.items() if name.startswith("text.")} | LETTERS


@cache
def _renderer() -> Any:
    """What measures: figures are drawn as it would draw them."""
    return FigureCanvasAgg(Figure(figsize=(1, 1), dpi=_DOTS)).get_renderer()  # type: ignore[no-untyped-call]
