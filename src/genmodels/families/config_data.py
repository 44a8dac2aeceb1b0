"""The data of the run whose run.json is given as --config."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from genmodels.errors import DataError, RunError, UsageError, listed
from genmodels.paths import path_of
from genmodels.printable import one_line
from genmodels.runs.run_dir import train_command
from genmodels.settings.resolving import run_document

Opened = TypeVar("Opened")


@dataclass(frozen=True)
class RecordedData:
    """What the run of a config file was trained on.

    Args:
        config: the run.json.
        data: what it says of them.
    """

    config: Path
    data: dict[str, Any]

    @property
    def _sources(self) -> str:
        return one_line(listed([str(source) for source in self.data.get("sources", ())]))

    def taken(self, what: str) -> str:
        """A sentence: they are taken; `what` they are."""
        return f"takes {what} of the run too, as --config {one_line(str(self.config))} says: {self._sources}"

    def passed_over(self, given: str) -> str:
        """A sentence: `given` is taken instead."""
        return f"takes {one_line(given)}, and not {self._sources}, on which the run of --config was trained"

    def opened(self, reopen: Callable[[dict[str, Any]], Opened], instead: str) -> Opened:
        """The data, opened again.

        Args:
            reopen: opens them, as run.json says.
            instead: a hint: what to give where they are gone.

        Raises:
            UsageError: the file says nothing of them.
            DataError: they have changed or are gone.
        """
        if not self.data.get("sources"):
            raise UsageError(f"--config {self.config} does not say what its run was trained on", instead)
        try:
            return reopen(self.data)
        except (DataError, RunError) as error:
            raise DataError(f"--config {self.config}: {error.what}", instead) from error


def recorded_data(config: Path | None, family: str) -> RecordedData | None:
    """What the run of a config file was trained on; None where there is no such file, or it is no run.json.

    Args:
        config: a TOML file or a run.json, or None.
        family: of the run that is to be begun.

    Raises:
        UsageError: the file can't be read, or it is of a run of another family.
    """
    document = None if config is None else run_document(config)
    if config is None or document is None:
        return None
    theirs, data = document.get("family", family), document.get("data")
    if theirs != family:
        what = f"--config {config} is of a {one_line(str(theirs))} run, but this is {train_command(family)}"
        raise UsageError(what, f"give that of a {family} run, or write the settings that both have as TOML.")
    return RecordedData(path_of(config), data if isinstance(data, dict) else {})
