"""plot-gradients: how far back a loss reaches, for trained runs or untrained cells."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from genmodels.cli import options
from genmodels.cli.console import note, write_result
from genmodels.cli.options import DEFAULT_RUNS
from genmodels.cli.progress import Counter
from genmodels.cli.tables import as_csv, short, show_table
from genmodels.durable import disk_errors, replace_file, to_json
from genmodels.errors import RunError, UsageError
from genmodels.runs import RunDir, find_run
from genmodels.settings.text import TextSettings

if TYPE_CHECKING:
    from genmodels.analysis.gradients import Fading
    from genmodels.data.text.streams import Split
    from genmodels.models.recurrent_lm import RecurrentLM

CELLS = ("rnn", "gru", "lstm")
COLUMNS = ("run", "model", "quantity", "lag", "lower_quartile", "median", "upper_quartile", "ratio", "half_life")
FIGURES = ("half_life", "ratio_at_10", "ratio_at_50", "ratio_at_100")


@dataclass(frozen=True)
class Subject:
    """One network to look at.

    Args:
        name: the run's, or what the legend calls an untrained cell.
        model: recurrent.
        text: where the windows are taken from.
    """

    name: str
    model: "RecurrentLM"
    text: "Split"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("plot-gradients")(plot_gradients)


def plot_gradients(
    run: options.SeveralRuns = None,
    init: Annotated[
        bool,
        typer.Option(
            "--init", help="Untrained: a fresh network like each --run's; without one a fresh rnn, gru and lstm."
        ),
    ] = False,
    epoch: Annotated[int | None, typer.Option(help="Which epoch.", show_default="the best", min=0)] = None,
    windows: Annotated[int, typer.Option(help="Windows of the validation text.", min=64)] = 128,
    window: Annotated[int, typer.Option(help="Characters in a window; the loss is that of the last.", min=2)] = 200,
    lags: Annotated[
        int | None,
        typer.Option(
            help="Largest distance from the last character.", show_default="120, or what the window has", min=2
        ),
    ] = None,
    runs: options.Runs = DEFAULT_RUNS,
    out: options.FigureOut = None,
    csv_file: options.Csv = None,
    json: options.Json = False,
    quiet: options.Quiet = False,
    debug: options.Debug = False,
) -> None:
    """Plot how the gradient of the last character's loss fades with the distance to earlier states.

    For each distance the median norm of dL_T/dh_t over many windows, with its quartiles; for an LSTM also
    dL_T/dc_t, the path that its keep gate protects. Half-life and ratios are counted from lag 1.

    Examples:

      genmodels plot-gradients

      genmodels plot-gradients --run tanh --run lstm --out gradients.pdf --csv gradients.csv

      genmodels plot-gradients --init
    """
    del debug
    reach = min(120, window - 1) if lags is None else lags
    if reach >= window:
        raise UsageError(
            f"--lags {reach} lies beyond the window of {window} characters", f"give --lags {window - 1} or less."
        )
    if init and epoch is not None:
        raise UsageError(f"--init and --epoch {epoch} contradict each other", "leave one of them out.")
    found = [] if init and not run else [find_run(runs, name, "text") for name in run or ["last"]]
    target = out or (found[0].path / "figures" if found else Path()) / "gradients.png"
    from genmodels.analysis.gradients import fading
    from genmodels.figures.gradients import gradient_figure
    from genmodels.figures.style import check_format, save_figure

    check_format(target)
    subjects = list(_of_runs(found, epoch, init) if found else _fresh_cells())
    with Counter("gradients", windows * len(subjects), quiet or json) as counter:
        results = [
            (s.name, f) for s in subjects for f in fading(s.model, s.text, windows, window, reach, counter.advance)
        ]
    title = f"{'untrained; ' if init else ''}{windows} windows of {window} characters, medians and quartiles"
    save_figure(gradient_figure(_curves(results), title), target)
    rows = [row for name, one in results for row in _rows(name, one)]
    if csv_file is not None:
        with disk_errors(csv_file):
            replace_file(csv_file, as_csv(COLUMNS, rows))
    summary: list[dict[str, Any]] = [{"run": name} | one.to_record() for name, one in results]
    if json:
        facts: dict[str, Any] = {"figure": str(target), "windows": windows, "window": window}
        write_result(to_json(facts | {"results": summary, "gradients": rows}).decode().rstrip())
        return
    _show(summary, reach)
    write_result(str(target))


def _of_runs(found: list[RunDir], epoch: int | None, init: bool) -> Iterator[Subject]:
    """The network of each run, trained or as its seed makes it, on its own validation text.

    Raises:
        RunError: a model without recurrence, or an epoch that was not kept.
    """
    import torch

    from genmodels.models.recurrent_lm import RecurrentLM
    from genmodels.models.stored import load_model
    from genmodels.training.language_model import fresh_model, recorded_splits

    for run in found:
        model_name = run.document()["settings"].get("model", {"value": "?"})["value"]
        if model_name not in CELLS:
            raise RunError(
                f"{run.path} is a {model_name} model, which carries no state from step to step",
                f"give a run of {', '.join(CELLS)}.",
            )
        loaded = load_model(run.epoch_checkpoint(epoch), torch.device("cpu"))
        model = fresh_model(loaded.settings, loaded.vocabulary, torch.device("cpu")) if init else loaded.model
        assert isinstance(model, RecurrentLM)
        yield Subject(run.name, model, recorded_splits(run)[1])


def _fresh_cells() -> Iterator[Subject]:
    """The three cells with default settings, on the built-in corpus."""
    import torch

    from genmodels.data.text.corpus import HowRead, open_corpus
    from genmodels.data.text.streams import split_corpus
    from genmodels.models.recurrent_lm import RecurrentLM
    from genmodels.training.language_model import fresh_model

    corpus = open_corpus([], HowRead(), note)
    for cell in CELLS:
        settings = TextSettings(model=cell)
        model = fresh_model(settings, corpus.vocabulary, torch.device("cpu"))
        assert isinstance(model, RecurrentLM)
        yield Subject("untrained", model, split_corpus(corpus, settings.val_fraction, settings.val_limit)[1])


def _curves(results: list[tuple[str, "Fading"]]) -> list[Any]:
    from genmodels.figures.gradients import FadingCurve

    symbols = {"hidden": "dL/dh", "cell": "dL/dc"}
    return [
        FadingCurve(f"{label}, {symbols[one.quantity]}", label, one.quantity == "cell", one.quartiles)
        for label, one in ((f"{name} ({one.model})", one) for name, one in results)
    ]


def _rows(name: str, one: "Fading") -> Iterator[dict[str, Any]]:
    """One line for each lag; the ratio is to lag 1, the half-life that of the whole curve."""
    facts = {"run": name, "model": one.model, "quantity": one.quantity, "half_life": one.half_life}
    for lag, (lower, median, upper) in enumerate(one.quartiles.T.tolist()):
        levels = {"lower_quartile": lower, "median": median, "upper_quartile": upper}
        yield facts | {"lag": lag, **levels, "ratio": one.ratio(lag)}


def _show(summary: list[dict[str, Any]], reach: int) -> None:
    """Half-lives and ratios to lag 1, on stderr."""
    headings = ["run", "model", "quantity", *FIGURES]
    rows = [[str(r[h]) if isinstance(r[h], str) else _number(r[h], h, reach) for h in headings] for r in summary]
    show_table("gradient of the last loss, against lag 1", headings, rows, sys.stderr)


def _number(value: float | None, heading: str, reach: int) -> str:
    if value is None:
        return f"> {reach - 1}" if heading == "half_life" else "-"
    return f"{value:.1f}" if heading == "half_life" else (short(value) if value >= 1e-3 else f"{value:.1e}")
