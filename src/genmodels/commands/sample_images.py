"""sample-images: draw images from a trained model."""

from pathlib import Path
from typing import Annotated

import typer

from genmodels.cli import options
from genmodels.cli.console import say
from genmodels.cli.output import Output, with_output
from genmodels.cli.parsing import classes_of, epochs_of
from genmodels.families import open_run
from genmodels.families.images import DRAWN, MOST_DRAWN, ImageRun
from genmodels.families.sheet import check_animation, check_target
from genmodels.telling import once

Count = Annotated[int, typer.Option(help="Images for each epoch.", min=1, max=MOST_DRAWN)]
Classes = Annotated[
    str | None,
    typer.Option(help="Classes to draw, such as 0,1,2; for conditional runs.", show_default="all"),
]
Draw = Annotated[bool, typer.Option(help="Draw each pixel instead of showing its probability; pixel models always do.")]
SheetOut = Annotated[
    Path | None,
    typer.Option(
        help="Write here: .png, .pdf or .svg a figure, .npz the numbers.",
        show_default="in the run's figures/",
        rich_help_panel="Output",
        **options.FIGURE_FILE,
    ),
]


@with_output("runs", "out", "animate", "json", "computing", "debug")
def sample_images(
    run: options.RunName = None,
    epochs: options.Epochs = None,
    count: Count = DRAWN,
    classes: Classes = None,
    draw: Draw = False,
    seed: Annotated[int, options.seed("Same seed, same images.")] = 1,
    device: options.Device = "auto",
    out: SheetOut = None,
    *,
    output: Output,
) -> None:
    """Draw images from a trained VAE, pixel model or GAN.

    All from the same random numbers. An animation has a frame an epoch; of one of a pixel model it shows how it draws.

    Examples:

      genmodels sample-images --epochs 1,10,20 --count 10

      genmodels sample-images --classes 0,1,2 --count 30 --out samples.npz

      genmodels sample-images --epochs all --animate learning.gif

      genmodels sample-images --run pixels --animate drawing.gif
    """
    found, asked = open_run(output.runs, run, ImageRun, output.teller), epochs_of(epochs)
    target = None if output.animate is not None and out is None else out or found.figure_path("samples")
    if output.animate is not None:
        check_animation(output.animate, found, moves=found.in_order or len(found.epoch_checkpoints(asked)) > 1)
    if target is not None:
        check_target(target)
    output.check_drawn(target, output.animate)
    sheet = found.samples(asked, count, classes=classes_of(classes), binary=draw, seed=seed, device=device)
    notice = once(output.teller.notice)
    written = [sheet.save(path, notice, output.look) for path in (target, output.animate) if path is not None]
    if target is not None and target.suffix.lower() == ".npz":
        say(sheet.arrays_told)
    if output.json:
        animation = None if output.animate is None else str(output.animate)
        output.show_facts({**sheet.facts, "file": str(written[0]), "animation": animation})
    output.tell_files(*written, alone=True)
