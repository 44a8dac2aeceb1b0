from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from genmodels.data.text import streams as module
from genmodels.data.text.corpus import Corpus, HowRead, open_corpus
from genmodels.data.text.streams import Split, TokenStreams, fitting_shape, split_corpus
from genmodels.errors import DataError

CPU = torch.device("cpu")


def numbered(tmp_path: Path, length: int) -> Corpus:
    """A corpus whose ids tell their position modulo 251."""
    path = tmp_path / "numbers.bin"
    path.write_bytes(bytes(i % 251 for i in range(length)))
    return open_corpus([str(path)], HowRead(as_bytes=True), lambda _: None)


def test_streams_are_contiguous_and_targets_are_shifted_by_one(tmp_path: Path) -> None:
    split = Split(numbered(tmp_path, 1000), 0, 1000)
    streams = TokenStreams(split, batch_size=3, window=10, seed=4, device=CPU)
    ids = split.to_tensor(CPU).long()
    for epoch in (0, 1):
        first = streams.offset(epoch)
        for index in range(streams.steps_per_epoch):
            inputs, targets = streams.at(epoch * streams.steps_per_epoch + index)
            for row in range(3):
                begin = first + row * streams.steps_per_epoch * 10 + index * 10
                assert torch.equal(inputs[row], ids[begin : begin + 10])
                assert torch.equal(targets[row], ids[begin + 1 : begin + 11])


def test_a_text_read_from_the_file_gives_the_same_windows_as_one_in_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    split = Split(numbered(tmp_path, 3000), 100, 2900)
    resident = TokenStreams(split, 4, 8, seed=1, device=CPU)
    monkeypatch.setattr(module, "RESIDENT_BYTES", 0)
    monkeypatch.setattr(module, "BLOCK_WINDOWS", 5)
    mapped = TokenStreams(split, 4, 8, seed=1, device=CPU)
    for step in [*range(2 * mapped.steps_per_epoch), 3, 17]:
        assert all(torch.equal(a, b) for a, b in zip(resident.at(step), mapped.at(step), strict=True))


def test_a_text_is_used_up_to_its_last_character_and_no_further(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    exact = TokenStreams(Split(numbered(tmp_path, 491), 0, 491), batch_size=4, window=10, seed=1, device=CPU)
    assert exact.steps_per_epoch == 12, "12 windows for each of 4 streams, one more to draw from, one target"
    assert TokenStreams(Split(numbered(tmp_path, 490), 0, 490), 4, 10, 1, CPU).steps_per_epoch == 11
    monkeypatch.setattr(module, "RESIDENT_BYTES", 0)
    monkeypatch.setattr(module, "BLOCK_WINDOWS", 5)
    monkeypatch.setattr(TokenStreams, "offset", lambda self, epoch: len(self.split) - 1 - 4 * 12 * 10)
    inputs, targets = TokenStreams(exact.split, 4, 10, 1, CPU).at(11)
    assert inputs[-1].tolist() == [value % 251 for value in range(480, 490)]
    assert targets[-1].tolist() == [value % 251 for value in range(481, 491)]


def test_offsets_differ_between_epochs_and_stay_inside_the_text(tmp_path: Path) -> None:
    streams = TokenStreams(Split(numbered(tmp_path, 5000), 0, 5000), 8, 16, seed=2, device=CPU)
    offsets = {streams.offset(epoch) for epoch in range(40)}
    assert len(offsets) > 10
    assert max(offsets) + 8 * streams.steps_per_epoch * 16 <= 4999


@settings(max_examples=200)
@given(length=st.integers(33, 5000), batch_size=st.integers(1, 300), window=st.integers(1, 3000))
def test_a_fitted_shape_always_has_a_step_and_never_grows(length: int, batch_size: int, window: int) -> None:
    b, t = fitting_shape(length, batch_size, window)
    assert 1 <= b <= batch_size
    assert 1 <= t <= window
    assert (length - 1 - t) // (b * t) >= 1


def test_large_texts_keep_their_shape() -> None:
    assert fitting_shape(1_000_000, 16, 64) == (16, 64)


def test_the_last_tenth_validates_and_its_limit_cuts_its_end(tmp_path: Path) -> None:
    corpus = numbered(tmp_path, 1000)
    train, validation = split_corpus(corpus, 0.1, 10**6)
    assert (train.start, train.stop, validation.start, validation.stop) == (0, 900, 900, 1000)
    assert split_corpus(corpus, 0.1, 40)[1] == Split(corpus, 900, 940)


@pytest.mark.parametrize("length", [1, 2, 20, 36])
def test_too_small_a_corpus_says_how_much_is_needed(tmp_path: Path, length: int) -> None:
    with pytest.raises(DataError, match="too few") as caught:
        split_corpus(numbered(tmp_path, length), 0.1, 10**6)
    needed = int(str(caught.value.hint).split()[2])
    train, _ = split_corpus(numbered(tmp_path, needed), 0.1, 10**6)
    assert fitting_shape(len(train), 16, 64)[0] >= 1


def test_reading_copies_so_that_the_mapping_can_close(tmp_path: Path) -> None:
    part = numbered(tmp_path, 50).read(10, 20)
    assert part.flags.owndata
    assert np.array_equal(part, np.arange(10, 20))


@pytest.mark.parametrize("length", [3, 20, 21, 100, 101])
def test_a_window_shrinks_no_further_than_until_two_fit(length: int) -> None:
    _, window = fitting_shape(length, 1, 1000)
    assert 2 * window + 1 <= length < 2 * (window + 1) + 1, "each with the character after it"
