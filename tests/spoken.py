"""Recordings to open: short wavs of different content under the names that a test gives."""

import wave
from pathlib import Path

import numpy as np


def wav(seed: int, seconds: float = 0.05, rate: int = 8_000, channels: int = 1, peak: int = 3_000) -> np.ndarray:
    """Noise as int16 of shape (T, C), another one for each seed."""
    return np.random.default_rng(seed).integers(-peak, peak + 1, (int(seconds * rate), channels)).astype("<i2")


def write(file: Path, samples: np.ndarray, rate: int = 8_000) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(file), "wb") as out:
        out.setnchannels(samples.shape[1])
        out.setsampwidth(2)
        out.setframerate(rate)
        out.writeframes(samples.tobytes())
    return file


def put(root: Path, *names: str, first: int = 0, **how: float) -> Path:
    """Recordings of different content under these names; a name may be repeated as "a/x*12", for a/x00.wav and on."""
    seed = first
    for name in names:
        stem, _, count = name.partition("*")
        for index in range(int(count or 1)):
            file = root / (f"{stem}{index:02d}.wav" if count else stem)
            write(file, wav(seed, **how), int(how.get("rate", 8_000)))
            seed += 1
    return root


def named(words: str, speakers: str, count: int, first: int = 0) -> list[str]:
    """WORD_SPEAKER_INDEX.wav for all of these."""
    return [
        f"{word}_{speaker}_{index}.wav"
        for word in words.split()
        for speaker in speakers.split()
        for index in range(first, first + count)
    ]
