"""A case's training by as many processes as there are, in float64 where that matters.

In float32 Adam makes much of little: it divides a gradient by its size, and one that only rounding keeps from zero
becomes a whole step. Texts and sounds, whose data are float32 throughout, are alike in float32 as well.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from contract.cases import CASES
from contract.helpers import fit, new_run
from genmodels.processes import in_turn, world
from genmodels.runs import RunDir

IN_FLOAT32 = ("text", "speech")


@contextmanager
def exactly(case: str) -> Iterator[None]:
    """Networks of images made inside compute in float64."""
    if case.startswith(IN_FLOAT32):
        yield
        return
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(torch.Tensor, "float", torch.Tensor.double)
        torch.set_default_dtype(torch.float64)
        try:
            yield
        finally:
            torch.set_default_dtype(torch.float32)


def train_case(name: str, folder: Path, run: str, pieces: int, epochs: int) -> RunDir:
    """Train it from the beginning, or from where the run stands."""
    case = next(case for case in CASES if str(case) == name)
    among, path = world(), folder / "runs" / run
    if among.is_first:
        path = path if path.exists() else new_run(folder, run, case.family).path
    among.wait()
    task = in_turn(lambda: case.make(folder, 1))  # each writes the data anew, and must not while another reads them
    task.sharing = replace(task.sharing, pieces=pieces)
    fit(task, RunDir(path), epochs=epochs)
    return RunDir(path)
