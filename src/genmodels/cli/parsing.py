"""Lists of numbers, epochs with ranges, lengths of strips."""

from collections.abc import Callable, Sequence

from genmodels.errors import UsageError
from genmodels.runs import Epoch
from genmodels.runs.epochs import ALL, LATEST
from genmodels.settings.reader import check_lengths

MOST_EPOCHS = 10_000
MOST_DIGITS = 18
_NUMBERS = "give numbers or ranges, such as"


def is_count(text: str) -> bool:
    """Whether a text is a whole number of as many digits as any count of ours has."""
    return text.isdecimal() and len(text) <= MOST_DIGITS


def parse_numbers(flag: str, text: str) -> tuple[float, ...]:
    """A list such as 0.25,0.75,1.5.

    Raises:
        UsageError: an entry is not a number.
    """
    try:
        return tuple(float(item) for item in text.split(","))
    except ValueError as error:
        raise UsageError(f"{flag} {text!r} is not a list of numbers", f"write {flag} 0.25,0.75,1.5.") from error


def comma_told(flag: str, text: str) -> str | None:
    """What to say of a list whose commas may have been meant as decimal ones; None where nothing speaks for it.

    >>> comma_told("--temp", "0,25")
    '--temp 0,25 is a list of 0 and 25; for a single number write --temp 0.25'
    >>> comma_told("--temp", "0.25,1") is None
    True
    """
    items = [item.strip() for item in text.split(",")]
    if len(items) % 2 or not all(item.isdecimal() for item in items):
        return None
    *first, last = items
    pairs = [f"{whole}.{part}" for whole, part in zip(items[::2], items[1::2], strict=True)]
    meant = "a single number" if len(pairs) == 1 else "decimal commas"
    return f"{flag} {text} is a list of {', '.join(first)} and {last}; for {meant} write {flag} {','.join(pairs)}"


def classes_of(text: str | None) -> list[str] | None:
    """The value of --classes, such as 0,1,2: names; None where it was not given."""
    return None if text is None else [name.strip() for name in text.split(",")]


def parse_epochs(text: str, flag: str = "--epochs", what: str = "epoch", hint: str | None = None) -> list[int]:
    """A list of epochs (or other counts) with ranges, such as 1,10,20 or 1-5.

    Args:
        text: as it was typed.
        flag: the option that it was typed for.
        what: is counted.
        hint: what to do where it can't be read; None: that numbers and ranges are wanted.

    Raises:
        UsageError: an entry is no such number or ascending range.
    """
    found: list[int] = []
    for item in text.split(","):
        first, dash, last = item.strip().partition("-")
        if not is_count(first) or (dash and not is_count(last)) or (dash and int(last) < int(first)):
            article = "an" if what[0] in "aeiou" else "a"
            raise UsageError(
                f"{flag} {text!r}: {item!r} is not {article} {what}", hint or f"{_NUMBERS} {flag} 1,2 or 1-2."
            )
        if int(last or first) - int(first) >= MOST_EPOCHS:
            raise UsageError(f"{flag} {text!r} asks for more than {MOST_EPOCHS:,} {what}s", "name fewer.")
        found += range(int(first), int(last or first) + 1)
    return list(dict.fromkeys(found))


def parse_epoch(text: str, flag: str = "--epoch", hint: str | None = None) -> Epoch:
    """An epoch such as 3, a part of one such as 0.25, or the word latest.

    Args:
        text: as it was typed.
        flag: the option that it was typed for.
        hint: what to do where it can't be read; None: what one epoch may be.

    Raises:
        UsageError: it is none of these.
    """
    text = text.strip()
    if text == LATEST or is_count(text):
        return text if text == LATEST else int(text)
    whole, _, part = text.partition(".")
    if not is_count(whole) or not is_count(part):
        one = f"give {flag} 1, a part of an epoch such as 0.5, or {LATEST}; {_best_without(flag)}."
        raise UsageError(f"{flag} {text!r} is not an epoch", hint or one)
    return float(text)


def epochs_of(text: str | None) -> Sequence[Epoch] | None:
    """The value of --epochs: as `each_epoch` has it, or "all"; None where it was not given."""
    others = f"a part of an epoch such as 0.5, {LATEST} or {ALL}; {_best_without('--epochs')}"
    hint = f"{_NUMBERS} --epochs 1,2 or 1-2, {others}."
    return text if text is None or text == ALL else each_epoch(text, "--epochs", hint)


def epochs_to_keep(text: str) -> list[Epoch]:
    """The value of --keep, as `each_epoch` has it."""
    also = "or parts of epochs; the best and the last stay in any case"
    return each_epoch(text, "--keep", f"{_NUMBERS} --keep 1,2 or 1-2, {also}.")


def _best_without(flag: str) -> str:
    return f"without {flag} it is the best"


def each_epoch(text: str, flag: str, hint: str) -> list[Epoch]:
    """A list of epochs and ranges, parts of epochs, and "latest".

    Args:
        text: as it was typed.
        flag: the option that it was typed for.
        hint: what may be given.

    Raises:
        UsageError: an entry is no epoch or ascending range.
    """
    found: list[Epoch] = []
    for item in text.split(","):
        is_one = "." in item or item.strip() == LATEST
        found += [parse_epoch(item, flag, hint)] if is_one else parse_epochs(item, flag, hint=hint)
    return list(dict.fromkeys(found))


def numbers_of(flag: str, text: str | None) -> list[int] | None:
    """The value of an option that takes numbers such as 3,17 or 0-4; None where it was not given.

    Raises:
        UsageError: an entry is none.
    """
    return None if text is None else parse_epochs(text, flag, "whole number")


def parse_lengths(text: str, check: Callable[[Sequence[int], str], object] = check_lengths) -> list[int]:
    """Lengths of strips or utterances.

    Args:
        text: as it was typed.
        check: refuses what can't be composed; takes the lengths, and how they were written.

    Raises:
        UsageError: no numbers, or too long a strip.
    """
    lengths = parse_epochs(text, "--lengths", "length")
    check(lengths, text)
    return lengths
