"""The classifier of an image set: trained once, kept in the cache, used to measure what models draw.

It sees grey images and ones drawn as black and white alike, so that it can judge both. What it learned from looks surer
to it than other images do, so it learns from a share of the training images that is never compared with anything.
"""

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from genmodels.data import entries
from genmodels.data.entries import DamagedError, Entry, Making
from genmodels.data.images.batches import Images, ShuffledBatches
from genmodels.data.images.dividing import rows_held_out
from genmodels.data.images.image_set import ImageSet
from genmodels.device import step_generator
from genmodels.durable import to_json
from genmodels.models.classifier import Classifier
from genmodels.models.weights import load_weights, to_arrays, to_tensors, unfilled
from genmodels.randomness import derive_seed
from genmodels.telling import Advance, Notice, Teller, duration, silent

KIND, WEIGHTS, FACTS = "classifiers", "model.safetensors", "state.json"  # in the cache
EPOCHS, BATCH_SIZE, LEARNING_RATE, WARMUP_STEPS = 12, 128, 0.003, 100
FEWEST_STEPS = 200  # of small sets
MEASURED_STEPS = 10  # by which it is told how long all take
MOST_LEARNED = 10_000  # images; of fewer than twice as many, half
SEED = 1
AT_ONCE = 500
_CPU = torch.device("cpu")
_VERSION = 2  # raise it when network or training change: the cache keeps classifiers by this number


@dataclass(frozen=True)
class Referee:
    """A trained classifier and how well it does.

    Args:
        network: in evaluation mode, on a device.
        accuracy: share of the test images that it classes rightly, grey.
        accuracy_binary: the same of test images drawn as black and white.
        name: the first letters of a SHA-256 sum over its weights: only figures of one classifier can be compared.
        seconds: that its training took now; 0 where it was kept.
    """

    network: Classifier
    accuracy: float
    accuracy_binary: float
    name: str
    seconds: float = 0.0

    @torch.no_grad()
    def read(self, images: Tensor) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """Features (N, F) and class numbers (N,) of images (N, Y, X) from 0 to 1."""
        device = self.network.read_out.weight.device
        pieces = [self.network.features(piece.to(device)) for piece in torch.split(images, AT_ONCE)]
        classes = [self.network.read_out(piece).argmax(dim=1) for piece in pieces]
        return torch.cat(pieces).cpu().double().numpy(), torch.cat(classes).cpu().numpy()


def learned_rows(images: ImageSet) -> NDArray[np.int64]:
    """Numbers of the training images that the classifier learns from, in order; none of a set that has none."""
    if not _has_classes(images):
        return np.zeros(0, np.int64)
    count = min(MOST_LEARNED, len(images.train.pixels) // 2)
    return rows_held_out(images.train, count, derive_seed(SEED, "classifier images", 0))  # not as --val-images are


def _has_classes(images: ImageSet) -> bool:
    return images.classes is not None and len(images.classes) > 1


def open_referee(
    images: ImageSet, device: torch.device, teller: Teller, advice: Callable[[], str | None] = lambda: None
) -> Referee | None:
    """The classifier of an image set, from the cache, or trained now; None for a set without labels.

    Always trained on the CPU, so that every device uses the same one.

    Args:
        images: the set.
        device: where it is needed.
        teller: is told of a training, of how long it takes by its first steps, and how far it is.
        advice: what would make a training faster, told before one; None: nothing would, or that was told already.

    Raises:
        ResourceError: the cache cannot be written.
    """
    if images.classes is None or not _has_classes(images):
        return None
    key, classes, seconds = f"{images.fingerprint}-{_VERSION}", images.classes, 0.0
    kept = _kept(key, teller.notice)
    if kept is None:
        if told := advice():
            teller.notice(told)
        kept, seconds = _train_and_keep(images, key, teller)
    arrays, accuracies = kept
    network = unfilled(lambda: Classifier(images.shape, len(classes)))
    load_weights(network, to_tensors(arrays))
    grey, binary = (float(accuracies[kind]) for kind in ("none", "dynamic"))
    return Referee(network.to(device).eval(), grey, binary, _name_of(network), seconds)


def _name_of(network: Classifier) -> str:
    """The first letters of a SHA-256 sum over the weights."""
    arrays = to_arrays(network.state_dict())
    return hashlib.sha256(b"".join(array.tobytes() for _, array in sorted(arrays.items()))).hexdigest()[:12]


Learned = tuple[dict[str, NDArray[Any]], dict[str, float]]
"""A classifier as it is kept: its weights by name, and its accuracies."""


def _kept(key: str, notice: Notice = silent) -> Learned | None:
    """A classifier from the cache; None when it is not there or is damaged."""
    return entries.look(KIND, key, _opened, notice)


def _opened(entry: Entry) -> Learned:
    """A classifier out of its entry.

    Raises:
        DamagedError: it is damaged.
    """
    from safetensors import SafetensorError  # noqa: PLC0415 - seldom needed
    from safetensors.numpy import load  # noqa: PLC0415 - seldom needed

    try:
        return load(entry.array(WEIGHTS).tobytes()), entry.json(FACTS)["accuracy"]
    except SafetensorError as error:
        raise DamagedError(f"{WEIGHTS} can't be read") from error


def _train_and_keep(images: ImageSet, key: str, teller: Teller) -> tuple[Learned, float]:
    """A classifier, which the cache has from now on, and the seconds that it took."""
    from safetensors.numpy import save  # noqa: PLC0415 - seldom needed

    begun, steps = time.perf_counter(), training_steps(images)
    with teller.counting("classifier", steps) as advance:
        what = f"training the classifier that judges images of {images.name}"
        network = train_classifier(images, Foretold(what, steps, advance, teller.notice).advance)
    accuracies = {kind: accuracy(network, images, kind) for kind in ("none", "dynamic")}
    weights = save(to_arrays(network.state_dict()))

    def fill(making: Making) -> None:
        making.write(WEIGHTS, [weights])
        making.write(FACTS, [to_json({"accuracy": accuracies})])

    return entries.keep(KIND, key, fill, lambda: _kept(key), teller.notice), time.perf_counter() - begun


class Foretold:
    """Tells once how long a work of many steps takes, by the first of them.

    Args:
        what: is done.
        steps: in all.
        onward: is told of each.
        notice: is told how long it takes.
    """

    def __init__(self, what: str, steps: int, onward: Advance, notice: Notice) -> None:
        self.what, self.steps, self.onward, self.notice = what, steps, onward, notice
        self.done, self.begun = 0, 0.0

    def advance(self, count: int) -> None:
        """So many more are done; the first, which is slower, is not measured."""
        self.onward(count)
        now, before = time.perf_counter(), self.done
        self.done += count
        if before == 0:
            self.begun = now
        elif before < MEASURED_STEPS <= self.done:
            each = (now - self.begun) / (self.done - 1)
            self.notice(f"{self.what}: about {duration(max(1.0, each * self.steps))}, only this once")


def training_steps(images: ImageSet) -> int:
    """Updates that training the classifier of an image set takes."""
    return max(FEWEST_STEPS, EPOCHS * -(-len(learned_rows(images)) // BATCH_SIZE))


def train_classifier(images: ImageSet, advance: Advance = silent) -> Classifier:
    """Some passes over its share of the training images, half of each batch drawn as black and white.

    Its features come out with a mean square of 1 over that share, so that distances among them have one scale.

    Args:
        images: with classes.
        advance: is told of each update.
    """
    assert images.classes is not None
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(derive_seed(SEED, "classifier", 0))  # the CPU's alone
        network = Classifier(images.shape, len(images.classes))
    learned = Images(images.train.take(learned_rows(images)), "none", SEED, _CPU, "classifier")
    batches = ShuffledBatches(learned, BATCH_SIZE)
    total = training_steps(images)
    optimizer = torch.optim.AdamW(network.parameters(), lr=LEARNING_RATE, fused=True)
    for step in range(total):
        for group in optimizer.param_groups:
            group["lr"] = LEARNING_RATE * min((step + 1) / WARMUP_STEPS, 1.0 - step / total)
        batch = batches.at(step)
        inputs = _half_drawn(batch.images, step)
        optimizer.zero_grad()
        assert batch.labels is not None
        loss = functional.cross_entropy(network(inputs), batch.labels)
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        advance(1)
    _scale(network.eval(), learned)
    return network


@torch.no_grad()
def _scale(network: Classifier, learned: Images) -> None:
    """Scale the features to a mean square of 1, and what reads them the other way, so that no class changes."""
    squares = [network.features(batch.images).square().mean(dim=1) for batch in learned.in_order(len(learned))]
    size = torch.cat(squares).mean().sqrt().clamp(min=1e-6)
    network.narrow.weight.div_(size)
    network.narrow.bias.div_(size)
    network.read_out.weight.mul_(size)


def _half_drawn(images: Tensor, step: int) -> Tensor:
    """The first half of a batch grey as it is, the second drawn as black and white."""
    half = len(images) // 2
    generator = step_generator(_CPU, SEED, "classifier pixels", step)
    return torch.cat([images[:half], torch.bernoulli(images[half:], generator=generator)])


@torch.no_grad()
def accuracy(network: Classifier, images: ImageSet, kind: str) -> float:
    """Share of the test images that are classed rightly."""
    test = Images(images.test, kind, SEED, _CPU, "test")
    right = sum(int((network(b.images).argmax(dim=1) == b.labels).sum()) for b in test.in_order(len(test)))
    return right / len(test)
