"""The families of models: each has one file that holds it together, and one line here."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from genmodels.errors import RunError
from genmodels.families.gan import GAN
from genmodels.families.pixelrnn import PIXELRNN
from genmodels.families.reader import READER
from genmodels.families.run import Run
from genmodels.families.speech import SPEECH
from genmodels.families.taking import chosen_over, each_run_once
from genmodels.families.text import TEXT
from genmodels.families.vae import VAE
from genmodels.family import FAMILIES, Family, family_of
from genmodels.paths import path_of
from genmodels.runs import RunDir, find_run
from genmodels.runs.naming import runs_named
from genmodels.telling import Teller

__all__ = ["FAMILIES", "Family", "Run", "family_of", "open_run", "open_runs", "rows_of", "run_at"]

FAMILIES |= {row.name: row for row in (TEXT, VAE, PIXELRNN, GAN, READER, SPEECH)}

Kind = TypeVar("Kind", bound=Run)


def rows_of(kind: type[Run]) -> Iterator[Family]:
    """The families whose runs are of a kind: those of one family, or those that share what can be asked of them."""
    return (row for row in FAMILIES.values() if issubclass(row.run, kind))


def open_run(root: Path, reference: str | None, kind: type[Kind], teller: Teller) -> Kind:
    """The run that a user means, to be asked things.

    Args:
        root: where runs are.
        reference: a path, a name, or "last" for the newest; None: see `find_run`, and which it was is then told.
        kind: what it must be: a family's run class, or one that several share.
        teller: who is told what while something is computed.

    Raises:
        RunError: there is none, or it is of another kind.
    """
    known = [row.name for row in rows_of(kind)]
    found = find_run(root, reference, *known)
    run = family_of(found.document()["family"]).run(found.path, teller)
    assert isinstance(run, kind)
    return run if reference is not None else replace(run, chosen=chosen_over(path_of(root), run, *known))


def open_runs(root: Path, references: Sequence[str | None], kind: type[Kind], teller: Teller) -> list[Kind]:
    """Several runs, each once; a comparison means its runs of the kind, in their order.

    Args:
        root: where runs are.
        references: as of `open_run`; or names of comparisons or patterns, which mean what they do to `runs_named`.
        kind: what they must be.
        teller: who is told what while something is computed.

    Raises:
        RunError: one is not there, or of another kind, or nothing fits a pattern.
    """
    known = [family.name for family in rows_of(kind)]
    found: list[Kind] = []
    for reference in references:
        names: list[str | None] = [reference]
        if reference is not None and reference != "last":  # those are the newest of the kind
            meant = runs_named(root, [reference])
            fitting = [run for run in meant if run_at(run.path, teller).family in known]
            names = [str(run.path) for run in fitting or meant[:1]] or [reference]  # what is wrong, `open_run` says
        found += [open_run(root, name, kind, teller) for name in names]
    return each_run_once(found, teller.notice)


def run_at(path: Path, teller: Teller) -> Run:
    """The run in a directory; a plain `Run` where it is damaged or of a family that is unknown here."""
    try:
        kind = family_of(RunDir(path).document()["family"]).run
    except RunError:
        return Run(path, teller)
    run = kind(path, teller)
    assert isinstance(run, Run)
    return run
