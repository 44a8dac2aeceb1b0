"""The networks that listen."""

from pathlib import Path
from typing import Any

from contract.helpers import Case, Trained
from genmodels.settings.speech import SPEECH_MODELS
from genmodels.training.speech import prepare
from homes import TINY_SPEECH, whistled

WITH_WORDS = 2


def small_words(folder: Path) -> Any:
    """Whistled words, which need no folder."""
    del folder
    return whistled(takes=4)


def hear_again(task: Any) -> Any:
    """The update of a step whose utterances hold words."""
    return task.train_step(WITH_WORDS, 1.0)


_SETTINGS = {
    "parameters": 2500, "longest": 1, "utterances": 20, "tested_utterances": 2, "batch_size": 2, "window": 9,
    "warmup_steps": 5, "average_weights": 0.9, "learning_rate": 0.01,
}  # fmt: skip
USUAL = ("tdnn-bilstm",)  # it has every kind of layer
CASES = [
    Case(
        "speech",
        model,
        small_words,
        prepare,
        _SETTINGS,
        objective="nats",
        overfitted=0.5,
        repeat=hear_again,
        rare=model not in USUAL,
    )
    for model in SPEECH_MODELS
]
TRAINED = Trained(
    family="speech",
    home="speech",
    flags=("--dataset", "words", *TINY_SPEECH, "--epochs", "2"),
    told=("tdnn with", "utterances of up to 2 from", "epoch 2/2", "utterances/s", "longer",
          "next: genmodels transcribe", "next: genmodels eval-speech"),
    splits=("train", "validation", "longer"),
    samples=("txt",),
    data={"name": "words", "words": ["high", "low", "rising"], "speakers": ["ann", "bob", "cyd"]},
    best_by=("nll", min),
    held_out=lambda result: result["validation"],
    readers=("transcribe --utterances 2 --epoch {}",),
    contradictions={
        "--longest 5": "--longest 5 contradicts the run, which has 2",
        "--leave-out bob": "--leave-out bob contradicts the run, which has none",
        "--config c.toml": "--resume and --config contradict each other",
        "--name other": "--resume and --name contradict each other",
    },
)  # fmt: skip
