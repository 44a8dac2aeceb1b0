"""How readings of spoken words are counted: in utterances, in recordings alone, and by whom."""

import math

import numpy as np
import pytest
import torch

from genmodels.analysis.listening import HeardClips, hear_clips
from genmodels.analysis.reading import likeliest_single, log_probability
from genmodels.analysis.word_errors import (
    READ_AT_ONCE,
    WordErrors,
    counted,
    decoded,
    errors_by_length,
    read_utterances,
    total,
)
from genmodels.data.sound.clips import clips_of
from genmodels.data.sound.features import heard
from genmodels.data.sound.log_mel import LogMel
from genmodels.data.sound.pieces import LONGEST, pieces_of
from genmodels.data.sound.utterances import UtteranceMaker
from genmodels.models.listener import Listener, build_listener
from genmodels.settings.speech import SpeechSettings
from homes import spoken, whistled

CPU = torch.device("cpu")
SMALL = SpeechSettings(model="window", hidden_size=4, window=1)


def spikes(path: list[int], outputs: int = 4) -> np.ndarray:
    """Log-probabilities with one likely output in each column."""
    log_p = np.full((len(path), outputs), math.log(0.01))
    log_p[np.arange(len(path)), path] = math.log(1 - 0.01 * (outputs - 1))
    return log_p


class Oracle(Listener):
    """Hears word 0 once whatever is said, so that what is right can be counted by hand."""

    def forward(self, features: torch.Tensor, generator: object = None) -> torch.Tensor:
        logits = torch.zeros(len(features), (features.shape[1] + 1) // 2, 4)
        logits[:, :, 0] = 9.0
        logits[:, 3, 0], logits[:, 3, 1] = 0.0, 9.0
        return logits


def oracle() -> Oracle:
    made = build_listener(SMALL, 3)
    made.__class__ = Oracle
    return made


def maker() -> UtteranceMaker:
    return UtteranceMaker(whistled().test, 1, CPU, "test")


def test_errors_are_insertions_deletions_and_substitutions() -> None:
    nats = np.array([1.0, 2.0, 2.0, 1.0])
    found = counted([[1, 2], [], [0, 1, 2], [2]], [[1, 2], [1], [0, 2], [0]], nats)
    assert found == WordErrors(4, 1, 3, 6, 6.0, 6)
    assert found.word_error_rate == 0.5
    assert found.sequence_accuracy == 0.25
    record = found.to_record()
    errors = {name: record.pop(f"{name}_standard_error") for name in ("word_error_rate", "sequence_accuracy", "nll")}
    assert record == {"word_error_rate": 0.5, "sequence_accuracy": 0.25, "utterances": 4, "nll": 1.0}
    rest = np.array([0, 1, 1, 1]) - 0.5 * np.array([2, 1, 2, 1])
    assert errors["word_error_rate"] == pytest.approx(np.sqrt(4 * rest.var(ddof=1)) / 6)
    assert errors["sequence_accuracy"] == pytest.approx(np.sqrt(0.25 * 0.75 / 4))
    assert errors["nll"] == pytest.approx(np.sqrt(4 * (nats - np.array([2, 1, 2, 1])).var(ddof=1)) / 6)


def test_what_was_not_computed_is_not_told() -> None:
    assert "nll" not in counted([[1]], [[1]]).to_record()
    assert WordErrors(utterances=1, right=1).word_error_rate == 0.0


def test_more_may_be_read_than_was_said() -> None:
    assert counted([[0, 1, 2]], [[0]]).word_error_rate == 2.0


def test_sums_weight_by_words_and_utterances() -> None:
    found = {1: WordErrors(2, 1, 1, 2, 1.0, 3), 2: WordErrors(4, 4, 0, 8, 2.0, 4), 3: WordErrors(1, 0, 3, 3, 9.0)}
    assert total(found, [1, 2]) == WordErrors(6, 5, 1, 10, 3.0, 7)
    assert total(found, [1, 2]).read_share == 0.7
    assert total(found, []) == WordErrors()


def test_a_beam_of_one_is_the_best_path_and_a_wider_one_the_best_reading() -> None:
    log_p = np.log(np.array([[0.4, 0.3, 0.3], [0.4, 0.35, 0.25]]))
    assert decoded(log_p, 1) == []
    assert decoded(log_p, 5) == [0], "0.3 x 0.4 + 0.3 x 0.35 + 0.4 x 0.35 is more than 0.4 x 0.4"


@pytest.mark.parametrize("columns", [1, 2, 6, 40])
def test_the_likeliest_reading_of_one_word_is_chosen_by_all_its_paths(columns: int) -> None:
    random = np.random.default_rng(columns)
    for log_p in np.log(random.dirichlet(np.ones(6), (20, columns))):
        scores = [log_probability(log_p, [word]) for word in range(5)]
        assert likeliest_single(log_p) == int(np.argmax(scores))
    assert likeliest_single(spikes([0, 3, 0, 1, 1, 0])) == 0


def test_utterances_are_read_word_by_word() -> None:
    made = maker().make(9, 2, 0)
    found = read_utterances(oracle(), LogMel("mel", CPU), made, 1)
    said = made.labels.tolist()
    assert found.words == 18
    assert found.errors == sum(1 if 0 in words else 2 for words in said)
    assert found.right == 0
    log_p = Oracle.forward(oracle(), torch.zeros(1, made.windows, 40))[0].log_softmax(dim=1).double().numpy()
    assert found.nats == pytest.approx(-sum(log_probability(log_p, words) for words in said), rel=1e-4)


def test_a_length_is_read_in_batches_and_the_last_one_is_as_large_as_it_must_be() -> None:
    checks: list[int] = []
    many = READ_AT_ONCE + 5
    found = errors_by_length(
        oracle(), LogMel("mel", CPU), maker(), [1, 3], many, check=lambda: checks.append(1)
    )  # fmt: skip
    assert [found[n].utterances for n in (1, 3)] == [many, many]
    assert [found[n].words for n in (1, 3)] == [many, 3 * many]
    assert len(checks) == 4
    again = errors_by_length(oracle(), LogMel("mel", CPU), maker(), [3], many)
    assert again[3] == found[3], "the same utterances, whatever was read before"
    both = total(found, [1, 3]).each
    assert np.unique(both.groups, return_counts=True)[1].tolist() == [many, many], (
        "a group for each length, not each batch"
    )


def heard_clips() -> HeardClips:
    readings = [[0], [1], [], [0, 1], [2], [1, 2]]
    said = [[0], [0], [1], [1], [2], [1, 2]]
    return HeardClips(readings, [0, 1, 1, 0, None, None], said, np.array([0, 0, 2, 2, 2, 2]))


def test_the_confusion_counts_words_alone_also_those_heard_as_nothing_or_as_several() -> None:
    assert heard_clips().confusion(3).tolist() == [[1, 1, 0, 0, 0], [0, 0, 0, 1, 1], [0, 0, 1, 0, 0]]
    nothing, several = (HeardClips([reading], [0], [[0]], None).confusion(1).tolist() for reading in ([], [0, 0]))
    assert nothing == [[0, 1, 0]]
    assert several == [[0, 0, 1]]


def test_words_known_to_be_one_are_a_choice() -> None:
    assert heard_clips().known_to_be_one == counted([[0], [1], [1], [0]], [[0], [0], [1], [1]])


def test_errors_are_told_apart_by_speaker() -> None:
    found = heard_clips().by_speaker()
    assert {who: (errors.utterances, errors.errors) for who, errors in found.items()} == {0: (2, 1), 2: (4, 2)}
    errors = heard_clips().errors
    assert (errors.utterances, errors.right, errors.errors, errors.words) == (6, 3, 3, 7)
    assert HeardClips([[0]], [0], [[0]], None).by_speaker() == {}


def test_clips_are_heard_alone_and_silent_ones_as_nothing() -> None:
    word = spoken("low", 0, 0)
    long = np.tile(np.pad(word, (0, 3000)), LONGEST // (len(word) + 3000) + 2)
    clips = clips_of([word, np.zeros(3000, np.int16), word[:150], long], [[1], [2], [0], [0]], [0, 0, 0, 1])
    lengths: list[tuple[int, ...]] = []
    advanced: list[int] = []

    def listen(rows: np.ndarray) -> np.ndarray:
        lengths.append(rows.shape)
        return spikes([0, 2, 2, 0, 2, 0])

    found = hear_clips(listen, "mfcc", clips, 1, advanced.append)
    assert found.readings == [[1, 1], [], [1, 1], [1, 1, 1, 1]], "long ones in pieces, one reading after the other"
    assert found.words_alone == [1, None, 1, None]
    assert {columns for _, columns in lengths} == {13}
    assert advanced == [1, 1, 1, 1]
    assert found.speakers is clips.speakers


@pytest.mark.parametrize("features", ["mel", "mfcc"])
def test_a_network_is_given_what_it_hears(features: str) -> None:
    word, given = spoken("low", 0, 0), []

    def listen(rows: np.ndarray) -> np.ndarray:
        given.append(rows)
        return spikes([0, 2])

    hear_clips(listen, features, clips_of([word], [[1]], None), 1, lambda _: None)
    (piece,) = pieces_of([word])
    np.testing.assert_array_equal(given[0], heard(piece.samples, features))


def test_utterances_are_as_noisy_as_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    made, asked = maker(), []
    plain = made.make
    monkeypatch.setattr(made, "make", lambda *given: asked.append(given[3]) or plain(*given))
    for snr in (None, (3.0, 30.0)):
        errors_by_length(oracle(), LogMel("mel", CPU), made, [2], 3, snr=snr)
    assert asked == [None, (3.0, 30.0)]


@pytest.mark.parametrize("speakers", [9, 10])
def test_what_ten_speakers_or_more_say_is_taken_together_by_speaker(speakers: int) -> None:
    who = np.arange(40) % speakers
    alone = HeardClips([[0]] * 40, [0] * 40, [[int(number % 3 > 0)] for number in who], who)
    enough = speakers == 10
    assert alone.errors.each.made_of.tolist() == (who[:, None].tolist() if enough else [[]] * 40)
    assert alone.known_to_be_one.each.made_of.shape == (40, int(enough))
    made = maker().make(6, 2, 1)
    read = read_utterances(oracle(), LogMel("mel", CPU), made, 1, np.arange(len(maker().clips)) % speakers)
    rows = made.rows.numpy()
    assert read.each.made_of.tolist() == (rows[:, :1] % speakers if enough else rows).tolist()
    assert read.each.drawn_from.tolist() == ([0] * 6 if enough else (rows[:, 0] % speakers).tolist())
    assert alone.errors.to_record().get("degrees_of_freedom") == (9 if enough else None)
    unknown = read_utterances(oracle(), LogMel("mel", CPU), made, 1)
    assert (unknown.each.made_of.tolist(), unknown.each.drawn_from.tolist()) == (rows.tolist(), [0] * 6)
