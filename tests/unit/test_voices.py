"""Synthesised voices: resonators against closed forms, sounds against what was asked for, the set as a whole."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from genmodels.data.sound.clips import RATE, WORDS
from genmodels.data.sound.voices import making as voices
from genmodels.data.sound.voices.making import make_voices, speak
from genmodels.data.sound.voices.phonemes import BURSTS, NASAL, PRONUNCIATIONS, SOUNDS
from genmodels.data.sound.voices.pronunciation import movements_of, pronounce
from genmodels.data.sound.voices.speakers import draw_speaker
from genmodels.data.sound.voices.synthesiser import FRAME, Movements, glottal_flow, resonator, steadied, synthesise

FORMANTS, WIDTHS = np.array([640.0, 1200.0, 2450.0, 3450.0]), np.array([70.0, 90.0, 130.0, 250.0])


def held(frames: int = 60, **values: float) -> Movements:
    """A mouth that doesn't move, silent but for what is asked for."""
    asked = {"pitch": 125.0, "zero": NASAL, "peak": 3000.0, "spread": 500.0} | values
    tracks = ("pitch", "zero", "voicing", "breath", "noise", "flat", "peak", "spread")
    return Movements(
        **{name: np.full((1, frames), asked.get(name, 0.0), np.float32) for name in tracks},
        formants=np.tile(FORMANTS.astype(np.float32), (1, frames, 1)),
        widths=np.tile(WIDTHS.astype(np.float32), (1, frames, 1)),
        open_share=np.full(1, 0.6, np.float32),
        tilt=np.zeros(1, np.float32),
    )


def click(frames: int = 60) -> NDArray[np.float32]:
    return np.eye(1, frames * FRAME, dtype=np.float32)


def response(frequency: float, width: float, at: NDArray[np.float64]) -> NDArray[np.complex128]:
    """A / (1 - B / z - C / z^2) at z = exp(2 pi i at / RATE), with A, B, C written out anew."""
    radius, angle = np.exp(-np.pi * width / RATE), 2.0 * np.pi * frequency / RATE
    b, c = 2.0 * radius * np.cos(angle), -(radius**2)
    z = np.exp(2j * np.pi * at / RATE)
    return (1.0 - b - c) / (1.0 - b / z - c / z**2)


def test_a_resonator_lets_a_constant_through_and_is_strongest_at_its_frequency_and_as_wide_as_was_asked() -> None:
    a, b, c = resonator(np.array(1000.0), np.array(80.0))
    at = np.arange(0.0, 4000.0, 1.0)
    z = np.exp(2j * np.pi * at / RATE)
    gain = np.abs(a / (1.0 - b / z - c / z**2))
    assert gain[0] == pytest.approx(1.0)
    assert abs(at[gain.argmax()] - 1000.0) < 5.0
    half = at[gain > gain.max() / np.sqrt(2.0)]
    assert half[-1] - half[0] == pytest.approx(80.0, abs=3.0)


def test_noise_beside_the_cascade_rings_like_the_closed_form_of_a_resonator() -> None:
    made = synthesise(held(noise=1.0, peak=1000.0, spread=200.0), click())[0].astype(np.float64)
    n = np.arange(len(made))
    radius, angle = np.exp(-np.pi * 200.0 / RATE), 2.0 * np.pi * 1000.0 / RATE
    ringing = radius**n * np.sin((n + 1) * angle) / np.sin(angle)
    assert np.abs(made - ringing / np.sqrt((ringing**2).sum())).max() < 1e-5  # and its power is 1


@pytest.mark.sweep
def test_steadied_noise_keeps_its_variance() -> None:
    _, b, c = resonator(np.array([300.0, 3000.0]), np.array([100.0, 900.0]))
    random = np.random.Generator(np.random.PCG64(0)).standard_normal((200_000, 2))
    said = np.zeros_like(random)
    for n in range(2, len(said)):
        said[n] = steadied(b, c) * random[n] + b * said[n - 1] + c * said[n - 2]
    assert said.std(axis=0) == pytest.approx([1.0, 1.0], abs=0.03)


def test_the_cascade_multiplies_the_responses_of_its_resonators_and_a_closed_nose_cancels() -> None:
    made = synthesise(held(frames=100, breath=1.0), click(100))[0].astype(np.float64)
    at = np.fft.rfftfreq(len(made), 1.0 / RATE)
    _, flow = glottal_flow(np.full((1, 1), 125.0, np.float32), np.full(1, 0.6, np.float32))
    source = 0.1 * (0.3 + 0.7 * flow[0, 0])
    wanted = source * np.prod([np.abs(response(f, w, at)) for f, w in zip(FORMANTS, WIDTHS, strict=True)], axis=0)
    assert np.abs(np.fft.rfft(made)) == pytest.approx(wanted, rel=2e-3)


def test_an_open_nose_takes_away_what_lies_around_its_zero() -> None:
    def at_zero(zero: float) -> float:
        return float(np.abs(np.fft.rfft(synthesise(held(100, breath=1.0, zero=zero), click(100))[0]))[450])

    assert 450 * RATE / (100 * FRAME) == 900.0  # Hz
    assert at_zero(900.0) < 0.2 * at_zero(NASAL)


def test_the_vocal_folds_are_shut_for_the_rest_of_each_period_and_their_flow_closes_faster_than_it_opens() -> None:
    change, flow = glottal_flow(np.full((1, 6400), 125.0, np.float32), np.full(1, 0.6, np.float32))
    period = change[0, 640:704]
    assert flow.min() == 0.0
    assert flow.max() == pytest.approx(1.0, abs=0.01)
    assert (np.abs(period) < 1e-6).mean() == pytest.approx(0.4, abs=0.05)
    assert period.sum() == pytest.approx(0.0, abs=1e-4)
    assert period.min() == pytest.approx(-1.0, abs=0.15)
    assert period.max() < 0.5


@pytest.mark.parametrize("pitch", [80.0, 125.0, 250.0])
def test_a_vowel_repeats_itself_at_its_pitch(pitch: float) -> None:
    vowel = synthesise(held(pitch=pitch, voicing=1.0), 0.0 * click())[0, 400:].astype(np.float64)
    alike = np.correlate(vowel, vowel, mode="full")[len(vowel) - 1 :]
    lag = 20 + int(alike[20:160].argmax())
    assert RATE / lag == pytest.approx(pitch, rel=0.02)


def test_the_peaks_of_a_vowel_lie_where_its_resonances_were_asked_for() -> None:
    vowel = synthesise(held(100, pitch=100.0, voicing=1.0), 0.0 * click(100))[0, 800:].astype(np.float64)
    vowel = np.diff(vowel) * np.hamming(len(vowel) - 1)
    alike = np.correlate(vowel, vowel, mode="full")[len(vowel) - 1 :][:13]
    predictor = np.linalg.solve(alike[np.abs(np.subtract.outer(range(12), range(12)))], alike[1:])  # linear prediction
    roots = np.roots([1.0, *-predictor])
    sharp = roots[(roots.imag > 0.0) & (np.abs(roots) > 0.9)]
    found = np.sort(np.angle(sharp)) * RATE / (2.0 * np.pi)
    for formant in FORMANTS[:3]:
        assert np.abs(found - formant).min() < 0.06 * formant


@pytest.mark.parametrize(("sound", "low", "high"), [("s", 3200, 4000), ("k", 1400, 2400), ("S", 2000, 3400)])
def test_the_noise_of_a_consonant_lies_where_it_should(sound: str, low: int, high: int) -> None:
    hiss = np.random.Generator(np.random.PCG64(0)).standard_normal((1, 200 * FRAME)).astype(np.float32)
    asked = SOUNDS[sound]
    moves = held(200, noise=asked.noise, flat=asked.noise * asked.flat, peak=asked.peak, spread=asked.spread)
    power = np.abs(np.fft.rfft(synthesise(moves, hiss)[0])) ** 2
    at = np.fft.rfftfreq(hiss.shape[1], 1.0 / RATE)
    assert power[(at >= low) & (at <= high)].sum() > 0.6 * power.sum()


def test_every_word_has_pronunciations_of_known_sounds() -> None:
    assert tuple(PRONUNCIATIONS) == WORDS
    used = {name for ways in PRONUNCIATIONS.values() for _, sounds in ways for name in sounds.split()}
    assert used == set(SOUNDS)
    assert used >= BURSTS


def test_a_shorter_vocal_tract_speaks_with_higher_resonances() -> None:
    man = draw_speaker(0, 0)
    child = replace(man, tract=man.tract * 1.3)
    low, high = (pronounce("nine", who, np.random.Generator(np.random.PCG64(1))) for who in (man, child))
    assert high[:, 1:5] == pytest.approx(low[:, 1:5] * 1.3, rel=1e-4)
    assert np.array_equal(high[:, 0], low[:, 0])


def test_a_slow_speaker_takes_longer() -> None:
    quick = replace(draw_speaker(0, 0), pace=0.6)
    slow = replace(quick, pace=1.2)
    lengths = [len(pronounce("six", who, np.random.Generator(np.random.PCG64(1)))) for who in (quick, slow)]
    assert lengths[1] / lengths[0] == pytest.approx(2.0, rel=0.05)


def test_a_whispered_word_has_breath_in_place_of_a_voice() -> None:
    speaker = replace(draw_speaker(0, 0), whispers=1.0)
    take = pronounce("one", speaker, np.random.Generator(np.random.PCG64(1)))
    moves = movements_of([take], [speaker])
    assert moves.voicing.max() == 0.0
    assert moves.breath.max() > 0.3


def test_takes_of_different_lengths_become_rows_that_end_as_they_ended() -> None:
    speaker = draw_speaker(0, 0)
    takes = [pronounce(word, speaker, np.random.Generator(np.random.PCG64(1))) for word in ("two", "zero")]
    moves = movements_of(takes, [speaker, speaker])
    short, long = sorted(map(len, takes))
    row = int(len(takes[1]) == short)
    assert moves.pitch.shape == (2, long)
    assert (moves.formants[row, short:] == moves.formants[row, short - 1]).all()


@pytest.fixture(scope="module")
def few() -> voices.Clips:
    return speak(WORDS, range(6), 2)


def test_clips_are_ordered_by_speaker_word_and_take(few: voices.Clips) -> None:
    assert len(few) == 120
    assert few.words.tolist() == [word for _ in range(6) for word in range(10) for _ in range(2)]
    assert few.speakers is not None
    assert few.speakers.tolist() == [speaker for speaker in range(6) for _ in range(20)]


def test_clips_are_as_long_as_words_are_and_neither_silent_nor_clipped(few: voices.Clips) -> None:
    seconds = np.diff(few.starts) / RATE
    assert seconds.min() >= 0.12
    assert seconds.max() < 2.5
    assert 0.25 < np.median(seconds) < 0.6
    peaks = np.array([np.abs(few.clip(index).astype(int)).max() for index in range(len(few))])
    assert peaks.min() > 300
    assert peaks.max() < 32_000


def test_the_same_voices_say_the_same_whoever_else_speaks(few: voices.Clips) -> None:
    alone = speak(WORDS[:3], [4], 2)
    for index in range(6):
        same = few.clip(4 * 20 + index)
        assert len(alone.clip(index)) == len(same)
        assert np.abs(alone.clip(index).astype(int) - same).max() <= 2


def test_another_seed_gives_other_voices(few: voices.Clips) -> None:
    assert draw_speaker(0, 1).pitch != draw_speaker(0, 2).pitch
    assert not np.array_equal(speak(("zero",), [0], 1, seed=3).clip(0), few.clip(0))


def test_words_and_speakers_and_takes_differ(few: voices.Clips) -> None:
    assert len({few.clip(index).tobytes() for index in range(len(few))}) == len(few)


def test_the_set_holds_whole_voices_out_and_says_that_it_is_synthesised(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(voices, "TRAIN_SPEAKERS", 3)
    monkeypatch.setattr(voices, "TEST_SPEAKERS", 2)
    monkeypatch.setattr(voices, "TAKES", 1)
    told: list[str] = []
    words = make_voices(told.append)
    assert words.name == "synthesised voices"
    assert (len(words.train), len(words.test)) == (30, 20)
    assert words.train.speakers is not None
    assert words.test.speakers is not None
    assert set(words.train.speakers.tolist()) == {0, 1, 2}
    assert set(words.test.speakers.tolist()) == {3, 4}
    assert words.speakers == ("voice 1", "voice 2", "voice 3", "voice 4", "voice 5")
    assert len(told) == 1
    assert "50 words of 5 synthesised voices" in told[0]
    before = words.fingerprint
    assert len(before) == 64
    monkeypatch.setattr(voices, "VOICES_VERSION", voices.VOICES_VERSION + 1)
    assert make_voices(told.append).fingerprint != before
