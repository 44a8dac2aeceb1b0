"""plot-gan: how the game went, from metrics.jsonl alone."""

from typing import Annotated

import typer

from genmodels.cli import options
from genmodels.cli.output import Output, with_output
from genmodels.cli.parsing import parse_epoch
from genmodels.families import open_run
from genmodels.families.gan import GanRun

Evaluated = Annotated[
    str | None,
    typer.Option(
        "--epoch", help="After which epoch the classes are counted, such as 2; latest.", show_default="the best",
        parser=parse_epoch, metavar="<epoch>",
    ),
]  # fmt: skip


@with_output("runs", "out", "csv_file", "json", "debug")
def plot_gan(
    run: options.RunName = None,
    epoch: Evaluated = None,
    *,
    output: Output,
) -> None:
    """Plot how the game of a GAN went.

    D(x) and D(G(z)), the losses, the kernel distance by epoch, and the classes drawn; --epoch says after which one the
    classes are counted.

    Examples:

      genmodels plot-gan

      genmodels plot-gan --epoch 1 --out first.pdf --csv course.csv
    """
    found = open_run(output.runs, run, GanRun, output.teller)
    exhibit = found.course(epoch)
    output.to(found, exhibit.name)
    output.show(exhibit)
