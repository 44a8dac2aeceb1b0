"""What is said of a game: remarks, words, bars."""

from collections.abc import Mapping

WON, LOST = 0.99, 0.4  # of the pairs of a real and a drawn image, the share that the discriminator orders rightly
BAR = 30  # characters of the longest bar


def bars(shares: Mapping[str, float]) -> list[str]:
    """A histogram in characters: a line for each class."""
    longest, wide = max(shares.values()), max(len(name) for name in shares)
    return [f"{name:>{wide}} {share:6.1%} {'█' * round(BAR * share / longest)}" for name, share in shares.items()]
