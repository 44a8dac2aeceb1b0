"""SpeechRun: what can be asked of the run of a network that listens."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, cast

from genmodels.errors import UsageError
from genmodels.exhibit import Exhibit
from genmodels.families.readings import check_decoder
from genmodels.families.set_run import SetRun
from genmodels.families.speech.hearing import (
    FEWEST_UTTERANCES,
    MOST_UTTERANCES,
    Source,
    listen_to_all,
    named_recordings,
    readings_of,
    sources_of,
    utterances_of,
)
from genmodels.families.unread import unread_told
from genmodels.runs import Epoch
from genmodels.settings import TrainingSettings
from genmodels.settings.fields import check_range, check_seed
from genmodels.settings.reader import USUAL_DECODER
from genmodels.settings.resolving import Resolved
from genmodels.settings.speech import SpeechSettings, check_clips
from genmodels.telling import Teller

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from genmodels.data.sound.clips import Clips, WordSet

MEASURES = ("word_error_rate", "sequence_accuracy")
UTTERANCES_SHOWN = 3
LENGTHS_SHOWN = (3, 5, 8)


class SpeechRun(SetRun):
    """A run of a network that listens.

    Example:
        >>> run = genmodels.open_run("speech", genmodels.SpeechRun)
        >>> [reading["truth"].count(" ") for reading in run.transcribe(utterances=2, lengths=[1, 2]).facts["readings"]]
        [0, 1]
    """

    family: ClassVar[str] = "speech"
    learned_from: ClassVar[str] = "recordings"

    @classmethod
    def check_resolved(cls, resolved: Resolved) -> None:
        """See `SetRun.check_resolved`: a window of a network that has none, two ways to say how wide it is."""
        settings = cast("SpeechSettings", resolved.settings)
        if settings.model != "window" and resolved.origins["window"] == "flag":
            what = f"--window {settings.window} means nothing to --model {settings.model}"
            raise UsageError(what, "add --model window, or leave --window out.")
        if resolved.origins["parameters"] == resolved.origins["hidden_size"] == "flag":
            what = f"--parameters {settings.parameters} and --hidden-size {settings.hidden_size} contradict each other"
            raise UsageError(what, "give one of them.")

    @classmethod
    def open_set(cls, dataset: str | None, settings: TrainingSettings, teller: Teller) -> "WordSet":
        """The set of words that --dataset means; None: the built-in voices."""
        del settings
        from genmodels.data.sound.sets.opening import open_words

        return open_words(dataset, teller.notice, teller.counting)

    @classmethod
    def describe_set(cls, opened: "WordSet") -> dict[str, Any]:
        """What run.json keeps of a set of words."""
        from genmodels.data.sound.sets.described import describe_words

        return describe_words(opened)

    @classmethod
    def reopen_set(cls, described: Mapping[str, Any], teller: Teller, again: str | None = None) -> "WordSet":
        """The set of a run, which must not have changed."""
        from genmodels.data.sound.sets.opening import reopen_words

        return reopen_words(described, teller.notice, again, teller.counting)

    @classmethod
    def parts_of_set(cls, settings: TrainingSettings, opened: "WordSet") -> "tuple[Clips, Clips]":
        """See `SetRun.parts_of_set`."""
        from genmodels.training.speech import parts_of

        return parts_of(cast("SpeechSettings", settings), opened)

    @classmethod
    def things(cls, part: "Clips") -> "Iterable[NDArray[np.int16]]":
        """See `SetRun.things`."""
        return (part.clip(row) for row in range(len(part)))

    def opened_again(self) -> "WordSet":
        """See `SetRun.opened_again`; with the speaker who was left out."""
        from genmodels.data.sound.sets.opening import words_learned

        return self.moved or words_learned(self.document()["data"], self.teller.notice, self.teller.counting)

    def tested_words(self) -> "WordSet":
        """As `words`, to be read as a test: what the runs learned from it that the first weights came from is told."""
        from genmodels.families.learned import tell_learned

        words = self.words()
        tell_learned(self, words)
        return words

    def words(self) -> "WordSet":
        """The run's set, as it was trained on: without the speaker that was left out, who is its test part.

        Raises:
            DataError: it has changed since the run began, or is gone.
            RunError: run.json is damaged.
        """
        from genmodels.data.sound.sets.left_out import without_speaker

        words = self.opened_again()
        left = self.document()["settings"].get("leave_out", {"value": None})["value"]  # a speaker may be called "?"
        return words if left is None else without_speaker(words, left)

    def transcribe(
        self,
        files: str | Path | Sequence[str | Path] | None = None,
        *,
        sources: Sequence[Source] = (),
        utterances: int | None = None,
        lengths: int | Sequence[int] | None = None,
        epoch: Epoch | None = None,
        decode: str = USUAL_DECODER,
        beam_width: int | None = None,
        seed: int = 1,
        device: str = "auto",
    ) -> Exhibit:
        """The words in recordings, or in utterances made of test clips, each with output and time.

        Args:
            files: recordings, one or several, "-" for standard input; None: utterances of test clips instead.
            sources: what else to listen to, such as a microphone's recording.
            utterances: how many; None: 3.
            lengths: words in them, in turn; None: 3, 5, 8.
            epoch: whose weights; None: the best one's.
            decode: "greedy", the likeliest path, or "beam", the likeliest reading.
            beam_width: readings that the beam keeps at each step; None: 10.
            seed: of the utterances.
            device: auto, cpu, cuda, cuda:N or mps; on a CPU PyTorch is not needed to read recordings.

        Raises:
            UsageError: an unknown decoder, a width for one that has none, utterances that can't be composed, no file.
            RunError: that epoch was not kept.
            DataError: a file is no sound; the run's clips have changed or are gone.
        """
        from genmodels.families.speech.ears import open_ears

        width = check_decoder(decode, beam_width)
        named = named_recordings(files, utterances, lengths)
        wanted = UTTERANCES_SHOWN if utterances is None else utterances
        count = check_range("--utterances", wanted, FEWEST_UTTERANCES, MOST_UTTERANCES)
        lengths, seed = check_clips(LENGTHS_SHOWN if lengths is None else lengths), check_seed(seed)
        ears, notice = open_ears(self.epoch_checkpoint(epoch), device), self.teller.notice
        given = [*sources, *sources_of(named, notice)] or utterances_of(self.tested_words(), count, lengths, seed)
        found = listen_to_all(ears, given, width, notice)
        title = f"What {self.titled} hears after epoch {ears.about.epoch} ({decode}); trained on {ears.about.data}"
        asked = {"run": str(self.path), "epoch": ears.about.epoch, "decode": decode, "beam_width": width}
        return replace(readings_of(found, ears, title, asked, notice), remarks=self.remarks(ears.about.epoch))

    def remarks(self, epoch: float) -> list[str]:
        """See `Run.remarks`: that next to nothing is read."""
        return unread_told([(self.name, self.path, epoch)], "word_error_rate", "words")

    def course(self) -> Exhibit:
        """Errors for each word by epoch and by time: of each part, and of longer utterances.

        Raises:
            RunError: no epoch is finished yet.
        """
        return self.course_of("word_error_rate")
