"""Help in two groups: `--help` shows the options that are usual, `--help-all` shows those of experts too.

An option is an expert's where it is declared: `EXPERT` in its `typer.Option`, or a setting without `usual`. It is
accepted, completed and suggested as any other.
"""

import inspect
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from genmodels.cli.options import seen_as


class HelpedCommand(TyperCommand):
    """A command with both helps; the options that were declared hidden are those of experts."""

    def __init__(self, *arguments: Any, **declared: Any) -> None:
        super().__init__(*arguments, **declared)
        self.experts: list[Any] = [option for option in self.params if getattr(option, "hidden", False)]
        for option in self.experts:
            option.hidden = False  # which would keep it from being completed, too
        self.shows_all = False
        for option in self.params:
            _tell_default(option)
            _as_switch(option)
        self.help = _as_drawn(self.help or "", marked=self.rich_markup_mode is None)

    def get_help_option(self, ctx: Any) -> Any:
        """The option --help, which takes nothing either."""
        return _as_switch(super().get_help_option(ctx))

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write the help, of one kind or the other."""
        if self.shows_all:
            super().format_help(ctx, formatter)
        else:
            with self._shortened():
                super().format_help(ctx, formatter)

    @contextmanager
    def _shortened(self) -> Iterator[None]:
        """Meanwhile only the usual options are seen, in one group, and the last line tells of the others."""
        before = [(option, dict(vars(option))) for option in self.params]
        epilog = self.epilog
        for option in self.params:
            if option in self.experts:
                option.hidden = True  # type: ignore[attr-defined]
            option.rich_help_panel = None  # type: ignore[attr-defined]
        if self.experts:
            count = len(self.experts)
            self.epilog = f"--help-all shows {count} more option{'' if count == 1 else 's'}, for experts."
        try:
            yield
        finally:
            self.epilog = epilog
            for option, declared in before:
                vars(option).update(declared)


class HelpedGroup(TyperGroup):
    """A group of commands, whose own options are shown as theirs are."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write the help, when Typer has added options of its own."""
        for option in self.params:
            _as_switch(option)
        super().format_help(ctx, formatter)

    def get_help_option(self, ctx: Any) -> Any:
        """The option --help, which takes nothing either."""
        return _as_switch(super().get_help_option(ctx))


def _tell_default(option: Any) -> None:
    """Say an option's default as its settings say theirs, at the end of its help."""
    shown = option.show_default
    if shown is True and option.default not in (None, (), []) and not isinstance(option.default, bool):
        shown = option.default
    if not isinstance(shown, bool):
        option.help, option.show_default = f"{option.help} (default: {shown})", False


def _as_switch(option: Any) -> Any:
    """An option that takes nothing is not shown to take a truth value; where Rich draws the help it would be."""
    if getattr(option, "is_flag", False) and option.metavar is None:
        option.metavar = ""
    return option


def _as_drawn(text: str, *, marked: bool) -> str:
    """A help whose paragraphs are a line each, and whose examples, paragraphs in a docstring, stand line by line.

    Args:
        text: of the help.
        marked: a sign tells Typer to leave the examples' lines as they are; where Rich draws the help it would be
            shown. Rich in turn breaks a line where the docstring does.
    """
    before, heading, examples = inspect.cleandoc(text).partition("Examples:\n\n")
    told = "\n\n".join(" ".join(paragraph.split()) for paragraph in before.split("\n\n"))
    if not heading:
        return told
    lines = [re.sub(r" {3,}", "   ", line.rstrip()) for line in examples.splitlines() if line.strip()]
    return told + heading + "\n".join(["\b"] * marked + [f"  {line.strip()}" for line in lines])


def _show_all(context: typer.Context, wanted: bool) -> None:
    if wanted and isinstance(context.command, HelpedCommand):
        context.command.shows_all = True
        typer.echo(context.get_help())
        raise typer.Exit


def helped(command: Callable[..., Any]) -> Callable[..., Any]:
    """A command that takes --help-all."""
    option = typer.Option(False, "--help-all", help="Show every option and exit.", is_eager=True, callback=_show_all)
    keyword = inspect.Parameter.KEYWORD_ONLY
    own = [p.replace(kind=keyword) for p in inspect.signature(command).parameters.values()]

    def run(**arguments: Any) -> Any:
        del arguments["help_all"]
        return command(**arguments)

    return seen_as(command, [*own, inspect.Parameter("help_all", keyword, default=option, annotation=bool)], run)
