"""plot-gates: what an LSTM keeps, writes and reads, character by character."""

import sys
from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from genmodels.cli import options
from genmodels.cli.console import write_result
from genmodels.cli.options import DEFAULT_RUNS
from genmodels.cli.parsing import parse_integers
from genmodels.cli.tables import as_csv, show_table
from genmodels.durable import disk_errors, replace_file, to_json
from genmodels.errors import DataError, RunError, UsageError
from genmodels.runs import RunDir, find_run

if TYPE_CHECKING:
    from genmodels.analysis.gates import GateTrace, Tracker
    from genmodels.models.stored import LoadedModel

SEARCHED = 20_000  # characters of validation text in which trackers are sought
LED_IN = 256  # characters read before a passage, so that its state isn't empty
COLUMNS = ("position", "character", "unit", "keep", "write", "read", "cell")


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("plot-gates")(plot_gates)


def plot_gates(
    run: options.RunName = None,
    epoch: Annotated[int | None, typer.Option(help="Which epoch.", show_default="the best", min=0)] = None,
    text: Annotated[
        str | None, typer.Option(help="Text to read.", show_default="a passage of the validation text")
    ] = None,
    start: Annotated[int, typer.Option(help="Where in the validation text the passage begins.", min=0)] = 0,
    length: Annotated[int, typer.Option(help="Characters of the passage.", min=2, max=400)] = 80,
    units: Annotated[
        str | None, typer.Option(help="Units, such as 3,17.", show_default="those that track something with a name")
    ] = None,
    layer: Annotated[int | None, typer.Option(help="Layer, from 1.", show_default="the last", min=1)] = None,
    runs: options.Runs = DEFAULT_RUNS,
    out: options.FigureOut = None,
    csv_file: options.Csv = None,
    json: options.Json = False,
    debug: options.Debug = False,
) -> None:
    """Draw the keep, write and read gates of an LSTM's units under the characters that it reads.

    Units are sought that track something with a name: inside quotes or brackets, position in the line or the word,
    indentation, capitals. They are chosen on one half of 20,000 validation characters; the correlation told is that
    on the other.

    Examples:

      genmodels plot-gates

      genmodels plot-gates --text 'He said: "Come in." She did.' --units 3,17 --out gates.pdf
    """
    del debug
    found = find_run(runs, run, "text")
    model_name = found.document()["settings"].get("model", {"value": "?"})["value"]
    if model_name != "lstm":
        raise RunError(f"{found.path} is a {model_name} model, which has no such gates", "give the --run of an lstm.")
    target = out or found.path / "figures" / "gates.png"
    from genmodels.figures.gates import gate_figure
    from genmodels.figures.style import check_format, save_figure

    check_format(target)
    loaded, index, chosen = _open(found, epoch, layer, units)
    trackers = [] if chosen else _trackers(found, loaded, index)
    passage, trace = _read(found, loaded, index, text, start, length)
    shown = chosen or list(dict.fromkeys(tracker.unit for tracker in trackers))
    figure = gate_figure(
        passage,
        {name: values[:, shown] for name, values in trace.gates.items()},
        trace.cells[:, shown],
        [_label(unit, trackers) for unit in shown],
        f"{found.name}, epoch {loaded.state['epoch']}, layer {index + 1}",
    )
    save_figure(figure, target)
    rows = list(_rows(passage, trace, shown))
    if csv_file is not None:
        with disk_errors(csv_file):
            replace_file(csv_file, as_csv(COLUMNS, rows))
    if json:
        facts = {"run": str(found.path), "figure": str(target), "trackers": [asdict(t) for t in trackers]}
        write_result(to_json(facts | {"gates": rows}).decode().rstrip())
        return
    if trackers:
        cells = [[t.feature, str(t.unit), f"{t.correlation:+.2f}"] for t in trackers]
        show_table("units that track something", ["what", "unit", "correlation"], cells, sys.stderr)
    write_result(str(target))


def _open(run: RunDir, epoch: int | None, layer: int | None, units: str | None) -> tuple["LoadedModel", int, list[int]]:
    """The network, the layer counted from 0, and the units asked for.

    Raises:
        UsageError: a layer or unit that the network lacks.
    """
    import torch

    from genmodels.models.stored import load_model

    chosen = [] if units is None else parse_integers("--units", units)
    loaded = load_model(run.epoch_checkpoint(epoch), torch.device("cpu"))
    layers, hidden = loaded.settings.layers, loaded.settings.hidden_size
    if layer is not None and layer > layers:
        raise UsageError(f"--layer {layer} is beyond the {layers} of {run.name}", f"layers are 1 to {layers}.")
    if chosen and max(chosen) >= hidden:
        raise UsageError(f"--units {max(chosen)} is beyond the {hidden} of {run.name}", f"units are 0 to {hidden - 1}.")
    return loaded, (layer or layers) - 1, list(dict.fromkeys(chosen))


def _trackers(run: RunDir, loaded: "LoadedModel", layer: int) -> list["Tracker"]:
    from genmodels.analysis.gates import find_trackers
    from genmodels.models.recurrent_lm import RecurrentLM
    from genmodels.training.language_model import recorded_splits

    assert isinstance(loaded.model, RecurrentLM)
    split = recorded_splits(run)[1]
    ids = split.corpus.read(split.start, min(split.start + SEARCHED, split.stop))
    trackers = find_trackers(loaded.model, loaded.vocabulary.one_by_one(ids), ids, layer)
    if not trackers:
        raise DataError("nothing that has a name varies in the validation text", "name --units, such as 0,1,2.")
    return trackers


def _read(
    run: RunDir, loaded: "LoadedModel", layer: int, text: str | None, start: int, length: int
) -> tuple[str, "GateTrace"]:
    """The passage and its gates; validation text is led in by the characters before it.

    Raises:
        DataError: a text that is empty, too long or has unknown characters, or a start beyond the validation text.
    """
    from genmodels.analysis.gates import trace_gates
    from genmodels.models.recurrent_lm import RecurrentLM
    from genmodels.training.language_model import recorded_splits

    assert isinstance(loaded.model, RecurrentLM)
    if text is not None:
        if not 1 < len(text) <= 400:
            raise DataError(f"--text has {len(text)} characters", "give 2 to 400.")
        given = loaded.vocabulary.encode(text, "--text")
        return loaded.vocabulary.one_by_one(given), trace_gates(loaded.model, given, layer)
    split = recorded_splits(run)[1]
    if start + 2 > len(split):
        raise DataError(f"--start {start} is beyond the {len(split):,} characters of validation text", "give less.")
    begin = split.start + max(0, start - LED_IN)
    ids = split.corpus.read(begin, min(split.start + start + length, split.stop))
    led_in = split.start + start - begin
    return loaded.vocabulary.one_by_one(ids[led_in:]), trace_gates(loaded.model, ids, layer, led_in)


def _label(unit: int, trackers: list["Tracker"]) -> str:
    named = [f"{t.feature} {t.correlation:+.2f}" for t in trackers if t.unit == unit]
    return ", ".join([f"unit {unit}", *named])


def _rows(passage: str, trace: "GateTrace", units: list[int]) -> Iterator[dict[str, Any]]:
    for position, character in enumerate(passage):
        for unit in units:
            gates = {name: round(float(values[position, unit]), 6) for name, values in trace.gates.items()}
            facts = {"position": position, "character": character, "unit": unit}
            yield facts | gates | {"cell": round(float(trace.cells[position, unit]), 6)}
