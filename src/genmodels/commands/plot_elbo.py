"""plot-elbo: the lower bound by epoch, from metrics.jsonl alone."""

from genmodels.cli import options
from genmodels.cli.output import Output, with_output
from genmodels.families import open_runs
from genmodels.families.vae import VaeRun, courses


@with_output("runs", "out", "csv_file", "json", "debug")
def plot_elbo(run: options.SeveralRuns = None, *, output: Output) -> None:
    """Plot the lower bound by epoch, and its two terms.

    Examples:

      genmodels plot-elbo

      genmodels plot-elbo --run mlp --run conv --out elbo.pdf --csv elbo.csv
    """
    found = open_runs(output.runs, run or (None,), VaeRun, output.teller)
    output.to(found, "elbo")
    output.show(courses(found))
