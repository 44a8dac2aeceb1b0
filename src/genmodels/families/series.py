"""Several trainings under one name, one after the other: begun, stopped in the middle, and gone on with."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

from genmodels.errors import GenmodelsError, RunError, UsageError
from genmodels.families.set_run import SetRun
from genmodels.families.starting import begin
from genmodels.family import Family
from genmodels.runs.finding import check_plain_name
from genmodels.settings import TrainingSettings
from genmodels.settings.resolving import Resolved, resolve
from genmodels.telling import Notice
from genmodels.training import starting
from genmodels.training.reporting import Reporter


def usual_prefix(what: str) -> str:
    """The first part of the runs' names, where none was given: from the time."""
    return f"{what}-{datetime.now(UTC):%Y%m%d-%H%M%S}"


@dataclass(frozen=True, kw_only=True)
class Series:
    """Trainings of one family on one set, which differ in some settings.

    Args:
        family: the runs'.
        prefix: first part of the runs' names.
        members: second part of a run's name -> the settings that are its own.
        opened: the set.
        given: settings by name, common to all; they beat those of `config`.
        config: a TOML file or a run.json, or None.
        resumed: whether runs of these names may be there already, to be gone on with.
        runs: folder where they are made.
        argv: the command line that begins them, for run.json.
        reporter_of: makes who is told what happens, one for each training.
    """

    family: Family
    prefix: str
    members: Mapping[str, Mapping[str, Any]]
    opened: Any
    given: Mapping[str, Any]
    config: Path | None
    resumed: bool
    runs: Path
    argv: tuple[str, ...]
    reporter_of: Callable[[], Reporter]

    def check_names(self) -> None:
        """New runs need free names; a resumed series needs one of its runs.

        Raises:
            UsageError: a name is taken, or can't be one.
            RunError: there is nothing to go on with.
        """
        names = [f"{self.prefix}-{suffix}" for suffix in self.members]
        if not self.resumed:
            check_plain_name(self.prefix)  # of the figure's file
            for name in names:
                starting.check_new_run(self.runs, name)
        elif not any((self.runs / name).exists() for name in names):
            raise RunError(f"there is no run {names[0]} in {self.runs}", "leave --resume out to begin a new series.")

    def settings(self) -> dict[str, TrainingSettings]:
        """Those of each member, before anything is trained.

        Raises:
            UsageError: one is out of range.
        """
        return {suffix: cast("TrainingSettings", self._resolved(suffix).settings) for suffix in self.members}

    def _resolved(self, suffix: str) -> Resolved:
        return resolve(self.family.settings, {**self.given, **self.members[suffix]}, self.config, {})

    def train(self) -> dict[str, SetRun]:
        """Each in turn; when one is stopped, the user is told which are missing.

        Raises:
            UsageError: a run that is there has another set or other settings.
            Stopped, DivergedError, ResourceError: see `genmodels.training.loop.fit`.
        """
        trained: dict[str, SetRun] = {}
        for suffix in self.members:
            reporter = self.reporter_of()
            try:
                trained[suffix] = self._train_one(suffix, reporter)
            except GenmodelsError:
                missing = list(self.members)[len(trained) + 1 :]
                if missing:
                    reporter.notice(
                        f"not trained yet: {', '.join(missing)}; the same command with --resume {self.prefix} "
                        "in place of --name goes on"
                    )
                raise
        return trained

    def _train_one(self, suffix: str, reporter: Reporter) -> SetRun:
        name, notice = f"{self.prefix}-{suffix}", reporter.notice
        run: SetRun = replace(self.family.run(self.runs / name), moved=self.opened)  # which is read once
        if self.resumed and (self.runs / name).exists():
            task = self._reopened(run, {**self.given, **self.members[suffix]}, notice)
        else:
            resolved = self._resolved(suffix)
            _, task = begin(
                self.family, resolved, self.opened, name=name, runs=self.runs, argv=self.argv, notice=notice
            )
        starting.train(task, self.family, starting.plan_of(run, task, task.settings), run, reporter)
        return run

    def _reopened(self, run: SetRun, given: Mapping[str, Any], notice: Notice) -> Any:
        """The task of a run that is there already.

        Raises:
            UsageError: it has another set or other settings.
        """
        if run.document()["data"].get("fingerprint") != self.opened.fingerprint:
            raise UsageError(f"{run.path} was trained on other data", "give those that the series began with.")
        starting.refuse_contradictions(run, given, {}, self.config)
        return run.restore(notice, given.get("device"))
