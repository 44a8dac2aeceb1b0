"""The data of a run, opened again: from where it was, from where it is said to be now, or out of the cache."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from genmodels.errors import DataError, RunError
from genmodels.telling import Notice


class Fingerprinted(Protocol):
    """A set that can be known again."""

    @property
    def fingerprint(self) -> str:
        """SHA-256 over what it holds."""


Set = TypeVar("Set", bound=Fingerprinted)


@dataclass(frozen=True)
class Reopening(Generic[Set]):
    """How a kind of set is found again.

    Args:
        what: such a set holds: "images".
        opened: opens what --dataset says.
        is_there: whether the source that a run names is still there.
        kept: looks for a fingerprint in the cache; the source is what the set is then said to be from.
        notice: is told what the user should know.
    """

    what: str
    opened: Callable[[str], Set]
    is_there: Callable[[str], bool]
    kept: Callable[[str, str], Set | None]
    notice: Notice

    def again(self, described: Mapping[str, Any], moved_to: str | None = None) -> Set:
        """The set of a run, which must not have changed: from where it was; from the cache if it is gone.

        Args:
            described: what run.json keeps of it.
            moved_to: where it is now, if it was moved: as --dataset says it.

        Raises:
            DataError: it has changed, or is gone and not in the cache either.
            RunError: the description is damaged.
        """
        source, fingerprint = self._place(described)
        if moved_to is not None:
            found = self.opened(moved_to)
            if found.fingerprint != fingerprint:
                what = f"the {self.what} of {moved_to} are not those of the run ({source})"
                raise DataError(what, f"give the same {self.what}.")
            return found
        if not self.is_there(source):
            hint = "--dataset PATH says where they are now."
            gone = DataError(f"the {self.what} of the run, {source}, are gone", hint)
            return self._from_cache(fingerprint, source, gone)
        found = self.opened(source)
        if found.fingerprint != fingerprint:
            raise DataError(
                f"the {self.what} of {source} have changed since the run began, or are read otherwise now",
                "restore them, or begin a new run; --dataset PATH says where a copy of them is.",
            )
        return found

    def learned(self, described: Mapping[str, Any]) -> Set:
        """The very set that a run learned from, for questions about it: as `again`, else from the cache.

        Raises:
            DataError: it has changed or is gone, and is not in the cache either.
            RunError: the description is damaged.
        """
        try:
            return self.again(described)
        except DataError as error:
            source, fingerprint = self._place(described)
            return self._from_cache(fingerprint, source, error)

    def _place(self, described: Mapping[str, Any]) -> tuple[str, str]:
        """Source and fingerprint.

        Raises:
            RunError: the description lacks them.
        """
        try:
            return str(described["sources"][0]), str(described["fingerprint"])
        except (AttributeError, KeyError, TypeError, IndexError) as error:
            what = f"run.json does not describe its {self.what}: {error}"
            raise RunError(what, "restore it from a copy.") from error

    def _from_cache(self, fingerprint: str, source: str, otherwise: DataError) -> Set:
        """What the cache may still have.

        Raises:
            DataError: `otherwise`, where it has not.
        """
        kept = self.kept(fingerprint, source)
        if kept is None:
            raise otherwise
        self.notice(f"{otherwise.what}: took the run's own from the cache")
        return kept
