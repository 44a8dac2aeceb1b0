"""What training commands share: their options, and the end of every training."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from genmodels.cli import options
from genmodels.cli.console import say, write_result
from genmodels.cli.output import Output
from genmodels.cli.tables import show
from genmodels.exhibit import Exhibit
from genmodels.runs import RunDir
from genmodels.runs.finding import alike

Resume = Annotated[
    str | None, typer.Option(help="Go on with this run (or 'last') where it stopped.", rich_help_panel="Run")
]
Config = Annotated[
    Path | None, typer.Option(help="Settings from a TOML file or a run.json.", rich_help_panel="Run", **options.PATH)
]
Name = Annotated[str | None, typer.Option(help="Name of the run.", show_default="from the time", rich_help_panel="Run")]
OPTIONS = ("runs", "json", "quiet", "debug")  # the shared ones, in this order


def show_outcome(run: RunDir, outcome: Exhibit, next_commands: tuple[str, ...], output: Output) -> None:
    """The best epoch's figures, where the run is, and what to type next.

    Args:
        run: that was trained.
        outcome: what came of it.
        next_commands: each gets the run's name.
        output: where it goes.
    """
    if output.json:
        output.show_facts(outcome.facts)
        return
    for table in outcome.tables:
        show(table, sys.stderr)
    say(f"run: {run.path}")
    for command in next_commands:
        say(f"next: genmodels {command} --run {run.quoted}")
    other = alike(run.path.parent, run)
    if other is not None:
        say(f"next: genmodels runs compare {other.quoted} {run.quoted}")
    write_result(str(run.path))
