"""How processes that were started together find each other, and know that all of them are still there."""

import atexit
import threading
import time
import uuid
from typing import Any

MEETING_POLLED = 0.02  # seconds between two looks at who is there
BEAT_SECONDS = 1.0
AWAY = 5  # beats: who has not listened for so long (after Ctrl-Z, say) begins anew


def named_start(store: Any, rank: int, count: int, patience: float) -> str:
    """A name that all processes of this start have and none of another one.

    The first makes it, and answers whoever is there until all have it. Torchrun's number of restarts is none: each of
    several machines counts its own.

    Args:
        store: that all share.
        rank: of this process.
        count: how many there are.
        patience: seconds for which the first waits for the others.

    Raises:
        torch.distributed.DistStoreError: the others are not there by then.
    """
    from torch.distributed import DistStoreError

    own, end = uuid.uuid4().hex, time.monotonic() + patience
    if rank > 0:
        store.set(f"here/{rank}", own)
        start = str(store.get(f"start/{own}").decode())
        store.set(f"met/{start}/{rank}", "")
        return start
    others = range(1, count)
    while not store.check([f"met/{own}/{other}" for other in others]):
        if time.monotonic() > end:
            raise DistStoreError("timed out: the other processes are not there")
        for other in others:  # one that was here before another start may be answered too, which nobody hears
            store.set(f"start/{store.get(f'here/{other}').decode()}", own)
        time.sleep(MEETING_POLLED)
    return own


class Pulse:
    """That all processes are still there, while some of them wait for another one for long.

    Each counts in the store that all share, from a thread of its own, whatever else it does. One that was stopped, or
    whose machine is gone, counts no more.

    Args:
        store: that all share.
        rank: of this process.
        count: how many there are.
        patience: seconds for which one may be silent.
    """

    def __init__(self, store: Any, rank: int, count: int, patience: float) -> None:
        self.store, self.rank, self.patience = store, rank, patience
        self.others = [other for other in range(count) if other != rank]
        self.heard: dict[int, tuple[bytes, float]] = {}  # what each counted last, and when that was news
        self.listened = -BEAT_SECONDS
        self.store.set(str(rank), "0")
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._count, daemon=True)
        self._thread.start()
        atexit.register(self.end)  # a thread that is within PyTorch when Python ends would end it noisily

    def end(self) -> None:
        """Count no more."""
        self._ended.set()
        self._thread.join(2 * BEAT_SECONDS)

    def _count(self) -> None:
        """Until the program ends, or there is no store any more."""
        beats = 0
        while not self._ended.wait(BEAT_SECONDS):
            beats += 1
            try:
                self.store.set(str(self.rank), str(beats))
            except RuntimeError:  # whoever waits for this process hears of that himself
                return

    def listen(self) -> None:
        """Look once a beat whether the others count.

        Raises:
            torch.distributed.DistStoreError: one has not for too long, or the store is gone.
        """
        from torch.distributed import DistStoreError

        now = time.monotonic()
        if now < self.listened + BEAT_SECONDS:
            return
        if now > self.listened + AWAY * BEAT_SECONDS:
            self.heard.clear()
        self.listened = now
        for other in self.others:
            said = self.store.get(str(other)) if self.store.check([str(other)]) else b""
            before, since = self.heard.get(other, (b"", now))
            self.heard[other] = (said, now if said != before else since)
            if now - self.heard[other][1] > self.patience:
                raise DistStoreError(f"timed out: process {other} is silent")
