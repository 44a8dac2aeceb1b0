"""tour: a small network of each family, trained on built-in data, and their page."""

from genmodels.cli import declared, training, written
from genmodels.cli.console import say
from genmodels.cli.output import Output, with_output
from genmodels.pages.placing import check_page
from genmodels.touring import take_tour


@with_output("runs", "page", "accept_changes", "json", "debug")
def tour(out: declared.TourOut = None, open_it: declared.TourOpen = None, *, output: Output) -> None:
    """Train a small one of each family in three minutes.

    All data are built in, so no network is needed: the page that is opened at the end lets your networks write, draw,
    complete and read. Stopped by Ctrl-C, it is gone on with by the same command; once complete, another one begins.

    Examples:

      genmodels tour

      genmodels tour --no-open --out tour.html
    """
    told = training.tour_reporter(output)
    toured = take_tour(output.runs, check_page(out), told, say, output.teller, accept=output.accept_changes)
    output.finish(toured.facts, toured.page)
    written.open_page(toured.page, open_it)
