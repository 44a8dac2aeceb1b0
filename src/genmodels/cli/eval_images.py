"""eval-images: what a family can say of how well it models images."""

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from genmodels.cli import options
from genmodels.cli.console import Counter, say, show_table, write_result
from genmodels.cli.options import DEFAULT_RUNS, parse_epochs
from genmodels.durable import to_json
from genmodels.errors import UsageError, did_you_mean
from genmodels.runs import find_run
from genmodels.settings import BINARIZE

if TYPE_CHECKING:
    import torch

    from genmodels.data.image_batches import Batch, Images
    from genmodels.models.stored_pixels import LoadedPixels
    from genmodels.models.stored_vae import LoadedVae

IMPORTANCE_SAMPLES = 50
SPLITS = ("test", "train")


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("eval-images")(eval_images)


def eval_images(
    run: options.RunName = None,
    epochs: Annotated[str | None, typer.Option(help="Epochs, such as 1,20 or 1-5.", show_default="the best")] = None,
    importance_samples: Annotated[
        int | None,
        typer.Option(
            help="Codes for each image in a VAE's importance-weighted bound; 0 leaves it out.",
            min=0,
            show_default=str(IMPORTANCE_SAMPLES),
        ),
    ] = None,
    split: Annotated[str, typer.Option(help="test or train.")] = "test",
    images: Annotated[
        int | None, typer.Option(help="Only so many, always the same ones.", show_default="all", min=2)
    ] = None,
    binarize: Annotated[
        str | None, typer.Option(help="Other targets than the run's: dynamic, static, threshold or none.")
    ] = None,
    seed: Annotated[
        int, typer.Option(help="Of codes and dynamic binarisation; static targets are the run's own.", min=0)
    ] = 1,
    device: options.Device = "auto",
    runs: options.Runs = DEFAULT_RUNS,
    json: options.Json = False,
    quiet: options.Quiet = False,
    debug: options.Debug = False,
) -> None:
    """Measure a run on its images, in nats per image.

    Of a VAE: the ELBO, its two terms, and the importance-weighted bound, which with more codes lies closer to log p(x)
    and needs binary targets; of a pixel model: the exact log p(x). Never compare figures of different targets.

    Examples:

      genmodels eval-images

      genmodels eval-images --epochs 1,20 --importance-samples 5000 --json
    """
    del debug
    for flag, value, known in (("--split", split, SPLITS), ("--binarize", binarize, BINARIZE)):
        if value is not None and value not in known:
            hint = did_you_mean(value, known) or f"choose one of: {', '.join(known)}."
            raise UsageError(f"{flag} {value!r} is unknown", hint)
    found = find_run(runs, run, *EVALUATORS)
    asked = parse_epochs(epochs) if epochs is not None else [None]
    checkpoints = [found.epoch_checkpoint(epoch) for epoch in asked]
    from genmodels.data.image_batches import Images
    from genmodels.data.images import reopen_images
    from genmodels.device import choose_device

    device_there = choose_device(device).device
    data = reopen_images(found.document()["data"], lambda sentence: say(f"note: {sentence}"))
    load, measure, measures = EVALUATORS[found.document()["family"]]
    loaded = [load(checkpoint, device_there) for checkpoint in checkpoints]
    kind = binarize or loaded[0].settings.binarize
    own_seed = loaded[0].settings.seed  # what is binarised once is what the run saw; other draws are by --seed
    drawn_by = own_seed if kind == "static" else seed
    part = Images(data.test if split == "test" else data.train, kind, drawn_by, device_there, split)
    wish = Wish(min(len(part), images or len(part)), importance_samples, seed, quiet or json)
    results = [{"epoch": int(one.state["epoch"]), **measure(one, part, wish)} for one in loaded]
    if json:
        facts = {"run": str(found.path), "data": data.name, "binarize": kind, "split": split}
        write_result(to_json(facts | {"results": results}).decode().rstrip())
        return
    shown = [name for name in measures if name in results[0]]
    rows = [[str(r["epoch"]), str(r["images"]), *(_short(r[name]) for name in shown)] for r in results]
    title = f"{found.name} on {data.name}, {split}, binarize {kind}; nats per image"
    if "importance_samples" in results[0]:
        title += f"; {results[0]['importance_samples']} importance samples"
    show_table(title, ["epoch", "images", *shown], rows, sys.stdout)


def _short(value: float) -> str:
    return f"{value:.3f}" if isinstance(value, float) else str(value)


@dataclass(frozen=True)
class Wish:
    """What the command line says: images, codes for each in the bound (None: the usual), seed, no progress."""

    count: int
    importance_samples: int | None
    seed: int
    quiet: bool


def _load_vae(checkpoint: Path, device: "torch.device") -> "LoadedVae":
    from genmodels.models.stored_vae import load_vae

    return load_vae(checkpoint, device)


def _measure_vae(loaded: "LoadedVae", part: "Images", wish: Wish) -> dict[str, Any]:
    """The ELBO and its terms, and with binary targets the importance-weighted bound."""
    from genmodels.analysis.elbo import evaluate_elbo, importance_bound
    from genmodels.device import step_generator

    device: torch.device = part.pixels.device
    samples = IMPORTANCE_SAMPLES if wish.importance_samples is None else wish.importance_samples
    if part.binarize == "none" and samples > 0:
        say("note: grey targets have no importance-weighted bound; --binarize dynamic gives one")
        samples = 0
    codes = step_generator(device, wish.seed, "eval codes", 0)
    measures = evaluate_elbo(loaded.model, part.in_order(wish.count), codes)
    result: dict[str, Any] = dict(measures.to_record())
    result["kl_by_dimension"] = [round(value, 5) for value in measures.kl_by_dimension]
    if samples:
        generator = step_generator(device, wish.seed, "eval importance", 0)
        title = f"epoch {loaded.state['epoch']}, importance samples"
        with Counter(title, wish.count * samples, wish.quiet) as counter:
            bound = importance_bound(loaded.model, part.in_order(wish.count), samples, generator, counter.advance)
        result |= bound.to_record()
    return result


def _load_pixels(checkpoint: Path, device: "torch.device") -> "LoadedPixels":
    from genmodels.models.stored_pixels import load_pixels

    return load_pixels(checkpoint, device)


def _measure_pixels(loaded: "LoadedPixels", part: "Images", wish: Wish) -> dict[str, Any]:
    """Exact nats per image."""
    from genmodels.analysis.pixel_likelihood import evaluate_pixels

    if wish.importance_samples is not None:
        say("note: this likelihood is exact and needs no importance samples")
    if (loaded.model.levels == 2) == (part.binarize == "none"):
        raise UsageError(
            f"--binarize {part.binarize} does not go with a run of {loaded.model.levels} levels",
            "leave --binarize out.",
        )
    with Counter(f"epoch {loaded.state['epoch']}, images", wish.count, wish.quiet) as counter:
        batches = _counted(part.in_order(wish.count), counter.advance)
        return dict(evaluate_pixels(loaded.model, batches).to_record())


def _counted(batches: Iterator["Batch"], advance: Callable[[int], None]) -> Iterator["Batch"]:
    for batch in batches:
        yield batch
        advance(len(batch.images))


VAE_MEASURES = ("elbo", "reconstruction", "kl", "active_units", "importance_weighted_bound", "standard_error")
PIXEL_MEASURES = ("nll", "standard_error", "bits_per_dim")
EVALUATORS: dict[str, tuple[Callable[..., Any], Callable[..., dict[str, Any]], tuple[str, ...]]] = {
    "vae": (_load_vae, _measure_vae, VAE_MEASURES),
    "pixelrnn": (_load_pixels, _measure_pixels, PIXEL_MEASURES),
}
