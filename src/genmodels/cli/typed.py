"""A command line that gives what another one gave."""

from collections.abc import Mapping
from dataclasses import Field, fields
from typing import Any

from genmodels.settings import Settings
from genmodels.settings.fields import flag_for


def flags_again(given: Mapping[str, Any]) -> list[str]:
    """Options that were given, as words: by their names without dashes; None is one that was not.

    >>> flags_again({"dataset": "digits", "preset": None})
    ['--dataset', 'digits']
    """
    return [word for name, value in given.items() if value is not None for word in (f"--{name}", str(value))]


def settings_again(settings: type[Settings], given: Mapping[str, Any]) -> list[str]:
    """The options of settings that were given, as words.

    Args:
        settings: the class.
        given: field -> value.
    """
    return [word for spec in fields(settings) if spec.name in given for word in _words(spec, given[spec.name])]


def _words(spec: Field[Any], value: Any) -> list[str]:
    """An option and its value, or a switch."""
    flag = flag_for(spec)
    if isinstance(value, bool):
        return [flag if value else f"--no-{flag.removeprefix('--')}"]
    items = value if isinstance(value, tuple) else (value,)
    return [flag, ",".join(f"{item:g}" if isinstance(item, float) else str(item) for item in items)]
