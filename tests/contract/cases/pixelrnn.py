"""The pixel models."""

from typing import Any

import torch

from contract.helpers import Case, Dependence, Trained, small_images
from genmodels.training.pixels import prepare
from homes import TINY_PIXELS


def dependence(task: Any) -> Dependence:
    """A pixel's logits on every pixel above it and to its left, after some training; its left neighbour for sure."""
    for step in range(30):
        task.train_step(step, 1.0)
    network = task.model.double().eval()
    jacobian = torch.autograd.functional.jacobian(network, torch.rand(1, 6, 7, dtype=torch.float64))
    before = torch.ones(42, 42).tril(-1).bool()
    neighbour = torch.diag(torch.arange(1, 42) % 7 > 0, -1)
    return Dependence(jacobian.abs().sum(dim=(0, 1, 4)).reshape(42, 42), before, neighbour)


_SETTINGS = {
    "channels": 4, "layers": 1, "batch_size": 8, "warmup_steps": 5, "average_weights": 0.9, "learning_rate": 0.02,
}  # fmt: skip
CASES = [
    Case(
        "pixelrnn", model, small_images, prepare, _SETTINGS | more,
        objective="nll", overfitted=0.75, variant=variant, dependence=dependence,
        rare=(model, variant) != ("pixelcnn", ""),
    )
    for model, variant, more in (
        ("pixelcnn", "", {}),
        ("row-lstm", "", {}),
        ("diagonal-bilstm", "", {"binarize": "static"}),
        ("pixelcnn", "of 4 levels", {"levels": "4"}),
    )
]  # fmt: skip
TRAINED = Trained(
    family="pixelrnn",
    home="pixelrnn",
    flags=("--dataset", "set.npz", *TINY_PIXELS, "--epochs", "2"),
    told=("pixelcnn with", "60 images of 8x8, binarize dynamic", "epoch 2/2", "images/s", "next: genmodels complete",
          "next: genmodels sample-images", "next: genmodels eval-images"),
    splits=("train", "test"),
    samples=("png", "txt"),
    data={"name": "set", "images": [60, 30], "shape": [8, 8], "classes": ["0", "1", "2"]},
    best_by=("nll", min),
    held_out=lambda result: result["test"],
    readers=("sample-images --epochs {} --count 4", "eval-images --epochs {}", "complete --epoch {} --count 2"),
    contradictions={
        "--levels 4": "--levels 4 contradicts the run, which has 2",
        "--preset paper": "--resume and --preset contradict each other",
        "--config c.toml": "--resume and --config contradict each other",
        "--name other": "--resume and --name contradict each other",
    },
)  # fmt: skip
