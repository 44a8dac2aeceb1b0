"""A process that reads mutated files: python -m faults.mutation SEED COUNT FOLDER. Prints what it found, as JSON.

A gigabyte of address space above that of the imports, ten seconds for each file; only errors that are documented may be
raised.
"""

import contextlib
import json
import os
import random
import resource
import shutil
import signal
import sys
import time
import traceback
import warnings
from collections import Counter
from pathlib import Path
from types import FrameType

ROOM = 1 << 30
SECONDS = 10
NUMBERS = (
    0,
    1,
    0x7F,
    0x80,
    0xFF,
    0x7FFF,
    0x8000,
    0xFFFF,
    0x7FFF_FFFF,
    0x8000_0000,
    0xFFFF_FFFF,
    1 << 40,
    (1 << 64) - 1,
)


def mutated(whole: bytes, chance: random.Random, others: list[bytes]) -> bytes:
    """A file with one to four faults: flipped bits, cut ends, pieces of itself or another file, other lengths."""
    data = bytearray(whole)
    for _ in range(chance.choice((1, 1, 1, 2, 4))):
        at, kind = chance.randrange(len(data) + 1), chance.randrange(8)
        if kind < 2 and data:
            data[min(at, len(data) - 1)] ^= 1 << chance.randrange(8)
        elif kind == 2:
            del data[at:]
        elif kind == 3:
            other = chance.choice((bytes(data), *others)) or b"\0"
            start = chance.randrange(len(other))
            data[at : at + chance.randrange(40)] = other[start : start + chance.randrange(200)]
        elif kind == 4:  # what may be a length, in either order
            width = chance.choice((1, 2, 4, 8))
            number = chance.choice(NUMBERS) & ((1 << 8 * width) - 1)
            data[at : at + width] = number.to_bytes(width, chance.choice(("little", "big")))
        elif kind == 5:
            del data[at : at + chance.randrange(64)]
        elif kind == 6 and data:
            digits = [place for place, byte in enumerate(data) if 48 <= byte < 58] or [min(at, len(data) - 1)]
            data[chance.choice(digits)] = chance.choice(b"0123456789-.eE[]{}()',\" ")
        else:
            data[at:at] = chance.choice(
                (b"\0", b"9" * 40, b"[" * 300, b"\xff\xfe", b"\n", bytes(300), b"\x80", b"NaN", b"1e999")
            )
    return bytes(data)


def _too_slow(_: int, frame: FrameType | None) -> None:
    raise TimeoutError(f"{SECONDS} s: {frame}")


def main(seed: int, count: int, folder: Path) -> dict[str, object]:
    """Read so many files."""
    from faults.readers import all_readers
    from genmodels.errors import GenmodelsError

    cache = Path(os.environ["GENMODELS_CACHE"])
    readers = all_readers(folder, cache)
    wholes = [reader.whole for reader in readers.values()]
    chance, raised, wrong, slowest = random.Random(seed), Counter(), [], 0.0
    for reader in readers.values():  # what is imported when it is needed, before there is a limit
        with contextlib.suppress(GenmodelsError):
            reader.read(_placed(reader, reader.whole, folder))
    taken = (
        int(next(line for line in Path("/proc/self/status").read_text().splitlines() if "VmSize" in line).split()[1])
        << 10
    )
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    most, large = before, []
    resource.setrlimit(resource.RLIMIT_AS, (taken + ROOM, resource.RLIM_INFINITY))
    signal.signal(signal.SIGPROF, _too_slow)
    names = list(readers)
    for number in range(count):
        name = names[number % len(names)]
        data = mutated(readers[name].whole, chance, wholes)
        begun = time.monotonic()
        signal.setitimer(signal.ITIMER_PROF, SECONDS)  # of its own time: the machine may be busy
        path = _placed(readers[name], data, folder)
        try:
            readers[name].read(path)
            raised["read"] += 1
        except GenmodelsError as error:
            raised[type(error).__name__] += 1
            if "allow_pickle" in f"{error.what} {error.hint}" or "\n" in error.what:
                wrong.append([name, number, data.hex()[:4000], f"told {error.what!a}"])
        except Exception as error:
            place = traceback.extract_tb(error.__traceback__)[-4:]
            wrong.append(
                [
                    name,
                    number,
                    data.hex()[:4000],
                    f"{type(error).__name__}: {error!s:.200}",
                    [f"{Path(f.filename).name}:{f.lineno}" for f in place],
                ]
            )
        signal.setitimer(signal.ITIMER_PROF, 0)
        slowest = max(slowest, time.monotonic() - begun)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        if peak - most > 50 << 10:
            large.append([name, number, (peak - before) >> 10, data.hex()[:4000]])
        most = max(most, peak)
        if number % 2_000 == 1_999:
            shutil.rmtree(cache / "corpora", ignore_errors=True)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    return {
        "tried": count,
        "raised": raised,
        "wrong": wrong[:40],
        "many": len(wrong),
        "slowest": slowest,
        "grown": grown << 10,
        "large": large,
    }


def _placed(reader: object, data: bytes, folder: Path) -> Path:
    """The file, and those beside it, in a folder of its reader."""
    root = folder / f"reader-{id(reader)}"
    path = root / reader.name
    if not path.parent.is_dir():
        for name, content in {**dict(reader.beside or {}), reader.name: b""}.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_bytes(content)
    path.write_bytes(data)
    return path


if __name__ == "__main__":
    warnings.simplefilter("error")
    sys.stdout.write(json.dumps(main(int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]))) + "\n")
