"""B contiguous streams of one text, cut into windows of T: what truncated back-propagation reads."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from genmodels.data.text.corpus import Corpus
from genmodels.errors import DataError
from genmodels.randomness import derive_seed
from genmodels.telling import counted

SMALLEST_WINDOW = 16
RESIDENT_BYTES = 1 << 27  # a text up to 128 MiB lives on the device
BLOCK_WINDOWS = 64  # windows read from the file at a time for a larger one


@dataclass(frozen=True)
class Split:
    """A part of a corpus, from `start` to `stop`."""

    corpus: Corpus
    start: int
    stop: int

    def __len__(self) -> int:
        return self.stop - self.start

    def to_tensor(self, device: torch.device) -> Tensor:
        """All ids of the part on a device, in their small integer type, shape (N,)."""
        return torch.from_numpy(self.corpus.read(self.start, self.stop)).to(device)


def split_corpus(corpus: Corpus, val_fraction: float, val_limit: int) -> tuple[Split, Split]:
    """The first part for training, the last `val_fraction` (at most `val_limit` of it) for validation.

    Raises:
        DataError: fewer characters than two of the smallest windows and a little validation text.
    """
    border = min(int(corpus.length * (1 - val_fraction)), corpus.length - 2)
    needed = 2 * SMALLEST_WINDOW + 1
    if border < needed:
        total = int(np.ceil(max(needed / (1 - val_fraction), needed + 2)))
        raise DataError(
            f"the corpus has {counted(corpus.length, corpus.vocabulary.symbol)}, too few to train on",
            f"at least {total} are needed (two windows of {SMALLEST_WINDOW} and the validation text).",
        )
    return Split(corpus, 0, border), Split(corpus, border, min(border + val_limit, corpus.length))


def fitting_shape(length: int, batch_size: int, window: int) -> tuple[int, int]:
    """Shrink a batch and window until one step of them fits into a text of `length` characters.

    The window shrinks first until two fit, then the batch.

    Returns:
        (batch size, window), unchanged when they fit.
    """
    window = min(window, max(1, (length - 1) // 2))
    batch_size = min(batch_size, max(1, (length - 1 - window) // window))
    return batch_size, window


class TokenStreams:
    """Windows of ids for training: shape (B, T) inputs and the same shifted by one as targets.

    The text is cut into B contiguous streams; step s reads the next window of each, so that a state
    can be carried. Where the streams begin is drawn anew each epoch from the leftover characters.

    Args:
        split: the training text.
        batch_size: B.
        window: T.
        seed: of the stream offsets.
        device: where the ids live when they fit.
    """

    def __init__(self, split: Split, batch_size: int, window: int, seed: int, device: torch.device) -> None:
        self.split, self.batch_size, self.window = split, batch_size, window
        self.seed, self.device = seed, device
        self.steps_per_epoch = max(1, (len(split) - 1 - window) // (batch_size * window))
        self._stream_length = self.steps_per_epoch * window
        size = len(split) * split.corpus.vocabulary.dtype.itemsize
        self._resident = split.to_tensor(device) if size <= RESIDENT_BYTES else None
        self._block: tuple[int, int, Tensor] | None = None

    def offset(self, epoch: int) -> int:
        """Where the first stream begins in this epoch (counted from 0)."""
        leftover = len(self.split) - 1 - self.batch_size * self._stream_length
        return derive_seed(self.seed, "stream offset", epoch) % (leftover + 1)

    def at(self, step: int) -> tuple[Tensor, Tensor]:
        """Inputs and targets of a step, each int64 of shape (B, T)."""
        epoch, index = divmod(step, self.steps_per_epoch)
        rows = self._resident_rows(epoch, index) if self._resident is not None else self._read_rows(epoch, index)
        ids = rows.long()  # (B, T + 1)
        return ids[:, :-1], ids[:, 1:]

    def _resident_rows(self, epoch: int, index: int) -> Tensor:
        assert self._resident is not None
        begin = self.offset(epoch) + index * self.window
        shape, stride = (self.batch_size, self.window + 1), (self._stream_length, 1)
        return self._resident.as_strided(shape, stride, begin)

    def _read_rows(self, epoch: int, index: int) -> Tensor:
        """The same rows for a text larger than the memory: a block of windows is read at a time."""
        first = index - index % BLOCK_WINDOWS
        if self._block is None or self._block[:2] != (epoch, first):
            begin = self.split.start + self.offset(epoch) + first * self.window
            width = min(BLOCK_WINDOWS, self.steps_per_epoch - first) * self.window + 1
            starts = [begin + row * self._stream_length for row in range(self.batch_size)]
            block = np.stack([self.split.corpus.read(start, start + width) for start in starts])
            self._block = (epoch, first, torch.from_numpy(block))
        at = (index - first) * self.window
        return self._block[2][:, at : at + self.window + 1].to(self.device)
