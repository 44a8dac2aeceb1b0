"""Networks that read strips: convolution and recurrence joined, and the feedforward contrast."""

import math
from collections.abc import Callable
from typing import ClassVar

import torch
from torch import Tensor, nn
from torch.nn import functional

from genmodels.data.images.strips import COLUMN, HEIGHT, SPARE, canvas_width
from genmodels.models.whole_batch import WholeBatchNorm
from genmodels.settings.reader import ReaderSettings

BLANK = 0  # the output that stands for "no digit here"; class k is output k + 1


def feature_maps(channels: int, norm: Callable[[int], nn.Module]) -> nn.Sequential:
    """Four convolutions, (B, 1, 32, W) -> (B, 4 C, 2, W / 4): a sixteenth of the rows, a quarter of the columns.

    Args:
        channels: C of the first one.
        norm: makes a normalisation of so many channels.
    """
    sizes = ((4, channels, 1), (channels, 2 * channels, 2), (2 * channels, 4 * channels, (2, 1)))
    layers: list[nn.Module] = [nn.PixelUnshuffle(2)]
    for inputs, outputs, stride in (*sizes, (4 * channels, 4 * channels, (2, 1))):
        convolution = nn.Conv2d(inputs, outputs, 3, stride=stride, padding=1, bias=False)
        layers += [convolution, norm(outputs), nn.ReLU()]
    return nn.Sequential(*layers)


def batch_norm(channels: int) -> nn.Module:
    """Batch normalisation (Ioffe and Szegedy 2015, arXiv 1502.03167)."""
    norm = WholeBatchNorm(channels)
    norm.num_batches_tracked = None  # a count that nothing here needs, and that no average can be taken of
    return norm


def group_norm(channels: int) -> nn.Module:
    """Group normalisation (Wu and He 2018, arXiv 1803.08494), eight groups where they come out even."""
    return nn.GroupNorm(math.gcd(8, channels), channels)


ROWS = HEIGHT // 16  # of the feature maps


class CRNN(nn.Module):
    r"""Convolutions, then a bidirectional LSTM over the columns (Shi, Bai and Yao 2015, arXiv 1507.05717).

    Each column t of the feature maps gets a distribution p_t over the classes and "blank". A reading is what remains
    of a path through the columns when repeats are merged and blanks are left out (Graves et al. 2006), so there may be
    any number of digits: p(reading) = sum over its paths of prod_t p_t(path_t).

    Args:
        settings: how wide.
        classes: C.
    """

    by_column: ClassVar[bool] = True
    """Whether outputs belong to columns of the strip, so that a reading is what is left of a path through them."""
    most_digits: ClassVar[int | None] = None
    """Digits in the longest reading that it can give; None: any number."""

    def __init__(self, settings: ReaderSettings, classes: int) -> None:
        super().__init__()
        self.convolutions = feature_maps(settings.channels, batch_norm)
        self.narrow = nn.Linear(4 * settings.channels * ROWS, settings.hidden_size)
        self.norm = nn.LayerNorm(settings.hidden_size)
        self.lstm = nn.LSTM(settings.hidden_size, settings.hidden_size, settings.layers, bidirectional=True)
        self.read_out = nn.Linear(2 * settings.hidden_size, classes + 1)
        self.to(memory_format=torch.channels_last)

    def forward(self, images: Tensor) -> Tensor:
        """(B, 32, W) from 0 to 1 -> logits (W / 4, B, C + 1)."""
        maps = self.convolutions(images.unsqueeze(1))  # (B, 4 C, 2, T)
        columns = maps.permute(3, 0, 1, 2).flatten(2)  # (T, B, 8 C)
        states, _ = self.lstm(self.norm(torch.relu(self.narrow(columns))))
        logits: Tensor = self.read_out(states)
        return logits

    def loss(self, logits: Tensor, labels: Tensor) -> Tensor:
        """-log p(reading) of each strip, nats, shape (B,).

        Args:
            logits: as `forward` gives them.
            labels: classes, shape (B, N).
        """
        log_p = logits.float().log_softmax(dim=2)
        log_p, labels = log_p.cpu(), labels.cpu()  # CUDA's CTC loss sums in any order, and MPS has none
        columns, count, _ = log_p.shape
        lengths = torch.full((count,), columns), torch.full((count,), labels.shape[1])
        nats = functional.ctc_loss(log_p, labels + 1, *lengths, blank=BLANK, reduction="none")
        return nats.to(logits.device)


class FixedReader(nn.Module):
    """The feedforward contrast: the same convolutions, and so many outputs as the longest training strip has digits.

    It sees as much as the widest training canvas has, of wider ones the left part, and can give no more digits. What a
    narrower canvas lacks is filled up with zeros after the convolutions. These are normalised strip by strip: all
    strips of a training batch have equally many digits, so statistics of the batch would tell this network, which
    must count, the number; and those kept for evaluation would suit no number at all.

    Args:
        settings: how wide; `longest` outputs.
        classes: C.
    """

    by_column: ClassVar[bool] = False
    """Outputs are places: the first digit, the second, and so on."""

    def __init__(self, settings: ReaderSettings, classes: int) -> None:
        super().__init__()
        self.most_digits, self.width = settings.longest, canvas_width(settings.longest + SPARE)
        self.convolutions = feature_maps(settings.channels, group_norm)
        self.columns = self.width // COLUMN
        self.narrow = nn.Linear(4 * settings.channels * ROWS, FEATURES)
        self.layers = nn.Sequential(
            nn.Linear(FEATURES * self.columns, 4 * settings.hidden_size),
            nn.ReLU(),
            nn.Linear(4 * settings.hidden_size, settings.longest * (classes + 1)),
        )
        self.to(memory_format=torch.channels_last)

    def forward(self, images: Tensor) -> Tensor:
        """(B, 32, W) from 0 to 1 -> logits (N, B, C + 1) of each place; output 0 means that nothing is there."""
        maps = self.convolutions(images[:, None, :, : self.width])
        columns = torch.relu(self.narrow(maps.permute(0, 3, 1, 2).flatten(2)))  # (B, T, F)
        filled = functional.pad(columns, (0, 0, 0, self.columns - columns.shape[1]))
        logits: Tensor = self.layers(filled.flatten(1))
        return logits.view(images.shape[0], self.most_digits, -1).transpose(0, 1)

    def loss(self, logits: Tensor, labels: Tensor) -> Tensor:
        """Sum of the places' cross-entropies, nats, shape (B,); arguments as those of `CRNN.loss`."""
        there = functional.pad(labels + 1, (0, self.most_digits - labels.shape[1]))  # (B, N), then "nothing"
        return functional.cross_entropy(logits.float().permute(1, 2, 0), there, reduction="none").sum(dim=1)


FEATURES = 32  # of a column, for the fixed reader
Reader = CRNN | FixedReader
NETWORKS: dict[str, Callable[[ReaderSettings, int], Reader]] = {"crnn": CRNN, "cnn": FixedReader}


def build_reader(settings: ReaderSettings, classes: int) -> Reader:
    """The network that the settings describe, freshly initialised from torch's default generator."""
    return NETWORKS[settings.model](settings, classes)
