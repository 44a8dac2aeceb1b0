"""PixelRNN: the Row LSTM and the Diagonal BiLSTM (van den Oord, Kalchbrenner, Kavukcuoglu 2016, arXiv 1601.06759)."""

from abc import abstractmethod
from collections.abc import Callable
from typing import ClassVar, cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from genmodels.models.matrices import in_rows
from genmodels.models.pixel_model import PixelModel, PixelSteps, Readout, Shape
from genmodels.models.reach import Reach

REACH = 3  # of the first convolution: 7x7
State = tuple[Tensor, Tensor]


def lstm_update(gates: Tensor, cell: Tensor, dim: int) -> State:
    """H and c after one step, from the sums of the four gates o, f, i, g along `dim`."""
    o, f, i, g = gates.chunk(4, dim=dim)
    cell = torch.sigmoid(f) * cell + torch.sigmoid(i) * torch.tanh(g)
    return torch.sigmoid(o) * torch.tanh(cell), cell


@torch.no_grad()
def open_forget_gate(bias: Tensor) -> None:
    """Let an LSTM begin by keeping its cell: its forget gate's bias is 1 (Jozefowicz et al. 2015).

    Args:
        bias: of the four gates as `lstm_update` takes them, shape (4 H,).
    """
    bias.chunk(4)[1].fill_(1.0)


class PixelRNN(PixelModel):
    """A 7x7 convolution that sees pixels before its own, recurrent layers with a way round each, a read-out.

    x' = x + W h(x): h has H channels, x twice as many.

    Args:
        levels: Q.
        shape: (Y, X).
        hidden_size: H.
        layers: recurrent layers.
        make_layer: H -> a layer.
        orientations: 1 or 4.
    """

    def __init__(
        self,
        levels: int,
        shape: Shape,
        hidden_size: int,
        layers: int,
        make_layer: Callable[[int], "RecurrentLayer"],
        orientations: int = 1,
    ) -> None:
        super().__init__(levels, shape, 2 * hidden_size, orientations)
        self.first_above = nn.Conv2d(1, 2 * hidden_size, (REACH, 2 * REACH + 1), bias=False)
        self.first_before = nn.Conv2d(1, 2 * hidden_size, (1, REACH), bias=False)
        self.layers = nn.ModuleList(make_layer(hidden_size) for _ in range(layers))
        self.widen = nn.ModuleList(nn.Linear(hidden_size, 2 * hidden_size) for _ in range(layers))
        self.readout = Readout(2 * hidden_size, 2 * hidden_size, self.outputs)

    @property
    def reach(self) -> Reach | None:
        """See `PixelModel.reach`: that of its layers."""
        first, *_ = cast("list[RecurrentLayer]", list(self.layers))
        return first.reach(len(self.layers))

    def forward(self, values: Tensor, turn: int = 0) -> Tensor:
        """Logits of every pixel; see `PixelModel.forward`."""
        image = values.unsqueeze(1)
        x = self.first_above(functional.pad(image, (REACH, REACH, REACH, 0))[:, :, :-1])
        x = x + self.first_before(functional.pad(image, (REACH, 0))[..., :-1])
        x = x + self.features_bias(turn).view(-1, 1, 1)  # (B, 2 H, Y, X)
        for layer, widen in zip(self.layers, self.widen, strict=True):
            x = x + widen(layer(x, values).permute(0, 2, 3, 1)).permute(0, 3, 1, 2)
        logits: Tensor = self.readout(x) + self.bias_map(turn)
        return logits

    def steps(self, count: int, turn: int = 0) -> "RecurrentSteps":
        """See `PixelModel.steps`."""
        return RecurrentSteps(self, count, turn)


class RecurrentLayer(nn.Module):
    """Features to features, where those of a pixel depend on its own and on those before it."""

    @abstractmethod
    def forward(self, x: Tensor, values: Tensor) -> Tensor:
        """The whole map.

        Args:
            x: features, which know the pixels before each, shape (B, 2 H, Y, X).
            values: the pixels, shape (B, Y, X).

        Returns:
            Shape (B, H, Y, X).
        """

    @abstractmethod
    def reach(self, layers: int) -> Reach | None:
        """What so many such layers see above a first convolution; see `PixelModel.reach`."""

    @abstractmethod
    def walk(self, count: int, columns: int) -> "LayerWalk":
        """The same, pixel by pixel."""


class LayerWalk:
    """One layer's states while images are drawn."""

    def begin_row(self, above: Tensor) -> None:
        """Compute what the row needs of the one above, whose pixels are now known, shape (N, X)."""
        raise NotImplementedError

    def pixel(self, column: int, x: Tensor) -> Tensor:
        """The output at a pixel, (N, H), from its input (N, 2 H)."""
        raise NotImplementedError


class RowLSTM(RecurrentLayer):
    """An LSTM down the rows: gates from three pixels of the row before it and three states of the row above.

    Input-to-state is a 3x1 convolution over (c - 1, c), its third tap masked; state-to-state one over (c - 1, c, c + 1)
    of the row above. What lies above is seen through a triangle.

    Args:
        hidden_size: H.
    """

    parted: ClassVar = {"from_input.weight": in_rows(4), "from_state.weight": in_rows(4)}

    def __init__(self, hidden_size: int) -> None:
        super().__init__()
        self.hidden_size = hidden_size
        self.from_input = nn.Conv2d(2 * hidden_size, 4 * hidden_size, (1, 2))
        open_forget_gate(cast("Tensor", self.from_input.bias))
        self.from_state = nn.Conv1d(hidden_size, 4 * hidden_size, 3, padding=1, bias=False)

    def forward(self, x: Tensor, values: Tensor) -> Tensor:
        """The whole map, row after row."""
        del values
        of_input = self.from_input(functional.pad(x, (1, 0)))  # (B, 4 H, Y, X)
        h = cell = x.new_zeros(x.shape[0], self.hidden_size, x.shape[3])
        rows = []
        for row in of_input.unbind(dim=2):
            h, cell = lstm_update(row + self.from_state(h), cell, 1)
            rows.append(h)
        return torch.stack(rows, dim=2)

    def reach(self, layers: int) -> Reach:
        """See `RecurrentLayer.reach`: input-to-state looks back by a column in each layer, state-to-state beside."""
        return Reach(None, REACH + layers, REACH - 1, widens=1)

    def walk(self, count: int, columns: int) -> "RowWalk":
        """See `RecurrentLayer.walk`."""
        return RowWalk(self, count, columns)


class RowWalk(LayerWalk):
    """The Row LSTM's states: of the row above, and of this one as far as it goes."""

    def __init__(self, layer: RowLSTM, count: int, columns: int) -> None:
        self.layer = layer
        self.taps = layer.from_input.weight[:, :, 0].permute(2, 1, 0).contiguous()  # (2, 2 H, 4 H)
        zeros = self.taps.new_zeros(columns, count, layer.hidden_size)
        self.hidden, self.cell, self.of_state = zeros, zeros.clone(), zeros
        self.before = self.taps.new_zeros(count, 2 * layer.hidden_size)

    def begin_row(self, above: Tensor) -> None:
        """State-to-state for the whole row at once."""
        del above
        self.of_state = self.layer.from_state(self.hidden.permute(1, 2, 0)).permute(2, 0, 1).contiguous()
        self.hidden, self.before = self.hidden.clone(), torch.zeros_like(self.before)

    def pixel(self, column: int, x: Tensor) -> Tensor:
        """Input-to-state and the update for one pixel."""
        assert self.layer.from_input.bias is not None
        gates = self.of_state[column] + self.layer.from_input.bias + self.before @ self.taps[0] + x @ self.taps[1]
        self.before = x
        h, self.cell[column] = lstm_update(gates, self.cell[column], 1)
        self.hidden[column] = h
        return h


class DiagonalBiLSTM(RecurrentLayer):
    """Two LSTMs along the diagonals, so that every pixel before it reaches a pixel.

    The left one's state at (r, c) comes from (r - 1, c) and (r, c - 1), the right one's from (r - 1, c) and (r, c + 1);
    the right one's output is moved one row down, so that it doesn't look ahead, and added. As it is moved, it may see
    each pixel itself, and must: else the last pixels of a row would not reach the first ones of the next.

    The map is skewed, row r by r pixels to the right, so that a column holds one diagonal. The right LSTM is a left one
    on the mirrored map, and both go side by side.

    Args:
        hidden_size: H.
    """

    parted: ClassVar = {
        "from_input.0.weight": in_rows(4),
        "from_input.1.weight": in_rows(4),
        "from_states": lambda weights: [gate for side in weights for gate in side.chunk(4, dim=1)],
    }

    def __init__(self, hidden_size: int) -> None:
        super().__init__()
        self.hidden_size = hidden_size
        self.from_input = nn.ModuleList(
            [nn.Linear(2 * hidden_size, 4 * hidden_size), nn.Linear(2 * hidden_size + 1, 4 * hidden_size)]
        )
        for inputs in self.from_input:
            open_forget_gate(cast("nn.Linear", inputs).bias)
        bound = hidden_size**-0.5
        states = torch.empty(2, 2 * hidden_size, 4 * hidden_size).uniform_(-bound, bound)
        self.from_states = nn.Parameter(states)  # left and right: of the pixel beside, then of the one above

    def forward(self, x: Tensor, values: Tensor) -> Tensor:
        """The whole map, diagonal after diagonal."""
        batch, _, rows, columns = x.shape
        size = self.hidden_size
        seen = x.permute(0, 2, 3, 1)  # (B, Y, X, 2 H)
        left, right = self.from_input
        mirrored = right(torch.cat([seen, values.unsqueeze(-1)], dim=-1)).flip(2)
        gates = torch.stack([skewed(left(seen)), skewed(mirrored)])  # (2, B, Y, D, 4 H)
        inside = skewed(x.new_ones(1, rows, columns, 1)).unbind(2)  # (1, Y, 1) each: 0 off the image
        h = cell = x.new_zeros(2, batch, rows, size)
        diagonals = []
        for of_input, valid in zip(gates.unbind(3), inside, strict=True):
            above = functional.pad(h, (0, 0, 1, 0))[:, :, :-1]  # of (r - 1, c), which stands one row up in this column
            of_states = torch.bmm(torch.cat([h, above], dim=-1).flatten(1, 2), self.from_states)
            h, cell = lstm_update(of_input + of_states.view_as(of_input), cell, -1)
            h, cell = h * valid, cell * valid
            diagonals.append(h)
        maps = unskewed(torch.stack(diagonals, dim=3).flatten(0, 1), columns).view(2, batch, rows, columns, size)
        moved = functional.pad(maps[1].flip(2), (0, 0, 0, 0, 1, 0))[:, :-1]
        return (maps[0] + moved).permute(0, 3, 1, 2)

    def reach(self, layers: int) -> None:
        """See `RecurrentLayer.reach`: every pixel before it."""
        del layers

    def walk(self, count: int, columns: int) -> "DiagonalWalk":
        """See `RecurrentLayer.walk`."""
        return DiagonalWalk(self, count, columns)


def skewed(x: Tensor) -> Tensor:
    """(B, Y, X, C) -> (B, Y, X + Y - 1, C), row r moved r pixels to the right, zeros elsewhere."""
    batch, rows, columns, channels = x.shape
    padded = functional.pad(x, (0, 0, 0, rows))  # each row gets Y zeros behind it ...
    flat = padded.flatten(1, 2)[:, : rows * (columns + rows - 1)]  # ... of which rows one shorter take one less
    return flat.view(batch, rows, columns + rows - 1, channels)


def unskewed(x: Tensor, columns: int) -> Tensor:
    """The way back, (B, Y, D, C) -> (B, Y, X, C)."""
    batch, rows, width, channels = x.shape
    flat = functional.pad(x.flatten(1, 2), (0, 0, 0, rows))
    return flat.view(batch, rows, width + 1, channels)[:, :, :columns]


class DiagonalWalk(LayerWalk):
    """Both directions' states: the left one's pixel by pixel, the right one's for each finished row."""

    def __init__(self, layer: DiagonalBiLSTM, count: int, columns: int) -> None:
        self.layer, self.columns = layer, columns
        self.from_input = cast("list[nn.Linear]", list(layer.from_input))
        self.zeros = layer.from_states.new_zeros(count, layer.hidden_size)
        self.inputs: list[Tensor] = []
        self.left: list[State] = [(self.zeros, self.zeros)] * columns
        self.right: list[State] = [(self.zeros, self.zeros)] * columns
        self.beside: State = (self.zeros, self.zeros)

    def _update(self, direction: int, x: Tensor, beside: State, above: State) -> State:
        """One pixel of one LSTM: its input (N, I), h and c of the pixel beside, and of the one above."""
        of_states = torch.cat([beside[0], above[0]], dim=1) @ self.layer.from_states[direction]
        return lstm_update(self.from_input[direction](x) + of_states, beside[1], 1)

    def begin_row(self, above: Tensor) -> None:
        """The right one through the row that is finished now, from its end."""
        beside: State = (self.zeros, self.zeros)
        for column in reversed(range(len(self.inputs))):  # none before the first row
            x = torch.cat([self.inputs[column], above[:, column : column + 1]], dim=1)
            beside = self._update(1, x, beside, self.right[column])
            self.right[column] = beside
        self.inputs, self.beside = [], (self.zeros, self.zeros)

    def pixel(self, column: int, x: Tensor) -> Tensor:
        """The left one's next pixel, and the right one's of the row above."""
        self.inputs.append(x)
        self.beside = self._update(0, x, self.beside, self.left[column])
        self.left[column] = self.beside
        return self.beside[0] + self.right[column][0]


class RecurrentSteps(PixelSteps):
    """The first convolution's rows above at once, everything else pixel by pixel.

    Args:
        model: whose weights are used.
        count: N images.
        turn: quarters by which they are turned.
    """

    def __init__(self, model: PixelRNN, count: int, turn: int) -> None:
        self.model, self.bias_map, self.first_bias = model, model.bias_map(turn), model.features_bias(turn)
        rows, columns = model.shape
        self.image = model.pixel_bias.new_zeros(count, 1, REACH + rows, columns + 2 * REACH)
        self.widen = cast("list[nn.Linear]", list(model.widen))
        self.walks = [layer.walk(count, columns) for layer in cast("list[RecurrentLayer]", list(model.layers))]
        self.before = model.first_before.weight[:, 0, 0].t()  # (3, 2 H)
        self.of_above = self.before
        self.row = 0

    def begin_row(self, row: int) -> None:
        """What all layers need of the rows above."""
        self.row = row
        above = self.model.first_above(self.image[:, :, row : row + REACH])[:, :, 0]
        self.of_above = above.permute(2, 0, 1) + self.first_bias  # (X, N, 2 H)
        last = self.image[:, 0, REACH + row - 1, REACH:-REACH]
        for walk in self.walks:
            walk.begin_row(last)

    def logits(self, column: int) -> Tensor:
        """One pixel through all layers."""
        seen = self.image[:, 0, REACH + self.row, column : column + REACH]
        x = self.of_above[column] + seen @ self.before
        for walk, widen in zip(self.walks, self.widen, strict=True):
            x = x + widen(walk.pixel(column, x))
        return self.model.readout.pixel(x) + self.bias_map[:, self.row, column]

    def put(self, column: int, values: Tensor) -> None:
        """Tell the pixel just predicted."""
        self.image[:, 0, REACH + self.row, REACH + column] = values
