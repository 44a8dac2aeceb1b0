"""The two players."""

from typing import Any

import torch

from contract.helpers import Case, Trained, small_images
from genmodels.training import gan
from homes import TINY_GAN


def prepare(settings: Any, images: Any) -> Any:
    return gan.prepare(settings, images)


def discriminate(task: Any) -> Any:
    """The discriminator's update on the same real images and the same drawn ones; one of its losses is unbounded."""
    real = task.batches.at(0).images
    drawn = torch.rand(real.shape, generator=torch.Generator().manual_seed(0))
    return {"likeness": task.update_discriminator(real, drawn, 1, 1.0)[1]["discriminator_loss"].exp()}


_SETTINGS = {
    "latent_size": 3, "channels": 2, "hidden_size": 12, "layers": 1, "batch_size": 8, "warmup_steps": 5,
    "average_weights": 0.9, "learning_rate": 0.005, "r1_every": 3,
}  # fmt: skip
_LAST_BIAS = "discriminator.layers.2.bias"
CASES = [
    Case(
        "gan", model, small_images, prepare, _SETTINGS | more,
        objective="likeness", overfitted=0.5, variant=variant, repeat=discriminate, unmoved=unmoved,
        rare=variant == "hinge",
    )
    for model, variant, unmoved, more in (
        ("dcgan", "", "", {}),
        ("mlp", "hinge", _LAST_BIAS, {"loss": "hinge"}),
        ("mlp", "wasserstein-gp", _LAST_BIAS, {"loss": "wasserstein-gp"}),
    )
]  # fmt: skip
TRAINED = Trained(
    family="gan",
    home="gan",
    flags=("--dataset", "set.npz", *TINY_GAN, "--epochs", "2"),
    told=("dcgan with", "240 images of 8x8, binarize none", "epoch 2/2", "images/s", "kernel_distance",
          "next: genmodels sample-images", "next: genmodels plot-gan", "next: genmodels eval-images"),
    splits=("train", "test"),
    samples=("png", "txt"),
    data={"name": "set", "images": [240, 150], "shape": [8, 8], "classes": ["0", "1", "2"]},
    best_by=("kernel_distance", min),
    held_out=lambda result: result["test"],
    readers=("sample-images --epochs {} --count 4", "eval-images --epochs {}", "plot-latent --epoch {}"),
    contradictions={
        "--loss hinge": "--loss hinge contradicts the run, which has non-saturating",
        "--preset classic": "--resume and --preset contradict each other",
        "--config c.toml": "--resume and --config contradict each other",
        "--name other": "--resume and --name contradict each other",
    },
)  # fmt: skip
