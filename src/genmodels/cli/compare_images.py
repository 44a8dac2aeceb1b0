"""compare-images: the families of image models side by side, in one table and one figure."""

import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from genmodels.cli import options
from genmodels.cli.console import note, write_result
from genmodels.cli.options import DEFAULT_RUNS
from genmodels.cli.painters import PAINTERS, Painter
from genmodels.cli.progress import Counter
from genmodels.cli.several_runs import check_same_images, names_of
from genmodels.cli.tables import as_csv, show_table
from genmodels.durable import disk_errors, replace_file, to_json
from genmodels.errors import RunError, UsageError
from genmodels.runs import RunDir, find_run

if TYPE_CHECKING:
    import torch

    from genmodels.analysis.sample_quality import Yardstick

TIMED = 64  # images
SHOWN = 12  # images of each run in the figure
MEASURES = ("classes_present", "class_kl", "frechet_distance", "precision", "recall", "nearest_distance")
COLUMNS = ("run", "model", "epoch", "parameters", "minutes", "nats", "relation", *MEASURES, "seconds_for_64")
SHOWN_COLUMNS = tuple(column for column in COLUMNS if column != "relation")


@dataclass(frozen=True)
class Entry:
    """A run to compare: its best epoch, loaded."""

    run: RunDir
    name: str
    painter: Painter
    loaded: Any

    @property
    def binarize(self) -> str:
        """The kind of its targets."""
        return str(self.loaded.settings.binarize)

    @property
    def nats_told(self) -> str:
        """Of what its nats are: the kind of targets, how many grey levels they have, which part of the images."""
        settings = self.loaded.settings
        levels, part = getattr(settings, "levels", None), _measured_part(self.loaded.state)
        told = f"binarize {self.binarize}" + ("" if levels in {None, "2"} else f", levels {levels}")
        count = "" if part == "test" else f"{settings.val_images} "
        seeded = part != "test" or self.binarize == "static"  # drawn from the run's seed
        return f"{told}, {count}{part} images" + (f", seed {settings.seed}" if seeded else "")


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("compare-images")(compare_images)


def compare_images(
    runs_named: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="RUN...", help="Names or paths of two or more runs.", show_default="the newest of each family"
        ),
    ] = None,
    count: Annotated[int, typer.Option(help="Images drawn from each run and measured.", min=100, max=100_000)] = 2_000,
    seed: Annotated[int, typer.Option(help="Same seed, same images.", min=0)] = 1,
    device: options.Device = "auto",
    runs: options.Runs = DEFAULT_RUNS,
    out: options.FigureOut = None,
    csv_file: options.Csv = None,
    json: options.Json = False,
    quiet: options.Quiet = False,
    debug: options.Debug = False,
) -> None:
    """Put VAE, PixelRNN or PixelCNN and GAN runs on the same data side by side.

    From each run's best epoch as many images are drawn as test images are compared with: the classes they show, the
    Fréchet distance, precision and recall in a classifier's features, and the seconds that 64 of them take. Where one
    of the runs has binary targets, all images are drawn as black and white first. Nats per image are those of
    the test images (or of those that --val-images held out), where a model has them: exact, or a bound ("<=").

    Examples:

      genmodels compare-images                                (the newest run of each family)

      genmodels compare-images my-vae my-gan --count 10000 --csv families.csv
    """
    del debug
    found = [find_run(runs, name, *PAINTERS) for name in runs_named] if runs_named else _newest_of_each(runs)
    _check_comparable(found)
    target = out or found[0].path / "figures" / "comparison.png"
    from genmodels.figures.style import check_format

    check_format(target)
    from genmodels.data.images.opening import reopen_images
    from genmodels.device import choose_device

    where = choose_device(device).device
    entries = [_load(run, name, where) for run, name in zip(found, names_of(found), strict=True)]
    kind = _common_kind(entries)
    data = reopen_images(found[0].document()["data"], note)
    yardstick, real = _yardstick(data, kind, count, where)
    rows, samples = [], []
    for entry in entries:
        row, drawn = _measure(entry, yardstick, Wish(kind, seed, quiet or json))
        rows.append(row)
        samples.append(drawn[:SHOWN].numpy())
    reference = _reference(yardstick)
    shown = "grey" if kind == "none" else "drawn as black and white"
    title = f"{data.name}, {yardstick.count:,} images of each, {shown}"
    _draw_figure(title, rows, samples, real[:SHOWN].cpu().numpy(), target)
    if csv_file is not None:
        with disk_errors(csv_file):
            replace_file(csv_file, as_csv(COLUMNS, [*rows, reference]))
    if json:
        referee = yardstick.referee
        facts: dict[str, Any] = {"data": data.name, "targets": kind, "images": yardstick.count, "figure": str(target)}
        facts |= {"classifier": None if referee is None else referee.name, "runs": rows, "real": reference}
        write_result(to_json(facts).decode().rstrip())
        return
    table = [[_shown(row, column) for column in SHOWN_COLUMNS] for row in [*rows, reference]]
    show_table(f"{title}; nats of {_part_of(entries)} images", list(SHOWN_COLUMNS), table, sys.stdout)
    write_result(str(target))


@dataclass(frozen=True)
class Wish:
    """What is common to all runs: the kind of images compared, the seed, no progress."""

    kind: str
    seed: int
    quiet: bool


def _newest_of_each(runs: Path) -> list[RunDir]:
    """The newest run of every family that has one.

    Raises:
        RunError: fewer than two families have.
    """
    found = []
    for family in PAINTERS:
        try:
            found.append(find_run(runs, None, family))
        except RunError:
            continue
    if len(found) < 2:
        raise RunError(
            f"{runs} has runs of {len(found)} of the families {', '.join(PAINTERS)}, too few to compare",
            "train another, such as genmodels train-vae or train-gan, or name runs.",
        )
    return found


def _check_comparable(found: list[RunDir]) -> None:
    """Two or more runs, on the same images.

    Raises:
        UsageError: they are not.
    """
    if len(found) < 2:
        raise UsageError(f"one run ({found[0].name}) has nothing to be compared with", "name two or more.")
    check_same_images(found)


def _load(run: RunDir, name: str, device: "torch.device") -> Entry:
    painter = PAINTERS[run.document()["family"]]
    return Entry(run, name, painter, painter.load(run.epoch_checkpoint(None), device))


def _common_kind(entries: list[Entry]) -> str:
    """Grey where every run's targets are, else drawn as black and white.

    Raises:
        UsageError: two runs have nats of different kinds of targets or parts, which can't stand in one table.
    """
    kinds = {entry.name: entry.nats_told for entry in entries if entry.painter.score is not None}
    if len(set(kinds.values())) > 1:
        named = "; ".join(f"{name}: {kind}" for name, kind in kinds.items())
        raise UsageError(
            f"nats of different targets can't be compared ({named})",
            "name runs of the same --binarize, --levels, --val-images and --seed.",
        )
    return "none" if all(entry.binarize == "none" for entry in entries) else "dynamic"


def _yardstick(data: Any, kind: str, count: int, device: "torch.device") -> tuple["Yardstick", "torch.Tensor"]:
    """What drawn images are measured with, and some real ones to show."""
    from genmodels.analysis.classifying import open_referee
    from genmodels.analysis.sample_quality import Yardstick, in_order
    from genmodels.data.images.batches import Images

    referee = open_referee(data, device, note)
    train, test = (Images(getattr(data, part), kind, 1, device, part) for part in ("train", "test"))
    return Yardstick(train, test, referee, count), in_order(test, SHOWN)


def _measure(entry: Entry, yardstick: "Yardstick", wish: Wish) -> tuple[dict[str, Any], "torch.Tensor"]:
    """A row of the table, and the images drawn."""
    from genmodels.sampling.images import as_targets
    from genmodels.training.starting import parameter_count

    draw, name = entry.painter.draw, entry.name
    with Counter(f"drawing from {name}", yardstick.count, wish.quiet) as counter:
        drawn = as_targets(draw(entry.loaded, yardstick.count, wish.seed, counter.advance), wish.kind, wish.seed)
    begin = time.perf_counter()
    draw(entry.loaded, TIMED, wish.seed, lambda _: None)
    seconds = time.perf_counter() - begin
    record = yardstick.measure(drawn).to_record()
    state = entry.loaded.state
    row = {
        "run": name,
        "model": f"{entry.painter.title}, {entry.loaded.settings.model}",
        "epoch": int(state["epoch"]),
        "parameters": parameter_count(entry.loaded.model),
        "minutes": round(_minutes(entry.run, int(state["epoch"])), 1),
        "nats": _nats(entry.painter, state),
        "relation": entry.painter.relation,
        **{name: record.get(name) for name in MEASURES},
        "seconds_for_64": round(seconds, 3),
    }
    return row, drawn


def _nats(painter: Painter, state: dict[str, Any]) -> float | None:
    """-log p of the held-out images, or a bound on it, as the epoch's evaluation found it."""
    if painter.score is None:
        return None
    return painter.sign * float(state[_measured_part(state)][painter.score])


def _part_of(entries: list[Entry]) -> str:
    """The part that all nats in the table are of."""
    return next((_measured_part(entry.loaded.state) for entry in entries if entry.painter.score is not None), "test")


def _measured_part(state: dict[str, Any]) -> str:
    """The part of the images that an epoch was evaluated on."""
    return "test" if "test" in state else "validation"


def _minutes(run: RunDir, epoch: int) -> float:
    """Spent in training and evaluating until an epoch was finished."""
    spent = [record["seconds"] for record in run.evaluations() if record["epoch"] == epoch]
    return max(spent, default=0.0) / 60.0


def _reference(yardstick: "Yardstick") -> dict[str, Any]:
    """The row of real images: training images beside test images, which no model can be expected to beat."""
    row: dict[str, Any] = dict.fromkeys(COLUMNS)
    row |= {"run": "(real images)", "relation": "", "frechet_distance": yardstick.frechet_floor}
    return row | {"nearest_distance": yardstick.nearest_real}


DECIMALS = {"class_kl": 4, "precision": 3, "recall": 3, "seconds_for_64": 3, "minutes": 1}


def _shown(row: dict[str, Any], column: str) -> str:
    value = row[column]
    if value is None:
        return "-"
    if isinstance(value, float):
        number = f"{value:.{DECIMALS.get(column, 2)}f}"
        return f"<= {number}" if column == "nats" and row["relation"] == "<=" else number
    return f"{value:,}" if column == "parameters" else str(value)


def _draw_figure(title: str, rows: list[dict[str, Any]], samples: list[Any], real: Any, target: Path) -> None:
    """A row of images for each run, the real ones above them."""
    from genmodels.figures.grid import labelled_grid
    from genmodels.figures.style import save_figure

    labels = ["test images"]
    for row in rows:
        nats = "" if row["nats"] is None else f", {_shown(row, 'nats')} nats"
        labels.append(f"{row['model']}\n{row['minutes']:.0f} min{nats}\nFréchet {row['frechet_distance']:.1f}")
    save_figure(labelled_grid([real, *samples], labels, [None] * len(labels), title), target)
