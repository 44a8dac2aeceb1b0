"""judge-text: what a run writes, temperature by temperature, beside held-out text."""

from typing import Annotated

import typer

from genmodels.cli import options
from genmodels.cli.console import say
from genmodels.cli.output import Output, with_output
from genmodels.cli.parsing import epochs_of
from genmodels.cli.standard_input import tell_unread
from genmodels.families import open_run
from genmodels.families.text.judging import SHORTEST, TEMPERATURES, WRITTEN
from genmodels.families.text.run import TextRun
from genmodels.settings.fields import check_choice
from genmodels.settings.text import UNKNOWN_CHARACTERS

File = Annotated[
    str | None, typer.Argument(help="A text to judge, or - for stdin.", show_default="what the run writes")
]
By = Annotated[
    str | None,
    typer.Option(help="The run whose best epoch measures bits/char, of all texts.", show_default="the run that writes"),
]


@with_output("runs", "json", "computing", "debug")
def judge_text(
    file: File = None,
    run: options.RunName = None,
    epochs: options.Epochs = None,
    temp: Annotated[str, typer.Option(help="Temperatures to write at.")] = ",".join(f"{t:g}" for t in TEMPERATURES),
    length: Annotated[int, typer.Option(help="Characters to write at each.", min=SHORTEST)] = WRITTEN,
    seed: Annotated[int, options.seed("Same seed, same texts.")] = 1,
    by: By = None,
    encoding: options.Encoding = "utf-8",
    unknown: options.Unknown = "error",
    device: options.Device = "auto",
    *,
    output: Output,
) -> None:
    """Judge texts by their words, copies and repetition.

    They stand beside as much held-out text. Real words are words of the training text; a novel n-gram is n characters
    in a row that it lacks; distinct-n is the share of word n-grams that differ; repetition the share of word 4-grams
    that came before. The distance is the mean difference from the held-out text over all of them and bits/char, which
    one network measures of all texts.

    Examples:

      genmodels judge-text

      genmodels judge-text --epochs 1,20 --temp 0.25,0.75,1.5

      genmodels judge-text written-elsewhere.txt --json
    """
    check_choice("--unknown", unknown, UNKNOWN_CHARACTERS)
    if file is None:
        tell_unread()
    temperatures = options.numbers_from("--temp", temp)
    found = open_run(output.runs, run, TextRun, output.teller)
    judge = None if by is None else open_run(output.runs, by, TextRun, output.teller)
    exhibit = found.judge(
        file, epochs=epochs_of(epochs), temperature=temperatures, length=length, seed=seed, by=judge, encoding=encoding,
        unknown=unknown, device=device,
    )  # fmt: skip
    output.show(exhibit)
    nearest = exhibit.facts["nearest"]
    if "temperature" in nearest and not output.json:
        epoch, temperature = nearest["epoch"], nearest["temperature"]
        say(f"next: genmodels sample-text --run {found.quoted} --epochs {epoch} --temp {temperature:g}")
