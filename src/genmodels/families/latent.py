"""What can be asked of the codes of a run: a VAE's, and a generator's."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from genmodels.errors import DataError, UsageError, in_turn
from genmodels.exhibit import Exhibit
from genmodels.families.images import ImageRun
from genmodels.families.walks import KINDS, PLANES, Walk, between_codes
from genmodels.runs import Epoch
from genmodels.settings.fields import check_choice, check_list, check_numbers, check_range, check_seed
from genmodels.settings.images import Classes, images_told

if TYPE_CHECKING:
    from genmodels.analysis.latent import Codes
    from genmodels.data.images.batches import Images
    from genmodels.models.gan import GAN
    from genmodels.models.stored import Loaded
    from genmodels.models.vae import VAE
    from genmodels.settings.gan import GanSettings
    from genmodels.settings.vae import VaeSettings

SCATTERED = 5_000  # images in a scatter plot; more hide each other
TRAVERSED = 8  # dimensions
WALK_SEED = 1  # of a GAN's codes
FEWEST_STEPS, MOST_STEPS = 2, 100
OF_GENERATOR = "GAN's interpolation"
MOVING = ("interpolate", "traverse")  # kinds with an animation
TAKES: Mapping[str, Mapping[str, int | None]] = {  # how many numbers; None: any
    "manifold": {"--dimensions": 2, "--steps": None, "--classes": 1},
    "interpolate": {"--images": 2, "--steps": None},
    "traverse": {"--images": 1, "--dimensions": None, "--steps": None},
    "scatter": {"--dimensions": 2},
    OF_GENERATOR: {"--steps": None, "--seed": None},
}
EXAMPLES = {1: "0", 2: "0,1"}
USUAL_IMAGES: Mapping[str, Sequence[int]] = {"interpolate": (0, 1), "traverse": (0,)}


def check_given(kind: str, given: Mapping[str, Any]) -> None:
    """Each kind takes its own options, and so many numbers of them.

    Args:
        kind: of the figure.
        given: options and their values; None where nothing was said.

    Raises:
        UsageError: one that it would ignore, or too few or too many numbers.
    """
    for flag, value in given.items():
        if value is None:
            continue
        if flag not in TAKES[kind]:
            raise UsageError(f"{flag} means nothing for {_named(kind)}", _left_out(flag, kind))
        count = TAKES[kind][flag]
        if count is not None and len(value) != count:
            shown = ",".join(map(str, value))
            such = ",".join(map(str, value[:count])) if len(value) > count else EXAMPLES[count]
            raise UsageError(f"{flag} {shown}: {_named(kind)} takes {count}", f"name {count}, such as {such}.")


def _left_out(flag: str, kind: str) -> str:
    """A hint: what a kind takes instead of an option, and which kinds have that."""
    others = [other for other in TAKES if flag in TAKES[other] and OF_GENERATOR not in {kind, other}]
    there = f"; {flag} is for --kind {in_turn(others, 'or')}" if others else ""
    return f"leave it out; {_named(kind)} takes {', '.join(TAKES[kind])}{there}."


def _named(kind: str) -> str:
    """A kind, as a sentence names it."""
    return f"a {kind}" if kind == OF_GENERATOR else f"--kind {kind}"


def check_moves(kind: str) -> None:
    """Only some kinds can be animated.

    Raises:
        UsageError: this one can't.
    """
    if kind not in MOVING:
        raise UsageError(f"--animate, but --kind {kind} does not move", f"--kind {' and --kind '.join(MOVING)} do.")


class CodedRun(ImageRun):
    """A run of a model that draws from codes."""

    def walk(
        self,
        kind: str | None,
        *,
        epoch: Epoch | None,
        images: Sequence[int] | None,
        dimensions: Sequence[int] | None,
        steps: int | None,
        classes: Sequence[str] | None,
        seed: int | None,
        device: str,
    ) -> Exhibit:
        """What was asked for, as the family can give it; see `latent`, which has checked the values."""
        raise NotImplementedError

    def latent(
        self,
        kind: str | None = None,
        *,
        epoch: Epoch | None = None,
        images: int | Sequence[int] | None = None,
        dimensions: int | Sequence[int] | None = None,
        steps: int | None = None,
        classes: Classes | None = None,
        seed: int | None = None,
        device: str = "auto",
    ) -> Exhibit:
        """What the code means: a plane of it, the way between two images, one dimension at a time, where images lie.

        Args:
            kind: "manifold", "interpolate", "traverse" or "scatter"; None: what suits the run.
            epoch: whose weights; None: the best one's.
            images: test images by number: two to interpolate between, one to traverse from.
            dimensions: of z; None: those with most KL.
            steps: images in a row.
            classes: the class to draw, for a conditional run's manifold.
            seed: of a GAN's codes, which has no encoder: it can only go between random ones.
            device: auto, cpu, cuda, cuda:N or mps.

        Raises:
            RunError: that epoch was not kept.
            UsageError, DataError: an unknown kind, or an option that it can't use.
        """
        if kind is not None:
            check_choice("--kind", kind, tuple(KINDS))
        return self.walk(
            kind,
            epoch=epoch,
            images=None if images is None else check_list("--images", images, int),
            dimensions=None if dimensions is None else check_list("--dimensions", dimensions, int),
            steps=None if steps is None else check_range("--steps", steps, FEWEST_STEPS, MOST_STEPS),
            classes=None if classes is None else list(map(str, check_list("--classes", classes, str, int))),
            seed=None if seed is None else check_seed(seed),
            device=device,
        )


def of_generator(
    run: ImageRun,
    kind: str | None,
    *,
    epoch: Epoch | None,
    images: Sequence[int] | None,
    dimensions: Sequence[int] | None,
    steps: int | None,
    classes: Sequence[str] | None,
    seed: int | None,
    device: str,
) -> Exhibit:
    """The ways between random codes of a GAN's generator; see `CodedRun.latent`.

    Raises:
        UsageError: another kind, which needs an encoder, or an option that means nothing here.
    """
    if kind not in {None, "interpolate"}:
        raise UsageError(f"--kind {kind}, but a GAN has no encoder", "--kind interpolate goes between random codes.")
    given = {"--images": images, "--dimensions": dimensions, "--classes": classes}
    check_given(OF_GENERATOR, given)
    checkpoint = run.epoch_checkpoint(epoch)
    from genmodels.device import choose_device

    loaded: Loaded[GAN, GanSettings] = run.load(checkpoint, choose_device(device).device)
    seed = WALK_SEED if seed is None else seed
    shown = between_codes(loaded, _called(run, loaded), steps, seed)
    facts = {"run": str(run.path), "kind": "interpolate", "epoch": loaded.epoch, "seed": seed, "steps": shown.steps}
    return Exhibit("latent-interpolate", shown.title, facts, draw=shown.draw, film=shown.film)


def _called(run: ImageRun, loaded: "Loaded[Any, Any]") -> str:
    """A run and what it has learned from, as titles say it."""
    data = images_told(loaded.data, loaded.settings.binarize)
    return f"{run.called(loaded)}, trained on {data}, after epoch {loaded.epoch}"


def of_codes(
    run: ImageRun,
    kind: str | None,
    *,
    epoch: Epoch | None,
    images: Sequence[int] | None,
    dimensions: Sequence[int] | None,
    steps: int | None,
    classes: Sequence[str] | None,
    seed: int | None,
    device: str,
) -> Exhibit:
    """What a VAE's code means; see `CodedRun.latent`.

    Raises:
        RunError: that epoch was not kept.
        UsageError, DataError: an option that it can't use.
    """
    checkpoint = run.epoch_checkpoint(epoch)
    from genmodels.data.images.batches import Images
    from genmodels.device import choose_device

    where = choose_device(device).device
    loaded: Loaded[VAE, VaeSettings] = run.load(checkpoint, where)
    settings, data = loaded.settings, run.images()
    shown = ("manifold" if settings.latent_size == 2 else "traverse") if kind is None else kind
    _check_plane(shown, run, settings.latent_size)
    test = Images(data.test, settings.binarize, settings.seed, where, "test")
    check_given(shown, {
        "--images": images, "--dimensions": dimensions, "--steps": steps, "--classes": classes, "--seed": seed,
    })  # fmt: skip
    wanted = USUAL_IMAGES.get(shown) if images is None else images
    rows = [] if wanted is None else check_numbers("--images", wanted, len(test))
    if dimensions is not None:
        check_numbers("--dimensions", dimensions, settings.latent_size)
    label, codes = _class_number(classes, loaded), _codes(run, loaded, test)
    chosen = codes.busiest(TRAVERSED) if dimensions is None else dimensions
    chosen = sorted(chosen[:2]) if dimensions is None and shown in PLANES else chosen
    drawn = KINDS[shown](Walk(loaded, test, codes, _called(run, loaded), rows, chosen, steps, label))
    facts = {
        "run": str(run.path), "kind": shown, "epoch": loaded.epoch, "dimensions": list(chosen),
        "kl_by_dimension": [round(value, 4) for value in codes.kl_by_dimension.tolist()],
    }  # fmt: skip
    return Exhibit(f"latent-{shown}", drawn.title, facts, draw=drawn.draw, film=drawn.film)


def _codes(run: ImageRun, loaded: "Loaded[VAE, VaeSettings]", test: "Images") -> "Codes":
    """Where the first test images lie."""
    from genmodels.analysis.latent import encode_all

    count = min(SCATTERED, len(test))
    with run.teller.counting("encoding images", count) as advance:
        return encode_all(loaded.model, test, count, advance)


def _check_plane(kind: str, run: ImageRun, latent_size: int) -> None:
    """Two dimensions need a code that has them.

    Raises:
        UsageError: it has but one.
    """
    if kind in PLANES and latent_size < 2:
        what = f"--kind {kind} shows two dimensions of the code, and that of {run.path} has {latent_size}"
        raise UsageError(what, "--kind traverse moves along it.")


def _class_number(named: Sequence[str] | None, loaded: "Loaded[VAE, VaeSettings]") -> int | None:
    """The number of the one class to draw; the first one for a conditional model when none is named."""
    if named is None:
        return 0 if loaded.settings.conditional else None
    (name,) = named
    if not loaded.settings.conditional or loaded.classes is None:
        raise UsageError(f"the run is not conditional, so takes no class {name}", "leave it out: only such runs do.")
    if name not in loaded.classes:
        raise DataError(f"there is no class {name!r}", f"the classes are: {', '.join(loaded.classes)}.")
    return loaded.classes.index(name)
