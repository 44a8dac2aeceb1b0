"""A GAN's course: the players' scores and losses, how good its images are, and which classes it draws."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from genmodels.figures.style import COLOURS, FAINT, style, titled_figure

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
        figure = titled_figure(10.5, 6.2, title)
        scores, losses, distance, classes = figure.subplots(2, 2).flat
        _scores(scores, course)
        _lines(losses, course.steps, {"discriminator_loss": "discriminator", "generator_loss": "generator"})
        losses.set(title="Losses", ylabel="loss")
        _lines(distance, course.epochs, {"frechet_distance": "drawn images", "frechet_floor": "training images"}, "o")
        distance.set(title="Fréchet distance to real images", ylabel="distance", yscale="log")
        for axes in (scores, losses, distance):
            axes.set_xlabel("epoch")
            axes.legend(fontsize=8)
            axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        if course.shares:
            _histogram(classes, course)
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


MOST_NAMED = 12  # classes; more names lie across each other


def _histogram(axes: Axes, course: GanCourse) -> None:
    """Shares of the classes among drawn images, with those in the data as strokes."""
    places = list(range(len(course.shares)))
    axes.bar(places, list(course.shares.values()), color=COLOURS[0], label=f"drawn after epoch {course.epoch}")
    axes.hlines(
        list(course.data.values()), [p - 0.45 for p in places], [p + 0.45 for p in places],
        color=COLOURS[1], linewidth=1.5, label="training images",
    )  # fmt: skip
    names = list(course.shares)
    axes.set_xticks(places, names, rotation=0 if max(map(len, names)) <= 2 else 60, fontsize=8)
    if len(names) > MOST_NAMED:
        axes.tick_params(axis="x", labelsize=5)
    axes.grid(visible=False, axis="x")
    axes.set(title="Classes, by the classifier", ylabel="share", ylim=(0.0, 1.35 * max(course.shares.values())))
    axes.legend(fontsize=8, ncols=2)
