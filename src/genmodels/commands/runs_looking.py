"""runs compare and runs verify."""

from typing import Annotated

import typer

from genmodels.cli import options
from genmodels.cli.console import note, say, write_result
from genmodels.cli.output import Output, with_output
from genmodels.errors import RunError
from genmodels.families.side_by_side import side_by_side
from genmodels.families.taking import chosen_told
from genmodels.runs import find_run
from genmodels.runs.finding import runs_named
from genmodels.runs.verifying import checkpoints_of, problems_of, way_out

RunArgument = Annotated[str | None, typer.Argument(help="A run's name or path.", show_default=options.NEWEST)]
Names = Annotated[
    list[str], typer.Argument(help="Names or paths of two runs, or more, or patterns such as 'memory-*'.")
]


@with_output("runs", "out", "csv_file", "json", "debug")
def compare(run: Names, *, output: Output) -> None:
    """Put runs of any families side by side: best scores, settings and data that differ; with --out their curves.

    Examples:

      genmodels runs compare story poem

      genmodels runs compare mlp conv --out courses.png
    """
    found = runs_named(output.runs, run)
    if output.out is not None:
        output.to(None, "courses")
    exhibit = side_by_side(found)
    output.show(exhibit)
    if output.out is None and exhibit.draw is not None and not output.json:
        say(f"next: genmodels runs compare {' '.join(one.quoted for one in found)} --out courses.png")


@with_output("runs", "json", "debug")
def verify(run: RunArgument = None, *, output: Output) -> None:
    """Check every byte of a run's checkpoints against their SHA-256 sums; exit 4 names the damaged ones.

    Examples:

      genmodels runs verify

      genmodels runs verify text-20261122-214500-3f2a --json
    """
    found = find_run(output.runs, run)
    if run is None:
        note(chosen_told(output.runs, found))
    problems = problems_of(found)
    checked = sorted(path.name for path in checkpoints_of(found))
    if output.json:
        output.show_facts({"run": str(found.path), "checked": checked, "problems": problems})
    else:
        for name in [*checked, *(name for name in problems if name not in checked)]:
            write_result(f"{name}\t{problems.get(name, 'whole')}")
    if problems:
        raise RunError(f"{found.path} is damaged: {', '.join(problems)}", way_out(found, problems))
