"""eval-reader: how well readers read strips of test digits, by length; several side by side."""

from typing import Annotated

import typer

from genmodels.cli import options
from genmodels.cli.output import Output, with_output
from genmodels.cli.parsing import parse_lengths
from genmodels.families import open_runs
from genmodels.families.reader import MOST_MEASURED, STRIPS_MEASURED, ReaderRun, by_length
from genmodels.families.readings import FEWEST_STRIPS, check_decoder
from genmodels.settings.reader import USUAL_DECODER

Strips = Annotated[int, typer.Option(help="Strips of each length.", min=FEWEST_STRIPS, max=MOST_MEASURED)]


@with_output("runs", "out", "csv_file", "json", "computing", "debug")
def eval_reader(
    run: Annotated[
        list[str] | None,
        typer.Option("--run", help="A run; several are put side by side.", show_default=options.NEWEST),
    ] = None,
    lengths: Annotated[
        str | None, typer.Option(help="Digits in a strip, such as 1-16.", show_default="to twice the longest trained")
    ] = None,
    strips: Strips = STRIPS_MEASURED,
    decode: options.Decode = USUAL_DECODER,
    beam_width: options.BeamWidth = None,
    seed: Annotated[int, options.seed("Of the strips.")] = 1,
    device: options.Device = "auto",
    dataset: options.RunImages = None,
    *,
    output: Output,
) -> None:
    """Measure how well readers read strips, by their length.

    The share of strips of test digits that is read without error, and errors for each digit.

    Examples:

      genmodels eval-reader

      genmodels eval-reader --run crnn --run fixed --lengths 1-16 --csv by-length.csv

      genmodels eval-reader --decode beam --strips 100
    """
    check_decoder(decode, beam_width)
    wanted = None if lengths is None else parse_lengths(lengths)
    found = [one.at(dataset) for one in open_runs(output.runs, run or (None,), ReaderRun, output.teller)]
    output.to(found, "by-length")
    output.show(by_length(found, wanted, strips=strips, decode=decode, beam_width=beam_width, seed=seed, device=device))
