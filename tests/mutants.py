"""A random sample of the mutants, for `mutmut run $(python tests/mutants.py 300 7)`: see docs/testing.md."""

import json
import random
import sys
from pathlib import Path


def sample(size: int, seed: int) -> list[str]:
    """So many names of the mutants that mutmut has made, the same for the same mutants and seed."""
    files = sorted(Path("mutants/src").rglob("*.meta"))
    names = sorted(name for file in files for name in json.loads(file.read_text())["exit_code_by_key"])
    return random.Random(seed).sample(names, min(size, len(names)))


if __name__ == "__main__":
    size, seed = map(int, sys.argv[1:])
    sys.stdout.write(" ".join(sample(size, seed)) + "\n")
