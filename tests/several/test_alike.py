"""The number of processes, and of pieces, changes nothing of what is learned but the order of sums."""

from pathlib import Path

import pytest

from contract.cases import every_case
from contract.helpers import TIMINGS, Case
from genmodels.runs import RunDir
from several.conftest import Pair
from several.trained import exactly, train_case


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


@every_case
def test_an_epoch_of_two_processes_is_one_of_one_process(case: Case, pair: Pair, tmp_path: Path) -> None:
    with exactly(str(case)):
        alone = train_case(str(case), tmp_path, "alone", pieces=1, epochs=1)
    pair.train(case=str(case), folder=str(tmp_path), name="two", pieces=1, epochs=1)
    assert_alike(alone, RunDir(tmp_path / "runs" / "two"))


@every_case
def test_an_epoch_in_four_parts_is_one_of_one_process(case: Case, pair: Pair, tmp_path: Path) -> None:
    if case.family == "reader" or case.settings.get("free_bits"):
        pytest.skip("a batch's statistics are those of processes together, not of pieces one after the other")
    with exactly(str(case)):
        alone = train_case(str(case), tmp_path, "alone", pieces=1, epochs=1)
    pair.train(case=str(case), folder=str(tmp_path), name="four", pieces=2, epochs=1)
    assert_alike(alone, RunDir(tmp_path / "runs" / "four"))
