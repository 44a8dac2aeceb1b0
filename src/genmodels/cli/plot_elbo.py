"""plot-elbo: the lower bound by epoch, from metrics.jsonl alone."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import typer

from genmodels.cli import options
from genmodels.cli.console import write_result
from genmodels.cli.options import DEFAULT_RUNS
from genmodels.cli.several_runs import names_of
from genmodels.cli.tables import as_csv
from genmodels.durable import disk_errors, replace_file, to_json
from genmodels.errors import RunError, UsageError
from genmodels.runs import Record, RunDir, find_run

if TYPE_CHECKING:
    from genmodels.figures.elbo import ElboCurve

COLUMNS = ("run", "epoch", "step", "split", "elbo", "reconstruction", "kl", "active_units", "seconds")


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("plot-elbo")(plot_elbo)


def plot_elbo(
    run: options.SeveralRuns = None,
    runs: options.Runs = DEFAULT_RUNS,
    out: options.FigureOut = None,
    csv_file: options.Csv = None,
    json: options.Json = False,
    debug: options.Debug = False,
) -> None:
    """Plot the lower bound on train and test by epoch, and its two terms beside it.

    Examples:

      genmodels plot-elbo

      genmodels plot-elbo --run mlp --run conv --out elbo.pdf --csv elbo.csv
    """
    del debug
    found = [find_run(runs, name, "vae") for name in run or ["last"]]
    records = [_evaluations(one) for one in found]
    names = names_of(found)
    title = _title(found)
    target = out or found[0].path / "figures" / "elbo.png"
    from genmodels.figures.elbo import elbo_figure
    from genmodels.figures.style import check_format, save_figure

    check_format(target)
    curves = [_curve(f"{name} ({_model(one)})", rows) for name, one, rows in zip(names, found, records, strict=True)]
    save_figure(elbo_figure(curves, title), target)
    rows = [{"run": name} | record for name, of_run in zip(names, records, strict=True) for record in of_run]
    if csv_file is not None:
        with disk_errors(csv_file):
            replace_file(csv_file, as_csv(COLUMNS, rows))
    if json:
        write_result(to_json({"figure": str(target), "evaluations": rows}).decode().rstrip())
        return
    write_result(str(target))


def _evaluations(run: RunDir) -> list[Record]:
    """The records of evaluations that hold a bound.

    Raises:
        RunError: there is none yet.
    """
    records = [r for r in run.evaluations() if {"elbo", "reconstruction", "kl"} <= r.keys()]
    if not any(record["epoch"] > 0 for record in records):
        raise RunError(f"{run.path} has no finished epoch yet", f"train it further: --resume {run.quoted} goes on.")
    return records


def _title(found: list[RunDir]) -> str:
    """Data and kind of targets, which all runs must share: figures of different kinds say nothing beside each other.

    Raises:
        UsageError: they differ.
    """
    documents = [run.document() for run in found]
    kinds = [f"{d['data'].get('name', '?')}, binarize {_value(d, 'binarize')}" for d in documents]
    if len(set(kinds)) > 1:
        pairs = "; ".join(f"{name}: {kind}" for name, kind in zip(names_of(found), kinds, strict=True))
        raise UsageError(f"these runs can't share a figure, as their targets differ ({pairs})", "plot them apart.")
    if len({str(d["data"].get("fingerprint")) for d in documents}) > 1:
        raise UsageError(
            f"these runs can't share a figure: their image sets are called alike ({kinds[0]}), but differ",
            "plot them apart.",
        )
    return kinds[0]


def _value(document: Mapping[str, Any], setting: str) -> str:
    return str(document["settings"].get(setting, {"value": "?"})["value"])


def _model(run: RunDir) -> str:
    return _value(run.document(), "model")


def _curve(name: str, records: list[Record]) -> "ElboCurve":
    from genmodels.figures.elbo import ElboCurve

    splits = list(dict.fromkeys(str(record["split"]) for record in records))
    of_split = {split: [r for r in records if r["split"] == split] for split in splits}
    return ElboCurve(
        name=name,
        epochs={split: [int(r["epoch"]) for r in rows] for split, rows in of_split.items()},
        values={
            (split, quantity): [float(r[quantity]) for r in rows]
            for split, rows in of_split.items()
            for quantity in ("elbo", "reconstruction", "kl")
        },
    )
