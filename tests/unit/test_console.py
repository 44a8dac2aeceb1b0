import io
import re
import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doors import family_of
from genmodels.cli.console import is_terminal, rich_console, say
from genmodels.cli.reporters import LineReporter, RichReporter, _Figures
from genmodels.printable import printable
from genmodels.telling import duration
from genmodels.training.plan import Plan
from genmodels.training.reporting import Several

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


def test_what_is_said_on_a_terminal_breaks_no_word(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Screen()
    monkeypatch.setattr("sys.stderr", screen)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "30")
    say("a sentence that is longer than the screen is wide")
    assert screen.getvalue() == "a sentence that is longer than\nthe screen is wide\n"
    monkeypatch.setenv("TERM", "dumb")
    say("a sentence that is longer than the screen is wide")
    assert screen.getvalue().endswith("a sentence that is longer than the screen is wide\n")


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
    losses = {"discriminator_loss": 0.5, "generator_loss": 1.2}
    reporter.logged({"split": "train", "epoch": 1, "step": 10, "steps": 10} | losses)
    for split in ("train", "test"):
        reporter.logged({"split": split, "epoch": 1, "step": 10, "kernel_distance": 8.5})
    (_, line) = capsys.readouterr().err.splitlines()
    assert "step 10/20  D loss 0.500  G loss 1.200  test kernel distance 8.500  best 8.500  " in line


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


def test_what_the_untrained_network_reached_does_not_stand_beside_the_loss_of_a_trained_one() -> None:
    figures = _Figures(family_of("text"))
    figures.take({"split": "validation", "epoch": 0, "step": 0, "nll": 4.3})
    assert figures.told() == ["validation 4.300"]
    figures.take({"split": "train", "epoch": 0.5, "step": 5, "steps": 5, "nll": 2.0, "loss": 2.0})
    assert not any("validation" in told for told in figures.told())
    figures.take({"split": "validation", "epoch": 1, "step": 9, "nll": 2.1})
    figures.take({"split": "train", "epoch": 1.5, "step": 14, "steps": 5, "nll": 1.9, "loss": 1.9})
    assert "validation 2.100" in figures.told()


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


def terminal(monkeypatch: pytest.MonkeyPatch, columns: int) -> Screen:
    screen = Screen()
    monkeypatch.setattr("sys.stderr", screen)
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", str(columns))
    return screen


def lines_on(screen: Screen) -> list[str]:
    """What stood on a terminal, line by line, one after the other in the same place too."""
    plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", screen.getvalue())
    return [line.rstrip() for line in re.split(r"[\r\n]+", plain) if line.strip()]


GAN_STEPS = {"discriminator_loss": 0.5, "generator_loss": 1.25, "images_per_second": 1234.0}


@pytest.mark.parametrize(
    ("family", "of_steps", "score", "told"),
    [
        ("gan", GAN_STEPS, {"kernel_distance": 8.5}, "D loss 0.500  G loss 1.250"),
        ("vae", {"elbo": -98.7}, {"elbo": -99.0}, "ELBO -98.700  test -99.000  best -99.000"),
        ("text", {"nll": 2.0}, {"nll": 2.5}, "loss 2.000  test 2.500  best 2.500"),
    ],
)
@pytest.mark.parametrize("columns", [80, 120, 40])
def test_the_bar_names_what_it_shows_and_cuts_nothing(
    monkeypatch: pytest.MonkeyPatch,
    family: str,
    of_steps: dict[str, float],
    score: dict[str, float],
    told: str,
    columns: int,
) -> None:
    screen = terminal(monkeypatch, columns)
    reporter = RichReporter(family_of(family))
    reporter.started(Plan(10, 20, None, 5, 1), 0, None)
    reporter.logged({"split": "train", "epoch": 1, "step": 10, "steps": 10} | of_steps)
    reporter.logged({"split": "test", "epoch": 1, "step": 10} | score)
    reporter.advanced(12)
    reporter.finished()
    bars = [line for line in lines_on(screen) if "━" in line]
    assert all(len(line) <= columns for line in bars)
    assert bars[-1].startswith("epoch 2/2")
    assert "ETA" in bars[-1]
    assert (told in bars[-1]) is (columns >= 80)
    assert "…" not in screen.getvalue()


def test_an_evaluation_has_a_bar_of_its_own_unless_it_is_over_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = terminal(monkeypatch, 80)
    reporter = RichReporter(family_of("vae"))
    reporter.started(Plan(10, 20, None, 5, 1), 0, None)
    seconds = iter([0.0, 0.1, 10.0, 15.0, 20.0, 25.0])
    monkeypatch.setattr("genmodels.cli.reporters.time.monotonic", lambda: next(seconds))
    shown = []
    for _ in range(3):
        before = len(screen.getvalue())
        with reporter.evaluating(4) as advance:
            advance(2)
            assert reporter.progress is not None
            reporter.progress.refresh()
        shown.append("evaluating" in screen.getvalue()[before:])
    reporter.finished()
    assert shown == [True, False, True], "the second followed one that took a tenth of a second"


def test_after_the_last_evaluation_the_bar_is_full_and_beside_it_stands_what_was_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    screen = terminal(monkeypatch, 120)
    reporter = RichReporter(family_of("vae"))
    reporter.started(Plan(10, 20, None, 5, 1), 0, None)
    reporter.logged({"split": "test", "epoch": 0, "step": 0, "elbo": -208.362})
    for step in (19, 20):
        reporter.advanced(step)
    reporter.logged({"split": "train", "epoch": 2, "step": 20, "steps": 20, "elbo": -160.499})
    reporter.logged({"split": "test", "epoch": 2, "step": 20, "elbo": -155.382})
    assert reporter.progress is not None
    assert reporter.progress.finished
    reporter.progress.refresh()
    reporter.finished()
    last = [line for line in lines_on(screen) if "━" in line][-1]
    assert "ELBO -160.499  test -155.382  best -155.382" in last


def test_what_untrained_models_write_is_shown_of_one_alone_and_not_of_several(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = terminal(monkeypatch, 80)
    reporter = RichReporter(family_of("text"), several=Several(["rnn", "lstm"], None))
    reporter.plan = Plan(4, 8, None, 0, 5)
    for epoch in (0, 1):
        reporter.previewed(epoch, "xq zzk")
    assert [line.strip() for line in lines_on(screen)] == ["sample after epoch 1", "xq zzk"]


def test_plain_lines_tell_how_far_a_long_evaluation_is(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    seconds = iter(range(0, 600, 6))
    monkeypatch.setattr("time.monotonic", lambda: float(next(seconds)))
    reporter = LineReporter(family_of("vae"))
    with reporter.evaluating(4) as advance:
        for _ in range(4):
            advance(1)
    assert capsys.readouterr().err.splitlines() == ["evaluation: 50%  ETA 12 s", "evaluation: 100%  ETA 0 s"]


def test_a_preview_inside_an_epoch_is_one_line_and_tells_where_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = terminal(monkeypatch, 80)
    reporter = RichReporter(family_of("text"))
    reporter.plan = Plan(4, 6, None, 0, 5)  # an epoch and a half
    reporter.previewed(0.25, "first\nsecond")
    for end in (1, 1.5):
        reporter.previewed(end, "first\nsecond")
    assert [line for line in lines_on(screen) if line.strip()] == [
        r"  at epoch 0.25: first\nsecond",
        *("  sample after epoch 1", "  first", "  second"),
        *("  sample after epoch 1.5", "  first", "  second"),
    ]


def test_lines_that_need_not_be_read_to_their_end_are_cut_where_the_screen_ends(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    screen = terminal(monkeypatch, 40)
    reporter = RichReporter(family_of("speech"))
    reporter.plan = Plan(4, 6, None, 0, 5)
    heard = "one heard as " + "seven zero " * 90
    for epoch in (0, 0.25):
        reporter.previewed(epoch, f"{heard}\ntwo heard as two", wraps=False)
    shown = [line.rstrip() for line in lines_on(screen) if line.strip()]
    assert len(shown) == 4
    assert shown[1] == "  one heard as seven zero seven zero se…"
    assert shown[2] == "  two heard as two"
    assert shown[3].endswith("…")


def test_another_number_of_steps_is_said_where_it_differs_much_and_was_not_said_just_now(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    now = [100.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    reporter = LineReporter(family_of("vae"))
    plan = Plan(10, None, 3.0, 5, 2)
    reporter.started(plan, 0, None)
    planned = ((1, 3, 100), (2, 20, 300), (13, 40, 110), (14, 60, 300), (30, 70, 300), (60, 300, 300))
    for seconds, step, total in planned:
        now[0] = 100.0 + seconds
        reporter.planned(plan := plan.planned_again(step, total))
    told = [line for line in capfd.readouterr().err.splitlines() if "fit into the time" in line]
    assert told == [
        "measured the speed: 100 steps (10 epochs) fit into the time",
        "the speed has changed: 300 steps (30 epochs) fit into the time",
    ]
