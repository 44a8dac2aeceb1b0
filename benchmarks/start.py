"""Whole-process time of the commands that must answer at once, when piped.

python benchmarks/start.py
"""

import os
import statistics
import subprocess
import sys
import time

from machine import report

COMMANDS = {"--version": 0.1, "--help": 0.2, "train-text --help": None, "runs list": None}
RUNS = 21
# Where Python must not write compiled files, each run would compile the program anew: nobody's installation does.
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def seconds(arguments: list[str]) -> float:
    begin = time.perf_counter()
    subprocess.run([sys.executable, "-m", "genmodels", *arguments], capture_output=True, check=True, env=ENVIRONMENT)
    return time.perf_counter() - begin


def main() -> None:
    for command, limit in COMMANDS.items():
        measured = [seconds(command.split()) for _ in range(RUNS)][1:]
        report(
            "start",
            command="python benchmarks/start.py",
            arguments=command,
            median_seconds=round(statistics.median(measured), 3),
            largest_seconds=round(max(measured), 3),
            wanted_at_most=limit,
        )


if __name__ == "__main__":
    main()
