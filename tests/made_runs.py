"""Runs that nobody trained: their directories as a training would leave them, made in a moment."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from genmodels.runs import RunDir, create_run
from genmodels.runs.checkpoint import save_epoch, write_checkpoint

SCORES = {"text": ("nll", "validation"), "vae": ("elbo", "test"), "gan": ("frechet_distance", "test")}


def made_run(
    root: Path,
    name: str,
    family: str = "text",
    *,
    scores: Sequence[float] = (3.0, 2.0, 1.5, 1.25),
    planned: int | None = 4,
    data: str = "corpus.txt",
    settings: Mapping[str, Any] | None = None,
    **document: Any,
) -> RunDir:
    """A run of as many epochs as there are scores, of ten steps each; all weights and two training states are kept."""
    values = {"model": "lstm", "hidden_size": 8, "seed": 1} | dict(settings or {})
    plan = None if planned is None else {"steps_per_epoch": 10, "total_steps": 10 * planned}
    run = create_run(root, family, {
        "settings": {key: {"value": value, "from": "flag"} for key, value in values.items()},
        "data": {"sources": [f"/data/{data}"], "fingerprint": data}, "plan": plan, **document,
    }, name)  # fmt: skip
    weights = {"model": {"weight": np.zeros(1000, dtype=np.float32)}}
    score, split = SCORES[family]
    for epoch, value in enumerate(scores, 1):
        seconds = 60.0 * epoch
        run.append_metrics({"epoch": epoch, "step": 10 * epoch, "split": split, score: value, "seconds": seconds})
        save_epoch(run, epoch, weights, {"epoch": epoch})
    for step in (10 * (len(scores) - 1), 10 * len(scores)) if scores else ():
        write_checkpoint(run.checkpoints / f"step-{step:08d}", weights, {"step": step})
    if scores:
        run.point("last", f"step-{10 * len(scores):08d}")
        best = (max if family == "vae" else min)(scores)
        run.point("best", f"epoch-{list(scores).index(best) + 1:04d}")
    return run
