"""runs compare and runs verify."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from genmodels.cli import options
from genmodels.cli.console import note, say
from genmodels.cli.output import Output, with_output
from genmodels.cli.tables import show
from genmodels.errors import RunError
from genmodels.exhibit import Table
from genmodels.families.side_by_side import side_by_side
from genmodels.families.taking import chosen_told
from genmodels.runs import ComparisonDir
from genmodels.runs.finding import find_either
from genmodels.runs.naming import all_named, runs_named
from genmodels.runs.verifying import called, verified, way_out

RunArgument = Annotated[
    str | None, typer.Argument(help="A run's or comparison's name or path.", show_default=options.NEWEST)
]
Names = Annotated[
    list[str],
    typer.Argument(help="Names or paths of two runs, or more, of a comparison, or patterns such as 'memory-*'."),
]
CurvesOut = Annotated[
    Path | None,
    typer.Option(
        "--out", help="Draw their curves here: .png, .pdf or .svg.", show_default="none are drawn",
        rich_help_panel="Output", **options.FIGURE_FILE,
    ),
]  # fmt: skip


@with_output("runs", "out", "csv_file", "json", "debug")
def compare(run: Names, out: CurvesOut = None, *, output: Output) -> None:
    """Put runs of any families side by side.

    Best scores, settings and data that differ; with --out their curves.

    Examples:

      genmodels runs compare story poem

      genmodels runs compare mlp conv --out curves.png
    """
    found = runs_named(output.runs, run)
    output.out = out
    if out is not None:
        output.to(None, "curves")
    exhibit = side_by_side(found)
    output.show(exhibit)
    if out is None and exhibit.draw is not None and not output.json:
        names = [one.quoted for one in (found if "last" in run else all_named(output.runs, run))]  # comparisons as such
        say(f"next: genmodels runs compare {' '.join(names)} --out curves.png")
        say(f"next: genmodels report --run {' --run '.join(names)}")


@with_output("runs", "json", "debug")
def verify(run: RunArgument = None, *, output: Output) -> None:
    """Check every byte of the checkpoints of runs.

    Against their SHA-256 sums; of a comparison, those of its members. Exit 4 names the damaged.

    Examples:

      genmodels runs verify

      genmodels runs verify text-20261122-214500-3f2a --json
    """
    found = find_either(output.runs, run)
    if run is None:
        note(chosen_told(output.runs, found))
    checked, problems = verified(found, note)
    if output.json:
        output.show_facts({"run": str(found.path), "checked": checked, "problems": problems})
    else:
        names = [*checked, *(name for name in problems if name not in checked)]
        of = f"{found.name}/" if isinstance(found, ComparisonDir) else ""
        rows = [{"checkpoint": f"{of}{called(found, name)}", "state": problems.get(name, "whole")} for name in names]
        show(Table(str(found.path), {"checkpoint": "", "state": ""}, rows), sys.stdout)
    if problems:
        raise RunError(f"{found.path} is damaged: {', '.join(problems)}", way_out(found, problems))
