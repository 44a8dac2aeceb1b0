"""How well networks that listen read a set's test part: by length, by noise, by speaker, word by word."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from genmodels.families.speech.grouping import learned_by
from genmodels.families.steps import seconds_of, steps_of
from genmodels.families.unread import Missed
from genmodels.runs import Record
from genmodels.runs.naming import run_names

if TYPE_CHECKING:
    import numpy as np
    import torch
    from numpy.typing import NDArray

    from genmodels.analysis.listening import HeardClips
    from genmodels.analysis.word_errors import WordErrors
    from genmodels.data.sound.clips import Clips, WordSet
    from genmodels.families.speech.run import SpeechRun
    from genmodels.models.described_listener import ListenerDescription
    from genmodels.telling import Advance

SPEAKERS_SHOWN = 2  # the best and the worst, on a screen
NOISES = (None, 20.0, 10.0, 5.0, 0.0)  # decibels that the noise lies below the speech; None: none but the room's


@dataclass(frozen=True)
class Asked:
    """What is to be measured.

    Args:
        lengths: words in an utterance, ascending.
        utterances: of each length.
        noises: see `NOISES`.
        width: of the beam; 1 takes the best path.
        seed: of the utterances.
    """

    lengths: Sequence[int]
    utterances: int
    noises: Sequence[float | None]
    width: int
    seed: int

    def readings(self, clips: int) -> int:
        """Recordings and utterances to be read by one network, of so many clips."""
        return clips + self.utterances * (len(self.lengths) + len(self.noises) - 1)


@dataclass(frozen=True)
class Measured:
    """A network and what it read.

    Args:
        name: what its run is called.
        path: of its run.
        about: the network.
        learned: what it learned from, by `learned_by`.
        steps: of its training.
        seconds: that it took.
        words: of the set that was read, by the network's own numbers.
        unit: what lengths count: "word" or "clip"; see `Clips.unit`.
        speakers: of that set.
        heard: a sum over its recordings, by which it is known who read the same; see `Clips.digest`.
        alone: what was heard in each recording alone.
        by_length: errors in utterances of each length.
        by_noise: errors in utterances of the usual lengths at each level of noise; None: none but the room's.
    """

    name: str
    path: Path
    about: "ListenerDescription"
    learned: str
    steps: int
    seconds: float
    words: tuple[str, ...]
    unit: str
    speakers: tuple[str, ...] | None
    heard: str
    alone: "HeardClips"
    by_length: "Mapping[int, WordErrors]"
    by_noise: "Mapping[float | None, WordErrors]"

    @property
    def by_speaker(self) -> "dict[str, WordErrors]":
        """Errors in each speaker's recordings, each heard alone."""
        names = self.speakers or ()
        return {names[who]: errors for who, errors in self.alone.by_speaker().items()}

    @property
    def confusion(self) -> "NDArray[np.int64]":
        """What was taken for what; see `HeardClips.confusion`."""
        return self.alone.confusion(len(self.words))

    def together(self, lengths: Sequence[int]) -> "WordErrors":
        """Over utterances of several lengths."""
        from genmodels.analysis.word_errors import total

        return total(dict(self.by_length), lengths)

    @property
    def missed(self) -> Missed:
        """Of utterances as long as those that it was trained on."""
        return missed_of(self.together([n for n in self.by_length if n <= self.about.settings.longest]))

    @property
    def rows(self) -> list[Record]:
        """For the table: recordings alone, utterances by length, the usual and the longer ones together, by noise.

        A part of which nothing was read has no row.
        """
        parts = {"alone": self.alone.errors, "alone, known to be one": self.alone.known_to_be_one}
        parts |= {part_told([n], self.unit): errors for n, errors in self.by_length.items()}
        parts |= self._of_lengths() | self._of_noises() | self._of_speakers(self.by_speaker)
        return self._as_rows(parts)

    @property
    def chosen_rows(self) -> list[Record]:
        """The same for a screen: lengths together alone, of the speakers the worst two and the best two."""
        speakers = self.by_speaker
        if len(speakers) > 2 * SPEAKERS_SHOWN:
            worst_first = sorted(speakers, key=lambda name: -speakers[name].word_error_rate)
            shown = [*worst_first[:SPEAKERS_SHOWN], *worst_first[-SPEAKERS_SHOWN:]]
            speakers = {name: speakers[name] for name in shown}
        parts = {"alone": self.alone.errors} | self._of_lengths()
        return self._as_rows(parts | self._of_noises() | self._of_speakers(speakers))

    def _of_lengths(self) -> "dict[str, WordErrors]":
        """All lengths that were trained on together, and all longer ones."""
        longest = self.about.settings.longest
        groups = ([n for n in self.by_length if n <= longest], [n for n in self.by_length if n > longest])
        return {part_told(group, self.unit): self.together(group) for group in groups if group}

    def _of_noises(self) -> "dict[str, WordErrors]":
        return {f"noise {level:g} dB": errors for level, errors in self.by_noise.items() if level is not None}

    @staticmethod
    def _of_speakers(speakers: "Mapping[str, WordErrors]") -> "dict[str, WordErrors]":
        return {f"speaker {name}": errors for name, errors in speakers.items()}

    def _as_rows(self, parts: "Mapping[str, WordErrors]") -> list[Record]:
        known = {"run": self.name, "model": self.about.settings.model}
        return [{**known, "part": part, **errors.to_record()} for part, errors in parts.items() if errors.utterances]

    @property
    def facts(self) -> dict[str, Any]:
        """Which network it was, and its confusions."""
        settings = self.about.settings
        return {
            "run": self.name,
            "path": str(self.path),
            "epoch": self.about.epoch,
            "longest": settings.longest,
            "seed": settings.seed,
            "leave_out": settings.leave_out,
            "lengths_count": f"{self.unit}s",
            "confusion": self.confusion.tolist(),
        }


def missed_of(errors: "WordErrors") -> Missed:
    """What a network missed of some utterances."""
    return Missed(errors.word_error_rate, errors.sequence_accuracy, errors.utterances, errors.read_share)


def part_told(lengths: Sequence[int], unit: str) -> str:
    """Utterances of some lengths, as a row is called.

    >>> part_told([1], "word"), part_told([1, 2, 3], "clip")
    ('1 word', '1-3 clips')
    """
    if len(lengths) > 1:
        return f"{lengths[0]}-{lengths[-1]} {unit}s"
    return f"{lengths[0]} {unit}{'s' * (lengths[0] != 1)}"


def measure_all(
    runs: "Sequence[SpeechRun]", heard: "Sequence[WordSet]", asked: Asked, device: "torch.device"
) -> list[Measured]:
    """Let the networks of some runs read, each the test part of its set, with one bar for all.

    Args:
        runs: whose best epochs read.
        heard: the set of each; see `measure`.
        asked: what is to be measured.
        device: where they read.

    Raises:
        RunError, ResourceError: see `measure`.
    """
    names = run_names(runs)
    who = f"{names[0]} listens" if len(runs) == 1 else f"{len(runs)} networks listen"
    with runs[0].teller.counting(who, sum(asked.readings(len(words.test)) for words in heard)) as advance:
        named = zip(runs, names, heard, strict=True)
        return [measure(run, name, words, asked, device, advance) for run, name, words in named]


def measure(
    run: "SpeechRun", name: str, words: "WordSet", asked: Asked, device: "torch.device", advance: "Advance"
) -> Measured:
    """Let a run's network read a test part.

    Args:
        run: whose best epoch reads.
        name: what it is called.
        words: the set, whose words the network knows.
        asked: what is to be measured.
        device: where it reads.
        advance: is told of each recording and utterance that is read.

    Raises:
        RunError: the run has no finished epoch, or is damaged.
        ResourceError: out of memory.
    """
    from functools import partial

    from genmodels.analysis.listening import hear_clips
    from genmodels.families.speech.ears import listen_by, load_listener

    model, about = load_listener(run.epoch_checkpoint(None), device)
    clips = words.test
    listen, features = partial(listen_by, model, device), about.settings.features
    alone = hear_clips(listen, features, clips, asked.width, advance)
    by_length, by_noise = _composed(model, about, clips, asked, advance)
    return Measured(
        name=name, path=run.path, about=about, learned=learned_by(run), steps=steps_of(run), seconds=seconds_of(run),
        words=words.words, unit=clips.unit, speakers=words.speakers, heard=clips.digest, alone=alone,
        by_length=by_length, by_noise=by_noise,
    )  # fmt: skip


def _composed(
    model: Any, about: "ListenerDescription", clips: "Clips", asked: Asked, advance: "Advance"
) -> "tuple[dict[int, WordErrors], dict[float | None, WordErrors]]":
    """Errors in composed utterances by length, and by noise."""
    from genmodels.analysis.word_errors import errors_by_length, total
    from genmodels.data.sound.log_mel import LogMel
    from genmodels.data.sound.utterances import UtteranceMaker

    device = next(model.parameters()).device
    log_mel = LogMel(about.settings.features, device)
    maker = UtteranceMaker(clips, asked.seed, device, "utterances measured")
    by_length: dict[int, WordErrors] = {}
    for length in asked.lengths:
        by_length |= errors_by_length(model, log_mel, maker, [length], asked.utterances, width=asked.width)
        advance(asked.utterances)
    usual = [n for n in asked.lengths if n <= about.settings.longest] or list(asked.lengths)
    by_noise: dict[float | None, WordErrors] = {}
    for level in asked.noises:
        if level is None:
            by_noise[None] = total(by_length, usual)
            continue
        each = -(-asked.utterances // len(usual))
        found = errors_by_length(model, log_mel, maker, usual, each, snr=(level, level), width=asked.width)
        by_noise[level] = total(found, usual)
        advance(asked.utterances)
    return by_length, by_noise
