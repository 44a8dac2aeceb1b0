"""The reader at default settings: strips read without error, errors for each digit, strips a second.

    python benchmarks/reader.py MNIST_FOLDER quality [MINUTES [MODEL]]   strips of 1-8 and 9-16 test digits; 20 minutes
    python benchmarks/reader.py MNIST_FOLDER speed                       strips/s, the machine's rate, composing alone

MNIST_FOLDER holds the four gzipped IDX files. Test strips are made of test digits alone, 1,000 of each length, read by
the best path and by a beam of ten.
"""

import sys
import tempfile
import time
from pathlib import Path

from machine import multiply_rate, report, tell

import genmodels

STRIPS = 1000
TIMED = 8.0  # seconds


def quality(mnist: Path, folder: Path, minutes: str = "20", model: str = "crnn") -> None:
    run = genmodels.train_reader(mnist, model=model, minutes=float(minutes), runs=folder)
    for decode, strips in (("greedy", STRIPS), ("beam", STRIPS // 5)):
        read = genmodels.compare_readers([run], lengths=range(1, 17), strips=strips, decode=decode)
        rows = {row["digits"]: row for row in read.tables[0].rows}
        report(
            "reader",
            command=f"python benchmarks/reader.py MNIST_FOLDER quality {minutes} {model}",
            model=model,
            decode=decode,
            minutes_taken=round(run.facts["seconds"] / 60, 1),
            strips_of_each_length=strips,
            sequence_accuracy={group: round(rows[group]["sequence_accuracy"], 4) for group in ("1-8", "9-16")},
            character_error_rate={group: round(rows[group]["character_error_rate"], 5) for group in ("1-8", "9-16")},
            by_length=[round(rows[str(length)]["sequence_accuracy"], 3) for length in range(1, 17)],
        )


def speed(mnist: Path, folder: Path) -> None:
    """Strips a second through composing, forward, backward and update; FLOP counted by PyTorch."""
    del folder
    from torch.utils.flop_counter import FlopCounterMode

    from genmodels.data.images.opening import open_images
    from genmodels.settings.reader import ReaderSettings
    from genmodels.training.reader import prepare

    rate = multiply_rate()
    task = prepare(ReaderSettings(device="cpu"), open_images(str(mnist), tell))
    size = task.settings.batch_size
    with FlopCounterMode(display=False) as counter:
        for step in range(40):
            task.train_step(step, 1.0)
    flop = counter.get_total_flops() / (40 * size)
    begin, count = time.perf_counter(), 0
    while time.perf_counter() - begin < TIMED:
        task.train_step(count, 1.0)
        count += 1
    per_second = count * size / (time.perf_counter() - begin)
    begin = time.perf_counter()
    for step in range(count):
        task.train.make(size, step % 9, step % 9 + 1, step)
    composing = time.perf_counter() - begin
    report(
        "reader",
        command="python benchmarks/reader.py MNIST_FOLDER speed",
        strips_per_second=round(per_second),
        share_of_composing=round(composing / TIMED, 3),
        megaflop_per_strip=round(flop / 1e6, 1),
        gigaflop_per_second=round(per_second * flop / 1e9, 1),
        multiply_gigaflop_per_second=round(rate, 1),
    )


COMMANDS = {"quality": quality, "speed": speed}

if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch:
        COMMANDS[sys.argv[2]](Path(sys.argv[1]).resolve(), Path(scratch), *sys.argv[3:])
