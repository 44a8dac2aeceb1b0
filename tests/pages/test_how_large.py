"""A page can be sent by mail: that of a network of a family's usual size has at most three megabytes."""

from pathlib import Path
from typing import Any

import pytest

import genmodels
from genmodels.data.images.digits import render_digits
from genmodels.data.sound.sets import opening
from genmodels.families import FAMILIES
from genmodels.pages.building import LARGE
from spoken import few_voices

SHORT: dict[str, dict[str, Any]] = {  # a short training of little data; what decides the network's size is as usual
    "text": {},
    "vae": {"dataset": "digits"},
    "pixelrnn": {"dataset": "digits"},
    "gan": {"dataset": "digits"},
    "reader": {"dataset": "digits", "strips": 64, "tested_strips": 8},
    "speech": {"dataset": "voices", "utterances": 32, "tested_utterances": 4},
}
EVERY_LETTER = "".join(map(chr, range(32, 127))) + "\n"
TEXT = EVERY_LETTER * 20 + "the cat sat on the mat; a dog ran to the cat.\n" * 100


def test_every_family_is_tried() -> None:
    assert SHORT.keys() == FAMILIES.keys()


LONG = ("text", "pixelrnn", "gan", "reader")  # whose page takes the longest to make: the long sweep alone tries them


@pytest.mark.parametrize(
    "family", [pytest.param(one, marks=pytest.mark.sweep) if one in LONG else one for one in FAMILIES]
)
def test_the_page_of_a_network_of_usual_size_is_small_enough(
    family: str, tmp_path: Path, own_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GENMODELS_OFFLINE", "1")
    monkeypatch.setattr("genmodels.data.images.opening.render_digits", lambda: render_digits(200, 60))
    monkeypatch.setitem(opening._KNOWN, "voices", few_voices)
    (tmp_path / "corpus.txt").write_text(TEXT, encoding="utf-8")
    how: dict[str, Any] = {"runs": tmp_path, "name": "usual", "progress": False, "notice": lambda _: None, "epochs": 1}
    given = dict(SHORT[family])
    data = given.pop("dataset", tmp_path / "corpus.txt")
    run = getattr(genmodels, f"train_{family}")(data, **how, **given)
    usual = FAMILIES[family].settings()
    for name in ("model", "hidden_size", "channels", "latent_size", "layers", "parameters"):
        assert run.setting(name) in {getattr(usual, name, "?"), "?"}, "of the usual size"
    told: list[str] = []
    page = genmodels.report(run, tmp_path / "page.html", notice=told.append, progress=False)
    assert page.stat().st_size <= LARGE == 3_000_000
    assert not any(one.startswith("the page has") for one in told)
