"""train-vae: new and resumed runs."""

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from genmodels.cli import options, training
from genmodels.cli.console import duration, make_reporter, say, show_table, write_result
from genmodels.cli.options import DEFAULT_RUNS, resolve, with_settings
from genmodels.durable import to_json
from genmodels.registry import family_of, load
from genmodels.runs import RunDir, find_run
from genmodels.settings import VAE_PRESETS, VaeSettings, preset_named

if TYPE_CHECKING:
    from genmodels.device import Choice
    from genmodels.training.vae import VaeTask

ELBO_MEASURES = ("elbo", "reconstruction", "kl", "active_units")


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("train-vae")(with_settings(VaeSettings)(train_vae))


def train_vae(
    *,
    given: dict[str, Any],
    dataset: Annotated[
        str | None,
        typer.Option(
            help="mnist, fashion-mnist, kmnist, emnist, digits, or a path: a folder of pictures, an .npz, IDX files.",
            show_default="MNIST, or the rendered digits where it can't be had",
            rich_help_panel="Data",
        ),
    ] = None,
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
    family = family_of("vae")
    reporter = make_reporter(family, quiet or json)
    if resume is not None:
        run = find_run(runs, resume, "vae")
        others = {"--dataset": dataset, "--preset": preset, "--config": config, "--name": name}
        training.refuse_contradictions(run, given, others)
        task = load(family.restore)(run, reporter.notice, given.get("device"))
        reporter.notice(f"goes on with {run.path} on {task.device}")
    else:
        run, task = _new_run(dataset, preset, given, config, name, runs, reporter.notice)
    from genmodels.training.vae import train_vae as train

    progress = train(task, training.plan_of(run, task, task.settings), run, reporter)
    _show_outcome(run, task, progress.seconds, json)


def _new_run(
    dataset: str | None,
    preset: str | None,
    given: dict[str, Any],
    config: Path | None,
    name: str | None,
    runs: Path,
    notice: Callable[[str], None],
) -> tuple[RunDir, "VaeTask"]:
    """Open the images, make the model and then, when all is well, the directory."""
    base = {} if preset is None else preset_named(preset)
    resolved = resolve(VaeSettings, given, config, base, "preset")
    settings = cast("VaeSettings", resolved.settings)
    from genmodels.data.images import describe_images, open_images
    from genmodels.device import check_precision, choose_device
    from genmodels.training.vae import prepare

    training.check_new_run(runs, name)
    choice = choose_device(settings.device)
    check_precision(settings.precision, choice.device)
    images = open_images(dataset, notice)
    fitted = replace(settings, threads=settings.threads or training.threads_in_force())
    task = prepare(fitted, images)
    notice(_describe_start(task, choice))
    new = training.NewRun("vae", resolved, fitted, {"data": describe_images(images), "preset": preset})
    return training.begin_run(new, task.steps_per_epoch, runs, name), task


def _describe_start(task: "VaeTask", choice: "Choice") -> str:
    images, s = task.images, task.settings
    rows, columns = images.shape
    return (
        f"{s.model} with {training.count_parameters(task.model):,} parameters on {choice.device} ({choice.reason}); "
        f"{images.name}: {len(task.train):,} images of {columns}x{rows}, binarize {s.binarize}"
    )


def _show_outcome(run: RunDir, task: "VaeTask", seconds: float, json: bool) -> None:
    """The best epoch's figures, where the run is, and what to type next."""
    from genmodels.checkpoint import read_checkpoint

    best = read_checkpoint(run.epoch_checkpoint(None)).state
    splits = ("train", task.held_out)
    if json:
        facts = {"run": str(run.path), "best_epoch": best["epoch"], "seconds": round(seconds, 1)}
        facts |= {"data": task.images.name, "binarize": task.settings.binarize}
        write_result(to_json(facts | {split: best[split] for split in splits}).decode().rstrip())
        return
    title = (
        f"{task.images.name}, binarize {task.settings.binarize}: best epoch {best['epoch']}, "
        f"{duration(seconds)} of training; nats per image"
    )
    rows = [[split, *(f"{best[split][name]:.2f}".removesuffix(".00") for name in ELBO_MEASURES)] for split in splits]
    show_table(title, ["split", *ELBO_MEASURES], rows, sys.stderr)
    say(f"run: {run.path}")
    for command in ("reconstruct", "plot-elbo", family_of("vae").sample_command):
        say(f"next: genmodels {command} --run {run.quoted}")
    write_result(str(run.path))
