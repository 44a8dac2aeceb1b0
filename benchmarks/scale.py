"""Two processes of one thread each beside one process of two threads, on the same machine, in turn.

    python benchmarks/scale.py [ROUNDS [MODEL ...]]

Each training is a whole `genmodels` command; its speed is the median of what its metrics.jsonl has, so that start-up
does not count. Both compute the same updates of the same batches.
"""

import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

MODELS = {
    "text lstm": ("train-text", "--epochs", "1", "--val-limit", "10000"),
    "text lstm --hidden-size 1024": (
        "train-text", "--epochs", "1", "--val-limit", "10000", "--hidden-size", "1024", "--val-fraction", "0.85",
    ),
    "text gru": ("train-text", "--epochs", "1", "--val-limit", "10000", "--model", "gru"),
    "vae conv": ("train-vae", "--epochs", "4"),
    "pixelrnn pixelcnn": ("train-pixelrnn", "--minutes", "0.7", "--val-images", "100"),
    "gan dcgan": ("train-gan", "--minutes", "0.7"),
    "reader crnn": ("train-reader", "--epochs", "1", "--strips", "800", "--tested-strips", "100"),
    "speech tdnn": ("train-speech", "--epochs", "1", "--utterances", "800", "--tested-utterances", "100"),
}  # fmt: skip
WAYS = {"one": ("--threads", "2"), "two": ("--threads", "1", "--processes", "2")}


def speed(arguments: tuple[str, ...], more: tuple[str, ...], folder: Path) -> float:
    """Units a second, the median of a run's train records after the first."""
    command = [sys.executable, "-m", "genmodels", *arguments, *more, "--preview-every", "never", "--name", "run"]
    done = subprocess.run([*command, "--runs", str(folder), "-q"], capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr)
    records = [json.loads(line) for line in (folder / "run" / "metrics.jsonl").read_text().splitlines()]
    (name,) = {name for record in records for name in record if name.endswith("_per_second")}
    return statistics.median([record[name] for record in records if name in record][1:])


def main(rounds: int, models: list[str]) -> None:
    """Measure, and print a line for each model."""
    for model in models:
        arguments = MODELS[model]
        found: dict[str, list[float]] = {way: [] for way in WAYS}
        for _ in range(rounds):
            for way, more in WAYS.items():
                with tempfile.TemporaryDirectory() as folder:
                    found[way].append(speed(arguments, more, Path(folder)))
        one, two = (statistics.median(found[way]) for way in WAYS)
        ratio = statistics.median(b / a for a, b in zip(found["one"], found["two"], strict=True))
        line = {"model": model, "one": one, "two": two, "ratio": round(ratio, 2), "rounds": rounds}
        print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 3, sys.argv[2:] or list(MODELS))
