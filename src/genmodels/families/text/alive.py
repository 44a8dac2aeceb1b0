"""A language model alive in a page: it writes, and a passage of held-out text lies under the microscope."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from genmodels.errors import DataError
from genmodels.exhibit import Exhibit
from genmodels.families.alive import Alive, Network, Weights, best_held_out, how_often, network_called
from genmodels.families.text.alive_guess import guessing_passages
from genmodels.families.text.gates import SEARCHED
from genmodels.families.text.run import TextRun
from genmodels.families.text.splits import recorded_splits, text_called
from genmodels.runs.run_dir import epoch_of
from genmodels.settings.sampling import SampleSettings

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from genmodels.data.text.vocabulary import Vocabulary
    from genmodels.sampling.writing import TextWriter
    from genmodels.settings.text import TextSettings

RECORDED, RECORDED_LENGTH = 64, 48  # inputs, and letters of each
GREEDY = 200  # letters that a page's network must write as the trained one does, at temperature 0
LED_IN, PASSAGE, LAGS = 128, 480, 48  # letters under the microscope, what is read before, how far back is looked
FULL = 255  # of a byte: the letter that counts most
TEMPERATURES = (0.25, 0.75, 1.5)


@dataclass(frozen=True, eq=False)
class _Epoch:
    """The weights of an epoch, and what stands beside them."""

    number: float
    settings: "TextSettings"
    vocabulary: "Vocabulary"
    weights: Weights
    prompt: str


def _read(checkpoint: "Path") -> _Epoch:
    from genmodels.models.described import describe
    from genmodels.runs.checkpoint import read_checkpoint

    read = read_checkpoint(checkpoint)
    settings, vocabulary = describe(read)
    number = epoch_of(checkpoint, read.state)
    return _Epoch(number, settings, vocabulary, read.tensors["model"], str(read.state["prompt"]))


def alive_texts(run: TextRun) -> list[Alive]:
    """The sections in which a run writes and reads, and in which its passages lie among real ones.

    Raises:
        RunError: no epoch was kept.
    """
    best, reached = run.epoch_checkpoint(None), run.length().all_reached(run.kept())
    kept = [run.epoch_checkpoint(number) for number in reached[:1]]
    epochs = [_read(path) for path in dict.fromkeys([best, *kept])]
    last = max(reached, default=epochs[0].number)
    microscope, held_out = _microscope(run, epochs[0])
    inputs = _recorded_inputs(epochs[0], held_out)
    letter = "byte" if epochs[0].vocabulary.is_bytes else "letter"
    networks = [_network(one, inputs, network_called(one.number, epochs[0].number, last)) for one in epochs]
    return [
        Alive(
            part=run.family,
            scripts=("pace", "microscope", run.family),
            title="It writes",
            about=f"Give it a beginning, and it goes on {letter} by {letter} with the weights of this run. A low "
            f"temperature takes the likeliest {letter}s, a high one dares.",
            data=_described(epochs[0]) | {"microscope": microscope},
            networks=networks,
            inputs=inputs.tolist(),
            learned=_learned(run, epochs[0]),
        ),
        *guessing_passages(
            _writer(epochs[0], epochs[0].weights), None if held_out is None else held_out[LED_IN + PASSAGE :]
        ),
    ]


def _described(epoch: _Epoch) -> dict[str, Any]:
    """What the script needs to know of the network and its letters."""
    settings, vocabulary = epoch.settings, epoch.vocabulary
    return {
        "model": settings.model,
        "layers": settings.layers,
        "context": settings.context,
        "characters": vocabulary.to_json(),
        "prompt": vocabulary.encode(epoch.prompt, "the prompt", "skip").tolist(),
        "length": GREEDY,
    }


def _recorded_inputs(epoch: _Epoch, held_out: "NDArray[np.integer] | None") -> "NDArray[np.integer]":
    """Ids of shape (RECORDED, RECORDED_LENGTH): held-out text, or where that is gone or short any letters."""
    import numpy as np

    if held_out is None or len(held_out) <= RECORDED_LENGTH:
        return np.random.default_rng(1).integers(0, len(epoch.vocabulary), (RECORDED, RECORDED_LENGTH))
    starts = np.linspace(0, len(held_out) - RECORDED_LENGTH, RECORDED).astype(int)
    return np.stack([held_out[start : start + RECORDED_LENGTH] for start in starts]).astype(np.int64)


def _network(epoch: _Epoch, inputs: "NDArray[np.integer]", name: str) -> Network:
    """An epoch's network, told apart from itself with other weights by what it expects and what it writes."""
    import numpy as np

    expected, written = _logits(epoch, epoch.weights, inputs), _greedy(epoch, epoch.weights)

    def differs(weights: Weights) -> float:
        if _greedy(epoch, weights) != written:
            return math.inf
        return float(np.abs(_logits(epoch, weights, inputs) - expected).max())

    return Network(name, epoch.weights, differs, lambda weights: _logits(epoch, weights, inputs)[-1])


def _logits(epoch: _Epoch, weights: Weights, inputs: "NDArray[np.integer]") -> "NDArray[np.float32]":
    """Of all recorded inputs side by side, shape (RECORDED_LENGTH, RECORDED, V)."""
    import numpy as np

    from genmodels.sampling.steps import step_of

    step = step_of(epoch.settings, dict(weights), len(epoch.vocabulary))
    step.reset()
    step.repeat(len(inputs))
    return np.stack([step.next(column).copy() for column in inputs.T])


def _writer(epoch: _Epoch, weights: Weights) -> "TextWriter":
    from genmodels.sampling.steps import step_of
    from genmodels.sampling.writing import TextWriter

    return TextWriter(step_of(epoch.settings, dict(weights), len(epoch.vocabulary)), epoch.vocabulary)


def _greedy(epoch: _Epoch, weights: Weights) -> str:
    """What the network writes at temperature 0 after the run's own seed phrase."""
    how = SampleSettings(temperature=(0.0,), length=GREEDY)
    return _writer(epoch, weights).write(epoch.prompt, how, "skip")[0].text


def _learned(run: TextRun, epoch: _Epoch) -> str:
    """What it learned, for somebody who knows nothing of it."""
    record = best_held_out(run)
    if not record:
        return ""
    symbol = epoch.vocabulary.symbol
    right = f"it guesses {100 * record['accuracy']:.0f} of 100 right, and " if "accuracy" in record else ""
    return (
        f"It read {text_called(run.document())} {how_often(epoch.number)} and learned which {symbol} comes next. In "
        f"text that it never saw {right}it is as unsure as if {math.exp(record['nll']):.1f} of them were equally "
        "likely; "
        f"whoever knows nothing of the text has {len(epoch.vocabulary)} to choose from."
    )


def _microscope(run: TextRun, epoch: _Epoch) -> "tuple[dict[str, Any] | None, NDArray[np.integer] | None]":
    """A passage of held-out text with what is computed beforehand, and the held-out ids; None where it is gone."""
    try:
        split = recorded_splits(run)[1]
    except DataError as error:
        run.teller.notice(f"no passage lies under the microscope: {error}")
        return None, None
    held_out = split.corpus.read(split.start, min(split.start + SEARCHED, split.stop))
    ids = held_out[: LED_IN + PASSAGE]
    led_in = min(LED_IN, len(ids) // 2)
    lags = min(LAGS, led_in)
    if lags == 0:
        return None, None
    loaded = run.load(run.epoch_checkpoint(None), _cpu())
    microscope = {
        "ids": ids.tolist(),
        "ledIn": led_in,
        "lags": lags,
        "reach": _reach(loaded.model, ids, led_in, lags),
        "units": _units(run, loaded, held_out),
        "hidden": epoch.settings.hidden_size,
    }
    return microscope, held_out


def _cpu() -> Any:
    import torch

    return torch.device("cpu")


def _reach(model: Any, ids: "NDArray[np.integer]", led_in: int, lags: int) -> bytes:
    """A byte for each letter and lag, the nearest first: its share of the letter that counts most."""
    import numpy as np

    from genmodels.analysis.looking_back import looking_back

    reach = looking_back(model, ids, led_in, lags)
    most = np.maximum(reach.max(axis=1, keepdims=True), 1e-30)
    return bytes(np.rint(FULL * reach / most).astype(np.uint8))


def _units(run: TextRun, loaded: Any, held_out: "NDArray[np.integer]") -> list[dict[str, Any]]:
    """Units of an LSTM's last layer that follow something with a name; none elsewhere, or where nothing is followed."""
    from genmodels.analysis.gates import find_trackers

    if loaded.settings.model != "lstm":
        return []
    text = loaded.vocabulary.one_by_one(held_out)
    try:
        trackers = find_trackers(
            loaded.model, text, held_out, loaded.settings.layers - 1, run.teller.counting, loaded.vocabulary.symbol
        )
    except DataError as error:
        run.teller.notice(f"no units are named: {error}")
        return []
    return [{"feature": t.feature, "unit": t.unit, "correlation": round(t.correlation, 3)} for t in trackers]


def text_exhibits(run: TextRun) -> Sequence[Callable[[], Exhibit]]:
    """What else a page shows: texts by temperature, gates of an LSTM, how a recurrent network's gradient fades."""
    model = str(run.setting("model"))
    how = SampleSettings(temperature=TEMPERATURES, length=GREEDY)
    epochs = run.length().all_reached(run.kept())
    shown = list(dict.fromkeys([epochs[0], epochs[-1]])) if epochs else None
    every: list[tuple[Callable[[], Exhibit], bool]] = [
        (lambda: run.sheet(how=how, epochs=shown), True),
        (run.gates, model == "lstm"),
        (run.gradients, model != "feedforward"),
    ]
    return [make for make, fits in every if fits]
