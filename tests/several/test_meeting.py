"""Processes that torchrun starts again meet those of the same start, whatever those before have left in its store."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import torch.distributed as dist

from genmodels import meeting
from genmodels.meeting import Pulse, named_start


def test_all_of_a_start_have_its_name_and_none_of_another_one() -> None:
    """Ranks may be given anew; of the second start the first process comes late, of the third it comes first."""
    store, names = dist.HashStore(), list[str]()
    for ranks in ([0, 1, 2, 3], [3, 1, 2, 0], [0, 2, 1, 3]):
        with ThreadPoolExecutor(4) as pool:
            found = set(pool.map(lambda rank: named_start(store, rank, 4, 60.0), ranks))
        assert len(found) == 1
        names += found
    assert len(set(names)) == 3


def test_where_others_had_met_the_first_waits_for_those_of_its_own_start() -> None:
    store = dist.HashStore()
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda rank: named_start(store, rank, 2, 60.0), [0, 1]))
    with pytest.raises(dist.DistStoreError, match="timed out"):
        named_start(store, 0, 2, 0.05)


def test_one_that_counts_no_more_is_silent_however_long_it_was_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(meeting, "BEAT_SECONDS", 0.01)
    store = dist.HashStore()
    first, second, third = (Pulse(store, rank, 3, 0.5) for rank in range(3))
    for _ in range(100):  # twice as long as one may be silent
        first.listen()
        time.sleep(0.01)
    third.end()
    begun = time.monotonic()
    with pytest.raises(dist.DistStoreError, match="timed out: process 2 is silent"):
        listen_for(20.0, first)
    assert time.monotonic() - begun > 0.4
    assert int(store.get("1")) > 20, "the second counts on"
    time.sleep(0.1)
    first.listen()  # it was away itself, as all are after Ctrl-Z, so that nobody is silent yet
    first.end()
    second.end()


def listen_for(seconds: float, pulse: Pulse) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        pulse.listen()
        time.sleep(0.01)
