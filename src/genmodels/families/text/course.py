"""How a training went, as a line among others of a comparison."""

from typing import TYPE_CHECKING

from genmodels.families.text.run import TextRun
from genmodels.runs import RunDir

if TYPE_CHECKING:
    from genmodels.figures.curves import Curve


def curve_of(run: RunDir, name: str) -> "Curve":
    """The validation text's nats by epoch and by time; `name` is what the legend calls the run."""
    curves = TextRun(run.path).follow("nll", name).curves()
    return next(curve for curve in curves if curve.part == "validation")
