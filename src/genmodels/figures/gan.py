"""A GAN's course: the players' scores and losses, how good its images are, and which classes it draws."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from genmodels.figures import widths
from genmodels.figures.across import count_epochs
from genmodels.figures.colours import BLUE, ORANGE
from genmodels.figures.fitting import Fitted, fitted, line_height
from genmodels.figures.gone_on import AGAIN, GONE_ON
from genmodels.figures.lines import ONE_EPOCH, RING, share_interval
from genmodels.figures.style import (
    FAINT,
    INK,
    NOTE,
    TICK,
    WIDE,
    in_digits,
    logarithmic,
    sentence_of,
    style,
    titled_figure,
)

Points = tuple[Sequence[float], Sequence[float]]
HIGH = 5.6  # inches of the panels
KEYS_ABOVE = 20  # points between a panel and its heading, where its legend lies
MOST_KEY = 8.0  # points of a ring in a legend, which else would lie on the heading
BESIDE = 0.03  # of the epochs, left and right of them
OF_REAL = ("real/kernel_distance", "real/kernel_distance_standard_error")
ERRORS = {OF_REAL[0]: OF_REAL[1], "kernel_distance": "kernel_distance_standard_error"}
REAL, DRAWN = BLUE, ORANGE  # of what is real and the discriminator, and of what is drawn and the generator
LOOKS: Sequence[Mapping[str, Any]] = (  # the second is drawn over the first, which is seen in its gaps and around it
    {"color": REAL, "linestyle": "-"}, {"color": DRAWN, "linestyle": (0, (2.5, 2.0))},
)  # fmt: skip
AFTER_EPOCHS: Sequence[Mapping[str, Any]] = ({"marker": "s"}, {"marker": "o"})
ALONE: Sequence[Mapping[str, Any]] = (  # of one point there is no line to see
    {"marker": "s", "markersize": widths.POINT}, {"marker": "o", "markersize": widths.MARKER},
)  # fmt: skip


MEANS = "Lines of scores and losses are means over some steps each, taken while training"
MEASURED = (
    "Points there were measured on held-out images after each epoch, as the terminal tells them, and at 0 before the "
    "first step."
)


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
        images: that were drawn to be measured, where that is known.
        at: where that epoch ended, if it was not finished; None: at its number.
        doubts: why its measures are not to be trusted, a sentence each.
        joined: last steps that are averaged with those before them, as they are few; 0 where none are.
        again: epochs after which the finished run was gone on with.
        measured: metric of `steps` -> (epochs, values) of the evaluations on held-out images; of old runs maybe none.
    """

    steps: Mapping[str, Points]
    epochs: Mapping[str, Points]
    shares: Mapping[str, float]
    data: Mapping[str, float]
    epoch: float
    probabilities: bool
    images: int | None = None
    at: float | None = None
    doubts: Sequence[str] = ()
    joined: int = 0
    again: Sequence[float] = ()
    measured: Mapping[str, Points] = field(default_factory=dict)

    @property
    def last(self) -> float:
        """Epochs that were trained."""
        return max(max(epochs, default=0.0) for epochs, _ in (*self.steps.values(), *self.epochs.values()))


def gan_figure(course: GanCourse, title: str) -> Figure:
    """Four panels: scores, losses, distance to real images, classes (or precision and recall where there are none)."""
    with style():
        names = _class_names(list(course.shares))
        figure = titled_figure(WIDE + 2 * names.more_width, HIGH + names.more_height, title, _sentence(course))
        scores, losses, distance, classes = figure.subplots(2, 2).flat
        _scores(scores, course)
        _losses(losses, course)
        _distances(distance, course)
        if course.shares:
            _histogram(classes, course, names)
        else:
            _precision_and_recall(classes, course)
        for axes in (scores, losses, distance, *([] if course.shares else [classes])):
            _mark_again(axes, course)
            axes.set_xlim(-BESIDE * course.last, (1 + BESIDE) * course.last)
            count_epochs([axes], course.last)
        return figure


def _sentence(course: GanCourse) -> str:
    """What the symbols mean, and which differences mean nothing."""
    distances = dict(zip(*course.epochs["kernel_distance"], strict=True))
    judged = "probability that it is real" if course.probabilities else "score, the higher the more real"
    looks = [
        f"x is a training image, G(z) one drawn from a code z, D what the discriminator gives each: the {judged}"
        + ("; at 0.5 it can't tell them apart." if course.probabilities else "."),
        "Kernel distance: how unlike real images drawn ones look to a classifier; lower is better."
        if course.shares
        else "Kernel distance: how unlike real images drawn ones look; lower is better.",
    ]
    last = "step is" if course.joined == 1 else f"{course.joined} steps are"
    ends = f"; the last {last} averaged with those before, so the lines may end elsewhere than the log"
    looks.append(f"{MEANS}{ends if course.joined else ''}.")
    if course.measured:
        looks.append(MEASURED)
    if max(distances) <= 1:
        looks.append(ONE_EPOCH)
    trained = [distance for epoch, distance in distances.items() if epoch > 0]
    if trained and min(trained) > distances.get(0.0, math.inf):
        looks.append(
            f"The best kernel distance after training, {in_digits(min(trained))}, is worse than untrained "
            f"({in_digits(distances[0.0])})."
        )
    real, error = (course.epochs.get(name, ((), ()))[1] for name in OF_REAL)
    if real and error:
        looks.append(
            f"Training images in place of drawn ones are {in_digits(real[-1], 2)} ± {in_digits(error[-1], 2)} away: "
            "none can be expected to come nearer. What is below its standard error is noise, and is drawn there."
        )
    if course.shares and course.images is not None:
        looks.append(f"Bars on the classes: 95\u00a0% intervals for {course.images:,} images.")
    return " ".join([*looks, *map(sentence_of, course.doubts)])


def _scores(axes: Axes, course: GanCourse) -> None:
    """What the discriminator says of real and of drawn images; of probabilities with the line of one half."""
    _played(axes, course, {"score_real": "D(x), real", "score_drawn": "D(G(z)), drawn"})
    if course.probabilities:
        axes.axhline(0.5, color=FAINT, linestyle=":", linewidth=widths.RULE)
        axes.set_ylim(-0.02, 1.02)
    _name_again(axes, course)
    _head(axes, "What the discriminator says", "probability" if course.probabilities else "score")


def _name_again(axes: Axes, course: GanCourse) -> None:
    """In one panel's legend the marks have a name."""
    if course.again:
        axes.plot([], [], color=INK, label=GONE_ON, **AGAIN)


def _mark_again(axes: Axes, course: GanCourse) -> None:
    """Where the finished run was gone on with."""
    for epoch in course.again:
        axes.axvline(epoch, color=INK, **AGAIN)


def _losses(axes: Axes, course: GanCourse) -> None:
    _played(axes, course, {"discriminator_loss": "discriminator", "generator_loss": "generator"})
    _head(axes, "Losses of the two players", "loss")


def _distances(axes: Axes, course: GanCourse) -> None:
    """By epoch; the one whose classes are shown is ringed."""
    shown = {name: _above_noise(course, name, error) for name, error in ERRORS.items()}
    _lines(axes, shown, {OF_REAL[0]: "training images", "kernel_distance": "drawn images"}, AFTER_EPOCHS)
    distances = dict(zip(*shown["kernel_distance"], strict=True))
    place = course.epoch if course.at is None else course.at
    if place in distances:
        axes.plot(
            [place], [distances[place]], color=DRAWN, label=f"epoch {course.epoch}", clip_on=False, zorder=3, **RING
        )
    logarithmic(axes)
    _head(axes, "Kernel distance to held-out images", "distance (MMD²)")


def _above_noise(course: GanCourse, name: str, error: str) -> Points:
    """A measure by epoch, at its standard error where it is below that: a logarithmic scale has no place for 0."""
    epochs, values = course.epochs[name]
    return epochs, [max(pair) for pair in zip(values, course.epochs[error][1], strict=True)]


def _precision_and_recall(axes: Axes, course: GanCourse) -> None:
    _lines(axes, course.epochs, {"precision": "precision", "recall": "recall"}, AFTER_EPOCHS)
    axes.set_ylim(-0.02, 1.02)
    _head(axes, "Precision and recall of drawn images", "share")


def _played(axes: Axes, course: GanCourse, labels: Mapping[str, str]) -> None:
    """Means while training as lines, a single one across its stretch; what was measured after epochs as points."""
    of_steps = {name: course.steps[name] for name in labels}
    if course.measured:
        of_steps = {name: _across(points) for name, points in of_steps.items()}
    _lines(axes, of_steps, labels)
    for look, mark, name in zip(LOOKS, ALONE, labels, strict=True):
        if name in course.measured:
            axes.plot(*course.measured[name], linestyle="none", color=look["color"], zorder=3, clip_on=False, **mark)


def _across(points: Points) -> Points:
    """A single mean as a level from the beginning on, which no one takes for something measured at its end."""
    (*_, last), (*_, value) = points
    return ((0.0, last), (value, value)) if len(points[0]) == 1 else points


def _lines(
    axes: Axes, values: Mapping[str, Points], labels: Mapping[str, str], marked: Sequence[Mapping[str, Any]] = ({}, {})
) -> None:
    """Two lines that are both seen, also where they lie on one another."""
    for look, mark, alone, (name, label) in zip(LOOKS, marked, ALONE, labels.items(), strict=True):
        epochs, heights = values[name]
        axes.plot(epochs, heights, label=label, **{**look, **(alone if len(epochs) == 1 else mark)})


def _head(axes: Axes, heading: str, unit: str) -> None:
    """The panel's heading, and between it and the panel its legend, where no line passes."""
    axes.set_title(heading, pad=KEYS_ABOVE)
    axes.set_ylabel(unit)
    legend = axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=3, borderaxespad=0.2, fontsize=NOTE,
                         handlelength=1.6, columnspacing=1.4)  # fmt: skip
    for handle in legend.legend_handles:
        if isinstance(handle, Line2D):
            handle.set_markersize(min(handle.get_markersize(), MOST_KEY))


PANEL = 4.5  # inches of the classes' axes, about
LEAST_PITCH = 0.08  # inches from one class to the next
NAME_SIZES = (TICK, NOTE, 7.0)  # points
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
    places, shares = list(range(len(course.shares))), list(course.shares.values())
    axes.bar(places, shares, color=DRAWN, label=f"drawn, epoch {course.epoch}")
    axes.hlines(
        list(course.data.values()), [p - 0.45 for p in places], [p + 0.45 for p in places],
        color=REAL, linewidth=widths.BAR, label="training images",
    )  # fmt: skip
    highest = max(*shares, *course.data.values())
    if course.images is not None:
        ends = [share_interval(share, course.images) for share in shares]
        errors = [[abs(end[side] - share) for end, share in zip(ends, shares, strict=True)] for side in (0, 1)]
        highest = max(highest, *(high for _, high in ends))
        axes.errorbar(places, shares, errors, linestyle="none", color=INK, linewidth=widths.RULE, capsize=2.0)
    rotation = 90 if names.upright else 0
    axes.set_xticks(places, names.fitted.texts, rotation=rotation, fontsize=names.fitted.size)
    axes.set_xlim(-0.6, len(places) - 0.4)
    axes.grid(visible=False, axis="x")
    axes.set_xlabel("class")
    axes.set_ylim(0.0, 1.1 * highest)
    _head(axes, "Classes of drawn images, by the classifier", "share")
