"""The language models: a small text, read by character."""

from pathlib import Path
from typing import Any

import torch

from contract.helpers import Case, Dependence, Trained
from genmodels.data.text.corpus import HowRead, open_corpus
from genmodels.training.language_model import prepare
from homes import TINY_TEXT

TEXT = "the cat sat on the mat; a dog ran to the cat.\nwhere is my hat? it lies on the mat!\n" * 9


def small_text(folder: Path) -> Any:
    path = folder / "corpus.txt"
    path.write_text(TEXT, encoding="utf-8")
    return open_corpus([str(path)], HowRead(), lambda _: None)


def dependence(task: Any) -> Dependence:
    """Each place's logits on the embedded characters up to it, as far back as the model reaches."""
    network = task.model.double().eval()
    ids = torch.randint(len(task.vocabulary), (1, 6), generator=torch.Generator().manual_seed(0))
    embedded = torch.nn.functional.embedding(ids, network.embedding.weight[: len(task.vocabulary)]).detach()

    def logits(x: torch.Tensor) -> torch.Tensor:
        original = network.embedding.forward

        def replaced(indices: torch.Tensor) -> torch.Tensor:
            padding = original(indices[: len(indices) - 6])
            return torch.cat([padding, x.transpose(0, 1)])

        network.embedding.forward = replaced
        try:
            return network(ids, network.initial_state(1))[0]
        finally:
            network.embedding.forward = original

    jacobian = torch.autograd.functional.jacobian(logits, embedded)  # (1, T, V, 1, T, E)
    back = torch.arange(6)[:, None] - torch.arange(6)  # (T out, T in)
    reaches = (back >= 0) & (back < getattr(network, "context", 6))
    return Dependence(jacobian.abs().sum(dim=(0, 2, 3, 5)), reaches, reaches)


_SETTINGS = {
    "layers": 2, "hidden_size": 10, "embedding_size": 5, "context": 4, "dropout": 0.2, "embedding_dropout": 0.1,
    "dropout_epochs": 1, "batch_size": 3, "window": 12, "sample_length": 12, "learning_rate": 0.02,
}  # fmt: skip
CASES = [
    Case(
        "text",
        model,
        small_text,
        prepare,
        _SETTINGS,
        objective="nll",
        overfitted=0.35,
        dependence=dependence,
        rare=model != "lstm",
    )
    for model in ("feedforward", "rnn", "gru", "lstm")
]
TRAINED = Trained(
    family="text",
    home="trained text",
    flags=("corpus.txt", *(flag for flag in TINY_TEXT if flag != "--quiet")),
    told=("lstm with", "parameters on", "epoch 2/2", "validation", "carried", "windows", "next: genmodels sample-text"),
    splits=("validation",),
    samples=("txt",),
    data={"characters": 1992, "different": 22, "encoding": "utf-8", "bytes": False},
    best_by=("nll", min),
    held_out=lambda result: result["validation"]["carried"],
    readers=(
        "sample-text --epochs {} --length 20",
        "eval-text --epochs {}",
        "plot-gates --epoch {} --length 30 --units 0",
        "plot-gradients --epoch {} --windows 64 --window 3",
    ),
    contradictions={
        "--hidden-size 13": "--hidden-size 13 contradicts the run, which has 12",
        "--init-from tiny": "--resume and --init-from contradict each other",
        "--config other.toml": "--resume and --config contradict each other",
        "--name other": "--resume and --name contradict each other",
        "--glob *.md": "--resume and --glob contradict each other",
    },
)
