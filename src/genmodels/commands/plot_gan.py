"""plot-gan: how the game went, from metrics.jsonl alone."""

from genmodels.cli import options
from genmodels.cli.output import Output, with_output
from genmodels.families import open_run
from genmodels.families.gan import GanRun


@with_output("runs", "out", "csv_file", "json", "debug")
def plot_gan(
    run: options.RunName = None,
    epoch: options.Epoch = None,
    *,
    output: Output,
) -> None:
    """Plot how the game of a GAN went.

    D(x) and D(G(z)), the losses, the Fréchet distance by epoch, and the classes drawn; --epoch says after which one the
    classes are counted.

    Examples:

      genmodels plot-gan

      genmodels plot-gan --epoch 1 --out first.pdf --csv course.csv
    """
    found = open_run(output.runs, run, GanRun, output.teller)
    exhibit = found.course(epoch)
    output.to(found, exhibit.name)
    output.show(exhibit)
