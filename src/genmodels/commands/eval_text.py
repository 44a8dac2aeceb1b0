"""eval-text: how well a run predicts a text."""

from typing import Annotated

import typer

from genmodels.cli import options
from genmodels.cli.output import Output, with_output
from genmodels.cli.parsing import epochs_of
from genmodels.cli.standard_input import tell_unread
from genmodels.families import open_run
from genmodels.families.text.adapting import dynamic_settings
from genmodels.families.text.run import TextRun
from genmodels.families.text.scoring import KNOWN
from genmodels.settings.dynamic import DynamicSettings
from genmodels.settings.fields import check_choice
from genmodels.settings.text import UNKNOWN_CHARACTERS

Protocol = Annotated[
    str | None,
    typer.Option(
        help="carried (state through the text), windows (256 from empty) or dynamic (carried, and learning on: at a "
        "rate chosen on half of tiny Shakespeare's validation text, where its gain is a little too good).",
        show_default="carried and windows",
    ),
]
Rate = Annotated[
    float | None,
    typer.Option(
        help="Learning rate of --protocol dynamic.", show_default=f"{DynamicSettings.dynamic_rate:g}", **options.EXPERT
    ),
]
Decay = Annotated[
    float | None,
    typer.Option(
        help="How fast --protocol dynamic goes back to the trained weights.",
        show_default=f"{DynamicSettings.dynamic_decay:g}",
        **options.EXPERT,
    ),
]
Baselines = Annotated[
    bool, typer.Option("--baselines", help="Add what guessing and counting reach: uniform, unigram, n-gram.")
]
Mix = Annotated[
    bool, typer.Option("--mix", help="Add what the network reaches together with an n-gram model, in its own table.")
]


@with_output("runs", "json", "computing", "debug")
def eval_text(
    file: Annotated[
        str | None,
        typer.Argument(help="A text file, or - for stdin.", show_default="the run's validation text"),
    ] = None,
    run: options.RunName = None,
    epochs: options.Epochs = None,
    protocol: Protocol = None,
    dynamic_rate: Rate = None,
    dynamic_decay: Decay = None,
    baselines: Baselines = False,
    mix: Mix = False,
    encoding: options.Encoding = "utf-8",
    unknown: options.Unknown = "error",
    device: options.Device = "auto",
    *,
    output: Output,
) -> None:
    """Measure how well a run predicts a text.

    In nats and bits per character, perplexity and accuracy. "carried" reads the whole text with one state; "windows"
    scores 256 characters from an empty state, as nanoGPT does; "dynamic" lets a copy of the network learn from each 50
    characters once they are scored (Krause et al. 2018). Never compare figures of different protocols.

    Examples:

      genmodels eval-text

      genmodels eval-text --baselines --mix

      genmodels eval-text other.txt --epochs 1,20 --protocol windows --json
    """
    check_choice("--unknown", unknown, UNKNOWN_CHARACTERS)
    if file is None:
        tell_unread()
    if protocol is not None:
        check_choice("--protocol", protocol, KNOWN)
    dynamic_settings(protocol, dynamic_rate, dynamic_decay)
    found = open_run(output.runs, run, TextRun, output.teller)
    output.show(
        found.score(
            file, epochs=epochs_of(epochs), protocol=protocol, dynamic_rate=dynamic_rate, dynamic_decay=dynamic_decay,
            mix=mix, baselines=baselines, encoding=encoding, unknown=unknown, device=device,
        )
    )  # fmt: skip
