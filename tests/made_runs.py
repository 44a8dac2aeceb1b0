"""Runs that nobody trained: their directories as a training would leave them, made in a moment."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from doors import Cli
from genmodels.runs import ComparisonDir, RunDir, create_run
from genmodels.runs.checkpoint import save_epoch, save_training_state
from genmodels.runs.making import create_comparison

SCORES = {
    "text": ("nll", "validation"), "vae": ("elbo", "test"), "gan": ("kernel_distance", "test"),
    "reader": ("nll", "test"),
}  # fmt: skip


def made_run(
    root: Path,
    name: str,
    family: str = "text",
    *,
    scores: Sequence[float] = (3.0, 2.0, 1.5, 1.25),
    planned: int | None = 4,
    cut: int = 0,
    data: str = "corpus.txt",
    settings: Mapping[str, Any] | None = None,
    **document: Any,
) -> RunDir:
    """A run of as many epochs as there are scores, of ten steps each; all weights and two training states are kept.

    The last epoch that is planned lacks `cut` steps.
    """
    values = {"model": "lstm", "hidden_size": 8, "seed": 1} | dict(settings or {})
    plan = None if planned is None else {"steps_per_epoch": 10, "total_steps": 10 * planned - cut}
    run = create_run(root, family, {
        "settings": {key: {"value": value, "from": "flag"} for key, value in values.items()},
        "data": {"sources": [f"/data/{data}"], "fingerprint": data}, "plan": plan, **document,
    }, name)  # fmt: skip
    weights = {"model": {"weight": np.zeros(1000, dtype=np.float32)}}
    score, split = SCORES[family]
    best_epoch = 0
    for epoch, value in enumerate(scores, 1):
        step, seconds = 10 * epoch - (cut if epoch == planned else 0), 60.0 * epoch
        run.append_metrics({"epoch": epoch, "step": step, "split": split, score: value, "seconds": seconds})
        so_far = scores[:epoch]
        is_best = value == (max if family == "vae" else min)(so_far) and value not in so_far[:-1]
        best_epoch = epoch if is_best else best_epoch
        save_epoch(run, epoch, weights, {"epoch": epoch}, is_best=is_best)
        if epoch > len(scores) - 2:
            progress = {"step": step, "evaluated": epoch, "best_epoch": best_epoch, "seconds": seconds}
            save_training_state(run, step, weights, {"progress": progress, "metrics_bytes": run.metrics_size()})
    return run


def made_comparison(root: Path, name: str, members: Sequence[str], scores: Sequence[Sequence[float]]) -> ComparisonDir:
    """A comparison of text runs, of which as many are begun as have scores; put side by side once all of them have."""
    rows = [
        {"model": one, "run": f"{name}/{one}", "nll": min(own, default=None)}
        for one, own in zip(members, scores, strict=False)
    ]
    title = f"{name}: validation text, carried protocol"
    document = {
        "kind": "models", "settings": {"seed": {"value": 1, "from": "flag"}},
        "data": {"sources": ["/data/corpus.txt"], "fingerprint": "corpus.txt"},
        "members": {one: {"model": one} for one in members},
        "result": None if len(scores) < len(members) else {"title": title, "facts": {"comparison": rows}},
    }  # fmt: skip
    comparison = create_comparison(root, "text", document, name)
    for one, own in zip(members, scores, strict=False):
        made_run(comparison.path, one, scores=own, settings={"model": one})
    if document["result"] is not None:
        comparison.table.write_text("".join(["model,run\n", *(f"{row['model']},{row['run']}\n" for row in rows)]))
        comparison.figure.write_bytes(b"")
    return comparison


def listed(cli: Cli, *arguments: object) -> list[str]:
    """The names that runs list gives, in its order."""
    outcome = cli("runs", "list", *arguments, "--json")
    assert outcome.code == 0, outcome.err
    return [row["run"] for row in json.loads(outcome.out)["runs"]]
