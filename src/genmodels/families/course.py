"""How one training went: a score by epoch and by time, on each part of the data."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from genmodels.chance import FREEDOM, deviations
from genmodels.errors import in_turn
from genmodels.exhibit import Exhibit, Table
from genmodels.families.best import scores_in
from genmodels.family import first_best
from genmodels.runs import Record
from genmodels.runs.records import HELD_OUT
from genmodels.settings.training import SCHEDULE_FREE
from genmodels.telling import LONGER, WHILE_TRAINING, epoch_told

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from genmodels.figures.lines import Curve

NAMED_IN_TITLE = 3  # runs; of more only their number
ENOUGH = 3  # epochs that were evaluated, from which on they show a course by themselves
AVERAGE = "average_weights"  # the setting of a run whose averaged weights are measured
SPREAD = "standard_error"  # behind the name of the measure, where an evaluation knows it
SHARE = "sequence_accuracy"  # of what was read without error
COUNTS = ("strips", "utterances")  # of what was read


@dataclass(frozen=True)
class Course:
    """How a score went in one run.

    Args:
        name: what figures call the run.
        kind: of its model.
        score: its name in the records.
        axis: what an axis calls the score, with its unit.
        evaluated: records of evaluations that hold it.
        logged: records of training steps that hold it.
        plan: of its run.json; empty where that has none.
        best: the best epoch by the family's own score; None before there is one.
        chosen_by: the family's own score in words, where it is another one.
        better: min or max, whichever picks the better of some values.
        hindrances: what makes a score that is logged while training look worse than one measured after an epoch; none
            of a score that is neither better for being higher nor for being lower.
        remarks: sentences on what to know of the run before its scores are read.
        with_logged: whether what was logged while training is drawn; None: where it alone needs that.
        as_points: whether evaluations are points without a line between them, as what was logged shows the course;
            None: where that is drawn and it was measured but once. Runs of one figure have both alike: see `alike`.
    """

    name: str
    kind: str | None
    score: str
    axis: str
    evaluated: Sequence[Record]
    logged: Sequence[Record]
    plan: Mapping[str, Any]
    best: float | None
    chosen_by: str | None
    better: Callable[[Iterable[float]], float] = min
    hindrances: Sequence[str] = ()
    remarks: Sequence[str] = ()
    with_logged: bool | None = None
    as_points: bool | None = None

    @property
    def steps_per_epoch(self) -> int | None:
        """None where run.json does not say."""
        return self.plan.get("steps_per_epoch")

    @property
    def again(self) -> list[float]:
        """Epochs after which the finished run was gone on with."""
        return [step / self.plan["steps_per_epoch"] for step in self.plan.get("again", ())]

    def epoch_of(self, record: Record) -> float:
        """Epochs that were trained until a record, also where the last one was not finished."""
        whole = self.steps_per_epoch is None or record["step"] % self.steps_per_epoch == 0
        return float(record["epoch"] if whole else record["step"] / self.steps_per_epoch)

    def of_part(self, split: str) -> list[Record]:
        """The evaluations on a part of the data."""
        return [record for record in self.evaluated if record["split"] == split]

    def parts(self) -> dict[str, list[Record]]:
        """The records of each line: a part of the data, and where it is drawn what was logged while training."""
        parts: dict[str, list[Record]] = {}
        for record in self.evaluated:
            parts.setdefault(str(record["split"]), []).append(record)
        if self.draws_logged:
            parts[WHILE_TRAINING] = self.while_training
        return parts

    @property
    def while_training(self) -> list[Record]:
        """What was logged while training, stretches of few steps joined to the ones before."""
        return stretches(self.logged, self.score) if self.logged else []

    @property
    def joined(self) -> int:
        """Steps at the end that are averaged with those before them, as they are few; 0 where none are."""
        last = [int(records[-1]["steps"]) for records in (self.logged, self.while_training) if records]
        return last[0] if last and last[0] < last[1] else 0

    @property
    def draws_logged(self) -> bool:
        """Whether what was logged while training is drawn: a single mean over its steps is no course."""
        wanted = self.needs_logged if self.with_logged is None else self.with_logged
        return wanted and len(self.while_training) > 1

    @property
    def needs_logged(self) -> bool:
        """Whether what was measured after epochs tells little by itself."""
        few = len({record["epoch"] for record in self.evaluated if record["epoch"] > 0}) < ENOUGH
        return few or all(record["split"] != "train" for record in self.evaluated)

    def curves(self) -> "list[Curve]":
        """Its lines; the best epoch is ringed on that of the held-out part."""
        sparse = self.draws_logged and self.once if self.as_points is None else self.as_points
        return [replace(self._curve(part, records), sparse=sparse) for part, records in self.parts().items()]

    @property
    def once(self) -> bool:
        """Whether each part was measured but once after the training began, so that a line would join one interval."""
        after = Counter(record["split"] for record in self.evaluated if record["step"] > 0)
        return max(after.values(), default=0) < 2

    def _curve(self, part: str, records: Sequence[Record]) -> "Curve":
        from genmodels.figures.lines import Curve

        epochs = [record["epoch"] for record in records]
        low, high = self._ends(records) if part in HELD_OUT else ([], [])
        return Curve(
            name=self.name,
            epochs=[self.epoch_of(record) for record in records],
            minutes=[float(record["seconds"]) / 60.0 for record in records],
            values=[float(record[self.score]) for record in records],
            kind=self.kind,
            part=part,
            low=low,
            high=high,
            best=epochs.index(self.best) if part in HELD_OUT and self.best in epochs else None,
            better=self.better,
            hindrances=self.hindrances,
            again=self.again,
        )

    def _ends(self, records: Sequence[Record]) -> tuple[list[float], list[float]]:
        """The lower and the upper ends of a line's band, which has no height where an end is not known."""
        found = [self._interval(record) for record in records]
        if all(ends is None for ends in found):
            return [], []
        values = [float(record[self.score]) for record in records]
        known = [(value, value) if ends is None else ends for value, ends in zip(values, found, strict=True)]
        return [low for low, _ in known], [high for _, high in known]

    def _interval(self, record: Record) -> tuple[float, float] | None:
        """Where the score lies with 95 % confidence, as far as an evaluation tells how sure it is."""
        from genmodels.figures.lines import share_interval

        value = float(record[self.score])
        counts = [int(record[name]) for name in COUNTS if name in record]
        error, wide = record.get(f"{self.score}_{SPREAD}"), deviations(record.get(FREEDOM, 0))
        if self.score == SHARE and counts:
            return share_interval(value, counts[0], None if error is None else float(error) * wide / deviations(0))
        return None if error is None else (value - wide * float(error), value + wide * float(error))


def stretches(logged: Sequence[Record], score: str) -> list[Record]:
    """Records of training steps, those of few steps joined to the one before.

    Where an epoch or a training ends, so does the stretch of steps over which a score is averaged, however short it is
    by then; a mean over few steps is noise that looks like a jump.

    >>> stretches([{"step": 9, "steps": 9, "nll": 1.0}, {"step": 10, "steps": 1, "nll": 3.0}], "nll")
    [{'step': 10, 'steps': 10, 'nll': 1.2}]
    """
    usual = max(int(record["steps"]) for record in logged)
    joined: list[Record] = []
    for record in logged:
        few = 2 * int(record["steps"]) < usual
        joined.append(_both(joined.pop(), record, score) if few and joined else dict(record))
    return joined


def _both(one: Record, other: Record, score: str) -> Record:
    """Two stretches as one."""
    steps = int(one["steps"]) + int(other["steps"])
    total = float(one[score]) * int(one["steps"]) + float(other[score]) * int(other["steps"])
    return {**other, "steps": steps, score: total / steps}


def best_epoch(records: Sequence[Record], score: str, best: Callable[..., float]) -> float | None:
    """The epoch with the best score on the held-out part, but for the untrained model; None before there is one."""
    found = first_best([one for one in scores_in(records, score) if one[0] > 0], best)
    return None if found is None else found[0]


def alike(courses: Sequence[Course]) -> list[Course]:
    """Courses that share a figure, all drawn in one way.

    What was logged while training is drawn of all runs or of none: of none where one of them logged but once.
    Evaluations are points without lines where what was logged of each run shows its course, and one was measured but
    once.
    """
    lone = any(len(course.while_training) == 1 for course in courses)
    logged = not lone and any(course.logged and course.needs_logged for course in courses)
    return [replace(course, with_logged=logged, as_points=logged and _as_points(courses)) for course in courses]


def _as_points(courses: Sequence[Course]) -> bool:
    """Whether lines between evaluations would join a single interval of some run, and none is needed."""
    return any(course.once for course in courses) and all(len(course.while_training) > 1 for course in courses)


def held_out_of(courses: Sequence[Course]) -> "list[Curve]":
    """The lines on data that runs were not trained on; and what was logged of all where one was measured but once."""
    points = _as_points(courses)
    shown = {*HELD_OUT, *([WHILE_TRAINING] if points else [])}
    drawn_alike = [replace(course, with_logged=points, as_points=points) for course in courses]
    curves = [curve for course in drawn_alike for curve in course.curves()]
    return [curve for curve in curves if curve.part in shown]


def _unlike_told(courses: Sequence[Course]) -> list[str]:
    """Which runs lack a line that others have, for each part of the data but the held-out one."""
    known = {course.name: set(course.parts()) for course in courses}
    parts = dict.fromkeys(part for course in courses for part in course.parts() if part not in HELD_OUT)
    lacking = {part: [name for name, of_run in known.items() if part not in of_run] for part in parts}
    why = {
        LONGER: "what is longer than trained on was not measured",
        WHILE_TRAINING: "nothing was logged while training",
    }
    told = {part: why.get(part, f"{part} was not measured") for part in parts}
    return [f"of {in_turn(names)} {told[part]}" for part, names in lacking.items() if names]


def course_exhibit(course: Course, title: str, columns: Sequence[str] = ()) -> Exhibit:
    """The course of one run.

    Args:
        course: its score.
        title: of the run and its data.
        columns: of the table for a spreadsheet; none: all that the evaluations hold.
    """
    records = course.evaluated
    names = columns or list(dict.fromkeys(name for record in records for name in record))
    table = Table(title, dict.fromkeys(names, "short"), records, shown=False)
    facts, remarks = {"evaluations": records}, remarks_on([course])
    return Exhibit(course.score, title, facts, [table], lambda title: drawn([course], title), remarks=remarks)


def drawn(courses: Sequence[Course], title: str, remarks: Sequence[str] = ()) -> "Figure":
    """The courses of one score, of one run or of several over one another; remarks are said below."""
    from genmodels.figures.curves import curves_figure

    first = courses[0]
    ringed = "best epoch" if first.chosen_by is None else f"best epoch by {first.chosen_by}"
    curves = [curve for course in courses for curve in course.curves()]
    told = [*remarks, *remarks_on(courses), *_unlike_told(courses)]
    return curves_figure({first.axis: curves}, title, ringed=ringed, remarks=told)


def remarks_on(courses: Sequence[Course]) -> list[str]:
    """What to know of runs before their scores are read."""
    return list(dict.fromkeys([*_again_told(courses), *(remark for course in courses for remark in course.remarks)]))


def _again_told(courses: Sequence[Course]) -> list[str]:
    """Where runs were lengthened, each by its name where there are several; a sentence, or none."""
    begun = {course.name: [epoch_told(epoch) for epoch in course.again] for course in courses if course.again}
    if not begun:
        return []
    after = {name: f"after epoch{'s' if len(told) > 1 else ''} {in_turn(told)}" for name, told in begun.items()}
    if len(courses) == 1:
        return [f"gone on with {after[courses[0].name]}, with a learning rate that warmed up again"]
    each = "; ".join(f"{name} {told}" for name, told in after.items())
    return [f"gone on with, while the learning rate warmed up again: {each}"]


def hindrances_of(settings: Mapping[str, Any], hindering: Mapping[str, tuple[str, float | None]]) -> list[str]:
    """What makes a score that is logged while training look worse than the same measured after an epoch.

    Args:
        settings: of a run, by name.
        hindering: of its family; see `Family.hindering`.

    >>> hindrances_of({"dropout": 0.1, "noise": 3.0, "warp": 1}, {"dropout": ("dropout", 0), "warp": ("bent", 1)})
    ['with dropout']
    >>> hindrances_of({"optimizer": "schedule-free", "average_weights": 0.0}, {})
    ['not by their average']
    """
    used = [told for name, (told, off) in hindering.items() if settings.get(name, off) != off]
    by_itself = settings.get("optimizer") == SCHEDULE_FREE
    averaged = ["not by their average"] if by_itself or settings.get(AVERAGE) else []
    return averaged + [f"with {told}" for told in dict.fromkeys(used)]


def course_title(axis: str, named: str, data: str, across: str = "epoch and time") -> str:
    """What is plotted, of which runs and data.

    >>> course_title("loss (nats per character)", "story (language model lstm)", "corpus.txt")
    'Loss by epoch and time of story (language model lstm) on corpus.txt'
    """
    score = axis.partition(" (")[0]
    return f"{score[:1].upper()}{score[1:]} by {across} of {named} on {data}"


def as_rows(course: Course) -> list[dict[str, Any]]:
    """The points that are drawn, for a spreadsheet."""
    return [
        {"run": course.name, "part": part, "epochs": course.epoch_of(record), "step": record["step"],
         "seconds": record["seconds"], course.score: record[course.score]}
        for part, records in course.parts().items()
        for record in records
    ]  # fmt: skip
