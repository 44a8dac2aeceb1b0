"""A run's history as TensorBoard reads it: event files, one for each part of the data.

They are written by the package tensorboard's own protocol buffers, whole and in memory: its writer would append to
files, in a thread of its own.
"""

import io
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from genmodels.bytewise import words_of
from genmodels.errors import RunError
from genmodels.exports.extras import needed
from genmodels.exports.histories import FIRST, records_of, unit_of
from genmodels.families import Run
from genmodels.family import FAMILIES
from genmodels.printable import one_line
from genmodels.runs import Record
from genmodels.telling import WHILE_TRAINING

if TYPE_CHECKING:
    from collections.abc import Sequence

VERSION = "brain.Event:2"  # of the format; the first event of each file says it


def event_files(run: Run) -> dict[str, bytes]:
    """A folder for each part of the data, with one file: TensorBoard shows each as a run, over one another.

    What was logged while training is a part of its own. A measure is a scalar over the steps, and its time is that at
    which the run was made and the seconds of training until it was measured: a pause between two sessions, for one, is
    not in it. Text and lists have no place there.

    Raises:
        ResourceError: the package tensorboard is not installed.
        RunError: nothing is recorded yet, or the run is damaged.
    """
    with needed("tensorboard", "tensorboard"):
        from tensorboard.compat.proto.event_pb2 import Event
        from tensorboard.summary.writer.record_writer import RecordWriter
    records = records_of(run)
    began = datetime.fromisoformat(run.document()["created_at"]).timestamp()
    parts: dict[str, list[Record]] = {}
    for record in records:
        parts.setdefault(WHILE_TRAINING if "steps" in record else _named(run, record), []).append(record)
    files = {}
    for part, of_part in parts.items():
        stream = io.BytesIO()
        writer = RecordWriter(stream)
        writer.write(Event(wall_time=began, file_version=VERSION).SerializeToString())
        for event in _events(run, of_part, began):
            writer.write(event.SerializeToString())
        files[f"{part}/events.out.tfevents.{int(began)}.genmodels"] = stream.getvalue()
    return files


def _named(run: Run, record: Record) -> str:
    """The part of the data that a record is of, which a folder is called by.

    Raises:
        RunError: it would be a folder elsewhere.
    """
    split = str(record["split"])
    if split in {"", ".", ".."} or set(split) & {"/", "\\", "\0"}:
        raise RunError(f"{run.metrics_path} is damaged: a part is called {one_line(split)}", "restore it from a copy.")
    return split


def _events(run: Run, records: "Sequence[Record]", began: float) -> Iterator[Any]:
    """An event for each record, with all of its numbers."""
    from tensorboard.compat.proto.event_pb2 import Event
    from tensorboard.compat.proto.summary_pb2 import Summary, SummaryMetadata

    described: set[str] = set()
    for record in records:
        values = []
        for name, value in _numbers(record).items():
            told = SummaryMetadata(summary_description=_described(run, name)) if name not in described else None
            described.add(name)
            values.append(Summary.Value(tag=name, simple_value=value, metadata=told))
        wall = began + float(record.get("seconds", 0.0))
        yield Event(wall_time=wall, step=int(record["step"]), summary=Summary(value=values))


def _numbers(record: Record) -> Mapping[str, float]:
    """The measures of a record; where it stands is the event's own."""
    kept = (name for name in record if name not in FIRST)
    numbers = {name: record[name] for name in kept if isinstance(record[name], int | float)}
    return {**numbers, "epoch": record["epoch"]}


def _described(run: Run, name: str) -> str:
    family = FAMILIES.get(run.family)
    unit = unit_of(family, name)
    called = name.replace("_", " ") if family is None else family.axis_of(name)
    told = called if not unit or called.endswith(f"({unit})") else f"{called} ({unit})"
    return words_of(run.document())(told)
