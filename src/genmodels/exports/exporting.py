"""A run written for other programs: which forms there are, and where each goes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from genmodels.errors import UsageError, did_you_mean, in_turn
from genmodels.exports.events import event_files
from genmodels.exports.graphs import MOST, onnx_of
from genmodels.exports.histories import history_csv
from genmodels.exports.weights import folder_of
from genmodels.families import Run
from genmodels.named_files import check_free, save_file, save_folder
from genmodels.paths import check_folder, file_to_write
from genmodels.runs.epochs import Epoch
from genmodels.telling import counted, number_told

FOLDER = "exports"  # of a run, where they go unless told otherwise


@dataclass(frozen=True)
class Content:
    """What is to be written.

    Args:
        data: a file; or a folder's files by name.
        told: what to know of it, a sentence each.
        facts: the same for programs.
    """

    data: bytes | Mapping[str, bytes]
    told: tuple[str, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Form:
    """A form in which other programs read a run.

    Args:
        name: of its file or folder in the run's exports.
        kind: what the command calls it.
        make: computes it, of an epoch where it is one's; None: of the best.
        of_epoch: whether it is of one epoch, and not of the whole training.
    """

    name: str
    kind: str
    make: Callable[[Run, Epoch | None], Content]
    of_epoch: bool

    @property
    def is_folder(self) -> bool:
        """Whether it is a folder of files."""
        return not Path(self.name).suffix


@dataclass(frozen=True)
class Exported:
    """A run that was written for other programs.

    Args:
        path: of the file or folder.
        kind: what it is called.
        told: what to know of it, a sentence each.
        facts: the same for programs, with the run and the path.
    """

    path: Path
    kind: str
    told: tuple[str, ...]
    facts: Mapping[str, Any]


def _onnx(run: Run, epoch: Epoch | None) -> Content:
    found = onnx_of(run, epoch)
    told = (
        f"over {counted(found.inputs, 'recorded input')} its logits differ from our own by at most "
        f"{found.difference:.2g}; more than {MOST:g} is refused"
    )
    facts = {"largest_difference": found.difference, "recorded_inputs": found.inputs}
    return Content(found.data, (told,), facts)


FORMS: Mapping[str, Form] = {
    "csv": Form("history.csv", "history", lambda run, _: Content(history_csv(run)), of_epoch=False),
    "tensorboard": Form("tensorboard", "event files", lambda run, _: Content(event_files(run)), of_epoch=False),
    "safetensors": Form("safetensors", "weights", lambda run, epoch: Content(folder_of(run, epoch)), of_epoch=True),
    "onnx": Form("model.onnx", "network", _onnx, of_epoch=True),
}


def export(run: Run, to: str, out: Path | None = None, epoch: Epoch | None = None) -> Exported:
    """Write a run for other programs.

    Args:
        run: it.
        to: one of `FORMS`.
        out: the file or folder; None: in the run's exports.
        epoch: whose weights; None: the best one's.

    Raises:
        UsageError: no such form, or an epoch for one that is of all epochs; a path or link that does not do; a network
            that can't be had in that form.
        RunError: nothing is there to be written yet, or the run is damaged.
        ResourceError: an extra is not installed, or the path can't be written.
    """
    if to not in FORMS:
        hint = did_you_mean(to, FORMS) or f"--to takes {in_turn(list(FORMS), 'or')}."
        raise UsageError(f"--to {to} is no form that a run is written in", hint, "--to")
    form = FORMS[to]
    if epoch is not None and not form.of_epoch:
        what = f"--epoch {epoch if isinstance(epoch, str) else number_told(epoch)} means nothing to --to {to}"
        raise UsageError(f"{what}, which is of all epochs", "leave it out.", "--epoch")
    path = _own(run, form) if out is None else _checked(form, out)
    if not form.is_folder:
        check_free(path)
    content = form.make(run, epoch)
    if isinstance(content.data, bytes):
        save_file(path, content.data)
    else:
        save_folder(path, content.data)
    return Exported(path, form.kind, content.told, {"run": str(run.path), "to": to, "path": str(path), **content.facts})


def _own(run: Run, form: Form) -> Path:
    """The place among a run's own exports.

    Raises:
        UsageError: their folder is a link, to somewhere that may hold other things.
    """
    folder = run.path / FOLDER
    if folder.is_symlink():
        raise UsageError(f"{folder} is a link, and nothing is written through it", "name a place: --out.", "--out")
    return folder / form.name


def _checked(form: Form, out: Path) -> Path:
    """A path that is named, looked at before anything is computed.

    Raises:
        UsageError: it has another ending than such a file, is a folder, or would be made at the root of a disk.
    """
    if form.is_folder:
        check_folder(out)
        return out
    path, ending = file_to_write("--out", out, form.name), Path(form.name).suffix
    if path.suffix.lower() != ending:
        raise UsageError(f"--out {out} is no {ending}", f"end it in {ending}.", "--out")
    return path
