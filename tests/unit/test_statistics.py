"""Statistics of batch normalisations over batches that differ from each other."""

import torch
from torch import nn

from genmodels.models.reader import batch_norm, feature_maps, group_norm
from genmodels.training.statistics import holding, pooled_statistics


def batches(*widths: int) -> list[torch.Tensor]:
    """Each of another width, mean and spread."""
    random = torch.Generator().manual_seed(1)
    return [w + w * torch.randn(3, 1, 32, 4 * w, generator=random) for w in widths]


def test_they_are_those_of_all_batches_taken_as_one_behind_each_layer() -> None:
    torch.manual_seed(2)
    layers, seen = feature_maps(2, batch_norm), batches(1, 5, 9)
    before = {name: tensor.clone() for name, tensor in layers.state_dict().items()}
    found = pooled_statistics(layers, lambda: seen)
    assert {name: torch.equal(tensor, before[name]) for name, tensor in layers.state_dict().items()} == dict.fromkeys(
        before, True
    )
    assert layers.training
    exact = [one.double() for one in seen]
    layers.requires_grad_(False)
    for number, layer in enumerate(layers.double().eval()):
        if isinstance(layer, nn.BatchNorm2d):
            channels = torch.cat([one.transpose(0, 1).flatten(1) for one in exact], dim=1)
            layer.running_mean, layer.running_var = channels.mean(dim=1).detach(), channels.var(dim=1).detach()
            for name in ("running_mean", "running_var"):
                wanted = getattr(layer, name).float()
                torch.testing.assert_close(found.pop(f"{number}.{name}"), wanted, rtol=1e-4, atol=1e-5)
        exact = [layer(one) for one in exact]
    assert found == {}


def test_layers_without_batch_normalisation_have_none() -> None:
    assert pooled_statistics(feature_maps(2, group_norm), lambda: batches(2)) == {}


def test_a_module_has_its_own_buffers_again_after_a_block() -> None:
    norm = batch_norm(2)
    with holding(norm, {"running_mean": torch.tensor([3.0, 4.0])}):
        assert norm.running_mean.tolist() == [3.0, 4.0]
    assert norm.running_mean.tolist() == [0.0, 0.0]
