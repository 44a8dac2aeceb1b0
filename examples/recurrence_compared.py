"""Why recurrence works: four models of equal size, their gradients, an LSTM's gates, and how good the text is.

    python examples/recurrence_compared.py [corpus.txt [minutes for each model]]

MEASURED
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
    """Train the four (unless they are there), then every table and figure."""
    corpus, minutes = sys.argv[1:2], (sys.argv[2:3] or ["2.5"])[0]
    if not Path("runs", f"{NAME}-lstm").exists():
        genmodels("train-text", *corpus, "--compare", MODELS, "--minutes", minutes, "--name", NAME)
    recurrent = [f"--run={NAME}-{cell}" for cell in ("rnn", "gru", "lstm")]
    genmodels("plot-gradients", *recurrent, "--init", "--out", "figures/gradients-untrained.png")
    genmodels("plot-gradients", *recurrent, "--out", "figures/gradients.png", "--csv", "figures/gradients.csv")
    genmodels("plot-gates", "--run", f"{NAME}-lstm", "--out", "figures/gates.png")
    for model in MODELS.split(","):
        genmodels("judge-text", "--run", f"{NAME}-{model}")


if __name__ == "__main__":
    main()
