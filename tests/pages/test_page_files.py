"""The page's own files: small, in the wheel, and nothing in them asks a server for anything."""

import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genmodels.figures.colours import COLOURS
from genmodels.pages.inlined import page_json, plain, script, style
from pages.browser import Browser

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / "src" / "genmodels" / "pages" / "page").iterdir())
SCRIPTS = [path for path in FILES if path.suffix == ".js"]
BEGINNING = re.compile(r"^(?:async )?function \w+\(|^const \w+ = (?:async )?\(.*=> \{$")


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_a_script_has_at_most_350_lines_and_a_function_45(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    assert len(lines) <= 350
    for number, line in enumerate(lines):
        if BEGINNING.match(line):
            length = next(n for n, later in enumerate(lines[number:], 1) if later.startswith("}"))
            assert length <= 45, line


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_a_script_asks_for_nothing_makes_no_html_of_texts_and_can_stand_in_a_page(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"fetch\(|XMLHttpRequest|WebSocket|import\(|innerHTML|outerHTML|insertAdjacent|eval\(", text)
    assert "https://" not in text
    assert "</script" not in text
    assert '"use strict";' in text
    assert text.startswith("//"), "its first line says what it is"


def test_no_two_scripts_give_the_same_name_as_they_share_one_scope() -> None:
    given_names: dict[str, str] = {}
    for path in SCRIPTS:
        for line in path.read_text(encoding="utf-8").splitlines():
            if named := re.match(r"(?:async )?(?:function|const|let|class) (\w+)", line):
                assert given_names.setdefault(named[1], path.name) == path.name, named[1]
    assert len(given_names) > 100


@given(
    st.recursive(
        st.none() | st.integers() | st.floats() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_json_in_a_page_holds_the_value_and_ends_no_script(value) -> None:
    text = page_json(value)
    assert not set(text) & set("<>&\u2028\u2029")
    assert json.loads(text) == plain(value)


def test_what_is_no_number_is_null_and_what_is_hidden_is_seen() -> None:
    told = page_json({"loss": float("nan"), "far": float("-inf"), "raw": b"\x00\xff", "name": "a\u202eb\x1b"})
    assert told == r'{"loss":null,"far":null,"raw":"AP8=","name":"a\\u202eb\\x1b"}'
    with pytest.raises(TypeError, match="object has no place in a page"):
        page_json(object())


def test_a_script_s_hash_is_that_of_its_text() -> None:
    import base64
    import hashlib

    one = script("layers")
    assert one.source == f"'sha256-{base64.b64encode(hashlib.sha256(one.text.encode()).digest()).decode()}'"


def test_a_wheel_has_the_page_s_files(tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    tree.mkdir()
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        (tree / name).write_bytes((ROOT / name).read_bytes())
    for path in (ROOT / "src").rglob("*"):
        if path.is_file() and "__pycache__" not in path.parts and ".egg-info" not in str(path):
            (copy := tree / path.relative_to(ROOT)).parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(path.read_bytes())
    program = "import setuptools.build_meta as b, sys; print(b.build_wheel(sys.argv[1]))"
    subprocess.run([sys.executable, "-c", program, str(tmp_path)], cwd=tree, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    held = set(zipfile.ZipFile(wheel).namelist())
    assert {f"genmodels/pages/page/{path.name}" for path in FILES} <= held


CURVES = """
const chart = { title: "t", across: "epoch", lines: arguments[0].map(([held, running, points]) => (
  { name: "n", colour: "run-0", held, running, points, best: null })) };
const root = document.createElement("div");
document.body.append(root);
drawChart(root, chart);
const texts = [...root.querySelectorAll(".axes text[text-anchor=middle]")].map((one) => one.textContent);
const classes = [...root.querySelectorAll(".curve, .dot")].map((one) => one.getAttribute("class"));
return [texts, classes];
"""


@pytest.mark.browser
def test_curves_have_ticks_within_an_epoch_and_kinds_of_lines_that_can_be_told_apart(
    chromium: Browser, tmp_path: Path
) -> None:
    page = tmp_path / "page.html"
    scripts = "".join(f"<script>{script(name).text}</script>" for name in ("elements", "charts"))
    page.write_text(
        f"<style>{style(COLOURS).text}</style><body><script>const page = {{ alive: [] }}</script>{scripts}", "utf-8"
    )
    chromium.open(page)
    texts, classes = chromium.ask(CURVES, [[True, False, [[0, 5], [0.15, 3]]], [False, True, [[0.05, 4], [0.1, 3]]]])
    assert texts == [*(f"{place / 100:g}" for place in range(16)), "epoch"]
    assert classes == ["dot held-out", "dot held-out", "curve running"], "two evaluations show no course"
    texts, classes = chromium.ask(CURVES, [[False, False, [[0, 5], [1, 3], [2, 2.5]]]])
    assert texts == ["0", "1", "2", "epoch"]
    assert classes == ["curve trained", *["dot trained"] * 3]
    assert chromium.ask(CURVES, [[True, False, [[0.005, 1]]]])[0] == ["0.005", "epoch"]
    held, running = [True, False, [[0, 5], [1, 3]]], [False, True, [[0.5, 4], [0.75, 3.5], [0.999, 2.9]]]
    first, tapped, swatches = chromium.ask(TAPPED, [held, running])
    assert first == "epoch 1 — n: 3 · n: 2.9", "what was seen last stands with the evaluation beside it"
    assert tapped == ["epoch 0 — n: 5", "epoch 0.5 — n: 4"], "nothing is told of a line before its first point"
    assert swatches == ["swatch held-out dots", "swatch running"]
    assert chromium.ask(LOOKS) == [
        ["curve trained", "5px, 4px"],
        ["curve longer", "0.1px, 5px"],
        ["curve held-out", "none"],
    ]
    assert chromium.ask(SWATCHES) == 4, "of a course and of dots alone, on what was trained on and on longer data"


TAPPED = """
const chart = { title: "t", across: "epoch", lines: arguments[0].map(([held, running, points]) => (
  { name: "n", colour: "run-0", held, running, points, best: null })) };
const root = document.createElement("div");
document.body.append(root);
drawChart(root, chart);
const [drawing, output] = [root.querySelector("svg"), root.querySelector("output")];
const told = output.textContent;
const box = drawing.getBoundingClientRect();
const tapped = [CHART.left, (CHART.left + box.width - CHART.right) / 2].map((x) => {
  drawing.dispatchEvent(new PointerEvent("pointerdown", { clientX: box.left + x, clientY: box.top + 50 }));
  return output.textContent;
});
return [told, tapped, [...root.querySelectorAll(".swatch")].map((one) => one.className)];
"""


LOOKS = """
const lines = [{}, { longer: true }, { held: true }].map((kind) => ({ name: "n", colour: "run-0", ...kind, best: null,
  points: [[0, 5], [1, 3], [2, 2]] }));
const root = document.createElement("div");
document.body.append(root);
drawChart(root, { title: "t", across: "epoch", lines });
const looks = (one) => [one.getAttribute("class"), getComputedStyle(one).strokeDasharray];
return [...root.querySelectorAll(".curve")].map(looks);
"""
SWATCHES = """
const looks = ["trained", "longer", "trained dots", "longer dots"].map((kind) => {
  const swatch = document.createElement("span");
  swatch.className = `swatch ${kind}`;
  document.body.append(swatch);
  const { borderTopStyle, backgroundColor, borderRadius } = getComputedStyle(swatch);
  return [borderTopStyle, backgroundColor, borderRadius].join();
});
return new Set(looks).size;
"""


CONTRAST = """
const ground = getComputedStyle(document.body).backgroundColor;
const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
const luminance = (colour) => {
  canvas.fillStyle = colour;
  canvas.fillRect(0, 0, 1, 1);
  const parts = [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3).map((part) => part / 255);
  const [r, g, b] = parts.map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
return arguments[0].map((_, index) => {
  const link = document.createElement("a");
  link.href = "#";
  const inside = document.createElement("div");
  inside.className = `run-${index}`;
  inside.append(link);
  document.body.append(inside);
  const [low, high] = [luminance(ground), luminance(getComputedStyle(link).color)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
});
"""


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_in_the_colour_of_any_kind_of_model_can_be_read(chromium: Browser, tmp_path: Path, scheme: str) -> None:
    """At least 4.5 to 1, as the Web Content Accessibility Guidelines 2.2 want it (1.4.3)."""
    page = tmp_path / "page.html"
    page.write_text(f"<style>{style(COLOURS).text}</style><script>const page = {{ alive: [] }}</script>", "utf-8")
    chromium.open(page, scheme=scheme)
    assert all(ratio >= 4.5 for ratio in chromium.ask(CONTRAST, list(COLOURS)))
