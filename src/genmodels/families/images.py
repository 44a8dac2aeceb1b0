"""What the families on image sets share: a run's images, drawing and measuring; runs side by side."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from genmodels.errors import UsageError
from genmodels.exhibit import Exhibit, Format, Table
from genmodels.families.chance import GIVE_OR_TAKE
from genmodels.families.doubtful import tables_with_doubts
from genmodels.families.learned import tested_images
from genmodels.families.nats import Nats
from genmodels.families.set_run import ImageSetRun
from genmodels.families.sheet import Sheet, Told
from genmodels.family import family_of
from genmodels.runs import Epoch, Epochs, Record
from genmodels.settings.fields import (
    LOWEST_SEED,
    check_choice,
    check_if_given,
    check_list,
    check_range,
    check_seed,
    check_yes_or_no,
)
from genmodels.settings.images import BINARIZE, TARGETS_TOLD, Classes, images_told
from genmodels.telling import Advance, silent

if TYPE_CHECKING:
    import numpy as np
    import torch
    from numpy.typing import NDArray

    from genmodels.data.images.batches import Images
    from genmodels.data.images.image_set import ImageSet
    from genmodels.models.stored import Loaded

SPLITS = ("test", "train")
DRAWN = 64  # images
MOST_DRAWN = 10_000
FEWEST_MEASURED = 2  # images
FEWEST_IMPORTANCE_SAMPLES = 0  # none at all


class ImageRun(ImageSetRun):
    """A run of a model of images: it can be drawn from and measured, in each family's own way.

    Example:
        >>> run = genmodels.open_run("first", genmodels.ImageRun)
        >>> run.samples(epochs=[1, 2], count=10).save("samples.npz")
        PosixPath('samples.npz')
        >>> "importance_weighted_bound" in run.evaluate(importance_samples=2).tables[0].rows[0]
        True
    """

    measures: ClassVar[Sequence[str]]
    """What an evaluation's table shows, in this order."""
    errors: ClassVar[Mapping[str, str]] = {}
    """Which of those are standard errors of which others."""
    forms: ClassVar[Mapping[str, Format]] = {}
    """How those are written that do not have three digits after the point."""
    told: ClassVar[str] = "; nats per image"
    """What else its title says."""
    in_order: ClassVar[bool] = False
    """Whether its images are drawn pixel after pixel, row by row."""

    @property
    def targets_told(self) -> str:
        """See `Run.targets_told`; what the values of its pixels are."""
        binarize = str(self.setting("binarize"))
        return TARGETS_TOLD.get(binarize, binarize)

    def load(self, checkpoint: Path, device: "torch.device") -> "Loaded[Any, Any]":
        """The model of an epoch's checkpoint, on a device, in evaluation mode.

        Raises:
            RunError: damaged.
            ResourceError: out of memory.
        """
        raise NotImplementedError

    def draw_from(
        self,
        loaded: "Loaded[Any, Any]",
        count: int,
        seed: int,
        labels: Sequence[int] | None = None,
        binary: bool = False,
        advance: Advance = silent,
    ) -> "NDArray[np.float32]":
        """Images of a loaded model, shape (count, Y, X), from 0 to 1.

        Args:
            loaded: what `load` gave.
            count: how many.
            seed: of every random number.
            labels: class of each image, for a model that is given classes; None: all in turn.
            binary: draw each pixel as 0 or 1 where the model gives its probability.
            advance: is told how many more are drawn.
        """
        raise NotImplementedError

    def labels_of(self, loaded: "Loaded[Any, Any]", count: int, classes: Sequence[str] | None) -> list[int] | None:
        """The class of each image to draw: those named, in turn; None for a model that knows none.

        Raises:
            UsageError: classes are named, but the model takes none.
            DataError: there is no such class.
        """
        del loaded, count
        if classes is not None:
            raise UsageError(
                f"a {self.family} run knows no classes, so none can be asked of {self.path}",
                "leave them out; for a run that takes them: genmodels train-vae --conditional.",
            )
        return None

    def drawn_told(self, loaded: "Loaded[Any, Any]", images: "Sequence[NDArray[np.float32]]", binary: bool) -> str:
        """How images were drawn, and what to look at in them.

        Args:
            loaded: the model of the first epoch.
            images: of each epoch, shape (N, Y, X).
            binary: whether each pixel was drawn as 0 or 1.
        """
        raise NotImplementedError

    def called(self, loaded: "Loaded[Any, Any]") -> str:
        """What a title calls the run."""
        return f"{self.name} ({family_of(self.family).title} {loaded.settings.model})"

    @property
    def given(self) -> str:
        """What a likelihood of its model is given: "class", or "" for nothing."""
        return ""

    @property
    def given_told(self) -> str:
        """The same after a comma, as titles and refusals say it."""
        return f", given the {self.given}" if self.given else ""

    def measurer(
        self, part: "Images", count: int, importance_samples: int | None, seed: int, images: "ImageSet"
    ) -> Callable[["Loaded[Any, Any]"], Record]:
        """What measures a loaded model.

        Args:
            part: of the images.
            count: so many of them at most.
            importance_samples: codes for each image, for a model that has some; None: the usual number.
            seed: of codes.
            images: the whole set.

        Raises:
            UsageError: something was asked for that the family can't give.
        """
        raise NotImplementedError

    def reference(self, results: Sequence[Record]) -> list[Record]:
        """What stands below an evaluation's epochs to compare them with; nothing unless a family has it.

        Args:
            results: what `measurer` gave of each.
        """
        del results
        return []

    def doubts(self, results: Sequence[Record]) -> list[str]:
        """What to know before what `measurer` gave is trusted, a sentence for each reason.

        Args:
            results: of one epoch or several, with their "epoch".
        """
        if len(results) < 2:
            return []
        return ["all epochs are measured on the same images, so what changes between them is surer than the ± says"]

    def chosen_told(self, state: Mapping[str, Any]) -> list[str]:
        """What to know of an epoch that was chosen by the very images which what it draws is measured beside."""
        del state
        return []

    def nats(self, state: Mapping[str, Any]) -> Nats | None:
        """-log p of the held-out images as an epoch's evaluation found it; None for a model without likelihood."""
        raise NotImplementedError

    def nats_beside(
        self, loaded: "Loaded[Any, Any]", name: str, images: "ImageSet", device: "torch.device"
    ) -> Nats | None:
        """The same to stand beside other models, given nothing where it can be; `name` is for its progress."""
        del name, images, device
        return self.nats(loaded.state)

    def draw(
        self,
        count: int = DRAWN,
        *,
        epoch: Epoch | None = None,
        classes: Classes | None = None,
        binary: bool = False,
        seed: int = 1,
        device: str = "auto",
    ) -> "NDArray[np.float32]":
        """Images from the model, shape (count, Y, X), from 0 to 1 as in the image set: 0 is black.

        Args:
            count: how many.
            epoch: whose weights; None: the best one's.
            classes: names of the classes to draw, one or several in turn, for a conditional model; None: all.
            binary: draw each pixel as 0 or 1 where the model gives its probability.
            seed: same seed, same images.
            device: auto, cpu, cuda, cuda:N or mps.

        Raises:
            RunError: that epoch was not kept.
            UsageError, DataError: a value out of its range, or classes that the model does not know.
        """
        sheet = self.samples(
            None if epoch is None else [epoch], count, classes=classes, binary=binary, seed=seed, device=device
        )
        return sheet.images[0]

    def samples(
        self,
        epochs: Epochs | None = None,
        count: int = DRAWN,
        *,
        classes: Classes | None = None,
        binary: bool = False,
        seed: int = 1,
        device: str = "auto",
    ) -> Sheet:
        """Images drawn from the same random numbers for every epoch; arguments as those of `draw`.

        Raises:
            RunError: an epoch was not kept.
            UsageError, DataError: a value out of its range, or classes that the model does not know.
        """
        count, seed = check_range("--count", count, 1, MOST_DRAWN), check_seed(seed)
        named = None if classes is None else list(map(str, check_list("--classes", classes, str, int)))
        check_yes_or_no("--binary", binary)
        checkpoints = self.epoch_checkpoints(epochs)
        from genmodels.device import choose_device

        where = choose_device(device).device
        loaded = [self.load(checkpoint, where) for checkpoint in checkpoints]
        labels = self.labels_of(loaded[0], count, named)
        with self.teller.counting("images", count * len(loaded)) as advance:
            images = [self.draw_from(one, count, seed, labels, binary, advance) for one in loaded]
        first = loaded[0]
        names = None if labels is None or first.classes is None else [first.classes[label] for label in labels]
        numbers = [one.epoch for one in loaded]
        when = f"after epoch {numbers[0]}" if len(numbers) == 1 else "epoch by epoch"
        data = images_told(first.data, first.settings.binarize)
        title = f"{'Image' if count == 1 else 'Images'} drawn by {self.called(first)} {when}; trained on {data}"
        facts = {"run": str(self.path), "epochs": numbers, "count": count, "labels": labels}
        told = Told(self.drawn_told(first, images, binary), self.in_order)
        return Sheet.of(
            facts, title, told, images=images, epochs=numbers, labels=labels, names=names, ink=first.ink
        )  # fmt: skip

    def evaluate(
        self,
        epochs: Epochs | None = None,
        *,
        importance_samples: int | None = None,
        split: str = "test",
        images: int | None = None,
        binarize: str | None = None,
        seed: int | None = None,
        device: str = "auto",
    ) -> Exhibit:
        """What the family can say of how well it models images: one row an epoch.

        Args:
            epochs: None: the best one.
            importance_samples: codes for each image in a VAE's importance-weighted bound; 0 leaves it out.
            split: "test" or "train".
            images: only so many, always the same ones; None: all.
            binarize: other targets than the run's.
            seed: of codes and dynamic binarisation; None: the run's own, which gives of the test part the bounds that
                its training measured; of the train part it measured some images only.
            device: auto, cpu, cuda, cuda:N or mps.

        Raises:
            RunError: an epoch was not kept.
            DataError: the images have changed or are gone.
            UsageError: a value out of its range, or something was asked for that the family can't give.
        """
        check_part(split, binarize)
        importance_samples = check_if_given("--importance-samples", importance_samples, FEWEST_IMPORTANCE_SAMPLES)
        images, seed = check_if_given("--images", images, FEWEST_MEASURED), check_if_given("--seed", seed, LOWEST_SEED)
        checkpoints = self.epoch_checkpoints(epochs)
        from genmodels.device import choose_device

        where, data = choose_device(device).device, tested_images([self])
        loaded = [self.load(checkpoint, where) for checkpoint in checkpoints]
        settings = loaded[0].settings
        kind = settings.binarize if binarize is None else binarize
        seed = settings.seed if seed is None else seed
        part = _part(data, split, kind, settings.seed if kind == "static" else seed, where)
        count = len(part) if images is None else min(len(part), images)
        measure = self.measurer(part, count, importance_samples, seed, data)
        results = [{"epoch": one.epoch, **measure(one)} for one in loaded]
        facts = {"run": str(self.path), "data": data.name, "binarize": kind, "split": split, "results": results}
        return self._evaluation(facts, results)

    def _evaluation(self, facts: Mapping[str, Any], results: Sequence[Record]) -> Exhibit:
        of = f"{facts['data']}, {facts['split']}, binarize {facts['binarize']}{self.given_told}"
        title = f"{self.name} on {of}{self.told}"
        if "importance_samples" in results[0]:
            title += f"; {results[0]['importance_samples']} importance samples"
        if "marginal_elbo" in results[0]:
            title += "; marginal: of log p(x), over all classes"
        shown = ("epoch", "images", *(name for name in self.measures if any(name in one for one in results)))
        written = {"epoch": "", "images": "", **self.forms}
        columns = {name: written.get(name, ".3f") for name in shown}
        errors = {name: error for name, error in self.errors.items() if error in columns}
        told = f"{title}; {GIVE_OR_TAKE}" if errors else title
        tables = tables_with_doubts(Table(told, columns, [*results, *self.reference(results)], errors=errors))
        return Exhibit("evaluation", title, facts, tables, leads="table", remarks=self.doubts(results))


def check_part(split: str, binarize: str | None) -> None:
    """A part of an image set, and a kind of targets or the run's own.

    Raises:
        UsageError: one is unknown.
    """
    check_choice("--split", split, SPLITS)
    if binarize is not None:
        check_choice("--binarize", binarize, BINARIZE)


def _part(data: "ImageSet", split: str, kind: str, seed: int, device: "torch.device") -> "Images":
    """A part of an image set; its seed is the run's own where it is binarised once, as that is what the run saw."""
    from genmodels.data.images.batches import Images

    return Images(data.test if split == "test" else data.train, kind, seed, device, split)
