"""Images on a device: batches are selections by index, binarised as asked for; no loader, no workers."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from genmodels.data.images.parts import Part
from genmodels.device import step_generator
from genmodels.randomness import derive_seed

EVALUATED_AT_ONCE = 500  # images, of 28x28; fewer of larger ones


@dataclass(frozen=True)
class Batch:
    """Some images.

    Args:
        images: float of shape (B, Y, X), from 0 to 1; 0 or 1 when binarised.
        labels: int64 of shape (B,), or None.
    """

    images: Tensor
    labels: Tensor | None


def binarized(pixels: Tensor, generator: torch.Generator) -> Tensor:
    """Draw each pixel as 0 or 1 with probability pixel / 255 of being 1.

    Args:
        pixels: uint8, any shape.
        generator: on the same device.

    Returns:
        Bool of the same shape.
    """
    drawn = torch.empty_like(pixels).random_(0, 255, generator=generator)  # 0 to 254: P(drawn < p) = p / 255
    return drawn < pixels


class Images:
    """One part of an image set, on a device.

    "static" and "threshold" binarise once, here; "dynamic" anew for each batch; "none" keeps the grey values.

    Args:
        part: pixels and labels.
        binarize: "none", "dynamic", "static" or "threshold".
        seed: of every draw.
        device: where the images live.
        stream: names the part, so that no two parts share random numbers.
    """

    def __init__(self, part: Part, binarize: str, seed: int, device: torch.device, stream: str) -> None:
        self.binarize, self.seed, self.device, self.stream = binarize, seed, device, stream
        pixels = torch.tensor(part.pixels)  # a copy: what comes from the cache is read-only
        if binarize == "static":  # on the CPU, so that every device sees the same images
            generator = step_generator(torch.device("cpu"), seed, f"{stream} static", 0)
            pixels = binarized(pixels, generator).to(torch.uint8) * 255
        if binarize == "threshold":
            pixels = (pixels >= 128).to(torch.uint8) * 255
        self.pixels = pixels.to(device)
        self.labels = None if part.labels is None else torch.tensor(part.labels).to(device)

    def __len__(self) -> int:
        return len(self.pixels)

    def batch(self, rows: Tensor | slice, step: int) -> Batch:
        """The images of some rows, as they are seen at a step."""
        pixels = self.pixels[rows]
        labels = None if self.labels is None else self.labels[rows]
        if self.binarize == "dynamic":
            generator = step_generator(self.device, self.seed, f"{self.stream} binarize", step)
            return Batch(binarized(pixels, generator).float(), labels)
        return Batch(pixels.float() / 255.0, labels)

    @property
    def at_once(self) -> int:
        """Images in a batch of `in_order`."""
        return max(1, EVALUATED_AT_ONCE * 28 * 28 // max(28 * 28, self.pixels[0].numel()))

    def in_order(self, count: int) -> Iterator[Batch]:
        """`count` images in batches: the same ones and the same draws each time.

        Fewer than all are picked at random over the whole part, as a set may be sorted by class.
        """
        rows = None
        if count < len(self):
            generator = torch.Generator().manual_seed(derive_seed(0, f"{self.stream} subset", count))
            rows = torch.randperm(len(self), generator=generator)[:count].sort().values.to(self.pixels.device)
        for index, start in enumerate(range(0, count, self.at_once)):
            span = slice(start, min(start + self.at_once, count))
            yield self.batch(span if rows is None else rows[span], -1 - index)


def rows_of(images: Images, rows: Sequence[int]) -> Batch:
    """Some images by number, each always binarised alike, whichever others are chosen."""
    whole = images.batch(slice(None), 0)
    kept = torch.tensor(rows, device=images.pixels.device)
    return Batch(whole.images[kept], None if whole.labels is None else whole.labels[kept])


class ShuffledBatches:
    """Training batches: every image once an epoch, in an order drawn for each epoch; the last may be smaller.

    Args:
        images: the training part.
        batch_size: B.
    """

    def __init__(self, images: Images, batch_size: int) -> None:
        self.images, self.batch_size = images, min(batch_size, len(images))
        self.steps_per_epoch = -(-len(images) // self.batch_size)
        self._epoch, self._order = -1, torch.empty(0, dtype=torch.int64)

    def size(self, step: int) -> int:
        """Images in the batch of a step."""
        start = (step % self.steps_per_epoch) * self.batch_size
        return min(self.batch_size, len(self.images) - start)

    def at(self, step: int) -> Batch:
        """The batch of a step, a function of the seed and the step alone."""
        epoch, index = divmod(step, self.steps_per_epoch)
        if epoch != self._epoch:
            generator = torch.Generator().manual_seed(derive_seed(self.images.seed, "shuffle", epoch))
            order = torch.randperm(len(self.images), generator=generator)
            self._epoch, self._order = epoch, order.to(self.images.device)
        rows = self._order[index * self.batch_size : (index + 1) * self.batch_size]
        return self.images.batch(rows, step)
