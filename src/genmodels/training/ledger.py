"""Everything a training writes into its run directory, and reads back."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from genmodels.errors import DivergedError, RunError
from genmodels.models.weights import to_arrays, to_tensors
from genmodels.processes import ALONE, World, world
from genmodels.runs import Record, RunDir
from genmodels.runs.accepting import size_at
from genmodels.runs.checkpoint import (
    Checkpoint,
    forget_epochs,
    forget_states,
    load_training_state,
    prune_epochs,
    read_checkpoint,
    save_epoch,
    save_training_state,
)
from genmodels.runs.epochs import name_of
from genmodels.runs.parts import forget_parts, prune_parts, save_part
from genmodels.runs.stock import Summed
from genmodels.training.best import best_instead, choose_best
from genmodels.training.plan import Plan
from genmodels.training.progress import Progress
from genmodels.training.reporting import Reporter
from genmodels.training.task import Preview, Task, TaskState, with_prefix, without_prefix

if TYPE_CHECKING:
    from genmodels.family import Family

ROLLBACKS = 3
_LOG = "log/"


class Ledger:
    """What a training keeps in its run directory: records, previews, epochs' weights, training states.

    Of several processes the first writes and tells of it, while the others wait for long, as disks may be slow; all
    read. The training state belongs to a length of metrics.jsonl: going back to the one cuts the other, so that each
    line stands there once.

    Args:
        run: the directory; its lock is held.
        task: whose weights and state are kept.
        family: what it counts, and by which score its best epoch is chosen.
        reporter: is told of each record, and of damage that is passed over.
        keep_epochs: so many newest epochs' weights are kept, and the best; None for all.
        world: the processes that train together, of which the first keeps all.
    """

    def __init__(
        self,
        run: RunDir,
        task: Task,
        family: "Family",
        reporter: Reporter,
        keep_epochs: int | None,
        world: World = ALONE,
    ) -> None:
        self.run, self.task, self.family, self.reporter, self.keep_epochs = run, task, family, reporter, keep_epochs
        self.world = world
        self.known = Summed()

    def record_steps(self, epoch: int, progress: Progress, means: Mapping[str, float]) -> None:
        """A train record: what the updates since the last one gave on average, and how fast they were."""
        speed, unit = progress.logged_units / max(progress.logged_seconds, 1e-9), f"{self.family.unit}_per_second"
        counted = {"steps": progress.logged_steps, unit: round(speed, 1), **self._speed_of_each(speed, unit)}
        self._record(epoch, progress, "train", {**means, **counted})

    def _speed_of_each(self, speed: float, unit: str) -> dict[str, float]:
        """Of each of several processes the speed at which it computes its rows, by its number."""
        if self.world.is_alone:
            return {}
        of_each = self.world.gathered(torch.tensor([speed / self.world.count]), self.world.count)
        return {f"{unit}/{rank}": round(one, 1) for rank, one in enumerate(of_each.tolist())}

    def record_evaluation(self, epoch: int, progress: Progress, measures: Mapping[str, Record]) -> None:
        """A record for each split that was evaluated."""
        for split, values in measures.items():
            self._record(epoch, progress, split, values)

    def _record(self, epoch: int, progress: Progress, split: str, values: Mapping[str, float]) -> None:
        record: Record = {"epoch": epoch, "step": progress.step, "split": split, **values}
        record["seconds"] = round(progress.seconds, 3)

        def write() -> None:
            self.run.append_metrics(record)
            self.reporter.logged(record)

        self._written(write)

    def _written(self, write: Callable[[], object]) -> None:
        """Have the first process write something, while the others wait."""
        if self.world.is_first:
            write()
        self.world.follow()

    def evaluations(self) -> list[Record]:
        """What was measured of what is held out until now, from epoch 0 on."""
        records = self.run.metrics()
        return [record for record in records if record["split"] == self.task.held_out and "steps" not in record]

    def seconds_before_steps(self, progress: Progress) -> float:
        """What went by before the first step: all was made ready, and the untrained model measured."""
        untrained = [record["seconds"] for record in self.evaluations() if record["step"] == 0]
        return progress.seconds_before + max(untrained, default=0.0)

    def keep_weights(self, epoch: int, progress: Progress, measures: Mapping[str, Record]) -> None:
        """The weights of an epoch; if none was better, it is the best from here on, in `progress` too."""
        facts = {"epoch": epoch, "step": progress.step, **measures, **self.task.description()}
        is_best = self._is_best(epoch, progress, measures)

        def write() -> None:
            tensors = {"model": to_arrays(self.task.weights())}
            save_epoch(self.run, epoch, tensors, facts, self.known, is_best=is_best)

        self._written(write)

    def _is_best(self, epoch: int, progress: Progress, measures: Mapping[str, Record]) -> bool:
        """Whether none was better until now; `progress` has it then."""
        score, before = measures[self.task.held_out][self.family.score], progress.best_score
        if before is not None and (score == before or self.family.best([score, before]) != score):
            return False
        progress.best_epoch, progress.best_score = epoch, score
        return True

    def keep_part(self, number: float, progress: Progress) -> None:
        """The weights inside an epoch, under the number of epochs that training has come to."""
        facts = {"epoch": number, "step": progress.step, **self.task.description()}

        def write() -> None:
            save_part(self.run, number, {"model": to_arrays(self.task.weights())}, facts, self.known)

        self._written(write)

    def prune_epochs(self) -> None:
        """Remove the weights of epochs that need not be kept."""

        def prune() -> None:
            prune_epochs(self.run, self.keep_epochs)
            prune_parts(self.run, self.keep_epochs)

        self._written(prune)

    def keep_preview(self, number: float, preview: Preview) -> Path:
        """What the model wrote or drew at an epoch's end or inside one; gives back where the best of it is."""
        made = {".txt": preview.text.encode("utf-8", errors="replace")}
        if preview.picture is not None:
            made[".png"] = preview.picture
        files = {f"{name_of(number)}{kind}": data for kind, data in made.items()}

        def write() -> None:
            for name, data in files.items():
                self.run.write_sample(name, data)

        self._written(write)
        return self.run.samples_folder / list(files)[-1]

    def keep_plan(self, plan: Plan) -> None:
        """The plan, as often as --minutes makes another one."""
        self._written(lambda: self.run.update(plan=asdict(plan)))

    def begin(self) -> None:
        """Nothing is saved yet: forget the records of a session that ended before its first training state."""
        self._written(lambda: self._cut_to(0))

    def save(self, progress: Progress, sums: Mapping[str, Tensor]) -> None:
        """Publish the training state as it is now, which has what each process carries.

        Args:
            progress: where training stands.
            sums: what the next train record is made of, so far.
        """
        state = self.task.state()
        self._written(lambda: self._save(state, progress, sums))

    def _save(self, state: TaskState, progress: Progress, sums: Mapping[str, Tensor]) -> None:
        optimizer = {**state.optimizer, **with_prefix(_LOG, sums)}
        tensors = {"model": to_arrays(state.model), "optimizer": to_arrays(optimizer)}
        facts = {
            "progress": asdict(progress),
            "task": dict(state.counters),
            "metrics_bytes": self.run.metrics_size(),
            **self.task.description(),
        }
        save_training_state(self.run, progress.step, tensors, facts, self.known)

    def newest(self) -> Checkpoint | None:
        """The newest training state that is whole, which the first process finds; None before the first.

        Raises:
            RunError: the run got further, but no whole state is left.
        """
        found = load_training_state(self.run, self.reporter.notice) if self.world.is_first else None
        name = self.world.text_of_first("" if found is None else found.path.name)
        return read_checkpoint(self.run.checkpoints / name) if name and found is None else found

    def to_try_again(self, progress: Progress) -> Checkpoint:
        """The newest training state, while attempts are left.

        Raises:
            DivergedError: none is.
        """
        checkpoint = self.newest()
        if progress.rollbacks >= ROLLBACKS or checkpoint is None:
            what = f"the loss or gradient was not finite near step {progress.step}"
            hint = f"lower --learning-rate; the last good state is in {self.run.path}."
            raise DivergedError(f"{what}, after {progress.rollbacks} new attempts", hint)
        return checkpoint

    def restore(self, checkpoint: Checkpoint, plan: Plan) -> tuple[Progress, dict[str, Tensor]]:
        """Take the task and the records back to a training state, and forget the parts of epochs kept after it.

        Returns:
            Where training stood then, and the sums for its next train record, on the task's device.

        Raises:
            RunError: the state lacks something, or is not one of this task.
        """
        try:
            recorded = checkpoint.state["progress"]  # older ones have the seconds of an epoch's end, too
            progress = Progress(**{name: value for name, value in recorded.items() if name != "epoch_seconds"})
            tensors = to_tensors(checkpoint.tensors["optimizer"])
            size, counters = size_at(self.run, checkpoint.state), checkpoint.state["task"]
        except (KeyError, TypeError) as error:
            raise RunError(f"{checkpoint.path} lacks what resuming needs: {error}", "start a new run.") from error
        device = next(iter(self.task.state().model.values())).device
        sums = {name: tensor.to(device) for name, tensor in without_prefix(_LOG, tensors).items()}
        optimizer = {name: tensor for name, tensor in tensors.items() if not name.startswith(_LOG)}
        self.task.load_state(TaskState(to_tensors(checkpoint.tensors["model"]), optimizer, counters))
        if (best := best_instead(self.run, self.family, progress, self.evaluations())) is not None:
            self._written(partial(self.run.point, "best", best))
        self._written(lambda: self._cut(size, progress))
        self._go_on_inside(plan, progress)
        return progress, sums

    def _go_on_inside(self, plan: Plan, progress: Progress) -> None:
        """An epoch that was cut short, and measured, is none where its training goes on: it is measured at its new end.

        Its weights are kept as those of a part, and it is the best no more: the best kept one before it is.
        """
        epoch, step = plan.epoch_of(progress.step), progress.step
        if step == plan.total_steps or step % plan.steps_per_epoch == 0 or progress.evaluated < epoch:
            return
        progress.evaluated = epoch - 1
        if progress.best_epoch == epoch:
            choose_best(self.run, self.family, progress, self.evaluations())
        best = progress.best_epoch
        self._written(lambda: self._keep_as_part(epoch, step, plan.trained(step), best))

    def _keep_as_part(self, epoch: int, step: int, number: float, best: int | None) -> None:
        """What was kept as an epoch's weights after a step stays under the number of epochs it had come to."""
        if best is not None:
            self.run.point("best", name_of(best))
        folder = self.run.checkpoints / name_of(epoch)
        if not folder.exists():
            return
        kept_so = read_checkpoint(folder)
        if kept_so.state.get("step") == step:  # else its new end is there already
            save_part(self.run, number, kept_so.tensors, {**kept_so.state, "epoch": number})

    def _cut(self, size: int, progress: Progress) -> None:
        """Forget what was kept after a training state, and then what was recorded, to which that is sealed.

        States of later steps, which are damaged, go first: what they count is there no more.
        """
        forget_states(self.run, progress.step)
        forget_parts(self.run, progress.step)
        forget_epochs(self.run, progress.evaluated, progress.best_epoch)
        self._cut_to(size)

    def _cut_to(self, size: int) -> None:
        """Forget records; of those that are left the sum is computed once."""
        self.run.truncate_metrics(size)
        self.known.begin()


@contextmanager
def kept(run: RunDir, task: Task, family: "Family", reporter: Reporter, keep_epochs: int | None) -> Iterator[Ledger]:
    """The ledger, with the run's lock, which the first process holds for all; arguments as those of `Ledger`.

    Raises:
        RunError: another training has the lock.
    """
    among = world()
    with run.locked(reporter.notice) if among.is_first else nullcontext():
        yield Ledger(run, task, family, reporter, keep_epochs, among)
