"""What the library that reads command lines complains of, in this program's words: one table, one boundary.

Its classes are known by their names, as it does not publish them; what can't be told here is told by its place alone.
"""

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from difflib import SequenceMatcher
from itertools import takewhile
from typing import Any, NamedTuple

import typer

from genmodels.cli.console import write_aside
from genmodels.errors import UsageError, called_elsewhere, did_you_mean, in_turn
from genmodels.family import FAMILIES
from genmodels.paths import taken_for_option
from genmodels.printable import one_line
from genmodels.runs.run_dir import typed
from genmodels.settings.ranges import out_of_range

NAMING = ("--run", "--dataset", "--prompt", "--name")  # what a word alone is likely meant for, in this order
OF_ONE_MEANING = {"--count": "--images", "--images": "--count"}
TRYING = {"--dry-run", "--dryrun", "--simulate", "--no-act", "--what-if"}  # what others call it
IDLE = {"plot-elbo", "plot-gan", "plot-curve", "runs", "doctor"}  # which run no network
OF_COMPUTING = {"--threads", "--device", "--precision"}
IDLE_TOLD = ", as it computes nothing with a network"
NAMED = 3  # commands that have what another one has not
SPELLED_SO = 0.8  # of the letters of two options
_NO_ENDS = [(None, ">="), (None, "<=")]
_NUMBER = re.compile(r"[-+]?[\d.]+(?:e[-+]?\d+)?,?")


class Misuse(NamedTuple):
    """A command line that can't be read.

    Args:
        error: what the library raised.
        arguments: as they were typed.
        every: makes the tree of all commands, which takes a moment.
    """

    error: typer.TyperException
    arguments: Sequence[str]
    every: Callable[[], Any] = lambda: None

    @property
    def context(self) -> Any:
        """Of the command that was reached; None where not even that is known."""
        return getattr(self.error, "ctx", None)

    @property
    def path(self) -> str:
        """The command as it is typed."""
        if self.context is not None:
            return str(self.context.command_path)
        return " ".join(["genmodels", *takewhile(lambda word: not word.startswith("-"), self.arguments[:1])])

    @property
    def hint(self) -> str:
        """Where everything stands."""
        return f"{self.path} --help shows how it is used."

    @property
    def options(self) -> dict[str, Any]:
        """The command's options by their names."""
        found = [] if self.context is None else self.context.command.get_params(self.context)
        return {name: p for p in found for name in (*p.opts, *p.secondary_opts) if name.startswith("-")}

    @property
    def arguments_taken(self) -> set[str]:
        """What the command takes without an option: its arguments by their names."""
        found = [] if self.context is None else self.context.command.get_params(self.context)
        taken = [p for p in found if p.param_type_name == "argument"]
        return {name.strip("[].").lower() for p in taken for name in (p.name, p.metavar or "")}


def is_answered(error: Exception) -> bool:
    """Whether a command line names a group and nothing in it: its help, written to stderr, says all."""
    if type(error).__name__ != "NoArgsIsHelpError":
        return False
    if help_of_it := str(error):  # none where it was drawn already
        write_aside(f"{help_of_it}\n")
    return True


def told(error: typer.TyperException, arguments: Sequence[str], every: Callable[[], Any] = lambda: None) -> UsageError:
    """The library's complaint as a sentence with a hint.

    Args:
        error: what it raised.
        arguments: as they were typed.
        every: makes the tree of all commands, of which one alone may have been built.
    """
    misuse = Misuse(error, arguments, every)
    tell = _TOLD.get(type(error).__name__)
    return (None if tell is None else tell(misuse)) or UsageError(f"{misuse.path} can't be used so", misuse.hint)


def _no_such_option(misuse: Misuse) -> UsageError:
    if (file := taken_for_option(misuse.arguments)) is not None:
        what = f"{one_line(file)} is a file, but what begins with a dash is taken for an option"
        return UsageError(what, f"write ./{one_line(file)} for it.")
    wrong = str(getattr(misuse.error, "option_name", ""))
    if wrong == "--compare" and " train-" in misuse.path:
        return UsageError(f"{misuse.path} has no {wrong}", _ways_to_compare())
    if wrong in TRYING and "--yes" in misuse.options:
        hint = f"leave it out: {misuse.path} shows what it would do, and asks before anything is done."
        return UsageError(f"there is no option {wrong}", hint)
    if wrong.strip("-") in misuse.arguments_taken:
        alone = [word.removeprefix(f"{wrong}=") for word in misuse.arguments if word != wrong]
        hint = f"leave it out: genmodels {' '.join(map(typed, alone))}"
        return UsageError(f"there is no option {wrong}", hint)
    meant = _option_meant(wrong, misuse.options)
    return (None if meant else _of_others(wrong, misuse)) or UsageError(
        f"there is no option {wrong}", meant or misuse.hint
    )


def _of_others(wrong: str, misuse: Misuse) -> UsageError | None:
    """That other commands have an option; None where none has."""
    others = _commands_with(wrong, misuse)
    if not others:
        return None
    why = IDLE_TOLD if wrong in OF_COMPUTING and IDLE & set(misuse.path.split()) else ""
    have = "have it" if len(others) > 1 else "has it"
    return UsageError(f"{misuse.path} has no {wrong}", f"leave it out{why}; {_some_of(others)} {have}.")


def _commands_with(option: str, misuse: Misuse) -> list[str]:
    """The commands that have an option, those of the same families first."""
    command, own = misuse.every(), misuse.path.removeprefix("genmodels ").partition(" ")[0]
    families = [[row.train_command, *(name.replace("_", "-") for name in row.commands)] for row in FAMILIES.values()]
    beside = {name for names in families if own in names for name in names}
    found = [name for name, options in _options_in(command, "") if option in options]
    return sorted(found, key=lambda name: name.partition(" ")[0] not in beside | {own})


def _options_in(command: Any, path: str) -> Iterator[tuple[str, set[str]]]:
    """Every command below one, with its options."""
    inner = getattr(command, "commands", None)
    if inner is None and command is not None:
        yield path, {name for option in command.params for name in (*option.opts, *option.secondary_opts)}
    for name, one in (inner or {}).items():
        yield from _options_in(one, f"{path} {name}".strip())


def _some_of(names: Sequence[str]) -> str:
    """The first of some names, and how many others there are.

    >>> _some_of(["a"]), _some_of(["a", "b", "c"]), _some_of(["a", "b", "c", "d", "e"])
    ('a', 'a, b and c', 'a, b, c and 2 more')
    """
    return in_turn(names if len(names) <= NAMED else [*names[:NAMED], f"{len(names) - NAMED} more"])


def _option_meant(wrong: str, known: Collection[str]) -> str | None:
    """A hint naming the option of that meaning, or one spelled so, that the command has."""
    meant = OF_ONE_MEANING.get(wrong, "")
    if meant in known:
        return f"did you mean {meant}?"
    words = {name.strip("-"): name for name in known}
    near = [name for word, name in words.items() if _is_near(wrong.strip("-"), word)]
    return did_you_mean(wrong, called_elsewhere(wrong, known) or near)


def _is_near(wrong: str, word: str) -> bool:
    """Whether an option may be a slip of another: its beginning, the same letters, or nearly all of them in order."""
    begins = word.startswith(wrong) or wrong.startswith(word)
    alike = SequenceMatcher(None, wrong, word).ratio() >= SPELLED_SO
    return begins or alike or sorted(wrong) == sorted(word)


def _ways_to_compare() -> str:
    """A hint for who looks for it where it is not."""
    trainings = " and ".join(row.train_command for row in FAMILIES.values() if row.comparisons)
    return f"{trainings} have it; train others one by one with --name, then: genmodels runs compare NAME NAME."


def _option_use(misuse: Misuse) -> UsageError:
    """An option without its value, or a switch with one."""
    flag = str(getattr(misuse.error, "option_name", ""))
    if "requires" in str(misuse.error):
        return UsageError(f"{flag} needs a value", f"write it behind {flag}; {misuse.path} --help shows which.")
    return UsageError(f"{flag} takes no value", f"write {flag} alone.")


def _missing(misuse: Misuse) -> UsageError:
    """An argument that must be given."""
    parameter: Any = getattr(misuse.error, "param", None)
    name = "an argument" if parameter is None else str(parameter.opts[0])
    return UsageError(f"{misuse.path} needs {name}", misuse.hint)


def _wrong_value(misuse: Misuse) -> UsageError | None:
    """A value of a wrong kind, or beyond its range."""
    parameter: Any = getattr(misuse.error, "param", None)
    errors: Any = getattr(misuse.error.__cause__, "errors", None)
    if parameter is None or errors is None:
        return None
    found, flag = errors()[0], parameter.opts[0]
    value, limits = found.get("input"), found.get("ctx", {})
    broken = [(limits[name], sign) for name, sign in _SIGNS.items() if name in limits]
    if broken:
        ends = [(parameter.min, ">="), (parameter.max, "<=")]
        return out_of_range(flag, value, broken if ends == _NO_ENDS else ends, parameter.default)
    kind = next((kind for start, kind in _KINDS.items() if found["type"].startswith(start)), None)
    if kind is None:
        return UsageError(f"{flag} {value!r} can't be used", misuse.hint)
    dotted = str(value).replace(",", ".")
    if kind == "a number" and re.fullmatch(r"-?\d+\.\d+", dotted):
        return UsageError(f"{flag} {value!r} is not a number, as it has a comma", f"write {flag} {dotted}.")
    return UsageError(f"{flag} {value!r} is not {kind}", f"give {flag} {kind}{_usual(parameter)}.")


def _usual(parameter: Any) -> str:
    """The number that an option has where it is not given, as an example; "" where it has none."""
    in_help = re.search(r"\(default: ([\d.]+)\)", str(getattr(parameter, "help", "")))  # see `helping`
    usual = parameter.default if in_help is None else in_help[1]
    return f", such as {usual}" if re.fullmatch(r"\d+(\.\d+)?", str(usual)) else ""


def _unreadable(misuse: Misuse) -> UsageError | None:
    """A word that means nothing here, a command that there is not, or none where one must stand."""
    message = str(misuse.error)
    extra = re.search(r"extra argument\(s\) \((.*)\)$", message, re.DOTALL)
    if extra is not None:
        return _extra(misuse, extra[1])
    wrong = re.match(r"No such command '(.*?)'", message, re.DOTALL)
    if wrong is not None:
        known = misuse.context.command.list_commands(misuse.context)
        return UsageError(f"there is no command {wrong[1]!r}", did_you_mean(wrong[1], known) or misuse.hint)
    return UsageError("no command was given", misuse.hint) if message == "Missing command." else None


def _extra(misuse: Misuse, words: str) -> UsageError:
    """Words that no option takes: the rest of a value that was typed with blanks, or a name without its option."""
    what = f"{misuse.path} does not know what to do with {words!r}"
    before = _value_before(misuse, words)
    if before is not None:
        flag, value = before
        parts = [value, *words.split(" ")]
        if all(_NUMBER.fullmatch(part) for part in parts):
            return UsageError(what, f"write {flag} {','.join(part.strip(',') for part in parts)} without blanks.")
        if not misuse.options[flag].multiple:
            return UsageError(what, f'write {flag} "{" ".join(parts)}" with quotes, if that is one text.')
    naming = next((name for name in NAMING if name in misuse.options), None)
    first = words.partition(" ")[0]
    return UsageError(what, misuse.hint if naming is None else f"did you mean {naming} {first}?")


def _value_before(misuse: Misuse, words: str) -> tuple[str, str] | None:
    """The option and its value that stand right before some words; None where no such value does."""
    given, count = list(misuse.arguments), len(words.split(" "))
    for at in range(2, len(given) - count + 1):
        flag = given[at - 2]
        option = misuse.options.get(flag)
        if " ".join(given[at : at + count]) == words and option is not None and not option.is_flag:
            return flag, given[at - 1]
    return None


_SIGNS = {"ge": ">=", "gt": ">", "le": "<=", "lt": "<"}
_KINDS = {"int": "a whole number", "float": "a number", "finite": "an ordinary number", "bool": "yes or no"}
_TOLD: dict[str, Callable[[Misuse], UsageError | None]] = {
    "NoSuchOption": _no_such_option,
    "BadOptionUsage": _option_use,
    "BadArgumentUsage": _missing,
    "MissingParameter": _missing,
    "BadParameter": _wrong_value,
    "UsageError": _unreadable,
}
