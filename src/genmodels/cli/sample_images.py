"""sample-images: draw images from a trained model."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from genmodels.cli import options
from genmodels.cli.console import say, write_result
from genmodels.cli.options import DEFAULT_RUNS
from genmodels.cli.parsing import parse_epochs
from genmodels.cli.progress import Counter
from genmodels.durable import disk_errors, replace_file, to_json
from genmodels.errors import DataError, UsageError
from genmodels.runs import find_run

if TYPE_CHECKING:
    import torch


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("sample-images")(sample_images)


def sample_images(
    run: options.RunName = None,
    epochs: Annotated[str | None, typer.Option(help="Epochs, such as 1,20 or 1-5.", show_default="the best")] = None,
    count: Annotated[int, typer.Option(help="Images for each epoch.", min=1, max=10_000)] = 64,
    classes: Annotated[
        str | None,
        typer.Option(help="Classes to draw, such as 0,1,2; for conditional runs.", show_default="all"),
    ] = None,
    draw: Annotated[
        bool, typer.Option(help="Draw each pixel instead of showing its probability; pixel models always do.")
    ] = False,
    seed: Annotated[int, typer.Option(help="Same seed, same images.", min=0)] = 1,
    device: options.Device = "auto",
    runs: options.Runs = DEFAULT_RUNS,
    out: Annotated[
        Path | None,
        typer.Option(
            help="Write here: .png, .pdf or .svg a figure, .npz the numbers.",
            show_default="in the run's figures/",
            rich_help_panel="Output",
        ),
    ] = None,
    animate: Annotated[
        Path | None,
        typer.Option(help="Write a .gif with a frame for each of --epochs.", rich_help_panel="Output"),
    ] = None,
    json: options.Json = False,
    debug: options.Debug = False,
) -> None:
    """Draw images from a trained VAE, pixel model or GAN, from the same random numbers for every epoch.

    Examples:

      genmodels sample-images

      genmodels sample-images --epochs 1,10,20 --count 10

      genmodels sample-images --classes 0,1,2 --count 30 --out samples.npz

      genmodels sample-images --epochs 1-10 --animate learning.gif
    """
    del debug
    found = find_run(runs, run, *DRAWERS)
    asked = parse_epochs(epochs) if epochs is not None else [None]
    checkpoints = [found.epoch_checkpoint(epoch) for epoch in asked]
    target = None if animate is not None and out is None else out or found.path / "figures" / "samples.png"
    if animate is not None:
        _check_animation(animate, len(asked))
    from genmodels.figures.style import check_format

    if target is not None and target.suffix.lower() != ".npz":
        check_format(target)
    from genmodels.device import choose_device

    draw_from = DRAWERS[found.document()["family"]]
    drawn = draw_from(checkpoints, choose_device(device).device, Wish(count, classes, draw, seed, json))
    written = [path for path in (target, animate) if path is not None]
    for path in written:
        WRITERS.get(path.suffix.lower(), _write_figure)(path, drawn)
    if json:
        facts = {"run": str(found.path), "file": str(written[0]), "epochs": drawn.epochs, "count": count}
        facts |= {"animation": None if animate is None else str(animate), "labels": drawn.labels}
        write_result(to_json(facts).decode().rstrip())
        return
    for path in written:
        write_result(str(path))


def _check_animation(path: Path, epochs: int) -> None:
    """Look at --animate before anything is drawn.

    Raises:
        UsageError: another ending, or nothing that moves.
    """
    if path.suffix.lower() != ".gif":
        raise UsageError(f"--animate {path} is no .gif", "end it in .gif.")
    if epochs < 2:
        raise UsageError(f"--animate {path}: one epoch does not move", "name several, such as --epochs 1-10.")


@dataclass(frozen=True)
class Wish:
    """What the command line says of the images."""

    count: int
    classes: str | None
    draw: bool
    seed: int
    quiet: bool


@dataclass(frozen=True)
class Drawn:
    """Images of each epoch.

    Args:
        sheets: for each epoch an array (N, Y, X) from 0 to 1.
        epochs: their numbers.
        title: the data, how it was binarised, what the images are.
        labels: class of each image, or None.
        names: the same by name.
    """

    sheets: list[Any]
    epochs: list[int]
    title: str
    labels: list[int] | None = None
    names: list[str] | None = None


def _draw_vae(checkpoints: list[Path], device: "torch.device", wish: Wish) -> Drawn:
    from genmodels.models.stored import load_vae
    from genmodels.sampling.images import draw_images

    loaded = [load_vae(checkpoint, device) for checkpoint in checkpoints]
    labels = _labels(wish.classes, wish.count, loaded[0])
    sheets = [draw_images(one.model, wish.count, labels, wish.seed, wish.draw) for one in loaded]
    kind = "samples" if wish.draw else "samples (probabilities of the pixels)"
    epochs = [int(one.state["epoch"]) for one in loaded]
    return Drawn(sheets, epochs, _title(loaded[0], kind), labels, _names(labels, loaded[0].classes))


def _draw_pixels(checkpoints: list[Path], device: "torch.device", wish: Wish) -> Drawn:
    from genmodels.models.stored import load_pixels
    from genmodels.sampling.pixels import sample_pixels

    _refuse_classes(wish, "pixelrnn")
    loaded = [load_pixels(checkpoint, device) for checkpoint in checkpoints]
    with Counter("images", wish.count * len(loaded), wish.quiet) as counter:
        sheets = [sample_pixels(one.model, wish.count, wish.seed, counter.advance) for one in loaded]
    return Drawn(sheets, [int(one.state["epoch"]) for one in loaded], _title(loaded[0], "samples"))


def _draw_gan(checkpoints: list[Path], device: "torch.device", wish: Wish) -> Drawn:
    from genmodels.models.stored import load_gan
    from genmodels.sampling.images import as_targets, draw_gan

    _refuse_classes(wish, "gan")
    loaded = [load_gan(checkpoint, device) for checkpoint in checkpoints]
    binarize = "dynamic" if wish.draw else "none"
    sheets = [as_targets(draw_gan(one.model, wish.count, wish.seed), binarize, wish.seed).numpy() for one in loaded]
    return Drawn(sheets, [int(one.state["epoch"]) for one in loaded], _title(loaded[0], "samples"))


def _refuse_classes(wish: Wish, family: str) -> None:
    if wish.classes is not None:
        raise UsageError(
            f"--classes {wish.classes}, but a {family} run knows no classes",
            "leave --classes out; genmodels train-vae --conditional makes a run that takes them.",
        )


DRAWERS: dict[str, Callable[[list[Path], "torch.device", Wish], Drawn]] = {
    "vae": _draw_vae,
    "pixelrnn": _draw_pixels,
    "gan": _draw_gan,
}


def _title(loaded: Any, kind: str) -> str:
    return f"{loaded.state['data']}, binarize {loaded.settings.binarize}: {kind}"


def _labels(asked: str | None, count: int, loaded: Any) -> list[int] | None:
    """The class of each image; None for a model that knows none.

    Raises:
        UsageError: classes were asked for, but the run is not conditional.
        DataError: there is no such class.
    """
    if not loaded.settings.conditional:
        if asked is not None:
            raise UsageError(
                f"--classes {asked}, but the run is not conditional",
                "leave --classes out; genmodels train-vae --conditional makes a run that takes them.",
            )
        return None
    names = [str(name) for name in loaded.classes]
    wanted = names if asked is None else [item.strip() for item in asked.split(",")]
    for name in wanted:
        if name not in names:
            raise DataError(f"--classes {asked}: there is no class {name!r}", f"the classes are: {', '.join(names)}.")
    return [names.index(wanted[index % len(wanted)]) for index in range(count)]


def _names(labels: list[int] | None, classes: tuple[str, ...] | None) -> list[str] | None:
    return None if labels is None or classes is None else [classes[label] for label in labels]


def _write_arrays(target: Path, drawn: Drawn) -> None:
    import numpy as np

    arrays: dict[str, Any] = {"images": np.stack(drawn.sheets), "epochs": np.array(drawn.epochs)}
    if drawn.labels is not None:
        arrays["labels"] = np.array(drawn.labels)
    file = io.BytesIO()
    np.savez_compressed(file, **arrays)
    with disk_errors(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        replace_file(target, file.getvalue())
    say(f"images: float32 {arrays['images'].shape} (epochs, images, rows, columns), from 0 to 1")


def _write_figure(target: Path, drawn: Drawn) -> None:
    """One epoch: a square of images; several: a row for each."""
    from genmodels.figures.grid import labelled_grid, tile_figure
    from genmodels.figures.style import save_figure

    sheets, names = drawn.sheets, drawn.names
    if len(sheets) == 1 and names is None:
        columns = max(1, round(len(sheets[0]) ** 0.5))
        save_figure(tile_figure(sheets[0], columns, f"{drawn.title}, epoch {drawn.epochs[0]}"), target)
        return
    width = min(len(sheets[0]), 20 if len(sheets) > 1 else 10)
    rows, labels, captions = [], [], []
    for sheet, epoch in zip(sheets, drawn.epochs, strict=True):
        for start in range(0, len(sheet), width):
            rows.append(sheet[start : start + width])
            labels.append(f"epoch {epoch}" if start == 0 else "")
            captions.append(None if names is None else names[start : start + width])
    save_figure(labelled_grid(rows, labels, captions, drawn.title), target)


def _write_animation(target: Path, drawn: Drawn) -> None:
    """A frame for each epoch, all of the same size."""
    from genmodels.figures.grid import tile_figure
    from genmodels.figures.style import save_animation

    columns = max(1, round(len(drawn.sheets[0]) ** 0.5))
    titles = [f"{drawn.title}, epoch {epoch}" for epoch in drawn.epochs]
    frames = [tile_figure(sheet, columns, title) for sheet, title in zip(drawn.sheets, titles, strict=True)]
    save_animation(frames, target)


WRITERS: dict[str, Callable[[Path, Drawn], None]] = {".npz": _write_arrays, ".gif": _write_animation}
