"""Starting from another run's weights: its architecture, what else must match, and what run.json keeps of it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from genmodels.errors import RunError, UsageError, in_turn
from genmodels.families.best import BETTER_BEFORE, best_of
from genmodels.family import family_of
from genmodels.runs import RunDir
from genmodels.runs.epochs import epoch_in
from genmodels.runs.finding import whole_of
from genmodels.runs.naming import run_names
from genmodels.settings import TrainingSettings, flag_of
from genmodels.telling import Notice
from genmodels.training.beginnings import steps_before

if TYPE_CHECKING:
    from torch import Tensor

    from genmodels.runs.checkpoint import Checkpoint
    from genmodels.training.task import OptimisedTask

PARENT, FIRST_WEIGHTS = "init_from", "init_weights"  # in run.json: that run's name, and which of its weights


def settings_to_keep(parent: RunDir) -> dict[str, Any]:
    """The architecture of the run to start from.

    Raises:
        RunError: run.json is damaged.
    """
    from genmodels.training.setup import recorded_settings

    document = parent.document()
    recorded: TrainingSettings = recorded_settings(family_of(document["family"]).settings, document)
    return {name: getattr(recorded, name) for name in recorded.architecture}


def refuse_another_architecture(settings: TrainingSettings, kept: Mapping[str, Any], parent: RunDir) -> None:
    """Weights fit only their own architecture, whether a flag or a config file asks for another.

    Args:
        settings: asked for.
        kept: those of the parent, by `settings_to_keep`.
        parent: the run to start from.

    Raises:
        UsageError: another one was asked for.
    """
    for name, value in kept.items():
        if getattr(settings, name) != value:
            raise UsageError(
                f"{flag_of(name)} {getattr(settings, name)} contradicts --init-from {parent.name}, which has {value}",
                "leave it out: the weights fit only their own architecture.",
            )


def take_weights(task: "OptimisedTask", parent: RunDir, notice: Notice) -> dict[str, Any]:
    """The best weights of the run to start from, in a fresh model.

    Args:
        task: that is about to begin.
        parent: the run to start from.
        notice: is told which weights they are.

    Returns:
        What run.json keeps of them.

    Raises:
        UsageError: the two learn from data of another kind.
        RunError: no epoch is finished yet, or its checkpoint is damaged.
    """
    from genmodels.models.weights import to_tensors
    from genmodels.runs.checkpoint import read_checkpoint

    best = read_checkpoint(parent.epoch_checkpoint(None))
    taken: dict[str, Any] = {}

    def whole_network() -> "Mapping[str, Tensor] | None":
        state = _newest_state(parent)
        taken["state"] = None if state is None else {"name": state.path.name, "sha256": _sum_of(state)}
        return None if state is None else to_tensors(state.tensors["model"])

    _tell_other_names(task, best, parent, notice)
    try:
        task.begin_from(to_tensors(best.tensors["model"]), whole_network, notice)
    except RunError as error:
        told = _differences(task, best.state)
        if told is None:
            raise
        raise UsageError(f"--init-from {parent.name}: {told}", "its weights fit only data of one kind.") from error
    number = epoch_in(best.state)
    trained = parent.length().reached(number)
    notice(f"starts from the weights of {parent.path}, epoch {trained}")
    steps = int(best.state["step"]) + steps_before(parent.document())
    first = {"epoch": number, "trained": trained, "steps": steps, "sha256": _sum_of(best), **taken}
    return {PARENT: parent.name, FIRST_WEIGHTS: first}


def parent_told(document: Mapping[str, Any]) -> str | None:
    """The run whose weights were the first ones, and of which epoch they are; None where they were drawn."""
    name, weights = document.get(PARENT), document.get(FIRST_WEIGHTS) or {}
    epoch = weights.get("trained", weights.get("epoch", "?"))
    return None if name is None else f"{name}, epoch {epoch}"


def first_weights_told(runs: Sequence[RunDir]) -> list[str]:
    """What to know of runs that began from trained weights before their scores are read: each as list and page tell it.

    Raises:
        RunError: a run is damaged.
    """
    names = run_names(runs)
    began = {name: parent_told(run.document()) for name, run in zip(names, runs, strict=True)}
    told = [f"{name} with those of {parent}" for name, parent in began.items() if parent is not None]
    return [f"began with trained weights: {in_turn(told)}"] if told else []


def better_before(run: RunDir) -> list[str]:
    """That a run was better before its first step than ever since, by the score its best epoch is chosen by.

    Returns:
        A sentence, or none where it was not, or was not measured then.
    """
    document = run.document()
    family = family_of(document["family"])
    found = best_of(family.name, run.evaluations())
    if BETTER_BEFORE not in found:
        return []
    before, best = (f"{found[name]:.4f}" for name in (BETTER_BEFORE, "best"))
    what, hint = "the untrained network was better", "more training is needed"
    if (parent := parent_told(document)) is not None:
        what = f"the weights that it began with were better ({parent})"
        hint = "a lower --learning-rate disturbs them less"
    return [f"{what}: {family.measure_told(family.score)} {before} before the first step, {best} at best since; {hint}"]


def ancestors(run: RunDir) -> Iterator[RunDir]:
    """The runs that a run's first weights came from, the nearest first, as far as they are still there.

    A name in run.json may mean another run by now: one that began later than what came from it.
    """
    while (name := run.document().get(PARENT)) is not None:
        parent = RunDir(whole_of(run).path.parent / str(name))
        if not (parent.path / "run.json").exists() or parent.document()["created_at"] >= run.document()["created_at"]:
            return
        yield parent
        run = parent


def first_weights_sum(document: Mapping[str, Any]) -> str | None:
    """What tells a run's first weights from those of others; None where they were drawn."""
    return None if document.get(PARENT) is None else str(_sums_in(document)[0])


def _newest_state(parent: RunDir) -> "Checkpoint | None":
    """The newest training state, which holds what an epoch's weights leave out; None where none is whole."""
    from genmodels.runs.checkpoint import read_checkpoint

    for step in reversed(parent.steps()):
        try:
            return read_checkpoint(parent.checkpoints / f"step-{step:08d}")
        except RunError:  # an older one may be whole; that none is, is told
            continue
    return None


def _sum_of(checkpoint: "Checkpoint") -> str:
    """The SHA-256 sum of an epoch's weights, as its manifest has it."""
    from genmodels.durable import read_json

    return str(read_json(checkpoint.path / "manifest.json")["files"]["model.safetensors"]["sha256"])


def _differences(task: "OptimisedTask", state: Mapping[str, Any]) -> str | None:
    """How the data differ on which the size of a network depends; None where they don't."""
    about = task.description()
    if "shape" in about and list(about["shape"]) != list(state.get("shape", about["shape"])):
        (rows, columns), (their_rows, their_columns) = about["shape"], state["shape"]
        return f"it learned from images of {their_columns}x{their_rows}, and these are {columns}x{rows}"
    names = task.names_known
    if names is not None and len(about[names] or ()) != len(state.get(names) or ()):
        return f"it tells {len(state.get(names) or ())} {names} apart, and here are {len(about[names] or ())}"
    return None


def _tell_other_names(task: "OptimisedTask", best: "Checkpoint", parent: RunDir, notice: Notice) -> None:
    """Say where an output stands for something else than it did."""
    if task.names_known is None:
        return
    ours, theirs = (list(about.get(task.names_known) or ()) for about in (task.description(), best.state))
    if len(ours) == len(theirs) and ours != theirs:
        was, now = next(pair for pair in zip(theirs, ours, strict=True) if pair[0] != pair[1])
        notice(f"the {task.names_known} are others than those of {parent.name}: where it has {was!r}, here is {now!r}")


def take_weights_again(task: "OptimisedTask", run: RunDir, notice: Notice) -> None:
    """The first weights of a run that was ended before its first training state, which would have held them.

    Raises:
        RunError: the run that it started from is gone, or has other weights now.
    """
    document = run.document()
    name = document.get(PARENT)
    if name is None or run.steps() or run.kept() or run.pointer("last") is not None:
        return
    what = f"{run.path} was ended before it saved anything, and the weights of {name} that it began with are gone"
    lost = RunError(what, "begin a new run.")
    try:
        again = take_weights(task, RunDir(run.path.parent / str(name)), notice)
    except (RunError, UsageError) as error:
        raise lost from error
    if _sums_in(again) != _sums_in(document):
        raise lost


def _sums_in(document: Mapping[str, Any]) -> tuple[Any, Any]:
    """Of the first weights, and of the state that held the rest of the network, as run.json keeps them."""
    first = document.get(FIRST_WEIGHTS) or {}
    return first.get("sha256"), (first.get("state") or {}).get("sha256")
