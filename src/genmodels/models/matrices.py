"""The matrices inside a network, each as what it maps from and to: of several in one tensor every one by itself."""

from collections.abc import Callable, Mapping, Sequence

from torch import Tensor, nn

Parts = Callable[[Tensor], Sequence[Tensor]]
"""A tensor of weights -> views of it, each a matrix (outputs, inputs) or (inputs, outputs)."""

PARTED = "parted"  # of a module of ours: its tensors that hold several matrices -> their parts


def in_rows(count: int) -> Parts:
    """So many matrices one under the other, as the gates of a recurrent layer lie; a convolution's kernels flat.

    >>> import torch
    >>> [tuple(part.shape) for part in in_rows(4)(torch.zeros(8, 3, 1, 2))]
    [(2, 6), (2, 6), (2, 6), (2, 6)]
    """

    def parts(weights: Tensor) -> Sequence[Tensor]:
        """Views: where channels come last in memory, the rows of a kernel's matrix go by its places first."""
        flat = weights if weights.is_contiguous() else weights.movedim(1, -1)
        return flat.flatten(1).chunk(count)

    return parts


GATES = {"LSTM": 4, "GRU": 3}  # of PyTorch's layers, which keep those of all in one tensor


def inner_matrices(network: nn.Module) -> dict[str, Parts]:
    """The weights of hidden layers by their parameters' names: all but vectors, embeddings and the read-out.

    The read-out is the matrix that a network makes last.

    Args:
        network: a model, or one of its players.
    """
    parted = {name: parts for prefix, module in network.named_modules() for name, parts in _parted(prefix, module)}
    embeddings = {f"{prefix}.weight" for prefix, module in network.named_modules() if isinstance(module, nn.Embedding)}
    matrices = [name for name, parameter in network.named_parameters() if parameter.dim() > 1]
    return {name: parted.get(name, in_rows(1)) for name in matrices[:-1] if name not in embeddings}


def _parted(prefix: str, module: nn.Module) -> list[tuple[str, Parts]]:
    """The tensors of a module that hold several matrices, by their names in the network."""
    found: Mapping[str, Parts] = getattr(module, PARTED, {})
    if isinstance(module, nn.RNNBase):
        found = {name: in_rows(GATES.get(module.mode, 1)) for name, _ in module.named_parameters()}
    return [(f"{prefix}.{name}" if prefix else name, parts) for name, parts in found.items()]
