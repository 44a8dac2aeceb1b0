"""Errors that a user can act on: what is wrong, what to do, and the exit code.

Exit codes: 0 done, 1 failed, 2 usage, 3 data, 4 run or checkpoint, 5 resources (memory, disk, device),
6 diverged, 130 interrupted, 143 terminated.
"""

import difflib
import functools
import inspect
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from types import MappingProxyType
from typing import ParamSpec, TypeVar

BROKEN_PIPE = 141  # the exit code where the reader of a pipe went away
Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")
ELSEWHERE: Mapping[str, str] = {  # what other programs call it -> its names here, the likeliest first
    "lr": "learning-rate", "rate": "learning-rate", "alpha": "learning-rate", "wd": "weight-decay",
    "clip": "gradient-clip", "grad-clip": "gradient-clip", "warmup": "warmup-steps",
    "bs": "batch-size", "batch": "batch-size", "minibatch": "batch-size", "minibatch-size": "batch-size",
    **dict.fromkeys(
        ("hidden", "hidden-dim", "n-hidden", "num-hidden", "dim", "d-model", "rnn-size"), "hidden-size channels"
    ),
    **dict.fromkeys(("embedding", "embed", "embed-dim", "embedding-dim", "emb-size"), "embedding-size"),
    **dict.fromkeys(("n-layers", "num-layers", "n-layer", "depth"), "layers"),
    **dict.fromkeys(("n-epochs", "num-epochs", "max-epochs", "iterations", "iters", "steps"), "epochs"),
    **dict.fromkeys(("seq-len", "seq-length", "sequence-length", "bptt", "block-size"), "window"),
    **dict.fromkeys(("latent", "latent-dim", "z-dim", "nz", "code-size"), "latent-size"),
    **dict.fromkeys(("temp", "temperature", "temperatures", "t"), "temperature temp sample-temp"),
    **dict.fromkeys(("n-samples", "num-samples", "samples", "n"), "count"),
    **dict.fromkeys(("gpu", "cuda"), "device"),
    **dict.fromkeys(("output", "save", "outfile"), "out"),
    **dict.fromkeys(("data", "images"), "dataset"),
    "prime": "prompt", "start-text": "prompt", "random-seed": "seed", "val-split": "val-fraction", "drop": "dropout",
}  # fmt: skip


ARGUMENTS: Mapping[str, str] = {"temp": "temperature", "compare": "models", "input": "own", "force": "force=True"}
"""What Python calls an option where it is another name."""


class GenmodelsError(Exception):
    """Base of every error that is meant for the user.

    Args:
        what: one sentence that says what is wrong, with the value seen.
        hint: what to do about it.

    Example:
        >>> try:
        ...     genmodels.train_vae("digits", epoch=3)
        ... except genmodels.GenmodelsError as error:
        ...     print(error.what, "-", error.hint)
        there is no setting 'epoch' - did you mean epochs?
    """

    exit_code = 1

    def __init__(self, what: str, hint: str | None = None) -> None:
        super().__init__(what)
        self.what = what
        self.hint = hint

    @property
    def typed(self) -> tuple[str, str | None]:
        """What is wrong and the hint as they are told to whoever typed a command."""
        return self.what, self.hint


class UsageError(GenmodelsError):
    """A flag or setting that cannot be used as given.

    Args:
        what: one sentence that says what is wrong.
        hint: what to do about it.
        option: that both may name, as it is typed; a Python program is told its argument in that place.

    Example:
        >>> wrong = UsageError("--keep-rows is 0, but it must be 1 or more", "try --keep-rows 1.", "--keep-rows")
        >>> wrong.what, wrong.hint
        ('keep_rows is 0, but it must be 1 or more', 'try keep_rows=1.')
        >>> wrong.typed
        ('--keep-rows is 0, but it must be 1 or more', 'try --keep-rows 1.')
    """

    exit_code = 2

    def __init__(self, what: str, hint: str | None = None, option: str | None = None) -> None:
        told = partial(in_python, option=option)
        super().__init__(told(what), None if hint is None else told(hint))
        self._typed = what, hint

    @property
    def typed(self) -> tuple[str, str | None]:
        """See `GenmodelsError.typed`."""
        return self._typed


class DataError(GenmodelsError):
    """A corpus, prompt or picture that cannot be used."""

    exit_code = 3


class RunError(GenmodelsError):
    """A run directory or checkpoint that is missing, damaged or of another kind.

    Args:
        what: one sentence that says what is wrong.
        hint: what to do about it, whoever asks.
        ways: option -> the hint where a command is asked that has it; "" -> where it has none of them.
    """

    exit_code = 4

    def __init__(self, what: str, hint: str | None = None, ways: Mapping[str, str] = MappingProxyType({})) -> None:
        super().__init__(what, hint)
        self.ways = ways

    def hint_for(self, options: Iterable[str]) -> str | None:
        """The hint for a command that has some options."""
        return next((self.ways[option] for option in [*options, ""] if option in self.ways), self.hint)


class ResourceError(GenmodelsError):
    """Memory, disk or a device is missing."""

    exit_code = 5


class DivergedError(GenmodelsError):
    """Training met a loss or gradient that is not finite too often."""

    exit_code = 6


class Stopped(GenmodelsError):
    """Training was asked to stop by a signal; everything is saved.

    Args:
        what: one sentence that says where it stopped.
        hint: how to go on.
        exit_code: 130 for an interrupt, 143 for a termination.

    Example:
        >>> stopped = genmodels.Stopped("stopped after step 7", "genmodels.resume('story') goes on.")
        >>> stopped.hint, stopped.exit_code
        ("genmodels.resume('story') goes on.", 130)
    """

    def __init__(self, what: str, hint: str | None = None, exit_code: int = 130) -> None:
        super().__init__(what, hint)
        self.exit_code = exit_code


def argument_of(option: str) -> str:
    """What Python calls an option.

    >>> argument_of("--keep-rows"), argument_of("--temp"), argument_of("--compare 'a-b'")
    ('keep_rows', 'temperature', "models 'a-b'")
    """
    name, blank, value = option.removeprefix("--").partition(" ")
    plain = name.replace("-", "_")
    return ARGUMENTS.get(plain, plain) + blank + value


def in_python(sentence: str, option: str | None) -> str:
    """A sentence with the argument of an option in its place; its value behind it is given as Python has it.

    >>> in_python("try --temp 0.25,1; leave --stop out.", "--temp")
    'try temperature=[0.25,1]; leave --stop out.'
    """
    if option is None:
        return sentence
    argument = argument_of(option)
    number = r"-?\d+(?:\.\d+)?"
    of_several = re.sub(rf"{re.escape(option)} ({number}(?:,{number})+)", rf"{argument}=[\1]", sentence)
    return re.sub(rf"{re.escape(option)} (?=[-\d'])", f"{argument}=", of_several).replace(option, argument)


def listed(names: Sequence[str], most: int = 3) -> str:
    """Names as a message shows them: the first few, and how many more."""
    more = f" and {len(names) - most:,} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def in_turn(names: Sequence[str], word: str = "and") -> str:
    """All names as people say them.

    >>> in_turn(["a"]), in_turn(["a", "b"]), in_turn(["a", "b", "c"], "or")
    ('a', 'a and b', 'a, b or c')
    """
    *others, last = names
    return f"{', '.join(others)} {word} {last}" if others else last


def in_many(kinds: Sequence[str]) -> str:
    """Many of one kind or of several, such as what networks read one after the other: characters or bytes.

    >>> in_many(["byte"]), in_many(["character", "byte"])
    ('bytes', 'characters or bytes')
    """
    return in_turn([f"{kind}s" for kind in kinds], "or")


def did_you_mean(wrong: str, known: Iterable[str]) -> str | None:
    """A hint naming the nearest known name, or what other programs call so; None when nothing is near.

    >>> did_you_mean("epoch", ["epochs", "units"]), did_you_mean("lr", ["learning_rate"]), did_you_mean("x", ["epochs"])
    ('did you mean epochs?', 'did you mean learning_rate?', None)
    """
    names = {name.lower(): name for name in known}
    matches = difflib.get_close_matches(wrong.lower(), names, n=1) or called_elsewhere(wrong, names)
    return f"did you mean {names[matches[0]]}?" if matches else None


def called_elsewhere(wrong: str, known: Iterable[str]) -> list[str]:
    """The known names of what other programs call so, however words are joined: -- and dashes, or underscores.

    >>> called_elsewhere("--temperature", ["--temp", "--seed"]), called_elsewhere("hidden_dim", ["hidden_size"])
    (['--temp'], ['hidden_size'])
    """
    plain = {name.strip("-").replace("_", "-").lower(): name for name in known}
    meant = ELSEWHERE.get(wrong.strip("-").replace("_", "-").lower(), "")
    return [plain[name] for name in meant.split() if name in plain]


def telling_wrong_names(method: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
    """The same method, where an argument that it does not have is told as a command tells a wrong option.

    Raises:
        UsageError: there is no such argument.
    """

    @functools.wraps(method)
    def told(*args: Arguments.args, **named: Arguments.kwargs) -> Result:
        try:
            return method(*args, **named)
        except TypeError as error:
            known = [name for name in inspect.signature(method).parameters if name != "self"]
            wrong = next((name for name in named if name not in known), None)
            if wrong is None:
                raise
            hint = did_you_mean(wrong, known) or f"it takes: {', '.join(known) or 'none'}."
            raise UsageError(f"{method.__name__}() has no argument {wrong!r}", hint) from error

    return told
