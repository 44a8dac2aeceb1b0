"""SetRun: a run that was trained on a set of images or of words, wherever its files are now."""

from abc import abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Self, cast

from genmodels.errors import UsageError
from genmodels.families.finetuning import take_weights_again
from genmodels.families.run import Run
from genmodels.family import family_of
from genmodels.settings import TrainingSettings
from genmodels.settings.resolving import Resolved
from genmodels.telling import Notice, Teller
from genmodels.training.starting import threads_kept

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from genmodels.data.images.image_set import HowRead, ImageSet
    from genmodels.data.images.parts import Part
    from genmodels.settings.images import ImageSetSettings
    from genmodels.training.averaged import AveragedTask


@dataclass(frozen=True)
class SetRun(Run):
    """A run that was trained on a set that --dataset names.

    Args:
        moved: its set, where that is not in its old place; see `at`.
    """

    moved: Any = field(default=None, compare=False, repr=False)
    learned_from: ClassVar[str]
    """What its set holds: "images"."""

    @classmethod
    def check_resolved(cls, resolved: Resolved) -> None:
        """Refuse settings that were given and mean nothing beside the others.

        Raises:
            UsageError: there are such.
        """
        del resolved

    @classmethod
    @abstractmethod
    def open_set(cls, dataset: str | None, settings: TrainingSettings, teller: Teller) -> Any:
        """The set that --dataset means, for a new run.

        Raises:
            DataError, ResourceError: it is not there, or does not do.
        """

    @classmethod
    @abstractmethod
    def describe_set(cls, opened: Any) -> dict[str, Any]:
        """What run.json keeps of it."""

    @classmethod
    @abstractmethod
    def reopen_set(cls, described: Mapping[str, Any], teller: Teller, again: str | None = None) -> Any:
        """The set of a run, which must not have changed; `again`: where it is now.

        Raises:
            DataError: it has changed, or is gone.
            RunError: run.json is damaged.
        """

    @classmethod
    def reopen_for(cls, described: Mapping[str, Any], settings: TrainingSettings, teller: Teller) -> Any:
        """The set of a run, as a new run with settings of its own reads it; see `reopen_set`."""
        del settings
        return cls.reopen_set(described, teller)

    @classmethod
    def tell_taken(cls, opened: Any, settings: TrainingSettings, notice: Notice) -> None:
        """Say what was taken of the files given, what was not, and what was guessed."""
        del settings
        if opened.taken is not None:
            for sentence in (opened.taken.told(), *opened.taken.guesses):
                notice(sentence)

    @classmethod
    @abstractmethod
    def parts_of_set(cls, settings: TrainingSettings, opened: Any) -> tuple[Any, Any]:
        """What of a set a run with these settings is trained on, and what its epochs are measured on.

        Raises:
            UsageError: the settings leave nothing of one.
        """

    @classmethod
    @abstractmethod
    def things(cls, part: Any) -> "Iterable[NDArray[Any]]":
        """Each image or recording of a part, by its pixels or samples."""

    @abstractmethod
    def opened_again(self) -> Any:
        """The run's whole set, where it was or from the cache.

        Raises:
            DataError: it has changed since the run began, or is gone.
        """

    def at(self, dataset: str | Path | None) -> Self:
        """The same run, with its set from another place; the content must be the same.

        Args:
            dataset: where it is now, as --dataset says it; None: where it was.

        Raises:
            DataError: another set, or none, is there.
        """
        if dataset is None:
            return self
        return replace(self, moved=self.reopen_set(self.document()["data"], self.teller, str(dataset)))

    @threads_kept()
    def restore(
        self, notice: Notice, device: str | None = None, again: Sequence[str] = (), text: str | None = None
    ) -> "AveragedTask":
        """See `Run.restore`.

        Raises:
            UsageError: a text was given, which such a run does not read.
        """
        from genmodels.training.setup import resumed_settings

        if again or text is not None:
            what = ", ".join(again) or "a text"
            told = f"{self.path} was trained on {self.learned_from}: {what} means nothing to it"
            raise UsageError(told, "leave it out.")
        family = family_of(self.family)
        settings = resumed_settings(family.settings, self.document(), device, notice)
        teller = Teller(notice, self.teller.counting)
        opened = self.moved or self.reopen_set(self.document()["data"], teller)  # never on with others than are there
        self.tell_taken(opened, settings, notice)
        task: AveragedTask = family.prepare(settings, opened, teller)
        take_weights_again(task, self, notice)
        task.goes_on = True
        return task


class ImageSetRun(SetRun):
    """A run that was trained on an image set."""

    learned_from: ClassVar[str] = "images"

    @classmethod
    def open_set(cls, dataset: str | None, settings: TrainingSettings, teller: Teller) -> "ImageSet":
        """The image set that --dataset means; None: MNIST where it can be had, else the rendered digits."""
        from genmodels.data.images.opening import open_images

        return open_images(dataset, teller.notice, _how_read(settings), teller.counting)

    @classmethod
    def describe_set(cls, opened: "ImageSet") -> dict[str, Any]:
        """What run.json keeps of an image set."""
        from genmodels.data.images.image_set import describe_images

        return describe_images(opened)

    @classmethod
    def reopen_set(cls, described: Mapping[str, Any], teller: Teller, again: str | None = None) -> "ImageSet":
        """The image set of a run, which must not have changed."""
        from genmodels.data.images.opening import reopen_images

        return reopen_images(described, teller.notice, again, teller.counting)

    @classmethod
    def reopen_for(cls, described: Mapping[str, Any], settings: TrainingSettings, teller: Teller) -> "ImageSet":
        """The image set of a run, with the levels and the grey that the new run asks for."""
        how = _how_read(settings)
        return cls.reopen_set({**described, "levels": how.levels, "grey": how.grey}, teller)

    @classmethod
    def tell_taken(cls, opened: "ImageSet", settings: TrainingSettings, notice: Notice) -> None:
        """See `SetRun.tell_taken`; also what becomes of photographs, and of which classes none are held out."""
        from genmodels.data.images.dividing import untested_told
        from genmodels.training.image_task import parts_of

        super().tell_taken(opened, settings, notice)
        if getattr(settings, "val_images", 0):
            for sentence in untested_told(*parts_of(cast("ImageSetSettings", settings), opened), opened.classes):
                notice(sentence)
        binarize = getattr(settings, "binarize", "none")
        if opened.ink == "neither" and binarize != "none":
            way = "--levels 256" if hasattr(settings, "levels") else "--binarize none"
            notice(f"binarize {binarize} makes black and white of these greys; {way} keeps them")

    @property
    def held_out_told(self) -> str:
        """See `Run.held_out_told`: test images or validation images, with the seed by which those or targets are drawn.

        Runs from before `--val-images` have test images.
        """
        count, seed = self.setting("val_images"), self.setting("seed")
        part = "test images" if count in {0, "?"} else f"{count} validation images"
        seeded = part != "test images" or self.setting("binarize") == "static"
        return part + (f", seed {seed}" if seeded else "")

    @classmethod
    def parts_of_set(cls, settings: TrainingSettings, opened: "ImageSet") -> "tuple[Part, Part]":
        """See `SetRun.parts_of_set`."""
        from genmodels.training.image_task import parts_of

        return parts_of(cast("ImageSetSettings", settings), opened)

    @classmethod
    def things(cls, part: "Part") -> "Iterable[NDArray[Any]]":
        """See `SetRun.things`."""
        return part.pixels

    def opened_again(self) -> "ImageSet":
        """See `SetRun.opened_again`."""
        return self.images()

    def images(self) -> "ImageSet":
        """The run's image set; where its files are gone or have changed, from the cache.

        Raises:
            DataError: it has changed since the run began, or is gone.
            RunError: run.json is damaged.
        """
        from genmodels.data.images.opening import images_learned

        described, teller = self.document()["data"], self.teller
        images: ImageSet = self.moved or images_learned(described, teller.notice, teller.counting)
        return images


def _how_read(settings: TrainingSettings) -> "HowRead":
    """How a new run reads its images: in grey or not, with the levels of a model that has some."""
    from genmodels.data.images.image_set import HowRead

    levels = getattr(settings, "levels", "2")
    return HowRead(None if levels == "2" else int(levels), bool(getattr(settings, "grey", False)))
