"""The command line's front door: the commands, and the boundary where errors become sentences."""

import io
import logging
import sys
import traceback
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from importlib import import_module

import typer

from genmodels import __version__, processes
from genmodels.cli import misuse, several
from genmodels.cli.console import say_in_any_case, show_error
from genmodels.cli.helping import HelpedCommand, HelpedGroup, helped
from genmodels.errors import BROKEN_PIPE, GenmodelsError, ResourceError, UsageError
from genmodels.families import FAMILIES
from genmodels.family import Family
from genmodels.limits import LIFT, address_space_told, hint_of, is_of_memory
from genmodels.streams import be_quiet

INTERRUPTED = 130
EXIT_CODES = (
    "Exit codes: 0 done, 1 failed, 2 usage, 3 data, 4 run or checkpoint, "
    "5 resources (memory, disk, device), 6 diverged, 130 interrupted, 141 the reader of a pipe went away, "
    "143 terminated."
)


def build_app(named: str | None = None) -> typer.Typer:
    """The command tree; Rich draws the help only where a person reads it.

    Args:
        named: the only command to build, as each costs time and loads what it needs; None, or no command: all.
    """
    app = typer.Typer(
        name="genmodels",
        cls=HelpedGroup,
        help="Train, sample and look inside the classic deep generative models.",
        epilog=EXIT_CODES,
        no_args_is_help=True,
        rich_markup_mode="rich" if sys.stdout.isatty() else None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_root)
    commands = _commands(app)
    for name in [named] if named in commands else commands:
        commands[name](name)
    return app


def every_command() -> typer.core.TyperGroup:
    """All commands, as the library knows them: for who asks which of them has an option."""
    found = typer.main.get_command(build_app())
    assert isinstance(found, typer.core.TyperGroup)
    return found


def _commands(app: typer.Typer) -> dict[str, Callable[[str], None]]:
    """What adds each command, by name: a training out of its row or a file, all others a file."""

    def add(load: Callable[[], Callable[..., None]], name: str) -> None:
        app.command(name, cls=HelpedCommand)(helped(load()))

    def add_group(name: str) -> None:
        module = import_module(f"genmodels.commands.{name.replace('-', '_')}")
        app.add_typer(module.build(app.rich_markup_mode), name=name)

    def of_files(names: Iterable[str]) -> dict[str, Callable[[str], None]]:
        return {name.replace("_", "-"): partial(add, partial(_in_file, name)) for name in names}

    found: dict[str, Callable[[str], None]] = {}
    for row in FAMILIES.values():
        if row.train_command.replace("-", "_") not in row.commands:
            found[row.train_command] = partial(add, partial(_training_of, row))
        found |= of_files(row.commands)
    groups = dict.fromkeys(["find-rate", "runs"], add_group)
    return found | of_files(["plot_curve", "report", "tour"]) | groups | of_files(["doctor"])


def _in_file(name: str) -> Callable[..., None]:
    command: Callable[..., None] = getattr(import_module(f"genmodels.commands.{name}"), name)
    return command


def _training_of(row: Family) -> Callable[..., None]:
    from genmodels.commands import train_images

    return train_images.command_of(row)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"genmodels {__version__}")
        raise typer.Exit


def _root(
    version: bool = typer.Option(
        False, "--version", help="Print the version and stop.", is_eager=True, callback=_print_version
    ),
) -> None:
    """Train, sample and look inside the classic deep generative models.

    Begin with:  genmodels train-text --minutes 2   then:  genmodels sample-text --temp 0.75
    """
    del version


def run(arguments: Sequence[str]) -> int:
    """Run a command line and return its exit code; nothing but a bug ever shows a traceback."""
    debug = "--debug" in arguments
    follower = False
    be_quiet(False)
    logging.getLogger("matplotlib").setLevel(logging.CRITICAL)  # it tells of its own settings and fonts
    _escape_what_the_terminal_lacks()
    try:
        if follower := processes.is_follower():
            several.silenced()
        several.check_alone(next(iter(arguments), None), {row.train_command for row in FAMILIES.values()})
        app = build_app(arguments[0] if arguments else None)
        result = app(list(arguments), prog_name="genmodels", standalone_mode=False)
        code = int(result) if isinstance(result, int) else 0
        if code == INTERRUPTED:  # which Typer makes of a Ctrl-C without a word
            say_in_any_case("interrupted")
        return code
    except (KeyboardInterrupt, typer.Abort):
        say_in_any_case("interrupted")
        return INTERRUPTED
    except SystemExit as stop:
        # Typer ends so when the reader of a pipe has gone away; nobody is left to tell.
        return BROKEN_PIPE if isinstance(stop.__context__, BrokenPipeError) else int(stop.code or 0)
    except Exception as error:
        if debug:
            for line in "".join(traceback.format_exception(error)).rstrip().split("\n"):
                say_in_any_case(line)
        if misuse.is_answered(error):
            return UsageError.exit_code
        told = _as_ours(error, list(arguments))
        if follower:
            return several.told_of_follower(told)
        show_error(told)
        return told.exit_code
    finally:
        be_quiet(False)


def _escape_what_the_terminal_lacks() -> None:
    """Let a character that the terminal's encoding lacks become an escape instead of an error."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _as_ours(error: Exception, arguments: list[str]) -> GenmodelsError:
    """Any exception as a sentence with a hint and an exit code."""
    if isinstance(error, GenmodelsError):
        return error
    if isinstance(error, typer.TyperException):
        return misuse.told(error, arguments, every_command)
    if is_of_memory(error):
        return _out_of_memory(error)
    kind = next((kind for kind in _TOLD if isinstance(error, kind)), Exception)
    return _TOLD[kind](error)


def _of_one_line(error: Exception) -> str:
    """What a library says, which may take several lines for it."""
    return " ".join(str(error).split())


def _out_of_memory(error: Exception) -> GenmodelsError:
    limit, why = address_space_told(), f": {_of_one_line(error)}" if str(error) else ""
    hint = "close other programs, or lower --batch-size or --hidden-size."
    return ResourceError(f"out of memory{why}", hint) if limit is None else ResourceError(f"{limit}{why}", LIFT)


def _system_error(error: Exception) -> GenmodelsError:
    assert isinstance(error, OSError)
    name = f" {error.filename}" if error.filename else ""
    return ResourceError(
        f"the system refused{name}: {error.strerror or error}",
        hint_of(error) or "check the path, space and permissions.",
    )


def _bug(error: Exception) -> GenmodelsError:
    return GenmodelsError(
        f"unexpected {type(error).__name__}: {_of_one_line(error)}",
        "this is a bug; --debug shows where. Please report it.",
    )


_TOLD: dict[type[Exception], Callable[[Exception], GenmodelsError]] = {
    OSError: _system_error,
    Exception: _bug,
}
