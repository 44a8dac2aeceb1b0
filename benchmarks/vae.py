"""The VAE beside the plain way of writing one, on the same MNIST files, in one run; and what our defaults reach.

    python benchmarks/vae.py MNIST_FOLDER classic      784-400-20, grey targets: loss and time by epoch, three seeds
    python benchmarks/vae.py MNIST_FOLDER quality [conv|mlp]   20 epochs at default settings: test bound, seconds
    python benchmarks/vae.py MNIST_FOLDER large        the same for the preset "large"
    python benchmarks/vae.py MNIST_FOLDER importance   500 importance samples on the 10,000 test images, for the mlp

MNIST_FOLDER holds the four gzipped IDX files. The plain way is what textbooks print: torchvision's data set with
ToTensor, a DataLoader, Adam, the sum of the two loss terms, .item() on every batch.
"""

import gzip
import statistics
import sys
import tempfile
import time
from itertools import pairwise
from pathlib import Path

import torch
from machine import report
from torch import nn
from torch.nn import functional

import genmodels

EPOCHS = 3
SEEDS = (1, 2, 3)
MOST_SHARE_OF_TIME = 0.4


class PlainVae(nn.Module):
    """784-400-20 with ReLU, as first printed everywhere."""

    def __init__(self) -> None:
        super().__init__()
        self.hidden, self.mean, self.log_variance = nn.Linear(784, 400), nn.Linear(400, 20), nn.Linear(400, 20)
        self.back, self.out = nn.Linear(20, 400), nn.Linear(400, 784)

    def forward(self, x):
        """Probabilities of the pixels, and the two parameters of the code's distribution."""
        h = torch.relu(self.hidden(x))
        mean, log_variance = self.mean(h), self.log_variance(h)
        z = mean + torch.randn_like(mean) * torch.exp(0.5 * log_variance)
        return torch.sigmoid(self.out(torch.relu(self.back(z)))), mean, log_variance


def plain_loss(model, x):
    decoded, mean, log_variance = model(x)
    likelihood = functional.binary_cross_entropy(decoded, x, reduction="sum")
    return likelihood - 0.5 * torch.sum(1 + log_variance - mean.pow(2) - log_variance.exp())


def plain(folder: Path, seed: int) -> list[tuple[float, float]]:
    """(test loss, seconds) of each epoch, training and testing counted."""
    from torchvision import datasets, transforms

    torch.manual_seed(seed)
    parts = [datasets.MNIST(folder, train=train, transform=transforms.ToTensor()) for train in (True, False)]
    train, test = (torch.utils.data.DataLoader(part, batch_size=128, shuffle=True) for part in parts)
    model = PlainVae()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    results = []
    for _ in range(EPOCHS):
        begin, total = time.perf_counter(), 0.0
        for images, _ in train:
            optimizer.zero_grad()
            loss = plain_loss(model, images.view(-1, 784))
            loss.backward()
            total += loss.item()
            optimizer.step()
        with torch.no_grad():
            tested = sum(plain_loss(model, images.view(-1, 784)).item() for images, _ in test) / len(test.dataset)
        results.append((tested, time.perf_counter() - begin))
    return results


def ours(mnist: Path, runs: Path, seed: int) -> list[tuple[float, float]]:
    """(test loss, seconds) of each epoch, training, both evaluations and saving counted."""
    run = genmodels.train_vae(mnist, preset="classic", epochs=EPOCHS, seed=seed, runs=runs)
    tested = [record for record in run.evaluations() if record["split"] == "test"]
    spans = [after["seconds"] - before["seconds"] for before, after in pairwise(tested)]
    return [(-record["elbo"], seconds) for record, seconds in zip(tested[1:], spans, strict=True)]


def unpack(mnist: Path, root: Path) -> Path:
    """The files as torchvision wants to find them."""
    raw = root / "MNIST" / "raw"
    raw.mkdir(parents=True)
    for path in mnist.glob("*.gz"):
        (raw / path.stem).write_bytes(gzip.decompress(path.read_bytes()))
    return root


def classic(mnist: Path, folder: Path) -> None:
    root = unpack(mnist, folder / "torchvision")
    rounds = [(plain(root, seed), ours(mnist, folder / "runs", seed)) for seed in SEEDS]  # alternating
    for epoch in range(EPOCHS):
        theirs, mine = ([r[side][epoch] for r in rounds] for side in (0, 1))
        ratio = statistics.median(m[1] / t[1] for t, m in zip(theirs, mine, strict=True))
        report(
            "vae",
            command="python benchmarks/vae.py MNIST_FOLDER classic",
            epoch=epoch + 1,
            plain_test=[round(loss, 2) for loss, _ in theirs],
            our_test=[round(loss, 2) for loss, _ in mine],
            plain_seconds=[round(seconds, 2) for _, seconds in theirs],
            our_seconds=[round(seconds, 2) for _, seconds in mine],
            time_ratio=round(ratio, 3),
            wanted_ratio=MOST_SHARE_OF_TIME,
        )


def quality(mnist: Path, folder: Path, *models: str) -> None:
    for model in models or ("conv", "mlp"):
        train(mnist, folder, f"--model {model}", model=model)


def large(mnist: Path, folder: Path) -> None:
    train(mnist, folder, "--preset large", preset="large")


def train(mnist: Path, folder: Path, told: str, **more: str) -> None:
    begin = time.perf_counter()
    run = genmodels.train_vae(mnist, runs=folder, **more)
    seconds = time.perf_counter() - begin
    best = run.best_evaluation()
    measured = run.evaluate(importance_samples=0).facts["results"][0]
    report(
        "vae",
        command=f"genmodels train-vae --dataset MNIST_FOLDER {told}",
        binarize=run.setting("binarize"),
        negative_elbo_test=round(-best["test"]["elbo"], 3),
        negative_elbo_test_standard_error=round(measured["elbo_standard_error"], 3),
        negative_elbo_train=round(-best["train"]["elbo"], 3),
        active_units=best["test"]["active_units"],
        best_epoch=best["epoch"],
        seconds=round(seconds, 1),
    )


def importance(mnist: Path, folder: Path) -> None:
    run = genmodels.train_vae(mnist, model="mlp", epochs=1, runs=folder)
    begin = time.perf_counter()
    result = run.evaluate(importance_samples=500).facts["results"][0]
    report(
        "vae",
        command="genmodels eval-images --importance-samples 500",
        model="mlp",
        importance_weighted_bound=round(result["importance_weighted_bound"], 3),
        importance_weighted_bound_standard_error=round(result["importance_weighted_bound_standard_error"], 3),
        images=result["images"],
        seconds=round(time.perf_counter() - begin, 1),
        wanted_seconds=90,
    )


PARTS = {"classic": classic, "quality": quality, "large": large, "importance": importance}

if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        PARTS[sys.argv[2]](Path(sys.argv[1]).resolve(), Path(name), *sys.argv[3:])
