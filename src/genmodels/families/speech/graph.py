"""A network that listens for other programs: rows of features in, distributions over blank and words out."""

from typing import TYPE_CHECKING

from genmodels.errors import DataError
from genmodels.families.graph import BATCH, RECORDED, Graph, cpu
from genmodels.families.speech.run import SpeechRun
from genmodels.runs.epochs import Epoch

if TYPE_CHECKING:
    from torch import Tensor

    from genmodels.models.described_listener import ListenerDescription

WORDS, STREAM = 2, "recorded utterances"
FRAMES = 100  # of noise, where the clips are gone


def speech_graph(run: SpeechRun, epoch: Epoch | None) -> Graph:
    """An epoch's network, or the best one's, tried on utterances of test clips; on noise where these are gone.

    Raises:
        RunError: that epoch was not kept.
    """
    from genmodels.families.speech.ears import load_listener
    from genmodels.models.layers import features_of

    model, about = load_listener(run.epoch_checkpoint(epoch), cpu())
    return Graph(
        model=model,
        call=lambda features: [model(features)],
        inputs={"features": _features(run, about)},
        outputs=["logits"],
        free={"features": {0: BATCH, 1: "frames"}, "logits": {0: BATCH, 1: "steps"}},
        about={
            "features": f"float32 (batch, frames, {features_of(about.settings)}): of sound at 8,000 samples a second, "
            "as genmodels/data/sound/features.py computes them",
            "logits": "float32 (batch, steps, 1 + words): 0 is blank, k + 1 word k of `words`",
        },
    )


def _features(run: SpeechRun, about: "ListenerDescription") -> "Tensor":
    import torch

    from genmodels.data.sound.log_mel import LogMel
    from genmodels.data.sound.utterances import UtteranceMaker
    from genmodels.models.layers import features_of

    try:
        clips = run.words().test
    except DataError:
        random = torch.Generator().manual_seed(1)
        return torch.randn(RECORDED, FRAMES, features_of(about.settings), generator=random)
    log_mel = LogMel(about.settings.features, cpu())
    made = UtteranceMaker(clips, 1, cpu(), STREAM).make(RECORDED, min(WORDS, about.settings.longest), 0)
    return log_mel.rows(made.power(log_mel))
