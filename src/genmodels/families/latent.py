"""Walks through the space of codes as exhibits: a VAE's, and a generator's."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from genmodels.errors import DataError, UsageError
from genmodels.exhibit import Exhibit
from genmodels.families.images import ImageRun
from genmodels.settings.fields import check_choice

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
STEPS = 11  # images in a walk
OF_GENERATOR = "GAN's interpolation"


@dataclass(frozen=True)
class Asked:
    """What was asked for; None where nothing was said.

    Args:
        kind: of the figure.
        images: numbers of test images.
        dimensions: of the code.
        steps: images in a row.
        class_name: class to draw.
        seed: of a GAN's codes.
    """

    kind: str | None = None
    images: Sequence[int] | None = None
    dimensions: Sequence[int] | None = None
    steps: int | None = None
    class_name: str | None = None
    seed: int | None = None

    def check(self, kind: str) -> None:
        """Each kind takes its own options, and so many numbers of them.

        Raises:
            UsageError: one that it would ignore, or too few or too many numbers.
        """
        given: dict[str, Any] = {
            "--images": self.images, "--dimensions": self.dimensions, "--steps": self.steps,
            "--class": self.class_name, "--seed": self.seed,
        }  # fmt: skip
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


TAKES: Mapping[str, Mapping[str, int | None]] = {  # how many numbers; None: any
    "manifold": {"--dimensions": 2, "--steps": None, "--class": None},
    "interpolate": {"--images": 2, "--steps": None},
    "traverse": {"--images": 1, "--dimensions": None, "--steps": None},
    "scatter": {"--dimensions": 2},
    OF_GENERATOR: {"--steps": None, "--seed": None},
}
EXAMPLES = {1: "3", 2: "3,17"}


class CodedRun(ImageRun):
    """A run of a model that draws from codes."""

    def walk(self, asked: Asked, epoch: int | None, device: str) -> Exhibit:
        """What was asked for, as the family can give it; see `latent`."""
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
        return self.walk(Asked(kind, images, dimensions, steps, class_name, seed), epoch, device)


def of_generator(run: ImageRun, asked: Asked, epoch: int | None, device: str) -> Exhibit:
    """The ways between random codes of a GAN's generator.

    Raises:
        UsageError: another kind, which needs an encoder, or an option that means nothing here.
    """
    if asked.kind not in {None, "interpolate"}:
        raise UsageError(
            f"--kind {asked.kind}, but a GAN has no encoder", "--kind interpolate goes between random codes."
        )
    asked.check(OF_GENERATOR)
    checkpoint = run.epoch_checkpoint(epoch)
    from genmodels.device import choose_device

    loaded: Loaded[GAN, GanSettings] = run.load(checkpoint, choose_device(device).device)
    steps, seed = asked.steps or STEPS, 1 if asked.seed is None else asked.seed
    title = f"{loaded.data}, epoch {loaded.epoch}: along great circles between random codes"

    def draw() -> "Figure":
        from genmodels.analysis.latent import generator_walks
        from genmodels.figures.grid import labelled_grid

        rows = generator_walks(loaded.model, WALKS, steps, seed)
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
        images: numbers of test images, or None for the kind's usual ones.
        dimensions: of the code, the ones asked for or those that carry most KL.
        steps: images in a row, or None for the kind's usual number.
        label: class to draw, for a conditional model.
    """

    loaded: "Loaded[VAE, VaeSettings]"
    test: "Images"
    codes: "Codes"
    data: str
    images: Sequence[int] | None
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


def of_codes(run: ImageRun, asked: Asked, epoch: int | None, device: str) -> Exhibit:
    """What a VAE's code means.

    Raises:
        RunError: that epoch was not kept.
        UsageError, DataError: an unknown kind, or an option that it can't use.
    """
    checkpoint = run.epoch_checkpoint(epoch)
    from genmodels.analysis.latent import encode_all
    from genmodels.data.images.batches import Images
    from genmodels.device import choose_device

    where = choose_device(device).device
    loaded: Loaded[VAE, VaeSettings] = run.load(checkpoint, where)
    settings = loaded.settings
    kind = asked.kind or ("manifold" if settings.latent_size == 2 else "traverse")
    data = run.images()
    test = Images(data.test, settings.binarize, settings.seed, where, "test")
    asked.check(kind)
    _check_range("--images", asked.images, len(test))
    _check_range("--dimensions", asked.dimensions, settings.latent_size)
    codes = encode_all(loaded.model, test, min(SCATTERED, len(test)))
    title = f"{data.name}, binarize {settings.binarize}, epoch {loaded.epoch}"
    dimensions = asked.dimensions or codes.busiest(TRAVERSED)
    label = _class_number(asked.class_name, loaded)
    walk = Walk(loaded, test, codes, title, asked.images, dimensions, asked.steps, label)
    facts = {
        "run": str(run.path), "kind": kind, "epoch": loaded.epoch, "dimensions": list(dimensions),
        "kl_by_dimension": [round(value, 4) for value in codes.kl_by_dimension.tolist()],
    }  # fmt: skip
    return Exhibit(f"latent-{kind}", title, facts, draw=lambda: KINDS[kind](walk))


def _check_range(flag: str, numbers: Sequence[int] | None, count: int) -> None:
    for number in numbers or ():
        if number >= count:
            raise UsageError(f"{flag} {number}: there are {count:,}", f"choose from 0 to {count - 1}.")


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


def _manifold(walk: Walk) -> "Figure":
    from genmodels.analysis.latent import manifold
    from genmodels.figures.grid import tile_figure

    size, (across, down) = walk.steps or 20, walk.plane
    pictures = manifold(walk.loaded.model, (across, down), size, walk.label, walk.test.pixels.device)
    others = "" if walk.loaded.settings.latent_size <= 2 else ", all others 0"
    names = walk.loaded.classes
    class_told = "" if walk.label is None or names is None else f", class {names[walk.label]}"
    labels = (f"z{across}, from its 2.5 % to its 97.5 % quantile", f"z{down}, likewise{others}")
    return tile_figure(pictures, size, f"{walk.data}: the plane of codes{class_told}", labels)


def _interpolate(walk: Walk) -> "Figure":
    import numpy as np

    from genmodels.analysis.latent import interpolation
    from genmodels.figures.grid import labelled_grid

    rows = walk.images or [0, 1]
    pair, steps = walk.batch(rows), walk.steps or STEPS
    pictures = interpolation(walk.loaded.model, pair, steps)
    first, last = pair.images.cpu().numpy()
    row, captions = [first, *pictures, last], [f"image {rows[0]}", *_shares(steps), f"image {rows[1]}"]
    title = f"{walk.data}: along the line between the codes of test images {rows[0]} and {rows[1]}"
    if walk.loaded.settings.conditional and pair.labels is not None and walk.loaded.classes is not None:
        title += f", all decoded as class {walk.loaded.classes[int(pair.labels[0])]}"
    return labelled_grid([np.stack(row)], [""], [captions], title)


def _traverse(walk: Walk) -> "Figure":
    from genmodels.analysis.latent import quantiles, traversal
    from genmodels.figures.grid import labelled_grid

    row, steps = (walk.images or [0])[0], walk.steps or STEPS
    pictures = traversal(walk.loaded.model, walk.batch([row]), list(walk.dimensions), steps)
    labels = [f"z{d} ({walk.codes.kl_by_dimension[d]:.2f} nats)" for d in walk.dimensions]
    values = [f"{value:+.2f}" for value in quantiles(steps).tolist()]
    title = f"{walk.data}: the code of test image {row}, one dimension moved at a time"
    return labelled_grid(pictures, labels, [None] * len(pictures), title, values)


def _scatter(walk: Walk) -> "Figure":
    from genmodels.figures.latent import scatter_figure

    codes = walk.codes
    title = f"{walk.data}: posterior means of {len(codes.means):,} test images"
    return scatter_figure(codes.means, codes.labels, walk.loaded.classes, codes.kl_by_dimension, walk.plane, title)


KINDS: Mapping[str, Callable[[Walk], "Figure"]] = {
    "manifold": _manifold,
    "interpolate": _interpolate,
    "traverse": _traverse,
    "scatter": _scatter,
}
