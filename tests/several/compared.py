"""What two runs have alike but for the order of sums: their records, and their weights on the disk."""

import numpy as np
import pytest

from contract.helpers import TIMINGS
from genmodels.runs import RunDir
from genmodels.runs.checkpoint import read_checkpoint


def curve(run: RunDir) -> list[dict[str, float]]:
    return [
        {name: value for name, value in record.items() if name not in TIMINGS and "_per_second/" not in name}
        for record in run.metrics()
    ]


def assert_alike(ours: RunDir, theirs: RunDir) -> None:
    assert len(curve(ours)) == len(curve(theirs)) > 2
    for our, their in zip(curve(ours), curve(theirs), strict=True):
        assert their.pop("split") == our.pop("split")
        errors = {
            name for name in our if name.endswith("_standard_error")
        }  # small differences of large float32 numbers
        assert [their.pop(name) for name in errors] == pytest.approx([our.pop(name) for name in errors], rel=1e-3)
        assert their == pytest.approx(our, rel=1e-5, abs=2e-6)


def assert_kept_alike(ours: RunDir, theirs: RunDir) -> None:
    """The weights of every epoch and part, and the last training state, as they lie on the disk."""
    names = [path.name for path in kept(ours)]
    assert [path.name for path in kept(theirs)] == names
    for our, their in zip(map(read_checkpoint, kept(ours)), map(read_checkpoint, kept(theirs)), strict=True):
        for file, tensors in our.tensors.items():
            assert their.tensors[file].keys() == tensors.keys()
            for name, tensor in tensors.items():
                where = f"{our.path.name}/{file}/{name}"
                np.testing.assert_allclose(their.tensors[file][name], tensor, rtol=1e-5, atol=1e-5, err_msg=where)
    assert (ours.pointer("best"), ours.pointer("last")) == (theirs.pointer("best"), theirs.pointer("last"))


def kept(run: RunDir) -> list:
    return sorted([*run.checkpoints.glob("epoch-*"), run.checkpoints / str(run.pointer("last"))])
