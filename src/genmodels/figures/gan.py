"""A GAN's course: the players' scores and losses, how good its images are, and which classes it draws."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from genmodels.figures.colours import COLOURS
from genmodels.figures.fitting import Fitted, fitted, line_height
from genmodels.figures.style import FAINT, logarithmic, style, titled_figure

Points = tuple[Sequence[float], Sequence[float]]


@dataclass(frozen=True)
class GanCourse:
    """What `gan_figure` shows.

    Args:
        steps: metric -> (epochs, values) of the training steps, epochs with their fractions.
        epochs: metric -> (epochs, values) of the evaluations.
        shares: class name -> its share of the images that one epoch draws; empty for a set without classes.
        data: class name -> its share of the training images.
        epoch: that epoch.
        probabilities: whether scores are probabilities.
    """

    steps: Mapping[str, Points]
    epochs: Mapping[str, Points]
    shares: Mapping[str, float]
    data: Mapping[str, float]
    epoch: int
    probabilities: bool


def gan_figure(course: GanCourse, title: str) -> Figure:
    """Four panels: scores, losses, distance to real images, classes (or precision and recall where there are none)."""
    with style():
        names = _class_names(list(course.shares))
        figure = titled_figure(10.5 + 2 * names.more_width, 6.2 + names.more_height, title)
        scores, losses, distance, classes = figure.subplots(2, 2).flat
        _scores(scores, course)
        _lines(losses, course.steps, {"discriminator_loss": "discriminator", "generator_loss": "generator"})
        losses.set(title="Losses", ylabel="loss")
        _lines(distance, course.epochs, {"frechet_distance": "drawn images", "frechet_floor": "training images"}, "o")
        distance.set(title="Fréchet distance to real images", ylabel="distance")
        logarithmic(distance)
        for axes in (scores, losses, distance):
            axes.set_xlabel("epoch")
            axes.legend(fontsize=8)
            axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        if course.shares:
            _histogram(classes, course, names)
        else:
            _precision_and_recall(classes, course)
        return figure


def _scores(axes: Axes, course: GanCourse) -> None:
    """What the discriminator says of real and of drawn images; of probabilities with the line of one half."""
    real, drawn = ("D(x)", "D(G(z))") if course.probabilities else ("score of x", "score of G(z)")
    _lines(axes, course.steps, {"score_real": real, "score_drawn": drawn})
    axes.set(title="What the discriminator says", ylabel="probability" if course.probabilities else "score")
    if course.probabilities:
        axes.axhline(0.5, color=FAINT, linestyle=":", linewidth=1.0)
        axes.set_ylim(0.0, 1.0)


def _precision_and_recall(axes: Axes, course: GanCourse) -> None:
    _lines(axes, course.epochs, {"precision": "precision", "recall": "recall"}, "o")
    axes.set(title="Precision and recall", xlabel="epoch", ylim=(0.0, 1.0))
    axes.legend(fontsize=8)


def _lines(axes: Axes, values: Mapping[str, Points], labels: Mapping[str, str], marker: str = "") -> None:
    for colour, (name, label) in zip(COLOURS, labels.items(), strict=False):
        axes.plot(*values[name], color=colour, label=label, linewidth=1.2, marker=marker, markersize=2.5)


PANEL = 4.5  # inches of the classes' axes, about
LEAST_PITCH = 0.08  # inches from one class to the next
NAME_SIZES = (8.0, 6.5, 5.0)  # points
LONGEST_NAME = 1.5  # inches of a name that stands upright


@dataclass(frozen=True)
class _ClassNames:
    """How the names of the classes stand below the bars.

    Args:
        fitted: the names.
        upright: whether they are turned.
        more_width: inches that the panel must be wider.
        more_height: inches that it must be higher.
    """

    fitted: Fitted
    upright: bool
    more_width: float
    more_height: float


def _class_names(names: Sequence[str]) -> _ClassNames:
    """Side by side where they fit, else upright and in several lines."""
    pitch = max(PANEL / max(len(names), 1), LEAST_PITCH)
    flat = fitted(names, [(0.85 * pitch, size) for size in NAME_SIZES])
    if all("\n" not in text for text in flat.texts):
        return _ClassNames(flat, False, 0.0, 0.0)
    lines = {size: int(0.85 * pitch / line_height(size)) for size in NAME_SIZES}
    size = next((size for size in NAME_SIZES if lines[size] >= 1), NAME_SIZES[-1])
    choices = [(inches, size) for inches in (0.5, 1.0, LONGEST_NAME)]
    upright = fitted(
        names, [*choices, (LONGEST_NAME, NAME_SIZES[-1]), (1.7 * LONGEST_NAME, NAME_SIZES[-1])], max(1, lines[size])
    )
    needed = len(names) * max(pitch, 1.15 * upright.height)
    return _ClassNames(upright, True, max(0.0, needed - PANEL), max(0.0, upright.widest - 0.3))


def _histogram(axes: Axes, course: GanCourse, names: _ClassNames) -> None:
    """Shares of the classes among drawn images, with those in the data as strokes."""
    places = list(range(len(course.shares)))
    axes.bar(places, list(course.shares.values()), color=COLOURS[0], label=f"drawn after epoch {course.epoch}")
    axes.hlines(
        list(course.data.values()), [p - 0.45 for p in places], [p + 0.45 for p in places],
        color=COLOURS[1], linewidth=1.5, label="training images",
    )  # fmt: skip
    rotation = 90 if names.upright else 0
    axes.set_xticks(places, names.fitted.texts, rotation=rotation, fontsize=names.fitted.size)
    axes.set_xlim(-0.6, len(places) - 0.4)
    axes.grid(visible=False, axis="x")
    axes.set(title="Classes, by the classifier", ylabel="share", ylim=(0.0, 1.35 * max(course.shares.values())))
    axes.legend(fontsize=8, ncols=2)
