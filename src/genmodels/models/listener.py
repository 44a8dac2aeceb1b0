"""Networks that listen: feedforward ones that see a window of the sound, and recurrent ones that carry a state.

All of them give a distribution over "blank" and the words every 20 ms, and are trained by connectionist temporal
classification (Graves, Fernandez, Gomez and Schmidhuber 2006).

Models: `window`, one window of frames and nothing else; `tdnn`, layers whose taps lie farther and farther apart (Waibel
et al. 1989; Peddinti, Povey and Khudanpur 2015), here with residual connections; `rnn`, `gru`, `lstm` and `bilstm`,
recurrent layers over the frames; `tdnn-bilstm`, a few layers of the former, then the latter.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

from genmodels.models.dropping import drop_units
from genmodels.models.layers import STRIDE, Layers, features_of, hidden_size_of, layers_of
from genmodels.models.recurrence import CELLS, run_cells
from genmodels.settings.speech import SpeechSettings

NEVER = -1e4  # log-probability of what is not allowed: so low that no path through it counts, and finite


class Frames(nn.Module):
    """A layer that sees some frames around each place: convolution, normalisation over its channels, ReLU.

    Args:
        inputs: F, features of a frame.
        channels: C.
        width: frames that it sees, an odd number.
        stride: frames from one place to the next.
        dilation: frames between its taps.
    """

    def __init__(self, inputs: int, channels: int, width: int, stride: int = 1, dilation: int = 1) -> None:
        super().__init__()
        around, apart = dilation * (width - 1) // 2, (1, dilation)
        self.taps = nn.Conv2d(inputs, channels, (1, width), (1, stride), (0, around), apart, bias=False)
        self.norm = nn.LayerNorm(channels)

    def forward(self, frames: Tensor) -> Tensor:
        """(B, T, F) to (B, T / stride, C)."""
        rows = frames.transpose(1, 2).unsqueeze(2)  # (B, F, 1, T): in memory the channels come last, as oneDNN likes it
        return functional.relu(self.norm(self.taps(rows).squeeze(2).transpose(1, 2)))


class Residual(nn.Module):
    """A layer of the TDNN whose result is added to what it was given."""

    def __init__(self, channels: int, width: int, dilation: int) -> None:
        super().__init__()
        self.layer = Frames(channels, channels, width, dilation=dilation)

    def forward(self, frames: Tensor) -> Tensor:
        """(B, T, C) to (B, T, C)."""
        out: Tensor = frames + self.layer(frames)
        return out


class Listener(nn.Module):
    """A network from rows of features to distributions over blank and words.

    The first layer sees a few frames (or, for `window`, all that is ever seen), every second place is kept; residual
    layers follow, then a recurrent one where the model has one, then one linear layer:

        x_t = ReLU(norm(W [f_{2t-k}, ..., f_{2t+k}])),   h_t = recurrence(x_t, h_{t-1}),   logits_t = V h_t + b

    Args:
        features: F of a frame.
        words: to tell apart.
        hidden: channels of the layers, and units of the recurrent one in each direction.
        layers: which layers there are.
        dropout: share of the units that each layer drops in training.
    """

    def __init__(self, features: int, words: int, hidden: int, layers: Layers, dropout: float) -> None:
        super().__init__()
        self.front = Frames(features, hidden, layers.width, stride=STRIDE)
        self.blocks = nn.Sequential(*(Residual(hidden, layers.taps, dilation) for dilation in layers.dilations))
        self.recurrent: nn.RNNBase | None = None
        if layers.cell is not None:
            self.recurrent = CELLS[layers.cell](hidden, hidden, bidirectional=layers.both_ways)
        self.output = nn.Linear(hidden * (2 if layers.both_ways else 1), words + 1)
        self.dropout = dropout

    def forward(self, features: Tensor, generator: torch.Generator | None = None) -> Tensor:
        """Logits of blank and of each word.

        Args:
            features: shape (B, T, F).
            generator: source of the dropout masks, in training mode.

        Returns:
            Shape (B, T / 2, V + 1).
        """
        state = self._dropped(self.front(features), generator)
        state = self._dropped(self.blocks(state), generator) if len(self.blocks) else state
        if self.recurrent is not None:
            heard, _ = run_cells(self.recurrent, state.transpose(0, 1))  # (T, B, C): time first
            state = self._dropped(heard.transpose(0, 1), generator)
        logits: Tensor = self.output(state)
        return logits

    def steps_in(self, frames: int) -> int:
        """Distributions that it gives for so many frames."""
        return -(-frames // STRIDE)

    def loss(self, logits: Tensor, labels: Tensor, lengths: Tensor, allowed: Tensor | None = None) -> Tensor:
        """-log p(words) of each utterance, nats, shape (B,).

        Args:
            logits: as `forward` gives them.
            labels: the words, shape (B, L); beyond an utterance's own anything.
            lengths: how many words each has, shape (B,).
            allowed: bool, shape (B, T / 2, V + 1): only paths through these outputs are counted; None: all.
        """
        log_p = logits.float().log_softmax(dim=2)
        if allowed is not None:
            log_p = log_p.masked_fill(~allowed, NEVER)
        log_p = log_p.transpose(0, 1).cpu()  # CUDA's sums in any order, and MPS has none
        steps = torch.full((log_p.shape[1],), log_p.shape[0])
        nats = functional.ctc_loss(log_p, labels.cpu() + 1, steps, lengths.cpu(), reduction="none", zero_infinity=True)
        return nats.to(logits.device)

    def _dropped(self, state: Tensor, generator: torch.Generator | None) -> Tensor:
        return drop_units(state, self.dropout, generator, 0) if self.training and self.dropout > 0 else state


def build_listener(settings: SpeechSettings, words: int) -> Listener:
    """The network that the settings describe, freshly initialised from torch's default generator.

    Raises:
        UsageError: see `hidden_size_of`.
    """
    hidden = hidden_size_of(settings, words)
    return Listener(features_of(settings), words, hidden, layers_of(settings), settings.dropout)
