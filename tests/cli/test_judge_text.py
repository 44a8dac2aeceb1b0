"""judge-text, sample-text --judge and eval-text --baselines through the command line."""

import json
import math
import re
from pathlib import Path

import pytest

from cli.mistakes import check
from doors import MOST_SEARCHED, texts_of
from homes import CORPUS, NGRAM, TINY_TEXT


def test_every_temperature_and_the_control_are_judged_and_the_nearest_is_named(cli, trained) -> None:
    outcome = cli("judge-text", "--temp", "0.25,1.5", "--length", 200, "--json")
    assert outcome.code == 0, outcome.err
    result = json.loads(outcome.out)
    rows = result["results"]
    assert [row.get("temperature") for row in rows] == [0.25, 1.5, None]
    assert rows[-1]["text"] == "held-out text"
    assert rows[-1]["distance"] is None
    assert len({row["characters"] for row in rows}) == 1
    assert all(0 <= row["novel_4"] <= row["novel_8"] <= row["novel_16"] <= 1 for row in rows)
    nearest = min(rows[:2], key=lambda row: row["distance"])
    assert result["nearest"]["temperature"] == nearest["temperature"]
    corpus = (trained.parents[1] / "corpus.txt").read_text()
    for row in rows:
        copy = row["longest_copy"]
        assert corpus[copy["training_at"] :].startswith(copy["text"])


def test_the_table_ends_with_the_longest_copies_and_the_next_step(cli, trained) -> None:
    outcome = cli("judge-text", "--temp", "0.5,1", "--epochs", "1,2", "--length", 150)
    assert outcome.code == 0, outcome.err
    first, second = outcome.out.split("\n\n")
    assert len(first.splitlines()) == 1 + 2 * 2 + 1
    assert second.splitlines()[0].split("\t") == ["text", "copy", "training line", "passage"]
    assert "nearest to the held-out text: epoch" in outcome.err or re.search(
        r"\d of 4 texts can't be told", outcome.err
    )
    assert "next: genmodels sample-text" in outcome.err


@pytest.mark.parametrize(
    ("temperatures", "epochs", "heads", "shared"),
    [
        ((0.5, 1.0), (2,), ["temperature", "0.5", "1", "held-out text"], "tiny, epoch 2, 150 characters each"),
        ((0.5,), (1, 2), ["epoch", "1", "2", "held-out text"], "tiny, temperature 0.5, 150 characters each"),
    ],
)
def test_what_all_texts_share_stands_in_the_title_once(
    trained: Path, temperatures: tuple[float, ...], epochs: tuple[int, ...], heads: list[str], shared: str
) -> None:
    from genmodels.families.text import TextRun

    measures, copies = TextRun(trained).judge(epochs=epochs, temperature=temperatures, length=150).tables
    assert measures.title.startswith(shared)
    assert [measures.heads[0], *(cells[0] for cells in measures.cells())] == heads
    assert copies.heads[0] == heads[0]


def test_a_named_run_is_the_judge_of_all_texts(cli, trained) -> None:
    assert cli("train-text", "corpus.txt", *TINY_TEXT, "--seed", 4, "--name", "other").code == 0
    arguments = ("judge-text", "--run", "tiny", "--temp", "0.5", "--epochs", "1,2", "--length", 150)
    outcome = cli(*arguments, "--by", "other", "--json")
    assert outcome.code == 0, outcome.err
    assert json.loads(outcome.out)["judge"] == {"run": "runs/other", "epoch": 2}
    check(cli(*arguments, "--by", "othre"), 4, "there is no run othre")


def test_a_file_is_judged_and_one_out_of_the_training_text_is_a_copy(cli, trained, tmp_path) -> None:
    corpus = (tmp_path / "corpus.txt").read_text()
    (tmp_path / "copied.txt").write_text(corpus[100:260])
    row = json.loads(cli("judge-text", "copied.txt", "--json").out)["results"][0]
    assert row["novel_32"] == 0
    assert row["longest_copy"]["length"] == row["characters"] == 160


def test_a_long_copy_is_shown_by_its_beginning_and_its_length_and_whole_in_json_alone(cli, trained, tmp_path) -> None:
    copied = (tmp_path / "corpus.txt").read_text()[100:260]
    (tmp_path / "copied.txt").write_text(copied)
    row = cli("judge-text", "copied.txt").out.split("\n\n")[1].splitlines()[1].split("\t")
    assert row[:2] == ["copied.txt", "160"]
    assert row[3] == f"{copied[:59].rstrip()}… (160 characters in all)".replace("\n", "\u21b5")
    assert json.loads(cli("judge-text", "copied.txt", "--json").out)["results"][0]["longest_copy"]["text"] == copied


def test_bits_per_char_of_a_file_are_those_of_one_reading(cli, trained, tmp_path) -> None:
    from genmodels.families.text import TextRun
    from genmodels.sampling.writing import open_writer

    text = "the dog sat on the mat; a cat ran to my hat.\n" * 4
    (tmp_path / "text.txt").write_text(text)
    found = json.loads(cli("judge-text", "text.txt", "--json").out)["results"][0]["bits_per_char"]
    run = TextRun(trained)
    writer, _ = open_writer(run.epoch_checkpoint(None))
    scores = writer.score(texts_of(run).led_in, text, "text")
    assert found == -sum(scores) / len(text) / math.log(2)


def test_a_sheet_can_carry_its_measures(cli, trained) -> None:
    arguments = ("sample-text", "--epochs", "1,2", "--temp", "0.25,1.5", "--length", 60)
    plain, judged = cli(*arguments), cli(*arguments, "--judge")
    assert judged.code == 0, judged.err
    lines = judged.out.splitlines()
    assert sum(line.startswith("[real words") for line in lines) == 4
    assert "\n".join(line for line in lines if not line.startswith("[real words")) == plain.out.rstrip("\n")
    assert judged.err.count("characters of held-out text: real words") == 1
    samples = json.loads(cli(*arguments, "--judge", "--json").out)["samples"]
    assert all(sample["quality"]["characters"] == 60 for sample in samples)
    one = cli("sample-text", "--length", 60, "--judge")
    assert one.out.count("[real words") == 1


def test_baselines_stand_beside_the_run(cli, trained) -> None:
    results = json.loads(cli("eval-text", "--baselines", "--protocol", "carried", "--json").out)["results"]
    assert [row["epoch"] for row in results] == [2, "uniform", "unigram", NGRAM]
    assert results[1]["nll"] > results[2]["nll"] > results[3]["nll"]
    assert len(cli("eval-text", "--baselines").out.splitlines()) == 1 + 2 + 3


def test_characters_are_counted_as_in_other_tables(cli, trained) -> None:
    predicted = len(CORPUS) - 1
    assert predicted > 1000
    assert f"\t{predicted:,}\t" in cli("eval-text", "corpus.txt", "--protocol", "carried").out


def test_a_run_that_holds_out_too_little_is_a_sentence(cli, tmp_path) -> None:
    (tmp_path / "short.txt").write_text("the cat sat on the mat; " * 20)
    small = ("--hidden-size", 4, "--epochs", 1, "--batch-size", 2, "--window", 16, "-q")
    assert cli("train-text", "short.txt", *small).code == 0
    check(cli("judge-text"), 3, "characters, too few to judge by")


def test_a_copy_is_placed_in_the_whole_training_text_though_only_its_end_is_searched(
    cli, trained, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = json.loads(cli("judge-text", "--temp", "0.5", "--length", 200, "--json").out)["results"][0]["longest_copy"]
    monkeypatch.setattr(MOST_SEARCHED, 900)
    outcome = cli("judge-text", "--temp", "0.5", "--length", 200, "--json")
    assert "copies are sought in the last 900" in outcome.err
    part = json.loads(outcome.out)["results"][0]["longest_copy"]
    assert part["training_at"] > 0
    assert part["length"] <= whole["length"]
    run = json.loads((Path("runs") / "tiny" / "run.json").read_text())
    text = Path(run["data"]["sources"][0]).read_text(encoding="utf-8")
    at = part["training_at"]
    assert text[at : at + part["length"]] == part["text"]
    assert part["training_line"] == text.count("\n", 0, at) + 1
