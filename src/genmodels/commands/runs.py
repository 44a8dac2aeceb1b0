"""The group of commands around runs; runs list and runs show."""

from typing import Annotated

import typer

from genmodels.cli.console import note, say
from genmodels.cli.helping import HelpedCommand, HelpedGroup, helped
from genmodels.cli.output import Output, with_output
from genmodels.commands import runs_export, runs_looking, runs_tidy
from genmodels.families.listing import ORDERS, STATES, Listing, listed_runs, next_of
from genmodels.families.summary import shown_comparison, shown_run
from genmodels.families.taking import chosen_told
from genmodels.family import FAMILIES
from genmodels.runs import ComparisonDir
from genmodels.runs.finding import find_either
from genmodels.runs.standing import STOPPED

AllSettings = Annotated[bool, typer.Option("--all", help="Show all settings, the defaults too.")]
RunArgument = Annotated[
    str | None, typer.Argument(help="A run's or comparison's name or path.", show_default="the newest")
]
Pattern = Annotated[
    str | None, typer.Argument(help="Only runs whose names fit, such as 'memory-*'.", show_default="all")
]
OfFamily = Annotated[str | None, typer.Option("--family", help=f"Only {', '.join(FAMILIES)}.", show_default="all")]
InState = Annotated[str | None, typer.Option("--state", help=f"Only {', '.join(STATES)}.", show_default="all")]
OnData = Annotated[str | None, typer.Option("--data", help="Only data called so, or a part of it.", show_default="all")]
Sort = Annotated[str, typer.Option("--sort", help=f"By {', '.join(ORDERS)}.")]
Reverse = Annotated[bool, typer.Option("--reverse", help="The other way round.")]


def build(markup: str | None) -> typer.Typer:
    """The `runs` group."""
    app = typer.Typer(
        cls=HelpedGroup,
        help="Find, show, compare, check and tidy up what was trained.",
        no_args_is_help=True,
        rich_markup_mode=markup,  # type: ignore[arg-type]
    )
    app.command("list", cls=HelpedCommand)(helped(list_all))
    for command in (
        show,
        runs_looking.compare,
        runs_looking.verify,
        runs_export.export,
        runs_tidy.note,
        runs_tidy.rename,
        runs_tidy.remove,
        runs_tidy.prune,
    ):
        app.command(command.__name__, cls=HelpedCommand)(helped(command))
    return app


@with_output("runs", "csv_file", "json", "debug")
def list_all(
    pattern: Pattern = None,
    family: OfFamily = None,
    state: InState = None,
    data: OnData = None,
    sort: Sort = Listing.sort,
    reverse: Reverse = False,
    *,
    output: Output,
) -> None:
    """List the runs, oldest first.

    Examples:

      genmodels runs list

      genmodels runs list --family vae --state finished --sort best

      genmodels runs list 'memory-*' --csv runs.csv
    """
    wanted = Listing(pattern, family, state, data, sort, reverse)
    exhibit = listed_runs(output.runs, wanted)
    if exhibit.facts["runs"] or output.json:
        output.show(exhibit)
        for command in () if output.json else next_of(output.runs, exhibit.facts["runs"]):
            say(f"next: genmodels {command}")
    elif wanted == Listing(sort=sort, reverse=reverse):
        say(f"there is no run in {output.runs}; genmodels train-text makes one")
    else:
        say(f"no run in {output.runs} is like that; genmodels runs list shows all")
        if state == "damaged":
            say("a list looks at what is recorded of runs; every byte of a run's weights: genmodels runs verify RUN")


@with_output("runs", "json", "debug")
def show(run: RunArgument = None, every: AllSettings = False, *, output: Output) -> None:
    """Show a run, or the table of a comparison.

    Of a run: its state, its figures by epoch, and the settings that are not defaults.

    Examples:

      genmodels runs show

      genmodels runs show text-20261122-214500-3f2a --json
    """
    found = find_either(output.runs, run or "last")
    if run is None:
        note(chosen_told(output.runs, found))
    exhibit = shown_comparison(found, every) if isinstance(found, ComparisonDir) else shown_run(found, every)
    output.show(exhibit)
    family = FAMILIES.get(exhibit.facts["family"])
    if exhibit.facts["state"] == STOPPED and family is not None and not output.json:
        say(f"next: genmodels {family.train_command} --resume {found.quoted}")
