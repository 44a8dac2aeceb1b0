"""The command line's front door: the commands, and the boundary where errors become sentences."""

import os
import sys
from collections.abc import Sequence

import typer

from genmodels import __version__
from genmodels.cli import runs, text
from genmodels.cli.console import say, show_error
from genmodels.errors import GenmodelsError, UsageError, did_you_mean

EXIT_CODES = (
    "Exit codes: 0 done, 1 failed, 2 usage, 3 data, 4 run or checkpoint, "
    "5 resources (memory, disk, device), 6 diverged, 130 interrupted, 143 terminated."
)
BROKEN_PIPE = 141


def build_app() -> typer.Typer:
    """The whole command tree; Rich draws the help only where a person reads it."""
    markup = "rich" if sys.stdout.isatty() else None
    app = typer.Typer(
        name="genmodels",
        help="Train, sample and look inside the classic deep generative models.",
        epilog=EXIT_CODES,
        no_args_is_help=True,
        rich_markup_mode=markup,  # type: ignore[arg-type]
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_root)
    text.register(app)
    app.add_typer(runs.build(markup), name="runs")
    return app


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
    try:
        result = build_app()(list(arguments), prog_name="genmodels", standalone_mode=False)
        return int(result) if isinstance(result, int) else 0
    except GenmodelsError as error:
        return _failed(error, debug)
    except typer.TyperException as error:
        return _failed(_usage_error(error, list(arguments)), debug)
    except (KeyboardInterrupt, typer.Abort):
        say("interrupted")
        return 130
    except BrokenPipeError:
        # The reader went away: nobody is left to tell. Keep Python from flushing into the pipe at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return BROKEN_PIPE
    except MemoryError as error:
        return _failed(_out_of_memory(error), debug)
    except OSError as error:
        return _failed(_system_error(error), debug)
    except Exception as error:
        return _failed(_bug(error), debug)


def _failed(error: GenmodelsError, debug: bool) -> int:
    if debug:
        import traceback

        say(traceback.format_exc())
    show_error(error)
    return error.exit_code


def _usage_error(error: typer.TyperException, arguments: list[str]) -> GenmodelsError:
    """Typer's own complaint in our form, with the nearest option when one was mistyped."""
    if type(error).__name__ == "NoArgsIsHelpError":
        sys.stderr.write(str(error) + "\n")
        return UsageError("no command was given", "genmodels --help shows the commands.")
    context, wrong = getattr(error, "ctx", None), getattr(error, "option_name", None)
    path = "genmodels" if context is None else context.command_path
    hint = f"{path} --help shows how it is used."
    if type(error).__name__ == "NoSuchOption" and context is not None:
        options = [name for p in context.command.get_params(context) for name in getattr(p, "opts", [])]
        return UsageError(f"there is no option {wrong}", did_you_mean(str(wrong), options) or hint)
    value = _value_of(getattr(error, "param", None), arguments)
    return UsageError(error.format_message().rstrip(".") + ("" if value is None else f": {value!r}"), hint)


def _value_of(parameter: object, arguments: list[str]) -> str | None:
    """What was given for the option that Typer complains of; it does not say so itself."""
    for flag in getattr(parameter, "opts", []):
        for position, argument in enumerate(arguments):
            if argument == flag and position + 1 < len(arguments):
                return arguments[position + 1]
            if argument.startswith(f"{flag}="):
                return argument.partition("=")[2]
    return None


def _out_of_memory(error: MemoryError) -> GenmodelsError:
    from genmodels.errors import ResourceError

    return ResourceError(f"out of memory{': ' if str(error) else ''}{error}", "lower --batch-size or --hidden-size.")


def _system_error(error: OSError) -> GenmodelsError:
    from genmodels.errors import ResourceError

    name = f" {error.filename}" if error.filename else ""
    return ResourceError(f"the system refused{name}: {error.strerror or error}", "check the path, space and permissions.")


def _bug(error: Exception) -> GenmodelsError:
    return GenmodelsError(
        f"unexpected {type(error).__name__}: {error}", "this is a bug; --debug shows where. Please report it."
    )
