"""What memory gives: word errors by how much of the sound a network can see, and how far back each really looks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import TYPE_CHECKING, Any

from genmodels.errors import UsageError
from genmodels.exhibit import Exhibit, Format, Row, Table
from genmodels.families.chance import GIVE_OR_TAKE, chance_told, differences, ties_told
from genmodels.families.speech.errors import IN_PER_CENT, SURE, TIED, networks_told
from genmodels.families.speech.grouping import Member, grouped, learned_by, without_told
from genmodels.families.speech.measuring import missed_of
from genmodels.families.speech.run import MEASURES, SpeechRun
from genmodels.families.speech.sureness import ERRORS, compared, freedom_of_rate, rate_error
from genmodels.families.steps import seconds_of, standing_apart, steps_of, trainings_told
from genmodels.families.unread import unread_told
from genmodels.runs import Record
from genmodels.runs.naming import run_names
from genmodels.settings.fields import check_range, check_seed
from genmodels.settings.speech import SpeechSettings
from genmodels.telling import Notice, once

if TYPE_CHECKING:
    import torch
    from matplotlib.figure import Figure

    from genmodels.analysis.context import Look
    from genmodels.analysis.word_errors import WordErrors
    from genmodels.figures.context import ContextPoint, Gaze

UTTERANCES_READ, UTTERANCES_LOOKED_AT = 400, 40
FEWEST, MOST = 1, 100_000
COLUMNS: dict[str, Format] = {
    "run": "", "model": "", "parameters": ",", "past_ms": "", "future_ms": "", "utterances": ",",
    "word_error_rate": ".4f", "sequence_accuracy": ".4f", "looks_from_ms": "+.0f", "looks_to_ms": "+.0f",
    **dict.fromkeys(SURE.values(), ".4f"),
}  # fmt: skip
HEADINGS = {
    "past_ms": "sees back (ms)", "future_ms": "sees ahead (ms)", "looks_from_ms": "looks from (ms)",
    "looks_to_ms": "looks to (ms)",
}  # fmt: skip
ALL = "all"  # of a recording, as the table says it
LEGEND = {
    "looks_from_ms": "a quarter of what a word depends on lies before this, from where the word is said; the past is "
    "negative",
    "looks_to_ms": "a quarter lies after this; the dark bars of the figure reach from one to the other",
}


def sight_of(settings: SpeechSettings) -> tuple[float | None, float | None]:
    """Milliseconds before and after a place that its distribution can depend on; None: as far as there is sound.

    Beside them it knows the whole recording's loudness and colour, as features are taken relative to these.
    """
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

    where, notice = choose_device(device).device, once(runs[0].teller.notice)
    seen = []
    for run, name in zip(runs, run_names(runs), strict=True):
        each = _of_each(utterances, int(run.setting("longest")), notice)
        seen.append(_seen_by(run, name, each, looked_at, seed, where))
    return _side_by_side(runs, seen, seed)


@dataclass(frozen=True)
class _Found:
    """What was found of a network.

    Args:
        row: of the table.
        read: what it made of the utterances.
        look: where it looks.
        heard: what says of which utterances these are.
    """

    row: Row
    read: "WordErrors"
    look: "Look"
    heard: str


Seen = Member[_Found]
Groups = Mapping[str, Sequence[Seen]]


def _side_by_side(runs: Sequence[SpeechRun], seen: Sequence[Seen], seed: int) -> Exhibit:
    """What was found of the networks of some runs, on utterances from a seed."""
    rows = [one.found.row for one in seen]
    names = ", ".join(dict.fromkeys(str(row["data"]) for row in rows))
    whose = networks_told(runs, [row["epoch"] for row in rows])
    hear, it, reads, looks = ("hear", "they", "read", "look") if len(runs) > 1 else ("hears", "it", "reads", "looks")
    title = f"How much {whose} {hear} at once, how well {it} {reads} {names}, and where {it} {looks}"
    groups = grouped(seen, label_of)
    apart = _differences(groups)
    facts = {"networks": rows, "seed": seed, "looks": [_look_facts(one.found) for one in seen], "differences": apart}
    read = ((row["run"], Path(row["path"]), row["epoch"]) for row in rows)
    here = {one.name: missed_of(one.found.read) for one in seen}
    known = [*standing_apart(runs), *(_on_trainings(groups) if len(groups) > 1 else [])]
    unread = unread_told(read, "word_error_rate", "words", here)
    remarks, tables = [*unread, *known, *chance_told(apart, "utterances", TIED)], [_table(names, rows)]

    def draw(title: str) -> "Figure":
        return _figure(groups, apart, title, known)

    return Exhibit("context", title, facts, tables, draw, "table", remarks)


def _table(names: str, rows: Sequence[Row]) -> Table:
    title = f"{names}: what a network sees, and what it makes of it; {GIVE_OR_TAKE}"
    spoken = {name: IN_PER_CENT[name] for name in (*MEASURES, *SURE.values())}
    return Table(title, COLUMNS, rows, HEADINGS, legend=LEGEND, spoken=spoken, errors=SURE)


def _differences(groups: Groups) -> list[Record]:
    """Between the best networks and each of the others."""
    found = [compared(label, _read_by(group)) for label, group in groups.items()]
    return differences(found, ERRORS, "all utterances")


def _read_by(group: Sequence[Seen]) -> "list[tuple[WordErrors, str]]":
    return [(one.found.read, one.found.heard) for one in group]


def _on_trainings(groups: Groups) -> list[str]:
    """What to know before networks are held against each other that were trained too shortly, or unequally long."""
    rows = {label: [one.found.row for one in group] for label, group in groups.items()}
    steps = {label: min(row["steps"] for row in some) for label, some in rows.items()}
    seconds = {label: fmean(row["seconds"] for row in some) for label, some in rows.items()}
    by_time = all(one.settings.minutes is not None for group in groups.values() for one in group)
    return trainings_told(steps, seconds, by_time)


def _seen_by(run: SpeechRun, name: str, each: int, looked_at: int, seed: int, device: "torch.device") -> Seen:
    """What one network reads, so many utterances of each length, and where it looks."""
    from genmodels.analysis.context import looks
    from genmodels.analysis.word_errors import WordErrors, errors_by_length, total
    from genmodels.data.sound.log_mel import LogMel
    from genmodels.data.sound.utterances import UtteranceMaker
    from genmodels.families.speech.ears import load_listener
    from genmodels.training.starting import parameter_count

    model, about = load_listener(run.epoch_checkpoint(None), device)
    log_mel = LogMel(about.settings.features, device)
    clips = run.tested_words().test
    maker = UtteranceMaker(clips, seed, device, "utterances measured")
    lengths = range(1, about.settings.longest + 1)
    with run.teller.counting(f"{name} listens", looked_at + len(lengths) * each) as advance:
        errors: dict[int, WordErrors] = {}
        for length in lengths:
            errors |= errors_by_length(model, log_mel, maker, [length], each)
            advance(each)
        look = looks(model, log_mel, maker, looked_at, advance)
    past, future = sight_of(about.settings)
    (first, last), read = look.half, total(errors, lengths)
    row = {
        "run": name,
        "path": str(run.path),
        "data": about.data,
        "epoch": about.epoch,
        "model": about.settings.model,
        "label": label_of(about.settings),
        "parameters": parameter_count(model),
        "past_ms": ALL if past is None else past,
        "future_ms": ALL if future is None else future,
        "steps": steps_of(run),
        "seconds": seconds_of(run),
        "words": read.words,
        "words_read": read.read,
        **read.to_record(),
        "looks_from_ms": first,
        "looks_to_ms": last,
    }
    found = _Found(row, read, look, f"{clips.digest}, {each} of each of {len(lengths)} lengths")
    return Member(name, about.settings, learned_by(run), found)


def _of_each(utterances: int, lengths: int, notice: Notice) -> int:
    """So many utterances of each length; those asked for are rounded up to as many of each."""
    each = -(-utterances // lengths)
    if each * lengths != utterances:
        notice(
            f"each network reads {each * lengths} utterances, not {utterances}: as many of each of {lengths} lengths"
        )
    return each


def label_of(settings: SpeechSettings) -> str:
    """A network as the figure calls it."""
    model = f"window {settings.window}" if settings.model == "window" else settings.model
    return model + without_told(settings)


def _look_facts(found: _Found) -> dict[str, Any]:
    look = found.look
    shown = {"lags_ms": look.lags_ms, "lower": look.lower, "median": look.median, "upper": look.upper}
    return {"run": found.row["run"], "words": look.words} | {key: values.tolist() for key, values in shown.items()}


def _figure(groups: Groups, apart: Sequence[Record], title: str, remarks: Sequence[str]) -> "Figure":
    from genmodels.figures.context import context_figure

    points = [_point(label, group) for label, group in groups.items()]
    gazes = [_gaze(point, groups[point.label][0]) for point in points]
    worst = max(apart, key=lambda record: float(record["difference"]), default=None)
    may_be_chance = worst is not None and bool(worst["may_be_chance"])
    told = [*remarks, *([] if may_be_chance else ties_told(apart, TIED))]
    return context_figure(points, gazes, title, told, may_be_chance=may_be_chance)


def _point(label: str, group: Sequence[Seen]) -> "ContextPoint":
    from genmodels.figures.context import ContextPoint

    settings = group[0].settings
    past, future = sight_of(settings)
    read = [one.found.read for one in group]
    right, said = fmean(one.sequence_accuracy for one in read), fmean(one.read_share for one in read)
    return ContextPoint(
        label, settings.model, past, future, [one.word_error_rate for one in read], right, said,
        rate_error(_read_by(group)), freedom_of_rate(_read_by(group)), read[0].words,
    )  # fmt: skip


def _gaze(point: "ContextPoint", first: Seen) -> "Gaze":
    """The first run's look stands for its group."""
    from genmodels.figures.context import Gaze

    look = first.found.look
    return Gaze(point.label, point.model, look.lags_ms, look.median, look.lower, look.upper, look.half, point.says)
