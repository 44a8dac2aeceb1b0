"""A network that listens, in a page: it hears what Python hears, out of the sound itself, and can be listened to."""

import base64
import io
import json
import re
import wave
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import genmodels
from genmodels.data.sound.features import heard
from genmodels.families.alive import Alive, alive_of, best_held_out
from genmodels.families.speech import alive as speech_alive
from genmodels.pages.weights import pack, unpacked
from genmodels.telling import errors_told, of_hundred
from homes import spoken, write_wav, write_words
from pages.browser import Browser

pytestmark = pytest.mark.browser
MODELS: dict[str, dict[str, Any]] = {
    "window": {"window": 7, "features": "mfcc"},
    "tdnn": {"epochs": 2, "learning_rate": 0.02},
    "rnn": {},
    "gru": {"features": "mfcc"},
    "lstm": {},
    "bilstm": {},
    "tdnn-bilstm": {},
}


@dataclass(frozen=True)
class Made:
    run: genmodels.SpeechRun
    alive: Alive
    page: Path
    told: list[str]


def trained(folder: Path, data: Path, **settings: Any) -> genmodels.SpeechRun:
    how = {
        "name": "tiny", "parameters": 4000, "longest": 2, "utterances": 64, "tested_utterances": 8, "batch_size": 8,
        "epochs": 1, **settings,
    }  # fmt: skip
    return genmodels.train_speech(data, runs=folder, progress=False, notice=lambda _: None, **how)


def reported(page: Path, *runs: genmodels.SpeechRun) -> Made:
    told: list[str] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("genmodels.pages.gathered.exhibits_of", lambda _: ())  # they take seconds
        genmodels.report(list(runs), page, notice=told.append, progress=False)
    return Made(runs[0], alive_of(runs[0])[0], page, told)


@pytest.fixture(scope="module")
def words(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("words")
    write_words(folder / "words")
    return folder


@pytest.fixture(scope="module", params=MODELS)
def tiny(request: pytest.FixtureRequest, words: Path, tmp_path_factory: pytest.TempPathFactory) -> Made:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GENMODELS_CACHE", str(words / "cache"))
        folder = tmp_path_factory.mktemp(request.param)
        run = trained(folder, words / "words", model=request.param, **MODELS[request.param])
        return reported(folder / "page.html", run)


@pytest.fixture(scope="module")
def several(words: Path) -> Made:
    """Three networks on the same recordings."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GENMODELS_CACHE", str(words / "cache"))
        runs = [
            trained(words / "several", words / "words", name=name, model=name) for name in ("window", "rnn", "bilstm")
        ]
        return reported(words / "several.html", *runs)


HEARD = """
const { data, networks } = page.alive[0];
return arguments[0].map((samples) =>
  parts.speech.outputs(data, networks[0].weights(), samples).flatMap((row) => Array.from(row)));
"""
ROWS = "return soundRows(Float32Array.from(arguments[0], (x) => x / 32768), arguments[1]).map((row) => Array.from(row))"


def test_the_page_hears_in_a_sound_what_python_hears(chromium: Browser, tiny: Made) -> None:
    chromium.open(tiny.page)
    assert len(tiny.alive.inputs) == 64
    network = tiny.alive.networks[0]
    wanted = network.outputs(network.weights)
    found = np.zeros_like(wanted)
    for row, one in zip(found, chromium.ask(HEARD, tiny.alive.inputs), strict=True):
        row[: len(one)] = one
    packed = pack(network)
    held = {name: unpacked(array) for name, array in packed.arrays.items()}
    assert np.abs(found - network.outputs(held)).max() <= 1e-3
    assert np.abs(found - wanted).max() <= (0.02 if packed.encoding == "int8 by rows" else 0.01), packed.encoding


@pytest.mark.parametrize("kind", ["mel", "mfcc"])
def test_what_a_network_reads_of_a_sound_is_the_same(chromium: Browser, several: Made, kind: str) -> None:
    chromium.open(several.page)
    random = np.random.default_rng(1)
    for samples in (several.alive.inputs[0], random.integers(-3000, 3000, 900), np.zeros(400), np.ones(256)):
        sound = np.asarray(samples, np.int16)
        found = np.array(chromium.ask(ROWS, sound.tolist(), kind))
        assert found == pytest.approx(heard(sound, kind), abs=2e-3)


def settled(chromium: Browser) -> None:
    chromium.until("return document.querySelectorAll('.reading').length > 0")


def test_each_recording_can_be_heard_and_is_the_one_that_the_network_is_given(chromium: Browser, tiny: Made) -> None:
    chromium.open(tiny.page)
    settled(chromium)
    clips = tiny.alive.data["clips"]
    assert [len(clip["truth"].split()) for clip in clips] == [2, 3, 5, 1, 1, 1]
    assert len({clip["truth"] for clip in clips[3:]}) == 3, "of each word one"
    assert all(" by " in clip["name"] for clip in clips[3:])
    for index, clip in enumerate(clips):
        with wave.open(io.BytesIO(clip["wav"])) as file:
            assert (file.getframerate(), file.getsampwidth(), file.getnchannels()) == (8000, 2, 1)
            seconds = file.getnframes() / 8000
        chromium.ask(
            "const select = document.querySelector('select'); select.selectedIndex = arguments[0];"
            "select.dispatchEvent(new Event('change'))",
            index,
        )
        chromium.until(f"return Math.abs(document.querySelector('audio').duration - {seconds}) < 0.01")
    assert chromium.complaints() == []
    assert chromium.requests() == []


def test_what_is_read_and_its_spikes_are_told_right_or_wrong(chromium: Browser, tiny: Made) -> None:
    chromium.open(tiny.page)
    settled(chromium)
    clip = tiny.alive.data["clips"][0]
    said = chromium.ask("return document.querySelector('.reading').textContent")
    told = chromium.ask("return document.querySelector('.sure').textContent")
    assert told.startswith("Right." if said == clip["truth"] else f"Wrong: it is {clip['truth']}.")
    signs = chromium.ask("return [...document.querySelectorAll('.sign')].map((one) => one.textContent)")
    assert " ".join(signs) == ("" if said == "nothing" else said)


SPIKES = """
const names = ["one", "two", "six"];
const logP = [[0.7, 0.1, 0.16, 0.04], [0.2, 0.72, 0.05, 0.03], [0.9, 0.05, 0.03, 0.02]].map((row) => row.map(Math.log));
const chart = spikeChart("x");
const told = (reading) => {
  chart.show(reading, names);
  const lines = [...chart.element.querySelectorAll(".spike")].map((one) => one.getAttribute("class"));
  return [lines, [...chart.legend.children].map((one) => one.textContent)];
};
return [told({ ...readPath(logP), logP }), told({ ...readPath(logP.slice(2)), logP: logP.slice(2) })];
"""


def test_a_legend_says_which_line_is_which_and_only_what_is_shaded_is_called_so(
    chromium: Browser, several: Made
) -> None:
    chromium.open(several.page)
    settled(chromium)
    full, empty = chromium.ask(SPIKES)
    assert full == [
        ["spike blank", "spike", "spike unread"],
        ["what is read, named above its peak", "not read: two", "nothing new"],
    ]
    assert empty[1] == ["not read: one", "nothing new"]
    dashes = "return ['', ' unread', ' blank'].map((kind) => getComputedStyle("
    dashes += "makeSvgIn(`spike${kind}`)).strokeDasharray)"
    inside = "const makeSvgIn = (kind) => { const one = makeSvg('path', { class: kind });"
    inside += " document.querySelector('.spikes svg').append(one); return one; };"
    assert len(set(chromium.ask(inside + dashes))) == 3, "also where a run's colour is that of what is not read"
    figures = (
        "return [...document.querySelectorAll('#alive-0 figure')].map((one) => [one.innerText.includes('shaded'), "
    )
    figures += "[...one.querySelectorAll('.sight')].some((sight) => sight.offsetWidth > 0)])"
    found = chromium.ask(figures)
    assert len(found) == 4
    assert all(said == shown for said, shown in found)
    assert chromium.ask("return document.querySelectorAll('#alive-0 .listener .legend').length") == 3


SIGHTS = {  # of the middle step: whether something before it, and something after it, can't be heard
    "window": (True, True), "tdnn": (True, True), "rnn": (False, True), "gru": (False, True), "lstm": (False, True),
    "bilstm": (False, False), "tdnn-bilstm": (False, False),
}  # fmt: skip


def test_what_each_kind_of_network_can_hear_of_a_moment_is_shaded_and_is_what_its_weights_can_hear(
    chromium: Browser, tiny: Made
) -> None:
    chromium.open(tiny.page)
    settled(chromium)
    found = chromium.ask(
        """
        const { data, networks } = page.alive[0];
        const steps = 90;
        const width = data.features === "mel" ? 40 : 13;
        const rows = Array.from({ length: 2 * steps }, (_, t) =>
          Float32Array.from({ length: width }, (_, i) => Math.sin(t * 7 + i * 3)));
        const plain = listen(data, networks[0].weights(), rows)[45];
        const matters = Array.from({ length: steps }, (_, step) => {
          const other = rows.map((row, t) => (t === 2 * step ? row.map((x) => x + 9) : row));
          return listen(data, networks[0].weights(), other)[45].some((value, i) => value !== plain[i]);
        });
        return { matters, sight: sightOf(data, 45, steps), frames: data.frames };
        """
    )
    first, last = found["sight"]
    inside = [step for step, matters in enumerate(found["matters"]) if matters]
    assert min(inside) >= first
    assert max(inside) <= last
    before, after = SIGHTS[str(tiny.run.setting("model"))]
    assert (first > 0, last < 89) == (before, after)
    caption = chromium.ask("return document.querySelector('.listener figcaption').textContent")
    assert ("of all the rest only how loud the recording is, and its colour" in caption) == (before or after)
    if before:
        assert min(inside) - first < 1, "no more is shaded than matters"
    if after:
        assert last - max(inside) < 1
    shaded = (
        "const box = document.querySelector('.listener .sight').style; return [box.insetInlineStart, box.inlineSize]"
    )
    start, size = (float(edge.removesuffix("%")) for edge in chromium.ask(shaded))
    steps = chromium.ask("return Number(document.querySelector('input[type=range]').max) + 1")
    first, last = chromium.ask(f"return sightOf(page.alive[0].data, {steps // 2}, {steps})")
    assert start == pytest.approx(100 * first / steps, abs=0.01)
    assert start + size == pytest.approx(100 * (last + 1) / steps, abs=0.01)


def test_the_moment_is_moved_by_keyboard_pointer_and_sound(chromium: Browser, tiny: Made) -> None:
    from selenium.webdriver.common.action_chains import ActionChains
    from selenium.webdriver.common.by import By
    from selenium.webdriver.common.keys import Keys

    chromium.open(tiny.page, still=True)
    settled(chromium)
    moment = chromium.driver.find_element(By.CSS_SELECTOR, "input[type=range]")
    heard_now = "return document.querySelector('.bars').textContent"
    middle = chromium.ask(heard_now)
    moment.send_keys(Keys.HOME)
    assert "0.02 s" in chromium.ask("return document.querySelector('.moments output').textContent")
    assert chromium.ask(heard_now) != middle
    moment.send_keys(Keys.ARROW_RIGHT)
    assert "0.04 s" in chromium.ask("return document.querySelector('.moments output').textContent")
    tape = chromium.driver.find_element(By.CSS_SELECTOR, ".listener .tape")
    chromium.ask("arguments[0].scrollIntoView({ block: 'center' })", tape)
    ActionChains(chromium.driver).move_to_element(tape).click().perform()
    steps = int(moment.get_attribute("max")) + 1
    assert abs(int(moment.get_attribute("value")) - steps / 2) <= 1
    shares = chromium.ask("return [...document.querySelectorAll('.bars i')].map((one) => one.textContent)")
    assert sum(float(one.removesuffix(" %")) for one in shares) == pytest.approx(100, abs=3)
    moment.send_keys(Keys.HOME)
    chromium.ask("const audio = document.querySelector('audio'); audio.muted = true; return audio.play()")
    chromium.until("return Number(document.querySelector('input[type=range]').value) > 2")


def test_networks_on_the_same_recordings_stand_side_by_side(chromium: Browser, several: Made) -> None:
    chromium.open(several.page)
    settled(chromium)
    titles = "return [...document.querySelectorAll(arguments[0])].map((one) => one.textContent)"
    first = chromium.ask(titles, "#alive-0 .listener h4 small")
    assert first == ["window", "rnn", "bilstm"]
    assert chromium.ask(titles, "#alive-1 .listener h4 small") == ["rnn"]
    assert chromium.ask(titles, "#alive-2 .listener h4 small") == ["bilstm"]
    readings = chromium.ask(titles, "#alive-0 .reading")
    assert readings[1:] == [chromium.ask(titles, f"#alive-{n} .reading")[0] for n in (1, 2)], "each by its own weights"
    colours = "return [...document.querySelectorAll('#alive-0 .spike.blank ~ .spike, #alive-0 .bar')]"
    colours += ".map((one) => one.closest('[class*=run-]').className.replace(/.*(run-\\d).*/, '$1'))"
    assert set(chromium.ask(colours)) == {"run-0", "run-1", "run-2"}
    spans = chromium.ask("return [...document.querySelectorAll('#alive-0 .sight')].map((one) => one.style.inlineSize)")
    assert len(set(spans)) == 4, "nothing on the spectrogram, and of each network what it can hear"


def test_networks_on_other_recordings_stand_alone(chromium: Browser, words: Path, several: Made) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GENMODELS_CACHE", str(words / "cache"))
        other = trained(words / "other", words / "words", model="rnn", leave_out="bob")
        page = reported(words / "two.html", several.run, other).page
    chromium.open(page)
    settled(chromium)
    for index in (0, 1):
        assert chromium.ask(f"return document.querySelectorAll('#alive-{index} .listener').length") == 1


UNNAMED = """
const named = (one) => one.ariaHidden === "true" || one.getAttribute("aria-label") || one.textContent.trim();
const all = [...document.querySelectorAll(".alive button, .alive canvas, .alive audio, .alive [role=img]")];
return all.filter((one) => !named(one)).length;
"""


@pytest.mark.parametrize(("width", "scheme"), [(360, "light"), (360, "dark"), (1600, "light"), (1600, "dark")])
def test_nothing_is_wider_than_the_screen_and_everything_has_a_name(
    chromium: Browser, several: Made, width: int, scheme: str
) -> None:
    chromium.open(several.page, width, scheme)
    settled(chromium)
    assert chromium.ask("return document.documentElement.scrollWidth") <= width
    assert chromium.ask(UNNAMED) == 0
    assert chromium.ask("return [...document.querySelectorAll('input, select')].every((one) => one.labels.length > 0)")
    assert chromium.complaints() == []
    assert chromium.requests() == []


def test_the_first_screen_says_what_it_learned(tiny: Made) -> None:
    record = best_held_out(tiny.run)
    assert "3 words (low, high, rising)" in tiny.alive.learned or "3 words (high, low, rising)" in tiny.alive.learned
    errors = errors_told(record["word_error_rate"], "word")
    assert f"In recordings that it never heard, of the same words, it makes {errors};" in tiny.alive.learned
    assert f"{of_hundred(record['sequence_accuracy'])} of 100 rows of words" in tiny.alive.learned


def test_tables_tell_each_speaker_and_what_was_taken_for_what(several: Made, words: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GENMODELS_CACHE", str(words / "cache"))
        found = speech_alive.speech_exhibits(several.run)[2]()
    assert found.leads == "figure"
    assert found.draw is not None
    speakers, confusion = found.tables[-2:]
    assert [row[0] for row in speakers.cells()] == ["ann", "bob", "cyd"]
    assert confusion.heads[-2:] == ["nothing", "several words"]
    counts = np.array(found.facts["networks"][0]["confusion"])
    cells = [[int(cell) if cell != "-" else 0 for cell in row[1:]] for row in confusion.cells()]
    assert (np.array(cells) == counts).all()
    many = speech_alive._confusion_table(np.eye(30, 32, 1, dtype=int).tolist(), [f"w{n}" for n in range(30)])
    assert many.rows[0] == {"said": "w0", "heard": "w1", "times": 1}
    assert len(many.rows) == speech_alive.MOST_WORDS


def test_an_utterance_of_the_table_is_the_one_of_that_name_that_can_be_heard(several: Made, words: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GENMODELS_CACHE", str(words / "cache"))
        rows = speech_alive.speech_exhibits(several.run)[1]().tables[0].rows
    heard_of = {clip["name"]: clip["truth"] for clip in several.alive.data["clips"]}
    assert [(row["name"], row["truth"]) for row in rows] == list(heard_of.items())[: len(rows)]
    assert len(rows) == 2


HOSTILE = ("<script>hacked=1<", "a'b\"`${1}{{7}}", "=HYPER(1)")


def test_words_full_of_markup_change_nothing(chromium: Browser, tmp_path: Path, own_cache: Path) -> None:
    for number, word in enumerate(("low", "high", "rising")):
        folder = tmp_path / "<script>x" / HOSTILE[number]
        folder.mkdir(parents=True)
        for take in range(12):
            write_wav(folder / f"{take}.wav", spoken(word, 0, take))
    run = trained(tmp_path / "runs", tmp_path / "<script>x", epochs=2)
    page = reported(tmp_path / "page.html", run).page
    chromium.open(page)
    settled(chromium)
    assert HOSTILE[0] in chromium.ask("return document.querySelector('select').textContent")
    assert chromium.ask("return typeof window.hacked") == "undefined"
    assert chromium.ask("return HIDDEN.test(document.body.textContent.replace(/[\\n\\t]/g, ''))") is False
    assert chromium.complaints() == []
    assert chromium.requests() == []


def test_recordings_that_are_too_long_or_silent_are_left_out_and_told(
    several: Made, words: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GENMODELS_CACHE", str(words / "cache"))
    monkeypatch.setattr(speech_alive, "CLIP_BYTES", 40_000)
    made = reported(words / "cut.html", several.run)
    assert 0 < len(made.alive.data["clips"]) < 6
    assert sum(len(clip["wav"]) for clip in made.alive.data["clips"]) < 41_000
    assert any("left out of the page: silent, or too long for it" in one for one in made.told)


def test_a_page_without_its_recordings_says_so(
    chromium: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GENMODELS_CACHE", str(tmp_path / "cache"))
    write_words(tmp_path / "words")
    run = trained(tmp_path / "runs", tmp_path / "words")
    (tmp_path / "words").rename(tmp_path / "elsewhere")
    monkeypatch.setenv("GENMODELS_CACHE", str(tmp_path / "empty"))
    made = reported(tmp_path / "gone.html", run)
    assert any("no recordings stand in the page" in one for one in made.told)
    chromium.open(made.page)
    assert "there is nothing to listen to" in chromium.ask("return document.querySelector('#alive-0').textContent")
    assert chromium.complaints() == []


def test_sounds_lie_in_the_page_itself_and_the_policy_lets_it_play_nothing_else(several: Made) -> None:
    html = several.page.read_text("utf-8")
    policy = re.search(r'http-equiv="Content-Security-Policy" content="(.*?)"', html)[1]
    assert "media-src data:;" in policy
    assert "default-src &#39;none&#39;" in policy or "default-src 'none'" in policy
    data = json.loads(re.search(r'id="data">(.*?)</script>', html)[1])
    assert base64.b64decode(data["alive"][0]["data"]["clips"][0]["wav"])[:4] == b"RIFF"
