"""What training commands share: their options, and the end of every training."""

import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from genmodels.cli import options, written
from genmodels.cli.console import is_terminal, say
from genmodels.cli.output import Output, say_remarks
from genmodels.cli.reporters import make_reporter
from genmodels.cli.several import starts_several
from genmodels.cli.tables import show
from genmodels.errors import UsageError
from genmodels.exhibit import Exhibit, Table
from genmodels.family import Family
from genmodels.processes import asked_for
from genmodels.runs import ComparisonDir, RunDir
from genmodels.runs.accepting import refuse_to_accept
from genmodels.runs.finding import alike, find_comparison
from genmodels.telling import silent
from genmodels.training.live import WithPage
from genmodels.training.reporting import Reporter, Several

Resume = Annotated[
    str | None, typer.Option(help="Go on with this run (or 'last') where it stopped.", rich_help_panel="Run")
]
InitFrom = Annotated[
    str | None,
    typer.Option(help="Start from the best weights of this run.", rich_help_panel="Run"),
]
Config = Annotated[
    Path | None,
    typer.Option(
        help="Settings from a TOML file, or those and the data from a run.json.",
        rich_help_panel="Run",
        **options.PATH,
        **options.EXPERT,
    ),
]
Name = Annotated[str | None, typer.Option(help="Name of the run.", show_default="from the time", rich_help_panel="Run")]
Processes = Annotated[
    int | None,
    typer.Option(
        help="Train by so many processes of this machine, each with a GPU or its share of the cores; as torchrun "
        "--nproc-per-node does.",
        min=1,
        max=1024,
        show_default="1",
        rich_help_panel="Run",
        **options.EXPERT,
    ),
]
OPTIONS = ("runs", "report", "accept_changes", "json", "debug")  # the shared ones, in this order


def reporter_of(family: Family, several: Several | None, output: Output, resume: str | None = None) -> Reporter:
    """Who is told of a training, and with --report writes its page after each epoch.

    Args:
        family: whose figures are shown.
        several: how far the trainings are of which this is one, or None.
        output: of the command.
        resume: what goes on, where this is no comparison.

    Raises:
        UsageError: changes are accepted where nothing goes on.
    """
    if output.accept_changes and several is None:
        refuse_to_accept(resume)
    told = make_reporter(family, output.quiet or output.json, several)
    return WithPage(told) if output.report else told


def tour_reporter(output: Output) -> Callable[[Family, Several], Reporter]:
    """Who is told of the trainings of a tour: notes on how short they are are nothing new there."""
    return lambda family, several: make_reporter(family, output.quiet or output.json, several, silent)


def show_outcome(run: RunDir, outcome: Exhibit, family: Family, output: Output) -> None:
    """The best epoch's figures, where the run is, and what to type next; of several processes the first tells it.

    Args:
        run: that was trained.
        outcome: what came of it.
        family: whose commands are named, each with the run's name.
        output: where it goes.
    """
    if output.json:
        output.show_facts(outcome.facts)
        say_remarks(outcome)
        return
    for table in outcome.tables:
        if not is_terminal(sys.stderr):
            say(table.title)  # which `show` leaves out there: it says how long the training took
        show(table, sys.stderr)
    say_remarks(outcome)
    written.tell(run.path, "run")
    for command in family.next_commands:
        say(f"next: genmodels {command} --run {run.quoted}")
    other = alike(run.path.parent, run)
    if other is not None:
        say(f"next: genmodels runs compare {other.quoted} {run.quoted}")
    written.give(run.path)


def is_handed_on(processes: int | None, several: bool, corpus: Sequence[str] | None = None) -> bool:
    """Whether several processes were asked for and have trained by now; this one has nothing more to do.

    Args:
        processes: what --processes says.
        several: whether several trainings are meant.
        corpus: what was given to train on, where standard input can be.

    Raises:
        UsageError: several processes can't train several models, nor read one standard input.
        SystemExit: they failed, or were stopped.
    """
    if several and (asked_for() or (processes or 1) > 1):
        what = "several trainings, as by --compare, are made by one process each after the other"
        raise UsageError(what, "leave --processes out, or train one model.")
    if "-" in (corpus or ()) and (asked_for() or (processes or 1) > 1):
        raise UsageError("several processes can't all read standard input", "give a file.")
    code = starts_several(processes, sys.argv[1:])
    if code:
        raise SystemExit(code)  # what there is to say they have said
    return code is not None


def means_several(asked: object, resume: str | None, family: Family, output: Output) -> bool:
    """Whether a comparison is meant: it was asked for, or what goes on is one.

    Args:
        asked: what was given for an option that asks for one, or None.
        resume: the run or comparison to go on with, or None.
        family: whose training command it is.
        output: knows where runs are.

    Raises:
        UsageError: changes are accepted where nothing goes on.
    """
    if output.accept_changes:
        refuse_to_accept(resume)
    if asked is not None or resume is None:
        return asked is not None
    return find_comparison(output.runs, resume, family.name) is not None


def in_common(family: Family, output: Output) -> dict[str, Any]:
    """What every comparison takes from a command line."""
    told_of = partial(reporter_of, family, output=output)
    asked = {"runs": output.runs, "argv": sys.argv[1:], "accept": output.accept_changes}
    return {**asked, "reporter_of": told_of, "teller": output.teller}


def show_comparison(
    folder: ComparisonDir, found: Exhibit, table: Table, next_commands: Sequence[str], output: Output
) -> None:
    """A comparison's table, where everything of it is, and what to type next.

    Args:
        folder: of the comparison.
        found: its result.
        table: the result in short.
        next_commands: without the program's name.
        output: where it goes.
    """
    if output.json:
        output.show_facts({**found.facts, "folder": str(folder.path), "figure": str(folder.figure)})
        say_remarks(found)
        return
    show(table, sys.stdout)
    say_remarks(found)
    written.tell(folder.path, "comparison")
    written.tell(folder.figure)
    for command in next_commands:
        say(f"next: genmodels {command}")
