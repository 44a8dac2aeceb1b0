"""A new run on a set that --dataset names, and what came of it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from genmodels.errors import UsageError
from genmodels.exhibit import Exhibit, Table
from genmodels.families.config_data import recorded_data
from genmodels.families.doubtful import with_doubts_found
from genmodels.families.finetuning import (
    PARENT,
    better_before,
    refuse_another_architecture,
    settings_to_keep,
    take_weights,
)
from genmodels.families.learned import tell_parents_learned
from genmodels.families.set_run import SetRun
from genmodels.families.steps import parts_told
from genmodels.family import Family
from genmodels.processes import one_first
from genmodels.runs import RunDir
from genmodels.runs.run_dir import epoch_of
from genmodels.runs.spent import spent_told
from genmodels.settings import AveragedSettings, TrainingSettings
from genmodels.settings.resolving import Resolved, preset_named, resolve
from genmodels.telling import Counting, Notice, Teller, uncounted
from genmodels.training import starting
from genmodels.training.stopping import preparing

if TYPE_CHECKING:
    from genmodels.training.averaged import AveragedTask


def new_run(
    family: Family,
    given: Mapping[str, Any],
    *,
    dataset: str | None,
    preset: str | None,
    parent: SetRun | None = None,
    config: Path | None,
    name: str | None,
    runs: Path,
    argv: Sequence[str] = (),
    notice: Notice,
    counting: Counting = uncounted,
) -> tuple[RunDir, "AveragedTask"]:
    """Open the data, make the model and then, when all is well, the directory.

    Args:
        family: whose model is trained.
        given: settings by name, which beat those of `config`, which beat those of `preset` or `parent`.
        dataset: a known name, a path, or None: that of a run.json as `config`, or what the family takes then.
        preset: a name of the family's, or None.
        parent: the run whose best weights it starts from.
        config: a TOML file or a run.json, or None.
        name: of the run; None: one from the time.
        runs: folder in which it is made.
        argv: the command line that begins it, for run.json.
        notice: is told what the user should know.
        counting: how far what must be done first is, such as the training of a classifier.

    Raises:
        UsageError, DataError, ResourceError: a setting, the name, the data or the machine do not do.
    """
    with preparing(), one_first():
        starting.check_new_run(runs, name)
        new, task = new_task(
            family, given, dataset=dataset, preset=preset, parent=parent, config=config, argv=argv,
            teller=Teller(notice, counting),
        )  # fmt: skip
    return starting.begin_run(new, task.steps_per_epoch, runs, name), task


def new_task(
    family: Family,
    given: Mapping[str, Any],
    *,
    dataset: str | None,
    preset: str | None = None,
    parent: SetRun | None = None,
    config: Path | None = None,
    argv: Sequence[str] = (),
    teller: Teller,
) -> tuple[starting.NewRun, "AveragedTask"]:
    """The data and the model of a run that may begin; arguments and errors as those of `new_run`."""
    from genmodels.device import check_precision, choose_device

    recorded_data(config, family.name)  # a run.json of another family has settings that this one lacks
    resolved = _resolved(family, given, config, preset, parent)
    settings = cast("AveragedSettings", resolved.settings)
    check_precision(settings.precision, choose_device(settings.device).device)  # before the data, which take longer
    opened = opened_set(family.run, dataset, config, settings, teller)
    return prepared(family, resolved, opened, preset=preset, parent=parent, argv=argv, teller=teller)


def _resolved(
    family: Family, given: Mapping[str, Any], config: Path | None, preset: str | None, parent: SetRun | None
) -> Resolved:
    """The settings of a new run; arguments as those of `new_run`.

    Raises:
        UsageError: one is out of range, means nothing, or contradicts the run to start from.
    """
    if preset is not None and parent is not None:
        what = f"--preset {preset} and --init-from {parent.name} contradict each other: each brings its own network"
        raise UsageError(what, "leave --preset out, and give what else it sets as options.")
    kept = {} if parent is None else settings_to_keep(parent)
    base, origin = (kept, "run") if preset is None else (preset_named(preset, family.presets), "preset")
    resolved = resolve(family.settings, dict(given), config, base, origin)
    if parent is not None:
        refuse_another_architecture(cast("AveragedSettings", resolved.settings), kept, parent)
    starting.check_asked(family.name, resolved)
    family.run.check_resolved(resolved)
    return resolved


def opened_set(
    kind: type[SetRun], dataset: str | None, config: Path | None, settings: TrainingSettings, teller: Teller
) -> Any:
    """The set of a new run: the one that --dataset means, else that of the run whose run.json is given as `config`.

    Raises:
        UsageError: the file is of a run of another family, or says nothing of its data.
        DataError, ResourceError: the set is not there, or does not do.
    """
    from genmodels.device import choose_device

    starting.tell_if_busy(settings, choose_device(settings.device).device, teller.notice)
    recorded = recorded_data(config, kind.family)
    if recorded is None:
        return kind.open_set(dataset, settings, teller)
    if dataset is not None:
        teller.notice(recorded.passed_over(f"--dataset {dataset}"))
        return kind.open_set(dataset, settings, teller)
    opened = recorded.opened(
        lambda data: kind.reopen_for(data, settings, teller), "--dataset PATH beside it names another set."
    )
    teller.notice(recorded.taken(f"the {kind.learned_from}"))
    return opened


@starting.threads_kept()
def prepared(
    family: Family,
    resolved: Resolved,
    opened: Any,
    *,
    preset: str | None = None,
    parent: SetRun | None = None,
    argv: Sequence[str] = (),
    teller: Teller,
) -> tuple[starting.NewRun, "AveragedTask"]:
    """The model, on a set that is open, and all that its directory begins with; arguments as those of `new_run`."""
    from genmodels.device import set_threads

    settings, notice = cast("AveragedSettings", resolved.settings), teller.notice
    family.run.tell_taken(opened, settings, notice)
    fitted = replace(settings, threads=settings.threads or starting.threads_in_force())
    set_threads(fitted.threads)
    task: AveragedTask = family.prepare(fitted, opened, teller)
    parameters, on = starting.parameter_count(task.model), f"{task.choice.device} ({task.choice.reason})"
    notice(f"{settings.model} with {parameters:,} parameters on {on}; {task.data_told}")
    first = {PARENT: None} if parent is None else take_weights(task, parent, notice)
    if parent is not None:
        tell_parents_learned(parent, fitted, opened, task.held_out, teller)
    document = {"data": family.run.describe_set(opened), "preset": preset, **first}
    return starting.NewRun(family.name, resolved, fitted, document, argv), task


def outcome(family: Family, run: RunDir, task: "AveragedTask") -> Exhibit:
    """The best epoch's figures on train and on what was held out.

    Args:
        family: the run's.
        run: that was trained.
        task: that trained it.
    """
    from genmodels.runs.checkpoint import read_checkpoint

    checkpoint = read_checkpoint(run.epoch_checkpoint(None))
    best, epoch = checkpoint.state, epoch_of(checkpoint.path, checkpoint.state)
    seconds = float(run.metrics()[-1]["seconds"])  # over all sessions, as lists of runs tell them
    splits = [split for split in ("train", task.held_out, *family.further_splits) if split in best]
    facts = {"run": str(run.path), "best_epoch": epoch, "seconds": round(seconds, 1)}
    facts |= {"classifier": best["classifier"]} if "classifier" in best else {}
    described = run.document()["data"]
    facts |= starting.part_facts(run.document())
    facts |= task.facts() | {name: described[name] for name in ("taken", "passed_over") if name in described}
    facts |= {split: best[split] for split in splits}
    data = ", ".join(value if name == "data" else f"{name} {value}" for name, value in task.facts().items())
    title = f"{data}: best epoch {epoch}, {spent_told(run, seconds)}"
    title += family.told
    measures = {name: form for name, form in family.measures.items() if name in best[task.held_out]}
    rows = [{"split": split, **best[split]} for split in splits if measures.keys() & best[split].keys()]
    table = with_doubts_found(Table(title, {"split": "", **measures}, rows))
    return Exhibit("outcome", title, facts, [table], remarks=[*better_before(run), *parts_told([run])])
