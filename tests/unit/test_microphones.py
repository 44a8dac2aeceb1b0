"""Microphones of the synthesised voices: where clips are cut, how loud their background is, what an echo does."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from genmodels.data.sound.clips import RATE
from genmodels.data.sound.voices.microphones import Microphone, draw_microphone, record

PLAIN = Microphone(
    answer=np.eye(1, 2048, dtype=np.float32)[0],
    noise=-300.0,
    colour=np.zeros(9),
    level=-6.0,
    room_before=0.0,
    threshold=30.0,
)


def generator() -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(5))


def tone(seconds: float, silence: float = 0.2) -> NDArray[np.float32]:
    """A tone of 1,000 Hz between two silences."""
    sound = np.sin(2.0 * np.pi * 1000.0 * np.arange(int(seconds * RATE)) / RATE).astype(np.float32)
    return np.pad(sound, int(silence * RATE))


def test_a_clip_is_cut_to_the_word_and_has_the_level_of_its_microphone() -> None:
    clip = record(tone(0.4), PLAIN, generator(), softer=0.0)
    assert clip.dtype == np.int16
    assert len(clip) == int(0.4 * RATE)
    assert np.abs(clip.astype(int)).max() == pytest.approx(32_767 * 10 ** (-6 / 20), abs=1)


def test_a_softer_take_is_so_many_decibels_softer_and_the_loudest_stays_below_full_scale() -> None:
    soft = record(tone(0.4), PLAIN, generator(), softer=6.0)
    loud = record(tone(0.4), replace(PLAIN, level=9.0), generator(), softer=0.0)
    assert np.abs(soft.astype(int)).max() == pytest.approx(32_767 * 10 ** (-12 / 20), abs=1)
    assert np.abs(loud.astype(int)).max() == pytest.approx(32_767 * 10 ** (-0.3 / 20), abs=1)


def test_even_a_click_leaves_an_eighth_of_a_second() -> None:
    click = np.zeros(4000, np.float32)
    click[1000] = 1.0
    assert len(record(click, PLAIN, generator(), softer=0.0)) >= RATE // 8


def test_the_background_lies_as_far_below_the_word_as_was_asked_give_or_take_a_take() -> None:
    microphone = replace(PLAIN, noise=-30.0, room_before=0.5)
    apart = []
    for seed in range(20):
        clip = record(tone(0.3), microphone, np.random.Generator(np.random.PCG64(seed)), softer=0.0)
        power = (clip[: len(clip) // 80 * 80].reshape(-1, 80).astype(float) ** 2).mean(axis=1)
        if len(power) > 45:  # enough of the room was left to measure it
            apart.append(10.0 * np.log10(np.median(np.sort(power)[: len(power) - 35]) / power.max()))
    assert len(apart) >= 10
    assert np.mean(apart) == pytest.approx(-30.0, abs=2.0)


def test_an_echo_outlasts_the_word() -> None:
    after = np.arange(2048)
    dying = np.sign(np.sin(7.0 * after**2)) * 0.2 * np.exp(-after / 600.0)
    dying[0] = 1.0
    echoing = replace(PLAIN, answer=dying.astype(np.float32))
    assert len(record(tone(0.4), echoing, generator(), softer=0.0)) > int(0.42 * RATE)


def test_rooms_are_drawn_anew_for_each_speaker_and_again_for_the_same_seed() -> None:
    first, again = draw_microphone(generator()), draw_microphone(generator())
    other = draw_microphone(np.random.Generator(np.random.PCG64(6)))
    assert np.array_equal(first.answer, again.answer)
    assert first.threshold == again.threshold
    assert not np.array_equal(first.answer, other.answer)
    assert np.isfinite(first.answer).all()
