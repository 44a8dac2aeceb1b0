"""A pixel model alive in a page: it draws pixel by pixel, and finishes what somebody began, again and again."""

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from genmodels.exhibit import Exhibit
from genmodels.families.alive import Alive, Network, Weights, best_held_out, how_often, network_called
from genmodels.families.alive_images import (
    RECORDED,
    Shown,
    drawn_exhibits,
    guessing,
    images_called,
    shown,
)
from genmodels.families.images import ImageRun

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from torch import Tensor

    from genmodels.models.pixel_model import PixelModel
    from genmodels.models.stored import Loaded
    from genmodels.settings.pixelrnn import PixelSettings

    LoadedPixels = Loaded[PixelModel, PixelSettings]
    Inputs = Sequence[tuple[int, Tensor]]

SHOWN = 10  # test images to choose from
MOST_WEIGHTS = 400_000  # of all networks of a page; float32, in base64, they are 2.1 MB
COMPLETED = 3  # completions of each test image, in a figure of the page


def alive_pixels(run: ImageRun) -> list[Alive]:
    """The sections in which a run draws, and in which its pictures lie among real ones.

    Raises:
        RunError: no epoch was kept.
    """
    from genmodels.models.pixel_model import shown_in

    held = shown(run)
    epochs = _epochs(run, held.loaded)
    inputs = _recorded_inputs(held)
    last = max(run.length().all_reached(run.kept()), default=held.loaded.epoch)
    return [
        Alive(
            part=run.family,
            scripts=("pace", "layers_pixels", "pixelrnn_network", "drawing", "pixelrnn_pad", run.family),
            title="It draws",
            about="Pixel by pixel, row by row: of each it says how likely ink is, given what is there already, and "
            "chance decides. Draw the beginning of something and see how it goes on, each time another way.",
            data=_described(held.loaded) | {"examples": _examples(held)},
            networks=[_network(one, inputs, network_called(one.epoch, epochs[0].epoch, last)) for one in epochs],
            inputs=[{"turn": turn, "levels": levels.flatten().tolist()} for turn, levels in inputs],
            learned=_learned(run, held.loaded),
        ),
        *guessing(run, held, lambda real: shown_in(real, held.loaded.model.levels)),
    ]


def _epochs(run: ImageRun, best: "LoadedPixels") -> "list[LoadedPixels]":
    """The best epoch, and the first one that was kept unless a page with both would be large, which is told."""
    import torch

    kept = run.length().all_reached(run.kept())
    if not kept or run.epoch_checkpoint(kept[0]) == run.epoch_checkpoint(None):
        return [best]
    loaded = run.load(run.epoch_checkpoint(kept[0]), torch.device("cpu"))
    weights = sum(one.numel() for one in best.model.parameters())
    if 2 * weights <= MOST_WEIGHTS:
        return [best, loaded]
    run.teller.notice(
        f"the page of {run.name} has the best epoch's weights alone, and not those of epoch {loaded.epoch:g} to "
        f"compare: they are {weights:,} each, and a page with more than {MOST_WEIGHTS:,} would be large"
    )
    return [best]


def _described(loaded: "LoadedPixels") -> dict[str, Any]:
    """What the script needs to know of the network and its images."""
    from genmodels.models.pixel_cnn import GatedLayer

    model = loaded.model
    return {
        "model": loaded.settings.model,
        "layers": loaded.settings.layers,
        "dilations": [layer.dilation for layer in model.modules() if isinstance(layer, GatedLayer)],
        "levels": model.levels,
        "shape": model.shape,
        "orientations": model.orientations,
        "ink": loaded.ink,
    }


def _examples(held: Shown) -> list[dict[str, Any]]:
    """Test images to be completed, the first of each class; none where they are gone."""
    import numpy as np

    from genmodels.analysis.completion import levels_of_test

    if held.test is None:
        return []
    labels, names = held.test.labels, held.loaded.classes
    first = range(min(SHOWN, len(held.test))) if labels is None else np.unique(labels, return_index=True)[1][:SHOWN]
    rows = [int(row) for row in first]
    known = None if labels is None or names is None else [names[label] for label in labels[rows].tolist()]
    called = [f"test image {row}" for row in rows] if known is None else [f"test image of {name}" for name in known]
    levels = levels_of_test(held.test, rows, held.loaded.model)
    return [{"name": name, "levels": bytes(one.flatten().tolist())} for name, one in zip(called, levels, strict=True)]


def _recorded_inputs(held: Shown) -> "Inputs":
    """Test images, again and again where they are few, in all orientations; noise where they are gone."""
    import torch

    from genmodels.analysis.completion import levels_of_test

    model: PixelModel = held.loaded.model
    if held.test is not None:
        rows = [index * (len(held.test) - 1) // (RECORDED - 1) for index in range(RECORDED)]
        return _turned(levels_of_test(held.test, rows, model), model)
    noise = torch.randint(model.levels, (RECORDED, *model.shape), generator=torch.Generator().manual_seed(1))
    return _turned(noise, model)


def _turned(levels: "Tensor", model: "PixelModel") -> "Inputs":
    """Images (RECORDED, Y, X) with the quarters by which each is turned: all orientations of the model in turn."""
    from genmodels.models.pixel_model import turned

    turns = [index % model.orientations for index in range(len(levels))]
    return [(turn, turned(one, turn)) for turn, one in zip(turns, levels, strict=True)]


def _network(loaded: "LoadedPixels", inputs: "Inputs", name: str) -> Network:
    """An epoch's network, told apart from itself with other weights by the logits of all pixels of recorded images."""
    import numpy as np

    weights = {name: one.detach().numpy() for name, one in loaded.model.named_parameters()}
    expected = _logits(loaded.model, weights, inputs)

    def differs(others: Weights) -> float:
        return float(np.abs(_logits(loaded.model, others, inputs) - expected).max())

    return Network(name, weights, differs, lambda others: _logits(loaded.model, others, inputs))


def _logits(model: "PixelModel", weights: Weights, inputs: "Inputs") -> "NDArray[np.float32]":
    """Of each recorded image, those of a pixel side by side: shape (RECORDED, Y X K)."""
    import numpy as np
    import torch
    from torch.func import functional_call

    from genmodels.models.pixel_model import to_values

    tensors = {name: torch.from_numpy(np.array(array)) for name, array in weights.items()}
    found = np.empty((len(inputs), model.pixel_bias.numel() // model.orientations), np.float32)
    with torch.inference_mode():
        for turn in range(model.orientations):
            own = [index for index, (other, _) in enumerate(inputs) if other == turn]
            images = to_values(torch.stack([inputs[index][1] for index in own]), model.levels)
            logits = functional_call(model, tensors, (images, turn))
            found[own] = logits.movedim(1, -1).flatten(1).numpy()
    return found


def _learned(run: ImageRun, loaded: "LoadedPixels") -> str:
    """What it learned, for somebody who knows nothing of it."""
    record = best_held_out(run)
    if not record:
        return ""
    share, levels = math.exp(-record["nll"] / math.prod(loaded.model.shape)), loaded.model.levels
    return (
        f"It looked at {images_called(run)} {how_often(loaded.epoch)} and learned to foretell each pixel from those "
        f"above it and to its left. In images that it never saw it gives what comes next {100 * share:.0f} % (the "
        f"geometric mean of all pixels); whoever knows nothing of them gives each of {levels} values "
        f"{100 / levels:.3g} %."
    )


def pixel_exhibits(run: ImageRun, complete: Callable[..., Exhibit]) -> Sequence[Callable[[], Exhibit]]:
    """What else a page shows: its course, images drawn by some epochs, and test images completed."""
    return [*drawn_exhibits(run), lambda: complete(count=COMPLETED)]
