"""What batch normalisations keep for evaluation, computed anew from batches of every kind together."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from genmodels.models.mode import evaluating


@torch.no_grad()
def pooled_statistics(layers: nn.Sequential, batches: Callable[[], Iterable[Tensor]]) -> dict[str, Tensor]:
    """The mean and variance of what each batch normalisation sees over some batches taken as one.

    The running averages of training (Ioffe and Szegedy 2015, arXiv 1502.03167) hold the mean variance within a batch.
    Where the batches differ, as those of strips of one length each do, the variance of all that is seen is larger by
    that of the batches' means; and they are averages over older weights. So both are computed anew for the weights that
    are kept (Wu and Johnson 2021, arXiv 2105.07576), here layer by layer, each behind the final ones before it. Each
    batch goes through alone, once for each such layer, so that no more memory is taken than by one.

    Args:
        layers: are left as they were.
        batches: makes them anew each time; each as the first layer takes it.

    Returns:
        "number of the layer.running_mean" and "….running_var"; nothing where there is no batch normalisation.
    """
    found: dict[str, Tensor] = {}
    with evaluating(layers):
        for number, layer in enumerate(layers):
            if isinstance(layer, nn.BatchNorm2d):
                with holding(layers, found):
                    new = _of_all(layers[:number](batch) for batch in batches())
                found |= {f"{number}.{name}": tensor for name, tensor in new.items()}
    return found


def _of_all(batches: Iterable[Tensor]) -> dict[str, Tensor]:
    """Mean and unbiased variance of each channel over batches (B, C, Y, X) of any sizes."""
    seen = [(batch.numel() / batch.shape[1], *torch.var_mean(batch, dim=(0, 2, 3), correction=0)) for batch in batches]
    numbers, variances, means = zip(*seen, strict=True)
    counts = torch.tensor(numbers, dtype=torch.float64)[:, None]
    variance, means_of_each = (torch.stack(one).double().cpu() for one in (variances, means))
    mean = (counts * means_of_each).sum(dim=0) / counts.sum()
    squares = (counts * (variance + (means_of_each - mean) ** 2)).sum(dim=0)
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
