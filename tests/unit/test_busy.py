"""Whether other programs keep the cores busy, as Linux tells it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from genmodels.settings.text import TextSettings
from genmodels.training import busy, starting


@pytest.fixture
def load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where the load of a machine with two cores stands."""
    path = tmp_path / "loadavg"
    monkeypatch.setattr(busy, "LOAD", path)
    monkeypatch.setattr(busy.os, "cpu_count", lambda: 2)
    busy.busy_told.cache_clear()
    yield path
    busy.busy_told.cache_clear()


@pytest.mark.parametrize(
    ("content", "others", "is_busy"),
    [("0.09 0.45 0.86 1/84 3739", 0, False), ("9.0 9.0 9.0 2/84 3739", 1, False), ("0.1 0 0 3/84 3739", 2, True),
     ("0 0 0 9/84 1", 8, True), ("nothing", None, False), (None, None, False)],
)  # fmt: skip
def test_cores_are_busy_where_as_many_other_threads_want_to_run(
    load: Path, content: str | None, others: int | None, is_busy: bool
) -> None:
    if content is not None:
        load.write_text(content)
    assert busy.wanting_to_run() == others
    assert (busy.busy_told() is not None) == is_busy


def test_what_wants_to_run_for_a_moment_keeps_nothing_busy(load: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    load.write_text("0 0 0 5/84 1")
    monkeypatch.setattr(busy.time, "sleep", lambda _: load.write_text("0 0 0 2/84 1"))
    assert busy.wanting_to_run() == 1


@pytest.mark.parametrize(
    ("threads", "in_force", "device", "is_told"),
    [(None, 2, "cpu", True), (2, 2, "cpu", False), (None, 1, "cpu", False), (None, 2, "meta", False)],
    ids=["chosen by PyTorch", "asked for", "one", "not on the processor"],
)
def test_it_is_told_where_one_thread_would_help(
    load: Path, monkeypatch: pytest.MonkeyPatch, threads: int | None, in_force: int, device: str, is_told: bool
) -> None:
    load.write_text("6.0 6.0 6.0 7/84 3739")
    monkeypatch.setattr(starting, "threads_in_force", lambda: in_force)
    told: list[str] = []
    starting.tell_if_busy(TextSettings(threads=threads), torch.device(device), told.append)
    assert bool(told) == is_told
    assert list(busy.quicker(in_force, device)) == (["--threads 1"] if in_force == 2 and device == "cpu" else [])
    assert all("all 2 cores" in sentence and "--threads 1" in sentence for sentence in told)
