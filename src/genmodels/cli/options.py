"""Options that commands share, and the ones read off a settings class."""

import inspect
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import Field, fields
from pathlib import Path
from typing import Annotated, Any, TypeVar, cast, get_args

import typer

from genmodels.cli.console import note
from genmodels.cli.parsing import comma_told, parse_epoch, parse_numbers
from genmodels.paths import file_to_write, path_of
from genmodels.settings import Settings
from genmodels.settings.fields import LOWEST_SEED, flag_for
from genmodels.settings.reader import NARROWEST, USUAL_WIDTH, WIDEST
from genmodels.settings.training import MOST_THREADS

NEWEST = "the newest that is not being trained"
EXPERT: dict[str, Any] = {"hidden": True}  # shown by --help-all alone; see `genmodels.cli.helping`
PATH: dict[str, Any] = {"parser": path_of, "metavar": "<path>"}  # as typed: Path itself would lose the "./" of ./~


def file_written(flag: str, example: str) -> dict[str, Any]:
    """How an option is declared that names a file to write, such as `example`: a folder is refused at once."""
    return {**PATH, "parser": lambda typed: file_to_write(flag, typed, example)}


FIGURE_FILE = file_written("--out", "figure.png")
Runs = Annotated[
    Path,
    typer.Option(
        "--runs", envvar="GENMODELS_RUNS", help="Folder where runs live.", rich_help_panel="Run", **PATH, **EXPERT
    ),
]
RunName = Annotated[
    str | None,
    typer.Option("--run", help="A run's name or path.", show_default=NEWEST, rich_help_panel="Run"),
]
Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON.", rich_help_panel="Output", **EXPERT)]
Threads = Annotated[
    int | None,
    typer.Option("--threads", help="CPU threads.", min=1, max=MOST_THREADS, show_default="all cores",
                 rich_help_panel="Run", **EXPERT),
]  # fmt: skip
Debug = Annotated[
    bool, typer.Option("--debug", help="Show the traceback of an error.", rich_help_panel="Output", **EXPERT)
]
Out = Annotated[
    Path | None,
    typer.Option("--out", help="Write the result to this file.", show_default="stdout", rich_help_panel="Output",
                 **FIGURE_FILE),
]  # fmt: skip
Device = Annotated[str, typer.Option("--device", help="auto, cpu, cuda, cuda:N or mps.", rich_help_panel="Run")]
FigureOut = Annotated[
    Path | None,
    typer.Option(
        "--out",
        help="Write the figure here: .png, .pdf or .svg.",
        show_default="in the run's figures/",
        rich_help_panel="Output",
        **FIGURE_FILE,
    ),
]
FigureIfAsked = Annotated[
    Path | None,
    typer.Option("--out", help="Draw it here: .png, .pdf or .svg.", show_default="none", rich_help_panel="Output",
                 **FIGURE_FILE),
]  # fmt: skip
Dpi = Annotated[
    int | None,
    typer.Option(
        "--dpi", help="Dots for each inch of the figure.", show_default="at least 1200 pixels across",
        rich_help_panel="Output", **EXPERT,
    ),
]  # fmt: skip
Size = Annotated[
    str | None,
    typer.Option(
        "--size", help="Pixels of the figure, such as 1920x1080, whose shape it takes.", show_default="its own",
        metavar="<WxH>", rich_help_panel="Output", **EXPERT,
    ),
]  # fmt: skip
Title = Annotated[
    str | None,
    typer.Option("--title", help="Title of the figure.", show_default="its own", rich_help_panel="Output", **EXPERT),
]
SeveralRuns = Annotated[
    list[str] | None,
    typer.Option("--run", help="A run's name or path; several to overlay.", show_default=NEWEST, rich_help_panel="Run"),
]
_BY_NAME: dict[str, Any] = {
    "help": "A run's or comparison's name or path, or 'memory-*' for all whose names begin so; several to be put "
    "side by side.",
    "rich_help_panel": "Run",
}
RunsByName = Annotated[list[str] | None, typer.Option("--run", **_BY_NAME, show_default=NEWEST)]
RunsToWatch = Annotated[
    list[str] | None, typer.Option("--run", **_BY_NAME, show_default="the newest with a finished epoch")
]
Animate = Annotated[
    Path | None,
    typer.Option("--animate", help="Write an animation here: .gif.", show_default="off", rich_help_panel="Output",
                 **file_written("--animate", "animation.gif")),
]  # fmt: skip
Csv = Annotated[
    Path | None,
    typer.Option("--csv", help="Write the numbers here too.", show_default="off", rich_help_panel="Output",
                 **file_written("--csv", "table.csv")),
]  # fmt: skip
Epochs = Annotated[
    str | None,
    typer.Option(
        "--epochs", help="Epochs, such as 1,20 or 1-5; parts, such as 0.5; latest; all.", show_default="the best"
    ),
]
Epoch = Annotated[
    str | None,
    typer.Option(
        "--epoch",
        help="Which epoch, such as 2; a part, such as 0.5; latest.",
        show_default="the best",
        parser=parse_epoch,
        metavar="<epoch>",
    ),
]
ANY_TEXT = "*.txt"
USUAL_CORPUS = "the Python language reference without its tables"
Corpus = Annotated[
    list[str] | None,
    typer.Argument(
        help="Text files, folders, or - for standard input, which is read only then; with --resume, where the run's "
        "text is now.",
        show_default=USUAL_CORPUS,
    ),
]
Glob = Annotated[
    str,
    typer.Option(
        "--glob",
        help="Which files of a folder and its subfolders, but for hidden ones, in upper or lower case.",
        rich_help_panel="Corpus",
        **EXPERT,
    ),
]
Encoding = Annotated[str, typer.Option("--encoding", help="Encoding of the file.", **EXPERT)]
Unknown = Annotated[str, typer.Option("--unknown", help="Unknown characters in the file: error or skip.", **EXPERT)]
UnknownInPrompt = Annotated[
    str, typer.Option("--unknown", help="Unknown characters in the prompt: error or skip.", **EXPERT)
]
TestImages = Annotated[
    str | None,
    typer.Option("--images", help="Test images by number, such as 3,17 or 0-9.", show_default="one of each class"),
]
Decode = Annotated[
    str, typer.Option("--decode", help="greedy (the likeliest path) or beam (the likeliest reading).", **EXPERT)
]
BeamWidth = Annotated[
    int | None,
    typer.Option(
        "--beam-width",
        help="Readings that the beam keeps at each column.",
        min=NARROWEST,
        max=WIDEST,
        show_default=str(USUAL_WIDTH),
        **EXPERT,
    ),
]
Dataset = Annotated[
    str | None,
    typer.Option(
        help="mnist, fashion-mnist, kmnist, emnist, digits, or a path: a folder of pictures, an .npz, IDX files.",
        show_default="MNIST, or the rendered digits where it can't be had",
        rich_help_panel="Data",
    ),
]
RunImages = Annotated[
    str | None,
    typer.Option(
        "--dataset",
        help="Where the run's images are now, if they were moved.",
        show_default="where they were",
        rich_help_panel="Run",
        **EXPERT,
    ),
]
Words = Annotated[
    str | None,
    typer.Option(
        "--dataset",
        help="voices, fsdd, or a path: a folder of recordings, or a CSV of path, words and speaker.",
        show_default="voices",
        rich_help_panel="Data",
    ),
]
RunWords = Annotated[
    str | None,
    typer.Option(
        "--dataset",
        help="Where the run's recordings are now, if they were moved.",
        show_default="where they were",
        rich_help_panel="Run",
        **EXPERT,
    ),
]
DEFAULT_RUNS = Path("runs")
Command = TypeVar("Command", bound=Callable[..., Any])


def seed(what: str, usual: str | None = None) -> Any:
    """The option --seed: of what, and in words what it is by itself, where that is no number."""
    return typer.Option("--seed", help=what, min=LOWEST_SEED, show_default=True if usual is None else usual)


def preset(names: Iterable[str]) -> Any:
    """The option --preset of a training command, with the names that there are."""
    return typer.Option("--preset", help=f"Settings to begin with: {', '.join(names)}.", rich_help_panel="Model")


def _option(spec: Field[Any]) -> inspect.Parameter:
    """One command-line option for a settings field; None tells that the flag was not given."""
    default: Any = spec.default
    kind: Any = type(default) if default is not None else _type_of_optional(spec)
    if kind is tuple:
        kind, default = str, ",".join(f"{item:g}" for item in default)
    shown = spec.metadata["shown"]
    if spec.metadata["panel"] is None:
        return _plain_option(spec, kind, default if shown is None else None)
    told = "" if kind is bool and default is not None else f" (default: {default if shown is None else shown})"
    text = spec.metadata["help"] + told
    flag = flag_for(spec)
    off = kind is bool and default is not False  # what is on, or may be, can be turned off
    names = f"{flag}/--no-{flag.removeprefix('--')}" if off else flag
    option = typer.Option(names, help=text, rich_help_panel=spec.metadata["panel"], hidden=not spec.metadata["usual"])
    annotation = Annotated[kind | None, option]
    return inspect.Parameter(spec.name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=annotation)


def _plain_option(spec: Field[Any], kind: Any, default: object) -> inspect.Parameter:
    """One for a field that no run records: nobody asks where its value came from, so Typer tells the default."""
    shown = spec.metadata["shown"] or True
    hidden = not spec.metadata["usual"]
    option = typer.Option(flag_for(spec), help=spec.metadata["help"], show_default=shown, hidden=hidden)
    annotation = Annotated[kind | None, option] if default is None else Annotated[kind, option]
    return inspect.Parameter(spec.name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)


def _parsed(spec: Field[Any], value: Any) -> Any:
    """What a flag means: a list of numbers for a field that holds several."""
    return numbers_from(flag_for(spec), value) if isinstance(spec.default, tuple) else value


def numbers_from(flag: str, text: str) -> tuple[float, ...]:
    """A list of numbers that was typed; a note is said where its commas may have been meant as decimal ones.

    Raises:
        UsageError: an entry is not a number.
    """
    numbers, told = parse_numbers(flag, text), comma_told(flag, text)
    if told is not None:
        note(told)
    return numbers


def _placed(
    own: Sequence[inspect.Parameter], options: Iterable[inspect.Parameter], after: Mapping[str, str]
) -> list[inspect.Parameter]:
    """A command's own options and those of its settings, in the order of its help."""
    placed, names = list(own), [p.name for p in own]
    at = len(placed)
    for option in options:
        at = names.index(after[option.name]) + 1 if option.name in after else at
        placed.insert(at, option)
        names.insert(at, option.name)
        at += 1
    return placed


def _type_of_optional(spec: Field[Any]) -> type:
    """The type of a field whose default is None, e.g. int of `int | None`."""
    kind: type = next(kind for kind in get_args(spec.type) if kind is not type(None))
    return kind


def with_settings(
    settings: type[Settings], after: Mapping[str, str] | None = None, *, without: Sequence[str] = (), to: str = "given"
) -> Callable[[Command], Command]:
    """Give a command one option for each field of a settings class.

    The command receives the flags that were given as `given`, a dict from field name to value.

    Args:
        settings: the class.
        after: field -> option of the command behind which it stands in the help, and the fields that follow it in
            the class behind it; None: all stand at the end.
        without: fields that get no option.
        to: what the command calls the dict, where it has settings of two classes.
    """

    def decorate(command: Command) -> Command:
        specs = {spec.name: spec for spec in fields(settings) if spec.name not in without}

        def run(**arguments: Any) -> Any:
            flags = {name: arguments.pop(name) for name in specs}
            given = {name: _parsed(specs[name], value) for name, value in flags.items() if value is not None}
            return command(**{to: given}, **arguments)

        own = [p for p in inspect.signature(command).parameters.values() if p.name != to]
        own = [p.replace(kind=inspect.Parameter.KEYWORD_ONLY) for p in own]
        parameters = _placed(own, map(_option, specs.values()), after or {})
        return seen_as(command, parameters, run)

    return decorate


def seen_as(command: Command, parameters: Sequence[inspect.Parameter], run: Callable[..., Any]) -> Command:
    """A function that Typer takes for a command, by its name and help, but with these options.

    Args:
        command: whose name and help are seen.
        parameters: of the options.
        run: receives them.
    """
    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    run.__annotations__ = {p.name: p.annotation for p in parameters}
    run.__doc__, run.__name__ = help_of(command), command.__name__
    return cast("Command", run)


def other_glob(glob: str) -> str | None:
    """A pattern, if it is not the usual one."""
    return None if glob == ANY_TEXT else glob


def help_of(command: Callable[..., Any]) -> str | None:
    """A command's help: its docstring, which `python -OO` leaves out, so that there it is read from the source."""
    if command.__doc__ is not None or sys.flags.optimize < 2:
        return command.__doc__
    import ast
    from textwrap import dedent

    try:
        (definition,) = ast.parse(dedent(inspect.getsource(command))).body
    except OSError:  # installed without its source
        return None
    assert isinstance(definition, ast.FunctionDef)
    return ast.get_docstring(definition, clean=False)
