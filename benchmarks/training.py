"""Training throughput: genmodels against a bare loop of the same nn.LSTM and optimiser with no program around it.

    python benchmarks/training.py

The two alternate in one process, on the same text, batch and window; the median of the ratios counts. Also printed: how
far both are from the machine's matrix-multiply rate, measured in the same run.
"""

import json
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import torch
from torch import nn

from genmodels.data.text.corpus import HowRead, open_corpus
from genmodels.families import family_of
from genmodels.runs import create_run
from genmodels.settings.text import TextSettings
from genmodels.training.language_model import LanguageModelTask, prepare
from genmodels.training.loop import fulfil
from genmodels.training.plan import Plan, make_plan
from genmodels.training.reporting import QuietReporter

STEPS = 300
ROUNDS = 5


class BareLSTM(nn.Module):
    """Embedding, nn.LSTM, linear: what a user would write first."""

    def __init__(self, settings: TextSettings, vocabulary_size: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocabulary_size, settings.embedding_size)
        self.lstm = nn.LSTM(settings.embedding_size, settings.hidden_size, settings.layers)
        self.readout = nn.Sequential(
            nn.LayerNorm(settings.hidden_size), nn.Linear(settings.hidden_size, vocabulary_size)
        )


def bare_seconds(settings: TextSettings, ids: torch.Tensor, vocabulary_size: int) -> float:
    """Seconds per step of the bare loop."""
    model = BareLSTM(settings, vocabulary_size)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, fused=True)
    b, t = settings.batch_size, settings.window
    rows = ids[: (len(ids) - 1) // b * b].view(b, -1)
    state, begin = None, 0.0
    for step in range(STEPS + 20):
        if step == 20:
            begin = time.perf_counter()
        at = step * t % (rows.shape[1] - t - 1)
        inputs, targets = rows[:, at : at + t].long().t(), rows[:, at + 1 : at + t + 1].long().t()
        hidden, state = model.lstm(model.embedding(inputs), state)
        loss = nn.functional.cross_entropy(model.readout(hidden).flatten(0, 1), targets.flatten())
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        state = tuple(tensor.detach() for tensor in state)
    return (time.perf_counter() - begin) / STEPS


class Clock(QuietReporter):
    """Notes when steps were finished."""

    def __init__(self) -> None:
        super().__init__()
        self.at: dict[int, float] = {}

    def advanced(self, step: int) -> None:
        """A step was finished."""
        self.at[step] = time.perf_counter()


def genmodels_seconds(task: LanguageModelTask) -> float:
    """Seconds per step of fulfil(), all of its bookkeeping included; no epoch ends inside the measured steps."""
    plan, clock = make_plan(task.settings, task.steps_per_epoch), Clock()
    plan = Plan(plan.steps_per_epoch, STEPS + 20, None, 200, plan.log_every)
    with tempfile.TemporaryDirectory() as folder:
        run = create_run(Path(folder), "text", {"settings": {}, "data": {}})
        fulfil(task, family_of("text"), plan, run, clock, None, 1e9)
    return (clock.at[STEPS + 20] - clock.at[20]) / STEPS


def matrix_rate() -> float:
    """FLOP per second of a large fp32 matrix product."""
    a = torch.randn(2048, 2048)
    for _ in range(2):
        a @ a
    begin = time.perf_counter()
    for _ in range(5):
        a @ a
    return 5 * 2 * 2048**3 / (time.perf_counter() - begin)


def main() -> None:
    settings = TextSettings(device="cpu", hidden_size=256, dropout_epochs=0)  # full dropout; the bare loop has none
    corpus = open_corpus(sys.argv[1:], HowRead(), lambda _: None)
    v, h, e = len(corpus.vocabulary), settings.hidden_size, settings.embedding_size
    flop = 3 * 2 * (4 * h * (e + h) + h * v) * settings.batch_size * settings.window  # forward, and twice backward
    ours, theirs = [], []
    for _ in range(ROUNDS):
        task = prepare(settings, corpus)
        theirs.append(bare_seconds(settings, task.streams.split.to_tensor(torch.device("cpu")), v))
        ours.append(genmodels_seconds(task))
    characters = settings.batch_size * settings.window
    row = {
        "benchmark": "training",
        "command": "python benchmarks/training.py",
        "model": f"lstm {settings.layers}x{h}, embedding {e}, batch {settings.batch_size}, window {settings.window}",
        "genmodels_chars_per_second": round(characters / float(np.median(ours))),
        "bare_loop_chars_per_second": round(characters / float(np.median(theirs))),
        "time_ratio": round(float(np.median(np.array(ours) / np.array(theirs))), 3),
        "gflop_per_second": round(flop / float(np.median(ours)) / 1e9, 1),
        "matrix_multiply_gflop_per_second": round(matrix_rate() / 1e9, 1),
        "torch": torch.__version__,
        "cpu": torch.backends.cpu.get_cpu_capability(),
    }
    print(json.dumps(row))


if __name__ == "__main__":
    main()
