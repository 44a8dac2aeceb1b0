"""Every family on a device: whether it trains, goes on and draws there, how fast, and how far that is from its limits.

    python benchmarks/gpu.py [--device cuda] [--seconds 3] [--only FAMILY ...] [--part check|speed|memory ...] [--small]

It needs nothing but the package and PyTorch: the data are those that genmodels carries. Its parts, all by default:

check   a small training twice, one whose updates are not recorded, and one that is interrupted and goes on: are their
        weights the same bit for bit? One begun on the CPU that goes on here, and one begun here that goes on on the
        CPU; then samples are drawn.
speed   default settings: characters, images or strips a second, with updates recorded and as they are written, the
        operations that they cost, and the rate of large matrix products in the same arithmetic; how many bytes the
        device copies in a second.
variant the same check of other optimisers, batches in pieces, four orientations, conditional models and so on.
minutes a training by --minutes, which goes on for as long again: the seconds that each took.
rate    find-rate.
shared  several processes train together: their score beside that of one (see gpu_shared.py).
memory  what is told where a batch does not fit, and what becomes of a recording where updates as they are written
        hardly fit (on a GPU, of whose memory a part is taken for the whole; a CPU just trains).

`--small` makes networks tiny, for a trial on a CPU.
"""

import argparse
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from gpu_bench import LARGE, MODELS, PRECISIONS, Bench, as_written
from gpu_checks import VARIANTS, check, score_of, sweep, timed_training
from gpu_shared import shared
from machine import report, tell

import genmodels
from genmodels.device import autocast, can_record, reproducible

WARMED, SIDE = 10, 8192


def task_of(bench: Bench, family: str, model: str, device: str, precision: str, **more: Any) -> Any:
    """A fresh task at default settings."""
    from genmodels.data.images.opening import open_images
    from genmodels.data.sound.sets.opening import open_words
    from genmodels.data.text.corpus import HowRead, open_corpus

    row = genmodels.family_of(family)
    opened = {"text": lambda: open_corpus([], HowRead(), tell), "speech": lambda: open_words("voices", tell)}
    data = opened.get(family, lambda: open_images("digits", tell))()
    how = {**bench.more[family], "model": model, "device": device, "precision": precision, **more}
    return row.prepare(row.settings(**how), data)


def recurrent_flop(x: Any, w_in: Any, w_state: Any, *_: object, **__: object) -> int:
    """Of a fused LSTM layer, whose insides PyTorch's counter does not see: x is (T, B, inputs)."""
    return 2 * x[0] * x[1] * (w_in[0] * w_in[1] + w_state[0] * w_state[1])


def operations(task: Any) -> float:
    """Floating-point operations of an update for each unit that it reads, counted by PyTorch on the CPU."""
    from torch.utils.flop_counter import FlopCounterMode

    fused = torch.ops.aten.mkldnn_rnn_layer, torch.ops.aten.mkldnn_rnn_layer_backward
    counted = {fused[0]: recurrent_flop, fused[1]: lambda *shapes, **_: 2 * recurrent_flop(*shapes)}
    steps = range(1000, 1009)
    with FlopCounterMode(display=False, custom_mapping=counted) as counter:
        for step in steps:
            task.train_step(step, 0.0)
    return counter.get_total_flops() / sum(task.units(step) for step in steps)


def wait(device: torch.device) -> None:
    """Until all is computed."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def timed(device: torch.device, seconds: float, work: Callable[[int], int]) -> float:
    """What `work` counts in a second, after it was warmed; it is given the number of each call."""
    for call in range(WARMED):
        work(call)
    wait(device)
    begin, calls, done = time.perf_counter(), WARMED, 0
    while time.perf_counter() - begin < seconds:
        done += work(calls)
        calls += 1
    wait(device)
    return done / (time.perf_counter() - begin)


def product_rate(bench: Bench, precision: str) -> float:
    """Of large matrix products in this arithmetic, GFLOP/s."""
    side = SIDE if bench.device.type == "cuda" else 1024
    a = torch.rand(side, side, device=bench.device)

    def multiply(_: int) -> int:
        with autocast(precision, bench.device):
            torch.mm(a, a)
        wait(bench.device)
        return 2 * side**3

    return timed(bench.device, min(1.0, bench.seconds), multiply) / 1e9


def copy_rate(bench: Bench) -> float:
    """Bytes read and written in a second by copying, in 1e9."""
    a = torch.rand(SIDE, SIDE, device=bench.device)
    b = torch.empty_like(a)

    def copy(_: int) -> int:
        b.copy_(a)
        wait(bench.device)
        return 2 * a.nbytes

    return timed(bench.device, min(1.0, bench.seconds), copy) / 1e9


def trained_in_a_second(bench: Bench, family: str, model: str, precision: str, **more: Any) -> float:
    """Units of a family: characters, images, strips or utterances."""
    with reproducible(bench.device):
        task = task_of(bench, family, model, bench.name, precision, **more)

        def advance(call: int) -> int:
            task.train_step(1000 + call, 1.0)
            return int(task.units(1000 + call))

        return timed(bench.device, bench.seconds, advance)


def speed(bench: Bench, family: str, model: str, precision: str, products: float, **more: Any) -> None:
    """See the top of this file."""
    flop = operations(task_of(bench, family, model, "cpu", "fp32", **more))
    per_second, written = trained_in_a_second(bench, family, model, precision, **more), None
    if can_record(bench.device):
        with as_written():
            written = round(trained_in_a_second(bench, family, model, precision, **more))
    unit = genmodels.family_of(family).unit
    report(
        "gpu", part="speed", family=family, model=model, precision=precision, **more,
        **{f"{unit}_per_second": round(per_second)}, as_written=written, megaflop_each=round(flop / 1e6, 3),
        gigaflop_per_second=round(flop * per_second / 1e9, 1), product_gigaflop_per_second=round(products),
    )  # fmt: skip


WIDE = {"hidden_size": 512, "batch_size": 1024, "window": 64, "epochs": 8}  # few weights, much that they compute
TINY_WIDE = {"batch_size": 16, "window": 16, "epochs": 2}
HALF, HARDLY = 0.5, 1.1  # times the memory that updates take as they are written


def memory(bench: Bench, _: list[str]) -> None:
    """See the top of this file."""
    with as_written():
        most = trained_within(bench, "as written", None)
    trained_within(bench, "half of that", HALF * most)
    with as_written():
        trained_within(bench, "hardly more, as written", HARDLY * most)
    trained_within(bench, "hardly more", HARDLY * most)


def trained_within(bench: Bench, case: str, limit: float | None) -> int:
    """Train a network whose batches need much memory, on a GPU within so many bytes; those that it took at most."""
    begin, wide = time.perf_counter(), TINY_WIDE if bench.small else WIDE
    with limited(bench.device, limit) as most:
        try:
            run = bench.train("text", case.replace(", ", "-").replace(" ", "-"), bench.name, **wide)
            told = f"trained {run.facts['step']} steps, score {score_of(run)}"
        except genmodels.GenmodelsError as error:
            told = f"{error}; {error.hint}"
        taken = most()
    sizes = {"limit_mebibytes": round(limit / 2**20) if limit else None, "most_mebibytes": round(taken / 2**20)}
    report("gpu", part="memory", case=case, **sizes, seconds=round(time.perf_counter() - begin, 1), told=told)
    return taken


@contextmanager
def limited(device: torch.device, limit: float | None) -> Iterator[Callable[[], int]]:
    """A GPU as if it had no more bytes, with what tells how many were taken at most; a CPU has what it has, and 0."""
    if device.type != "cuda":
        yield lambda: 0
        return
    whole = torch.cuda.get_device_properties(device).total_memory
    torch.cuda.empty_cache()
    torch.cuda.reset_peak_memory_stats()
    torch.cuda.set_per_process_memory_fraction(1.0 if limit is None else limit / whole)
    try:
        yield torch.cuda.max_memory_reserved
    finally:
        torch.cuda.set_per_process_memory_fraction(1.0)


def precisions(bench: Bench, first: bool) -> Iterator[str]:
    """In which arithmetic a model is tried: half precision is CUDA's, and that of a family's first model."""
    yield from PRECISIONS if first and bench.device.type == "cuda" else PRECISIONS[:1]


def speeds(bench: Bench, families: list[str]) -> None:
    """All speeds."""
    products = {precision: product_rate(bench, precision) for precision in precisions(bench, True)}
    for family, model, first in rows(families):
        for precision in precisions(bench, first):
            speed(bench, family, model, precision, products[precision])
    if "text" in families and not bench.small:
        for precision in precisions(bench, True):
            speed(bench, "text", "lstm", precision, products[precision], **LARGE)


def checks(bench: Bench, families: list[str]) -> None:
    """All checks at default settings."""
    for family, model, first in rows(families):
        for precision in precisions(bench, first):
            check(bench, family, model, precision)


def variants(bench: Bench, families: list[str]) -> None:
    """All checks at other settings."""
    for family, model, more in VARIANTS:
        if family in families:
            check(bench, family, model, "fp32", **more)


def of_first_models(measure: Callable[[Bench, str, str], None]) -> Callable[[Bench, list[str]], None]:
    """What is measured of each family's first model."""

    def of_families(bench: Bench, families: list[str]) -> None:
        for family in families:
            measure(bench, family, MODELS[family][0])

    return of_families


def rows(families: list[str]) -> Iterator[tuple[str, str, bool]]:
    """Families, their models, and whether a model is its family's first."""
    return ((family, model, model == MODELS[family][0]) for family in families for model in MODELS[family])


PARTS: dict[str, Callable[[Bench, list[str]], None]] = {
    "speed": speeds,
    "check": checks,
    "variant": variants,
    "minutes": of_first_models(timed_training),
    "rate": of_first_models(sweep),
    "shared": of_first_models(shared),
    "memory": memory,
}


def main() -> None:
    parser = argparse.ArgumentParser(usage="python benchmarks/gpu.py [--device cuda] [--only FAMILY ...] ...")
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--only", nargs="*", choices=MODELS, default=list(MODELS))
    parser.add_argument("--part", nargs="*", choices=PARTS, default=list(PARTS))
    parser.add_argument("--small", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(asked.device, Path(folder), asked.seconds, asked.small)
        named = torch.cuda.get_device_name(bench.device) if bench.device.type == "cuda" else "cpu"
        report("gpu", part="device", name=named, copied_gigabytes_per_second=round(copy_rate(bench)))
        for part in asked.part:
            PARTS[part](bench, asked.only)


if __name__ == "__main__":
    main()
