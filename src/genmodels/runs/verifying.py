"""What is wrong with a run's checkpoints."""

from pathlib import Path

from genmodels.errors import RunError
from genmodels.runs.comparison import ComparisonDir
from genmodels.runs.run_dir import RunDir


def checkpoints_of(run: RunDir) -> list[Path]:
    """Every checkpoint that a run keeps."""
    names = [f"epoch-{n:04d}" for n in run.epochs()] + [f"step-{n:08d}" for n in run.steps()]
    return [run.checkpoints / name for name in names]


def problems_of(run: RunDir) -> dict[str, str]:
    """What is wrong with each checkpoint or pointer that is not whole, and with the metrics."""
    return _of_checkpoints(run) | _of_pointers(run) | _of_metrics(run)


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
    return checked, problems


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
    if reached and not run.steps():
        problems["training state"] = f"none is left, though step {reached} was reached"
    return problems
