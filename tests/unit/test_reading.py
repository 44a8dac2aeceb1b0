"""Decoding, alignment and probability of readings against brute force over all paths, in float64."""

import inspect
from itertools import groupby, product

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import genmodels
from genmodels.analysis.reading import align, beam, edit_distance, greedy, log_probability, read_columns, read_places
from genmodels.commands.eval_reader import eval_reader
from genmodels.commands.eval_speech import eval_speech
from genmodels.commands.read_image import read_image
from genmodels.commands.transcribe import transcribe
from genmodels.families.reader import ReaderRun, by_length
from genmodels.families.speech.errors import word_errors
from genmodels.families.speech.run import SpeechRun


def distributions(columns: int, outputs: int, seed: int = 0, sharp: float = 1.0) -> np.ndarray:
    logits = sharp * np.random.default_rng(seed).normal(size=(columns, outputs))
    return logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))


def reading_of(path: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(output - 1 for output, _ in groupby(path) if output != 0)


def brute(log_p: np.ndarray) -> dict[tuple[int, ...], float]:
    """Probability of every reading, over all paths."""
    found: dict[tuple[int, ...], float] = {}
    for path in product(range(log_p.shape[1]), repeat=len(log_p)):
        weight = float(np.exp(sum(log_p[t, output] for t, output in enumerate(path))))
        found[reading_of(path)] = found.get(reading_of(path), 0.0) + weight
    return found


@pytest.mark.parametrize("seed", range(4))
def test_the_probability_of_a_reading_is_the_sum_over_its_paths(seed: int) -> None:
    log_p = distributions(6, 3, seed)
    everything = brute(log_p)
    assert sum(everything.values()) == pytest.approx(1.0)
    for reading, wanted in everything.items():
        assert np.exp(log_probability(log_p, reading)) == pytest.approx(wanted, rel=1e-10)
    assert log_probability(log_p, [0, 0, 0, 0]) == -np.inf, "four alike need seven columns"


def test_the_probability_is_that_of_torch_s_loss() -> None:
    log_p, classes = distributions(20, 5, 1), [1, 1, 3, 0, 2]
    loss = torch.nn.functional.ctc_loss(
        torch.tensor(log_p)[:, None], torch.tensor([classes]) + 1, torch.tensor([20]), torch.tensor([5]),
        reduction="none",
    )  # fmt: skip
    assert log_probability(log_p, classes) == pytest.approx(-float(loss), rel=1e-10)


@pytest.mark.parametrize("seed", range(8))
def test_a_wide_beam_finds_the_likeliest_reading(seed: int) -> None:
    log_p = distributions(6, 3, seed)
    everything = brute(log_p)
    assert tuple(beam(log_p, 1000)) == max(everything, key=lambda reading: everything[reading])


@pytest.mark.parametrize("width", [2, 3])
def test_a_narrow_beam_never_returns_less_likely_a_reading_than_the_best_path_s(width: int) -> None:
    for seed in range(300):
        log_p = distributions(12, 4, seed)
        assert log_probability(log_p, beam(log_p, width)) >= log_probability(log_p, greedy(log_p))


def test_the_likeliest_path_need_not_be_the_likeliest_reading() -> None:
    log_p = np.log(np.array([[0.6, 0.4], [0.6, 0.4]]))  # blank, blank: 0.36; but "0" has three paths: 0.64
    assert greedy(log_p) == []
    assert beam(log_p, 10) == [0]


def test_greedy_merges_repeats_and_drops_blanks() -> None:
    path = [0, 2, 2, 0, 2, 1, 1, 3, 0]
    log_p = np.log(np.eye(4)[path] * 0.97 + 0.01)
    assert greedy(log_p) == [1, 1, 0, 2]
    assert beam(log_p, 5) == [1, 1, 0, 2]


@pytest.mark.parametrize("seed", range(6))
def test_the_alignment_is_that_of_the_likeliest_path_of_the_reading(seed: int) -> None:
    log_p = distributions(6, 3, seed)
    for reading in ([0], [1, 1], [0, 1], [1, 0, 1]):
        paths = [p for p in product(range(3), repeat=6) if reading_of(p) == tuple(reading)]
        best = max(paths, key=lambda path: sum(log_p[t, output] for t, output in enumerate(path)))
        wanted, place = [], 0
        for output, stretch in groupby(best):
            length = len(list(stretch))
            if output != 0:
                wanted.append((place, place + length - 1))
            place += length
        assert align(log_p, reading) == wanted


def test_nothing_is_read_with_its_probability_and_no_columns() -> None:
    log_p = np.log(np.array([[0.9, 0.1]] * 3))
    reading = read_columns(log_p, 1)
    assert (reading.classes, reading.spans, reading.scores) == ([], [], [])
    assert reading.confidence == pytest.approx(0.9**3)


def test_places_are_read_up_to_the_first_nothing() -> None:
    log_p = np.log(np.array([[0.1, 0.7, 0.2], [0.2, 0.2, 0.6], [0.8, 0.1, 0.1], [0.1, 0.8, 0.1]]))
    reading = read_places(log_p, 1)
    assert reading.classes == [0, 1]
    assert reading.spans is None
    assert reading.scores == pytest.approx([0.7, 0.6])
    assert reading.confidence == pytest.approx(0.7 * 0.6 * 0.8)
    full = read_places(np.log(np.full((3, 2), [0.2, 0.8])), 1)
    assert full.classes == [0, 0, 0]
    assert full.confidence == pytest.approx(0.8**3)


@pytest.mark.parametrize("seed", range(20))
def test_a_beam_over_places_finds_the_likeliest_reading_of_any_length(seed: int) -> None:
    log_p = distributions(4, 3, seed)

    def likelihood(reading: tuple[int, ...]) -> float:
        ended = [0] if len(reading) < len(log_p) else []
        return float(sum(log_p[place, output] for place, output in enumerate([*(c + 1 for c in reading), *ended])))

    everything = [reading for length in range(5) for reading in product(range(2), repeat=length)]
    assert sum(np.exp(likelihood(reading)) for reading in everything) == pytest.approx(1.0)
    found = read_places(log_p, 5)
    assert tuple(found.classes) == max(everything, key=likelihood)
    assert found.confidence == pytest.approx(np.exp(likelihood(tuple(found.classes))))
    assert found.confidence >= read_places(log_p, 1).confidence


def slow_distance(a: tuple[int, ...], b: tuple[int, ...]) -> int:
    if not a or not b:
        return len(a) + len(b)
    same = a[0] == b[0]
    return min(
        slow_distance(a[1:], b) + 1, slow_distance(a, b[1:]) + 1, slow_distance(a[1:], b[1:]) + (0 if same else 1)
    )


short = st.lists(st.integers(0, 2), max_size=5)


@given(short, short)
def test_edit_distance_is_that_of_the_recursion(a: list[int], b: list[int]) -> None:
    assert edit_distance(a, b) == slow_distance(tuple(a), tuple(b))


def test_every_way_to_read_has_one_decoder_unless_told_otherwise() -> None:
    doors = [
        read_image, eval_reader, transcribe, eval_speech, ReaderRun.read, ReaderRun.by_length, SpeechRun.transcribe,
        by_length, word_errors, genmodels.compare_readers, genmodels.compare_word_errors,
    ]  # fmt: skip
    assert {inspect.signature(door).parameters["decode"].default for door in doors} == {"greedy"}


def with_silence(log_p: np.ndarray, columns: list[int], outputs: list[int]) -> np.ndarray:
    """The same distributions with outputs that are next to impossible in some columns."""
    p = np.exp(log_p)
    p[np.ix_(columns, outputs)] = 1e-7
    p[columns, 0] += 1.0 - p[columns].sum(axis=1)
    return np.log(p)


@pytest.mark.parametrize("outputs", [[1, 2], [2]], ids=["nothing is said", "one class alone"])
def test_columns_in_which_nothing_is_likely_are_passed_without_losing_the_likeliest_reading(outputs: list[int]) -> None:
    best_paths = 0
    for seed in range(40):
        log_p = with_silence(distributions(6, 3, seed), [1, 2, 4], outputs)
        everything = brute(log_p)
        likeliest = max(everything, key=lambda reading: everything[reading])
        assert tuple(beam(log_p, 1000)) == likeliest
        best_paths += tuple(greedy(log_p)) == likeliest
    assert best_paths < 40, "else the best path would do"


def test_a_reading_is_sought_with_a_beam_as_wide_as_asked_for() -> None:
    tables = [distributions(8, 4, seed) for seed in range(20)]
    missed = [log_p for log_p in tables if beam(log_p, 2) != beam(log_p, 500)]
    assert missed
    for log_p in missed:
        assert read_columns(log_p, 2).classes == beam(log_p, 2)
        assert read_columns(log_p, 500).classes == beam(log_p, 500)


def test_places_read_one_by_one_need_not_be_the_likeliest_reading() -> None:
    log_p = np.log(np.array([[0.49, 0.51, 1e-9], [0.3, 0.36, 0.34]]))
    assert read_places(log_p, 1).classes == [0, 0]
    assert read_places(log_p, 2).classes == read_places(log_p, 5).classes == []
