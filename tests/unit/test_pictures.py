"""Pictures of every format, orientation, number of pages and transparency; and what must never be opened."""

import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from genmodels.data.images.files import find_images, read_images
from genmodels.data.images.pictures import read_any_picture, read_stack
from genmodels.errors import DataError

SHAPE = np.zeros((6, 9), np.uint8)  # an L, which no turn or mirror leaves as it is
SHAPE[1:5, 2], SHAPE[4, 2:6] = 255, 255


def saved(path: Path, image: Image.Image, kind: str, **options: object) -> Path:
    image.save(path, format=kind, **options)
    return path


EXACT = [
    ("png", "PNG"),
    ("bmp", "BMP"),
    ("gif", "GIF"),
    ("tif", "TIFF"),
    ("ppm", "PPM"),
    ("pgm", "PPM"),
    ("tga", "TGA"),
]
LOSSY = [("jpg", "JPEG"), ("jfif", "JPEG"), ("jpe", "JPEG"), ("webp", "WEBP"), ("avif", "AVIF")]


@pytest.mark.parametrize(("ending", "kind"), EXACT)
def test_still_pictures_are_read_whatever_their_format(tmp_path: Path, ending: str, kind: str) -> None:
    saved(tmp_path / f"a.{ending}", Image.fromarray(SHAPE), kind)
    assert np.array_equal(find_images(tmp_path).read(None, False).train.pixels[0], SHAPE)


@pytest.mark.parametrize(("ending", "kind"), LOSSY)
def test_lossy_pictures_are_read_too(tmp_path: Path, ending: str, kind: str) -> None:
    saved(tmp_path / f"a.{ending}", Image.fromarray(SHAPE).convert("L"), kind, quality=95)
    found = find_images(tmp_path).read(None, False).train.pixels[0]
    assert np.abs(found.astype(int) - SHAPE).max() < 60


def test_bits_are_read_as_black_and_white(tmp_path: Path) -> None:
    saved(tmp_path / "a.pbm", Image.fromarray(SHAPE).convert("1"), "PPM")
    assert np.array_equal(find_images(tmp_path).read(None, False).train.pixels[0], SHAPE)


def test_the_content_decides_and_not_the_name(tmp_path: Path) -> None:
    saved(tmp_path / "a.jpg", Image.fromarray(SHAPE), "PNG")
    saved(tmp_path / "b", Image.fromarray(SHAPE), "BMP")
    saved(tmp_path / "c.dat", Image.fromarray(SHAPE), "TIFF")
    assert len(find_images(tmp_path).read(None, False).train.pixels) == 3


EPS = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n%%EndComments\nshowpage\n"
STRANGE = {
    "EPS": (EPS, "an EPS or PostScript file"),
    "PDF": (b"%PDF-1.4\n", "a PDF"),
    "HEIC": (b"\0\0\0\x18ftypheic\0\0\0\0", "a HEIC picture"),
    "SVG": (b"<?xml version='1.0'?>\n<svg xmlns='http://www.w3.org/2000/svg'/>", "an SVG drawing"),
    "HTML": (b"<!DOCTYPE html><html>404</html>", "a web page"),
}


@pytest.mark.parametrize("kind", STRANGE)
def test_what_is_no_still_picture_is_named_for_what_it_is(
    tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    content, told = STRANGE[kind]
    monkeypatch.setattr("subprocess.Popen", lambda *_, **__: pytest.fail("a program was started"))
    saved(tmp_path / "a.png", Image.fromarray(SHAPE), "PNG")
    (tmp_path / "digit.png").write_bytes(content)
    with pytest.raises(DataError, match=f"digit.png is not a picture: it is {told}"):
        find_images(tmp_path)
    with pytest.raises(DataError, match=f"digit.png is not a picture: it is {told}"):
        read_any_picture(tmp_path / "digit.png", print)
    (tmp_path / "digit.png").rename(tmp_path / "digit.other")
    assert find_images(tmp_path).passed_over == {"digit.other": f"no picture that is read here: {told}"}


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "WEBP"])
def test_pictures_are_turned_as_their_exif_says(tmp_path: Path, kind: str, orientation: int) -> None:
    """As a camera stores them: the pixels lie so that the turn which EXIF names puts them upright."""
    stored = {
        1: SHAPE, 2: SHAPE[:, ::-1], 3: SHAPE[::-1, ::-1], 4: SHAPE[::-1], 5: SHAPE.T, 6: np.rot90(SHAPE),
        7: SHAPE[::-1, ::-1].T, 8: np.rot90(SHAPE, -1),
    }[orientation]  # fmt: skip
    exif = Image.Exif()
    exif[0x0112] = orientation
    options = {"JPEG": {"quality": 100}, "WEBP": {"lossless": True}, "TIFF": {"compression": "tiff_lzw"}}.get(kind, {})
    file = saved(tmp_path / "a.pic", Image.fromarray(np.ascontiguousarray(stored)), kind, exif=exif, **options)
    for found in (
        read_any_picture(file, print)[0],
        read_stack([file]).pages[0],
        read_images(file, "light", None, print)[0][0],
    ):
        assert found.shape == SHAPE.shape
        assert ((found > 127) == (SHAPE > 127)).all()


@pytest.mark.parametrize("orientation", range(1, 9))
def test_an_uncompressed_tiff_is_read_right_or_refused(tmp_path: Path, orientation: int) -> None:
    """Pillow puts the rows of one that lies on its side in a jumble."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored = {1: SHAPE, 2: SHAPE[:, ::-1], 3: SHAPE[::-1, ::-1], 4: SHAPE[::-1]}.get(orientation, SHAPE.T)
    file = saved(tmp_path / "a.tif", Image.fromarray(np.ascontiguousarray(stored)), "TIFF", exif=exif)
    if orientation < 5:
        assert np.array_equal(read_any_picture(file, print)[0], SHAPE)
    else:
        with pytest.raises(DataError, match=f"lies on its side .orientation {orientation}."):
            read_any_picture(file, print)


def test_every_page_and_frame_is_taken_and_told(tmp_path: Path) -> None:
    pages = [Image.fromarray(np.roll(SHAPE, shift, axis=1)) for shift in range(3)]
    saved(tmp_path / "pages.tif", pages[0], "TIFF", save_all=True, append_images=pages[1:])
    saved(tmp_path / "frames.gif", pages[0], "GIF", save_all=True, append_images=pages[1:])
    saved(tmp_path / "still.png", pages[0], "PNG")
    parts = find_images(tmp_path).read(None, False)
    assert len(parts.train.pixels) == 7
    assert parts.guesses == ("took all 6 pages or frames of frames.gif and 1 other",)
    for file in ("pages.tif", "frames.gif"):
        read = read_any_picture(tmp_path / file, print)
        assert all(np.array_equal(page, np.roll(SHAPE, shift, axis=1)) for shift, page in enumerate(read))


def transparent(colour: tuple[int, int, int]) -> Image.Image:
    """The shape in one colour on nothing."""
    pixels = np.zeros((*SHAPE.shape, 4), np.uint8)
    pixels[..., :3], pixels[..., 3] = colour, SHAPE
    return Image.fromarray(pixels)


@pytest.mark.parametrize("colour", [(0, 0, 0), (255, 255, 255), (200, 30, 30)])
@pytest.mark.parametrize("kind", ["PNG", "WEBP", "TIFF"])
def test_where_all_colour_is_one_the_shape_is_in_the_alpha_channel(
    tmp_path: Path, kind: str, colour: tuple[int, int, int]
) -> None:
    options = {"lossless": True} if kind == "WEBP" else {}
    file = saved(tmp_path / "a.pic", transparent(colour), kind, **options)
    assert np.array_equal(read_any_picture(file, print)[0], 255 - SHAPE), "dark on white, as on paper"
    parts = find_images(tmp_path).read(None, False)
    assert np.array_equal(parts.train.pixels[0], SHAPE)
    assert parts.guesses == ("took the shapes from the transparency of the pictures, where all colour is one",)


def test_shapes_in_the_transparency_and_opaque_pictures_are_no_set(tmp_path: Path) -> None:
    saved(tmp_path / "a.png", transparent((0, 0, 0)), "PNG")
    saved(tmp_path / "b.png", Image.new("RGBA", (9, 6)), "PNG")
    assert find_images(tmp_path).read(None, False).train.pixels[1].max() == 0, "nothing is an empty picture"
    saved(tmp_path / "c.png", Image.fromarray(255 - SHAPE), "PNG")
    with pytest.raises(DataError, match=r"a\.png is a shape on a transparent ground, but .*c\.png is opaque"):
        find_images(tmp_path).read(None, False)


def test_of_a_camera_s_several_pictures_the_first_is_taken_and_that_is_told(tmp_path: Path) -> None:
    views = [Image.fromarray(np.roll(SHAPE, shift, axis=1)).convert("RGB") for shift in range(3)]
    file = saved(tmp_path / "a.jpg", views[0], "MPO", save_all=True, append_images=views[1:])
    said: list[str] = []
    assert len(read_any_picture(file, said.append)) == 1
    parts = find_images(tmp_path).read(None, False)
    assert len(parts.train.pixels) == 1
    assert said == list(parts.guesses) == ["took the first of the 3 pictures in a.jpg"]
    saved(tmp_path / "b.jpg", views[0], "MPO", save_all=True, append_images=views[1:])
    told = find_images(tmp_path).read(None, False).guesses
    assert told == ("took the first of the 3 pictures in a.jpg, and likewise of 1 more",)


def test_masks_among_other_pictures_are_refused(tmp_path: Path) -> None:
    saved(tmp_path / "a.png", Image.fromarray(SHAPE), "PNG")
    saved(tmp_path / "blank.png", Image.fromarray(0 * SHAPE), "PNG")
    assert len(find_images(tmp_path).read(None, False).train.pixels) == 2
    saved(tmp_path / "b.png", Image.fromarray(SHAPE // 255), "PNG")
    with pytest.raises(DataError, match=r"b\.png holds 0 and 1 alone, but .*a\.png goes further"):
        find_images(tmp_path).read(None, False)


def test_pictures_on_two_grounds_are_told_with_a_file_of_each_kind(tmp_path: Path) -> None:
    for number in range(6):
        saved(tmp_path / f"{number}.png", Image.fromarray(SHAPE if number < 4 else 255 - SHAPE), "PNG")
    told = "2 of 6 images are dark on light, such as 4.png, and 4 light on dark, such as 0.png"
    assert find_images(tmp_path).read(None, False).guesses == (f"{told}: all are taken as they are",)


def test_a_little_colour_that_a_lossy_format_leaves_is_none(tmp_path: Path) -> None:
    smooth = np.linspace(40, 230, 54).reshape(6, 9).astype(np.uint8)
    saved(tmp_path / "a.webp", Image.fromarray(smooth).convert("RGB"), "WEBP", quality=80)
    found = find_images(tmp_path).read(None, False).train.pixels[0]
    assert np.abs(found.astype(int) - smooth).max() < 12


def test_a_picture_of_too_many_pixels_is_told_with_their_number(tmp_path: Path) -> None:
    Image.new("L", (20_000, 9_000)).save(tmp_path / "a.png")
    with pytest.raises(DataError, match="has 180000000 pixels, more than is safe to unpack") as caught:
        read_any_picture(tmp_path / "a.png", print)
    assert caught.value.hint == "scale it down."


def test_many_small_files_of_many_pages_are_refused_before_they_are_too_large(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("genmodels.data.images.parts.MOST_BYTES", 20 * SHAPE.size)
    page = Image.fromarray(SHAPE)
    for name in "abcde":
        saved(tmp_path / f"{name}.tif", page, "TIFF", save_all=True, append_images=[page] * 9)
    with pytest.raises(DataError, match=r"c\.tif declares"):
        find_images(tmp_path).read(None, False)


def test_a_transparent_picture_of_several_colours_lies_on_white(tmp_path: Path) -> None:
    pixels = np.zeros((6, 9, 4), np.uint8)
    pixels[2:4, 2:4], pixels[2:4, 5:7] = (0, 0, 0, 255), (180, 180, 180, 255)
    file = saved(tmp_path / "a.png", Image.fromarray(pixels), "PNG")
    found = read_any_picture(file, print)[0]
    assert (found[0, 0], found[2, 2], found[2, 5]) == (255, 0, 180)
    with pytest.raises(DataError, match="is transparent in parts"):
        find_images(tmp_path).read(None, False)


def test_a_mask_of_zeros_and_ones_is_black_and_white(tmp_path: Path) -> None:
    saved(tmp_path / "mask.png", Image.fromarray(SHAPE // 255), "PNG")
    assert np.array_equal(find_images(tmp_path).read(None, False).train.pixels[0], SHAPE)
    assert np.array_equal(read_any_picture(tmp_path / "mask.png", print)[0], SHAPE)


def test_pictures_drawn_the_other_way_are_turned_for_a_model_and_that_is_told(tmp_path: Path) -> None:
    file = saved(tmp_path / "a.png", Image.fromarray(255 - SHAPE), "PNG")
    said: list[str] = []
    assert np.array_equal(read_images(file, "light", None, said.append)[0][0], SHAPE)
    assert said == [f"{file} is dark on light ground, unlike what the model learned from: taken the other way round"]
    for own in ("dark", "neither"):
        assert np.array_equal(read_images(file, own, None, pytest.fail)[0][0], 255 - SHAPE)


def test_a_picture_to_look_at_is_named_by_what_is_wrong_with_it(tmp_path: Path) -> None:
    file = saved(tmp_path / "grey.png", Image.new("L", (4, 4), 200), "PNG")
    with pytest.raises(DataError, match=rf"^all pixels of the images in {re.escape(str(file))} are 200$"):
        read_images(file, "light", None, print)
    with pytest.raises(DataError, match=r"^there is no file .*none\.png$"):
        read_images(tmp_path / "none.png", "light", None, print)


def test_pictures_to_look_at_are_taken_as_grey_and_named(tmp_path: Path) -> None:
    for folder, colour in (("a", SHAPE // 2), ("b", SHAPE)):
        (tmp_path / folder).mkdir()
        saved(tmp_path / folder / "000.png", Image.fromarray(np.stack([SHAPE, colour, SHAPE], axis=2)), "PNG")
    said: list[str] = []
    pixels, names = read_images(tmp_path, "light", None, said.append)
    assert pixels.shape == (2, *SHAPE.shape)
    assert list(names) == ["a/000.png", "b/000.png"]
    assert "took the colours of 000.png as grey" in said
    pixels, names = read_images(tmp_path / "a" / "000.png", "light", None, said.append)
    assert (len(pixels), list(names)) == (1, ["000.png"])
    np.savez(tmp_path / "set.npz", images=np.stack([SHAPE, SHAPE]))
    assert read_images(tmp_path / "set.npz", "light", None, said.append)[1] == ()
