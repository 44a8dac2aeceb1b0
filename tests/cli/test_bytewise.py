"""What a run that reads bytes measures is told per byte, and nothing of it per character."""

import json
from pathlib import Path

import numpy as np
import pytest

from doors import Cli, family_of
from genmodels.bytewise import table_as_read
from genmodels.cli.reporters import LineReporter, RichReporter
from genmodels.exhibit import Table
from genmodels.exports.histories import history_csv
from genmodels.exports.weights import folder_of
from genmodels.families.side_by_side import side_by_side
from genmodels.families.text.comparing import tables_of
from genmodels.families.text.run import TextRun
from genmodels.figures.gates import ShownUnit, gate_figure
from genmodels.pages.building import _in_words
from genmodels.runs import RunDir
from genmodels.telling import Teller
from genmodels.training.plan import Plan
from homes import TINY_TEXT
from made_runs import made_run
from unit.figure_texts import said

COMMANDS = (
    ("eval-text", "--baselines", "--mix"), ("judge-text", "--length", "200", "--temp", "1"), ("runs", "show", "last"),
)  # fmt: skip
LINES = [f"the cät nö {number} sat on the mat.\n" for number in range(400)]
TEXT = "".join(LINES)


@pytest.fixture
def of_bytes(cli: Cli, tmp_path: Path) -> Path:
    (tmp_path / "corpus.txt").write_text(TEXT, encoding="utf-8")
    outcome = cli("train-text", "corpus.txt", *TINY_TEXT[:-1], "--bytes", "--name", "raw")
    assert outcome.code == 0, outcome.err
    (tmp_path / "told.txt").write_text(outcome.err, encoding="utf-8")
    return tmp_path / "runs" / "raw"


def test_tables_facts_and_figures_say_bytes(cli: Cli, of_bytes: Path) -> None:
    for command in COMMANDS:
        name = ("--run", "raw") if command[0] != "runs" else ()
        outcome = cli(*(word.replace("last", "raw") for word in command), *name)
        assert outcome.code == 0, outcome.err
        assert "byte" in outcome.out
        assert "/char" not in outcome.out
        assert "per char" not in outcome.out
        if name:
            assert json.loads(cli(*command, *name, "--json").out)["unit"] == "byte"
    run = TextRun(of_bytes, Teller())
    assert run.follow("nll").axis == "loss (nats per byte)"
    assert run.follow("accuracy").axis == "bytes guessed right (share)"
    assert "bits per byte" in run.tables[1].spoken_heads
    judged = run.judge(temperature=1.0, length=200)
    assert not any("character" in meaning for meaning in judged.tables[0].meanings.values())


def test_a_training_counts_bytes_from_its_first_line_to_its_last(of_bytes: Path, tmp_path: Path) -> None:
    told = (tmp_path / "told.txt").read_text(encoding="utf-8")
    assert " bytes/s" in told
    assert "char" not in told


def test_models_that_read_bytes_are_compared_per_byte() -> None:
    row = {"model": "rnn", "nll": 2.0, "characters_per_second_in_all": 3.0}
    assert "nats/char" in tables_of("t", {"comparison": [row]})[-1].heads
    assert "nats/byte" in tables_of("t", {"comparison": [row], "unit": "byte"})[-1].heads
    assert table_as_read(Table("of characters-1", {"bits_per_char": ""}, [])).title == "of characters-1", "a run's name"


@pytest.mark.parametrize("kind", [LineReporter, RichReporter])
def test_what_is_said_while_training_is_per_byte_of_such_a_run_alone(
    kind: type[LineReporter | RichReporter], tmp_path: Path
) -> None:
    for bytewise, word in ((True, "byte"), (False, "char")):
        reporter = kind(family_of("text"))
        reporter.about(made_run(tmp_path, word, settings={"bytes": bytewise}))
        reporter.figures.take({"split": "train", "epoch": 1, "step": 9, "steps": 9, "nll": 2.0, "chars_per_second": 5})
        assert reporter.figures.told()[-1] == f"5 {word}s/s"


def test_an_evaluation_on_a_terminal_is_told_per_byte(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    reporter = RichReporter(family_of("text"))
    reporter.about(made_run(tmp_path, "raw", settings={"bytes": True}))
    reporter.started(Plan(10, 20, None, 5, 1), 0, None)
    reporter.logged({"split": "validation", "epoch": 1, "step": 10, "nll": 1.5, "bits_per_char": 2.16})
    reporter.finished()
    told = " ".join(capfd.readouterr().err.split())
    assert "nats/byte, bits per byte 2.16" in told


def test_lengths_copies_and_passages_are_counted_in_bytes(of_bytes: Path) -> None:
    run, learned = TextRun(of_bytes, Teller()), "".join(LINES[10:20])
    facts = run.judge(text=learned).facts
    judged, control = facts["results"]
    size = len(learned.encode("utf-8"))
    assert judged["characters"] == control["characters"] == size == len(learned) + 20
    assert judged["novel_32"] == 0.0
    copy = judged["longest_copy"]
    assert (copy["length"], copy["text"]) == (size, learned)
    assert copy["training_at"] == len("".join(LINES[:10]).encode("utf-8"))
    assert judged["real_words"] == 1.0, "words are those that people read"
    table = run.judge(text=learned).tables[1]
    assert table.cells()[0][-1].endswith(f"({size} bytes in all)")


def test_bytes_that_are_no_text_are_judged_as_they_are(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "latin.txt").write_bytes(TEXT.encode("latin-1"))
    (tmp_path / "part.txt").write_bytes("".join(LINES[10:20]).encode("latin-1"))
    outcome = cli("train-text", "latin.txt", *TINY_TEXT, "--bytes", "--name", "latin")
    assert outcome.code == 0, outcome.err
    judged = json.loads(cli("judge-text", "part.txt", "--run", "latin", "--json").out)["results"][0]
    assert judged["novel_32"] == 0.0
    assert judged["longest_copy"]["length"] == judged["characters"] == len("".join(LINES[10:20]))


def test_what_a_run_writes_is_judged_by_another_as_the_bytes_that_it_wrote(of_bytes: Path) -> None:
    run = TextRun(of_bytes, Teller())
    (sample,) = run.sample(length=300, temperature=1.5)
    assert len(sample.symbols) == len(sample.log_probabilities) == 300
    vocabulary = run.writer().vocabulary
    assert vocabulary.readable(sample.symbols) == sample.text
    assert bytes(vocabulary.encode(vocabulary.exact(sample.symbols), "it").tolist()) == sample.symbols.encode("latin-1")


def test_notes_and_refusals_name_bytes(cli: Cli, of_bytes: Path, tmp_path: Path) -> None:
    (tmp_path / "short.txt").write_text("ä" * 26, encoding="utf-8")
    short = cli("judge-text", "short.txt", "--run", "raw")
    assert "error: short.txt has 52 bytes, too few to judge" in short.err
    (tmp_path / "long.txt").write_text(TEXT, encoding="utf-8")
    long = cli("judge-text", "long.txt", "--run", "raw")
    assert f"note: long.txt, of {len(TEXT.encode('utf-8')):,} bytes, is more than the held-out text; " in long.err
    few = cli("judge-text", "--run", "raw", "--length", "100000", "--temp", "1")
    assert " is more than the held-out text; " in few.err
    assert "character" not in short.err + long.err + few.err + long.out + few.out
    for size, told in ((20, "the corpus has 20 bytes, too few to train on"), (100, "bytes to train on): --window")):
        (tmp_path / "tiny.txt").write_bytes(b"ab" * (size // 2))
        assert (
            told
            in cli("train-text", "tiny.txt", *TINY_TEXT[:4], "--bytes", "--epochs", "1", "--sample-length", "5").err
        )


def test_a_sheet_carries_bits_per_byte(cli: Cli, of_bytes: Path) -> None:
    judged = cli("sample-text", "--run", "raw", "--temp", "0.5,1", "--length", "60", "--judge")
    assert judged.code == 0, judged.err
    assert judged.out.count(" bits/byte]") == 2
    assert "60 bytes of held-out text: real words" in judged.err
    assert "char" not in judged.out + judged.err
    assert json.loads(cli("sample-text", "--run", "raw", "--length", "9", "--json").out)["unit"] == "byte"


def test_runs_side_by_side_are_told_per_byte_and_apart_from_others(tmp_path: Path) -> None:
    made = [made_run(tmp_path, name, settings={"bytes": name != "plain"}) for name in ("raw", "too", "plain")]
    alike = side_by_side(made[:2])
    rows = {row["what"]: row for row in alike.tables[0].rows}
    assert rows["held-out nll (nats/byte)"]["raw"] == "1.2500"
    assert alike.figure().axes[0].get_ylabel() == "loss (nats per byte)"
    apart = side_by_side([made[0], made[2]])
    rows = {row["what"]: row for row in apart.tables[0].rows}
    assert (rows["held-out nll (nats/byte)"]["raw"], rows["held-out nll (nats/byte)"]["plain"]) == ("1.2500", "-")
    assert "measures per byte and per character can't be compared" in apart.remarks[0]
    table = {"rows": [["held-out nll (nats/byte)", "1.25"], ["held-out nll (nats/char)", "1.25"]]}
    runs = [TextRun(run.path, Teller()) for run in (made[0], made[2])]
    assert [row[0] for row in _in_words(table, runs)["rows"]] == [
        "loss (nats per byte), held-out", "loss (nats per character), held-out",
    ]  # fmt: skip


def test_gradients_and_their_figure_count_distances_in_bytes(of_bytes: Path) -> None:
    found = TextRun(of_bytes, Teller()).gradients(windows=64, window=20)
    assert "64 windows of 20 bytes" in found.tables[1].title
    assert "after 50 bytes" in found.tables[1].meanings["at 50"]
    figure = found.figure()
    assert figure.axes[0].get_xlabel() == "distance T − t (bytes)"
    assert "a window's last byte" in said(figure)


def test_a_passage_of_gates_is_counted_in_bytes(cli: Cli, of_bytes: Path) -> None:
    refused = cli("plot-gates", "--run", "raw", "--text", "t", "--units", "0")
    assert "error: --text has 1 byte\n" in refused.err
    beyond = cli("plot-gates", "--run", "raw", "--start", "999999", "--units", "0")
    assert " bytes of validation text" in beyond.err
    assert TextRun(of_bytes, Teller()).gates(text="ä", units=0).facts["gates"][1]["position"] == 1, "two bytes"
    gates = {name: np.full((3, 1), 0.9) for name in ("keep", "write", "read")}
    told = said(gate_figure("t\xc3\x84", gates, np.zeros((3, 1)), [ShownUnit(0)], "a title", symbol="byte"))
    assert "each byte leaves more than half" in told
    assert "a byte that can't be shown" in told


def test_what_leaves_for_other_programs_is_told_per_byte(of_bytes: Path) -> None:
    run = TextRun(of_bytes, Teller())
    assert b"nll (nats per byte)" in history_csv(run).splitlines()[0]
    card = folder_of(run)["README.md"].decode("utf-8")
    assert "bits per byte" in card
    assert "of the byte after each" in card
    assert "per char" not in card


def test_a_rate_is_found_on_an_axis_of_nats_per_byte(cli: Cli, of_bytes: Path) -> None:
    command = ("find-rate", "text", "corpus.txt", *TINY_TEXT[:8], "--bytes", "--steps", "30")
    assert json.loads(cli(*command, "--json").out)["unit"] == "byte"


def test_a_run_from_before_there_was_a_choice_reads_characters(tmp_path: Path) -> None:
    run = TextRun(made_run(tmp_path, "old").path, Teller())
    assert run.follow("nll").axis == "loss (nats per character)"
    assert RunDir(run.path).document()["settings"].get("bytes") is None
