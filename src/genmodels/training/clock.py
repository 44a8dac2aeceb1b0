"""The clock of a training: it stands still while training waits for what is none of it."""

import time
from collections.abc import Iterator
from contextlib import contextmanager


class Clock:
    """Seconds on a clock whose zero means nothing, as those of `time.perf_counter`."""

    def __init__(self) -> None:
        self.stood = 0.0  # seconds in all

    def now(self) -> float:
        """What it shows."""
        return time.perf_counter() - self.stood

    @contextmanager
    def standing(self) -> Iterator[None]:
        """Within it no time goes by."""
        begin = time.perf_counter()
        try:
            yield
        finally:
            self.stood += time.perf_counter() - begin
