"""A new text run: corpus, settings fitted to it, model, and then, when all is well, the directory."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from genmodels.errors import UsageError
from genmodels.runs import RunDir
from genmodels.settings import flag_of
from genmodels.settings.resolving import Resolved, resolve
from genmodels.settings.text import TextSettings
from genmodels.training import starting

if TYPE_CHECKING:
    from genmodels.data.text.corpus import Corpus, HowRead
    from genmodels.training.language_model import LanguageModelTask

Notice = Callable[[str], None]
ARCHITECTURE = ("model", "layers", "hidden_size", "embedding_size", "context")


@dataclass(frozen=True)
class OpenText:
    """A corpus and how it was read.

    Args:
        corpus: its ids and vocabulary.
        reading: how files became text.
        glob: which files of a folder.
    """

    corpus: "Corpus"
    reading: "HowRead"
    glob: str


def text_settings(given: dict[str, Any], config: Path | None, source: RunDir | None) -> Resolved:
    """The settings of a new run, those of the run to start from below the user's own.

    Raises:
        UsageError: one is out of range, or contradicts the run to start from.
    """
    base = {} if source is None else _settings_to_keep(source)
    resolved = resolve(TextSettings, given, config, base)
    settings = cast("TextSettings", resolved.settings)
    _refuse_another_architecture(settings, base, source)
    if settings.sample_prompt == "":
        raise UsageError("--sample-prompt is empty", "leave it out to use the first words of the validation text.")
    return resolved


def open_text(names: list[str], glob: str, settings: TextSettings, source: RunDir | None, notice: Notice) -> OpenText:
    """The corpus, after the device was looked at, which costs less.

    Raises:
        DataError: missing, not text, or empty.
        ResourceError: the device is missing.
    """
    from genmodels.data.text.corpus import open_corpus
    from genmodels.device import check_precision, choose_device

    check_precision(settings.precision, choose_device(settings.device).device)
    reading = _reading(settings, source)
    return OpenText(open_corpus(names, reading, notice, glob), reading, glob)


def new_text_run(
    resolved: Resolved,
    text: OpenText,
    source: RunDir | None,
    name: str | None,
    runs: Path,
    notice: Notice,
    hidden_size: int | None = None,
) -> tuple[RunDir, "LanguageModelTask"]:
    """A task with a fresh model, or with the weights of `source`, and its run directory.

    Args:
        resolved: the settings asked for.
        text: what to train on.
        source: the run to start from.
        name: of the directory; None for one from the time.
        runs: where it is made.
        notice: is told what the user should know.
        hidden_size: instead of the one asked for.
    """
    from genmodels.data.text.corpus import describe_corpus
    from genmodels.data.text.streams import split_corpus
    from genmodels.training.language_model import fit_to_corpus, prepare

    settings, corpus = cast("TextSettings", resolved.settings), text.corpus
    train, _ = split_corpus(corpus, settings.val_fraction, settings.val_limit)
    fitted = fit_to_corpus(settings, train, notice)
    fitted = replace(fitted, threads=fitted.threads or starting.threads_in_force())
    fitted = fitted if hidden_size is None else replace(fitted, hidden_size=hidden_size)
    task = prepare(fitted, corpus)
    if source is not None:
        _take_weights(task, source)
    notice(_describe_start(task, corpus))
    document = {
        "data": describe_corpus(corpus, text.reading, text.glob),
        "prompt": task.prompt,
        "init_from": None if source is None else source.name,
    }
    new = starting.NewRun("text", resolved, fitted, document)
    return starting.begin_run(new, task.steps_per_epoch, runs, name), task


def _settings_to_keep(source: RunDir) -> dict[str, Any]:
    """The architecture of the run to start from."""
    from genmodels.training.setup import recorded_settings

    recorded = recorded_settings(TextSettings, source.document())
    return {name: getattr(recorded, name) for name in (*ARCHITECTURE, "bytes")}


def _refuse_another_architecture(settings: TextSettings, base: dict[str, Any], source: RunDir | None) -> None:
    """Weights fit only their own architecture, whether a flag or a config file asks for another.

    Raises:
        UsageError: another one was asked for.
    """
    for name, value in base.items():
        if getattr(settings, name) != value:
            assert source is not None
            raise UsageError(
                f"{flag_of(name)} {getattr(settings, name)} contradicts --init-from {source.name}, which has {value}",
                "leave it out: the weights fit only their own architecture.",
            )


def _reading(settings: TextSettings, source: RunDir | None) -> "HowRead":
    """How to read the corpus: with the vocabulary of the run to start from, if there is one."""
    from genmodels.data.text.corpus import HowRead

    vocabulary = None
    if source is not None and not settings.bytes:
        from genmodels.models.described import describe
        from genmodels.runs.checkpoint import read_checkpoint

        _, vocabulary = describe(read_checkpoint(source.epoch_checkpoint(None)))
    return HowRead(
        encoding=settings.encoding,
        as_bytes=settings.bytes,
        max_vocabulary=settings.max_vocabulary,
        vocabulary=vocabulary,
        extend=vocabulary is not None,
    )


def _take_weights(task: "LanguageModelTask", source: RunDir) -> None:
    from genmodels.models.weights import load_weights
    from genmodels.runs.checkpoint import read_checkpoint
    from genmodels.training.language_model import extended_weights

    old = read_checkpoint(source.epoch_checkpoint(None)).tensors["model"]
    load_weights(task.model, extended_weights(task.model, old))


def _describe_start(task: "LanguageModelTask", corpus: "Corpus") -> str:
    sources = ", ".join(corpus.sources[:3]) + (" ..." if len(corpus.sources) > 3 else "")
    unit = "bytes" if corpus.vocabulary.is_bytes else f"characters, {len(corpus.vocabulary)} different"
    return (
        f"{task.settings.model} with {starting.parameter_count(task.model):,} parameters "
        f"on {task.choice.device} ({task.choice.reason}); "
        f"corpus {sources}: {corpus.length:,} {unit}"
    )


def measure_best(run: RunDir, task: "LanguageModelTask") -> tuple[int, dict[str, dict[str, float]]]:
    """The best epoch, and its measures on the validation text by both protocols; the task's model then holds it."""
    from genmodels.analysis.text_likelihood import evaluate_text
    from genmodels.models.weights import load_weights, to_tensors
    from genmodels.runs.checkpoint import read_checkpoint

    best = read_checkpoint(run.epoch_checkpoint(None))
    load_weights(task.model, to_tensors(best.tensors["model"]))
    protocols = ("carried", "windows")
    return best.state["epoch"], {p: evaluate_text(task.model, task.validation, p).to_record() for p in protocols}
