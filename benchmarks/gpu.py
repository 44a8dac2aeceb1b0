"""Every family on a device: whether it trains, goes on and draws there, how fast, and how far that is from its limits.

    python benchmarks/gpu.py [--device cuda] [--seconds 3] [--only FAMILY ...] [--part check|speed|memory ...] [--small]

It needs nothing but the package and PyTorch: the data are those that genmodels carries. Three parts, all by default:

check   a small training twice, one whose updates are not recorded, and one that is interrupted and goes on: are their
        weights the same bit for bit? One begun on the CPU that goes on here, and one begun here that goes on on the
        CPU; then samples are drawn.
speed   default settings: characters, images or strips a second, with updates recorded and as they are written, the
        operations that they cost, and the rate of large matrix products in the same arithmetic; how many bytes the
        device copies in a second.
memory  what is told where a batch does not fit (on a GPU, of whose memory a part is taken for the whole).

`--small` makes networks tiny, for a trial on a CPU.
"""

import argparse
import hashlib
import pydoc_data.topics
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import torch
from machine import report, tell

import genmodels
import genmodels.training.recorded
from genmodels.device import autocast, can_record, reproducible
from genmodels.runs.checkpoint import read_checkpoint
from genmodels.training.reporting import QuietReporter

PRECISIONS = ("fp32", "bf16", "fp16")
MODELS = {
    "text": ("lstm", "gru", "rnn", "feedforward"),
    "vae": ("conv", "mlp"),
    "pixelrnn": ("pixelcnn", "row-lstm", "diagonal-bilstm"),
    "gan": ("dcgan", "mlp"),
    "reader": ("crnn", "cnn"),
    "speech": ("tdnn", "window", "rnn", "gru", "lstm", "bilstm", "tdnn-bilstm"),
}
SHORT = {  # of a check: a few dozen updates
    "text": {"sample_length": 40},
    "vae": {},
    "pixelrnn": {"channels": 8, "layers": 2},
    "gan": {},
    "reader": {"strips": 320, "tested_strips": 32},
    "speech": {"utterances": 320, "tested_utterances": 16},
}
TINY = {
    "text": {"hidden_size": 16, "embedding_size": 8},
    "vae": {"hidden_size": 16, "channels": 2, "latent_size": 4},
    "pixelrnn": {"channels": 3, "layers": 1, "batch_size": 200},
    "gan": {"hidden_size": 8, "channels": 2, "latent_size": 4, "batch_size": 200},
    "reader": {"hidden_size": 8, "channels": 2, "strips": 32, "tested_strips": 8},
    "speech": {"parameters": 12000, "utterances": 16, "tested_utterances": 4},
}
LARGE = {"hidden_size": 1024, "batch_size": 128}  # an LSTM that fills a GPU
TOPICS = "\n".join(pydoc_data.topics.topics.values())
WARMED, IMAGES, CHARACTERS, SIDE = 10, 1200, 100_000, 8192


class Interrupted(QuietReporter):
    """Presses Ctrl-C after so many updates."""

    def __init__(self, step: int) -> None:
        super().__init__(tell)
        self.step = step

    def advanced(self, step: int) -> None:
        """An update was finished."""
        if step == self.step:
            signal.raise_signal(signal.SIGINT)


class Bench:
    """One device, and the data that the families learn from.

    Args:
        device: as --device takes it.
        folder: for runs and for a small set of images.
        seconds: that a speed is measured for.
        small: whether the networks are tiny.
    """

    def __init__(self, device: str, folder: Path, seconds: float, small: bool) -> None:
        self.name, self.folder, self.seconds, self.small = device, folder, seconds, small
        self.device = torch.device(device)
        self.more = TINY if small else {family: {} for family in TINY}

    def images(self) -> Path:
        """A few of the built-in digits, as a file."""
        from genmodels.data.images.opening import open_images

        path = self.folder / "few.npz"
        if not path.exists():
            digits = open_images("digits", tell)
            train, test = digits.train, digits.test
            few, tested = (80, 40) if self.small else (IMAGES, IMAGES // 6)
            np.savez(
                path,
                x_train=train.pixels[:few], y_train=train.labels[:few],
                x_test=test.pixels[:tested], y_test=test.labels[:tested],
            )  # fmt: skip
        return path

    def train(self, family: str, name: str, device: str, reporter: QuietReporter | None = None, **how: Any) -> Any:
        """A short training of two epochs."""
        text = TOPICS[: 4000 if self.small else CHARACTERS]
        begin = {"text": lambda **more: genmodels.train_text(text=text, **more), "speech": genmodels.train_speech}
        train = begin.get(family, lambda **more: genmodels.train(family, self.images(), **more))
        settings = {**SHORT[family], **self.more[family], **how, "epochs": 2, "device": device}
        return train(name=name, runs=self.folder, reporter=reporter or QuietReporter(), **settings)


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


@contextmanager
def as_written() -> Iterator[None]:
    """Within, tasks that are made record no updates."""
    module = genmodels.training.recorded
    before = module.can_record
    module.can_record = lambda _: False
    try:
        yield
    finally:
        module.can_record = before


def check(bench: Bench, family: str, model: str, precision: str) -> None:
    """See the top of this file."""
    begin = time.perf_counter()
    how = {"model": model, "precision": precision}
    label = f"{family}-{model}-{precision}"
    runs = [bench.train(family, f"{label}-{n}", bench.name, **how) for n in range(2)]
    middle = max(1, runs[0].facts["step"] // 3)
    runs.append(interrupted(bench, family, f"{label}-stopped", bench.name, bench.name, middle, **how))
    with as_written():
        runs.append(bench.train(family, f"{label}-as-written", bench.name, **how))
    draw(runs[0])
    first, *others = [weights_of(run) for run in runs]
    named = zip(("same_twice", "same_resumed", "same_as_written"), others, strict=True)
    row: dict[str, Any] = {name: other == first for name, other in named}
    if precision == "fp32":
        to, back = (interrupted(bench, family, f"{label}-{n}", a, b, middle, **how) for n, a, b in (
            ("from-cpu", "cpu", bench.name), ("to-cpu", bench.name, "cpu"),
        ))  # fmt: skip
        row |= {"score": score_of(runs[0]), "begun_on_cpu": score_of(to), "ended_on_cpu": score_of(back)}
    seconds = round(time.perf_counter() - begin, 1)
    report("gpu", part="check", family=family, model=model, precision=precision, **row, seconds=seconds)


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


def memory(bench: Bench) -> None:
    """See the top of this file."""
    torch.cuda.set_per_process_memory_fraction(0.02)
    try:
        bench.train("text", "large", bench.name, hidden_size=4096, batch_size=256, window=256)
        told = None
    except genmodels.GenmodelsError as error:
        told = f"{error}; {error.hint}"
    finally:
        torch.cuda.set_per_process_memory_fraction(1.0)
    report("gpu", part="memory", told=told)


def precisions(bench: Bench, first: bool) -> Iterator[str]:
    """In which arithmetic a model is tried: half precision is CUDA's, and that of a family's first model."""
    yield from PRECISIONS if first and bench.device.type == "cuda" else PRECISIONS[:1]


def main() -> None:
    parser = argparse.ArgumentParser(usage="python benchmarks/gpu.py [--device cuda] [--only FAMILY ...] ...")
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--only", nargs="*", choices=MODELS, default=list(MODELS))
    parser.add_argument("--part", nargs="*", choices=("check", "speed", "memory"), default=["check", "speed", "memory"])
    parser.add_argument("--small", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(asked.device, Path(folder), asked.seconds, asked.small)
        named = torch.cuda.get_device_name(bench.device) if bench.device.type == "cuda" else "cpu"
        report("gpu", part="device", name=named, copied_gigabytes_per_second=round(copy_rate(bench)))
        rows = [(family, model, model == MODELS[family][0]) for family in asked.only for model in MODELS[family]]
        if "speed" in asked.part:
            products = {precision: product_rate(bench, precision) for precision in precisions(bench, True)}
            for family, model, first in rows:
                for precision in precisions(bench, first):
                    speed(bench, family, model, precision, products[precision])
            if "text" in asked.only and not asked.small:
                for precision in precisions(bench, True):
                    speed(bench, "text", "lstm", precision, products[precision], **LARGE)
        if "check" in asked.part:
            for family, model, first in rows:
                for precision in precisions(bench, first):
                    check(bench, family, model, precision)
        if "memory" in asked.part and bench.device.type == "cuda":
            memory(bench)


if __name__ == "__main__":
    main()
