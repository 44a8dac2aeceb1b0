"""What batch normalisations keep for evaluation, computed anew from batches of every kind together."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from genmodels.models.mode import evaluating


@torch.no_grad()
def pooled_statistics(layers: nn.Sequential, batches: Sequence[Tensor]) -> dict[str, Tensor]:
    """The mean and variance of what each batch normalisation sees over some batches taken as one.

    The running averages of training (Ioffe and Szegedy 2015, arXiv 1502.03167) hold the mean variance within a batch.
    Where the batches differ, as those of strips of one length each do, the variance of all that is seen is larger by
    that of the batches' means; and they are averages over older weights. So both are computed anew for the weights that
    are kept (Wu and Johnson 2021, arXiv 2105.07576), here layer by layer, each behind the final ones before it.

    Args:
        layers: are left as they were.
        batches: each as the first layer takes it.

    Returns:
        "number of the layer.running_mean" and "….running_var"; nothing where there is no batch normalisation.
    """
    found: dict[str, Tensor] = {}
    kinds = [isinstance(layer, nn.BatchNorm2d) for layer in layers]
    seen = list(batches) if any(kinds) else []
    for number, layer in enumerate(layers):
        if not any(kinds[number:]):
            break
        new = _of_all(seen) if kinds[number] else {}
        found |= {f"{number}.{name}": tensor for name, tensor in new.items()}
        with evaluating(layer), holding(layer, new):
            seen = [layer(batch) for batch in seen]
    return found


def _of_all(batches: Sequence[Tensor]) -> dict[str, Tensor]:
    """Mean and unbiased variance of each channel over batches (B, C, Y, X) of any sizes."""
    counts = torch.tensor([batch.numel() / batch.shape[1] for batch in batches], dtype=torch.float64)[:, None]
    both = [torch.var_mean(batch, dim=(0, 2, 3), correction=0) for batch in batches]
    variances, means = (torch.stack(one).double().cpu() for one in zip(*both, strict=True))
    mean = (counts * means).sum(dim=0) / counts.sum()
    squares = (counts * (variances + (means - mean) ** 2)).sum(dim=0)
    return {"running_mean": mean.float(), "running_var": (squares / (counts.sum() - 1)).float()}


@contextmanager
def holding(module: nn.Module, buffers: Mapping[str, Tensor]) -> Iterator[None]:
    """A block in which a module has these values in some of its buffers; after it, its own."""
    there = {name: buffer for name, buffer in module.named_buffers() if name in buffers}
    own = {name: buffer.clone() for name, buffer in there.items()}
    for name, buffer in there.items():
        buffer.copy_(buffers[name])
    try:
        yield
    finally:
        for name, buffer in there.items():
            buffer.copy_(own[name])
