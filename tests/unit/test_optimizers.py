"""Muon and schedule-free AdamW beside the equations of their papers, and what every optimiser here promises."""

import math
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from genmodels.errors import UsageError
from genmodels.models.matrices import inner_matrices
from genmodels.models.pixel_rnn import DiagonalBiLSTM, RowLSTM
from genmodels.settings.text import TextSettings
from genmodels.settings.vae import VaeSettings
from genmodels.training.adamw import adamw
from genmodels.training.average import WeightAverage
from genmodels.training.muon import Muon, check_muon
from genmodels.training.plan import make_plan
from genmodels.training.schedule_free import ScheduleFree
from genmodels.training.setup import ready
from genmodels.training.update import Updater

MAKE = {"adamw": adamw, "muon": partial(Muon, momentum=0.95), "schedule-free": ScheduleFree}
every_optimizer = pytest.mark.parametrize("optimizer", MAKE)
ORTHOGONAL = 0.05  # by how much the products of five steps of Newton and Schulz in bf16 may differ from one another


class Small(nn.Module):
    """An embedding, an LSTM, a convolution and a read-out."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.embedding = nn.Embedding(5, 6)
        self.lstm = nn.LSTM(6, 4)
        self.kernels = nn.Conv1d(4, 3, 2)
        self.read_out = nn.Linear(3, 5)

    def forward(self, ids: Tensor) -> Tensor:
        h, _ = self.lstm(self.embedding(ids))
        found: Tensor = self.read_out(self.kernels(h.permute(1, 2, 0)).tanh().mean(dim=2))
        return found


def loss_of(network: nn.Module, scale: float = 1.0, shift: int = 0) -> Tensor:
    ids = (torch.arange(14).view(7, 2) + shift) % 5
    return scale * nn.functional.cross_entropy(network(ids), torch.tensor([1, 3]))


def updated(optimizer: str, scales: list[float], **how: Any) -> tuple[nn.Module, Updater, list[bool]]:
    network = Small()
    updater = Updater(network, 0.05, 0.1, how.pop("clip", 1.0), make=MAKE[optimizer], **how)
    taken = [bool(updater.update(loss_of(network, scale, i), 0.5)[0]) for i, scale in enumerate(scales)]
    return network, updater, taken


def snapshot(network: nn.Module, updater: Updater) -> dict[str, Tensor]:
    return {name: tensor.clone() for name, tensor in {**network.state_dict(), **updater.state()}.items()}


@every_optimizer
@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_an_update_that_is_not_finite_changes_nothing_and_the_next_is_as_if_it_had_not_been(
    optimizer: str, bad: float
) -> None:
    network, updater, _ = updated(optimizer, [1.0, 1.0])
    before = snapshot(network, updater)
    finite, _ = updater.update(loss_of(network, bad), 0.5)
    assert not bool(finite)
    after = snapshot(network, updater)
    assert before.keys() == after.keys()
    assert [name for name in before if not torch.equal(before[name], after[name])] == []
    updater.update(loss_of(network), 0.5)
    other, its, _ = updated(optimizer, [1.0, 1.0])
    its.update(loss_of(other), 0.5)
    ours, theirs = snapshot(network, updater), snapshot(other, its)
    assert [name for name in ours if not torch.equal(ours[name], theirs[name])] == []


@every_optimizer
def test_a_first_update_that_is_not_finite_leaves_the_weights_and_the_next_is_the_first(optimizer: str) -> None:
    network, _, taken = updated(optimizer, [math.nan, 1.0])
    other = Small()
    its = Updater(other, 0.05, 0.1, 1.0, make=MAKE[optimizer])
    its.update(loss_of(other, 1.0, 1), 0.5)
    assert taken == [False, True]
    assert all(torch.equal(a, b) for a, b in zip(network.parameters(), other.parameters(), strict=True))


@every_optimizer
def test_fp16_scaling_skips_an_overflowing_gradient_and_lowers_its_scale(optimizer: str) -> None:
    network, updater, _ = updated(optimizer, [1.0], half=True)
    before, scale = snapshot(network, updater), updater.scaler.get_scale()
    finite, norm = updater.update(loss_of(network, 1e36), 1.0)  # finite itself, but not once it is scaled
    assert bool(finite)
    assert float(norm) == 0.0
    after = snapshot(network, updater)
    assert [name for name in before if not torch.equal(before[name], after[name])] == []
    assert updater.scaler.get_scale() < scale
    updater.update(loss_of(network), 1.0)
    assert not torch.equal(network.lstm.weight_hh_l0, before["lstm.weight_hh_l0"])


@every_optimizer
def test_a_scaled_update_is_the_one_that_is_not_scaled(optimizer: str) -> None:
    plain, scaled = updated(optimizer, [1.0] * 3)[0], updated(optimizer, [1.0] * 3, half=True)[0]
    for ours, theirs in zip(plain.parameters(), scaled.parameters(), strict=True):
        torch.testing.assert_close(ours, theirs)


@every_optimizer
def test_a_state_that_is_taken_back_is_gone_on_with_to_the_same_bits(optimizer: str) -> None:
    network, updater, _ = updated(optimizer, [1.0] * 3)
    kept = snapshot(network, updater)
    other = Small()
    its = Updater(other, 0.05, 0.1, 1.0, make=MAKE[optimizer])
    its.update(loss_of(other, 3.0), 1.0)  # what it has of its own is forgotten
    other.load_state_dict({name: kept[name] for name in network.state_dict()})
    its.load_state({name: tensor for name, tensor in kept.items() if "/" in name})
    for which, by in ((network, updater), (other, its)):
        by.update(loss_of(which, 1.0, 2), 0.7)
    ours, theirs = snapshot(network, updater), snapshot(other, its)
    assert [name for name in ours if not torch.equal(ours[name], theirs[name])] == []


@every_optimizer
def test_the_rate_scales_every_step_and_the_gradient_is_clipped(optimizer: str) -> None:
    still = Small()
    updater = Updater(still, 0.05, 0.1, 1e-3, make=MAKE[optimizer])
    before = snapshot(still, updater)
    _, norm = updater.update(loss_of(still), 0.0)
    assert all(torch.equal(before[name], tensor) for name, tensor in still.state_dict().items())
    clipped = math.sqrt(sum(float(p.grad.square().sum()) for p in still.parameters() if p.grad is not None))
    assert float(norm) > 1e-2
    assert math.isclose(clipped, 1e-3, rel_tol=1e-3)


def written_out(
    x: Tensor, gradients: Callable[[Tensor], Tensor], rates: list[float], decay: float, b1: float, b2: float
) -> tuple[Tensor, Tensor]:
    """Algorithm 1 of Defazio et al. 2024: x after the last step, and y where the next gradient would be taken."""
    z, v, squares = x, torch.zeros_like(x), 0.0
    for t, warmed in enumerate(rates, 1):
        y = (1 - b1) * z + b1 * x
        g = gradients(y)
        v = b2 * v + (1 - b2) * g**2
        rate = warmed * math.sqrt(1 - b2**t)
        z = z - rate * g / (v.sqrt() + 1e-8) - rate * decay * y
        squares += rate**2
        c = rate**2 / squares
        x = (1 - c) * x + c * z
    return x, (1 - b1) * z + b1 * x


@pytest.mark.parametrize("b1", [0.9, 0.0, 0.5])
@pytest.mark.parametrize("decay", [0.0, 0.2])
def test_schedule_free_adamw_is_the_papers_algorithm(b1: float, decay: float) -> None:
    torch.manual_seed(1)
    network = nn.Linear(4, 3, bias=False).double()
    a, b = torch.randn(2, 3, 4, dtype=torch.float64)
    first = network.weight.detach().clone()
    updater = Updater(network, 0.1, decay, None, (b1, 0.95), make=ScheduleFree)
    scales = [min(1.0, (t + 1) / 4) for t in range(9)] + [0.5, 0.5]  # a warm-up; and once it went back
    for scale in scales:
        updater.update((a * (network.weight - b) ** 2).sum(), scale)
    rates = [0.1 * scale for scale in scales]
    x, y = written_out(first, lambda at: 2 * a * (at - b), rates, decay, b1, 0.95)
    torch.testing.assert_close(updater.averages()["weight"], x, rtol=1e-12, atol=1e-12)
    torch.testing.assert_close(network.weight.detach(), y, rtol=1e-12, atol=1e-12)


def test_vectors_are_not_decayed_without_a_schedule_either() -> None:
    network = nn.Linear(2, 2)
    updater = Updater(network, 0.1, 0.5, None, make=ScheduleFree)
    before = network.bias.detach().clone(), network.weight.detach().clone()
    updater.update(0.0 * network(torch.ones(1, 2)).sum(), 1.0)
    assert torch.equal(network.bias, before[0])
    assert not torch.equal(network.weight, before[1])


def test_the_averages_are_the_weights_until_the_first_update_and_again_when_it_is_undone() -> None:
    network = Small()
    updater = Updater(network, 0.05, 0.1, 1.0, make=ScheduleFree)
    average = WeightAverage(network, 0.0, updater.averages)
    nn.init.ones_(network.read_out.weight)  # as a run that starts from other weights
    average.restart()
    assert torch.equal(average.weights["read_out.weight"], network.read_out.weight)
    first = snapshot(network, updater)
    for _ in range(3):
        updater.update(loss_of(network), 1.0)
    trained = network.read_out.weight.detach().clone()
    x = average.weights["read_out.weight"].clone()
    assert not torch.equal(x, trained)
    with average.in_force():
        assert torch.equal(network.read_out.weight, x)
    assert torch.equal(network.read_out.weight, trained)
    assert average.state() == {}, "the optimiser's state has them"
    network.load_state_dict(first)
    updater.load_state({})
    assert torch.equal(average.weights["read_out.weight"], first["read_out.weight"])


def test_the_averages_follow_a_state_that_is_taken_back() -> None:
    network, updater, _ = updated("schedule-free", [1.0] * 2)
    average = WeightAverage(network, 0.0, updater.averages)
    kept = snapshot(network, updater)
    updater.update(loss_of(network), 1.0)
    updater.load_state({name: tensor for name, tensor in kept.items() if "/" in name})
    assert torch.equal(average.weights["lstm.weight_hh_l0"], kept["lstm.weight_hh_l0/x"])


def test_muon_moves_each_matrix_as_torchs_own_and_all_else_as_adamw() -> None:
    network = Small()
    apart = {name: p.detach().clone() for name, p in network.named_parameters()}
    inner = {name: [part.clone() for part in parts(apart[name])] for name, parts in inner_matrices(network).items()}
    others = {name: tensor for name, tensor in apart.items() if name not in inner}
    theirs = [
        torch.optim.Muon(
            [part for parts in inner.values() for part in parts],
            lr=0.02, weight_decay=0.1, momentum=0.9, adjust_lr_fn="match_rms_adamw",
        ),
        torch.optim.AdamW(
            [{"params": [t for t in others.values() if (t.dim() > 1) == matrix], "weight_decay": 0.1 * matrix}
             for matrix in (True, False)], lr=0.02, betas=(0.9, 0.99),
        ),
    ]  # fmt: skip
    updater = Updater(network, 0.02, 0.1, None, make=partial(Muon, momentum=0.9))
    parts_of = inner_matrices(network)
    for step in range(4):
        updater.update(loss_of(network, 1.0, step), 1.0)
        for name, parameter in network.named_parameters():
            assert parameter.grad is not None
            if name in inner:
                for part, gradient in zip(inner[name], parts_of[name](parameter.grad), strict=True):
                    part.grad = gradient.clone()
            else:
                others[name].grad = parameter.grad.clone()
        for optimizer in theirs:
            optimizer.step()
        for name, parameter in network.named_parameters():
            found = parts_of[name](parameter) if name in inner else [parameter]
            for ours, its in zip(found, inner.get(name, [others.get(name)]), strict=True):
                torch.testing.assert_close(ours.detach(), its, rtol=1e-5, atol=1e-7)


def test_a_step_of_muon_is_nearly_orthogonal_gate_by_gate_and_as_large_as_adamws() -> None:
    network = nn.Sequential(nn.LSTM(24, 24), nn.Linear(24, 24))
    lstm, before = network[0], network[0].weight_hh_l0.detach().clone()
    updater = Updater(network, 1.0, 0.0, None, make=partial(Muon, momentum=0.0))
    torch.manual_seed(0)
    gradient = torch.randn(96, 24) * torch.tensor([1.0, 100.0, 1e-3, 1.0]).repeat_interleave(24)[:, None]
    updater.update((lstm.weight_hh_l0 * gradient).sum(), 1.0)
    for step, of_gate in zip((before - lstm.weight_hh_l0.detach()).chunk(4), gradient.chunk(4), strict=True):
        u, _, v = torch.linalg.svd(of_gate)
        along = u.T @ (step / (0.2 * math.sqrt(24))) @ v.T  # in the gradient's own directions: diagonal, about 1
        assert (along - along.diag().diag()).abs().max() < ORTHOGONAL
        assert along.diag().min() > 0, "downhill"
        assert along.diag()[:-4].min() > 0.6, "but for the weakest directions of the gradient as far as in all others"
        assert along.diag().max() < 1.3
        assert 0.1 < float(step.square().mean().sqrt()) < 0.3, "AdamW's steps are usually 0.2 to 0.4 of the rate"


def test_what_is_computed_of_one_gate_does_not_depend_on_another_gates_gradient() -> None:
    steps = []
    for loud in (1.0, 1e6):
        network = nn.Sequential(nn.GRU(4, 4), nn.Linear(4, 4))
        gru = network[0]
        with torch.no_grad():
            gru.weight_hh_l0.zero_()
        torch.manual_seed(0)
        gradient = torch.randn(12, 4)
        gradient[:4] *= loud
        Updater(network, 1.0, 0.0, None, make=MAKE["muon"]).update((gru.weight_hh_l0 * gradient).sum(), 1.0)
        steps.append(gru.weight_hh_l0.detach().clone())
    assert torch.equal(steps[0][4:], steps[1][4:])


def shapes_of(network: nn.Module) -> dict[str, list[tuple[int, ...]]]:
    named = dict(network.named_parameters())
    return {name: [tuple(part.shape) for part in parts(named[name])] for name, parts in inner_matrices(network).items()}


def test_the_matrices_inside_are_all_but_embeddings_vectors_and_the_read_out() -> None:
    assert shapes_of(Small()) == {
        "lstm.weight_ih_l0": [(4, 6)] * 4,
        "lstm.weight_hh_l0": [(4, 4)] * 4,
        "kernels.weight": [(3, 8)],
    }


def test_gates_of_our_own_cells_are_matrices_by_themselves() -> None:
    row, diagonal = (nn.Sequential(layer(3), nn.Linear(3, 1)) for layer in (RowLSTM, DiagonalBiLSTM))
    assert shapes_of(row) == {"0.from_input.weight": [(3, 12)] * 4, "0.from_state.weight": [(3, 9)] * 4}
    assert shapes_of(diagonal) == {
        "0.from_states": [(6, 3)] * 8,
        "0.from_input.0.weight": [(3, 6)] * 4,
        "0.from_input.1.weight": [(3, 7)] * 4,
    }


def test_every_number_of_a_matrix_inside_is_moved_by_muon() -> None:
    network = nn.Sequential(DiagonalBiLSTM(2), nn.Linear(2, 1))
    before = {name: p.detach().clone() for name, p in network.named_parameters()}
    torch.manual_seed(0)
    loss = sum((p * torch.randn_like(p)).sum() for p in network.parameters())
    Updater(network, 1.0, 0.0, None, make=MAKE["muon"]).update(loss, 1.0)
    for name, parameter in network.named_parameters():
        assert (parameter.detach() != before[name]).all(), name


def test_a_parameter_that_the_loss_does_not_reach_is_left_alone() -> None:
    for make in MAKE.values():
        network = Small()
        before = network.lstm.weight_hh_l0.detach().clone()
        updater = Updater(network, 0.1, 0.1, None, make=make)
        updater.update(network.read_out.weight.sum() + network.kernels.weight.sum(), 1.0)
        assert torch.equal(network.lstm.weight_hh_l0, before)
        assert not torch.equal(network.kernels.weight, Small().kernels.weight)


@pytest.mark.parametrize(
    ("optimizer", "schedule"), [("adamw", "cosine"), ("muon", "cosine"), ("schedule-free", "constant")]
)
def test_an_optimizer_brings_its_schedule_unless_another_is_asked_for(optimizer: str, schedule: str) -> None:
    assert TextSettings(optimizer=optimizer).schedule == schedule
    assert make_plan(TextSettings(optimizer=optimizer), 10).schedule == schedule
    assert TextSettings(optimizer=optimizer, schedule="constant").schedule == "constant"


def test_a_rate_that_falls_and_an_average_in_its_place_contradict_each_other() -> None:
    with pytest.raises(UsageError) as caught:
        VaeSettings(optimizer="schedule-free", schedule="cosine")
    assert caught.value.what.startswith("--optimizer schedule-free averages in place of a rate that falls")
    assert caught.value.hint == "use --schedule constant."


def test_a_pytorch_without_muon_is_told_which_version_has_it(monkeypatch: pytest.MonkeyPatch) -> None:
    check_muon()
    monkeypatch.delattr(torch.optim, "Muon")
    with pytest.raises(UsageError, match=r"--optimizer muon needs PyTorch 2\.9 or newer, and this is "):
        ready(TextSettings(optimizer="muon", device="cpu"))
    ready(TextSettings(optimizer="schedule-free", device="cpu"))
