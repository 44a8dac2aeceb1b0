"""compare-images: the families of image models side by side, in one table and one figure."""

from typing import Annotated

import typer

from genmodels.cli import options
from genmodels.cli.output import Output, with_output
from genmodels.families import open_runs
from genmodels.families.comparison import (
    COMPARED,
    FEWEST_COMPARED,
    MOST_COMPARED,
    check_comparable,
    compare,
)
from genmodels.families.images import ImageRun
from genmodels.families.newest import newest_of_each

Count = Annotated[
    int,
    typer.Option(
        help="Images drawn from each run and measured; fewer where the set has no more test images.",
        min=FEWEST_COMPARED,
        max=MOST_COMPARED,
    ),
]


@with_output("runs", "out", "csv_file", "json", "computing", "debug")
def compare_images(
    runs_named: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="RUN...",
            help="Names or paths of two or more runs.",
            show_default="the newest of each family, on the same images",
        ),
    ] = None,
    count: Count = COMPARED,
    seed: Annotated[int, options.seed("Same seed, same images.")] = 1,
    device: options.Device = "auto",
    dataset: options.RunImages = None,
    *,
    output: Output,
) -> None:
    """Put image models of any family side by side.

    From each run's best epoch as many images are drawn as test images are compared with: the classes they show, the
    kernel distance, precision and recall in a classifier's features, and the seconds that 64 of them take. Where one
    of the runs has binary targets, all images are drawn as black and white first. Nats per image are those of
    the test images (or of those that --val-images held out), where a model has them: exact, or a bound ("<="); of a
    conditional VAE over all classes by their shares, by which its images are drawn too.

    Examples:

      genmodels compare-images                                (the newest run of each family, on the same images)

      genmodels compare-images my-vae my-gan --count 10000 --csv families.csv
    """
    named = open_runs(output.runs, runs_named or (), ImageRun, output.teller)
    found = [one.at(dataset) for one in named or newest_of_each(output.runs, output.teller)]
    check_comparable(found)
    output.to(found, "comparison")
    output.show(compare(found, count, seed=seed, device=device))
