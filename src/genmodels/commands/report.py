"""report: one HTML page of one run or several, in which their own networks run."""

from genmodels.cli import declared, options, written
from genmodels.cli.console import note
from genmodels.cli.output import Output, with_output
from genmodels.exhibit import size
from genmodels.families import Run, open_runs
from genmodels.families.taking import chosen_told
from genmodels.pages.building import build_page
from genmodels.pages.placing import page_path
from genmodels.runs.newest import newest_begun


@with_output("runs", "page", "json", "computing", "debug")
def report(
    run: options.RunsToWatch = None, out: declared.PageOut = None, small: declared.Small = False,
    open_it: declared.Open = False, *, output: Output,
) -> None:  # fmt: skip
    """Make an HTML page in which a run's network works.

    One file without any request to a server: with the run's own weights a text run writes in it letter by letter, and a
    pixel model draws pixel by pixel and finishes what you begin. Beside it curves, figures, settings with where each
    came from, and the command that repeats the run. For runs of every family; several are put side by side.

    Examples:

      genmodels report --open

      genmodels report --run lstm --run rnn --out cells.html

      genmodels report --run digits --small
    """
    found = open_runs(output.runs, run or [str(newest_begun(output.runs).path)], Run, output.teller)
    if not run:
        note(chosen_told(output.runs, found[0]))
    target = page_path(found, out)
    page = build_page(found, output.teller, small=small)
    page.save(target)
    if not output.json:
        note(f"{size(page.facts['bytes'])}, one file that needs nothing else")
    output.finish({**page.facts, "page": str(target)}, target)
    written.open_page(target, open_it)
