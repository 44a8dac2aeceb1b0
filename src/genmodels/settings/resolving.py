"""Settings from flags, over a config file, over a run or a preset, over the defaults; each with where it came from."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from genmodels.errors import UsageError
from genmodels.ordinary import read_ordinary, strict_json
from genmodels.paths import path_of
from genmodels.settings.fields import Settings, check_choice, flag_for, flag_of


def preset_named(name: str, presets: Mapping[str, Mapping[str, Any]]) -> Mapping[str, Any]:
    """The settings of a preset.

    Raises:
        UsageError: there is no such preset.
    """
    check_choice("--preset", name, tuple(presets))
    return presets[name]


@dataclass(frozen=True)
class Resolved:
    """Settings and where each value came from: "default", "run" or "preset", "config", "flag"."""

    settings: Settings
    origins: dict[str, str]


def resolve(
    kind: type[Settings], given: dict[str, Any], config: Path | None, base: Mapping[str, Any], base_origin: str = "run"
) -> Resolved:
    """Settings from flags, over a config file, over `base` (of that origin), over the defaults.

    Raises:
        UsageError: an unknown name, a value out of range, or an unreadable config file.
    """
    file = {} if config is None else _checked_config(kind, path_of(config))
    if given.get("epochs") is not None and given.get("minutes") is not None:
        raise UsageError("--epochs and --minutes contradict each other", "give one of them.")
    origins = dict.fromkeys([spec.name for spec in fields(kind)], "default")
    layers = ((base_origin, base), ("config", file), ("flag", given))
    values: dict[str, Any] = {}
    for origin, layer in layers:
        if layer.get("epochs") is not None and layer.get("minutes") is None:
            values.pop("minutes", None)  # the two exclude each other: the nearer one counts
            origins |= {"minutes": "default"}
        values |= layer
        origins |= dict.fromkeys(layer, origin)
    return Resolved(kind.from_mapping(values), origins)


def refuse_meaningless(resolved: Resolved) -> None:
    """Refuse an option that does nothing beside the others, such as the momentum of an optimiser that is not chosen.

    Sizes of another model are let pass, so that one line serves several models.

    Raises:
        UsageError: there is one.
    """
    for spec in fields(resolved.settings):
        for name, values in spec.metadata["only"].items() if resolved.origins[spec.name] == "flag" else ():
            flag, found = flag_for(spec), getattr(resolved.settings, name)
            if name != "model" and found not in values:
                what = f"{flag} {getattr(resolved.settings, spec.name)} means nothing to {flag_of(name)} {found}"
                raise UsageError(what, f"add {flag_of(name)} {values[0]}, or leave {flag} out.")


def _checked_config(kind: type[Settings], path: Path) -> dict[str, Any]:
    """The values of a config file, each checked by itself, so that an error can name the file."""
    values = read_config(path)
    try:
        kind.from_mapping(values)
    except UsageError as error:
        raise UsageError(f"--config {path}: {error.what}", error.hint) from error
    return values


def read_config(path: Path) -> dict[str, Any]:
    """Values of a TOML file, or of a run.json.

    Raises:
        UsageError: missing, or not TOML or JSON.
    """
    import tomllib  # noqa: PLC0415 - every start would wait for it

    try:
        text = read_ordinary(path).decode("utf-8")
        if path.suffix != ".json":
            return _as_settings(path, tomllib.loads(text))
        document = strict_json(text)
        if not isinstance(document, dict) or not isinstance(document.get("settings"), dict):
            raise UsageError(f"--config {path} is not a run.json", "write settings of your own as TOML.")
        return {name: entry["value"] for name, entry in document["settings"].items()}
    except OSError as error:
        raise UsageError(f"--config {path} cannot be read: {error.strerror}", "check the path.") from error
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise UsageError(
            f"--config {path} is neither TOML nor a run.json: {_why(error)}",
            "a TOML line looks like: hidden_size = 512.",
        ) from error


def _why(error: Exception) -> str:
    return "it is nested too deep" if isinstance(error, RecursionError) else str(error)


def _as_settings(path: Path, values: dict[str, Any]) -> dict[str, Any]:
    """The values of a TOML file by the settings' names, which may be written as the options are: hidden-size.

    Raises:
        UsageError: one is written both ways.
    """
    found = {name.replace("-", "_"): value for name, value in values.items()}
    twice = [name for name in values if "-" in name and name.replace("-", "_") in values]
    if twice:
        what = f"--config {path} has both {twice[0]} and {twice[0].replace('-', '_')}"
        raise UsageError(what, "they are one setting: leave one of them out.")
    return found


def run_document(config: Path) -> dict[str, Any] | None:
    """The whole of a config file that is a run.json; None where it is TOML.

    Raises:
        UsageError: as of `read_config`.
    """
    path = path_of(config)
    read_config(path)  # which says what is wrong with it
    return dict(strict_json(read_ordinary(path))) if path.suffix == ".json" else None
