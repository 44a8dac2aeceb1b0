"""Pictures and strips to read, and what is read in each."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from genmodels.errors import UsageError
from genmodels.exhibit import Exhibit, Format, Row, Table
from genmodels.paths import path_of
from genmodels.printable import one_line
from genmodels.settings.fields import check_choice, check_range
from genmodels.settings.reader import DECODERS, NARROWEST, USUAL_WIDTH, WIDEST
from genmodels.telling import Notice, Teller, in_percent

if TYPE_CHECKING:
    import torch
    from matplotlib.figure import Figure

    from genmodels.analysis.reading import Reading
    from genmodels.data.images.image_set import ImageSet
    from genmodels.figures.under_strips import ReadStrip
    from genmodels.models.reader import Reader
    from genmodels.models.stored import Loaded
    from genmodels.settings.reader import ReaderSettings

    LoadedReader = Loaded[Reader, ReaderSettings]

FEWEST_STRIPS = 1
MOST_DRAWN = 40  # pictures; a taller figure helps nobody
STANDARD_INPUT = "-"
LONGEST_NAME = 40  # signs of a file's name in that of its figure


def check_decoder(decode: str, beam_width: int | None) -> int:
    """The width of the beam that is meant; 1 is the best path.

    Raises:
        UsageError: no such decoder, or a width for one that has none, or none that a beam can have.
    """
    check_choice("--decode", decode, DECODERS)
    if decode == "greedy" and beam_width is not None:
        raise UsageError(f"--beam-width {beam_width} means nothing to --decode greedy", "add --decode beam.")
    if beam_width is not None:
        return check_range("--beam-width", beam_width, NARROWEST, WIDEST)
    return 1 if decode == "greedy" else USUAL_WIDTH


@dataclass(frozen=True)
class Picture:
    """Something to read.

    Args:
        name: what it is called.
        strip: shape (32, X), from 0 to 1.
        across: pixels of the original for one of the strip's.
        left: pixels of the original to the left of the strip.
        cut: what was cut out of the original, as left, top, width and height; None: it was taken whole.
        truth: classes, where they are known.
    """

    name: str
    strip: "torch.Tensor"
    across: float = 1.0
    left: float = 0.0
    cut: tuple[int, int, int, int] | None = None
    truth: list[int] | None = None

    def across_original(self, span: Sequence[float]) -> list[float]:
        """Columns of the strip as those of the original, which has none to the left of its own edge."""
        return [round(max(0.0, self.left + edge * self.across), 1) for edge in span]


def named_pictures(
    files: str | Path | Sequence[str | Path] | None, strips: int | None, lengths: object
) -> Sequence[str | Path] | None:
    """Pictures by one path or several; None where strips are asked for.

    Raises:
        UsageError: none is named, or both are asked for.
    """
    if files is None:
        return None
    named = [files] if isinstance(files, str | Path) else files
    if len(named) == 0:
        raise UsageError("files names no picture", "name one or several, or leave it out for strips of test digits.")
    if strips is not None or lengths is not None:
        raise UsageError("files and --strips or --lengths contradict each other", "give one of them.")
    return named


def pictures_of(files: Sequence[str | Path], teller: Teller) -> list[Picture]:
    """Pictures of the user's own; of a folder those that lie in it. `teller` is told of them, and how far it is.

    Raises:
        DataError: one is missing, is no picture, or far wider than high; or there is none in a folder.
    """
    from genmodels.data.images.walking import pictures_in

    pictures: list[Picture] = []
    notice = teller.notice
    named = [file for given in files for file in pictures_in(path_of(given), notice)]
    with teller.counting("pictures", len(named)) as advance:
        for file in named:
            pictures += _pages_of(file, notice)
            advance(1)
    return pictures


def _pages_of(file: Path, notice: Notice) -> Iterator[Picture]:
    """The pictures of a file, which may be several."""
    from genmodels.data.images.own_strips import fit_picture
    from genmodels.data.images.pictures import read_any_picture

    pages = read_any_picture(file, notice)
    for number, pixels in enumerate(pages, start=1):
        name = str(file) if len(pages) == 1 else f"{file}, page {number} of {len(pages)}"
        own = fit_picture(pixels, one_line(name), notice)
        yield Picture(name, own.strip, own.across, own.left, own.cut)


def strips_of(images: "ImageSet", count: int, lengths: Sequence[int], seed: int, notice: Notice) -> list[Picture]:
    """Strips of test digits that no training saw, of these lengths in turn.

    Raises:
        DataError: no image holds any ink.
    """
    import torch

    from genmodels.data.images.strips import StripMaker, light_on_dark

    maker = StripMaker(light_on_dark(images, notice).test, seed, torch.device("cpu"), "strips shown")
    pictures = []
    for index in range(count):
        digits = lengths[index % len(lengths)]
        made = maker.make(1, digits, digits, index)
        pictures.append(Picture(f"strip {index + 1}", made.images[0], truth=made.labels[0].tolist()))
    return pictures


@dataclass(frozen=True)
class ReadPicture:
    """A picture and what was read in it.

    Args:
        picture: that was read.
        reading: what the network says of it.
        classes: their names.
        blank: whether it holds no ink, so that there was nothing to read and nothing to be sure of.
    """

    picture: Picture
    reading: "Reading"
    classes: tuple[str, ...]
    blank: bool = False

    @property
    def symbols(self) -> list[str]:
        """The digits read, from left to right."""
        return [self.classes[kind] for kind in self.reading.classes]

    @property
    def spans(self) -> list[tuple[float, float]] | None:
        """First and last pixel of each digit in the strip; None where the network has no columns."""
        from genmodels.data.images.strips import COLUMN

        if self.reading.spans is None:
            return None
        return [(float(COLUMN * first), float(COLUMN * (last + 1))) for first, last in self.reading.spans]

    @property
    def truth(self) -> str | None:
        """What is written there, where that is known."""
        from genmodels.analysis.reading import reading_text

        return None if self.picture.truth is None else reading_text(self.picture.truth, self.classes)

    @property
    def confidence(self) -> float | None:
        """Probability of the reading; None where there was nothing to read."""
        return None if self.blank else self.reading.confidence

    @property
    def is_wrong(self) -> bool:
        """Whether something else was read than is known to be written there."""
        return self.picture.truth is not None and self.picture.truth != self.reading.classes

    @property
    def facts(self) -> dict[str, Any]:
        """Everything by name; pixels are those of the original picture.

        A network that reads columns has no probability of a digit: what it says is its output in the surest column.
        """
        from genmodels.analysis.reading import reading_text

        digits, spans = [], self.spans
        score_name = "probability" if spans is None else "surest_output"
        for index, (symbol, score) in enumerate(zip(self.symbols, self.reading.scores, strict=True)):
            there = {} if spans is None else {"pixels": self.picture.across_original(spans[index])}
            digits.append({"digit": symbol, score_name: round(score, 6), **there})
        return {
            "name": self.picture.name,
            "reading": reading_text(self.reading.classes, self.classes),
            "blank": self.blank,
            "confidence": self.confidence,
            "digits": digits,
            **({} if self.picture.cut is None else {"cut": self.picture.cut}),
            **({} if self.truth is None else {"truth": self.truth, "right": not self.is_wrong}),
        }

    def drawn(self) -> "ReadStrip":
        """For the figure."""
        from genmodels.figures.under_strips import ReadStrip

        return ReadStrip(
            name=one_line(self.picture.name),
            image=self.picture.strip.cpu().numpy(),
            symbols=self.symbols,
            spans=self.spans,
            scores=self.reading.scores,
            confidence=self.confidence,
            truth=self.truth,
            wrong=self.is_wrong,
            overruled=self.reading.overruled,
            cut=self.picture.cut is not None,
        )


def read_pictures(loaded: "LoadedReader", pictures: Sequence[Picture], width: int, teller: Teller) -> list[ReadPicture]:
    """Read pictures.

    Args:
        loaded: the reader.
        pictures: to read.
        width: of the beam; 1 takes the best path.
        teller: is told of pictures without ink, of more than a figure shows, and how far it is.
    """
    found = []
    with teller.counting("reading", len(pictures)) as advance:
        for picture in pictures:
            found.append(_read_picture(loaded, picture, width, teller.notice))
            advance(1)
    if len(found) > MOST_DRAWN:
        teller.notice(f"the figure shows the first {MOST_DRAWN} of {len(found)}")
    return found


def _read_picture(loaded: "LoadedReader", picture: Picture, width: int, notice: Notice) -> ReadPicture:
    """Where there is no ink, there is nothing to read."""
    from genmodels.analysis.reading import Reading
    from genmodels.analysis.reading_accuracy import read_strips
    from genmodels.data.images.strips import INK

    assert loaded.classes is not None, "readers learn from labelled images alone"
    if float(picture.strip.max()) <= INK:
        notice(f"{one_line(picture.name)} holds no ink, so there is nothing to read")
        return ReadPicture(picture, Reading([], 1.0, [], []), loaded.classes, blank=True)
    device = next(loaded.model.parameters()).device
    (reading,) = read_strips(loaded.model, picture.strip[None].to(device), width)
    return ReadPicture(picture, reading, loaded.classes)


def readings_of(found: Sequence[ReadPicture], title: str, asked: Mapping[str, Any]) -> Exhibit:
    """Readings as one result.

    Args:
        found: pictures, each with what was read in it.
        title: names the reader.
        asked: what else the facts begin with.
    """
    rows = [one.facts for one in found]
    known = {"truth": ""} if any("truth" in row for row in rows) else {}
    columns: dict[str, Format] = {"name": "", "reading": reading_told, "confidence": ".4f", **known}
    facts = {**asked, "readings": rows}
    table = Table(title, columns, rows, spoken={"confidence": _confidence_told})
    return Exhibit("read", title, facts, [table], lambda title: _figure(found, title), leads="table")


def reading_told(row: Row) -> str:
    """What was read, in the table: "nothing" where that is empty."""
    return str(row["reading"]) or "nothing"


def _confidence_told(row: Row) -> str:
    """How sure the network is, for people as the figure has it."""
    return "-" if row["confidence"] is None else in_percent(row["confidence"])


def figure_name(kind: str, files: Sequence[str | Path]) -> str:
    """What the figure of some files is called in the run's folder: read-house, read-house-and-2-more, read.

    Args:
        kind: of figure: "read".
        files: that are shown; none: strips or utterances of test data.
    """
    if not files:
        return kind
    stem = Path(files[0]).stem if str(files[0]) != STANDARD_INPUT else "standard-input"
    plain = "".join(sign if sign.isalnum() or sign in "_-" else "_" for sign in stem)[:LONGEST_NAME]
    more = f"-and-{len(files) - 1}-more" if len(files) > 1 else ""
    return f"{kind}-{plain}{more}"


def _figure(found: Sequence[ReadPicture], title: str) -> "Figure":
    from genmodels.figures.reading import reading_figure

    shown = found[:MOST_DRAWN]
    names = told_apart([one.picture.name for one in shown])
    strips = [replace(one.drawn(), name=one_line(name)) for one, name in zip(shown, names, strict=True)]
    return reading_figure(strips, title)


def told_apart(names: Sequence[str]) -> list[str]:
    """Names of files without the folders that all of them lie in.

    >>> told_apart(["digits/a/7.png", "digits/b/7.png"]), told_apart(["digits/7.png"]), told_apart(["strip 1"])
    (['a/7.png', 'b/7.png'], ['7.png'], ['strip 1'])
    """
    folders = (Path(name).parts[:-1] for name in names)
    common = len(list(takewhile(lambda parts: len(set(parts)) == 1, zip(*folders, strict=False))))
    return [str(Path(*Path(name).parts[common:])) for name in names]
