"""runs remove, runs rename, runs note and runs prune."""

from typing import Annotated

import typer

from genmodels.cli import written
from genmodels.cli.confirming import Yes, agreed
from genmodels.cli.console import say, write_line
from genmodels.cli.output import Output, say_remarks, with_output
from genmodels.cli.parsing import epochs_to_keep
from genmodels.exhibit import size
from genmodels.families.keeping import pruning_of, removal_of
from genmodels.runs import ComparisonDir
from genmodels.runs.finding import find_either
from genmodels.runs.notes import note_of, write_note
from genmodels.runs.renaming import rename_run

NAMES = "Names or paths of runs or comparisons, or 'memory-*' for all whose names begin so."
Names = Annotated[list[str], typer.Argument(help=NAMES)]
Some = Annotated[list[str] | None, typer.Argument(help=NAMES, show_default="all in the folder")]
One = Annotated[str, typer.Argument(help="A run's or comparison's name or path, or 'last' for the newest.")]
Keep = Annotated[
    str | None,
    typer.Option("--keep", help="Epochs to keep beside the best and the last, such as 1,10.", show_default="no others"),
]


@with_output("runs", "json", "debug")
def remove(run: Names, yes: Yes = False, *, output: Output) -> None:
    """Remove runs for good, after saying what is lost and asking.

    Examples:

      genmodels runs remove story

      genmodels runs remove 'memory-*' old --yes
    """
    removal = removal_of(output.runs, run)
    output.tell(removal.told, asking=not yes)
    if not agreed(removal.question, yes):
        return
    removal.carry_out(output.teller.notice)
    if output.json:
        output.show_facts(removal.told.facts)
    for name in removal.told.facts["runs"] if not output.json else ():
        write_line(f"{name} is removed")


@with_output("runs", "json", "debug")
def rename(run: One, name: Annotated[str, typer.Argument(help="The new name.")], *, output: Output) -> None:
    """Give a run another name, also where others began from it.

    Examples:

      genmodels runs rename text-20261122-214500-3f2a story

      genmodels runs rename last story
    """
    found = find_either(output.runs, run)
    renamed = rename_run(output.runs, found, name, output.teller.notice)
    for child in (children := [child.name for child in renamed.children]):
        say(f"{child} began with its weights, and now names {name}")
    if output.json:
        output.show_facts({"run": str(renamed.run.path), "before": found.name, "init_from_of": children})
    else:
        written.tell(renamed.run.path, "comparison" if isinstance(renamed.run, ComparisonDir) else "run")
        written.give(renamed.run.path)


@with_output("runs", "json", "debug")
def note(
    run: One,
    sentence: Annotated[
        str | None, typer.Argument(help="The note; '' takes it away.", show_default="show the one there is")
    ] = None,
    *,
    output: Output,
) -> None:
    """Keep a sentence with a run, which runs list and show repeat.

    Examples:

      genmodels runs note story "the one of the lecture"

      genmodels runs note story
    """
    found = find_either(output.runs, run)
    kept = note_of(found) if sentence is None else write_note(found, sentence)
    if output.json:
        output.show_facts({"run": str(found.path), "note": kept})
    elif kept is not None:
        write_line(kept)
    else:
        say(f"{found.path} has no note")


@with_output("runs", "json", "debug")
def prune(run: Some = None, keep: Keep = None, yes: Yes = False, *, output: Output) -> None:
    """Delete what runs can do without, after asking.

    It is said before what that frees: training states of finished runs, and the weights of epochs other than the best,
    the last and those of --keep. What stays is checked first. A run that is being trained, or damaged, is passed over.

    Examples:

      genmodels runs prune

      genmodels runs prune 'memory-*' --keep 1,10 --yes
    """
    pruning = pruning_of(output.runs, run or [], () if keep is None else epochs_to_keep(keep))
    output.tell(pruning.told, asking=not yes)
    if pruning.spares and not agreed(pruning.question, yes):
        return
    done = pruning.carry_out(output.teller.notice)
    say_remarks(done)
    if output.json:
        output.show_facts(done.facts)
        return
    write_line(f"{size(done.facts['bytes'])} freed" if pruning.spares else "nothing can be spared")
