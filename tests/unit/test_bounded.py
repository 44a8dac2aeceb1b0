"""What a file takes of memory, and what its reader says where it is too much."""

import gzip
import io
import struct
import subprocess
import sys
import tarfile
import tracemalloc
import zipfile
import zlib
from collections.abc import Iterable
from itertools import repeat
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from genmodels import limits
from genmodels.data.bounded import AT_ONCE, InPieces, SeekableInPieces, declared, room_for
from genmodels.data.images.files import find_images
from genmodels.data.images.labels import as_labels
from genmodels.data.images.pictures import read_any_picture, read_stack
from genmodels.data.images.scale import as_bytes
from genmodels.data.sound.sets import fsdd, table
from genmodels.data.text.decoding import check_encoding
from genmodels.errors import DataError, ResourceError
from genmodels.limits import check_room, free_memory
from genmodels.telling import silent

MIB = 1 << 20
CHILD = """
import resource, sys
from pathlib import Path
import PIL.Image, PIL.ImageOps, PIL.ImageSequence
from genmodels.data.images.opening import open_images
from genmodels.data.images.pictures import read_any_picture
from genmodels.errors import GenmodelsError
try:
    if sys.argv[1].endswith(".png"):
        print(read_any_picture(Path(sys.argv[1]), print)[0].nbytes)
    elif sys.argv[1]:
        found = open_images(sys.argv[1], lambda _: None)
        print(found.train.pixels.nbytes + found.test.pixels.nbytes)
except GenmodelsError as error:
    print(type(error).__name__, error.what)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024))
"""


def zipped(path: Path, head: bytes, pieces) -> Path:
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open("images.npy", "w", force_zip64=True) as file,
    ):
        file.write(head)
        for piece in pieces:
            file.write(piece)
    return path


def header_bomb(folder: Path, size: int) -> Path:
    """An array with a header of blanks."""
    head = b"\x93NUMPY\x02\x00" + struct.pack("<I", size)
    return zipped(folder / "header.npz", head, (b" " * MIB for _ in range(size // MIB)))


def bool_bomb(folder: Path, size: int) -> Path:
    """Images of bits that take little room on the disk."""
    head, one = io.BytesIO(), np.zeros((1024, 32, 32), bool)
    one[:, 8:20, 8:20] = True
    np.lib.format.write_array_header_1_0(
        head, {"descr": "|b1", "fortran_order": False, "shape": (size // 1024, 32, 32)}
    )
    return zipped(folder / "bits.npz", head.getvalue(), (one.tobytes() for _ in range(size // MIB)))


def idx_bomb(folder: Path, size: int) -> Path:
    path, one = folder / "train-images-idx3-ubyte.gz", np.zeros((1024, 32, 32), np.uint8)
    one[:, 8:20, 8:20] = 255
    with gzip.open(path, "wb", 1) as file:
        file.write(b"\0\0\x08\x03" + struct.pack(">III", size // 1024, 32, 32))
        for _ in range(size // MIB):
            file.write(one.tobytes())
    return path


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(path: Path, width: int, rows: Iterable[bytes]) -> Path:
    """A grey picture, whose rows are packed one by one."""
    packer, height, data = zlib.compressobj(1), 0, b""
    for row in rows:
        data, height = data + packer.compress(b"\0" + row), height + 1
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    content = head + chunk(b"IDAT", data + packer.flush()) + chunk(b"IEND", b"")
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + content)
    return path


def png_bomb(folder: Path, side: int) -> Path:
    row = bytes(side // 3) + b"\xff" * (side - side // 3)
    return png(folder / "large.png", side, repeat(row, side))


def page_bomb(folder: Path, side: int) -> Path:
    """White paper with one line of ink, which is cut out."""
    paper, stroke = b"\xff" * side, bytes(side // 8)
    written = (b"\xff" * (side // 4) + stroke + b"\xff" * (side // 8) + stroke).ljust(side, b"\xff")
    rows = [*repeat(paper, side // 4), *repeat(written, side // 4), *repeat(paper, side - side // 4 * 2)]
    return png(folder / "page.png", side, rows)


def strip_bomb(folder: Path, side: int) -> Path:
    """As many pixels in a picture far wider than high."""
    wide = side * side // 250
    return png(folder / "strip.png", wide, repeat(bytes(wide // 3) + b"\xff" * (wide - wide // 3), 250))


def taken_by(path: Path | str) -> tuple[str, int]:
    """What a process says that reads a file, and the most memory that it takes."""
    done = subprocess.run([sys.executable, "-c", CHILD, str(path)], capture_output=True, text=True, check=True)
    *said, peak = done.stdout.splitlines()
    return "".join(said), int(peak)


def check_taken(path: Path) -> None:
    """Twice what is held is the most that is taken for a small file."""
    _, before = taken_by("")
    said, peak = taken_by(path)
    held = int(said) if said.isdigit() else 0
    assert path.stat().st_size < 10 * MIB
    assert held or "is damaged: its header has" in said
    assert peak - before <= 2 * held + 200 * MIB, (held / MIB, (peak - before) / MIB)


BOMBS = {header_bomb: 1536 * MIB, bool_bomb: 400 * MIB, idx_bomb: 1200 * MIB, png_bomb: 9450}
measured = pytest.mark.skipif(sys.platform == "win32", reason="no such measure")


@measured
@pytest.mark.sweep
@pytest.mark.parametrize(("bomb", "share"), [(header_bomb, 6), (bool_bomb, 2), (idx_bomb, 6), (png_bomb, 1)])
def test_small_files_take_at_most_twice_what_they_hold(tmp_path: Path, bomb, share: int) -> None:
    check_taken(bomb(tmp_path, BOMBS[bomb] // share))


@measured
@pytest.mark.nightly
@pytest.mark.parametrize("bomb", BOMBS)
def test_the_files_that_once_took_gigabytes(tmp_path: Path, bomb) -> None:
    check_taken(bomb(tmp_path, BOMBS[bomb]))


READING = """
import resource, sys
from genmodels.families.readings import pictures_of
from genmodels.telling import Teller
for name in sys.argv[1:]:
    pictures_of([name], Teller(lambda _: None))
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024))
"""


def taken_by_reading(*paths: Path) -> int:
    """The most memory of a process that makes strips of pictures."""
    names = [str(path) for path in paths]
    done = subprocess.run([sys.executable, "-c", READING, *names], capture_output=True, text=True, check=True)
    return int(done.stdout)


@measured
@pytest.mark.parametrize(
    "side", [pytest.param(5_000, marks=pytest.mark.sweep), pytest.param(9_450, marks=pytest.mark.nightly)]
)
@pytest.mark.parametrize("bomb", [png_bomb, page_bomb, strip_bomb])
def test_a_large_page_of_the_users_is_read_within_twice_what_it_holds(tmp_path: Path, bomb, side: int) -> None:
    (tmp_path / "small").mkdir()
    small, large = bomb(tmp_path / "small", 300), bomb(tmp_path, side)
    taken = taken_by_reading(small, large) - taken_by_reading(small)
    assert taken <= 2 * side * side + 200 * MIB, (side * side / MIB, taken / MIB)


def traced(work) -> int:
    """The most memory that NumPy and Python take for some work."""
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_images_are_read_within_twice_what_they_hold(tmp_path: Path) -> None:
    for bomb in (bool_bomb, idx_bomb):
        path = bomb(tmp_path, 24 * MIB)
        assert traced(lambda path=path: find_images(path).read(None, False)) < 2 * 24 * MIB + 20 * MIB


def test_a_large_page_is_looked_at_in_tiles(tmp_path: Path) -> None:
    path = png_bomb(tmp_path, 2_100)
    assert traced(lambda: read_any_picture(path, silent)) < 2_100**2 + 9 * MIB, "four bytes a pixel would be 18 MB more"
    pixels = read_any_picture(path, silent)[0]
    assert (pixels[:, :700] == 0).all()
    assert (pixels[:, 700:] == 255).all()


def test_large_frames_are_refused_where_a_library_keeps_several(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr("genmodels.data.images.pages.MOST_GREEDY", 99)
    page = Image.fromarray(np.eye(10, dtype=np.uint8) * 255)
    page.save(tmp_path / "a.gif", save_all=True, append_images=[page.rotate(90)])
    with pytest.raises(DataError, match="10x10, more than is safe to unpack of GIF with several frames"):
        read_any_picture(tmp_path / "a.gif", silent)
    monkeypatch.setattr("genmodels.data.images.pages.MOST_GREEDY", 100)
    content = bytearray((tmp_path / "a.gif").read_bytes())
    second = content.rindex(b"\x2c" + bytes(4))  # where and how large the frame is
    content[second + 1 : second + 9] = struct.pack("<4H", 0, 0, 90, 90)
    (tmp_path / "larger.gif").write_bytes(content)
    with pytest.raises(DataError, match="has 8100 pixels, more than is safe to unpack"):
        read_any_picture(tmp_path / "larger.gif", silent)
    monkeypatch.setattr("genmodels.data.images.pages.MOST_GREEDY", 99)
    page.save(tmp_path / "a.jp2")
    with pytest.raises(DataError, match="safe to unpack of JPEG2000"):
        read_any_picture(tmp_path / "a.jp2", silent)
    page.save(tmp_path / "b.gif")
    assert len(read_any_picture(tmp_path / "b.gif", silent)) == 1


def test_tiles_of_a_page_give_what_the_whole_gives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    noise = np.random.default_rng(1).integers(0, 256, (23, 31, 4), dtype=np.uint8)
    shape = noise.copy()
    shape[..., :3] = 9
    for name, image in {
        "colours": Image.fromarray(noise[..., :3]),
        "alpha": Image.fromarray(noise),
        "shape": Image.fromarray(shape),
        "grey": Image.fromarray(noise[..., 0]),
        "palette": Image.fromarray(noise[..., :3]).convert("P"),
    }.items():
        image.save(tmp_path / f"{name}.png")
    names = ("colours", "alpha", "shape", "grey", "palette")
    whole = {name: read_any_picture(tmp_path / f"{name}.png", silent)[0] for name in names}
    stacked = {name: read_stack([tmp_path / f"{name}.png"], True) for name in names if name != "alpha"}
    for tile in (7, 40, 100):
        monkeypatch.setattr("genmodels.data.images.pages.TILE", tile)
        for name in names:
            assert np.array_equal(read_any_picture(tmp_path / f"{name}.png", silent)[0], whole[name])
        for name, stack in stacked.items():
            again = read_stack([tmp_path / f"{name}.png"], True)
            assert np.array_equal(again.pages[0], stack.pages[0])
            assert again.guesses == stack.guesses


@pytest.mark.parametrize(
    "head",
    [
        b"{[]:1}",
        b"(" * 5_000,
        b"{'descr': '|u1', 'fortran_order': False, 'shape': (" + b"9" * 400 + b",)}",
        b"\xff" * 30,
        b"{'descr': {}, 'fortran_order': 1, 'shape': None}",
        b"",
        b"{'descr': '|u1', 'fortran_order': False, 'shape': (-1, 2)}",
        b"{'descr': '|O', 'fortran_order': False, 'shape': (3,)}",
        b"{'descr': '|V9', 'fortran_order': False, 'shape': (3,)}",
    ],
)
def test_headers_of_arrays_that_are_none_are_told_in_a_line(tmp_path: Path, head: bytes) -> None:
    path = zipped(tmp_path / "set.npz", b"\x93NUMPY\x01\x00" + struct.pack("<H", len(head)) + head, [])
    with pytest.raises(DataError) as caught:
        find_images(path).read(None, False)
    told = f"{caught.value.what} {caught.value.hint}"
    assert "pickle" not in told
    assert "\n" not in told
    assert len(told) < 400


def test_an_array_with_a_long_header_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = header_bomb(tmp_path, 64 * MIB)

    def read() -> None:
        with pytest.raises(DataError, match="its header has 67,108,864 bytes"):
            find_images(path).read(None, False)

    assert traced(read) < 4 * MIB


def test_a_directory_of_an_archive_is_not_read_where_it_is_large(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "set.npz", "w") as archive:
        for number in range(18):
            archive.writestr(str(number).zfill(60_000), b"")
    with pytest.raises(DataError, match="more than 1 MiB at once"):
        find_images(tmp_path / "set.npz").read(None, False)


def test_labels_that_are_long_texts_are_refused(tmp_path: Path) -> None:
    np.savez_compressed(tmp_path / "set.npz", images=np.zeros((30, 2, 2), np.uint8), labels=np.zeros(30, "U300000"))
    with pytest.raises(DataError, match="more than 32 MiB"):
        find_images(tmp_path / "set.npz").read(None, False)


def test_more_images_than_can_be_numbered_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("genmodels.data.images.assembling.MOST_IMAGES", 29)
    np.savez(tmp_path / "set.npz", images=np.zeros((30, 2, 2), np.uint8))
    with pytest.raises(DataError, match="holds 30 images, more than 29"):
        find_images(tmp_path / "set.npz").read(None, False)


def test_one_hot_labels_are_looked_at_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("genmodels.data.images.labels.ROWS", 4)
    kinds = np.arange(11) % 3
    assert as_labels(np.eye(3)[kinds], 11, "they").tolist() == kinds.tolist()
    wrong = np.eye(3)[kinds]
    wrong[9, 0] = 2
    with pytest.raises(DataError, match="not one class for each"):
        as_labels(wrong, 11, "they")


def test_bits_are_scaled_where_they_stand_and_others_beside() -> None:
    bits = np.eye(4, dtype=bool)
    assert np.array_equal(as_bytes([bits.copy()], "x")[0][0], np.eye(4) * 255)
    floats = np.eye(4, dtype=np.float32)
    assert np.array_equal(as_bytes([floats], "x")[0][0], np.eye(4) * 255)
    assert floats.max() == 1


def test_archives_of_recordings_are_unpacked_within_bounds(tmp_path: Path) -> None:
    """A header that tells of 90 MiB to come, in an archive of 90 kB."""
    member = tarfile.TarInfo("x")
    member.type, member.size = tarfile.XHDTYPE, 90 * MIB
    packed = zlib.compressobj(1, wbits=31)
    pieces = [packed.compress(member.tobuf()), *(packed.compress(bytes(MIB)) for _ in range(90)), packed.flush()]
    (tmp_path / "a.tar.gz").write_bytes(b"".join(pieces))

    def read() -> None:
        with pytest.raises(DataError, match="can't be read"):
            fsdd.placed(tmp_path)

    assert traced(read) < 80 * MIB


def test_a_list_is_refused_where_its_cells_would_take_a_gigabyte(tmp_path: Path, monkeypatch) -> None:
    assert table.MOST_BYTES * 16 <= 256 * MIB
    monkeypatch.setattr(table, "MOST_BYTES", 9)
    (tmp_path / "a.csv").write_text("path,words\n")
    with pytest.raises(DataError, match="too large for a list"):
        table.find_in_table(tmp_path / "a.csv")


@pytest.mark.parametrize("name", ["utf-8\0", "", "x" * 500, "\ud800", "hex", "undefined"])
def test_names_of_encodings_that_are_none_are_told(name: str) -> None:
    with pytest.raises(DataError, match="there is no encoding"):
        check_encoding(name)


# What is said where the memory is not enough.


def test_what_would_not_fit_is_refused_with_its_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "free_memory", lambda: 80 * MIB)
    with pytest.raises(ResourceError, match=r"a\.png takes 0\.5 GiB of memory, but only 0\.1 GiB are free"):
        check_room("a.png", 500 * MIB)
    check_room("small", limits.SMALL)
    with pytest.raises(ResourceError, match=r"takes 0\.1 GiB"):
        find_images(bool_bomb(tmp_path, 48 * MIB)).read(None, False)
    with pytest.raises(ResourceError, match=r"large\.png takes"):
        read_any_picture(png_bomb(tmp_path, 4_000), silent)
    monkeypatch.setattr(limits, "free_memory", lambda: None)
    check_room("anything", 1 << 60)


@pytest.mark.skipif(not Path("/proc/meminfo").exists(), reason="told by Linux")
def test_free_memory_is_what_machine_group_and_process_leave(monkeypatch: pytest.MonkeyPatch) -> None:
    free = free_memory()
    assert free is not None
    assert free <= int(Path("/proc/meminfo").read_text().partition("MemTotal:")[2].split()[0]) * 1024
    monkeypatch.setattr(limits, "address_space", lambda: 1)
    assert (free_memory() or 0) < 0


def test_groups_of_processes_have_limits_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "memory.max").write_text("1000\n")
    (tmp_path / "memory.current").write_text("900\n")
    (tmp_path / "memory.stat").write_text("anon 5\ninactive_file 200\n")
    real = Path
    monkeypatch.setattr(limits, "Path", lambda path: tmp_path if path == "/sys/fs/cgroup" else real(path))
    assert free_memory() == 300
    (tmp_path / "memory.max").write_text("max\n")
    assert free_memory() != 300


def test_a_lack_of_memory_is_told() -> None:
    with pytest.raises(ResourceError, match=r"a\.npz takes more"), room_for("a.npz"):
        raise MemoryError


def test_pieces_are_bounded() -> None:
    data = bytes(3 * AT_ONCE)
    assert len(InPieces(io.BytesIO(data)).read(AT_ONCE)) == AT_ONCE
    for size in (-1, 2 * AT_ONCE):
        with pytest.raises(ValueError, match="at once"):
            InPieces(io.BytesIO(data)).read(size)
    small = InPieces(io.BytesIO(data), AT_ONCE)
    small.read(AT_ONCE)
    with pytest.raises(ValueError, match="unpacks to more than 1 MiB"):
        small.read(1)
    file = SeekableInPieces(io.BytesIO(data))
    assert (file.seek(5), file.tell(), file.seekable(), len(file.read(7))) == (5, 5, True, 7)


def test_what_is_declared_is_there_and_nothing_more() -> None:
    assert declared(io.BytesIO(b"abc"), 3, "it", "bytes", "hint").tobytes() == b"abc"
    for size, found in ((4, "3"), (2, "more")):
        with pytest.raises(DataError, match=f"it declares {size} bytes but holds {found}"):
            declared(io.BytesIO(b"abc"), size, "it", "bytes", "hint")
