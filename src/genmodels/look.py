"""How a figure is to look where a person wants other than its maker's choices."""

from dataclasses import dataclass

from genmodels.errors import UsageError

LEAST_DOTS, MOST_DOTS = 20, 1200
LEAST_SIDE, MOST_SIDE = 100, 20_000  # pixels
MOST_PIXELS = 100_000_000  # a picture of 400 MB while it is drawn


@dataclass(frozen=True)
class Look:
    """Wishes for a figure; None leaves the choice to whoever draws it.

    Args:
        dots: for each inch; letters and lines grow with it.
        size: width and height in pixels: the figure is laid out for their proportions.
        title: above the figure, in place of its own, which then stands below.

    Raises:
        UsageError: too few or too many dots or pixels, or both are given; or an empty title.
    """

    dots: int | None = None
    size: tuple[int, int] | None = None
    title: str | None = None

    def __post_init__(self) -> None:
        if self.dots is not None and self.size is not None:
            raise UsageError(
                f"--dpi {self.dots} and --size {self.size[0]}x{self.size[1]} both say how large the figure is",
                "give one of them; --size is in pixels, such as 1920x1080, and --dpi how many of them an inch has.",
            )
        if self.dots is not None and not LEAST_DOTS <= self.dots <= MOST_DOTS:
            raise UsageError(
                f"--dpi {self.dots} is not from {LEAST_DOTS} to {MOST_DOTS}", "--dpi 200 suits most screens and pages."
            )
        if self.size is not None:
            _check_size(*self.size)
        check_title(self.title)


def check_title(title: str | None) -> None:
    """A title that shows something, or none.

    Raises:
        UsageError: it is empty.
    """
    if title is not None and not title.strip():
        raise UsageError(f"--title {title!r} is empty", "leave it out for the figure's own title.", "--title")


def _check_size(width: int, height: int) -> None:
    if not all(LEAST_SIDE <= side <= MOST_SIDE for side in (width, height)):
        raise UsageError(
            f"--size {width}x{height} has a side that is not from {LEAST_SIDE} to {MOST_SIDE:,} pixels",
            "--size 1920x1080 fills most projectors.",
        )
    if width * height > MOST_PIXELS:
        raise UsageError(
            f"--size {width}x{height} has more than {MOST_PIXELS:,} pixels",
            "write a .pdf or .svg, which is sharp at any size.",
        )


def parse_size(text: str) -> tuple[int, int]:
    """Width and height as people write them: 1920x1080.

    Raises:
        UsageError: it is no such thing.
    """
    sides = text.lower().replace("×", "x").split("x")
    if len(sides) != 2 or not all(side.strip().isascii() and side.strip().isdigit() for side in sides):
        raise UsageError(f"--size {text} is no width and height in pixels", "write it as in --size 1920x1080.")
    width, height = (int(side) for side in sides)
    return width, height


USUAL = Look()
