import numpy as np
import pytest
import torch
from torch.nn import functional

from genmodels.analysis.looking_back import looking_back
from genmodels.models.build_text import build_language_model
from genmodels.settings.text import TextSettings


@pytest.mark.parametrize("model", ["feedforward", "rnn", "gru", "lstm"])
def test_it_is_the_gradient_of_one_letter_s_loss_at_each_letter_before_it(model: str) -> None:
    torch.manual_seed(1)
    network = build_language_model(TextSettings(model=model, hidden_size=6, embedding_size=4, context=3, layers=2), 5)
    ids = np.random.default_rng(0).integers(0, 5, 12)
    reach = looking_back(network, ids, 8, 4)
    assert reach.shape == (4, 4)
    network.eval()
    for row, place in enumerate(range(8, 12)):
        # The letters before this one, and no others, read from nothing by themselves.
        rows = torch.from_numpy(ids)
        found: dict[str, torch.Tensor] = {}

        def keep(_module, _inputs, output, found=found):
            return found.setdefault("x", output.detach().requires_grad_())

        hook = network.embedding.register_forward_hook(keep)
        logits, _ = network(rows[None, :place], network.initial_state(1))
        hook.remove()
        (gradient,) = torch.autograd.grad(functional.cross_entropy(logits[:, -1], rows[place : place + 1]), found["x"])
        expected = gradient[-4:, 0].norm(dim=1).flip(0)
        assert reach[row] == pytest.approx(expected.numpy(), rel=1e-4, abs=1e-9)
    if model == "feedforward":
        assert np.all(reach[:, 3:] == 0.0)
        assert np.all(reach[:, :3] > 0.0)
