"""Scores of any runs over one another, by epoch and by time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from matplotlib.figure import Figure

from genmodels.figures.colours import strokes_of
from genmodels.figures.style import HIGH, WIDE, epochs_across, legend_below, style, titled_figure

MORE = 3.0  # inches of each row of panels below the first
SENTENCE = (
    "How good each run is on data that it was not trained on, after each epoch: on the left by the epoch, on the "
    "right by the minutes that it took. Look where each curve becomes flat: from there on, time is worth little."
)
APART = " Rows measure different things: compare the curves of a row alone."


@dataclass(frozen=True)
class Course:
    """One run's course.

    Args:
        name: what the legend calls it.
        kind: of its model, such as "lstm", which gives it its colour.
        epochs: ascending.
        minutes: of training until each.
        scores: at each.
    """

    name: str
    kind: str | None
    epochs: Sequence[float]
    minutes: Sequence[float]
    scores: Sequence[float]


def overlay_figure(courses: Mapping[str, Sequence[Course]], title: str) -> Figure:
    """A row of two panels for each kind of score, with the runs that have it.

    Args:
        courses: name and unit of a score -> its runs.
        title: names them.
    """
    several = [course for of_score in courses.values() for course in of_score]
    strokes = dict(zip(map(id, several), strokes_of([course.kind for course in several]), strict=True))
    with style():
        figure = titled_figure(WIDE, HIGH + MORE * (len(courses) - 1), title, SENTENCE + APART * (len(courses) > 1))
        rows = figure.subplots(len(courses), 2, squeeze=False, sharey="row")
        for (score, of_score), (left, right) in zip(courses.items(), rows, strict=True):
            for course in of_score:
                how = strokes[id(course)].settings
                left.plot(course.epochs, course.scores, **how)
                right.plot(course.minutes, course.scores, **how)
                rows[0][0].plot([], [], **how, label=course.name)  # one legend names the curves of all rows
            epochs_across(left)
            left.set_ylabel(score)
            right.set_xlabel("minutes of training")
        legend_below(figure, rows[0][0], 2)
        return figure
