"""What memory gives a speech recogniser: ten networks of equal size, by how much of the sound each can see.

    python examples/speech_by_context.py [DATASET [MINUTES FOR EACH [SEEDS]]]

DATASET is what --dataset takes: voices (the built-in synthesised ones, as without it), fsdd, a folder of recordings.
Feedforward networks see a window of 1 to 41 frames (25 to 425 ms), or a stack of windows (tdnn); recurrent ones carry a
state. The figure sets their word errors beside how far back each really looks.

On FSDD, 1.5 minutes each on one thread of a shared Intel Xeon, one seed, words wrong: windows of 1, 5, 11, 21 and 41
frames 100, 38, 28.8, 13.5 and 4.0 %, tdnn 2.8, rnn 23.9, gru 94, lstm 5.7, bilstm 5.8: narrow windows lose
badly; which of the others is better, one seed does not tell. Of the recurrent networks the LSTM looks back furthest,
240 ms. 15 minutes in all.
"""

import subprocess
import sys
from pathlib import Path

GENMODELS = [sys.executable, "-m", "genmodels"]
NAME = "context"
MODELS = "window:1,window:5,window:11,window:21,window:41,tdnn,rnn,gru,lstm,bilstm"


def genmodels(*arguments: str) -> None:
    """Run a command; its progress and its result go to the screen."""
    print("genmodels", *arguments, flush=True)
    subprocess.run([*GENMODELS, *arguments], check=True)


def main() -> None:
    """Train the ten for each seed (unless they are there; a stopped one goes on), then the table and the figure."""
    dataset, minutes, seeds = (*sys.argv[1:4], *("voices", "1", "1")[len(sys.argv) - 1 :])
    for seed in range(1, int(seeds) + 1):
        folder = Path("runs", f"{NAME}-{seed}")
        if not folder.exists():
            genmodels("train-speech", "--dataset", dataset, "--compare", MODELS, "--minutes", minutes,
                      "--seed", str(seed), "--name", folder.name)  # fmt: skip
        elif not (folder / "comparison.csv").exists():  # it was stopped
            genmodels("train-speech", "--resume", folder.name)
    genmodels("plot-context", "--run", f"{NAME}-*", "--out", "figures/context.png", "--csv", "figures/context.csv")


if __name__ == "__main__":
    main()
