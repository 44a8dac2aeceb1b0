"""eval-images: what a family can say of how well it models images."""

from typing import Annotated

import typer

from genmodels.cli import options
from genmodels.cli.output import Output, with_output
from genmodels.cli.parsing import epochs_of
from genmodels.families import open_run
from genmodels.families.images import FEWEST_IMPORTANCE_SAMPLES, FEWEST_MEASURED, ImageRun, check_part
from genmodels.families.vae import IMPORTANCE_SAMPLES

ImportanceSamples = Annotated[
    int | None,
    typer.Option(
        help="Codes for each image in a VAE's importance-weighted bound; 0 leaves it out.",
        min=FEWEST_IMPORTANCE_SAMPLES,
        show_default=str(IMPORTANCE_SAMPLES),
    ),
]
Split = Annotated[str, typer.Option(help="test or train.")]
ImageCount = Annotated[
    int | None, typer.Option(help="Only so many, always the same ones.", show_default="all", min=FEWEST_MEASURED)
]
Binarize = Annotated[str | None, typer.Option(help="Other targets than the run's: dynamic, static, threshold or none.")]

Seed = Annotated[
    int | None,
    options.seed(
        "Of codes and dynamic binarisation, by which bounds differ a little; static targets are the run's own.",
        usual="the run's: bounds of the test part as its training measured them",
    ),
]


@with_output("runs", "json", "computing", "debug")
def eval_images(
    run: options.RunName = None,
    epochs: options.Epochs = None,
    importance_samples: ImportanceSamples = None,
    split: Split = "test",
    images: ImageCount = None,
    binarize: Binarize = None,
    seed: Seed = None,
    device: options.Device = "auto",
    dataset: options.RunImages = None,
    *,
    output: Output,
) -> None:
    """Measure a run on its images.

    Of a VAE: the ELBO, its two terms, and the importance-weighted bound, which with more codes lies closer to log p(x)
    and needs binary targets; of a conditional VAE these are of log p(x|class), and those called marginal of log p(x),
    over all classes by their shares; of a pixel model: the exact log p(x); all in nats per image. Of a GAN, which has
    no likelihood: the classes it draws, and in a classifier's features the kernel distance to test images, precision
    and recall, each beside what real images reach. Never compare figures of different targets.

    Examples:

      genmodels eval-images

      genmodels eval-images --epochs 1,20 --importance-samples 5000 --json

      genmodels eval-images --run my-gan --epochs 1-10
    """
    check_part(split, binarize)
    found = open_run(output.runs, run, ImageRun, output.teller).at(dataset)
    output.show(
        found.evaluate(
            epochs_of(epochs), importance_samples=importance_samples, split=split, images=images, binarize=binarize,
            seed=seed, device=device,
        )
    )  # fmt: skip
