"""The readers of strips of digits."""

from typing import Any

from contract.helpers import Case, Trained, small_images
from genmodels.training.reader import prepare
from homes import TINY_READER

WITH_DIGITS = 1


def read_again(task: Any) -> Any:
    """The update of a step whose strips hold digits."""
    return task.train_step(WITH_DIGITS, 1.0)


_SETTINGS = {
    "channels": 4, "hidden_size": 10, "longest": 2, "strips": 288, "tested_strips": 20, "batch_size": 8,
    "warmup_steps": 5, "average_weights": 0.9, "learning_rate": 0.01,
}  # fmt: skip
CASES = [
    Case("reader", model, small_images, prepare, _SETTINGS, objective="nats", overfitted=0.5, repeat=read_again)
    for model in ("crnn", "cnn")
]
TRAINED = Trained(
    family="reader",
    home="reader",
    flags=("--dataset", "set.npz", *TINY_READER, "--epochs", "2"),
    told=("crnn with", "strips of up to 2 from 60 images", "epoch 2/2", "strips/s", "longer",
          "next: genmodels read-image", "next: genmodels eval-reader"),
    splits=("train", "test", "longer"),
    samples=("png", "txt"),
    data={"name": "set", "images": [60, 30], "shape": [20, 16], "classes": ["0", "1", "2"]},
    best_by=("nll", min),
    held_out=lambda result: result["test"],
    readers=("read-image --strips 2 --epoch {}",),
    contradictions={
        "--longest 5": "--longest 5 contradicts the run, which has 2",
        "--strips 300": "--strips 300 contradicts the run, which has 200",
        "--config c.toml": "--resume and --config contradict each other",
        "--name other": "--resume and --name contradict each other",
    },
)  # fmt: skip
