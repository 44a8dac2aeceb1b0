"""A way in for files, and what small whole files are made of."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

DIGIT = np.zeros((12, 10), np.uint8)
DIGIT[2:10, 3:7] = 255
STACK = np.stack([np.roll(DIGIT, shift, axis=1) for shift in range(24)])
LABELS = np.arange(24) % 3
TEXT = "The cat sat on the mat; the dog sat by the door.\n" * 6
SOUND = (np.sin(np.arange(4_000) / 7) * 9_000).astype("<i2")


@dataclass(frozen=True)
class Reader:
    """A way in for files.

    Args:
        whole: content of a whole file.
        read: reads the file of this path; gives nothing or raises.
        name: what the file is called.
        beside: other files in the folder: path -> content.
    """

    whole: bytes
    read: Callable[[Path], Any]
    name: str = "file"
    beside: Mapping[str, bytes] = ()  # type: ignore[assignment]
