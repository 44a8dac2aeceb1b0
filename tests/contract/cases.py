"""One tiny case per model of every registered family; the contract suite runs each promise over all of them.

A new family adds its rows to `CASES`; a test compares them with the registry.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from genmodels.training.plan import Plan
from genmodels.training.task import Task

TEXT = "the cat sat on the mat; a dog ran to the cat.\nwhere is my hat? it lies on the mat!\n" * 9


@dataclass(frozen=True)
class Case:
    """How to make one family's task.

    Args:
        family: its name in the registry.
        model: the value of --model.
        make: (folder, seed) -> a fresh task; the same data for every seed.
        network: the module inside a task.
        autoregressive: whether outputs may depend on earlier inputs only.
        objective: what a training step reports of what it improves.
        overfitted: share of the first batch's loss that is left at most after 150 updates on it.
        repeat: such an update; of two players, one alone can overfit.
        unmoved: parameters that the loss may give no gradient: of a difference of scores, the last bias.
    """

    family: str
    model: str
    make: Callable[[Path, int], Task]
    network: Callable[[Any], Any]
    autoregressive: bool
    objective: str
    overfitted: float
    repeat: Callable[[Any], Any] = lambda task: task.train_step(0, 1.0)
    unmoved: str = ""

    @property
    def id(self) -> str:
        return f"{self.family}-{self.model}"


def _language_model(name: str) -> Callable[[Path, int], Task]:
    def make(folder: Path, seed: int) -> Task:
        from genmodels.data.text.corpus import HowRead, open_corpus
        from genmodels.settings.text import TextSettings
        from genmodels.training.language_model import prepare

        path = folder / "corpus.txt"
        path.write_text(TEXT, encoding="utf-8")
        settings = TextSettings(
            model=name, layers=2, hidden_size=10, embedding_size=5, context=4, dropout=0.2, embedding_dropout=0.1,
            dropout_epochs=1,
            batch_size=3, window=12, seed=seed, sample_length=12, device="cpu", learning_rate=0.02,
        )  # fmt: skip
        return prepare(settings, open_corpus([str(path)], HowRead(), lambda _: None))

    return make


def _image_file(folder: Path) -> Path:
    """Three noisy shapes of 6x7 pixels."""
    import numpy as np

    path = folder / "images.npz"
    if not path.exists():
        random = np.random.default_rng(0)
        labels = np.arange(125) % 3
        shapes = np.zeros((3, 6, 7))
        shapes[0, :, 1:3], shapes[1, 2:4], shapes[2, ::2, ::2] = 1, 1, 1
        pixels = np.clip(shapes[labels] * 200 + random.integers(0, 55, (125, 6, 7)), 0, 255).astype(np.uint8)
        np.savez(path, x_train=pixels[:100], y_train=labels[:100], x_test=pixels[100:], y_test=labels[100:])
    return path


def _vae(name: str, **more: Any) -> Callable[[Path, int], Task]:
    def make(folder: Path, seed: int) -> Task:
        from genmodels.data.images.opening import open_images
        from genmodels.settings.vae import VaeSettings
        from genmodels.training.vae import prepare

        settings = VaeSettings(
            model=name, latent_size=3, hidden_size=12, layers=1, channels=2, batch_size=8, seed=seed,
            device="cpu", warmup_steps=5, **{"average_weights": 0.9, "learning_rate": 0.02} | more,
        )  # fmt: skip
        return prepare(settings, open_images(str(_image_file(folder)), lambda _: None))

    return make


def _pixels(name: str, **more: Any) -> Callable[[Path, int], Task]:
    def make(folder: Path, seed: int) -> Task:
        from genmodels.data.images.opening import open_images
        from genmodels.settings.pixelrnn import PixelSettings
        from genmodels.training.pixels import prepare

        settings = PixelSettings(
            model=name, channels=4, layers=1, batch_size=8, seed=seed, device="cpu", warmup_steps=5,
            average_weights=0.9, learning_rate=0.02, **more,
        )  # fmt: skip
        return prepare(settings, open_images(str(_image_file(folder)), lambda _: None))

    return make


def _gan(name: str, **more: Any) -> Callable[[Path, int], Task]:
    def make(folder: Path, seed: int) -> Task:
        from genmodels.data.images.opening import open_images
        from genmodels.settings.gan import GanSettings
        from genmodels.training.gan import prepare

        settings = GanSettings(
            model=name, latent_size=3, channels=2, hidden_size=12, layers=1, batch_size=8, seed=seed, device="cpu",
            warmup_steps=5, average_weights=0.9, learning_rate=0.005, r1_every=3, **more,
        )  # fmt: skip
        return prepare(settings, open_images(str(_image_file(folder)), lambda _: None), lambda _: None)

    return make


def _reader(name: str) -> Callable[[Path, int], Task]:
    def make(folder: Path, seed: int) -> Task:
        from genmodels.data.images.opening import open_images
        from genmodels.settings.reader import ReaderSettings
        from genmodels.training.reader import prepare

        settings = ReaderSettings(
            model=name, channels=4, hidden_size=10, longest=2, strips=416, tested_strips=20, batch_size=8, seed=seed,
            device="cpu", warmup_steps=5, average_weights=0.9, learning_rate=0.01,
        )  # fmt: skip
        return prepare(settings, open_images(str(_image_file(folder)), lambda _: None))

    return make


def _read_again(task: Any) -> Any:
    """The update of a step whose strips hold digits."""
    return task.train_step(WITH_DIGITS, 1.0)


WITH_DIGITS = 1


def _discriminate(task: Any) -> Any:
    """The discriminator's update on the same real images and the same drawn ones; one of its losses is unbounded."""
    import torch

    real = task.batches.at(0).images
    drawn = torch.rand(real.shape, generator=torch.Generator().manual_seed(0))
    return {"likeness": task.update_discriminator(real, drawn, 1, 1.0)[1]["discriminator_loss"].exp()}


_WEIGHTED = {"importance_samples": 4, "average_weights": 0.0, "learning_rate": 0.005}

CASES = (
    [
        Case(
            "text",
            name,
            _language_model(name),
            lambda task: task.model,
            autoregressive=True,
            objective="nll",
            overfitted=0.35,
        )
        for name in ("feedforward", "rnn", "gru", "lstm")
    ]
    + [
        Case(
            "vae",
            name,
            _vae(model, **more),
            lambda task: task.model,
            autoregressive=False,
            objective=objective,
            overfitted=0.6,
        )
        for name, model, objective, more in (
            ("mlp", "mlp", "elbo", {}),
            ("conv", "conv", "elbo", {"conditional": True, "kl_warmup_steps": 7, "free_bits": 0.1}),
            ("mlp weighted", "mlp", "importance_weighted_bound", _WEIGHTED),
        )
    ]
    + [
        Case(
            "pixelrnn",
            name,
            _pixels(model, **more),
            lambda task: task.model,
            autoregressive=True,
            objective="nll",
            overfitted=0.75,
        )
        for name, model, more in (
            ("pixelcnn", "pixelcnn", {}),
            ("row-lstm", "row-lstm", {}),
            ("diagonal-bilstm", "diagonal-bilstm", {"binarize": "static"}),
            ("pixelcnn of 4 levels", "pixelcnn", {"levels": "4"}),
        )
    ]
    + [
        Case(
            "gan",
            name,
            _gan(model, **more),
            lambda task: task.model,
            autoregressive=False,
            objective="likeness",
            overfitted=0.5,
            repeat=_discriminate,
            unmoved=unmoved,
        )
        for name, model, unmoved, more in (
            ("dcgan", "dcgan", "", {}),
            ("mlp hinge", "mlp", "discriminator.layers.2.bias", {"loss": "hinge"}),
            ("mlp wasserstein-gp", "mlp", "discriminator.layers.2.bias", {"loss": "wasserstein-gp"}),
        )
    ]
    + [
        Case(
            "reader",
            name,
            _reader(name),
            lambda task: task.model,
            autoregressive=False,
            objective="nll",
            overfitted=0.5,
            repeat=_read_again,
        )
        for name in ("crnn", "cnn")
    ]
)


def plan_of(task: Task, epochs: int = 3) -> Plan:
    """A short training whose log lines fall inside the epochs too."""
    return Plan(task.steps_per_epoch, epochs * task.steps_per_epoch, None, warmup_steps=5, log_every=7)
