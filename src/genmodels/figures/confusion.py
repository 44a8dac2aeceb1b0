"""Which words, said alone, are read as which: a panel."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from numpy.typing import NDArray

from genmodels.errors import in_turn
from genmodels.figures import widths
from genmodels.figures.fitting import Fitted, line_height, width_of
from genmodels.figures.panels import LEADER, as_names, head, name_columns, name_rows, size_of
from genmodels.figures.style import INK, LABEL
from genmodels.telling import SILENT, counted

NAMES = 1.2  # inches of the words
BESIDE = ("nothing", "others")  # columns after those of the words
BESIDE_TOLD = ("nothing", "several words or others")
RIGHT = ListedColormap(["#d0d0d0"])
COUNT_SIZES = (9.0, 7.5, 6.0)  # points
MOST_TIES = 3  # errors as frequent as each other that are named
DARK = 0.6  # share of the highest count above which letters are white


def _said(table: NDArray[np.int64]) -> int:
    """How many words a network read anything for."""
    return int(table.sum() - table[:, len(table)].sum())


@dataclass(frozen=True)
class Confusion:
    """How often each word was read as what.

    Args:
        counts: rows said, columns read as each word, as nothing, as several or others; shape (V, V + 2).
        words: in their order.
        high: inches of the panel.
        networks: whose readings are counted together.
        silent: how many others say next to no word, and so would only fill the column of what was read as nothing.
    """

    counts: NDArray[np.int64]
    words: Sequence[str]
    high: float
    networks: int = 1
    silent: int = 0

    @classmethod
    def of(cls, tables: Sequence[NDArray[np.int64]], words: Sequence[str], high: float) -> "Confusion":
        """Those of several networks; who says next to no word is left out, unless all do."""
        saying = [table for table in tables if _said(table) >= SILENT * table.sum()] or tables
        return cls(np.sum(saying, axis=0), words, high, len(saying), len(tables) - len(saying))

    @property
    def errors(self) -> NDArray[np.int64]:
        """The same without what was read right."""
        errors = self.counts.copy()
        np.fill_diagonal(errors, 0)
        return errors

    @property
    def rows(self) -> Fitted:
        """The names of the words that were said."""
        return as_names(self.words, NAMES, self.high / len(self.words))

    @property
    def columns(self) -> Fitted:
        """The names of what was read."""
        return as_names([*self.words, *BESIDE], NAMES)

    @property
    def below(self) -> float:
        """Inches below the panel: names, and what they are."""
        return self.columns.widest + LEADER + line_height(LABEL) + 0.15

    @property
    def told(self) -> str:
        """What is misread most."""
        errors = self.errors
        if not errors.any():
            return "no word said alone was misread"
        most = np.argwhere(errors == errors.max()).tolist()
        times = counted(int(errors.max()), "time")
        if len(most) == 1:
            ((said, read),) = most
            told = f"{self._error(said, read)}, {errors.max()} of {self.counts[said].sum()} times"
            return f"the most frequent error with words said alone is {told}"
        if len(most) > MOST_TIES:
            return f"no error with words said alone stands out: {len(most)} are as frequent, {times} each"
        told = in_turn([self._error(said, read) for said, read in most])
        return f"the most frequent errors with words said alone are {told}, {times} each"

    def _error(self, said: int, read: int) -> str:
        heard = [*(f"“{word}”" for word in self.words), *BESIDE_TOLD][read]
        return f"“{self.words[said]}” read as {heard}"

    @property
    def _whose(self) -> str:
        if self.silent:
            return f" by {self.networks} of {self.networks + self.silent} networks, those that say words"
        return "" if self.networks == 1 else f" by {self.networks} networks together"

    def draw(self, axes: Axes) -> None:
        """Errors in colour, what was read right in grey, and counts where they have room."""
        errors, count = self.errors, len(self.words)
        right = np.ma.masked_equal(self.counts - errors, 0)
        edges = np.arange(count + 3), np.arange(count + 1)
        axes.pcolormesh(
            *edges, np.ma.masked_equal(errors, 0), cmap="Oranges", vmin=0, vmax=max(1, errors.max()), rasterized=True
        )
        axes.pcolormesh(*edges, right, cmap=RIGHT, rasterized=True)
        axes.axvline(count, color=INK, linewidth=widths.RULE)
        axes.set(xlim=(0, count + 2), ylim=(count, 0), xticks=[], yticks=[])
        axes.grid(visible=False)
        head(axes, f"Words said alone, and what was read{self._whose}: errors in orange")
        name_rows(axes, self.rows, list(np.argsort(-errors.sum(axis=1), kind="stable")))
        name_columns(axes, self.columns, [count, count + 1, *np.argsort(-errors[:, :count].sum(axis=0), kind="stable")])
        width, height = size_of(axes)
        axes.text(0.5, -(self.below - 0.1) / height, "read", transform=axes.transAxes, ha="center", fontsize=LABEL)
        axes.text(-(self.rows.widest + LEADER + 0.15) / width, 0.5, "said", transform=axes.transAxes, rotation=90,
                  ha="center", va="center", fontsize=LABEL)  # fmt: skip
        self._write_counts(axes)

    def _write_counts(self, axes: Axes) -> None:
        width, height = size_of(axes)
        room = width / (len(self.words) + 2), height / len(self.words)
        longest = str(self.counts.max())
        sizes = [
            size for size in COUNT_SIZES if width_of(longest, size) < 0.9 * room[0] and line_height(size) < room[1]
        ]
        highest = self.errors.max()
        for row, column in np.argwhere(self.counts) if sizes else []:
            dark = row != column and self.counts[row, column] > DARK * highest
            axes.text(column + 0.5, row + 0.5, str(self.counts[row, column]), ha="center", va="center",
                      fontsize=sizes[0], color="white" if dark else INK)  # fmt: skip
