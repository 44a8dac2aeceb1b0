"""Several language models in one page, letter by letter; and passages of which half are real."""

from pathlib import Path

import numpy as np
import pytest

import genmodels
from genmodels.families.alive import alive_of
from homes import TINY_RUN
from pages.browser import Browser

pytestmark = pytest.mark.browser
WORDS = ("cat", "dog", "sun", "moon", "runs", "sings", "sleeps", "over", "under", "with", "the", "a", "</script>", "\n")
TEXT = " ".join(np.random.default_rng(0).choice(WORDS, 9000))


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> list[genmodels.TextRun]:
    folder = tmp_path_factory.mktemp("compared")
    (folder / "corpus.txt").write_text(TEXT, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GENMODELS_CACHE", str(folder / "cache"))
        return [
            genmodels.train_text(
                folder / "corpus.txt", runs=folder, name=model, progress=False, **{**TINY_RUN, "model": model}
            )
            for model in ("rnn", "lstm")
        ]


@pytest.fixture(scope="module")
def page(runs: list[genmodels.TextRun], tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("page") / "page.html"
    return genmodels.report(runs, path, notice=lambda _: None, progress=False)


def read(chromium: Browser, networks: int) -> None:
    chromium.until(f"return document.querySelectorAll('[data-read]').length === {networks}")


TINTED = """
return [...document.querySelectorAll('.looked')[arguments[0]].querySelectorAll('li')].map((one) => [
  one.querySelector('b').textContent,
  one.textContent.match(/gave it (.*?); half of that hangs on the last (\\d+)/).slice(1),
  [...one.querySelectorAll('.back > span')].map((letter) =>
    Number(letter.style.backgroundColor.match(/\\) ([\\d.]+)%/)[1])),
]);
"""


def test_networks_that_read_the_same_passage_are_compared_at_each_letter(
    chromium: Browser, runs: list[genmodels.TextRun], page: Path
) -> None:
    from selenium.webdriver.common.by import By
    from selenium.webdriver.common.keys import Keys

    chromium.open(page, still=True)
    read(chromium, 2)
    passage = chromium.driver.find_elements(By.CSS_SELECTOR, ".passage")[1]
    passage.send_keys(*[Keys.ARROW_RIGHT] * 5)  # the fifth letter
    rows = chromium.ask(TINTED, 1)
    assert [name for name, *_ in rows] == ["rnn", "lstm"]
    for run, (_, (_, half), tints) in zip(runs, rows, strict=True):
        microscope = alive_of(run)[0].data["microscope"]
        lags = microscope["lags"]
        own = np.frombuffer(microscope["reach"], np.uint8)[4 * lags : 5 * lags].astype(float)
        assert np.abs(np.array(tints[::-1]) - 75 * own / 255).max() <= 0.5
        assert int(half) == 1 + int(np.argmax(np.cumsum(own) >= own.sum() / 2))
    assert rows[0][2] != rows[1][2]
    assert chromium.complaints() == []


def test_one_network_is_compared_with_nothing(chromium: Browser, runs: list[genmodels.TextRun], tmp_path: Path) -> None:
    alone = genmodels.report(runs[:1], tmp_path / "alone.html", notice=lambda _: None, progress=False)
    chromium.open(alone)
    read(chromium, 1)
    chromium.ask("document.querySelector('.passage span').dispatchEvent(new Event('pointerover', { bubbles: true }))")
    assert "bits of surprise" in chromium.ask("return document.querySelector('.told').textContent")
    assert chromium.ask("return document.querySelector('.looked').children.length") == 0


def test_half_of_eight_passages_are_held_out_text_and_what_was_chosen_is_judged(
    chromium: Browser, runs: list[genmodels.TextRun], page: Path
) -> None:
    from selenium.webdriver.common.by import By
    from selenium.webdriver.common.keys import Keys

    game = alive_of(runs[0])[1]
    held_out = TEXT[-len(TEXT) // 10 :]
    assert all(one in held_out and 80 < len(one) <= 180 for one in game.data["real"])
    words = {word for one in [*game.data["real"], *game.data["drawn"]] for word in (one.split()[0], one.split()[-1])}
    assert words & set(WORDS), "passages end at words"
    assert all(one.split()[0] in WORDS and one.split()[-1] in WORDS for one in game.data["real"])
    writer = runs[0].writer()
    microscope = writer.vocabulary.decode(alive_of(runs[0])[0].data["microscope"]["ids"])
    assert not any(one in microscope for one in game.data["real"]), "none is shown elsewhere"
    assert not any(one in TEXT for one in game.data["drawn"])
    assert len(set(game.data["drawn"])) == len(game.data["drawn"]) == len(game.data["real"])
    chromium.open(page, still=True)
    read(chromium, 2)
    choices = chromium.driver.find_elements(By.CSS_SELECTOR, ".eight.passages")[0].find_elements(
        By.CSS_SELECTOR, ".choice"
    )
    shown = [chromium.ask("return arguments[0].querySelector('.written-passage').textContent", one) for one in choices]
    is_real = [one in TEXT for one in shown]
    assert (len(shown), sum(is_real)) == (8, 4)
    assert all(text in one.get_attribute("aria-label") for text, one in zip(shown, choices, strict=True))
    for choice, truth in zip(choices, is_real, strict=True):
        if truth:
            choice.send_keys(Keys.SPACE)
    chromium.driver.find_element(By.XPATH, "//button[text()='Check']").send_keys(Keys.ENTER)
    assert chromium.ask("return document.querySelector('.score').textContent").startswith("8 of 8 right.")
    told = "[...document.querySelectorAll('.passages')[0].querySelectorAll('.verdict')]"
    verdicts = chromium.ask(f"return {told}.map((one) => one.textContent)")
    assert verdicts == [f"✓ {'real' if truth else 'written'}" for truth in is_real]


@pytest.mark.parametrize("width", [360, 1600])
def test_compared_networks_and_passages_fit_the_screen(chromium: Browser, page: Path, width: int) -> None:
    chromium.open(page, width, "light")
    read(chromium, 2)
    chromium.ask("document.querySelector('.passage span').dispatchEvent(new Event('pointerover', { bubbles: true }))")
    assert chromium.ask("return document.documentElement.scrollWidth") <= width
    assert chromium.complaints() == []
