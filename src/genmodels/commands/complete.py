"""complete: finish half-hidden images with a pixel model."""

from pathlib import Path
from typing import Annotated

import typer

from genmodels.cli import options
from genmodels.cli.output import Output, with_output
from genmodels.cli.parsing import numbers_of
from genmodels.families import open_run
from genmodels.families.pixelrnn import COMPLETIONS, MOST_COMPLETIONS, PixelRun, check_completed

KeepRows = Annotated[
    int | None, typer.Option(help="Rows (for left and right: columns) that stay visible.", show_default="half")
]


@with_output("runs", "out", "animate", "json", "computing", "debug")
def complete(
    run: options.RunName = None,
    epoch: options.Epoch = None,
    hide: Annotated[str, typer.Option(help="Side to hide: bottom, top, left or right.")] = "bottom",
    keep_rows: KeepRows = None,
    count: Annotated[int, typer.Option(help="Completions of each image.", min=1, max=MOST_COMPLETIONS)] = COMPLETIONS,
    images: options.TestImages = None,
    own: Annotated[
        Path | None,
        typer.Option(
            "--input",
            help="Complete these instead: a picture, a folder, an .npz, IDX files.",
            show_default="off",
            **options.PATH,
        ),
    ] = None,
    seed: Annotated[int, options.seed("Same seed, same completions.")] = 1,
    device: options.Device = "auto",
    dataset: options.RunImages = None,
    *,
    output: Output,
) -> None:
    """Hide a part of images and let a pixel model finish them.

    Each time another way. The numbers are -log p(hidden part | visible part) of the true images in nats. Sides other
    than the bottom need a run trained with --orientations 4. An animation shows how the hidden part is drawn, pixel by
    pixel.

    Examples:

      genmodels complete --images 3,17 --count 8 --keep-rows 10

      genmodels complete --hide left --run four-ways --out left.pdf

      genmodels complete --images 3 --animate drawing.gif
    """
    check_completed(hide, images, own)
    found = open_run(output.runs, run, PixelRun, output.teller).at(dataset)
    chosen = numbers_of("--images", images)
    output.check()
    exhibit = found.complete(
        epoch=epoch, hide=hide, keep_rows=keep_rows, count=count, images=chosen, own=own, seed=seed, device=device
    )
    output.to(found, exhibit.name)
    output.show(exhibit)
