"""Runs of several image families side by side, in one table and one figure."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from genmodels.errors import UsageError
from genmodels.exhibit import Exhibit, Format, Row, Table, give_or_take, written
from genmodels.families.chance import GIVE_OR_TAKE, distances_apart, distances_told
from genmodels.families.curves import check_same_images
from genmodels.families.doubtful import with_doubts
from genmodels.families.drawn import Form, drawn_to_measure
from genmodels.families.images import ImageRun
from genmodels.families.learned import tested_images
from genmodels.families.nats import Nats
from genmodels.families.steps import standing_apart
from genmodels.family import family_of
from genmodels.runs.naming import run_names
from genmodels.settings.fields import check_range, check_seed
from genmodels.telling import Notice

if TYPE_CHECKING:
    import numpy as np
    import torch
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from genmodels.analysis.classifying import Referee
    from genmodels.analysis.sample_quality import Quality, Yardstick
    from genmodels.analysis.standard_errors import Difference
    from genmodels.data.images.image_set import ImageSet
    from genmodels.models.stored import Loaded

COMPARED = 2_000  # images drawn from each run
FEWEST_COMPARED = 100  # fewer say little of a distribution
MOST_COMPARED = 100_000
TIMED = 64  # images
SHOWN = 12  # images of each run in a line of the figure
LINES = 4  # of them, at most, where a page has the room
MEASURES = ("classes_present", "class_kl", "kernel_distance", "precision", "recall", "nearest_squared")
SURE = {name: f"{name}_standard_error" for name in ("nats", "kernel_distance", "class_kl", "precision", "recall")}
COLUMNS = (
    "run", "model", "epoch", "parameters", "minutes", "nats", "relation", *MEASURES, *SURE.values(), "seconds_for_64",
)  # fmt: skip


@dataclass(frozen=True)
class Measured:
    """What was found of a run.

    Args:
        row: of the table.
        quality: of the images that it drew.
        shown: some of them, shape (N, Y, X).
    """

    row: dict[str, Any]
    quality: "Quality"
    shown: "NDArray[np.float32]"


@dataclass(frozen=True)
class Entry:
    """A run to compare: its best epoch, loaded.

    Args:
        run: it.
        name: what to call it.
        loaded: its model.
        nats: what its evaluation found; None for a model without likelihood.
    """

    run: ImageRun
    name: str
    loaded: "Loaded[Any, Any]"
    nats: Nats | None

    @property
    def minutes(self) -> float:
        """Spent in training and evaluating until its epoch was finished."""
        last = self.loaded.state["step"]
        spent = [record["seconds"] for record in self.run.metrics() if record["step"] <= last]
        return max(spent, default=0.0) / 60.0


def check_comparable(runs: Sequence[ImageRun]) -> None:
    """Two or more runs, on the same images.

    Raises:
        UsageError: they are not.
    """
    if len(runs) < 2:
        names = "".join(f" ({run.name})" for run in runs)
        raise UsageError(f"one run{names} has nothing to be compared with", "name two or more.")
    check_same_images(runs)


def compare(runs: Sequence[ImageRun], count: int = COMPARED, *, seed: int = 1, device: str = "auto") -> Exhibit:
    """Runs on the same images side by side: what they draw, measured alike, and -log p where they have it.

    Args:
        runs: two or more; the best epoch of each counts.
        count: images drawn from each and measured; fewer where the set has no more test images.
        seed: same seed, same images.
        device: auto, cpu, cuda, cuda:N or mps.

    Raises:
        UsageError: one run alone, different images, nats of different targets, or a value out of its range.
        RunError: a run has no finished epoch yet.
        DataError: the images have changed or are gone.
    """
    count, seed = check_range("--count", count, FEWEST_COMPARED, MOST_COMPARED), check_seed(seed)
    check_comparable(runs)
    checkpoints = [run.epoch_checkpoint(None) for run in runs]
    from genmodels.analysis.classifying import open_referee
    from genmodels.analysis.sample_quality import doubts_about
    from genmodels.data.images.ink import on_paper
    from genmodels.device import choose_device

    where = choose_device(device).device
    data = tested_images(runs)
    entries = _entries(runs, checkpoints, data, where)
    beforehand = [*standing_apart(runs), *(told for one in entries for told in one.run.chosen_told(one.loaded.state))]
    form = Form(_common_kind(entries), _fewest_levels(entries))
    referee = open_referee(data, where, runs[0].teller)
    yardstick, real = _yardstick(data, form, count, referee, where, runs[0].teller.notice)
    measured = [_measured(entry, yardstick, form, seed, data) for entry in entries]
    rows, apart = [one.row for one in measured], _apart(measured, yardstick)
    shown = [on_paper(images, data.ink) for images in (real, *(one.shown for one in measured))]
    reference = _reference(yardstick)
    facts = _facts(data.name, form, yardstick, rows, reference) | {"differences": apart}
    doubts = partial(_before_reading, partial(doubts_about, yardstick.count, {row["run"]: row for row in rows}), apart)
    tables = _tables(f"{data.name}, {yardstick.count:,} images of each, {form.told}", entries, [*rows, reference])

    def draw(title: str) -> "Figure":
        features = "the means of parts of each" if referee is None else "a classifier's features"
        of = f"{yardstick.count:,} of each in {features}"
        told = [*beforehand, *doubts(precision=False)]  # the table alone has it
        return _figure(title, [*rows, reference], shown, of, _nats_of(entries), told)

    title = f"Test images of {data.name} and what {len(entries)} runs draw, {form.told}"
    return Exhibit("comparison", title, facts, tables, draw, leads="table", remarks=[*beforehand, *doubts()])


def _apart(measured: Sequence[Measured], yardstick: "Yardstick") -> list[dict[str, Any]]:
    """What the kernel distance of the nearest run is less by than those of the others."""

    def by(one: int, other: int) -> "Difference":
        return yardstick.difference(measured[one].quality, measured[other].quality)

    return distances_apart([one.row for one in measured], "kernel_distance", by)


def _before_reading(doubts: Callable[..., list[str]], apart: Sequence[Row], *, precision: bool = True) -> list[str]:
    """What to know of the measures: why they are not to be trusted, and which distances can't be told apart."""
    return [*doubts(precision=precision), *distances_told(apart)]


def _facts(data: str, form: Form, yardstick: "Yardstick", rows: Sequence[Row], real: Row) -> dict[str, Any]:
    referee = yardstick.referee
    told = {"data": data, "targets": form.binarize, "levels": form.levels, "images": yardstick.count}
    return {**told, "classifier": None if referee is None else referee.name, "runs": rows, "real": real}


def _entries(
    runs: Sequence[ImageRun], checkpoints: Sequence[Path], data: "ImageSet", device: "torch.device"
) -> list[Entry]:
    """The runs with their nats; refuses what can't be compared before anything long is computed."""
    entries = []
    for run, name, checkpoint in zip(runs, run_names(runs), checkpoints, strict=True):
        loaded = run.load(checkpoint, device)
        nats = run.nats(loaded.state)
        entries.append(Entry(run, name, loaded, None if nats is None else replace(nats, given="")))
    _common_kind(entries)
    return [replace(one, nats=one.run.nats_beside(one.loaded, one.name, data, device)) for one in entries]


def _nats_told(entry: Entry, nats: Nats) -> str:
    """Of what its nats are: the kind of targets, how many grey levels they have, which part of the images."""
    settings = entry.loaded.settings
    levels = getattr(settings, "levels", None)
    told = f"binarize {settings.binarize}" + ("" if levels in {None, "2"} else f", levels {levels}")
    return f"{told}, {entry.run.held_out_told}{nats.given_told}"


def _common_kind(entries: Sequence[Entry]) -> str:
    """Grey where every run's targets are, else drawn as black and white.

    Raises:
        UsageError: two runs have nats of different kinds of targets or parts, which can't stand in one table.
    """
    kinds = {entry.name: _nats_told(entry, entry.nats) for entry in entries if entry.nats is not None}
    if len(set(kinds.values())) > 1:
        named = "; ".join(f"{name}: {kind}" for name, kind in kinds.items())
        raise UsageError(
            f"nats of different targets can't be compared ({named})",
            "name runs of the same --binarize, --levels, --val-images and --seed, all or none of them --conditional.",
        )
    return "none" if all(entry.loaded.settings.binarize == "none" for entry in entries) else "dynamic"


def _fewest_levels(entries: Sequence[Entry]) -> int | None:
    """How many levels of grey a model has at least that knows some; None where none does."""
    levels = [str(getattr(entry.loaded.settings, "levels", "2")) for entry in entries]
    return min((int(count) for count in levels if count != "2"), default=None)


def _yardstick(
    data: "ImageSet", form: Form, count: int, referee: "Referee | None", device: "torch.device", notice: Notice
) -> "tuple[Yardstick, NDArray[np.float32]]":
    """What drawn images are measured with, and some real ones to show."""
    from genmodels.analysis.sample_quality import Yardstick, in_order
    from genmodels.analysis.sides import sides_of
    from genmodels.data.images.batches import Images

    sides = sides_of(data) if form.levels is None else sides_of(data).in_levels(form.levels)
    yardstick = Yardstick(sides, form.binarize, referee, device, most=count)
    test = Images(sides.held_out, form.binarize, 1, device, "test")
    if yardstick.count < count and count != COMPARED:  # that one nobody asked for
        few = f"{data.name} has {yardstick.count:,} images to compare with"
        notice(f"--count {count:,} became {yardstick.count:,}: {few}")
    return yardstick, in_order(test, LINES * SHOWN)[: LINES * SHOWN].cpu().numpy()


def _measured(entry: Entry, yardstick: "Yardstick", form: Form, seed: int, data: "ImageSet") -> Measured:
    """What a run draws, measured."""
    from genmodels.training.starting import parameter_count

    run, loaded = entry.run, entry.loaded
    drawn = drawn_to_measure(run, loaded, entry.name, yardstick.count, form, seed, data)
    begin = time.perf_counter()
    run.draw_from(loaded, TIMED, seed)
    seconds, quality = time.perf_counter() - begin, yardstick.measure(drawn)
    row = {
        "run": entry.name,
        "model": f"{family_of(run.family).title}, {loaded.settings.model}",
        "epoch": loaded.epoch,
        "parameters": parameter_count(loaded.model),
        "minutes": round(entry.minutes, 1),
        "nats": None if entry.nats is None else entry.nats.value,
        "relation": "" if entry.nats is None else entry.nats.relation,
        SURE["nats"]: None if entry.nats is None else entry.nats.standard_error,
        **_measures_of(quality),
        "seconds_for_64": round(seconds, 3),
    }
    return Measured(row, quality, drawn[: LINES * SHOWN].numpy())


def _measures_of(quality: "Quality") -> dict[str, Any]:
    """The measures of a row, by their columns."""
    record = quality.to_record()
    return {name: record.get(name) for name in (*MEASURES, "variety", *SURE.values()) if name != SURE["nats"]}


def _reference(yardstick: "Yardstick") -> dict[str, Any]:
    """The row of real images: training images measured as if drawn, which no model can be expected to beat."""
    return dict.fromkeys(COLUMNS) | {"run": "(real images)", "relation": ""} | _measures_of(yardstick.real)


def _bound(row: Row) -> str:
    """Nats as a person reads them: 27.02, or "<= 27.02" where they are a bound."""
    number = written(row["nats"], ".2f")
    return f"<= {number}" if row["relation"] == "<=" else number


FORMATS: dict[str, Format] = {
    "parameters": ",", "minutes": ".1f", "nats": _bound, "class_kl": ".4f", "kernel_distance": ".4f",
    "precision": ".3f", "recall": ".3f", "nearest_squared": ".2f", "seconds_for_64": ".3f",
    **dict.fromkeys(SURE.values(), ".3f"), SURE["nats"]: ".2f",
    **{SURE[name]: ".4f" for name in ("kernel_distance", "class_kl")},
}  # fmt: skip


def _with_error(row: Row, name: str = "kernel_distance") -> str:
    """A measure with its standard error: 0.0123 ± 0.0021; without it where it is not known."""
    form = FORMATS[name]
    number = form(row) if callable(form) else written(row[name], form)
    return give_or_take(number, written(row[SURE[name]], str(FORMATS[SURE[name]])))


def _tables(title: str, entries: Sequence[Entry], rows: Sequence[Row]) -> list[Table]:
    """One for a spreadsheet, where a bound's sign has a column, and one for people, where it stands by its number."""
    told = f"{title}; nats of {_nats_of(entries)}; {GIVE_OR_TAKE}"
    shown = {name: FORMATS.get(name, "") for name in COLUMNS if name != "relation"}
    whole = Table(told, dict.fromkeys(COLUMNS, ""), rows, shown=False)
    return [whole, with_doubts(Table(told, shown, rows, errors=SURE))]


def _nats_of(entries: Sequence[Entry]) -> str:
    """Of what the nats are that some runs have."""
    alike = (f"{entry.nats.part} images{entry.nats.given_told}" for entry in entries if entry.nats is not None)
    return next(alike, "test images")


def _figure(
    title: str,
    rows: Sequence[Row],
    samples: "Sequence[NDArray[np.float32]]",
    of: str,
    nats_of: str,
    doubts: Sequence[str],
) -> "Figure":
    """A row of images for each run, the real ones above them, in as many lines as the page has room for.

    Args:
        title: above them.
        rows: of the table; the last one is that of real images.
        samples: real images, then those of each run.
        of: how many images were measured, and by what.
        nats_of: which images the nats are of, and what these are given.
        doubts: why the measures are not to be trusted, a sentence each.
    """
    from genmodels.figures.grid import GridRow, filling, grid_figure
    from genmodels.figures.style import sentence_of

    *runs, real = rows
    labels = ["test images"]
    for row in runs:
        nats = "" if row["nats"] is None else f"{_with_error(row, 'nats')} nats, ".replace("<=", "≤")
        labels.append(f"{row['run']} ({row['model']})\n{nats}kernel distance {_with_error(row)}")

    def rows_of(lines: int) -> "list[GridRow]":
        pairs = zip(samples, labels, strict=True)
        return [GridRow(images[: lines * SHOWN], label, apart=True, lines=lines) for images, label in pairs]

    grid = filling(rows_of, min(LINES, min(map(len, samples)) // SHOWN))
    return grid_figure(grid, title, " ".join([_sentence(runs, real, of, nats_of), *map(sentence_of, doubts)]))


def _sentence(runs: Sequence[Row], real: Row, of: str, nats_of: str) -> str:
    """What the numbers are, and who is nearest to the test images."""
    best = min(runs, key=lambda row: float(row["kernel_distance"]))
    told = (
        f"Kernel distance: how far drawn images are from test images ({of}), ± its standard error: {_with_error(real)} "
        f"for training images in their place, at least {_with_error(best)} here ({best['run']})."
    )
    if any(row["nats"] is not None for row in runs):
        told += (
            f" Nats: mean −log p of {nats_of}, ± its standard error over images, which are the same for all, so what "
            "runs differ by is surer than that; lower is better; ≤ where it is a bound."
        )
    return told
