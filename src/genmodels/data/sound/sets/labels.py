"""Labels as people write them -> words: digits by their names, small letters where that joins nothing."""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import replace

from genmodels.data.sound.clips import WORDS
from genmodels.data.sound.sets.given import Given, Said
from genmodels.errors import DataError
from genmodels.printable import one_line

LONGEST = 64  # characters of a word
MOST_WORDS = 1_000  # different ones
_AT_ENDS = ".,!?;:\"'()[]…“”„«»¿¡"


def fault_of(label: str) -> str | None:
    """Why a label is no word; None: it is one."""
    if not label.strip():
        return "its label is empty"
    if len(label) > LONGEST:
        return f"its label is longer than {LONGEST} characters"
    if one_line(label) != label or label.split() != [label]:
        return "its label holds spaces or characters that can't be seen"
    return None if any(map(str.isalnum, label)) else "its label holds neither letters nor digits"


def with_words(given: Given) -> Given:
    """The same with labels that are words, each written in one way; the others are passed over, and changes told.

    Raises:
        DataError: there are too many different words.
    """
    given = replace(given, said=[_composed(said) for said in given.said])
    faults = {said.file: fault for said in given.said if (fault := next(filter(None, map(fault_of, said.words)), None))}
    given = given.without(faults)
    labels = {word for said in given.said for word in said.words}
    for way in (_bare, _small, _digits):
        names, sentence = way(labels)
        if sentence:
            said = [_renamed(said, names) for said in given.said]
            given = replace(given, said=said, guesses=[*given.guesses, sentence])
            labels = {names[label] for label in labels}
    if len(labels) > MOST_WORDS:
        what = f"{len(labels):,} different words are said, more than {MOST_WORDS:,}"
        raise DataError(what, "give fewer words; a label for each recording, not its name, is wanted.")
    return given


def _composed(said: Said) -> Said:
    """The same with accents composed, as different systems write one name differently, and a speaker to be shown."""
    words = tuple(unicodedata.normalize("NFC", word) for word in said.words)
    speaker = None if said.speaker is None else one_line(unicodedata.normalize("NFC", said.speaker))
    return replace(said, words=words, speaker=speaker)


def _renamed(said: Said, names: dict[str, str]) -> Said:
    return replace(said, words=tuple(names[word] for word in said.words))


def _bare(labels: Iterable[str]) -> tuple[dict[str, str], str]:
    """Words without the marks of a sentence before and after them."""
    names = {label: label.strip(_AT_ENDS) or label for label in labels}
    return names, _example(names, "took the marks from the ends of words")


def _small(labels: Iterable[str]) -> tuple[dict[str, str], str]:
    """Words in small letters, unless two of them differ in that alone."""
    first: dict[str, str] = {}
    for label in sorted(labels):
        other = first.setdefault(label.lower(), label)
        if other != label:
            told = f"left words as they are written, as {other} and {label} differ in capitals alone"
            return {label: label for label in labels}, told
    names = {label: small for small, label in first.items()}
    return names, _example(names, "wrote words in small letters")


def _digits(labels: Iterable[str]) -> tuple[dict[str, str], str]:
    """Digits by their names, where all labels are such."""
    names = {str(digit): word for digit, word in enumerate(WORDS)}
    found = set(labels)
    return names, "took the digits 0 to 9 for the words zero to nine" if found and found <= set(names) else ""


def _example(names: dict[str, str], what: str) -> str:
    changed = sorted(label for label, name in names.items() if label != name)
    return f"{what}: {names[changed[0]]} for {changed[0]}" if changed else ""


def in_order(words: Iterable[str]) -> tuple[str, ...]:
    """Words as a set numbers them: digits as they count, others by their letters."""
    found = set(words)
    return tuple(w for w in WORDS if w in found) if found <= set(WORDS) else tuple(sorted(found))


def numbers_of(said: Sequence[Said], words: Sequence[str]) -> list[list[int]]:
    """What is said as numbers of the words."""
    places = {word: place for place, word in enumerate(words)}
    return [[places[word] for word in one.words] for one in said]
