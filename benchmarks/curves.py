"""What each family reaches in so many minutes of one CPU core, default settings: a training of its own for each span.

    python benchmarks/curves.py measure text|vae|pixelrnn|gan|reader|speech DATA MINUTES...
    python benchmarks/curves.py draw docs/curves.svg

DATA is a text file, the four gzipped IDX files of MNIST in a folder, or FSDD's recordings. A point is no moment of one
long training: each is planned for its minutes, so that its learning rate has come down at its end. Three seeds, on one
thread, so that a minute is one of CPU; `cpu_seconds` is what the process really took of it, evaluations and saving
included. Each line of results.jsonl that `measure` prints is a point of the figure that `draw` makes of them.
"""

import json
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from machine import report

import genmodels
from genmodels.families.alive import best_held_out

SEEDS = (1, 2, 3)
RESULTS = Path(__file__).with_name("results.jsonl")
BENCHMARK = "curves"


@dataclass(frozen=True)
class Family:
    """A family of the figure.

    Args:
        train: its training.
        measure: what it is judged by, as its records name it.
        axis: the same, as the figure names it.
        times: what it is multiplied by there.
    """

    train: Callable[..., Any]
    measure: str
    axis: str
    times: float = 1.0


FAMILIES = {
    "text": Family(genmodels.train_text, "nll", "text: nats per character"),
    "vae": Family(genmodels.train_vae, "elbo", "VAE: nats per image, at most", -1.0),
    "pixelrnn": Family(genmodels.train_pixelrnn, "nll", "pixel model: nats per image"),
    "gan": Family(genmodels.train_gan, "kernel_distance", "GAN: kernel distance"),
    "reader": Family(genmodels.train_reader, "character_error_rate", "reader: % of digits wrong", 100.0),
    "speech": Family(genmodels.train_speech, "word_error_rate", "speech: % of words wrong", 100.0),
}


def measure(name: str, data: str, minutes: str) -> None:
    """One point: three trainings, what their best epochs reached on what is held out, and what they took."""
    family, values, seconds = FAMILIES[name], [], []
    with tempfile.TemporaryDirectory() as folder:
        for seed in SEEDS:
            begin = time.process_time()
            run = family.train(data, minutes=float(minutes), seed=seed, threads=1, runs=folder)
            seconds.append(round(time.process_time() - begin, 1))
            values.append(round(float(best_held_out(run)[family.measure]), 5))
    command = f"python benchmarks/curves.py measure {name} {name.upper()} {minutes}"
    found = {"cpu_seconds": seconds, family.measure: values}
    report(BENCHMARK, command=command, family=name, minutes=float(minutes), **found)


def points(name: str) -> tuple[list[float], list[float], list[float]]:
    """CPU minutes, the mean of the seeds and its standard error, of each line of a family."""
    lines = [json.loads(line) for line in RESULTS.read_text(encoding="utf-8").splitlines()]
    own = [line for line in lines if line["benchmark"] == BENCHMARK and line["family"] == name]
    own.sort(key=lambda line: line["minutes"])
    values = [FAMILIES[name].times * np.array(line[FAMILIES[name].measure]) for line in own]
    spent = [float(np.mean(line["cpu_seconds"])) / 60.0 for line in own]
    return spent, [float(v.mean()) for v in values], [float(v.std(ddof=1) / len(v) ** 0.5) for v in values]


def draw(path: str) -> None:
    """The figure: a panel for each family that has lines."""
    from genmodels.figures.saving import rendered
    from genmodels.figures.style import HIGH, WIDE, style, titled_figure
    from genmodels.look import Look

    sentence = (
        "Each point: three trainings planned for so long, the mean of their best epochs on data that was held out, and "
        "its standard error. One thread of one core; evaluations and saving are counted in."
    )
    found = {name: points(name) for name in FAMILIES}
    shown = {name: each for name, each in found.items() if each[0]}
    if not shown:
        sys.exit(f"{RESULTS.name} has no line of {BENCHMARK}: `measure` prints them")
    with style():
        figure = titled_figure(WIDE, HIGH, "What default settings reach by minutes of one CPU core", sentence)
        grid = figure.subplots(2, -(-len(shown) // 2), squeeze=False)
        for axes, (name, (spent, mean, error)) in zip(grid.flat, shown.items(), strict=False):
            axes.errorbar(spent, mean, yerr=error, marker="o", capsize=3)
            axes.set_xscale("log")
            axes.set(xlabel="CPU minutes", title=FAMILIES[name].axis)
            axes.set_xticks(spent, [f"{one:.3g}" for one in spent])
            axes.minorticks_off()
        for axes in list(grid.flat)[len(shown) :]:
            axes.set_axis_off()
        Path(path).write_bytes(rendered(figure, Path(path).suffix[1:], Look()))


def main(words: Sequence[str]) -> None:
    what, *rest = words
    if what == "draw":
        draw(*rest)
        return
    name, data, *minutes = rest
    for span in minutes:
        measure(name, data, span)


if __name__ == "__main__":
    main(sys.argv[1:])
