"""The built-in image set: ten digits rendered from the fonts that matplotlib installs, then distorted.

They are rendered, not handwritten: a data set that needs no network, for first steps and for tests. Each image is one
glyph, seen through a random affine map and a smooth random displacement, with a random stroke weight and edge blur.
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from genmodels.data.images.parts import Part
from genmodels.drawing import load_matplotlib

DIGITS_VERSION = 1  # raise it when the pictures change: the cache keeps them by this number
SIZE = 28
TRAIN, TEST = 60_000, 10_000
_SEED = 20
_FONTS = (
    "DejaVuSans", "DejaVuSans-Bold", "DejaVuSans-Oblique", "DejaVuSansMono", "DejaVuSansMono-Oblique",
    "DejaVuSerif", "DejaVuSerif-Bold", "DejaVuSerif-Italic", "STIXGeneral", "STIXGeneralBol", "STIXGeneralItalic",
    "STIXGeneralBolIta", "cmr10", "cmb10", "cmss10", "cmti10", "cmtt10",
)  # fmt: skip
_FIELD = 64  # texels across a distance field
_GLYPH = 40  # texels across the longer side of the glyph in it
_BLOCK = 2_000  # images made at a time
_KNOTS = 5  # across the grid of the smooth displacement
Field = NDArray[np.float32]


def render_digits(train: int = TRAIN, test: int = TEST, seed: int = _SEED) -> tuple[Part, Part]:
    """Draw both parts: as many images of each digit, in random order, the same for the same seed.

    Args:
        train: images in the training part.
        test: images in the test part.
        seed: of fonts, distortions and order.

    Returns:
        Two parts with uint8 pixels of shape (N, 28, 28) and labels 0 to 9.
    """
    fields = np.stack([distance_field(glyph) for font in _FONTS for glyph in _glyphs(font)])
    random = np.random.Generator(np.random.PCG64(seed))
    labels = np.concatenate([random.permutation(np.arange(count) % 10) for count in (train, test)])
    fonts = random.integers(len(_FONTS), size=len(labels))
    blocks = [slice(start, start + _BLOCK) for start in range(0, len(labels), _BLOCK)]
    pixels = np.concatenate([_draw(fields, fonts[b] * 10 + labels[b], random) for b in blocks])
    return Part(pixels[:train], labels[:train].astype(np.int64)), Part(pixels[train:], labels[train:].astype(np.int64))


def _glyphs(font: str) -> list[NDArray[np.bool_]]:
    """The ten digits of a font as black-and-white pictures of `_FIELD` squared texels, centred."""
    load_matplotlib()
    from matplotlib import get_data_path  # noqa: PLC0415 - needed once, to fill the cache
    from matplotlib.ft2font import FT2Font  # noqa: PLC0415

    face = FT2Font(str(Path(get_data_path()) / "fonts" / "ttf" / f"{font}.ttf"))
    return [_centred(face, digit) for digit in "0123456789"]


def _centred(face: "FT2Font", digit: str) -> NDArray[np.bool_]:  # type: ignore[name-defined]  # noqa: F821
    face.set_size(_GLYPH, 72)
    for _ in range(2):  # the second time at the size that makes the glyph `_GLYPH` texels long
        face.set_text(digit)
        face.draw_glyphs_to_bitmap(antialiased=True)
        inked = np.asarray(face.get_image()) >= 128
        rows, columns = np.flatnonzero(inked.any(axis=1)), np.flatnonzero(inked.any(axis=0))
        inked = inked[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        face.set_size(_GLYPH * _GLYPH / max(inked.shape), 72)
    canvas = np.zeros((_FIELD, _FIELD), dtype=np.bool_)
    top, left = ((_FIELD - n) // 2 for n in inked.shape)
    canvas[top : top + inked.shape[0], left : left + inked.shape[1]] = inked
    return canvas


def distance_field(inked: NDArray[np.bool_]) -> Field:
    """Distance of every texel to the glyph's edge, in texels: positive inside, negative outside."""
    return (_distance_to(~inked) - _distance_to(inked)).astype(np.float32)


def _distance_to(marked: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Euclidean distance of every texel to the nearest marked one: first along rows, then across them."""
    far = float(sum(marked.shape))
    steps = np.arange(marked.shape[1])
    along = np.where(marked[:, None, :], np.abs(steps[:, None] - steps)[None], far).min(axis=2)  # (Y, X)
    rows = np.arange(marked.shape[0])
    across = (rows[:, None] - rows).astype(np.float64) ** 2  # (Y, Y')
    squares: NDArray[np.float64] = (across[:, :, None] + along[None] ** 2).min(axis=1)
    return np.sqrt(squares)


def _draw(fields: Field, which: NDArray[np.int64], random: np.random.Generator) -> NDArray[np.uint8]:
    """One image for each entry of `which`: look the distance up at the distorted places, then ink what is inside."""
    places = _affine(len(which), random) + _displacement(len(which), random)  # (N, Y X, 2) in texels
    distance = _look_up(fields, which, places)
    weight = random.uniform(-0.3, 1.6, (len(which), 1)).astype(np.float32)  # texels added to the stroke
    blur = random.uniform(1.6, 3.6, (len(which), 1)).astype(np.float32)  # texels over which ink fades
    ink = np.clip((distance + weight) / blur + 0.5, 0.0, 1.0)
    pixels: NDArray[np.uint8] = np.rint(ink * 255.0).astype(np.uint8).reshape(-1, SIZE, SIZE)
    return pixels


def _affine(count: int, random: np.random.Generator) -> Field:
    """Where each pixel of each image looks in the field: rotated, sheared, scaled, moved."""
    angle, shear = random.normal(0.0, 0.12, count), random.normal(0.0, 0.15, count)
    wide, high = random.uniform(0.85, 1.3, count), random.uniform(0.9, 1.15, count)
    cos, sin = np.cos(angle), np.sin(angle)
    matrix = np.stack([cos * high, -sin * wide, sin * high + shear * cos, cos * wide - shear * sin], axis=1)
    centre = (SIZE - 1) / 2.0
    grid = np.stack(np.meshgrid(*[np.arange(SIZE) - centre] * 2, indexing="ij"), axis=-1).reshape(-1, 2)
    zoom = _GLYPH / 20.0  # a glyph is 20 pixels long, as in MNIST
    turned = grid @ (zoom * matrix.reshape(-1, 2, 2)).transpose(0, 2, 1)  # (N, Y X, 2)
    moved = random.normal(0.0, 1.0 * zoom, (count, 1, 2))
    return (turned + moved + (_FIELD - 1) / 2.0).astype(np.float32)


def _displacement(count: int, random: np.random.Generator) -> Field:
    """A smooth random shift of every pixel: a coarse grid of shifts, interpolated."""
    knots = random.normal(0.0, 2.0, (count, 2, _KNOTS, _KNOTS))
    spread = _interpolation(SIZE, _KNOTS)
    smooth = spread @ knots @ spread.T  # (N, 2, Y, X)
    return smooth.reshape(count, 2, -1).transpose(0, 2, 1).astype(np.float32)


def _interpolation(size: int, knots: int) -> NDArray[np.float64]:
    """Matrix (size, knots) that interpolates between knots with the smooth step 3t^2 - 2t^3."""
    at = np.linspace(0.0, knots - 1.0, size)
    low = np.minimum(at.astype(int), knots - 2)
    t = at - low
    t = t * t * (3.0 - 2.0 * t)
    matrix = np.zeros((size, knots))
    matrix[np.arange(size), low], matrix[np.arange(size), low + 1] = 1.0 - t, t
    return matrix


def _look_up(fields: Field, which: NDArray[np.int64], places: Field) -> Field:
    """Bilinear interpolation in field `which[n]` at `places[n]`, shape (N, Y X)."""
    places = np.clip(places, 0.0, _FIELD - 1.001)
    whole = places.astype(np.int32)
    part = places - whole
    down, right = part[..., 0], part[..., 1]
    corner = (which[:, None] * _FIELD + whole[..., 0]) * _FIELD + whole[..., 1]
    flat = fields.reshape(-1)
    top = flat[corner] * (1.0 - right) + flat[corner + 1] * right
    bottom = flat[corner + _FIELD] * (1.0 - right) + flat[corner + _FIELD + 1] * right
    found: Field = top * (1.0 - down) + bottom * down
    return found
