"""Runs of several image families side by side: what they draw, measured alike, and their nats."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from genmodels.analysis.doubts import doubts_about, precision_says_nothing
from genmodels.errors import UsageError
from genmodels.exhibit import Exhibit, Row
from genmodels.families.best import BETTER_BEFORE, best_of
from genmodels.families.chance import distances_apart, distances_told
from genmodels.families.compared import COLUMNS, LINES, MEASURES, SHOWN, SURE, figure_of, tables_of
from genmodels.families.curves import check_same_images
from genmodels.families.doubtful import DOUBT
from genmodels.families.drawn import Form, drawn_to_measure
from genmodels.families.images import ImageRun
from genmodels.families.learned import tested_images
from genmodels.families.nats import Nats
from genmodels.families.steps import parts_told, standing_apart
from genmodels.family import family_of
from genmodels.printable import one_line
from genmodels.runs.naming import run_names
from genmodels.settings.fields import check_range, check_seed
from genmodels.telling import Notice
from genmodels.training.busy import threads_told

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
    from genmodels.data.images.ink import on_paper
    from genmodels.device import choose_device

    where = choose_device(device).device
    data = tested_images(runs)
    entries = _entries(runs, checkpoints, data, where)
    beforehand = [*_parts_told(entries), *standing_apart(runs), *_chosen_told(entries), *_worse_told(runs)]
    form = Form(_common_kind(entries), _fewest_levels(entries))
    referee = open_referee(data, where, runs[0].teller, threads_told)
    yardstick, real = _yardstick(data, form, count, referee, where, runs[0].teller.notice)
    measured = [_measured(entry, yardstick, form, seed, data) for entry in entries]
    rows, apart = [one.row for one in measured], _apart(measured, yardstick)
    shown = [on_paper(images, data.ink) for images in (real, *(one.shown for one in measured))]
    reference = _reference(yardstick)
    facts = _facts(data.name, form, yardstick, rows, reference) | {"differences": apart}
    doubts = partial(_before_reading, partial(doubts_about, yardstick.count, _beside(rows, reference)), apart)
    of_what = f"{data.name}, {yardstick.count:,} images of each, {form.told}"
    tables = tables_of(of_what, _nats_of(entries), [*rows, reference])

    def draw(title: str) -> "Figure":
        of, same = _measured_in(yardstick.count, referee), not _parts_told(entries)
        told = [*beforehand, *doubts(precision=False)]  # precisions: the table alone
        return figure_of(title, [*rows, reference], shown, of, _nats_of(entries), told, same_images=same)

    title = f"Test images of {data.name} and what {len(entries)} runs draw, {form.told}"
    return Exhibit("comparison", title, facts, tables, draw, leads="table", remarks=[*beforehand, *doubts()])


def _parts_told(entries: Sequence[Entry]) -> list[str]:
    """Whose nats are of a part of the held-out images alone."""
    return [f"{told}; eval-images takes all" for told in parts_told(_recorded(entries), "their nats are")]


def _measured_in(count: int, referee: object) -> str:
    """How many images were measured, and by what."""
    features = "the means of parts of each" if referee is None else "a classifier's features"
    return f"{count:,} of each in {features}"


def _worse_told(runs: Sequence[ImageRun]) -> list[str]:
    """Which runs drew worse after their best epoch than before their first step, by their own scores."""
    told = []
    for run in runs:
        found = best_of(run.family, run.evaluations())
        if BETTER_BEFORE in found:
            untrained = f"{family_of(run.family).measure_told(found['score'])} {found[BETTER_BEFORE]:.4g}"
            best, name = f"{found['best']:.4g}", one_line(run.name)  # at the end: a figure's sentence begins large
            told.append(f"better untrained ({untrained}) than after its best epoch ({best}), which is shown: {name}")
    return told


def _chosen_told(entries: Sequence[Entry]) -> list[str]:
    """What to know of how the epochs of some runs were chosen."""
    return [told for one in entries for told in one.run.chosen_told(one.loaded.state)]


def _beside(rows: Sequence[Row], real: Row) -> dict[str, dict[str, Any]]:
    """The measures of each run with real images' recall, as records have it."""
    return {str(row["run"]): {**row, "real/recall": real["recall"]} for row in rows}


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


def _recorded(entries: Sequence[Entry]) -> list[ImageRun]:
    """The runs whose nats are those of their records."""
    return [one.run for one in entries if one.nats is not None and one.nats == one.run.nats(one.loaded.state)]


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
        DOUBT: precision_says_nothing(yardstick.to_record(quality)),
        "seconds_for_64": round(seconds, 3),
    }
    return Measured(row, quality, drawn[: LINES * SHOWN].numpy())


def _measures_of(quality: "Quality") -> dict[str, Any]:
    """The measures of a row, by their columns."""
    record = quality.to_record()
    return {name: record.get(name) for name in (*MEASURES, "variety", *SURE.values()) if name != SURE["nats"]}


def _reference(yardstick: "Yardstick") -> dict[str, Any]:
    """The row of real images: training images measured as if drawn, which no model can be expected to beat."""
    return (
        dict.fromkeys(COLUMNS) | {"run": "(real images)", "relation": "", DOUBT: False} | _measures_of(yardstick.real)
    )


def _nats_of(entries: Sequence[Entry]) -> str:
    """Of what the nats are that some runs have."""
    alike = (f"{entry.nats.part} images{entry.nats.given_told}" for entry in entries if entry.nats is not None)
    return next(alike, "test images")
