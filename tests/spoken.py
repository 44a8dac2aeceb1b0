"""Recordings to open: short wavs of different content under the names that a test gives."""

import hashlib
import wave
import zipfile
from pathlib import Path

import numpy as np

from genmodels.data.sound.clips import Clips, WordSet, clips_of
from genmodels.telling import Counting, Notice, uncounted
from homes import PITCHES, spoken


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


def word_examples(folder: Path) -> None:
    """The files that the examples on recordings of words name."""
    put(folder / "named", *named("yes no", "ann bob cyd", 25))
    put(folder / "folders", "left/*12", "right/*12")
    put(folder / "divided", "train/left/*12", "train/right/*12", "test/left/*2", "test/right/*2")
    put(folder / "mixed", "one/left/*12", "two/left/*12", "two/right/*12")
    put(folder / "few", "left/*4", "right/*4")
    put(folder / "leavings", "left/*12", "right/*12")
    put(folder / "leavings", "left/long.wav", seconds=11)
    write(folder / "leavings" / "left" / "silent.wav", wav(0) * 0)
    (folder / "leavings" / "left" / "empty.wav").write_bytes(b"")
    (folder / "leavings" / "README").write_text("read me", encoding="utf-8")
    put(folder / "broken", "left/*3")
    for number in range(30):
        (folder / "broken" / "left" / f"{number}.wav").write_bytes(b"no sound at all")
    with zipfile.ZipFile(folder / "named.zip", "w") as packed:
        packed.write(folder / "named" / "yes_ann_0.wav")
    put(folder / "lists", "clips/*24", seconds=0.1)
    rows = [(f"clips/{n:02d}.wav", "three one" if n % 3 else "four") for n in range(24)]
    listing = "path,words\n" + "".join(f"{file},{words}\n" for file, words in rows)
    (folder / "lists" / "list.csv").write_text(listing, encoding="utf-8")
    (folder / "lists" / "bare.csv").write_text(listing.replace("path,words\n", ""), encoding="utf-8")
    (folder / "lists" / "latin.csv").write_text(listing.replace("four", "f\u00fcnf"), encoding="latin-1")
    windows = listing.replace(",", ";").replace("/", "\\")
    (folder / "lists" / "windows.csv").write_text(windows, encoding="utf-8-sig", newline="\r\n")


def sound_examples(folder: Path) -> None:
    """The files that the examples on sound files name."""
    said = spoken("low", 1, 99)
    write(folder / "hello.wav", np.repeat(said[:, None], 2, axis=1), 16_000)
    write(folder / "lecture.wav", np.tile(said, 200)[:, None])
    write(folder / "silent.wav", wav(0, 1.0) * 0)
    whole = write(folder / "cut.wav", said[:, None]).read_bytes()
    (folder / "cut.wav").write_bytes(whole[: len(whole) // 2])
    (folder / "wav.txt").write_bytes(whole)
    (folder / "empty.wav").write_bytes(b"")
    (folder / "notes.txt").write_text("hello", encoding="utf-8")
    (folder / "song.flac").write_bytes(b"fLaC" + bytes(200))
    (folder / "memo.m4a").write_bytes(b"\0\0\0\x1cftypM4A " + bytes(200))


def few_voices(notice: Notice, counting: Counting = uncounted) -> WordSet:
    """What stands for the built-in voices, which take a while to be made: whistled words of three."""
    del counting
    notice("making a few voices")

    def part(takes: range) -> Clips:
        asked = [(word, speaker, take) for speaker in range(3) for word in PITCHES for take in takes]
        said = [[list(PITCHES).index(word)] for word, _, _ in asked]
        return clips_of([spoken(*one) for one in asked], said, [speaker for _, speaker, _ in asked])

    fingerprint = hashlib.sha256(b"a few voices").hexdigest()
    return WordSet(
        "a few voices", "voices", part(range(6)), part(range(6, 8)), tuple(PITCHES), ("ann", "bob", "cyd"), fingerprint
    )
