"""Validation loss on tiny Shakespeare after a given time, default settings, by both protocols.

    python benchmarks/shakespeare.py tinyshakespeare.txt 3 10

The first 90 % of the text train, the last 10 % validate, as everywhere with this corpus. Three seeds; ± in what is made
of these lines is the standard error of their mean.
"""

import sys
import tempfile
import time

from machine import report

import genmodels

SEEDS = 3


def main() -> None:
    corpus, *minutes = sys.argv[1:]
    for span in minutes:
        runs, seconds = [], []
        with tempfile.TemporaryDirectory() as folder:
            for seed in range(1, SEEDS + 1):
                begin = time.perf_counter()
                runs.append(genmodels.train_text(corpus, minutes=float(span), seed=seed, runs=folder))
                seconds.append(round(time.perf_counter() - begin, 1))
            nll = [{row["protocol"]: row["nll"] for row in run.score().facts["results"]} for run in runs]
            report(
                "shakespeare",
                command=f"python benchmarks/shakespeare.py tinyshakespeare.txt {span}",
                carried_nll=[round(one["carried"], 4) for one in nll],
                windows_nll=[round(one["windows"], 4) for one in nll],
                best_epochs=[run.best_evaluation()["epoch"] for run in runs],
                seconds=seconds,
            )


if __name__ == "__main__":
    main()
