"""plot-latent: walks through the space of codes."""

from typing import Annotated

import typer

from genmodels.cli import options
from genmodels.cli.output import Output, with_output
from genmodels.cli.parsing import classes_of, numbers_of
from genmodels.families import open_run
from genmodels.families.latent import FEWEST_STEPS, MOST_STEPS, WALK_SEED, CodedRun, check_moves
from genmodels.families.walks import FILMED, KINDS, PLANE, STEPS
from genmodels.settings.fields import LOWEST_SEED, check_choice

Kind = Annotated[
    str | None,
    typer.Option(
        help="manifold, interpolate, traverse or scatter.",
        show_default="manifold for 2 dimensions, else traverse; interpolate with --animate",
    ),
]
PickedImages = Annotated[
    str | None, typer.Option(help="Test images by number: two to interpolate between, one to traverse from.")
]
Dimensions = Annotated[
    str | None, typer.Option(help="Dimensions of z, such as 0,1.", show_default="those with most KL")
]
Steps = Annotated[
    int | None,
    typer.Option(
        help="Images in a row.",
        show_default=f"{PLANE}; {STEPS} in a walk, {FILMED} animated",
        min=FEWEST_STEPS,
        max=MOST_STEPS,
    ),
]
Classes = Annotated[str | None, typer.Option(help="Class to draw, for a conditional run's manifold.")]


@with_output("runs", "out", "animate", "json", "computing", "debug")
def plot_latent(
    kind: Kind = None,
    run: options.RunName = None,
    epoch: options.Epoch = None,
    images: PickedImages = None,
    dimensions: Dimensions = None,
    steps: Steps = None,
    classes: Classes = None,
    seed: Annotated[
        int | None, typer.Option(help="Of a GAN's codes.", show_default=str(WALK_SEED), min=LOWEST_SEED)
    ] = None,
    device: options.Device = "auto",
    dataset: options.RunImages = None,
    *,
    output: Output,
) -> None:
    """Draw planes of codes, ways between them, where images lie.

    Examples:

      genmodels plot-latent                                   (what suits the run)

      genmodels plot-latent --kind interpolate --images 3,17

      genmodels plot-latent --kind scatter --out codes.pdf

      genmodels plot-latent --animate walk.gif                (from image to image, or between random codes)

      genmodels plot-latent --run my-gan --seed 3              (a GAN: between random codes)
    """
    if kind is not None:
        check_choice("--kind", kind, tuple(KINDS))
    if output.animate is not None:
        kind = "interpolate" if kind is None else kind
        check_moves(kind)
    found = open_run(output.runs, run, CodedRun, output.teller).at(dataset)
    chosen, wanted = numbers_of("--images", images), numbers_of("--dimensions", dimensions)
    output.check()
    exhibit = found.latent(
        kind, epoch=epoch, images=chosen, dimensions=wanted, steps=steps, classes=classes_of(classes), seed=seed,
        device=device,
    )  # fmt: skip
    output.to(found, exhibit.name)
    output.show(exhibit)
