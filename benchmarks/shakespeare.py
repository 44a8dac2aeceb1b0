"""Validation loss on tiny Shakespeare after a given time, default settings, by both protocols.

    python benchmarks/shakespeare.py tinyshakespeare.txt 3 10

The first 90 % of the text train, the last 10 % validate, as everywhere with this corpus.
"""

import sys
import tempfile
import time

from machine import report

import genmodels


def main() -> None:
    corpus, *minutes = sys.argv[1:]
    for span in minutes:
        with tempfile.TemporaryDirectory() as folder:
            begin = time.perf_counter()
            run = genmodels.train_text(corpus, minutes=float(span), runs=folder)
            seconds = time.perf_counter() - begin
            nll = {row["protocol"]: row["nll"] for row in run.score().facts["results"]}
            report(
                "shakespeare",
                command=f"genmodels train-text tinyshakespeare.txt --minutes {span}",
                carried_nll=round(nll["carried"], 4),
                windows_nll=round(nll["windows"], 4),
                best_epoch=run.best_evaluation()["epoch"],
                seconds=round(seconds, 1),
            )


if __name__ == "__main__":
    main()
