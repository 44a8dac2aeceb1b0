"""What is wrong with a run's checkpoints."""

from collections.abc import Mapping
from pathlib import Path

from genmodels.errors import RunError
from genmodels.runs.comparison import ComparisonDir
from genmodels.runs.epochs import name_of, number_of, told
from genmodels.runs.run_dir import RunDir, train_command
from genmodels.runs.standing import is_finished


def checkpoints_of(run: RunDir) -> list[Path]:
    """Every checkpoint that a run keeps."""
    names = [name_of(number) for number in run.kept()] + [f"step-{n:08d}" for n in run.steps()]
    return [run.checkpoints / name for name in names]


def problems_of(run: RunDir) -> dict[str, str]:
    """What is wrong with each checkpoint or pointer that is not whole, and with the metrics."""
    return _of_checkpoints(run) | _of_pointers(run) | _of_metrics(run)


def way_out(found: RunDir | ComparisonDir, problems: Mapping[str, str]) -> str:
    """A hint: what of a damaged run, or of a comparison's, can still be used, and how.

    Args:
        found: it.
        problems: see `problems_of` or `verified`; some.
    """
    if isinstance(found, RunDir):
        return _way_out(found, problems)
    damaged = found.member(next(iter(problems)).partition("/")[0])
    whole = {
        name.partition("/")[2]: what for name, what in problems.items() if name.startswith(f"{damaged.path.name}/")
    }
    return f"of {damaged.name}: {_way_out(damaged, whole)}"


def _way_out(run: RunDir, problems: Mapping[str, str]) -> str:
    epochs = [number for number in run.kept() if name_of(number) not in problems]
    states = [step for step in run.steps() if f"step-{step:08d}" not in problems]
    if "run.json" in problems:
        return "restore run.json from a copy; nothing else says what the rest is."
    if "metrics.jsonl" in problems:
        return "restore metrics.jsonl from a copy; without it the run can't be trained further."
    if epochs:
        reached = run.length().all_reached(epochs)
        whole = f"--epoch or --epochs reads what is whole: {told(reached)}"
        further = "--resume takes the newest whole training state" if states else "it can't be trained further"
        return f"{whole}; {further}."
    if states and not is_finished(run):
        command = f"genmodels {train_command(run.document()['family'])} --resume {run.quoted}"
        return f"no epoch's weights are whole; {command} goes on, and makes more."
    return "nothing of it can be used: restore it from a copy, or train it anew."


def verified(found: RunDir | ComparisonDir) -> tuple[list[str], dict[str, str]]:
    """The names of all checkpoints, and what is wrong with each thing that is not whole.

    Args:
        found: a run; or a comparison, whose runs' names go before those of theirs.
    """
    if isinstance(found, RunDir):
        return sorted(path.name for path in checkpoints_of(found)), problems_of(found)
    checked: list[str] = []
    problems: dict[str, str] = {}
    for run in found.members():
        names, wrong = verified(run)
        checked += [f"{run.path.name}/{name}" for name in names]
        problems |= {f"{run.path.name}/{name}": what for name, what in wrong.items()}
    problems |= {f"{run.path.name}/run.json": "missing, though more of the run is there" for run in found.headless()}
    return checked, problems


def called(found: RunDir | ComparisonDir, checkpoint: str) -> str:
    """What a checkpoint is shown as: by its name, and where its epoch was cut short by what was trained too.

    Args:
        found: whose it is.
        checkpoint: its name; see `verified`.
    """
    if isinstance(found, ComparisonDir):
        member, _, own = checkpoint.partition("/")
        return f"{member}/{called(found.member(member), own)}"
    if not checkpoint.startswith("epoch-"):
        return checkpoint
    reached = found.length().reached(number := number_of(checkpoint))
    return checkpoint if reached == number else f"{checkpoint} (epoch {reached})"


def _of_checkpoints(run: RunDir) -> dict[str, str]:
    from genmodels.runs.checkpoint import read_checkpoint

    problems = {}
    for path in checkpoints_of(run):
        try:
            read_checkpoint(path)
        except RunError as error:
            problems[path.name] = error.what
    return problems


def _of_pointers(run: RunDir) -> dict[str, str]:
    problems = {}
    for name in ("last", "best"):
        try:
            target = run.pointer(name)
        except RunError as error:
            problems[name] = error.what
            continue
        if target is not None and not (run.checkpoints / target).is_dir():
            problems[name] = f"it points to {target}, which is missing"
    return problems


def _of_metrics(run: RunDir) -> dict[str, str]:
    """Whether they can be read, and whether a training state is there to go on from."""
    try:
        reached = max((record["step"] for record in run.metrics()), default=None)
    except RunError as error:
        return {"metrics.jsonl": error.what}
    problems = {}
    if reached is None and checkpoints_of(run):
        problems["metrics.jsonl"] = "missing or empty"
    pruned = is_finished(run) and not (run.checkpoints / "last").exists()
    if reached and not run.steps() and not pruned:
        problems["training state"] = f"none is left, though step {reached} was reached"
    return problems
