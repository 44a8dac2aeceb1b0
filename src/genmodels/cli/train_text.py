"""train-text: new runs, resumed runs, and runs that start from the weights of another."""

import sys
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from genmodels.cli import options, training
from genmodels.cli.compare_text import Order, compare_text
from genmodels.cli.console import say, write_result
from genmodels.cli.options import DEFAULT_RUNS, with_settings
from genmodels.cli.reporters import make_reporter
from genmodels.cli.tables import TEXT_MEASURES, duration, short, show_table
from genmodels.cli.text_run import measure_best, new_text_run, open_text, text_settings
from genmodels.durable import to_json
from genmodels.registry import family_of, load
from genmodels.runs import RunDir, find_run
from genmodels.settings.text import TextSettings
from genmodels.training import starting

if TYPE_CHECKING:
    from genmodels.training.language_model import LanguageModelTask


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
    compare: Annotated[
        str | None,
        typer.Option(
            help="Train several models of equal size alike, such as feedforward,rnn,gru,lstm, and compare them.",
            show_default="off",
            rich_help_panel="Run",
        ),
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

      genmodels train-text corpus.txt --compare feedforward,rnn,gru,lstm --minutes 2
    """
    del debug
    if compare is not None:
        others = {"--init-from": init_from, "--model": given.get("model"), "--name": name if resume else None}
        order = Order(compare, corpus or [], glob, given, config, name, resume, runs)
        compare_text(order, others, quiet or json, json)
        return
    reporter = make_reporter(family_of("text"), quiet or json)
    if resume is not None:
        run = find_run(runs, resume, "text")
        others = {"--init-from": init_from, "--config": config, "--name": name}
        others["--glob"] = glob if glob != "*.txt" else None
        starting.refuse_contradictions(run, given, others)
        task = load(family_of("text").restore)(run, reporter.notice, given.get("device"), corpus or [])
        reporter.notice(f"goes on with {run.path} on {task.device}")
    else:
        starting.check_new_run(runs, name)
        source = None if init_from is None else find_run(runs, init_from, "text")
        resolved = text_settings(given, config, source)
        text = open_text(corpus or [], glob, cast("TextSettings", resolved.settings), source, reporter.notice)
        run, task = new_text_run(resolved, text, source, name, runs, reporter.notice)
    plan = starting.plan_of(run, task, task.settings)
    progress = starting.train(task, family_of("text"), plan, run, reporter)
    _show_outcome(run, task, progress.seconds, json)


def _show_outcome(run: RunDir, task: "LanguageModelTask", seconds: float, json: bool) -> None:
    """Both protocols for the best epoch, where the run is, and what to type next."""
    epoch, results = measure_best(run, task)
    if json:
        result = {"run": str(run.path), "best_epoch": epoch, "seconds": round(seconds, 1)}
        write_result(to_json(result | {"validation": results}).decode().rstrip())
        return
    title = f"best epoch {epoch}, {duration(seconds)} of training"
    rows = [[p, *(short(results[p][k]) for k in TEXT_MEASURES)] for p in results]
    show_table(title, ["validation", *TEXT_MEASURES], rows, sys.stderr)
    say(f"run: {run.path}")
    say(f"next: genmodels {family_of('text').sample_command} --temp 0.75 --run {run.quoted}")
    write_result(str(run.path))
