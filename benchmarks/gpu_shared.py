"""Several processes that train together on GPUs: a part of benchmarks/gpu.py, and what each of the processes runs.

A GPU of its own for each, by NCCL, where there are two. Where there is one, NCCL is tried with one process, which is
told to share its batches out as if it had company, and two processes share the GPU, by gloo.

`python benchmarks/gpu.py --part shared` starts `python benchmarks/gpu_shared.py` for each process.
"""

import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import torch
from gpu_bench import Bench
from gpu_checks import score_of
from machine import report

import genmodels
from genmodels.__main__ import end_at_once
from genmodels.training.reporting import QuietReporter

PATIENCE = 300.0  # seconds for all of a training


def shared(bench: Bench, family: str, model: str) -> None:
    """A short training by one process as usual, and by processes that share it out: its last scores and its seconds."""
    begin = time.perf_counter()
    alone = bench.train(family, f"{family}-alone", bench.name, model=model)
    row: dict[str, Any] = {"alone": score_of(alone), "alone_seconds": round(time.perf_counter() - begin, 1)}
    several = bench.device.type == "cuda" and torch.cuda.device_count() > 1
    ways = {"nccl": 2 if several else 1, "gloo": 2} if bench.device.type == "cuda" else {"gloo": 2}
    for backend, count in ways.items():
        begin = time.perf_counter()
        told = _together(bench, family, model, backend, count)
        key = f"{backend}_{count}"
        row |= {key: told or score_of(genmodels.open_run(bench.folder / f"{family}-{backend}"))}
        row |= {f"{key}_seconds": round(time.perf_counter() - begin, 1)}
    report("gpu", part="shared", family=family, model=model, **row)


def _together(bench: Bench, family: str, model: str, backend: str, count: int) -> str | None:
    """Train by so many processes; what the first that failed said at last, or None."""
    with socket.socket() as free:
        free.bind(("localhost", 0))
        meeting = {"MASTER_ADDR": "localhost", "MASTER_PORT": str(free.getsockname()[1]), "WORLD_SIZE": str(count)}
    own = backend == "nccl" and count > 1
    asked = [bench.name, str(bench.folder), str(int(bench.small)), family, model, backend]
    processes = [
        subprocess.Popen(
            [sys.executable, __file__, *asked], stderr=subprocess.PIPE, text=True,
            env={**os.environ, **meeting, "RANK": str(rank), "LOCAL_RANK": str(rank if own else 0)},
        )
        for rank in range(count)
    ]  # fmt: skip
    said = [process.communicate(timeout=PATIENCE)[1] for process in processes]
    failed = [text for process, text in zip(processes, said, strict=True) if process.returncode]
    return failed[0][-1500:] if failed else None


def main(device: str, folder: str, small: str, family: str, model: str, backend: str) -> None:
    """One of the processes."""
    import genmodels.processes as several

    if backend == "gloo":
        torch.distributed.is_nccl_available = lambda: False
    if os.environ["WORLD_SIZE"] == "1":
        several.World.is_alone = property(lambda _: False)  # type: ignore[assignment,method-assign]
        several.asked_for = lambda: True
    bench = Bench(device, Path(folder), 0.0, small == "1")
    bench.train(family, f"{family}-{backend}", device, QuietReporter(), model=model)


if __name__ == "__main__":
    main(*sys.argv[1:])
    end_at_once(0)
