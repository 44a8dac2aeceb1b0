"""plot-gradients: how far back a loss reaches, for trained runs or untrained cells."""

from typing import Annotated

import typer

from genmodels.cli import options
from genmodels.cli.output import Output, with_output
from genmodels.families import open_runs
from genmodels.families.text.gradients import (
    FEWEST_LAGS,
    FEWEST_WINDOWS,
    FIGURE,
    MOST_LAGS,
    SHORTEST_WINDOW,
    UNTRAINED_FIGURE,
    WINDOW,
    WINDOWS,
    gradients_of,
    reach_of,
    recurrent_of,
)
from genmodels.families.text.run import TextRun

Window = Annotated[int, typer.Option(help="Characters in a window; the loss is that of the last.", min=SHORTEST_WINDOW)]

Untrained = Annotated[
    bool,
    typer.Option(
        "--init",
        help="Untrained: a fresh network like each --run's; without one a fresh rnn, gru and lstm, whose figure is "
        f"{UNTRAINED_FIGURE}.png here unless --out says otherwise.",
    ),
]


@with_output("runs", "out", "csv_file", "json", "computing", "debug")
def plot_gradients(
    run: options.RunsByName = None,
    init: Untrained = False,
    epoch: options.Epoch = None,
    windows: Annotated[int, typer.Option(help="Windows of the validation text.", min=FEWEST_WINDOWS)] = WINDOWS,
    window: Window = WINDOW,
    lags: Annotated[
        int | None,
        typer.Option(
            help="Largest distance from the last character.",
            show_default=f"{MOST_LAGS}, or what the window has",
            min=FEWEST_LAGS,
        ),
    ] = None,
    *,
    output: Output,
) -> None:
    """Plot how the gradient of the last character's loss fades with the distance to earlier states.

    For each distance T - t the median norm of dL/dh_t over many windows, with its quartiles; for an LSTM also
    dL/dc_t, the path that its keep gate protects. L is the loss of the character at T alone, h_t the hidden state, c_t
    the cell. The table has what is left at a distance, as a share of the norm at distance 1.

    Examples:

      genmodels plot-gradients

      genmodels plot-gradients --run tanh --run lstm --out gradients.pdf --csv gradients.csv

      genmodels plot-gradients --init
    """
    reach_of(window, lags, init, epoch)
    names: list[str | None] = [] if init and not run else [*(run or (None,))]
    found = recurrent_of(open_runs(output.runs, names, TextRun, output.teller), output.teller.notice)
    output.to(found[0] if found else None, UNTRAINED_FIGURE if init else FIGURE)
    output.show(
        gradients_of(
            found, init=init, epoch=epoch, windows=windows, window=window, lags=lags, teller=output.teller
        )
    )  # fmt: skip
