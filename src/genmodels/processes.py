"""Several processes that train one network together: which one this is, and what they tell each other.

They are started by torchrun, or by --processes, which starts the same. What they need is PyTorch's: the rendezvous,
NCCL between GPUs, gloo between CPUs, DistributedDataParallel for the gradients.
"""

import math
import os
import re
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

from genmodels.errors import ResourceError, UsageError
from genmodels.limits import number_set

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    from genmodels.meeting import Pulse
    from genmodels.rows import Rows

Made = TypeVar("Made")
ANSWER_SECONDS = 20.0  # within which every process is at the same place, once training has begun
PATIENCE = timedelta(hours=2)  # until then, as one may prepare data for all
GIVEN_WAY = 10.0  # seconds for which a process waits to be ended that has lost another one, whose error tells more
ANSWERS_POLLED = 0.01  # seconds between two looks at whether the others are done
OF_GLOO = re.compile("gloo|pair closure", re.IGNORECASE)  # whose errors are of no class of their own,
SILENT = re.compile("timed? ?out|timing out", re.IGNORECASE)  # nor are those of its time-outs


@dataclass(frozen=True)
class World:
    """The processes that train together, seen from one of them.

    Args:
        rank: number of this process, from 0.
        count: how many there are.
        patient: the group in which they wait for each other for long, or None where there is but one process.
        pulse: tells those who wait for long that the others are still there, where these were started as several.
    """

    rank: int = 0
    count: int = 1
    patient: Any = None
    pulse: "Pulse | None" = None

    @property
    def is_first(self) -> bool:
        """Whether this is the process that writes and speaks."""
        return self.rank == 0

    @property
    def is_alone(self) -> bool:
        """Whether there is no other process."""
        return self.count == 1

    def rows(self, count: int) -> "Rows":
        """What this process computes of a batch."""
        from genmodels.rows import Rows

        return Rows.part(count, self.rank, self.count)

    def any(self, flag: bool) -> bool:
        """Whether it holds for any process."""
        return bool(self.most(int(flag)))

    def most(self, number: int) -> int:
        """The largest number that any process has."""
        if self.is_alone:
            return number
        import torch
        import torch.distributed as dist

        found = torch.tensor(number)
        with answers(self):
            dist.all_reduce(found, dist.ReduceOp.MAX)
        return int(found)

    def of_first(self, *numbers: float) -> list[float]:
        """Numbers as the first process has them, such as what its clock says."""
        if self.is_alone:
            return list(numbers)
        import torch
        import torch.distributed as dist

        found = torch.tensor(numbers, dtype=torch.float64)
        with answers(self):
            dist.broadcast(found, 0)
        return [float(number) for number in found]

    def as_first(self, flag: bool) -> bool:
        """Whether it holds for the first process."""
        return bool(self.of_first(float(flag))[0])

    def text_of_first(self, text: str) -> str:
        """A text as the first process has it; the others may wait for long."""
        if self.is_alone:
            return text
        import torch
        import torch.distributed as dist

        said = torch.frombuffer(bytearray(text.encode()) or bytearray(1), dtype=torch.uint8)
        length = torch.tensor(len(text.encode()))
        with answers(self):
            self._patiently(dist.broadcast(length, 0, group=self.patient, async_op=True))
            heard = said if self.is_first else torch.empty(max(1, int(length)), dtype=torch.uint8)
            self._patiently(dist.broadcast(heard, 0, group=self.patient, async_op=True))
        return bytes(heard.tolist())[: int(length)].decode()

    def wait(self) -> None:
        """Until all processes are here, however long it takes."""
        if not self.is_alone:
            import torch.distributed as dist

            with answers(self):
                self._patiently(dist.barrier(group=self.patient, async_op=True))

    def follow(self) -> None:
        """Until the first process is here, after what it alone does, such as writing, however long that takes.

        The first waits for the others only as long as for any answer: they do nothing meanwhile, so one that is not
        there by then hangs.
        """
        if not self.is_alone:
            import torch.distributed as dist

            with answers(self):
                all_here = dist.barrier(group=self.patient, async_op=True)
                self._patiently(all_here, ANSWER_SECONDS if self.is_first else math.inf)

    def _patiently(self, work: Any, seconds: float = math.inf) -> None:
        """Until something is done in which all take part, as long as all are there.

        Raises:
            torch.distributed.DistStoreError: it took longer than so many seconds, or one is not there any more.
        """
        from torch.distributed import DistStoreError

        end = time.monotonic() + seconds
        while not work.is_completed():
            if time.monotonic() > end:
                raise DistStoreError(f"timed out: no answer within {seconds:g} s")
            if self.pulse is not None:
                self.pulse.listen()
            time.sleep(ANSWERS_POLLED)
        work.wait()

    def summed(self, tensor: "Tensor") -> "Tensor":
        """The sum of the processes' tensors, which are of one shape."""
        if self.is_alone:
            return tensor
        import torch.distributed as dist

        found = tensor.detach().clone()
        with answers(self):
            dist.all_reduce(found)
        return found

    def joined(self, tensor: "Tensor") -> "Tensor":
        """The processes' tensors one after the other, which may differ in length."""
        import torch

        lengths = self.gathered(torch.tensor([len(tensor)]), self.count).tolist()
        padded = tensor.new_zeros((1, max(lengths), *tensor.shape[1:]))
        padded[0, : len(tensor)] = tensor
        whole = self.gathered(padded, self.count)
        return torch.cat([piece[:length] for piece, length in zip(whole, lengths, strict=True)])

    def gathered(self, tensor: "Tensor", count: int, dim: int = 0) -> "Tensor":
        """The whole of what each process has its `rows` of.

        Args:
            tensor: the rows of this process.
            count: rows of the whole.
            dim: where they lie.
        """
        if self.is_alone:
            return tensor
        import torch
        import torch.distributed as dist

        from genmodels.rows import Rows

        rows = [Rows.part(count, rank, self.count) for rank in range(self.count)]
        most = max(part.end - part.begin for part in rows)
        moved = tensor.detach().movedim(dim, 0)
        padded = moved.new_zeros((most, *moved.shape[1:]))
        padded[: len(moved)] = moved
        found = [torch.empty_like(padded) for _ in rows]
        with answers(self):
            dist.all_gather(found, padded.contiguous())
        whole = torch.cat([piece[: part.end - part.begin] for piece, part in zip(found, rows, strict=True)])
        return whole.movedim(0, dim).contiguous()

    def whole(self, rows: "Rows", tensor: "Tensor") -> "Tensor":
        """What all computed of a batch, of which each has its `rows`, dimension 0; one without weight is left out."""
        return self.gathered(rows.counted(tensor), rows.count)


ALONE = World()


def asked_for() -> bool:
    """Whether this process was started as one of several."""
    return number_set("WORLD_SIZE", 1) > 1


def is_follower() -> bool:
    """Whether another process speaks for this one."""
    return asked_for() and os.environ.get("RANK", "0") != "0"


@cache
def world() -> World:
    """The processes that train together; they meet when this is first called.

    Raises:
        ResourceError: they don't find each other.
    """
    if not asked_for():
        return ALONE
    import torch
    import torch.distributed as dist

    backend = "cpu:gloo,cuda:nccl" if torch.cuda.is_available() and dist.is_nccl_available() else "gloo"
    with answers(World(number_set("RANK", 0), number_set("WORLD_SIZE", 1))):
        brought = dist.is_initialized()  # as where a program has brought its processes together itself
        pulse = None if brought else _meet(backend)
        patient = dist.new_group(backend="gloo", timeout=PATIENCE)
    return World(dist.get_rank(), dist.get_world_size(), patient, pulse)


def _meet(backend: str) -> "Pulse":
    """Those that torchrun has started again must not find the addresses of those before, which its store may keep."""
    import torch.distributed as dist
    from torch.distributed.distributed_c10d import PrefixStore
    from torch.distributed.rendezvous import rendezvous

    from genmodels.meeting import Pulse, named_start

    patience = timedelta(seconds=ANSWER_SECONDS)
    store, rank, count = next(rendezvous("env://", timeout=PATIENCE))
    store = PrefixStore(named_start(store, rank, count, PATIENCE.total_seconds()), store)
    dist.init_process_group(backend, store=store, rank=rank, world_size=count, timeout=patience)
    return Pulse(PrefixStore("pulse", store), rank, count, ANSWER_SECONDS)


def in_turn(make: Callable[[], Made]) -> Made:
    """What `make` gives, which one process of each machine calls before its others."""
    with one_first():
        return make()


@contextmanager
def one_first() -> Iterator[None]:
    """A block that one process of each machine goes through before its others, which then find what it made.

    All leave it together, however long the others take: what follows may ask for answers in time.
    """
    found = world()
    first = os.environ.get("LOCAL_RANK", "0") == "0"
    if not first:
        found.wait()
    yield
    if first:
        found.wait()
    found.wait()


def by_first(do: Callable[[], str]) -> str:
    """What the first process says that it did, while the others wait: a write into what all of them read."""
    found = world()
    found.wait()
    return found.text_of_first(do() if found.is_first else "")


@contextmanager
def answers(world: World) -> Iterator[None]:
    """A block in which other processes must answer.

    Raises:
        ResourceError: one has ended, or does not answer in time.
    """
    import torch.distributed as dist

    try:
        yield
    except RuntimeError as error:
        if isinstance(error, dist.DistError) or OF_GLOO.search(str(error)):
            raise _lost(world, error) from error
        raise


def _lost(world: World, error: Exception) -> ResourceError:
    """That another process is gone; of one that has ended told after a little, as its own error tells more."""
    is_silent = SILENT.search(str(error)) is not None
    if not is_silent:
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, signal.SIG_DFL)  # whoever started all of them may end this one now
        time.sleep(GIVEN_WAY)
    what = "has not answered in time" if is_silent else "has ended"
    return ResourceError(
        f"process {world.rank} of {world.count} (counted from 0) stops, as another one {what}",
        "the error of that one tells why; --resume goes on from what is saved.",
    )


def refuse_several(what: str) -> None:
    """What is made by one process alone.

    Raises:
        UsageError: this is one of several.
    """
    if asked_for():
        raise UsageError(f"several processes were started, but {what} is made by one", "start it without torchrun.")


def own_device(device: "torch.device", wanted: str) -> "torch.device":
    """The GPU of this process, where each of several has one.

    Args:
        device: that was chosen.
        wanted: what --device says.

    Raises:
        UsageError: it names one GPU for all.
        ResourceError: there are fewer GPUs than processes here.
    """
    if device.type != "cuda" or not asked_for():
        return device
    import torch

    if ":" in wanted:
        raise UsageError(f"--device {wanted} names one GPU, but each process takes its own", "give --device cuda.")
    number, count = number_set("LOCAL_RANK", 0), torch.cuda.device_count()
    if number >= count:
        what = f"process {number} of this machine has no GPU: it sees {count}"
        raise ResourceError(what, f"start {count} processes, or give --device cpu.")
    return torch.device("cuda", number)
