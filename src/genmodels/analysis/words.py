"""What a word is in any script: letters with their combining marks; and scripts without spaces between words.

A mark (Unicode category M: accents, vowel signs, viramas, tones, harakat, niqqud) belongs to the letter before it, and
a joiner (U+200C, U+200D) between two letters to the word, as in Persian and the scripts of India. An apostrophe
between letters is part of a word too.
"""

import functools
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator

from genmodels.printable import JOINERS

_MOSTLY = 0.5  # share of letters in scripts without spaces, above which words can't be told
_KANA_IN_JAPANESE = 0.1  # of the letters that Chinese has too
# Letters of scripts whose words follow each other without a space, as ranges of code points.
_WITHOUT_SPACES: dict[str, tuple[tuple[int, int], ...]] = {
    "Chinese": ((0x3005, 0x3007), (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x323AF)),
    "Japanese": ((0x3041, 0x30FF), (0x31F0, 0x31FF), (0xFF66, 0xFF9F), (0x1AFF0, 0x1B16F)),
    "Thai": ((0x0E00, 0x0E7F),),
    "Lao": ((0x0E80, 0x0EFF),),
    "Tibetan": ((0x0F00, 0x0FFF),),
    "Burmese": ((0x1000, 0x109F), (0xA9E0, 0xA9FF), (0xAA60, 0xAA7F)),
    "Khmer": ((0x1780, 0x17FF),),
}


@functools.lru_cache
def _word(marks: str, left_out: str) -> re.Pattern[str]:
    """A word: with these marks, and without these letters, whose script puts no spaces between words."""
    letter = rf"[^\W\d_{re.escape(left_out)}]"
    follows = [f"{letter}+", rf"[{JOINERS}](?={letter})", *([f"[{re.escape(marks)}]+"] if marks else [])]
    part = f"{letter}(?:{'|'.join(follows)})*+"
    return re.compile(rf"{part}(?:['\u2019]{part})*+")


@functools.cache
def script_of(letter: str) -> str | None:
    """The script of a letter, if it is one of those without spaces between words."""
    code = ord(letter)
    return next((name for name, ranges in _WITHOUT_SPACES.items() if any(a <= code <= b for a, b in ranges)), None)


def is_mark(character: str) -> bool:
    """Whether a character combines with the one before it."""
    return unicodedata.category(character)[0] == "M"


def spans(text: str) -> Iterator[tuple[int, int]]:
    """Where each word begins and ends; what is written without spaces is no word."""
    seen = sorted(set(text))
    pattern = _word("".join(filter(is_mark, seen)), "".join(filter(script_of, seen)))
    return (found.span() for found in pattern.finditer(text))


def words(text: str) -> Iterator[str]:
    """The words of a text, each in one form: whatever the case, and with accents composed or not."""
    return (_alike(text[begin:end]) for begin, end in spans(text))


def whole_words(text: str) -> list[str]:
    """The words of a text, but for one that its beginning or end may have cut."""
    first = next((i for i, c in enumerate(text) if not (is_mark(c) or c in JOINERS)), 0)
    last = len(text.rstrip(JOINERS))
    return [_alike(text[begin:end]) for begin, end in spans(text) if begin > first and end < last]


def _alike(word: str) -> str:
    if word.isascii():
        return word.casefold()
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", word).casefold())


def script_without_spaces(text: str) -> str | None:
    """The script of a text that is mostly written without spaces between words; None: words can be told."""
    counts = {c: n for c, n in Counter(text).items() if c.isalpha()}
    scripts: Counter[str] = Counter()
    for letter, count in counts.items():
        if script := script_of(letter):
            scripts[script] += count
    if scripts.total() <= _MOSTLY * sum(counts.values()):
        return None
    if scripts["Japanese"] > _KANA_IN_JAPANESE * scripts["Chinese"] and scripts["Japanese"]:
        scripts["Japanese"] += scripts.pop("Chinese", 0)
    return scripts.most_common(1)[0][0]


def why_none(script: str) -> str:
    """The sentence that says so."""
    return f"words can't be told in {script}, which puts no spaces between them: measures of words are left out"
