"""Runs that can be asked things, alone and side by side."""

from collections.abc import Sequence
from typing import TypeVar, overload

from genmodels.api.told import PathLike, Told
from genmodels.exhibit import Exhibit
from genmodels.families import Run, run_at
from genmodels.families import open_run as find
from genmodels.families.comparison import compare
from genmodels.families.images import ImageRun
from genmodels.families.reader import ReaderRun, by_length
from genmodels.families.vae import VaeRun, courses
from genmodels.runs import list_runs as list_directories
from genmodels.runs.finding import runs_folder
from genmodels.telling import Notice, Teller

Kind = TypeVar("Kind", bound=Run)


@overload
def open_run(
    run: PathLike | None = "last",
    kind: None = None,
    *,
    runs: PathLike | None = None,
    progress: bool | None = None,
    notice: Notice | None = None,
) -> Run: ...


@overload
def open_run(
    run: PathLike | None,
    kind: type[Kind],
    *,
    runs: PathLike | None = None,
    progress: bool | None = None,
    notice: Notice | None = None,
) -> Kind: ...


def open_run(
    run: PathLike | None = "last",
    kind: type[Run] | None = None,
    *,
    runs: PathLike | None = None,
    progress: bool | None = None,
    notice: Notice | None = None,
) -> Run:
    """A run that can be asked things: a name, a path, or "last" for the newest.

    Args:
        run: which one.
        kind: what it must be, such as `genmodels.VaeRun`; what is asked of it is then known to a type checker.
        runs: folder in which names are looked for; None: GENMODELS_RUNS, or "runs".
        progress: show how far long computations are; None: on a terminal and in a notebook.
        notice: is told what the user should know; None: stderr.

    Raises:
        RunError: there is none, or it is of another kind.

    Example:
        >>> digits = genmodels.open_run("first").draw(64)
        >>> digits.shape[0]
        64
    """
    reference = None if run is None else str(run)
    return find(runs_folder(runs), reference, kind or Run, Told(progress, notice).teller)


def list_runs(runs: PathLike | None = None, *, progress: bool | None = None, notice: Notice | None = None) -> list[Run]:
    """Every run of a folder, oldest first; one that is damaged, or of a family unknown here, is listed last as a `Run`.

    Args:
        runs: the folder; None: GENMODELS_RUNS, or "runs".
        progress: as for `open_run`.
        notice: likewise.

    Example:
        >>> [run.name for run in genmodels.list_runs()][:2]
        ['story', 'first']
    """
    teller = Told(progress, notice).teller
    return [run_at(run.path, teller) for run in list_directories(runs_folder(runs))]


def compare_images(
    found: "Sequence[PathLike | ImageRun]",
    *,
    count: int = 2_000,
    seed: int = 1,
    device: str = "auto",
    runs: PathLike | None = None,
    progress: bool | None = None,
    notice: Notice | None = None,
) -> Exhibit:
    """Runs of image models on the same data side by side, in one table and one figure; `genmodels compare-images`.

    Args:
        found: two or more runs, or their names or paths.
        count: images drawn from each and measured.
        seed: same seed, same images.
        device: auto, cpu, cuda, cuda:N or mps.
        runs: folder in which names are looked for; None: GENMODELS_RUNS, or "runs".
        progress: True, False, or None: on a terminal and in a notebook.
        notice: is told what the user should know; None: stderr.

    Raises:
        UsageError: fewer than two, or they are on different images or targets.

    Example:
        >>> table = genmodels.compare_images(["first", "game"], count=100).tables[0]
        >>> [row["model"] for row in table.rows]
        ['VAE, conv', 'GAN, dcgan', None]
    """
    teller = Told(progress, notice).teller
    return compare(_opened(found, ImageRun, runs, teller), count, seed=seed, device=device)


def compare_elbo(
    found: Sequence[PathLike | VaeRun], *, runs: PathLike | None = None, notice: Notice | None = None
) -> Exhibit:
    """The lower bounds of several VAE runs by epoch in one figure; `genmodels plot-elbo`.

    Args:
        found: runs, or their names or paths.
        runs: folder in which names are looked for; None: GENMODELS_RUNS, or "runs".
        notice: is told what the user should know; None: stderr.

    Raises:
        UsageError: they are on different images or targets.

    Example:
        >>> genmodels.compare_elbo(["first"]).tables[0].rows[-1]["split"]
        'test'
    """
    return courses(_opened(found, VaeRun, runs, Told(None, notice).teller))


def compare_readers(
    found: Sequence[PathLike | ReaderRun],
    *,
    lengths: Sequence[int] | None = None,
    strips: int = 250,
    decode: str = "greedy",
    beam_width: int | None = None,
    seed: int = 1,
    device: str = "auto",
    runs: PathLike | None = None,
    progress: bool | None = None,
    notice: Notice | None = None,
) -> Exhibit:
    """How well readers read strips, by their length, side by side; `genmodels eval-reader`.

    Args:
        found: runs, or their names or paths.
        lengths: digits in a strip; None: to twice the longest trained.
        strips: of each length.
        decode: "greedy" or "beam".
        beam_width: readings that the beam keeps; None: 10.
        seed: of the strips.
        device: auto, cpu, cuda, cuda:N or mps.
        runs: folder in which names are looked for; None: GENMODELS_RUNS, or "runs".
        progress: True, False, or None: on a terminal and in a notebook.
        notice: is told what the user should know; None: stderr.

    Example:
        >>> shown = genmodels.compare_readers(["reader"], lengths=[1, 2], strips=5)
        >>> [row["digits"] for row in shown.tables[0].rows]
        ['1', '2', '1-2']
    """
    teller = Told(progress, notice).teller
    return by_length(
        _opened(found, ReaderRun, runs, teller), lengths=lengths, strips=strips, decode=decode, beam_width=beam_width,
        seed=seed, device=device,
    )  # fmt: skip


def _opened(found: Sequence[PathLike | Kind], kind: type[Kind], runs: PathLike | None, teller: Teller) -> list[Kind]:
    """Runs that are named or given, all to be asked things."""
    return [run if isinstance(run, kind) else find(runs_folder(runs), str(run), kind, teller) for run in found]
