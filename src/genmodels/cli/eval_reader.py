"""eval-reader: how well readers read strips of test digits, by length; several side by side."""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from genmodels.cli import options
from genmodels.cli.console import note, write_result
from genmodels.cli.options import DEFAULT_RUNS
from genmodels.cli.parsing import parse_lengths
from genmodels.cli.progress import Counter
from genmodels.cli.read_image import BeamWidth, Decode, check_decoder
from genmodels.cli.several_runs import check_same_images, names_of
from genmodels.cli.tables import as_csv, show_table
from genmodels.durable import disk_errors, replace_file, to_json
from genmodels.runs import find_run

if TYPE_CHECKING:
    from genmodels.analysis.reading_accuracy import Accuracy
    from genmodels.data.images.strips import StripMaker

COLUMNS = ("run", "model", "digits", "strips", "sequence_accuracy", "character_error_rate")


@dataclass(frozen=True)
class Measured:
    """A reader and what it read.

    Args:
        name: what the run is called.
        checkpoint: the epoch that read.
        loaded: its model.
        counts: by length.
    """

    name: str
    checkpoint: Path
    loaded: Any
    counts: "dict[int, Accuracy]"

    @property
    def longest(self) -> int:
        """Digits in the longest strip that it was trained on."""
        return int(self.loaded.settings.longest)

    @property
    def rows(self) -> list[dict[str, Any]]:
        """For the table: each length, then those trained on together and the longer ones together."""
        from genmodels.analysis.reading_accuracy import total

        groups = {f"{n}": [n] for n in self.counts} | _groups(list(self.counts), self.longest)
        known = {"run": self.name, "model": self.loaded.settings.model}
        return [{**known, "digits": label, **total(self.counts, group).to_record()} for label, group in groups.items()]

    @property
    def facts(self) -> dict[str, Any]:
        """Which network it was, for JSON."""
        path, state = self.checkpoint.parent.parent, self.loaded.state
        return {"run": self.name, "path": str(path), "epoch": state["epoch"], "longest": self.longest}


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("eval-reader")(eval_reader)


def eval_reader(
    run: Annotated[
        list[str] | None,
        typer.Option("--run", help="A run; several are put side by side.", show_default="the newest reader"),
    ] = None,
    lengths: Annotated[
        str | None, typer.Option(help="Digits in a strip, such as 1-16.", show_default="to twice the longest trained")
    ] = None,
    strips: Annotated[int, typer.Option(help="Strips of each length.", min=1, max=100_000)] = 250,
    decode: Decode = "greedy",
    beam_width: BeamWidth = None,
    seed: Annotated[int, typer.Option(help="Of the strips.", min=0)] = 1,
    device: options.Device = "auto",
    runs: options.Runs = DEFAULT_RUNS,
    out: options.FigureOut = None,
    csv_file: options.Csv = None,
    json: options.Json = False,
    quiet: options.Quiet = False,
    debug: options.Debug = False,
) -> None:
    """Read strips of test digits: share read without error, and errors for each digit, by the strip's length.

    Examples:

      genmodels eval-reader

      genmodels eval-reader --run crnn --run fixed --lengths 1-16 --csv by-length.csv

      genmodels eval-reader --decode beam --strips 100
    """
    del debug
    width = check_decoder(decode, beam_width)
    wanted = None if lengths is None else sorted(parse_lengths(lengths))
    found = [find_run(runs, name, "reader") for name in run or ["last"]]
    check_same_images(found)
    checkpoints = [one.epoch_checkpoint(None) for one in found]
    target = out or found[0].path / "figures" / "by-length.png"
    from genmodels.figures.style import check_format

    check_format(target)
    from genmodels.data.images.opening import reopen_images
    from genmodels.data.images.strips import StripMaker, light_on_dark
    from genmodels.device import choose_device
    from genmodels.models.stored import load_reader

    where = choose_device(device).device
    data = light_on_dark(reopen_images(found[0].document()["data"], note), note)
    maker = StripMaker(data.test, seed, where, "strips measured")
    loaded = [load_reader(checkpoint, where) for checkpoint in checkpoints]
    read = wanted or list(range(1, 2 * max(one.settings.longest for one in loaded) + 1))
    measured = []
    for name, checkpoint, one in zip(names_of(found), checkpoints, loaded, strict=True):
        with Counter(f"reading with {name}", len(read) * strips, quiet or json) as counter:
            measured.append(Measured(name, checkpoint, one, _read(one.model, maker, read, strips, width, counter)))
    title = f"{data.name}: {strips} strips of test digits for each length, {decode} decoding"
    _draw_figure(measured, title, target)
    rows = [row for one in measured for row in one.rows]
    if csv_file is not None:
        with disk_errors(csv_file):
            replace_file(csv_file, as_csv(COLUMNS, rows))
    if json:
        facts = {"data": data.name, "decode": decode, "beam_width": width, "seed": seed, "figure": str(target)}
        readers = [one.facts for one in measured]
        write_result(to_json({**facts, "readers": readers, "results": rows}).decode().rstrip())
        return
    show_table(title, list(COLUMNS), [[_shown(row[column]) for column in COLUMNS] for row in rows], sys.stdout)
    write_result(str(target))


def _read(
    model: Any, maker: "StripMaker", lengths: list[int], strips: int, width: int, counter: Counter
) -> "dict[int, Accuracy]":
    from genmodels.analysis.reading_accuracy import accuracy_by_length

    counts: dict[int, Accuracy] = {}
    for length in lengths:
        counts |= accuracy_by_length(model, maker, [length], strips, width=width)
        counter.advance(strips)
    return counts


def _draw_figure(measured: list[Measured], title: str, target: Path) -> None:
    from genmodels.figures.reading import accuracy_figure
    from genmodels.figures.style import save_figure

    labels = [f"{one.name} ({one.loaded.settings.model}, trained to {one.longest})" for one in measured]
    curves, errors = (
        {
            label: {length: getattr(counted, measure) for length, counted in one.counts.items()}
            for label, one in zip(labels, measured, strict=True)
        }
        for measure in ("sequence_accuracy", "character_error_rate")
    )
    save_figure(accuracy_figure(curves, errors, sorted({one.longest for one in measured}), title), target)


def _groups(lengths: list[int], longest: int) -> dict[str, list[int]]:
    """Lengths that were trained on together, and longer ones together; lengths are in order."""
    usual, longer = [n for n in lengths if n <= longest], [n for n in lengths if n > longest]
    return {_span(group): group for group in (usual, longer) if len(group) > 1}


def _span(group: list[int]) -> str:
    """1-8, or 1,3,8 where some are left out."""
    whole = group == list(range(group[0], group[-1] + 1))
    return f"{group[0]}-{group[-1]}" if whole else ",".join(map(str, group))


def _shown(value: object) -> str:
    return f"{value:.4f}" if isinstance(value, float) else str(value)
