"""Ctrl-C, termination, a closed terminal: the first asks to stop, the second stops at once."""

import signal
import threading
from types import FrameType, TracebackType
from typing import Any, Self

from genmodels.processes import ALONE, World


class StopRequested(Exception):
    """Raised between two batches of an evaluation, so that a stop needn't wait for its end."""


def _caught() -> list[int]:
    """The signals to catch: a closed terminal too, unless nohup has it ignored or the platform (Windows) lacks it."""
    hangup = getattr(signal, "SIGHUP", None)
    if hangup is None or signal.getsignal(hangup) is signal.SIG_IGN:
        return [signal.SIGINT, signal.SIGTERM]
    return [signal.SIGINT, signal.SIGTERM, hangup]


class StopSignals:
    """While active, SIGINT, SIGTERM and SIGHUP set a flag that the loop looks at between steps.

    A second signal raises KeyboardInterrupt (or exits with 128 plus its number) there and then; since every file is
    published as a whole, nothing breaks.

    Args:
        world: the processes that stop together.
    """

    def __init__(self, world: World = ALONE) -> None:
        self.world = world
        self.received: int | None = None  # by this process
        self.agreed: int | None = None  # by all: whoever has received none itself may get it yet, as its first
        self._previous: dict[int, Any] = {}

    @property
    def exit_code(self) -> int:
        """130 after an interrupt, 143 after a termination, 129 after the terminal was closed."""
        return 128 + (self.agreed or self.received or signal.SIGINT)

    def is_asked(self) -> bool:
        """Whether this process was asked to stop; unlike `check` it asks no other one."""
        return self.received is not None

    def check(self) -> None:
        """Raise when a stop was asked for, of whichever process; all of them ask at the same places.

        Raises:
            StopRequested: a signal came.
        """
        if number := self.world.most(self.received or 0):
            self.agreed = number
            raise StopRequested

    def _on_signal(self, number: int, _: FrameType | None) -> None:
        if self.received is None:
            self.received = number
        elif number == signal.SIGINT:
            raise KeyboardInterrupt
        else:
            raise SystemExit(128 + number)

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            for number in _caught():
                self._previous[number] = signal.signal(number, self._on_signal)
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        for number, handler in self._previous.items():
            signal.signal(number, handler)
