"""What a VAE makes of some test images after chosen epochs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from genmodels.analysis.elbo import bernoulli_log_likelihood, draw_codes
from genmodels.data.images.batches import Batch
from genmodels.device import step_generator
from genmodels.models.vae import VAE

Pictures = NDArray[np.float32]


@dataclass(frozen=True)
class Reconstruction:
    """Originals and what each epoch made of them.

    Args:
        data: name of the image set.
        binarize: the kind of targets.
        rows: numbers of the images in the test part.
        names: class of each image, or None where the set has none.
        originals: shape (N, Y, X), as the encoder saw them.
        epochs: of the pictures.
        pictures: for each epoch the pixels' probabilities, shape (N, Y, X).
        nats: for each epoch log p(x|z) of each image.
    """

    data: str
    binarize: str
    rows: list[int]
    names: list[str] | None
    originals: Pictures
    epochs: list[float]
    pictures: list[Pictures]
    nats: list[list[float]]

    def to_record(self) -> dict[str, Any]:
        """The figures without the pictures."""
        return {
            "data": self.data,
            "binarize": self.binarize,
            "images": self.rows,
            "classes": self.names,
            "epochs": self.epochs,
            "reconstruction": [[round(value, 4) for value in nats] for nats in self.nats],
        }


@torch.no_grad()
def reconstruct(
    models: Sequence[VAE], epochs: Sequence[float], batch: Batch, described: Mapping[str, Any], sample: bool, seed: int
) -> Reconstruction:
    """Encode images and decode them again, with each of some models.

    Args:
        models: in evaluation mode.
        epochs: of the models.
        batch: the images, as targets.
        described: the fields of the result that say which images they are: data, binarize, rows, names.
        sample: draw z from q(z|x) instead of taking its mean.
        seed: of that draw.
    """
    pictures, nats = zip(*(_decoded(model, batch, sample, seed) for model in models), strict=True)
    return Reconstruction(
        **described,
        originals=batch.images.cpu().numpy(),
        epochs=list(epochs),
        pictures=list(pictures),
        nats=list(nats),
    )


def _decoded(model: VAE, batch: Batch, sample: bool, seed: int) -> tuple[Pictures, list[float]]:
    mean, log_variance = model.encode(batch.images, batch.labels)
    generator = step_generator(mean.device, seed, "reconstruct", 0)
    z = draw_codes(mean, log_variance, generator) if sample else mean
    logits = model.decode(z, batch.labels)
    return logits.sigmoid().cpu().numpy(), bernoulli_log_likelihood(logits, batch.images).tolist()
