"""The losses of the two players, and the penalty on a steep discriminator."""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional

from genmodels.device import step_generator
from genmodels.models.gan import GAN
from genmodels.rows import Rows
from genmodels.rows import drawn as drawn_rows
from genmodels.settings.gan import GanSettings

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


def penalty_on_steepness(
    model: GAN, settings: GanSettings, real: Tensor, drawn: Tensor, step: int, rows: Rows | None = None
) -> Tensor:
    """What a steep discriminator pays: R1 and the gradient penalty, those of them that the settings ask for.

    R1, r1/2 |grad s(x)|^2 at real images (Mescheder et al. 2018, arXiv 1801.04406), is computed now and then and
    weighs so much more (Karras et al. 2020, arXiv 1912.04958).

    The gradient penalty, (|grad s(x)| - 1)^2 between real and drawn images (Gulrajani et al. 2017, arXiv 1704.00028),
    belongs to the Wasserstein loss.

    Args:
        model: whose discriminator pays.
        settings: weights of the penalties, and the seed of the places between images.
        real: shape (B, Y, X).
        drawn: likewise.
        step: finished updates.
        rows: which of the batch these are; None: all.

    Returns:
        A scalar that can be differentiated by the discriminator's weights.
    """
    s = settings
    assert s.r1 is not None
    penalty = real.new_zeros(())
    if s.r1 > 0 and step % s.r1_every == 0:
        penalty = 0.5 * s.r1 * s.r1_every * squared_slope(model, real).mean()
    if s.loss == "wasserstein-gp":
        between = step_generator(real.device, s.seed, "between", step)
        between.rows = rows
        share = drawn_rows((len(real), 1, 1), lambda shape: real.new_empty(shape).uniform_(generator=between), between)
        steepness = (squared_slope(model, torch.lerp(real, drawn, share)) + 1e-12).sqrt()
        penalty = penalty + s.gradient_penalty * (steepness - 1.0).square().mean()
    return penalty
