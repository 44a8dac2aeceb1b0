"""plot-gradients: how far back a loss reaches, for trained runs or untrained cells."""

from typing import Annotated

import typer

from genmodels.cli import options
from genmodels.cli.output import Output, with_output
from genmodels.families import open_runs
from genmodels.families.text import gradients, vanishing
from genmodels.families.text.gradients import (
    FEWEST_LAGS,
    FEWEST_WINDOWS,
    MOST_LAGS,
    SHORTEST_WINDOW,
    WINDOW,
    WINDOWS,
    recurrent_of,
)
from genmodels.families.text.run import TextRun

Window = Annotated[int, typer.Option(help="Characters in a window; the loss is that of the last.", min=SHORTEST_WINDOW)]

Untrained = Annotated[
    bool,
    typer.Option(
        "--init",
        help="Untrained: a fresh network like each --run's; without one a fresh rnn, gru and lstm, whose figure is "
        f"{gradients.UNTRAINED_FIGURE}.png here unless --out says otherwise.",
    ),
]

Why = Annotated[
    bool,
    typer.Option(
        "--why",
        help="Take each step of the way back apart: tanh' and the matrix U of a tanh network, the gates of the others.",
    ),
]


@with_output("runs", "out", "csv_file", "json", "computing", "debug")
def plot_gradients(
    run: options.RunsByName = None,
    init: Untrained = False,
    why: Why = False,
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
    """Plot how far back the gradient of a loss reaches.

    For each distance T - t the median norm of dL/dh_t over many windows, with its quartiles; for an LSTM also dL/dc_t,
    the path that its keep gate protects. L is the loss of the character at T alone, h_t the hidden state, c_t the cell.

    With --why, one step of it: of a tanh network dL/dh_{t-1} = U' diag(tanh'(a_t)) dL/dh_t, so the largest tanh' times
    the largest singular value of U bounds it; of an LSTM dL/dc_{t-1} = f_t dL/dc_t and what comes through the gates;
    of a GRU dL/dh_{t-1} = z_t dL/dh_t and what comes through its gates.

    Examples:

      genmodels plot-gradients

      genmodels plot-gradients --run tanh --run lstm --out gradients.pdf --csv gradients.csv

      genmodels plot-gradients --init --why
    """
    gradients.reach_of(window, lags, init, epoch)
    names: list[str | None] = [] if init and not run else [*(run or (None,))]
    found = recurrent_of(named := open_runs(output.runs, names, TextRun, output.teller), output.teller.notice)
    looked_at, exhibit_of = (vanishing, vanishing.why_of) if why else (gradients, gradients.gradients_of)
    output.to(named, looked_at.UNTRAINED_FIGURE if init else looked_at.FIGURE)
    output.show(
        exhibit_of(
            found, init=init, epoch=epoch, windows=windows, window=window, lags=lags, teller=output.teller
        )
    )  # fmt: skip
