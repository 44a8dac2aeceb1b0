"""complete: finish half-hidden images with a pixel model."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from genmodels.cli import options
from genmodels.cli.console import note, say, write_result
from genmodels.cli.options import DEFAULT_RUNS
from genmodels.cli.parsing import parse_integers
from genmodels.durable import to_json
from genmodels.errors import DataError, UsageError, did_you_mean
from genmodels.runs import RunDir, find_run

if TYPE_CHECKING:
    import torch

    from genmodels.analysis.completion import Completion
    from genmodels.data.images.batches import Images
    from genmodels.models.stored import LoadedPixels

SIDES = ("bottom", "top", "left", "right")
MOST_PICTURES = 100


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("complete")(complete)


def complete(
    run: options.RunName = None,
    epoch: Annotated[int | None, typer.Option(help="Epoch.", show_default="the best", min=1)] = None,
    hide: Annotated[str, typer.Option(help="Side to hide: bottom, top, left or right.")] = "bottom",
    keep_rows: Annotated[
        int | None, typer.Option(help="Rows (for left and right: columns) that stay visible.", show_default="half")
    ] = None,
    count: Annotated[int, typer.Option(help="Completions of each image.", min=1, max=100)] = 5,
    images: Annotated[
        str | None, typer.Option(help="Test images by number, such as 3,17.", show_default="one of each class")
    ] = None,
    own: Annotated[
        Path | None,
        typer.Option(
            "--input", help="Complete these instead: a picture, a folder, an .npz, IDX files.", show_default="off"
        ),
    ] = None,
    seed: Annotated[int, typer.Option(help="Same seed, same completions.", min=0)] = 1,
    device: options.Device = "auto",
    runs: options.Runs = DEFAULT_RUNS,
    out: options.FigureOut = None,
    json: options.Json = False,
    debug: options.Debug = False,
) -> None:
    """Hide a part of some images and let a pixel model finish them, each time another way.

    Each row: the original, what is left of it, the completions, their mean. Below the original: -log p(hidden part |
    visible part) of the true image in nats. Sides other than the bottom need a run trained with --orientations 4.

    Examples:

      genmodels complete

      genmodels complete --images 3,17 --count 8 --keep-rows 10

      genmodels complete --hide left --run four-ways --out left.pdf
    """
    del debug
    if hide not in SIDES:
        hint = did_you_mean(hide, SIDES) or f"choose one of: {', '.join(SIDES)}."
        raise UsageError(f"--hide {hide!r} is unknown", hint)
    if images is not None and own is not None:
        raise UsageError("--images and --input contradict each other", "give one of them.")
    found = find_run(runs, run, "pixelrnn")
    checkpoint = found.epoch_checkpoint(epoch)
    chosen = None if images is None else parse_integers("--images", images)
    target = out or found.path / "figures" / f"complete-{hide}.png"
    from genmodels.figures.style import check_format, save_figure

    check_format(target)
    from genmodels.analysis.completion import check_hidden, levels_of_test
    from genmodels.analysis.completion import complete as compute
    from genmodels.device import choose_device
    from genmodels.models.stored import load_pixels

    loaded = load_pixels(checkpoint, choose_device(device).device)
    check_hidden(loaded.model, hide, keep_rows)
    part, numbers, names, source = _originals(found, loaded, chosen, own)
    levels = levels_of_test(part, numbers, loaded.model)
    result = compute(loaded.model, levels, hide, keep_rows, count, seed)
    title = f"{source}, binarize {loaded.settings.binarize}; {loaded.settings.model}, epoch {loaded.state['epoch']}"
    save_figure(_draw(result, title, names or [str(number) for number in numbers]), target)
    if json:
        facts = {"run": str(found.path), "figure": str(target), "epoch": loaded.state["epoch"], "data": source}
        facts |= {"binarize": loaded.settings.binarize, "images": numbers, "classes": names}
        write_result(to_json(facts | result.to_json()).decode().rstrip())
        return
    say(f"{sum(result.nats) / len(result.nats):.2f} nats per image for the true hidden part, given the rest")
    write_result(str(target))


def _originals(
    run: RunDir, loaded: "LoadedPixels", chosen: list[int] | None, own: Path | None
) -> tuple["Images", list[int], list[str] | None, str]:
    """The images to finish: their part, numbers in it, classes, and where they are from."""
    from genmodels.data.images.batches import Images
    from genmodels.data.images.files import read_images
    from genmodels.data.images.image_set import choose_test_images, class_names
    from genmodels.data.images.opening import reopen_images
    from genmodels.data.images.parts import Part

    device: torch.device = loaded.model.pixel_bias.device
    s = loaded.settings
    if own is None:
        data = reopen_images(run.document()["data"], note)
        numbers = choose_test_images(data, chosen, note)
        return (
            Images(data.test, s.binarize, s.seed, device, "test"),
            numbers,
            class_names(data, numbers),
            f"{data.name}, test",
        )
    pixels = read_images(own)
    (rows, columns), (ours, across) = pixels.shape[1:], loaded.model.shape
    if (rows, columns) != (ours, across):
        raise DataError(
            f"{own} holds images of {columns}x{rows} pixels, but the run was trained on {across}x{ours}",
            "scale them to that size first.",
        )
    if len(pixels) > MOST_PICTURES:
        note(f"took the first {MOST_PICTURES} of {len(pixels):,} images in {own}")
    numbers = list(range(min(MOST_PICTURES, len(pixels))))
    return Images(Part(pixels[:MOST_PICTURES], None), s.binarize, s.seed, device, "own"), numbers, None, own.name


def _draw(result: "Completion", title: str, labels: list[str]) -> Any:
    """One row for each image."""
    import numpy as np

    from genmodels.figures.grid import labelled_grid

    count = len(result.drawn)
    columns = [result.originals, result.occluded, *result.drawn, result.mean]
    rows = list(np.stack(columns, axis=1))
    captions = [[f"{nats:.1f}", *[""] * (count + 2)] for nats in result.nats]
    across = "columns" if result.hide in {"left", "right"} else "rows"
    heading = f"{title}\n{result.hide} hidden, {result.kept} {across} kept; below the original: nats of its hidden part"
    names = ["original", "given", *(f"drawn {index + 1}" for index in range(count)), "mean"]
    return labelled_grid(rows, labels, captions, heading, names)
