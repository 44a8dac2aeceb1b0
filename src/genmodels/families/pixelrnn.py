"""The pixel models, PixelRNN and PixelCNN: the family's row, and what can be asked of its runs."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from genmodels.errors import DataError, UsageError
from genmodels.exhibit import Exhibit
from genmodels.families.completed import completed
from genmodels.families.graph_images import pixel_graph
from genmodels.families.images import ImageRun
from genmodels.families.learned import tested_images
from genmodels.families.nats import Nats, measured_part
from genmodels.families.pixelrnn_alive import alive_pixels, pixel_exhibits
from genmodels.families.tours import PIXELRNN_TOUR
from genmodels.family import Family
from genmodels.paths import path_of
from genmodels.runs import Epoch, Record
from genmodels.settings.fields import check_choice, check_list, check_range, check_seed
from genmodels.settings.pixelrnn import PIXEL_PRESETS, PixelSettings
from genmodels.telling import UNTOLD, Advance, Teller, counted, silent

if TYPE_CHECKING:
    import numpy as np
    import torch
    from numpy.typing import NDArray

    from genmodels.analysis.completion import Completion
    from genmodels.data.images.batches import Batch, Images
    from genmodels.data.images.image_set import ImageSet
    from genmodels.models.pixel_model import PixelModel
    from genmodels.models.stored import Loaded
    from genmodels.training.pixels import PixelTask

    LoadedPixels = Loaded[PixelModel, PixelSettings]

SIDES = ("bottom", "top", "left", "right")
MOST_PICTURES = 100
COMPLETIONS = 5  # of each image
MOST_COMPLETIONS = 100
COURSE_COLUMNS = ("epoch", "step", "split", "nll", "bits_per_dim", "nll_standard_error", "images", "seconds")


@dataclass(frozen=True)
class Originals:
    """Images of which a part is to be hidden.

    Args:
        images: among which they are.
        numbers: theirs.
        names: of their classes, or None.
        source: where they are from.
        told: what a title calls them.
        labels: what to call each.
    """

    images: "Images"
    numbers: Sequence[int]
    names: Sequence[str] | None
    source: str
    told: str
    labels: Sequence[str]


class PixelRun(ImageRun):
    """A run of a model that draws images pixel by pixel.

    Example:
        >>> run = genmodels.open_run("pixels", genmodels.PixelRun)
        >>> run.complete(images=[0, 1], count=2).save("halves.png")
        PosixPath('halves.png')
    """

    family: ClassVar[str] = "pixelrnn"
    measures: ClassVar[Sequence[str]] = ("nll", "nll_standard_error", "bits_per_dim")
    errors: ClassVar[Mapping[str, str]] = {"nll": "nll_standard_error"}
    in_order: ClassVar[bool] = True

    @property
    def targets_told(self) -> str:
        """See `ImageRun.targets_told`; where pixels are grey, of how many levels."""
        levels, told = str(self.setting("levels")), super().targets_told
        return told if levels in {"2", "?"} else f"{told} of {levels} levels"

    def load(self, checkpoint: Path, device: "torch.device") -> "LoadedPixels":
        """See `ImageRun.load`."""
        from genmodels.models.build_pixels import build_pixel_model
        from genmodels.models.stored import load

        return load(checkpoint, device, PixelSettings, lambda settings, shape, _: build_pixel_model(settings, shape))

    def draw_from(
        self,
        loaded: "LoadedPixels",
        count: int,
        seed: int,
        labels: Sequence[int] | None = None,
        binary: bool = False,
        advance: Advance = silent,
    ) -> "NDArray[np.float32]":
        """Images whose pixels are drawn one after another, each from the levels that the model knows."""
        del labels, binary  # it knows no classes, and every pixel is drawn
        from genmodels.sampling.pixels import sample_pixels

        return sample_pixels(loaded.model, count, seed, advance)

    def drawn_told(self, loaded: "LoadedPixels", images: "Sequence[NDArray[np.float32]]", binary: bool) -> str:
        """See `ImageRun.drawn_told`."""
        del images, binary
        from genmodels.models.reach import ALL

        reach, shape = loaded.model.reach, loaded.model.shape
        seen = ALL if reach is None else reach.told(shape)
        return (
            f"Each pixel is drawn given {seen}: look whether a stroke that began above "
            "is carried on below, or the pieces do not become a whole."
        )

    def measurer(
        self, part: "Images", count: int, importance_samples: int | None, seed: int, images: "ImageSet"
    ) -> "Callable[[LoadedPixels], Record]":
        """The exact -log p of images; see `ImageRun.measurer`."""
        del seed, images
        if importance_samples is not None:
            self.teller.notice("this likelihood is exact and needs no importance samples")
        return partial(self._measure, part=part, count=count)

    def _measure(self, loaded: "LoadedPixels", part: "Images", count: int) -> Record:
        from genmodels.analysis.pixel_likelihood import evaluate_pixels

        levels = loaded.model.levels
        if (levels == 2) == (part.binarize == "none"):
            raise UsageError(
                f"--binarize {part.binarize} does not go with a run of {levels} levels", "leave --binarize out."
            )
        with self.teller.counting(f"epoch {loaded.epoch}, images", count) as advance:
            return dict(evaluate_pixels(loaded.model, _counted(part.in_order(count), advance)).to_record())

    def nats(self, state: Mapping[str, Any]) -> Nats:
        """-log p itself."""
        part, found = measured_part(state)
        return Nats(float(found["nll"]), "=", part, standard_error=found.get("nll_standard_error"))

    def complete(
        self,
        hide: str = "bottom",
        *,
        epoch: Epoch | None = None,
        keep_rows: int | None = None,
        count: int = COMPLETIONS,
        images: int | Sequence[int] | None = None,
        own: str | Path | None = None,
        seed: int = 1,
        device: str = "auto",
    ) -> Exhibit:
        """Half-hidden images, finished each time another way, with -log p(hidden part | visible part) of the true ones.

        Args:
            hide: the side to hide: "bottom", "top", "left" or "right".
            epoch: whose weights; None: the best one's.
            keep_rows: rows (for left and right: columns) that stay visible; None: half of them.
            count: completions of each image.
            images: numbers of test images; None: one of each class.
            own: a picture, a folder, an .npz or IDX files to complete instead.
            seed: same seed, same completions.
            device: auto, cpu, cuda, cuda:N or mps.

        Raises:
            RunError: that epoch was not kept.
            UsageError: an unknown side, one that the model can't be conditioned on, both `images` and `own`, or a value
                out of its range.
            DataError: the images have changed or are gone, or have another size than the run's.
        """
        check_completed(hide, images, own)
        count, seed = check_range("--count", count, 1, MOST_COMPLETIONS), check_seed(seed)
        keep_rows = None if keep_rows is None else check_range("--keep-rows", keep_rows)
        images = None if images is None else check_list("--images", images, int)
        checkpoint = self.epoch_checkpoint(epoch)
        from genmodels.analysis.completion import check_hidden, complete, levels_of_test
        from genmodels.device import choose_device

        loaded = self.load(checkpoint, choose_device(device).device)
        check_hidden(loaded.model, hide, keep_rows)
        chosen = self._of_test(loaded, images) if own is None else self._of_own(loaded, path_of(own))
        levels = levels_of_test(chosen.images, chosen.numbers, loaded.model)
        with self.teller.counting("completing", levels.shape[1]) as advance:
            result = complete(loaded.model, levels, hide, keep_rows, count, seed, advance)
        return self._completed(loaded, chosen, result, picked=images is None)

    def _of_test(self, loaded: "LoadedPixels", chosen: Sequence[int] | None) -> Originals:
        """Test images, with the run's own targets."""
        from genmodels.data.images.batches import Images
        from genmodels.data.images.image_set import choose_test_images, class_names

        data, s = tested_images([self]), loaded.settings
        numbers = choose_test_images(data, chosen, self.teller.notice)
        test = Images(data.test, s.binarize, s.seed, loaded.model.pixel_bias.device, "test")
        names, source = class_names(data, numbers), f"Test images of {data.name}"
        return Originals(test, numbers, names, source, source, names or [f"image {number}" for number in numbers])

    def _of_own(self, loaded: "LoadedPixels", own: Path) -> Originals:
        """The user's own images.

        Raises:
            DataError: there are none, they are damaged, or of another size than the run's.
        """
        from genmodels.data.images.batches import Images
        from genmodels.data.images.files import read_images
        from genmodels.data.images.parts import Part

        s = loaded.settings
        white = None if s.levels == "2" else int(s.levels) - 1
        pixels, names = read_images(own, loaded.ink, white, self.teller.notice)
        _check_size(own, (pixels.shape[1], pixels.shape[2]), loaded.model.shape)
        if len(pixels) > MOST_PICTURES:
            self.teller.notice(f"took the first {MOST_PICTURES} of {len(pixels):,} images in {own}")
        part = Part(pixels[:MOST_PICTURES], None)
        images = Images(part, s.binarize, s.seed, loaded.model.pixel_bias.device, "own")
        count = len(part.pixels)
        unit = counted(count, "picture") if names else counted(count, "image")
        told = own.name if names and count == 1 else f"{unit[:1].upper()}{unit[1:]} of {own.name}"
        labels = names[:count] if len(set(names)) == len(pixels) else [f"image {number}" for number in range(count)]
        return Originals(images, range(count), None, own.name, told, labels)

    def _completed(self, loaded: "LoadedPixels", chosen: Originals, result: "Completion", *, picked: bool) -> Exhibit:
        kind, numbers = loaded.settings.binarize, list(chosen.numbers)
        shown = "grey" if kind == "none" else "in black and white"
        title = f"{chosen.told}, {shown}, completed by {self.called(loaded)} after epoch {loaded.epoch}"
        facts = {
            "run": str(self.path), "epoch": loaded.epoch, "data": chosen.source, "binarize": kind, "images": numbers,
            "classes": chosen.names, **result.to_json(),
        }  # fmt: skip
        known = None if chosen.names is None else numbers
        return completed(title, facts, result, chosen.labels, loaded.ink, known, picked=picked)

    def course(self) -> Exhibit:
        """-log p by epoch and by time, of train and held-out images.

        Raises:
            RunError: no epoch is finished yet.
        """
        return self.course_of("nll", COURSE_COLUMNS)


def check_completed(hide: str, images: object, own: object) -> None:
    """A side that can be hidden, of test images or of the user's own.

    Raises:
        UsageError: an unknown side, or both are given.
    """
    check_choice("--hide", hide, SIDES)
    if images is not None and own is not None:
        raise UsageError("--images and --input contradict each other", "give one of them.")


def _check_size(own: Path, size: tuple[int, int], ours: tuple[int, int]) -> None:
    if size == ours:
        return
    wide, high = ours[1], ours[0]
    alike = size[0] * wide == size[1] * high
    pieces = "squares" if wide == high else f"pieces {wide} wide to {high} high"
    way = "scale" if alike else f"cut out {pieces}, each with one thing in it, and scale"
    raise DataError(
        f"{own} holds images of {size[1]}x{size[0]} pixels, but the run was trained on {wide}x{high}",
        f"{way} them to that size first.",
    )


def _counted(batches: "Iterator[Batch]", advance: Advance) -> "Iterator[Batch]":
    for batch in batches:
        yield batch
        advance(len(batch.images))


def _prepare(settings: PixelSettings, images: "ImageSet", teller: Teller = UNTOLD) -> "PixelTask":
    from genmodels.training.pixels import prepare

    return prepare(settings, images, teller)


PIXELRNN = Family(
    name=PixelRun.family,
    title="pixel model",
    settings=PixelSettings,
    presets=PIXEL_PRESETS,
    prepare=_prepare,
    run=PixelRun,
    commands=("complete",),
    steps={"nll": "loss"},
    unit="images",
    score="nll",
    score_unit="nats/image",
    best=min,
    measures={"nll": ".2f", "bits_per_dim": ".4f"},
    next_commands=("complete", "sample-images", "eval-images"),
    told="; nats per image",
    axes={"nll": "loss, −log p(x) (nats per image)", "bits_per_dim": "loss (bits per pixel)"},
    help="""Train a model that draws images pixel by pixel.

    A gated PixelCNN, a Row LSTM or a Diagonal BiLSTM.

    Its likelihood is exact: log p(x) is the sum of the pixels' log-probabilities given those before them. The preset
    "paper" has the seven layers of the PixelRNN paper and wants a GPU.

    Examples:

      genmodels train-pixelrnn                                (MNIST, or the rendered digits)

      genmodels train-pixelrnn --model row-lstm --minutes 10

      genmodels train-pixelrnn --orientations 4               (to complete any half)

      genmodels train-pixelrnn --levels 16 --dataset fashion-mnist

      genmodels train-pixelrnn --resume last
    """,
    begins={"pixelcnn": 100, "row-lstm": 200, "diagonal-bilstm": 200},
    does="to draw what can be recognised",
    alive=alive_pixels,
    exhibits=lambda run: pixel_exhibits(run, run.complete),
    graph=pixel_graph,
    tour=PIXELRNN_TOUR,
)
