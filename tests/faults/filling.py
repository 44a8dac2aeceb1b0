"""What test_crashes.py tries of the cache and of pages: it is filled, a page is written, and what must hold after."""

import os
from pathlib import Path

import numpy as np

from genmodels.data.images.image_set import ImageSet
from genmodels.data.images.opening import open_images
from genmodels.data.text.corpus import Corpus, HowRead, open_corpus
from genmodels.leftovers import sweep_temporaries
from genmodels.pages.building import Page
from genmodels.pages.placing import page_path
from genmodels.runs import RunDir
from genmodels.runs.verifying import problems_of
from genmodels.telling import silent
from made_runs import made_run

TEXT, PIXELS = "the cat sat on the mat\n" * 9, np.arange(1200, dtype=np.uint8).reshape(40, 6, 5)


def data_given(folder: Path) -> None:
    """A text and images, of which nothing is in the cache yet; that of an other text is."""
    os.environ["GENMODELS_CACHE"] = str(folder / "cache")  # which the fixture `own_cache` takes back
    labels = np.arange(40) % 2
    (folder / "corpus.txt").write_text(TEXT)
    np.savez(folder / "set.npz", x_train=PIXELS, y_train=labels, x_test=PIXELS[:8], y_test=labels[:8])
    open_corpus([], HowRead(), silent, text="another text")


def text_filled(folder: Path) -> Corpus:
    os.environ["GENMODELS_CACHE"] = str(folder / "cache")
    return open_corpus([str(folder / "corpus.txt")], HowRead(), silent)


def images_filled(folder: Path) -> ImageSet:
    os.environ["GENMODELS_CACHE"] = str(folder / "cache")
    return open_images(str(folder / "set.npz"), silent)


def filled_after(folder: Path) -> None:
    """What is in the cache is taken as it was written or made again, and nothing is left but what is swept."""
    for _ in ("made again, where it is not there", "taken"):
        corpus, images = text_filled(folder), images_filled(folder)
        assert corpus.text(0, corpus.length) == TEXT
        assert np.array_equal(images.train.pixels, PIXELS)
        assert images.classes == ("0", "1")
    for kind, entries in (("corpora", {1, 2}), ("images", {1})):
        sweep_temporaries(folder / "cache" / kind)
        assert len(list((folder / "cache" / kind).iterdir())) in entries, kind
        assert not list((folder / "cache" / kind).rglob(".tmp-*"))


def reported(folder: Path) -> Path:
    """A page where a report puts it."""
    os.environ["GENMODELS_CACHE"] = str(folder / "cache")
    return Page("new" * 100, {}).save(page_path([RunDir(folder / "r")], None))


def page_there(folder: Path) -> None:
    made_run(folder, "r", scores=())
    reported(folder).write_text("old")


def reported_after(folder: Path) -> None:
    """The old page or the new one; the next report writes over either, and nothing else is left."""
    page = folder / "r" / "report.html"
    assert page.read_text() in {"old", "new" * 100}
    assert reported(folder).read_text() == "new" * 100
    assert problems_of(RunDir(folder / "r")) == {}
    assert not list(page.parent.glob(".tmp-*"))
    assert not list((folder / "cache" / "written").glob(".tmp-*"))
