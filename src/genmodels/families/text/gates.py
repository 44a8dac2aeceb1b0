"""A passage and the gates of an LSTM that reads it; units that track something with a name."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from genmodels.errors import DataError, RunError, UsageError
from genmodels.exhibit import Exhibit, Format, Table
from genmodels.families.run import Run
from genmodels.families.text.splits import recorded_splits
from genmodels.settings.fields import check_list, check_range
from genmodels.telling import counted

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from genmodels.analysis.gates import GateTrace, Tracker
    from genmodels.data.text.vocabulary import Ids
    from genmodels.models.stored import LoadedText

SEARCHED = 20_000  # characters of validation text in which trackers are sought
LED_IN = 256  # characters read before a passage, so that its state isn't empty
SHORTEST, LONGEST = 2, 400  # characters that a figure can show
PASSAGE = 80  # characters
EARLIEST, FIRST_LAYER = 0, 1
COLUMNS: Mapping[str, Format] = dict.fromkeys(("position", "character", "unit", "keep", "write", "read", "cell"), "")
TRACKER_COLUMNS: Mapping[str, Format] = {"feature": "", "unit": "", "correlation": "+.2f"}


def gates_along(
    run: Run,
    *,
    epoch: int | None,
    text: str | None,
    start: int,
    length: int,
    units: Sequence[int] | None,
    layer: int | None,
) -> Exhibit:
    """The gates of an LSTM's units along a passage; see `TextRun.gates`."""
    start, length = check_range("--start", start, EARLIEST), check_range("--length", length, SHORTEST, LONGEST)
    if layer is not None:
        layer = check_range("--layer", layer, FIRST_LAYER)
    named = None if units is None else list(dict.fromkeys(check_list("--units", units, int)))
    model_name = run.setting("model")
    if model_name != "lstm":
        raise RunError(f"{run.path} is a {model_name} model, which has no such gates", "give the --run of an lstm.")
    loaded, index = _open(run, epoch, layer, named or [])
    trackers = _trackers(run, loaded, index) if named is None else []
    passage, trace = _read(run, loaded, index, text, start, length)
    shown = list(dict.fromkeys(tracker.unit for tracker in trackers)) if named is None else named
    title = f"{run.name}, epoch {loaded.epoch}, layer {index + 1}"
    labels = [_label(unit, trackers) for unit in shown]
    rows = list(_rows(passage, trace, shown))
    found = [asdict(tracker) for tracker in trackers]
    tables = [Table(title, COLUMNS, rows, shown=False)]
    if trackers:
        tables.append(Table("units that track something", TRACKER_COLUMNS, found, {"feature": "what"}))
    facts = {"run": str(run.path), "trackers": found, "gates": rows}
    return Exhibit("gates", title, facts, tables, lambda title: _figure(passage, trace, shown, labels, title))


def _figure(passage: str, trace: "GateTrace", units: list[int], labels: list[str], title: str) -> "Figure":
    from genmodels.figures.gates import gate_figure

    of_units = {name: values[:, units] for name, values in trace.gates.items()}
    return gate_figure(passage, of_units, trace.cells[:, units], labels, title)


def _open(run: Run, epoch: int | None, layer: int | None, units: Sequence[int]) -> tuple["LoadedText", int]:
    """The network, and the layer counted from 0.

    Raises:
        UsageError: a layer or unit that the network lacks.
    """
    checkpoint = run.epoch_checkpoint(epoch)
    import torch

    from genmodels.models.stored import load_text

    loaded = load_text(checkpoint, torch.device("cpu"))
    layers, hidden = loaded.settings.layers, loaded.settings.hidden_size
    if layer is not None and layer > layers:
        raise UsageError(f"--layer {layer} is beyond the {layers} of {run.name}", f"layers are 1 to {layers}.")
    _check_units(run, units, hidden)
    return loaded, (layers if layer is None else layer) - 1


def _check_units(run: Run, units: Sequence[int], hidden: int) -> None:
    for unit in (max(units, default=0), min(units, default=0)):
        if not 0 <= unit < hidden:
            raise UsageError(f"--units {unit} is beyond the {hidden} of {run.name}", f"units are 0 to {hidden - 1}.")


def _trackers(run: Run, loaded: "LoadedText", layer: int) -> list["Tracker"]:
    from genmodels.analysis import words
    from genmodels.analysis.gates import find_trackers
    from genmodels.models.recurrent_lm import RecurrentLM

    assert isinstance(loaded.model, RecurrentLM)
    split = recorded_splits(run)[1]
    ids = split.corpus.read(split.start, min(split.start + SEARCHED, split.stop))
    text = loaded.vocabulary.one_by_one(ids)
    if script := words.script_without_spaces(text):
        run.teller.notice(words.why_none(script))
    trackers = find_trackers(loaded.model, text, ids, layer)
    if not trackers:
        raise DataError("nothing that has a name varies in the validation text", "name --units, such as 0,1,2.")
    return trackers


def _read(
    run: Run, loaded: "LoadedText", layer: int, text: str | None, start: int, length: int
) -> tuple[str, "GateTrace"]:
    """The passage and its gates; validation text is led in by the characters before it.

    Raises:
        DataError: a text that is empty, too long or has unknown characters, or a start beyond the validation text.
    """
    from genmodels.analysis.gates import trace_gates
    from genmodels.models.recurrent_lm import RecurrentLM

    assert isinstance(loaded.model, RecurrentLM)
    ids, led_in = _validation_ids(run, start, length) if text is None else (_ids_of(text, loaded), 0)
    return loaded.vocabulary.one_by_one(ids[led_in:]), trace_gates(loaded.model, ids, layer, led_in)


def _ids_of(text: str, loaded: "LoadedText") -> "Ids":
    if not SHORTEST <= len(text) <= LONGEST:
        raise DataError(f"--text has {counted(len(text), 'character')}", f"give {SHORTEST} to {LONGEST}.")
    from genmodels.data.text.decoding import as_in_a_corpus

    return loaded.vocabulary.encode(as_in_a_corpus(text, loaded.vocabulary.characters), "--text")


def _validation_ids(run: Run, start: int, length: int) -> tuple["Ids", int]:
    """A passage of the validation text with what leads it in, and how many characters those are."""
    split = recorded_splits(run)[1]
    if start + 2 > len(split):
        what = f"--start {start} is beyond the {len(split):,} characters of validation text"
        raise DataError(what, f"choose from 0 to {len(split) - 2}.")
    begin = split.start + max(0, start - LED_IN)
    ids = split.corpus.read(begin, min(split.start + start + length, split.stop))
    return ids, split.start + start - begin


def _label(unit: int, trackers: list["Tracker"]) -> str:
    named = [f"{t.feature} {t.correlation:+.2f}" for t in trackers if t.unit == unit]
    return ", ".join([f"unit {unit}", *named])


def _rows(passage: str, trace: "GateTrace", units: list[int]) -> Iterator[dict[str, Any]]:
    for position, character in enumerate(passage):
        for unit in units:
            values = {name: round(float(of_gate[position, unit]), 6) for name, of_gate in trace.gates.items()}
            facts = {"position": position, "character": character, "unit": unit}
            yield facts | values | {"cell": round(float(trace.cells[position, unit]), 6)}
