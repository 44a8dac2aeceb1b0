"""How much of what a run is measured on was learned by the runs that its first weights came from."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from genmodels.errors import DataError, RunError, UsageError
from genmodels.families.finetuning import ancestors
from genmodels.families.set_run import ImageSetRun, SetRun
from genmodels.family import family_of
from genmodels.runs import RunDir
from genmodels.settings import TrainingSettings
from genmodels.telling import Teller

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from genmodels.data.images.image_set import ImageSet


def tell_learned(run: SetRun, opened: Any) -> None:
    """Say how much of the test part the runs learned from that a run's first weights came from; else nothing.

    Images and recordings are the same where each pixel or sample is: what was scaled, cut or encoded anew is not
    known again.

    Args:
        run: whose teller is told.
        opened: its set, as the run's own network is tested on it.
    """
    _tell(run, list(ancestors(run)), f"the first weights of {run.path}", opened.test, "test", run.teller)


def tested_images(runs: Sequence[ImageSetRun]) -> "ImageSet":
    """The set that runs have in common, to be tested on: of each is told what its first weights learned from it.

    Raises:
        DataError: it has changed since the first run began, or is gone.
    """
    images = runs[0].images()
    for run in runs:
        tell_learned(run, images)
    return images


def tell_parents_learned(
    parent: SetRun, settings: TrainingSettings, opened: Any, held_out: str, teller: Teller
) -> None:
    """The same for a new run that is about to begin with the weights of another.

    Args:
        parent: that one.
        settings: of the new run.
        opened: its set.
        held_out: what the part is called that its epochs are measured on.
        teller: is told.
    """
    evaluated = parent.parts_of_set(settings, opened)[1]
    _tell(parent, [parent, *ancestors(parent)], "the first weights", evaluated, held_out, teller)


def _tell(like: SetRun, parents: list[RunDir], whose: str, part: Any, called: str, teller: Teller) -> None:
    """Compare a part of a set with what each parent was trained on; runs whose data are gone say that."""
    if not parents:
        return
    of = f"{called} {like.learned_from}"
    sought = list(_sums(like.things(part)))
    for parent in parents:
        try:
            learned = set(_sums(_trained_on(type(like)(parent.path, Teller()))))
        except (DataError, RunError, UsageError) as error:
            what = error.what.rstrip(".")
            teller.notice(f"{what}; so whether {parent.path} learned from the {of} can't be told")
            continue
        count = sum(one in learned for one in sought)
        if count:
            never = f"so scores there tell little of {like.learned_from} that were never seen"
            teller.notice(
                f"{parent.path}, from which {whose} come, was trained on {count:,} of the {len(sought):,} {of}, {never}"
            )


def _trained_on(parent: SetRun) -> "Iterable[NDArray[Any]]":
    """Each image or recording that a run was trained on.

    Raises:
        DataError: they have changed or are gone.
        RunError: run.json is damaged.
    """
    from genmodels.training.setup import recorded_settings

    settings = recorded_settings(family_of(parent.family).settings, parent.document())
    return parent.things(parent.parts_of_set(settings, parent.opened_again())[0])


def _sums(things: "Iterable[NDArray[Any]]") -> Iterator[bytes]:
    return (hashlib.sha256(one.tobytes()).digest() for one in things)
