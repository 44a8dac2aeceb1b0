"""The losses of the two players, and the penalty on a steep discriminator."""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional

from genmodels.models.gan import GAN

ScoreLoss = Callable[[Tensor, Tensor], Tensor]
DrawnLoss = Callable[[Tensor], Tensor]
# The discriminator's loss of its logits of real and of drawn images, the generator's of those of drawn ones.
LOSSES: dict[str, tuple[ScoreLoss, DrawnLoss]] = {
    "non-saturating": (  # Goodfellow et al. 2014: -log D(x) - log(1 - D(G(z))) and -log D(G(z))
        lambda real, drawn: functional.softplus(-real).mean() + functional.softplus(drawn).mean(),
        lambda drawn: functional.softplus(-drawn).mean(),
    ),
    "hinge": (  # Lim and Ye 2017, arXiv 1705.02894
        lambda real, drawn: (1.0 - real).relu().mean() + (1.0 + drawn).relu().mean(),
        lambda drawn: -drawn.mean(),
    ),
    "wasserstein-gp": (  # Gulrajani et al. 2017, arXiv 1704.00028
        lambda real, drawn: drawn.mean() - real.mean(),
        lambda drawn: -drawn.mean(),
    ),
}


def squared_slope(model: GAN, images: Tensor) -> Tensor:
    """|grad s(x)|^2 of the discriminator's logit at each image, shape (B,); can be differentiated again."""
    images = images.detach().requires_grad_(True)
    (slope,) = torch.autograd.grad(model.score(images).sum(), images, create_graph=True)
    return slope.square().sum(dim=(1, 2))
