"""A language model in a page computes what Python computes, and looks the same whatever it read."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import torch

import genmodels
from genmodels.analysis.unrolled import unroll
from genmodels.families.alive import Alive, alive_of
from genmodels.pages.weights import pack, unpacked
from homes import CORPUS, TINY_RUN
from pages.browser import Browser

pytestmark = pytest.mark.browser
HOSTILE = (
    "</script><script>window.hacked = 1</script> <img src=x onerror=window.hacked=2> <!-- <script> \"quo'tes` ${1}"
    ' {{ 7 * 7 }} \u202e turned \u2066 \u200b =HYPERLINK("http://127.0.0.1:9/") \x07 \x1b[31m \u2028\n'
)
SHAPES = [
    {"model": "feedforward", "layers": 2, "context": 5},
    {"model": "rnn"},
    {"model": "gru", "layers": 2},
    {"model": "lstm", "layers": 2},
    {"model": "lstm", "bytes": True},
]


@dataclass(frozen=True)
class Made:
    run: genmodels.TextRun
    alive: Alive
    page: Path


def made(folder: Path, text: str, **settings: object) -> Made:
    (folder / "corpus.txt").write_text(text, encoding="utf-8")
    path = folder / "corpus.txt"
    run = genmodels.train_text(path, runs=folder, name="tiny", progress=False, **{**TINY_RUN, **settings})
    page = genmodels.report(run, folder / "page.html", notice=lambda _: None, progress=False)
    return Made(run, alive_of(run)[0], page)


@pytest.fixture(scope="module", params=SHAPES, ids=lambda shape: "-".join(map(str, shape.values())))
def tiny(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Made:
    folder = tmp_path_factory.mktemp("page")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GENMODELS_CACHE", str(folder / "cache"))
        return made(folder, CORPUS, **request.param)


LOGITS = """
const [inputs, which] = arguments;
const network = parts.text.network(page.alive[0].data, page.alive[0].networks[which].weights());
return inputs.map((ids) => Array.from(parts.text.logits(network, ids)));
"""
WRITTEN = """
const [which] = arguments;
const { data, networks } = page.alive[0];
const network = parts.text.network(data, networks[which].weights());
let logits = parts.text.logits(network, data.prompt);
const ids = [];
for (let i = 0; i < 200; i += 1) {
  ids.push(layers.sample(logits, 0, 0.5));
  logits = network.next(ids[ids.length - 1]);
}
return parts.text.letters(data.characters).decode(ids);
"""


def test_the_page_computes_the_logits_that_python_computes(chromium: Browser, tiny: Made) -> None:
    chromium.open(tiny.page)
    assert len(tiny.alive.inputs) == 64
    expected = [network.outputs(network.weights) for network in tiny.alive.networks]
    for which, network in enumerate(tiny.alive.networks):
        found = np.array(chromium.ask(LOGITS, tiny.alive.inputs, which))
        packed = pack(network)
        decoded = {name: unpacked(array) for name, array in packed.arrays.items()}
        assert np.abs(found - network.outputs(decoded)).max() <= 1e-4, network.name
        most = 0.02 if packed.encoding == "int8 by rows" else 0.01
        assert np.abs(found - expected[which]).max() <= most, (network.name, packed.encoding)
    assert np.abs(expected[0] - expected[1]).max() > 0.1


def test_the_page_writes_at_temperature_0_what_sample_text_writes(chromium: Browser, tiny: Made) -> None:
    chromium.open(tiny.page)
    for which, epoch in enumerate([None, 1]):
        (sample,) = tiny.run.sample(temperature=0.0, length=200, epoch=epoch)
        assert chromium.ask(WRITTEN, which) == sample.text


READ = """
const done = arguments[0];
readPassage(page.alive[0], (read) => done(read.map((one) => [one.bits, Array.from(one.units)])));
"""


def units_of(made: Made, ids: list[int]) -> np.ndarray:
    """What the last layer's units hold after each letter, shape (T, H), by the network that was trained."""
    network = made.run.load(made.run.epoch_checkpoint(None), torch.device("cpu")).model
    with torch.no_grad():
        moments = unroll(network, torch.tensor([ids]))[-1]
    return torch.cat([one.hidden if one.cell is None else one.cell.tanh() for one in moments]).numpy()


def test_surprise_and_units_under_the_microscope_are_python_s(chromium: Browser, tiny: Made) -> None:
    chromium.open(tiny.page)
    chromium.until("return document.querySelector('[data-read]') !== null")
    microscope = tiny.alive.data["microscope"]
    ids, led_in = microscope["ids"], microscope["ledIn"]
    bits, units = zip(*chromium.driver.execute_async_script(READ), strict=True)
    assert len(bits) == len(ids) - led_in
    writer = tiny.run.writer()
    if not writer.vocabulary.is_bytes:
        letters = writer.vocabulary.one_by_one(ids)
        expected = -np.array(writer.score(letters[:led_in], letters[led_in:], "it")) / np.log(2)
        assert np.abs(np.array(bits) - expected).max() < 2 * 0.02 / np.log(2)  # of two logits, each off by so much
    if tiny.alive.data["model"] != "feedforward":
        assert np.abs(np.array(units) - units_of(tiny, ids)[led_in:]).max() < 0.02


def test_the_page_is_worked_by_the_keyboard_alone(chromium: Browser, tiny: Made) -> None:
    from selenium.webdriver.common.by import By
    from selenium.webdriver.common.keys import Keys

    chromium.open(tiny.page, still=True)
    chromium.until("return document.querySelector('[data-read]') !== null")
    find = chromium.driver.find_element
    passage = find(By.CSS_SELECTOR, ".passage")
    passage.send_keys(Keys.ARROW_RIGHT, Keys.ARROW_RIGHT)
    assert "bits of surprise" in find(By.CSS_SELECTOR, ".told").text
    assert chromium.ask("return document.querySelector('.chosen').dataset.index") == "1"
    chart = find(By.CSS_SELECTOR, ".chart")
    before = chart.find_element(By.TAG_NAME, "output").text
    chart.send_keys(Keys.ARROW_LEFT)
    assert chart.find_element(By.TAG_NAME, "output").text != before
    letter = "letter" if tiny.alive.data["characters"] is not None else "byte"
    written = find(By.CSS_SELECTOR, ".written")
    text = written.text
    find(By.XPATH, f"//button[text()='One {letter}']").send_keys(Keys.SPACE)
    assert len(chromium.ask("return arguments[0].textContent", written)) > len(text) - 1
    find(By.XPATH, "//button[text()='Write']").send_keys(Keys.ENTER)
    chromium.until("return document.querySelector('.main').textContent === 'Write'")  # it has written all
    assert len(chromium.ask("return arguments[0].textContent", written)) > 2000


NOTHING_TO_READ = """
const [text] = arguments;
const prompt = document.querySelector(".controls textarea");
prompt.value = text;
prompt.dispatchEvent(new Event("input"));
for (const name of ["Write", "Go on", /^One (letter|byte)$/, "Another text"]) {
  [...document.querySelectorAll("button")].find((one) => one.textContent.match(name)?.[0] === one.textContent).click();
}
return [
  [...document.querySelectorAll("[role=status]")].map((one) => one.textContent).join(""),
  document.querySelector("button.main").textContent,
  document.querySelector(".writer").querySelectorAll(".bars li").length,
  document.querySelector(".written").textContent,
];
"""


def test_with_nothing_to_read_it_says_what_it_lacks_and_does_not_begin(chromium: Browser, tiny: Made) -> None:
    chromium.open(tiny.page)
    told, button, bars, written = chromium.ask(NOTHING_TO_READ, "")
    one = "letter" if tiny.alive.data["characters"] is not None else "byte"
    assert told == f"Give it at least one {one} to begin with."
    assert (button, bars, written) == ("Write", 0, "")
    if tiny.alive.data["characters"] is not None:
        told, button, bars, written = chromium.ask(NOTHING_TO_READ, "ελ")
        assert told == "It never saw ε λ, and passes it over: give it at least one letter that it knows."
        assert (button, bars, written) == ("Write", 0, "")
    told, button, bars, _ = chromium.ask(NOTHING_TO_READ, "a")
    assert (told, button) == ("", "Stop")
    assert bars > 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1600])
def test_nothing_is_wider_than_the_screen_and_every_control_has_a_name(
    chromium: Browser, tiny: Made, width: int, scheme: str
) -> None:
    chromium.open(tiny.page, width, scheme)
    assert chromium.ask("return document.documentElement.scrollWidth") <= width
    named = "return [...document.querySelectorAll('input, select, textarea')].every((one) => one.labels.length > 0)"
    assert chromium.ask(named)
    ground = chromium.ask("return getComputedStyle(document.body).backgroundColor")
    assert (int(ground.split("(")[1].split(",")[0]) < 60) == (scheme == "dark")
    assert chromium.complaints() == []
    chromium.ask("document.querySelectorAll('p, li, figcaption').forEach((one) => one.append('x'.repeat(200)))")
    assert chromium.ask("return document.documentElement.scrollWidth") <= width, "a file's name or a note may be long"


def test_a_text_full_of_markup_and_hidden_characters_changes_nothing(
    chromium: Browser, tmp_path: Path, own_cache: Path
) -> None:
    prompt = HOSTILE[:60]
    hostile = made(tmp_path, HOSTILE * 20, model="gru", sample_prompt=prompt)
    chromium.open(hostile.page)
    chromium.until("return document.querySelector('[data-read]') !== null")
    assert chromium.ask("return typeof window.hacked") == "undefined"
    assert chromium.ask("return document.querySelectorAll('img[src=x]').length") == 0
    assert chromium.ask("return HIDDEN.test(document.body.textContent.replace(/[\\n\\t]/g, ''))") is False
    assert chromium.ask("return document.querySelector('.written').textContent").startswith(prompt)
    assert chromium.complaints() == []
    assert chromium.requests() == []


def test_the_page_s_policy_lets_nothing_in_that_was_not_written_with_it(chromium: Browser, tiny: Made) -> None:
    chromium.open(tiny.page)
    chromium.ask(
        "const s = document.createElement('script'); s.textContent = 'window.hacked = 3'; document.body.append(s)"
    )
    assert chromium.ask("return typeof window.hacked") == "undefined"
    assert any("Content Security Policy" in told for told in chromium.complaints())
    chromium.driver.set_script_timeout(10)
    refused = chromium.driver.execute_async_script(
        "const done = arguments[0]; fetch('data:,x').then(() => done(false), () => done(true))"
    )
    assert refused is True
    policy = chromium.ask("return document.querySelector('meta[http-equiv]').content")
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    assert rules["default-src"] == "'none'"
    assert all(source.startswith("'sha256-") for name in ("script-src", "style-src") for source in rules[name].split())
    assert {rules["img-src"], rules["media-src"]} == {"data:"}
    assert set(rules) == {
        "default-src", "script-src", "style-src", "img-src", "media-src", "base-uri", "form-action",
    }  # fmt: skip
