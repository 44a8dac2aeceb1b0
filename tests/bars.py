"""What the bars of long computations are told, for tests that look at them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass
class Bars:
    """Each bar by what it says: of how many it is, and the steps by which it went on."""

    seen: dict[str, tuple[int, list[int]]] = field(default_factory=dict)

    @contextmanager
    def counting(self, what: str, total: int) -> Iterator[Callable[[int], None]]:
        """One more bar; see `Teller.counting`."""
        done: list[int] = []
        self.seen[what] = total, done
        yield done.append
