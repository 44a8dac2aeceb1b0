"""The number of processes, and of pieces, changes nothing of what is learned but the order of sums."""

from pathlib import Path

import pytest

from contract.cases import CASES, rarely
from contract.helpers import Case
from genmodels.runs import RunDir
from several.compared import assert_alike
from several.conftest import Pair
from several.trained import train_case

SLOW = ("gan-dcgan", "reader-crnn")  # another model of their family is tried each time
every_case = pytest.mark.parametrize(
    "case", [rarely(case) if case.rare or str(case) in SLOW else case for case in CASES], ids=str
)


@every_case
def test_an_epoch_of_two_processes_is_one_of_one_process(case: Case, pair: Pair, tmp_path: Path) -> None:
    train_case(str(case), str(tmp_path), "alone", epochs=1)
    pair.train(case=str(case), folder=str(tmp_path), name="two", epochs=1)
    assert_alike(*(RunDir(tmp_path / "runs" / name) for name in ("alone", "two")))


@every_case
def test_an_epoch_in_four_parts_is_one_of_one_process(case: Case, pair: Pair, tmp_path: Path) -> None:
    if case.family == "reader" or case.settings.get("free_bits"):
        pytest.skip("a batch's statistics are those of processes together, not of pieces one after the other")
    train_case(str(case), str(tmp_path), "alone", epochs=1)
    pair.train(case=str(case), folder=str(tmp_path), name="four", pieces=2, epochs=1)
    assert_alike(*(RunDir(tmp_path / "runs" / name) for name in ("alone", "four")))
