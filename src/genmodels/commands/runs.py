"""runs list, runs show and runs verify."""

from typing import Annotated

import typer

from genmodels.cli.console import say, write_result
from genmodels.cli.output import Output, with_output
from genmodels.errors import RunError
from genmodels.families.summary import listed_runs, shown_comparison, shown_run
from genmodels.family import FAMILIES
from genmodels.runs import RunDir, find_run, list_runs
from genmodels.runs.finding import find_comparison, list_comparisons
from genmodels.runs.verifying import verified

RunArgument = Annotated[str | None, typer.Argument(help="A run's name or path.", show_default="the newest")]


def build(markup: str | None) -> typer.Typer:
    """The `runs` group."""
    app = typer.Typer(
        help="Find, show and check what was trained.",
        no_args_is_help=True,
        rich_markup_mode=markup,  # type: ignore[arg-type]
    )
    for name, command in (("list", list_all), ("show", show), ("verify", verify)):
        app.command(name)(command)
    return app


@with_output("runs", "json", "debug")
def list_all(*, output: Output) -> None:
    """List the runs, oldest first.

    Examples:

      genmodels runs list

      genmodels runs list --runs /elsewhere --json
    """
    found, comparisons = list_runs(output.runs), list_comparisons(output.runs)
    if not found and not comparisons and not output.json:
        say(f"there is no run in {output.runs}; genmodels train-text makes one")
        return
    output.show(listed_runs(output.runs, found, comparisons))


@with_output("runs", "json", "debug")
def show(run: RunArgument = None, *, output: Output) -> None:
    """Show a run: its state, settings, epochs and validation figures; or a comparison: its table and its runs.

    Examples:

      genmodels runs show

      genmodels runs show text-20261122-214500-3f2a --json
    """
    found = find_comparison(output.runs, run) or find_run(output.runs, run)
    exhibit = shown_run(found) if isinstance(found, RunDir) else shown_comparison(found)
    output.show(exhibit)
    family = FAMILIES.get(exhibit.facts["family"])
    if exhibit.facts["state"] == "unfinished" and family is not None and not output.json:
        say(f"next: genmodels {family.train_command} --resume {found.quoted}")


@with_output("runs", "json", "debug")
def verify(run: RunArgument = None, *, output: Output) -> None:
    """Check every byte of a run's checkpoints, or a comparison's, against their SHA-256 sums; exit 4 names the damaged.

    Examples:

      genmodels runs verify

      genmodels runs verify text-20261122-214500-3f2a --json
    """
    found = find_comparison(output.runs, run) or find_run(output.runs, run)
    checked, problems = verified(found)
    if output.json:
        output.show_facts({"run": str(found.path), "checked": checked, "problems": problems})
    else:
        for name in [*checked, *(name for name in problems if name not in checked)]:
            write_result(f"{name}\t{problems.get(name, 'whole')}")
    if problems:
        raise RunError(
            f"{found.path} is damaged: {', '.join(problems)}",
            "what is whole can be used: --epochs reads another epoch, --resume takes the newest whole training state.",
        )
