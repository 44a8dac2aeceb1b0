"""Recurrent character models: tanh RNN, GRU and LSTM."""

from typing import Self, cast

import torch
from torch import Tensor, nn

from genmodels.models.language_model import LanguageModel, Readout, State
from genmodels.models.recurrence import CELLS, run_cells
from genmodels.settings.text import TextSettings

STATES_PER_LAYER = {"rnn": 1, "gru": 1, "lstm": 2}


class RecurrentLM(LanguageModel):
    r"""Embedding, a stack of recurrent layers, and a read-out.

    With x_t the embedded character, per layer:

    * rnn (Elman 1990): h_t = tanh(W x_t + U h_{t-1} + b)
    * gru (Cho et al. 2014, arXiv 1406.1078): r, z = sigmoid(...), n = tanh(W x_t + r * (U h_{t-1} + b)),
      h_t = (1 - z) * n + z * h_{t-1}
    * lstm (Hochreiter and Schmidhuber 1997; forget gate of Gers et al. 2000): i, f, o = sigmoid(...),
      g = tanh(...), c_t = f * c_{t-1} + i * g, h_t = o * tanh(c_t)

    and the logits are read out of the last layer's h_t (see `Readout`). The forget gate's bias starts at 1
    (Jozefowicz et al. 2015), so that a fresh LSTM remembers. Dropout acts on the embedding and
    on each layer's output, never inside the recurrence.

    Args:
        vocabulary_size: V.
        cell: "rnn", "gru" or "lstm".
        layers: recurrent layers; each is a module of its own, so that our dropout stands between them.
        hidden_size: H.
        embedding_size: E.
        dropout: share of each layer's units dropped in training.
        embedding_dropout: share of the embedding's units.
    """

    def __init__(
        self,
        vocabulary_size: int,
        cell: str,
        layers: int,
        hidden_size: int,
        embedding_size: int,
        dropout: float,
        embedding_dropout: float,
    ) -> None:
        super().__init__()
        self.vocabulary_size, self.cell, self.hidden_size = vocabulary_size, cell, hidden_size
        self.dropout, self.embedding_dropout = dropout, embedding_dropout
        self.embedding = nn.Embedding(vocabulary_size, embedding_size)
        sizes = [embedding_size] + [hidden_size] * (layers - 1)
        self.layers = nn.ModuleList(CELLS[cell](size, hidden_size) for size in sizes)
        self.readout = Readout(hidden_size, vocabulary_size)
        if cell == "lstm":
            self._open_forget_gates()

    @classmethod
    def from_settings(cls, settings: TextSettings, vocabulary_size: int) -> Self:
        """The network that the settings describe."""
        return cls(
            vocabulary_size,
            settings.model,
            settings.layers,
            settings.hidden_size,
            settings.embedding_size,
            settings.dropout,
            settings.embedding_dropout,
        )

    @torch.no_grad()
    def _open_forget_gates(self) -> None:
        """PyTorch adds two biases, ordered input, forget, cell, output: set them to 0 but for one forget part of 1."""
        forget = slice(self.hidden_size, 2 * self.hidden_size)
        for layer in self.layers:
            layer.get_parameter("bias_hh_l0").zero_()
            layer.get_parameter("bias_ih_l0").zero_()[forget] = 1.0

    def initial_state(self, batch_size: int) -> State:
        """Zeros: (h,) per layer, or (h, c) per layer for the LSTM, each of shape (1, B, H)."""
        count = STATES_PER_LAYER[self.cell] * len(self.layers)
        weight = self.readout.linear.weight
        return tuple(weight.new_zeros(1, batch_size, self.hidden_size) for _ in range(count))

    def forward(self, ids: Tensor, state: State, generator: torch.Generator | None = None) -> tuple[Tensor, State]:
        """Predict each next character; see `LanguageModel.forward`."""
        x = self.embedding(ids.t())  # (T, B, E): time first is the order the fused kernels want
        x = self._dropped(x, self.embedding_dropout, generator)
        after: list[Tensor] = []
        width = STATES_PER_LAYER[self.cell]
        for index, layer in enumerate(self.layers):
            before = state[index * width : (index + 1) * width]
            x, last = run_cells(cast("nn.RNNBase", layer), x, before if width == 2 else before[0])  # (T, B, H)
            after += last if width == 2 else [last]
            x = self._dropped(x, self.dropout, generator)
        return self.readout(x).transpose(0, 1), tuple(after)  # (B, T, V)
