"""plot-context: word errors by how much of the sound a network can see, and how far back each really looks."""

from typing import Annotated

import typer

from genmodels.cli import options
from genmodels.cli.output import Output, with_output
from genmodels.families import open_runs
from genmodels.families.speech.context import FEWEST, MOST, UTTERANCES_LOOKED_AT, UTTERANCES_READ, context
from genmodels.families.speech.run import SpeechRun

Utterances = Annotated[int, typer.Option(help="Utterances that each network reads.", min=FEWEST, max=MOST)]
LookedAt = Annotated[
    int, typer.Option(help="Utterances of five words whose gradients are taken.", min=FEWEST, max=MOST)
]


@with_output("runs", "out", "csv_file", "json", "computing", "debug")
def plot_context(
    run: options.RunsByName = None,
    utterances: Utterances = UTTERANCES_READ,
    looked_at: LookedAt = UTTERANCES_LOOKED_AT,
    seed: Annotated[int, options.seed("Of the utterances.")] = 1,
    device: options.Device = "auto",
    dataset: options.RunWords = None,
    *,
    output: Output,
) -> None:
    """Plot what memory gives a network that listens.

    Word errors by how much of the sound it can see; beside it how far back and ahead each network really looks: the
    norm of the gradient of a word's score with respect to each frame. Runs that differ by their seed alone are one
    point, with its spread.

    Examples:

      genmodels train-speech --compare window:1,window:41,lstm --minutes 3 --name memory

      genmodels plot-context --run memory --out context.png

      genmodels plot-context               (the newest run alone)
    """
    found = [one.at(dataset) for one in open_runs(output.runs, run or (None,), SpeechRun, output.teller)]
    output.to(found, "context")
    output.show(context(found, utterances=utterances, looked_at=looked_at, seed=seed, device=device))
