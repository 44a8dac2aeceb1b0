"""What memory gives: word errors by how much of the sound a network can see, and how far back each really looks."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from genmodels.errors import UsageError
from genmodels.exhibit import Exhibit, Format, Table
from genmodels.families.images import run_names
from genmodels.families.speech.grouping import Member, grouped, without_told
from genmodels.families.speech.run import SpeechRun
from genmodels.settings.fields import check_range, check_seed
from genmodels.settings.speech import SpeechSettings

if TYPE_CHECKING:
    import torch
    from matplotlib.figure import Figure

    from genmodels.analysis.context import Look
    from genmodels.figures.context import ContextPoint, Gaze

UTTERANCES_READ, UTTERANCES_LOOKED_AT = 400, 40
FEWEST, MOST = 1, 100_000
COLUMNS: dict[str, Format] = {
    "run": "", "model": "", "parameters": ",", "past_ms": "", "future_ms": "", "utterances": ",",
    "word_error_rate": ".4f", "sequence_accuracy": ".4f", "looks_back_ms": ".0f", "looks_ahead_ms": ".0f",
}  # fmt: skip
HEADINGS = {
    "past_ms": "sees back (ms)", "future_ms": "sees ahead (ms)", "looks_back_ms": "looks back (ms)",
    "looks_ahead_ms": "looks ahead (ms)",
}  # fmt: skip
ALL = "all"  # of a recording, as the table says it
REACH = 0.9  # share of the gradient's norms within which a network is said to look


def sight_of(settings: SpeechSettings) -> tuple[float | None, float | None]:
    """Milliseconds before and after a place that its distribution can depend on; None: as far as there is sound."""
    from genmodels.data.sound.clips import RATE
    from genmodels.data.sound.features import HOP, WINDOW
    from genmodels.models.layers import layers_of

    layers = layers_of(settings)
    seen = 1000 * (layers.frames * HOP + WINDOW / 2) / RATE
    return None if layers.cell is not None else seen, None if layers.both_ways else seen


def context(
    runs: Sequence[SpeechRun],
    *,
    utterances: int = UTTERANCES_READ,
    looked_at: int = UTTERANCES_LOOKED_AT,
    seed: int = 1,
    device: str = "auto",
) -> Exhibit:
    """Word errors by what each network can see, and the gradient of a word's score by distance from the word.

    Args:
        runs: of several models, best of equal size; runs that differ by their seed are one point with its spread.
        utterances: that each reads, of 1 to --longest words.
        looked_at: so many of five words each, whose gradients are taken.
        seed: of the utterances.
        device: auto, cpu, cuda, cuda:N or mps.

    Raises:
        UsageError: no run, or a number out of its range.
        RunError: a run has no finished epoch yet.
        DataError: the recordings have changed or are gone.
    """
    utterances = check_range("--utterances", utterances, FEWEST, MOST)
    looked_at, seed = check_range("--looked-at", looked_at, FEWEST, MOST), check_seed(seed)
    if not runs:
        raise UsageError("no run is named", "name one or several.")
    for run in runs:
        run.epoch_checkpoint(None)
    from genmodels.device import choose_device

    where = choose_device(device).device
    seen = [
        _seen_by(run, name, utterances, looked_at, seed, where) for run, name in zip(runs, run_names(runs), strict=True)
    ]
    rows = [row for row, _ in (one.found for one in seen)]
    names = ", ".join(dict.fromkeys(str(row["data"]) for row in rows))
    title = f"{names}: what a network sees, and what it makes of it"
    table = Table(title, COLUMNS, rows, HEADINGS)
    facts = {"networks": rows, "seed": seed, "looks": [_look_facts(*one.found) for one in seen]}
    return Exhibit("context", title, facts, [table], lambda title: _figure(seen, title), leads="table")


Seen = Member[tuple[dict[str, Any], "Look"]]


def _seen_by(run: SpeechRun, name: str, utterances: int, looked_at: int, seed: int, device: "torch.device") -> Seen:
    """What one network reads and where it looks."""
    from genmodels.analysis.context import looks
    from genmodels.analysis.word_errors import WordErrors, errors_by_length, total
    from genmodels.data.sound.log_mel import LogMel
    from genmodels.data.sound.utterances import UtteranceMaker
    from genmodels.families.speech.ears import load_listener
    from genmodels.training.starting import parameter_count

    model, about = load_listener(run.epoch_checkpoint(None), device)
    log_mel = LogMel(about.settings.features, device)
    maker = UtteranceMaker(run.words().test, seed, device, "utterances measured")
    lengths = range(1, about.settings.longest + 1)
    each = -(-utterances // len(lengths))
    with run.teller.counting(f"{name} listens", looked_at + len(lengths) * each) as advance:
        errors: dict[int, WordErrors] = {}
        for length in lengths:
            errors |= errors_by_length(model, log_mel, maker, [length], each)
            advance(each)
        look = looks(model, log_mel, maker, looked_at, advance)
    past, future = sight_of(about.settings)
    back, ahead = look.reach(REACH)
    row = {
        "run": name,
        "path": str(run.path),
        "data": about.data,
        "model": about.settings.model,
        "label": label_of(about.settings),
        "parameters": parameter_count(model),
        "past_ms": ALL if past is None else past,
        "future_ms": ALL if future is None else future,
        **total(errors, lengths).to_record(),
        "looks_back_ms": max(0.0, -back),
        "looks_ahead_ms": max(0.0, ahead),
    }
    return Member(name, about.settings, str(run.document()["data"].get("fingerprint")), (row, look))


def label_of(settings: SpeechSettings) -> str:
    """A network as the figure calls it."""
    model = f"window {settings.window}" if settings.model == "window" else settings.model
    return model + without_told(settings)


def _look_facts(row: dict[str, Any], look: "Look") -> dict[str, Any]:
    shown = {"lags_ms": look.lags_ms, "lower": look.lower, "median": look.median, "upper": look.upper}
    return {"run": row["run"], "words": look.words} | {key: values.tolist() for key, values in shown.items()}


def _figure(seen: Sequence[Seen], title: str) -> "Figure":
    from genmodels.figures.context import context_figure

    groups = grouped(seen, label_of)
    points = [_point(label, group) for label, group in groups.items()]
    gazes = [_gaze(label, group) for label, group in groups.items()]
    return context_figure(points, gazes, title)


def _point(label: str, group: Sequence[Seen]) -> "ContextPoint":
    from genmodels.figures.context import ContextPoint

    settings = group[0].settings
    past, future = sight_of(settings)
    errors = [float(row["word_error_rate"]) for row, _ in (one.found for one in group)]
    return ContextPoint(label, settings.model, past, future, errors)


def _gaze(label: str, group: Sequence[Seen]) -> "Gaze":
    """The first run's look stands for its group."""
    from genmodels.figures.context import Gaze

    _, look = group[0].found
    return Gaze(label, group[0].settings.model, look.lags_ms, look.median, look.lower, look.upper)
