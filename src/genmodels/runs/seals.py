"""Seals compared with what is there: what of a run was changed by another hand than genmodels', by its name."""

import contextlib
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from genmodels.durable import read_json
from genmodels.errors import RunError
from genmodels.ordinary import read_ordinary, strict_json
from genmodels.paths import RUN_JSON
from genmodels.runs.epochs import Length, name_of, number_of
from genmodels.runs.run_dir import RunDir
from genmodels.runs.sealing import (
    ACCEPTED,
    PRUNED,
    SEAL,
    is_whole,
    number_in,
    sum_of,
    values_of,
)
from genmodels.runs.stock import pointer_of, sum_of_manifest

METRICS = "metrics.jsonl"
RESULT = "result"  # of a comparison: it is measured again
# What may be changed without changing what a training comes to, or where the data lie, which are known by their sums.
_DECIDES_NOTHING = {"argv", "versions", "launch", "preset", "data.sources", "data.passed_over", "data.taken"} | {
    f"settings.{name}" for name in ("device", "keep_epochs", "checkpoint_minutes", "preview_every")
}
_LENGTH = (
    "plan", "settings.epochs", "settings.minutes", "settings.patience", "settings.until",
    # genmodels writes others when a training is planned again
)  # fmt: skip
_IDENTITY = ("family", "created_at", "data.fingerprint")


@dataclass(frozen=True)
class Difference:
    """Something that is not as it was when genmodels saved it.

    Args:
        place: what: "run.json", "metrics.jsonl", a checkpoint, "best".
        told: in what it differs, from what to what.
        decides: whether the result of a training depends on it.
    """

    place: str
    told: str
    decides: bool = True


@dataclass(frozen=True)
class Saved:
    """Something that was saved with a seal.

    Args:
        name: of the checkpoint.
        seal: of it.
        state: all that its state.json holds.
    """

    name: str
    seal: Mapping[str, Any]
    state: Mapping[str, Any]

    @property
    def size(self) -> int:
        """Bytes of metrics.jsonl that it knows."""
        return int(self.seal["metrics"]["bytes"])

    @property
    def progress(self) -> Mapping[str, Any]:
        """Where training stood; nothing but for a training state."""
        found = self.state.get("progress")
        return found if isinstance(found, dict) else {}

    @property
    def is_state(self) -> bool:
        """Whether a training goes on from it."""
        return self.name.startswith("step")


def state_in(checkpoint: Path) -> dict[str, Any] | None:
    """The state.json of a checkpoint, checked against its manifest; None where one of the two is not whole."""
    with contextlib.suppress(OSError, RunError, KeyError, TypeError, ValueError):
        told = read_json(checkpoint / "manifest.json")["files"]["state.json"]["sha256"]
        data = read_ordinary(checkpoint / "state.json")
        state = strict_json(data.decode("utf-8"))
        if sum_of(data) == told and isinstance(state, dict):
            return state
    return None


@dataclass(frozen=True)
class Seals:
    """A run and its seals, as they are now.

    Args:
        run: it.
        document: its run.json.
    """

    run: RunDir
    document: Mapping[str, Any]

    @cached_property
    def states(self) -> dict[str, dict[str, Any]]:
        """What the state.json of each checkpoint holds that is whole, by its name."""
        names = [*map(name_of, self.run.kept()), *(f"step-{step:08d}" for step in self.run.steps())]
        found = ((name, state_in(self.run.checkpoints / name)) for name in names)
        return {name: state for name, state in found if state is not None}

    @cached_property
    def accepted(self) -> Saved | None:
        """The newest changes that were accepted, as a seal of what was there then."""
        entries = self.document.get(ACCEPTED)
        newest = entries[-1] if isinstance(entries, list) and entries else None
        seal = newest.get(SEAL) if isinstance(newest, dict) else None
        return Saved("what was accepted", seal, {}) if isinstance(seal, dict) and _is_seal(seal) else None

    @cached_property
    def saved(self) -> list[Saved]:
        """What was saved with a seal since changes were accepted, by the bytes of metrics that each knows."""
        since = 0 if self.accepted is None else self.accepted.seal["number"]
        found = [Saved(name, state[SEAL], state) for name, state in self.states.items() if _is_seal(state.get(SEAL))]
        newer = [one for one in found if one.seal["number"] > since]
        return sorted([*newer, *([self.accepted] if self.accepted else [])], key=lambda one: (one.size, one.is_state))

    @property
    def are_there(self) -> bool:
        """Whether the run has seals: older versions wrote none."""
        return number_in(self.document) is not None or bool(self.saved)

    @cached_property
    def newest(self) -> Saved | None:
        """What was saved last, a training state if there is one."""
        states = [one for one in self.saved if one.is_state or one is self.accepted] or self.saved
        return states[-1] if states else None

    def differences(self) -> list[Difference]:
        """All that is not as it was."""
        if not self.are_there:
            return list(self._misnamed())
        found = [*self._of_run_json(), *self._of_metrics(), *self._misnamed(), *self._foreign()]
        return [*found, *self._of_epochs(), *self._of_best(), *self._of_chain()]

    # -- run.json ---------------------------------------------------------------------------------

    def _of_run_json(self) -> Iterator[Difference]:
        number, newest, whole = number_in(self.document), self.newest, is_whole(self.document)
        if number is None:
            yield Difference(RUN_JSON, "its seal was taken away")
            return
        known: Mapping[str, Any] = {} if newest is None else newest.seal["run"]
        newer = newest is not None and number > newest.seal["number"]
        told = list(changes_in(known, values_of(self.document), newer and whole)) if newest else []
        yield from told
        if newest is not None and number < newest.seal["number"]:
            yield Difference(RUN_JSON, f"it is older than {newest.name}")
        elif not whole and not told:
            yield Difference(RUN_JSON, "it was changed by another hand")

    # -- metrics.jsonl ----------------------------------------------------------------------------

    def _of_metrics(self) -> Iterator[Difference]:
        content = read_ordinary(self.run.metrics_path) if self.run.metrics_path.exists() else b""
        digest, read = hashlib.sha256(), 0
        for one in self._going_on:
            if one.size > len(content):
                yield Difference(METRICS, f"it has {len(content):,} bytes, but {one.size:,} when {one.name} was saved")
                return
            digest.update(content[read : one.size])
            if digest.hexdigest() != one.seal["metrics"]["sha256"]:
                yield Difference(METRICS, f"{_lines(content, read, one.size)} not as when {one.name} was saved")
                return
            read = one.size
        if self.newest is not None and len(content) > read and self._was_finished(self.newest):
            yield Difference(METRICS, f"{_lines(content, read, len(content))} younger than {self.newest.name}, its end")

    @property
    def _going_on(self) -> list[Saved]:
        """What was saved up to the newest state: what came after it is forgotten where training goes on."""
        until = self.newest
        return [one for one in self.saved if until is None or not until.is_state or one.size <= until.size]

    def _was_finished(self, newest: Saved) -> bool:
        """Whether nothing was left to record when something was saved."""
        length, progress = Length.of(self.document), newest.progress
        evaluated = progress.get("evaluated", newest.state.get("epoch"))
        return length.epochs is not None and evaluated is not None and length.reached(evaluated) == length.epochs

    # -- checkpoints ------------------------------------------------------------------------------

    def _misnamed(self) -> Iterator[Difference]:
        """Those that were exchanged: each knows its own number."""
        for name, state in self.states.items():
            progress = state.get("progress")
            of_state = (progress if isinstance(progress, dict) else state).get("step")
            told = of_state if name.startswith("step") else state.get("epoch")
            own = number_of(name) if name.startswith("epoch") else int(name.partition("-")[2])
            if told is not None and told != own:
                yield Difference(name, f"it holds {name.partition('-')[0]} {told}")

    def _foreign(self) -> Iterator[Difference]:
        """Those that were copied from another run."""
        if self.newest is None:
            return
        own = [self.newest.seal["run"].get(name) for name in _IDENTITY]
        for one in self.saved:
            if [one.seal["run"].get(name) for name in _IDENTITY] != own:
                yield Difference(one.name, f"it is of another run than {self.newest.name}")
        sealed = {one.name for one in self.saved}
        for name, state in self.states.items():
            if name not in sealed and SEAL not in state:
                yield Difference(name, "it holds no seal, but the others do")

    def _of_epochs(self) -> Iterator[Difference]:
        """Those that the newest training state counts, or where none is left each epoch the one before it."""
        if self.newest is None:
            return
        counts_all = self.newest.is_state or self.newest is self.accepted
        for one in [self.newest] if counts_all else self.saved[::-1]:
            yield from self._of_counted(one)
        if counts_all:
            later = {one.name for one in self.saved if one.size > self.newest.size}
            for name in map(name_of, self.run.epochs()):
                if name not in self.newest.seal["epochs"] and name not in later and name in self.states:
                    yield Difference(name, f"{self.newest.name} does not count it", decides=False)

    def _of_counted(self, one: Saved) -> Iterator[Difference]:
        later = {other.name for other in self.saved if other.size > one.size}
        for name, expected in one.seal["epochs"].items():
            found = sum_of_manifest(self.run.checkpoints / name)
            if found is None and not self._may_be_gone(name, one):
                yield Difference(name, f"it is missing, but {one.name} counts it", name == one.seal["best"])
            elif found not in {None, expected} and name not in later:
                yield Difference(name, f"it is another than when {one.name} was saved")

    def _may_be_gone(self, name: str, one: Saved) -> bool:
        """Whether genmodels itself has deleted an epoch's weights, as it was asked to."""
        keep, pruned = self.document["settings"].get("keep_epochs", {}).get("value"), self.document.get(PRUNED)
        if isinstance(pruned, list) and name in pruned:
            return True
        return isinstance(keep, int) and not (one.is_state and name in list(one.seal["epochs"])[-keep:])

    def _of_best(self) -> Iterator[Difference]:
        if self.newest is None or self._is_taken_up(self.newest):
            return
        later = [one for one in self.saved if one.size >= self.newest.size]
        known = [one.seal["best"] for one in (self.newest, *later)]
        found = pointer_of(self.run, "best")
        if found not in known:
            told = "is missing" if found is None else f"points to {found}"
            yield Difference("best", f"it {told}, but pointed to {known[-1]} when {self.newest.name} was saved")

    def _is_taken_up(self, newest: Saved) -> bool:
        """Whether a state is of an epoch that was cut short, in which training goes on: it is the best no more."""
        length, progress = Length.of(self.document), newest.progress
        step, each = progress.get("step"), length.steps_per_epoch
        return bool(step and each and step % each and step != length.total_steps)

    def _of_chain(self) -> Iterator[Difference]:
        """The training state before each."""
        for one in self.saved:
            for name, expected in one.seal["previous"].items() if one.is_state else ():
                if sum_of_manifest(self.run.checkpoints / name) not in {None, expected}:
                    yield Difference(name, f"it is another than when {one.name} was saved")


def _is_seal(seal: object) -> bool:
    if not isinstance(seal, dict):
        return False
    shaped = all(isinstance(seal.get(name), dict) for name in ("run", "metrics", "epochs", "previous"))
    return shaped and isinstance(seal.get("number"), int) and isinstance(seal["metrics"].get("bytes"), int)


def changes_in(
    before: Mapping[str, Any], after: Mapping[str, Any], planned: bool = False, place: str = RUN_JSON
) -> Iterator[Difference]:
    """Each value of a run.json that is another; without those of its length, where genmodels may have planned anew.

    Args:
        before: what it said; see `genmodels.runs.sealing.values_of`.
        after: what it says.
        planned: whether it may.
        place: the file's name, where it is another.
    """
    for name in [*before, *(name for name in after if name not in before)]:
        if before.get(name) == after.get(name) and (name in before) == (name in after):
            continue
        if not (planned and name.startswith(_LENGTH)):
            told = f"{name} was {before.get(name, 'not there')} and is {after.get(name, 'not there any more')}"
            yield Difference(place, told, name not in _DECIDES_NOTHING and not name.startswith(RESULT))


def _lines(content: bytes, begin: int, end: int) -> str:
    r"""Which lines some bytes belong to.

    >>> _lines(b"a\nb\nc\n", 2, 4), _lines(b"a\nb\nc\n", 0, 6)
    ('line 2 is', 'lines 1 to 3 are')
    """
    first, last = content[:begin].count(b"\n") + 1, content[: max(begin, end - 1)].count(b"\n") + 1
    return f"line {first} is" if first == last else f"lines {first} to {last} are"


def told(differences: Sequence[Difference]) -> dict[str, str]:
    """In a sentence for each place what differs there."""
    places = dict.fromkeys(one.place for one in differences)
    return {place: "; ".join(one.told for one in differences if one.place == place) for place in places}
