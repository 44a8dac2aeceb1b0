"""The neural probabilistic language model: a fixed window of characters, no recurrence."""

from typing import Self

import torch
from torch import Tensor, nn

from genmodels.models.language_model import LanguageModel, Readout, State
from genmodels.settings.text import TextSettings


class FeedforwardLM(LanguageModel):
    r"""p(x_{t+1} | x_{t-n+1} ... x_t) by a tanh network over n embedded characters (Bengio et al. 2003, JMLR 3).

    h_t = tanh(W [e(x_{t-n+1}); ...; e(x_t)] + b), and the logits are read out of h_t (see `Readout`). The
    contrast to recurrence: what lies more than n characters back can't matter. Before the text's start stands a
    padding symbol: row 0 of the embedding, character i having row i + 1. We leave out the paper's direct connections
    from the embeddings to the logits; further layers are tanh layers of H units. Dropout acts on the embedding
    and on each layer's output.

    Args:
        vocabulary_size: V.
        context: n, the characters seen.
        layers: hidden layers.
        hidden_size: H.
        embedding_size: E.
        dropout: share of each layer's units dropped in training.
        embedding_dropout: share of the embedding's units.
    """

    def __init__(
        self,
        vocabulary_size: int,
        context: int,
        layers: int,
        hidden_size: int,
        embedding_size: int,
        dropout: float,
        embedding_dropout: float,
    ) -> None:
        super().__init__()
        self.vocabulary_size, self.context = vocabulary_size, context
        self.dropout, self.embedding_dropout = dropout, embedding_dropout
        self.embedding = nn.Embedding(vocabulary_size + 1, embedding_size)
        sizes = [context * embedding_size] + [hidden_size] * (layers - 1)
        self.layers = nn.ModuleList(nn.Linear(size, hidden_size) for size in sizes)
        self.readout = Readout(hidden_size, vocabulary_size)

    @classmethod
    def from_settings(cls, settings: TextSettings, vocabulary_size: int) -> Self:
        """The network that the settings describe."""
        return cls(
            vocabulary_size,
            settings.context,
            settings.layers,
            settings.hidden_size,
            settings.embedding_size,
            settings.dropout,
            settings.embedding_dropout,
        )

    def initial_state(self, batch_size: int) -> State:
        """The last n - 1 embedding rows, all padding: one int64 tensor of shape (n - 1, B)."""
        return (torch.zeros(self.context - 1, batch_size, dtype=torch.long, device=self.readout.linear.weight.device),)

    def forward(self, ids: Tensor, state: State, generator: torch.Generator | None = None) -> tuple[Tensor, State]:
        """Predict each next character; see `LanguageModel.forward`."""
        seen = torch.cat([state[0], ids.t() + 1])  # (n - 1 + T, B)
        x = self.embedding(seen)
        x = self._windows(self._dropped(x, self.embedding_dropout, generator))
        for layer in self.layers:
            x = torch.tanh(layer(x))  # (T, B, H)
            x = self._dropped(x, self.dropout, generator)
        return self.readout(x).transpose(0, 1), (seen[ids.shape[1] :],)  # the last n - 1

    def _windows(self, x: Tensor) -> Tensor:
        """The n embeddings seen at every t, (T, B, n * E), the oldest first, from (n - 1 + T, B, E)."""
        if torch.jit.is_tracing():  # type: ignore[attr-defined, no-untyped-call] # ONNX has no such view of any size
            count = x.shape[0] - self.context + 1
            return torch.cat([x[begin : begin + count] for begin in range(self.context)], dim=2)
        return x.unfold(0, self.context, 1).transpose(2, 3).flatten(2)
