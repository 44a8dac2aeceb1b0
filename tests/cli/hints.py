"""Hints are followed: from a refused command line and its hint to the lines that a person would type next.

A rule knows a way of giving hints. What no rule knows, or a rule can't do without knowing the folder, is written into
the row of the mistake, as its `then`.
"""

import difflib
import re
import shlex
from collections.abc import Callable
from dataclasses import dataclass

from homes import TINY_GAN, TINY_PIXELS, TINY_TEXT, TINY_VAE

Line = list[str]
_ONE_EPOCH = ("--epochs", "1")
TINY: dict[str, tuple[str, ...]] = {  # what makes a training short, where the line itself says nothing else
    "train-text": (*TINY_TEXT[:4], "--batch-size", "16", "--window", "16", *_ONE_EPOCH),
    "train-vae": (*TINY_VAE, *_ONE_EPOCH),
    "train-pixelrnn": (*TINY_PIXELS, *_ONE_EPOCH),
    "train-gan": (*TINY_GAN, *_ONE_EPOCH),
    "train-reader": ("--hidden-size", "8", "--channels", "2", "--longest", "2", "--strips", "20", "--batch-size", "10",
                     "--tested-strips", "4", *_ONE_EPOCH),
    "train-speech": ("--parameters", "4000", "--longest", "1", "--utterances", "8", "--batch-size", "8",
                     "--tested-utterances", "1", *_ONE_EPOCH),
}  # fmt: skip
SHORT = "0.001"  # minutes


@dataclass(frozen=True)
class Refused:
    """A command line that was refused, and the answer.

    Args:
        line: what was typed, in words.
        error: what is wrong.
        hint: what to do.
    """

    line: Line
    error: str
    hint: str

    @property
    def flag(self) -> str:
        """The option that the answer names first."""
        found = re.search(r"--[a-z][\w-]*", f"{self.error} {self.hint}")
        assert found is not None, f"neither error nor hint names an option: {self.error}"
        return found[0]

    def having(self, flag: str, value: str) -> Line:
        """The line with another value of an option."""
        if flag not in self.line:
            return [*self.line, flag, value]
        at = len(self.line) - 1 - self.line[::-1].index(flag)
        return [*self.line[: at + 1], value, *self.line[at + 2 :]]

    def without(self, flag: str) -> Line:
        """The line without an option and its value."""
        at = self.line.index(flag)
        more = 1 + (at + 1 < len(self.line) and not self.line[at + 1].startswith("--"))
        return [*self.line[:at], *self.line[at + more :]]

    def with_word(self, right: str) -> Line:
        """The line with a name in the place of the one that looks most like it."""
        pieces = [piece for word in self.line for piece in word.split(",")]
        others = [piece for piece in pieces if piece != right]
        wrong = max(others, key=lambda piece: difflib.SequenceMatcher(None, piece.lower(), right).ratio())
        return [",".join(right if piece == wrong else piece for piece in word.split(",")) for word in self.line]


Rule = Callable[[Refused, re.Match[str]], list[Line]]


def _last_of(refused: Refused, match: re.Match[str]) -> list[Line]:
    """The last one that there is: a hint that counts one too many is found."""
    return [refused.having(refused.flag, match["last"])]


def _as_it_says(refused: Refused, match: re.Match[str]) -> list[Line]:
    """An option and its value stand in the hint."""
    return [refused.having(match[1], match[2])]


def _kept(refused: Refused, match: re.Match[str]) -> list[Line]:
    """All epochs that were kept, or the last of them where the option takes one."""
    if "--epochs" in refused.line:
        return [refused.having("--epochs", match[1])]
    return [refused.having("--epoch", re.split("[-,]", match[1])[-1])]


def _one_of_them(refused: Refused, match: re.Match[str]) -> list[Line]:
    """Each of the options that contradict each other is left out."""
    flags = [flag for flag in re.findall(r"--[a-z][\w-]*", refused.error) if flag in refused.line]
    return [refused.without(flag) for flag in dict.fromkeys(flags)]


def _left_out(refused: Refused, match: re.Match[str]) -> list[Line]:
    return [refused.without(refused.flag if match[1] == "it" else match[1])]


def _ended(refused: Refused, match: re.Match[str]) -> list[Line]:
    """The path that the option was given, with the first ending that is named."""
    path = refused.line[refused.line.index(refused.flag) + 1]
    return [refused.having(refused.flag, path.rpartition(".")[0] + match[1])]


def _listed(refused: Refused, match: re.Match[str]) -> list[Line]:
    """What shows the runs that there are."""
    return [shlex.split(match[1])]


def _made_first(refused: Refused, match: re.Match[str]) -> list[Line]:
    """A run is made, and then the line takes it, as the newest."""
    data = {"train-text": ["corpus.txt"], "train-speech": ["--dataset", "words"]}.get(
        match[1], ["--dataset", "set.npz"]
    )
    return [[match[1], *data], refused.without("--run") if "--run" in refused.line else refused.line]


def _whistled(refused: Refused, match: re.Match[str]) -> list[Line]:
    """The words of three whistlers."""
    return [refused.having("--on" if "--on" in refused.line else "--dataset", "words")]


RULES: tuple[tuple[str, Rule], ...] = (  # the first that fits
    (r"did you mean (\S+)\?", lambda refused, match: [refused.with_word(match[1])]),
    (r"choose (?:--\w+ )?from \d+ to (?P<last>\d+)", _last_of),
    (r"(?:units|layers) are \d+ to (?P<last>\d+)", _last_of),
    (r"(?:choose one of: |the classes are: )(?:[\w-]+, )*(?P<last>[\w-]+)\.$", _last_of),
    (r"choose \w+ or (?P<last>\w+)\.$", _last_of),
    (r"(?:hold|ask for) at (?:least|most) (?P<last>\d+)", _last_of),
    (r"name \d+, such as (?P<last>[\d,]+)\.", _last_of),
    (r"give (?P<flag>--epochs) (?P<last>all); kept are", lambda refused, match: [refused.having(match[1], match[2])]),
    (r"(?:kept|evaluated) are: ([\d,-]+)", _kept),
    (r"give one of them|leave one of them out", _one_of_them),
    (r"leave (it|--[\w-]+) out", _left_out),
    (r"end it in (\.\w+)", _ended),
    (r"choose another (?:--)?name|use letters, digits", lambda refused, _: [refused.having("--name", "other")]),
    (r"name another run, such as (\S+)\.$", lambda refused, match: [refused.having("--run", match[1])]),
    (r"name another with (--runs)", lambda refused, match: [refused.having(match[1], "elsewhere")]),
    (r"leave (--\w+) at (\w+)", _as_it_says),
    (r"give (--[\w-]+) an ordinary number", lambda refused, match: [refused.having(match[1], SHORT)]),
    (r"give (--[\w-]+) a whole number", lambda refused, match: [refused.having(match[1], "1")]),
    (r"such as (--[\w-]+) ([\d,-]+)", _as_it_says),
    (r"or (--unknown) (skip)", _as_it_says),
    (r"^(?:write |try |use |add |give )?(--[\w-]+) ([\w.,:-]*\w)", _as_it_says),
    (r"^use (?P<last>\w+),", _last_of),
    (r"^genmodels (runs list .*) shows what there is", _listed),
    (r"^genmodels (train-\w+) makes one", _made_first),
    (r"^choose a set with (?:several speakers|the same words)\.$", _whistled),
)


def followed(refused: Refused) -> list[Line]:
    """The lines that follow a hint, by the first rule that knows it; none where no rule does."""
    for pattern, rule in RULES:
        match = re.search(pattern, refused.hint)
        if match is not None:
            return rule(refused, match)
    return []


def made_small(line: Line) -> Line:
    """The same line, but a training in it is over in a moment."""
    small = list(line)
    if "--minutes" in small:
        small[small.index("--minutes") + 1] = SHORT
    flags = TINY.get(small[0], ())
    for flag, value in zip(flags[::2], flags[1::2], strict=True):
        if flag not in small and not (flag == "--epochs" and "--minutes" in small):
            small += [flag, value]
    return [*small, "-q"] if flags and "-q" not in small else small
