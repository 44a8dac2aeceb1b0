"""train-text: new runs, resumed runs, and runs that start from the weights of another."""

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from genmodels.cli import options, training
from genmodels.cli.console import TEXT_MEASURES, duration, make_reporter, say, short, show_table, write_result
from genmodels.cli.options import DEFAULT_RUNS, resolve, with_settings
from genmodels.durable import to_json
from genmodels.errors import UsageError
from genmodels.registry import family_of, load
from genmodels.runs import RunDir, find_run
from genmodels.settings import TextSettings, flag_of

if TYPE_CHECKING:
    from genmodels.data.corpus import Corpus, Reading
    from genmodels.device import Choice
    from genmodels.training.language_model import LanguageModelTask

Notice = Callable[[str], None]
ARCHITECTURE = ("model", "layers", "hidden_size", "embedding_size", "context")


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("train-text")(with_settings(TextSettings)(train_text))


def train_text(
    *,
    given: dict[str, Any],
    corpus: Annotated[
        list[str] | None,
        typer.Argument(
            help="Text files, folders, or - for standard input; with --resume, where the run's text is now.",
            show_default="the Python language reference",
        ),
    ] = None,
    glob: Annotated[
        str, typer.Option(help="Which files of a folder and its subfolders.", rich_help_panel="Corpus")
    ] = "*.txt",
    resume: training.Resume = None,
    init_from: Annotated[
        str | None, typer.Option(help="Start from this run's best weights.", rich_help_panel="Run")
    ] = None,
    config: training.Config = None,
    name: training.Name = None,
    runs: options.Runs = DEFAULT_RUNS,
    json: options.Json = False,
    quiet: options.Quiet = False,
    debug: options.Debug = False,
) -> None:
    """Train a character-level language model on a text.

    Examples:

      genmodels train-text                                    (the built-in corpus)

      genmodels train-text corpus.txt --minutes 3

      genmodels train-text book.txt --model gru --hidden-size 512 --device cuda

      genmodels train-text --resume last
    """
    del debug
    reporter = make_reporter(family_of("text"), quiet or json)
    if resume is not None:
        run = find_run(runs, resume, "text")
        others = {"--init-from": init_from, "--config": config, "--name": name}
        others["--glob"] = glob if glob != "*.txt" else None
        training.refuse_contradictions(run, given, others)
        task = load(family_of("text").restore)(run, reporter.notice, given.get("device"), corpus or [])
        reporter.notice(f"goes on with {run.path} on {task.device}")
    else:
        run, task = _new_run(corpus or [], glob, given, init_from, config, name, runs, reporter.notice)
    from genmodels.training.language_model import train_text as train

    progress = train(task, training.plan_of(run, task, task.settings), run, reporter)
    _show_outcome(run, task, progress.seconds, json)


def _new_run(
    names: list[str],
    glob: str,
    given: dict[str, Any],
    init_from: str | None,
    config: Path | None,
    name: str | None,
    runs: Path,
    notice: Notice,
) -> tuple[RunDir, "LanguageModelTask"]:
    """Open the corpus, fit the settings to it, make the model and then, when all is well, the directory."""
    source = None if init_from is None else find_run(runs, init_from, "text")
    base = {} if source is None else _settings_to_keep(source)
    resolved = resolve(TextSettings, given, config, base)
    settings = cast("TextSettings", resolved.settings)
    _refuse_another_architecture(settings, base, source)
    if settings.sample_prompt == "":
        raise UsageError("--sample-prompt is empty", "leave it out to use the first words of the validation text.")
    from genmodels.data.corpus import describe_corpus, open_corpus
    from genmodels.data.streams import split_corpus
    from genmodels.device import check_precision, choose_device
    from genmodels.training.language_model import fit_to_corpus, prepare

    training.check_new_run(runs, name)
    choice = choose_device(settings.device)
    check_precision(settings.precision, choice.device)
    reading = _reading(settings, source)
    corpus = open_corpus(names, reading, notice, glob)
    train, _ = split_corpus(corpus, settings.val_fraction, settings.val_limit)
    fitted = fit_to_corpus(settings, train, notice)
    fitted = replace(fitted, threads=fitted.threads or training.threads_in_force())
    task = prepare(fitted, corpus)
    if source is not None:
        _take_weights(task, source)
    notice(_describe_start(task, corpus, choice))
    document = {
        "data": describe_corpus(corpus, reading, glob),
        "prompt": task.prompt,
        "init_from": None if source is None else source.name,
    }
    new = training.NewRun("text", resolved, fitted, document)
    return training.begin_run(new, task.steps_per_epoch, runs, name), task


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


def _reading(settings: TextSettings, source: RunDir | None) -> "Reading":
    """How to read the corpus: with the vocabulary of the run to start from, if there is one."""
    from genmodels.data.corpus import Reading

    vocabulary = None
    if source is not None and not settings.bytes:
        from genmodels.checkpoint import read_checkpoint
        from genmodels.sampling.text import describe

        _, vocabulary = describe(read_checkpoint(source.epoch_checkpoint(None)))
    return Reading(
        encoding=settings.encoding,
        as_bytes=settings.bytes,
        max_vocabulary=settings.max_vocabulary,
        vocabulary=vocabulary,
        extend=vocabulary is not None,
    )


def _take_weights(task: "LanguageModelTask", source: RunDir) -> None:
    from genmodels.checkpoint import read_checkpoint
    from genmodels.models.weights import load_weights
    from genmodels.training.language_model import extended_weights

    old = read_checkpoint(source.epoch_checkpoint(None)).tensors["model"]
    load_weights(task.model, extended_weights(task.model, old))


def _describe_start(task: "LanguageModelTask", corpus: "Corpus", choice: "Choice") -> str:
    sources = ", ".join(corpus.sources[:3]) + (" ..." if len(corpus.sources) > 3 else "")
    unit = "bytes" if corpus.vocabulary.is_bytes else f"characters, {len(corpus.vocabulary)} different"
    return (
        f"{task.settings.model} with {training.count_parameters(task.model):,} parameters "
        f"on {choice.device} ({choice.reason}); "
        f"corpus {sources}: {corpus.length:,} {unit}"
    )


def _show_outcome(run: RunDir, task: "LanguageModelTask", seconds: float, json: bool) -> None:
    """Both protocols for the best epoch, where the run is, and what to type next."""
    from genmodels.analysis.text_likelihood import evaluate_text
    from genmodels.checkpoint import read_checkpoint
    from genmodels.models.weights import load_weights, to_tensors

    best = read_checkpoint(run.epoch_checkpoint(None))
    load_weights(task.model, to_tensors(best.tensors["model"]))
    results = {p: evaluate_text(task.model, task.validation, p).to_record() for p in ("carried", "windows")}
    if json:
        result = {"run": str(run.path), "best_epoch": best.state["epoch"], "seconds": round(seconds, 1)}
        write_result(to_json(result | {"validation": results}).decode().rstrip())
        return
    title = f"best epoch {best.state['epoch']}, {duration(seconds)} of training"
    rows = [[p, *(short(results[p][k]) for k in TEXT_MEASURES)] for p in results]
    show_table(title, ["validation", *TEXT_MEASURES], rows, sys.stderr)
    say(f"run: {run.path}")
    say(f"next: genmodels {family_of('text').sample_command} --temp 0.75 --run {run.quoted}")
    write_result(str(run.path))
