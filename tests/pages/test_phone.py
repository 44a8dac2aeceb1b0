"""What somebody who knows nothing meets on a page at the width of a phone."""

from pathlib import Path

import pytest

import genmodels
from genmodels.exhibit import Exhibit
from genmodels.figures.style import titled_figure, words_apart
from genmodels.pages.words import WORDS
from homes import CORPUS, TINY_RUN
from pages.browser import Browser

pytestmark = pytest.mark.browser
FIGURE = Exhibit(
    "figure", "A figure", {}, draw=lambda title: titled_figure(8, 5, title, "Look at what there is to see.")
)


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("phone")
    (folder / "corpus.txt").write_text(CORPUS, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GENMODELS_CACHE", str(folder / "cache"))
        patch.setattr("genmodels.pages.gathered.exhibits_of", lambda _: [lambda: FIGURE])  # the run's own take seconds
        settings = {**TINY_RUN, "model": "gru"}
        run = genmodels.train_text(folder / "corpus.txt", runs=folder, name="tiny", progress=False, **settings)
        return genmodels.report(run, folder / "page.html", notice=lambda _: None, progress=False)


@pytest.fixture
def phone(chromium: Browser, page: Path) -> Browser:
    chromium.open(page, 360, still=True)
    chromium.until("return document.querySelector('[data-read]') !== null")
    return chromium


def test_a_figure_without_its_words_keeps_its_sentence_for_the_page() -> None:
    with words_apart():
        figure = titled_figure(6, 4, "Title", "Look at x = -1.")
    assert (figure.said, [text.get_text() for text in figure.texts]) == ("Look at x = −1.", [""])
    figure = titled_figure(6, 4, "Title", "Look at x = -1.")
    assert [text.get_text() for text in figure.texts] == ["Title", "Look at x = −1."]


def test_a_figure_opens_as_large_as_its_letters_need_and_its_sentence_is_text_of_the_page(phone: Browser) -> None:
    from selenium.webdriver.common.by import By
    from selenium.webdriver.common.keys import Keys

    is_open = "return document.querySelector('dialog')?.open ?? false"
    openers = phone.driver.find_elements(By.CSS_SELECTOR, "article .enlarge")
    assert openers
    assert phone.ask("return document.querySelector('article .said').textContent") == "Look at what there is to see."
    for close in (
        lambda: phone.driver.find_element(By.CSS_SELECTOR, "dialog button").send_keys(Keys.ENTER),
        lambda: phone.driver.find_element(By.CSS_SELECTOR, "dialog .room").send_keys(Keys.ESCAPE),
        lambda: phone.ask("document.querySelector('dialog img').click()"),
    ):
        openers[0].send_keys(Keys.ENTER)
        assert phone.ask(is_open)
        own = "const one = document.querySelector('dialog img'); return one.complete && one.clientWidth > 700"
        phone.until(own)
        less = "return document.querySelector('dialog img').clientWidth < 800"
        assert phone.ask(less), "and not at its own 1280 pixels, of which a phone shows a corner"
        close()
        phone.until(f"return !(() => {{ {is_open} }})()")
    assert phone.ask("return document.documentElement.scrollWidth") <= 360
    assert phone.complaints() == []


def test_words_are_told_once_and_only_those_that_the_page_uses(phone: Browser) -> None:
    phone.until("return document.querySelectorAll('.word').length > 0")
    told = phone.ask("return [...document.querySelectorAll('#words dt')].map((one) => one.textContent)")
    assert {"temperature", "GRU"} <= set(told)
    assert not {"VAE", "kernel distance"} & set(told)
    repeated = """
    return [...document.querySelectorAll('header, main > section')].map((one) => [...one.querySelectorAll('.word')]
      .map((link) => link.hash))
      .filter((all) => new Set(all).size < all.length || all.some((hash) => !document.querySelector(hash)));
    """
    assert phone.ask(repeated) == []


WORDS_KEPT = """
const [inside, elsewhere] = arguments;
const section = document.createElement("section");
section.innerHTML = inside;
document.querySelector("main").prepend(section);
const list = document.querySelector("#words dl");
for (const [id, pattern] of elsewhere) {
  const word = document.createElement("div");
  Object.assign(word, { id });
  word.dataset.pattern = pattern;
  list.append(word);
}
linkWords();
const kept = elsewhere.map(([id]) => id).filter((id) => document.getElementById(id));
return [kept, [...section.querySelectorAll(".word")].map((link) => [link.textContent, link.hash])];
"""


def test_a_word_is_told_for_what_it_means_there_and_a_setting_s_name_uses_none(phone: Browser) -> None:
    phone.until("return document.querySelectorAll('.word').length > 0")
    words = [[word.anchor, word.found_by] for word in WORDS if word.anchor not in {"word-temperature"}]
    phone.ask("document.querySelectorAll('#words dl > div').forEach((one) => one.remove())")
    phone.ask("document.querySelectorAll('main > section:not(#words), header').forEach((one) => one.replaceChildren())")
    said = "<table><td>KL of the classes drawn (nats)</td><td>Precision</td><td>Recall</td></table>"
    said += "<p>real, D(x); drawn, D(G(z)); G(z) along a great circle; the geometric mean; MMD²; the discriminator</p>"
    said += "<p><code>--gradient-clip</code></p><pre>train-vae --precision</pre><p class='written'>a code, a loss</p>"
    kept, linked = phone.ask(WORDS_KEPT, said, words)
    names = {"kl-of-the-classes", "nats", "precision", "recall", "d-x-d-g-z", "g-z", "great-circle", "geometric-mean"}
    names |= {"mmd", "discriminator"}
    assert {f"word-{name}" for name in names} == set(kept), "not the KL of a code, nor words of settings and of texts"
    assert {where for _, where in linked} == {f"#{one}" for one in kept}
    assert ["KL of the classes drawn", "#word-kl-of-the-classes"] in linked


def test_a_unit_that_falls_with_its_feature_is_turned_and_a_number_that_none_has_is_refused(phone: Browser) -> None:
    turned = """
    const [, unit] = coloursOf({ units: [{ feature: "capital letter", unit: 0, correlation: -0.5 }] });
    return [unit.value({ units: [-0.7] }), unit.more, unit.ends.join(" to ")];
    """
    assert phone.ask(turned) == [0.7, "--more", "less to more: capital letter"]
    choose = """
    const choice = document.querySelector('.microscope select');
    const number = document.querySelector('.microscope input');
    const before = number.closest('label').hidden;
    choice.value = 'any';
    choice.dispatchEvent(new Event('change'));
    const tints = () => [...document.querySelectorAll('.passage span')].map((one) => one.style.backgroundColor).join();
    const shown = tints();
    number.value = '9999';
    number.dispatchEvent(new Event('input'));
    const refused = document.querySelector('.microscope [role=status]').textContent;
    return [before, number.closest('label').textContent, refused, shown === tints()];
    """
    before, label, refused, same = phone.ask(choose)
    assert (before, same) == (True, True)
    assert label == "unit, 0 to 11"
    assert refused == "There is no such unit: they are numbered from 0 to 11. Unit 0 is shown."


def test_writing_begins_anew_goes_on_stops_and_says_when_it_is_done(phone: Browser) -> None:
    written = "document.querySelector('.written')"
    press = "[...document.querySelectorAll('.controls button')].find((one) => one.textContent === '{}').click()"
    length = f"return {written}.textContent.length"
    assert phone.ask(f"return {written}.scrollTop") == 0, "one reads from the beginning"
    phone.ask(press.format("Write"))
    done = "return /That was 2,000 letters/.test(document.querySelector('#alive-0').textContent)"
    phone.until(done)
    first = phone.ask(length)
    text = phone.ask(f"return {written}.textContent")
    phone.ask(press.format("Write"))
    phone.until(done)
    assert phone.ask(f"return {written}.textContent") == text, "anew, not further"
    phone.ask(press.format("Go on"))
    phone.until(done)
    assert phone.ask(length) == first + 2000
    phone.ask("const pace = document.querySelectorAll('.controls select')[0]; pace.value = 'slowly'")
    phone.ask(press.format("Go on"))
    assert phone.ask("return document.querySelector('.main').textContent") == "Stop"
    phone.ask(press.format("One letter"))
    assert phone.ask("return document.querySelector('.main').textContent") == "Write"


def test_a_chart_says_that_it_may_be_tapped_and_headings_lead_back_to_the_top(phone: Browser) -> None:
    assert "Tap a curve" in phone.ask("return document.querySelector('#chart-0').textContent")
    sections = phone.ask("return [...document.querySelectorAll('main > section:has(h2)')].map((one) => "
                         "one.querySelector('.up')?.hash)")  # fmt: skip
    assert set(sections) == {"#top"}


def test_the_title_of_a_chart_links_its_words_also_after_it_was_drawn_again(phone: Browser) -> None:
    title = "const links = [...document.querySelectorAll('#chart-0 > h3 a.word')]; return links.map((one) => one.hash)"
    phone.until("return document.querySelectorAll('#chart-0 > h3 .word').length > 0")
    linked = phone.ask(title)
    assert "#word-loss" in linked
    phone.ask("drawCharts()")
    assert phone.ask(title) == linked
