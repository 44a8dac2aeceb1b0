"""plot-latent: walks through the space of codes."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from genmodels.cli import options
from genmodels.cli.console import note, write_result
from genmodels.cli.options import DEFAULT_RUNS
from genmodels.cli.parsing import parse_integers
from genmodels.durable import to_json
from genmodels.errors import DataError, UsageError, did_you_mean
from genmodels.runs import find_run

if TYPE_CHECKING:
    from genmodels.data.images.batches import Batch, Images
    from genmodels.models.stored import LoadedVae

SCATTERED = 5_000  # images in a scatter plot; more hide each other
TRAVERSED = 8  # dimensions
WALKS = 6  # pairs of a GAN's codes


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("plot-latent")(plot_latent)


@dataclass(frozen=True)
class Walk:
    """What every kind of figure is drawn from.

    Args:
        loaded: the model.
        test: its test images.
        data: what the images are called, with the kind of targets and the epoch.
        chosen: numbers of test images.
        dimensions: of the code, the ones asked for or those that carry most KL.
        steps: images in a row, or None for the kind's usual number.
        label: class to draw, for a conditional model.
    """

    loaded: "LoadedVae"
    test: "Images"
    data: str
    chosen: list[int] | None
    dimensions: list[int]
    steps: int | None
    label: int | None


def plot_latent(
    kind: Annotated[
        str | None,
        typer.Option(
            help="manifold, interpolate, traverse or scatter.", show_default="manifold for 2 dimensions, else traverse"
        ),
    ] = None,
    run: options.RunName = None,
    epoch: Annotated[int | None, typer.Option(help="Which epoch.", show_default="the best", min=0)] = None,
    images: Annotated[
        str | None, typer.Option(help="Test images by number: two to interpolate between, one to traverse from.")
    ] = None,
    dimensions: Annotated[
        str | None, typer.Option(help="Dimensions of z, such as 0,1.", show_default="those with most KL")
    ] = None,
    steps: Annotated[
        int | None, typer.Option(help="Images in a row.", show_default="20; 11 in a walk", min=2, max=100)
    ] = None,
    class_name: Annotated[
        str | None, typer.Option("--class", help="Class to draw, for a conditional run's manifold.")
    ] = None,
    seed: Annotated[int | None, typer.Option(help="Of a GAN's codes.", show_default="1", min=0)] = None,
    device: options.Device = "auto",
    runs: options.Runs = DEFAULT_RUNS,
    out: options.FigureOut = None,
    json: options.Json = False,
    debug: options.Debug = False,
) -> None:
    """Draw what the code means: a plane of it, the way between two images, one dimension at a time, where images lie.

    Examples:

      genmodels plot-latent                                   (what suits the run)

      genmodels plot-latent --kind interpolate --images 3,17

      genmodels plot-latent --kind scatter --out codes.pdf

      genmodels plot-latent --run my-gan --seed 3              (a GAN: between random codes)
    """
    del debug
    if kind is not None and kind not in KINDS:
        hint = did_you_mean(kind, KINDS) or "choose one of them."
        raise UsageError(f"--kind {kind!r} is unknown (known: {', '.join(KINDS)})", hint)
    found = find_run(runs, run, "vae", "gan")
    checkpoint = found.epoch_checkpoint(epoch)
    chosen = None if images is None else parse_integers("--images", images)
    wanted = None if dimensions is None else parse_integers("--dimensions", dimensions)
    from genmodels.figures.style import check_format, save_figure

    target = out or found.path / "figures" / f"latent-{kind or 'usual'}.png"
    check_format(target)
    flags = {"--images": chosen, "--dimensions": wanted, "--steps": steps, "--class": class_name, "--seed": seed}
    given = {flag: value for flag, value in flags.items() if value is not None}
    if found.document()["family"] == "gan":
        if kind not in {None, "interpolate"}:
            hint = "--kind interpolate goes between random codes."
            raise UsageError(f"--kind {kind}, but a GAN has no encoder", hint)
        _check_flags("GAN's interpolation", given)
        target = out or found.path / "figures" / "latent-interpolate.png"
        facts = _walk_gan(checkpoint, steps or 11, 1 if seed is None else seed, device, target)
        _show({"run": str(found.path), "figure": str(target), "kind": "interpolate", **facts}, json)
        return
    from genmodels.analysis.latent import encode_all
    from genmodels.data.images.batches import Images
    from genmodels.data.images.opening import reopen_images
    from genmodels.device import choose_device
    from genmodels.models.stored import load_vae

    where = choose_device(device).device
    loaded = load_vae(checkpoint, where)
    usual = kind or ("manifold" if loaded.settings.latent_size == 2 else "traverse")
    target = out or found.path / "figures" / f"latent-{usual}.png"
    data = reopen_images(found.document()["data"], note)
    test = Images(data.test, loaded.settings.binarize, loaded.settings.seed, where, "test")
    _check_flags(usual, given)
    _check_range("--images", chosen, len(test))
    _check_range("--dimensions", wanted, loaded.settings.latent_size)
    codes = encode_all(loaded.model, test, min(SCATTERED, len(test)))
    title = f"{data.name}, binarize {loaded.settings.binarize}, epoch {loaded.state['epoch']}"
    walk = Walk(
        loaded, test, title, chosen, wanted or codes.busiest(TRAVERSED), steps, _class_number(class_name, loaded)
    )
    save_figure(KINDS[usual](walk, codes), target)
    facts = {"run": str(found.path), "figure": str(target), "kind": usual, "epoch": loaded.state["epoch"]}
    carried = [round(value, 4) for value in codes.kl_by_dimension.tolist()]
    _show(facts | {"dimensions": walk.dimensions, "kl_by_dimension": carried}, json)


def _show(facts: dict[str, Any], json: bool) -> None:
    """The result: everything as JSON, else where the figure is."""
    write_result(to_json(facts).decode().rstrip() if json else facts["figure"])


def _walk_gan(checkpoint: Path, steps: int, seed: int, device: str, target: Path) -> dict[str, Any]:
    """Draw the ways between random codes of a generator; returns what is worth knowing of them."""
    from genmodels.analysis.latent import generator_walks
    from genmodels.device import choose_device
    from genmodels.figures.grid import labelled_grid
    from genmodels.figures.style import save_figure
    from genmodels.models.stored import load_gan

    loaded = load_gan(checkpoint, choose_device(device).device)
    rows = generator_walks(loaded.model, WALKS, steps, seed)
    epoch = int(loaded.state["epoch"])
    title = f"{loaded.state['data']}, epoch {epoch}: along great circles between random codes"
    shares = [f"{k / (steps - 1):.0%}" for k in range(steps)]
    save_figure(labelled_grid(rows, [""] * WALKS, [None] * WALKS, title, shares), target)
    return {"epoch": epoch, "seed": seed, "steps": steps}


def _check_flags(kind: str, given: dict[str, Any]) -> None:
    """Each kind takes its own options, and so many numbers of them.

    Raises:
        UsageError: one that it would ignore, or too few or too many numbers.
    """
    for flag, value in given.items():
        if flag not in TAKES[kind]:
            raise UsageError(f"{flag} means nothing for a {kind}", f"leave it out; it takes {', '.join(TAKES[kind])}.")
        count = TAKES[kind][flag]
        if count is not None and len(value) != count:
            shown = ",".join(map(str, value))
            raise UsageError(f"{flag} {shown}: a {kind} takes {count}", f"name {count}, such as {EXAMPLES[count]}.")


def _check_range(flag: str, numbers: list[int] | None, count: int) -> None:
    for number in numbers or ():
        if number >= count:
            raise UsageError(f"{flag} {number}: there are {count:,}", f"choose from 0 to {count - 1}.")


def _class_number(name: str | None, loaded: "LoadedVae") -> int | None:
    """The number of the class to draw; the first one for a conditional model when none is named."""
    if name is None:
        return 0 if loaded.settings.conditional else None
    if not loaded.settings.conditional or loaded.classes is None:
        raise UsageError(f"--class {name}, but the run is not conditional", "leave it out: only such runs take one.")
    if name not in loaded.classes:
        raise DataError(f"--class {name!r} is unknown", f"the classes are: {', '.join(loaded.classes)}.")
    return loaded.classes.index(name)


def _plane(walk: Walk) -> tuple[int, int]:
    first, *rest = walk.dimensions
    return first, rest[0] if rest else first


def _batch(walk: Walk, rows: list[int]) -> "Batch":
    from genmodels.data.images.batches import rows_of

    return rows_of(walk.test, rows)


def _manifold(walk: Walk, _: Any) -> Any:
    from genmodels.analysis.latent import manifold
    from genmodels.figures.grid import tile_figure

    size, (across, down) = walk.steps or 20, _plane(walk)
    pictures = manifold(walk.loaded.model, (across, down), size, walk.label, walk.test.pixels.device)
    others = "" if walk.loaded.settings.latent_size <= 2 else ", all others 0"
    names = walk.loaded.classes
    class_told = "" if walk.label is None or names is None else f", class {names[walk.label]}"
    labels = (f"z{across}, from its 2.5 % to its 97.5 % quantile", f"z{down}, likewise{others}")
    return tile_figure(pictures, size, f"{walk.data}: the plane of codes{class_told}", labels)


def _interpolate(walk: Walk, _: Any) -> Any:
    import numpy as np

    from genmodels.analysis.latent import interpolation
    from genmodels.figures.grid import labelled_grid

    rows = walk.chosen or [0, 1]
    pair, steps = _batch(walk, rows), walk.steps or 11
    pictures = interpolation(walk.loaded.model, pair, steps)
    shares = [f"{k / (steps - 1):.0%}" for k in range(steps)]
    first, last = pair.images.cpu().numpy()
    row, captions = [first, *pictures, last], [f"image {rows[0]}", *shares, f"image {rows[1]}"]
    title = f"{walk.data}: along the line between the codes of test images {rows[0]} and {rows[1]}"
    if walk.loaded.settings.conditional and pair.labels is not None and walk.loaded.classes is not None:
        title += f", all decoded as class {walk.loaded.classes[int(pair.labels[0])]}"
    return labelled_grid([np.stack(row)], [""], [captions], title)


def _traverse(walk: Walk, codes: Any) -> Any:
    from genmodels.analysis.latent import quantiles, traversal
    from genmodels.figures.grid import labelled_grid

    row, steps = (walk.chosen or [0])[0], walk.steps or 11
    pictures = traversal(walk.loaded.model, _batch(walk, [row]), walk.dimensions, steps)
    labels = [f"z{d} ({codes.kl_by_dimension[d]:.2f} nats)" for d in walk.dimensions]
    values = [f"{value:+.2f}" for value in quantiles(steps).tolist()]
    title = f"{walk.data}: the code of test image {row}, one dimension moved at a time"
    return labelled_grid(pictures, labels, [None] * len(pictures), title, values)


def _scatter(walk: Walk, codes: Any) -> Any:
    from genmodels.figures.latent import scatter_figure

    title = f"{walk.data}: posterior means of {len(codes.means):,} test images"
    return scatter_figure(codes.means, codes.labels, walk.loaded.classes, codes.kl_by_dimension, _plane(walk), title)


TAKES: dict[str, dict[str, int | None]] = {  # how many numbers; None: any
    "manifold": {"--dimensions": 2, "--steps": None, "--class": None},
    "interpolate": {"--images": 2, "--steps": None},
    "traverse": {"--images": 1, "--dimensions": None, "--steps": None},
    "scatter": {"--dimensions": 2},
    "GAN's interpolation": {"--steps": None, "--seed": None},
}
EXAMPLES = {1: "3", 2: "3,17"}
KINDS: dict[str, Callable[[Walk, Any], Any]] = {
    "manifold": _manifold,
    "interpolate": _interpolate,
    "traverse": _traverse,
    "scatter": _scatter,
}
