"""What benchmarks/gpu.py tries: the models, settings of short trainings, and the data that they learn from.

A part of `python benchmarks/gpu.py`; `python benchmarks/gpu_bench.py` alone does nothing.
"""

import pydoc_data.topics
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import torch
from machine import tell

import genmodels
import genmodels.training.recorded
from genmodels.training.reporting import QuietReporter

PRECISIONS = ("fp32", "bf16", "fp16")
MODELS = {
    "text": ("lstm", "gru", "rnn", "feedforward"),
    "vae": ("conv", "mlp"),
    "pixelrnn": ("pixelcnn", "row-lstm", "diagonal-bilstm"),
    "gan": ("dcgan", "mlp"),
    "reader": ("crnn", "cnn"),
    "speech": ("tdnn", "window", "rnn", "gru", "lstm", "bilstm", "tdnn-bilstm"),
}
SHORT = {  # of a check: a few dozen updates
    "text": {"sample_length": 40},
    "vae": {},
    "pixelrnn": {"channels": 8, "layers": 2},
    "gan": {},
    "reader": {"strips": 320, "tested_strips": 32},
    "speech": {"utterances": 320, "tested_utterances": 16},
}
TINY = {
    "text": {"hidden_size": 16, "embedding_size": 8},
    "vae": {"hidden_size": 16, "channels": 2, "latent_size": 4},
    "pixelrnn": {"channels": 3, "layers": 1, "batch_size": 200},
    "gan": {"hidden_size": 8, "channels": 2, "latent_size": 4, "batch_size": 200},
    "reader": {"hidden_size": 8, "channels": 2, "strips": 32, "tested_strips": 8},
    "speech": {"parameters": 12000, "utterances": 16, "tested_utterances": 4},
}
LARGE = {"hidden_size": 1024, "batch_size": 128}  # an LSTM that fills a GPU
TOPICS = "\n".join(pydoc_data.topics.topics.values())
IMAGES, CHARACTERS = 1200, 100_000


class Bench:
    """One device, and the data that the families learn from.

    Args:
        device: as --device takes it.
        folder: for runs and for a small set of images.
        seconds: that a speed is measured for.
        small: whether the networks are tiny.
    """

    def __init__(self, device: str, folder: Path, seconds: float, small: bool) -> None:
        self.name, self.folder, self.seconds, self.small = device, folder, seconds, small
        self.device = torch.device(device)
        self.more = TINY if small else {family: {} for family in TINY}

    def text(self) -> str:
        """The beginning of a text that Python has with it."""
        return TOPICS[: 4000 if self.small else CHARACTERS]

    def images(self) -> Path:
        """A few of the built-in digits, as a file."""
        from genmodels.data.images.opening import open_images

        path = self.folder / "few.npz"
        if not path.exists():
            digits = open_images("digits", tell)
            train, test = digits.train, digits.test
            few, tested = (80, 40) if self.small else (IMAGES, IMAGES // 6)
            np.savez(
                path,
                x_train=train.pixels[:few], y_train=train.labels[:few],
                x_test=test.pixels[:tested], y_test=test.labels[:tested],
            )  # fmt: skip
        return path

    def train(self, family: str, name: str, device: str, reporter: QuietReporter | None = None, **how: Any) -> Any:
        """A short training of two epochs."""
        text = self.text()
        begin = {"text": lambda **more: genmodels.train_text(text=text, **more), "speech": genmodels.train_speech}
        train = begin.get(family, lambda **more: genmodels.train(family, self.images(), **more))
        length = {} if "minutes" in how else {"epochs": 2}
        settings = {**SHORT[family], **self.more[family], **length, **how, "device": device}
        return train(name=name, runs=self.folder, reporter=reporter or QuietReporter(), **settings)


@contextmanager
def as_written() -> Iterator[None]:
    """Within, tasks that are made record no updates."""
    module = genmodels.training.recorded
    before = module.can_record
    module.can_record = lambda _: False
    try:
        yield
    finally:
        module.can_record = before
