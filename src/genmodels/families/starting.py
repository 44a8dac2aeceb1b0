"""A new or resumed run on an image set, and what came of it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from genmodels.exhibit import Exhibit, Table, duration
from genmodels.family import Family
from genmodels.runs import RunDir
from genmodels.settings import AveragedSettings, TrainingSettings
from genmodels.settings.resolving import preset_named, resolve
from genmodels.telling import Notice
from genmodels.training import starting

if TYPE_CHECKING:
    from genmodels.data.images.image_set import ImageSet
    from genmodels.training.averaged import AveragedTask


@starting.threads_kept()
def new_run(
    family: Family,
    given: Mapping[str, Any],
    *,
    dataset: str | None,
    preset: str | None,
    config: Path | None,
    name: str | None,
    runs: Path,
    argv: Sequence[str] = (),
    notice: Notice,
) -> tuple[RunDir, "AveragedTask"]:
    """Open the images, make the model and then, when all is well, the directory.

    Args:
        family: whose model is trained.
        given: settings by name, which beat those of `config`, which beat those of `preset`.
        dataset: a known name, a path, or None: MNIST where it can be had, else the rendered digits.
        preset: a name of the family's, or None.
        config: a TOML file or a run.json, or None.
        name: of the run; None: one from the time.
        runs: folder in which it is made.
        argv: the command line that begins it, for run.json.
        notice: is told what the user should know.

    Raises:
        UsageError, DataError, ResourceError: a setting, the name, the images or the machine do not do.
    """
    base = {} if preset is None else preset_named(preset, family.presets)
    resolved = resolve(family.settings, dict(given), config, base, "preset")
    settings = cast("AveragedSettings", resolved.settings)
    from genmodels.data.images.image_set import describe_images
    from genmodels.data.images.opening import open_images
    from genmodels.device import check_precision, choose_device

    starting.check_new_run(runs, name)
    check_precision(settings.precision, choose_device(settings.device).device)  # before the images, which take longer
    images = open_images(dataset, notice, _levels_of(settings))
    tell_taken(images, settings, notice)
    fitted = replace(settings, threads=settings.threads or starting.threads_in_force())
    task: AveragedTask = family.prepare(fitted, images, notice)
    parameters, on = starting.parameter_count(task.model), f"{task.choice.device} ({task.choice.reason})"
    notice(f"{settings.model} with {parameters:,} parameters on {on}; {task.data_told}")
    new = starting.NewRun(family.name, resolved, fitted, {"data": describe_images(images), "preset": preset}, argv)
    return starting.begin_run(new, task.steps_per_epoch, runs, name), task


def _levels_of(settings: AveragedSettings) -> int | None:
    """Grey levels that were asked for, which whole numbers in the files may be; None for a model that has none."""
    levels = getattr(settings, "levels", "2")
    return None if levels == "2" else int(levels)


def tell_taken(images: "ImageSet", settings: TrainingSettings, notice: Notice) -> None:
    """Say what was taken of the files given, what was not, what was guessed, and what becomes of photographs."""
    if images.taken is not None:
        for sentence in (images.taken.told(), *images.taken.guesses):
            notice(sentence)
    binarize = getattr(settings, "binarize", "none")
    if images.ink == "neither" and binarize != "none":
        way = "--levels 256" if hasattr(settings, "levels") else "--binarize none"
        notice(f"binarize {binarize} makes black and white of these greys; {way} keeps them")


def outcome(family: Family, run: RunDir, task: "AveragedTask", seconds: float) -> Exhibit:
    """The best epoch's figures on train and on what was held out.

    Args:
        family: the run's.
        run: that was trained.
        task: that trained it.
        seconds: that it took, over all sessions.
    """
    from genmodels.runs.checkpoint import read_checkpoint

    best = read_checkpoint(run.epoch_checkpoint(None)).state
    splits = [split for split in ("train", task.held_out, *family.further_splits) if split in best]
    facts = {"run": str(run.path), "best_epoch": best["epoch"], "seconds": round(seconds, 1)}
    facts |= {"classifier": best["classifier"]} if "classifier" in best else {}
    described = run.document()["data"]
    facts |= task.facts() | {name: described[name] for name in ("taken", "passed_over") if name in described}
    facts |= {split: best[split] for split in splits}
    data = ", ".join(value if name == "data" else f"{name} {value}" for name, value in task.facts().items())
    title = f"{data}: best epoch {best['epoch']}, {duration(seconds)} of training{family.told}"
    measures = {name: form for name, form in family.measures.items() if name in best[task.held_out]}
    rows = [{"split": split, **best[split]} for split in splits]
    return Exhibit("outcome", title, facts, [Table(title, {"split": "", **measures}, rows)])
