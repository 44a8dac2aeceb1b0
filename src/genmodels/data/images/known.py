"""The MNIST family: fetched and checked, or placed by hand."""

import contextlib
import hashlib
import io
import socket
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from http.client import HTTPException
from pathlib import Path

import numpy as np

from genmodels.data.downloads import NETWORK_SECONDS, downloads_folder, reason_of, swept_root
from genmodels.data.images.files import find_images
from genmodels.data.images.idx import EMNIST
from genmodels.data.images.image_set import BUILT_IN, DIGITS
from genmodels.data.images.parts import Part, Parts
from genmodels.data.offline import is_offline
from genmodels.durable import passing_directory
from genmodels.errors import DataError
from genmodels.ordinary import open_ordinary
from genmodels.telling import Notice


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
    classes: tuple[str, ...] = DIGITS
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
KNOWN: dict[str, Known] = {
    "mnist": Known("MNIST", "MNIST", sums=_MNIST_SUMS),
    "fashion-mnist": Known("Fashion-MNIST", "FashionMNIST", _FASHION),
    "kmnist": Known("KMNIST", "KMNIST", _KANA),
    "emnist": Known("EMNIST balanced", "EMNIST", EMNIST["emnist-balanced"], {"split": "balanced"}, transposed=True),
}


def upright(parts: Parts) -> Parts:
    """Images with rows and columns exchanged."""
    train, test = (None if part is None else _turned(part) for part in (parts.train, parts.test))
    assert train is not None
    return replace(parts, train=train, test=test)


def _turned(part: Part) -> Part:
    return Part(np.ascontiguousarray(part.pixels.transpose(0, 2, 1)), part.labels)


def read_placed(folder: Path, known: Known) -> Parts:
    """Files that the user put into the downloads folder; MNIST's are checked against its sums."""
    _check_sums(folder, known)
    found = find_images(folder)
    parts = found.read(None, False)
    if found.upright:  # EMNIST's own files, which know their letters
        if known.title.lower().replace(" ", "-") != found.name.lower():
            what = f"{folder} holds {found.name}, but these should be the files of {known.title}"
            raise DataError(what, f"give them as a path: --dataset {folder}.")
        return parts
    parts = upright(parts) if known.transposed else parts
    return parts if parts.classes is None else _named(parts, known)


def _named(parts: Parts, known: Known) -> Parts:
    """The classes by their names instead of the numbers that occur in the files."""
    assert parts.classes is not None
    numbers = np.array([int(number) for number in parts.classes])
    if numbers.max() >= len(known.classes):
        what = f"a label of {known.title} is {numbers.max()}, but it has {len(known.classes)} classes"
        raise DataError(what, "give files of your own as a path: --dataset PATH.")
    train, test = (
        None if part is None or part.labels is None else Part(part.pixels, numbers[part.labels])
        for part in (parts.train, parts.test)
    )
    assert train is not None
    return replace(parts, train=train, test=test, classes=known.classes)


def _check_sums(folder: Path, known: Known) -> None:
    for name, wanted in known.sums.items():
        path = folder / name
        if not path.is_file():
            raise DataError(f"{folder} lacks {name}", f"put all of these there: {', '.join(known.sums)}.")
        with open_ordinary(path) as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
        if found != wanted:
            raise DataError(
                f"{path} has the SHA-256 sum {found[:12]}..., but that of {known.title} is {wanted[:12]}...",
                f"remove it and fetch it again; files of your own are given as a path: --dataset {folder}.",
            )


def fetch(name: str, known: Known, notice: Notice) -> Parts:
    """Let torchvision fetch and check a set into a temporary folder; nothing of a broken download is kept."""
    placing = f"put its IDX files into {downloads_folder(name)}, or give --dataset a path, or use --dataset {BUILT_IN}."
    if is_offline():
        raise DataError(f"{known.title} is not in the cache and GENMODELS_OFFLINE is set", placing)
    notice(f"fetching {known.title}")
    from torchvision import datasets  # noqa: PLC0415 - slow to import, needed only to fetch

    loader = getattr(datasets, known.loader)
    with passing_directory(swept_root()) as folder, _patience():
        try:
            loaded = [loader(folder, train=train, download=True, **known.options) for train in (True, False)]
        except (RuntimeError, OSError, HTTPException) as error:
            raise DataError(f"{known.title} could not be fetched: {reason_of(error)}", placing) from error
        _check_sums(Path(loaded[0].raw_folder), known)
        train, test = (Part(p.data.numpy(), p.targets.numpy().astype(np.int64)) for p in loaded)
    parts = Parts(train, test, known.classes)
    return upright(parts) if known.transposed else parts


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
