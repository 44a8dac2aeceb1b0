"""The course work's figure: digits of which half is hidden, finished pixel by pixel, each time another way.

    python examples/half_an_image.py [DATASET [MINUTES]]

DATASET is what --dataset takes: mnist, digits, a folder of IDX files, ...; without one it is MNIST, or the rendered
digits where MNIST can't be had. The network sees images turned by quarters too, so that any half can be hidden.

On MNIST, 20 minutes on one core of a shared AMD EPYC beside another busy one: 88.0 nats/image on upright test images;
of ten digits the true hidden half costs 47.4 nats (bottom), 43.0 (top), 42.5 (left), 44.5 (right), given the other.
That was before the layers were dilated and saw farther.
"""

import sys
from pathlib import Path

import genmodels

NAME = "half-an-image"
SIDES = ("bottom", "top", "left", "right")


def main() -> None:
    """Train (or go on with it), then hide each half."""
    dataset, minutes = (sys.argv[1:2] or [None])[0], float((sys.argv[2:3] or ["10"])[0])
    if Path("runs", NAME).exists():
        genmodels.resume(NAME, progress=True)
    else:
        genmodels.train_pixelrnn(dataset, orientations=4, minutes=minutes, name=NAME, progress=True)
    run = genmodels.open_run(NAME, genmodels.PixelRun)
    for side in SIDES:
        completed = run.complete(side)
        path = completed.save(run.figure_path(f"complete-{side}"))
        print(f"{side:6s} hidden: {completed.facts['mean_nats']:6.2f} nats for the true half; {path}")


if __name__ == "__main__":
    main()
