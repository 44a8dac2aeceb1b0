"""Utterances are composed as said, from nothing but seed, stream and step."""

import numpy as np
import pytest
import torch

from genmodels.data.sound import utterances
from genmodels.data.sound.clips import RATE, Clips, clips_of
from genmodels.data.sound.features import HOP, SPECTRUM
from genmodels.data.sound.log_mel import LogMel
from genmodels.data.sound.rooms import room_level, room_levels
from genmodels.data.sound.utterances import EMPTY, GAPS, RAMP, ROUND, UtteranceMaker, by_speaker
from genmodels.training.speech import MASKED_BANDS, MASKED_FRAMES, masked
from homes import whistled

CPU = torch.device("cpu")
CLIPS = whistled().train


def maker(clips: Clips = CLIPS, seed: int = 1, stream: str = "train", speed: float = 1.0) -> UtteranceMaker:
    return UtteranceMaker(clips, seed, CPU, stream, speed)


def noises(speakers: list[int] | None = None, said: list[list[int]] | None = None, count: int = 12) -> Clips:
    """Clips of loud white noise, each unlike all others, without a quiet place."""
    random = np.random.default_rng(0)
    lengths = random.integers(1500, 2500, count)
    samples = [(3000 * random.standard_normal(length)).clip(-32000, 32000).astype(np.int16) for length in lengths]
    return clips_of(samples, said or [[row % 3] for row in range(count)], speakers)


def silent_rooms(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(utterances, "room_levels", lambda clips: np.zeros(len(clips)))


def test_the_same_step_gives_the_same_utterances_and_others_give_others() -> None:
    first = maker()
    made = first.make(4, 3, 7, (3, 30))
    first.make(4, 3, 8)
    torch.rand(3)
    again = maker().make(4, 3, 7, (3, 30))
    assert torch.equal(made.samples, again.samples)
    assert torch.equal(made.labels, again.labels)
    assert torch.equal(made.spans, again.spans)
    for other in (maker().make(4, 3, 8), maker(seed=2).make(4, 3, 7), maker(stream="test").make(4, 3, 7)):
        assert not torch.equal(made.rows, other.rows)


def test_labels_are_what_the_clips_say() -> None:
    made = maker().make(5, 4, 0)
    assert made.labels.tolist() == [[CLIPS.said(row)[0] for row in rows] for rows in made.rows.tolist()]
    assert made.lengths.tolist() == [4] * 5


def test_one_speaker_speaks_an_utterance_and_all_of_them_come() -> None:
    made = maker().make(60, 5, 0)
    speakers = torch.tensor(CLIPS.speakers)[made.rows]
    assert bool((speakers == speakers[:, :1]).all())
    assert set(speakers[:, 0].tolist()) == {0, 1, 2}
    assert len(set(made.rows.flatten().tolist())) == len(CLIPS), "every clip is drawn at some time"


def test_a_speaker_with_few_clips_speaks_as_often_as_one_with_many() -> None:
    clips = noises([0] * 11 + [1])
    speakers = np.asarray(clips.speakers)[maker(clips).make(400, 1, 0).rows.numpy()]
    assert 0.4 < speakers.mean() < 0.6


def test_where_nobody_knows_who_speaks_any_clips_stand_together() -> None:
    clips = noises(None)
    order, groups = by_speaker(clips)
    assert groups.tolist() == [0, 12]
    assert order.tolist() == list(range(12))
    assert len(set(maker(clips).make(40, 4, 0).rows.flatten().tolist())) == 12


def test_speakers_need_not_be_numbered_in_a_row() -> None:
    """As one was left out."""
    clips = noises([4, 0, 4, 0, 7, 7, 0, 4, 4, 4, 4, 4])
    order, groups = by_speaker(clips)
    assert groups.tolist() == [0, 3, 10, 12]
    assert np.asarray(clips.speakers)[order].tolist() == sorted(np.asarray(clips.speakers).tolist())


def test_each_clip_lies_where_its_span_says(monkeypatch: pytest.MonkeyPatch) -> None:
    silent_rooms(monkeypatch)
    monkeypatch.setattr(utterances, "GAPS", (0.01, 0.1))
    clips = noises()
    made = maker(clips).make(4, 3, 5)
    rest = made.samples.numpy().copy()
    for utterance, (spans, rows) in enumerate(zip(made.spans.tolist(), made.rows.tolist(), strict=True)):
        for (start, end), row in zip(spans, rows, strict=True):
            clip = clips.clip(row).astype(np.float64) / 32768
            there = made.samples[utterance, start:end].double().numpy()
            assert len(clip) == end - start
            middle = slice(RAMP, -RAMP)
            gain = float(there[middle] @ clip[middle] / (clip[middle] @ clip[middle]))
            np.testing.assert_allclose(there[middle], gain * clip[middle], atol=1e-6)
            assert 10 ** (-3 / 20) <= gain <= 10 ** (3 / 20)
            assert abs(there[0]) < abs(gain * clip[0]) / (RAMP - 1) + 1 / 32768, "no click"
            rest[utterance, start:end] = 0
    assert not rest.any(), "nothing lies elsewhere"


def test_gaps_and_margins_are_within_their_bounds() -> None:
    made = maker().make(300, 6, 2)
    gaps = (made.spans[:, 1:, 0] - made.spans[:, :-1, 1]).double() / RATE
    assert GAPS[0] - 1 / RATE <= float(gaps.min()) < -0.02
    assert 0.14 < float(gaps.max()) <= GAPS[1]
    assert int(made.spans.min()) >= 0
    after = (made.samples.shape[1] - made.spans[:, -1, 1]).double() / RATE
    assert float(after.min()) >= utterances.TRAIL[0] - 1 / RATE
    assert made.windows % ROUND == 0
    assert made.samples.shape == (300, (made.windows - 1) * HOP + SPECTRUM)


def test_words_that_overlap_never_swap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(utterances, "GAPS", (-9.0, -8.0))
    assert bool((maker().make(20, 5, 0).spans[:, :, 0].diff(dim=1) >= 1).all())


@pytest.mark.parametrize("snr", [20.0, 5.0, -5.0])
def test_the_noise_lies_as_far_below_the_speech_as_asked(monkeypatch: pytest.MonkeyPatch, snr: float) -> None:
    silent_rooms(monkeypatch)
    monkeypatch.setattr(utterances, "GAPS", (0.01, 0.1))
    clips = noises()
    clean, noisy = maker(clips).make(6, 4, 3), maker(clips).make(6, 4, 3, (snr, snr))
    assert torch.equal(clean.spans, noisy.spans)
    speech = clean.samples.double()
    noise = noisy.samples.double() - speech
    spoken = (clean.spans[..., 1] - clean.spans[..., 0]).sum(dim=1)
    found = 10 * torch.log10((speech.square().sum(dim=1) / spoken) / noise.square().mean(dim=1))
    np.testing.assert_allclose(found, snr, atol=0.5)


def test_noise_is_drawn_between_the_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    silent_rooms(monkeypatch)
    monkeypatch.setattr(utterances, "GAPS", (0.01, 0.1))
    clips = noises()
    clean, noisy = maker(clips).make(200, 1, 3), maker(clips).make(200, 1, 3, (3.0, 30.0))
    noise = noisy.samples.double() - clean.samples.double()
    spoken = (clean.spans[..., 1] - clean.spans[..., 0]).sum(dim=1)
    found = 10 * torch.log10((clean.samples.double().square().sum(dim=1) / spoken) / noise.square().mean(dim=1))
    assert 2.5 < float(found.min()) < 6
    assert 27 < float(found.max()) < 30.5


def test_between_the_words_is_the_noise_of_the_clips_own_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(utterances, "GAIN", 0.0)
    random = np.random.default_rng(0)
    for level in (10.0, 200.0):
        tone = 8000 * np.sin(np.arange(1600) / 3)
        samples = np.concatenate([tone, np.zeros(800)]) + random.normal(0, level, 2400)
        clips = clips_of([samples.astype(np.int16)] * 2, [[0], [1]], None)
        made = maker(clips).make(8, 2, 0)
        before = torch.cat([row[: int(first)] for row, first in zip(made.samples, made.spans[:, 0, 0], strict=True)])
        assert float(before.square().mean().sqrt()) * 32768 == pytest.approx(level, rel=0.2)
        assert room_levels(clips)[0] == pytest.approx(level, rel=0.2)


def test_a_room_is_as_loud_as_its_quietest_windows() -> None:
    samples = np.concatenate([np.tile([level, -level], 400) for level in (1000, 30, 2000)]).astype(np.int16)
    assert room_level(samples) == pytest.approx(30.0)
    assert room_level(samples + np.int16(500)) == pytest.approx(30.0), "a microphone may rest off zero"
    assert room_level(samples[:100]) == 0.0, "no whole window"
    assert room_level(np.zeros(0, np.int16)) == 0.0


def test_no_words_are_a_room_in_which_nobody_speaks() -> None:
    loud = []
    for step in range(40):
        made = maker().make(3, 0, step)
        assert made.labels.shape == made.rows.shape == (3, 0)
        assert made.lengths.tolist() == [0, 0, 0]
        assert made.spans.shape == (3, 0, 2)
        assert made.power(LogMel("mel", CPU)).shape == (3, made.windows, 129)
        loud.append(made.samples.square().mean(dim=1).sqrt().log10())
    levels = torch.cat(loud)
    assert EMPTY[0] - 0.1 < float(levels.min()) < EMPTY[0] + 0.3
    assert EMPTY[1] - 0.3 < float(levels.max()) < EMPTY[1] + 0.1


def test_clips_of_several_words_fill_up_with_zeros() -> None:
    said = [[1, 2, 0], [2], [0, 1]] * 4
    made = maker(noises(None, said)).make(20, 2, 0)
    for labels, length, rows in zip(made.labels.tolist(), made.lengths.tolist(), made.rows.tolist(), strict=True):
        words = [word for row in rows for word in said[row]]
        assert labels[:length] == words
        assert not any(labels[length:])
    assert made.labels.shape[1] == int(made.lengths.max())


def test_speed_is_another_way_from_window_to_window() -> None:
    hops: set[int] = set()
    for step in range(20):
        made = maker(speed=1.25).make(8, 2, step)
        assert len(made.hops) == 4
        hops |= set(made.hops)
        assert made.power(LogMel("mel", CPU)).shape == (8, made.windows, 129)
        for part, hop in zip(made.spans.chunk(4), made.hops, strict=True):
            assert int(part.max()) <= (made.windows - 1) * hop + SPECTRUM, "the words lie in what is heard"
    assert 64 <= min(hops) < 68
    assert 95 < max(hops) <= 100
    assert maker().make(8, 2, 0).hops == (HOP,)
    assert len(maker(speed=1.25).make(3, 2, 0).hops) == 3
    assert len(maker(speed=1.25).make(5, 2, 0).hops) == 1


def test_each_part_of_a_batch_is_heard_at_its_own_speed() -> None:
    made, log_mel = maker(speed=1.25).make(4, 2, 1), LogMel("mel", CPU)
    power = made.power(log_mel)
    for row, hop in enumerate(made.hops):
        alone = log_mel.power(made.samples[row : row + 1], hop)[0, : made.windows]
        torch.testing.assert_close(power[row], alone)


def test_masks_hide_some_neighbouring_frames_and_bands_of_each_utterance() -> None:
    rows, most = torch.ones(500, 50, 40), [0, 0]
    hidden = masked(rows, torch.Generator().manual_seed(0)) == 0
    frames, bands = hidden.all(dim=2), hidden.all(dim=1)
    assert torch.equal(hidden, frames[:, :, None] | bands[:, None, :])
    for which, places in enumerate((frames, bands)):
        for place in places:
            there = place.nonzero().flatten()
            if len(there):
                assert int(there[-1] - there[0]) + 1 == len(there), "one stretch"
            most[which] = max(most[which], len(there))
    assert most == [MASKED_FRAMES, MASKED_BANDS]
    assert bool(frames[:, 0].any())
    assert bool(frames[:, -1].any())
    assert bool(masked(torch.ones(200, 3, 4), torch.Generator().manual_seed(0)).sum(dim=(1, 2)).eq(0).any())


@pytest.mark.parametrize("words", [0, 3])
def test_an_utterance_is_drawn_from_its_own_stream_alone(words: int) -> None:
    found = []
    for seed in (1, 2):
        torch.manual_seed(seed)  # whatever others draw
        found.append(maker(speed=1.25).make(4, words, 7, (3, 30)))
    assert torch.equal(found[0].samples, found[1].samples)
    assert found[0].hops == found[1].hops


def test_noise_has_every_colour() -> None:
    samples = maker().make(200, 0, 1).samples.double()
    beside = (samples[:, 1:] * samples[:, :-1]).mean(dim=1) / samples.square().mean(dim=1)
    assert float(beside.min()) < -0.4, "hissing"
    assert float(beside.max()) > 0.4, "rumbling"


@pytest.mark.parametrize("clips", [CLIPS, noises(None, [[1, 2, 0], [2], [0, 1]] * 4)], ids=["words", "phrases"])
@pytest.mark.parametrize("speed", [1.0, 1.25])
def test_a_word_may_be_said_while_it_is_heard_and_a_little_later(clips: Clips, speed: float) -> None:
    made, stride, late = maker(clips, speed=speed).make(4, 3, 2), 2, 0.25
    allowed = made.said_at(made.windows // stride, stride, 3, late)
    assert allowed.shape == (4, made.windows // stride, 4)
    for row in range(4):
        hop = made.hops[row * len(made.hops) // 4]
        said = [
            (int(made.labels[row, word]), made.spans[row, int(made.clips[row, word])].tolist())
            for word in range(int(made.lengths[row]))
        ]
        for step, found in enumerate(allowed[row]):
            middle = stride * step * hop + SPECTRUM // 2
            now = {word + 1 for word, (first, end) in said if first <= middle <= end + late * RATE}
            assert set(found.nonzero().flatten().tolist()) == {0} | now
