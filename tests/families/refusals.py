"""What is refused says why, and what to do."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from genmodels.errors import GenmodelsError


@contextmanager
def refused(kind: type[GenmodelsError], fragment: str) -> Iterator[None]:
    """Within it something is refused, with words of which these are a part, and with a hint."""
    with pytest.raises(kind) as caught:
        yield
    assert fragment in caught.value.what
    assert caught.value.hint
