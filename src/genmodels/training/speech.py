"""Training a network that listens, on utterances composed anew for every step."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from genmodels.analysis.word_errors import READ_AT_ONCE, WordErrors, decoded, errors_by_length, total
from genmodels.data.sound.clips import WORDS, Clips, WordSet, renumbered
from genmodels.data.sound.log_mel import LogMel
from genmodels.data.sound.sets.left_out import without_speaker
from genmodels.data.sound.sets.opening import built_in_voices
from genmodels.data.sound.sets.parts import held_out
from genmodels.data.sound.utterances import UtteranceMaker
from genmodels.device import Choice, autocast, memory_errors, step_generator
from genmodels.errors import RunError, UsageError
from genmodels.models.layers import STRIDE
from genmodels.models.listener import Listener, build_listener
from genmodels.models.mode import evaluating
from genmodels.runs import Record
from genmodels.settings.speech import SpeechSettings
from genmodels.telling import UNTOLD, Teller
from genmodels.training.averaged import AveragedTask
from genmodels.training.by_length import Parts, as_recorded, batches_of_parts, parts_by_length
from genmodels.training.setup import fresh_network, ready
from genmodels.training.sharing import Inputs
from genmodels.training.signs import Sign, reads_little
from genmodels.training.task import SYMBOLS, Preview, TaskState, by_symbol

LATE = 0.25  # seconds after its end until which a word may be said: what looks back alone needs the time
CLEANEST = 60.0  # decibels that the faintest noise in training lies below the speech
MASKED_BANDS, MASKED_FRAMES = 6, 12  # at most, in each utterance, set to the mean (Park et al. 2019)


class SpeechTask(AveragedTask):
    """A network that listens, its optimiser, and the clips that utterances are made of.

    Args:
        settings: resolved settings.
        model: on its device.
        choice: of that device.
        words: the set; the best epoch is chosen on some of its training clips, held out, or else on its test clips.
        voices: the synthesised ones that speak a share of the utterances, or None; see `synthesised`.
    """

    family_name = "speech"
    settings: SpeechSettings
    model: Listener

    def __init__(
        self,
        settings: SpeechSettings,
        model: Listener,
        choice: Choice,
        words: WordSet,
        voices: WordSet | None = None,
    ) -> None:
        super().__init__(settings, model, choice)
        s = settings
        self.words = words
        train, measured = parts_of(s, words)
        self.held_out = "validation" if s.validation else "test"
        self.train = UtteranceMaker(train, s.seed, self.device, "train utterances", s.speed)
        self.recipe = None if voices is None else voices.fingerprint
        self.synthesised: UtteranceMaker | None = None
        if voices is not None:
            self.synthesised = UtteranceMaker(voices.train, s.seed, self.device, "synthesised utterances", s.speed)
        self.seen = UtteranceMaker(train, s.seed, self.device, "train utterances read")
        self.measured = UtteranceMaker(measured, s.seed, self.device, f"{self.held_out} utterances")
        self.varied = LogMel(s.features, self.device, s.warp)
        self.plain = LogMel(s.features, self.device)
        self.steps_per_epoch = -(-s.utterances // s.batch_size)
        self.sharing.check(s.batch_size)

    @property
    def data_told(self) -> str:
        """What is trained on, for the first line."""
        clips, words = self.train.clips, len(self.words.words)
        spoken = f"{len(clips):,} clips of {words} word{'s' * (words != 1)} ({clips.seconds / 60:.1f} min)"
        return f"utterances of up to {self.settings.longest} from {spoken} of {self.words.name}"

    def facts(self) -> dict[str, str]:
        """What a result's title and its JSON say of the data: which set, and who was left out."""
        left = self.settings.leave_out
        return {"data": self.words.name, **({} if left is None else {"without": left})}

    def description(self) -> Mapping[str, Any]:
        """Settings and words: all that is needed beside the weights."""
        return {**super().description(), "data": self.words.name, "words": list(self.words.words)}

    @property
    def names_known(self) -> str:
        """Each output stands for a word."""
        return "words"

    def extra_counters(self) -> dict[str, Any]:
        """The recipe of the synthesised voices, where there are any."""
        return super().extra_counters() | ({} if self.recipe is None else {"voices": self.recipe})

    def load_extra(self, state: TaskState) -> None:
        """Take the averages back.

        Raises:
            RunError: the synthesised voices are made otherwise now.
        """
        if state.counters.get("voices") != self.recipe:
            raise RunError("the synthesised voices are made otherwise now", "begin a new run.")
        super().load_extra(state)

    def units(self, step: int) -> int:
        """Utterances in a batch."""
        del step
        return self.settings.batch_size

    def train_step(self, step: int, rate: float) -> dict[str, Tensor]:
        """Raise the probability of what is said in one batch of utterances, all of equally many clips."""
        s = self.settings
        random = step_generator(torch.device("cpu"), s.seed, "lengths", step)
        clips = int(torch.randint(s.longest + 1, (), generator=random))
        spoken = self.train
        if self.synthesised is not None and float(torch.rand((), generator=random)) < s.voices:
            spoken = self.synthesised
        made = spoken.make(s.batch_size, clips, step, (s.noise, max(s.noise, CLEANEST)))
        bank = torch.randint(len(self.varied.banks), (s.batch_size,), generator=random)
        rows = masked(self.varied.rows(made.power(self.varied), bank), random)
        masks = step_generator(self.device, s.seed, "dropout", step)
        allowed = made.said_at(self.model.steps_in(rows.shape[1]), STRIDE, len(self.words.words), LATE)
        read = {"rows": rows, "labels": made.labels, "lengths": made.lengths, "allowed": allowed}

        def nats_of(read: Inputs, generator: torch.Generator) -> tuple[Tensor, dict[str, Tensor]]:
            with autocast(s.precision, self.device):
                logits = self.model(read["rows"], generator)
                nats = self.model.loss(logits, read["labels"], read["lengths"], read["allowed"]).mean()
            return nats / max(1, clips), {"nats": nats.detach(), SYMBOLS: nats.new_full((), clips)}

        self.updater.set_rate(rate)
        found = self.learned(self.updater, read, s.batch_size, masks, nats_of)
        self.average.update(step)
        return found

    def logged(self, means: Mapping[str, float]) -> dict[str, float]:
        """See `Task.logged`: nats per word."""
        return by_symbol(means)

    def evaluate(self, check: Callable[[], None]) -> dict[str, Record]:
        """Utterances of training clips, of held-out clips, and of those but longer than any trained on."""
        with self.average.in_force(), evaluating(self.model):
            return {
                name: self._measure(maker, lengths, count, check)
                for name, (maker, lengths, count) in self._measured().items()
            }

    @property
    def checks(self) -> int:
        """See `Task.checks`: one before each batch of utterances."""
        return batches_of_parts(self._measured(), lambda utterances: -(-utterances // READ_AT_ONCE))

    def _measured(self) -> Parts[UtteranceMaker]:
        tested = self.as_many_as_are_measured(self.settings.tested_utterances)
        return parts_by_length((self.seen, self.measured), self.held_out, self.settings.longest, tested, longer_share=4)

    def signs(self, measures: Mapping[str, Record]) -> list[Sign]:
        """A network that hears next to nothing, as it is before it has learned when to say a word at all."""
        unusual = self.settings.far_above_usual("learning_rate")
        read = measures[self.held_out]
        return [reads_little(read["word_error_rate"], read["sequence_accuracy"], "words", unusual)]

    def _measure(self, maker: UtteranceMaker, lengths: range, count: int, check: Callable[[], None]) -> Record:
        found = errors_by_length(self.model, self.plain, maker, lengths, count, check=check, among=self.sharing.world)
        together: WordErrors = total(found, lengths)
        return as_recorded(together.to_record()) | {f"word_error_rate/{n}": found[n].word_error_rate for n in lengths}

    @torch.no_grad()
    def preview(self) -> Preview:
        """A held-out utterance of each length, and what is read in it."""
        lines = []
        with self.average.in_force(), evaluating(self.model):
            for clips in range(1, self.settings.longest + 1):
                made = self.measured.make(1, clips, -clips)
                logits = self.model(self.plain.rows(made.power(self.plain)))[0]
                read = decoded(logits.float().log_softmax(dim=1).cpu().double().numpy(), 1)
                said = self.named(made.labels[0, : int(made.lengths[0])].tolist())
                lines.append(f"{said} heard as {self.named(read) or 'nothing'}")
        return Preview("\n".join(lines) + "\n", line=lines[-1], wraps=False)

    def named(self, words: list[int]) -> str:
        """Words as text."""
        return " ".join(self.words.words[word] for word in words)


def parts_of(settings: SpeechSettings, words: WordSet) -> tuple[Clips, Clips]:
    """What is trained on and what the best epoch is chosen by.

    Raises:
        UsageError: too few clips are left of one or the other; the speaker to be left out is not there.
    """
    kept = words if settings.leave_out is None else without_speaker(words, settings.leave_out)
    if not settings.validation:
        return kept.train, kept.test
    return held_out(kept.train, settings.validation, settings.seed)


def synthesised(settings: SpeechSettings, words: WordSet, teller: Teller) -> WordSet | None:
    """The built-in voices, with the set's numbers for their words; None where none are wanted.

    Raises:
        UsageError: they say none of the set's words, or are the set themselves: then those held out would be heard.
    """
    if not settings.voices:
        return None
    if not set(WORDS) & set(words.words):
        what = f"--voices {settings.voices:g}: the synthesised voices say {', '.join(WORDS)}, none of your words"
        raise UsageError(what, "leave --voices out.")
    voices = built_in_voices(teller.notice, teller.counting)
    if voices.fingerprint == words.fingerprint:
        what = f"--voices {settings.voices:g} adds the synthesised voices to others, and the set is these voices itself"
        raise UsageError(what, "leave --voices out, or give --dataset recordings of other voices.")
    return replace(voices, train=renumbered(voices.train, voices.words, words.words))


def masked(rows: Tensor, random: torch.Generator) -> Tensor:
    """Rows (B, T, F) with some neighbouring bands and some neighbouring frames of each utterance set to their mean."""
    count, frames, bands = rows.shape
    for dim, size, most in ((1, frames, MASKED_FRAMES), (2, bands, MASKED_BANDS)):
        width = torch.randint(min(most, size) + 1, (count, 1, 1), generator=random)
        first = (torch.rand(count, 1, 1, generator=random) * (size - width + 1)).long()
        place = torch.arange(size).view(1, -1, 1) if dim == 1 else torch.arange(size).view(1, 1, -1)
        rows = rows.masked_fill(((place >= first) & (place < first + width)).to(rows.device), 0.0)
    return rows


def prepare(settings: SpeechSettings, words: WordSet, teller: Teller = UNTOLD) -> SpeechTask:
    """A task with a fresh model.

    Raises:
        UsageError: see `parts_of`.
        ResourceError: the device is missing.
    """
    choice = ready(settings)
    voices = synthesised(settings, words, teller)
    with memory_errors(choice.device, settings.sizes):
        model = fresh_network(lambda: build_listener(settings, len(words.words)), settings.seed, choice.device)
        return SpeechTask(settings, model, choice, words, voices)
