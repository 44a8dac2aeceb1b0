"""Updates that a device is told once: recorded as a CUDA graph and launched again as one.

A small network's update is some hundred kernels, each done sooner than the next is launched. With recorded updates an
H100 trained on 3 to 9 times as many characters a second, and the weights were the same bit for bit. Other devices
compute each update as it is written.
"""

from collections.abc import Callable, Hashable, Mapping

import torch
from torch import Tensor

from genmodels.device import Recording, can_record
from genmodels.rows import RowsGenerator

Inputs = Mapping[str, Tensor]
Outputs = dict[str, Tensor]

EAGER_FIRST = 3  # updates of a kind before it is recorded: kernels are chosen, moments and the loss's scale are made
MOST_KINDS = 8  # each holds the memory of an update


class RecordedUpdate:
    """An update whose kernels are recorded after it was computed a few times.

    What it computes must follow from its inputs, its generator and what it changes in place; other numbers that differ
    from call to call (a learning rate, say) must be tensors too.

    Args:
        device: of all that it computes with.
        compute: (inputs, generator, kind) -> outputs; of a shared batch the generator is a `RowsGenerator`.
        whole: whether each batch is computed at once, by one process; what is shared out is not recorded.
    """

    def __init__(
        self, device: torch.device, compute: Callable[[Inputs, torch.Generator, int], Outputs], whole: bool = True
    ) -> None:
        self.compute = compute
        # A CUDA graph draws from PyTorch's own kind of generator alone: it refuses any other class.
        self.generator = torch.Generator(device) if whole else RowsGenerator(device)
        self.can_record = whole and can_record(device)
        self.calls: dict[Hashable, int] = {}
        self.recordings: dict[Hashable, tuple[Recording, Inputs, Outputs]] = {}

    @property
    def settling_steps(self) -> int:
        """Updates until the first of a kind is recorded, which are slower than those that follow."""
        return EAGER_FIRST + 2 if self.can_record else 1

    def forget(self) -> None:
        """Record anew: something that was baked in has changed, or tensors lie elsewhere."""
        self.calls.clear()
        self.recordings.clear()

    def as_written(self, inputs: Inputs, seed: int, kind: int = 0) -> Outputs:
        """One update that is not recorded; arguments as those of a call."""
        self.generator.manual_seed(seed)
        return self.compute(inputs, self.generator, kind)

    def __call__(self, inputs: Inputs, seed: int, kind: int = 0) -> Outputs:
        """One update.

        Args:
            inputs: by name.
            seed: of the generator.
            kind: of updates that differ by more than numbers, such as those with a penalty.

        Returns:
            What it computed; the next call may write over it.
        """
        alike = (kind, *((name, tensor.shape) for name, tensor in inputs.items()))
        if not self._is_recorded(alike, inputs, kind):
            return self.as_written(inputs, seed, kind)
        recording, held, outputs = self.recordings[alike]
        for name, tensor in inputs.items():
            held[name].copy_(tensor)
        self.generator.manual_seed(seed)
        recording.play()
        return dict(outputs)

    def _is_recorded(self, alike: Hashable, inputs: Inputs, kind: int) -> bool:
        """Whether there is a recording for such inputs; after a few updates it is made, which computes nothing."""
        if not self.can_record or alike in self.recordings:
            return self.can_record
        self.calls[alike] = self.calls.get(alike, 0) + 1
        if self.calls[alike] <= EAGER_FIRST or len(self.recordings) >= MOST_KINDS:
            return False
        held = {name: tensor.clone() for name, tensor in inputs.items()}
        recording = Recording(self.generator)
        made = recording.of(lambda: self.compute(held, self.generator, kind))
        self.recordings[alike] = recording, held, made
        return True
