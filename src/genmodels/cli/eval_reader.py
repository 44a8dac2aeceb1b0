"""eval-reader: how well readers read strips of test digits, by length; several side by side."""

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from genmodels.cli import options
from genmodels.cli.console import Counter, as_csv, say, show_table, write_result
from genmodels.cli.options import DEFAULT_RUNS
from genmodels.cli.read_image import BeamWidth, Decode, check_decoder, parse_lengths
from genmodels.cli.several_runs import check_same_images, names_of
from genmodels.durable import disk_errors, replace_file, to_json
from genmodels.runs import find_run

if TYPE_CHECKING:
    from genmodels.analysis.reading_accuracy import Accuracy

COLUMNS = ("run", "model", "digits", "strips", "sequence_accuracy", "character_error_rate")


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
    beam_width: BeamWidth = 10,
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
    wanted = None if lengths is None else parse_lengths(lengths)
    found = [find_run(runs, name, "reader") for name in run or ["last"]]
    check_same_images(found)
    checkpoints = [one.epoch_checkpoint(None) for one in found]
    target = out or found[0].path / "figures" / "by-length.png"
    from genmodels.figures.style import check_format, save_figure

    check_format(target)
    from genmodels.analysis.reading_accuracy import accuracy_by_length, total
    from genmodels.data.images import reopen_images
    from genmodels.data.strips import StripMaker
    from genmodels.device import choose_device
    from genmodels.figures.reading import accuracy_figure
    from genmodels.models.stored import load_reader

    where = choose_device(device).device
    data = reopen_images(found[0].document()["data"], lambda sentence: say(f"note: {sentence}"))
    maker = StripMaker(data.test, seed, where, "strips measured")
    loaded = [load_reader(checkpoint, where) for checkpoint in checkpoints]
    longest = max(one.settings.longest for one in loaded)
    read = wanted or list(range(1, 2 * longest + 1))
    rows: list[dict[str, Any]] = []
    by_length = {}
    for name, one in zip(names_of(found), loaded, strict=True):
        with Counter(f"reading with {name}", len(read) * strips, quiet or json) as counter:
            counts: dict[int, Accuracy] = {}
            for length in read:
                counts |= accuracy_by_length(one.model, maker, [length], strips, width=width)
                counter.advance(strips)
        by_length[f"{name} ({one.settings.model})"] = counts
        groups = {f"{n}": [n] for n in read} | _groups(read, longest)
        for label, group in groups.items():
            record = total(counts, group).to_record()
            rows.append({"run": name, "model": one.settings.model, "digits": label, **record})
    title = f"{data.name}: {strips} strips of test digits for each length, {decode} decoding"
    curves, errors = (
        {name: {n: getattr(counts[n], measure) for n in read} for name, counts in by_length.items()}
        for measure in ("sequence_accuracy", "character_error_rate")
    )
    save_figure(accuracy_figure(curves, errors, longest, title), target)
    if csv_file is not None:
        with disk_errors(csv_file):
            replace_file(csv_file, as_csv(COLUMNS, rows))
    if json:
        facts = {"data": data.name, "decode": decode, "seed": seed, "figure": str(target), "results": rows}
        write_result(to_json(facts).decode().rstrip())
        return
    show_table(title, list(COLUMNS), [[_shown(row[column]) for column in COLUMNS] for row in rows], sys.stdout)
    write_result(str(target))


def _groups(lengths: list[int], longest: int) -> dict[str, list[int]]:
    """Lengths that were trained on together, and longer ones together."""
    usual, longer = [n for n in lengths if n <= longest], [n for n in lengths if n > longest]
    return {f"{group[0]}-{group[-1]}": group for group in (usual, longer) if len(group) > 1}


def _shown(value: object) -> str:
    return f"{value:.4f}" if isinstance(value, float) else str(value)
