"""train-text --compare: models of equal size, trained alike on one text, in one table and one figure."""

import math
import shlex
import statistics
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from genmodels.cli.console import say, write_result
from genmodels.cli.judging import baselines_on
from genmodels.cli.reporters import make_reporter
from genmodels.cli.tables import show_table
from genmodels.cli.text_run import OpenText, measure_best, new_text_run, open_text, text_settings
from genmodels.durable import to_json
from genmodels.errors import GenmodelsError, RunError, UsageError, did_you_mean
from genmodels.registry import family_of, load
from genmodels.runs import RunDir, find_run
from genmodels.settings.text import TEXT_MODELS, TextSettings
from genmodels.training import starting

if TYPE_CHECKING:
    from genmodels.figures.curves import Curve
    from genmodels.training.language_model import LanguageModelTask

GRADIENT_WINDOWS, GRADIENT_WINDOW = 64, 200
Row = dict[str, Any]
COLUMNS = {
    "model": "model",
    "hidden_size": "hidden size",
    "parameters": "parameters",
    "nll": "nats/char",
    "bits_per_char": "bits/char",
    "windows_nll": "nats/char (windows)",
    "accuracy": "accuracy",
    "chars_per_second": "chars/s",
    "half_life": "gradient half-life",
    "run": "run",
}
_SHOWN = {"nll": ".4f", "bits_per_char": ".4f", "windows_nll": ".4f", "accuracy": ".4f", "half_life": ".1f"}


@dataclass(frozen=True)
class Order:
    """What the command line asks for.

    Args:
        models: as typed, such as "rnn,lstm".
        names: of the corpus.
        glob: which files of a folder.
        given: settings given as flags.
        config: file of more.
        name: first part of the runs' names, or None for one from the time.
        resume: that of an earlier comparison to go on with, or None.
        runs: folder where they are made.
    """

    models: str
    names: list[str]
    glob: str
    given: dict[str, Any]
    config: Path | None
    name: str | None
    resume: str | None
    runs: Path


def compare_text(order: Order, others: Mapping[str, object], quiet: bool, json: bool) -> None:
    """Train each model, then show the table with baselines, and draw the curves.

    Args:
        order: what was asked for.
        others: options that make no sense here, and whether they were given.
        quiet: no progress.
        json: the result as JSON.

    Raises:
        UsageError: fewer than two models, one unknown or twice, or an option that contradicts the comparison.
    """
    models = parse_models(order.models)
    for flag, value in others.items():
        if value:
            raise UsageError(f"--compare and {flag} contradict each other", f"leave {flag} out.")
    prefix = order.resume or order.name or f"compare-{datetime.now(UTC):%Y%m%d-%H%M%S}"
    _check_names(order, [f"{prefix}-{model}" for model in models])
    reporter = make_reporter(family_of("text"), quiet)
    settings = cast("TextSettings", text_settings(order.given, order.config, None).settings)
    text = open_text(order.names, order.glob, settings, None, reporter.notice)
    sizes = _equal_sizes(settings, models, len(text.corpus.vocabulary))
    rows = _train_all(order, text, sizes, prefix, quiet) + _baselines(settings, text)
    rows.sort(key=lambda row: float(row["nll"]))
    figure = _draw(order.runs / f"{prefix}.png", rows, prefix)
    if json:
        write_result(to_json({"comparison": rows, "figure": str(figure)}).decode().rstrip())
        return
    _show(rows, prefix)
    say(f"curves: {figure}")
    recurrent = [f"--run {row['run']}" for row in rows if row.get("half_life") is not None]
    if recurrent:
        say(f"next: genmodels plot-gradients --runs {shlex.quote(str(order.runs))} {' '.join(recurrent)}")


def parse_models(text: str) -> list[str]:
    """A list such as rnn,lstm.

    Raises:
        UsageError: fewer than two, one unknown or twice.
    """
    models = [item.strip() for item in text.split(",") if item.strip()]
    for model in models:
        if model not in TEXT_MODELS:
            hint = did_you_mean(model, TEXT_MODELS) or f"choose among: {', '.join(TEXT_MODELS)}."
            raise UsageError(f"--compare {text!r}: there is no model {model!r}", hint)
    if len(set(models)) < max(2, len(models)):
        raise UsageError(f"--compare {text!r} does not name two or more different models", "try --compare rnn,lstm.")
    return models


def _check_names(order: Order, names: list[str]) -> None:
    """New runs need free names; a resumed comparison needs one of its runs.

    Raises:
        UsageError: a name is taken or cannot name a run.
        RunError: there is nothing to go on with.
    """
    if order.resume is None:
        for name in names:
            starting.check_new_run(order.runs, name)
    elif not any((order.runs / name).exists() for name in names):
        raise RunError(f"there is no run {names[0]} in {order.runs}", "leave --resume out to begin a comparison.")


def _equal_sizes(settings: TextSettings, models: Sequence[str], vocabulary_size: int) -> dict[str, int]:
    """A hidden size for each model, so that all have as many parameters as the default one of the size asked for."""
    from genmodels.models.build_text import count_parameters, matching_hidden_size

    wanted = count_parameters(settings, vocabulary_size)
    return {m: matching_hidden_size(replace(settings, model=m), vocabulary_size, wanted) for m in models}


def _train_all(order: Order, text: OpenText, sizes: Mapping[str, int], prefix: str, quiet: bool) -> list[Row]:
    """Each model in turn; when one is stopped, the user is told which are missing."""
    rows: list[Row] = []
    for model, hidden_size in sizes.items():
        try:
            rows.append(_train_one(order, text, model, hidden_size, f"{prefix}-{model}", quiet))
        except GenmodelsError:
            missing = list(sizes)[len(rows) + 1 :]
            if missing:
                say(
                    f"note: not trained yet: {', '.join(missing)}; the same command with --resume {prefix} "
                    "in place of --name goes on"
                )
            raise
    return rows


def _train_one(order: Order, text: OpenText, model: str, hidden_size: int, name: str, quiet: bool) -> Row:
    """One ordinary run, and its line of the table."""
    family = family_of("text")
    reporter = make_reporter(family, quiet)
    run, task = _open_run(order, text, model, hidden_size, name, reporter.notice)
    starting.train(task, family, starting.plan_of(run, task, task.settings), run, reporter)
    epoch, measures = measure_best(run, task)
    speeds = [record["chars_per_second"] for record in run.metrics() if "chars_per_second" in record]
    return {
        "model": model,
        "run": run.name,
        "hidden_size": hidden_size,
        "parameters": starting.parameter_count(task.model),
        "best_epoch": epoch,
        **{key: measures["carried"][key] for key in ("nll", "bits_per_char", "perplexity", "accuracy")},
        "windows_nll": measures["windows"]["nll"],
        "chars_per_second": round(statistics.median(speeds)) if speeds else None,
        "half_life": _half_life(task),
    }


def _open_run(
    order: Order, text: OpenText, model: str, hidden_size: int, name: str, notice: Callable[[str], None]
) -> tuple[RunDir, "LanguageModelTask"]:
    """A new run, or the one that a resumed comparison has already.

    Raises:
        UsageError: that one has another text or other settings.
    """
    if order.resume is None or not (order.runs / name).exists():
        resolved = text_settings(order.given | {"model": model}, order.config, None)
        return new_text_run(resolved, text, None, name, order.runs, notice, hidden_size)
    run = find_run(order.runs, name, "text")
    if run.document()["data"].get("fingerprint") != text.corpus.fingerprint:
        raise UsageError(f"{run.path} was trained on another text", "give the corpus that the comparison began with.")
    starting.refuse_contradictions(run, order.given | {"model": model}, {}, order.config, besides=("hidden_size",))
    task: LanguageModelTask = load(family_of("text").restore)(run, notice, order.given.get("device"))
    if task.settings.hidden_size != hidden_size:
        raise UsageError(
            f"{run.path} has {task.settings.hidden_size} hidden units, but {hidden_size} would make the models equal",
            "give the settings that the comparison began with.",
        )
    return run, task


def _half_life(task: "LanguageModelTask") -> float | None:
    """Of dL_T/dh_t; None without recurrence, or where the validation text is too short to tell."""
    from genmodels.analysis.gradients import fading
    from genmodels.models.recurrent_lm import RecurrentLM

    enough = len(task.validation) >= GRADIENT_WINDOWS + GRADIENT_WINDOW
    if not isinstance(task.model, RecurrentLM) or not enough:
        return None
    lags = GRADIENT_WINDOW - 1
    return fading(task.model, task.validation, GRADIENT_WINDOWS, GRADIENT_WINDOW, lags, lambda _: None)[0].half_life


def _baselines(settings: TextSettings, text: OpenText) -> list[Row]:
    """What guessing and counting reach on the same split."""
    from genmodels.data.text.streams import split_corpus

    scores = baselines_on(*split_corpus(text.corpus, settings.val_fraction, settings.val_limit))
    return [{"model": name, "nll": nll, "bits_per_char": nll / math.log(2.0)} for name, nll in scores.items()]


def _show(rows: list[Row], prefix: str) -> None:
    """The table, which is the result."""
    headings = [name for name in COLUMNS if any(row.get(name) is not None for row in rows)]
    cells = [[_cell(row.get(name), name) for name in headings] for row in rows]
    show_table(f"{prefix}: validation text, best epochs", [COLUMNS[name] for name in headings], cells, sys.stdout)


def _draw(path: Path, rows: list[Row], prefix: str) -> Path:
    """The validation curves beside the baselines."""
    from genmodels.figures.curves import curves_figure
    from genmodels.figures.style import save_figure

    curves = [_curve(path.parent, row) for row in rows if "run" in row]
    levels = {row["model"]: float(row["nll"]) for row in rows if "run" not in row}
    save_figure(curves_figure(curves, levels, f"{prefix}: validation text, carried protocol"), path)
    return path


def _curve(runs: Path, row: Row) -> "Curve":
    from genmodels.figures.curves import Curve

    records = [r for r in RunDir(runs / row["run"]).evaluations() if r["epoch"] > 0]
    return Curve(
        name=f"{row['model']} ({row['parameters']:,} parameters)",
        epochs=[int(r["epoch"]) for r in records],
        minutes=[float(r["seconds"]) / 60.0 for r in records],
        nll=[float(r["nll"]) for r in records],
    )


def _cell(value: object, name: str) -> str:
    if value is None:
        return "-"
    return f"{value:{_SHOWN[name]}}" if name in _SHOWN else (f"{value:,}" if isinstance(value, int) else str(value))
