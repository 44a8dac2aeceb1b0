"""Peak resident memory while training on 1 GB of text against 1 MB, each in a process of its own.

    python benchmarks/memory.py

The corpora are made here: words drawn at random, written to a temporary folder (2 GB of disk are needed).
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

SIZES = {"1 MB": 10**6, "1 GB": 10**9}
PROGRAM = (
    "import resource, sys; from genmodels.__main__ import main; code = main(); "
    "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024, file=sys.stderr); sys.exit(code)"
)


def write_corpus(path: Path, size: int) -> None:
    """Random words until the file is `size` bytes long."""
    random = np.random.default_rng(0)
    words = ["".join(map(chr, random.integers(97, 123, random.integers(2, 9)))) for _ in range(5000)]
    block = (" ".join(words[i] for i in random.integers(len(words), size=200_000)) + "\n").encode()
    with path.open("wb") as file:
        for _ in range(size // len(block) + 1):
            file.write(block)
        file.truncate(size)


def peak(path: Path, folder: Path) -> tuple[int, float]:
    """MiB of resident memory at most, and seconds, for a short training."""
    arguments = ["train-text", str(path), "--minutes", "0.5", "--quiet", "--runs", str(folder / "runs")]
    environment = os.environ | {"GENMODELS_CACHE": str(folder / "cache")}
    begin = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *arguments], env=environment, capture_output=True, text=True, check=True
    )
    return int(done.stderr.split()[-1]), time.perf_counter() - begin


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder, found = Path(name), {}
        for label, size in SIZES.items():
            write_corpus(folder / "corpus.txt", size)
            found[label] = peak(folder / "corpus.txt", folder)
        row = {
            "benchmark": "memory",
            "command": "python benchmarks/memory.py",
            "peak_mib": {label: mib for label, (mib, _) in found.items()},
            "seconds": {label: round(seconds, 1) for label, (_, seconds) in found.items()},
            "difference_mib": found["1 GB"][0] - found["1 MB"][0],
            "wanted_at_most": 300,
        }
        print(json.dumps(row))


if __name__ == "__main__":
    main()
