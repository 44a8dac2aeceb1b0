"""train-gan: new and resumed runs."""

from typing import Annotated, Any

import typer

from genmodels.cli import options, training
from genmodels.cli.image_run import Asked, Dataset, ImageFamily, train_images
from genmodels.cli.options import DEFAULT_RUNS, with_settings
from genmodels.settings.gan import GAN_PRESETS, GanSettings

GAN = ImageFamily(
    name="gan",
    settings=GanSettings,
    presets=GAN_PRESETS,
    prepare="genmodels.training.gan:prepare",
    measures=("frechet_distance", "class_kl", "classes_present", "precision", "recall", "separation"),
    next_commands=("sample-images", "plot-gan", "eval-images"),
    told="",
)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("train-gan")(with_settings(GanSettings)(train_gan))


def train_gan(
    *,
    given: dict[str, Any],
    dataset: Dataset = None,
    preset: Annotated[
        str | None,
        typer.Option(help=f"Settings to begin with: {', '.join(GAN_PRESETS)}.", rich_help_panel="Model"),
    ] = None,
    resume: training.Resume = None,
    config: training.Config = None,
    name: training.Name = None,
    runs: options.Runs = DEFAULT_RUNS,
    json: options.Json = False,
    quiet: options.Quiet = False,
    debug: options.Debug = False,
) -> None:
    """Train a generative adversarial network: a generator draws, a discriminator tells drawn images from real ones.

    A small classifier, trained once for each image set, counts the classes that are drawn; in its features lie the
    Fréchet distance to real images, precision and recall.

    Examples:

      genmodels train-gan                                     (MNIST, or the rendered digits)

      genmodels train-gan --minutes 20 --loss hinge

      genmodels train-gan --model mlp --dataset fashion-mnist

      genmodels train-gan --resume last
    """
    del debug
    train_images(GAN, Asked(given, dataset, preset, resume, config, name, runs), json, quiet)
