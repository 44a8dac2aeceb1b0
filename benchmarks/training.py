"""Training throughput: genmodels against a bare loop of PyTorch's layer and the same optimiser, no program around it.

    python benchmarks/training.py [CORPUS...]

The two alternate in one process, on the same text, batch and window; the median of the ratios counts. Also printed: how
far both are from the machine's matrix-multiply rate, measured in the same run.
"""

import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import torch
from machine import multiply_rate, report
from torch import nn

from genmodels.data.text.corpus import HowRead, open_corpus
from genmodels.families import family_of
from genmodels.models.layers import GATES
from genmodels.models.recurrence import CELLS
from genmodels.runs import create_run
from genmodels.settings.text import TextSettings
from genmodels.training.language_model import LanguageModelTask, prepare
from genmodels.training.loop import fulfil
from genmodels.training.plan import Plan, make_plan
from genmodels.training.reporting import QuietReporter

STEPS = 300
ROUNDS = 5


NETWORKS = (("lstm", 256), ("rnn", 128), ("rnn", 256), ("gru", 128), ("gru", 256))


class Bare(nn.Module):
    """Embedding, nn.LSTM, nn.GRU or nn.RNN, linear: what a user would write first."""

    def __init__(self, settings: TextSettings, vocabulary_size: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocabulary_size, settings.embedding_size)
        self.cells = CELLS[settings.model](settings.embedding_size, settings.hidden_size)
        self.readout = nn.Sequential(
            nn.LayerNorm(settings.hidden_size), nn.Linear(settings.hidden_size, vocabulary_size)
        )


def bare_seconds(settings: TextSettings, ids: torch.Tensor, vocabulary_size: int) -> float:
    """Seconds per step of the bare loop."""
    model = Bare(settings, vocabulary_size)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, fused=True)
    b, t = settings.batch_size, settings.window
    rows = ids[: (len(ids) - 1) // b * b].view(b, -1)
    state, begin = None, 0.0
    for step in range(STEPS + 20):
        if step == 20:
            begin = time.perf_counter()
        at = step * t % (rows.shape[1] - t - 1)
        inputs, targets = rows[:, at : at + t].long().t(), rows[:, at + 1 : at + t + 1].long().t()
        hidden, state = model.cells(model.embedding(inputs), state)
        loss = nn.functional.cross_entropy(model.readout(hidden).flatten(0, 1), targets.flatten())
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        state = tuple(one.detach() for one in state) if isinstance(state, tuple) else state.detach()
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


def compared(model: str, hidden_size: int, words: list[str]) -> dict[str, object]:
    """Both, taking turns, and how far they are from the machine's rate."""
    settings = TextSettings(model=model, device="cpu", layers=1, hidden_size=hidden_size, dropout_epochs=0)  # in full
    corpus = open_corpus(words, HowRead(), lambda _: None)
    v, h, e = len(corpus.vocabulary), settings.hidden_size, settings.embedding_size
    products = GATES[model] * h * (e + h) + h * v
    flop = 3 * 2 * products * settings.batch_size * settings.window  # forward, and twice backward
    ours, theirs = [], []
    for _ in range(ROUNDS):
        task = prepare(settings, corpus)
        theirs.append(bare_seconds(settings, task.streams.split.to_tensor(torch.device("cpu")), v))
        ours.append(genmodels_seconds(task))
    characters = settings.batch_size * settings.window
    return {
        "model": f"{model} {settings.layers}x{h}, embedding {e}, batch {settings.batch_size}, window {settings.window}",
        "genmodels_chars_per_second": round(characters / float(np.median(ours))),
        "bare_loop_chars_per_second": round(characters / float(np.median(theirs))),
        "time_ratio": round(float(np.median(np.array(ours) / np.array(theirs))), 3),
        "gflop_per_second": round(flop / float(np.median(ours)) / 1e9, 1),
        "matrix_multiply_gflop_per_second": round(multiply_rate(), 1),
    }


def main() -> None:
    for model, hidden_size in NETWORKS:
        report("training", command="python benchmarks/training.py", **compared(model, hidden_size, sys.argv[1:]))


if __name__ == "__main__":
    main()
