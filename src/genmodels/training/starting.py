"""A new or resumed run: its name, plan, run.json, what contradicts it; and its training."""

import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from genmodels.errors import ResourceError, RunError, UsageError
from genmodels.family import Family, family_of
from genmodels.paths import check_folder
from genmodels.processes import by_first, world
from genmodels.runs import ComparisonDir, RunDir, create_run
from genmodels.runs.accepting import check_as_left, refuse_lost_best
from genmodels.runs.making import check_name
from genmodels.runs.sealed_comparison import check_comparison
from genmodels.runs.standing import way_beyond
from genmodels.settings import Settings, TrainingSettings, flag_of
from genmodels.settings.resolving import Resolved, refuse_meaningless, resolve
from genmodels.telling import Notice, counted, number_told
from genmodels.training.beginnings import steps_before
from genmodels.training.busy import busy_told, quicker
from genmodels.training.lengthening import LENGTHS
from genmodels.training.together import launch_of, processes_told

if TYPE_CHECKING:
    import torch
    from torch import nn

    from genmodels.training.plan import Plan
    from genmodels.training.progress import Progress
    from genmodels.training.reporting import Reporter, Several
    from genmodels.training.task import OptimisedTask, Task


Trained = TypeVar("Trained", bound=RunDir)


@dataclass(frozen=True)
class NewRun:
    """A run about to begin.

    Args:
        family: its row in the registry.
        resolved: the settings asked for, and where each came from.
        fitted: the settings in force, fitted to the data and the machine.
        document: what run.json keeps beside them.
        argv: the command line that began it; a program's own arguments are nobody's business.
    """

    family: str
    resolved: Resolved
    fitted: TrainingSettings
    document: Mapping[str, Any]
    argv: Sequence[str] = ()


def begin_run(new: NewRun, steps_per_epoch: int, runs: Path, name: str | None) -> RunDir:
    """Make the run directory, when all else is well."""
    from genmodels.training.plan import make_plan

    plan, among = None if new.fitted.minutes is not None else asdict(make_plan(new.fitted, steps_per_epoch)), world()
    document = {
        **({} if among.is_alone else {"processes": among.count, "launch": launch_of(new.argv)}),
        "settings": with_origins(new.resolved, new.fitted),
        "argv": list(new.argv),
        "versions": versions(new.fitted.device),
        "plan": plan,
    }
    path = str(create_run(runs, new.family, {**new.document, **document}, name).path) if among.is_first else ""
    return RunDir(Path(among.text_of_first(path)))


def check_asked(family: str, resolved: Resolved) -> None:
    """Look at the settings of a new run together, before anything long is read.

    Args:
        family: its name.
        resolved: the settings, each of them in its range.

    Raises:
        UsageError: one means nothing beside the others, or training is to end by a score that the family lacks.
    """
    from genmodels.training.enough import check_goal

    refuse_meaningless(resolved)
    settings: Any = resolved.settings
    check_goal(settings.goal, family_of(family))


def check_new_run(runs: Path, name: str | None) -> None:
    """Look at the name before anything long is read.

    Raises:
        UsageError: it is taken or cannot name a run, or the runs folder would be made at the root of a disk.
        ResourceError: the runs folder is no folder.
    """
    check_folder(runs)
    if name is not None:
        check_name(name, runs)
    if runs.exists() and not runs.is_dir():
        raise ResourceError(f"cannot write runs into {runs}: it is not a folder", "name another with --runs.")


def as_left(found: RunDir | ComparisonDir, notice: Notice, *, accept: bool, further: bool = True) -> None:
    """Refuse to go on with a run, or the runs of a comparison, not as it was left; see `check_as_left`.

    Of several processes one looks. A run that is finished and is not to be trained `further` needs its best epoch.

    Raises:
        RunError: it is not, and that is not accepted.
    """

    def looked() -> str:
        said: list[str] = []
        if isinstance(found, RunDir) and not further:
            refuse_lost_best(found)
        if isinstance(found, ComparisonDir):
            check_comparison(found, said.append, accept=accept)
        for run in [found] if isinstance(found, RunDir) else found.members():
            check_as_left(run, said.append, accept=accept)
        return "\n".join(said)

    for sentence in by_first(looked).splitlines():
        notice(sentence)


def plan_of(run: RunDir, task: "Task", settings: TrainingSettings) -> "Plan":
    """The plan in run.json; there is none yet while --minutes has not measured the speed.

    Raises:
        RunError: it is damaged.
    """
    from genmodels.training.plan import Plan, make_plan

    plan = run.document().get("plan")
    try:
        return make_plan(settings, task.steps_per_epoch) if plan is None else Plan.from_mapping(plan)
    except (KeyError, TypeError, ValueError) as error:
        raise RunError(f"run.json holds no valid plan: {error}", "restore it from a copy.") from error


def refuse_contradictions(
    found: RunDir | ComparisonDir,
    given: Mapping[str, Any],
    others: Mapping[str, object],
    config: Path | None = None,
) -> None:
    """A resumed run has its own data, settings and name.

    Args:
        found: the run or the comparison to go on with.
        given: settings given as flags.
        others: options that only a new run can take, and what was given for them.
        config: a file of settings, which must be the run's too.

    Raises:
        UsageError: something was given that only a new run can take, or a flag differs from the run's setting;
            only --device may differ, as the machine may be another.
    """
    for what, value in others.items():
        if value:
            raise UsageError(
                f"--resume and {what} contradict each other: a run goes on with its own",
                "leave it out, or begin a new run.",
            )
    from genmodels.training.setup import recorded_settings

    document = found.document()
    kind: type[Any] = family_of(document["family"]).settings
    settings, asked = recorded_settings(kind, document), resolve(kind, dict(given), config, {})
    wanted: Any = asked.settings
    origins = {name: entry.get("from") for name, entry in document["settings"].items()}
    for field, origin in asked.origins.items():
        if origin == "default" or field == "device" or origins.get(field) == "adjusted":
            continue  # where to go on is free, and what was fitted to the data is not what was asked for
        ours, theirs = getattr(wanted, field), getattr(settings, field)
        ended_by_time = field == "epochs" and wanted.minutes != settings.minutes is not None
        if ours != theirs or ended_by_time:
            has = _planned_by(found, settings) if field in LENGTHS else f"has {'none' if theirs is None else theirs}"
            what = f"{flag_of(field)} {ours} contradicts the run, which {has}"
            raise UsageError(what, _kept(found, field, ours))


def _kept(found: RunDir | ComparisonDir, field: str, asked: Any) -> str:
    """What to do where a flag is not what a run was begun with; one that lengthens it is for later."""
    is_length = field in LENGTHS
    if is_length and isinstance(found, RunDir) and (field == "minutes" or asked > (found.length().epochs or 0)):
        resume = f"genmodels {family_of(found.document()['family']).train_command} --resume {found.quoted}"
        longer = f"{resume} {flag_of(field)} {number_told(asked)}"
        finish = "finish it first, as it was planned, by"
        if not found.epochs():
            return f"{finish} {resume}; then it can be trained longer: {longer}"
        at_once = f"{way_beyond(found)} {flag_of(field)} {number_told(asked)}"
        return f"{finish} {resume}; then it can be trained longer by {longer}; or at once, {at_once}"
    if is_length and isinstance(found, ComparisonDir):
        what = "leave it out until all of its runs are finished: then --epochs or --minutes lengthens each"
        return f"{what}{_first_weights(found)}."
    return f"leave it out: a resumed run keeps its settings; begin a new run for others{_first_weights(found)}."


def _planned_by(found: RunDir | ComparisonDir, settings: TrainingSettings) -> str:
    """What the length of a run was asked for by."""
    if settings.minutes is None:
        return f"was planned by --epochs {settings.epochs}"
    epochs = found.length().epochs if isinstance(found, RunDir) else None
    reached = "" if epochs is None else f" ({counted(epochs, 'epoch')})"
    return f"was planned by --minutes {number_told(settings.minutes)}{reached}"


def _first_weights(found: RunDir | ComparisonDir) -> str:
    """How a new run takes the weights of one."""
    command = family_of(found.document()["family"]).train_command
    if isinstance(found, RunDir):
        return f" ({command} --init-from {found.quoted} starts from its weights)"
    begun = [run for run in found.members() if run.epochs()]
    return f" ({command} --init-from {begun[0].quoted} starts from the weights of one of its runs)" if begun else ""


def train(
    task: "OptimisedTask",
    family: Family,
    plan: "Plan",
    run: RunDir,
    reporter: "Reporter",
    begun: float | None = None,
) -> "Progress":
    """Train a model into a run directory; goes on where the run stopped.

    Args:
        task: what is trained.
        family: its row in the registry.
        plan: how long; see `plan_of`.
        run: new, or one to go on with.
        reporter: is told what happens.
        begun: when this was asked for, by `time.perf_counter`; what went by since counts for --minutes, but for what
            is kept for later trainings.

    Raises:
        Stopped, DivergedError, RunError, ResourceError: see `genmodels.training.loop.fulfil`.
    """
    from genmodels.settings.every import every_of
    from genmodels.training.live import WithPage
    from genmodels.training.loop import fulfil

    settings = task.settings
    previews = every_of(flag_of("preview_every"), settings.preview_every)
    if isinstance(reporter, WithPage):
        reporter.of(run, settings.threads)
    reporter.about(run)
    task.steps_before = steps_before(run.document())
    with computing(task):
        if not task.sharing.world.is_alone:
            reporter.notice(processes_told(task.device))
        before = 0.0 if begun is None else max(0.0, time.perf_counter() - begun - task.seconds_once)
        keep, apart = settings.keep_epochs, settings.checkpoint_minutes
        return fulfil(task, family, plan, run, reporter, keep, apart, previews, before)


def with_pages(runs: list[Trained], reporter_of: "Callable[[Several], Reporter]") -> list[Trained]:
    """Finished runs, of which nothing is left to train: with --report each gets the page that it lacks."""
    from genmodels.training.live import WithPage
    from genmodels.training.reporting import Several

    for run in runs:
        if isinstance(reporter := reporter_of(Several([run.name], None)), WithPage):
            reporter.of(run, run.document()["settings"].get("threads", {}).get("value"))
            reporter.saved(lambda: False, is_last=True)
    return runs


@contextmanager
def computing(task: "OptimisedTask") -> Iterator[None]:
    """Within it a task trains: its threads, kernels with a fixed order of sums, and memory that runs out is told."""
    from genmodels.device import memory_errors, reproducible, set_threads

    with threads_kept(), memory_errors(task.device, task.settings.sizes), reproducible(task.device):
        set_threads(task.settings.threads)
        yield


def part_facts(document: Mapping[str, Any]) -> dict[str, float]:
    """Of how much of what is held out the scores of a run are, where it is not all; by its run.json."""
    share = (document.get("plan") or {}).get("measured_share", 1.0)
    return {} if share == 1.0 else {"measured_share": share}


@contextmanager
def threads_kept() -> Iterator[None]:
    """A task fixes the number of CPU threads; afterwards it is the caller's again."""
    import torch

    before = torch.get_num_threads()
    try:
        yield
    finally:
        torch.set_num_threads(before)


def threads_in_force() -> int:
    """PyTorch's number of CPU threads now, for run.json: it decides the order of sums."""
    import torch

    return torch.get_num_threads()


def tell_if_busy(asked: TrainingSettings, device: "torch.device", notice: Notice) -> None:
    """Say what would be faster where all cores are busy and PyTorch chose to use several of them."""
    if asked.threads is None and quicker(threads_in_force(), device.type) and (told := busy_told()):
        notice(told)


def parameter_count(model: "nn.Module") -> int:
    """Trained numbers in a network."""
    return sum(parameter.numel() for parameter in model.parameters())


def versions(device: str | None = None) -> dict[str, str]:
    """Of Python, the platform and what computes, for run.json; with the processor, and the device that is taken.

    Args:
        device: as it was asked for; None where none is taken yet.
    """
    from importlib.metadata import version
    from platform import platform, python_version

    from genmodels.device import choose_device, processor_name

    names, choice = ("genmodels", "torch", "numpy", "safetensors"), None if device is None else choose_device(device)
    machine = {"processor": f"{processor_name()}, {counted(os.cpu_count() or 1, 'core')}"}
    machine |= {} if choice is None else {"device": f"{choice.device} ({choice.reason})"}
    return {"python": python_version(), "platform": platform(), **machine, **{name: version(name) for name in names}}


def with_origins(resolved: Resolved, fitted: Settings) -> dict[str, Any]:
    """Each setting with its value and where it came from."""
    asked, final = resolved.settings.to_mapping(), fitted.to_mapping()
    return {
        name: {"value": value, "from": resolved.origins[name] if value == asked[name] else "adjusted"}
        for name, value in final.items()
    }
