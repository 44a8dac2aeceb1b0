"""Processes that torchrun starts again meet those of the same start, whatever those before have left in its store."""

from concurrent.futures import ThreadPoolExecutor

import pytest
import torch.distributed as dist

from genmodels import processes
from genmodels.processes import _named_start


def test_all_of_a_start_have_its_name_and_none_of_another_one() -> None:
    """Ranks may be given anew; of the second start the first process comes late, of the third it comes first."""
    store, names = dist.HashStore(), list[str]()
    for ranks in ([0, 1, 2, 3], [3, 1, 2, 0], [0, 2, 1, 3]):
        with ThreadPoolExecutor(4) as pool:
            found = set(pool.map(lambda rank: _named_start(store, rank, 4), ranks))
        assert len(found) == 1
        names += found
    assert len(set(names)) == 3


def test_where_others_had_met_the_first_waits_for_those_of_its_own_start(monkeypatch: pytest.MonkeyPatch) -> None:
    store = dist.HashStore()
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda rank: _named_start(store, rank, 2), [0, 1]))
    monkeypatch.setattr(processes, "PATIENCE", 0.05 * processes.PATIENCE / processes.PATIENCE.total_seconds())
    with pytest.raises(dist.DistStoreError, match="timed out"):
        _named_start(store, 0, 2)
