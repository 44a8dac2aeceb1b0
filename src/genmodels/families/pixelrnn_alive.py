"""A pixel model alive in a page: it draws pixel by pixel, and finishes what somebody began, again and again."""

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from genmodels.errors import DataError
from genmodels.exhibit import Exhibit
from genmodels.families.alive import Alive, Network, Weights
from genmodels.runs.records import HELD_OUT

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from torch import Tensor

    from genmodels.families.images import ImageRun
    from genmodels.models.pixel_model import PixelModel
    from genmodels.models.stored import Loaded
    from genmodels.settings.pixelrnn import PixelSettings

    LoadedPixels = Loaded[PixelModel, PixelSettings]
    Inputs = Sequence[tuple[int, Tensor]]

RECORDED = 64  # inputs: images, in turn in each orientation
MOST_WEIGHTS = 400_000  # of all networks of a page; float32, in base64, they are 2.1 MB
DRAWN, COMPLETED = 20, 3  # images of each epoch, and completions of each test image, in the page's figures


def alive_pixels(run: "ImageRun") -> list[Alive]:
    """The section in which a run draws.

    Raises:
        RunError: no epoch was kept.
    """
    import torch

    kept = [run.epoch_checkpoint(number) for number in run.length().all_reached(run.kept())[:1]]
    paths = dict.fromkeys([run.epoch_checkpoint(None), *kept])
    epochs = _few_enough(run, [run.load(path, torch.device("cpu")) for path in paths])
    examples, inputs = _of_test(run, epochs[0])
    return [
        Alive(
            part=run.family,
            scripts=("pace", "layers_pixels", "pixelrnn_network", "pixelrnn_pad", run.family),
            title="It draws",
            about="Pixel by pixel, row by row: of each it says how likely ink is, given what is there already, and "
            "chance decides. Draw the beginning of something and see how it goes on, each time another way.",
            data=_described(epochs[0]) | {"examples": examples},
            networks=[_network(loaded, inputs, best=loaded is epochs[0]) for loaded in epochs],
            inputs=[{"turn": turn, "levels": levels.flatten().tolist()} for turn, levels in inputs],
            learned=_learned(run, epochs[0]),
        )
    ]


def _few_enough(run: "ImageRun", epochs: "list[LoadedPixels]") -> "list[LoadedPixels]":
    """The best epoch, and the first one too unless a page would become large."""
    weights = sum(one.numel() for one in epochs[0].model.parameters())
    if len(epochs) == 1 or len(epochs) * weights <= MOST_WEIGHTS:
        return epochs
    run.teller.notice(
        f"the page of {run.name} has the best epoch's weights alone, and not those of epoch {epochs[1].epoch:g} to "
        f"compare: they are {weights:,} each, and a page with more than {MOST_WEIGHTS:,} would be large"
    )
    return epochs[:1]


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


def _of_test(run: "ImageRun", loaded: "LoadedPixels") -> "tuple[list[dict[str, Any]], Inputs]":
    """Test images to be completed, and recorded inputs; where the set is gone none, and images of noise."""
    import torch

    from genmodels.analysis.completion import levels_of_test
    from genmodels.data.images.batches import Images
    from genmodels.data.images.image_set import choose_test_images, class_names

    model, settings = loaded.model, loaded.settings
    try:
        data = run.images()
    except DataError as error:
        run.teller.notice(f"no test images can be completed in the page: {error}")
        noise = torch.randint(model.levels, (RECORDED, *model.shape), generator=torch.Generator().manual_seed(1))
        return [], _turned(noise, model)
    test = Images(data.test, settings.binarize, settings.seed, torch.device("cpu"), "test")
    numbers = choose_test_images(data, None, lambda _: None)
    names = class_names(data, numbers)
    called = [f"test image {n}" for n in numbers] if names is None else [f"test image of {name}" for name in names]
    shown = levels_of_test(test, numbers, model)
    examples = [
        {"name": name, "levels": bytes(levels.flatten().tolist())} for name, levels in zip(called, shown, strict=True)
    ]
    rows = [index * (len(test) - 1) // (RECORDED - 1) for index in range(RECORDED)]
    return examples, _turned(levels_of_test(test, rows, model), model)


def _turned(levels: "Tensor", model: "PixelModel") -> "Inputs":
    """Images (RECORDED, Y, X) with the quarters by which each is turned: all orientations of the model in turn."""
    from genmodels.models.pixel_model import turned

    turns = [index % model.orientations for index in range(len(levels))]
    return [(turn, turned(one, turn)) for turn, one in zip(turns, levels, strict=True)]


def _network(loaded: "LoadedPixels", inputs: "Inputs", *, best: bool) -> Network:
    """An epoch's network, told apart from itself with other weights by the logits of all pixels of recorded images."""
    import numpy as np

    weights = {name: one.detach().numpy() for name, one in loaded.model.named_parameters()}
    expected = _logits(loaded.model, weights, inputs)

    def differs(others: Weights) -> float:
        return float(np.abs(_logits(loaded.model, others, inputs) - expected).max())

    name = f"epoch {loaded.epoch:g}{' (the best)' if best else ''}"
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


def _learned(run: "ImageRun", loaded: "LoadedPixels") -> str:
    """What it learned, for somebody who knows nothing of it."""
    records = run.best_evaluation()
    record = next((records[name] for name in HELD_OUT if name in records), None)
    if record is None:
        return ""
    share, levels = math.exp(-record["nll"] / math.prod(loaded.model.shape)), loaded.model.levels
    return (
        f"It looked at the images of {loaded.data} again and again and learned to foretell each pixel from those above "
        f"it and to its left. In images that it never saw it gives what comes next {100 * share:.0f} % (the geometric "
        f"mean of all pixels); whoever knows nothing of them gives each of {levels} values {100 / levels:.3g} %."
    )


def pixel_exhibits(run: "ImageRun", complete: Callable[..., Exhibit]) -> Sequence[Callable[[], Exhibit]]:
    """What else a page shows: images drawn after the first and the last epoch, and test images completed."""
    epochs = run.length().all_reached(run.kept())
    shown = list(dict.fromkeys([epochs[0], epochs[-1]])) if epochs else None
    return [lambda: run.samples(shown, DRAWN), lambda: complete(count=COMPLETED)]
