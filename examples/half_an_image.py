"""The course work's figure: digits of which half is hidden, finished pixel by pixel, each time another way.

    python examples/half_an_image.py [DATASET [MINUTES]]

DATASET is what --dataset takes: mnist, digits, a folder of IDX files, ...; without one it is MNIST, or the rendered
digits where MNIST can't be had. The network sees images turned by quarters too, so that any half can be hidden.

On MNIST, 20 minutes on one core of a shared AMD EPYC beside another busy one: 88.0 nats/image on upright test images;
of ten digits the true hidden half costs 47.4 nats (bottom), 43.0 (top), 42.5 (left), 44.5 (right), given the other.
"""

import json
import subprocess
import sys
from pathlib import Path

GENMODELS = [sys.executable, "-m", "genmodels"]
NAME = "half-an-image"
SIDES = ("bottom", "top", "left", "right")


def genmodels(*arguments: str) -> str:
    """Run a command; its progress goes to the screen, its result comes back."""
    return subprocess.run([*GENMODELS, *arguments], stdout=subprocess.PIPE, text=True, check=True).stdout


def main() -> None:
    """Train (or go on with it), then hide each half."""
    dataset, minutes = sys.argv[1:2], (sys.argv[2:3] or ["10"])[0]
    named = ["--dataset", *dataset] if dataset else []
    if (Path("runs") / NAME).exists():
        genmodels("train-pixelrnn", "--resume", NAME)
    else:
        genmodels("train-pixelrnn", *named, "--orientations", "4", "--minutes", minutes, "--name", NAME)
    for side in SIDES:
        result = json.loads(genmodels("complete", "--run", NAME, "--hide", side, "--json"))
        print(f"{side:6s} hidden: {result['mean_nats']:6.2f} nats for the true half; {result['figure']}")


if __name__ == "__main__":
    main()
