"""A gated PixelCNN, a Row LSTM and a Diagonal BiLSTM trained alike: their curves and what they draw.

    python examples/pixel_models_compared.py [DATASET [MINUTES FOR EACH]]

DATASET is what --dataset takes: mnist, digits, a folder of IDX files, ...; without one it is MNIST, or the rendered
digits where MNIST can't be had.
"""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np

from genmodels.figures.curves import Curve, curves_figure
from genmodels.figures.grid import labelled_grid
from genmodels.figures.style import save_figure

GENMODELS = [sys.executable, "-m", "genmodels"]
MODELS = ("pixelcnn", "row-lstm", "diagonal-bilstm")
SAMPLES = 12


def genmodels(*arguments: str) -> str:
    """Run a command; its progress goes to the screen, its result comes back."""
    print("genmodels", *arguments, file=sys.stderr, flush=True)
    return subprocess.run([*GENMODELS, *arguments], stdout=subprocess.PIPE, text=True, check=True).stdout


def curve_of(model: str) -> Curve:
    """Test loss by epoch and by minutes."""
    rows = [r for r in json.loads(genmodels("runs", "show", model, "--json"))["evaluations"] if r["split"] == "test"]
    trained = [row for row in rows if row["epoch"] > 0]
    for row in trained:
        print(f"{model:15s} epoch {row['epoch']:2d}: {row['nll']:.2f} nats/image on test")
    nll = [row["nll"] for row in trained]
    return Curve(model, [row["epoch"] for row in trained], [row["seconds"] / 60 for row in trained], nll)


def main() -> None:
    """Train the three (unless they are there), then the two figures."""
    dataset, minutes = sys.argv[1:2], (sys.argv[2:3] or ["10"])[0]
    named = ["--dataset", *dataset] if dataset else []
    for model in MODELS:
        if not Path("runs", model).exists():
            genmodels("train-pixelrnn", *named, "--model", model, "--minutes", minutes, "--name", model)
    curves = [curve_of(model) for model in MODELS]
    title = f"exact likelihood on test, dynamic binarisation, {minutes} minutes each"
    save_figure(curves_figure(curves, {}, title, "nats per image"), Path("figures/pixel-curves.png"))
    rows = []
    for model in MODELS:
        path = f"figures/{model}.npz"
        genmodels("sample-images", "--run", model, "--count", str(SAMPLES), "--out", path)
        rows.append(np.load(path)["images"][0])
    sheet = labelled_grid(rows, MODELS, [None] * len(rows), f"samples after {minutes} minutes of training")
    save_figure(sheet, Path("figures/pixel-samples.png"))
    print("figures/pixel-curves.png figures/pixel-samples.png")


if __name__ == "__main__":
    main()
