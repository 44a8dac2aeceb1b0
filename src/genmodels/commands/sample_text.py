"""sample-text: one text that streams, or several side by side."""

import sys
from pathlib import Path
from typing import IO, Annotated, Any

import typer

from genmodels.cli import options, texts
from genmodels.cli.console import is_terminal, write_result
from genmodels.cli.options import with_settings
from genmodels.cli.output import Output, say_remarks, with_output
from genmodels.cli.parsing import epochs_of
from genmodels.cli.standard_input import tell_unread
from genmodels.durable import json_text
from genmodels.errors import UsageError
from genmodels.families import open_run
from genmodels.families.text.run import IN_SHEET, TextRun
from genmodels.families.text.sheet import TextSheet
from genmodels.settings.fields import check_choice
from genmodels.settings.sampling import SampleSettings
from genmodels.settings.text import UNKNOWN_CHARACTERS

Judge = Annotated[
    bool, typer.Option("--judge", help="Add real words, novel 8-grams, longest copy and bits/char to each text.")
]
SheetOut = Annotated[
    Path | None,
    typer.Option(
        help="Write here: .txt the texts, .png, .pdf or .svg a figure of them, .csv a table, .json all.",
        show_default="stdout",
        rich_help_panel="Output",
        **options.FIGURE_FILE,
    ),
]
PromptFile = Annotated[Path | None, typer.Option(help="Read the prompt from a file; - is stdin.", **options.PATH)]


@with_settings(SampleSettings, after={"temperature": "epochs", "length": "prompt_file"})
@with_output("runs", "json", "out", "computing", "debug")
def sample_text(
    run: options.RunName = None,
    epochs: options.Epochs = None,
    prompt: Annotated[
        str | None,
        typer.Option(help="Text to go on from; - reads stdin.", show_default="the run's seed phrase"),
    ] = None,
    prompt_file: PromptFile = None,
    unknown: options.UnknownInPrompt = "error",
    judge: Judge = False,
    device: options.Device = "auto",
    out: SheetOut = None,
    *,
    given: dict[str, Any],
    output: Output,
) -> None:
    """Write text with a trained model.

    One text streams as it is written; several epochs or temperatures come side by side from the same prompt.

    Examples:

      genmodels sample-text --temp 1.5

      genmodels sample-text --epochs 1,20 --temp 0.25,0.75,1.5 --prompt "ROMEO:"

      genmodels sample-text --epochs 1,20 --temp 0.25,0.75,1.5 --out sheet.png

      genmodels sample-text --count 5 --length 200 --stop "." --json
    """
    asked = epochs_of(epochs)
    check_choice("--unknown", unknown, UNKNOWN_CHARACTERS)
    many = (1 if asked is None else len(asked)) * len(given["temperature"]) * given["count"]
    output.check_drawn(out)
    alone = texts.is_plain(out) and many == 1
    how = SampleSettings(**({} if alone else {"length": IN_SHEET}) | given)
    found, source = open_run(output.runs, run, TextRun, output.teller), _source(prompt, prompt_file)
    if alone and not output.json and not judge:
        written = found.stream(source, how, epoch=None if asked is None else asked[0], unknown=unknown, device=device)
        texts.stream(*written) if out is None else texts.write_streamed(*written, out)
        return
    sheet = found.sheet(source, how, epochs=asked, unknown=unknown, judge=judge, device=device)
    say_remarks(sheet)
    _deliver(sheet, output, out)


def _source(prompt: str | None, file: Path | None) -> str | Path | IO[bytes] | None:
    """Where the prompt is; None: nowhere.

    Raises:
        UsageError: two prompts.
    """
    if prompt is not None and file is not None:
        raise UsageError("--prompt and --prompt-file contradict each other", "give one of them.")
    if "-" in {prompt, str(file)}:
        return sys.stdin.buffer
    if prompt is None and file is None:
        tell_unread()
    return prompt if file is None else file


def _deliver(sheet: TextSheet, output: Output, out: Path | None) -> None:
    """Several texts: JSON, a table on a terminal, labelled blocks in a pipe or a file; one alone is just text."""
    content = json_text(sheet.facts) + "\n" if output.json else sheet.content
    if out is not None and not texts.is_plain(out):
        sheet.save(out, output.teller.notice, output.look)
        if output.json and out.suffix.lower() != ".json":
            output.show_facts({**sheet.facts, "file": str(out)})
        output.tell_files(out, alone=False)
    elif out is not None:
        texts.write_bytes(content.encode("utf-8", "surrogatepass"), out)
    elif not output.json and is_terminal(sys.stdout):
        texts.show_sheet(sheet.tables[0])
    else:
        write_result(content, end="")
