"""reconstruct: what a VAE makes of ten images, epoch by epoch."""

from typing import Annotated

import typer

from genmodels.cli import options
from genmodels.cli.output import Output, with_output
from genmodels.cli.parsing import epochs_of, numbers_of
from genmodels.families import open_run
from genmodels.families.vae import VaeRun


@with_output("runs", "out", "json", "computing", "debug")
def reconstruct(
    run: options.RunName = None,
    epochs: Annotated[
        str | None, typer.Option(help="Epochs, such as 1,10,20.", show_default="the first, the middle and the last")
    ] = None,
    images: options.TestImages = None,
    sample: Annotated[bool, typer.Option(help="Draw the code from q(z|x) instead of taking its mean.")] = False,
    seed: Annotated[int, options.seed("Of the drawn codes.")] = 1,
    device: options.Device = "auto",
    dataset: options.RunImages = None,
    *,
    output: Output,
) -> None:
    """Draw test images and what a VAE makes of them.

    After chosen epochs, with log p(x|z) in nats below each.

    Examples:

      genmodels reconstruct --epochs 1,10,20

      genmodels reconstruct --images 3,17 --sample --out digits.pdf
    """
    found = open_run(output.runs, run, VaeRun, output.teller).at(dataset)
    asked, chosen = epochs_of(epochs), numbers_of("--images", images)
    output.to(found, "reconstruct")
    output.show(found.reconstruct(asked, chosen, sample=sample, seed=seed, device=device))
