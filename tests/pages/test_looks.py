"""How a page looks on paper, where motion is to be reduced, on a phone, and where a number of its records is none."""

import math
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

import genmodels
from genmodels.family import family_of
from genmodels.runs.records import HELD_OUT
from homes import CORPUS, TINY_RUN, shapes, write_set, write_words
from pages.browser import Browser

pytestmark = pytest.mark.browser
TINY_IMAGES = {"epochs": 2, "batch_size": 20, "channels": 2}
TINY_SOUND = {
    "model": "window", "window": 7, "parameters": 4000, "longest": 2, "utterances": 64, "tested_utterances": 8,
    "batch_size": 8, "epochs": 2,
}  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("looks")
    (made / "corpus.txt").write_text(CORPUS, encoding="utf-8")
    write_set(made / "set.npz", *shapes(8, 8, 180), 120)
    write_words(made / "words")
    return made


@pytest.fixture(autouse=True)
def _own_cache(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GENMODELS_CACHE", str(folder / "cache"))
    monkeypatch.setattr("genmodels.pages.gathered.exhibits_of", lambda _: ())


def quiet(_: object) -> None:
    pass


@pytest.fixture(scope="module")
def runs(folder: Path) -> dict[str, Any]:
    """A run of each family that is looked at, tiny."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GENMODELS_CACHE", str(folder / "cache"))
        alike: dict[str, Any] = {"runs": folder, "progress": False, "notice": quiet}
        data = folder / "set.npz"
        return {
            "text": genmodels.train_text(folder / "corpus.txt", name="text", **alike, **TINY_RUN),
            "gan": genmodels.train_gan(data, name="gan", latent_size=4, **alike, **TINY_IMAGES),
            "vae": genmodels.train_vae(data, name="vae", latent_size=2, hidden_size=8, **alike, **TINY_IMAGES),
            "pixels": genmodels.train_pixelrnn(data, name="pixels", layers=1, **alike, **TINY_IMAGES),
            "speech": genmodels.train_speech(folder / "words", name="speech", **alike, **TINY_SOUND),
        }


def page_of(run: Any, folder: Path) -> Path:
    return genmodels.report(run, folder / "page.html", notice=quiet, progress=False)


SHOWN = """
const shown = (one) => getComputedStyle(one).display !== 'none';
return [...document.querySelectorAll(arguments[0])].map(shown);
"""
ON_PAPER = ("nav", ".controls", ".buttons", ".up")


def test_on_paper_there_is_black_on_white_without_what_can_only_be_pressed(
    chromium: Browser, runs: dict[str, Any], folder: Path
) -> None:
    chromium.open(page_of(runs["text"], folder), scheme="dark", still=True)
    for one in ON_PAPER:
        found = chromium.ask(SHOWN, one)
        assert found, one
        assert all(found), "on a screen"
    dark = [{"name": "prefers-color-scheme", "value": "dark"}]
    chromium.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print", "features": dark})
    try:
        for one in ON_PAPER:
            assert not any(chromium.ask(SHOWN, one)), one
        colours = chromium.ask("const { color, backgroundColor } = getComputedStyle(document.body);"
                               "return [color, backgroundColor];")  # fmt: skip
        assert colours == ["rgb(0, 0, 0)", "rgb(255, 255, 255)"]
        assert chromium.ask("return getComputedStyle(document.querySelector('.written')).overflowY") == "visible"
        assert all(chromium.ask(SHOWN, "h1, h2, .learned, #chart-0 svg"))
    finally:
        chromium.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})


MOTION = """
const bar = document.querySelector('.bars .bar');
return [getComputedStyle(document.documentElement).scrollBehavior,
  parseFloat(getComputedStyle(bar).transitionDuration)];
"""


@pytest.mark.parametrize("still", [False, True])
def test_nothing_glides_where_motion_is_to_be_reduced(
    chromium: Browser, runs: dict[str, Any], folder: Path, still: bool
) -> None:
    chromium.open(page_of(runs["text"], folder), still=still)
    chromium.until("return document.querySelector('.bars .bar') !== null")
    scrolls, seconds = chromium.ask(MOTION)
    assert scrolls == ("auto" if still else "smooth")
    assert (seconds == 0) == still


WALKED = """
window.seen = new Set();
const way = document.querySelector(".walk").nextElementSibling.querySelector("input");
window.seen.add(way.value);
const look = () => { window.seen.add(way.value); requestAnimationFrame(look); };
look();
[...document.querySelectorAll("button")].find((one) => one.textContent === "Walk").click();
"""


@pytest.mark.parametrize("still", [False, True])
def test_a_walk_between_images_goes_in_few_steps_where_motion_is_to_be_reduced(
    chromium: Browser, runs: dict[str, Any], folder: Path, still: bool
) -> None:
    chromium.open(page_of(runs["gan"], folder), still=still)
    chromium.ask(WALKED)
    chromium.until("return [...window.seen].some((value) => Number(value) > 20)")
    steps = sorted({int(value) for value in chromium.ask("return [...window.seen]")})
    gaps = [after - before for before, after in pairwise(steps)]
    assert (min(gaps) >= 12) == still, steps
    film = "return [...document.querySelectorAll('.film, .film *')].map((one) => getComputedStyle(one))" \
           ".every((look) => look.animationName === 'none' && parseFloat(look.transitionDuration) === 0)"  # fmt: skip
    assert chromium.ask(film), "a strip of film stands still"


def with_nan(run: Any, score: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the last record of a run hold what is no number, as none on the disk can."""
    evaluations = type(run).evaluations

    def spoiled(self: Any) -> list[dict[str, Any]]:
        records = [dict(record) for record in evaluations(self)]
        last = [record for record in records if record["split"] in HELD_OUT][-1]
        last[score] = math.nan
        return records

    monkeypatch.setattr(type(run), "evaluations", spoiled)


DRAWN = """
return [...document.querySelectorAll('#chart-0 path, #chart-0 circle, #chart-0 text')].map((one) =>
  [one.getAttribute('d'), one.getAttribute('cx'), one.getAttribute('cy'), one.textContent].join()).join();
"""


@pytest.mark.parametrize("family", ["text", "speech"])
def test_a_record_that_is_no_number_is_left_out_of_its_curve(
    chromium: Browser, runs: dict[str, Any], folder: Path, monkeypatch: pytest.MonkeyPatch, family: str
) -> None:
    run = runs[family]
    with_nan(run, family_of(run.family).score, monkeypatch)
    path = page_of(run, folder)
    assert "NaN" not in path.read_text("utf-8").split('id="data">')[1].split("</script>")[0]
    chromium.open(path, still=True)
    held = chromium.ask("return page.charts[0].lines.find((line) => line.held).points.map(([, y]) => y)")
    assert held[-1] is None
    assert None not in held[:-1]
    dots = chromium.ask("return document.querySelectorAll('#chart-0 .dot.held-out').length")
    assert dots == len(held) - 1
    drawn = chromium.ask(DRAWN)
    assert "M" in drawn
    assert "NaN" not in drawn
    assert "NaN" not in chromium.ask("return document.querySelector('#chart-0').textContent")
    assert chromium.complaints() == []


PLACES = "return [...document.querySelectorAll(arguments[0])].map((one) => one.getBoundingClientRect().top)"


def test_on_a_phone_the_picture_stands_above_what_changes_it(
    chromium: Browser, runs: dict[str, Any], folder: Path
) -> None:
    chromium.open(page_of(runs["pixels"], folder), 360, still=True)
    (controls,) = chromium.ask(PLACES, ".pads > .controls")
    pad, expected = chromium.ask(PLACES, ".image-pad")
    assert pad < controls < expected
    chromium.open(page_of(runs["pixels"], folder), 1280, still=True)
    (controls,) = chromium.ask(PLACES, ".pads > .controls")
    assert max(chromium.ask(PLACES, ".image-pad, .expects")) < controls


def test_what_stands_on_paper_is_not_called_one_s_own_before_it_is(
    chromium: Browser, runs: dict[str, Any], folder: Path
) -> None:
    from selenium.webdriver.common.by import By
    from selenium.webdriver.common.keys import Keys

    chromium.open(page_of(runs["vae"], folder), still=True)
    caption = "return document.querySelector('.paper').parentElement.querySelector('figcaption').textContent"
    assert chromium.ask(caption) == "an example, until you draw"
    chromium.driver.find_element(By.CSS_SELECTOR, ".paper").send_keys(Keys.SPACE, Keys.ARROW_DOWN)
    chromium.until(f"return (() => {{ {caption} }})() === 'your drawing'")


@pytest.mark.parametrize(("run", "word"), [("vae", "conv"), ("speech", "window"), ("gan", "dcgan"), ("text", "lstm")])
def test_the_name_of_a_model_leads_to_what_it_means(
    chromium: Browser, runs: dict[str, Any], folder: Path, run: str, word: str
) -> None:
    chromium.open(page_of(runs[run], folder), still=True)
    kind = "return [...document.querySelectorAll('header .kind a.word')].map((one) => one.hash)"
    chromium.until(f"return (() => {{ {kind} }})().length > 0")
    assert f"#word-{word}" in chromium.ask(kind)


FIRST_SECTIONS = """
return [0, 1, 2].map((run) => `#alive-${page.alive.findIndex((one) => one.run === run)}-section`);
"""


def test_the_page_of_several_families_begins_with_what_each_made(
    chromium: Browser, runs: dict[str, Any], folder: Path
) -> None:
    several = [runs[name] for name in ("text", "gan", "speech")]
    for width in (360, 1280):
        chromium.open(page_of(several, folder), width, still=True)
        assert chromium.ask("return document.querySelector('header .learned').textContent").startswith(
            "They are of different families, so no score says which is best."
        )
        cards = chromium.ask("return [...document.querySelectorAll('.cards figure')].map((one) => [one.textContent, "
                             "one.querySelector('img')?.naturalWidth ?? 0, one.querySelector('a').hash])")  # fmt: skip
        assert [where for *_, where in cards] == chromium.ask(FIRST_SECTIONS)
        assert ["heard as" in told for told, *_ in cards] == [False, False, True]
        assert [wide > 0 for _, wide, _ in cards] == [False, True, False], "what it drew"
        assert chromium.ask("return document.documentElement.scrollWidth") <= width
        assert chromium.complaints() == []
