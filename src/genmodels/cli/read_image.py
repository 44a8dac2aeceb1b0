"""read-image: the digits in pictures, with confidence and alignment."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from genmodels.cli import options
from genmodels.cli.console import note, say, write_result
from genmodels.cli.options import DEFAULT_RUNS
from genmodels.cli.parsing import parse_lengths
from genmodels.cli.tables import as_line
from genmodels.durable import to_json
from genmodels.errors import UsageError, did_you_mean
from genmodels.printable import one_line
from genmodels.runs import RunDir, find_run

if TYPE_CHECKING:
    import torch

    from genmodels.analysis.reading import Reading
    from genmodels.models.stored import LoadedReader

DECODERS = ("greedy", "beam")
MOST_DRAWN = 40  # pictures; a taller figure helps nobody
Decode = Annotated[str, typer.Option(help="greedy (the likeliest path) or beam (the likeliest reading).")]
BeamWidth = Annotated[
    int | None,
    typer.Option(help="Readings that the beam keeps at each column.", min=2, max=10_000, show_default="10"),
]
USUAL_WIDTH = 10


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("read-image")(read_image)


def read_image(
    files: Annotated[
        list[Path] | None,
        typer.Argument(help="Pictures of digits in a row.", show_default="strips made of test digits"),
    ] = None,
    run: options.RunName = None,
    epoch: Annotated[int | None, typer.Option(help="Which epoch.", show_default="the best", min=0)] = None,
    decode: Decode = "beam",
    beam_width: BeamWidth = None,
    strips: Annotated[
        int | None, typer.Option(help="So many strips of test digits instead of files.", show_default="6", min=1)
    ] = None,
    lengths: Annotated[
        str | None, typer.Option(help="Digits in those strips, in turn, such as 1-8.", show_default="2,4,6,8,12,16")
    ] = None,
    seed: Annotated[int, typer.Option(help="Of those strips.", min=0)] = 1,
    device: options.Device = "auto",
    runs: options.Runs = DEFAULT_RUNS,
    out: options.FigureOut = None,
    json: options.Json = False,
    debug: options.Debug = False,
) -> None:
    """Read the digits in pictures, or in strips made of test digits.

    Pictures are scaled to a height of 32 pixels, of which the digits should fill half or more; dark ink on light ground
    is taken the other way round, and a grey ground away. The figure shows each digit under the columns that gave it.
    The confidence is the probability of the whole reading.

    Examples:

      genmodels read-image                                    (six strips of test digits)

      genmodels read-image house.png parcel.png --out read.png

      genmodels read-image --strips 10 --lengths 9-16 --decode greedy --json
    """
    del debug
    width = check_decoder(decode, beam_width)
    if files and (strips is not None or lengths is not None):
        raise UsageError("files and --strips or --lengths contradict each other", "give one of them.")
    wanted = parse_lengths(lengths or "2,4,6,8,12,16")
    found = find_run(runs, run, "reader")
    checkpoint = found.epoch_checkpoint(epoch)
    target = out or found.path / "figures" / "read.png"
    from genmodels.figures.style import check_format, save_figure

    check_format(target)
    from genmodels.device import choose_device
    from genmodels.models.stored import load_reader

    loaded = load_reader(checkpoint, choose_device(device).device)
    pictures = _pictures(files) if files else _strips(found, strips or 6, wanted, seed)
    shown = [_read(loaded, picture, width) for picture in pictures]
    from genmodels.figures.reading import reading_figure

    if len(shown) > MOST_DRAWN:
        say(f"note: the figure shows the first {MOST_DRAWN} of {len(shown)}")
    title = f"{loaded.state['data']}, {loaded.settings.model}, epoch {loaded.state['epoch']}"
    save_figure(reading_figure([one.drawn for one in shown[:MOST_DRAWN]], title), target)
    say(f"figure: {target}")
    if json:
        facts = {"run": str(found.path), "epoch": loaded.state["epoch"], "decode": decode, "beam_width": width}
        facts["figure"] = str(target)
        write_result(to_json(facts | {"readings": [one.facts for one in shown]}).decode().rstrip())
        return
    for one in shown:
        truth = [] if one.drawn.truth is None else [one.drawn.truth]
        write_result(as_line([one.facts["name"], one.text, f"{one.drawn.confidence:.4f}", *truth]))


def check_decoder(decode: str, beam_width: int | None) -> int:
    """The width of the beam that the options mean; 1 is the best path.

    Raises:
        UsageError: no such decoder, or a width for one that has none.
    """
    if decode not in DECODERS:
        hint = did_you_mean(decode, DECODERS) or f"choose one of: {', '.join(DECODERS)}."
        raise UsageError(f"--decode {decode!r} is unknown", hint)
    if decode == "greedy" and beam_width is not None:
        raise UsageError(f"--beam-width {beam_width} means nothing to --decode greedy", "add --decode beam.")
    return 1 if decode == "greedy" else beam_width or USUAL_WIDTH


@dataclass(frozen=True)
class Picture:
    """Something to read.

    Args:
        name: what it is called.
        strip: shape (32, W), from 0 to 1.
        across: pixels of the original for one of the strip's.
        truth: classes, where they are known.
    """

    name: str
    strip: "torch.Tensor"
    across: float = 1.0
    truth: list[int] | None = None


@dataclass(frozen=True)
class Shown:
    """What was read, for the figure, for the terminal and for JSON."""

    drawn: Any
    text: str
    facts: dict[str, Any]


def _pictures(files: list[Path]) -> list[Picture]:
    from genmodels.data.images.pictures import read_any_picture
    from genmodels.data.images.strips import HEIGHT, fit_picture

    pictures = []
    for file in files:
        pixels = read_any_picture(file)
        strip = fit_picture(pixels, one_line(str(file)), note)
        pictures.append(Picture(str(file), strip, pixels.shape[0] / HEIGHT))
    return pictures


def _strips(run: RunDir, count: int, lengths: list[int], seed: int) -> list[Picture]:
    """Strips of test digits that no training saw."""
    import torch

    from genmodels.data.images.opening import reopen_images
    from genmodels.data.images.strips import StripMaker, light_on_dark

    data = light_on_dark(reopen_images(run.document()["data"], note), note)
    maker = StripMaker(data.test, seed, torch.device("cpu"), "strips shown")
    pictures = []
    for index in range(count):
        digits = lengths[index % len(lengths)]
        made = maker.make(1, digits, digits, index)
        pictures.append(Picture(f"strip {index + 1}", made.images[0], truth=made.labels[0].tolist()))
    return pictures


def _read(loaded: "LoadedReader", picture: Picture, width: int) -> Shown:
    import torch

    from genmodels.analysis.reading import Reading, reading_text
    from genmodels.analysis.reading_accuracy import read_strips
    from genmodels.data.images.strips import COLUMN, INK
    from genmodels.figures.reading import ReadStrip

    device: torch.device = next(loaded.model.parameters()).device
    if float(picture.strip.max()) <= INK:
        note(f"{one_line(picture.name)} holds no ink, so there is nothing to read")
        reading = Reading([], 1.0, [], [])
    else:
        (reading,) = read_strips(loaded.model, picture.strip[None].to(device), width)
    text = reading_text(reading.classes, loaded.classes)
    truth = None if picture.truth is None else reading_text(picture.truth, loaded.classes)
    assert loaded.classes is not None, "readers learn from labelled images alone"
    names = [loaded.classes[kind] for kind in reading.classes]
    spans = None
    if reading.spans is not None:
        spans = [(float(COLUMN * first), float(COLUMN * (last + 1))) for first, last in reading.spans]
    strip = picture.strip.cpu().numpy()
    wrong = picture.truth is not None and picture.truth != reading.classes
    drawn = ReadStrip(one_line(picture.name), strip, names, spans, reading.scores, reading.confidence, truth, wrong)
    known = {} if truth is None else {"truth": truth, "right": not wrong}
    return Shown(drawn, text, _facts(picture, reading, text, names, spans) | known)


def _facts(
    picture: Picture,
    reading: "Reading",
    text: str,
    names: list[str],
    spans: list[tuple[float, float]] | None,
) -> dict[str, Any]:
    """For JSON; pixels are those of the original picture."""
    digits = []
    for index, name in enumerate(names):
        there = {} if spans is None else {"pixels": [round(edge * picture.across, 1) for edge in spans[index]]}
        digits.append({"digit": name, "probability": round(reading.scores[index], 6), **there})
    return {"name": picture.name, "reading": text, "confidence": reading.confidence, "digits": digits}
