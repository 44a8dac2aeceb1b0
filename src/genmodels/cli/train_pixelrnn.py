"""train-pixelrnn: new and resumed runs."""

from typing import Annotated, Any

import typer

from genmodels.cli import options, training
from genmodels.cli.image_run import Asked, Dataset, ImageFamily, train_images
from genmodels.cli.options import DEFAULT_RUNS, with_settings
from genmodels.settings.pixelrnn import PIXEL_PRESETS, PixelSettings

PIXELRNN = ImageFamily(
    name="pixelrnn",
    settings=PixelSettings,
    presets=PIXEL_PRESETS,
    prepare="genmodels.training.pixels:prepare",
    measures=("nll", "bits_per_dim"),
    next_commands=("complete", "sample-images", "eval-images"),
)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("train-pixelrnn")(with_settings(PixelSettings)(train_pixelrnn))


def train_pixelrnn(
    *,
    given: dict[str, Any],
    dataset: Dataset = None,
    preset: Annotated[
        str | None,
        typer.Option(help=f"Settings to begin with: {', '.join(PIXEL_PRESETS)}.", rich_help_panel="Model"),
    ] = None,
    resume: training.Resume = None,
    config: training.Config = None,
    name: training.Name = None,
    runs: options.Runs = DEFAULT_RUNS,
    json: options.Json = False,
    quiet: options.Quiet = False,
    debug: options.Debug = False,
) -> None:
    """Train a model that draws images pixel by pixel: a gated PixelCNN, a Row LSTM or a Diagonal BiLSTM.

    Its likelihood is exact: log p(x) is the sum of the pixels' log-probabilities given those before them. The preset
    "paper" has the seven layers of the PixelRNN paper and wants a GPU.

    Examples:

      genmodels train-pixelrnn                                (MNIST, or the rendered digits)

      genmodels train-pixelrnn --model row-lstm --minutes 10

      genmodels train-pixelrnn --orientations 4               (to complete any half)

      genmodels train-pixelrnn --levels 16 --dataset fashion-mnist

      genmodels train-pixelrnn --resume last
    """
    del debug
    train_images(PIXELRNN, Asked(given, dataset, preset, resume, config, name, runs), json, quiet)
