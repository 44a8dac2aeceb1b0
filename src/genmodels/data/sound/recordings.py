"""Stands in for the reader of sound files until that is here."""

import wave
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from genmodels.errors import DataError
from genmodels.telling import Notice


@dataclass(frozen=True)
class Recording:
    """One recording."""

    name: str
    samples: NDArray[np.int16]
    rate: int
    channels: int


def read_recording(path: Path, notice: Notice) -> Recording:
    """A recording of 16 bit and 8,000 Hz."""
    del notice
    try:
        with wave.open(str(path), "rb") as file:
            frames = file.readframes(file.getnframes())
            return Recording(path.name, np.frombuffer(frames, "<i2"), file.getframerate(), file.getnchannels())
    except (wave.Error, EOFError, OSError, ValueError) as error:
        raise DataError(f"{path} is not a wav file: {error}", "remove it, or save it again as wav.") from error
