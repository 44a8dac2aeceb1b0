"""A comparison: trainings alike, one after the other in one directory; begun, stopped in the middle, gone on with."""

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from genmodels.durable import remove_directory
from genmodels.errors import GenmodelsError, RunError, Stopped, UsageError
from genmodels.exhibit import Exhibit, Table
from genmodels.families.config_data import recorded_data
from genmodels.families.further import ask_further, further_asked, go_further, is_to_go_further, several_of
from genmodels.families.run import Run
from genmodels.families.steps import lengths_told, time_told, to_go_on, to_train_anew
from genmodels.families.summary import kept_tables, summary_of
from genmodels.family import Family, family_of
from genmodels.processes import refuse_several
from genmodels.runs.comparison import ComparisonDir
from genmodels.runs.finding import find_comparison
from genmodels.runs.making import create_comparison
from genmodels.runs.standing import is_finished
from genmodels.settings import TrainingSettings, flag_of
from genmodels.settings.resolving import Resolved
from genmodels.telling import Notice, Teller, once
from genmodels.training import starting
from genmodels.training.reporting import QuietReporter, Reporter, Several
from genmodels.training.stopping import preparing

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def _quiet(several: Several) -> QuietReporter:
    del several
    return QuietReporter()


@dataclass(frozen=True, kw_only=True)
class Comparison(ABC):
    """Trainings alike, as they are asked for; each kind of them is a class of its own.

    Args:
        given: settings by name, common to all; they beat those of `config`.
        config: a TOML file or a run.json, or None.
        name: of the directory; None: one from the time.
        resume, accept: an earlier one to go on with, by name or path, or None; and though its runs were changed.
        runs: folder in which it is made.
        argv: the command line that begins it.
        reporter_of: makes who is told what happens, one for each training; it is handed how far all of them are.
        teller: who is told what else happens.

    Raises:
        RunError: there is none to go on with.
        UsageError: one that goes on is given a name.
    """

    given: Mapping[str, Any] = field(default_factory=dict)
    config: Path | None = None
    name: str | None = None
    resume: str | None = None
    accept: bool = False
    runs: Path = Path("runs")
    argv: Sequence[str] = ()
    reporter_of: Callable[[Several], Reporter] = _quiet
    teller: Teller = field(default_factory=Teller)
    folder: ComparisonDir = field(init=False)
    """Where everything of it is."""

    family: ClassVar[str]
    kind: ClassVar[str]
    """As comparison.json names it."""
    flag: ClassVar[str]
    """That asks for it."""
    own: ClassVar[tuple[str, ...]]
    """Settings that are no one's but each member's."""

    def __post_init__(self) -> None:
        if self.resume is not None:
            if self.name is not None:
                raise UsageError("--resume and --name contradict each other", "leave --name out.")
            object.__setattr__(self, "folder", self._found(self.resume))
            return
        usual = f"{self.flag.removeprefix('--')}-{datetime.now(UTC):%Y%m%d-%H%M%S}"
        object.__setattr__(self, "folder", ComparisonDir(self.runs / (usual if self.name is None else self.name)))

    def _found(self, reference: str) -> ComparisonDir:
        """The comparison to go on with.

        Raises:
            RunError: it is not there.
        """
        found = find_comparison(self.runs, reference, self.family)
        if found is None:
            hint = "leave --resume out to begin one; genmodels runs list shows what there is."
            raise RunError(f"there is no comparison {reference} in {self.runs}", hint)
        return found

    # -- what the kinds differ in -----------------------------------------------------------------

    @abstractmethod
    def resolved(self) -> Resolved:
        """The settings common to all, checked as far as they can be before the data are read.

        Raises:
            UsageError: one is out of range, or is each member's own.
        """

    @abstractmethod
    def open(self, settings: TrainingSettings) -> Any:
        """The data of a new comparison; the device is looked at first, which costs less.

        Raises:
            DataError, ResourceError: they are not there; the device is missing.
        """

    @abstractmethod
    def reopen(self, described: Mapping[str, Any]) -> Any:
        """The data of one that goes on, which must not have changed.

        Raises:
            DataError: they have changed or are gone.
            UsageError: others were asked for.
        """

    @abstractmethod
    def described(self, opened: Any) -> dict[str, Any]:
        """What is kept of the data."""

    @abstractmethod
    def members(self, settings: TrainingSettings, opened: Any) -> Mapping[str, Mapping[str, Any]]:
        """Each member that was asked for, with the settings that are its own.

        Raises:
            UsageError, DataError: such can't be trained.
        """

    @abstractmethod
    def prepared(self, resolved: Resolved, opened: Any, notice: Notice) -> tuple[starting.NewRun, Any]:
        """All that a new member's directory begins with, and its task."""

    @abstractmethod
    def restore(self, run: Any, opened: Any, notice: Notice) -> Any:
        """The task of a member that is there already."""

    @abstractmethod
    def result(self, runs: Sequence[Any], opened: Any) -> Exhibit:
        """What is found of the members, side by side: `headed`, with tables and a figure."""

    @abstractmethod
    def headed(self, runs: Sequence[Any], facts: Mapping[str, Any]) -> Exhibit:
        """Name, title and remarks of what was found, now or when it was measured."""

    # -- what they share --------------------------------------------------------------------------

    @property
    def row(self) -> Family:
        """The family's."""
        return family_of(self.family)

    def table(self, found: Exhibit) -> Table:
        """The result in short."""
        return self.row.comparisons[self.kind](found.tables[0].title, found.facts)[-1]

    def train(self) -> Exhibit:
        """Train each in turn, and put them side by side; the result is kept in the comparison's directory.

        Where all of it is there already, nothing is trained or measured again, but to draw the figure anew.

        Raises:
            UsageError: a setting does not do, a name is taken, or a resumed comparison has other settings.
            DataError: the data are not there, or not those of a resumed comparison.
            RunError: another process goes on with it.
            Stopped, DivergedError, ResourceError: see `genmodels.training.loop.fulfil`.
        """
        refuse_several("a comparison")
        for name in self.own:
            if self.given.get(name) is not None:
                what = f"{self.flag} and {flag_of(name)} contradict each other"
                raise UsageError(what, f"leave {flag_of(name)} out.")
        began = self._began() if self.resume is None else None
        with self._interrupts_told(), self.folder.locked(self.teller.notice):
            opened = self._went_on() if self.resume is not None else began
            stands = self._what_stands(opened)
            runs = self._train_all(opened) if stands is None else starting.with_pages(self._members(), self.reporter_of)
            for sentence in lengths_told(runs, None if stands is not None else self._longer):
                self.teller.notice(sentence)
            if stands is not None:
                return stands
            found = self.result(runs, opened)
            figure, table = self.folder.files_to_write()
            found.save(figure, self.teller.notice, force=True)
            found.save_table(table, force=True)
            self.folder.update(result={"title": found.tables[0].title, "facts": found.facts})
            return found

    def _began(self) -> Any:
        """The data of a new comparison, whose directory is made once everything is checked."""
        with preparing():
            starting.check_new_run(self.runs, self.folder.name if self.name is None else self.name)
            recorded_data(self.config, self.family)  # a run.json of another family has settings that this one lacks
            resolved = self.resolved()
            starting.check_asked(self.family, resolved)
            settings: Any = resolved.settings
            opened = self.open(settings)
            members = self.members(settings, opened)
            document = {
                "kind": self.kind,
                "settings": starting.with_origins(resolved, settings),
                "data": self.described(opened),
                "members": {name: dict(own) for name, own in members.items()},
                "argv": list(self.argv),
                "versions": starting.versions(),
                "result": None,
            }
        create_comparison(self.runs, self.family, document, self.folder.name)
        return opened

    def _went_on(self) -> Any:
        """The data of one that goes on; members that it lacks are added.

        Raises:
            UsageError: it is of another kind or has other settings, or one of its members was not asked for.
        """
        from genmodels.training.setup import recorded_settings

        document = self.folder.document()
        if (document["family"], document["kind"]) != (self.family, self.kind):
            command = family_of(document["family"]).train_command
            what = f"{self.folder.path} is a comparison of {document['kind']}, trained by {command}"
            raise UsageError(what, f"genmodels {command} --resume {self.folder.quoted} goes on with it.")
        starting.as_left(self.folder, self.teller.notice, accept=self.accept)
        longer = further_asked(self.folder, self._members(), self.given)
        given = {name: value for name, value in self.given.items() if name not in longer}
        starting.refuse_contradictions(self.folder, given, {}, self.config)
        opened = self.reopen(document["data"])
        recorded, asked = document["members"], self.members(recorded_settings(self.row.settings, document), opened)
        forgotten = [name for name in recorded if asked and name not in asked]
        if forgotten:
            what = f"{self.flag} lacks {', '.join(forgotten)}, of which {self.folder.path} is a comparison too"
            raise UsageError(what, f"leave {self.flag} out.")
        if asked.keys() > recorded.keys():
            self.folder.update(members={**asked, **recorded}, result=None)
        if longer:
            ask_further(self.folder, self._members(), longer)
        return opened

    def _members(self) -> list[Run]:
        """Those that are begun, in order."""
        return [self.row.run(run.path, self.teller) for run in self.folder.members()]

    def _what_stands(self, opened: Any) -> Exhibit | None:
        """The result that is there, which is told; None where something is to be trained, measured or drawn.

        Raises:
            RunError: a run is damaged.
        """
        document, runs = self.folder.document(), self._members()
        tables = kept_tables(document) if self.folder.table.exists() and self.folder.figure.exists() else []
        if not tables or len(runs) < len(document["members"]) or not all(map(is_finished, runs)):
            return None
        self.teller.notice("the comparison was finished already: nothing is left to train or to measure")

        def draw(title: str) -> "Figure":
            return self.result(runs, opened).figure(title)

        return replace(self.headed(runs, document["result"]["facts"]), tables=tables, draw=draw)

    def _train_all(self, opened: Any) -> list[Run]:
        """Each in turn; when one is stopped, the user is told which are missing."""
        from genmodels.training.setup import resumed_settings

        document, notice = self.folder.document(), once(self.teller.notice)
        settings = resumed_settings(self.row.settings, document, self.given.get("device"), notice)
        recorded = {name: entry["from"] for name, entry in document["settings"].items()}
        resolved = Resolved(settings, dict.fromkeys(settings.to_mapping(), "default") | recorded)  # newer ones too
        several = several_of(self.folder, settings.minutes)
        if told := time_told(several, sum(map(self._is_done, self._members()))):
            self.teller.notice(told)
        runs: list[Run] = []
        for name, own in document["members"].items():
            try:
                runs.append(self._train_one(name, _with(resolved, own), opened, several, notice))
            except GenmodelsError as error:
                if missing := several.names[len(several.taken) + 1 :]:
                    notice(f"not trained yet: {', '.join(missing)}")
                if isinstance(error, Stopped):
                    raise self._stopped(error) from error
                raise
            several.taken.append(float(summary_of(runs[-1])["seconds"]))
        return runs

    def _train_one(self, name: str, resolved: Resolved, opened: Any, several: Several, notice: Notice) -> Run:
        """A member, from where it stands: not begun, stopped, or finished."""
        run: Run = self.row.run(self.folder.path / name, self.teller)
        begun_at, begun = time.perf_counter(), (run.path / "run.json").exists()
        if begun and self._is_done(run):
            return starting.with_pages([run], self.reporter_of)[0]
        if begun:
            task = self.restore(run, opened, notice)
            if told := go_further(self.folder, run, task):
                notice(told)
        else:
            if name in {one.path.name for one in self.folder.headless()}:
                what = f"{run.path} has no run.json, though more of the run is there"
                raise RunError(what, "restore run.json from a copy; or move that folder away, and it is trained anew.")
            if run.path.exists():  # a process was killed while it made it
                remove_directory(run.path)
            new, task = self.prepared(resolved, opened, notice)
            task.goes_on = self.resume is not None
            starting.begin_run(new, task.steps_per_epoch, self.folder.path, name)
        plan = starting.plan_of(run, task, task.settings)
        starting.train(task, self.row, plan, run, self.reporter_of(several), begun_at)
        return run

    def _is_done(self, run: Run) -> bool:
        return is_finished(run) and not is_to_go_further(self.folder, run)

    def measures_on(self, runs: Sequence[Run]) -> str:
        """The device on which the members are measured: the one given, or on which they were trained."""
        return str(self.given.get("device") or runs[0].setting("device"))

    def _longer(self, runs: Sequence[Run]) -> list[str]:
        """Options that this command line takes, with which trainings that were too short are long enough."""
        return to_train_anew(runs, self.measures_on(runs)) if self.resume is None else to_go_on(runs)

    @contextmanager
    def _interrupts_told(self) -> Iterator[None]:
        """What is interrupted beside the trainings, once the directory is made, goes on too.

        Raises:
            Stopped: in place of the interrupt.
        """
        try:
            yield
        except KeyboardInterrupt:
            raise self._stopped(Stopped(f"interrupted; {self.folder.path} keeps what was trained")) from None

    def _stopped(self, stopped: Stopped) -> Stopped:
        """What a user is told who asked for the end: the whole comparison goes on, not one run."""
        hint = f"genmodels {self.row.train_command} --resume {self.folder.quoted} goes on."
        return Stopped(stopped.what, hint, stopped.exit_code)


def _with(resolved: Resolved, own: Mapping[str, Any]) -> Resolved:
    """A member's settings: its own, over those of all."""
    return Resolved(replace(resolved.settings, **own), resolved.origins | dict.fromkeys(own, "comparison"))
