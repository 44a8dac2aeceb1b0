"""plot-curve: how the score of any runs went, from metrics.jsonl alone."""

from typing import Annotated

import typer

from genmodels.cli import options
from genmodels.cli.console import note
from genmodels.cli.output import Output, with_output
from genmodels.families import Run, open_runs
from genmodels.families.curves import curves
from genmodels.families.taking import chosen_told
from genmodels.runs.newest import newest_begun

Score = Annotated[
    str | None,
    typer.Option(help="Any measure of metrics.jsonl, such as accuracy.", show_default="what the best epoch is by"),
]


@with_output("runs", "out", "csv_file", "json", "debug")
def plot_curve(run: options.RunsToWatch = None, score: Score = None, *, output: Output) -> None:
    """Plot how a training went, by epoch and by time.

    The score on train and held-out data, with the best epoch ringed. For runs of every family, also one that is still
    being trained: where none is named, the newest that has something to show. Several runs are overlaid.

    Examples:

      genmodels plot-curve

      genmodels plot-curve --run lstm --run rnn --out curves.pdf --csv curves.csv

      genmodels plot-curve --run 'compared-*' --score accuracy
    """
    names = run or [str(newest_begun(output.runs).path)]  # also one that is being trained: to watch it
    found = open_runs(output.runs, names, Run, output.teller)
    if not run:
        note(chosen_told(output.runs, found[0]))
    output.to(found, "curve")
    output.show(curves(found, score))
