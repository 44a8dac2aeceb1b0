"""A long recording is cut where it is quiet, and nothing of it is lost."""

import tracemalloc
from collections.abc import Iterator

import numpy as np
import pytest

from genmodels.data.sound.clips import RATE
from genmodels.data.sound.pieces import AFTER, BEFORE, FAINTEST, LONGEST, SEARCHED, pieces_of


def talk(seconds: float) -> np.ndarray:
    """Noise that is loud for 0.7 s and faint for 0.3 s, again and again."""
    count = int(seconds * RATE)
    loud = np.where(np.arange(count) % RATE < 0.7 * RATE, 4000, 20)
    return (np.random.default_rng(0).standard_normal(count) * loud).clip(-32768, 32767).astype(np.int16)


@pytest.mark.parametrize("seconds", [0.001, 0.4, 19.9, 20.0, 20.01, 47.3, 100.0])
@pytest.mark.parametrize("block", [777_777, 30 * RATE, 5000])
def test_the_pieces_put_together_are_the_recording(seconds: float, block: int) -> None:
    recording = talk(seconds)
    blocks = [recording[start : start + block] for start in range(0, len(recording), block)]
    pieces = list(pieces_of(blocks))
    assert np.array_equal(np.concatenate([piece.own for piece in pieces]), recording)
    at = 0
    for piece in pieces:
        assert piece.start == pytest.approx((at - BEFORE) / RATE)
        assert piece.begins == pytest.approx(at / RATE)
        assert piece.within(piece.start) == piece.begins
        assert piece.within(1e9) == pytest.approx((at + len(piece.own)) / RATE)
        assert 0 < len(piece.own) <= LONGEST
        at += len(piece.own)
    assert all(len(piece.own) >= LONGEST - SEARCHED for piece in pieces[:-1])
    assert all(0.75 < (piece.start + BEFORE / RATE) % 1.0 < 0.95 for piece in pieces[1:]), "cut in the pauses"


def test_the_blocks_that_it_comes_in_make_no_difference() -> None:
    recording = talk(60)
    whole = list(pieces_of([recording]))
    for size in (1000, 160_000, 160_001):
        blocks = (recording[start : start + size] for start in range(0, len(recording), size))
        found = list(pieces_of(blocks))
        assert len(found) == len(whole)
        assert all(np.array_equal(a.samples, b.samples) for a, b in zip(found, whole, strict=True))


def test_the_room_about_a_piece_is_as_loud_as_its_pauses() -> None:
    (piece,) = pieces_of([talk(5)])
    for room in (piece.samples[:BEFORE], piece.samples[-AFTER:]):
        assert float(np.sqrt((room.astype(float) ** 2).mean())) == pytest.approx(20, rel=0.1)
    (again,) = pieces_of([talk(5)])
    assert np.array_equal(again.samples, piece.samples)


def test_an_empty_recording_is_one_silent_piece() -> None:
    for blocks in ([], [np.zeros(0, np.int16)]):
        (piece,) = pieces_of(blocks)
        assert piece.is_silent
        assert len(piece.own) == 0


def test_silence_is_where_no_sample_can_be_heard() -> None:
    faint = np.zeros(4000, np.int16)
    faint[2000] = -(FAINTEST - 1)
    assert next(pieces_of([faint])).is_silent
    faint[2000] = -FAINTEST
    assert not next(pieces_of([faint])).is_silent
    assert next(pieces_of([np.full(4000, -300, np.int16)])).is_silent, "a microphone that rests off zero"
    assert not next(pieces_of([np.tile([-32768, 32767], 2000).astype(np.int16)])).is_silent


def test_a_speaker_who_never_pauses_is_cut_all_the_same() -> None:
    loud = np.full(50 * RATE, 9000, np.int16)
    pieces = list(pieces_of([loud]))
    assert np.array_equal(np.concatenate([piece.own for piece in pieces]), loud)


def test_an_hour_needs_no_more_memory_than_a_minute() -> None:
    block = talk(30)

    def most(blocks: int) -> int:
        def generated() -> Iterator[np.ndarray]:
            for _ in range(blocks):
                yield block.copy()

        tracemalloc.start()
        seconds = sum(len(piece.own) / RATE for piece in pieces_of(generated()))
        held = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert seconds == pytest.approx(30 * blocks)
        return held

    assert most(120) < 1.1 * most(3)
