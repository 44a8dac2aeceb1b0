"""Models of images in a page compute what Python computes, and can be played with, whatever their images are called."""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import genmodels
from genmodels.families.alive import Alive, alive_of
from genmodels.pages.weights import pack, unpacked
from homes import shapes, write_set
from pages.browser import Browser

pytestmark = pytest.mark.browser
HOSTILE = ("<img src=x onerror=window.hacked=1>", "a'b\"`${1}{{ 7 }}", "=HYPER\u202elink")
TINY = {
    "epochs": 2, "batch_size": 5, "latent_size": 5, "channels": 3, "learning_rate": 0.02, "warmup_steps": 2,
    "average_weights": 0.5,
}  # fmt: skip
VAES: dict[str, dict[str, Any]] = {
    "conv": {"model": "conv", "hidden_size": 12, "blocks": 2},
    "conv-conditional": {"model": "conv", "hidden_size": 12, "blocks": 0, "conditional": True, "activation": "relu"},
    "mlp": {"model": "mlp", "hidden_size": 12, "binarize": "none", "activation": "tanh"},
    "mlp-conditional": {"model": "mlp", "hidden_size": 12, "layers": 1, "conditional": True},
}
GANS: dict[str, dict[str, Any]] = {
    "dcgan": {"model": "dcgan"},
    "mlp": {"model": "mlp", "hidden_size": 12, "loss": "hinge"},
}


@dataclass(frozen=True)
class Made:
    run: Any
    alive: Alive
    page: Path
    told: list[str]


def made(family: str, dataset: Path, **settings: Any) -> Made:
    train = {"vae": genmodels.train_vae, "gan": genmodels.train_gan}[family]
    run = train(dataset, runs=dataset.parent, name="tiny", progress=False, notice=lambda _: None, **(TINY | settings))
    told: list[str] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            "genmodels.pages.gathered.exhibits_of", lambda _: ()
        )  # they take seconds; test_report.py has them
        page = genmodels.report(run, dataset.parent / "page.html", notice=told.append, progress=False)
    return Made(run, alive_of(run)[0], page, told)


def tiny(
    family: str, models: dict[str, dict[str, Any]], request: pytest.FixtureRequest, paths: pytest.TempPathFactory
) -> Made:
    folder = paths.mktemp("page")
    images, labels = shapes(11, 9, 180)  # no multiples of 4: both sizes are filled up
    write_set(folder / "set.npz", images, labels, 120)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GENMODELS_CACHE", str(folder / "cache"))
        patch.setattr(
            "genmodels.pages.gathered.exhibits_of", lambda _: ()
        )  # they take seconds, and are tested elsewhere
        return made(family, folder / "set.npz", **models[request.param])


@pytest.fixture(scope="module", params=VAES)
def vae(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Made:
    return tiny("vae", VAES, request, tmp_path_factory)


@pytest.fixture(scope="module", params=GANS)
def gan(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Made:
    return tiny("gan", GANS, request, tmp_path_factory)


VAE_LOGITS = """
const network = parts.vae.network(page.alive[0].data, page.alive[0].networks[0].weights());
return arguments[0].map(([image, label]) => parts.vae.outputs(network, image, label));
"""
GAN_LOGITS = """
const network = parts.gan.network(page.alive[0].data, page.alive[0].networks[0].weights());
return arguments[0].map((code) => Array.from(network(Float32Array.from(code))));
"""


def check_logits(chromium: Browser, made: Made, script: str) -> None:
    chromium.open(made.page)
    (network,) = made.alive.networks
    assert len(made.alive.inputs) == 64
    found, packed = np.array(chromium.ask(script, made.alive.inputs)), pack(network)
    decoded = {name: unpacked(array) for name, array in packed.arrays.items()}
    assert np.abs(found - network.outputs(decoded)).max() <= 1e-4
    most = 0.02 if packed.encoding == "int8 by rows" else 0.01
    assert np.abs(found - network.outputs(network.weights)).max() <= most, packed.encoding
    assert np.ptp(found, axis=0).max() > 0.01, "inputs that differ"


def test_a_vae_in_the_page_computes_codes_and_logits_that_python_computes(chromium: Browser, vae: Made) -> None:
    check_logits(chromium, vae, VAE_LOGITS)


def test_a_generator_in_the_page_computes_the_logits_that_python_computes(chromium: Browser, gan: Made) -> None:
    check_logits(chromium, gan, GAN_LOGITS)


@pytest.mark.parametrize("kind", ["int12 by rows", "float16", "int16 by rows", "by need"])
def test_other_encodings_are_decoded_to_the_same_weights(
    chromium: Browser, vae: Made, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    import json

    from genmodels.pages import weights

    (network,) = vae.alive.networks
    if kind == "by need":
        bits = [9, 10, 11, 13, 14, 15]
        several = {name: bits[index % 6] for index, name in enumerate(network.weights)}
        packed = weights.Packed("it", kind, 0.0, weights._packed(network, several))
    else:
        monkeypatch.setattr(weights, "ENCODINGS", {kind: weights.ENCODINGS[kind]})
        packed = weights.pack(network)
    chromium.open(vae.page)
    ask = "return Object.entries(layers.decodeAll(JSON.parse(arguments[0]))).map(([n, a]) => [n, Array.from(a.values)])"
    decoded = dict(chromium.ask(ask, json.dumps(packed.arrays)))
    assert decoded.keys() == network.weights.keys()
    for name, values in decoded.items():
        assert np.array_equal(np.array(values, np.float32), unpacked(packed.arrays[name]).ravel()), name


def canvas(chromium: Browser, selector: str) -> np.ndarray:
    """The grey of each pixel of a canvas, from 0 to 255."""
    script = """
    const canvas = document.querySelector(arguments[0]);
    return Array.from(canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data);
    """
    return np.array(chromium.ask(script, selector)).reshape(-1, 4)[:, 0]


def settled(chromium: Browser) -> None:
    """Two frames later all that was asked for is drawn."""
    chromium.driver.execute_async_script(
        "const done = arguments[0]; requestAnimationFrame(() => requestAnimationFrame(() => done()))"
    )


LARGE = "canvas[aria-label='what the network draws of the code']"
DRAWN = "canvas[aria-label='what the network makes of your drawing']"


def test_a_test_image_becomes_its_code_and_the_picture_that_reconstruct_draws(chromium: Browser, vae: Made) -> None:
    chromium.open(vae.page)
    digits = vae.alive.data["digits"]
    assert len(digits["rows"]) == 10
    model = vae.run.load(vae.run.epoch_checkpoint(None), _cpu()).model
    best = digits["film"]["epochs"].index(digits["film"]["best"])
    films = np.frombuffer(digits["film"]["pixels"], np.uint8).reshape(-1, 10, math.prod(model.shape))
    for index in (0, 2):
        chromium.ask("document.querySelectorAll('.choices:not(.eight) .choice')[arguments[0]].click()", index)
        settled(chromium)
        shown = 255 - canvas(chromium, LARGE).astype(int)
        assert np.abs(shown - films[best, index].astype(int)).max() <= 2  # of 255, as both are rounded
        frames = [canvas(chromium, f".film figure:nth-child({number}) canvas") for number in (1, 2)]
        assert np.array_equal(255 - np.stack(frames), films[:, index])
        assert chromium.ask("return document.querySelectorAll('.film canvas').length") == 2
        assert f"test image {digits['rows'][index]}" in chromium.ask("return document.body.textContent")
    first = np.frombuffer(digits["pixels"], np.uint8).reshape(10, -1)[2]
    assert np.array_equal(255 - canvas(chromium, ".choices .choice:nth-child(3) canvas"), first)


def _cpu() -> Any:
    import torch

    return torch.device("cpu")


def test_a_vae_s_code_is_moved_by_pad_and_sliders_and_drawn_anew(chromium: Browser, vae: Made) -> None:
    from selenium.webdriver.common.by import By
    from selenium.webdriver.common.keys import Keys

    chromium.open(vae.page, still=True)
    find = chromium.driver.find_element
    find(By.XPATH, "//button[text()='All zero']").send_keys(Keys.ENTER)
    settled(chromium)
    at_zero = canvas(chromium, LARGE)
    pad = find(By.CSS_SELECTOR, ".pad")
    pad.send_keys(*[Keys.ARROW_RIGHT] * 12, *[Keys.ARROW_UP] * 7)
    settled(chromium)
    plane = sorted(vae.alive.data["dimensions"][:2])  # as in figures: the lower number across
    names = [f"z{dimension}" for dimension in plane]
    assert pad.get_attribute("aria-valuetext") == f"{names[0]} +1.20, {names[1]} +0.70"
    moved = canvas(chromium, LARGE)
    network = "parts.vae.network(page.alive[0].data, page.alive[0].networks[0].weights())"
    code = np.zeros(5)
    code[plane] = 1.2, 0.7
    label = chromium.ask("return document.querySelector('.controls select')?.value")
    label = int(label) if vae.alive.data["classes"] else 0
    ask = f"return Array.from({network}.decode(Float32Array.from(arguments[0]), arguments[1]))"
    logits = np.array(chromium.ask(ask, code.tolist(), label))
    assert np.abs(moved - 255 * (1 - 1 / (1 + np.exp(-logits)))).max() <= 1.5
    sliders = chromium.driver.find_elements(By.CSS_SELECTOR, ".sliders input")
    assert len(sliders) == 5
    sliders[2].send_keys(*[Keys.ARROW_LEFT] * 30)
    settled(chromium)
    assert "−1.50" in chromium.ask("return document.querySelectorAll('.sliders output')[2].textContent")
    assert not np.array_equal(at_zero, moved)
    assert not np.array_equal(moved, canvas(chromium, LARGE))


def test_a_drawing_by_keys_or_pointer_is_encoded_and_drawn_again(chromium: Browser, vae: Made) -> None:
    from selenium.webdriver.common.action_chains import ActionChains
    from selenium.webdriver.common.by import By
    from selenium.webdriver.common.keys import Keys

    chromium.open(vae.page, still=True)
    paper = chromium.driver.find_element(By.CSS_SELECTOR, ".paper")
    example = canvas(chromium, ".paper")
    assert example.min() == 0
    paper.send_keys(Keys.SPACE)
    paper.send_keys(*[Keys.ARROW_DOWN] * 4, Keys.SPACE)
    stroke = drawn_again(chromium).reshape(11, 9)
    assert (stroke < 250).any(axis=0).nonzero()[0].tolist() in ([4], [3, 4], [4, 5], [3, 4, 5])  # no example is left
    assert (stroke.min(axis=1) < 60).sum() >= 4  # from row to row
    chromium.driver.find_element(By.XPATH, "//button[text()='Clear']").send_keys(Keys.ENTER)
    settled(chromium)
    assert canvas(chromium, ".paper").min() == 255
    paper.send_keys(Keys.SPACE, *[Keys.ARROW_UP] * 3, Keys.SPACE)
    by_keys = drawn_again(chromium)
    assert by_keys.min() < 10
    ActionChains(chromium.driver).move_to_element(paper).click_and_hold().move_by_offset(60, 0).release().perform()
    assert drawn_again(chromium).sum() < by_keys.sum()
    assert np.array_equal(canvas(chromium, DRAWN), canvas(chromium, LARGE))


OF_A_DRAWING = """
const network = parts.vae.network(page.alive[0].data, page.alive[0].networks[0].weights());
return Array.from(network.decode(network.encode(Float32Array.from(arguments[0]), 0).mean, 0));
"""


def drawn_again(chromium: Browser) -> np.ndarray:
    """The paper's pixels, of which the network must have made what it shows."""
    chromium.ask("document.activeElement.blur()")
    settled(chromium)
    paper = canvas(chromium, ".paper")
    logits = np.array(chromium.ask(OF_A_DRAWING, (1 - paper / 255).tolist()))
    assert np.abs(canvas(chromium, DRAWN) - 255 * (1 - 1 / (1 + np.exp(-logits)))).max() <= 3
    return paper


def test_a_class_is_chosen_where_the_network_is_given_one(chromium: Browser, vae: Made) -> None:
    from selenium.webdriver.common.by import By
    from selenium.webdriver.support.ui import Select

    chromium.open(vae.page)
    named = chromium.driver.find_elements(By.XPATH, "//label[span='class to draw']/select")
    assert len(named) == (1 if vae.run.setting("conditional") else 0)
    if named:
        settled(chromium)
        before = canvas(chromium, LARGE)
        Select(named[0]).select_by_index(2)
        settled(chromium)
        assert not np.array_equal(before, canvas(chromium, LARGE))


WALK = """
const way = document.querySelector(".walk").nextElementSibling.querySelector("input");
way.value = arguments[0];
way.dispatchEvent(new Event("input"));
"""
ON_THE_WAY, FROM_HERE, TO_HERE = (
    f"canvas[aria-label='what the generator draws {name}']"
    for name in ("on the way", "where the way begins", "where the way ends")
)


def test_a_walk_leads_from_one_image_to_the_other_and_on_by_itself(chromium: Browser, gan: Made) -> None:
    from selenium.webdriver.common.by import By
    from selenium.webdriver.common.keys import Keys

    chromium.open(gan.page)
    for share, end in ((0, FROM_HERE), (100, TO_HERE)):
        chromium.ask(WALK, share)
        settled(chromium)
        assert np.abs(canvas(chromium, ON_THE_WAY) - canvas(chromium, end)).max() <= 1
    assert not np.array_equal(canvas(chromium, FROM_HERE), canvas(chromium, TO_HERE))
    slider = chromium.driver.find_element(By.CSS_SELECTOR, "input[type=range]")
    slider.send_keys(Keys.HOME, Keys.ARROW_RIGHT)
    settled(chromium)
    assert slider.get_attribute("value") == "1"
    toggle = chromium.driver.find_element(By.XPATH, "//button[text()='Walk']")
    toggle.send_keys(Keys.ENTER)
    chromium.until("return Number(document.querySelector('input[type=range]').value) > 5")
    toggle.send_keys(Keys.ENTER)
    assert toggle.text == "Walk"
    chromium.ask(WALK, 100)
    before = canvas(chromium, TO_HERE)
    toggle.send_keys(Keys.ENTER)
    chromium.until("return Number(document.querySelector('input[type=range]').value) < 50")
    toggle.send_keys(Keys.ENTER)
    assert np.array_equal(canvas(chromium, FROM_HERE), before)
    assert not np.array_equal(canvas(chromium, TO_HERE), before)


def test_the_way_between_codes_is_that_of_plot_latent(chromium: Browser, gan: Made) -> None:
    import torch

    from genmodels.analysis.latent import spherical_path

    chromium.open(gan.page)
    first, last = np.random.default_rng(0).normal(size=(2, 5)).astype(np.float32)
    expected = spherical_path(torch.from_numpy(first), torch.from_numpy(last), 5).numpy()
    ask = "return arguments[2].map((s) => Array.from(parts.gan.way(Float32Array.from(arguments[0]), arguments[1], s)))"
    found = np.array(chromium.ask(ask, first.tolist(), last.tolist(), [0, 0.25, 0.5, 0.75, 1]))
    assert np.abs(found - expected).max() < 1e-5


def test_a_film_shows_what_each_epoch_drew_of_the_codes_of_a_sheet(chromium: Browser, gan: Made) -> None:
    chromium.open(gan.page)
    film = gan.alive.data["film"]
    assert film["epochs"] == [1, 2]
    drawn = np.stack([gan.run.draw(6, epoch=epoch, seed=1) for epoch in film["epochs"]])
    pixels = np.frombuffer(film["pixels"], np.uint8).reshape(drawn.shape)
    assert np.abs(pixels - 255 * drawn).max() <= 0.51
    for number in (1, 2):
        shown = canvas(chromium, f".film figure:nth-child({number}) canvas").reshape(3 * 11, 2 * 9)
        rows = [np.hstack(drawn[number - 1][pair : pair + 2]) for pair in (0, 2, 4)]
        assert np.abs(shown - 255 * (1 - np.vstack(rows))).max() <= 1.01


def test_a_film_of_many_epochs_is_cut_and_says_so(
    chromium: Browser, tmp_path: Path, own_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from genmodels.families import alive_images

    images, labels = shapes(8, 8, 90)
    write_set(tmp_path / "set.npz", images, labels, 60)
    monkeypatch.setattr(alive_images, "FILM_BYTES", 3 * 10 * 8 * 8)
    held = made("vae", tmp_path / "set.npz", model="mlp", hidden_size=8, epochs=6, batch_size=20)
    film = held.alive.data["digits"]["film"]
    assert {1, 6, film["best"]} <= set(film["epochs"])
    assert len(film["epochs"]) in {3, 4}
    blank = np.zeros((10, 8, 8), np.float32)
    assert alive_images.film_of(held.run, 2, 10, lambda _: blank)["epochs"] == [1, 2, 3, 6]  # the best is always there
    chromium.open(held.page)
    told = f"{len(film['epochs'])} of the 6 epochs that were kept."
    assert told in chromium.ask("return document.querySelector('#alive-0').textContent")
    assert chromium.ask("return filmTold({ epochs: [1, 2], kept: 2 })") == "Each epoch that was kept."


def test_scores_of_real_and_drawn_images_lie_in_one_chart(gan: Made) -> None:
    lines = gan.alive.data["game"]["lines"]
    assert [line["name"] for line in lines] == ["real images, D(x)", "drawn images, D(G(z))"]
    records = [record for record in gan.run.metrics() if "steps" in record]
    assert lines[1]["points"][0][1] == pytest.approx(records[0]["score_drawn"])
    title = gan.alive.data["game"]["title"]
    assert ("from 0 to 1" in title) == (gan.run.setting("loss") == "non-saturating")


def test_real_and_drawn_have_the_colours_that_the_figure_gives_them(chromium: Browser, gan: Made) -> None:
    from genmodels.figures.gan import DRAWN, REAL

    chromium.open(gan.page)
    settled(chromium)
    mixed = """
    const swatches = ["score-real", "score-drawn"].map((kind) => document.querySelector(`.legend .${kind} .swatch`));
    const wanted = arguments.length && [...arguments].map((colour) => {
      const one = document.createElement("span");
      one.style.color = `color-mix(in srgb, ${colour} var(--share), var(--toward))`;
      document.body.append(one);
      return getComputedStyle(one).color;
    });
    return [swatches.map((one) => getComputedStyle(one).borderTopColor), wanted];
    """
    shown, wanted = chromium.ask(mixed, REAL, DRAWN)
    assert shown == wanted
    assert shown[0] != shown[1]


UNNAMED = """
const named = (one) => one.ariaHidden === "true" || one.getAttribute("aria-label") || one.textContent.trim();
const all = [...document.querySelectorAll(".alive button, .alive canvas, .alive [tabindex]")];
return all.filter((one) => !named(one)).length;
"""


def check_looks(chromium: Browser, made: Made) -> None:
    for width, scheme in ((360, "light"), (1600, "dark")):
        chromium.open(made.page, width, scheme)
        settled(chromium)
        assert chromium.ask("return document.documentElement.scrollWidth") <= width
        labelled = "return [...document.querySelectorAll('input, select')].every((one) => one.labels.length > 0)"
        assert chromium.ask(labelled)
        assert chromium.ask(UNNAMED) == 0
        assert chromium.complaints() == []
        assert chromium.requests() == []


def test_nothing_of_a_vae_is_wider_than_the_screen_and_all_has_a_name(chromium: Browser, vae: Made) -> None:
    check_looks(chromium, vae)


def test_nothing_of_a_generator_is_wider_than_the_screen_and_all_has_a_name(chromium: Browser, gan: Made) -> None:
    check_looks(chromium, gan)


def test_half_of_eight_pictures_are_real_and_what_was_chosen_is_judged(chromium: Browser, vae: Made) -> None:
    from selenium.webdriver.common.by import By
    from selenium.webdriver.common.keys import Keys

    chromium.open(vae.page, still=True)
    pixels = int(np.prod(vae.alive.data["shape"]))
    real = np.frombuffer(alive_of(vae.run)[1].data["real"], np.uint8).reshape(-1, pixels)
    choices = chromium.driver.find_elements(By.CSS_SELECTOR, ".eight .choice")
    shown = [255 - canvas(chromium, f".eight .choice:nth-child({number}) canvas") for number in range(1, 9)]
    is_real = [any(np.array_equal(one, other) for other in real) for one in shown]
    assert sum(is_real) == 4
    drawn = np.frombuffer(alive_of(vae.run)[1].data["drawn"], np.uint8)
    assert (set(drawn) <= {0, 255}) == (vae.run.setting("binarize") != "none"), "in the form of the real ones"
    for choice, truth in zip(choices, is_real, strict=True):
        if truth:
            choice.send_keys(Keys.SPACE)
    choices[is_real.index(True)].send_keys(Keys.SPACE)  # one of them is given up again
    chromium.driver.find_element(By.XPATH, "//button[text()='Check']").send_keys(Keys.ENTER)
    told = chromium.ask("return document.querySelector('.score').textContent")
    assert told.startswith("7 of 8 right.")
    chromium.driver.find_element(By.XPATH, "//button[text()='Another eight']").send_keys(Keys.ENTER)
    chromium.driver.find_element(By.XPATH, "//button[text()='Check']").send_keys(Keys.ENTER)
    assert "4 of 8 right. 11 of 16 in all." in chromium.ask("return document.querySelector('.score').textContent")


@pytest.mark.parametrize("vae", ["mlp"], indirect=True)
def test_what_is_dealt_is_another_each_time_the_page_is_opened(chromium: Browser, vae: Made) -> None:
    dealt = []
    for _ in range(2):
        chromium.open(vae.page, still=True)
        dealt.append(
            [canvas(chromium, f".eight .choice:nth-child({number}) canvas").tobytes() for number in range(1, 9)]
        )
    assert dealt[0] != dealt[1]


@pytest.mark.parametrize("vae", ["mlp"], indirect=True)
def test_that_more_are_chosen_than_are_real_is_told_while_one_chooses(chromium: Browser, vae: Made) -> None:
    chromium.open(vae.page, 360, still=True)
    press = "const all = document.querySelectorAll('.eight .choice'); arguments[0].forEach((at) => all[at].click());"
    press += "return document.querySelector('.score').textContent"
    assert chromium.ask(press, []) == ""
    assert chromium.ask(press, [0, 1, 2]) == "3 chosen; 4 are real."
    assert chromium.ask(press, [3, 4]) == "5 chosen, of which 1 at least can’t be real; 4 are real."
    assert chromium.ask(press, [4]) == "4 chosen; 4 are real."
    chromium.ask("document.querySelector('.bar-below button').click()")
    assert "of 8 right" in chromium.ask("return document.querySelector('.score').textContent")


@pytest.mark.parametrize("vae", ["mlp"], indirect=True)
def test_after_another_eight_the_first_picture_is_in_sight_and_the_score_was_all_along(
    chromium: Browser, vae: Made
) -> None:
    chromium.open(vae.page, 360, still=True)
    seen = "const { top, bottom } = arguments[0].getBoundingClientRect(); return top >= 0 && bottom <= innerHeight"
    (first, *_, last) = (chromium.ask(f"return document.querySelectorAll('.eight .choice')[{i}]") for i in (0, 3, 7))
    chromium.ask("arguments[0].scrollIntoView({ block: 'start' })", first)
    check = chromium.ask("return document.querySelector('.bar-below button')")
    assert chromium.ask(seen, check)
    chromium.ask("arguments[0].click()", check)
    assert chromium.ask(seen, chromium.ask("return document.querySelector('.score')"))
    chromium.ask("document.querySelectorAll('.bar-below button')[1].click()")
    chromium.until("return document.activeElement === document.querySelector('.eight .choice')")
    assert chromium.ask(seen, chromium.ask("return document.activeElement"))
    assert last is not None


ROUNDS = """
const deal = guessDealer(page.alive[1].data, randomNumbers(7));
const rounds = [deal(), deal()].flat();
return new Set(rounds.map(({ thing }) => thing.join())).size;
"""


def test_no_picture_is_dealt_again_before_all_were_and_none_stands_elsewhere(chromium: Browser, vae: Made) -> None:
    chromium.open(vae.page, still=True)
    assert chromium.ask(ROUNDS) == 16
    pixels = int(np.prod(vae.alive.data["shape"]))
    real = np.frombuffer(alive_of(vae.run)[1].data["real"], np.uint8).reshape(-1, pixels)
    shown = np.frombuffer(vae.alive.data["digits"]["pixels"], np.uint8).reshape(-1, pixels)
    assert len(real) == 24
    if vae.run.setting("binarize") == "none":  # else two images may look alike
        assert not any(np.array_equal(one, other) for one in real for other in shown)


IN_SIGHT = """
const slider = [...document.querySelectorAll('.sliders input')].at(-1);
slider.scrollIntoView({ block: 'end' });
const { top, bottom, height } = document.querySelector('.stage-drawing canvas').getBoundingClientRect();
const map = document.querySelector('.map .pad').getBoundingClientRect();
const above = bottom <= slider.getBoundingClientRect().top;
return [top >= 0 && bottom <= window.innerHeight, above, height + map.height];
"""


@pytest.mark.parametrize("width", [360, 1280])
def test_the_drawing_stays_in_sight_while_the_last_slider_is_moved(chromium: Browser, vae: Made, width: int) -> None:
    chromium.open(vae.page, width, still=True)
    in_sight, above, together = chromium.ask(IN_SIGHT)
    assert in_sight
    if width == 360:
        assert above
        assert together < 500, "of 740 that a phone has"


@pytest.mark.parametrize("vae", ["mlp"], indirect=True)
def test_a_number_of_the_code_is_never_both_across_and_up(chromium: Browser, vae: Made) -> None:
    chromium.open(vae.page, still=True)
    swap = """
    const [across, up] = document.querySelectorAll('.map select');
    const before = [across.value, up.value];
    across.value = up.value;
    across.dispatchEvent(new Event('change'));
    return [before, [across.value, up.value]];
    """
    before, after = chromium.ask(swap)
    assert after == before[::-1]


def finger(chromium: Browser, start: tuple[float, float], by: tuple[float, float]) -> None:
    """A finger goes from a place of the window by so many pixels."""
    touch = chromium.driver.execute_cdp_cmd
    at = lambda share: [{"x": start[0] + share * by[0], "y": start[1] + share * by[1]}]  # noqa: E731
    touch("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": at(0)})
    for step in range(1, 11):
        touch("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": at(step / 10)})
    touch("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


STOPPED = """
const done = arguments[0];
let [last, still] = [scrollY, 0];
requestAnimationFrame(function look() {
  still = scrollY === last ? still + 1 : 0;
  last = scrollY;
  if (still > 20) done(); // a page that was pushed runs out
  else requestAnimationFrame(look);
});
"""
PLACES = """
const pad = document.querySelector('.map .pad');
pad.scrollIntoView({ block: 'center' });
const [box, dot] = [pad, pad.querySelector('.thumb')].map((one) => one.getBoundingClientRect());
return [box.left + 12, box.bottom - 12, dot.left + dot.width / 2, dot.top + dot.height / 2, scrollY,
  pad.getAttribute('aria-valuetext')];
"""


@pytest.mark.parametrize("vae", ["mlp"], indirect=True)
def test_a_finger_scrolls_over_the_map_but_drags_the_dot(chromium: Browser, vae: Made) -> None:
    chromium.open(vae.page, 360, still=True)
    chromium.driver.execute_cdp_cmd("Emulation.setTouchEmulationEnabled", {"enabled": True})
    try:
        chromium.ask("[...document.querySelectorAll('button')].find((one) => one.textContent === 'All zero').click()")
        settled(chromium)
        x, y, _, _, before, code = chromium.ask(PLACES)
        finger(chromium, (x, y), (0, -200))
        chromium.until(f"return scrollY > {before} + 100")
        chromium.driver.set_script_timeout(10)
        chromium.driver.execute_async_script(STOPPED)
        x, y, dot_x, dot_y, before, unmoved = chromium.ask(PLACES)
        assert unmoved == code
        finger(chromium, (dot_x, dot_y), (30, -60))
        settled(chromium)
        assert chromium.ask("return scrollY") == before
        shift = "const one = document.querySelector('.map .pad'); return one.getAttribute('aria-valuetext')"
        up = float(chromium.ask(shift).split()[-1].replace("\u2212", "-"))
        assert up > 0.9, "60 pixels of about 55 for each standard deviation"
    finally:
        chromium.driver.execute_cdp_cmd("Emulation.setTouchEmulationEnabled", {"enabled": False})


def test_the_first_screen_says_what_a_vae_learned(vae: Made) -> None:
    told = vae.alive.learned
    assert "learned to squeeze each into 5 numbers" in told
    assert ("bits" in told) == (vae.run.setting("binarize") != "none")
    assert ("whose class is known" in told) == bool(vae.run.setting("conditional"))


def test_the_first_screen_says_what_a_generator_learned(gan: Made) -> None:
    assert "out of 5 random numbers, in a game against a second network" in gan.alive.learned
    present = gan.run.best_evaluation()["test"]["classes_present"]
    assert gan.alive.learned.endswith(f"Of the 3 classes that it saw it draws {present:g}.")


@pytest.fixture
def hostile(tmp_path: Path, own_cache: Path) -> Path:
    """Pictures in folders whose names are markup; a folder of such a name, too."""
    from PIL import Image

    images, labels = shapes(8, 8, 90)
    for number, (image, label) in enumerate(zip(images, labels, strict=True)):
        folder = tmp_path / "<script>x" / HOSTILE[label]
        folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray(image).save(folder / f"{number}.png")
    return tmp_path / "<script>x"


@pytest.mark.parametrize("family", ["vae", "gan"])
def test_classes_full_of_markup_and_hidden_characters_change_nothing(
    chromium: Browser, hostile: Path, family: str
) -> None:
    more = {"conditional": True, "hidden_size": 8} if family == "vae" else {}
    page = made(family, hostile, model={"vae": "mlp", "gan": "dcgan"}[family], **more).page
    chromium.open(page)
    settled(chromium)
    assert chromium.ask("return typeof window.hacked") == "undefined"
    assert chromium.ask("return document.querySelectorAll('img[src=x]').length") == 0
    assert chromium.ask("return HIDDEN.test(document.body.textContent.replace(/[\\n\\t]/g, ''))") is False
    if family == "vae":
        names = chromium.ask("return [...document.querySelectorAll('.controls select')[0].options].map((o) => o.text)")
        assert HOSTILE[0] in names
    assert chromium.complaints() == []
    assert chromium.requests() == []


def test_a_run_whose_images_are_gone_still_draws_and_says_what_it_lacks(
    chromium: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GENMODELS_CACHE", str(tmp_path / "cache"))
    images, labels = shapes(8, 8, 90)
    write_set(tmp_path / "set.npz", images, labels, 60)
    run = made("vae", tmp_path / "set.npz", model="mlp", hidden_size=8).run
    (tmp_path / "set.npz").unlink()
    monkeypatch.setenv("GENMODELS_CACHE", str(tmp_path / "empty"))
    told: list[str] = []
    monkeypatch.setattr("genmodels.pages.gathered.exhibits_of", lambda _: ())
    page = genmodels.report(run, tmp_path / "gone.html", notice=told.append, progress=False)
    assert any("no test images stand in the page" in one for one in told)
    chromium.open(page)
    settled(chromium)
    assert chromium.ask("return page.alive.length") == 1
    assert canvas(chromium, LARGE).min() < 255
    assert chromium.complaints() == []


def test_numbers_that_are_none_become_pictures_all_the_same(chromium: Browser, vae: Made) -> None:
    chromium.open(vae.page)
    chromium.ask(f"paintPicture(document.querySelector(\"{LARGE}\"), new Float32Array(99).fill(NaN), 'light')")
    assert set(canvas(chromium, LARGE)) <= {0, 255}
    from genmodels.families.alive_images import as_bytes

    assert as_bytes(np.array([np.nan, np.inf, -1, 0.5], np.float32)) == bytes([0, 255, 0, 128])
