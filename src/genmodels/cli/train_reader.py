"""train-reader: new and resumed runs."""

from typing import Any

import typer

from genmodels.cli import options, training
from genmodels.cli.image_run import Asked, Dataset, ImageFamily, train_images
from genmodels.cli.options import DEFAULT_RUNS, with_settings
from genmodels.settings.reader import ReaderSettings

READER = ImageFamily(
    name="reader",
    settings=ReaderSettings,
    presets={},
    prepare="genmodels.training.reader:prepare",
    measures=("sequence_accuracy", "character_error_rate", "strips"),
    next_commands=("read-image", "eval-reader"),
    told="",
    further_splits=("longer",),
)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("train-reader")(with_settings(ReaderSettings)(train_reader))


def train_reader(
    *,
    given: dict[str, Any],
    dataset: Dataset = None,
    resume: training.Resume = None,
    config: training.Config = None,
    name: training.Name = None,
    runs: options.Runs = DEFAULT_RUNS,
    json: options.Json = False,
    quiet: options.Quiet = False,
    debug: options.Debug = False,
) -> None:
    """Train a network that reads strips of any number of digits: convolutions, then an LSTM over the columns, then CTC.

    Strips of up to --longest digits are composed anew for every step. After each epoch strips of test digits (or of
    those that --val-images holds out) are read, also longer ones than any trained on. --model cnn is the feedforward
    contrast: its number of outputs is fixed.

    Examples:

      genmodels train-reader                                  (MNIST, or the rendered digits)

      genmodels train-reader --minutes 10 --longest 5

      genmodels train-reader --model cnn --name fixed

      genmodels train-reader --resume last
    """
    del debug
    train_images(READER, Asked(given, dataset, None, resume, config, name, runs), json, quiet)
