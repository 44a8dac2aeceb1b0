"""SetRun: a run that was trained on an image set, wherever its images are now."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Self

from genmodels.errors import UsageError
from genmodels.families.run import Run
from genmodels.families.starting import tell_taken
from genmodels.family import family_of
from genmodels.telling import Notice
from genmodels.training.starting import threads_kept

if TYPE_CHECKING:
    from genmodels.data.images.image_set import ImageSet
    from genmodels.training.averaged import AveragedTask


@dataclass(frozen=True)
class SetRun(Run):
    """A run that was trained on an image set.

    Args:
        moved: its images, where they are not in their old place; see `at`.
    """

    moved: "ImageSet | None" = field(default=None, compare=False, repr=False)

    def at(self, dataset: str | Path | None) -> Self:
        """The same run, with its images from another place; the content must be the same.

        Args:
            dataset: where they are now, as --dataset says it; None: where they were.

        Raises:
            DataError: other images, or none, are there.
        """
        if dataset is None:
            return self
        from genmodels.data.images.opening import reopen_images

        return replace(self, moved=reopen_images(self.document()["data"], self.teller.notice, str(dataset)))

    def images(self) -> "ImageSet":
        """The run's image set; where its files are gone or have changed, from the cache.

        Raises:
            DataError: it has changed since the run began, or is gone.
            RunError: run.json is damaged.
        """
        from genmodels.data.images.opening import images_learned

        return self.moved or images_learned(self.document()["data"], self.teller.notice)

    @threads_kept()
    def restore(
        self, notice: Notice, device: str | None = None, again: Sequence[str] = (), text: str | None = None
    ) -> "AveragedTask":
        """See `Run.restore`.

        Raises:
            UsageError: a text was given, which a run on images does not read.
        """
        from genmodels.training.setup import resumed_settings

        if again or text is not None:
            what = ", ".join(again) or "a text"
            raise UsageError(f"{self.path} was trained on images: {what} means nothing to it", "leave it out.")
        family = family_of(self.family)
        settings = resumed_settings(family.settings, self.document(), device, notice)
        from genmodels.data.images.opening import reopen_images

        images = self.moved or reopen_images(self.document()["data"], notice)  # never on with others than are there
        tell_taken(images, settings, notice)
        task: AveragedTask = family.prepare(settings, images, notice)
        return task
