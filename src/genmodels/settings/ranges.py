"""Numbers that are out of their range: how that is said, and what is to be tried instead."""

import math
from collections.abc import Iterable, Mapping

from genmodels.errors import UsageError

Number = int | float
Bounds = Iterable[tuple[Number | None, str]]
"""Each with the sign that holds for an allowed number before it; None: no bound."""

_HOLDS = {
    ">=": lambda value, bound: value >= bound,
    ">": lambda value, bound: value > bound,
    "<=": lambda value, bound: value <= bound,
    "<": lambda value, bound: value < bound,
}
_IN_WORDS = {">=": "at least", ">": "above", "<=": "at most", "<": "below"}


def range_told(bounds: Bounds) -> str:
    """The numbers that are allowed, as a sentence says them.

    Args:
        bounds: each with the sign that holds for an allowed number before it; None: no bound.

    >>> range_told([(1, ">="), (100_000, "<=")]), range_told([(0.5, ">=")]), range_told([(0, ">"), (1, "<=")])
    ('from 1 to 100,000', '0.5 or more', 'above 0 and at most 1')
    """
    limits = {sign: f"{_whole(bound):,}" for bound, sign in bounds if bound is not None}
    if limits.keys() == {">=", "<="}:
        return f"from {limits['>=']} to {limits['<=']}"
    if len(limits) == 1:
        ((sign, bound),) = limits.items()
        return {">=": f"{bound} or more", "<=": f"{bound} or less"}.get(sign, f"{_IN_WORDS[sign]} {bound}")
    return " and ".join(f"{_IN_WORDS[sign]} {bound}" for sign, bound in limits.items())


def out_of_range(flag: str, value: object, bounds: Bounds, example: object = None) -> UsageError:
    """What is said of a number that is not allowed.

    Args:
        flag: the option that gives it.
        value: the number, or what was typed for it.
        bounds: of the range.
        example: what may be tried instead, such as the usual value; where that is no number, one that is allowed.
    """
    limits = [(bound, sign) for bound, sign in bounds if bound is not None]
    tried = _written(example) or _written(_allowed(float(str(value)), {sign: bound for bound, sign in limits}))
    return UsageError(f"{flag} is {_written(value)}, but it must be {range_told(limits)}", f"try {flag} {tried}.", flag)


def check_number(flag: str, value: Number, bounds: Bounds, example: object = None) -> None:
    """Refuse a number beyond a range; arguments as those of `out_of_range`.

    Raises:
        UsageError: it is, or is not finite.
    """
    if not math.isfinite(value):
        tried = _written(example)
        hint = f"try {flag} {tried}." if tried else f"give {flag} an ordinary number."
        raise UsageError(f"{flag} is {value}, which is not a finite number", hint, flag)
    limits = [(bound, sign) for bound, sign in bounds if bound is not None]
    if any(not _HOLDS[sign](value, bound) for bound, sign in limits):
        raise out_of_range(flag, value, limits, example)


def _written(value: object) -> str:
    """A number, several or a text as they are typed: 0 stays 0 where it was made 0.0; "" for what is none of them."""
    if isinstance(value, tuple):
        return ",".join(map(_written, value))
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return str(value if isinstance(value, str) else _whole(value))


def _whole(value: Number) -> Number:
    """A number without the point that a whole one may have got."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _allowed(value: float, limits: Mapping[str, Number]) -> Number:
    """The number of a range that is nearest to one beyond it, or a plain one where no number is the nearest."""
    low, high = limits.get(">=", -math.inf), limits.get("<=", math.inf)
    nearest = min(max(value, low), high)
    if all(_HOLDS[sign](nearest, bound) for sign, bound in limits.items()):
        return nearest
    low, high = max(low, limits.get(">", low)), min(high, limits.get("<", high))
    if math.isinf(low) or math.isinf(high):
        return low + 1 if math.isinf(high) else high - 1
    return high if high == limits.get("<=") else low if low == limits.get(">=") else (low + high) / 2
