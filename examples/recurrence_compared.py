"""Why recurrence works: four models of equal size, their gradients, an LSTM's gates, and how good the text is.

    python examples/recurrence_compared.py [corpus.txt [minutes for each model]]

On tiny Shakespeare, one core of a shared AMD EPYC with AVX-512 (OMP_NUM_THREADS=1): 11 minutes in all. Validation,
carried protocol, nats/char: lstm 1.484, modified Kneser-Ney 7-gram 1.516, gru 1.544, rnn 1.641, feedforward 1.694.
After training the gradient dL/dh at a distance of 50 characters is 1.1e-6 of that at 1 in the tanh network, 1.5e-3 in
the GRU and 6.1e-4 in the LSTM; untrained 2e-13, 1e-10 and 2e-4. One LSTM unit follows the position in the line
(correlation 0.82 on text that did not choose it). What the LSTM writes at temperature 0.75 lies nearest to held-out
text.
"""

import subprocess
import sys
from pathlib import Path

GENMODELS = [sys.executable, "-m", "genmodels"]
NAME = "compared"
MODELS = "feedforward,rnn,gru,lstm"


def genmodels(*arguments: str) -> str:
    """Run a command; its progress goes to the screen, its result comes back and is shown."""
    print("genmodels", *arguments, flush=True)
    result = subprocess.run([*GENMODELS, *arguments], stdout=subprocess.PIPE, text=True, check=True).stdout
    print(result, flush=True)
    return result


def main() -> None:
    """Train the four (unless they are there; a stopped comparison goes on), then every table and figure."""
    corpus, minutes = sys.argv[1:2], (sys.argv[2:3] or ["2.5"])[0]
    folder = Path("runs", NAME)
    if not folder.exists():
        genmodels("train-text", *corpus, "--compare", MODELS, "--minutes", minutes, "--name", NAME)
    elif not (folder / "comparison.csv").exists():  # it was stopped
        genmodels("train-text", "--resume", NAME)
    recurrent = [f"--run={NAME}/{cell}" for cell in ("rnn", "gru", "lstm")]
    genmodels("plot-gradients", *recurrent, "--init", "--out", "figures/gradients-untrained.png")
    genmodels("plot-gradients", *recurrent, "--out", "figures/gradients.png", "--csv", "figures/gradients.csv")
    genmodels("plot-gates", "--run", f"{NAME}/lstm", "--out", "figures/gates.png")
    for model in MODELS.split(","):
        genmodels("judge-text", "--run", f"{NAME}/{model}", "--by", f"{NAME}/lstm")


if __name__ == "__main__":
    main()
