"""What is said of a game: signs that it goes wrong, and how it stands."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from genmodels.analysis.doubts import covers_nothing, precision_says_nothing
from genmodels.runs import Record
from genmodels.runs.records import IMAGES_TOLD
from genmodels.settings.gan import GanSettings
from genmodels.training.signs import Sign

WON, LOST = 0.99, 0.4  # of the pairs of a real and a drawn image, the share that the discriminator orders rightly
R1 = 0.1  # worth trying where there is none


def signs_of(record: Record, classes_in_data: int | None, settings: GanSettings) -> list[Sign]:
    """Images that are all alike, classes that are not drawn any more, and a player who has won.

    Args:
        record: of an evaluation on held-out images: "variety", "recall" and so on.
        classes_in_data: how many classes the training images have; None where they are not known.
        settings: of the run, from which others are worth trying.
    """
    lost = [] if classes_in_data is None else [_modes(record["classes_present"], classes_in_data, settings)]
    players = [_discriminator(record["separation"], settings), _generator(record["separation"], settings)]
    unusual = settings.far_above_usual("learning_rate", "discriminator_rate")
    return [replace(sign, unusual=unusual) for sign in (_collapse(record, settings), *lost, *players)]


def _collapse(record: Record, s: GanSettings) -> Sign:
    shares = f"with {record['variety']:.1%} of the variance of real ones and a recall of {record['recall']:.3f}"
    if not covers_nothing(record):
        return Sign("variety", False, f"the images drawn differ again, {shares}")
    found = f"the images drawn are nearly all alike or all astray, {shares}, so precision says nothing"
    return Sign("variety", True, f"{found}; try --seed {s.seed + 1} or {_larger_r1(s)}", found)


def _modes(drawn: float, classes: int, s: GanSettings) -> Sign:
    if drawn >= classes:
        return Sign("modes", False, f"all {classes} classes are drawn again")
    found = f"only {drawn} of {classes} classes are drawn"
    ways = f"--seed {s.seed + 1}, --batch-size {2 * s.batch_size} or {_larger_r1(s)}"
    return Sign("modes", True, f"modes are lost: {found}; try {ways}", found)


def _discriminator(told_apart: float, s: GanSettings) -> Sign:
    pairs = f"{told_apart:.1%} of the pairs of a real and a drawn image rightly"
    if told_apart <= WON:
        return Sign("discriminator", False, f"the discriminator no longer wins: it orders {pairs}")
    told = f"the discriminator wins: it orders {pairs}, so the generator learns little; try {_larger_r1(s)}"
    return Sign("discriminator", True, told, f"the discriminator orders {pairs}")


def _generator(told_apart: float, s: GanSettings) -> Sign:
    pairs = f"the discriminator finds the drawn image more real in {1 - told_apart:.0%} of the pairs"
    if told_apart >= LOST:
        return Sign("generator", False, f"the generator no longer wins: {pairs}")
    wider = f"--channels {2 * s.channels}" if s.model == "dcgan" else f"--hidden-size {2 * s.hidden_size}"
    ways = f"--r1 {s.r1 / 4:g} or {wider}" if s.r1 else wider
    return Sign("generator", True, f"the generator wins: {pairs}; try {ways}", pairs)


def _larger_r1(s: GanSettings) -> str:
    """The option with a value that holds the discriminator back more."""
    return f"--r1 {4 * s.r1 if s.r1 else R1:g}"


def another_referee(now: str | None, before: str) -> str:
    """What a run is told that goes on with another classifier than it began with."""
    return (
        f"figures from here on are by the classifier {now}, those of before by {before}: "
        "they can't be compared; eval-images measures all epochs alike"
    )


def other_images(now: str, before: str) -> str:
    """What a run is told that goes on with other images to choose its best epoch by than it began with."""
    return (
        f"kernel distances from here on are to {IMAGES_TOLD[now]}, those of before to {IMAGES_TOLD[before]}, so the "
        "best epoch is chosen among both; eval-images measures all epochs alike"
    )


def in_words(record: Record, classes: Sequence[str] | None) -> str:
    """What an evaluation on held-out images found, a few lines for below an epoch's picture.

    Args:
        record: of the evaluation.
        classes: names of the images' classes, or None.
    """
    lines = [_distances(record), _players(record)]
    if classes is not None and "class_kl" in record:
        shares = {name: record[f"share/{index}"] for index, name in enumerate(classes)}
        lines.append(_classes(record["classes_present"], shares))
    return "\n".join(lines) + "\n"


def _distances(record: Record) -> str:
    """How near drawn images come to real ones: what training images have in their place stands in brackets."""
    doubt = ", which says nothing here" if precision_says_nothing(record) else ""
    return (
        f"drawn images (real ones): kernel distance {record['kernel_distance']:.4f} "
        f"± {record['kernel_distance_standard_error']:.4f} ({record['real/kernel_distance']:.4f}), precision "
        f"{record['precision']:.0%} ({record['real/precision']:.0%}){doubt}, recall {record['recall']:.0%} "
        f"({record['real/recall']:.0%})"
    )


def _players(record: Record) -> str:
    """What the discriminator says of either side, and the losses of both players."""
    return (
        f"the discriminator gives real images {record['score_real']:.2f}, drawn ones {record['score_drawn']:.2f}; "
        f"losses {record['discriminator_loss']:.3f} and the generator's {record['generator_loss']:.3f}"
    )


def _classes(present: int, shares: Mapping[str, float]) -> str:
    """The classes that are drawn with the share of each, in a line.

    >>> _classes(2, {"0": 0.75, "1": 0.25, "2": 0.0})
    'classes drawn, 2 of 3: 0 75%, 1 25%'
    """
    drawn = {name: share for name, share in shares.items() if share > 0}
    told = ", ".join(f"{name} {share:.0%}" for name, share in drawn.items())
    return f"classes drawn, {present} of {len(shares)}: {told}"
