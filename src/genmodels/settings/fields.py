"""A setting as a dataclass field, with its range and help; the base of all settings, which check themselves."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import MISSING, Field, asdict, dataclass, field, fields
from numbers import Integral, Real
from types import NoneType
from typing import Any, Self, TypeVar, get_args, get_origin

from genmodels.errors import UsageError, argument_of, did_you_mean, in_turn
from genmodels.settings.ranges import Number, check_number

Item = TypeVar("Item")
LOWEST_SEED = 0
MOST_BITS = 128  # of a whole number: more than any that is computed with has
CALLED_ELSEWHERE = {  # what others call a choice, in small letters -> what it may be here
    "cnn": ("conv", "dcgan"), "convolutional": ("conv", "dcgan"), "wgan": ("wasserstein-gp",),
    "wgan-gp": ("wasserstein-gp",), "wasserstein": ("wasserstein-gp",), "vanilla": ("non-saturating",),
    "fc": ("mlp",), "dense": ("mlp",),
}  # fmt: skip
FAR = 10.0  # times the usual value


def setting(
    default: Any,
    help: str,  # noqa: A002 - the command line's word for it
    *,
    panel: str | None,
    choices: tuple[str, ...] | None = None,
    at_least: Number | None = None,
    at_most: Number | None = None,
    above: Number | None = None,
    below: Number | None = None,
    shown: str | None = None,
    flag: str | None = None,
    usual: bool = False,
    only: Mapping[str, Sequence[str]] | None = None,
    example: Number | None = None,
) -> Any:
    """A dataclass field with what the command line and the range check need to know.

    Args:
        default: value when neither a flag nor a config file gives one.
        help: one line for ``--help``.
        panel: the group under which ``--help`` lists it; None for what no run records, whose option has its default.
        choices: the names allowed, for a text.
        at_least: lowest value allowed, for a number or each number of a list.
        at_most: highest value allowed, likewise.
        above: every value must be above this one, likewise.
        below: every value must be below this one, likewise.
        shown: how ``--help`` words the default where its value alone says too little.
        flag: the option, where it isn't the field's name.
        usual: whether ``--help`` shows it; ``--help-all`` shows it in any case.
        only: other settings, each with the values beside which this one does something; beside others it does nothing.
        example: a sensible value, for a number without a default.
    """
    metadata = {
        "help": help,
        "panel": panel,
        "choices": choices,
        "bounds": ((at_least, ">="), (above, ">"), (at_most, "<="), (below, "<")),
        "shown": shown,
        "flag": flag,
        "usual": usual,
        "only": only or {},
        "example": example,
    }
    return field(default=default, metadata=metadata)


def flag_of(name: str) -> str:
    """The option that sets a field: ``hidden_size`` is ``--hidden-size``."""
    return "--" + name.replace("_", "-")


def flag_for(spec: Field[Any]) -> str:
    """The option of a field, which may have a shorter name than the field."""
    return spec.metadata["flag"] or flag_of(spec.name)


@dataclass(frozen=True)
class Unusual:
    """A setting far above its usual value.

    Args:
        flag: its option.
        found: its value.
        value: the usual one.
    """

    flag: str
    found: float
    value: float

    @property
    def given(self) -> str:
        """The option as it was given."""
        return f"{self.flag} {self.found:g}"

    @property
    def usual(self) -> str:
        """The option with the usual value."""
        return f"{self.flag} {self.value:g}"


def check_within(flag: str, kind: type["Settings"], name: str, value: Number) -> None:
    """Refuse a number that a setting can't have.

    Args:
        flag: what gives it.
        kind: of the settings.
        name: of the setting.
        value: the number.

    Raises:
        UsageError: it is out of the setting's range.
    """
    spec = next(spec for spec in fields(kind) if spec.name == name)
    check_number(flag, value, spec.metadata["bounds"], _example(spec))


def _example(spec: Field[Any]) -> object:
    """What may be tried where a value is refused."""
    return spec.default if spec.metadata["example"] is None else spec.metadata["example"]


def _default(spec: Field[Any]) -> Any:
    """What a setting is where nothing gives it; each has one."""
    assert spec.default is not MISSING
    return spec.default


def check_choice(flag: str, value: str, choices: tuple[str, ...]) -> None:
    """Refuse a name that is not among the choices.

    Raises:
        UsageError: it is not; the hint names the nearest.
    """
    if _as_kind(flag, value, (str,)) not in choices:
        meant = next((name for name in CALLED_ELSEWHERE.get(value.lower(), ()) if name in choices), None)
        near = did_you_mean(value, choices) if meant is None else f"did you mean {meant}?"
        known, what = ", ".join(choices), f"{flag} {value!r} is unknown"
        if near:
            raise UsageError(f"{what} (known: {known})", near, flag)
        raise UsageError(what, f"choose one of: {known}.", flag)


def check_range(flag: str, value: int, at_least: int | None = None, at_most: int | None = None) -> int:
    """Refuse what is no whole number of a range.

    Args:
        flag: the option that gives it.
        value: of any type.
        at_least: lowest value allowed; None: any.
        at_most: highest value allowed; None: any.

    Returns:
        The number as a plain int, whatever kind of integer it was.

    Raises:
        UsageError: it is none, or out of the range.
    """
    number: int = _as_kind(flag, value, (int,))
    check_number(flag, number, ((at_least, ">="), (at_most, "<=")))
    return number


def check_yes_or_no(flag: str, value: bool) -> bool:
    """Refuse what is neither True nor False; another object would count as one of them.

    Raises:
        UsageError: it is neither.
    """
    return bool(_as_kind(flag, value, (bool,)))


def check_if_given(flag: str, value: int | None, at_least: int) -> int | None:
    """See `check_range`; None, which leaves the choice to others, stays."""
    return None if value is None else check_range(flag, value, at_least)


def check_seed(seed: int) -> int:
    """A seed as a plain int.

    Raises:
        UsageError: it is none, or below 0.
    """
    return check_range("--seed", seed, LOWEST_SEED)


def check_list(flag: str, values: Iterable[Item] | Item, *kinds: type[Item]) -> list[Item]:
    """One or more values of a type, or of some types, as a list; one that stands alone is a list of one.

    Raises:
        UsageError: one is of another type, or there is none.
    """
    several: Any = [values] if isinstance(values, str) or not isinstance(values, Iterable) else values
    items = [_as_kind(flag, value, kinds, ", or a list of such") for value in several]
    if not items:
        raise UsageError(f"{flag} names none", f"name one or several, or leave {flag} out.", flag)
    return items


def check_numbers(flag: str, numbers: Iterable[int], count: int, what: str = "") -> list[int]:
    """Refuse numbers, counted from 0, of things that are not there.

    Args:
        flag: the option that gives them.
        numbers: one or more.
        count: how many things there are.
        what: they are, after a space.

    Raises:
        UsageError: none is named, or one that there is not.
    """
    items = check_list(flag, numbers, int)
    for number in items:
        if not 0 <= number < count:
            there = f"there are {count:,}{what}, 0 to {count - 1}"
            raise UsageError(f"{flag} {number}: {there}", f"choose from 0 to {count - 1}.", flag)
    return items


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Base of all settings: checks each field against its declared type and range when made.

    Raises:
        UsageError: a value is of another type, out of its range, not finite, or not among the choices.
    """

    def __post_init__(self) -> None:
        for spec in fields(self):
            object.__setattr__(self, spec.name, _coerce(spec, getattr(self, spec.name)))
        for spec in fields(self):
            value, flag = getattr(self, spec.name), flag_for(spec)
            if value is None:
                continue
            if spec.metadata["choices"] is not None:
                check_choice(flag, value, spec.metadata["choices"])
            for item in value if isinstance(value, tuple) else (value,):
                if isinstance(item, int | float) and not isinstance(item, bool):
                    check_number(flag, item, spec.metadata["bounds"], _example(spec))

    @classmethod
    def from_mapping(cls, values: Mapping[str, Any]) -> Self:
        """Settings from plain values, as JSON or TOML holds them.

        Raises:
            UsageError: an unknown name, a wrong type, or a value out of range.
        """
        known = {spec.name: spec for spec in fields(cls)}
        for name in values:
            if name not in known:
                hint = did_you_mean(name, known) or "see the command's --help-all for the names."
                raise UsageError(f"there is no setting {name!r}", hint)
        return cls(**values)

    def far_above_usual(self, *names: str) -> list[Unusual]:
        """The settings of these names that are at least `FAR` times their defaults."""
        usual = {name: spec for name in names for spec in fields(self) if spec.name == name}
        settings = [Unusual(flag_for(spec), getattr(self, name), _default(spec)) for name, spec in usual.items()]
        return [one for one in settings if one.found >= FAR * one.value]

    def to_mapping(self) -> dict[str, Any]:
        """Plain values for JSON; `from_mapping` reads them back."""
        return {k: list(v) if isinstance(v, tuple) else v for k, v in asdict(self).items()}


def _coerce(spec: Field[Any], value: Any) -> Any:
    """A value as the type that its field is declared with."""
    kinds = get_args(spec.type) or (spec.type,)
    if get_origin(spec.type) is tuple:
        items = value if isinstance(value, list | tuple) else [value]
        return tuple(_as_kind(spec.name, item, kinds[:1]) for item in items)
    return _as_kind(spec.name, value, kinds)


_KINDS: Mapping[type, str] = {
    int: "a whole number", float: "a number", str: "a text", bool: "True or False", NoneType: "None",
}  # fmt: skip


def _as_kind(name: str, value: Any, kinds: tuple[Any, ...], also: str = "") -> Any:
    """A value as one of some types; a number of NumPy's as one of Python's.

    Only Python and files of settings bring other types, not a command line: so a message has no dashes.
    """
    value = _plain(value)
    if type(value) is int and value.bit_length() > MOST_BITS:
        raise UsageError(f"{argument_of(name)} is a number of more than {MOST_BITS} bits", "give an ordinary number.")
    if type(value) in kinds:
        return value
    if type(value) is int and float in kinds:
        return float(value)
    wanted = in_turn([_KINDS[kind] for kind in kinds if kind is not int or float not in kinds], "or") + also
    argument = argument_of(name)
    raise UsageError(f"{argument} is {value!r}, but it must be {wanted}", f"give {argument} {wanted}.")


def _plain(value: Any) -> Any:
    if isinstance(value, bool):
        return value
    if isinstance(value, str):
        return str(value)
    if isinstance(value, Integral):
        return int(value)
    return float(value) if isinstance(value, Real) else value
