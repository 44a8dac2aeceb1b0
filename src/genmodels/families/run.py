"""Run: a run that can be asked things."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from genmodels.bytewise import words_of
from genmodels.errors import RunError, listed
from genmodels.exhibit import Exhibit, Table
from genmodels.families.course import Course, best_epoch, course_exhibit, course_title, hindrances_of
from genmodels.families.questions import tell_wrong_names, whom_to_ask
from genmodels.families.summary import overview, recorded_tables, refuse_unmeasured, summary_of
from genmodels.families.taking import Chosen, taken_told
from genmodels.family import family_of
from genmodels.processes import in_turn
from genmodels.runs import Epoch, Epochs, Record, RunDir
from genmodels.runs.epochs import ALL, LATEST, Length, number_of
from genmodels.runs.records import evaluations_in
from genmodels.runs.standing import goes_on_told
from genmodels.runs.verifying import problems_of
from genmodels.settings.fields import check_list
from genmodels.settings.images import Classes
from genmodels.telling import Notice, Teller
from genmodels.training.lengthening import LENGTHS, lengthen, lengths_of
from genmodels.training.starting import as_left, plan_of, refuse_contradictions

if TYPE_CHECKING:
    import numpy as np
    from matplotlib.figure import Figure
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Run(RunDir):
    """A trained (or half trained) run, which can be asked things; each family's has its own questions.

    Args:
        path: the directory.
        teller: who is told what while something is computed.
        chosen: that nobody named it, which is said once with the epochs that are read; None: it was named.

    Example:
        >>> run = genmodels.open_run("story")
        >>> run.facts["family"], run.facts["state"], run.facts["epochs"]
        ('text', 'finished', 3)
        >>> [table.title for table in run.tables]
        ['settings', 'evaluations']
    """

    teller: Teller = field(default_factory=Teller, compare=False, repr=False)
    noted: set[float] = field(default_factory=set, compare=False, repr=False, init=False)
    chosen: Chosen | None = field(default=None, compare=False, repr=False)
    family: ClassVar[str] = ""
    """The name of its row in the registry."""

    def __init_subclass__(cls) -> None:
        """Questions tell a wrong name of an argument in a sentence, those of every family and of one that is added."""
        super().__init_subclass__()
        tell_wrong_names(cls)

    def epoch_checkpoints(self, epochs: Epochs | None = None) -> list[Path]:
        """The weights of some epochs, or of the best one; looked for before anything heavy is loaded.

        Args:
            epochs: see `RunDir.epoch_checkpoint`; "all" that were kept; None: the best.

        Raises:
            RunError: one was not kept, or nothing was saved yet.
            UsageError: none is named, or something else than numbers.
        """
        found = list(dict.fromkeys(self._found(epoch) for epoch in self._named(epochs)))
        self.tell_choice(found, best=epochs is None)
        return found

    def _named(self, epochs: Epochs | None) -> Sequence[Epoch | None]:
        """One by one; where nothing is kept, the latest, which is then missed."""
        if epochs is None:
            return [None]
        if epochs != ALL:
            return check_list("--epochs", epochs, int, float, str)
        return self.length().all_reached(self.kept()) or [LATEST]

    def epoch_checkpoint(self, epoch: Epoch | None) -> Path:
        """See `RunDir.epoch_checkpoint`; says which it is, where nobody named the run."""
        found = self._found(epoch)
        self.tell_choice([found], best=epoch is None)
        return found

    def _found(self, epoch: Epoch | None) -> Path:
        """The weights of an epoch; that it was cut short is said once where it is asked for as a whole one."""
        found = super().epoch_checkpoint(epoch)
        number = number_of(found.name)
        if (cut := self.length().cut_told(self.name, epoch, number)) and number not in self.noted:
            self.noted.add(number)
            self.teller.notice(cut)
        return found

    def tell_choice(self, checkpoints: Sequence[Path] = (), *, best: bool = False) -> None:
        """Say which run was taken, where nobody named it, and which of its epochs; only the first time.

        Args:
            checkpoints: of the epochs that are read; none: only what was recorded is.
            best: whether it is the best epoch, as none was named.
        """
        if self.chosen is not None and not self.chosen.told:
            self.chosen.told = True
            epochs = self.length().all_reached(number_of(path.name) for path in checkpoints)
            self.teller.notice(taken_told(self, epochs, best, self.chosen.newer))

    if not TYPE_CHECKING:  # so that a type checker still knows what there is

        def __getattr__(self, name: str) -> Any:
            """Say whom to ask what this family can't be asked.

            Raises:
                AttributeError: always; with the families that have it, where some do.
            """
            told = None if name.startswith("_") else whom_to_ask(self.name, self.family, name)
            if told is None or hasattr(type(self), name):
                return object.__getattribute__(self, name)
            raise AttributeError(told)

    def restore(
        self, notice: Notice, device: str | None = None, again: Sequence[str] = (), text: str | None = None
    ) -> Any:
        """The task of the run, with its own settings and data, to go on with its training.

        Args:
            notice: is told what the user should know.
            device: go on there instead of on the recorded one; then not bit for bit.
            again: where the run's text is now, if it was moved.
            text: the run's text itself, instead.

        Raises:
            RunError: run.json is damaged, or of a family that is unknown here.
            DataError: the data have changed or are gone.
        """
        del notice, device, again, text
        raise self._unknown()

    def _unknown(self) -> RunError:
        """What is wrong with a run whose family has no class of its own."""
        try:
            family_of(self.document()["family"])
        except RunError as error:
            return error
        return RunError(f"{self.path} is a {self.family} run, which does not do this", "see genmodels runs show.")

    def setting(self, name: str) -> Any:
        """The recorded value of a setting, or "?" where run.json lacks it."""
        return self.document()["settings"].get(name, {"value": "?"})["value"]

    def go_on(  # noqa: D417 - the others are those of `restore`
        self,
        given: Mapping[str, Any],
        others: Mapping[str, object],
        notice: Notice,
        again: Sequence[str] = (),
        text: str | None = None,
        *,
        accept: bool = False,
    ) -> Any:
        """The task of the run, unless something was given that contradicts it, or it is not as it was left.

        Args:
            given: settings by name; only the device may differ, and of a finished run how long it is trained.
            others: options that only a new run can take, and what was given for them.
            accept: whether changes by another hand are accepted; see `genmodels.runs.accepting`.

        Raises:
            UsageError: something contradicts the run.
            RunError, DataError: it was changed by another hand; or see `restore`.
        """
        further = any(given.get(name) is not None for name in LENGTHS)
        as_left(self, notice, accept=accept, further=further)
        asked = lengths_of(self, given)
        refuse_contradictions(self, {name: value for name, value in given.items() if name not in asked}, others)
        task = in_turn(lambda: self.restore(notice, given.get("device"), again, text))
        longer = lengthen(self, task, plan_of(self, task, task.settings), asked) if asked else ""
        notice(longer or goes_on_told(self, task.device))
        return task

    def problems(self) -> dict[str, str]:
        """What is wrong with each checkpoint or pointer that is not whole, by its name; nothing where all is well.

        Raises:
            RunError: run.json is missing or damaged.
        """
        self.document()
        return problems_of(self)

    def best_evaluation(self) -> dict[str, Any]:
        """The records of the best epoch by split, and its number as "epoch".

        Raises:
            RunError: no epoch is finished yet.
        """
        epoch = self.length().reached(number_of(self.epoch_checkpoint(None).name))
        return {"epoch": epoch} | {record["split"]: record for record in self.evaluations() if record["epoch"] == epoch}

    def evaluated(self, *measures: str) -> list[Record]:
        """The records of evaluations that hold some measures, by epoch.

        Raises:
            RunError: no epoch after the first update has any.
        """
        records = [record for record in self.evaluations() if set(measures) <= record.keys()]
        if not any(record["epoch"] > 0 for record in records):
            raise RunError(f"{self.path} has no finished epoch yet", self.way_on())
        self.tell_choice()
        return records

    def course(self) -> Exhibit:
        """How the training went, epoch by epoch: the family's score, unless it has more to show.

        Raises:
            RunError: no epoch is finished yet.
        """
        if not self.family:
            raise self._unknown()
        return self.course_of(family_of(self.family).score)

    def course_of(self, score: str, columns: Sequence[str] = ()) -> Exhibit:
        """A score by epoch and by time of training and evaluating.

        Args:
            score: its name in the records.
            columns: of the table for a spreadsheet; none: all that the evaluations hold.

        Raises:
            RunError: nothing was measured yet.
            UsageError: no such score is measured.
        """
        followed = self.follow(score)
        return course_exhibit(followed, course_title(followed.axis, self.titled, self.data_told), columns)

    def follow(self, score: str, name: str | None = None) -> Course:
        """How a score went.

        Args:
            score: its name in the records.
            name: what to call the run; None: its own name.

        Raises:
            RunError: nothing was measured yet.
            UsageError: no such score is measured.
        """
        family, records, document = family_of(self.family), self.metrics(), self.document()
        evaluations = evaluations_in(records, Length.of(document))
        settings = {name: entry["value"] for name, entry in document["settings"].items()}
        refuse_unmeasured(score, records, self.path)
        logged = [record for record in records if "steps" in record and score in record]
        evaluated = [record for record in evaluations if score in record] if logged else self.evaluated(score)
        best = best_epoch(evaluations, family.score, family.best)
        return Course(
            name=self.name if name is None else name,
            kind=settings.get("model", "?"),
            score=score,
            axis=words_of(document)(family.axis_of(score)),
            evaluated=evaluated,
            logged=logged,
            plan=document.get("plan") or {},
            best=best,
            chosen_by=None if score == family.score else family.measure_told(family.score),
            better=family.best,
            hindrances=hindrances_of(settings, family.hindering) if score == family.score else (),
            remarks=[] if best is None else self.remarks(best),
        )

    def remarks(self, epoch: float) -> list[str]:
        """What to know of an epoch's weights before their scores are read, a sentence each."""
        del epoch
        return []

    @property
    def titled(self) -> str:
        """The run as the title of a figure names it: first (VAE conv)."""
        return f"{self.name} ({family_of(self.family).title} {self.setting('model')})"

    @property
    def data_told(self) -> str:
        """Its data, as the title of a figure names them, with what was made of them."""
        data = self.document()["data"]
        sources = [Path(str(source)).name for source in data.get("sources") or []]
        named = str(data.get("name") or listed(sources, 2) or "?")
        return f"{named}, {self.targets_told}" if self.targets_told else named

    @property
    def targets_told(self) -> str:
        """What was made of its data, where that changes what its scores measure."""
        return ""

    @property
    def held_out_told(self) -> str:
        """What its scores were measured on, where runs on the same data may differ in that; "" where they don't."""
        return ""

    def draw(
        self, count: int = 64, *, epoch: Epoch | None = None, classes: Classes | None = None, binary: bool = False,
        seed: int = 1, device: str = "auto",
    ) -> "NDArray[np.float32]":  # fmt: skip
        """Images from the model, where it is one of images: shape (count, Y, X), from 0 to 1.

        Raises:
            RunError: it is none.
        """
        del count, epoch, classes, binary, seed, device
        if not self.family:
            raise self._unknown()
        raise RunError(f"{self.path} is a {self.family} run, which draws no images", "open a run of an image model.")

    @property
    def facts(self) -> dict[str, Any]:
        """The run in a few facts: family, model, state, epochs, best score, seconds, data."""
        return summary_of(self)

    @property
    def tables(self) -> list[Table]:
        """Its settings, each with where it came from, and its evaluations."""
        return recorded_tables(self.document(), self.evaluations())

    def figure(self) -> "Figure":
        """The figure of its course.

        Raises:
            RunError: no epoch is finished yet.
        """
        return self.course().figure()

    def save(self, path: str | Path, force: bool = False) -> Path:
        """Write that figure, or the evaluations as a .csv; see `Exhibit.save`."""
        return self.course().save(path, self.teller.notice, force=force)

    def _exhibit(self) -> Exhibit:
        """What a notebook shows: facts, and where there are such evaluations and the figure of the course."""
        try:
            tables, draw = self.tables[1:], self.course().draw
        except RunError:  # nothing is finished yet, or the run is damaged, which its facts say
            tables, draw = [], None
        return overview(f"{self.family or self.facts['state']} run {self.path}", self.facts, tables, draw)

    def _repr_html_(self) -> str:
        return self._exhibit()._repr_html_()

    def _repr_png_(self) -> bytes | None:
        return self._exhibit()._repr_png_()


tell_wrong_names(Run)
