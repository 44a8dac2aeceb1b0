"""The readers of strips: the family's row, and what can be asked of its runs."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from genmodels.exhibit import Exhibit, Table
from genmodels.families.course import NAMED_IN_TITLE, Course, course_title
from genmodels.families.curves import check_same_images
from genmodels.families.graph import cpu
from genmodels.families.learned import tested_images
from genmodels.families.reader_alive import alive_reader, reader_exhibits
from genmodels.families.reader_graph import reader_graph
from genmodels.families.reading_lengths import ERRORS, MEASURES, Measured, count_by_length, side_by_side
from genmodels.families.readings import (
    FEWEST_STRIPS,
    check_decoder,
    named_pictures,
    pictures_of,
    read_pictures,
    readings_of,
    strips_of,
)
from genmodels.families.set_run import ImageSetRun
from genmodels.families.steps import standing_apart
from genmodels.families.tours import READER_TOUR
from genmodels.families.unread import unread_told
from genmodels.family import Family
from genmodels.runs import Epoch
from genmodels.runs.naming import run_names
from genmodels.settings.fields import check_range, check_seed
from genmodels.settings.reader import USUAL_DECODER, ReaderSettings, check_lengths
from genmodels.telling import UNTOLD, Teller

if TYPE_CHECKING:
    import torch
    from matplotlib.figure import Figure

    from genmodels.data.images.image_set import ImageSet
    from genmodels.data.images.strips import StripMaker
    from genmodels.families.readings import LoadedReader
    from genmodels.models.reader import Reader
    from genmodels.training.reader import ReaderTask

STRIPS_SHOWN = 6
LENGTHS_SHOWN = (2, 4, 6, 8, 12, 16)
STRIPS_MEASURED = 250  # of each length
MOST_MEASURED = 100_000


class ReaderRun(ImageSetRun):
    """A run of a network that reads strips of digits.

    Example:
        >>> run = genmodels.open_run("reader", genmodels.ReaderRun)
        >>> [len(reading["digits"]) >= 0 for reading in run.read(strips=2, lengths=[1, 2]).facts["readings"]]
        [True, True]
    """

    family: ClassVar[str] = "reader"

    def load(self, checkpoint: Path, device: "torch.device") -> "LoadedReader":
        """The reader of an epoch's checkpoint, on a device, in evaluation mode.

        Raises:
            RunError: damaged.
            ResourceError: out of memory.
        """
        from genmodels.models.reader import build_reader
        from genmodels.models.stored import load

        def build(settings: ReaderSettings, shape: tuple[int, int], classes: tuple[str, ...] | None) -> "Reader":
            del shape  # strips have their own
            return build_reader(settings, len(classes or ()))

        return load(checkpoint, device, ReaderSettings, build)

    def read(
        self,
        files: str | Path | Sequence[str | Path] | None = None,
        *,
        strips: int | None = None,
        lengths: int | Sequence[int] | None = None,
        epoch: Epoch | None = None,
        decode: str = USUAL_DECODER,
        beam_width: int | None = None,
        seed: int = 1,
        device: str = "auto",
    ) -> Exhibit:
        """The digits in pictures, or in strips made of test digits, each with output and place.

        Args:
            files: pictures of digits in a row, one or several; None: strips of test digits instead.
            strips: how many; None: 6.
            lengths: digits in them, in turn; None: 2, 4, 6, 8, 12, 16.
            epoch: whose weights; None: the best one's.
            decode: "greedy", the likeliest path, or "beam", the likeliest reading.
            beam_width: readings that the beam keeps at each column; None: 10.
            seed: of the strips.
            device: auto, cpu, cuda, cuda:N or mps.

        Raises:
            UsageError: an unknown decoder, a width for one that has none, strips that can't be composed, no file named.
            RunError: that epoch was not kept.
            DataError: a file is no picture; the run's images have changed or are gone.
        """
        width = check_decoder(decode, beam_width)
        named = named_pictures(files, strips, lengths)
        count = check_range("--strips", STRIPS_SHOWN if strips is None else strips, FEWEST_STRIPS)
        lengths, seed = check_lengths(LENGTHS_SHOWN if lengths is None else lengths), check_seed(seed)
        checkpoint = self.epoch_checkpoint(epoch)
        from genmodels.device import choose_device

        loaded, told = self.load(checkpoint, choose_device(device).device), self.teller
        pictures = (
            pictures_of(named, told) if named else strips_of(tested_images([self]), count, lengths, seed, told.notice)
        )
        found = read_pictures(loaded, pictures, width, told)
        title = f"Read by {self.titled} after epoch {loaded.epoch} ({decode} decoding); trained on {loaded.data}"
        asked = {"run": str(self.path), "epoch": loaded.epoch, "decode": decode, "beam_width": width}
        return replace(readings_of(found, title, asked), remarks=self.remarks(loaded.epoch))

    def remarks(self, epoch: float) -> list[str]:
        """See `Run.remarks`: that next to nothing is read."""
        return unread_told([(self.name, self.path, epoch)], ERRORS, "digits")

    def by_length(
        self,
        lengths: int | Sequence[int] | None = None,
        *,
        strips: int = STRIPS_MEASURED,
        decode: str = USUAL_DECODER,
        beam_width: int | None = None,
        seed: int = 1,
        device: str = "auto",
    ) -> Exhibit:
        """How well strips of test digits are read, by length; see the function `by_length`."""
        return by_length([self], lengths, strips=strips, decode=decode, beam_width=beam_width, seed=seed, device=device)

    def course(self) -> Exhibit:
        """Share of strips read without error, and errors for each digit, by epoch: of each part, and of longer strips.

        Raises:
            RunError: no epoch is finished yet.
        """
        records = self.evaluated(*MEASURES)
        followed = {measure: self.follow(measure) for measure in MEASURES}
        title = course_title("reading of strips", self.titled, self.data_told, "epoch")
        columns = dict.fromkeys(("epoch", "step", "split", "nll", *MEASURES, "strips", "seconds"), "short")
        facts = {"run": str(self.path), "evaluations": records}
        table = Table(title, columns, records, shown=False)
        return Exhibit("accuracy", title, facts, [table], lambda title: _course_figure(followed, title))


def by_length(
    runs: Sequence[ReaderRun],
    lengths: int | Sequence[int] | None = None,
    *,
    strips: int = STRIPS_MEASURED,
    decode: str = USUAL_DECODER,
    beam_width: int | None = None,
    seed: int = 1,
    device: str = "auto",
) -> Exhibit:
    """Share of strips of test digits read without error, and errors for each digit, by length; all read the same ones.

    Args:
        runs: one reader or several, each by its best epoch.
        lengths: digits in a strip; None: up to twice the longest that any was trained on.
        strips: of each length.
        decode: "greedy", the likeliest path, or "beam", the likeliest reading.
        beam_width: readings that the beam keeps at each column; None: 10.
        seed: of the strips.
        device: auto, cpu, cuda, cuda:N or mps.

    Raises:
        UsageError: an unknown decoder, a width for one that has none, strips that can't be composed, runs on different
            images, or none.
        RunError: a run has no finished epoch yet.
        DataError: the images have changed or are gone.
    """
    width = check_decoder(decode, beam_width)
    strips, seed = check_range("--strips", strips, FEWEST_STRIPS, MOST_MEASURED), check_seed(seed)
    if lengths is not None:
        lengths = [check_range("--lengths", n, 1) for n in check_lengths(lengths)]  # none have no share of errors
    check_same_images(runs)
    checkpoints, beforehand = [run.epoch_checkpoint(None) for run in runs], standing_apart(runs)
    from genmodels.data.images.strips import StripMaker, light_on_dark
    from genmodels.device import choose_device

    where, data = choose_device(device).device, light_on_dark(tested_images(runs), runs[0].teller.notice)
    maker = StripMaker(data.test, seed, where, "strips measured")
    loaded = [run.load(checkpoint, where) for run, checkpoint in zip(runs, checkpoints, strict=True)]
    read = _usual_lengths(loaded) if lengths is None else sorted(set(lengths))
    measured = [_measured(*one, maker, read, strips, width) for one in zip(runs, run_names(runs), loaded, strict=True)]
    named = ", ".join(run_names(runs)) if len(runs) <= NAMED_IN_TITLE else f"{len(runs)} readers"
    title = f"Reading of strips by length: {named} on {data.name}, {strips} strips of each, {decode} decoding"
    asked = {"data": data.name, "decode": decode, "beam_width": width, "seed": seed}
    return side_by_side(measured, title, asked, beforehand)


def _usual_lengths(loaded: "Sequence[LoadedReader]") -> Sequence[int]:
    """Up to twice the longest that any was trained on."""
    return range(1, 2 * max(one.settings.longest for one in loaded) + 1)


def _measured(
    run: ReaderRun,
    name: str,
    loaded: "LoadedReader",
    maker: "StripMaker",
    lengths: Sequence[int],
    strips: int,
    width: int,
) -> Measured:
    with run.teller.counting(f"reading with {name}", len(lengths) * strips) as advance:
        counts = count_by_length(loaded.model, maker, lengths, strips, width, advance)
    return Measured(name, run.path, loaded.settings, loaded.epoch, counts)


def _course_figure(followed: Mapping[str, Course], title: str) -> "Figure":
    from genmodels.figures.reading_accuracy import course_figure

    return course_figure({measure: course.curves() for measure, course in followed.items()}, title)


def _prepare(settings: ReaderSettings, images: "ImageSet", teller: Teller = UNTOLD) -> "ReaderTask":
    from genmodels.training.reader import prepare

    return prepare(settings, images, teller)


READER = Family(
    name=ReaderRun.family,
    title="strip reader",
    settings=ReaderSettings,
    prepare=_prepare,
    run=ReaderRun,
    commands=("read_image", "eval_reader"),
    steps={"nll": "loss"},
    unit="strips",
    score="nll",
    score_unit="nats/digit",
    best=min,
    measures={**dict.fromkeys(MEASURES, ".4f"), "strips": ""},
    next_commands=("read-image", "eval-reader"),
    paired_by="eval-reader --run",
    further_splits=("longer",),
    hindering={"warp": ("warped digits", 0.0)},
    axes={
        "nll": "loss (nats per digit)",
        "sequence_accuracy": "strips read without error (share)",
        "character_error_rate": "character error rate (errors for each digit)",
    },
    help="""Train a network that reads strips of any number of digits.

    Convolutions, then an LSTM over the columns, then CTC.

    Strips of up to --longest digits are composed anew for every step. After each epoch strips of test digits (or of
    those that --val-images holds out) are read, also longer ones than any trained on. --model cnn is the feedforward
    contrast: its number of outputs is fixed.

    Examples:

      genmodels train-reader                                  (MNIST, or the rendered digits)

      genmodels train-reader --minutes 10 --longest 5

      genmodels train-reader --model cnn --name fixed

      genmodels train-reader --resume last
    """,
    begins={"crnn": 600, "cnn": 2000},
    does="to read",
    alive=lambda run: alive_reader(run, run.load),
    exhibits=lambda run: reader_exhibits(run.course, run.read, run.by_length),
    tour=READER_TOUR,
    graph=lambda run, epoch: reader_graph(run, run.load(run.epoch_checkpoint(epoch), cpu())),
)
