"""report: one HTML page of one run or several, in which their own networks run."""

import webbrowser
from pathlib import Path
from typing import Annotated

import typer

from genmodels.cli import options
from genmodels.cli.console import note
from genmodels.cli.output import Output, with_output
from genmodels.exhibit import size
from genmodels.families import Run, open_runs
from genmodels.families.taking import chosen_told
from genmodels.pages.building import build_page
from genmodels.pages.placing import page_path
from genmodels.runs.finding import newest_begun

PageOut = Annotated[
    Path | None,
    typer.Option(
        "--out", help="Write the page here: .html.", show_default="report.html in the run's figures",
        rich_help_panel="Output", **options.file_written("--out", "report.html"),
    ),
]  # fmt: skip
Open = Annotated[bool, typer.Option("--open", help="Open it in the browser.", rich_help_panel="Output")]
Small = Annotated[
    bool,
    typer.Option("--small", help="Without figures, and with the best epoch's network alone.", rich_help_panel="Output"),
]


@with_output("runs", "out", "json", "computing", "debug")
def report(
    run: options.RunsToWatch = None, out: PageOut = None, small: Small = False, open_it: Open = False, *, output: Output
) -> None:
    """Make an HTML page in which a run's network works.

    One file without any request to a server: with the run's own weights a text run writes in it letter by letter, and a
    pixel model draws pixel by pixel and finishes what you begin. Beside it curves, figures, settings with where each
    came from, and the command that repeats the run. For runs of every family; several are put side by side.

    Examples:

      genmodels report --open

      genmodels report --run lstm --run rnn --out cells.html

      genmodels report --run digits --small
    """
    names = run or [str(newest_begun(output.runs).path)]
    found = open_runs(output.runs, names, Run, output.teller)
    if not run:
        note(chosen_told(output.runs, found[0]))
    target = page_path(found, out)
    page = build_page(found, output.teller, small=small)
    page.save(target)
    if output.json:
        output.show_facts({**page.facts, "page": str(target)})
    else:
        note(f"{size(page.facts['bytes'])}, one file that needs nothing else")
    output.tell_files(target, alone=True)
    if open_it and not webbrowser.open(target.absolute().as_uri()):
        note("no browser was found to open it in")
