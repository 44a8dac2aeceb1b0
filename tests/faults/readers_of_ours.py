"""Readers of what genmodels itself writes: settings, runs, states, entries of the cache."""

import json
from hashlib import sha256
from pathlib import Path

import numpy as np

from faults.reading import LABELS, STACK, Reader
from genmodels.data.images import kept as kept_images
from genmodels.data.images.parts import Part, Parts
from genmodels.data.text.recorded import reopen_corpus
from genmodels.runs import RunDir
from genmodels.runs.checkpoint import read_checkpoint, write_checkpoint
from genmodels.settings.resolving import read_config, run_document
from genmodels.telling import silent


def documents(folder: Path) -> dict[str, Reader]:
    """Settings, runs and their states, made in a folder."""
    weights = {"model": {"weight": np.arange(12, dtype=np.float32).reshape(3, 4)}}
    write_checkpoint(folder / "made", weights, {"step": 3, "epoch": 1})
    state = {file.name: file.read_bytes() for file in (folder / "made").iterdir()}
    run = {
        "format": 1,
        "family": "text",
        "settings": {"seed": {"value": 1, "from": "flag"}},
        "data": {"sources": ["-"], "fingerprint": "0"},
        "plan": None,
    }
    metrics = b"".join(
        json.dumps({"epoch": n, "step": n, "split": "validation", "nll": 2.0, "seconds": 1.0}).encode() + b"\n"
        for n in range(3)
    )

    def sealed(path: Path) -> None:
        """With a manifest that fits: who changes a file can change its sum, too."""
        manifest = json.loads(state["manifest.json"])
        data = path.read_bytes()
        manifest["files"][path.name] = {"bytes": len(data), "sha256": sha256(data).hexdigest()}
        (path.parent / "manifest.json").write_text(json.dumps(manifest))
        read_checkpoint(path.parent)

    def of_run(path: Path) -> None:
        one = RunDir(path.parent)
        one.document()
        one.metrics()
        one.evaluations()

    return {
        "toml": Reader(b'hidden_size = 8\nmodel = "lstm"\n[more]\nx = [1, 2.5, "a"]\n', read_config, "a.toml"),
        "config json": Reader(json.dumps({"hidden_size": 8, "x": [1, {"y": None}]}).encode(), read_config, "a.json"),
        "run as config": Reader(json.dumps(run).encode(), run_document, "run.json"),
        "run.json": Reader(json.dumps(run).encode(), of_run, "r/run.json", {"r/metrics.jsonl": metrics}),
        "metrics": Reader(metrics, of_run, "r/metrics.jsonl", {"r/run.json": json.dumps(run).encode()}),
        "state": Reader(
            state["model.safetensors"],
            lambda path: read_checkpoint(path.parent),
            "s/model.safetensors",
            {f"s/{name}": data for name, data in state.items()},
        ),
        "state, sealed": Reader(
            state["model.safetensors"],
            sealed,
            "s/model.safetensors",
            {f"s/{name}": data for name, data in state.items()},
        ),
        "state.json, sealed": Reader(
            state["state.json"], sealed, "s/state.json", {f"s/{name}": data for name, data in state.items()}
        ),
        "manifest": Reader(
            state["manifest.json"],
            lambda path: read_checkpoint(path.parent),
            "s/manifest.json",
            {f"s/{name}": data for name, data in state.items()},
        ),
        "data of a run": Reader(
            json.dumps(
                {
                    "sources": ["a"],
                    "fingerprint": "0",
                    "encoding": "utf-8",
                    "bytes": False,
                    "max_vocabulary": 9,
                    "extends": [97, 98],
                    "glob": "*",
                }
            ).encode(),
            _described,
            "a.json",
        ),
    }


def _described(path: Path) -> None:
    try:
        described = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError):
        return
    if isinstance(described, dict):
        reopen_corpus(described, silent)


def cached(cache: Path) -> dict[str, Reader]:
    """Entries of the cache of an earlier version, which have no manifest, and of this one."""
    parts = Parts(Part(STACK, LABELS), Part(STACK[:4], LABELS[:4]), ("a", "b", "c"))
    kept_images.keep("key", "set", "set", parts, False)
    files = {file.name: file.read_bytes() for file in (cache / "images" / "key").iterdir()}

    def look(path: Path) -> None:
        (cache / "images" / "key" / path.name).write_bytes(path.read_bytes())
        try:
            found = kept_images.open_kept("key", "set", gone=True)
            assert found is None or found.classes == ("a", "b", "c"), "it was believed"
        finally:
            (cache / "images" / "key" / path.name).write_bytes(files[path.name])

    def unsealed(path: Path) -> None:
        (cache / "images" / "old").mkdir(exist_ok=True)
        for name in ("pixels", "labels"):
            (cache / "images" / "old" / name).write_bytes(files[name])
        (cache / "images" / "old" / path.name).write_bytes(path.read_bytes())
        kept_images.open_kept("old", "set", gone=True)

    made = {f"kept {name}": Reader(content, look, name) for name, content in files.items()}
    return made | {"kept before": Reader(files["images.json"], unsealed, "images.json")}
