"""How each family of image models is loaded and drawn from; compare_images.py puts them side by side."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch

Advance = Callable[[int], None]


@dataclass(frozen=True)
class Painter:
    """One family.

    Args:
        title: what tables and figures call it.
        load: a checkpoint onto a device.
        draw: (loaded, count, seed, advance) -> images (N, Y, X) from 0 to 1, on the CPU, as the model means them.
        score: the recorded figure in nats per image, or None for a family without likelihood.
        sign: makes of it -log p, or a bound on it.
        relation: how -log p stands to it: "<=" for a bound, "=" for an exact one.
    """

    title: str
    load: Callable[[Path, "torch.device"], Any]
    draw: Callable[[Any, int, int, Advance], "torch.Tensor"]
    score: str | None
    sign: float = 1.0
    relation: str = ""


def _load_vae(checkpoint: Path, device: "torch.device") -> Any:
    from genmodels.models.stored import load_vae

    return load_vae(checkpoint, device)


def _draw_vae(loaded: Any, count: int, seed: int, advance: Advance) -> "torch.Tensor":
    import torch

    from genmodels.sampling.images import draw_images

    labels = None if loaded.model.classes is None else [index % loaded.model.classes for index in range(count)]
    drawn = torch.from_numpy(draw_images(loaded.model, count, labels, seed, draw=False))
    advance(count)
    return drawn


def _load_pixels(checkpoint: Path, device: "torch.device") -> Any:
    from genmodels.models.stored import load_pixels

    return load_pixels(checkpoint, device)


def _draw_pixels(loaded: Any, count: int, seed: int, advance: Advance) -> "torch.Tensor":
    import torch

    from genmodels.sampling.pixels import sample_pixels

    return torch.from_numpy(sample_pixels(loaded.model, count, seed, advance))


def _load_gan(checkpoint: Path, device: "torch.device") -> Any:
    from genmodels.models.stored import load_gan

    return load_gan(checkpoint, device)


def _draw_gan(loaded: Any, count: int, seed: int, advance: Advance) -> "torch.Tensor":
    from genmodels.sampling.images import draw_gan

    drawn = draw_gan(loaded.model, count, seed)
    advance(count)
    return drawn


PAINTERS: dict[str, Painter] = {
    "vae": Painter("VAE", _load_vae, _draw_vae, "elbo", -1.0, "<="),
    "pixelrnn": Painter("pixel model", _load_pixels, _draw_pixels, "nll", 1.0, "="),
    "gan": Painter("GAN", _load_gan, _draw_gan, None),
}
