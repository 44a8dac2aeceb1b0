"""An epoch's weights as a writer of texts and as a judge of them, and the prompt that it goes on from."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from genmodels.errors import DataError, RunError, UsageError
from genmodels.families.run import Run
from genmodels.ordinary import read_ordinary
from genmodels.paths import path_of
from genmodels.runs.run_dir import epoch_of
from genmodels.telling import Notice, counted

if TYPE_CHECKING:
    from genmodels.data.text.vocabulary import Vocabulary
    from genmodels.sampling.writing import Sample, TextWriter

Prompt = str | bytes | Path | IO[bytes]
"""A text, its bytes, a file, or an open file such as `sys.stdin.buffer`."""


@dataclass(frozen=True)
class GivenPrompt:
    """A prompt as it was given.

    Args:
        raw: its bytes, a text's in UTF-8.
        from_file: whether they are what a file holds, of which nothing is known.
    """

    raw: bytes
    from_file: bool


@dataclass(frozen=True)
class Author:
    """What writes with an epoch's weights.

    Args:
        writer: of texts.
        epoch: whose weights.
        phrase: the run's seed phrase.
        checkpoint: that they are from.
    """

    writer: "TextWriter"
    epoch: float
    phrase: str
    checkpoint: Path

    def prompt(self, given: GivenPrompt | None, unknown: str, notice: Notice) -> str:
        """The prompt as the model reads it; the run's seed phrase where there is none.

        Raises:
            DataError: no text in UTF-8, or unknown characters, unless they are to be skipped.
        """
        return self.phrase if given is None else _as_known(given, self.writer.vocabulary, unknown, notice)


def open_author(checkpoint: Path, device: str) -> Author:
    """An epoch's author: the lean NumPy step on a CPU; the network itself on another device.

    Raises:
        RunError: the checkpoint is damaged, or not a language model's.
        ResourceError: the device is missing.
    """
    from genmodels.sampling.writing import TextWriter, open_writer

    if str(device) in {"auto", "cpu"}:
        writer, state = open_writer(checkpoint)
    else:
        from genmodels.device import choose_device
        from genmodels.models.stored import load_text
        from genmodels.sampling.torch_step import TorchStep

        loaded = load_text(checkpoint, choose_device(device).device)
        writer, state = TextWriter(TorchStep(loaded.model), loaded.vocabulary), loaded.state
    return Author(writer, epoch_of(checkpoint, state), str(state["prompt"]), checkpoint)


def bits_per_char(log_probabilities: Sequence[float]) -> float:
    """Mean information of some characters or bytes."""
    return -sum(log_probabilities) / len(log_probabilities) / math.log(2.0)


@dataclass(frozen=True)
class Judge:
    """The one network by which all texts' bits per character are measured.

    Args:
        run: whose it is.
        author: its best epoch.
        unknown: "error", or "skip" to leave out characters that it does not know.
    """

    run: Run
    author: Author
    unknown: str = "error"

    def bits(self, lead_in: str, text: str, what: str) -> float:
        """Of a text after what stands before it.

        Raises:
            DataError: a character is not in the network's vocabulary, or none is.
        """
        scores = self.author.writer.score(lead_in, text, what, self.unknown)
        if not scores:
            raise DataError(f"{what} has no character that {self.run.path} knows", "choose another judge.")
        return bits_per_char(scores)

    def bits_of(self, sample: "Sample", prompt: str, author: Author) -> float:
        """Of a text that an author wrote after a prompt."""
        if author.checkpoint == self.author.checkpoint:
            return bits_per_char(sample.log_probabilities)
        written = author.writer.vocabulary.exact(sample.symbols)
        return self.bits(prompt, written, f"what epoch {author.epoch} wrote")

    def to_record(self) -> dict[str, Any]:
        """The names used in ``--json``."""
        return {"run": str(self.run.path), "epoch": self.author.epoch}


def open_judge(run: Run, by: Run | None, device: str, unknown: str = "error") -> Judge:
    """The best epoch of a run, or of another one.

    Args:
        run: whose texts are judged.
        by: the other run, or None.
        device: where it computes.
        unknown: see `Judge`.

    Raises:
        RunError: no epoch is finished, or one run reads bytes and the other characters.
    """
    judging = run if by is None else by
    if judging.setting("bytes") != run.setting("bytes"):
        kinds = {True: "bytes", False: "characters"}
        what = f"{judging.path} reads {kinds[judging.setting('bytes')]}, {run.path} {kinds[run.setting('bytes')]}"
        raise RunError(what, "name a judge of the same kind.")
    return Judge(judging, open_author(judging.epoch_checkpoint(None), device), unknown)


def read_prompt(prompt: Prompt) -> GivenPrompt:
    """The prompt given: a text, or whatever bytes a file holds.

    Raises:
        DataError: it is empty, or its file cannot be read.
        UsageError: it is something else.
    """
    if not isinstance(prompt, str | bytes | Path) and not hasattr(prompt, "read"):
        kind = type(prompt).__name__
        raise UsageError(
            f"the prompt is of the type {kind}, but it must be a text, bytes, a Path or an open file",
            "give one of them.",
        )
    try:
        content: Any = read_ordinary(path_of(prompt), piped=True) if isinstance(prompt, Path) else prompt
        content = content.read() if hasattr(content, "read") else content
    except OSError as error:
        raise DataError(f"--prompt-file {prompt!s} cannot be read: {error.strerror}", "check the path.") from error
    raw: bytes = _in_utf8(content) if isinstance(content, str) else content
    if raw == b"":
        raise DataError("the prompt is empty", "leave --prompt out to begin with the run's own seed phrase.")
    return GivenPrompt(raw, from_file=not isinstance(prompt, str | bytes))


def _in_utf8(text: str) -> bytes:
    """The bytes of a text, in which halves of characters that belong together are joined."""
    from genmodels.data.text.surrogates import joined

    try:
        return joined(text).encode("utf-8", "surrogateescape")
    except UnicodeEncodeError as error:
        what = f"the prompt has half a character at {error.start}"
        raise DataError(what, "leave it out, or give the other half too.") from error


def _as_known(given: GivenPrompt, vocabulary: "Vocabulary", unknown: str, notice: Notice) -> str:
    """Bytes as they are; characters with the corpus's line ends, known ones only."""
    if vocabulary.is_bytes:
        return given.raw.decode("utf-8", "surrogateescape")
    from genmodels.data.text.decoding import as_in_a_corpus
    from genmodels.data.text.kinds import check_prompt

    if given.from_file:
        check_prompt(given.raw)
    try:
        text = as_in_a_corpus(given.raw.decode("utf-8"), vocabulary.characters)
    except UnicodeDecodeError as error:
        raise DataError(f"the prompt is not UTF-8 at byte {error.start}", "save it as UTF-8.") from error
    known = vocabulary.decode(vocabulary.encode(text, "the prompt", unknown).tolist())
    if not known:
        hint = "use some of the training text, or leave --prompt out to begin with the run's own seed phrase."
        raise DataError("the prompt has no character that the run knows", hint)
    if len(known) < len(text):
        notice(f"left out {counted(len(text) - len(known), 'character')} of the prompt that the run does not know")
    return known
