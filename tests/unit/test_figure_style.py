"""Figures look the same whatever the user's own settings of matplotlib say."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from genmodels.figures.fitting import width_of, wrap
from genmodels.figures.style import TITLE, titled_figure

DRAW = """
import hashlib, sys
import numpy as np
from genmodels.figures.curves import Curve, curves_figure
from genmodels.figures.grid import labelled_grid, tile_figure
from genmodels.figures.gradients import FadingCurve, gradient_figure
from genmodels.figures.saving import rendered
images = np.linspace(0, 1, 2 * 6, dtype=np.float32).reshape(2, 2, 3)
fading = FadingCurve("a", "rnn", "hidden", np.exp(-np.arange(9.0)) * np.ones((3, 1)))
figures = [
    tile_figure(images, 2, "tiles"),
    labelled_grid([images], ["row"], [["1", "2"]], "grid"),
    curves_figure({"loss": [Curve("run", [0, 1], [0.0, 1.0], [3.0, 2.0])]}, "curves", {"uniform": 2.5}),
    gradient_figure([fading], "gradients", "64 windows"),
    tile_figure(images, 2, "a title of many words that does not fit into one line of a figure so narrow"),
]
for figure in figures:
    print(hashlib.sha256(rendered(figure, "png")).hexdigest())
assert "matplotlib.pyplot" not in sys.modules
"""
OWN = """
image.origin: lower
image.cmap: hot
text.usetex: True
text.parse_math: True
figure.figsize: 3, 3
figure.facecolor: black
figure.titlesize: 30
savefig.bbox: tight
savefig.transparent: True
savefig.dpi: 30
axes.facecolor: black
axes.prop_cycle: cycler(color=['red'])
axes.linewidth: 9
axes.grid.axis: x
lines.linewidth: 7
lines.marker: x
font.family: serif
font.size: 30
font.weight: bold
font.stretch: expanded
font.style: italic
font.variant: small-caps
text.hinting: none
text.hinting_factor: 1
text.kerning_factor: 6
xtick.labelsize: 25
xtick.direction: in
legend.loc: upper left
figure.constrained_layout.h_pad: 0.9
path.sketch: 9, 9, 9
backend: tkagg
"""
BROKEN = "no colon here\nfont.size: many\nno.such.key: 3\nimage.origin: middle\nbackend: nothing\n"


def drawn(folder: Path, **environment: str) -> str:
    """The sums of some figures drawn in another process whose settings lie in a folder; it says nothing else."""
    settings = {name: value for name, value in os.environ.items() if not name.startswith(("MPL", "MATPLOTLIB"))}
    settings |= {"MPLCONFIGDIR": str(folder), **environment}
    done = subprocess.run(
        [sys.executable, "-c", DRAW], capture_output=True, text=True, cwd=folder, env=settings, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout


@pytest.fixture(scope="module")
def usual(tmp_path_factory: pytest.TempPathFactory) -> str:
    return drawn(tmp_path_factory.mktemp("plain"))


def test_no_own_settings_and_no_backend_of_the_user_s_change_a_figure(usual: str, tmp_path: Path) -> None:
    (tmp_path / "matplotlibrc").write_text(OWN, encoding="utf-8")
    assert drawn(tmp_path, MPLBACKEND="nonsense") == usual


@pytest.mark.sweep
@pytest.mark.parametrize(
    "content", [OWN.encode(), BROKEN.encode(), b"\xff\xfe no text\n"], ids=["own", "broken", "no text"]
)
def test_a_matplotlibrc_changes_no_figure_and_is_not_heard_of(content: bytes, usual: str, tmp_path: Path) -> None:
    (tmp_path / "matplotlibrc").write_bytes(content)
    assert drawn(tmp_path) == usual


@pytest.mark.sweep
@pytest.mark.parametrize("backend", ["nonsense", "tkagg", "module://nothing"])
def test_no_backend_that_the_user_names_is_needed(backend: str, usual: str, tmp_path: Path) -> None:
    assert drawn(tmp_path, MPLBACKEND=backend) == usual


@pytest.mark.sweep
def test_a_home_that_cannot_be_written_is_not_heard_of(usual: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert drawn(tmp_path, MPLCONFIGDIR=str(tmp_path / "file" / "settings")) == usual


def test_the_user_s_own_settings_and_backend_stay_for_the_user_s_own_plots(tmp_path: Path) -> None:
    (tmp_path / "matplotlibrc").write_text("image.origin: lower\n")
    code = (
        "import os, genmodels.figures.style as s, matplotlib\n"
        "with s.style(): assert matplotlib.rcParams['image.origin'] == 'upper'\n"
        "print(matplotlib.rcParams['image.origin'], matplotlib.rcParams['backend'], os.environ['MPLBACKEND'])"
    )
    settings = os.environ | {"MPLCONFIGDIR": str(tmp_path), "MPLBACKEND": "module://mine"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=settings, check=False)
    assert done.stdout == "lower module://mine module://mine\n"


def test_a_command_runs_beside_a_matplotlibrc_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "matplotlibrc").write_bytes(b"\xff\xfe")
    command = [sys.executable, "-m", "genmodels", "plot-elbo", "--out", "a.bmp"]
    settings = os.environ | {"MPLBACKEND": "nonsense"}
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env=settings, check=False)
    assert done.stderr.startswith("error: there is no vae run")
    assert "Traceback" not in done.stderr
    assert done.returncode == 4


def test_a_title_that_is_a_little_long_is_set_smaller_and_a_longer_one_in_lines_of_about_one_length() -> None:
    words = "word " * 40
    for count in range(1, 41):
        title = words[: 5 * count - 1]
        (shown,) = titled_figure(9.6, 3.0, title).texts
        lines = shown.get_text().split("\n")
        widths = [width_of(line, shown.get_fontsize()) for line in lines]
        assert " ".join(lines) == title
        assert max(widths) <= 9.3
        if len(lines) == 2:
            assert min(widths) > 0.6 * max(widths), "no line of one word"
            assert width_of(title, 0.87 * TITLE) > 9.3, "else it had been set smaller"


def test_a_number_and_its_unit_stay_in_one_line() -> None:
    said = "Ringed, the best: after 0.172 epochs (37 s), and 95 % of it at 20 dB."
    lines = {line for width in np.arange(0.5, 4.0, 0.05) for line in wrap(said, width, 10.0).split("\n")}
    assert not [line for line in lines if line.startswith(("s)", "%", "dB"))]
    assert any(line.startswith("(37 s)") for line in lines)


def test_a_line_that_changes_in_a_film_stays_the_last_one() -> None:
    title = "a title of many words that does not fit into one line " * 2 + "\npixel 3 of 9"
    (shown,) = titled_figure(9.6, 3.0, title).texts
    assert shown.get_text().rpartition("\n")[2] == "pixel 3 of 9"


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("Best: -86.4 after 2", "Best: −86.4 after 2"),
        ("from -1 (-2.5 nats) to ≤ -.5", "from −1 (−2.5 nats) to ≤ −.5"),
        ("--epochs 5, vae-3, 2026-11-26, 1-8, x--1", "--epochs 5, vae-3, 2026-11-26, 1-8, x--1"),
    ],
)
def test_numbers_in_sentences_have_a_real_minus_sign(said: str, shown: str) -> None:
    assert titled_figure(9.6, 3.0, "title", said).texts[-1].get_text() == shown
