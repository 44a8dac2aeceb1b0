"""How far a network looks: gradients of a word's score by their distance from the word."""

import numpy as np
import pytest
import torch

from genmodels.analysis.context import FRAME_MS, FUTURE, PAST, WORDS, Look, looks
from genmodels.analysis.reading import align
from genmodels.data.sound.log_mel import LogMel
from genmodels.data.sound.utterances import UtteranceMaker
from genmodels.models.layers import STRIDE
from genmodels.models.listener import Listener, build_listener
from genmodels.settings.speech import SpeechSettings
from homes import whistled

CPU = torch.device("cpu")


def network(model: str, window: int = 9) -> Listener:
    torch.manual_seed(0)
    return build_listener(SpeechSettings(model=model, hidden_size=6, window=window), 3).eval()


def maker() -> UtteranceMaker:
    return UtteranceMaker(whistled().test, 1, CPU, "test")


def look_of(model: Listener, utterances: int = 3) -> Look:
    return looks(model, LogMel("mel", CPU), maker(), utterances, lambda _: None)


@pytest.mark.parametrize("window", [1, 5, 9])
def test_a_window_looks_at_its_own_frames_and_at_no_others(window: int) -> None:
    look = look_of(network("window", window))
    looked = look.lags_ms[look.upper > 0]
    assert looked.min() >= -FRAME_MS * (window - 1) / 2
    assert looked.max() <= FRAME_MS * (window - 1) / 2
    assert len(looked) == window
    assert look.words == 3 * WORDS


def test_a_network_that_runs_forwards_looks_back_and_one_that_runs_both_ways_ahead_too() -> None:
    forwards, both = look_of(network("gru")), look_of(network("bilstm"))
    ahead = forwards.lags_ms > 2 * FRAME_MS  # the first layer sees five frames
    assert (forwards.upper[ahead] == 0).all()
    assert (forwards.upper[forwards.lags_ms < -5 * FRAME_MS] > 0).any()
    assert (both.upper[ahead] > 0).any()


def test_shares_are_those_of_finite_differences(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("genmodels.analysis.context.WORDS", 1)
    torch.manual_seed(0)
    model = build_listener(SpeechSettings(model="tdnn-bilstm", hidden_size=6, features="mfcc"), 3).eval()
    made, log_mel = maker().make(1, 1, 0), LogMel("mfcc", CPU)
    share = looks(model, log_mel, maker(), 1, lambda _: None).median
    assert share.sum() == pytest.approx(1.0)
    rows, exact, word = log_mel.rows(made.power(log_mel)).double(), model.double(), int(made.labels[0, 0])

    def scores(features: torch.Tensor) -> torch.Tensor:
        with torch.no_grad():
            return exact(features)[0].log_softmax(dim=1)

    first, last = align(scores(rows).numpy(), [word])[0]
    place = first + int(scores(rows)[first : last + 1, word + 1].argmax())
    lags, norms = [-6, -2, 0, 1, 5], []
    for lag in lags:
        slopes = []
        for band in range(rows.shape[2]):
            nudge = torch.zeros_like(rows)
            nudge[0, STRIDE * place + lag, band] = 1e-5
            slopes.append(float((scores(rows + nudge) - scores(rows - nudge))[place, word + 1]) / 2e-5)
        norms.append(np.linalg.norm(slopes))
    found = share[[PAST + lag for lag in lags]]
    np.testing.assert_allclose(found / found.sum(), norms / np.sum(norms), rtol=1e-3)


def test_recurrent_layers_are_run_as_they_can_be_differentiated_on_a_gpu_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """cuDNN's backward pass refuses a network in evaluation mode."""
    monkeypatch.setattr(torch.backends.cudnn, "enabled", True)
    model = network("lstm")
    seen: list[bool] = []
    model.register_forward_hook(lambda *_: seen.append(torch.backends.cudnn.enabled))
    looks(model, LogMel("mel", CPU), maker(), 1, lambda _: None)
    assert seen == [False]
    assert torch.backends.cudnn.enabled


def test_lags_that_no_utterance_is_long_enough_for_have_no_share() -> None:
    look = look_of(network("bilstm"), 1)
    assert len(look.lags_ms) == len(look.median) == PAST + FUTURE + 1
    assert look.lags_ms[PAST] == 0
    assert look.median[0] == 0
    assert (look.lower <= look.median).all()
    assert (look.median <= look.upper).all()


def test_the_middle_half_has_a_quarter_of_the_gradient_to_either_side_and_no_bias() -> None:
    lags = np.arange(-5.0, 6.0) * 10

    def half(*shares: float) -> tuple[float, float]:
        median = np.array(shares)
        return Look(lags, median, median, median, 3).half

    assert half(*[1.0] * 11) == pytest.approx((-27.5, 27.5)), "of a flat curve it lies around the word"
    assert half(*[0] * 5, 1, *[0] * 5) == pytest.approx((-2.5, 2.5))
    assert half(0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0) == pytest.approx((-20, -10)), "it may lie before the word alone"
    assert half(4, *[0] * 9, 4) == pytest.approx((-50, 50))
    assert half(*[0] * 11) == (0.0, 0.0)
