"""read-image: the digits in pictures, with confidence and alignment."""

from pathlib import Path
from typing import Annotated

import typer

from genmodels.cli import options
from genmodels.cli.output import Output, with_output
from genmodels.cli.parsing import parse_lengths
from genmodels.families import open_run
from genmodels.families.reader import LENGTHS_SHOWN, STRIPS_SHOWN, ReaderRun
from genmodels.families.readings import FEWEST_STRIPS, check_decoder, figure_name, named_pictures
from genmodels.paths import path_of
from genmodels.settings.reader import USUAL_DECODER

USUAL_LENGTHS = ",".join(map(str, LENGTHS_SHOWN))

Files = Annotated[
    list[Path] | None,
    typer.Argument(
        help="Pictures of digits in a row, or folders of them.",
        show_default="strips made of test digits",
        parser=path_of,
    ),
]
Strips = Annotated[
    int | None,
    typer.Option(
        help="So many strips of test digits instead of files.", show_default=str(STRIPS_SHOWN), min=FEWEST_STRIPS
    ),
]
Lengths = Annotated[
    str | None, typer.Option(help="Digits in those strips, in turn, such as 1-8.", show_default=USUAL_LENGTHS)
]


@with_output("runs", "out", "json", "computing", "debug")
def read_image(
    files: Files = None,
    run: options.RunName = None,
    epoch: options.Epoch = None,
    decode: options.Decode = USUAL_DECODER,
    beam_width: options.BeamWidth = None,
    strips: Strips = None,
    lengths: Lengths = None,
    seed: Annotated[int, options.seed("Of those strips.")] = 1,
    device: options.Device = "auto",
    dataset: options.RunImages = None,
    *,
    output: Output,
) -> None:
    """Read the digits in pictures, or in strips of test digits.

    Of a page the tallest line of ink is cut out; a picture that digits fill to half its height is a strip as it is.
    All are scaled to a height of 32 pixels; dark ink on light ground is taken the other way round. The figure shows
    each digit under the columns that gave it. The confidence is the probability of the whole reading.

    Examples:

      genmodels read-image                                    (six strips of test digits)

      genmodels read-image house.png parcel.png --out read.png

      genmodels read-image --strips 10 --lengths 9-16 --json
    """
    check_decoder(decode, beam_width)
    named = named_pictures(files or None, strips, lengths)
    wanted = None if lengths is None else parse_lengths(lengths)
    found = open_run(output.runs, run, ReaderRun, output.teller).at(dataset)
    output.to_new(found, figure_name("read", named or ()))
    readings = found.read(
        named, strips=strips, lengths=wanted, epoch=epoch, decode=decode,
        beam_width=beam_width, seed=seed, device=device,
    )  # fmt: skip
    output.show(readings)
