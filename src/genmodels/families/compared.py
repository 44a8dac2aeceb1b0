"""Runs of several image families side by side, as tables and as a figure."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from genmodels.exhibit import Format, Row, Table, give_or_take, written
from genmodels.families.chance import GIVE_OR_TAKE
from genmodels.families.doubtful import DOUBT, with_doubts

if TYPE_CHECKING:
    import numpy as np
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

SHOWN = 12  # images of each run in a line of the figure
LINES = 4  # of them, at most, where a page has the room
MEASURES = ("classes_present", "class_kl", "kernel_distance", "precision", "recall", "nearest_squared")
SURE = {name: f"{name}_standard_error" for name in ("nats", "kernel_distance", "class_kl", "precision", "recall")}
COLUMNS = (
    "run", "model", "epoch", "parameters", "minutes", "nats", "relation", *MEASURES, *SURE.values(), "seconds_for_64",
    DOUBT,
)  # fmt: skip


def _bound(row: Row) -> str:
    """Nats as a person reads them: 27.02, or "<= 27.02" where they are a bound."""
    number = written(row["nats"], ".2f")
    return f"<= {number}" if row["relation"] == "<=" else number


FORMATS: dict[str, Format] = {
    "parameters": ",", "minutes": ".1f", "nats": _bound, "class_kl": ".4f", "kernel_distance": ".4f",
    "precision": ".3f", "recall": ".3f", "nearest_squared": ".2f", "seconds_for_64": ".3f",
    **dict.fromkeys(SURE.values(), ".3f"), SURE["nats"]: ".2f",
    **{SURE[name]: ".4f" for name in ("kernel_distance", "class_kl")},
}  # fmt: skip


def _with_error(row: Row, name: str = "kernel_distance") -> str:
    """A measure with its standard error: 0.0123 ± 0.0021; without it where it is not known."""
    form = FORMATS[name]
    number = form(row) if callable(form) else written(row[name], form)
    return give_or_take(number, written(row[SURE[name]], str(FORMATS[SURE[name]])))


def tables_of(title: str, nats_of: str, rows: Sequence[Row]) -> list[Table]:
    """One for a spreadsheet, where a bound's sign has a column, and one for people, where it stands by its number."""
    told = f"{title}; nats of {nats_of}; {GIVE_OR_TAKE}"
    shown = {name: FORMATS.get(name, "") for name in COLUMNS if name not in {"relation", DOUBT}}
    whole = Table(told, dict.fromkeys(COLUMNS, ""), rows, shown=False)
    return [whole, with_doubts(Table(told, shown, rows, errors=SURE))]


def figure_of(
    title: str,
    rows: Sequence[Row],
    samples: "Sequence[NDArray[np.float32]]",
    of: str,
    nats_of: str,
    doubts: Sequence[str],
    *,
    same_images: bool,
) -> "Figure":
    """A row of images for each run, the real ones above them, in as many lines as the page has room for.

    Args:
        title: above them.
        rows: of the table; the last one is that of real images.
        samples: real images, then those of each run.
        of: how many images were measured, and by what.
        nats_of: which images the nats are of, and what these are given.
        doubts: why the measures are not to be trusted, a sentence each.
        same_images: whether the nats of all runs are of the same images.
    """
    from genmodels.figures.grid import GridRow, filling, grid_figure
    from genmodels.figures.style import sentence_of

    *runs, real = rows
    labels = ["test images"]
    for row in runs:
        nats = "" if row["nats"] is None else f"{_with_error(row, 'nats')} nats, ".replace("<=", "≤")
        labels.append(f"{row['run']} ({row['model']})\n{nats}kernel distance {_with_error(row)}")

    def rows_of(lines: int) -> "list[GridRow]":
        pairs = zip(samples, labels, strict=True)
        return [GridRow(images[: lines * SHOWN], label, apart=True, lines=lines) for images, label in pairs]

    grid = filling(rows_of, min(LINES, min(map(len, samples)) // SHOWN))
    return grid_figure(
        grid, title, " ".join([_sentence(runs, real, of, nats_of, same_images=same_images), *map(sentence_of, doubts)])
    )


def _sentence(runs: Sequence[Row], real: Row, of: str, nats_of: str, *, same_images: bool) -> str:
    """What the numbers are, and who is nearest to the test images."""
    best = min(runs, key=lambda row: float(row["kernel_distance"]))
    told = (
        f"Kernel distance: how far drawn images are from test images ({of}), ± its standard error: {_with_error(real)} "
        f"for training images in their place, at least {_with_error(best)} here ({best['run']})."
    )
    if any(row["nats"] is not None for row in runs):
        same = ", which are the same for all, so what runs differ by is surer than that" if same_images else ""
        told += f" Nats: mean −log p of {nats_of}, ± its standard error over images{same}; lower is better; ≤ where it "
        told += "is a bound."
    return told
