"""The networks that listen: their size, their sight, their loss, and the twin in NumPy."""

from itertools import product

import numpy as np
import pytest
import torch
from torch import Tensor

from genmodels.analysis.reading import greedy
from genmodels.data.sound.features import BANDS
from genmodels.errors import UsageError
from genmodels.models.layers import LAYERS, STRIDE, features_of, hidden_size_for, layers_of, parameters_of
from genmodels.models.listener import Listener, build_listener
from genmodels.sampling.listening import log_distributions
from genmodels.settings.speech import SPEECH_MODELS, SpeechSettings

every_model = pytest.mark.parametrize("model", SPEECH_MODELS)


def network(model: str, hidden_size: int = 7, window: int = 9, words: int = 4, **others: object) -> Listener:
    torch.manual_seed(0)
    settings = SpeechSettings(model=model, hidden_size=hidden_size, window=window, **others)
    made = build_listener(settings, words).eval()
    for parameter in made.parameters():  # ones and zeros of the normalisation would hide a swap
        torch.nn.init.normal_(parameter, 0.1, 0.4)
    return made


@every_model
@pytest.mark.parametrize("hidden_size", [1, 8, 19])
def test_the_twin_in_numpy_gives_the_same_distributions(model: str, hidden_size: int) -> None:
    made = network(model, hidden_size)
    weights = {name: tensor.detach().numpy() for name, tensor in made.state_dict().items()}
    layers = layers_of(SpeechSettings(model=model, window=9))
    for frames in (1, 2, 3, 40, 41):
        rows = torch.randn(frames, BANDS)
        with torch.no_grad():
            theirs = made(rows[None])[0].log_softmax(dim=1).numpy()
        ours = log_distributions(weights, layers, rows.numpy())
        assert ours.shape == ((frames + 1) // STRIDE, 5)
        np.testing.assert_allclose(ours, theirs, atol=1e-5, rtol=1e-5)
        np.testing.assert_allclose(np.exp(ours).sum(axis=1), 1.0)


@every_model
@pytest.mark.parametrize(("features", "parameters", "words"), [("mel", 95_000, 10), ("mfcc", 20_000, 35)])
def test_a_network_is_as_wide_as_its_parameters_allow(model: str, features: str, parameters: int, words: int) -> None:
    settings = SpeechSettings(model=model, features=features, parameters=parameters)
    made = build_listener(settings, words)
    assert sum(parameter.numel() for parameter in made.parameters()) <= parameters
    inputs, layers = features_of(settings), layers_of(settings)
    hidden = hidden_size_for(parameters, inputs, words, layers)
    assert made.output.in_features == hidden * (2 if layers.both_ways else 1)
    assert parameters_of(inputs, words, hidden + 1, layers) > parameters


@every_model
def test_parameters_are_counted_without_making_the_network(model: str) -> None:
    counted = parameters_of(BANDS, 4, 7, layers_of(SpeechSettings(model=model, window=9)))
    assert counted == sum(parameter.numel() for parameter in network(model).parameters())


def test_too_few_parameters_for_any_network_are_refused_with_as_many_as_it_takes() -> None:
    with pytest.raises(UsageError) as caught:
        build_listener(SpeechSettings(window=1023, model="window", parameters=30_000), 10)
    assert "parameters=30000 are too few" in str(caught.value)
    needed = int(caught.value.hint.rpartition("=")[2].rstrip("."))
    made = build_listener(SpeechSettings(window=1023, model="window", parameters=needed), 10)
    assert sum(parameter.numel() for parameter in made.parameters()) == needed


def sight(made: Listener, frames: int, place: int) -> Tensor:
    """Which frames a place's distribution depends on: where its Jacobian is not zero, shape (T,)."""
    rows = torch.randn(1, frames, BANDS, dtype=torch.float64, requires_grad=True)
    logits = made.double()(rows)[0, place]
    gradients = [torch.autograd.grad(logit, rows, retain_graph=True)[0][0] for logit in logits]
    return torch.stack(gradients).abs().sum(dim=(0, 2)) > 0


@every_model
def test_a_network_sees_the_frames_that_its_layers_say_and_no_others(model: str) -> None:
    layers = layers_of(SpeechSettings(model=model, window=9))
    frames, place = 101, 25
    seen = sight(network(model), frames, place)
    middle, reach = STRIDE * place, layers.frames
    first = middle - reach if layers.cell is None else 0
    last = frames - 1 if layers.both_ways else middle + reach
    assert seen.nonzero().flatten()[[0, -1]].tolist() == [first, last]
    assert int(seen.sum()) > 0.7 * (last - first)


@pytest.mark.parametrize("window", [1, 5, 41])
def test_a_window_is_as_wide_as_it_is_said(window: int) -> None:
    seen = sight(network("window", window=window), 101, 25).nonzero().flatten()
    assert len(seen) == window
    assert int(seen[0]) + int(seen[-1]) == 100, "as far ahead as back"


@pytest.mark.parametrize("window", [2, 20, 1000])
def test_a_window_without_a_middle_is_refused(window: int) -> None:
    with pytest.raises(UsageError, match=f"window={window} has no middle frame") as caught:
        SpeechSettings(window=window)
    assert caught.value.hint == f"use window={window + 1}."


def merged(path: tuple[int, ...]) -> list[int]:
    """What is left of a path when repeats are merged and blanks dropped."""
    return [output - 1 for index, output in enumerate(path) if output and (not index or path[index - 1] != output)]


@pytest.mark.parametrize("said", [[], [0], [1, 1], [0, 1, 0], [0, 1, 1]])
def test_the_loss_is_that_of_the_sum_over_all_paths(said: list[int]) -> None:
    logits = torch.randn(1, 5, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    log_p = logits[0].log_softmax(dim=1).numpy()
    total = sum(
        np.exp(sum(log_p[t, output] for t, output in enumerate(path)))
        for path in product(range(3), repeat=5)
        if merged(path) == said
    )
    labels, lengths = torch.tensor([[*said, 1, 1][:3]]), torch.tensor([len(said)])  # beyond its own anything
    found = network("window").loss(logits, labels, lengths)
    assert float(found) == pytest.approx(-np.log(total), rel=1e-5)


def test_the_oracle_itself_merges_as_reading_does() -> None:
    for path in product(range(3), repeat=4):
        assert merged(path) == greedy(np.log(np.eye(3)[list(path)] + 1e-9))


def test_each_utterance_has_a_loss_of_its_own() -> None:
    made, logits = network("window"), torch.randn(3, 6, 5)
    labels, lengths = torch.tensor([[1, 2], [3, 0], [0, 0]]), torch.tensor([2, 1, 0])
    together = made.loss(logits, labels, lengths)
    for row in range(3):
        own = slice(row, row + 1)
        torch.testing.assert_close(together[own], made.loss(logits[own], labels[own], lengths[own]))
    blanks = -logits[2].log_softmax(dim=1)[:, 0].sum()
    torch.testing.assert_close(together[2], blanks)
    assert float(made.loss(logits[:1, :1], labels[:1], lengths[:1])) == 0.0, "no path is long enough"


def test_dropout_is_from_the_generator_given_and_off_in_evaluation() -> None:
    made, rows = network("tdnn-bilstm", dropout=0.5), torch.randn(2, 30, BANDS)
    torch.testing.assert_close(made(rows), made(rows))
    made.train()
    first, same, other = (made(rows, torch.Generator().manual_seed(seed)) for seed in (1, 1, 2))
    assert torch.equal(first, same)
    assert not torch.equal(first, other)


def test_every_model_has_its_row() -> None:
    assert tuple(LAYERS) == SPEECH_MODELS
