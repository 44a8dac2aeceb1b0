"""One update of a batch that is shared out: among processes, and into pieces that are computed one after the other.

The batch, its random numbers and its statistics are those of the whole, so that what is learned does not depend on the
number of processes or pieces but for the order of sums. Between processes gradients are averaged by PyTorch's
DistributedDataParallel.
"""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from inspect import signature
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

from genmodels.errors import UsageError
from genmodels.models.whole_batch import summed_with_gradient
from genmodels.processes import World, answers, world
from genmodels.rows import Rows, RowsGenerator
from genmodels.training.update import Updater

Inputs = Mapping[str, Tensor]
Terms = dict[str, Tensor]
Compute = Callable[[Inputs, torch.Generator], tuple[Tensor, Terms]]
"""Of some rows of a batch: their mean loss, and what to log of it, each a mean over those rows."""
CARRIED = "carried/"
"""What the names of tensors begin with that go on from batch to batch; the batch is dimension 1 of them, else 0."""


@dataclass(frozen=True)
class Sharing:
    """How each batch is shared out.

    Args:
        world: the processes.
        pieces: that each of them computes one after the other.
    """

    world: World
    pieces: int = 1

    @property
    def is_whole(self) -> bool:
        """Whether one process computes each batch at once."""
        return self.world.is_alone and self.pieces == 1

    def rows(self, count: int) -> list[Rows]:
        """What this process computes of a batch, piece by piece."""
        first, parts = self.world.rank * self.pieces, self.world.count * self.pieces
        return [Rows.part(count, first + piece, parts).or_weightless() for piece in range(self.pieces)]

    def check(self, batch_size: int) -> None:
        """See that no part of a batch is empty.

        Raises:
            UsageError: one is.
        """
        parts = self.world.count * self.pieces
        if batch_size < parts:
            among = " and ".join(
                [f"{self.world.count} processes"] * (self.world.count > 1)
                + [f"{self.pieces} pieces"] * (self.pieces > 1)
            )
            fewer = ", or fewer pieces with --accumulate" if self.pieces > 1 else ""
            raise UsageError(
                f"--batch-size {batch_size} is too small for {among}", f"give --batch-size {parts} or more{fewer}."
            )

    def learned(
        self, updater: Updater, read: Inputs, count: int, generator: RowsGenerator, compute: Compute
    ) -> dict[str, Tensor]:
        """One update.

        Args:
            updater: of the network that learns.
            read: the whole batch, by name; numbers are left as they are.
            count: rows in it.
            generator: of the random numbers; afterwards as if the whole batch had been computed at once.
            compute: see `Compute`.

        Returns:
            "finite", "gradient_norm" and what `compute` says, of the whole batch.
        """
        updater.begin()
        engine, before, found = self._engine(updater), generator.get_state(), _Found()
        pieces = self.rows(count)
        for piece in pieces:
            generator.set_state(before)
            generator.rows = piece
            with answers(self.world), _alone(engine, piece is not pieces[-1]):
                loss, terms = engine(lambda: compute(_cut(read, piece), generator))  # noqa: B023 - called at once
                updater.backward(loss * (piece.share * self.world.count), keep=piece is not pieces[-1])
            found.add({**terms, _LOSS: loss.detach()}, piece.share)
            del loss  # and its graph, before the next one is built
        generator.rows = None
        terms = found.over_all(self.world, count, pieces)
        finite, norm = updater.apply(terms.pop(_LOSS))
        return {"finite": finite, **terms, "gradient_norm": norm}

    def mean(self, values: Tensor, rows: Rows | None) -> Tensor:
        """The mean over the whole batch, dimension 0, where these are some rows of it; gradients flow through all."""
        if self.world.is_alone or rows is None:
            return values.mean(dim=0)
        return summed_with_gradient(rows.share * values.mean(dim=0))

    def _engine(self, updater: Updater) -> nn.Module:
        """What averages the gradients of an updater's network over the processes; made when it is first needed."""
        if updater.engine is None:
            whole = _Called(updater.model)
            updater.engine = whole if self.world.is_alone else _averaging(whole)
        return updater.engine


def check_pieces(model: nn.Module, pieces: int) -> None:
    """See that pieces of a batch can be computed one by one.

    Raises:
        UsageError: what is computed of one depends on the others.
    """
    if pieces > 1 and any(isinstance(module, nn.BatchNorm2d) for module in model.modules()):
        what = (
            f"--accumulate {pieces} computes a batch in pieces, but the batch normalisation of this model needs all of"
        )
        raise UsageError(f"{what} it at once", "leave it out; where memory is short, lower --batch-size.")


_LOSS = "loss of the update"


class _Called(nn.Module):
    """A network as one whose forward pass is any function that computes with it, as DistributedDataParallel wants it.

    Args:
        model: the network.
    """

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, compute: Callable[[], Any]) -> Any:
        """What the function gives."""
        return compute()


def _averaging(whole: nn.Module) -> DistributedDataParallel:
    """Buffers are not sent around before each update: they are computed alike everywhere."""
    known = signature(DistributedDataParallel).parameters
    name = "forward_sync_buffers" if "forward_sync_buffers" in known else "broadcast_buffers"  # its older name
    options: dict[str, Any] = {name: False}
    return DistributedDataParallel(whole, **options)


def _alone(engine: nn.Module, more: bool) -> AbstractContextManager[None]:
    """Gradients are averaged once, after the last piece."""
    return engine.no_sync() if more and isinstance(engine, DistributedDataParallel) else nullcontext()


def _cut(read: Inputs, rows: Rows) -> Inputs:
    return {name: tensor if tensor.dim() == 0 else rows.of(tensor, _dim(name)) for name, tensor in read.items()}


def _dim(name: str) -> int:
    return 1 if name.startswith(CARRIED) else 0


class _Found:
    """What was computed of the pieces of a batch."""

    def __init__(self) -> None:
        self.sums: Terms = {}
        self.rows: dict[str, list[Tensor]] = {}

    def add(self, terms: Terms, share: float) -> None:
        """Take a piece's terms into account; `share` is its part of the batch."""
        for name, value in terms.items():
            if name.startswith(CARRIED):
                self.rows.setdefault(name, []).append(value)
            else:
                self.sums[name] = self.sums.get(name, torch.zeros_like(value)) + share * value

    def over_all(self, world: World, count: int, pieces: list[Rows]) -> Terms:
        """The terms of the whole batch; of what is carried the rows of this process are filled in alone."""
        total = world.summed(torch.stack([value.float() for value in self.sums.values()]))
        carried = {name: _placed(parts, count, pieces) for name, parts in self.rows.items()}
        return {**dict(zip(self.sums, total.unbind(), strict=True)), **carried}


def _placed(parts: list[Tensor], count: int, pieces: list[Rows]) -> Tensor:
    """Rows in their places in a whole batch, (..., B, ...) with the batch as dimension 1; elsewhere there are zeros."""
    first = parts[0]
    whole = first.new_zeros((first.shape[0], count, *first.shape[2:]))
    for part, rows in zip(parts, pieces, strict=True):
        whole[:, rows.begin : rows.end] = part
    return whole


def sharing_of(pieces: int = 1) -> Sharing:
    """How batches are shared out here: among the processes that were started together."""
    return Sharing(world(), pieces)
