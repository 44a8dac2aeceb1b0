import io
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from genmodels.errors import ResourceError, UsageError
from genmodels.figures.curves import curves_figure
from genmodels.figures.elbo import elbo_figure
from genmodels.figures.grid import labelled_grid, tile_figure
from genmodels.figures.latent import manifold_figure, scatter_figure
from genmodels.figures.lines import WORSE, Curve
from genmodels.figures.pictures import as_blocks, as_png, tiled
from genmodels.figures.saving import save_figure
from genmodels.figures.style import new_figure
from genmodels.telling import WHILE_TRAINING
from unit.figure_texts import said


def bounds(*names: str, epochs: int = 4) -> dict[str, list[Curve]]:
    numbers = list(range(epochs + 1))
    lines = [
        Curve(name, numbers, (), [-500.0 + shift, *(-100.0 + shift - 10 / n for n in numbers[1:])], "conv", split)
        for name in names
        for shift, split in enumerate(("train", "test"))
    ]
    return dict.fromkeys(("elbo", "reconstruction", "kl"), lines)


def test_the_bound_is_drawn_for_each_run_and_split_with_its_two_terms() -> None:
    figure = elbo_figure(bounds("a", "b"), "digits, binarize dynamic")
    assert [axes.get_title() for axes in figure.axes[:3]] == [
        "lower bound (ELBO)", "reconstruction, E log p(x|z)", "KL(q(z|x) || p(z))",
    ]  # fmt: skip
    lines = figure.axes[0].get_lines()[:4]
    assert list(lines[1].get_ydata()) == bounds("a")["elbo"][1].values
    assert [line.get_linestyle() for line in lines] == ["--", "-", "--", "-"]
    (legend,) = figure.legends
    assert [text.get_text() for text in legend.get_texts()] == ["a", "b", "train", "test"]


def test_the_bound_begins_at_the_untrained_model_and_is_shown_closer_without_it() -> None:
    axes = elbo_figure(bounds("run"), "t").axes
    whole, closer = axes[0], axes[3]
    assert whole.get_xlim()[0] <= 0
    assert whole.get_ylim()[0] < -500
    assert [list(line.get_xdata()) for line in closer.get_lines()] == [[1, 2, 3, 4]] * 2
    assert -115 < closer.get_ylim()[0] < -110
    assert closer.get_ylabel().replace("\n", " ") == "nats per image, closer: from epoch 1 on"
    assert len(elbo_figure(bounds("run", epochs=1), "t").axes) == 3, "of one epoch there is nothing more to see"


def test_an_epoch_that_was_cut_short_has_one_number_in_all_figures() -> None:
    course = {"epochs": [0.0, 1.0, 1.0857], "minutes": [0.0] * 3, "values": [-9.0, -5.0, -4.0]}
    lines = [
        replace(line, **course, best=2 if line.part == "test" else None) for line in bounds("run", epochs=1)["elbo"]
    ]
    assert "after epoch 1.085" in said(elbo_figure(dict.fromkeys(bounds("run"), lines), "t"))
    assert "after 1.085 epochs" in said(curves_figure({"bound": lines}, "t"))


def test_the_bound_asks_why_test_lies_above_train_and_does_not_answer() -> None:
    best = {
        name: [replace(line, best=2 if line.part == "test" else None) for line in lines]
        for name, lines in bounds("run").items()
    }
    assert "look where test lies above train, and ask why" in said(elbo_figure(best, "t"))
    thin = [replace(best["elbo"][0], part=WHILE_TRAINING, better=max, hindrances=["average"]), best["elbo"][1]]
    assert f"average, {WORSE}" in said(elbo_figure(dict.fromkeys(best, thin), "t"))
    assert "above train" not in said(elbo_figure({name: lines[1:] for name, lines in best.items()}, "t"))


@pytest.mark.parametrize("count", [1, 7, 10])
def test_labels_of_a_grid_stay_inside_the_figure(count: int) -> None:
    rows = [np.zeros((count, 28, 28), np.float32)] * 2
    names = ["a rather long label of a row", "epoch 10"]
    figure = labelled_grid(rows, names, [None, [f"{-99.9:.1f}"] * count], "a title", [str(k) for k in range(count)])
    figure.draw_without_rendering()
    box = figure.bbox
    (axes,) = figure.axes
    for label in [*axes.get_yticklabels(), *axes.texts]:
        extent = label.get_window_extent()
        assert box.x0 <= extent.x0
        assert extent.x1 <= box.x1
        assert box.y0 <= extent.y0
        assert extent.y1 <= box.y1
    assert [label.get_text() for label in axes.get_yticklabels()] == names


def test_tiles_keep_their_order() -> None:
    pictures = np.stack([np.full((3, 4), k / 10, np.float32) for k in range(7)])
    (axes,) = tile_figure(pictures, 4, "t").axes
    sheet = axes.get_images()[0].get_array()
    assert sheet.shape == (6, 16)
    assert float(sheet[0, 13]) == pytest.approx(0.3)
    assert float(sheet[3, 0]) == pytest.approx(0.4)


@pytest.mark.parametrize("labelled", [True, False])
def test_codes_are_scattered_by_class(labelled: bool) -> None:
    means = np.random.default_rng(0).normal(size=(60, 3)).astype(np.float32)
    labels = np.arange(60) % 3 if labelled else None
    figure = scatter_figure(means, labels, ("a", "b", "c"), np.array([0.1, 2.0, 1.0]), (1, 2), "t", edge=1.96)
    plane, bars = figure.axes
    assert len(plane.collections) == (3 if labelled else 1)
    assert [round(bar.get_height(), 1) for bar in bars.patches] == [2.0, 1.0, 0.1]
    assert [label.get_text() for label in bars.get_xticklabels()] == ["1", "2", "0"], "each bar has its dimension"
    assert (plane.get_xlabel(), plane.get_ylabel()) == ("z1", "z2")
    (outline,) = plane.patches
    assert outline.get_bbox().extents.tolist() == [-1.96, -1.96, 1.96, 1.96]


def test_bars_of_many_dimensions_are_the_tallest_and_the_rest_is_told() -> None:
    kl = np.full(100, 0.001)
    kl[77] = 5.0
    _, bars = scatter_figure(np.zeros((3, 100), np.float32), None, None, kl, (0, 1), "t").axes
    assert len(bars.patches) == 24
    assert bars.get_xticklabels()[0].get_text() == "77"
    assert [text.get_text() for text in bars.texts] == [
        "all 100 dimensions: 5.10 nats\n76 of them not drawn: 0.076 nats"
    ]
    ground = bars.texts[0].get_bbox_patch()
    assert ground is not None, "no line of the grid passes through it"
    assert ground.get_facecolor() == (1.0, 1.0, 1.0, 1.0)


def test_dots_are_seen_from_afar_and_larger_where_there_are_few() -> None:
    sizes = [
        scatter_figure(np.zeros((count, 2), np.float32), None, None, np.ones(2), (0, 1), "t").axes[0].collections[0]
        for count in (100, 5000)
    ]
    few, many = (float(dots.get_sizes()[0]) for dots in sizes)
    assert few > many >= 10


def test_plane_and_scatter_have_one_direction() -> None:
    values = [-1.96, 0.0, 1.96]
    pictures = np.zeros((9, 4, 5), np.float32)
    pictures[2] = 1.0  # right, above
    (axes,) = manifold_figure(pictures, values, (0, 3), "t", "Look at it.").axes
    plane = scatter_figure(np.eye(4, dtype=np.float32), None, None, np.ones(4), (0, 3), "t").axes[0]
    assert (axes.get_xlabel(), axes.get_ylabel()) == (plane.get_xlabel(), plane.get_ylabel()) == ("z0", "z3")
    for one in (axes, plane):
        (left, right), (low, high) = one.get_xlim(), one.get_ylim()
        assert left < right
        assert low < high
    (sheet,) = axes.get_images()
    assert sheet.origin == "upper", "the first row of pictures lies above"
    assert sheet.get_extent() == [0, 3, 0, 3]
    assert np.asarray(sheet.get_array())[:4, 10:].min() == 1.0
    ticks = dict(zip([label.get_text() for label in axes.get_yticklabels()], axes.get_yticks(), strict=True))
    assert ticks["0"] == pytest.approx(1.5), "the middle of the middle row"
    assert ticks["1"] == pytest.approx(1.5 + 1 / 1.96)
    assert ticks["−1"] < ticks["0"]


@pytest.mark.sweep
def test_the_same_figure_gives_the_same_file(tmp_path: Path) -> None:
    for kind in ("png", "svg"):
        for folder in "ab":  # its name is in the mark by which it is known to be ours
            save_figure(elbo_figure(bounds("run"), "t"), tmp_path / folder / f"one.{kind}")
        assert (tmp_path / "a" / f"one.{kind}").read_bytes() == (tmp_path / "b" / f"one.{kind}").read_bytes()


def test_an_unknown_ending_and_a_folder_that_is_a_file_are_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no known ending"):
        save_figure(new_figure(1, 1), tmp_path / "a.bmp")
    (tmp_path / "file").write_text("")
    with pytest.raises(ResourceError, match="cannot write"):
        save_figure(new_figure(1, 1), tmp_path / "file" / "a.png")


def test_figures_need_neither_torch_nor_pyplot() -> None:
    code = (
        "import sys, genmodels.figures.elbo, genmodels.figures.grid, genmodels.figures.latent\n"
        "sys.exit(bool({'torch', 'matplotlib.pyplot'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_sheet_of_images_becomes_a_png() -> None:
    pixels = np.arange(5 * 3 * 2, dtype=np.uint8).reshape(5, 3, 2)
    sheet = tiled(pixels, 3, gap=1)
    assert sheet.shape == (7, 8)
    assert np.array_equal(sheet[4:7, 3:5], pixels[4])
    with Image.open(io.BytesIO(as_png(sheet))) as back:
        assert np.array_equal(np.asarray(back), sheet)


def test_blocks_show_where_ink_is() -> None:
    image = np.zeros((1, 28, 28), np.uint8)
    image[0, :4, 0:2] = 255
    image[0, 4:6, 2:4] = 255
    lines = as_blocks(image).split("\n")
    assert lines[0] == "█"
    assert lines[1] == " ▀"
    assert len(lines) == 8
    assert as_blocks(np.full((2, 5, 3), 255, np.uint8)) == "███  ███\n███  ███\n▀▀▀  ▀▀▀\n"


def test_characters_that_the_font_lacks_become_boxes_without_a_warning(tmp_path) -> None:
    from genmodels.figures.gates import ShownUnit, gate_figure

    values = np.full((4, 1), 0.5)
    figure = gate_figure("\u6f22\n$x", {"keep": values}, values, [ShownUnit(0)], "a title")
    save_figure(figure, tmp_path / "gates.png")
    assert (tmp_path / "gates.png").stat().st_size > 0
