"""A notebook: how it is known, and the bar that it gets."""

import io
import sys
from types import SimpleNamespace

import pytest

from doors import family_of
from genmodels.cli.notebook import OverwrittenBar, in_notebook
from genmodels.cli.progress import counting
from genmodels.cli.watching import NotebookReporter, is_watched, reporter_for
from genmodels.training.plan import Plan


def lines_of(written: str) -> list[str]:
    """What a notebook shows of a text: after a carriage return a line is written over from its beginning."""
    shown = []
    for line in written.split("\n"):
        kept = ""
        for part in line.split("\r"):
            kept = part + kept[len(part) :]
        shown.append(kept.rstrip(" "))
    return shown


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def screen_of(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """A kernel's stderr that says it is a terminal; every look at the bar draws it."""
    screen = Terminal()
    monkeypatch.setattr("sys.stderr", screen)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr("genmodels.cli.notebook.SECONDS_BETWEEN", 0.0)
    return screen


def test_a_notebook_is_known_by_what_its_shell_is_made_from(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "IPython", raising=False)
    assert not in_notebook()
    kernel = type("ZMQInteractiveShell", (), {})
    shells = {kernel: True, type("Shell", (kernel,), {}): True, type("TerminalInteractiveShell", (), {}): False}
    for shell, known in shells.items():
        monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=shell))
        assert in_notebook() is known
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: None))
    assert not in_notebook(), "IPython was imported, and runs nothing"


@pytest.mark.usefixtures("notebook")
@pytest.mark.parametrize("own", [False, True])
def test_a_note_stands_on_a_line_of_its_own_whoever_is_told(monkeypatch: pytest.MonkeyPatch, own: bool) -> None:
    screen = screen_of(monkeypatch)
    reporter = reporter_for(family_of("text"), None, (lambda text: sys.stderr.write(text + "\n")) if own else None)
    assert isinstance(reporter, NotebookReporter)
    reporter.started(Plan(10, 20, None, 5, 1), 0, None)
    reporter.advanced(10)
    assert lines_of(screen.getvalue())[0].startswith("█" * 15 + "░" * 15 + " step 10/20  ETA")
    reporter.notice("a sentence")
    assert lines_of(screen.getvalue()) == ["a sentence" if own else "note: a sentence", ""]
    reporter.advanced(20)
    assert "step 20/20" in lines_of(screen.getvalue())[1], "the bar is up again"
    reporter.finished()
    assert lines_of(screen.getvalue())[1:] == [""]


@pytest.mark.usefixtures("notebook")
@pytest.mark.parametrize("fails", [False, True])
def test_a_computation_with_a_known_end_has_a_bar_that_is_gone_at_the_end(
    monkeypatch: pytest.MonkeyPatch, fails: bool
) -> None:
    screen, seen = screen_of(monkeypatch), []
    try:
        with counting("reading", 4, quiet=False) as advance:
            for _ in range(2):
                advance(1)
                seen += lines_of(screen.getvalue())
            if fails:
                raise KeyboardInterrupt
    except KeyboardInterrupt:
        assert fails
    assert [line.partition("  ETA ")[0] for line in seen] == [
        "█" * 7 + "░" * 23 + " reading: 25%", "█" * 15 + "░" * 15 + " reading: 50%",
    ]  # fmt: skip
    assert "\x1b" not in screen.getvalue()
    assert lines_of(screen.getvalue()) == [""]


@pytest.mark.usefixtures("notebook")
def test_nothing_is_shown_of_a_quiet_computation(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = screen_of(monkeypatch)
    with counting("reading", 4, quiet=True) as advance:
        advance(2)
    assert screen.getvalue() == ""


def test_a_bar_is_drawn_at_most_twice_a_second_and_a_shorter_one_leaves_nothing_of_a_longer_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    screen = screen_of(monkeypatch)
    monkeypatch.setattr("genmodels.cli.notebook.SECONDS_BETWEEN", 0.5)
    times = iter([10.0, 10.4, 10.6])
    monkeypatch.setattr("time.monotonic", lambda: next(times))
    bar, shown = OverwrittenBar(), []
    for done, told in ((0, "x" * 200), (1, "too early"), (2, "a\nb")):
        bar.show(done, None, told)
        shown += lines_of(screen.getvalue())
    assert shown == ["░" * 30 + " " + "x" * 200] * 2 + ["░" * 30 + " a\\nb"]


@pytest.mark.usefixtures("notebook")
def test_without_a_stderr_a_bar_is_drawn_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stderr", None)
    assert is_watched()
    bar = OverwrittenBar()
    bar.show(1, 2, "reading")
    bar.clear()
