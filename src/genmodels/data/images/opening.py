"""Image sets as uint8 arrays: the MNIST family, the user's own files, and the built-in rendered digits.

What was once read is kept as one array in the cache folder, so that later runs import neither torchvision nor Pillow.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from genmodels.data.images.digits import DIGITS_VERSION, render_digits
from genmodels.data.images.files import image_files, read_parts
from genmodels.data.images.idx import with_labels
from genmodels.data.images.image_set import BUILT_IN, DIGITS, ImageSet
from genmodels.data.images.kept import FORMAT, keep, legible, open_kept
from genmodels.data.images.known import KNOWN, downloads_folder, fetch, read_placed, turned
from genmodels.data.images.parts import Parts
from genmodels.errors import DataError, RunError, did_you_mean
from genmodels.paths import path_of
from genmodels.telling import Notice

FEWEST = 20
FEWEST_TESTED = 2
TEST_SHARE = 10  # without a test part every tenth image is held out


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
    _check_is_no_slip(dataset)
    return _from_path(path_of(dataset), notice)


def _check_is_no_slip(dataset: str) -> None:
    """Refuse an empty name, and one that is nearly a known one and no path."""
    if not dataset:
        raise DataError("--dataset is empty", f"give a path, or one of: {', '.join([*KNOWN, BUILT_IN])}.")
    hint = did_you_mean(dataset, [*KNOWN, BUILT_IN])
    if hint is not None and not _exists(path_of(dataset)):
        raise DataError(f"there is no image set {dataset}", hint)


def _mnist_or_digits(notice: Notice) -> ImageSet:
    try:
        return _known("mnist", notice)
    except DataError as error:
        notice(f"took the built-in rendered digits, as {error.what}; --dataset names another set")
        return _built_in(notice)


def _built_in(notice: Notice) -> ImageSet:
    kept = open_kept(f"digits-{DIGITS_VERSION}", BUILT_IN)
    if kept is not None:
        return kept
    notice("drawing the rendered digits (once, a few seconds)")
    train, test = render_digits()
    return keep(f"digits-{DIGITS_VERSION}", "rendered digits", BUILT_IN, Parts(train, test, DIGITS))


def _from_path(path: Path, notice: Notice) -> ImageSet:
    """The user's files, kept in the cache by their content."""
    if not _exists(path):
        known = ", ".join([*KNOWN, BUILT_IN])
        raise DataError(f"there is no image set {path}", f"give a path, or one of: {known}.")
    key = _content_key(path)
    source = str(path.resolve())
    kept = open_kept(key, source)
    if kept is None:
        notice(f"reading {path} (once)")
        kept = keep(key, legible(path.resolve().stem), source, _with_test(read_parts(path)))
    if kept.classes is None:
        notice(f"{path} has no labels, so images are taken without their classes")
    return kept


def _exists(path: Path) -> bool:
    """Whether there is such a file; a name that is too long is none."""
    try:
        return path.exists()
    except OSError:
        return False


def _content_key(path: Path) -> str:
    """SHA-256 over the names and contents of the files that are read."""
    files = image_files(path) if path.is_dir() else with_labels(path)
    digest = hashlib.sha256(f"{FORMAT}/{path.is_dir()}".encode())
    for file in files:
        digest.update(f"{file.relative_to(path.parent)}/".encode("utf-8", "surrogateescape"))
        try:
            with file.open("rb") as opened:
                digest.update(hashlib.file_digest(opened, "sha256").digest())
        except OSError as error:
            raise DataError(f"{file} cannot be read: {error.strerror}", "check its permissions.") from error
    return digest.hexdigest()


def _with_test(parts: Parts) -> Parts:
    """Hold every tenth image out where the files name no test part; the order is shuffled first.

    Raises:
        DataError: too few images, or the two parts differ in size.
    """
    _check_sizes(parts)
    if parts.test is not None:
        return parts
    count = len(parts.train.pixels)
    order = np.random.Generator(np.random.PCG64(1)).permutation(count)
    held, rest = np.sort(order[: -(-count // TEST_SHARE)]), np.sort(order[-(-count // TEST_SHARE) :])
    return Parts(parts.train.take(rest), parts.train.take(held), parts.classes)


def _check_sizes(parts: Parts) -> None:
    """Refuse too few images, images without pixels, and parts of different sizes."""
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


_ONE_SIZE = "scale them to one size first."


def _known(name: str, notice: Notice) -> ImageSet:
    known = KNOWN[name]
    kept = open_kept(name, name)
    if kept is not None:
        return kept
    placed = downloads_folder(name)
    parts = read_placed(placed, known) if placed.is_dir() else fetch(name, known, notice)
    if known.transposed:
        parts = Parts(turned(parts.train), None if parts.test is None else turned(parts.test))
    return keep(name, known.title, name, replace(_with_test(parts), classes=known.classes))


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
