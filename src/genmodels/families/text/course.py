"""How a training went: the validation text's nats by epoch and by time."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from genmodels.exhibit import Exhibit, Format, Table
from genmodels.families.run import Run
from genmodels.runs import Record, RunDir

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from genmodels.figures.curves import Curve

COLUMNS: Mapping[str, Format] = dict.fromkeys(
    ("run", "epoch", "step", "split", "nll", "bits_per_char", "perplexity", "accuracy", "seconds"), "short"
)


def course_of(run: Run) -> Exhibit:
    """The validation text's nats by epoch and by minutes of training.

    Raises:
        RunError: no epoch is finished yet.
    """
    title = f"{run.name}: validation text, carried protocol"
    rows = [{"run": run.name, **record} for record in run.evaluated("nll") if record["epoch"] > 0]

    def draw(title: str) -> "Figure":
        from genmodels.figures.curves import curves_figure

        return curves_figure([curve_of(run, f"{run.name} ({run.setting('model')})")], {}, title)

    return Exhibit("course", title, {"evaluations": rows}, [Table(title, COLUMNS, rows, shown=False)], draw)


def trained_epochs(run: RunDir) -> list[Record]:
    """The evaluations, but for that of the untrained model."""
    return [record for record in run.evaluations() if record["epoch"] > 0]


def curve_of(run: RunDir, name: str) -> "Curve":
    """A run's line in a figure; `name` is what the legend calls it."""
    from genmodels.figures.curves import Curve

    records = trained_epochs(run)
    return Curve(
        name=name,
        epochs=[int(r["epoch"]) for r in records],
        minutes=[float(r["seconds"]) / 60.0 for r in records],
        nll=[float(r["nll"]) for r in records],
    )
