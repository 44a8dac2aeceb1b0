"""A new or resumed run of an image family or a reader; the commands train_vae.py and so on make them."""

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from genmodels.cli.console import say, write_result
from genmodels.cli.reporters import make_reporter
from genmodels.cli.tables import duration, show_table
from genmodels.durable import to_json
from genmodels.registry import family_of, load
from genmodels.runs import RunDir, find_run
from genmodels.settings import AveragedSettings
from genmodels.settings.resolving import preset_named, resolve
from genmodels.training import starting

if TYPE_CHECKING:
    from genmodels.training.averaged import AveragedTask

Dataset = Annotated[
    str | None,
    typer.Option(
        help="mnist, fashion-mnist, kmnist, emnist, digits, or a path: a folder of pictures, an .npz, IDX files.",
        show_default="MNIST, or the rendered digits where it can't be had",
        rich_help_panel="Data",
    ),
]


@dataclass(frozen=True)
class ImageFamily:
    """What differs between the training commands of image families.

    Args:
        name: its row in the registry.
        settings: its settings class.
        presets: by name, settings to begin with.
        prepare: "module:function" that makes a task.
        measures: of an evaluation, shown at the end.
        next_commands: what a user types next.
        told: what else the table's title says.
        further_splits: shown beside train and the held-out part.
    """

    name: str
    settings: type[AveragedSettings]
    presets: Mapping[str, Mapping[str, Any]]
    prepare: str
    measures: tuple[str, ...]
    next_commands: tuple[str, ...]
    told: str = "; nats per image"
    further_splits: tuple[str, ...] = ()


@dataclass(frozen=True)
class Asked:
    """The command line of such a command."""

    given: dict[str, Any]
    dataset: str | None
    preset: str | None
    resume: str | None
    config: Path | None
    name: str | None
    runs: Path


def train_images(family: ImageFamily, asked: Asked, json: bool, quiet: bool) -> None:
    """Begin a run or go on with one, and say what came of it."""
    row = family_of(family.name)
    reporter = make_reporter(row, quiet or json)
    if asked.resume is not None:
        run = find_run(asked.runs, asked.resume, family.name)
        others = {
            "--dataset": asked.dataset, "--preset": asked.preset, "--config": asked.config, "--name": asked.name
        }  # fmt: skip
        starting.refuse_contradictions(run, asked.given, others)
        task = load(row.restore)(run, reporter.notice, asked.given.get("device"))
        reporter.notice(f"goes on with {run.path} on {task.device}")
    else:
        run, task = _new_run(family, asked, reporter.notice)
    progress = starting.train(task, row, starting.plan_of(run, task, task.settings), run, reporter)
    _show_outcome(family, run, task, progress.seconds, json)


def _new_run(family: ImageFamily, asked: Asked, notice: Callable[[str], None]) -> tuple[RunDir, "AveragedTask"]:
    """Open the images, make the model and then, when all is well, the directory."""
    base = {} if asked.preset is None else preset_named(asked.preset, family.presets)
    resolved = resolve(family.settings, asked.given, asked.config, base, "preset")
    settings = cast("AveragedSettings", resolved.settings)
    from genmodels.data.images.image_set import describe_images
    from genmodels.data.images.opening import open_images
    from genmodels.device import check_precision, choose_device

    prepare = load(family.prepare)
    starting.check_new_run(asked.runs, asked.name)
    check_precision(settings.precision, choose_device(settings.device).device)
    images = open_images(asked.dataset, notice)
    fitted = replace(settings, threads=settings.threads or starting.threads_in_force())
    task: AveragedTask = prepare(fitted, images, notice)
    notice(_describe_start(task))
    document = {"data": describe_images(images), "preset": asked.preset}
    new = starting.NewRun(family.name, resolved, fitted, document)
    return starting.begin_run(new, task.steps_per_epoch, asked.runs, asked.name), task


def _describe_start(task: "AveragedTask") -> str:
    network = f"{task.settings.model} with {starting.parameter_count(task.model):,} parameters"
    return f"{network} on {task.choice.device} ({task.choice.reason}); {task.data_told}"


def _show_outcome(family: ImageFamily, run: RunDir, task: "AveragedTask", seconds: float, json: bool) -> None:
    """The best epoch's figures, where the run is, and what to type next."""
    from genmodels.runs.checkpoint import read_checkpoint

    best = read_checkpoint(run.epoch_checkpoint(None)).state
    splits = [split for split in ("train", task.held_out, *family.further_splits) if split in best]
    if json:
        facts = {"run": str(run.path), "best_epoch": best["epoch"], "seconds": round(seconds, 1)}
        facts |= {"classifier": best["classifier"]} if "classifier" in best else {}
        write_result(to_json(facts | task.facts() | {split: best[split] for split in splits}).decode().rstrip())
        return
    data = ", ".join(value if name == "data" else f"{name} {value}" for name, value in task.facts().items())
    title = f"{data}: best epoch {best['epoch']}, {duration(seconds)} of training{family.told}"
    measures = [name for name in family.measures if name in best[task.held_out]]
    rows = [[split, *(_short(name, best[split].get(name)) for name in measures)] for split in splits]
    show_table(title, ["split", *measures], rows, sys.stderr)
    say(f"run: {run.path}")
    for command in family.next_commands:
        say(f"next: genmodels {command} --run {run.quoted}")
    write_result(str(run.path))


DECIMALS = {
    "bits_per_dim": 4, "class_kl": 4, "precision": 3, "recall": 3, "separation": 3, "sequence_accuracy": 4,
    "character_error_rate": 4,
}  # fmt: skip


def _short(measure: str, value: float | None) -> str:
    """Two decimals unless the table says otherwise; "-" for what a split does not have."""
    if value is None:
        return "-"
    return f"{value:.{DECIMALS.get(measure, 2)}f}".removesuffix(".00")
