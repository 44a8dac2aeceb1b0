"""Progress of a computation with a known end."""

import io

import pytest

from doors import family_of
from genmodels.cli.progress import counting
from genmodels.cli.reporters import RichReporter
from genmodels.printable import one_line
from genmodels.training.plan import Plan
from genmodels.training.reporting import Several


@pytest.fixture
def six_seconds_each(monkeypatch: pytest.MonkeyPatch) -> None:
    """Between two looks at the clock six seconds go by."""
    seconds = iter(range(0, 6_000, 6))
    monkeypatch.setattr("time.monotonic", lambda: float(next(seconds)))


@pytest.mark.usefixtures("six_seconds_each")
def test_elsewhere_a_line_now_and_then_tells_the_share_and_the_rest(capsys: pytest.CaptureFixture[str]) -> None:
    with counting("reading", 10, quiet=False) as advance:
        for _ in range(5):
            advance(2)
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.splitlines() == ["reading: 40%  ETA 18 s", "reading: 80%  ETA 6 s"]


@pytest.mark.usefixtures("six_seconds_each")
def test_quiet_counts_silently(capsys: pytest.CaptureFixture[str]) -> None:
    with counting("reading", 10, quiet=True) as advance:
        for _ in range(5):
            advance(2)
    assert capsys.readouterr() == ("", "")


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_full_bar_does_not_look_empty_where_there_are_few_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Screen()
    monkeypatch.setattr("sys.stderr", screen)
    monkeypatch.setenv("TERM", "xterm")
    for name in ("NO_COLOR", "COLORTERM", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    with counting("reading", 10, quiet=False) as advance:
        advance(10)
    assert "\x1b[32m━" in screen.getvalue(), "green, and not the grey of what is left"


@pytest.mark.parametrize("fails", [False, True])
def test_a_bar_on_a_terminal_is_gone_at_the_end(monkeypatch: pytest.MonkeyPatch, fails: bool) -> None:
    screen = Screen()
    monkeypatch.setattr("sys.stderr", screen)
    monkeypatch.setenv("TERM", "xterm")
    try:
        with counting("reading", 10, quiet=False) as advance:
            advance(4)
            if fails:
                raise KeyboardInterrupt
    except KeyboardInterrupt:
        assert fails
    text = screen.getvalue()
    assert "reading" in text
    assert text.count("\x1b[?25l") == text.count("\x1b[?25h") == 1, "the cursor is back"
    assert text.endswith("\x1b[2K"), "the bar's line is cleared"


@pytest.mark.parametrize("name", ["r {x}", "a [/] b", "[red]c", "d\x1b[2Je\nf"])
def test_a_bar_shows_the_name_of_a_run_as_it_is_and_safe(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    screen = Screen()
    monkeypatch.setattr("sys.stderr", screen)
    monkeypatch.setenv("TERM", "xterm")
    with counting(f"drawing from {name}", 10, quiet=False) as advance:
        advance(4)
    assert f"drawing from {one_line(name)}" in screen.getvalue()


def test_several_trainings_by_minutes_take_what_is_left_of_this_one_and_the_time_of_the_others() -> None:
    several = Several(["rnn", "gru", "lstm"], minutes=2.0)
    assert several.told(0.0, None) == "rnn, 1 of 3, 6 min 00 s left to train, then all are measured"
    assert several.left(30.0, None) == 90 + 240
    assert several.left(30.0, 500.0) == 90 + 240, "the end is known"
    several.taken += [125.0, 118.0]
    assert several.told(60.0, 58.0) == "lstm, 3 of 3, 1 min 00 s left to train, then all are measured"


def test_several_trainings_by_epochs_take_as_long_as_those_before_on_average() -> None:
    several = Several(["rnn", "gru", "lstm", "feedforward"], minutes=None)
    assert several.told(0.0, None) == "rnn, 1 of 4", "nobody knows yet"
    assert several.left(10.0, 20.0) == 20 + 3 * 30
    several.taken.append(60.0)
    assert several.left(10.0, 20.0) == 20 + 2 * 45


def test_a_bar_stands_under_the_place_among_several(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Screen()
    monkeypatch.setattr("sys.stderr", screen)
    monkeypatch.setenv("TERM", "xterm")
    reporter = RichReporter(family_of("text"), several=Several(["rnn", "gru"], minutes=None, taken=[3.0]))
    reporter.started(Plan(10, 20, None, 0, 5), 0, None)
    reporter.advanced(5)
    reporter.finished()
    lines = [line for line in screen.getvalue().splitlines() if "gru, 2 of 2" in line]
    assert lines
    assert "epoch 1/2" in screen.getvalue()


def test_a_bar_has_a_time_from_its_first_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Screen()
    monkeypatch.setattr("sys.stderr", screen)
    monkeypatch.setenv("TERM", "xterm")
    with counting("reading", 10, quiet=False):
        pass
    assert "ETA ?" in screen.getvalue(), "nothing is done that could tell it"
    assert "-:--" not in screen.getvalue()


def test_while_minutes_measures_the_speed_a_bar_tells_the_time_that_was_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    screen = Screen()
    monkeypatch.setattr("sys.stderr", screen)
    monkeypatch.setenv("TERM", "xterm")
    reporter = RichReporter(family_of("text"))
    reporter.started(Plan(10, None, 2.0, 0, 5), 0, None)
    reporter.finished()
    assert "ETA 2:00" in screen.getvalue()
