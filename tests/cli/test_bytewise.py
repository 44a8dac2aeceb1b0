"""What a run that reads bytes measures is told per byte, and nothing of it per character."""

import json
from pathlib import Path

import pytest

from doors import Cli
from genmodels.exhibit import Table
from genmodels.families.bytewise import table_as_read
from genmodels.families.text.comparing import tables_of
from genmodels.families.text.run import TextRun
from genmodels.telling import Teller
from homes import TINY_TEXT

COMMANDS = (("eval-text", "--baselines"), ("judge-text", "--length", "200", "--temp", "1"), ("runs", "show", "last"))


@pytest.fixture
def of_bytes(cli: Cli, tmp_path: Path) -> Path:
    text = " ".join(f"the cat no {number} sat on the mat." for number in range(400))
    (tmp_path / "corpus.txt").write_text(text, encoding="utf-8")
    outcome = cli("train-text", "corpus.txt", *TINY_TEXT, "--bytes", "--name", "raw")
    assert outcome.code == 0, outcome.err
    return tmp_path / "runs" / "raw"


def test_tables_facts_and_figures_say_bytes(cli: Cli, of_bytes: Path) -> None:
    for command in COMMANDS:
        name = ("--run", "raw") if command[0] != "runs" else ()
        outcome = cli(*(word.replace("last", "raw") for word in command), *name)
        assert outcome.code == 0, outcome.err
        assert "byte" in outcome.out
        assert "/char" not in outcome.out
        if name:
            assert json.loads(cli(*command, *name, "--json").out)["unit"] == "byte"
    run = TextRun(of_bytes, Teller())
    assert run.follow("nll").axis == "loss (nats per byte)"
    judged = run.judge(temperature=1.0, length=200)
    assert not any("character" in meaning for meaning in judged.tables[0].meanings.values())


def test_models_that_read_bytes_are_compared_per_byte() -> None:
    row = {"model": "rnn", "nll": 2.0, "characters_per_second_in_all": 3.0}
    assert "nats/char" in tables_of("t", {"comparison": [row]})[-1].heads
    assert "nats/byte" in tables_of("t", {"comparison": [row], "unit": "byte"})[-1].heads
    assert table_as_read(Table("of characters-1", {"bits_per_char": ""}, [])).title == "of characters-1", "a run's name"
