"""Characters per second when one text is written on a CPU: the lean step against nn.LSTM called per character.

    python benchmarks/sampling.py

The peer is the plain loop: embedding, nn.LSTM, read-out, softmax, multinomial, under no_grad, one character a call,
with the same weights (random ones cost the same). Both figures include drawing the character.
"""

import json
import time

import numpy as np
import torch

from genmodels.data.text.vocabulary import Vocabulary
from genmodels.models.build_text import build_language_model
from genmodels.models.recurrent_lm import RecurrentLM
from genmodels.models.weights import to_arrays
from genmodels.sampling.steps import Step, step_of
from genmodels.sampling.torch_step import TorchStep
from genmodels.sampling.writing import TextWriter
from genmodels.settings.sampling import SampleSettings
from genmodels.settings.text import TextSettings

VOCABULARY = Vocabulary("".join(map(chr, range(32, 97))))
SECONDS = 2.0
REPEATS = 5


def characters_per_second(step: Step) -> float:
    """The median of a few measurements, sampling included."""
    writer, rates = TextWriter(step, VOCABULARY), []
    for _ in range(REPEATS):
        pieces = writer.stream("A", SampleSettings(length=10_000_000))
        for _ in range(50):
            next(pieces)
        begin, count = time.perf_counter(), 0
        while (now := time.perf_counter()) - begin < SECONDS:
            for _ in range(20):
                next(pieces)
            count += 20
        rates.append(count / (now - begin))
    return float(np.median(rates))


@torch.no_grad()
def plain_characters_per_second(model: RecurrentLM) -> float:
    """The same model in the plain loop; the median of a few measurements."""
    state = tuple(torch.zeros(1, 1, model.hidden_size) for _ in range(2 * len(model.layers)))
    ids, rates = torch.zeros(1, 1, dtype=torch.long), []
    for _ in range(REPEATS):
        begin, count = time.perf_counter(), 0
        while (now := time.perf_counter()) - begin < SECONDS:
            for _ in range(20):
                logits, state = model(ids, state)
                probabilities = torch.softmax(logits[0, -1] / 0.75, dim=-1)
                ids = torch.multinomial(probabilities, 1)[None]
                ids.item()
            count += 20
        rates.append(count / (now - begin))
    return float(np.median(rates))


def largest_difference(lean: Step, network: Step) -> float:
    """Of the logits over 200 characters."""
    lean.reset()
    network.reset()
    ids = np.random.default_rng(0).integers(len(VOCABULARY), size=200).tolist()
    return max(float(np.abs(lean.next(i) - network.next(i)).max()) for i in ids)


def main() -> None:
    for layers, hidden_size in ((1, 128), (1, 256), (2, 512)):
        torch.manual_seed(0)
        settings = TextSettings(layers=layers, hidden_size=hidden_size)
        model = build_language_model(settings, len(VOCABULARY)).eval()
        assert isinstance(model, RecurrentLM)
        lean, network = step_of(settings, to_arrays(model.state_dict()), len(VOCABULARY)), TorchStep(model)
        ours, theirs = characters_per_second(lean), plain_characters_per_second(model)
        row = {
            "benchmark": "sampling",
            "command": "python benchmarks/sampling.py",
            "model": f"lstm {layers}x{hidden_size}",
            "lean_chars_per_second": round(ours),
            "nn_lstm_chars_per_second": round(theirs),
            "ratio": round(ours / theirs, 1),
            "largest_logit_difference": largest_difference(lean, network),
            "torch": torch.__version__,
            "cpu": torch.backends.cpu.get_cpu_capability(),
        }
        print(json.dumps(row), flush=True)


if __name__ == "__main__":
    main()
