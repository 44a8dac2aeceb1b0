"""Family: one row of the registry, of which there is one a family."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, TypeVar

from genmodels.errors import RunError
from genmodels.exhibit import Exhibit, Table
from genmodels.runs.run_dir import train_command
from genmodels.settings import TrainingSettings

Number = TypeVar("Number", int, float)  # of an epoch; of a part of one it has places


@dataclass(frozen=True, kw_only=True)
class Tour:
    """A small training of a family, as `genmodels tour` makes one.

    Args:
        told: what the network is about to do, for somebody who is curious and knows nothing of it.
        seconds: that it takes, of a tour's three minutes.
        settings: that make it small, by name.
        result: the best epoch's record of held-out data -> how well it does, in a sentence.
        dataset: a set that is built in; None: the built-in text.
        before: seconds that the first such training on a machine takes besides, for what is kept.
    """

    told: str
    seconds: float
    settings: Mapping[str, Any]
    result: Callable[[Mapping[str, Any]], str]
    dataset: str | None = None
    before: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Family:
    """What a family of models is, for the loop, for the commands and for lists.

    Args:
        name: of its runs, and of its command: train-NAME.
        title: what tables and figures call it.
        settings: its settings class; the fields become the command's options.
        prepare: (settings, data, teller) -> a task with a fresh model; imports torch when it is called.
        run: the class of its runs: what can be asked of them.
        steps: the metrics of a step that progress shows, each with what it is called there.
        unit: what is counted for the throughput, such as "chars" or "images".
        score: the metric by which the best epoch is chosen.
        score_unit: of it, such as "nats/char"; "" where it has none.
        best: min or max, whichever picks the better of some scores.
        measures: of an evaluation, shown at a training's end, each with how its number is written.
        next_commands: what a user types after a training.
        presets: by name, settings to begin with.
        commands: modules of commands/ that are listed after its training; its training too, where that has a file.
        help: of a training command without a file of its own, with examples.
        told: what else the title of a training's outcome says.
        further_splits: shown there beside train and the held-out part.
        called: the score, in progress, where it is none of `steps`.
        named: measures whose names say too little, in words.
        comparisons: by the kind of a comparison, the tables out of the title and the facts of its result: the first for
            a spreadsheet, the last in short.
        hindering: settings that make what is logged while training worse than what is measured after an epoch, each
            with what it is called and the value at which it is off.
        left_out: of its networks, what an epoch's weights lack and a training state has.
        axes: of figures: measures, each with what its axis is called there, such as "loss (nats per character)".
        begins: after about how many updates each of its models begins to do what it is for; see `Beginning`.
        does: what that is, such as "to read".
        paired_by: the command that measures what its runs differ by on the same data, with the option that names each
            of them where there is one: "eval-reader --run"; "" where there is none.
        alive: a run -> the parts of a page in which its networks run; see `genmodels.families.alive`.
        exhibits: a run -> what else a page shows of it, each a function that computes it.
        graph: a run, and an epoch or None for the best -> its network as other programs call it; see
            `genmodels.families.graph`.
        tour: the training of it that `genmodels tour` makes; None: it is left out there.
    """

    name: str
    title: str
    settings: type[TrainingSettings]
    prepare: Callable[..., Any]
    run: type[Any]
    steps: Mapping[str, str]
    unit: str
    score: str
    best: Callable[[Iterable[float]], float]
    measures: Mapping[str, str]
    next_commands: tuple[str, ...]
    score_unit: str = ""
    presets: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    commands: tuple[str, ...] = ()
    help: str = ""
    told: str = ""
    further_splits: tuple[str, ...] = ()
    called: str = ""
    named: Mapping[str, str] = field(default_factory=dict)
    comparisons: Mapping[str, Callable[[str, Mapping[str, Any]], Sequence[Table]]] = field(default_factory=dict)
    hindering: Mapping[str, tuple[str, float | None]] = field(default_factory=dict)
    left_out: str = ""
    axes: Mapping[str, str] = field(default_factory=dict)
    begins: Mapping[str, int] = field(default_factory=dict)
    does: str = ""
    paired_by: str = ""
    alive: Callable[[Any], Sequence[Any]] | None = None
    exhibits: Callable[[Any], Sequence[Callable[[], Exhibit]]] | None = None
    graph: Callable[[Any, Any], Any] | None = None
    tour: Tour | None = None

    @property
    def models(self) -> tuple[str, ...]:
        """The names of its models."""
        return next((spec.metadata["choices"] or () for spec in fields(self.settings) if spec.name == "model"), ())

    @property
    def train_command(self) -> str:
        """What a user types to train one."""
        return train_command(self.name)

    def measure_told(self, measure: str) -> str:
        """What a table calls a measure: kernel distance, bits per char."""
        if self.called and measure == self.score:
            return self.called
        return self.named.get(measure, measure.replace("_", " "))

    def axis_of(self, measure: str) -> str:
        """What the axis of a figure is called that shows a measure."""
        return self.axes.get(measure, measure.replace("_", " "))


FAMILIES: dict[str, Family] = {}
"""The families by name; `genmodels.families` puts them in."""


def family_of(name: str) -> Family:
    """Look a family up.

    Raises:
        RunError: no such family in this version.

    Example:
        >>> genmodels.family_of("vae").score
        'elbo'
    """
    if name not in FAMILIES:
        raise RunError(
            f"this version knows no model family {name!r}",
            f"it knows: {', '.join(FAMILIES)}; update genmodels.",
        )
    return FAMILIES[name]


def first_best(
    scored: Iterable[tuple[Number, float]], best: Callable[[Iterable[float]], float]
) -> tuple[Number, float] | None:
    """Of epochs with their scores the best one, and the first of those that are as good; None of none.

    Args:
        scored: an epoch's number, and its score.
        best: min or max; see `Family.best`.
    """
    every = list(scored)
    wanted = best(score for _, score in every) if every else None
    return next((one for one in every if one[1] == wanted), None)
