"""Whether trainings on a device end with the same bits, and go on elsewhere: a part of benchmarks/gpu.py.

A part of `python benchmarks/gpu.py`; `python benchmarks/gpu_checks.py` alone does nothing.
"""

import hashlib
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from gpu_bench import SHORT, Bench, as_written
from machine import report, tell

import genmodels
from genmodels.runs.checkpoint import read_checkpoint
from genmodels.training.reporting import QuietReporter


class Interrupted(QuietReporter):
    """Presses Ctrl-C after so many updates."""

    def __init__(self, step: int) -> None:
        super().__init__(tell)
        self.step = step

    def advanced(self, step: int) -> None:
        """An update was finished."""
        if step == self.step:
            signal.raise_signal(signal.SIGINT)


def weights_of(run: Any) -> str:
    """A sum of the weights of all epochs, and of the last training state."""
    checkpoints = [read_checkpoint(path) for path in sorted(Path(run.path, "checkpoints").iterdir()) if path.is_dir()]
    digest = hashlib.sha256()
    for checkpoint in checkpoints:
        for part in sorted(checkpoint.tensors):
            for name, tensor in sorted(checkpoint.tensors[part].items()):
                digest.update(name.encode() + np.ascontiguousarray(tensor).tobytes())
    return digest.hexdigest()[:16]


def interrupted(bench: Bench, family: str, name: str, begun: str, ended: str, step: int, **how: Any) -> Any:
    """A training that is stopped after so many updates and goes on, maybe on another device."""
    try:
        bench.train(family, name, begun, Interrupted(step), **how)
    except genmodels.Stopped:
        return genmodels.resume(name, runs=bench.folder, device=ended, reporter=QuietReporter())
    raise SystemExit(f"{family}: the training was over before step {step}")


def draw(run: Any) -> None:
    """Whatever a run makes."""
    asked: dict[str, Callable[[Any], Any]] = {
        "text": lambda text: text.sample("a ", length=50),
        "reader": lambda reader: reader.read(),
        "speech": lambda listener: (listener.transcribe(utterances=2), look_back(listener)),
    }
    asked.get(run.family, lambda model: model.draw(4))(run)


def look_back(listener: Any) -> None:
    """How far it looks: by derivatives in evaluation mode."""
    genmodels.compare_context([listener], utterances=8, looked_at=2)


def score_of(run: Any) -> float:
    """Of its last epoch, by what the family chooses epochs by."""
    score = genmodels.family_of(run.family).score
    return round([record[score] for record in run.evaluations() if score in record][-1], 4)


VARIANTS: tuple[tuple[str, str, dict[str, Any]], ...] = (  # settings whose updates are other kernels
    ("text", "lstm", {"optimizer": "muon"}),
    ("text", "lstm", {"optimizer": "schedule-free"}),
    ("text", "lstm", {"layers": 2, "dropout": 0.2, "gradient_clip": 0.1}),
    ("text", "gru", {"accumulate": 2}),
    ("vae", "conv", {"optimizer": "muon"}),
    ("vae", "conv", {"conditional": True, "importance_samples": 3}),
    ("vae", "mlp", {"batch_size": 200, "epochs": 12}),  # 1,150 images or so: the last batch is smaller
    ("pixelrnn", "pixelcnn", {"orientations": 4}),
    ("pixelrnn", "pixelcnn", {"levels": "16", "optimizer": "muon"}),
    ("gan", "dcgan", {"optimizer": "muon"}),
    ("gan", "dcgan", {"loss": "wasserstein-gp", "optimizer": "schedule-free"}),
    ("reader", "crnn", {"optimizer": "muon"}),
    ("speech", "tdnn", {"optimizer": "schedule-free"}),
    ("speech", "lstm", {"optimizer": "muon", "accumulate": 2}),
)


def check(bench: Bench, family: str, model: str, precision: str, **more: Any) -> None:
    """See the top of gpu.py."""
    begin = time.perf_counter()
    how = {"model": model, "precision": precision, **more}
    label = "-".join(map(str, (family, model, precision, *more.values())))
    runs = [bench.train(family, f"{label}-{n}", bench.name, **how) for n in range(2)]
    middle = max(1, runs[0].facts["step"] // 3)
    runs.append(interrupted(bench, family, f"{label}-stopped", bench.name, bench.name, middle, **how))
    with as_written():
        runs.append(bench.train(family, f"{label}-as-written", bench.name, **how))
    draw(runs[0])
    first, *others = [weights_of(run) for run in runs]
    named = zip(("same_twice", "same_resumed", "same_as_written"), others, strict=True)
    row: dict[str, Any] = {name: other == first for name, other in named}
    if precision == "fp32" and not more:
        to, back = (interrupted(bench, family, f"{label}-{n}", a, b, middle, **how) for n, a, b in (
            ("from-cpu", "cpu", bench.name), ("to-cpu", bench.name, "cpu"),
        ))  # fmt: skip
        row |= {"begun_on_cpu": score_of(to), "ended_on_cpu": score_of(back)}
    row |= {"score": score_of(runs[0]), "seconds": round(time.perf_counter() - begin, 1)}
    report("gpu", part="check", family=family, model=model, precision=precision, **more, **row)


def timed_training(bench: Bench, family: str, model: str) -> None:
    """A training by --minutes, which is planned anew by the clock, and goes on for as long again."""
    minutes = 0.02 if bench.small else 0.2
    begin = time.perf_counter()
    run = bench.train(family, f"{family}-timed", bench.name, model=model, minutes=minutes)
    middle, steps = time.perf_counter(), run.facts["step"]
    longer = genmodels.resume(run.name, runs=bench.folder, minutes=minutes, reporter=QuietReporter())
    took = {"seconds": round(middle - begin, 1), "seconds_more": round(time.perf_counter() - middle, 1)}
    done = {"steps": steps, "steps_more": longer.facts["step"] - steps}
    report("gpu", part="minutes", family=family, model=model, minutes=minutes, **took, **done)


def sweep(bench: Bench, family: str, model: str) -> None:
    """A rate that is looked for."""
    begin = time.perf_counter()
    data: dict[str, Any] = {"text": {"text": bench.text()}, "speech": {}}.get(family, {"data": bench.images()})
    how = {**SHORT[family], **bench.more[family], "model": model, "device": bench.name}
    found = genmodels.find_rate(family, **data, steps=60, **how)
    told = {"suggested": found.facts["suggestion"], "seconds": round(time.perf_counter() - begin, 1)}
    report("gpu", part="rate", family=family, model=model, **told)
