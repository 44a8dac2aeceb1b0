"""What the pages of image models share: pictures as bytes, films over the epochs, recorded weights, a guessing game."""

import copy
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from genmodels.errors import DataError
from genmodels.exhibit import Exhibit
from genmodels.families.alive import Alive, Network, Weights
from genmodels.families.images import ImageRun
from genmodels.families.run import Run

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from torch import Tensor, nn

    from genmodels.data.images.batches import Images
    from genmodels.models.stored import Loaded
    from genmodels.runs.epochs import Epoch

RECORDED = 64  # inputs
FILMED = 10  # epochs in a strip of film
FILM_BYTES = 200_000  # of its pictures, so that large ones leave room in the page for the network
SHEET = 24  # images drawn of each epoch
GUESSED, FEWEST_GUESSED = 24, 8  # real pictures and as many drawn ones, of which a round shows eight
GUESSED_BYTES = 150_000  # of them, so that large ones leave room in the page for the network
SHOWN_FIRST = 10  # test images, and as many firsts of a class, that other sections show
GUESSED_SEED = 2  # of those that are drawn: others than a sheet of samples shows
KNOWN_AS = {
    "mnist": "handwritten digits",
    "fashion-mnist": "small pictures of clothes and shoes",
    "kmnist": "handwritten Japanese characters",
    "emnist": "handwritten letters and digits",
}  # by what the names of known sets begin with: what somebody sees who has not heard of them
SCRIPTS = ("layers_images", "pictures")


@dataclass(frozen=True, eq=False)
class Shown:
    """An epoch of a run and, where they are still there, its test images.

    Args:
        loaded: the model, on the CPU.
        test: the images in the form that the model learned from; None: they are gone.
    """

    loaded: "Loaded[Any, Any]"
    test: "Images | None"

    def some(self, count: int) -> "NDArray[np.float32] | None":
        """The first test images, shape (N, Y, X)."""
        from genmodels.data.images.batches import rows_of

        if self.test is None:
            return None
        images: NDArray[np.float32] = rows_of(self.test, range(min(count, len(self.test)))).images.numpy()
        return images


def shown(run: ImageRun, epoch: "Epoch | None" = None) -> Shown:
    """An epoch of a run, or the best one, with its test images; that they are gone is told.

    Raises:
        RunError: no epoch was kept.
    """
    import torch

    from genmodels.data.images.batches import Images

    device = torch.device("cpu")
    loaded = run.load(run.epoch_checkpoint(epoch), device)
    try:
        data = run.images()
    except DataError as error:
        run.teller.notice(f"no test images stand in the page: {error}")
        return Shown(loaded, None)
    settings = loaded.settings
    return Shown(loaded, Images(data.test, settings.binarize, settings.seed, device, "test"))


def network_of(
    loaded: "Loaded[Any, Any]", module: "Callable[[Any], nn.Module]", computed: "Callable[[Any], Tensor]"
) -> Network:
    """A model's network, told apart from itself with other weights by what it computes of recorded inputs.

    Args:
        loaded: the model.
        module: of a model, the part whose weights a page holds.
        computed: of a model, what it makes of the recorded inputs, a row for each.
    """
    import numpy as np
    import torch

    from genmodels.models.weights import load_weights, to_arrays, to_tensors

    other = copy.deepcopy(loaded.model)
    weights: Weights = to_arrays(module(loaded.model).state_dict())

    def outputs(weights: Weights) -> "NDArray[np.float32]":
        load_weights(module(other), to_tensors(dict(weights)))
        with torch.no_grad():
            found: NDArray[np.float32] = computed(other).numpy()
        return found

    expected = outputs(weights)
    differs = lambda weights: float(np.abs(outputs(weights) - expected).max())  # noqa: E731
    return Network(f"epoch {loaded.epoch:g} (the best)", weights, differs, outputs)


def as_bytes(images: "NDArray[np.float32]") -> bytes:
    """Images from 0 to 1 as a byte for each pixel."""
    import numpy as np

    return bytes(np.rint(255 * np.clip(np.nan_to_num(images), 0, 1)).astype(np.uint8))


def film_of(
    run: ImageRun, best: float, pictures: int, made: "Callable[[Loaded[Any, Any]], NDArray[np.float32]]"
) -> dict[str, Any]:
    """What each of some epochs makes of the same things.

    Args:
        run: whose kept epochs are shown, or as many of them as there is room for.
        best: an epoch that is always among them.
        pictures: of each epoch.
        made: of an epoch's model, those pictures, shape (pictures, Y, X).
    """
    import numpy as np
    import torch

    kept = run.length().all_reached(run.kept())
    rows, columns = run.document()["data"]["shape"]
    room = max(2, min(FILMED, FILM_BYTES // (pictures * rows * columns)))
    places = np.linspace(0, len(kept) - 1, min(room, len(kept))).round().astype(int)
    epochs = sorted({*(kept[place] for place in places), best})
    device = torch.device("cpu")
    models = (run.load(run.epoch_checkpoint(number), device) for number in epochs)
    return {
        "epochs": epochs,
        "best": best,
        "kept": len({*kept, best}),
        "pixels": b"".join(as_bytes(made(model)) for model in models),
    }


def guessing(run: ImageRun, held: Shown, as_drawn: "Callable[[Tensor], Tensor]" = lambda real: real) -> list[Alive]:
    """Pictures of which half are real, in the form of the model's targets; none where the real ones are gone.

    Args:
        run: which draws the others.
        held: its best epoch and test images.
        as_drawn: real images, in the form of the model's targets, with the values alone that the model draws.
    """
    from torch import from_numpy

    from genmodels.sampling.images import as_targets

    real = _unseen(held)
    if len(real) == 0:
        return []
    grey = run.draw_from(held.loaded, len(real), GUESSED_SEED)
    drawn = as_targets(from_numpy(grey), held.loaded.settings.binarize, GUESSED_SEED).numpy()
    return [
        Alive(
            part="guess",
            scripts=(*SCRIPTS, "guess"),
            title="Which is real?",
            about="Of eight pictures, half are real ones that the network never learned from, and half it drew itself. "
            "Choose those that you take for real.",
            data={
                "kind": "picture",
                "shape": real.shape[1:],
                "ink": held.loaded.ink,
                "real": as_bytes(as_drawn(from_numpy(real)).numpy()),
                "drawn": as_bytes(drawn),
            },
            networks=(),
        )
    ]


def _unseen(held: Shown) -> "NDArray[np.float32]":
    """The last test images, of those that no other section shows, as many as there is room for; none of too few."""
    import numpy as np

    from genmodels.data.images.batches import rows_of

    nothing = np.empty((0, *held.loaded.model.shape), np.float32)
    if held.test is None:
        return nothing
    labels = held.test.labels
    firsts = () if labels is None else np.unique(labels.numpy(), return_index=True)[1][:SHOWN_FIRST].tolist()
    known = {*firsts, *range(SHOWN_FIRST)}
    room = GUESSED_BYTES // (2 * math.prod(held.loaded.model.shape))
    left = [row for row in range(len(held.test)) if row not in known]
    if len(left) < FEWEST_GUESSED:
        return nothing
    images: NDArray[np.float32] = rows_of(held.test, left[-min(GUESSED, max(FEWEST_GUESSED, room)) :]).images.numpy()
    return images


def drawn_exhibits(run: ImageRun) -> Sequence[Callable[[], Exhibit]]:
    """What pages of all image models show: drawn images of the first, the middle and the last epoch that was kept."""
    kept = run.length().all_reached(run.kept())
    epochs = sorted({kept[0], kept[(len(kept) - 1) // 2], kept[-1]}) if kept else None
    return [run.course, lambda: run.samples(epochs, SHEET)]


def images_called(run: Run) -> str:
    """What a sentence calls the images that a run learned from."""
    name = str(run.document()["data"].get("name") or "")
    known = next((what for set_name, what in KNOWN_AS.items() if name.startswith(set_name)), "")
    return f"the images of {name}{f' ({known})' if known else ''}" if name else "its images"
