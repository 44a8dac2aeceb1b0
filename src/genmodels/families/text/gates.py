"""A passage and the gates of an LSTM that reads it; units that track something with a name."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from genmodels.errors import DataError, RunError, UsageError
from genmodels.exhibit import Exhibit, Format, Table
from genmodels.families.run import Run
from genmodels.families.text.splits import recorded_splits, text_called
from genmodels.families.text.untrained import untrained_told
from genmodels.runs import Epoch
from genmodels.runs.finding import another_of
from genmodels.settings.fields import check_list, check_range
from genmodels.telling import counted, each_number_once

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from genmodels.analysis.gates import GateTrace, Tracker
    from genmodels.data.text.vocabulary import Ids
    from genmodels.models.stored import LoadedText

SEARCHED = 20_000  # characters of validation text in which trackers are sought
SHORTEST, LONGEST = 2, 400  # characters that a figure can show
PASSAGE = 80  # characters
EARLIEST, FIRST_LAYER = 0, 1
COLUMNS: Mapping[str, Format] = dict.fromkeys(("position", "character", "unit", "keep", "write", "read", "cell"), "")
TRACKER_COLUMNS: Mapping[str, Format] = {"feature": "", "unit": "", "correlation": "+.2f", "here": "+.2f"}
TRACKER_HEADS = {"feature": "what", "correlation": "correlation with its cell", "here": "in this passage"}
NOISE = 0.3  # a correlation below it says nothing: the best of some hundred units reaches as much by chance
NOTHING_FOLLOWED = (
    f"No unit's cell follows anything that has a name here, with a correlation of {NOISE} or more: shown are those "
    "that vary most."
)
MOST_MOVED = 4  # units that are shown then


@dataclass(frozen=True)
class Sought:
    """Units that were sought because of what their cells follow.

    Args:
        followed: features that some unit's cell follows.
        noise: the best units for the other features, which follow them no better than chance would.
    """

    followed: "Sequence[Tracker]" = ()
    noise: "Sequence[Tracker]" = ()

    @property
    def nothing(self) -> str:
        """A sentence where no unit follows anything."""
        return NOTHING_FOLLOWED if self.noise and not self.followed else ""

    @property
    def remarks(self) -> list[str]:
        """What was left out, and that nothing was found."""
        named = ", ".join(f"{tracker.feature} ({abs(tracker.correlation):.2f})" for tracker in self.noise)
        left_out = f"left out, as no unit's cell follows it with a correlation of {NOISE} or more: {named}"
        return [*([self.nothing] if self.nothing else []), *([left_out] if named else [])]


def gates_along(
    run: Run,
    *,
    epoch: Epoch | None,
    text: str | None,
    start: int | None,
    length: int,
    units: int | Sequence[int] | None,
    layer: int | None,
) -> Exhibit:
    """The gates of an LSTM's units along a passage; see `TextRun.gates`."""
    start, length, layer = _in_range(start, length, layer)
    named = None if units is None else each_number_once(check_list("--units", units, int), "unit", run.teller.notice)
    model_name = run.setting("model")
    if model_name != "lstm":
        what = f"the model of {run.path} is {model_name}, which has no such gates"
        raise RunError(what, another_of(run, ["lstm"]))
    loaded, index = _open(run, epoch, layer, named or [])
    sought = _seek(run, loaded, index) if named is None else Sought()
    if text is None and start is None:
        start, why = _choose(run, loaded, index, sought.followed, length)
    else:
        start, why = (start or EARLIEST), ""
    untrained = untrained_told(run, loaded)
    before, passage, trace = _read(run, loaded, index, text, start, length)
    here = [_followed_here(tracker, before, passage, trace) for tracker in sought.followed]
    followed = [tracker.unit for tracker in sought.followed]
    shown = list(dict.fromkeys(followed)) or named or _most_moved(trace)
    of = "a given text" if text is not None else f"its validation text ({text_called(run.document())})"
    title = f"Cell and gates of {run.name} (lstm), epoch {loaded.epoch}, layer {index + 1}, along {of}"
    rows = list(_rows(passage, trace, shown))
    records = [asdict(tracker) | {"here": value} for tracker, value in zip(sought.followed, here, strict=True)]
    noise = [asdict(tracker) for tracker in sought.noise]
    tables = [Table(title, COLUMNS, rows, shown=False)]
    if records:
        tables.append(Table("units whose cell follows something", TRACKER_COLUMNS, records, TRACKER_HEADS))
    facts = {"run": str(run.path), "start": start if text is None else None, "trackers": records}
    facts |= {"noise": noise, "gates": rows}
    notes = [*filter(None, [untrained, sought.nothing, why])]

    def draw(title: str) -> "Figure":
        return _figure(passage, trace, shown, records, notes, title, loaded.vocabulary.symbol)

    return Exhibit("gates", title, facts, tables, draw, remarks=[*filter(None, [untrained, *sought.remarks, why])])


def _in_range(start: int | None, length: int, layer: int | None) -> tuple[int | None, int, int | None]:
    """The same, if a text and a network can have them.

    Raises:
        UsageError: a value out of its range.
    """
    at = None if start is None else check_range("--start", start, EARLIEST)
    of = None if layer is None else check_range("--layer", layer, FIRST_LAYER)
    return at, check_range("--length", length, SHORTEST, LONGEST), of


def _choose(run: Run, loaded: "LoadedText", layer: int, followed: "Sequence[Tracker]", length: int) -> tuple[int, str]:
    """Where the passage begins that shows best what units follow, and why; the first where none follows anything."""
    from genmodels.analysis.gates import closest_passage
    from genmodels.models.recurrent_lm import RecurrentLM

    if not followed:
        return EARLIEST, ""
    assert isinstance(loaded.model, RecurrentLM)
    ids, text = _searched(run, loaded)
    start, among = closest_passage(
        loaded.model, text, ids, layer, trackers=followed, length=length, counting=run.teller.counting
    )
    symbol = loaded.vocabulary.symbol
    which = f"The passage: {counted(min(length, len(text)), symbol)} of the validation text"
    if among < 2:
        return start, f"{which}, as the text has no other to choose from."
    best = f"of {among} passages the one in which these units follow best what is named"
    return start, f"{which}, from {symbol} {start:,} on, {best}."


def _followed_here(tracker: "Tracker", before: str, passage: str, trace: "GateTrace") -> float | None:
    """The correlation of a unit's cell with what it follows along the passage; None where that is the same throughout.

    Args:
        tracker: the unit and what it follows.
        before: what the network has read by then, as what is named may have begun there.
        passage: T characters.
        trace: of all units along them.
    """
    import numpy as np

    from genmodels.analysis.gates import NAMEABLE, correlations

    values = np.array(list(NAMEABLE[tracker.feature](before + passage))[len(before) :])
    if np.ptp(values) == 0.0:
        return None
    return float(correlations(np.tanh(trace.cells[:, [tracker.unit]]), values)[0])


def _figure(
    passage: str,
    trace: "GateTrace",
    units: Sequence[int],
    trackers: Sequence[Mapping[str, Any]],
    notes: Sequence[str],
    title: str,
    symbol: str,
) -> "Figure":
    """A row for each thing that a unit's cell follows; where none follows anything, for each unit."""
    from genmodels.figures.gates import ShownUnit, gate_figure
    from genmodels.figures.style import sentence_of

    followed = [ShownUnit(one["unit"], one["feature"], one["correlation"], one["here"]) for one in trackers]
    rows = followed or [ShownUnit(unit) for unit in units]
    numbers = [row.number for row in rows]
    of_units = {name: values[:, numbers] for name, values in trace.gates.items()}
    remark = " ".join(note if note.endswith(".") else sentence_of(note) for note in notes)
    return gate_figure(passage, of_units, trace.cells[:, numbers], rows, title, remark, symbol)


def _most_moved(trace: "GateTrace") -> list[int]:
    """The units whose shown cells vary most along the passage."""
    import numpy as np

    return [int(unit) for unit in np.argsort(-np.tanh(trace.cells).std(axis=0), kind="stable")[:MOST_MOVED]]


def _open(run: Run, epoch: Epoch | None, layer: int | None, units: Sequence[int]) -> tuple["LoadedText", int]:
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
        what = f"--layer {layer} is beyond the {layers} of {run.name}"
        raise UsageError(what, f"layers are 1 to {layers}.", "--layer")
    _check_units(run, units, hidden)
    return loaded, (layers if layer is None else layer) - 1


def _check_units(run: Run, units: Sequence[int], hidden: int) -> None:
    for unit in (max(units, default=0), min(units, default=0)):
        if not 0 <= unit < hidden:
            what = f"--units {unit} is beyond the {hidden} of {run.name}"
            raise UsageError(what, f"units are 0 to {hidden - 1}.", "--units")


def _seek(run: Run, loaded: "LoadedText", layer: int) -> Sought:
    """The best unit for each feature.

    Raises:
        DataError: no feature varies in the validation text.
    """
    from genmodels.analysis import words
    from genmodels.analysis.gates import find_trackers
    from genmodels.models.recurrent_lm import RecurrentLM

    assert isinstance(loaded.model, RecurrentLM)
    ids, text = _searched(run, loaded)
    if script := words.script_without_spaces(text):
        run.teller.notice(words.why_none(script))
    trackers = find_trackers(loaded.model, text, ids, layer, run.teller.counting, loaded.vocabulary.symbol)
    if not trackers:
        raise DataError("nothing that has a name varies in the validation text", "name --units, such as 0,1,2.")
    is_followed = {tracker: abs(tracker.correlation) >= NOISE for tracker in trackers}
    return Sought([t for t in trackers if is_followed[t]], [t for t in trackers if not is_followed[t]])


def _searched(run: Run, loaded: "LoadedText") -> tuple["Ids", str]:
    """The validation text that is searched, as ids and as characters."""
    split = recorded_splits(run)[1]
    ids = split.corpus.read(split.start, min(split.start + SEARCHED, split.stop))
    return ids, loaded.vocabulary.one_by_one(ids)


def _read(
    run: Run, loaded: "LoadedText", layer: int, text: str | None, start: int, length: int
) -> tuple[str, str, "GateTrace"]:
    """What is read before the passage, the passage, and its gates; a given text has nothing before it.

    Raises:
        DataError: a text that is empty, too long or has unknown characters, or a start beyond the validation text.
    """
    from genmodels.analysis.gates import trace_gates
    from genmodels.models.recurrent_lm import RecurrentLM

    assert isinstance(loaded.model, RecurrentLM)
    ids, led_in = _validation_ids(run, start, length) if text is None else (_ids_of(text, loaded), 0)
    before, passage = (loaded.vocabulary.one_by_one(some) for some in (ids[:led_in], ids[led_in:]))
    return before, passage, trace_gates(loaded.model, ids, layer, led_in)


def _ids_of(text: str, loaded: "LoadedText") -> "Ids":
    from genmodels.data.text.decoding import as_in_a_corpus

    known = loaded.vocabulary
    ids = known.encode(as_in_a_corpus(text, known.characters), "--text")
    if not SHORTEST <= len(ids) <= LONGEST:
        raise DataError(f"--text has {counted(len(ids), known.symbol)}", f"give {SHORTEST} to {LONGEST}.")
    return ids


def _validation_ids(run: Run, start: int, length: int) -> tuple["Ids", int]:
    """A passage of the validation text with what leads it in, and how many characters those are."""
    from genmodels.analysis.gates import LED_IN

    split = recorded_splits(run)[1]
    if start + 2 > len(split):
        symbol = split.corpus.vocabulary.symbol
        what = f"--start {start} is beyond the {len(split):,} {symbol}s of validation text"
        raise DataError(what, f"choose from 0 to {len(split) - 2}.")
    begin = split.start + max(0, start - LED_IN)
    ids = split.corpus.read(begin, min(split.start + start + length, split.stop))
    return ids, split.start + start - begin


def _rows(passage: str, trace: "GateTrace", units: list[int]) -> Iterator[dict[str, Any]]:
    for position, character in enumerate(passage):
        for unit in units:
            values = {name: round(float(of_gate[position, unit]), 6) for name, of_gate in trace.gates.items()}
            facts = {"position": position, "character": character, "unit": unit}
            yield facts | values | {"cell": round(float(trace.cells[position, unit]), 6)}
