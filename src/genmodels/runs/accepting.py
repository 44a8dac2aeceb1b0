"""Going on with a run: only as it was left, or with changes that its owner accepts, which it records."""

import math
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from genmodels.durable import disk_errors, refuse_links, replace_file, to_json
from genmodels.errors import RunError, UsageError, listed
from genmodels.ordinary import read_ordinary, unreadable
from genmodels.paths import COMPARISON, RUN_JSON
from genmodels.printable import one_line
from genmodels.runs.checkpoint import Checkpoint, forget_epochs, forget_states, read_checkpoint
from genmodels.runs.comparison import ComparisonDir
from genmodels.runs.epochs import name_of
from genmodels.runs.parts import forget_parts
from genmodels.runs.run_dir import RunDir, train_command
from genmodels.runs.sealing import ACCEPTED, SEAL, is_whole, number_in, sealed, sum_of
from genmodels.runs.seals import Difference, Seals, told
from genmodels.runs.standing import MORE_EPOCHS, is_finished
from genmodels.runs.stock import pointer_of, seal_of

FLAG = "--accept-changes"


def check_as_left(run: RunDir, notice: Callable[[str], None], *, accept: bool = False) -> None:
    """Refuse to go on with a run in which something that decides its result is not as genmodels left it.

    Args:
        run: it; one that is being trained now is let through, as whoever trains it changes it.
        notice: is told of changes that decide nothing, and where the run has no seals.
        accept: go on all the same; what differs is recorded in run.json then.

    Raises:
        RunError: something differs, or while it is to be accepted another process begins to train it.
        ResourceError: it can't be written.
    """
    if run.is_being_trained():
        return
    seals = Seals(run, run.document())
    if not seals.are_there:
        notice(unsealed_told(run))
    if accept and seals.are_there:
        _accept_all(run, notice)
        return
    found = _differences(seals)
    refuse_changed(run, found)
    for sentence in told_as_passed(run, told(found)):
        notice(sentence)
    if found and not is_whole(seals.document):  # so that what genmodels changes from now on is known as its own
        with run.locked(notice), disk_errors(run.path):
            document = run.document()
            refuse_changed(run, _differences(Seals(run, document)))  # nobody else can change it from here on
            replace_file(run.path / RUN_JSON, to_json(sealed(document, 1 + (number_in(document) or 0))))


def _accept_all(run: RunDir, notice: Callable[[str], None]) -> None:
    """Record what differs, and take the run back to what it goes on from; nobody trains it meanwhile.

    Raises:
        RunError: another process has begun to train it.
        ResourceError: a folder of its own is a link, in which nothing is deleted.
    """
    with run.locked(notice):
        refuse_links(run.checkpoints, run.samples_folder)
        seals = Seals(run, run.document())
        if found := _differences(seals):
            _go_back(seals)
            _accept(Seals(run, run.document()), told(found))
        for sentence in [*told_as_accepted(run, told(found)), *_lost_told(run)]:
            notice(sentence)


def _differences(seals: Seals) -> list[Difference]:
    try:
        return seals.differences()
    except OSError as error:  # metrics.jsonl is a folder or a pipe
        raise unreadable(seals.run.metrics_path, error) from error


def refuse_changed(found: RunDir | ComparisonDir, differing: Iterable[Difference]) -> None:
    """Refuse to go on where something differs that decides the result.

    Raises:
        RunError: it does.
    """
    if decisive := told([one for one in differing if one.decides]):
        what = f"{found.path} is not as it was left: {in_words(decisive)}"
        if isinstance(found, RunDir) and lost_epochs(found):
            raise RunError(what, way_without(found))
        raise RunError(what, f"restore it from a copy; with {FLAG} it goes on as it is, and that is recorded.")


def is_lost(run: RunDir, epoch: float) -> bool:
    """Whether the weights of an epoch that a run keeps can't be read; training needs none of them."""
    try:
        read_checkpoint(run.checkpoints / name_of(epoch))
    except RunError:
        return True
    return False


def lost_epochs(run: RunDir) -> list[float]:
    """The epochs, and parts of them, whose weights a run keeps and which can't be read."""
    return [epoch for epoch in run.kept() if is_lost(run, epoch)]


def way_without(run: RunDir) -> str:
    """A hint: how a run goes on though weights of epochs can't be read, from its newest whole training state."""
    if _newest_whole(run) is None:
        return "restore it from a copy, or train it anew."
    more = f" --epochs {math.ceil(run.length().epochs or 0) + MORE_EPOCHS}" if is_finished(run) else ""
    flag = f" {FLAG}" if is_changed(run) else ""
    command = f"genmodels {train_command(run.document()['family'])} --resume {run.quoted}{more}{flag}"
    return f"restore it from a copy, or train it further from its last whole training state, without them: {command}"


def is_changed(run: RunDir) -> bool:
    """Whether it goes on only where its owner accepts changes."""
    return any(one.decides for one in _differences(Seals(run, run.document())))


def refuse_lost_best(run: RunDir) -> None:
    """Refuse to measure the best epoch of a finished run, of which nothing is left to train, where it can't be read.

    Raises:
        RunError: it can't.
    """
    best = pointer_of(run, "best")
    if best is None or run.is_being_trained() or not is_finished(run):
        return
    try:
        read_checkpoint(run.checkpoints / best)
    except RunError as error:
        what = f"{run.path} is finished, and the weights of its best epoch can't be read: {error.what}"
        raise RunError(what, way_without(run)) from error


def told_as_passed(found: RunDir | ComparisonDir, places: Mapping[str, str]) -> list[str]:
    """In a sentence for each place what differs and decides nothing."""
    left = f"{found.path} is not as it was left, which decides nothing"
    return [f"{left}: {in_words(dict([place]))}" for place in places.items()]


def refuse_to_accept(resume: object) -> None:
    """Refuse to accept changes where nothing goes on.

    Raises:
        UsageError: always, unless something is resumed.
    """
    if resume is None:
        raise UsageError(f"{FLAG} is for a run that goes on", "give --resume RUN beside it, or leave it out.")


def unsealed_told(run: RunDir | ComparisonDir) -> str:
    """That a run or a comparison was begun by a version that sealed nothing."""
    return f"{one_line(run.name)} holds no seal, as an earlier version began it: changes by another hand are not found"


def in_words(places: Mapping[str, str]) -> str:
    """What differs, place by place."""
    return "; ".join(f"{place}: {what}" for place, what in places.items())


def told_as_accepted(found: RunDir | ComparisonDir, places: Mapping[str, str]) -> list[str]:
    """In a sentence what was accepted, if anything was."""
    if not places:
        return [f"{FLAG}: {found.path} is as it was left, so there is nothing to accept"]
    file = RUN_JSON if isinstance(found, RunDir) else COMPARISON
    return [f"{FLAG}: {found.path} goes on with what was changed, which its {file} records: {in_words(places)}"]


def _lost_told(run: RunDir) -> list[str]:
    names = [name_of(epoch) for epoch in lost_epochs(run)]
    return [f"the weights of {listed(names)} can't be read: it goes on without them"] if names else []


def _newest_whole(run: RunDir) -> Checkpoint | None:
    for step in reversed(run.steps()):
        with suppress(RunError):
            return read_checkpoint(run.checkpoints / f"step-{step:08d}")
    return None


def _go_back(seals: Seals) -> None:
    """Go back now behind training states that are damaged, as what is accepted is what training goes on from."""
    run, whole = seals.run, _newest_whole(seals.run)
    if whole is None or whole.path.name == f"step-{run.steps()[-1]:08d}":
        return
    progress, size = whole.state["progress"], size_at(run, whole.state, accepting=True)
    forget_states(run, progress["step"])
    forget_parts(run, progress["step"])
    forget_epochs(run, progress["evaluated"], progress["best_epoch"])
    run.truncate_metrics(size)


def _accept(seals: Seals, places: Mapping[str, str]) -> None:
    """Record what differs, with a seal of what is there now."""
    run, document = seals.run, dict(seals.document)
    number = 1 + max(
        one for one in (number_in(document), *(s.seal["number"] for s in seals.saved), 0) if one is not None
    )
    document[SEAL] = {"number": number}
    with disk_errors(run.path):
        content = read_ordinary(run.metrics_path) if run.metrics_path.exists() else b""
        own = seal_of(run, document=document)[SEAL]
        kept = content[: _end_of_records(seals)]
        own["metrics"] = {"bytes": len(kept), "sha256": sum_of(kept)}
        entry = {"at": datetime.now(UTC).isoformat(), "changes": dict(places), SEAL: own}
        document[ACCEPTED] = [*accepted_entries(document), entry]
        replace_file(run.path / RUN_JSON, to_json(sealed(document, number + 1)))  # what is saved from now on is newer


def _end_of_records(seals: Seals) -> int:
    """Where the records end that belong to the newest training state, whatever became of those before."""
    names = [f"step-{step:08d}" for step in seals.run.steps()[-1:]]
    state = next((seals.states[name] for name in names if name in seals.states), None)
    return 0 if state is None else size_at(seals.run, state, accepting=True)


def size_at(run: RunDir, state: Mapping[str, Any], *, accepting: bool = False) -> int:
    """Bytes of metrics.jsonl that belong to a training state: those that it counts, or those accepted after it.

    Of a state older than the newest of those accepted they are what it counts, where that is as it was, else the
    records up to its step; and so of any while changes are being accepted.

    Raises:
        KeyError, TypeError: the state says nothing of it.
    """
    counted, step = int(state["metrics_bytes"]), state["progress"]["step"]
    if not accepting:
        accepted = Seals(run, run.document()).accepted
        if accepted is None or SEAL not in state or state[SEAL]["number"] >= accepted.seal["number"]:
            return counted
        if f"step-{step:08d}" in accepted.seal["previous"]:
            return accepted.size
    content = read_ordinary(run.metrics_path) if run.metrics_path.exists() else b""
    if SEAL in state and sum_of(content[:counted]) == state[SEAL]["metrics"]["sha256"]:
        return counted
    lines = content.splitlines(keepends=True)
    later = (number for number, record in enumerate(run.metrics()) if record["step"] > step)
    return sum(map(len, lines[: next(later, len(lines))]))


def accepted_entries(document: Mapping[str, Any]) -> list[Any]:
    """What a run.json or comparison.json records of changes that were accepted."""
    found = document.get(ACCEPTED)
    return found if isinstance(found, list) else []


def accepted_in(document: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    """When changes of a run were accepted, and which; nothing where none were."""
    for entry in accepted_entries(document):
        if isinstance(entry, dict) and isinstance(entry.get("changes"), dict):
            yield str(entry.get("at")), one_line(in_words({str(k): str(v) for k, v in entry["changes"].items()}))


def accepted_told(document: Mapping[str, Any]) -> list[str]:
    """The same in sentences."""
    return [f"changes by another hand were accepted on {at[:10]}: {what}" for at, what in accepted_in(document)]
