"""Runs written for other programs: `genmodels runs export` in Python."""

from pathlib import Path

from genmodels.api.told import PathLike, Told, reference_of
from genmodels.exports.exporting import export
from genmodels.families import Run, open_run
from genmodels.named_files import forced
from genmodels.paths import path_of
from genmodels.runs import RunDir
from genmodels.runs.epochs import Epoch
from genmodels.runs.finding import runs_folder
from genmodels.telling import Notice


def export_run(
    run: PathLike | RunDir,
    to: str,
    out: PathLike | None = None,
    *,
    epoch: Epoch | None = None,
    force: bool = False,
    runs: PathLike | None = None,
    notice: Notice | None = None,
) -> Path:
    """Write a run's history, weights or network for other programs; gives back the path of the file or folder.

    Args:
        run: its name or path, or itself; "last" is the newest.
        to: "csv": every record as a row, with units; "tensorboard": event files (the extra genmodels[tensorboard]);
            "safetensors": a folder with an epoch's weights, settings and a card; "onnx": its network (the extra
            genmodels[onnx]), refused where a logit differs from our own by more than 1e-4.
        out: the file (.csv, .onnx) or folder; None: in the run's exports.
        epoch: whose weights or network, such as 2, 0.5 or "latest"; None: the best one's.
        force: replace also files that genmodels did not write, or that were changed since.
        runs: folder in which names are looked for; None: GENMODELS_RUNS, or "runs".
        notice: is told by how much logits differ; None: stderr.

    Raises:
        UsageError: no such form, an epoch for one that is of all epochs, a path that does not do (see `force`), a
            network that can't be had in that form.
        RunError: there is no such run, it is damaged, or nothing is there to be written yet.
        ResourceError: the extra is not installed, or the path can't be written.

    Example:
        >>> genmodels.export_run("story", "csv", "story.csv")
        PosixPath('story.csv')
    """
    teller = Told(None, notice).teller
    found = open_run(runs_folder(runs), reference_of(run), Run, teller)
    with forced(force):
        exported = export(found, to, None if out is None else path_of(out), epoch)
    for sentence in exported.told:
        teller.notice(sentence)
    return exported.path
