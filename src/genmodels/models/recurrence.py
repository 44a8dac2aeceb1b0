"""The tanh RNN and the GRU, unrolled with a gradient of their own: PyTorch records each step's every operation."""

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

CELLS: Mapping[str, Callable[..., nn.RNNBase]] = {"rnn": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}
tanh_backward = torch.ops.aten.tanh_backward.grad_input  # d * (1 - y^2) for y = tanh(x), in one pass
sigmoid_backward = torch.ops.aten.sigmoid_backward.grad_input  # d * y * (1 - y)


def run_cells(layer: nn.RNNBase, x: Tensor, before: Tensor | tuple[Tensor, ...] | None = None) -> tuple[Tensor, Any]:
    """What a recurrent layer makes of a sequence: as `layer(x, before)` gives it, but faster where it learns.

    Only on a CPU, where PyTorch unrolls both cells; on a GPU they are fused, and an LSTM is everywhere. Without a
    gradient there is nothing to record. Its derivatives are first ones: a second one ends in a RuntimeError.

    Args:
        layer: one layer, time first; a tanh RNN or a GRU has one direction.
        x: shape (T, B, E).
        before: the state before the first step, shape (1, B, H), of an LSTM two such; None: zeros.

    Returns:
        The state after each step, shape (T, B, H), and what `before` is of the step after the last one.
    """
    unrolled = UNROLLED.get(type(layer))
    if unrolled is None or x.device.type != "cpu" or not torch.is_grad_enabled():
        after, last = layer(x, before)
        return after, last
    first = x.new_zeros(x.shape[1], layer.hidden_size) if before is None else before[0]
    weights = (layer.get_parameter(f"{name}_l0") for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"))
    states = unrolled(x, first, *weights)
    return states, states[-1:]


def tanh_cells(
    x: Tensor, first: Tensor, into: Tensor, across: Tensor, bias_into: Tensor, bias_across: Tensor
) -> Tensor:
    """h_1 to h_T of a tanh RNN with weights W, U and their biases, from x and h_0; see `TanhCells`."""
    states: Tensor = TanhCells.apply(functional.linear(x, into, bias_into + bias_across), first, across)
    return states


def gated_cells(
    x: Tensor, first: Tensor, into: Tensor, across: Tensor, bias_into: Tensor, bias_across: Tensor
) -> Tensor:
    """The same of a GRU; see `GatedCells`. Only n needs its two biases apart."""
    gates = 2 * first.shape[1]
    bias = torch.cat([bias_into[:gates] + bias_across[:gates], bias_into[gates:]])
    states: Tensor = GatedCells.apply(functional.linear(x, into, bias), first, across, bias_across[gates:])
    return states


class TanhCells(torch.autograd.Function):
    r"""h_t = tanh(a_t + U h_{t-1}), with a_t = W x_t + b made for all steps at once.

    Backwards, with e_t what the loss says of h_t by itself and d_t of it with all that follows:

        p_t = d_t * (1 - h_t^2),   d_{t-1} = e_{t-1} + U^T p_t,   dL/dU = sum_t p_t h_{t-1}^T

    of which only the first two need a step after the other; the last is one product over all steps.
    """

    @staticmethod
    def forward(ctx: Any, into: Tensor, before: Tensor, across: Tensor) -> Tensor:
        """The state after each step.

        Args:
            ctx: keeps what `backward` needs.
            into: a, shape (T, B, H).
            before: h_0, shape (B, H).
            across: U, shape (H, H).

        Returns:
            h_1 to h_T, shape (T, B, H).
        """
        states = _states(into, before)
        for a, earlier, later in _each(into, states[:-1], states[1:]):
            torch.addmm(a, earlier, across.t(), out=later).tanh_()
        ctx.save_for_backward(states, across)
        return states[1:]

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """dL/d(into, before, across) from e, shape (T, B, H)."""
        _refuse_second_derivatives()
        states, across = ctx.saved_tensors
        inner, d = torch.empty_like(states[1:]), torch.zeros_like(states[0])
        for e, after, p in reversed(_each(gradient, states[1:], inner)):
            tanh_backward(d.add_(e), after, grad_input=p)
            torch.mm(p, across, out=d)
        return inner, d, _outer(inner, states)


class GatedCells(torch.autograd.Function):
    r"""r, z = sigmoid(a_t + U h_{t-1}), n = tanh(a_t + r * (U h_{t-1} + b)), h_t = n + z * (h_{t-1} - n).

    Each has its third of a and U. Backwards, with d as in `TanhCells` and q = U h_{t-1} + b in n's third,

        dn' = d * (1 - z) * (1 - n^2),   dz' = d * (h_{t-1} - n) * z * (1 - z),   dr' = dn' * q * r * (1 - r)

    are the gradients of what the three functions are taken of; U is reached by dr', dz' and r * dn'.
    """

    @staticmethod
    def forward(ctx: Any, into: Tensor, before: Tensor, across: Tensor, bias: Tensor) -> Tensor:
        """The state after each step.

        Args:
            ctx: keeps what `backward` needs.
            into: a for r, z and n, shape (T, B, 3H).
            before: h_0, shape (B, H).
            across: U, shape (3H, H).
            bias: b, shape (H,).

        Returns:
            h_1 to h_T, shape (T, B, H).
        """
        states, recurrent, made = _states(into, before), torch.empty_like(into), torch.empty_like(into)
        (a_gates, a_n), (u_gates, q_all) = (_apart(of_all) for of_all in (into, recurrent))
        gates_all, n_all = _apart(made)
        r_all, z_all = gates_all.chunk(2, -1)
        each = _each(a_gates, a_n, recurrent, u_gates, q_all, gates_all, r_all, z_all, n_all, states[:-1], states[1:])
        for a, a_of_n, u, u_of_gates, q, gates, r, z, n, earlier, later in each:
            torch.mm(earlier, across.t(), out=u)
            torch.add(a, u_of_gates, out=gates).sigmoid_()
            torch.addcmul(a_of_n, r, q.add_(bias), out=n).tanh_()
            torch.lerp(n, earlier, z, out=later)
        ctx.save_for_backward(states, across, made, q_all)
        return states[1:]

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """dL/d(into, before, across, bias) from e, shape (T, B, H)."""
        _refuse_second_derivatives()
        states, across, made, q_all = ctx.saved_tensors
        of_gates, of_n = across[: 2 * states.shape[2]], across[2 * states.shape[2] :]
        inner, scaled = torch.empty_like(made), torch.empty_like(q_all)  # (dr', dz', dn'), and r * dn'
        inner_gates, _ = _apart(inner)
        d, other = torch.zeros_like(states[0]), torch.empty_like(states[0])
        parts = (*made.chunk(3, -1), *inner.chunk(3, -1))
        each = _each(gradient, states[:-1], q_all, *parts, inner_gates, scaled)
        for e, earlier, q, r, z, n, dr, dz, dn, gates, through in reversed(each):
            d.add_(e)
            sigmoid_backward(torch.sub(earlier, n, out=other).mul_(d), z, grad_input=dz)
            torch.mul(d, z, out=other)
            tanh_backward(d.sub_(other), n, grad_input=dn)
            torch.mul(dn, r, out=through)
            sigmoid_backward(torch.mul(dn, q, out=d), r, grad_input=dr)
            torch.addmm(other, gates, of_gates, out=d).addmm_(through, of_n)
        matrices = torch.cat([_outer(inner_gates, states), _outer(scaled, states)])
        return inner, d, matrices, scaled.sum((0, 1))


def _refuse_second_derivatives() -> None:
    """These steps write in place, so a gradient of the gradient would be taken of the last of them alone.

    Raises:
        RuntimeError: it is asked for, by `create_graph=True`.
    """
    if torch.is_grad_enabled():
        raise RuntimeError(
            "a tanh RNN and a GRU have first derivatives alone here; take the layer's own: layer(x, state)"
        )


def _apart(parts: Tensor) -> tuple[Tensor, Tensor]:
    """The gates' two thirds, and the other one."""
    third = parts.shape[-1] // 3
    return parts[..., : 2 * third], parts[..., 2 * third :]


def _each(*of_all: Tensor) -> list[tuple[Tensor, ...]]:
    """What a step has of each, for all steps: taken apart once, as even that costs a step a tenth of its time."""
    return list(zip(*(one.unbind(0) for one in of_all), strict=True))


def _states(into: Tensor, before: Tensor) -> Tensor:
    """Room for h_0 to h_T, shape (T + 1, B, H), the first one filled in."""
    states = into.new_empty(len(into) + 1, *before.shape)
    states[0] = before
    return states


def _outer(inner: Tensor, states: Tensor) -> Tensor:
    """sum_t p_t h_{t-1}^T over all steps and sequences at once, shape (R, H)."""
    return inner.flatten(0, 1).t() @ states[:-1].flatten(0, 1)


UNROLLED: dict[type[nn.RNNBase], Callable[..., Tensor]] = {nn.RNN: tanh_cells, nn.GRU: gated_cells}
