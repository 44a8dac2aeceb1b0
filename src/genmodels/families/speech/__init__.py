"""The networks that listen to spoken words: the family's row."""

from typing import TYPE_CHECKING

from genmodels.families.speech.alive import alive_speech, speech_exhibits
from genmodels.families.speech.comparing import LeaveOneOut, SpeechComparison, models_tables, speakers_tables
from genmodels.families.speech.run import MEASURES, SpeechRun
from genmodels.families.tours import SPEECH_TOUR
from genmodels.family import Family
from genmodels.settings.speech import SpeechSettings
from genmodels.telling import UNTOLD, Teller

if TYPE_CHECKING:
    from genmodels.data.sound.clips import WordSet
    from genmodels.families.graph import Graph
    from genmodels.runs.epochs import Epoch
    from genmodels.training.speech import SpeechTask


def _prepare(settings: SpeechSettings, words: "WordSet", teller: Teller = UNTOLD) -> "SpeechTask":
    from genmodels.training.speech import prepare

    return prepare(settings, words, teller)


def _graph(run: SpeechRun, epoch: "Epoch | None") -> "Graph":
    from genmodels.families.speech.graph import speech_graph

    return speech_graph(run, epoch)


SPEECH = Family(
    name=SpeechRun.family,
    title="speech recogniser",
    settings=SpeechSettings,
    prepare=_prepare,
    run=SpeechRun,
    commands=("train_speech", "transcribe", "eval_speech", "plot_context"),
    steps={"nll": "loss"},
    unit="utterances",
    score="nll",
    score_unit="nats/word",
    best=min,
    measures={**dict.fromkeys(MEASURES, ".4f"), "utterances": ""},
    next_commands=("transcribe", "eval-speech"),
    paired_by="eval-speech --run",
    further_splits=("longer",),
    comparisons={SpeechComparison.kind: models_tables, LeaveOneOut.kind: speakers_tables},
    hindering={
        "dropout": ("dropout", 0.0),
        "noise": ("noise", None),
        "warp": ("stretched frequencies", 1.0),
        "speed": ("changed speed", 1.0),
        "model": ("only the alignments that say a word in its time", None),  # in every training, see `said_at`
    },
    axes={
        "nll": "loss (nats per word)",
        "word_error_rate": "word error rate (errors for each word)",
        "sequence_accuracy": "utterances read without error (share)",
    },
    begins={"window": 800, "tdnn": 400, "rnn": 1000, "gru": 1000, "lstm": 1000, "bilstm": 1000, "tdnn-bilstm": 1000},
    does="to hear words",
    alive=alive_speech,
    exhibits=speech_exhibits,
    graph=_graph,
    tour=SPEECH_TOUR,
)
