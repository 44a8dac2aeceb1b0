"""Wav files made by hand, right ones and wrong ones."""

import struct

import numpy as np

SCALE = {8: 2**7, 16: 2**15, 24: 2**23, 32: 2**31}
GUID_TAIL = bytes.fromhex("000000001000800000aa00389b71")


def packed(steps: np.ndarray, bits: int) -> bytes:
    """Whole numbers as a wav holds them; one sample at a time, as slow and plain as can be."""
    if bits == 8:
        return bytes(int(step) + 128 for step in steps.ravel())
    return b"".join(int(step).to_bytes(bits // 8, "little", signed=True) for step in steps.ravel())


def chunk(kind: bytes, content: bytes, length: int | None = None) -> bytes:
    told = len(content) if length is None else length
    return kind + struct.pack("<I", told) + content + b"\0" * (len(content) % 2)


def description(
    rate: int = 8000, channels: int = 1, bits: int = 16, encoding: int = 1, frame: int | None = None
) -> bytes:
    """The content of a chunk 'fmt '."""
    frame = channels * bits // 8 if frame is None else frame
    return struct.pack("<HHIIHH", encoding, channels, rate, (rate * frame) % 2**32, frame, bits)


def extensible(rate: int, channels: int, bits: int, encoding: int = 1, tail: bytes = GUID_TAIL) -> bytes:
    plain = description(rate, channels, bits, 0xFFFE)
    return plain + struct.pack("<HHI", 22, bits, 0) + struct.pack("<H", encoding) + tail


def riff(*chunks: bytes, kind: bytes = b"RIFF", length: int | None = None) -> bytes:
    content = b"WAVE" + b"".join(chunks)
    return kind + struct.pack("<I", len(content) if length is None else length) + content


def wav_of(steps: np.ndarray, rate: int = 8000, bits: int = 16, promised: int | None = None) -> bytes:
    """A wav of whole numbers, of shape (T,) or (T, C); `promised` is the length that its header tells."""
    channels = 1 if steps.ndim == 1 else steps.shape[1]
    return riff(chunk(b"fmt ", description(rate, channels, bits)), chunk(b"data", packed(steps, bits), promised))


def tone(seconds: float, rate: int = 8000, pitch: float = 440.0, height: float = 8000.0) -> np.ndarray:
    """A sine as int16 of shape (T,)."""
    moments = np.arange(round(seconds * rate)) / rate
    return np.rint(height * np.sin(2 * np.pi * pitch * moments)).astype(np.int16)
