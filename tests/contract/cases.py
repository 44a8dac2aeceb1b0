"""One tiny case per model of every registered family; the contract suite runs each promise over all of them.

A new family adds its rows to `CASES`; a test compares them with the registry.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from genmodels.training.task import Plan, Task

TEXT = "the cat sat on the mat; a dog ran to the cat.\nwhere is my hat? it lies on the mat!\n" * 9


@dataclass(frozen=True)
class Case:
    """How to make one family's task.

    Args:
        family: its name in the registry.
        model: the value of --model.
        make: (folder, seed) -> a fresh task; the same data for every seed.
        network: the module inside a task.
        autoregressive: whether outputs may depend on earlier inputs only.
        overfitted: share of the first batch's loss that is left at most after 150 updates on it.
    """

    family: str
    model: str
    make: Callable[[Path, int], Task]
    network: Callable[[Any], Any]
    autoregressive: bool
    overfitted: float

    @property
    def id(self) -> str:
        return f"{self.family}-{self.model}"


def _language_model(name: str) -> Callable[[Path, int], Task]:
    def make(folder: Path, seed: int) -> Task:
        from genmodels.data.corpus import Reading, open_corpus
        from genmodels.settings import TextSettings
        from genmodels.training.language_model import prepare

        path = folder / "corpus.txt"
        path.write_text(TEXT, encoding="utf-8")
        settings = TextSettings(
            model=name, layers=2, hidden_size=10, embedding_size=5, context=4, dropout=0.2, embedding_dropout=0.1,
            dropout_epochs=1,
            batch_size=3, window=12, seed=seed, sample_length=12, device="cpu", learning_rate=0.02,
        )  # fmt: skip
        return prepare(settings, open_corpus([str(path)], Reading(), lambda _: None))

    return make


CASES = [
    Case("text", name, _language_model(name), lambda task: task.model, autoregressive=True, overfitted=0.35)
    for name in ("feedforward", "rnn", "gru", "lstm")
]


def plan_of(task: Task, epochs: int = 3) -> Plan:
    """A short training whose log lines fall inside the epochs too."""
    return Plan(task.steps_per_epoch, epochs * task.steps_per_epoch, None, warmup_steps=5, log_every=7)
