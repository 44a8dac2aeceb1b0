"""The comparisons of the README: models trained alike for as long, each on one thread, side by side.

    python benchmarks/compared.py cells CORPUS [MINUTES]      four language models of equal size, and counting; 2.5 each
    python benchmarks/compared.py families MNIST [MINUTES]    a VAE, a pixel model and a GAN; 6 each
    python benchmarks/compared.py strips MNIST [MINUTES]      two readers of strips; 10 each

MNIST holds the four gzipped IDX files. Each line has the standard errors of what one model was measured on, and the
name by which readme.py finds it. The examples make the same runs with their figures.
"""

import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from machine import report

import genmodels
from genmodels.analysis.baselines import score_baselines

ONE = {"threads": 1}
DIGITS = 4  # significant ones are more than enough, but a gradient may be small


def rounded(value: Any) -> Any:
    """With so many digits after the first."""
    return float(f"{value:.{DIGITS}g}") if isinstance(value, float) else value


def tell(benchmark: str, readme: str, command: str, row: dict[str, Any]) -> None:
    report(benchmark, readme=readme, command=command, **{name: rounded(value) for name, value in row.items()})


def cells(corpus: str, folder: Path, minutes: str = "2.5") -> None:
    command = f"python benchmarks/compared.py cells tinyshakespeare.txt {minutes}"
    models = ("feedforward", "rnn", "gru", "lstm")
    found = genmodels.compare_text(models, corpus, minutes=float(minutes), name="cells", runs=folder, **ONE)
    for row in found.tables[0].rows:
        name = row["model"] if row["model"] in models else row["model"].rpartition("-")[2]
        order = row["model"].partition("-")[0]
        more = {"order": int(order), "seconds": seconds_of_counting(corpus)} if order.isdecimal() else {}
        tell("cells", name, command, {**row, **more})


def seconds_of_counting(corpus: str) -> float:
    """To choose an order inside a text's first 90 %, to count these, and to score its last 10 %."""
    found, ids = np.unique(list(Path(corpus).read_text(encoding="utf-8")), return_inverse=True)
    seen = len(ids) * 9 // 10
    begin = time.perf_counter()
    score_baselines(ids[:seen], ids[seen:], len(found))
    return time.perf_counter() - begin


def families(mnist: str, folder: Path, minutes: str = "6") -> None:
    command = f"python benchmarks/compared.py families MNIST {minutes}"
    train = {"vae": genmodels.train_vae, "pixels": genmodels.train_pixelrnn, "gan": genmodels.train_gan}
    for name, begin in train.items():
        begin(mnist, minutes=float(minutes), name=name, runs=folder, **ONE)
    found = genmodels.compare_images(list(train), count=5000, runs=folder)
    for row in found.tables[0].rows:
        name = row["run"] if row["run"] in train else "real"
        tell("image families", f"compared_{name}", command, row)


def strips(mnist: str, folder: Path, minutes: str = "10") -> None:
    command = f"python benchmarks/compared.py strips MNIST {minutes}"
    models = ("crnn", "cnn")
    taken = {}
    for model in models:
        run = genmodels.train_reader(mnist, model=model, minutes=float(minutes), name=model, runs=folder, **ONE)
        taken[model] = {"minutes_taken": run.facts["seconds"] / 60, "epochs": run.facts["epochs"]}
    found = genmodels.compare_readers(models, lengths=range(1, 17), strips=500, runs=folder)
    for model in models:
        rows = {f"n{row['digits']}": row for row in found.tables[0].rows if row["run"] == model}
        measures = ("sequence_accuracy", "sequence_accuracy_standard_error", "character_error_rate")
        of = {each: {length: rounded(row[each]) for length, row in rows.items()} for each in measures}
        tell("reading strips", f"strips_{model}", command, {"model": model, **taken[model], **of})


COMMANDS = {"cells": cells, "families": families, "strips": strips}

if __name__ == "__main__":
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as scratch:
        COMMANDS[sys.argv[1]](sys.argv[2], Path(scratch), *sys.argv[3:])
