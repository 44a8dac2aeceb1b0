"""Sounds, and when a network hears which word in them: distributions and their spikes."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import Collection
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from numpy.typing import NDArray

from genmodels.figures import widths
from genmodels.figures.colours import COLOURS
from genmodels.figures.fitting import Fitted, fitted, line_height, width_of
from genmodels.figures.heard import MUTE, DrawnSound, told_of
from genmodels.figures.panels import LEADER, SMALLEST, Page, as_names, name_rows, size_of
from genmodels.figures.spectrogram import DEPTH, draw_spectrogram, draw_waveform
from genmodels.figures.style import FAINT, INK, LABEL, MARGIN, TICK, style

WAVEFORM, SPECTRUM, SPIKES = 0.55, 0.9, 1.0  # inches of the panels
ROW, FLATTEST, HIGHEST = 0.17, 0.5, 2.4  # inches of a row of the heat map, and of all of them
GAP, AXIS = 0.14, 0.42  # inches between panels, and of the time below them
LEFT, RIGHT, BAR = 0.45, 0.55, 0.1  # inches of units, of the scales of colours, and of the bars themselves
WIDTHS = {1: 6.6, 2: 6.6, 3: 4.8}  # inches of a block, by how many stand beside each other
WIDE, A_SECOND = 12.0, 1.2  # inches of one that stands alone at most, and how many a second adds
LEAST, LEAST_SECOND = 1.7, 0.62  # inches of others, beside their sounds, and of each second at least
SCREEN, AROUND = 16 / 9, 1.2  # width of a page over its height; inches of its title and sentence
TALLEST = 2.0  # inches by which panels grow at most, where a page would be too flat
GROWS = (0.2, 0.3, 0.0, 0.5)  # shares of that: waveform, spectrogram, heat map, spikes
NAMES = 1.3  # inches of the words' names
HEAD = 1.05  # times the height of a heading: letters of some scripts are higher than Latin ones
BLANK = "(blank)"
SCORE = 7.0  # points
WRONG, BAND = COLOURS[1], COLOURS[5]
HUES = (COLOURS[0], COLOURS[2], COLOURS[3], COLOURS[4], COLOURS[5])  # without the one of wrong readings


@dataclass(frozen=True)
class _Block:
    """A sound and how much room it takes, in inches.

    Args:
        sound: that is drawn.
        words: that the network tells apart.
        width: of all of it.
        heading: above it.
        names: of the rows of the heat map.
        labels: of the spikes.
        levels: how high above the spikes each label stands, in labels.
        more: inches by which its panels are higher than they need to be.
        head: inches of the highest heading beside it.
        over: inches of the highest labels beside it.
    """

    sound: DrawnSound
    words: tuple[str, ...]
    width: float
    heading: Fitted
    names: Fitted
    labels: Fitted
    levels: Sequence[int]
    more: float = 0.0
    head: float = 0.0
    over: float = 0.0

    @classmethod
    def of(cls, sound: DrawnSound, words: tuple[str, ...], width: float) -> "_Block":
        """A block of a width."""
        room = width - 2 * MARGIN
        heading = fitted([sound.told], [(room, 10.0), (room, LABEL), (room, 7.0)], 5)
        named = len({word for word, _, _ in sound.words}) + 1  # where there is no room for more
        names = as_names([*words, BLANK], NAMES, min(HIGHEST, ROW * (len(words) + 1)) / named)
        labels = fitted([word for word, _, _ in sound.words], [(1.0, LABEL), (1.4, TICK), (1.4, SMALLEST)], 2)
        block = cls(sound, words, width, heading, names, labels, [])
        spans = [block.width_of(index) for index in range(len(labels.texts))]
        return replace(block, levels=_levels(block.middles, spans))

    @property
    def left(self) -> float:
        """Inches left of the panels."""
        return MARGIN + LEFT + self.names.widest + LEADER

    @property
    def room(self) -> float:
        """Inches that the sound is wide."""
        return self.width - self.left - RIGHT - MARGIN

    @property
    def rows(self) -> float:
        """Inches of the heat map."""
        return min(HIGHEST, max(FLATTEST, ROW * len(self.names.texts), 2.5 * self.names.height))

    @property
    def heights(self) -> list[float]:
        """Inches of the panels: waveform, spectrogram, heat map, spikes."""
        usual = (WAVEFORM, SPECTRUM, self.rows, SPIKES)
        return [height + share * self.more for height, share in zip(usual, GROWS, strict=True)]

    @property
    def level(self) -> float:
        """Inches of a label and the number below it."""
        return self.labels.height + line_height(SCORE) + 0.04

    @property
    def above(self) -> float:
        """Inches of all labels."""
        return max(self.over, self.level * (max(self.levels, default=0) + 1) + 0.1)

    @property
    def headed(self) -> float:
        """Inches of the heading, and of what is free below it."""
        return max(self.head, HEAD * self.heading.height + 0.1)

    @property
    def height(self) -> float:
        """Inches of everything."""
        panels = sum(self.heights) + 2 * GAP
        return self.headed + panels + self.above + AXIS + MARGIN

    @property
    def middles(self) -> list[float]:
        """Where each label stands, in inches from the panel's left edge."""
        found = []
        for index in range(len(self.sound.words)):
            half, middle = self.width_of(index) / 2, self.spike(index)[0] / self.sound.seconds * self.room
            found.append(max(half, min(middle, self.room - half)))
        return found

    def width_of(self, index: int) -> float:
        """Inches that a label needs."""
        probability = width_of(_probability(self.sound.words[index][2]), SCORE)
        return max(width_of(self.labels.texts[index], self.labels.size), probability) + 0.06

    def spike(self, index: int) -> tuple[float, float]:
        """The second in which a word that was read is surest, and its output there."""
        sound, (word, (first, last), probability) = self.sound, self.sound.words[index]
        here = np.flatnonzero((sound.times >= first - sound.step) & (sound.times <= last + sound.step))
        if word not in self.words or not len(here):
            return min((first + last) / 2, sound.seconds), probability
        column = self.words.index(word) + 1
        best = here[int(sound.probabilities[here, column].argmax())]
        return min(max(0.0, float(sound.times[best])), sound.seconds), float(sound.probabilities[best, column])


def spikes_figure(sounds: Sequence[DrawnSound], words: tuple[str, ...], title: str) -> Figure:
    """Each sound: its waveform, its spectrogram, the distributions over blank and words, the spikes of what was read.

    Args:
        sounds: one to six, of up to 12 s; they stand so that the page is most like a screen.
        words: that the network tells apart, in the order of its outputs.
        title: above all.
    """
    columns = {-(-len(sounds) // count): count for count in sorted(WIDTHS, reverse=True)}  # the fewest for so many rows
    candidates = [_Layout.of(sounds, words, count) for count in columns.values()]
    layout = min(candidates, key=lambda one: abs(math.log(one.shape / SCREEN))).filled()
    with style():
        page = Page.titled(layout.width, sum(layout.heights), title, told_of(sounds, words))
        bottom, hues = sum(layout.heights), _hues_of(sounds)
        for row, height in zip(layout.rows, layout.heights, strict=True):
            for column, block in enumerate(row):
                _draw(page, block, column * block.width, bottom, hues)
            bottom -= height
        return page.figure


def _hues_of(sounds: Sequence[DrawnSound]) -> dict[str, str]:
    """A colour for each word that was read, in whichever sound; two words of one sound share one only if they must.

    Words beside the most others choose first, as these leave them the least choice.
    """
    said = [dict.fromkeys(word for word, _, _ in sound.words) for sound in sounds]
    beside = {word: {other for words in said if word in words for other in words} for words in said for word in words}
    hues: dict[str, str] = {}
    for word in sorted(beside, key=lambda word: -len(beside[word])):
        taken = [hues[other] for other in beside[word] if other in hues]
        hues[word] = min(HUES, key=lambda hue: (taken.count(hue), list(hues.values()).count(hue)))
    return hues


@dataclass(frozen=True)
class _Layout:
    """Blocks in rows.

    Args:
        rows: of blocks that are alike wide; all but the last have as many.
    """

    rows: Sequence[Sequence[_Block]]

    @classmethod
    def of(cls, sounds: Sequence[DrawnSound], words: tuple[str, ...], columns: int) -> "_Layout":
        """So many beside each other, each as wide as its words and its sound need."""
        longest = max(sound.seconds for sound in sounds)
        alone = min(WIDE, WIDTHS[1] + A_SECOND * longest)
        width = alone if columns == 1 else max(WIDTHS[columns], LEAST + LEAST_SECOND * longest)
        blocks = [_Block.of(sound, words, width) for sound in sounds]
        return cls([_aligned(blocks[first : first + columns]) for first in range(0, len(blocks), columns)])

    @property
    def width(self) -> float:
        """Inches."""
        return sum(block.width for block in self.rows[0])

    @property
    def heights(self) -> list[float]:
        """Inches of each row."""
        return [max(block.height for block in row) for row in self.rows]

    @property
    def shape(self) -> float:
        """Width over height of the page."""
        return self.width / (sum(self.heights) + AROUND)

    def filled(self) -> "_Layout":
        """The same with higher panels, where the page is flatter than a screen."""
        missing = (self.width / SCREEN - sum(self.heights) - AROUND) / len(self.rows)
        more = min(TALLEST, max(0.0, missing))
        return _Layout([[replace(block, more=more) for block in row] for row in self.rows])


def _aligned(row: Sequence[_Block]) -> list[_Block]:
    """Blocks beside each other whose panels lie at one height."""
    head, over = max(block.headed for block in row), max(block.above for block in row)
    return [replace(block, head=head, over=over) for block in row]


def _levels(middles: Sequence[float], widths: Sequence[float]) -> list[int]:
    """The lowest level for each label at which none lies on another."""
    ends: list[float] = []
    levels = []
    for middle, width in zip(middles, widths, strict=True):
        free = [level for level, end in enumerate(ends) if end <= middle - width / 2]
        level = free[0] if free else len(ends)
        ends[level : level + 1] = [middle + width / 2]
        levels.append(level)
    return levels


def _draw(page: Page, block: _Block, left: float, top: float, hues: Mapping[str, str]) -> None:
    """A block with its panels from above to below; each word that was read has its colour in all blocks."""
    sound, start = block.sound, left + block.left
    page.write(left + MARGIN, top, block.heading.texts[0], fontsize=block.heading.size, va="top",
               color=WRONG if sound.wrong else INK)  # fmt: skip
    limits = {"xlim": (0.0, sound.seconds)}
    bottom = top - block.headed
    units = ("amplitude", "kHz", "word", "output")
    heights = block.heights
    gaps = (0.0, GAP, GAP, block.above)
    panels = []
    for unit, height, gap in zip(units, heights, gaps, strict=True):
        bottom -= gap + height
        panels.append(page.panel(start, bottom, block.room, height, **limits))
        page.write(left + MARGIN + 0.08, bottom + height / 2, unit, rotation=90, ha="center", va="center",
                   fontsize=TICK if height > WAVEFORM else 7.0, color=INK)  # fmt: skip
    for axes in panels[:-1]:
        axes.tick_params(labelbottom=False)
    draw_waveform(panels[0], sound.samples)
    for _, span, _ in sound.words:
        panels[0].axvspan(span[0] - sound.step / 2, span[1] + sound.step / 2, color=BAND, alpha=0.35, linewidth=0)
    for axes in panels:
        axes.set_xlim(0.0, sound.seconds)
        if sound.heard_behind:
            axes.axvline(sound.ends, color=INK, linewidth=widths.THIN, linestyle=":")
    _draw_scale(page, panels[1], draw_spectrogram(panels[1], sound.samples), (-DEPTH, 0.0), " dB")
    _draw_scale(page, panels[2], _draw_distributions(panels[2], block), (0.0, 1.0), "")
    _draw_spikes(panels[3], block, hues)
    panels[3].set_xlabel("time (s)", fontsize=LABEL)


def _draw_distributions(axes: Axes, block: _Block) -> Collection:
    """A row for each word, and blank below them."""
    sound, count = block.sound, len(block.words)
    times, values = _continuous(sound)
    edges = np.append(times - sound.step / 2, times[-1:] + sound.step / 2)
    rows = np.roll(values, -1, axis=1).T
    image = axes.pcolormesh(edges, np.arange(count + 2), rows, cmap="Blues", vmin=0, vmax=1, rasterized=True)
    axes.set(xlim=(0, sound.seconds), ylim=(count + 1, 0), yticks=[])
    axes.axhline(count, color=FAINT, linewidth=widths.HAIR)
    axes.grid(visible=False)
    surest = sorted(sound.words, key=lambda word: -word[2])
    read = [block.words.index(word) for word, _, _ in surest if word in block.words]
    name_rows(axes, block.names, [count, *dict.fromkeys(read)])
    return image


def _draw_scale(page: Page, axes: Axes, image: Collection | AxesImage, ends: tuple[float, float], unit: str) -> None:
    """What the colours of a panel mean."""
    width, height = size_of(axes)
    place = axes.get_position()
    left, bottom = place.x0 * page.width + width + BAR, place.y0 * page.figure.get_figheight() - page.foot
    bar = page.panel(left, bottom + 0.05, BAR, height - 0.1)
    page.figure.colorbar(image, cax=bar, ticks=list(ends))
    bar.set_yticklabels([f"{end:g}{unit}".replace("-", "−") for end in ends], fontsize=7.0)


def _draw_spikes(axes: Axes, block: _Block, hues: Mapping[str, str]) -> None:
    """A line for each word, and the words that were read over their spikes."""
    sound = block.sound
    times, values = _continuous(sound)
    read = {word for word, _, _ in sound.words}
    axes.plot(times, values[:, 0], color=FAINT, linewidth=widths.THIN, linestyle=(0, (4, 3)))
    for column, word in enumerate(block.words, start=1):
        if word in read:
            axes.plot(times, values[:, column], color=hues[word], linewidth=widths.LINE, zorder=3)
        elif np.nanmax(values[:, column], initial=0.0) > MUTE:
            axes.plot(times, values[:, column], color=FAINT, linewidth=widths.THIN)
    axes.set(xlim=(0, sound.seconds), ylim=(0, 1.03), yticks=[0, 0.5, 1])
    _draw_labels(axes, block, hues)


def _draw_labels(axes: Axes, block: _Block, hues: Mapping[str, str]) -> None:
    """Each word that was read with its output in the surest place, and a line down to its spike."""
    width, height = size_of(axes)
    for index, (word, _, probability) in enumerate(block.sound.words):
        (moment, peak), level, middle = block.spike(index), block.levels[index], block.middles[index] / width
        bottom = 1 + (0.05 + level * block.level) / height
        axes.plot([moment / block.sound.seconds, middle], [peak / 1.03, bottom], color=hues[word],
                  linewidth=widths.THIN, transform=axes.transAxes, clip_on=False, zorder=2)  # fmt: skip
        score = _probability(probability)
        ground = {"facecolor": "white", "edgecolor": "none", "pad": 0.4}
        axes.text(middle, bottom, score, transform=axes.transAxes, ha="center", va="bottom", fontsize=SCORE,
                  color=INK, bbox=ground, zorder=4)  # fmt: skip
        above = bottom + (line_height(SCORE)) / height
        axes.text(middle, above, block.labels.texts[index], transform=axes.transAxes, ha="center", va="bottom",
                  fontsize=block.labels.size, color=INK, bbox=ground, zorder=4)  # fmt: skip


def _continuous(sound: DrawnSound) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Steps in the order of their times, with a step of nothing where some are left out."""
    if not len(sound.times):
        return np.zeros(1), np.full((1, sound.probabilities.shape[1]), np.nan)
    order = np.argsort(sound.times, kind="stable")
    times, values = sound.times[order], sound.probabilities[order].astype(np.float64)
    gaps = np.flatnonzero(np.diff(times) > 1.5 * sound.step) + 1
    return np.insert(times, gaps, times[gaps - 1] + sound.step), np.insert(values, gaps, np.nan, axis=0)


def _probability(value: float) -> str:
    return f"{value:.2f}".removeprefix("0")
