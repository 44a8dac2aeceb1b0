"""plot-gates: what an LSTM keeps, writes and reads, character by character."""

from typing import Annotated

import typer

from genmodels.cli import options
from genmodels.cli.output import Output, with_output
from genmodels.cli.parsing import numbers_of
from genmodels.families import open_run
from genmodels.families.text.gates import EARLIEST, FIRST_LAYER, LONGEST, PASSAGE, SHORTEST
from genmodels.families.text.run import TextRun


@with_output("runs", "out", "csv_file", "json", "computing", "debug")
def plot_gates(
    run: options.RunName = None,
    epoch: options.Epoch = None,
    text: Annotated[
        str | None, typer.Option(help="Text to read.", show_default="a passage of the validation text")
    ] = None,
    start: Annotated[
        int | None,
        typer.Option(
            help="Where in the validation text the passage begins.",
            show_default="where the units shown follow best what is named",
            min=EARLIEST,
        ),
    ] = None,
    length: Annotated[int, typer.Option(help="Characters of the passage.", min=SHORTEST, max=LONGEST)] = PASSAGE,
    units: Annotated[
        str | None, typer.Option(help="Units, such as 3,17.", show_default="those that track something with a name")
    ] = None,
    layer: Annotated[int | None, typer.Option(help="Layer, from 1.", show_default="the last", min=FIRST_LAYER)] = None,
    *,
    output: Output,
) -> None:
    """Draw what the gates of an LSTM do along a text.

    The keep, write and read gates of some units. Units are sought that track something with a name: inside quotes or
    brackets, position in the line or the word, indentation, capitals. They are chosen on one half of 20,000 validation
    characters; the correlation told is that on the other.

    Examples:

      genmodels plot-gates

      genmodels plot-gates --text 'He said: "Come in." She did.' --units 3,17 --out gates.pdf
    """
    found = open_run(output.runs, run, TextRun, output.teller)
    output.to(found, "gates")
    chosen = numbers_of("--units", units)
    output.show(found.gates(epoch=epoch, text=text, start=start, length=length, units=chosen, layer=layer))
