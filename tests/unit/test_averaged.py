"""Tasks with averaged weights, whatever they learn: here a tone, of which no image is known."""

import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from contract.helpers import At, assert_same, interrupt
from doors import FAMILIES
from genmodels.errors import Stopped
from genmodels.models.weights import to_arrays, to_tensors
from genmodels.runs import Record, create_run
from genmodels.settings import AveragedSettings, setting
from genmodels.training.averaged import AveragedTask
from genmodels.training.loop import fulfil
from genmodels.training.plan import make_plan
from genmodels.training.setup import ready
from genmodels.training.task import Preview, TaskState, with_prefix, without_prefix

TONE = torch.sin(torch.arange(64) * 0.3)


@dataclass(frozen=True, kw_only=True)
class ToneSettings(AveragedSettings):
    model: str = setting("linear", "linear.", panel="Model", choices=("linear",))
    batch_size: int = setting(8, "Places in an update.", panel="Training", at_least=1)

    @property
    def sizes(self) -> str:
        return f"--batch-size {self.batch_size}"


class ToneTask(AveragedTask):
    """Predicts each sample of a tone from the two before it."""

    family_name, held_out, steps_per_epoch = "tone", "validation", 12
    data_told = "a tone of 64 samples"
    checks = 0

    def facts(self) -> dict[str, str]:
        return {"data": "tone"}

    def units(self, step: int) -> int:
        return self.settings.batch_size

    def _loss(self, places: Tensor) -> Tensor:
        found = self.model(torch.stack([TONE[places], TONE[places + 1]], dim=1)).squeeze(1)
        return (found - TONE[places + 2]).square().mean()

    def train_step(self, step: int, rate: float) -> dict[str, Tensor]:
        loss = self._loss((torch.arange(self.settings.batch_size) * 7 + step) % 50)
        finite, _ = self.updater.update(loss, rate)
        self.average.update(step)
        return {"finite": finite, "nll": loss.detach()}

    @torch.no_grad()
    def evaluate(self, check: Callable[[], None]) -> dict[str, Record]:
        with self.average.in_force():
            return {self.held_out: {"nll": float(self._loss(torch.arange(50, 62)))}}

    def preview(self) -> Preview:
        return Preview("la\n")


def tone_task(average: float = 0.9) -> ToneTask:
    settings = ToneSettings(device="cpu", learning_rate=0.05, epochs=3, average_weights=average)
    torch.manual_seed(0)
    return ToneTask(settings, nn.Linear(2, 1), ready(settings))


def test_a_family_without_images_that_is_stopped_and_goes_on_ends_with_the_same_bits(tmp_path: Path) -> None:
    row = FAMILIES["text"]
    whole, parts = (create_run(tmp_path, row.name, {"settings": {}, "data": {}}, name) for name in ("whole", "parts"))
    plan = make_plan(tone_task().settings, 12)
    fulfil(tone_task(), row, plan, whole, At(), None, 1e9)
    with pytest.raises(Stopped):
        fulfil(tone_task(), row, plan, parts, At(17, interrupt), None, 1e9)
    assert parts.epochs() == [1]
    fulfil(tone_task(), row, plan, parts, At(), None, 1e9)
    assert whole.epochs() == [1, 2, 3]
    assert_same(whole, parts)
    scores = [record["nll"] for record in whole.evaluations()]
    assert scores[-1] < scores[0]


def test_weights_averages_and_moments_come_back_under_their_names() -> None:
    task, other = tone_task(), tone_task()
    for step in range(3):
        task.train_step(step, 1.0)
    state = task.state()
    names = {f"{name}/{key}" for name in ("weight", "bias") for key in ("step", "exp_avg", "exp_avg_sq")}
    assert state.optimizer.keys() == names | {"average/weight", "average/bias"}
    assert state.counters.keys() == {"scaler"}
    assert not torch.equal(state.optimizer["average/weight"], state.model["weight"])
    model, optimizer = (to_tensors(to_arrays(tensors)) for tensors in (state.model, state.optimizer))
    other.load_state(TaskState(model, optimizer, state.counters))
    for step in range(3, 6):
        task.train_step(step, 1.0)
        other.train_step(step, 1.0)
    ours, theirs = task.state(), other.state()
    assert all(torch.equal(ours.model[name], theirs.model[name]) for name in ours.model)
    assert all(torch.equal(ours.optimizer[name], theirs.optimizer[name]) for name in ours.optimizer)


def test_without_an_average_the_weights_themselves_are_kept_and_saved_once() -> None:
    task = tone_task(average=0.0)
    task.train_step(0, 1.0)
    assert not [name for name in task.state().optimizer if name.startswith("average/")]
    assert torch.equal(task.weights()["weight"], task.model.weight)


def test_a_task_that_lacks_a_method_cannot_be_made() -> None:
    class Silent(ToneTask):
        preview = AveragedTask.preview

    settings = ToneSettings(device="cpu")
    with pytest.raises(TypeError, match="preview"):
        Silent(settings, nn.Linear(2, 1), ready(settings))


def test_prefixes_are_put_before_names_and_taken_away() -> None:
    tensors = {"a": torch.zeros(1), "b/c": torch.ones(1)}
    named = with_prefix("x/", tensors)
    assert list(named) == ["x/a", "x/b/c"]
    assert without_prefix("x/", {**named, "y": torch.zeros(1)}) == tensors


def test_what_averaged_tasks_share_knows_no_data() -> None:
    code = "import sys, genmodels.training.averaged; print(*[n for n in sys.modules if n.startswith('genmodels.data')])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


def test_a_task_learns_at_the_rate_of_its_settings() -> None:
    assert tone_task().updater.learning_rate == 0.05
