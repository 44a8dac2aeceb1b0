"""Validation loss on tiny Shakespeare after a given time, default settings, by both protocols.

    python benchmarks/shakespeare.py tinyshakespeare.txt 3 10

The first 90 % of the text train, the last 10 % validate, as everywhere with this corpus.
"""

import json
import subprocess
import sys
import tempfile
import time

import torch


def main() -> None:
    corpus, *minutes = sys.argv[1:]
    for span in minutes:
        with tempfile.TemporaryDirectory() as folder:
            command = [sys.executable, "-m", "genmodels", "train-text", corpus, "--minutes", span, "--json"]
            begin = time.perf_counter()
            done = subprocess.run(
                [*command, "--runs", folder], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=True
            )
            seconds = time.perf_counter() - begin
        result = json.loads(done.stdout)
        row = {
            "benchmark": "shakespeare",
            "command": f"genmodels train-text tinyshakespeare.txt --minutes {span}",
            "carried_nll": round(result["validation"]["carried"]["nll"], 4),
            "windows_nll": round(result["validation"]["windows"]["nll"], 4),
            "best_epoch": result["best_epoch"],
            "process_seconds": round(seconds, 1),
            "torch": torch.__version__,
            "threads": torch.get_num_threads(),
            "cpu": torch.backends.cpu.get_cpu_capability(),
        }
        print(json.dumps(row), flush=True)


if __name__ == "__main__":
    main()
