"""What is wrong with a run's checkpoints."""

import contextlib
import time
from collections.abc import Mapping
from pathlib import Path

from genmodels.errors import RunError
from genmodels.paths import COMPARISON, RUN_JSON
from genmodels.runs.accepting import FLAG, accepted_told, is_changed, unsealed_told, way_without
from genmodels.runs.comparison import ComparisonDir
from genmodels.runs.epochs import name_of, number_of, told
from genmodels.runs.run_dir import RunDir, train_command
from genmodels.runs.sealed_comparison import differences_in
from genmodels.runs.sealing import SEAL
from genmodels.runs.seals import METRICS, Seals, state_in
from genmodels.runs.seals import told as differences_told
from genmodels.runs.standing import is_finished
from genmodels.runs.stock import pointer_of
from genmodels.telling import Notice, silent

LOOKS, SECONDS_BETWEEN = 6, 0.05  # at a run that changes while it is looked at


def checkpoints_of(run: RunDir) -> list[Path]:
    """Every checkpoint that a run keeps."""
    names = [name_of(number) for number in run.kept()] + [f"step-{n:08d}" for n in run.steps()]
    return [run.checkpoints / name for name in names]


def problems_of(run: RunDir) -> dict[str, str]:
    """What is wrong with each checkpoint or pointer that is not whole, with the metrics, and with what is sealed.

    A run that changes while it is looked at, as it is trained or pruned, is looked at again.
    """
    lasting: dict[str, str] | None = None
    for _ in range(LOOKS):
        before = _names_in(run)
        problems = _problems_of(run)
        if not problems or _names_in(run) == before:
            return problems
        lasting = {name: what for name, what in (lasting or problems).items() if name in problems}
        time.sleep(SECONDS_BETWEEN)
    return lasting or {}


def _names_in(run: RunDir) -> list[tuple[str, int, int, int]]:
    """What is there, each file and folder with what changes when another takes its place."""
    found = [path for folder in (run.path, run.checkpoints) if folder.is_dir() for path in folder.iterdir()]
    facts: list[tuple[str, int, int, int]] = []
    for path in found:
        with contextlib.suppress(FileNotFoundError):
            one = path.lstat()
            facts.append((path.name, one.st_ino, one.st_size, one.st_mtime_ns))
    return sorted(facts)


def _problems_of(run: RunDir) -> dict[str, str]:
    found = _of_checkpoints(run) | _of_pointers(run) | _of_metrics(run)
    return {**_of_seals(run), **found} if RUN_JSON not in found else found


def _of_seals(run: RunDir) -> dict[str, str]:
    """What is not as it was when genmodels saved it."""
    try:
        return differences_told(Seals(run, run.document()).differences())
    except OSError as error:
        return {Path(str(error.filename)).name: f"it cannot be read: {error.strerror}"}


def _remarks_of(run: RunDir) -> list[str]:
    """What is to be known of a run beside what is wrong, a sentence each."""
    seals, newest, last = Seals(run, run.document()), run.steps()[-1:], pointer_of(run, "last")
    said = [] if seals.are_there else [unsealed_told(run)]
    if newest and last != f"step-{newest[0]:08d}" and not run.is_being_trained():
        to = "is missing" if last is None else f"points to {last}"
        said.append(f"last {to}, though there is a newer training state, to which --resume points it")
    return said + accepted_told(seals.document)


def _remarks_of_comparison(found: ComparisonDir) -> list[str]:
    document = found.stored()
    said = [] if SEAL in document else [unsealed_told(found)]
    return said + accepted_told(document)


def way_out(found: RunDir | ComparisonDir, problems: Mapping[str, str]) -> str:
    """A hint: what of a damaged run, or of a comparison's, can still be used, and how.

    Args:
        found: it.
        problems: see `problems_of` or `verified`; some.
    """
    if isinstance(found, RunDir):
        return _way_out(found, problems)
    if COMPARISON in problems:
        further = f"genmodels {train_command(found.document()['family'])} --resume {found.quoted} {FLAG}"
        return f"restore it from a copy, or accept what was changed: {further} goes on with it."
    damaged = found.member(next(iter(problems)).partition("/")[0])
    whole = {
        name.partition("/")[2]: what for name, what in problems.items() if name.startswith(f"{damaged.path.name}/")
    }
    return f"of {damaged.name}: {_way_out(damaged, whole)}"


def _way_out(run: RunDir, problems: Mapping[str, str]) -> str:
    epochs = [number for number in run.kept() if name_of(number) not in problems]
    states = [step for step in run.steps() if f"step-{step:08d}" not in problems]
    if _is_readable(run) and {RUN_JSON, METRICS} & problems.keys():
        further = f"genmodels {train_command(run.document()['family'])} --resume {run.quoted} {FLAG}"
        return f"restore it from a copy, or accept what was changed: {further} goes on with it."
    if RUN_JSON in problems:
        return "restore run.json from a copy; nothing else says what the rest is."
    if METRICS in problems:
        return "restore metrics.jsonl from a copy; without it the run can't be trained further."
    if epochs:
        reached = run.length().all_reached(epochs)
        whole = f"--epoch or --epochs reads what is whole: {told(reached)}"
        resume = f"--resume with {FLAG}" if is_changed(run) else "--resume"
        further = f"{resume} takes the newest whole training state" if states else "it can't be trained further"
        return f"{whole}; {further}."
    if states:
        return f"no epoch's weights are whole: {way_without(run)}"
    return "nothing of it can be used: restore it from a copy, or train it anew."


def _is_readable(run: RunDir) -> bool:
    """Whether run.json and the metrics can be read, whatever was changed in them; and the metrics are there."""
    with contextlib.suppress(RunError):
        return bool(run.document()) and bool(run.metrics())
    return False


def verified(found: RunDir | ComparisonDir, notice: Notice = silent) -> tuple[list[str], dict[str, str]]:
    """The names of all checkpoints, and what is wrong with each thing that is not whole.

    Args:
        found: a run; or a comparison, whose runs' names go before those of theirs.
        notice: is told what is to be known beside that.
    """
    if isinstance(found, RunDir):
        problems = problems_of(found)
        for sentence in _remarks_of(found):
            notice(sentence)
        return sorted(path.name for path in checkpoints_of(found)), problems
    checked: list[str] = []
    problems = differences_told(differences_in(found))
    for sentence in _remarks_of_comparison(found):
        notice(sentence)
    for run in found.members():
        names, wrong = verified(run, notice)
        checked += [f"{run.path.name}/{name}" for name in names]
        problems |= {f"{run.path.name}/{name}": what for name, what in wrong.items()}
    problems |= {f"{run.path.name}/{RUN_JSON}": "missing, though more of the run is there" for run in found.headless()}
    return checked, problems


def called(found: RunDir | ComparisonDir, checkpoint: str) -> str:
    """What a checkpoint is shown as: by its name, and where its epoch was cut short by what was trained too.

    Args:
        found: whose it is.
        checkpoint: its name; see `verified`.
    """
    if isinstance(found, ComparisonDir):
        if checkpoint == COMPARISON:
            return checkpoint
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
        return {METRICS: error.what}
    problems = {}
    if reached is None and _are_counted(run):
        problems[METRICS] = "missing or empty"
    pruned = is_finished(run) and not (run.checkpoints / "last").exists()
    if reached and not run.steps() and not pruned:
        problems["training state"] = f"none is left, though step {reached} was reached"
    return problems


def _are_counted(run: RunDir) -> bool:
    """Whether something was saved after a record; a run that was stopped before its first evaluation has none."""
    states = (state_in(run.checkpoints / f"step-{step:08d}") or {} for step in run.steps())
    return bool(run.epochs()) or any(state.get("metrics_bytes", 1) for state in states)
