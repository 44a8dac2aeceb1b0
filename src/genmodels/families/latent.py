"""Walks through the space of codes as exhibits: a VAE's, and a generator's."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from genmodels.errors import DataError, UsageError
from genmodels.exhibit import Exhibit
from genmodels.families.images import ImageRun
from genmodels.settings.fields import check_choice, check_list, check_numbers, check_range, check_seed

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from genmodels.analysis.latent import Codes
    from genmodels.data.images.batches import Batch, Images
    from genmodels.models.gan import GAN
    from genmodels.models.stored import Loaded
    from genmodels.models.vae import VAE
    from genmodels.settings.gan import GanSettings
    from genmodels.settings.vae import VaeSettings

SCATTERED = 5_000  # images in a scatter plot; more hide each other
TRAVERSED = 8  # dimensions
WALKS = 6  # pairs of a GAN's codes
WALK_SEED = 1  # of those codes
STEPS = 11  # images in a walk
PLANE = 20  # images in a row of the plane
FEWEST_STEPS, MOST_STEPS = 2, 100
OF_GENERATOR = "GAN's interpolation"
Draw = Callable[[str], "Figure"]


TAKES: Mapping[str, Mapping[str, int | None]] = {  # how many numbers; None: any
    "manifold": {"--dimensions": 2, "--steps": None, "--class": None},
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
            takes = ", ".join(TAKES[kind])
            raise UsageError(f"{flag} means nothing for a {kind}", f"leave it out; it takes {takes}.")
        count = TAKES[kind][flag]
        if count is not None and len(value) != count:
            shown = ",".join(map(str, value))
            raise UsageError(f"{flag} {shown}: a {kind} takes {count}", f"name {count}, such as {EXAMPLES[count]}.")


class CodedRun(ImageRun):
    """A run of a model that draws from codes."""

    def walk(
        self,
        kind: str | None,
        *,
        epoch: int | None,
        images: Sequence[int] | None,
        dimensions: Sequence[int] | None,
        steps: int | None,
        class_name: str | None,
        seed: int | None,
        device: str,
    ) -> Exhibit:
        """What was asked for, as the family can give it; see `latent`, which has checked the values."""
        raise NotImplementedError

    def latent(
        self,
        kind: str | None = None,
        *,
        epoch: int | None = None,
        images: Sequence[int] | None = None,
        dimensions: Sequence[int] | None = None,
        steps: int | None = None,
        class_name: str | None = None,
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
            class_name: class to draw, for a conditional run's manifold.
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
            class_name=class_name,
            seed=None if seed is None else check_seed(seed),
            device=device,
        )


def of_generator(
    run: ImageRun,
    kind: str | None,
    *,
    epoch: int | None,
    images: Sequence[int] | None,
    dimensions: Sequence[int] | None,
    steps: int | None,
    class_name: str | None,
    seed: int | None,
    device: str,
) -> Exhibit:
    """The ways between random codes of a GAN's generator; see `CodedRun.latent`.

    Raises:
        UsageError: another kind, which needs an encoder, or an option that means nothing here.
    """
    if kind not in {None, "interpolate"}:
        raise UsageError(f"--kind {kind}, but a GAN has no encoder", "--kind interpolate goes between random codes.")
    given = {"--images": images, "--dimensions": dimensions, "--class": class_name}
    check_given(OF_GENERATOR, given)
    checkpoint = run.epoch_checkpoint(epoch)
    from genmodels.analysis.latent import generator_walks
    from genmodels.device import choose_device

    loaded: Loaded[GAN, GanSettings] = run.load(checkpoint, choose_device(device).device)
    steps, seed = STEPS if steps is None else steps, WALK_SEED if seed is None else seed
    title = f"{loaded.data}, epoch {loaded.epoch}: along great circles between random codes"
    rows = [loaded.on_paper(row) for row in generator_walks(loaded.model, WALKS, steps, seed)]

    def draw(title: str) -> "Figure":
        from genmodels.figures.grid import labelled_grid

        return labelled_grid(rows, [""] * WALKS, [None] * WALKS, title, _shares(steps))

    facts = {"run": str(run.path), "kind": "interpolate", "epoch": loaded.epoch, "seed": seed, "steps": steps}
    return Exhibit("latent-interpolate", title, facts, draw=draw)


@dataclass(frozen=True)
class Walk:
    """What every kind of figure is drawn from.

    Args:
        loaded: the model.
        test: its test images.
        codes: where the first of them lie.
        data: what the images are called, with the kind of targets and the epoch.
        images: numbers of test images.
        dimensions: of the code, the ones asked for or those that carry most KL.
        steps: images in a row, or None for the kind's usual number.
        label: class to draw, for a conditional model.
    """

    loaded: "Loaded[VAE, VaeSettings]"
    test: "Images"
    codes: "Codes"
    data: str
    images: Sequence[int]
    dimensions: Sequence[int]
    steps: int | None
    label: int | None

    def batch(self, rows: Sequence[int]) -> "Batch":
        """Test images by number."""
        from genmodels.data.images.batches import rows_of

        return rows_of(self.test, rows)

    @property
    def plane(self) -> tuple[int, int]:
        """Two of the dimensions: across and down."""
        first, *rest = self.dimensions
        return first, rest[0] if rest else first


def of_codes(
    run: ImageRun,
    kind: str | None,
    *,
    epoch: int | None,
    images: Sequence[int] | None,
    dimensions: Sequence[int] | None,
    steps: int | None,
    class_name: str | None,
    seed: int | None,
    device: str,
) -> Exhibit:
    """What a VAE's code means; see `CodedRun.latent`.

    Raises:
        RunError: that epoch was not kept.
        UsageError, DataError: an option that it can't use.
    """
    checkpoint = run.epoch_checkpoint(epoch)
    from genmodels.analysis.latent import encode_all
    from genmodels.data.images.batches import Images
    from genmodels.device import choose_device

    where = choose_device(device).device
    loaded: Loaded[VAE, VaeSettings] = run.load(checkpoint, where)
    settings, data = loaded.settings, run.images()
    shown = ("manifold" if settings.latent_size == 2 else "traverse") if kind is None else kind
    test = Images(data.test, settings.binarize, settings.seed, where, "test")
    check_given(shown, {
        "--images": images, "--dimensions": dimensions, "--steps": steps, "--class": class_name, "--seed": seed,
    })  # fmt: skip
    wanted = USUAL_IMAGES.get(shown) if images is None else images
    rows = [] if wanted is None else check_numbers("--images", wanted, len(test))
    if dimensions is not None:
        check_numbers("--dimensions", dimensions, settings.latent_size)
    label = _class_number(class_name, loaded)
    codes = encode_all(loaded.model, test, min(SCATTERED, len(test)))
    title = f"{data.name}, binarize {settings.binarize}, epoch {loaded.epoch}"
    chosen = codes.busiest(TRAVERSED) if dimensions is None else dimensions
    title, draw = KINDS[shown](Walk(loaded, test, codes, title, rows, chosen, steps, label))
    facts = {
        "run": str(run.path), "kind": shown, "epoch": loaded.epoch, "dimensions": list(chosen),
        "kl_by_dimension": [round(value, 4) for value in codes.kl_by_dimension.tolist()],
    }  # fmt: skip
    return Exhibit(f"latent-{shown}", title, facts, draw=draw)


def _class_number(name: str | None, loaded: "Loaded[VAE, VaeSettings]") -> int | None:
    """The number of the class to draw; the first one for a conditional model when none is named."""
    if name is None:
        return 0 if loaded.settings.conditional else None
    if not loaded.settings.conditional or loaded.classes is None:
        raise UsageError(f"--class {name}, but the run is not conditional", "leave it out: only such runs take one.")
    if name not in loaded.classes:
        raise DataError(f"--class {name!r} is unknown", f"the classes are: {', '.join(loaded.classes)}.")
    return loaded.classes.index(name)


def _shares(steps: int) -> list[str]:
    return [f"{k / (steps - 1):.0%}" for k in range(steps)]


def _manifold(walk: Walk) -> tuple[str, Draw]:
    from genmodels.analysis.latent import manifold

    size, (across, down) = PLANE if walk.steps is None else walk.steps, walk.plane
    pictures = walk.loaded.on_paper(
        manifold(walk.loaded.model, (across, down), size, walk.label, walk.test.pixels.device)
    )
    others = "" if walk.loaded.settings.latent_size <= 2 else ", all others 0"
    names = walk.loaded.classes
    class_told = "" if walk.label is None or names is None else f", class {names[walk.label]}"
    title = f"{walk.data}: the plane of codes{class_told}"
    labels = (f"z{across}, from its 2.5 % to its 97.5 % quantile", f"z{down}, likewise{others}")

    def draw(title: str) -> "Figure":
        from genmodels.figures.grid import tile_figure

        return tile_figure(pictures, size, title, labels)

    return title, draw


def _interpolate(walk: Walk) -> tuple[str, Draw]:
    import numpy as np

    from genmodels.analysis.latent import interpolation

    rows, classes = walk.images, walk.loaded.classes
    pair, steps = walk.batch(rows), STEPS if walk.steps is None else walk.steps
    pictures = interpolation(walk.loaded.model, pair, steps)
    first, last = pair.images.cpu().numpy()
    row = walk.loaded.on_paper(np.stack([first, *pictures, last]))
    captions = [f"image {rows[0]}", *_shares(steps), f"image {rows[1]}"]
    title = f"{walk.data}: along the line between the codes of test images {rows[0]} and {rows[1]}"
    if walk.loaded.settings.conditional and pair.labels is not None and classes is not None:
        title += f", all decoded as class {classes[int(pair.labels[0])]}"

    def draw(title: str) -> "Figure":
        from genmodels.figures.grid import labelled_grid

        return labelled_grid([row], [""], [captions], title)

    return title, draw


def _traverse(walk: Walk) -> tuple[str, Draw]:
    from genmodels.analysis.latent import quantiles, traversal

    row, steps = walk.images[0], STEPS if walk.steps is None else walk.steps
    moved = traversal(walk.loaded.model, walk.batch([row]), list(walk.dimensions), steps)
    pictures = [walk.loaded.on_paper(one) for one in moved]
    labels = [f"z{d} ({walk.codes.kl_by_dimension[d]:.2f} nats)" for d in walk.dimensions]
    values = [f"{value:+.2f}" for value in quantiles(steps).tolist()]
    title = f"{walk.data}: the code of test image {row}, one dimension moved at a time"

    def draw(title: str) -> "Figure":
        from genmodels.figures.grid import labelled_grid

        return labelled_grid(pictures, labels, [None] * len(pictures), title, values)

    return title, draw


def _scatter(walk: Walk) -> tuple[str, Draw]:
    codes, classes, plane = walk.codes, walk.loaded.classes, walk.plane
    title = f"{walk.data}: posterior means of {len(codes.means):,} test images"

    def draw(title: str) -> "Figure":
        from genmodels.figures.latent import scatter_figure

        return scatter_figure(codes.means, codes.labels, classes, codes.kl_by_dimension, plane, title)

    return title, draw


KINDS: Mapping[str, Callable[[Walk], tuple[str, Draw]]] = {
    "manifold": _manifold,
    "interpolate": _interpolate,
    "traverse": _traverse,
    "scatter": _scatter,
}
