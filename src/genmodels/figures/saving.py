"""How a figure reaches the disk: as a picture, a drawing, an animation."""

import io
import math
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from matplotlib.figure import Figure

from genmodels.errors import UsageError
from genmodels.figures.films import FRAME_MILLISECONDS
from genmodels.figures.fonts import dress, lacking_told
from genmodels.figures.legible import too_small_told
from genmodels.figures.style import DOTS_PER_INCH, HouseFigure, style
from genmodels.look import USUAL, Look
from genmodels.named_files import save_file
from genmodels.telling import Advance, Notice, silent

if TYPE_CHECKING:
    from PIL import Image

FORMATS = ("png", "pdf", "svg")
MARK = b"genmodels"  # by which figures among pictures are known to be no data
METADATA: dict[str, dict[str, Any]] = {"png": {"Software": MARK.decode()}, "svg": {"Date": None}}
LEAST_WIDTH = 1200  # pixels: what has fewer is blurred on a projector
MOST_DOTS = 400  # per inch, as far as a narrow figure is made larger
ROUNDED = 1 + 1e-6  # what is a whole number of pixels but for its last digits is to stay one
PLACES = 6  # decimals of a figure's width, to which its axes are laid out
GREYS = 16  # of an animation, which has a tenth of the bytes that it would have with 256
LAST_FRAME_MILLISECONDS = 2_000


def check_format(path: Path) -> str:
    """The format that a file's ending names.

    Raises:
        UsageError: none that is known.
    """
    kind = path.suffix.lower().removeprefix(".")
    if kind not in FORMATS:
        raise UsageError(f"--out {path} has no known ending", "end it in .png, .pdf or .svg.")
    return kind


def check_film(path: Path) -> None:
    """Look at an animation's name before anything is drawn.

    Raises:
        UsageError: another ending than .gif.
    """
    if path.suffix.lower() != ".gif":
        raise UsageError(f"--animate {path} is no .gif", "end it in .gif.")


def save_figure(figure: Figure, path: Path, notice: Notice = silent, look: Look = USUAL) -> None:
    """Write a figure as a whole, in the format of its ending; makes the folder.

    Args:
        figure: what is drawn.
        path: of the file.
        notice: is told of characters that no font here has, and of a picture whose letters are too small to read.
        look: how large it is.

    Raises:
        UsageError: an unknown ending.
        ResourceError: the folder cannot be written.
    """
    kind = check_format(path)
    save_file(path, rendered(figure, kind, look))
    _tell(dress(figure), notice)
    if kind == "png" and (told := too_small_told(figure, look)):
        notice(f"{path.name}: {told}")


def save_animation(
    frames: Iterable[Figure],
    path: Path,
    notice: Notice = silent,
    look: Look = USUAL,
    milliseconds: int = FRAME_MILLISECONDS,
    advance: Advance = silent,
) -> None:
    """Write figures as an endless GIF; the last frame stays longer.

    Args:
        frames: figures of one kind; each is drawn before the next one is asked for.
        path: of the file.
        notice: see `save_figure`.
        look: how large they are.
        milliseconds: that each frame stays.
        advance: is told of each that is drawn.

    Raises:
        ResourceError: the folder cannot be written.
    """
    lacked: set[str] = set()
    small: set[str] = set()

    def drawn() -> Iterator[bytes]:
        shown = look
        for frame in frames:
            if shown.size is None and shown.dots is None:  # one width for all
                shown = Look(min(MOST_DOTS, math.ceil(LEAST_WIDTH / float(frame.get_figwidth()))))
            lacked.update(dress(frame))
            yield rendered(frame, "png", shown)
            small.update(filter(None, [too_small_told(frame, look)]))
            advance(1)

    first, *rest = _of_equal_size(list(drawn()))
    durations = [milliseconds] * len(rest) + [max(milliseconds, LAST_FRAME_MILLISECONDS)]
    file = io.BytesIO()
    first.save(file, format="GIF", save_all=True, append_images=rest, duration=durations, loop=0, comment=MARK)
    save_file(path, file.getvalue())
    _tell(lacked, notice)
    for told in sorted(small)[:1]:  # the smallest of all frames
        notice(f"{path.name}: {told}")


def _tell(lacking: Iterable[str], notice: Notice) -> None:
    """Say which characters stand as boxes."""
    named = "".join(sorted(lacking))
    if named:
        notice(lacking_told(named))


def _of_equal_size(frames: Sequence[bytes]) -> "list[Image.Image]":
    """Frames as pictures; titles of more lines make some of them higher, so the others get ground above them."""
    from PIL import Image  # noqa: PLC0415 - only where a picture is written

    pictures = [Image.open(io.BytesIO(frame)).convert("L") for frame in frames]
    width, height = (max(picture.size[side] for picture in pictures) for side in (0, 1))
    sheets = [Image.new("L", (width, height), 255) for _ in pictures]
    for sheet, picture in zip(sheets, pictures, strict=True):
        sheet.paste(picture, ((width - picture.width) // 2, height - picture.height))
    step = 255 / (GREYS - 1)
    return [sheet.point([round(round(value / step) * step) for value in range(256)]) for sheet in sheets]


def rendered(figure: Figure, kind: str, look: Look = USUAL) -> bytes:
    """A figure as a file's content, in the house's style.

    Args:
        figure: what is drawn.
        kind: "png", "pdf", "svg", or "webp" (without loss, and a third smaller than a PNG).
        look: how large it is; by itself a picture has at least 1,200 pixels across.
    """
    file, dots = io.BytesIO(), _dots(figure, look)
    with style():
        dress(figure)
        settings: dict[str, Any] = {"format": kind, "metadata": METADATA.get(kind), "dpi": dots}
        if kind == "webp":
            settings["pil_kwargs"] = {"lossless": True}
        if kind == "svg":
            figure.savefig(io.BytesIO(), **settings)
            _settle(figure)
        figure.savefig(file, **settings)
    return file.getvalue()


def _settle(figure: Figure) -> None:
    """Keep axes where a drawing has laid them out, to a millionth: from figure to figure the last digits differ.

    An SVG's names of its parts depend on them, and the same figure is to give the same file.
    """
    places = [[round(side, PLACES) for side in axes.get_position().bounds] for axes in figure.axes]
    figure.set_layout_engine("none")
    for axes, (left, bottom, width, height) in zip(figure.axes, places, strict=True):
        axes.set_position((left, bottom, width, height))


def _dots(figure: Figure, look: Look) -> float:
    """Dots for each inch; where a size is wished for, the figure gets its proportions."""
    if look.size is None:
        usual = min(MOST_DOTS, max(DOTS_PER_INCH, math.ceil(LEAST_WIDTH / float(figure.get_figwidth()))))
        return look.dots or usual
    assert isinstance(figure, HouseFigure), "all figures are the house's"
    width, height = look.size
    figure.fit(width / height)
    return ROUNDED * width / float(figure.get_figwidth())
