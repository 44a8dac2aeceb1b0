"""reconstruct: what a VAE makes of ten images, epoch by epoch."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from genmodels.cli import options
from genmodels.cli.console import note, write_result
from genmodels.cli.options import DEFAULT_RUNS
from genmodels.cli.parsing import parse_epochs, parse_integers
from genmodels.durable import to_json
from genmodels.runs import RunDir, find_run

if TYPE_CHECKING:
    from genmodels.analysis.reconstruction import Reconstruction

SHOWN = 10


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("reconstruct")(reconstruct)


def reconstruct(
    run: options.RunName = None,
    epochs: Annotated[
        str | None, typer.Option(help="Epochs, such as 1,10,20.", show_default="the first, the middle and the last")
    ] = None,
    images: Annotated[
        str | None, typer.Option(help="Test images by number, such as 3,17.", show_default="one of each class")
    ] = None,
    sample: Annotated[bool, typer.Option(help="Draw the code from q(z|x) instead of taking its mean.")] = False,
    seed: Annotated[int, typer.Option(help="Of the drawn codes.", min=0)] = 1,
    device: options.Device = "auto",
    runs: options.Runs = DEFAULT_RUNS,
    out: options.FigureOut = None,
    json: options.Json = False,
    debug: options.Debug = False,
) -> None:
    """Draw test images and what the model makes of them after chosen epochs, with log p(x|z) in nats below each.

    Examples:

      genmodels reconstruct --epochs 1,10,20

      genmodels reconstruct --images 3,17 --sample --out digits.pdf
    """
    del debug
    found = find_run(runs, run, "vae")
    asked = parse_epochs(epochs) if epochs is not None else _usual_epochs(found)
    checkpoints = [found.epoch_checkpoint(epoch) for epoch in asked]
    chosen = None if images is None else parse_integers("--images", images)
    target = out or found.path / "figures" / "reconstruct.png"
    from genmodels.figures.style import check_format, save_figure

    check_format(target)
    from genmodels.analysis.reconstruction import reconstruct as compute
    from genmodels.device import choose_device

    result = compute(found, checkpoints, chosen, sample, seed, choose_device(device).device, note)
    save_figure(_draw(result, sample), target)
    if json:
        write_result(to_json({"run": str(found.path), "figure": str(target), **result.to_json()}).decode().rstrip())
        return
    write_result(str(target))


def _usual_epochs(run: RunDir) -> list[int]:
    """The first, the middle and the last of the epochs that were kept: 1, 10 and 20 of twenty."""
    kept = run.epochs()
    if not kept:
        return [1]  # the checkpoint's own error says that there is none yet
    middle = kept[(len(kept) - 1) // 2]
    return sorted({kept[0], middle, kept[-1]})


def _draw(result: "Reconstruction", sample: bool) -> Any:
    from genmodels.figures.grid import labelled_grid

    code = "z drawn from q(z|x)" if sample else "z the mean of q(z|x)"
    rows = [result.originals, *result.pictures]
    labels = ["original", *(f"epoch {epoch}" for epoch in result.epochs)]
    captions = [None, *([f"{value:.1f}" for value in nats] for nats in result.nats)]
    title = f"{result.data}, test images (binarize {result.binarize}); {code}; below each: log p(x|z), nats"
    return labelled_grid(rows, labels, captions, title, result.names)
