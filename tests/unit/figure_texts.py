"""Where the texts of a figure lie once it is drawn, and every kind of figure, with texts of any length."""

from collections.abc import Callable, Mapping, Sequence
from itertools import combinations

import numpy as np
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Bbox
from numpy.typing import NDArray

from genmodels.figures.context import ContextPoint, Gaze, context_figure
from genmodels.figures.curves import Curve, curves_figure
from genmodels.figures.elbo import elbo_figure
from genmodels.figures.error_curves import ErrorCurves
from genmodels.figures.fonts import dress
from genmodels.figures.gan import GanCourse, gan_figure
from genmodels.figures.gates import ShownUnit, gate_figure
from genmodels.figures.gradients import FadingCurve, gradient_figure
from genmodels.figures.grid import GridRow, filling, grid_figure, labelled_grid, tile_figure
from genmodels.figures.heard import DrawnSound
from genmodels.figures.latent import manifold_figure, scatter_figure
from genmodels.figures.reading import reading_figure
from genmodels.figures.reading_accuracy import Read, accuracy_figure, course_figure
from genmodels.figures.spikes import spikes_figure
from genmodels.figures.style import style
from genmodels.figures.texts import TextCell, text_figure
from genmodels.figures.under_strips import ReadStrip
from genmodels.figures.vanishing import WayBack, vanishing_figure
from genmodels.figures.word_errors import errors_figure
from genmodels.telling import WHILE_TRAINING

SLACK = 1.0  # pixels
Places = list[tuple[str, Bbox]]


def said(figure: Figure) -> str:
    """The sentence at a figure's foot."""
    return " ".join(text.get_text() for text in figure.texts).replace("\n", " ")


def places_of(figure: Figure) -> Places:
    """Every text that is seen in a figure, and where."""
    with style():
        dress(figure)
        figure.draw_without_rendering()
        undrawn = {id(label) for axes in figure.axes for axis in (axes.xaxis, axes.yaxis) for label in _undrawn(axis)}
        return [
            (text.get_text(), text.get_window_extent())
            for text in figure.findobj(Text)
            if isinstance(text, Text) and text.get_text().strip() and text.get_visible() and id(text) not in undrawn
        ]


def _undrawn(axis) -> list[Text]:
    """Labels of ticks that are made and not drawn, as they lie outside the limits."""
    drawn = {id(tick) for tick in (axis._update_ticks() if axis.axes.axison else [])}
    every = [tick for tick in [*axis.get_major_ticks(), *axis.get_minor_ticks()] if id(tick) not in drawn]
    return [label for tick in every for label in (tick.label1, tick.label2)]


def cut(figure: Figure, places: Places) -> list[str]:
    """The texts that leave the canvas."""
    width, height = figure.bbox.width, figure.bbox.height
    return [
        text
        for text, box in places
        if box.x0 < -SLACK or box.y0 < -SLACK or box.x1 > width + SLACK or box.y1 > height + SLACK
    ]


def overlaps(places: Places) -> list[tuple[str, str]]:
    """Pairs of texts that lie on each other."""
    return [
        (one, other)
        for (one, a), (other, b) in combinations(places, 2)
        if min(a.x1, b.x1) - max(a.x0, b.x0) > SLACK and min(a.y1, b.y1) - max(a.y0, b.y0) > SLACK
    ]


TITLES = {
    "short": "t",
    "long": ("a title of a hundred and twenty characters, as runs that people name have, " * 2)[:120],
    "path": ("/home/somebody/models/2026-11-25/run" * 4)[:120],
    "unbroken": "x" * 120,
}
NAMES = {
    "short": str,
    "long": lambda k: f"class {k} of the nineteen-eighties and later"[:40],
    "unbroken": lambda k: f"{k:03d}" + "W" * 37,
}
SHAPES = {"square": (28, 28), "tall": (60, 5), "wide": (5, 60), "strip": (8, 280)}


def images(count: int, shape: tuple[int, int]) -> NDArray[np.float32]:
    return np.random.default_rng(0).random((count, *shape)).astype(np.float32)


def names_of(count: int, kind: str) -> list[str]:
    return [NAMES[kind](k) for k in range(count)]


def grid(count: int, shape: str, title: str, names: str) -> Figure:
    """Rows with and without captions, as `reconstruct` makes them."""
    labels = names_of(count, names)
    rows = [images(count, SHAPES[shape])] * 3
    return labelled_grid(rows, names_of(3, names), [None, ["-99.9"] * count, labels], TITLES[title], labels)


def tiles(count: int, shape: str, title: str) -> Figure:
    columns = max(1, round(count**0.5))
    return tile_figure(images(count, SHAPES[shape]), columns, TITLES[title], "Look at the edges. " * 9)


def groups(title: str, names: str, count: int = 10) -> Figure:
    """Epochs of many images with their classes, as `sample-images` and `reconstruct` make them."""
    labels = names_of(count, names)
    rows = [
        GridRow(images(count, (28, 28)), f"epoch {n}", labels, ["-123.4"] * count, True, (0, 14, 28, 28))
        for n in range(3)
    ]
    return grid_figure(rows, TITLES[title], f"A sentence that says what to look at, such as {labels[0]}. " * 2)


def compared(title: str, names: str, runs: int = 2) -> Figure:
    """Images of several runs, as `compare-images` makes them."""
    told = "(VAE, conv)\n≤ 117.52 ± 1.14 nats, kernel distance 0.2345 ± 0.0123"
    labels = [f"{name} {told}" for name in names_of(runs, names)]
    sentence = (
        "Kernel distance: how far drawn images are from test images (2,000 of each in a classifier's features), ± its "
        "standard error: 0.0004 ± 0.0002 for training images in their place, at least 0.2345 ± 0.0123 here. Nats: mean "
        "−log p of test images, ± its standard error over images, which are the same for all, so what runs differ by "
        "is surer than that; lower is better; ≤ where it is a bound."
    )
    rows = filling(
        lambda lines: [GridRow(images(12 * lines, (28, 28)), label, apart=True, lines=lines) for label in labels], 4
    )
    return grid_figure(rows, TITLES[title], sentence)


def vanishing(title: str, names: str, networks: int = 3) -> Figure:
    shares = np.exp(-np.arange(120.0) / 9)
    kinds, ways = ("rnn", "gru", "lstm"), ("real", "direct", "bound")
    return vanishing_figure(
        [
            WayBack(name, kind, "hidden", dict.fromkeys(ways, shares), np.full(20, 0.05), 0.7, 0.2, shares)
            for name, kind in zip(names_of(networks, names), kinds[:networks], strict=True)
        ],
        TITLES[title],
        ["a remark of some length that stands below with others"],
    )


def texts(title: str, names: str, columns: int = 3) -> Figure:
    prompt = NAMES[names](1)
    cells = [
        [TextCell(prompt, "the cat\x1b[2J sat on the mat.\n" * n, "91 % words") for _ in range(columns)]
        for n in (1, 30)
    ]
    heads = [f"T = {k}" for k in range(columns)]
    return text_figure(cells, names_of(2, names), heads, TITLES[title], "T is the temperature.")


def lines_of(names: Sequence[str], parts: Sequence[str], epochs: int = 3, values: Sequence[float] = ()) -> list[Curve]:
    """A line for each part of each run; the best epoch is the last one."""
    numbers = list(range(epochs))
    heights = list(values) or [4.0 - 2.0 * (number > 0) - 0.1 * number for number in numbers]
    return [
        Curve(name, numbers, numbers, heights, "lstm", part, best=epochs - 1 if part == "test" else None)
        for name in names
        for part in parts
    ]


def elbo(title: str, names: str, runs: int = 6, epochs: int = 3) -> Figure:
    values = [-500.0, *(-100.0 + number for number in range(1, epochs))]
    lines = lines_of(names_of(runs, names), ("train", "test"), epochs, values)
    return elbo_figure(dict.fromkeys(("elbo", "reconstruction", "kl"), lines), TITLES[title])


def curves(title: str, names: str, runs: int = 7, epochs: int = 3) -> Figure:
    lines = lines_of(names_of(runs, names), ("train", "test", WHILE_TRAINING), epochs)
    levels = {"uniform": 3.3, "unigram": 2.50, "bigram": 2.49, "trigram, the best of some": 2.48, "far": 9.0}
    return curves_figure({"loss (nats per character)": lines}, TITLES[title], levels)


def curves_of_scores(title: str, names: str, scores: int = 2) -> Figure:
    lines = lines_of(names_of(7, names), ("test",), 2)
    remarks = ["their scores measure different things: hold like against like"]
    return curves_figure(
        {f"score {k}, nats/image": lines[k::scores] for k in range(scores)}, TITLES[title], remarks=remarks
    )


def gradients(title: str, names: str) -> Figure:
    quartiles = np.exp(-np.arange(30.0)) * np.array([[0.5], [1.0], [2.0]])
    kinds = [("rnn", "hidden"), ("lstm", "hidden"), ("lstm", "cell")] * 2
    curves = [FadingCurve(name, *kind, quartiles) for name, kind in zip(names_of(6, names), kinds, strict=True)]
    return gradient_figure(curves, TITLES[title], "128 windows of 200 characters")


def gates(title: str, names: str, text: str = "As many words.\nAgain\t") -> Figure:
    values = np.full((len(text), 4), 0.5)
    features = names_of(4, names)
    values_of = zip((1, 512, 512, 12), features, (0.9, -0.7, 0.4, -0.31), strict=True)
    units = [ShownUnit(*one) for one in values_of]
    return gate_figure(
        text, dict.fromkeys(("keep", "write", "read"), values), values, units, TITLES[title], "A remark."
    )


def gan(title: str, names: str, classes: int = 10, epochs: int = 3) -> Figure:
    points = (list(range(epochs)), [0.5 + 0.1 * number for number in range(epochs)])
    shares = {name: 1 / max(classes, 1) for name in names_of(classes, names)}
    keys = ("score_real", "score_drawn", "discriminator_loss", "generator_loss")
    measures = ("kernel_distance", "kernel_distance_standard_error", "precision", "recall")
    evaluated = dict.fromkeys((*measures, *(f"real/{name}" for name in measures)), points)
    return gan_figure(
        GanCourse(dict.fromkeys(keys, points), evaluated, shares, shares, epochs - 1, True, 100), TITLES[title]
    )


def scatter(title: str, names: str, classes: int = 10, dimensions: int = 2) -> Figure:
    random = np.random.default_rng(0)
    means = random.normal(size=(5 * classes, 2)).astype(np.float32)
    labels = np.arange(5 * classes) % classes
    kl = np.linspace(9.0, 0.0, dimensions)
    sentence = "Look at where classes lie apart and where on each other. " * 4
    return scatter_figure(means, labels, names_of(classes, names), kl, (0, 1), TITLES[title], sentence, 1.96)


def manifold(title: str, names: str, shape: str = "square", count: int = 20) -> Figure:
    values = np.linspace(-1.96, 1.96, count).tolist()
    return manifold_figure(images(count * count, SHAPES[shape]), values, (3, 12345), TITLES[title], "Look at it. " * 20)


def strip(name: str, columns: int, symbols: Sequence[str], step: int = 0, *, spans: bool = True) -> ReadStrip:
    pitch = step or columns / max(1, len(symbols))
    places = [(k * pitch, (k + 1) * pitch) for k in range(len(symbols))] if spans else None
    return ReadStrip(name, images(1, (32, columns))[0], symbols, places, [0.97] * len(symbols), 0.5, "12", True)


def readings(title: str, names: str) -> Figure:
    of = names_of(9, names)
    return reading_figure(
        [
            strip("a", 28, of[:1]), strip(TITLES[title], 1000, of * 2), strip("c", 60, of, 4), strip("d", 64, []),
            strip("e", 300, of, spans=False), strip("f", 200, of * 6, 4),
        ],
        TITLES[title],
    )  # fmt: skip


def narrow_reading(title: str, names: str) -> Figure:
    return reading_figure([strip(TITLES[title], 28, names_of(1, names))], TITLES[title])


def accuracy(title: str, names: str) -> Figure:
    shares, counts = dict.fromkeys(range(1, 13), 0.9), dict.fromkeys(range(1, 13), 250)
    ends = (8, 9, 11, 8, 8, 8)
    readers = [
        Read(name, "crnn", end, shares, shares, counts) for name, end in zip(names_of(6, names), ends, strict=True)
    ]
    return accuracy_figure(readers, TITLES[title])


def course(title: str, names: str) -> Figure:
    lines = lines_of(names_of(1, names), ("train", "test", "longer"), 4, [0.0, 0.7, 0.8, 0.9])
    return course_figure(dict.fromkeys(("sequence_accuracy", "character_error_rate"), lines), TITLES[title])


def sound(
    name: str,
    seconds: float,
    words: Sequence[str],
    read: Sequence[int],
    truth: str | None = None,
    *,
    wrong: bool = False,
) -> DrawnSound:
    """Noise in which words were read, evenly and surely, by a network of some words."""
    samples = np.random.default_rng(0).integers(-9000, 9000, round(8000 * seconds)).astype(np.int16)
    times = np.arange(0.01, seconds, 0.02)
    probabilities = np.zeros((len(times), len(words) + 1))
    probabilities[:, 0] = 1.0
    heard = []
    for index, word in enumerate(read):
        step = round((index + 0.5) * len(times) / len(read))
        probabilities[step] = np.eye(len(words) + 1)[word + 1]
        heard.append((words[word], (times[step], times[step]), 0.987))
    text = " ".join(words[word] for word in read)
    return DrawnSound(name, samples, times, probabilities, heard, text, 0.9, truth, wrong)


def spikes(title: str, names: str, count: int = 10) -> Figure:
    words = tuple(names_of(count, names))
    sounds = [
        sound(TITLES[title], 12.0, words, [k * 7 % count for k in range(40)], " ".join(words), wrong=True),
        sound("silence", 0.3, words, [], ""),
        sound("b", 3.0, words, range(min(count, 5))),
    ]
    return spikes_figure(sounds, words, TITLES[title])


def short_spikes(title: str, names: str, count: int = 10) -> Figure:
    words = tuple(names_of(count, names))
    return spikes_figure([sound(TITLES[title], 0.3, words, [0] * k, "0") for k in range(6)], words, TITLES[title])


def error_curves(label: str, speakers: Sequence[str], longest: int = 8) -> ErrorCurves:
    rates = [0.03, 0.05]
    noises = dict.fromkeys([-5.0, 0.0, 2.5, 5.0, 20.0, None], rates)
    return ErrorCurves(label, 2, longest, dict.fromkeys(range(1, 17), rates), noises, dict.fromkeys(speakers, rates))


def word_errors(title: str, names: str, groups: int = 6, words: int = 10, speakers: int = 400) -> Figure:
    confusion = np.arange(words * (words + 2)).reshape(words, words + 2)
    people = names_of(speakers, names)
    curves = [error_curves(name, people, 8 + k % 2) for k, name in enumerate(names_of(groups, names))]
    return errors_figure(curves, [confusion], names_of(words, names), TITLES[title])


def context(title: str, names: str, points: int = 12, gazes: int = 7) -> Figure:
    reach = [(12.0, 12.0), (None, 30.0), (None, None)]
    lags = np.arange(-500.0, 510.0, 10.0)
    share = np.exp(-np.abs(lags) / 100) / 20
    named = names_of(max(points, gazes), names)
    return context_figure(
        [ContextPoint(name, name, *reach[k % 3], [0.01 * (k + 1), 0.02]) for k, name in enumerate(named[:points])],
        [
            Gaze(name, name, lags, share, share / 2, share * 2, (-50.0, 50.0), "next to no word" * (k == 1))
            for k, name in enumerate(named[:gazes])
        ],
        TITLES[title],
    )


KINDS: Mapping[str, Callable[[str, str], Figure]] = {
    "groups": groups,
    "groups of one": lambda title, names: groups(title, names, 1),
    "groups of 60": lambda title, names: groups(title, names, 60),
    "compared": compared,
    "compared, many": lambda title, names: compared(title, names, 7),
    "walks": lambda title, names: grid(11, "square", title, names),
    "tiles": lambda title, names: tiles(64, "square", title),
    "texts": texts,
    "texts of one temperature": lambda title, names: texts(title, names, 1),
    "texts of ten temperatures": lambda title, names: texts(title, names, 10),
    "elbo": elbo,
    "elbo of one epoch": lambda title, names: elbo(title, names, 1, 2),
    "curves": curves,
    "curves of two scores": curves_of_scores,
    "curves of one part": lambda title, names: curves_of_scores(title, names, 1),
    "curves of one run": lambda title, names: curves(title, names, 1, 20),
    "curves of one epoch": lambda title, names: curves(title, names, 2, 2),
    "gradients": gradients,
    "vanishing gradients": vanishing,
    "vanishing gradients of one": lambda title, names: vanishing(title, names, 1),
    "gates": gates,
    "gates of two characters": lambda title, names: gates(title, names, "a\a"),
    "gates of a long passage": lambda title, names: gates(title, names, "As many words.\n" * 8),
    "gan": gan,
    "gan of one epoch": lambda title, names: gan(title, names, 10, 2),
    "gan without classes": lambda title, names: gan(title, names, 0),
    "gan of 47 classes": lambda title, names: gan(title, names, 47),
    "scatter": scatter,
    "manifold": manifold,
    "manifold of four tall images": lambda title, names: manifold(title, names, "tall", 2),
    "manifold of wide images": lambda title, names: manifold(title, names, "wide", 10),
    "scatter of 20,000 dimensions": lambda title, names: scatter(title, names, 10, 20_000),
    "scatter of 20 classes": lambda title, names: scatter(title, names, 20),
    "scatter of 62 classes": lambda title, names: scatter(title, names, 62),
    "readings": readings,
    "narrow reading": narrow_reading,
    "accuracy": accuracy,
    "course": course,
    "spikes": spikes,
    "spikes of one word": lambda title, names: spikes(title, names, 1),
    "spikes of 60 words": lambda title, names: spikes(title, names, 60),
    "spikes of short sounds": short_spikes,
    "word errors": word_errors,
    "word errors without speakers": lambda title, names: word_errors(title, names, 1, 2, 0),
    "word errors of 60 words": lambda title, names: word_errors(title, names, 2, 60, 30),
    "context": context,
    "context of one": lambda title, names: context(title, names, 1, 1),
    "context without gradients": lambda title, names: context(title, names, 3, 0),
    "gradients without context": lambda title, names: context(title, names, 0, 2),
}
