"""Utterances of several words, composed on the fly from clips of one speaker: what a recogniser is trained on.

The words of an utterance lie on a canvas of room noise, with gaps between them or touching; then noise of a drawn
level lies over all. Words that are joined so do not flow into each other as they do in speech, so they are easier.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from genmodels.data.sound.clips import RATE, Clips
from genmodels.data.sound.features import HOP, SPECTRUM
from genmodels.data.sound.log_mel import LogMel
from genmodels.data.sound.rooms import room_levels
from genmodels.device import step_generator

GAPS = (-0.03, 0.15)  # seconds between two words; below 0 they overlap
LEAD, TRAIL = (0.0, 0.3), (0.2, 0.45)  # seconds of room before the first word and after the last, at least
RAMP = 40  # samples over which a clip rises and falls, so that its edges don't click
GAIN = 3.0  # decibels that a word is louder or softer than its neighbours
ROUND = 20  # windows: canvases are whole multiples, so that there are few different shapes
SIDES = 4  # parts of a batch, each with a speed of its own
EMPTY = (-4.0, -1.5)  # powers of ten: how loud a room is in which nobody speaks, full scale being 1


@dataclass(frozen=True)
class Utterances:
    """Some utterances of equally many clips.

    Args:
        samples: float of shape (B, N), full scale being 1; each utterance's clips lie between room noise.
        labels: int64 of shape (B, L): the words; beyond an utterance's own they are 0.
        lengths: int64 of shape (B,): how many words each has.
        clips: int64 of shape (B, L): which of the utterance's clips each word is in; beyond its own they are 0.
        spans: int64 of shape (B, n, 2): first sample and end of each clip.
        rows: int64 of shape (B, n): which clips.
        hops: samples from one window to the next, one for each of equal parts of the batch.
        windows: T, so many in each utterance.
    """

    samples: Tensor
    labels: Tensor
    lengths: Tensor
    clips: Tensor
    spans: Tensor
    rows: Tensor
    hops: tuple[int, ...]
    windows: int

    def said_at(self, steps: int, stride: int, words: int, late: float) -> Tensor:
        """Where a network may say which word: while it is said, or a little later. Blank is allowed everywhere.

        Args:
            steps: T', distributions that the network gives for each utterance.
            stride: windows from one to the next.
            words: V.
            late: seconds after its end until which a word may be said.

        Returns:
            Bool of shape (B, T', V + 1).
        """
        count = len(self.samples)
        hops = torch.tensor(self.hops).repeat_interleave(count // len(self.hops))
        middles = stride * torch.arange(steps) * hops[:, None] + SPECTRUM // 2  # (B, T')
        first, end = self.spans.gather(1, self.clips[..., None].expand(-1, -1, 2)).unbind(dim=-1)  # each (B, L)
        said = (middles[:, None] >= first[..., None]) & (middles[:, None] <= (end + int(late * RATE))[..., None])
        said &= (torch.arange(said.shape[1]) < self.lengths[:, None])[..., None]
        allowed = torch.zeros(count, steps, words + 1)
        index = (self.labels.cpu() + 1)[:, None].expand(-1, steps, -1)
        allowed.scatter_reduce_(2, index, said.transpose(1, 2).float(), "amax")
        allowed[:, :, 0] = 1.0
        return allowed.bool().to(self.samples.device)

    def power(self, log_mel: LogMel) -> Tensor:
        """Power of each frequency in each window, shape (B, T, 129)."""
        if len(self.hops) == 1:
            return log_mel.power(self.samples[:, : _samples(self.windows, self.hops[0])], self.hops[0])
        parts = self.samples.chunk(len(self.hops))
        needed = [part[:, : _samples(self.windows, hop)] for part, hop in zip(parts, self.hops, strict=True)]
        return torch.cat([log_mel.power(part, hop) for part, hop in zip(needed, self.hops, strict=True)])


def _samples(windows: int, hop: int) -> int:
    return (windows - 1) * hop + SPECTRUM


class UtteranceMaker:
    """Composes utterances of the clips of one part of a set.

    Args:
        clips: of one part.
        seed: of every draw.
        device: where the utterances are needed.
        stream: names the part, so that no two parts share random numbers.
        speed: utterances are up to so many times as fast or as slow; 1 for as they are.
    """

    def __init__(self, clips: Clips, seed: int, device: torch.device, stream: str, speed: float = 1.0) -> None:
        self.clips, self.seed, self.stream, self.device, self.speed = clips, seed, stream, device, speed
        self.samples, self.ends = torch.tensor(with_ramps(clips), device=device), clips.starts.tolist()
        self.starts, self.words = torch.tensor(clips.starts), torch.tensor(clips.words)
        self.word_starts, self.rooms = torch.tensor(clips.word_starts), torch.tensor(room_levels(clips))
        self.order, self.groups = by_speaker(clips)

    def make(self, count: int, words: int, step: int, snr: tuple[float, float] | None = None) -> Utterances:
        """Utterances as a function of the seed, the stream and the step alone; each by one speaker.

        Args:
            count: B.
            words: n, clips in each; 0 gives room noise alone.
            step: names the draw.
            snr: decibels between which the noise lies below the speech; None: room noise alone.
        """
        random = step_generator(torch.device("cpu"), self.seed, self.stream, step)
        if words == 0:
            return self._silence(count, random)
        rows = self._drawn(count, words, random)
        hops = self._hops(count, random)
        gaps = (_uniform((count, words), GAPS, random) * RATE).long()
        lengths = (self.starts[rows + 1] - self.starts[rows]).clamp(min=1)
        begin, windows = _placed(lengths, gaps, hops, random)
        gains = 10 ** (_uniform((count, words), (-GAIN, GAIN), random) / 20) / 32768
        canvas = self._pasted(rows, begin, gains, _samples(windows, max(hops)))
        loud = canvas.square().sum(dim=1) / lengths.sum(dim=1).to(self.device)
        room = (self.rooms[rows] * gains).mean(dim=1)
        samples = canvas + self._noise(canvas.shape, room.to(self.device), loud.sqrt(), snr, random)
        labels, numbers, clips = self._labels(rows)
        spans = torch.stack([begin, begin + lengths], dim=-1)
        return Utterances(samples, labels.to(self.device), numbers, clips, spans, rows, tuple(hops), windows)

    def _silence(self, count: int, random: torch.Generator) -> Utterances:
        """Rooms in which nobody speaks."""
        windows = ROUND * int(torch.randint(2, 8, (), generator=random))
        level = 10 ** _uniform((count,), EMPTY, random)
        shape = torch.Size((count, _samples(windows, HOP)))
        noise = self._noise(shape, level.to(self.device), level.to(self.device), None, random)
        none = torch.zeros(count, 0, dtype=torch.int64)
        spans = none[..., None].expand(-1, -1, 2)
        return Utterances(noise, none.to(self.device), none.sum(dim=1), none, spans, none, (HOP,), windows)

    def _drawn(self, count: int, words: int, random: torch.Generator) -> Tensor:
        """Numbers of clips, shape (B, n): each row's are by one speaker."""
        who = torch.randint(len(self.groups) - 1, (count, 1), generator=random)
        first, many = self.groups[who], self.groups[who + 1] - self.groups[who]
        place = (torch.rand(count, words, generator=random, dtype=torch.float64) * many).long()
        return self.order[first + place]

    def _hops(self, count: int, random: torch.Generator) -> list[int]:
        """Samples between windows, for each part of the batch: fewer of them make an utterance slower."""
        if self.speed == 1.0:
            return [HOP]
        parts = min(SIDES, count)
        while count % parts:
            parts -= 1
        exponents = torch.rand(parts, generator=random) * 2 - 1
        return [max(1, round(HOP * self.speed ** float(exponent))) for exponent in exponents]

    def _pasted(self, rows: Tensor, begin: Tensor, gains: Tensor, canvas: int) -> Tensor:
        """The clips (B, n), each as loud as its gain says, added up on canvases of silence: shape (B, canvas)."""
        sheet = torch.zeros(len(rows), canvas, device=self.device)
        for place, clips, starts, loud in zip(sheet, rows.tolist(), begin.tolist(), gains.tolist(), strict=True):
            for clip, start, gain in zip(clips, starts, loud, strict=True):
                samples = self.samples[self.ends[clip] : self.ends[clip + 1]]
                place[start : start + len(samples)].add_(samples, alpha=gain)
        return sheet

    def _noise(
        self,
        shape: torch.Size,
        room: Tensor,
        loud: Tensor,
        snr: tuple[float, float] | None,
        random: torch.Generator,
    ) -> Tensor:
        """Room noise, and noise of a drawn level and colour where it is asked for; shape (B, N)."""
        level = room
        colour = _uniform((shape[0], 1), (-0.9, 0.9), random)
        if snr is not None:
            below = _uniform((shape[0],), snr, random).to(self.device)
            level = (room.square() + (loud * 10 ** (-below / 20)).square()).sqrt()
        white = torch.randn(shape[0], shape[1] + 1, generator=random)
        coloured = (white[:, 1:] + colour * white[:, :-1]) / (1 + colour.square()).sqrt()
        return coloured.to(self.device) * level[:, None].float()

    def _labels(self, rows: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """The words of clips (B, n) in a row, filled up with 0; how many each row has; and which clip each is in."""
        many = self.word_starts[rows + 1] - self.word_starts[rows]
        numbers = many.sum(dim=1)
        if int(many.min()) == int(many.max()) == 1:
            return self.words[self.word_starts[rows]], numbers, torch.arange(rows.shape[1]).expand_as(rows)
        labels, places = (torch.zeros(len(rows), int(numbers.max()), dtype=torch.int64) for _ in range(2))
        for index, clips in enumerate(rows.tolist()):
            said = [(word, place) for place, clip in enumerate(clips) for word in self.clips.said(clip)]
            labels[index, : len(said)], places[index, : len(said)] = torch.tensor(said).unbind(dim=1)
        return labels, numbers, places


def _placed(lengths: Tensor, gaps: Tensor, hops: list[int], random: torch.Generator) -> tuple[Tensor, int]:
    """Where clips of these lengths (B, n) begin, in samples, and how many windows their canvases have."""
    count = len(lengths)
    lead = (_uniform((count,), LEAD, random) * RATE).long()
    trail = (_uniform((count,), TRAIL, random) * RATE).long()
    advance = (lengths + gaps).clamp(min=1)
    begin = lead[:, None] + torch.cumsum(advance, dim=1) - advance
    needed = (begin + lengths).amax(dim=1) + trail
    hop = torch.tensor(hops).repeat_interleave(count // len(hops))
    windows = -(-int(((needed - SPECTRUM) / hop).ceil().max() + 1) // ROUND) * ROUND
    free = (windows - 1) * hop + SPECTRUM - needed
    shift = (free * torch.rand(count, generator=random, dtype=torch.float64)).long()
    return begin + shift[:, None], windows


def with_ramps(clips: Clips) -> NDArray[np.int16]:
    """The clips' samples, each clip rising and falling at its edges."""
    samples, slope = clips.samples.copy(), (np.arange(RAMP) + 1) / (RAMP + 1)
    for first, end in pairwise(clips.starts.tolist()):
        size = min(RAMP, end - first)
        samples[first : first + size] = np.rint(samples[first : first + size] * slope[:size])
        samples[end - size : end] = np.rint(samples[end - size : end] * slope[:size][::-1])
    return samples


def by_speaker(clips: Clips) -> tuple[Tensor, Tensor]:
    """Numbers of the clips, speaker by speaker, and where each speaker's begin; one group where none is known."""
    if clips.speakers is None:
        return torch.arange(len(clips)), torch.tensor([0, len(clips)])
    order = np.argsort(clips.speakers, kind="stable")
    many = np.unique(clips.speakers, return_counts=True)[1]
    return torch.tensor(order), torch.tensor(np.concatenate([[0], np.cumsum(many)]))


def _uniform(shape: tuple[int, ...], bounds: tuple[float, float], random: torch.Generator) -> Tensor:
    low, high = bounds
    return low + (high - low) * torch.rand(shape, generator=random)
