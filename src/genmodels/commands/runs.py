"""runs list, runs show and runs verify."""

import sys
from typing import Annotated

import typer

from genmodels.cli.console import say
from genmodels.cli.helping import HelpedCommand, helped
from genmodels.cli.output import Output, with_output
from genmodels.cli.tables import show_rows
from genmodels.errors import RunError
from genmodels.exhibit import Table
from genmodels.families.summary import listed_runs, shown_run
from genmodels.family import FAMILIES
from genmodels.runs import find_run, list_runs
from genmodels.runs.verifying import checkpoints_of, problems_of

AllSettings = Annotated[bool, typer.Option("--all", help="Show all settings, the defaults too.")]
RunArgument = Annotated[str | None, typer.Argument(help="A run's name or path.", show_default="the newest")]


def build(markup: str | None) -> typer.Typer:
    """The `runs` group."""
    app = typer.Typer(
        help="Find, show and check what was trained.",
        no_args_is_help=True,
        rich_markup_mode=markup,  # type: ignore[arg-type]
    )
    for name, command in (("list", list_all), ("show", show), ("verify", verify)):
        app.command(name, cls=HelpedCommand)(helped(command))
    return app


@with_output("runs", "json", "debug")
def list_all(*, output: Output) -> None:
    """List the runs, oldest first.

    Examples:

      genmodels runs list

      genmodels runs list --runs /elsewhere --json
    """
    found = list_runs(output.runs)
    if not found and not output.json:
        say(f"there is no run in {output.runs}; genmodels train-text makes one")
        return
    output.show(listed_runs(output.runs, found))


@with_output("runs", "json", "debug")
def show(run: RunArgument = None, every: AllSettings = False, *, output: Output) -> None:
    """Show a run: its state, its figures by epoch, and the settings that are not defaults.

    Examples:

      genmodels runs show

      genmodels runs show text-20261122-214500-3f2a --json
    """
    found = find_run(output.runs, run)
    exhibit = shown_run(found, every)
    output.show(exhibit)
    family = FAMILIES.get(exhibit.facts["family"])
    if exhibit.facts["state"] == "unfinished" and family is not None and not output.json:
        say(f"next: genmodels {family.train_command} --resume {found.quoted}")


@with_output("runs", "json", "debug")
def verify(run: RunArgument = None, *, output: Output) -> None:
    """Check every byte of a run's checkpoints against their SHA-256 sums; exit 4 names the damaged ones.

    Examples:

      genmodels runs verify

      genmodels runs verify text-20261122-214500-3f2a --json
    """
    found = find_run(output.runs, run)
    problems = problems_of(found)
    checked = sorted(path.name for path in checkpoints_of(found))
    if output.json:
        output.show_facts({"run": str(found.path), "checked": checked, "problems": problems})
    else:
        names = [*checked, *(name for name in problems if name not in checked)]
        rows = [{"checkpoint": name, "state": problems.get(name, "whole")} for name in names]
        show_rows(Table(str(found.path), {"checkpoint": "", "state": ""}, rows), sys.stdout)
    if problems:
        raise RunError(
            f"{found.path} is damaged: {', '.join(problems)}",
            "what is whole can be used: --epochs reads another epoch, --resume takes the newest whole training state.",
        )
