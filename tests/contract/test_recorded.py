"""Updates that are recorded and played again, as on a GPU: here by one that computes them where they were held."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from contract.cases import CASES
from contract.helpers import Case
from genmodels.models.weights import to_arrays, to_tensors
from genmodels.training import recorded
from genmodels.training.plan import Plan
from genmodels.training.recorded import EAGER_FIRST, RecordedUpdate
from genmodels.training.task import TaskState

FAMILIES = {"text", "vae", "pixelrnn", "gan"}
HAVE_MORE_GENERATORS = {"wasserstein-gp"}
RECORDED = [
    case for case in CASES if case.family in FAMILIES and case.variant not in HAVE_MORE_GENERATORS and not case.rare
]
every_recorded = pytest.mark.parametrize("case", RECORDED, ids=str)


class Player:
    """A recording that computes again, into the same outputs, from the inputs that were held when it was made."""

    made = 0

    def __init__(self, generator: torch.Generator) -> None:
        if type(generator) is not torch.Generator:  # as a CUDA graph refuses any other class, derived ones too
            raise TypeError(f"expected a Generator, but got {type(generator).__name__}")
        self.outputs: dict[str, torch.Tensor] = {}
        Player.made += 1

    def of(self, compute: Callable[[], dict[str, torch.Tensor]]) -> dict[str, torch.Tensor]:
        self.compute = compute
        return self.outputs

    def play(self) -> None:
        for name, tensor in self.compute().items():
            held = self.outputs.setdefault(name, torch.empty_like(tensor))
            held.copy_(tensor)


@pytest.fixture
def recording(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recorded, "can_record", lambda device: True)
    monkeypatch.setattr(recorded, "Recording", Player)
    Player.made = 0


def walked(task: Any, steps: range) -> list[dict[str, float]]:
    return [{name: float(value) for name, value in task.train_step(step, 1.0 / (1 + step)).items()} for step in steps]


def bits(task: Any) -> dict[str, bytes]:
    state = task.state()
    return {name: array.tobytes() for part in (state.model, state.optimizer) for name, array in to_arrays(part).items()}


@every_recorded
def test_recorded_updates_are_those_that_are_written(
    case: Case, tmp_path: Path, recording: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert_recorded_as_written(case, tmp_path, monkeypatch, epochs=2)


def assert_recorded_as_written(case: Case, folder: Path, monkeypatch: pytest.MonkeyPatch, epochs: int) -> None:
    """So many epochs and three steps of recorded updates find and leave what updates as they are written do."""
    fast = case.make(folder, 1)
    steps = range(epochs * fast.steps_per_epoch + 3)
    found = walked(fast, steps)
    assert Player.made > 0
    monkeypatch.setattr(recorded, "can_record", lambda device: False)
    plain = case.make(folder, 1)
    assert walked(plain, steps) == found
    assert bits(plain) == bits(fast)


@every_recorded
def test_a_state_that_is_taken_back_is_gone_on_with(case: Case, tmp_path: Path, recording: None) -> None:
    task = case.make(tmp_path, 1)
    first = EAGER_FIRST + 4
    walked(task, range(first))
    state = task.state()
    tensors = [to_tensors(to_arrays(part)) for part in (state.model, state.optimizer)]
    kept = TaskState(*tensors, state.counters)
    after = walked(task, range(first, 2 * first))
    whole, made = bits(task), Player.made
    task.load_state(kept)
    assert walked(task, range(first, 2 * first)) == after
    assert bits(task) == whole
    assert Player.made > made, "moments lie elsewhere: what was recorded is of no use"


def test_the_scale_of_dropout_is_recorded_anew_with_every_plan(tmp_path: Path, recording: None) -> None:
    case = next(case for case in RECORDED if case.family == "text")
    task = case.make(tmp_path, 1)
    walked(task, range(EAGER_FIRST + 2))
    assert task.recorded.recordings
    task.planned(Plan(task.steps_per_epoch, 10, None, 5, 2))
    assert not task.recorded.recordings


def test_inputs_of_another_shape_have_a_recording_of_their_own(recording: None) -> None:
    seen: list[int] = []

    def compute(read: Any, generator: torch.Generator, kind: int) -> dict[str, torch.Tensor]:
        seen.append(len(read["x"]))
        return {"sum": read["x"].sum() + kind}

    update = RecordedUpdate(torch.device("cpu"), compute)
    for size, kind in [(4, 0)] * 6 + [(2, 0)] * 6 + [(4, 1)] * 6:
        assert float(update({"x": torch.ones(size)}, 0, kind)["sum"]) == size + kind
    assert len(update.recordings) == Player.made == 3


def test_a_seed_decides_what_is_drawn(recording: None) -> None:
    def compute(read: Any, generator: torch.Generator, kind: int) -> dict[str, torch.Tensor]:
        return {"drawn": torch.rand((), generator=generator)}

    update = RecordedUpdate(torch.device("cpu"), compute)
    drawn = [float(update({}, seed)["drawn"]) for seed in [*range(8), *range(8)]]
    assert drawn[:8] == drawn[8:]
    assert len(set(drawn)) == 8
