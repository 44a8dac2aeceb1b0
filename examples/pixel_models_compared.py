"""A gated PixelCNN, a Row LSTM and a Diagonal BiLSTM trained alike: their curves and what they draw.

    python examples/pixel_models_compared.py [DATASET [MINUTES FOR EACH]]

DATASET is what --dataset takes: mnist, digits, a folder of IDX files, ...; without one it is MNIST, or the rendered
digits where MNIST can't be had.

On MNIST, 8 minutes each on one core of a shared AMD EPYC beside another busy one: the gated PixelCNN reaches 87.4
nats/image on test after 68,000 images (before its layers were dilated; since then 84.2 after 46,000, docs/course.md),
the Row LSTM 87.1 after 76,000, the Diagonal BiLSTM 87.9 after 20,000: it learns most from an image and takes longest
over it.
"""

import sys
from pathlib import Path

import genmodels
from genmodels.figures.grid import labelled_grid
from genmodels.figures.saving import save_figure

MODELS = ("pixelcnn", "row-lstm", "diagonal-bilstm")
SAMPLES = 12


def main() -> None:
    """Train the three (unless they are there), then the two figures."""
    dataset, minutes = (sys.argv[1:2] or [None])[0], float((sys.argv[2:3] or ["10"])[0])
    for model in MODELS:
        if not Path("runs", model).exists():
            genmodels.train_pixelrnn(dataset, model=model, minutes=minutes, name=model, progress=True)
    runs = [genmodels.open_run(model, genmodels.PixelRun, progress=True) for model in MODELS]
    curves = genmodels.compare_curves(runs)
    for point in curves.tables[0].rows:
        if point["part"] == "test":
            print(f"{point['run']:15s} {point['epochs']:5.2f} epochs: {point['nll']:.2f} nats/image on test")
    curves.save("figures/pixel-curves.png")
    rows = [run.draw(SAMPLES) for run in runs]
    sheet = labelled_grid(rows, MODELS, [None] * len(rows), f"samples after {minutes:g} minutes of training")
    save_figure(sheet, Path("figures/pixel-samples.png"))
    print("figures/pixel-curves.png figures/pixel-samples.png")


if __name__ == "__main__":
    main()
