import io
import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doors import family_of
from genmodels.cli.console import is_terminal, rich_console, say
from genmodels.cli.reporters import LineReporter, RichReporter, _Figures
from genmodels.exhibit import duration
from genmodels.printable import printable
from genmodels.training.plan import Plan

HOSTILE = "\x1b[2J\x1b]52;c;aGk=\x07\x9b31m\u202egnp.exe\u2066\r\b\0\u2028\ue000"


@given(st.text())
def test_nothing_that_steers_a_terminal_passes(text: str) -> None:
    for character in printable(text):
        assert character in "\n\t" or unicodedata.category(character)[0] != "C"


def test_what_is_visible_passes_unchanged() -> None:
    text = "Ünïcode, 漢字, emoji 😀, [bold]brackets[/bold]\n\ttab"
    assert printable(text) == text


def test_hidden_characters_become_visible() -> None:
    assert printable("a\x1b[1mb\u202e") == "a\\x1b[1mb\\u202e"


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_hostile_sample_reaches_the_screen_as_text(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Screen()
    monkeypatch.setattr("sys.stderr", screen)
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    reporter = RichReporter(family_of("text"))
    reporter.previewed(1, HOSTILE)
    reporter.notice(HOSTILE)
    assert "\\x1b[2J" in screen.getvalue()
    assert "\x1b]52" not in screen.getvalue()
    assert "\u202e" not in screen.getvalue()


def test_markup_in_a_text_is_not_obeyed() -> None:
    screen = io.StringIO()
    rich_console(screen).print("[red]x[/red] :smile:")
    assert screen.getvalue() == "[red]x[/red] :smile:\n"


def test_plain_progress_has_no_control_characters_and_one_line_an_epoch(
    capsys: pytest.CaptureFixture[str],
) -> None:
    reporter = LineReporter(family_of("text"))
    reporter.started(Plan(10, 20, None, 5, 1), 0, None)
    for step in range(1, 21):
        reporter.logged({"split": "train", "epoch": 1, "step": step, "steps": 1, "nll": 2.0, "chars_per_second": 5.0})
        if step % 10 == 0:
            reporter.logged({"split": "validation", "epoch": step // 10, "step": step, "nll": 2.0 / step})
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 3
    assert "epoch 2/2  step 20/20  loss 2.000  validation 0.100  best 0.100  5 chars/s" in lines[2]
    assert not any("\x1b" in line or "\r" in line for line in lines)


def test_plain_progress_names_the_part_and_the_score_where_it_is_not_the_loss(
    capsys: pytest.CaptureFixture[str],
) -> None:
    reporter = LineReporter(family_of("gan"))
    reporter.started(Plan(10, 20, None, 5, 1), 0, None)
    for split in ("train", "test"):
        reporter.logged({"split": split, "epoch": 1, "step": 10, "frechet_distance": 8.5})
    (_, line) = capsys.readouterr().err.splitlines()
    assert "D loss -  G loss -  test Fréchet distance 8.500  best 8.500" in line


@pytest.mark.parametrize(
    ("seconds", "text"), [(3.4, "3 s"), (185, "3 min 05 s"), (59.7, "1 min 00 s"), (7800, "2 h 10 min")]
)
def test_durations_read_as_people_say_them(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_the_best_is_no_untrained_model_and_outlives_a_session() -> None:
    figures = _Figures(family_of("text"))
    figures.take_best(2.5)
    figures.take({"split": "validation", "epoch": 0, "step": 0, "nll": 1.0})
    assert (figures.validation, figures.best) == ("1.000", "2.500")
    figures.take({"split": "validation", "epoch": 1, "step": 9, "nll": 2.0})
    assert figures.best == "2.000"
    figures.take({"split": "validation", "epoch": 2, "step": 18, "nll": 2.2})
    assert (figures.validation, figures.best) == ("2.200", "2.000")


def test_a_reader_of_stderr_that_goes_away_does_not_stop_the_work(monkeypatch: pytest.MonkeyPatch) -> None:
    tried = []

    class Gone(io.StringIO):
        def write(self, text: str) -> int:
            tried.append(text)
            raise BrokenPipeError

    monkeypatch.setattr("sys.stderr", Gone())
    say("nobody hears this")
    assert tried == ["nobody hears this\n"]


def test_without_a_console_nothing_is_a_terminal_and_nothing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stderr", None)  # as under pythonw
    assert not is_terminal(sys.stderr)
    say("nobody hears this")
