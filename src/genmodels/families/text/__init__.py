"""The character-level language models: the family's row."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from genmodels.exhibit import Exhibit
from genmodels.families.text.comparing import TextComparison, tables_of
from genmodels.families.text.run import TextRun
from genmodels.families.text.scoring import MEASURES
from genmodels.families.tours import TEXT_TOUR
from genmodels.family import Family
from genmodels.settings.text import TextSettings
from genmodels.telling import UNTOLD, Teller

if TYPE_CHECKING:
    from genmodels.data.text.corpus import Corpus
    from genmodels.families.alive import Alive
    from genmodels.families.graph import Graph
    from genmodels.runs.epochs import Epoch
    from genmodels.training.language_model import LanguageModelTask

__all__ = ["TEXT", "TextRun"]


def _prepare(settings: TextSettings, corpus: "Corpus", teller: Teller = UNTOLD) -> "LanguageModelTask":
    from genmodels.training.language_model import prepare

    del teller
    return prepare(settings, corpus)


def _alive(run: TextRun) -> "Sequence[Alive]":
    from genmodels.families.text.alive import alive_texts

    return alive_texts(run)


def _exhibits(run: TextRun) -> Sequence[Callable[[], Exhibit]]:
    from genmodels.families.text.alive import text_exhibits

    return text_exhibits(run)


def _graph(run: TextRun, epoch: "Epoch | None") -> "Graph":
    from genmodels.families.text.graph import text_graph

    return text_graph(run, epoch)


TEXT = Family(
    name=TextRun.family,
    title="language model",
    settings=TextSettings,
    prepare=_prepare,
    run=TextRun,
    commands=("train_text", "sample_text", "judge_text", "eval_text", "plot_gradients", "plot_gates"),
    steps={"nll": "loss"},
    unit="chars",
    score="nll",
    score_unit="nats/char",
    best=min,
    measures=MEASURES,
    next_commands=("sample-text --temp 0.75",),
    comparisons={TextComparison.kind: tables_of},
    hindering={"dropout": ("dropout", 0.0), "embedding_dropout": ("dropout", 0.0)},
    axes={
        "nll": "loss (nats per character)",
        "bits_per_char": "bits per character",
        "accuracy": "characters guessed right (share)",
        "gradient_norm": "norm of the gradient",
    },
    begins={"feedforward": 300, "rnn": 200, "gru": 200, "lstm": 200},
    does="to write words",
    alive=_alive,
    exhibits=_exhibits,
    graph=_graph,
    tour=TEXT_TOUR,
)
