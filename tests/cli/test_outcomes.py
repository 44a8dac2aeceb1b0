"""What closes a training: its best epoch, how long it took, what it reached."""

import io
import re
from pathlib import Path

import pytest

from doors import Cli, family_of
from genmodels.cli.output import Output
from genmodels.cli.training import show_outcome
from genmodels.exhibit import Exhibit, Table
from homes import TINY_TEXT
from made_runs import made_run

TOLD = "best epoch 4, 5 s of training and evaluating"


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("stream", [Screen, io.StringIO])
def test_how_long_a_training_took_is_told_once_on_a_terminal_and_in_a_pipe(
    stream: type[io.StringIO], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    screen = stream()
    monkeypatch.setattr("sys.stderr", screen)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "100")
    table = Table(TOLD, {"validation": "", "nll": ".2f"}, [{"validation": "carried", "nll": 1.25}])
    show_outcome(made_run(tmp_path, "r"), Exhibit("outcome", TOLD, {}, [table]), family_of("text"), Output(tmp_path))
    lines = [line.strip() for line in screen.getvalue().splitlines()]
    assert lines.count(TOLD) == 1
    assert lines.index(TOLD) < min(place for place, line in enumerate(lines) if "carried" in line)


@pytest.mark.parametrize("quiet", [(), ("-q",)])
def test_a_training_in_a_pipe_says_how_long_it_took_unless_it_is_to_be_quiet(
    cli: Cli, corpus_file: Path, quiet: tuple[str, ...]
) -> None:
    outcome = cli("train-text", corpus_file, *TINY_TEXT[:-1], *quiet)
    assert outcome.code == 0, outcome.err
    told = re.findall(r"^best epoch \d, \d+ s of training and evaluating", outcome.err, re.MULTILINE)
    assert len(told) == (0 if quiet else 1), outcome.err
