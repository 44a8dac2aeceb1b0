"""How a training went, epoch by epoch: a family's score on each part of its data."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from genmodels.exhibit import Exhibit, Table
from genmodels.runs import Record

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def course_of(records: Sequence[Record], score: str, title: str, unit: str, columns: Sequence[str] = ()) -> Exhibit:
    """A score by epoch and by minutes of training, a curve for each part of the data.

    Args:
        records: of evaluations that hold the score.
        score: its name.
        title: of the run and its data.
        unit: of the score.
        columns: of the table for a spreadsheet; none: all that the records hold.
    """
    names = columns or list(dict.fromkeys(name for record in records for name in record))
    table = Table(title, dict.fromkeys(names, "short"), records, shown=False)
    return Exhibit(score, title, {"evaluations": records}, [table], lambda title: _figure(records, score, title, unit))


def _figure(records: Sequence[Record], score: str, title: str, unit: str) -> "Figure":
    """From the first epoch: what an untrained model reaches lies far off."""
    from genmodels.figures.curves import Curve, curves_figure

    trained = [record for record in records if record["epoch"] > 0]
    curves = []
    for split in dict.fromkeys(str(record["split"]) for record in trained):
        rows = [record for record in trained if record["split"] == split]
        minutes = [float(row["seconds"]) / 60.0 for row in rows]
        curves.append(Curve(split, [row["epoch"] for row in rows], minutes, [float(row[score]) for row in rows]))
    return curves_figure(curves, {}, title, unit)
