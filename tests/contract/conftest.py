"""What the tests of the contract share: of each case one run that nothing stopped."""

from pathlib import Path

import pytest

from contract.helpers import Case, new_run, train
from genmodels.runs import RunDir


@pytest.fixture(scope="package")
def one_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache folder of all these tests, which train on the same few images: their classifier is trained once."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def cache_folder(one_cache: Path) -> Path:
    """In place of the one that each test has elsewhere."""
    return one_cache


@pytest.fixture(scope="package")
def whole_runs() -> dict[str, tuple[RunDir, int]]:
    """Runs that nothing stopped, by case, with their steps in an epoch: trained once, and only compared with."""
    return {}


@pytest.fixture
def whole(
    case: Case, whole_runs: dict[str, tuple[RunDir, int]], tmp_path_factory: pytest.TempPathFactory
) -> tuple[RunDir, int]:
    """The run of a case that nothing stopped, and its steps in an epoch."""
    if str(case) not in whole_runs:
        folder = tmp_path_factory.mktemp("whole")
        run = new_run(folder, "whole", case.family)
        whole_runs[str(case)] = run, train(case, folder, run).steps_per_epoch
    return whole_runs[str(case)]
