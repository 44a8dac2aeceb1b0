"""What is wrong with a run's checkpoints."""

from pathlib import Path

from genmodels.errors import RunError
from genmodels.runs.run_dir import RunDir


def checkpoints_of(run: RunDir) -> list[Path]:
    """Every checkpoint that a run keeps."""
    names = [f"epoch-{n:04d}" for n in run.epochs()] + [f"step-{n:08d}" for n in run.steps()]
    return [run.checkpoints / name for name in names]


def problems_of(run: RunDir) -> dict[str, str]:
    """What is wrong with each checkpoint or pointer that is not whole."""
    from genmodels.runs.checkpoint import read_checkpoint

    problems = {}
    for path in checkpoints_of(run):
        try:
            read_checkpoint(path)
        except RunError as error:
            problems[path.name] = error.what
    for name in ("last", "best"):
        try:
            target = run.pointer(name)
        except RunError as error:
            problems[name] = error.what
            continue
        if target is not None and not (run.checkpoints / target).is_dir():
            problems[name] = f"it points to {target}, which is missing"
    try:
        reached = max((record["step"] for record in run.metrics()), default=None)
    except RunError as error:
        problems["metrics.jsonl"] = error.what
        return problems
    if reached is None and checkpoints_of(run):
        problems["metrics.jsonl"] = "missing or empty"
    if reached and not run.steps():
        problems["training state"] = f"none is left, though step {reached} was reached"
    return problems
