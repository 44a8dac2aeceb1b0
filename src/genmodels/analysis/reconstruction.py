"""What a VAE makes of some test images after chosen epochs."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from genmodels.analysis.elbo import bernoulli_log_likelihood, draw_codes
from genmodels.data.images.batches import Batch, Images, rows_of
from genmodels.data.images.image_set import choose_test_images, class_names
from genmodels.data.images.opening import reopen_images
from genmodels.device import step_generator
from genmodels.models.stored import LoadedVae, load_vae
from genmodels.runs import RunDir

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
    epochs: list[int]
    pictures: list[Pictures]
    nats: list[list[float]]

    def to_json(self) -> dict[str, Any]:
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
    run: RunDir,
    checkpoints: Sequence[Path],
    rows: Sequence[int] | None,
    sample: bool,
    seed: int,
    device: torch.device,
    notice: Callable[[str], None],
) -> Reconstruction:
    """Encode test images and decode them again, with the weights of each checkpoint.

    Args:
        run: whose images are taken.
        checkpoints: epochs of the run.
        rows: numbers of test images; None: one of each class, the first of its kind.
        sample: draw z from q(z|x) instead of taking its mean.
        seed: of that draw.
        device: where to compute.
        notice: is told where no classes are known.

    Raises:
        UsageError: there is no such image.
        RunError, DataError: the run or its images are damaged, changed or gone.
    """
    images = reopen_images(run.document()["data"], notice)
    loaded = [load_vae(path, device) for path in checkpoints]
    chosen = choose_test_images(images, rows, notice)
    settings = loaded[0].settings
    test = Images(images.test, settings.binarize, settings.seed, device, "test")
    batch = rows_of(test, chosen)
    pictures, nats = zip(*(_decoded(epoch, batch, sample, seed) for epoch in loaded), strict=True)
    return Reconstruction(
        data=images.name,
        binarize=settings.binarize,
        rows=chosen,
        names=class_names(images, chosen),
        originals=batch.images.cpu().numpy(),
        epochs=[int(epoch.state["epoch"]) for epoch in loaded],
        pictures=list(pictures),
        nats=list(nats),
    )


def _decoded(loaded: LoadedVae, batch: Batch, sample: bool, seed: int) -> tuple[Pictures, list[float]]:
    mean, log_variance = loaded.model.encode(batch.images, batch.labels)
    generator = step_generator(mean.device, seed, "reconstruct", 0)
    z = draw_codes(mean, log_variance, generator) if sample else mean
    logits = loaded.model.decode(z, batch.labels)
    return logits.sigmoid().cpu().numpy(), bernoulli_log_likelihood(logits, batch.images).tolist()
