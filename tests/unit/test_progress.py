"""Progress of a computation with a known end."""

import io

import pytest

from genmodels.cli.progress import counting


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
