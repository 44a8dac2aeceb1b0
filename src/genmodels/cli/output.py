"""What a command does with its result: --out, --csv, --json, --quiet, --debug and what they mean, once."""

import inspect
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from itertools import chain, count
from pathlib import Path
from typing import Any, TextIO, get_args

from genmodels.cli import declared, options, written
from genmodels.cli.console import is_terminal, note, say, write_result
from genmodels.cli.progress import counting
from genmodels.cli.tables import show
from genmodels.durable import json_text
from genmodels.errors import RunError, UsageError
from genmodels.exhibit import FIGURES, Exhibit
from genmodels.look import Look, parse_size
from genmodels.named_files import check_free, forced
from genmodels.runs import RunDir
from genmodels.runs.naming import figure_of
from genmodels.streams import be_quiet, is_quiet
from genmodels.telling import Advance, Teller, once

OPTIONS: Mapping[str, tuple[Any, Any]] = {  # name -> how it is declared, its default
    "runs": (options.Runs, options.DEFAULT_RUNS),
    "out": (options.FigureOut, None),
    "dpi": (options.Dpi, None),
    "size": (options.Size, None),
    "title": (options.Title, None),
    "animate": (options.Animate, None),
    "csv_file": (options.Csv, None),
    "report": (declared.Report, False),
    "accept_changes": (declared.AcceptChanges, False),
    "force": (declared.Force, False),
    "json": (options.Json, False),
    "quiet": (declared.Quiet, False),
    "threads": (options.Threads, None),
    "debug": (options.Debug, False),
}


FILES = ("out", "csv_file", "animate")  # that a user names
LOOK = ("dpi", "size", "title")  # of a figure, wherever one is written
BROUGHT: Mapping[str, Sequence[str]] = {
    "out": ("out", *LOOK),
    "page": ("out",),
    "json": ("json", "quiet"),
    "computing": ("quiet", "threads"),
}
"""What a name of `with_output` stands for, where that is something else: a page is no figure, so it has no look of one;
computing is what takes seconds or more."""
POOLS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
"""What NumPy and PyTorch ask for their number of threads when they are loaded."""
DRAWN = (*FIGURES, ".gif")  # endings of what has such a look


@dataclass
class Output:
    """Where a command's result goes.

    Args:
        runs: folder of the runs.
        out: file of the figure, or None for the run's own folder.
        csv_file: file of the first table, or None.
        json: print facts as JSON.
        quiet: show no progress.
        report: of a training: write its page after each epoch.
        accept_changes: of one that goes on: though it was changed by another hand.
        dpi: dots for each inch of the figure.
        size: its width and height in pixels, as typed.
        title: above it, in place of its own.
        animate: file of the animation, or None; with it the figure is written only where --out says.
    """

    runs: Path
    out: Path | None = None
    csv_file: Path | None = None
    json: bool = False
    quiet: bool = False
    report: bool = False
    accept_changes: bool = False
    dpi: int | None = None
    size: str | None = None
    title: str | None = None
    animate: Path | None = None
    look: Look = field(init=False)
    target: Path | None = field(default=None, init=False)
    begun: float = field(default_factory=time.perf_counter, init=False, compare=False)

    def __post_init__(self) -> None:
        self.look = Look(self.dpi, None if self.size is None else parse_size(self.size), self.title)

    @property
    def teller(self) -> Teller:
        """Who is told what while something is computed: stderr."""

        def counted(what: str, total: int) -> AbstractContextManager[Advance]:
            return counting(what, total, self.quiet or self.json)

        return Teller(note, counted)

    def to(self, run: RunDir | Sequence[RunDir] | None, name: str) -> None:
        """Where the figure goes; looked at before anything is computed.

        Args:
            run: in whose folder, unless --out says otherwise, or runs that it puts side by side; none: in the current
                one.
            name: of the figure there.

        Raises:
            UsageError: its ending is none that can be written.
        """
        from genmodels.figures.saving import check_film, check_format

        runs = [run] if isinstance(run, RunDir) else run
        if self.animate is not None:
            check_film(self.animate)
            self.target = self.out
        else:
            self.target = self.out or (figure_of(runs, name) if runs else Path(f"{name}.png"))
        if self.target is not None:
            check_format(self.target)
            check_free(self.target)

    def to_new(self, run: RunDir, name: str) -> None:
        """As `to`, but under a name in the run's folder that no earlier figure has: name, name-2, name-3.

        Raises:
            UsageError: its ending is none that can be written.
        """
        names = chain([name], (f"{name}-{number}" for number in count(2)))
        self.to(run, next(free for free in names if not run.figure_path(free).exists()))

    def check(self) -> None:
        """Look at the endings of --out and --animate, where the figure's own name is not known yet.

        Raises:
            UsageError: one is none that can be written.
        """
        if self.out is not None or self.animate is not None:
            self.to(None, "figure")

    def check_drawn(self, *files: Path | None) -> None:
        """Refuse wishes for a figure's look where none is written.

        Args:
            files: that are to be written; None where one is not.

        Raises:
            UsageError: there are such wishes, and no file is a figure or an animation.
        """
        given = [f"--{name}" for name in LOOK if getattr(self, name) is not None]
        if given and not any(file is not None and file.suffix.lower() in DRAWN for file in files):
            what = f"{' and '.join(given)} can't be followed, as no figure is written"
            raise UsageError(what, "name a file for one, such as --out figure.png.")

    def show(self, exhibit: Exhibit) -> None:
        """Files first, then the result on stdout: as JSON, as tables, or as the path of what was drawn.

        Args:
            exhibit: it.
        """
        files = {"figure": self.write_files(exhibit), "animation": self.animate}
        drawn = {kind: path for kind, path in files.items() if path is not None}
        if self.json:
            self.show_facts({**exhibit.facts, **{kind: str(path) for kind, path in drawn.items()}})
            say_remarks(exhibit)
        else:
            _show(exhibit, sys.stdout if exhibit.leads == "table" else sys.stderr)
        self.tell_files(*drawn.values(), alone=exhibit.leads == "figure")

    def tell_files(self, *drawn: Path, alone: bool) -> None:
        """Where the files of a result are.

        Args:
            drawn: those but for the table.
            alone: whether they are all of the result, so that a program gets their paths, unless it gets JSON.
        """
        for path in drawn:
            written.tell(path)
        if self.csv_file is not None:
            written.tell(self.csv_file, "table")
        for path in drawn if alone and not self.json else ():
            written.give(path)

    def finish(self, facts: Mapping[str, Any], path: Path) -> None:
        """A result that is one file and no exhibit: as JSON, or its path."""
        if self.json:
            self.show_facts(facts)
        self.tell_files(path, alone=True)

    def tell(self, exhibit: Exhibit, asking: bool) -> None:
        """What to know before anything is done: its tables and remarks, on stderr.

        Args:
            exhibit: holds them.
            asking: whether a person is asked about it next, who is to know it with --quiet too.
        """
        be_quiet(self.quiet and not asking)
        _show(exhibit, sys.stderr)
        be_quiet(self.quiet)

    def show_facts(self, facts: Mapping[str, Any]) -> None:
        """Facts as JSON on stdout."""
        write_result(json_text(facts))

    def write_files(self, exhibit: Exhibit) -> Path | None:
        """The figure, the animation and the table; gives back where the figure is.

        Raises:
            UsageError: a figure is to look some way, and none is asked for.
        """
        self.check_drawn(self.target, self.animate)
        figure, notice = None, once(note)
        if exhibit.draw is not None and self.target is not None:
            figure = exhibit.save(self.target, notice, self.look)
        elif self.out is not None:
            note(f"there is nothing to draw, so {self.out} was not written")
        if self.animate is not None:
            exhibit.save(self.animate, notice, self.look, self.teller.counting)
        if self.csv_file is not None:
            exhibit.save_table(self.csv_file)
        return figure


def _show(exhibit: Exhibit, stream: TextIO) -> None:
    """The tables for people, and what is remarked of them."""
    if stream is sys.stderr and is_quiet():
        return
    for number, table in enumerate(table for table in exhibit.tables if table.shown):
        if number > 0 and (table.apart or is_terminal(stream)):
            stream.write("\n")
        show(table, stream)
    say_remarks(exhibit)


def say_remarks(exhibit: Exhibit) -> None:
    """What is remarked of a result, on stderr, whatever stands on stdout."""
    for sentence in exhibit.remarks:
        say(sentence)


def with_output(*names: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a command the options that its result needs, in this order; it receives them as `output`.

    A name that the command declares itself, such as an --out of its own kind, keeps its declaration: the command then
    receives it too. Some names stand for several options; see `BROUGHT`.
    """
    brought = tuple(dict.fromkeys(name for one in names for name in BROUGHT.get(one, (one,))))

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        names = _with_force(command, brought)
        shared = [name for name in names if name not in inspect.signature(command).parameters]

        def run(**arguments: Any) -> None:
            files = [arguments[name] for name in FILES if arguments.get(name) is not None]
            given = {name: arguments.pop(name) for name in shared}
            given.pop("debug", None)  # read by the front door
            with (
                _threads(given.pop("threads", None)),
                written.told(files),
                forced(given.pop("force", False)),
                _hints_for(command),
            ):
                for name in set(names) & set(FILES):  # before anything is computed
                    check_free(arguments.get(name, given.get(name)))
                command(**arguments, output=Output(**{"runs": options.DEFAULT_RUNS, **given}))

        return options.seen_as(command, _parameters(command, names), run)

    return decorate


def _with_force(command: Callable[..., None], names: Sequence[str]) -> Sequence[str]:
    """The options of a result, with --force behind the files that a user may name, where there are such."""
    last = max((place for place, name in enumerate(names) if name in (*FILES, *LOOK)), default=-1)
    if last < 0 and "out" not in inspect.signature(command).parameters:
        return names
    return [*names[: last + 1], "force", *names[last + 1 :]]


@contextmanager
def _hints_for(command: Callable[..., None]) -> Iterator[None]:
    """Let what is wrong with a run hint at the option by which this command reads another epoch, if it has one."""
    try:
        yield
    except RunError as error:
        error.hint = error.hint_for(_reading_epochs(command))
        raise


def _reading_epochs(command: Callable[..., None]) -> list[str]:
    """The option by which a command is told an epoch, as text; trainings are told a number of them."""
    parameters = inspect.signature(command).parameters
    found = [name for name in ("epochs", "epoch") if name in parameters]
    return [f"--{name}" for name in found if get_args(parameters[name].annotation)[:1] == (str | None,)]


@contextmanager
def _threads(count: int | None) -> Iterator[None]:
    """Within it NumPy and PyTorch compute with so many threads; None: as many as they choose.

    No command has loaded them before it is called, so that they are told by the environment, and a PyTorch that is
    loaded within it keeps that number; one that a program or a notebook has loaded is told by itself, and then again.
    """
    if count is None:
        yield
        return
    environment = {name: os.environ.get(name) for name in POOLS}
    os.environ.update(dict.fromkeys(POOLS, str(count)))
    torch = sys.modules.get("torch")
    before = None if torch is None else torch.get_num_threads()
    if torch is not None:
        torch.set_num_threads(count)
    try:
        yield
    finally:
        if torch is not None:
            torch.set_num_threads(before)
        for name, value in environment.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _parameters(command: Callable[..., None], names: Sequence[str]) -> list[inspect.Parameter]:
    """A command's own options, those of its result by name, and last what it was `given`."""
    kind = inspect.Parameter.KEYWORD_ONLY
    own = {name: p.replace(kind=kind) for name, p in inspect.signature(command).parameters.items() if name != "output"}
    shared = {name: inspect.Parameter(name, kind, annotation=a, default=d) for name, (a, d) in OPTIONS.items()}
    first = [p for name, p in own.items() if name not in names and name != "given"]
    last = [own["given"]] if "given" in own else []
    return [*first, *(own[name] if name in own else shared[name] for name in names), *last]
