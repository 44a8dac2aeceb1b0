"""Image sets as uint8 arrays: the MNIST family, the user's own files, and the built-in rendered digits.

What was once read is kept as one array in the cache folder, so that later runs import neither torchvision nor Pillow.
"""

import contextlib
import hashlib
import io
import os
import socket
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from http.client import HTTPException
from pathlib import Path
from typing import Any

import numpy as np

from genmodels.data.cache import CACHE_HINT, cache_folder
from genmodels.data.digits import DIGITS_VERSION, render_digits
from genmodels.data.image_files import Part, Parts, image_files, read_parts
from genmodels.durable import disk_errors, published_directory, read_json, sweep_temporaries, to_json, write_synced
from genmodels.errors import DataError, RunError, UsageError, did_you_mean

Notice = Callable[[str], None]
FEWEST = 20
FEWEST_TESTED = 2
TEST_SHARE = 10  # without a test part every tenth image is held out
SHOWN = 10  # test images, where none are named
NETWORK_SECONDS = 20.0
_FORMAT = 1
_DIGITS = tuple("0123456789")


@dataclass(frozen=True)
class ImageSet:
    """Images to train on and images to test on.

    Args:
        name: what figures call it, e.g. "MNIST".
        source: what --dataset said: a known name or a path.
        train: the training part.
        test: the test part.
        classes: a name for each label, or None where there are no labels.
        fingerprint: SHA-256 over sizes, pixels and labels.
    """

    name: str
    source: str
    train: Part
    test: Part
    classes: tuple[str, ...] | None
    fingerprint: str

    @property
    def shape(self) -> tuple[int, int]:
        """(rows, columns) of an image."""
        return self.train.pixels.shape[1], self.train.pixels.shape[2]


@dataclass(frozen=True)
class Known:
    """A set that torchvision can fetch.

    Args:
        title: its name in figures.
        loader: its class in torchvision.datasets.
        classes: names of the labels.
        options: further arguments of the class.
        transposed: whether its files hold the images turned.
        sums: SHA-256 of the files as published, where we check them.
    """

    title: str
    loader: str
    classes: tuple[str, ...] = _DIGITS
    options: Mapping[str, str] = field(default_factory=dict)
    transposed: bool = False
    sums: Mapping[str, str] = field(default_factory=dict)


_MNIST_SUMS = {
    "train-images-idx3-ubyte.gz": "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
    "train-labels-idx1-ubyte.gz": "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
    "t10k-images-idx3-ubyte.gz": "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
    "t10k-labels-idx1-ubyte.gz": "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
}
_FASHION = ("T-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "boot")
_KANA = ("o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo")
_BALANCED = (*"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabdefghnqrt",)

KNOWN: dict[str, Known] = {
    "mnist": Known("MNIST", "MNIST", sums=_MNIST_SUMS),
    "fashion-mnist": Known("Fashion-MNIST", "FashionMNIST", _FASHION),
    "kmnist": Known("KMNIST", "KMNIST", _KANA),
    "emnist": Known("EMNIST balanced", "EMNIST", _BALANCED, {"split": "balanced"}, transposed=True),
}
BUILT_IN = "digits"


def open_images(dataset: str | None, notice: Notice) -> ImageSet:
    """The image set that --dataset means.

    Args:
        dataset: a known name, "digits", a path, or None: MNIST where it can be had, else the rendered digits.
        notice: is told what the user should know.

    Raises:
        DataError: unknown, missing, damaged, too few images, or not to be fetched.
        ResourceError: the cache folder cannot be written.
    """
    if dataset is None:
        return _mnist_or_digits(notice)
    if dataset == BUILT_IN:
        return _built_in(notice)
    if dataset in KNOWN:
        return _known(dataset, notice)
    if not dataset:
        raise DataError("--dataset is empty", f"give a path, or one of: {', '.join([*KNOWN, BUILT_IN])}.")
    hint = did_you_mean(dataset, [*KNOWN, BUILT_IN])
    if hint is not None and not _exists(Path(dataset)):
        raise DataError(f"there is no image set {dataset}", hint)
    return _from_path(Path(dataset), notice)


def _mnist_or_digits(notice: Notice) -> ImageSet:
    try:
        return _known("mnist", notice)
    except DataError as error:
        notice(f"took the built-in rendered digits, as {error.what}; --dataset names another set")
        return _built_in(notice)


def _built_in(notice: Notice) -> ImageSet:
    kept = _open_kept(f"digits-{DIGITS_VERSION}", BUILT_IN)
    if kept is not None:
        return kept
    notice("drawing the rendered digits (once, a few seconds)")
    train, test = render_digits()
    return _keep(f"digits-{DIGITS_VERSION}", "rendered digits", BUILT_IN, Parts(train, test, _DIGITS))


def _from_path(path: Path, notice: Notice) -> ImageSet:
    """The user's files, kept in the cache by their content."""
    if not _exists(path):
        known = ", ".join([*KNOWN, BUILT_IN])
        raise DataError(f"there is no image set {path}", f"give a path, or one of: {known}.")
    key = _content_key(path)
    source = str(path.resolve())
    kept = _open_kept(key, source)
    if kept is None:
        notice(f"reading {path} (once)")
        kept = _keep(key, _legible(path.resolve().stem), source, _with_test(read_parts(path)))
    if kept.classes is None:
        notice(f"{path} has no labels, so images are taken without their classes")
    return kept


def _legible(name: str) -> str:
    """A name without bytes that are no text, which a file's may hold."""
    return name.encode("utf-8", "backslashreplace").decode()


def _exists(path: Path) -> bool:
    """Whether there is such a file; a name that is too long is none."""
    try:
        return path.exists()
    except OSError:
        return False


def _content_key(path: Path) -> str:
    """SHA-256 over the names and contents of the files that are read."""
    files = image_files(path) if path.is_dir() else _with_labels(path)
    digest = hashlib.sha256(f"{_FORMAT}/{path.is_dir()}".encode())
    for file in files:
        digest.update(f"{file.relative_to(path.parent)}/".encode("utf-8", "surrogateescape"))
        try:
            with file.open("rb") as opened:
                digest.update(hashlib.file_digest(opened, "sha256").digest())
        except OSError as error:
            raise DataError(f"{file} cannot be read: {error.strerror}", "check its permissions.") from error
    return digest.hexdigest()


def _with_labels(path: Path) -> list[Path]:
    beside = path.with_name(path.name.replace("images", "labels").replace("idx3", "idx1"))
    return [path, beside] if beside != path and beside.is_file() else [path]


def _with_test(parts: Parts) -> Parts:
    """Hold every tenth image out where the files name no test part; the order is shuffled first.

    Raises:
        DataError: too few images, or the two parts differ in size.
    """
    count = len(parts.train.pixels)
    if count < FEWEST:
        raise DataError(f"there are only {count} images, too few to train on", f"give at least {FEWEST}.")
    if 0 in parts.train.pixels.shape:
        rows, columns = parts.train.pixels.shape[1:]
        raise DataError(f"the images are {columns}x{rows} pixels", "give images that have some.")
    if parts.test is not None and len(parts.test.pixels) < FEWEST_TESTED:
        tested = len(parts.test.pixels)
        raise DataError(f"the test part has {tested} images, too few to test on", f"give at least {FEWEST_TESTED}.")
    if parts.test is not None:
        ours, theirs = parts.train.pixels.shape[1:], parts.test.pixels.shape[1:]
        if ours != theirs:
            raise DataError(f"training images are {ours[1]}x{ours[0]}, test images {theirs[1]}x{theirs[0]}", _ONE_SIZE)
        return parts
    order = np.random.Generator(np.random.PCG64(1)).permutation(count)
    held, rest = np.sort(order[: -(-count // TEST_SHARE)]), np.sort(order[-(-count // TEST_SHARE) :])
    return Parts(parts.train.take(rest), parts.train.take(held), parts.classes)


_ONE_SIZE = "scale them to one size first."


# -- known sets ------------------------------------------------------------------------------------------


def downloads_folder(name: str) -> Path:
    """Where the user may put the files of a known set when there is no network."""
    return cache_folder() / "downloads" / name


def _known(name: str, notice: Notice) -> ImageSet:
    known = KNOWN[name]
    kept = _open_kept(name, name)
    if kept is not None:
        return kept
    placed = downloads_folder(name)
    parts = _read_placed(placed, known) if placed.is_dir() else _fetch(name, known, notice)
    if known.transposed:
        parts = Parts(_turned(parts.train), None if parts.test is None else _turned(parts.test))
    return _keep(name, known.title, name, replace(_with_test(parts), classes=known.classes))


def _turned(part: Part) -> Part:
    return Part(np.ascontiguousarray(part.pixels.transpose(0, 2, 1)), part.labels)


def _read_placed(folder: Path, known: Known) -> Parts:
    """Files that the user put into the downloads folder; MNIST's are checked against its sums."""
    _check_sums(folder, known)
    return read_parts(folder)


def _check_sums(folder: Path, known: Known) -> None:
    for name, wanted in known.sums.items():
        path = folder / name
        if not path.is_file():
            raise DataError(f"{folder} lacks {name}", f"put all of these there: {', '.join(known.sums)}.")
        with path.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
        if found != wanted:
            raise DataError(
                f"{path} has the SHA-256 sum {found[:12]}..., but that of {known.title} is {wanted[:12]}...",
                f"remove it and fetch it again; files of your own are given as a path: --dataset {folder}.",
            )


def is_offline() -> bool:
    """Whether GENMODELS_OFFLINE forbids the network."""
    return os.environ.get("GENMODELS_OFFLINE", "") not in {"", "0"}


def _fetch(name: str, known: Known, notice: Notice) -> Parts:
    """Let torchvision fetch and check a set into a temporary folder; nothing of a broken download is kept."""
    placing = f"put its IDX files into {downloads_folder(name)}, or give --dataset a path, or use --dataset {BUILT_IN}."
    if is_offline():
        raise DataError(f"{known.title} is not in the cache and GENMODELS_OFFLINE is set", placing)
    notice(f"fetching {known.title}")
    from torchvision import datasets  # noqa: PLC0415 - slow to import, needed only to fetch

    loader = getattr(datasets, known.loader)
    root = cache_folder() / "downloads"
    with disk_errors(root, CACHE_HINT):
        root.mkdir(parents=True, exist_ok=True)
        sweep_temporaries(root, seconds_old=86_400.0)
    with tempfile.TemporaryDirectory(prefix=".tmp-", dir=root) as folder, _patience():
        try:
            parts = [loader(folder, train=train, download=True, **known.options) for train in (True, False)]
        except (RuntimeError, OSError, HTTPException) as error:
            raise DataError(f"{known.title} could not be fetched: {_first_line(error)}", placing) from error
        _check_sums(Path(parts[0].raw_folder), known)
        train, test = (Part(p.data.numpy(), p.targets.numpy().astype(np.int64)) for p in parts)
    return Parts(train, test)


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


@contextlib.contextmanager
def _patience() -> Iterator[None]:
    """A silent network gives up after some seconds; torchvision's own words stay off stdout."""
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(NETWORK_SECONDS)
    try:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            yield
    finally:
        socket.setdefaulttimeout(before)


# -- the cache -------------------------------------------------------------------------------------------


def _keep(key: str, name: str, source: str, parts: Parts) -> ImageSet:
    """Write a set into the cache, durably and as a whole, and open it from there."""
    assert parts.test is not None
    target = cache_folder() / "images" / key
    both = [parts.train, parts.test]
    labelled = all(part.labels is not None for part in both)
    pixels = b"".join(part.pixels.tobytes() for part in both)
    labels = b"".join(part.labels.astype("<i8").tobytes() for part in both if part.labels is not None)
    facts = {
        "format": _FORMAT,
        "name": name,
        "counts": [len(part.pixels) for part in both],
        "shape": list(parts.train.pixels.shape[1:]),
        "classes": _class_names(parts) if labelled else None,
        "sha256": hashlib.sha256(pixels + (labels if labelled else b"")).hexdigest(),
    }

    def is_good() -> bool:
        return _open_kept(key, source) is not None

    with disk_errors(target, CACHE_HINT), published_directory(target, is_good) as folder:
        sweep_temporaries(target.parent, seconds_old=86_400.0)
        write_synced(folder / "pixels", pixels)
        write_synced(folder / "labels", labels if labelled else b"")
        write_synced(folder / "images.json", to_json(facts))
    kept = _open_kept(key, source)
    if kept is None:
        raise DataError(f"the cache {cache_folder()} does not keep what is written", "set GENMODELS_CACHE elsewhere.")
    return kept


def _class_names(parts: Parts) -> list[str]:
    """Names for the labels 0 to the largest; numbers where the files give none."""
    assert parts.train.labels is not None
    assert parts.test is not None
    assert parts.test.labels is not None
    low = int(min(parts.train.labels.min(), parts.test.labels.min()))
    high = int(max(parts.train.labels.max(), parts.test.labels.max()))
    if low < 0 or high >= 10_000:
        raise DataError(f"labels go from {low} to {high}", "number the classes from 0, at most 10,000 of them.")
    names = tuple(map(_legible, parts.classes or map(str, range(high + 1))))
    if high >= len(names):
        raise DataError(f"there is a label {high} but only {len(names)} classes", "number the classes from 0.")
    return list(names)


def _open_kept(key: str, source: str) -> ImageSet | None:
    """A set from the cache, checked byte for byte; None when it is not there or is damaged."""
    folder = cache_folder() / "images" / key
    try:
        facts = read_json(folder / "images.json")
        pixels, labels = (folder / "pixels").read_bytes(), (folder / "labels").read_bytes()
        if facts["format"] != _FORMAT or hashlib.sha256(pixels + labels).hexdigest() != facts["sha256"]:
            return None
        train, test = (int(n) for n in facts["counts"])
        rows, columns = (int(n) for n in facts["shape"])
        images = np.frombuffer(pixels, dtype=np.uint8).reshape(train + test, rows, columns)
        kinds = None if facts["classes"] is None else np.frombuffer(labels, dtype="<i8").astype(np.int64)
        classes = None if facts["classes"] is None else tuple(str(c) for c in facts["classes"])
    except (RunError, OSError, KeyError, TypeError, ValueError):
        return None
    parts = [
        Part(images[span], None if kinds is None else kinds[span]) for span in (slice(0, train), slice(train, None))
    ]
    fingerprint = hashlib.sha256(f"{facts['counts']}{facts['shape']}{facts['sha256']}".encode()).hexdigest()
    return ImageSet(str(facts["name"]), source, parts[0], parts[1], classes, fingerprint)


# -- run.json ----------------------------------------------------------------------------------------------


def describe_images(images: ImageSet) -> dict[str, Any]:
    """What run.json keeps of an image set: enough to find it again and to notice a change."""
    labels = images.train.labels
    counted = None if images.classes is None or labels is None else np.bincount(labels, minlength=len(images.classes))
    return {
        "name": images.name,
        "sources": [images.source],
        "fingerprint": images.fingerprint,
        "images": [len(images.train.pixels), len(images.test.pixels)],
        "shape": list(images.shape),
        "classes": None if images.classes is None else list(images.classes),
        "class_counts": None if counted is None else counted.tolist(),
    }


def reopen_images(described: Mapping[str, Any], notice: Notice) -> ImageSet:
    """The image set of a run, which must not have changed.

    Raises:
        DataError: it has changed or is gone.
        RunError: the description is damaged.
    """
    try:
        source, fingerprint = str(described["sources"][0]), str(described["fingerprint"])
    except (KeyError, TypeError, IndexError) as error:
        raise RunError(f"run.json does not describe its images: {error}", "restore it from a copy.") from error
    images = open_images(source, notice)
    if images.fingerprint != fingerprint:
        raise DataError(f"the images of {source} have changed since the run began", "restore them, or begin a new run.")
    return images


def choose_test_images(images: ImageSet, rows: Sequence[int] | None, notice: Notice) -> list[int]:
    """Numbers of test images: those asked for, or the first of each class, at most ten.

    Raises:
        UsageError: there is no such image.
    """
    count, labels = len(images.test.pixels), images.test.labels
    if rows is not None:
        for row in rows:
            if row >= count:
                raise UsageError(f"--images {row}: there are {count:,} test images", f"choose from 0 to {count - 1}.")
        return list(rows)
    if labels is None:
        notice(f"{images.name} has no classes: took the first {SHOWN} test images")
        return list(range(min(SHOWN, count)))
    return [int(row) for row in np.unique(labels, return_index=True)[1][:SHOWN]]


def names_of(images: ImageSet, rows: Sequence[int]) -> list[str] | None:
    """The classes of some test images by name; None where the set has none."""
    labels = images.test.labels
    if labels is None or images.classes is None:
        return None
    return [images.classes[int(labels[row])] for row in rows]
