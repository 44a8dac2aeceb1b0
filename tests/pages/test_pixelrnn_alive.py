"""A pixel model in a page computes and draws what Python does, and finishes what is drawn on its pad."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import genmodels
from genmodels.families.alive import Alive, alive_of
from genmodels.models.pixel_model import turned
from genmodels.pages.weights import pack, unpacked
from genmodels.sampling.pixels import draw_pixels
from homes import shapes, write_set
from pages.browser import Browser

pytestmark = pytest.mark.browser
HOSTILE = "<script><img src=x onerror=window.hacked=1> ${1} {{ 7 * 7 }} \u202e"
SHAPES: list[dict[str, Any]] = [
    {"model": "pixelcnn", "layers": 5, "epochs": 2},
    {"model": "pixelcnn", "levels": "16", "orientations": 4},
    {"model": "row-lstm", "layers": 2, "orientations": 4},
    {"model": "row-lstm", "levels": "4"},
    {"model": "diagonal-bilstm", "layers": 2, "levels": "4", "orientations": 4},
    {"model": "diagonal-bilstm"},
]


@dataclass(frozen=True)
class Made:
    run: genmodels.PixelRun
    alive: Alive
    page: Path


def made(folder: Path, data: Path, **settings: Any) -> Made:
    how = {"channels": 3, "batch_size": 20, "epochs": 1, "seed": 3, **settings}
    run = genmodels.train_pixelrnn(data, runs=folder, name="tiny", progress=False, notice=lambda _: None, **how)
    page = genmodels.report(run, folder / "page.html", notice=lambda _: None, progress=False)
    return Made(run, alive_of(run)[0], page)


def of_shapes(folder: Path, rows: int = 9, columns: int = 9) -> Path:
    write_set(folder / "set.npz", *shapes(rows, columns, 90), 60)
    return folder / "set.npz"


@pytest.fixture(scope="module", params=SHAPES, ids=lambda shape: "-".join(map(str, shape.values())))
def tiny(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Made:
    folder = tmp_path_factory.mktemp("page")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GENMODELS_CACHE", str(folder / "cache"))
        return made(folder, of_shapes(folder), **request.param)


@pytest.fixture(scope="module")
def usual(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """One in which every control is there: two networks, four sides."""
    folder = tmp_path_factory.mktemp("usual")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GENMODELS_CACHE", str(folder / "cache"))
        return made(folder, of_shapes(folder), layers=2, orientations=4, epochs=2)


LOGITS = """
const [inputs, which] = arguments;
const { data, networks } = page.alive[0];
return inputs.map((one) => Array.from(parts.pixelrnn.logits(data, networks[which].weights(), one.levels, one.turn)));
"""
DRAWN = """
const [image, turn, kept, noise] = arguments;
const drawn = Uint8Array.from(image);
const { data, networks } = page.alive[0];
const walk = parts.pixelrnn.walk(data, networks[0].weights(), { image: drawn, turn, kept });
for (const uniform of noise) walk.next(uniform);
return Array.from(drawn);
"""


def decoded(made: Made, which: int) -> tuple[str, dict[str, np.ndarray]]:
    """The weights as the page holds them."""
    packed = pack(made.alive.networks[which])
    return packed.encoding, {name: unpacked(array) for name, array in packed.arrays.items()}


def test_the_page_computes_the_logits_that_python_computes(chromium: Browser, tiny: Made) -> None:
    chromium.open(tiny.page)
    assert len(tiny.alive.inputs) == 64
    for which, network in enumerate(tiny.alive.networks):
        found = np.array(chromium.ask(LOGITS, tiny.alive.inputs, which))
        encoding, weights = decoded(tiny, which)
        assert np.abs(found - network.outputs(weights)).max() <= 1e-4, network.name
        most = 0.02 if encoding == "int8 by rows" else 0.01
        assert np.abs(found - network.outputs(network.weights)).max() <= most, (network.name, encoding)


def test_every_orientation_is_among_the_recorded_inputs_and_is_told_from_the_others(tiny: Made) -> None:
    turns = [one["turn"] for one in tiny.alive.inputs]
    assert set(turns) == set(range(tiny.alive.data["orientations"]))


def test_the_page_draws_what_python_draws_with_the_same_random_numbers_on_every_side(
    chromium: Browser, tiny: Made
) -> None:
    chromium.open(tiny.page)
    loaded = tiny.run.load(tiny.run.epoch_checkpoint(None), torch.device("cpu"))
    model, (rows, columns) = loaded.model, loaded.model.shape
    model.load_state_dict({name: torch.from_numpy(array.copy()) for name, array in decoded(tiny, 0)[1].items()})
    generator = torch.Generator().manual_seed(5)
    for turn in range(model.orientations):
        for kept in (0, 4):
            noise = torch.rand(1, rows, columns, generator=generator)
            given = torch.randint(model.levels, (1, rows, columns), generator=generator)
            known = torch.zeros(rows, columns, dtype=torch.bool)
            known[:kept] = True
            drawn = draw_pixels(model, noise, known, turned(given, turn), turn)
            found = chromium.ask(DRAWN, given.flatten().tolist(), turn, kept, noise.flatten().tolist())
            assert found == turned(drawn, -turn).flatten().tolist(), (turn, kept)


def finished(chromium: Browser, least: int) -> None:
    """Wait until so many drawings are finished and it rests."""
    chromium.until(
        f"return document.querySelectorAll('.drawn li').length >= {least}"
        " && document.querySelector('.main').textContent === 'Draw'"
    )


PAINTED = "return document.querySelector('.image-pad').toDataURL()"


WHOSE = "return document.querySelector('.pads figcaption').textContent"


def test_half_of_a_test_image_is_completed_again_and_again_at_first(chromium: Browser, usual: Made) -> None:
    chromium.open(usual.page)
    finished(chromium, 6)
    pictures = chromium.ask("return [...document.querySelectorAll('.drawn canvas')].map((one) => one.toDataURL())")
    assert len(set(pictures)) > 3
    told = chromium.ask("return document.querySelector('.expects').textContent")
    assert "Next: row" in told
    assert "ink" in told
    status = "return document.querySelector('[role=status]').textContent"
    assert chromium.ask(status) == "Drawing 6 is finished, and drawing 7 is begun.", "whose next pixel stands there"
    assert chromium.ask(WHOSE).endswith("what lies below it is the network’s.")
    assert chromium.ask("return document.querySelector('h3 + p').hidden")
    shares = chromium.ask("return [...document.querySelectorAll('.expects .bars i')].map((one) => one.textContent)")
    assert abs(sum(float(one.removesuffix(" %")) for one in shares) - 100) <= 1


PIXELS = """
const canvas = document.querySelector('.image-pad');
const cell = canvas.width / 9;
const context = canvas.getContext('2d');
return Array.from({ length: 81 }, (_, at) => {
  const [r, g, b] = context.getImageData((at % 9 + 0.25) * cell, (Math.floor(at / 9) + 0.25) * cell, 1, 1).data;
  return r + g + b < 200 ? 1 : 0; // ink, in the light scheme
});
"""


def test_what_a_finger_draws_stays_and_the_network_goes_on_below_it(chromium: Browser, usual: Made) -> None:
    from selenium.webdriver.common.action_chains import ActionChains
    from selenium.webdriver.common.by import By

    chromium.open(usual.page, still=True)
    finished(chromium, 6)
    pad = chromium.driver.find_element(By.CSS_SELECTOR, ".image-pad")
    cell = pad.size["width"] / 9
    chromium.ask("arguments[0].scrollIntoView({ block: 'center' })", pad)
    chromium.driver.find_element(By.XPATH, "//button[text()='Empty pad']").click()
    left, top = int(-3 * cell), int(-3 * cell)  # from the middle: column 1, row 1
    strokes = ActionChains(chromium.driver).move_to_element_with_offset(pad, left, top).click_and_hold()
    strokes.move_by_offset(int(6 * cell), 0).release().perform()
    finished(chromium, 1)
    assert chromium.ask("return document.querySelectorAll('.drawn li').length") == 1
    first = np.array(chromium.ask(PIXELS)).reshape(9, 9)
    assert first[1, 1:8].all()
    assert not first[3].any()  # above the line nothing is drawn but by the finger
    assert chromium.ask("return document.querySelector('select').labels.length") == 1
    drawings = {first.tobytes()}
    for count in range(2, 6):
        chromium.driver.find_element(By.XPATH, "//button[text()='Another']").click()
        finished(chromium, count)
        again = np.array(chromium.ask(PIXELS)).reshape(9, 9)
        assert (again[:4] == first[:4]).all()
        drawings.add(again.tobytes())
    assert len(drawings) > 2


def test_a_finger_behind_the_line_changes_nothing_and_is_told(chromium: Browser, usual: Made) -> None:
    from selenium.webdriver.common.action_chains import ActionChains
    from selenium.webdriver.common.by import By

    chromium.open(usual.page, still=True)
    finished(chromium, 6)
    pad = chromium.driver.find_element(By.CSS_SELECTOR, ".image-pad")
    chromium.driver.find_element(By.XPATH, "//button[text()='Empty pad']").click()
    chromium.ask("arguments[0].scrollIntoView({ block: 'center' })", pad)
    before = chromium.ask(PAINTED)
    ActionChains(chromium.driver).move_to_element_with_offset(pad, 0, int(pad.size["height"] * 0.3)).click().perform()
    assert "What lies below the line is the network’s: draw above it" in chromium.ask(
        "return document.querySelector('[role=status]').textContent"
    )
    assert chromium.ask("return document.querySelectorAll('.drawn li').length") == 0
    assert chromium.ask(PAINTED) == before


def test_the_page_is_worked_by_the_keyboard_alone(chromium: Browser, usual: Made) -> None:
    from selenium.webdriver.common.by import By
    from selenium.webdriver.common.keys import Keys

    chromium.open(usual.page, still=True)
    finished(chromium, 6)
    find = chromium.driver.find_element
    find(By.XPATH, "//button[text()='Empty pad']").send_keys(Keys.ENTER)
    pad = find(By.CSS_SELECTOR, ".image-pad")
    pad.send_keys(Keys.ARROW_UP, Keys.ARROW_LEFT, Keys.SPACE)
    finished(chromium, 1)
    assert np.array(chromium.ask(PIXELS)).reshape(9, 9)[1, 3] == 1
    side = find(By.XPATH, "//label[span[text()='the network draws']]/select")
    side.send_keys("top")
    assert chromium.ask("return document.querySelectorAll('.drawn li').length") == 0
    assert chromium.ask(WHOSE).endswith("what lies above it is the network’s.")
    find(By.CSS_SELECTOR, ".controls input[type=range]").send_keys(Keys.HOME)
    assert "All of it is the network’s: let something stay" in chromium.ask(WHOSE)
    assert "press Draw" in chromium.ask("return document.querySelector('h3 + p:not([hidden])').textContent"), "says why"
    assert "0 of 9" in find(By.CSS_SELECTOR, ".controls").text
    find(By.XPATH, "//button[text()='One pixel']").send_keys(Keys.SPACE)
    assert "Next: row 9, column 8" in find(By.CSS_SELECTOR, ".expects").text  # the image upside down
    find(By.XPATH, "//button[text()='Draw']").send_keys(Keys.ENTER)
    finished(chromium, 1)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1600])
def test_nothing_is_wider_than_the_screen_and_every_control_and_picture_has_a_name(
    chromium: Browser, usual: Made, width: int, scheme: str
) -> None:
    chromium.open(usual.page, width, scheme)
    finished(chromium, 6)
    assert chromium.ask("return document.documentElement.scrollWidth") <= width
    named = "return [...document.querySelectorAll('input, select, textarea')].every((one) => one.labels.length > 0)"
    assert chromium.ask(named)
    assert chromium.ask(
        "return [...document.querySelectorAll('canvas:not([aria-hidden])')].every((one) => one.ariaLabel && one.role)"
    )
    corner = chromium.ask(
        "return [...document.querySelector('.image-pad').getContext('2d').getImageData(2, 2, 1, 1).data]"
    )
    assert (corner[0] < 60) == (scheme == "dark")
    assert chromium.complaints() == []


def test_names_full_of_markup_change_nothing_and_images_need_not_be_square(
    chromium: Browser, tmp_path: Path, own_cache: Path
) -> None:
    from PIL import Image

    for number, (pixels, label) in enumerate(zip(*shapes(8, 6, 90), strict=True)):
        folder = tmp_path / "set" / [HOSTILE, "b", "c"][label]
        folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).save(folder / f"{number}.png")
    hostile = made(tmp_path, tmp_path / "set", layers=2)
    chromium.open(hostile.page)
    finished(chromium, 6)
    assert chromium.ask("return typeof window.hacked") == "undefined"
    assert chromium.ask("return HIDDEN.test(document.body.textContent.replace(/[\\n\\t]/g, ''))") is False
    assert "<script><img src=x" in chromium.ask("return document.querySelector('.controls').textContent")
    assert chromium.complaints() == []
    assert chromium.requests() == []


def test_weights_that_are_no_numbers_stop_nothing(chromium: Browser, usual: Made) -> None:
    chromium.open(usual.page, still=True)
    finished(chromium, 6)
    chromium.ask("for (const one of Object.values(page.alive[0].networks[0].weights())) one.values.fill(NaN)")
    chromium.ask("[...document.querySelectorAll('button')].find((one) => one.textContent === 'Another').click()")
    finished(chromium, 7)
    assert chromium.complaints() == []


def test_a_page_with_a_text_run_beside_it_has_both_alive(
    chromium: Browser, usual: Made, tmp_path: Path, own_cache: Path
) -> None:
    from homes import CORPUS, TINY_RUN

    (tmp_path / "corpus.txt").write_text(CORPUS, encoding="utf-8")
    text = genmodels.train_text(tmp_path / "corpus.txt", runs=tmp_path, name="text", progress=False, **TINY_RUN)
    page = genmodels.report([usual.run, text], tmp_path / "page.html", notice=lambda _: None, progress=False)
    chromium.open(page)
    finished(chromium, 6)
    assert chromium.ask("return document.querySelector('.written').textContent.length") > 100
    assert chromium.complaints() == []


def test_a_run_whose_images_are_gone_still_draws_and_the_reason_is_told(
    chromium: Browser, tmp_path: Path, own_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = made(tmp_path, of_shapes(tmp_path), layers=2)
    (tmp_path / "set.npz").unlink()
    monkeypatch.setenv("GENMODELS_CACHE", str(tmp_path / "empty"))
    told: list[str] = []
    page = genmodels.report(gone.run, tmp_path / "gone.html", notice=told.append, progress=False)
    assert any(one.startswith("no test images stand in the page") for one in told)
    chromium.open(page, still=True)
    chromium.ask("[...document.querySelectorAll('button')].find((one) => one.textContent === 'Draw').click()")
    finished(chromium, 1)
    assert chromium.complaints() == []


def test_the_first_epoch_is_left_out_where_both_would_make_the_page_large(
    usual: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    from genmodels.families import pixelrnn_alive

    weights = sum(array.size for array in usual.alive.networks[0].weights.values())
    assert [one.name for one in usual.alive.networks] == [
        "at the end (epoch 2, the best)",
        "first kept (epoch 1)",
    ]
    monkeypatch.setattr(pixelrnn_alive, "MOST_WEIGHTS", 2 * weights - 1)
    told: list[str] = []
    run = genmodels.open_run(usual.run.path, genmodels.PixelRun, notice=told.append)
    assert [one.name for one in alive_of(run)[0].networks] == ["at the end (epoch 2, the best)"]
    assert any("not those of epoch 1 to compare" in one for one in told)


def test_the_page_says_what_was_learned_and_shows_drawn_and_completed_images(usual: Made) -> None:
    html = usual.page.read_text("utf-8")
    assert "whoever knows nothing of them gives each of 2 values 50 %" in html
    assert "Images drawn by tiny" in html
    assert "completed by tiny" in html


def test_real_pictures_beside_drawn_ones_have_the_levels_alone_that_the_model_draws(tiny: Made) -> None:
    game = alive_of(tiny.run)[1]
    assert game.part == "guess"
    levels = tiny.alive.data["levels"]
    values = {round(255 * level / (levels - 1)) for level in range(levels)}
    for kind in ("real", "drawn"):
        assert len(set(game.data[kind])) > 1
        assert set(game.data[kind]) <= values, kind
