"""Bounds on log p(x) of VAEs that are given the class: over all classes, by their shares in what was trained on."""

from typing import TYPE_CHECKING

from genmodels.families.nats import Nats, measured_part
from genmodels.runs import Record
from genmodels.telling import Teller

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    from genmodels.data.images.batches import Images
    from genmodels.data.images.image_set import ImageSet
    from genmodels.models.stored import Loaded
    from genmodels.models.vae import VAE
    from genmodels.settings.vae import VaeSettings

    LoadedVae = Loaded[VAE, VaeSettings]

MOST_CLASSES = 64  # each costs as much as a model that knows none


def can_be_summed(images: "ImageSet") -> bool:
    """Whether the classes of an image set are few enough."""
    return len(images.classes or ()) <= MOST_CLASSES


def bounds_of_any_class(
    loaded: "LoadedVae",
    told: str,
    part: "Images",
    count: int,
    samples: int,
    seed: int,
    images: "ImageSet",
    teller: Teller,
) -> Record:
    """The bounds of some images, each with its standard error, under names that begin with "marginal".

    Args:
        loaded: the model.
        told: what its progress calls it.
        part: of the images.
        count: so many of them.
        samples: classes and codes for each image in the importance-weighted bound; 0 leaves it out.
        seed: of them.
        images: the whole set.
        teller: is told how far it is.
    """
    from genmodels.analysis.any_class import elbo_of_any_class, importance_bound_of_any_class
    from genmodels.device import step_generator

    shares, device = _shares(loaded.settings, images).to(part.device), part.device
    codes = step_generator(device, seed, "eval codes of any class", 0)
    with teller.counting(f"{told}, under every class", count) as advance:
        elbo, error = elbo_of_any_class(loaded.model, part.in_order(count), shares, codes, advance)
    result: Record = {"marginal_elbo": elbo, "marginal_elbo_standard_error": error}
    if samples:
        codes = step_generator(device, seed, "eval importance of any class", 0)
        with teller.counting(f"{told}, importance samples of any class", count * samples) as advance:
            bound, error = importance_bound_of_any_class(
                loaded.model, part.in_order(count), shares, samples, codes, advance
            )
        result |= {"marginal_bound": bound, "marginal_bound_standard_error": error}
    return result


def _shares(settings: "VaeSettings", images: "ImageSet") -> "Tensor":
    """The shares of the classes in what was trained on, shape (C,)."""
    from torch import from_numpy

    from genmodels.training.image_task import parts_of

    labels = parts_of(settings, images)[0].labels
    assert labels is not None, "a conditional model was trained on classes"
    counts = from_numpy(labels).bincount(minlength=len(images.classes or ())).float()
    return counts / counts.sum()


def nats_of_any_class(
    loaded: "LoadedVae", name: str, images: "ImageSet", device: "torch.device", teller: Teller
) -> Nats:
    """The negative bound of the images that the training was evaluated on, in the same form.

    Args:
        loaded: the model.
        name: what its progress calls it.
        images: the whole set.
        device: where they are to live.
        teller: is told how far it is.
    """
    from genmodels.data.images.batches import Images
    from genmodels.training.image_task import parts_of

    settings, (part, _) = loaded.settings, measured_part(loaded.state)
    held_out = Images(parts_of(settings, images)[1], settings.binarize, settings.seed, device, part)
    found = bounds_of_any_class(loaded, name, held_out, len(held_out), 0, settings.seed, images, teller)
    return Nats(-float(found["marginal_elbo"]), "<=", part, standard_error=found["marginal_elbo_standard_error"])
