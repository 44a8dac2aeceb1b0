"""Writing text: prompt, temperature, filters, stop string, seeds. Needs no torch on a CPU."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genmodels.data.text.vocabulary import Vocabulary
from genmodels.errors import DataError, RunError
from genmodels.models.described import describe
from genmodels.runs.checkpoint import read_checkpoint
from genmodels.sampling.choosing import Chooser, log_probability
from genmodels.sampling.steps import Step, step_of
from genmodels.settings.sampling import SampleSettings
from genmodels.telling import Advance, silent

UNIFORMS = 1024  # random numbers drawn at a time


@dataclass(frozen=True)
class Sample:
    """One text that was written.

    Args:
        temperature: it was drawn at.
        text: what follows the prompt.
        log_probabilities: of each character under the model itself (temperature 1, no filter), in nats.
        symbols: the text again, a character for each of those; a byte as Latin-1.
    """

    temperature: float
    text: str
    log_probabilities: list[float]
    symbols: str = field(repr=False)


def open_writer(path: Path) -> tuple["TextWriter", dict[str, Any]]:
    """A writer from an epoch's checkpoint, and the checkpoint's state.json.

    Raises:
        RunError: missing, damaged, or not a language model's.
    """
    checkpoint = read_checkpoint(path)
    settings, vocabulary = describe(checkpoint)
    try:
        step = step_of(settings, checkpoint.tensors["model"], len(vocabulary))
    except (KeyError, ValueError) as error:
        raise RunError(f"{path} does not fit its settings: {error}", "restore it from a copy.") from error
    return TextWriter(step, vocabulary), checkpoint.state


class TextWriter:
    """Writes texts with a step and a vocabulary.

    Args:
        step: of a trained model.
        vocabulary: what ids mean.

    Example:
        >>> from genmodels.settings.sampling import SampleSettings
        >>> writer = genmodels.open_run("story", genmodels.TextRun).writer()
        >>> (text,) = writer.write("the cat ", SampleSettings(length=30))
        >>> len(text.text)
        30
    """

    def __init__(self, step: Step, vocabulary: Vocabulary) -> None:
        self.step, self.vocabulary = step, vocabulary

    def write(
        self, prompt: str, how: SampleSettings, unknown: str = "error", advance: Advance = silent
    ) -> list[Sample]:
        """All temperatures times `count` texts, in one batch; ordered by temperature, then number.

        Args:
            prompt: that all go on from.
            how: they are drawn.
            unknown: "error", or "skip" to leave out of the prompt what the vocabulary lacks.
            advance: is told of each character of the batch.

        Raises:
            DataError: the prompt is empty or has unknown characters (`unknown` "skip" leaves them out).
        """
        rows = len(how.temperature) * how.count
        temperatures = np.repeat(np.array(how.temperature), how.count)
        ids, log_probabilities = [], []
        watch = _StopWatch(rows, how, self)
        for chosen, logits in self._draw(prompt, how, temperatures, unknown):
            ids.append(chosen)
            log_probabilities.append(log_probability(logits, chosen))
            advance(1)
            if watch.all_stopped(chosen):
                break
        columns = np.array(ids).reshape(-1, rows)
        scores = np.array(log_probabilities).reshape(-1, rows)
        texts = zip(temperatures, columns.T, scores.T, strict=True)
        return [self._sample(float(warmth), drawn.tolist(), of_drawn, how.stop) for warmth, drawn, of_drawn in texts]

    def _sample(self, temperature: float, drawn: list[int], scores: NDArray[np.float64], stop: str | None) -> Sample:
        """One text of those drawn together, up to its own stop string."""
        written = drawn[: self.length_before(stop, drawn)]
        symbols = self.vocabulary.one_by_one(written)
        return Sample(temperature, self.vocabulary.decode(written), scores[: len(written)].tolist(), symbols)

    def score(self, lead_in: str, text: str, what: str, unknown: str = "error") -> list[float]:
        """Log-probability of each character of a text that exists, in nats, the state carried through it.

        Args:
            lead_in: read before, at least one character.
            text: is scored.
            what: how a message names it.
            unknown: "error", or "skip" to leave out what the vocabulary lacks.

        Raises:
            DataError: a character is not in the vocabulary and `unknown` is "error".
        """
        before = self.vocabulary.encode(lead_in, what, "skip").tolist()
        ids = self.vocabulary.encode(text, what, unknown).tolist()
        logits = self._after(before)
        scores = []
        for index in ids:
            scores.append(float(log_probability(logits, index)[0]))
            logits = self.step.next(index)
        return scores

    def _after(self, ids: list[int]) -> Any:
        """The logits of what follows these ids, read from an empty state."""
        self.step.reset()
        for index in ids:
            logits = self.step.next(index)
        return logits

    def length_before(self, stop: str | None, ids: list[int]) -> int:
        """How many ids stand before the stop string."""
        if stop is None:
            return len(ids)
        if self.vocabulary.is_bytes:
            return len(bytes(ids).partition(stop.encode("utf-8", "surrogateescape"))[0])
        return len(self.vocabulary.decode(ids).partition(stop)[0])

    def stream(self, prompt: str, how: SampleSettings, unknown: str = "error") -> Iterator[bytes]:
        """One text at the first temperature, in UTF-8 (or raw bytes), piece by piece as it is written.

        Raises:
            DataError: the prompt is empty or has unknown characters (`unknown` "skip" leaves them out).
        """
        stop, pieces = None if how.stop is None else how.stop.encode("utf-8", "surrogateescape"), self._pieces()
        held = b""
        for chosen, _ in self._draw(prompt, how, np.array(how.temperature[:1]), unknown):
            if stop is None:
                yield pieces[chosen]
                continue
            held += pieces[chosen]
            if stop in held:
                held = held.partition(stop)[0]
                break
            safe = len(held) - _overlap(held, stop)
            yield held[:safe]
            held = held[safe:]
        yield held

    def _pieces(self) -> list[bytes]:
        """What each id adds to a text, in UTF-8."""
        if self.vocabulary.characters is None:
            return [bytes([value]) for value in range(256)]
        return [character.encode("utf-8", "surrogatepass") for character in self.vocabulary.characters]

    def _draw(
        self, prompt: str, how: SampleSettings, temperatures: NDArray[np.float64], unknown: str
    ) -> Iterator[tuple[Any, Any]]:
        """One character's ids and the logits they were drawn from, after another: one id, or (N,) for N texts.

        Text i of each temperature has the random numbers of stream i, whatever the other settings.
        """
        ids = self.vocabulary.encode(prompt, "the prompt", unknown)
        if len(ids) == 0:
            raise DataError("the prompt is empty", "leave --prompt out to begin with the run's own seed phrase.")
        logits = self._after(ids.tolist())
        rows = len(temperatures)
        if rows > 1:
            self.step.repeat(rows)
            logits = np.repeat(logits[None], rows, axis=0)
        choose = Chooser(how, temperatures)
        for uniform in _uniforms(rows, how):
            chosen = choose(logits, uniform)
            yield chosen, logits
            logits = self.step.next(chosen)


def _uniforms(rows: int, how: SampleSettings) -> Iterator[Any]:
    """A random number for each character: one, or (N,) for N texts."""
    streams = [np.random.Generator(np.random.Philox(key=[how.seed, i % how.count])) for i in range(rows)]
    for first in range(0, how.length, UNIFORMS):
        uniforms = np.array([stream.random(UNIFORMS) for stream in streams])
        block = uniforms[0].tolist() if rows == 1 else list(uniforms.T)
        yield from block[: how.length - first]


class _StopWatch:
    """Notes which texts of a batch have met the stop string, looking only at their last characters."""

    def __init__(self, rows: int, how: SampleSettings, writer: TextWriter) -> None:
        self.stop, self.writer = how.stop, writer
        self.tails: list[list[int]] = [[] for _ in range(rows)]
        self.stopped = [False] * rows

    def all_stopped(self, chosen: Any) -> bool:
        if self.stop is None:
            return False
        width = len(self.stop.encode("utf-8", "surrogateescape"))
        for row, index in enumerate(np.atleast_1d(chosen).tolist()):
            self.tails[row] = tail = [*self.tails[row], index][-width:]
            self.stopped[row] |= self.writer.length_before(self.stop, tail) < len(tail)
        return all(self.stopped)


def _overlap(held: bytes, stop: bytes) -> int:
    """Length of the longest end of `held` that begins `stop`."""
    longest = min(len(held), len(stop) - 1)
    return next((n for n in range(longest, 0, -1) if held.endswith(stop[:n])), 0)
