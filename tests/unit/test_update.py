import math

import pytest
import torch
from torch import nn

from genmodels.training.average import WeightAverage
from genmodels.training.update import MOST_OVERFLOWS, Updater


def linear() -> nn.Linear:
    torch.manual_seed(0)
    return nn.Linear(3, 2)


def loss_of(model: nn.Linear, scale: float = 1.0) -> torch.Tensor:
    return scale * model(torch.ones(4, 3, dtype=model.weight.dtype)).square().sum()


def snapshot(updater: Updater, model: nn.Module) -> dict[str, torch.Tensor]:
    return {k: v.clone() for k, v in {**model.state_dict(), **updater.state()}.items()}


def test_one_update_equals_adamw_written_out() -> None:
    model = linear().double()
    updater = Updater(model, learning_rate=0.1, weight_decay=0.2, gradient_clip=1e9)
    before = {n: p.detach().clone() for n, p in model.named_parameters()}
    loss = loss_of(model)
    gradients = torch.autograd.grad(loss, list(model.parameters()), retain_graph=True)
    updater.update(loss, rate=0.5)
    for (name, parameter), g in zip(model.named_parameters(), gradients, strict=True):
        decay = 0.2 if parameter.dim() > 1 else 0.0
        expected = before[name] * (1 - 0.05 * decay) - 0.05 * g / (g.abs() + 1e-8)
        torch.testing.assert_close(parameter.detach(), expected, rtol=1e-6, atol=1e-9)


def test_the_norm_before_clipping_is_returned_and_the_gradient_clipped() -> None:
    model = linear()
    updater = Updater(model, 0.1, 0.0, gradient_clip=0.5)
    gradients = torch.autograd.grad(loss_of(model), list(model.parameters()))
    _, norm = updater.update(loss_of(model), 1.0)
    whole = math.sqrt(sum(float(g.square().sum()) for g in gradients))
    assert math.isclose(float(norm), whole, rel_tol=1e-5)
    clipped = math.sqrt(sum(float(p.grad.square().sum()) for p in model.parameters() if p.grad is not None))
    assert math.isclose(clipped, 0.5, rel_tol=1e-4)


@pytest.mark.parametrize("scale", [math.nan, math.inf, 1e38])
def test_a_loss_or_gradient_that_is_not_finite_touches_nothing(scale: float) -> None:
    model = linear()
    updater = Updater(model, 0.1, 0.1, 1.0)
    updater.update(loss_of(model), 1.0)
    before = snapshot(updater, model)
    finite, _ = updater.update(loss_of(model, scale) * (10.0 if scale == 1e38 else 1.0), 1.0)
    assert not bool(finite)
    after = snapshot(updater, model)
    assert all(torch.equal(before[name], after[name]) for name in before)
    finite, _ = updater.update(loss_of(model), 1.0)
    assert bool(finite), "the next good step is taken"
    assert not torch.equal(model.weight, before["weight"])


def test_state_survives_a_round_trip() -> None:
    first, second = linear(), linear()
    a, b = Updater(first, 0.1, 0.1, 1.0), Updater(second, 0.1, 0.1, 1.0)
    for _ in range(3):
        a.update(loss_of(first), 1.0)
    second.load_state_dict(first.state_dict())
    b.load_state({k: v.clone() for k, v in a.state().items()})
    a.update(loss_of(first), 1.0)
    b.update(loss_of(second), 1.0)
    assert torch.equal(first.weight, second.weight)


def test_fp16_scaling_skips_an_overflowing_gradient_and_lowers_its_scale() -> None:
    model = linear()
    updater = Updater(model, 0.1, 0.0, 1.0, half=True)
    before, scale = model.weight.detach().clone(), updater.scaler.get_scale()
    finite, _ = updater.update(loss_of(model) * 1e36, 1.0)  # finite itself, but not once it is scaled
    assert bool(finite)
    assert torch.equal(model.weight, before)
    assert updater.scaler.get_scale() < scale
    updater.update(loss_of(model), 1.0)
    assert not torch.equal(model.weight, before)


def test_fp16_gradients_that_never_become_finite_are_told_as_not_finite() -> None:
    model = linear()
    updater = Updater(model, 0.1, 0.0, 1.0, half=True)
    told = [bool(updater.update((model.weight - model.weight.detach()).abs().sqrt().sum(), 1.0)[0]) for _ in range(41)]
    assert told == [True] * (MOST_OVERFLOWS - 1) + [False] * 2, "the run goes back, and ends with exit 6 at last"
    sound, _ = updater.update(loss_of(model), 1.0)
    assert bool(sound), "they are counted in a row"


def test_the_average_of_weights_follows_its_recurrence() -> None:
    model = linear().double()
    average = WeightAverage(model, 0.9)
    expected = {name: p.detach().clone() for name, p in model.named_parameters()}
    for step in range(120):
        with torch.no_grad():
            for parameter in model.parameters():
                parameter.add_(torch.randn_like(parameter))
        average.update(step)
        decay = min(0.9, (1 + step) / (10 + step))
        expected = {n: decay * expected[n] + (1 - decay) * p.detach() for n, p in model.named_parameters()}
    for name, tensor in average.weights.items():
        torch.testing.assert_close(tensor, expected[name])


def test_within_the_block_the_model_computes_with_the_averages_and_afterwards_with_its_own() -> None:
    model, x = linear(), torch.ones(1, 3)
    average = WeightAverage(model, 0.5)
    before = model(x).detach()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(1.0)
    after = model(x).detach()
    with average.in_force():
        assert torch.equal(model(x), before)
    assert torch.equal(model(x), after)
    with pytest.raises(ZeroDivisionError), average.in_force():
        raise ZeroDivisionError
    assert torch.equal(model(x), after)


def test_with_decay_0_the_average_is_the_weights_themselves() -> None:
    model = linear()
    average = WeightAverage(model, 0.0)
    with torch.no_grad():
        model.weight.add_(1.0)
    average.update(3)
    assert torch.equal(average.weights["weight"], model.weight)
    assert average.state() == {}


@pytest.mark.parametrize("which", ["loss", "gradient"])
def test_a_loss_or_a_gradient_that_alone_is_not_finite_is_noticed(which: str) -> None:
    model = linear()
    updater = Updater(model, 0.1, 0.1, 1.0)
    before = model.weight.detach().clone()
    loss = loss_of(model) + torch.inf if which == "loss" else (model.weight - before).square().sum().sqrt() * torch.inf
    if which == "gradient":
        loss = (model.weight - before).abs().sum().sqrt()  # 0, where it is infinitely steep
    finite, norm = updater.update(loss, 1.0)
    assert math.isfinite(float(loss.detach())) == (which == "gradient")
    assert math.isfinite(float(norm)) == (which == "loss")
    assert not bool(finite)
    assert torch.equal(model.weight, before)
