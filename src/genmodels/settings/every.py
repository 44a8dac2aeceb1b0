"""How often something is done: after so many steps, after so long, or never."""

import re
from dataclasses import dataclass

from genmodels.errors import UsageError

_SECONDS = {"s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0}
_WRITTEN = re.compile(r"(\d{1,9}(?:\.\d+)?) ?(steps?|s|m|min|h)")


@dataclass(frozen=True)
class Every:
    """How often something is done; with neither, never.

    Args:
        steps: after each so many.
        seconds: after so long.
    """

    steps: int | None = None
    seconds: float | None = None


NEVER = Every()


def every_of(flag: str, text: str) -> Every:
    """What was written, such as 20s, 1.5m, 2h, 500steps or never.

    Args:
        flag: the option that it was given for.
        text: as it was written.

    Raises:
        UsageError: it is no such thing, or nothing at all lies between.

    >>> every_of("--preview-every", "1.5m"), every_of("--preview-every", "500steps")
    (Every(steps=None, seconds=90.0), Every(steps=500, seconds=None))
    """
    if text == "never":
        return NEVER
    match = _WRITTEN.fullmatch(text.strip())
    hint = f"write {flag} 30s, 2m, 500steps or never."
    if match is None and re.fullmatch(r"[1-9]\d{0,8}", text.strip()):
        hint = f"write {flag} {text.strip()}steps or {flag} {text.strip()}s."
        raise UsageError(f"{flag} {text!r} does not say whether of steps or of seconds", hint)
    if match is None:
        raise UsageError(f"{flag} {text!r} is neither a time nor a number of steps", hint)
    number, unit = match.groups()
    in_steps = unit not in _SECONDS
    if float(number) == 0 or (in_steps and not number.isdecimal()):
        raise UsageError(f"{flag} {text!r} is no whole step or span of time", hint)
    return Every(steps=int(number)) if in_steps else Every(seconds=float(number) * _SECONDS[unit])
