"""Bytes of files that need not be what they say: never more read at a time, or in all, than is fit for them.

Room for what a file declares is asked for before it is taken, and filled a piece at a time.
"""

import contextlib
from collections.abc import Iterator
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from genmodels.errors import DataError, ResourceError
from genmodels.limits import check_room

AT_ONCE = 1 << 20  # bytes


class Source(Protocol):
    """What bytes are read from."""

    def read(self, size: int, /) -> bytes:
        """At most so many; none at the end."""
        ...


class SeekableSource(Source, Protocol):
    """One in which one can go back."""

    def seek(self, offset: int, whence: int = 0, /) -> int:
        """Go to a place."""
        ...

    def tell(self) -> int:
        """The place."""
        ...


class InPieces:
    """A file out of which no more than a piece is ever read at once, whatever the library that reads it is told.

    Args:
        file: the file.
        most: bytes that are read of it in all; None: any number.

    `read` raises a ValueError where more is asked for.
    """

    def __init__(self, file: Source, most: int | None = None) -> None:
        self.file, self.most, self.count = file, most, 0

    def read(self, size: int = -1, /) -> bytes:
        """At most so many bytes; without a number all that are left."""
        piece = self.file.read(AT_ONCE + 1 if size < 0 else min(size, AT_ONCE + 1))
        self.count += len(piece)
        if len(piece) > AT_ONCE:
            raise ValueError(f"it wants more than {AT_ONCE >> 20} MiB at once")
        if self.most is not None and self.count > self.most:
            raise ValueError(f"it unpacks to more than {self.most >> 20} MiB")
        return piece


class SeekableInPieces(InPieces):
    """The same of a file in which one can go back."""

    def __init__(self, file: SeekableSource) -> None:
        super().__init__(file)
        self._seekable = file

    def seek(self, offset: int, whence: int = 0, /) -> int:
        """Go to a place."""
        return self._seekable.seek(offset, whence)

    def tell(self) -> int:
        """The place."""
        return self._seekable.tell()

    def seekable(self) -> bool:
        """Always."""
        return True


def declared(file: Source, size: int, what: str, said: str, hint: str) -> NDArray[np.uint8]:
    """The bytes that a file declares, shape (size,), and no other.

    Args:
        file: at their beginning.
        size: how many; room is asked for twice as many, as they are turned into something.
        what: what an error calls them.
        said: what it calls their number: "bytes of data".
        hint: what to do where there are fewer or more.

    Raises:
        DataError: there are fewer or more.
        ResourceError: they would not fit into the memory.
    """
    check_room(what, 2 * size)
    data, seen = np.empty(size, np.uint8), 0  # the system gives memory only as it is written to
    view = data.data
    while seen < size and (piece := file.read(min(AT_ONCE, size - seen))):
        view[seen : seen + len(piece)] = piece
        seen += len(piece)
    if seen < size or file.read(1):
        found = f"{seen:,}" if seen < size else "more"
        raise DataError(f"{what} declares {size:,} {said} but holds {found}", hint)
    return data


@contextlib.contextmanager
def room_for(what: object) -> Iterator[None]:
    """Tell in a sentence that the memory was not enough for a file.

    Raises:
        ResourceError: it was not.
    """
    try:
        yield
    except MemoryError as error:
        raise ResourceError(f"{what} takes more memory than is free", "use fewer or smaller ones.") from error
