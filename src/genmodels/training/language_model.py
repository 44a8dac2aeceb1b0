"""Training a character language model: truncated back-propagation through time over carried streams."""

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from genmodels.analysis.text_likelihood import count_carried, evaluate_text
from genmodels.data.text.corpus import Corpus
from genmodels.data.text.files import BUILT_IN, BUILT_IN_PROMPT
from genmodels.data.text.streams import Split, TokenStreams, fitting_shape, split_corpus
from genmodels.data.text.vocabulary import Vocabulary
from genmodels.device import Choice, autocast, memory_errors
from genmodels.errors import RunError
from genmodels.models.build_text import build_language_model
from genmodels.models.language_model import LanguageModel
from genmodels.models.weights import to_arrays
from genmodels.randomness import derive_seed
from genmodels.runs import Record
from genmodels.sampling.steps import step_of
from genmodels.sampling.writing import TextWriter
from genmodels.settings.sampling import SampleSettings
from genmodels.settings.text import TextSettings
from genmodels.telling import Notice
from genmodels.training.average import WeightAverage
from genmodels.training.beginnings import NOTHING_TO_LEARN
from genmodels.training.plan import Plan
from genmodels.training.recorded import RecordedUpdate
from genmodels.training.setup import fresh_network, ready, updater_of
from genmodels.training.sharing import CARRIED, Inputs
from genmodels.training.signs import Sign
from genmodels.training.task import OptimisedTask, Preview, TaskState, with_prefix

FEWEST_CHARACTERS = 2000  # that are measured, where there are so many
PROMPT_LENGTH = 40
BY_CHARACTER = {"embedding.weight", "readout.linear.weight", "readout.linear.bias"}  # a row for each
LINE_LENGTH = 140  # of a preview inside an epoch: two lines on a terminal


class LanguageModelTask(OptimisedTask):
    """A language model, its optimiser and its streams of text.

    Args:
        settings: resolved settings, already fitted to the corpus.
        model: on its device.
        choice: of that device.
        vocabulary: what ids mean.
        train, validation: parts of the corpus.
        prompt: seed phrase of the previews.
    """

    family_name = "text"
    held_out = "validation"
    settings: TextSettings
    model: LanguageModel

    def __init__(
        self,
        settings: TextSettings,
        model: LanguageModel,
        choice: Choice,
        vocabulary: Vocabulary,
        train: Split,
        validation: Split,
        prompt: str,
    ) -> None:
        scaled = settings.precision != "fp32"  # cuDNN's recurrent kernels compute in fp16 under either autocast
        super().__init__(settings, model, choice, updater_of(model, settings, scaled))
        self.average = WeightAverage(model, 0.0, self.updater.averages)
        self.vocabulary, self.validation, self.prompt = vocabulary, validation, prompt
        self.streams = TokenStreams(train, settings.batch_size, settings.window, settings.seed, self.device)
        self.steps_per_epoch = self.streams.steps_per_epoch
        self.carried = model.initial_state(settings.batch_size)
        self.sharing.check(settings.batch_size)
        self.recorded = RecordedUpdate(self.device, self._update, self.sharing.is_whole)
        self.settling_steps = self.recorded.settling_steps
        if train.corpus.repeats_one(train.start, train.stop):
            self.beginning = NOTHING_TO_LEARN

    def units(self, step: int) -> int:
        """Characters in a batch, the same for every step."""
        del step
        return self.settings.batch_size * self.settings.window

    def train_step(self, step: int, rate: float) -> dict[str, Tensor]:
        """Read the next window of every stream, predict each next character, update.

        The gradient stops at the window's start; the state does not.
        """
        if step % self.steps_per_epoch == 0:
            self.carried = self.model.initial_state(self.settings.batch_size)
        inputs, targets = self.streams.at(step)
        carried = {f"{CARRIED}{index}": tensor for index, tensor in enumerate(self.carried)}
        self.updater.set_rate(rate)
        seed = derive_seed(self.settings.seed, "dropout", step)
        found = self.recorded({"inputs": inputs, "targets": targets, **carried}, seed)
        self.carried = tuple(found.pop(name) for name in carried)
        return found

    def _update(self, read: Inputs, generator: torch.Generator, kind: int) -> dict[str, Tensor]:
        """One window: what to log, and the state that each stream has come to."""
        del kind
        return self.learned(self.updater, read, len(read["inputs"]), generator, self._loss)

    def _loss(self, read: Inputs, generator: torch.Generator) -> tuple[Tensor, dict[str, Tensor]]:
        """What is to fall on some streams; their nats per character, and the state that each has come to.

        With label smoothing s (Szegedy et al. 2016, arXiv 1512.00567) the target is (1 - s) the character that came
        and s every character alike: loss = (1 - s) nll - s mean_v log p(v).
        """
        carried = tuple(read[f"{CARRIED}{index}"] for index in range(len(read) - 2))
        with autocast(self.settings.precision, self.device):
            logits, state = self.model(read["inputs"], carried, generator)  # (B, T, V)
        log_probabilities = functional.log_softmax(logits.float().flatten(0, 1), -1)  # (B T, V)
        nll = functional.nll_loss(log_probabilities, read["targets"].flatten())
        after = {f"{CARRIED}{index}": _as_stored(tensor) for index, tensor in enumerate(state)}
        share = self.settings.label_smoothing
        loss = (1.0 - share) * nll - share * log_probabilities.mean() if share > 0 else nll
        return loss, {"nll": nll.detach(), **after}

    def planned(self, plan: Plan) -> None:
        """Dropout in proportion to how often the text will be seen, so that one default serves 3 minutes and 10.

        In hundredths, so that plans which differ by little leave it alone.
        """
        full = self.settings.dropout_epochs * self.steps_per_epoch
        # While --minutes still measures the speed there is no plan: dropout must cost then what it will cost later.
        steps = full if plan.total_steps is None else plan.total_steps
        scale = 1.0 if full == 0 else round(min(1.0, steps / full), 2)
        if scale != self.model.dropout_scale:
            self.model.dropout_scale = scale
            self.recorded.forget()  # it is recorded with the rest

    def evaluate(self, check: Callable[[], None]) -> dict[str, Record]:
        """Validation text, state carried through it."""
        with self.average.in_force():
            measures = evaluate_text(self.model, self.measured, "carried", check, among=self.sharing.world)
        return {"validation": measures.to_record()}

    @property
    def measured(self) -> Split:
        """The beginning of the validation text, or all of it."""
        begin, length = self.validation.start, math.ceil(self.measured_share * len(self.validation))
        return replace(self.validation, stop=begin + max(min(len(self.validation), FEWEST_CHARACTERS), length))

    @property
    def checks(self) -> int:
        """See `Task.checks`: one before each piece."""
        return count_carried(self.measured)

    def signs(self, measures: Mapping[str, Record]) -> list[Sign]:
        """A model that does worse than guessing every character alike, whose loss would be log V."""
        if self.beginning is NOTHING_TO_LEARN:
            return []
        nll, guessing = measures["validation"]["nll"], math.log(len(self.vocabulary))
        symbol = self.vocabulary.symbol
        beside = f"guessing every {symbol} alike ({guessing:.3g})"
        measured = f"validation is {nll:.3g} nats/{'byte' if self.vocabulary.is_bytes else 'char'}"
        if nll <= guessing:
            return [Sign("guessing", False, f"{measured}, better than {beside}")]
        found = f"{measured}, worse than {beside}"
        rate = self.settings.learning_rate / 3
        return [Sign("guessing", True, f"{found}; --learning-rate {rate:.1g} may help", found)]

    def weights(self) -> Mapping[str, Tensor]:
        """The weights as trained, or the optimiser's average of them."""
        return {**self.model.state_dict(), **self.average.weights}

    def preview(self) -> Preview:
        """A short text from the seed phrase at each temperature, always from the same random numbers."""
        step = step_of(self.settings, to_arrays(self.weights()), len(self.vocabulary))
        writer = TextWriter(step, self.vocabulary)
        texts, temperatures = [], self.settings.sample_temp
        for temperature in temperatures:
            how = SampleSettings(
                temperature=(temperature,),
                length=self.settings.sample_length,
                seed=derive_seed(self.settings.seed, "preview", 0),
            )
            (sample,) = writer.write(self.prompt, how)
            texts.append(f"{self.prompt}{sample.text}")
        blocks = [f"--- temperature {t:g}\n{text}\n" for t, text in zip(temperatures, texts, strict=True)]
        line = " ".join(texts[len(texts) // 2].split())[:LINE_LENGTH]
        return Preview("\n".join(blocks), line=line)

    def begin_from(
        self, weights: Mapping[str, Tensor], newest: Callable[[], Mapping[str, Tensor] | None], notice: Notice
    ) -> None:
        """See `OptimisedTask.begin_from`; characters that are new here keep their fresh rows."""
        super().begin_from(extended_weights(self.model, weights), newest, notice)

    def extra_state(self) -> dict[str, Tensor]:
        """The state that each stream has come to, in whichever process."""
        world, streams = self.sharing.world, self.settings.batch_size
        whole = [world.gathered(world.rows(streams).of(tensor, 1), streams, 1) for tensor in self.carried]
        return with_prefix(CARRIED, {str(index): tensor for index, tensor in enumerate(whole)})

    def load_extra(self, state: TaskState) -> None:
        """Take the carried state back."""
        carried = [state.optimizer[f"{CARRIED}{index}"].to(self.device) for index in range(len(self.carried))]
        self.carried = tuple(carried)
        self.recorded.forget()

    def description(self) -> Mapping[str, Any]:
        """Settings, vocabulary and seed phrase: all that writing text needs beside the weights."""
        return {**super().description(), "vocabulary": self.vocabulary.to_json(), "prompt": self.prompt}


def extended_weights(model: LanguageModel, weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Old weights in a model with as long a vocabulary or a longer one.

    Raises:
        RunError: the old weights are not those of a smaller model of this kind.
    """
    whole = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    if whole.keys() != weights.keys():
        raise RunError("the weights of the run to start from have other names", "its settings must be the same.")
    for name, old in weights.items():
        more = len(whole[name]) - len(old)
        if whole[name].shape[1:] != old.shape[1:] or more < 0 or (more > 0 and name not in BY_CHARACTER):
            raise RunError(f"{name} of the run to start from does not fit", "its settings must be the same.")
        whole[name][: len(old)] = old
    return whole


def _as_stored(tensor: Tensor) -> Tensor:
    """Cut off from its history, and in fp32 where autocast made it shorter; ids stay ids."""
    return tensor.detach().float() if tensor.is_floating_point() else tensor.detach()


def fresh_model(settings: TextSettings, vocabulary: Vocabulary, device: torch.device) -> LanguageModel:
    """A new network, the same on every device: initialised on the CPU from the seed's own stream."""
    return fresh_network(lambda: build_language_model(settings, len(vocabulary)), settings.seed, device)


def fit_to_corpus(settings: TextSettings, train: Split, notice: Notice) -> TextSettings:
    """Shrink batch and window to a small text, and say so."""
    batch_size, window = fitting_shape(len(train), settings.batch_size, settings.window)
    has = f"{len(train)} {train.corpus.vocabulary.symbol}s to train on"
    for name, wanted, fits in (
        ("window", settings.window, window),
        ("batch-size", settings.batch_size, batch_size),
    ):
        if fits != wanted:
            notice(f"the corpus is small ({has}): --{name} {wanted} became {fits}")
    return replace(settings, batch_size=batch_size, window=window)


def seed_phrase(settings: TextSettings, validation: Split) -> str:
    """The prompt of the previews: the one asked for, or the first words of the validation text.

    The built-in text has one of its own, as its validation text begins in the middle of a list.
    """
    if settings.sample_prompt is not None:
        return settings.sample_prompt
    known = validation.corpus.vocabulary.characters
    if validation.corpus.sources == (BUILT_IN,) and (known is None or set(BUILT_IN_PROMPT) <= set(known)):
        return BUILT_IN_PROMPT
    stop = min(validation.start + 4 * PROMPT_LENGTH, validation.stop)
    text = validation.corpus.text(validation.start, stop)
    if validation.corpus.vocabulary.is_bytes:
        text = text.replace("\ufffd", " ")  # bytes that are no text
    lines = [line.lstrip() for line in text.split("\n")[1:] if line.strip()] or [text.strip("\n")]
    words = lines[0][:PROMPT_LENGTH]
    cut = words.rpartition(" ")[0]
    return cut if len(lines[0]) > PROMPT_LENGTH and cut else words or text[:1]


def prepare(settings: TextSettings, corpus: Corpus, prompt: str | None = None) -> LanguageModelTask:
    """A task with a fresh model; `settings` are already fitted to the corpus.

    Raises:
        DataError: the corpus is too small, or the seed phrase has unknown characters.
        ResourceError: the device is missing.
    """
    choice = ready(settings)
    train, validation = split_corpus(corpus, settings.val_fraction, settings.val_limit)
    phrase = prompt if prompt is not None else seed_phrase(settings, validation)
    corpus.vocabulary.encode(phrase, "--sample-prompt")
    with memory_errors(choice.device, settings.sizes):
        model = fresh_model(settings, corpus.vocabulary, choice.device)
        return LanguageModelTask(settings, model, choice, corpus.vocabulary, train, validation, phrase)
