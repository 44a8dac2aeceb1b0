"""Work that takes long says how far it is: as many as it announces are counted, and none too many."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from genmodels.analysis.baselines import LONGEST, score_baselines
from genmodels.analysis.gates import ROWS, WARM_UP, find_trackers
from genmodels.analysis.latent import encode_all
from genmodels.data import walking
from genmodels.data.images.batches import Images
from genmodels.data.images.opening import open_images
from genmodels.data.sound.sets.opening import open_words
from genmodels.data.sound.voices import making
from genmodels.data.text.corpus import HowRead, open_corpus
from genmodels.families.sheet import Sheet, Told
from genmodels.models.build_text import build_language_model
from genmodels.models.recurrent_lm import RecurrentLM
from genmodels.models.vae import VAE
from genmodels.settings.text import TextSettings
from genmodels.settings.vae import VaeSettings
from genmodels.telling import Advance, silent
from spoken import put


class Counted:
    """A `Counting` that keeps what it was told: what is done -> how many in all, and how many were counted."""

    def __init__(self) -> None:
        self.works: dict[str, tuple[int, int]] = {}

    @contextmanager
    def __call__(self, what: str, total: int) -> Iterator[Advance]:
        done = 0

        def advance(count: int) -> None:
            nonlocal done
            done += count

        yield advance
        self.works[what] = total, done


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    for number in range(40):
        folder = tmp_path / "shapes" / "ab"[number % 2]
        folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.full((6, 5), number * 5, np.uint8)).save(folder / f"{number}.png")
    return tmp_path / "shapes"


def test_pictures_are_counted_when_they_are_read_and_not_again(pictures: Path) -> None:
    first, second = Counted(), Counted()
    open_images(str(pictures), silent, counting=first)
    open_images(str(pictures), silent, counting=second)
    assert first.works == {"reading pictures": (40, 40)}
    assert second.works == {}, "they are in the cache"


def test_a_look_at_many_files_is_counted_too(pictures: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(walking, "MANY", 40)
    counted = Counted()
    open_images(str(pictures), silent, counting=counted)
    assert counted.works["looking at the files"] == (40, 40)


def test_recordings_are_counted_those_that_cannot_be_read_too(tmp_path: Path) -> None:
    put(tmp_path / "words", "high/*15", "low/*15")
    (tmp_path / "words" / "low" / "broken.wav").write_bytes(b"RIFF")
    counted = Counted()
    open_words(str(tmp_path / "words"), silent, counted)
    assert counted.works == {"reading recordings": (31, 31)}


def test_voices_are_counted_while_they_are_made(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, number in (("TRAIN_SPEAKERS", 2), ("TEST_SPEAKERS", 1), ("TAKES", 1)):
        monkeypatch.setattr(making, name, number)
    counted = Counted()
    making.make_voices(silent, counted)
    assert counted.works == {"making voices": (30, 30)}


@pytest.mark.parametrize("as_bytes", [False, True])
def test_a_text_is_counted_byte_by_byte_in_both_passes(tmp_path: Path, as_bytes: bool) -> None:
    (tmp_path / "a.txt").write_text("ü" * 1000, encoding="utf-8")
    (tmp_path / "b.txt").write_text("b" * 100, encoding="utf-8")
    first, second = Counted(), Counted()
    for counted in (first, second):
        open_corpus([str(tmp_path)], HowRead(as_bytes=as_bytes), silent, counting=counted)
    assert first.works == {"reading text": (2 * 2100, 2 * 2100)}
    assert second.works == {}


@pytest.mark.parametrize(("epochs", "in_order", "frames"), [(3, False, 3), (1, True, 37)])
def test_the_frames_of_a_film_are_counted(tmp_path: Path, epochs: int, in_order: bool, frames: int) -> None:
    images = [np.zeros((2, 6, 6), np.float32)] * epochs
    sheet = Sheet.of({}, "t", Told("Look.", in_order), images=images, epochs=list(range(1, epochs + 1)))
    counted = Counted()
    sheet.save(tmp_path / "a.gif", counting=counted)
    assert counted.works == {"drawing frames": (frames, frames)}


def test_images_are_counted_while_their_codes_are_sought(pictures: Path) -> None:
    model = VAE.from_settings(VaeSettings(model="mlp", hidden_size=4, latent_size=2), (6, 5), None).eval()
    data = Images(open_images(str(pictures), silent).train, "threshold", 1, torch.device("cpu"), "train")
    counted = Counted()
    with counted("encoding", 30) as advance:
        encode_all(model, data, 30, advance)
    assert counted.works == {"encoding": (30, 30)}


def test_characters_are_counted_while_units_that_follow_something_are_sought() -> None:
    settings = TextSettings(model="lstm", layers=2, hidden_size=4, embedding_size=4)
    model = build_language_model(settings, 3)
    assert isinstance(model, RecurrentLM)
    width = WARM_UP + 60
    text = "ab\n" * (ROWS * width // 3 + 1)
    counted = Counted()
    find_trackers(model, text, np.array(["ab\n".index(c) for c in text]), 1, counted)
    ((what, (total, done)),) = counted.works.items()
    assert what == "reading"
    assert done == total == 2 * (len(text) // ROWS)


def test_the_n_grams_of_a_baseline_are_counted_order_by_order_to_the_end() -> None:
    counted = Counted()
    score_baselines(np.arange(60) % 3, np.arange(9) % 3, 3, counted)
    assert counted.works == {"counting n-grams": (2 * LONGEST, 2 * LONGEST)}
