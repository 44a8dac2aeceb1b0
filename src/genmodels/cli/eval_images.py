"""eval-images: what a family can say of how well it models images."""

import sys
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

    from genmodels.data.image_batches import Images
    from genmodels.models.stored_vae import LoadedVae

MEASURES = ("elbo", "reconstruction", "kl", "active_units", "importance_weighted_bound", "standard_error")
SPLITS = ("test", "train")


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("eval-images")(eval_images)


def eval_images(
    run: options.RunName = None,
    epochs: Annotated[str | None, typer.Option(help="Epochs, such as 1,20 or 1-5.", show_default="the best")] = None,
    importance_samples: Annotated[
        int, typer.Option(help="Codes for each image in the importance-weighted bound; 0 leaves it out.", min=0)
    ] = 50,
    split: Annotated[str, typer.Option(help="test or train.")] = "test",
    images: Annotated[int | None, typer.Option(help="Only the first so many.", show_default="all", min=2)] = None,
    binarize: Annotated[
        str | None, typer.Option(help="Other targets than the run's: dynamic, static, threshold or none.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Of codes and binarisation.", min=0)] = 1,
    device: options.Device = "auto",
    runs: options.Runs = DEFAULT_RUNS,
    json: options.Json = False,
    quiet: options.Quiet = False,
    debug: options.Debug = False,
) -> None:
    """Measure a run on its images, in nats per image: the ELBO, its two terms, and the importance-weighted bound.

    The bound with more codes lies closer to log p(x); it needs binary targets. Never compare figures of different
    targets.

    Examples:

      genmodels eval-images

      genmodels eval-images --epochs 1,20 --importance-samples 5000 --json
    """
    del debug
    for flag, value, known in (("--split", split, SPLITS), ("--binarize", binarize, BINARIZE)):
        if value is not None and value not in known:
            hint = did_you_mean(value, known) or f"choose one of: {', '.join(known)}."
            raise UsageError(f"{flag} {value!r} is unknown", hint)
    found = find_run(runs, run, "vae")
    asked = parse_epochs(epochs) if epochs is not None else [None]
    checkpoints = [found.epoch_checkpoint(epoch) for epoch in asked]
    from genmodels.data.image_batches import Images
    from genmodels.data.images import reopen_images
    from genmodels.device import choose_device
    from genmodels.models.stored_vae import load_vae

    choice = choose_device(device)
    data = reopen_images(found.document()["data"], lambda sentence: say(f"note: {sentence}"))
    loaded = [load_vae(checkpoint, choice.device) for checkpoint in checkpoints]
    kind = binarize or loaded[0].settings.binarize
    part = Images(data.test if split == "test" else data.train, kind, seed, choice.device, split)
    count = min(len(part), images or len(part))
    if kind == "none" and importance_samples > 0:
        say("note: grey targets have no importance-weighted bound; --binarize dynamic gives one")
        importance_samples = 0
    results = [_measure(one, part, count, importance_samples, seed, quiet or json) for one in loaded]
    if json:
        facts = {"run": str(found.path), "data": data.name, "binarize": kind, "split": split}
        write_result(to_json(facts | {"results": results}).decode().rstrip())
        return
    shown = [name for name in MEASURES if name in results[0]]
    rows = [[str(r["epoch"]), str(r["images"]), *(_short(r[name]) for name in shown)] for r in results]
    title = f"{found.name} on {data.name}, {split}, binarize {kind}; nats per image"
    title += f"; {importance_samples} importance samples" if importance_samples else ""
    show_table(title, ["epoch", "images", *shown], rows, sys.stdout)


def _short(value: float) -> str:
    return f"{value:.3f}" if isinstance(value, float) else str(value)


def _measure(loaded: "LoadedVae", part: "Images", count: int, samples: int, seed: int, quiet: bool) -> dict[str, Any]:
    from genmodels.analysis.elbo import evaluate_elbo, importance_bound
    from genmodels.device import step_generator

    device: torch.device = part.pixels.device
    measures = evaluate_elbo(loaded.model, part.in_order(count), step_generator(device, seed, "eval codes", 0))
    result = {"epoch": int(loaded.state["epoch"]), **measures.to_record()}
    result["kl_by_dimension"] = [round(value, 5) for value in measures.kl_by_dimension]
    if samples:
        generator = step_generator(device, seed, "eval importance", 0)
        with Counter(f"epoch {result['epoch']}, importance samples", count * samples, quiet) as counter:
            bound = importance_bound(loaded.model, part.in_order(count), samples, generator, counter.advance)
        result |= bound.to_record()
    return result
