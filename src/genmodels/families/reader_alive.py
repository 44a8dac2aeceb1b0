"""A reader alive in a page: it reads what is drawn with the finger, and strips of test digits, column by column."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from genmodels.errors import DataError
from genmodels.exhibit import Exhibit
from genmodels.families.alive import Alive, best_held_out
from genmodels.families.alive_images import RECORDED, SCRIPTS, as_bytes, images_called, network_of
from genmodels.families.readings import Picture, strips_of
from genmodels.families.set_run import ImageSetRun
from genmodels.settings.reader import LONGEST_STRIP
from genmodels.telling import errors_told, of_hundred, reads_nothing

if TYPE_CHECKING:
    from pathlib import Path

    import torch
    from torch import Tensor

    from genmodels.data.images.image_set import ImageSet
    from genmodels.families.readings import LoadedReader
    from genmodels.models.reader import Reader

SHOWN = 8  # strips to choose from
SHOWN_SEED, RECORDED_SEED = 1, 2
LONGER = 4  # digits more than the longest training strip has, at most, in the longest strip shown
STRIPS_IN_FIGURE = 4
STRIPS_MEASURED = 40  # of each length, so that the page does not keep anybody waiting


def alive_reader(run: ImageSetRun, load: "Callable[[Path, torch.device], LoadedReader]") -> list[Alive]:
    """The section in which a run reads.

    Args:
        run: of a reader.
        load: an epoch's reader out of its checkpoint, on a device.

    Raises:
        RunError: no epoch was kept.
    """
    import torch

    loaded = load(run.epoch_checkpoint(None), torch.device("cpu"))
    images, lengths = _test_images(run), _lengths(loaded.settings.longest)
    inputs = [one.strip for one in _strips(images, RECORDED, lengths, RECORDED_SEED)]
    return [
        Alive(
            part=run.family,
            scripts=(*SCRIPTS, "layers_sequences", "spikes", "drawing", "reader_network", run.family),
            title="It reads",
            about="Write a row of digits with a finger or the mouse, and see what it reads there, stroke by stroke.",
            data=_described(loaded) | {"strips": _shown(images, lengths)},
            networks=[network_of(loaded, lambda model: model, partial(_computed, strips=inputs))],
            inputs=[strip.flatten().tolist() for strip in inputs],
            learned=_learned(run, loaded),
        )
    ]


def _test_images(run: ImageSetRun) -> "ImageSet | None":
    """The run's images; that they are gone is told."""
    try:
        return run.images()
    except DataError as error:
        run.teller.notice(f"no strips of test digits stand in the page: {error}")
        return None


def _lengths(longest: int) -> list[int]:
    """Digits in the strips shown: some that the reader was trained on, and more where a strip has room for more.

    >>> _lengths(8), _lengths(1), _lengths(64)
    ([1, 2, 3, 8, 12], [1, 2, 3], [1, 2, 3, 64])
    """
    longer = min(2 * longest, longest + LONGER, LONGEST_STRIP)
    return sorted({1, 2, 3, longest, longer})


def _strips(images: "ImageSet | None", count: int, lengths: Sequence[int], seed: int) -> list[Picture]:
    """Strips of test digits of these lengths in turn, in the 256 greys of a page; noise where the images are gone."""
    import torch

    from genmodels.data.images.strips import HEIGHT, canvas_width

    if images is not None:
        found = strips_of(images, count, lengths, seed, lambda _: None)
        return [replace(one, strip=(255 * one.strip).round() / 255) for one in found]
    random = torch.Generator().manual_seed(seed)
    widths = [canvas_width(lengths[index % len(lengths)]) for index in range(count)]
    return [Picture("noise", torch.rand(HEIGHT, width, generator=random)) for width in widths]


def _shown(images: "ImageSet | None", lengths: Sequence[int]) -> list[dict[str, Any]]:
    """Strips to choose from, the shortest first; none where the images are gone."""
    if images is None:
        return []
    strips = sorted(_strips(images, SHOWN, lengths, SHOWN_SEED), key=lambda one: len(one.truth or ()))
    return [{"truth": one.truth, "width": one.strip.shape[1], "pixels": as_bytes(one.strip.numpy())} for one in strips]


def _described(loaded: "LoadedReader") -> dict[str, Any]:
    """What the script needs to know of the network and of what it reads."""
    from genmodels.data.images.strips import HEIGHT, INK, SPARE, canvas_width
    from genmodels.models.reader import FixedReader

    model, settings = loaded.model, loaded.settings
    fixed = {"width": model.width, "columns": model.columns} if isinstance(model, FixedReader) else None
    return {
        "model": settings.model,
        "layers": settings.layers,
        "classes": list(loaded.classes or ()),
        "height": HEIGHT,
        "paper": canvas_width(settings.longest + SPARE),
        "inked": INK,
        "longest": settings.longest,
        "fixed": fixed,
    }


def _computed(model: "Reader", strips: "Sequence[Tensor]") -> "Tensor":
    """The logits of each strip, column by column or place by place: a row each, with zeros where others have more."""
    from torch.nn.utils.rnn import pad_sequence

    return pad_sequence([model(strip[None]).flatten() for strip in strips], batch_first=True)


def _learned(run: ImageSetRun, loaded: "LoadedReader") -> str:
    """What it learned, for somebody who knows nothing of it."""
    record, longest = best_held_out(run), loaded.settings.longest
    if not record:
        return ""
    wrong, right = record["character_error_rate"], record["sequence_accuracy"]
    learned = "was to learn" if reads_nothing(wrong, right) else "learned"
    rows = "single digits" if longest == 1 else f"rows of up to {longest} digits"
    return (
        f"It was shown {rows}, made of {images_called(run)}, with nothing but what is written there, and {learned} to "
        f"read them. Of rows of digits that it never saw it reads {of_hundred(right)} of 100 without any error; it "
        f"makes {errors_told(wrong, 'digit')}."
    )


def reader_exhibits(
    course: Callable[[], Exhibit], read: Callable[..., Exhibit], by_length: Callable[..., Exhibit]
) -> Sequence[Callable[[], Exhibit]]:
    """What else a page shows: the course, some strips as they are read, and how well by length; figures lead."""

    def shown(found: Exhibit) -> Exhibit:
        return replace(found, leads="figure")

    return [
        course,
        lambda: shown(read(strips=STRIPS_IN_FIGURE)),
        lambda: shown(by_length(strips=STRIPS_MEASURED)),
    ]
