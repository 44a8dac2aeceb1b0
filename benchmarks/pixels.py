"""Pixel models: what the default reaches, and how much faster the cached steps draw than full forward passes.

    python benchmarks/pixels.py MNIST_FOLDER sampling    64 images, cached and by 784 full forward passes
    python benchmarks/pixels.py MNIST_FOLDER quality     30 minutes at default settings: exact nats on test
    python benchmarks/pixels.py MNIST_FOLDER speed       images/s in training, beside the machine's matrix products

MNIST_FOLDER holds the four gzipped IDX files.
"""

import sys
import tempfile
import time
from pathlib import Path

import torch
from machine import multiply_rate, report

import genmodels
from genmodels.models.build_pixels import build_pixel_model
from genmodels.models.pixel_model import draw_levels, to_values
from genmodels.sampling.pixels import draw_pixels
from genmodels.settings.pixelrnn import PIXEL_MODELS, PixelSettings

SHAPE, COUNT = (28, 28), 64


@torch.inference_mode()
def naive(model: torch.nn.Module, noise: torch.Tensor) -> torch.Tensor:
    """A full forward pass for each pixel, as it is usually done."""
    levels = torch.zeros(noise.shape, dtype=torch.int64)
    for row in range(SHAPE[0]):
        for column in range(SHAPE[1]):
            logits = model(to_values(levels, model.levels))[:, :, row, column]
            levels[:, row, column] = draw_levels(logits, noise[:, row, column])
    return levels


def sampling(mnist: Path, folder: Path) -> None:
    """The same noise both ways; a model trained for a moment, so that the images are not empty."""
    run = genmodels.train_pixelrnn(mnist, minutes=0.5, runs=folder)
    model = run.load(run.epoch_checkpoint(None), torch.device("cpu")).model
    noise = torch.rand(COUNT, *SHAPE, generator=torch.Generator().manual_seed(1))
    begin = time.perf_counter()
    slow = naive(model, noise)
    naive_seconds = time.perf_counter() - begin
    spans = []
    for _ in range(5):
        begin = time.perf_counter()
        quick = draw_pixels(model, noise)
        spans.append(time.perf_counter() - begin)
    report(
        "pixels",
        command="python benchmarks/pixels.py MNIST_FOLDER sampling",
        model="pixelcnn",
        images=COUNT,
        cached_seconds=[round(span, 3) for span in spans],
        naive_seconds=round(naive_seconds, 1),
        ratio=round(naive_seconds / sorted(spans)[2], 1),
        equal_pixels=round(float((quick == slow).double().mean()), 6),
        wanted_seconds=3,
        wanted_ratio=50,
    )


def quality(mnist: Path, folder: Path) -> None:
    begin = time.perf_counter()
    run = genmodels.train_pixelrnn(mnist, minutes=30, runs=folder)
    best = run.best_evaluation()
    report(
        "pixels",
        command="genmodels train-pixelrnn --dataset MNIST_FOLDER --minutes 30",
        binarize=run.setting("binarize"),
        nll_test=round(best["test"]["nll"], 3),
        bits_per_dim_test=round(best["test"]["bits_per_dim"], 5),
        nll_train=round(best["train"]["nll"], 3),
        best_epoch=best["epoch"],
        seconds=round(time.perf_counter() - begin, 1),
        wanted=87,
    )


def speed(mnist: Path, folder: Path) -> None:
    """Images a second through forward, backward and update; FLOP counted by PyTorch."""
    del mnist, folder
    from torch.utils.flop_counter import FlopCounterMode

    rate = multiply_rate()
    for name in PIXEL_MODELS:
        settings = PixelSettings(model=name)
        model = build_pixel_model(settings, SHAPE)
        images = torch.rand(settings.batch_size, *SHAPE).round()

        def step(model=model, images=images) -> None:
            logits = model(images * 2 - 1)
            torch.nn.functional.binary_cross_entropy_with_logits(logits[:, 0], images).backward()

        with FlopCounterMode(display=False) as counter:
            step()
        step()
        begin, count = time.perf_counter(), 0
        while time.perf_counter() - begin < 8:
            step()
            count += 1
        per_second = count * settings.batch_size / (time.perf_counter() - begin)
        flop = counter.get_total_flops() / settings.batch_size
        report(
            "pixels",
            command="python benchmarks/pixels.py MNIST_FOLDER speed",
            model=name,
            parameters=sum(p.numel() for p in model.parameters()),
            images_per_second=round(per_second),
            megaflop_per_image=round(flop / 1e6, 1),
            gigaflop_per_second=round(per_second * flop / 1e9, 1),
            multiply_gigaflop_per_second=round(rate, 1),
        )


PARTS = {"sampling": sampling, "quality": quality, "speed": speed}

if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        PARTS[sys.argv[2]](Path(sys.argv[1]).resolve(), Path(name))
