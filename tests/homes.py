"""Folders with small data and tiny trained runs, by name; the fixture `home_of` hands out copies of them."""

import struct
import wave
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from genmodels.data.sound.clips import WordSet, clips_of

SENTENCES = "the cat sat on the mat; a dog ran to the cat.\nwhere is my hat? it lies on the mat!\n"
CORPUS = SENTENCES * 24
NGRAM = "12-gram"  # it repeats itself: the longest pieces that are counted say most
TINY_RUN = {"hidden_size": 12, "embedding_size": 6, "batch_size": 4, "window": 16, "epochs": 2, "sample_length": 20}
TINY_TEXT = (
    "--hidden-size", "12", "--embedding-size", "6", "--batch-size", "4", "--window", "16",
    "--epochs", "2", "--sample-length", "20", "--quiet",
)  # fmt: skip
TINY_VAE = ("--hidden-size", "12", "--channels", "2", "--latent-size", "4", "--batch-size", "20", "--seed", "3")
TINY_PIXELS = ("--channels", "3", "--layers", "2", "--batch-size", "20", "--seed", "3")
TINY_GAN = ("--channels", "2", "--hidden-size", "8", "--latent-size", "4", "--batch-size", "20")
TINY_READER = ("--channels", "2", "--hidden-size", "8", "--longest", "2", "--strips", "200", "--tested-strips", "20")

TINY_SPEECH = (
    "--parameters", "3000", "--longest", "2", "--utterances", "64", "--tested-utterances", "8", "--batch-size", "8",
)  # fmt: skip
HEARING = (  # a network that learns to hear most words
    "--parameters", "20000", "--model", "tdnn", "--longest", "2", "--utterances", "640", "--batch-size", "4",
    "--tested-utterances", "4", "--learning-rate", "0.02", "--warmup-steps", "5", "--average-weights", "0.9",
    "--dropout", "0", "--speed", "1", "--warp", "1", "--noise", "30", "--epochs", "3",
)  # fmt: skip


@dataclass(frozen=True)
class Home:
    """A folder as some tests need it.

    Args:
        fill: writes the data into it.
        trainings: command lines that then train its runs there, each with its name.
    """

    fill: Callable[[Path], None]
    trainings: Sequence[tuple[str, ...]] = ()


def shapes(rows: int, columns: int, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Noisy images of three classes that a tiny network tells apart: an upright bar, a lying one, a block."""
    random = np.random.default_rng(0)
    labels = np.arange(count) % 3
    drawn = np.zeros((3, rows, columns))
    drawn[0, :, 2:4], drawn[1, rows // 2 - 1 : rows // 2 - 1 + rows // 4], drawn[2, 2:-2, 2:-2] = 1, 1, 1
    return (drawn[labels] * 220 + random.integers(0, 35, (count, rows, columns))).astype(np.uint8), labels


def bars(count: int) -> tuple[np.ndarray, np.ndarray]:
    """Images of 20x16 pixels of three classes that a reader tells apart: bars of three widths."""
    labels = np.arange(count) % 3
    pixels = np.zeros((count, 20, 16), dtype=np.uint8)
    for image, label in zip(pixels, labels, strict=True):
        image[2:18, 3 : 7 + 4 * label] = 255
    return pixels, labels


def write_set(path: Path, pixels: np.ndarray, labels: np.ndarray, trained_on: int) -> None:
    """An image set with classes, of which the first images are trained on."""
    n = trained_on
    np.savez(path, x_train=pixels[:n], y_train=labels[:n], x_test=pixels[n:], y_test=labels[n:])


def image_home(
    pixels: np.ndarray,
    labels: np.ndarray,
    trained_on: int,
    *trainings: tuple[str, ...],
    more: Callable[[Path, np.ndarray, np.ndarray], None] = lambda *_: None,
) -> Home:
    """A folder with set.npz, the same images as plain.npz without classes, a text, and whatever more is needed."""

    def fill(folder: Path) -> None:
        write_set(folder / "set.npz", pixels, labels, trained_on)
        np.savez(folder / "plain.npz", images=pixels)
        (folder / "notes.txt").write_text("hello")
        (folder / "good.toml").write_text("batch_size = 20")
        more(folder, pixels, labels)

    return Home(fill, trainings)


def text_home(*trainings: tuple[str, ...]) -> Home:
    """A folder with one good text and everything that can be wrong with one."""

    def fill(folder: Path) -> None:
        (folder / "empty").mkdir()
        (folder / "corpus.txt").write_text(CORPUS, encoding="utf-8")
        for name, data in {
            "empty.txt": b"", "tiny.txt": b"the cat sat ", "one.txt": b"a", "binary.png": b"\x89PNG\r\n\x1a\n\0\0",
            "latin.txt": b"caf\xe9 olive " * 9, "greek.txt": "\u03a9 the cat".encode() * 30, "list.json": b"[]",
            "typed.toml": b'layers = "1"', "typo.toml": b"hidden_sise = 3", "other.toml": b'model = "gru"',
            "bytes.toml": b"bytes = true", "deeper.toml": b"layers = 2", "good.toml": b"layers = 1\nhidden_size = 12",
            "zeros.txt": b"one line\n" * 30 + b"\0", "book.txt.gz": b"\x1f\x8b\x08\0",
            "book.docx": b"PK\3\4 word/document.xml", "book.pdf": b"%PDF-1.7",
            "wide.txt": CORPUS.encode("utf-16-be"), "marked.txt": CORPUS.encode("utf-32"),
            "half.txt": b"\\ud83d alone" * 90,
        }.items():  # fmt: skip
            (folder / name).write_bytes(data)

    return Home(fill, trainings)


PITCHES = {"low": (300, 420), "high": (1500, 1800), "rising": (500, 2500)}  # Hz, from where to where


def spoken(word: str, speaker: int, take: int) -> np.ndarray:
    """A word as three whistlers say it: a glide between two pitches in a little noise; int16, 8,000 in a second."""
    random = np.random.default_rng([list(PITCHES).index(word), speaker, take])
    count = int(random.integers(1400, 2200))
    first, last = (pitch * (0.9 + 0.1 * speaker) for pitch in PITCHES[word])
    phase = np.cumsum(np.linspace(first, last, count)) * 2 * np.pi / 8000
    loud = 6000 * np.sin(np.pi * np.arange(count) / count)
    return (loud * np.sin(phase) + random.normal(0, 40, count)).astype(np.int16)


@cache
def whistled(speakers: Sequence[str] | None = ("ann", "bob", "cyd"), takes: int = 8) -> WordSet:
    """The same as a set in memory: half of the takes are trained on, the others tested on."""
    names = ("one",) if speakers is None else speakers
    parts = []
    for first in range(2):
        rows = [
            (spoken(word, who, take), [number], who)
            for who in range(len(names))
            for number, word in enumerate(PITCHES)
            for take in range(first, takes, 2)
        ]
        samples, said, whose = zip(*rows, strict=True)
        parts.append(clips_of(samples, said, None if speakers is None else whose))
    return WordSet("whistled", "whistled", *parts, tuple(PITCHES), speakers, f"{speakers} {takes}")


def write_wav(path: Path, samples: np.ndarray, rate: int = 8000) -> None:
    """A wav of 16 bits, of one channel or (N, channels)."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1 if samples.ndim == 1 else samples.shape[1])
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(samples.astype("<i2").tobytes())


def write_words(folder: Path, speakers: Sequence[str] = ("ann", "bob", "cyd"), takes: int = 8) -> None:
    """Recordings named as those of FSDD are."""
    folder.mkdir(exist_ok=True)
    for number, speaker in enumerate(speakers):
        for word in PITCHES:
            for take in range(takes):
                write_wav(folder / f"{word}_{speaker}_{take}.wav", spoken(word, number, take))


def header(content: bytes, tag: int, size: int) -> bytes:
    """A wav of one channel of 8 bits by this header, whatever is in it."""
    form = struct.pack("<IHHIIHH", 16, tag, 1, 8000, 8000, 1, 8)
    return b"RIFF" + struct.pack("<I", 36 + size) + b"WAVEfmt " + form + b"data" + struct.pack("<I", size) + content


def speech_home(*trainings: tuple[str, ...]) -> Home:
    """A folder with whistled words, recordings of some in a row, and what can be wrong with recordings."""

    def fill(folder: Path) -> None:
        write_words(folder / "words")
        write_words(folder / "alone", ["ann"])
        write_words(folder / "few", ["ann"], 2)
        (folder / "strange").mkdir()
        for path in sorted((folder / "alone").iterdir()):
            named = folder / "unnamed" / path.name.partition("_")[0]
            named.mkdir(parents=True, exist_ok=True)
            (named / path.name.rpartition("_")[2]).write_bytes(path.read_bytes())
            (folder / "strange" / f"un{path.name}").write_bytes(path.read_bytes())
        gap = np.zeros(900)
        write_wav(
            folder / "three.wav", np.concatenate([gap, *([spoken(w, 0, 99), gap][i] for w in PITCHES for i in (0, 1))])
        )
        stereo = np.repeat(np.stack([spoken("low", 1, 98)] * 2, axis=1), 4, axis=0)
        write_wav(folder / "stereo.wav", stereo, 32_000)
        write_wav(folder / "silent.wav", np.zeros(8000))
        write_wav(folder / "short.wav", np.ones(1))
        middle = bytes([127, 129]) * 2000
        for name, data in {
            "-dash.wav": (folder / "three.wav").read_bytes(), "empty.wav": b"", "notes.txt": b"hello",
            "text.wav": b"hello " * 50, "good.toml": b"batch_size = 8",
            "song.mp3": b"ID3\4\0" + bytes(200), "take.flac": b"fLaC" + bytes(200),
            "memo.m4a": b"\0\0\0\x1cftypM4A " + bytes(200),
            "phone.wav": header(middle, 7, 4000), "headless.wav": header(b"", 1, 4000),
            "lying.wav": header(middle, 1, 4_000_000), "named.mp3": (folder / "three.wav").read_bytes(),
        }.items():  # fmt: skip
            (folder / name).write_bytes(data)
        (folder / "nothing").mkdir()

    return Home(fill, trainings)


def _pictures(folder: Path, pixels: np.ndarray, labels: np.ndarray) -> None:
    from PIL import Image

    np.savez(folder / "oblong.npz", images=pixels[:, :6])
    (folder / "own").mkdir()
    for index in range(2):
        Image.fromarray(pixels[index]).save(folder / "own" / f"{index}.png")
    Image.fromarray(pixels[0, :5]).save(folder / "small.png")


def _strips(folder: Path, pixels: np.ndarray, labels: np.ndarray) -> None:
    from PIL import Image

    np.savez(folder / "faint.npz", images=pixels // 16, labels=labels)
    strip = np.full((64, 120), 255, dtype=np.uint8)
    strip[14:50, 20:40] = 0
    Image.fromarray(strip).save(folder / "tall.png")
    Image.fromarray(np.zeros((32, 60), dtype=np.uint8)).save(folder / "empty.png")
    Image.fromarray(np.zeros((32, 60, 3), dtype=np.uint8)).save(folder / "colour.png")
    (folder / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n and no more")


def _few(folder: Path, pixels: np.ndarray, labels: np.ndarray) -> None:
    np.savez(folder / "plain.npz", images=pixels[:60])


_SET = ("--dataset", "set.npz")
_VAE = ("train-vae", *_SET, *TINY_VAE)
_PIXELS = ("train-pixelrnn", *_SET, *TINY_PIXELS)
_GAN = ("train-gan", *_SET, *TINY_GAN)
_READER = ("train-reader", *_SET, *TINY_READER)
_SPEECH = ("train-speech", "--dataset", "words", *TINY_SPEECH)
_SMALL = (*_SET, "--channels", "2", "--epochs", "1", "--batch-size", "40")
HOMES = {
    "text": text_home(),
    "trained text": text_home(("train-text", "corpus.txt", *TINY_TEXT, "--name", "tiny")),
    "vae": image_home(
        *shapes(12, 10, 150), 120,
        (*_VAE, "--epochs", "3", "--name", "plain"),
        (*_VAE, "--model", "mlp", "--conditional", "--epochs", "2", "--name", "classes"),
        ("train-vae", "--dataset", "plain.npz", *TINY_VAE, "--model", "mlp", "--latent-size", "2", "--epochs", "1",
         "--name", "bare"),
        (*_VAE, "--model", "mlp", "--binarize", "none", "--epochs", "1", "--name", "grey"),
    ),
    "pixelrnn": image_home(
        *shapes(8, 8, 90), 60,
        (*_PIXELS, "--epochs", "2", "--name", "upright"),
        (*_PIXELS, "--model", "row-lstm", "--orientations", "4", "--epochs", "1", "--name", "turned"),
        (*_PIXELS, "--model", "diagonal-bilstm", "--levels", "4", "--epochs", "1", "--name", "grey"),
        more=_pictures,
    ),
    "gan": image_home(
        *shapes(8, 8, 390), 240,
        (*_GAN, "--epochs", "3", "--name", "game"),
        (*_GAN, "--model", "mlp", "--loss", "hinge", "--epochs", "1", "--name", "mlp"),
        ("train-gan", "--dataset", "plain.npz", *TINY_GAN, "--epochs", "1", "--name", "plain"),
        ("train-vae", *_SMALL, "--latent-size", "3", "--hidden-size", "8", "--name", "vae"),
        ("train-vae", *_SMALL, "--binarize", "none", "--hidden-size", "8", "--name", "grey-vae"),
        ("train-pixelrnn", *_SMALL, "--layers", "1", "--name", "pixels"),
        more=_few,
    ),
    "reader": image_home(
        *bars(90), 60,
        (*_READER, "--epochs", "3", "--name", "crnn"),
        (*_READER, "--model", "cnn", "--epochs", "1", "--name", "fixed"),
        more=_strips,
    ),
    "speech": speech_home(
        ("train-speech", "--dataset", "words", *HEARING, "--name", "hears"),
        (*_SPEECH, "--model", "tdnn-bilstm", "--epochs", "2", "--name", "both"),
        (*_SPEECH, "--model", "window", "--window", "5", "--epochs", "1", "--name", "narrow"),
        (*_SPEECH, "--model", "gru", "--features", "mfcc", "--leave-out", "bob", "--epochs", "1", "--name", "bobless"),
    ),
}  # fmt: skip
