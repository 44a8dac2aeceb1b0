"""What every benchmark says of the machine, and the lines that it prints.

    python benchmarks/machine.py

prints the machine's line alone, with the rate of its matrix products.
"""

import json
import subprocess
import sys
import time
from pathlib import Path

import torch

SIDE, PRODUCTS = 1024, 30


def tell(sentence: str) -> None:
    """Notes go to stderr; stdout carries the lines."""
    print(sentence, file=sys.stderr)


def report(benchmark: str, **row: object) -> None:
    """A line of results.jsonl."""
    machine = {
        "torch": torch.__version__,
        "threads": torch.get_num_threads(),
        "cpu": torch.backends.cpu.get_cpu_capability(),
        "commit": commit(),
    }
    print(json.dumps({"benchmark": benchmark, **row, **machine}), flush=True)


def commit() -> str | None:
    """The commit that was measured, with "+" where files differ from it; None where this is no working copy of git."""
    command = ["git", "-C", str(Path(__file__).parent), "describe", "--always", "--dirty=+", "--abbrev=8"]
    found = subprocess.run(command, capture_output=True, text=True, check=False)
    return found.stdout.strip() or None


def multiply_rate() -> float:
    """The machine's matrix products, GFLOP/s."""
    a, b = torch.rand(SIDE, SIDE), torch.rand(SIDE, SIDE)
    a @ b
    begin = time.perf_counter()
    for _ in range(PRODUCTS):
        a @ b
    return PRODUCTS * 2 * SIDE**3 / (time.perf_counter() - begin) / 1e9


if __name__ == "__main__":
    report("machine", command="python benchmarks/machine.py", multiply_gigaflop_per_second=round(multiply_rate(), 1))
