"""Training a character language model: truncated back-propagation through time over carried streams."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from genmodels.analysis.text_likelihood import evaluate_text
from genmodels.data.text.corpus import Corpus, reopen_corpus
from genmodels.data.text.streams import Split, TokenStreams, fitting_shape, split_corpus
from genmodels.data.text.vocabulary import Vocabulary
from genmodels.device import autocast, check_precision, choose_device, memory_errors, set_threads, step_generator
from genmodels.errors import RunError
from genmodels.models.build_text import build_language_model
from genmodels.models.language_model import LanguageModel
from genmodels.models.weights import load_weights, to_arrays
from genmodels.randomness import derive_seed
from genmodels.runs import Record, RunDir
from genmodels.sampling.steps import step_of
from genmodels.sampling.writing import TextWriter
from genmodels.settings.sampling import SampleSettings
from genmodels.settings.text import TextSettings
from genmodels.training.loop import Progress, fit
from genmodels.training.plan import Plan
from genmodels.training.reporting import Reporter
from genmodels.training.setup import fresh_network, on_device, recorded_settings
from genmodels.training.task import Preview, TaskState
from genmodels.training.update import Updater

PROMPT_LENGTH = 40


class LanguageModelTask:
    """A language model, its optimiser and its streams of text.

    Args:
        settings: resolved settings, already fitted to the corpus.
        model: on its device.
        vocabulary: what ids mean.
        train, validation: parts of the corpus.
        prompt: seed phrase of the previews.
    """

    held_out = "validation"

    def __init__(
        self,
        settings: TextSettings,
        model: LanguageModel,
        vocabulary: Vocabulary,
        train: Split,
        validation: Split,
        prompt: str,
    ) -> None:
        self.settings, self.model, self.vocabulary = settings, model.train(), vocabulary
        self.validation, self.prompt = validation, prompt
        self.device = next(model.parameters()).device
        self.streams = TokenStreams(train, settings.batch_size, settings.window, settings.seed, self.device)
        self.steps_per_epoch = self.streams.steps_per_epoch
        half = settings.precision != "fp32"  # cuDNN's recurrent kernels compute in fp16 under either autocast
        s = settings
        self.updater = Updater(model, s.learning_rate, s.weight_decay, s.gradient_clip, (s.beta1, s.beta2), half)
        self.carried = model.initial_state(settings.batch_size)

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
        generator = step_generator(self.device, self.settings.seed, "dropout", step)
        with autocast(self.settings.precision, self.device):
            logits, state = self.model(inputs, self.carried, generator)  # (B, T, V)
        loss = functional.cross_entropy(logits.float().flatten(0, 1), targets.flatten())
        finite, norm = self.updater.update(loss, rate)
        self.carried = tuple(_as_stored(tensor) for tensor in state)
        return {"finite": finite, "nll": loss.detach(), "gradient_norm": norm}

    def planned(self, plan: Plan) -> None:
        """Dropout in proportion to how often the text will be seen, so that one default serves 3 minutes and 10."""
        full = self.settings.dropout_epochs * self.steps_per_epoch
        # While --minutes still measures the speed there is no plan: dropout must cost then what it will cost later.
        steps = full if plan.total_steps is None else plan.total_steps
        self.model.dropout_scale = 1.0 if full == 0 else min(1.0, steps / full)

    def evaluate(self, check: Callable[[], None]) -> dict[str, Record]:
        """Validation text, state carried through it."""
        measures = evaluate_text(self.model, self.validation, "carried", check)
        return {"validation": measures.to_record()}

    def remarks(self, measures: Mapping[str, Record]) -> list[str]:
        """A model that does worse than guessing every character alike, whose loss would be log V."""
        nll, guessing = measures["validation"]["nll"], math.log(len(self.vocabulary))
        if nll <= guessing:
            return []
        return [
            f"validation is {nll:.3g} nats/char, worse than guessing every character alike ({guessing:.3g}); "
            "a lower --learning-rate may help"
        ]

    def weights(self) -> Mapping[str, Tensor]:
        """The weights as trained."""
        return self.model.state_dict()

    def preview(self) -> Preview:
        """A short text from the seed phrase at each temperature, always from the same random numbers."""
        step = step_of(self.settings, to_arrays(self.model.state_dict()), len(self.vocabulary))
        writer = TextWriter(step, self.vocabulary)
        texts = []
        for temperature in self.settings.sample_temp:
            how = SampleSettings(
                temperature=(temperature,),
                length=self.settings.sample_length,
                seed=derive_seed(self.settings.seed, "preview", 0),
            )
            (sample,) = writer.write(self.prompt, how)
            texts.append(f"--- temperature {temperature:g}\n{self.prompt}{sample.text}\n")
        return Preview("\n".join(texts))

    def state(self) -> TaskState:
        """Weights, moments and the carried state."""
        carried = {f"carried/{index}": tensor for index, tensor in enumerate(self.carried)}
        counters = {"scaler": self.updater.scaler.state_dict()}
        return TaskState(self.model.state_dict(), {**self.updater.state(), **carried}, counters)

    def load_state(self, state: TaskState) -> None:
        """Go back to what `state` gave.

        Raises:
            RunError: the tensors are not those of this model.
        """
        load_weights(self.model, state.model)
        carried = [state.optimizer[f"carried/{i}"].to(self.device) for i in range(len(self.carried))]
        self.carried = tuple(carried)
        self.updater.load_state(state.optimizer)
        if state.counters.get("scaler"):
            self.updater.scaler.load_state_dict(state.counters["scaler"])

    def description(self) -> Mapping[str, Any]:
        """Settings, vocabulary and seed phrase: all that writing text needs beside the weights."""
        return {
            "family": "text",
            "settings": self.settings.to_mapping(),
            "vocabulary": self.vocabulary.to_json(),
            "prompt": self.prompt,
        }


def _as_stored(tensor: Tensor) -> Tensor:
    """Cut off from its history, and in fp32 where autocast made it shorter; ids stay ids."""
    return tensor.detach().float() if tensor.is_floating_point() else tensor.detach()


def fresh_model(settings: TextSettings, vocabulary: Vocabulary, device: torch.device) -> LanguageModel:
    """A new network, the same on every device: initialised on the CPU from the seed's own stream."""
    return fresh_network(lambda: build_language_model(settings, len(vocabulary)), settings.seed, device)


def fit_to_corpus(settings: TextSettings, train: Split, notice: Callable[[str], None]) -> TextSettings:
    """Shrink batch and window to a small text, and say so."""
    batch_size, window = fitting_shape(len(train), settings.batch_size, settings.window)
    for name, wanted, fits in (
        ("window", settings.window, window),
        ("batch-size", settings.batch_size, batch_size),
    ):
        if fits != wanted:
            notice(f"the corpus is small ({len(train)} characters to train on): --{name} {wanted} became {fits}")
    return replace(settings, batch_size=batch_size, window=window)


def seed_phrase(settings: TextSettings, validation: Split) -> str:
    """The prompt of the previews: the one asked for, or the first words of the validation text."""
    if settings.sample_prompt is not None:
        return settings.sample_prompt
    stop = min(validation.start + 4 * PROMPT_LENGTH, validation.stop)
    text = validation.corpus.text(validation.start, stop).replace("\ufffd", " ")  # bytes that are no text
    lines = [line for line in text.split("\n")[1:] if line.strip()] or [text.strip("\n")]
    words = lines[0][:PROMPT_LENGTH]
    cut = words.rpartition(" ")[0]
    return cut if len(lines[0]) > PROMPT_LENGTH and cut else words or text[:1]


def prepare(settings: TextSettings, corpus: Corpus, prompt: str | None = None) -> LanguageModelTask:
    """A task with a fresh model; `settings` are already fitted to the corpus.

    Raises:
        DataError: the corpus is too small, or the seed phrase has unknown characters.
        ResourceError: the device is missing.
    """
    device = choose_device(settings.device).device
    check_precision(settings.precision, device)
    set_threads(settings.threads)
    train, validation = split_corpus(corpus, settings.val_fraction, settings.val_limit)
    phrase = prompt if prompt is not None else seed_phrase(settings, validation)
    corpus.vocabulary.encode(phrase, "--sample-prompt")
    with memory_errors(device, settings.sizes):
        model = fresh_model(settings, corpus.vocabulary, device)
        return LanguageModelTask(settings, model, corpus.vocabulary, train, validation, phrase)


def restore_task(
    run: RunDir, notice: Callable[[str], None], device: str | None = None, again: Sequence[str] = ()
) -> LanguageModelTask:
    """The task of an existing run, with its own settings, seed phrase and corpus.

    Args:
        run: any run of this family.
        notice: is told what the user should know.
        device: go on there instead of on the recorded one; then not bit for bit.
        again: where the run's text is now, if it was moved.

    Raises:
        RunError: run.json is damaged.
        DataError: the corpus has changed or is gone.
    """
    document = run.document()
    settings = recorded_settings(TextSettings, document)
    if device is not None and device != settings.device:
        settings = on_device(settings, device, notice)
    if not isinstance(document.get("prompt"), str):
        raise RunError(f"{run.path / 'run.json'} is damaged: it lacks the seed phrase", "restore it from a copy.")
    return prepare(settings, reopen_corpus(document["data"], notice, again), document["prompt"])


def train_text(task: LanguageModelTask, plan: Plan, run: RunDir, reporter: Reporter) -> Progress:
    """Train a language model into a run directory; goes on where the run stopped.

    Raises:
        Stopped, DivergedError, RunError, ResourceError: see `fit`.
    """
    settings = task.settings
    with memory_errors(task.device, settings.sizes):
        return fit(task, plan, run, reporter, settings.keep_epochs, settings.checkpoint_minutes)
