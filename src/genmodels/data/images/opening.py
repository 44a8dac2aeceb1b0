"""Image sets as uint8 arrays: the MNIST family, the user's own files, and the built-in rendered digits.

What was once read is kept as one array in the cache folder, so that later runs import neither torchvision nor Pillow.
"""

import hashlib
import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from genmodels.data.downloads import downloads_folder
from genmodels.data.images.digits import DIGITS_VERSION, render_digits
from genmodels.data.images.dividing import BY_CLASS, SHUFFLED, shares_held_out, untested_told
from genmodels.data.images.files import Found, find_images, set_of_stem
from genmodels.data.images.image_set import BUILT_IN, DIGITS, HowRead, ImageSet, taken_of
from genmodels.data.images.kept import FORMAT, keep, kept_by_fingerprint, legible, open_kept
from genmodels.data.images.known import KNOWN, fetch, read_placed
from genmodels.data.images.parts import FEWEST, Parts
from genmodels.data.offline import is_offline
from genmodels.data.passed_over import PassedOver, told
from genmodels.data.read_before import paths_told, read_before, remember, told_before
from genmodels.data.reopening import Reopening
from genmodels.data.walking import told_of_many
from genmodels.errors import DataError, did_you_mean
from genmodels.ordinary import open_ordinary
from genmodels.paths import path_of
from genmodels.telling import Counting, Notice, counted, uncounted

FEWEST_TESTED = 2
READING = 3  # of files; another number where they are read another way
NAMED = {BUILT_IN: "the built-in rendered digits"} | {name: known.title for name, known in KNOWN.items()}
TEST_SHARE = 10  # without a test part every tenth image is held out


def open_images(
    dataset: str | None,
    notice: Notice,
    how: HowRead = HowRead(),  # noqa: B008 - it is frozen
    counting: Counting = uncounted,
) -> ImageSet:
    """The image set that --dataset means.

    Args:
        dataset: a known name, "digits", a path, or None: MNIST where it can be had, else the rendered digits.
        notice: is told what the user should know.
        how: it is read and divided.
        counting: how far it is, where pictures are read for the first time.

    Raises:
        DataError: unknown, missing, damaged, too few images, or not to be fetched.
        ResourceError: the cache folder cannot be written.
    """
    if dataset is None:
        return replace(_mnist_or_digits(notice), how=how)
    if dataset in NAMED:
        if _exists(Path(dataset)):
            notice(f"--dataset {dataset} means {NAMED[dataset]}; --dataset .{os.sep}{dataset} means what lies here")
        return replace(_built_in(notice) if dataset == BUILT_IN else _known(dataset, notice), how=how)
    _check_is_no_slip(dataset)
    return _from_path(path_of(dataset), notice, how, counting)


def _check_is_no_slip(dataset: str) -> None:
    """Refuse an empty name, and one that is nearly a known one and no path."""
    if not dataset:
        raise DataError("--dataset is empty", f"give a path, or one of: {', '.join(NAMED)}.")
    hint = did_you_mean(dataset, NAMED)
    if hint is not None and not _exists(path_of(dataset)):
        if is_offline() and BUILT_IN not in hint:
            hint = f"give the path of its folder, or {hint}"
        raise DataError(f"there is no image set {dataset}", hint)


def _mnist_or_digits(notice: Notice) -> ImageSet:
    try:
        return _known("mnist", notice)
    except DataError as error:
        other = read_before("images", "mnist")
        way = "--dataset names another set" if other is None else told_before(other)
        notice(f"took the built-in rendered digits, as {error.what}; {way}")
        return _built_in(notice)


def _built_in(notice: Notice) -> ImageSet:
    kept = open_kept(f"digits-{DIGITS_VERSION}", BUILT_IN, notice)
    if kept is not None:
        return kept
    notice("drawing the rendered digits (once, a few seconds)")
    train, test = render_digits()
    return keep(f"digits-{DIGITS_VERSION}", "rendered digits", BUILT_IN, Parts(train, test, DIGITS), False, notice)


def _from_path(path: Path, notice: Notice, how: HowRead, counting: Counting) -> ImageSet:
    """The user's files, kept in the cache by their content."""
    if not _is_there(path):
        raise DataError(f"there is no image set {path}", f"give a path, or one of: {', '.join(NAMED)}.")
    found = find_images(path)
    key, source = _content_key(found, path, how, counting), str(path.resolve())
    kept = open_kept(key, source, notice)
    if kept is None:
        notice(f"reading {path} (once)")
        whole, held_out = _read(found, how, counting)
        kept = keep(key, legible(found.name), source, whole, held_out, notice)
        del whole  # before anything else takes memory
    remember("images", key, source)
    kept = replace(kept, name=legible(found.name), how=how)
    return replace(kept, taken=taken_of(kept, found.unit, found.passed_over, found.guesses))


def _read(found: Found, how: HowRead, counting: Counting) -> tuple[Parts, bool]:
    """The parts of a set of files, with a test part, and whether that was held out of the images given."""
    parts = found.read(_white(how), how.grey, counting)
    return _enough(parts, found.passed_over, how.division), parts.test is None


def _is_there(path: Path) -> bool:
    """Whether a path is a file or folder, or one of the sets in a folder: FOLDER/STEM."""
    return _exists(path) or set_of_stem(path) is not None


def _exists(path: Path) -> bool:
    """Whether there is such a file; a name that is too long is none."""
    try:
        return path.exists()
    except OSError:
        return False


def _white(how: HowRead) -> int | None:
    """The value that is white, where it is known."""
    return None if how.levels is None else how.levels - 1


def _content_key(found: Found, root: Path, how: HowRead, counting: Counting) -> str:
    """SHA-256 over the names and contents of the files that are read, and the way they are."""
    ways = ["/grey"] * how.grey + [f"/{how.division}"] * (how.division != SHUFFLED)  # none: as before there were any
    digest = hashlib.sha256(f"{FORMAT}/{READING}/{_white(how)}{''.join(ways)}".encode())
    base = root if root.is_dir() else root.parent
    with told_of_many(counting, "looking at the files", len(found.files)) as advance:
        for file in found.files:
            digest.update(f"{file.relative_to(base)}/".encode("utf-8", "surrogateescape"))
            try:
                with open_ordinary(file) as opened:
                    digest.update(hashlib.file_digest(opened, "sha256").digest())
            except OSError as error:
                raise DataError(f"{file} cannot be read: {error.strerror}", "check its permissions.") from error
            advance(1)
    return digest.hexdigest()


def _enough(parts: Parts, passed_over: Mapping[str, str], division: str) -> Parts:
    """The same with a test part, unless there are too few images, which may be as others were passed over.

    Raises:
        DataError: see `_with_test`.
    """
    try:
        return _with_test(parts, division)
    except DataError as error:
        others = told(PassedOver(name, why) for name, why in passed_over.items())
        raise DataError(error.what + (f"; passed over: {others}" if others else ""), error.hint) from error


def _with_test(parts: Parts, division: str) -> Parts:
    """Hold a tenth of the images out where the files name no test part, of each class alike where there are classes.

    Raises:
        DataError: too few images, or the two parts differ in size.
    """
    _check_sizes(parts)
    if parts.test is not None:
        return parts
    count = len(parts.train.pixels)
    tested = -(-count // TEST_SHARE)
    if division == BY_CLASS:
        train, test = shares_held_out(parts.train, tested, 1)
        guesses = (*parts.guesses, *untested_told(train, test, parts.classes))
        return replace(parts, train=train, test=test, guesses=guesses)
    order = np.random.Generator(np.random.PCG64(1)).permutation(count)
    rest, held = np.sort(order[tested:]), np.sort(order[:tested])
    return replace(parts, train=parts.train.take(rest), test=parts.train.take(held))


def _check_sizes(parts: Parts) -> None:
    """Refuse too few images, images without pixels, and parts of different sizes."""
    count = len(parts.train.pixels)
    if count < FEWEST:
        raise DataError(f"too few to train on: {counted(count, 'image')}", f"give at least {FEWEST}.")
    if 0 in parts.train.pixels.shape:
        rows, columns = parts.train.pixels.shape[1:]
        raise DataError(f"the images are {columns}x{rows} pixels", "give images that have some.")
    if parts.test is not None and len(parts.test.pixels) < FEWEST_TESTED:
        tested = len(parts.test.pixels)
        raise DataError(
            f"the test part has {counted(tested, 'image')}, too few to test on", f"give at least {FEWEST_TESTED}."
        )
    if parts.test is not None:
        ours, theirs = parts.train.pixels.shape[1:], parts.test.pixels.shape[1:]
        if ours != theirs:
            raise DataError(f"training images are {ours[1]}x{ours[0]}, test images {theirs[1]}x{theirs[0]}", _ONE_SIZE)


_ONE_SIZE = "scale them to one size first."


def _known(name: str, notice: Notice) -> ImageSet:
    known = KNOWN[name]
    kept = open_kept(name, name, notice)
    if kept is not None:
        return kept
    placed = downloads_folder(name)
    try:
        with paths_told("images", name, known.title):
            parts = read_placed(placed, known) if _exists(placed) else fetch(name, known, notice)
    except DataError:
        if (kept := open_kept(name, name, notice, gone=True)) is None:  # one that an earlier version kept
            raise
        return kept
    return keep(name, known.title, name, _with_test(parts, SHUFFLED), False, notice)  # its classes are large


def images_learned(described: Mapping[str, Any], notice: Notice, counting: Counting = uncounted) -> ImageSet:
    """The very images that a run learned from, for questions about it: as `reopen_images`, else from the cache.

    Raises:
        DataError: they have changed or are gone, and are not in the cache either.
        RunError: the description is damaged.
    """
    return _reopening(described, notice, counting).learned(described)


def reopen_images(
    described: Mapping[str, Any], notice: Notice, again: str | None = None, counting: Counting = uncounted
) -> ImageSet:
    """The image set of a run, which must not have changed: from where it was; from the cache if it is gone.

    Args:
        described: what `describe_images` gave.
        notice: is told what the user should know.
        again: where the images are now, if they were moved: as --dataset says it.
        counting: as of `open_images`.

    Raises:
        DataError: they have changed, or are gone and not in the cache either.
        RunError: the description is damaged.
    """
    return _reopening(described, notice, counting).again(described, again)


def _reopening(described: Mapping[str, Any], notice: Notice, counting: Counting) -> Reopening[ImageSet]:
    """How images are found again: read and divided as the run did."""
    how = HowRead.recorded(described if isinstance(described, Mapping) else {})

    def kept(fingerprint: str, source: str) -> ImageSet | None:
        found = kept_by_fingerprint(fingerprint, source, notice)
        return None if found is None else replace(found, how=how)

    return Reopening(
        "images",
        lambda source: open_images(source, notice, how, counting),
        lambda source: source in NAMED or _is_there(Path(source)),
        kept,
        notice,
    )
