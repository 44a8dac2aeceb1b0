"""A reader in a page computes what Python computes, reads what is written with a finger, and shows its spikes."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import genmodels
from genmodels.analysis.reading import read_columns
from genmodels.analysis.reading_accuracy import read_strips
from genmodels.families.alive import Alive, alive_of
from genmodels.models.weights import load_weights, to_tensors
from genmodels.pages.weights import pack, unpacked
from genmodels.telling import of_hundred, reads_nothing
from homes import bars, write_set
from pages.browser import Browser

pytestmark = pytest.mark.browser
HOSTILE = "</script><img src=x onerror=window.hacked=1> ${1} \u202e"
MODELS: dict[str, dict[str, Any]] = {
    "crnn": {"model": "crnn", "epochs": 2, "learning_rate": 0.02, "strips": 4800},  # enough to read something
    "crnn-2-layers": {"model": "crnn", "layers": 2, "hidden_size": 6, "channels": 4},
    "cnn": {"model": "cnn", "epochs": 2, "longest": 3},  # strips shown are wider than it sees
}


@dataclass(frozen=True)
class Made:
    run: genmodels.ReaderRun
    alive: Alive
    page: Path
    told: list[str]


def made(folder: Path, data: Path, **settings: Any) -> Made:
    how = {"channels": 3, "hidden_size": 8, "longest": 2, "strips": 320, "tested_strips": 20, "epochs": 1, **settings}
    run = genmodels.train_reader(data, runs=folder, name="tiny", progress=False, notice=lambda _: None, **how)
    told: list[str] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("genmodels.pages.gathered.exhibits_of", lambda _: ())  # test_report.py has them
        page = genmodels.report(run, folder / "page.html", notice=told.append, progress=False)
    return Made(run, alive_of(run)[0], page, told)


@pytest.fixture(scope="module", params=MODELS)
def tiny(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Made:
    folder = tmp_path_factory.mktemp("page")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GENMODELS_CACHE", str(folder / "cache"))
        write_set(folder / "set.npz", *bars(90), 60)
        return made(folder, folder / "set.npz", **MODELS[request.param])


READ = """
const { data, networks } = page.alive[0];
return arguments[0].map((strip) => {
  const shape = [32, strip.length / 32];
  const reading = parts.reader.read(data, networks[0].weights(), Float32Array.from(strip), shape);
  const logits = parts.reader.logits(data, networks[0].weights(), Float32Array.from(strip), shape);
  return { ...reading, logP: null, logits: logits.flatMap((row) => Array.from(row)) };
});
"""


def test_the_page_computes_the_logits_that_python_computes(chromium: Browser, tiny: Made) -> None:
    chromium.open(tiny.page)
    assert len(tiny.alive.inputs) == 64
    assert len({len(strip) for strip in tiny.alive.inputs}) > 2, "canvases of several widths"
    network = tiny.alive.networks[0]
    rows = [one["logits"] for one in chromium.ask(READ, tiny.alive.inputs)]
    wanted = network.outputs(network.weights)
    found = np.zeros_like(wanted)
    for row, of_it in zip(found, rows, strict=True):
        row[: len(of_it)] = of_it
    packed = pack(network)
    held = {name: unpacked(array) for name, array in packed.arrays.items()}
    assert np.abs(found - network.outputs(held)).max() <= 1e-4
    assert np.abs(found - wanted).max() <= (0.02 if packed.encoding == "int8 by rows" else 0.01), packed.encoding


def test_the_page_reads_what_python_reads_and_is_as_sure_of_it(chromium: Browser, tiny: Made) -> None:
    chromium.open(tiny.page)
    loaded = tiny.run.load(tiny.run.epoch_checkpoint(None), torch.device("cpu"))
    held = {name: unpacked(array) for name, array in pack(tiny.alive.networks[0]).arrays.items()}
    load_weights(loaded.model, to_tensors(held))
    lengths = set()
    for strip, found in zip(tiny.alive.inputs, chromium.ask(READ, tiny.alive.inputs), strict=True):
        (wanted,) = read_strips(loaded.model, torch.tensor(strip).view(1, 32, -1), 1)
        assert found["classes"] == wanted.classes
        assert found["confidence"] == pytest.approx(wanted.confidence, abs=1e-4)
        assert found["scores"] == pytest.approx(wanted.scores, abs=1e-4)
        assert found["spans"] == (None if wanted.spans is None else [list(span) for span in wanted.spans])
        lengths.add(len(wanted.classes))
    assert lengths != {0}


def test_strips_are_read_with_the_greys_that_the_page_keeps(tiny: Made) -> None:
    for strip in tiny.alive.inputs:
        greys = 255 * np.array(strip)
        np.testing.assert_allclose(greys, greys.round(), atol=1e-4)


TOLD_OF_STRIPS = """
const { data, networks } = page.alive[0];
return [data.longest, 64].map((longest) => readerStrips({ ...data, longest }, networks[0].weights).textContent);
"""


def test_strips_are_told_to_be_longer_only_where_some_are(chromium: Browser, tiny: Made) -> None:
    chromium.open(tiny.page)
    longer, as_long = chromium.ask(TOLD_OF_STRIPS)
    data = tiny.alive.data
    beyond = sum(len(strip["truth"]) > data["longest"] for strip in data["strips"])
    which = "one has" if beyond == 1 else f"{beyond} have"
    assert f"Choose one; the last {which} more digits than any that it learned from." in longer
    assert "Choose one." in as_long


PATHS = "return arguments[0].map((logP) => readPath(logP.map((column) => Float64Array.from(column))))"


def test_any_path_is_read_as_python_reads_it(chromium: Browser, tiny: Made) -> None:
    """Repeats, equal digits beside each other, nothing at all, a single column: sharp columns at random."""
    chromium.open(tiny.page)
    random = np.random.default_rng(1)
    logits = [random.normal(0, 6, (columns, 4)) for columns in [1, 1, 2, *([9] * 40)]]
    paths = [one - np.log(np.exp(one).sum(axis=1, keepdims=True)) for one in logits]
    for log_p, found in zip(paths, chromium.ask(PATHS, [one.tolist() for one in paths]), strict=True):
        wanted = read_columns(log_p, 1)
        assert found["classes"] == wanted.classes
        assert found["confidence"] == pytest.approx(wanted.confidence, rel=1e-6)
        assert [tuple(span) for span in found["spans"]] == wanted.spans
        for peak, (first, last), kind in zip(found["peaks"], wanted.spans or (), wanted.classes, strict=True):
            assert peak == first + int(log_p[first : last + 1, kind + 1].argmax())


def read_aloud(chromium: Browser, index: int = 0) -> str:
    chromium.until("return document.querySelectorAll('.reading')[0].textContent !== ''")
    return str(chromium.ask(f"return document.querySelectorAll('.told-reading')[{index}].textContent"))


def test_what_a_finger_writes_is_read_and_a_cleared_paper_holds_nothing(chromium: Browser, tiny: Made) -> None:
    from selenium.webdriver.common.action_chains import ActionChains
    from selenium.webdriver.common.by import By

    chromium.open(tiny.page, still=True)
    first = read_aloud(chromium)
    assert "It gives this reading" in first, "a strip of test digits stands there at first"
    caption = "return document.querySelector('.strip-frame figcaption').textContent"
    assert chromium.ask(caption) == "a strip of test digits, until you write"
    paper = chromium.driver.find_element(By.CSS_SELECTOR, ".paper")
    chromium.ask("arguments[0].scrollIntoView({ block: 'center' })", paper)
    chromium.driver.find_element(By.XPATH, "//button[text()='Clear']").click()
    chromium.until("return document.querySelector('.sure').textContent.includes('nothing to read')")
    assert chromium.ask(caption).startswith("your writing")
    cell = paper.size["height"] / 32
    strokes = ActionChains(chromium.driver).move_to_element_with_offset(paper, 0, int(-9 * cell)).click_and_hold()
    strokes.move_by_offset(0, int(18 * cell)).release().perform()
    chromium.until("return document.querySelector('.sure').textContent.includes('It gives this reading')")
    inked = "return [...document.querySelector('.paper').getContext('2d').getImageData(0, 0, arguments[0], 32).data]"
    pixels = np.array(chromium.ask(inked, int(paper.get_attribute("width")))).reshape(32, -1, 4)[:, :, 0]
    assert 18 <= (pixels.min(axis=1) < 128).sum() <= 24, "as high as the stroke"
    assert 2 <= (pixels.min(axis=0) < 128).sum() <= 5, "as wide as the pen, however wide the paper"


def test_the_page_is_worked_by_the_keyboard_alone(chromium: Browser, tiny: Made) -> None:
    from selenium.webdriver.common.by import By
    from selenium.webdriver.common.keys import Keys

    chromium.open(tiny.page, still=True)
    read_aloud(chromium)
    shown = "return document.querySelector('.strip-frame').parentElement.outerHTML"
    before = chromium.ask(shown)
    paper = chromium.driver.find_element(By.CSS_SELECTOR, ".paper")
    paper.send_keys(Keys.SPACE, *([Keys.ARROW_UP] * 10), Keys.SPACE)
    chromium.until(f"return (() => {{ {shown} }})() !== {json.dumps(before)}")
    choices = chromium.driver.find_elements(By.CSS_SELECTOR, ".choices .choice")
    for index in (0, len(choices) - 1):
        choices[index].send_keys(Keys.ENTER)
        assert chromium.ask("return arguments[0].ariaPressed", choices[index]) == "true"
        told = read_aloud(chromium, 1)
        longest = tiny.run.setting("longest")
        assert (f"No training strip had more than {longest}" in told) == (index > 0)


def test_each_strip_is_told_right_or_wrong_and_its_digits_stand_above_their_columns(
    chromium: Browser, tiny: Made
) -> None:
    from selenium.webdriver.common.by import By

    chromium.open(tiny.page)
    strips = tiny.alive.data["strips"]
    assert [len(one["truth"]) for one in strips] == sorted(len(one["truth"]) for one in strips)
    for index, choice in enumerate(chromium.driver.find_elements(By.CSS_SELECTOR, ".choices .choice")):
        chromium.ask("arguments[0].click()", choice)
        strip = np.frombuffer(strips[index]["pixels"], np.uint8) / 255
        (found,) = chromium.ask(READ, [strip.tolist()])
        right = found["classes"] == strips[index]["truth"]
        told = chromium.ask("return document.querySelectorAll('.sure')[1].textContent")
        assert told.startswith("Right. It gives" if right else "Wrong: it is ")
        if found["spans"] is None:
            assert chromium.ask("return document.querySelectorAll('.spikes').length") == 0
            assert chromium.ask("return document.querySelectorAll('.bars')[1].children.length") == 3
            continue
        signs = "return [...document.querySelectorAll('.spikes')[1].querySelectorAll('.sign')]"
        assert chromium.ask(f"{signs}.map((one) => one.textContent)") == [str(kind) for kind in found["classes"]]
        columns = strips[index]["width"] / 4
        places = [float(one.removesuffix("%")) for one in chromium.ask(f"{signs}.map((s) => s.style.insetInlineStart)")]
        assert places == pytest.approx([100 * (peak + 0.5) / columns for peak in found["peaks"]], abs=0.01)


def test_the_spikes_lie_over_the_columns_of_the_strip(chromium: Browser, tiny: Made) -> None:
    if tiny.run.setting("model") == "cnn":
        pytest.skip("it has no columns")
    chromium.open(tiny.page)
    read_aloud(chromium)
    for index in (0, 1):
        edges = chromium.ask(
            "const frame = document.querySelectorAll('.strip-frame')[arguments[0]];"
            "return [frame.querySelector('svg'), frame.querySelector('canvas')].map((one) => {"
            " const box = one.getBoundingClientRect(); return [box.left, box.right]; })",
            index,
        )
        assert edges[0] == pytest.approx(edges[1], abs=1.5)


UNNAMED = """
const named = (one) => one.ariaHidden === "true" || one.getAttribute("aria-label") || one.textContent.trim();
const all = [...document.querySelectorAll(".alive button, .alive canvas, .alive [role=img]")];
return all.filter((one) => !named(one)).length;
"""


@pytest.mark.parametrize(("width", "scheme"), [(360, "light"), (360, "dark"), (1600, "light"), (1600, "dark")])
def test_nothing_is_wider_than_the_screen_and_everything_has_a_name(
    chromium: Browser, tiny: Made, width: int, scheme: str
) -> None:
    chromium.open(tiny.page, width, scheme)
    read_aloud(chromium)
    assert chromium.ask("return document.documentElement.scrollWidth") <= width
    assert chromium.ask(UNNAMED) == 0
    assert chromium.ask("return document.querySelector('.paper').clientHeight") >= 85, "high enough for a finger"
    assert chromium.complaints() == []
    assert chromium.requests() == []


def test_the_paper_is_high_enough_for_a_finger_on_a_phone(chromium: Browser, tiny: Made) -> None:
    chromium.open(tiny.page, 360)
    assert chromium.ask("return document.querySelector('.paper').clientHeight") >= 118  # whole columns


def test_the_first_screen_says_what_it_learned(tiny: Made) -> None:
    told = tiny.alive.learned
    record = tiny.run.best_evaluation()["test"]
    unread = reads_nothing(record["character_error_rate"], record["sequence_accuracy"])
    assert f"and {'was to learn' if unread else 'learned'} to read them" in told
    assert f"rows of up to {tiny.run.setting('longest')} digits" in told
    assert f"reads {of_hundred(record['sequence_accuracy'])} of 100 without any error" in told


def test_classes_full_of_markup_change_nothing(chromium: Browser, tmp_path: Path, own_cache: Path) -> None:
    from PIL import Image

    for number, (pixels, label) in enumerate(zip(*bars(90), strict=True)):
        folder = tmp_path / "<script>x" / [HOSTILE.replace("/", "\u2215"), "a'b\"`${1}", "=HYPER\u202elink"][label]
        folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).save(folder / f"{number}.png")
    hostile = made(tmp_path, tmp_path / "<script>x", epochs=2, learning_rate=0.02)
    chromium.open(hostile.page)
    read_aloud(chromium)
    for choice in range(8):
        chromium.ask(f"document.querySelectorAll('.choice')[{choice}].click()")
    assert chromium.ask("return typeof window.hacked") == "undefined"
    assert chromium.ask("return document.querySelectorAll('img[src=x]').length") == 0
    assert chromium.ask("return HIDDEN.test(document.body.textContent.replace(/[\\n\\t]/g, ''))") is False
    assert chromium.complaints() == []
    assert chromium.requests() == []


def test_a_reader_whose_images_are_gone_still_reads_what_is_written(
    chromium: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GENMODELS_CACHE", str(tmp_path / "cache"))
    write_set(tmp_path / "set.npz", *bars(90), 60)
    run = made(tmp_path, tmp_path / "set.npz").run
    (tmp_path / "set.npz").unlink()
    monkeypatch.setenv("GENMODELS_CACHE", str(tmp_path / "empty"))
    monkeypatch.setattr("genmodels.pages.gathered.exhibits_of", lambda _: ())
    told: list[str] = []
    page = genmodels.report(run, tmp_path / "gone.html", notice=told.append, progress=False)
    assert any("no strips of test digits stand in the page" in one for one in told)
    chromium.open(page)
    assert "nothing to read" in read_aloud(chromium)
    assert chromium.ask("return document.querySelectorAll('.choices').length") == 0
    assert chromium.complaints() == []


def test_numbers_that_are_none_are_shown_and_break_nothing(chromium: Browser, tiny: Made) -> None:
    chromium.open(tiny.page)
    read_aloud(chromium)
    nothing = READ.replace("Float32Array.from(strip)", "new Float32Array(strip.length).fill(NaN)")
    (found,) = chromium.ask(nothing, [[0.0] * 32 * 44])
    assert found["classes"] == []
    chromium.ask(
        "const chart = spikeChart('x'); const logP = [new Float64Array(4).fill(NaN)];"
        "chart.show({ ...readPath(logP), logP }, ['0', '1', '2']); document.body.append(chart.element)"
    )
    assert chromium.complaints() == []
