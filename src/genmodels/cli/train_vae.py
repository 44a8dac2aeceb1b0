"""train-vae: new and resumed runs."""

from typing import Annotated, Any

import typer

from genmodels.cli import options, training
from genmodels.cli.image_run import Asked, Dataset, ImageFamily, train_images
from genmodels.cli.options import DEFAULT_RUNS, with_settings
from genmodels.settings.vae import VAE_PRESETS, VaeSettings

VAE = ImageFamily(
    name="vae",
    settings=VaeSettings,
    presets=VAE_PRESETS,
    prepare="genmodels.training.vae:prepare",
    measures=("elbo", "reconstruction", "kl", "active_units"),
    next_commands=("reconstruct", "plot-elbo", "sample-images"),
)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("train-vae")(with_settings(VaeSettings)(train_vae))


def train_vae(
    *,
    given: dict[str, Any],
    dataset: Dataset = None,
    preset: Annotated[
        str | None,
        typer.Option(help=f"Settings to begin with: {', '.join(VAE_PRESETS)}.", rich_help_panel="Model"),
    ] = None,
    resume: training.Resume = None,
    config: training.Config = None,
    name: training.Name = None,
    runs: options.Runs = DEFAULT_RUNS,
    json: options.Json = False,
    quiet: options.Quiet = False,
    debug: options.Debug = False,
) -> None:
    """Train a variational autoencoder on images.

    Examples:

      genmodels train-vae                                     (MNIST, or the rendered digits)

      genmodels train-vae --dataset fashion-mnist --model mlp --minutes 3

      genmodels train-vae --dataset digits --conditional --latent-size 2

      genmodels train-vae --preset classic                    (784-400-20, as in the textbooks)

      genmodels train-vae --resume last
    """
    del debug
    train_images(VAE, Asked(given, dataset, preset, resume, config, name, runs), json, quiet)
