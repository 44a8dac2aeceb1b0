"""Options that commands share, and the ones read off a settings class."""

import inspect
import json
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import Field, dataclass, fields
from pathlib import Path
from typing import Annotated, Any, TypeVar, get_args

import typer

from genmodels.errors import UsageError
from genmodels.settings import Settings, flag_of

Runs = Annotated[
    Path,
    typer.Option("--runs", envvar="GENMODELS_RUNS", help="Folder where runs live.", rich_help_panel="Run"),
]
RunName = Annotated[
    str | None,
    typer.Option("--run", help="A run's name or path.", show_default="the newest", rich_help_panel="Run"),
]
Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON.", rich_help_panel="Output")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress.", rich_help_panel="Output")]
Debug = Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.", rich_help_panel="Output")]
Out = Annotated[
    Path | None,
    typer.Option("--out", help="Write the result to this file.", show_default="stdout", rich_help_panel="Output"),
]
Device = Annotated[str, typer.Option("--device", help="auto, cpu, cuda, cuda:N or mps.", rich_help_panel="Run")]
FigureOut = Annotated[
    Path | None,
    typer.Option(
        "--out",
        help="Write the figure here: .png, .pdf or .svg.",
        show_default="in the run's figures/",
        rich_help_panel="Output",
    ),
]
SeveralRuns = Annotated[
    list[str] | None,
    typer.Option(
        "--run", help="A run's name or path; several to overlay.", show_default="the newest", rich_help_panel="Run"
    ),
]
Csv = Annotated[
    Path | None,
    typer.Option("--csv", help="Write the figures here too.", show_default="off", rich_help_panel="Output"),
]
DEFAULT_RUNS = Path("runs")
MOST_EPOCHS = 10_000

Command = TypeVar("Command", bound=Callable[..., Any])


def parse_numbers(flag: str, text: str) -> tuple[float, ...]:
    """A list such as 0.25,0.75,1.5.

    Raises:
        UsageError: an entry is not a number.
    """
    try:
        return tuple(float(item) for item in text.split(","))
    except ValueError as error:
        raise UsageError(f"{flag} {text!r} is not a list of numbers", f"write {flag} 0.25,0.75,1.5.") from error


def parse_integers(flag: str, text: str) -> list[int]:
    """A list such as 3,17 of whole numbers from 0.

    Raises:
        UsageError: an entry is none.
    """
    items = [item.strip() for item in text.split(",")]
    if not all(item.isdecimal() for item in items):
        raise UsageError(f"{flag} {text!r} is not a list of whole numbers", f"write {flag} 3,17.")
    return [int(item) for item in items]


def parse_epochs(text: str, flag: str = "--epochs", what: str = "epoch") -> list[int]:
    """A list of epochs (or other counts) with ranges, such as 1,10,20 or 1-5.

    Raises:
        UsageError: an entry is no such number or ascending range.
    """
    found: list[int] = []
    for item in text.split(","):
        first, dash, last = item.strip().partition("-")
        if not first.isdecimal() or (dash and not last.isdecimal()) or (dash and int(last) < int(first)):
            article = "an" if what[0] in "aeiou" else "a"
            raise UsageError(f"{flag} {text!r}: {item!r} is not {article} {what}", f"write {flag} 1,20 or 1-5.")
        if int(last or first) - int(first) >= MOST_EPOCHS:
            raise UsageError(f"{flag} {text!r} asks for more than {MOST_EPOCHS:,} {what}s", "name fewer.")
        found += range(int(first), int(last or first) + 1)
    return list(dict.fromkeys(found))


def check_unknown(unknown: str) -> None:
    """Check the value of --unknown.

    Raises:
        UsageError: neither error nor skip.
    """
    if unknown not in {"error", "skip"}:
        raise UsageError(f"--unknown {unknown!r} is not known", "use --unknown error or --unknown skip.")


def _option(spec: Field[Any]) -> inspect.Parameter:
    """One command-line option for a settings field; None tells that the flag was not given."""
    default: Any = spec.default
    kind: Any = type(default) if default is not None else _type_of_optional(spec)
    if kind is tuple:
        kind, shown = str, ",".join(f"{item:g}" for item in default)
    else:
        shown = spec.metadata["shown"] or str(default)
    told = "" if kind is bool and default is not None else f" (default: {shown})"
    text = spec.metadata["help"] + told
    flag = flag_of(spec.name)
    off = kind is bool and default is not False  # what is on, or may be, can be turned off
    names = f"{flag}/--no-{flag.removeprefix('--')}" if off else flag
    option = typer.Option(names, help=text, rich_help_panel=spec.metadata["panel"])
    annotation = Annotated[kind | None, option]
    return inspect.Parameter(spec.name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=annotation)


def _type_of_optional(spec: Field[Any]) -> type:
    """The type of a field whose default is None, e.g. int of `int | None`."""
    kind: type = next(kind for kind in get_args(spec.type) if kind is not type(None))
    return kind


def with_settings(settings: type[Settings]) -> Callable[[Command], Command]:
    """Give a command one option for each field of a settings class.

    The command receives the flags that were given as `given`, a dict from field name to value.
    """

    def decorate(command: Command) -> Command:
        options = {spec.name: _option(spec) for spec in fields(settings)}

        def run(**arguments: Any) -> Any:
            given = {name: arguments.pop(name) for name in options}
            return command(given={k: v for k, v in given.items() if v is not None}, **arguments)

        own = [p for p in inspect.signature(command).parameters.values() if p.name != "given"]
        parameters = [p.replace(kind=inspect.Parameter.KEYWORD_ONLY) for p in own] + list(options.values())
        run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        run.__annotations__ = {p.name: p.annotation for p in parameters}
        run.__doc__ = command.__doc__
        return run  # type: ignore[return-value]

    return decorate


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
    file = {} if config is None else _checked_config(kind, config)
    flags = {name: _parsed(kind, name, value) for name, value in given.items()}
    if {"epochs", "minutes"} <= flags.keys():
        raise UsageError("--epochs and --minutes contradict each other", "give one of them.")
    origins = dict.fromkeys([spec.name for spec in fields(kind)], "default")
    layers = ((base_origin, base), ("config", file), ("flag", flags))
    values: dict[str, Any] = {}
    for origin, layer in layers:
        if layer.get("epochs") is not None and layer.get("minutes") is None:
            values.pop("minutes", None)  # the two exclude each other: the nearer one counts
            origins |= {"minutes": "default"}
        values |= layer
        origins |= dict.fromkeys(layer, origin)
    return Resolved(kind.from_mapping(values), origins)


def _checked_config(kind: type[Settings], path: Path) -> dict[str, Any]:
    """The values of a config file, each checked by itself, so that an error can name the file."""
    values = read_config(path)
    try:
        kind.from_mapping(values)
    except UsageError as error:
        raise UsageError(f"--config {path}: {error.what}", error.hint) from error
    return values


def _parsed(kind: type[Settings], name: str, value: Any) -> Any:
    default = next(spec.default for spec in fields(kind) if spec.name == name)
    return parse_numbers(flag_of(name), value) if isinstance(default, tuple) else value


def read_config(path: Path) -> dict[str, Any]:
    """Values of a TOML file, or of a run.json.

    Raises:
        UsageError: missing, or not TOML or JSON.
    """
    try:
        text = path.read_text(encoding="utf-8")
        if path.suffix == ".json":
            document = json.loads(text)
            if not isinstance(document, dict) or not isinstance(document.get("settings"), dict):
                raise UsageError(f"--config {path} is not a run.json", "write settings of your own as TOML.")
            return {name: entry["value"] for name, entry in document["settings"].items()}
        return tomllib.loads(text)
    except OSError as error:
        raise UsageError(f"--config {path} cannot be read: {error.strerror}", "check the path.") from error
    except (ValueError, KeyError, TypeError) as error:
        raise UsageError(
            f"--config {path} is neither TOML nor a run.json: {error}", "a TOML line looks like: hidden_size = 512."
        ) from error
