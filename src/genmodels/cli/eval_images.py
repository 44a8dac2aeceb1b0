"""eval-images: what a family can say of how well it models images."""

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import typer

from genmodels.cli import options
from genmodels.cli.console import note, say, write_result
from genmodels.cli.options import DEFAULT_RUNS
from genmodels.cli.painters import PAINTERS
from genmodels.cli.parsing import parse_epochs
from genmodels.cli.progress import Counter
from genmodels.cli.tables import show_table
from genmodels.durable import to_json
from genmodels.errors import UsageError, did_you_mean
from genmodels.runs import find_run
from genmodels.settings.images import BINARIZE

if TYPE_CHECKING:
    import torch

    from genmodels.data.images.batches import Batch, Images
    from genmodels.data.images.image_set import ImageSet
    from genmodels.models.stored import LoadedGan, LoadedPixels, LoadedVae

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
    """Measure a run on its images.

    Of a VAE: the ELBO, its two terms, and the importance-weighted bound, which with more codes lies closer to log p(x)
    and needs binary targets; of a pixel model: the exact log p(x); all in nats per image. Of a GAN, which has no
    likelihood: the classes it draws, and in a classifier's features the Fréchet distance to test images, precision and
    recall. Never compare figures of different targets.

    Examples:

      genmodels eval-images

      genmodels eval-images --epochs 1,20 --importance-samples 5000 --json

      genmodels eval-images --run my-gan --epochs 1-10
    """
    del debug
    for flag, value, known in (("--split", split, SPLITS), ("--binarize", binarize, BINARIZE)):
        if value is not None and value not in known:
            hint = did_you_mean(value, known) or f"choose one of: {', '.join(known)}."
            raise UsageError(f"{flag} {value!r} is unknown", hint)
    found = find_run(runs, run, *EVALUATORS)
    asked = parse_epochs(epochs) if epochs is not None else [None]
    checkpoints = [found.epoch_checkpoint(epoch) for epoch in asked]
    from genmodels.data.images.batches import Images
    from genmodels.data.images.opening import reopen_images
    from genmodels.device import choose_device

    device_there = choose_device(device).device
    data = reopen_images(found.document()["data"], note)
    family = found.document()["family"]
    evaluator, load = EVALUATORS[family], PAINTERS[family].load
    loaded = [load(checkpoint, device_there) for checkpoint in checkpoints]
    kind = binarize or loaded[0].settings.binarize
    own_seed = loaded[0].settings.seed  # what is binarised once is what the run saw; other draws are by --seed
    drawn_by = own_seed if kind == "static" else seed
    part = Images(data.test if split == "test" else data.train, kind, drawn_by, device_there, split)
    wish = Wish(min(len(part), images or len(part)), importance_samples, seed, quiet or json)
    measure = evaluator.measurer(part, wish, data)
    results = [{"epoch": int(one.state["epoch"]), **measure(one)} for one in loaded]
    if json:
        facts = {"run": str(found.path), "data": data.name, "binarize": kind, "split": split}
        write_result(to_json(facts | {"results": results}).decode().rstrip())
        return
    shown = [name for name in evaluator.measures if name in results[0]]
    rows = [[str(r["epoch"]), str(r["images"]), *(_short(r[name]) for name in shown)] for r in results]
    title = f"{found.name} on {data.name}, {split}, binarize {kind}{evaluator.told}"
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


def _vae_measurer(part: "Images", wish: Wish, _: "ImageSet") -> "Measure":
    return partial(_measure_vae, part=part, wish=wish)


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


def _pixels_measurer(part: "Images", wish: Wish, _: "ImageSet") -> "Measure":
    if wish.importance_samples is not None:
        say("note: this likelihood is exact and needs no importance samples")
    return partial(_measure_pixels, part=part, wish=wish)


def _measure_pixels(loaded: "LoadedPixels", part: "Images", wish: Wish) -> dict[str, Any]:
    """Exact nats per image."""
    from genmodels.analysis.pixel_likelihood import evaluate_pixels

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


def _gan_measurer(part: "Images", wish: Wish, data: "ImageSet") -> "Measure":
    """Real images are measured once, for all epochs."""
    from genmodels.analysis.classifying import open_referee
    from genmodels.analysis.sample_quality import Yardstick
    from genmodels.data.images.batches import Images
    from genmodels.sampling.images import as_targets, draw_gan

    if wish.importance_samples is not None:
        say("note: a GAN has no likelihood, so importance samples mean nothing here")
    if part.stream != "test":
        raise UsageError(
            f"--split {part.stream}, but a GAN's images are compared with test images (and with all training images, "
            "for copies)",
            "leave --split out.",
        )
    referee = open_referee(data, part.device, note)
    train = Images(data.train, part.binarize, part.seed, part.device, "train")
    yardstick = Yardstick(train, part, referee, wish.count)

    def measure(loaded: "LoadedGan") -> dict[str, Any]:
        drawn = as_targets(draw_gan(loaded.model, yardstick.count, wish.seed), part.binarize, wish.seed)
        record = yardstick.measure(drawn).to_record()
        shares = [record.pop(name) for name in list(record) if name.startswith("share/")]
        facts = {} if referee is None else {"classifier": referee.name, "classifier_accuracy": referee.accuracy}
        return {"images": yardstick.count, **record, "class_shares": shares, **facts}

    return measure


Measure = Callable[[Any], dict[str, Any]]


@dataclass(frozen=True)
class Evaluator:
    """How one family is measured.

    Args:
        measurer: (images, wish, the whole set) -> what measures a loaded model.
        measures: shown in the table, in this order.
        told: what else its title says.
    """

    measurer: Callable[["Images", Wish, "ImageSet"], Measure]
    measures: tuple[str, ...]
    told: str = "; nats per image"


VAE_MEASURES = ("elbo", "reconstruction", "kl", "active_units", "importance_weighted_bound", "standard_error")
GAN_MEASURES = (
    "classes_present", "class_kl", "frechet_distance", "frechet_floor", "precision", "recall",
    "nearest_distance", "nearest_real",
)  # fmt: skip
EVALUATORS: dict[str, Evaluator] = {
    "vae": Evaluator(_vae_measurer, VAE_MEASURES),
    "pixelrnn": Evaluator(_pixels_measurer, ("nll", "standard_error", "bits_per_dim")),
    "gan": Evaluator(_gan_measurer, GAN_MEASURES, told=""),
}
