"""A variational autoencoder alive in a page: its code to be moved, test images, and what is drawn with the finger."""

import math
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from genmodels.exhibit import Exhibit
from genmodels.families.alive import Alive, best_held_out, how_often
from genmodels.families.alive_images import (
    RECORDED,
    SCRIPTS,
    Shown,
    as_bytes,
    drawn_exhibits,
    film_of,
    guessing,
    images_called,
    network_of,
    shown,
)
from genmodels.families.latent import SCATTERED as ENCODED
from genmodels.families.latent import CodedRun

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from torch import Tensor

    from genmodels.data.images.batches import Batch
    from genmodels.models.stored import Loaded
    from genmodels.models.vae import VAE
    from genmodels.settings.vae import VaeSettings

    LoadedVae = Loaded[VAE, VaeSettings]

SLIDERS = 8  # dimensions of the code that can be moved, those with most KL
SCATTERED = 500  # test images whose codes are shown in the pad
TESTED = 10  # test images to choose from


def alive_codes(run: CodedRun) -> list[Alive]:
    """The sections in which a VAE draws from codes, and in which its pictures lie among real ones.

    Raises:
        RunError: no epoch was kept.
    """
    held = shown(run)
    loaded, inputs = held.loaded, _recorded_inputs(held)
    network = network_of(loaded, lambda model: model, partial(_computed, batch=inputs))
    labels = [0] * RECORDED if inputs.labels is None else inputs.labels.tolist()
    alive = Alive(
        part=run.family,
        scripts=(*SCRIPTS, "drawing", "vae_hands", run.family),
        title="It draws from a code",
        about=f"The network squeezes each image into {loaded.settings.latent_size} numbers, its code, and draws the "
        "image again from these. Move the code, and see what it stands for.",
        data=_described(loaded) | _codes(held) | {"digits": _digits(run, held)},
        networks=[network],
        inputs=[[image, label] for image, label in zip(inputs.images.flatten(1).tolist(), labels, strict=True)],
        learned=_learned(run, loaded),
    )
    return [alive, *guessing(run, held)]


def _described(loaded: "LoadedVae") -> dict[str, Any]:
    """What the script needs to know of the network."""
    settings = loaded.settings
    return {
        "model": settings.model,
        "activation": settings.activation,
        "latent": settings.latent_size,
        "classes": list(loaded.classes or ()) if settings.conditional else None,
        "shape": loaded.model.shape,
        "ink": loaded.ink,
    }


def _recorded_inputs(held: Shown) -> "Batch":
    """Test images, again and again where they are few; noise where they are gone."""
    import torch

    from genmodels.data.images.batches import Batch, rows_of

    model: VAE = held.loaded.model
    if held.test is not None:
        batch = rows_of(held.test, [row % len(held.test) for row in range(RECORDED)])
        return batch if model.classes is not None else Batch(batch.images, None)
    images = torch.rand(RECORDED, *model.shape, generator=torch.Generator().manual_seed(1))
    return Batch(images, None if model.classes is None else torch.arange(RECORDED) % model.classes)


def _computed(model: "VAE", batch: "Batch") -> "Tensor":
    """Mean and log-variance of each image, and the logits of the mean, shape (B, 2 Z + Y X)."""
    import torch

    mean, log_variance = model.encode(batch.images, batch.labels)
    return torch.cat([mean, log_variance, model.decode(mean, batch.labels).flatten(1)], dim=1)


def _codes(held: Shown) -> dict[str, Any]:
    """The dimensions that carry most, the busiest first, and where test images lie in them."""
    from genmodels.analysis.latent import encode_all

    size = held.loaded.settings.latent_size
    if held.test is None:
        return {"dimensions": list(range(min(SLIDERS, size))), "nats": None, "points": None, "names": None}
    codes = encode_all(held.loaded.model, held.test, min(ENCODED, len(held.test)))
    busiest = codes.busiest(SLIDERS)
    return {
        "dimensions": busiest,
        "nats": [round(float(codes.kl_by_dimension[dimension]), 2) for dimension in busiest],
        "points": [[round(float(value), 2) for value in point] for point in codes.means[:SCATTERED, busiest]],
        "labels": None if codes.labels is None else codes.labels[:SCATTERED].tolist(),
        "encoded": len(codes.means),
        "names": None if codes.labels is None else held.loaded.classes,
    }


def _digits(run: CodedRun, held: Shown) -> dict[str, Any] | None:
    """Ten test images, of each class one where there are some, and what each epoch makes of them."""
    from genmodels.data.images.batches import rows_of

    if held.test is None:
        return None
    rows = _rows(held)
    batch = rows_of(held.test, rows)
    labels = None if batch.labels is None else batch.labels.tolist()
    names = None if labels is None or held.loaded.classes is None else [held.loaded.classes[label] for label in labels]
    return {
        "rows": rows,
        "labels": labels,
        "names": names,
        "pixels": as_bytes(batch.images.numpy()),
        "film": film_of(run, held.loaded.epoch, len(rows), partial(_again, batch=batch)),
    }


def _rows(held: Shown) -> list[int]:
    """Numbers of test images: the first of each class, at most ten, and further ones until there are ten."""
    import numpy as np

    assert held.test is not None
    labels, every = held.test.labels, range(len(held.test))
    firsts = [] if labels is None else np.unique(labels.numpy(), return_index=True)[1][:TESTED].tolist()
    return [int(row) for row in dict.fromkeys([*firsts, *every])][:TESTED]


def _again(loaded: "LoadedVae", batch: "Batch") -> "NDArray[np.float32]":
    """What a model makes of images, by the means of their codes."""
    import torch

    model = loaded.model
    with torch.no_grad():
        logits = model.decode(model.encode(batch.images, batch.labels)[0], batch.labels)
    images: NDArray[np.float32] = logits.sigmoid().numpy()
    return images


def _learned(run: CodedRun, loaded: "LoadedVae") -> str:
    """What it learned, for somebody who knows nothing of it."""
    size = loaded.settings.latent_size
    told = (
        f"It looked at {images_called(run)} {how_often(loaded.epoch)} and learned to squeeze each into {size} numbers "
        "and to draw it again from these alone."
    )
    record = best_held_out(run)
    if not record or loaded.settings.binarize == "none" or not math.isfinite(record["elbo"]):
        return told
    bits, pixels = -record["elbo"] / math.log(2), math.prod(loaded.model.shape)
    given = ", whose class is known," if loaded.settings.conditional else ""
    return (
        f"{told} To tell somebody an image that it never saw{given} takes at most {bits:.0f} bits on average with its "
        f"help; black or white for each pixel, without it, {pixels:,}."
    )


def code_exhibits(run: CodedRun, reconstruct: Callable[..., Exhibit]) -> Sequence[Callable[[], Exhibit]]:
    """What else a page shows: the bound's course, drawn images, reconstructions, what the code means."""

    def reconstructed() -> Exhibit:
        held = shown(run)
        return reconstruct(images=None if held.test is None else _rows(held))

    plane = [partial(run.latent, "scatter")] if run.setting("latent_size") not in {1, "?"} else []
    return [*drawn_exhibits(run), reconstructed, run.latent, *plane]
