"""train-reader, read-image and eval-reader through the real command line, on digits that need no network."""

import csv
import json
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from contract.helpers import records_of
from genmodels.analysis.reading import Reading
from genmodels.data.images.strips import Strips
from genmodels.families import open_run
from genmodels.families.reader import ReaderRun, by_length
from genmodels.families.readings import Picture, ReadPicture, figure_name, readings_of
from genmodels.figures.reading import reading_figure
from genmodels.figures.under_strips import ReadStrip
from genmodels.telling import Teller
from homes import TINY_READER

HOME = "reader"


def test_accuracy_is_recorded_for_each_length_and_beyond_the_trained_ones(home: Path) -> None:
    evaluations = [record for record in records_of(home / "runs/crnn") if "steps" not in record]
    assert len(evaluations) == 3 * 4
    for record in evaluations:
        lengths = {"train": (1, 2), "test": (1, 2), "longer": (3, 4)}[record["split"]]
        assert {f"sequence_accuracy/{n}" for n in lengths} <= record.keys()
        assert 0 <= record["sequence_accuracy"] <= 1
        assert record["nll_standard_error"] > 0
        assert None not in record.values()
        assert "standard_error" not in record


def test_readings_are_shown_after_an_epoch(home: Path) -> None:
    assert "read as" in (home / "runs/crnn/samples/epoch-0003.txt").read_text(encoding="utf-8")


LABELS = torch.tensor([[0, 1]])


def test_digits_can_be_held_out_of_training(at_home, home: Path) -> None:
    outcome = at_home("train-reader", "--dataset", "set.npz", *TINY_READER, "--epochs", 1, "--val-images", 12, "--json")
    assert outcome.code == 0, outcome.err
    document = json.loads(outcome.out)
    assert {"train", "validation", "longer"} <= document.keys()
    assert "test" not in document
    known = json.loads(at_home("runs", "list", "--json").out)["runs"]
    summary = next(run for run in known if f"runs/{run['run']}" == document["run"])
    assert summary["best"] == pytest.approx(document["validation"]["nll"])


def test_sets_dark_on_light_are_turned_and_told(at_home, home: Path) -> None:
    arguments = (*TINY_READER, "--epochs", 1, "--name", "light")
    given = np.load(home / "set.npz")
    pixels = {name: 255 - given[name] if name.startswith("x") else given[name] for name in given.files}
    np.savez(home / "light.npz", **pixels)
    outcome = at_home("train-reader", "--dataset", "light.npz", *arguments)
    assert outcome.code == 0, outcome.err
    assert "dark on light: taken the other way round" in outcome.err


def test_readings_are_compared_class_by_class_whatever_the_names(
    at_home, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A right reading of classes with long names is right, in the figure too."""
    given = np.load(home / "set.npz")
    named = {name: given[name] + (9 if name.startswith("y") else 0) for name in given.files}
    np.savez(home / "long.npz", **named)
    arguments = ("--dataset", "long.npz", *TINY_READER, "--epochs", 1, "--name", "long", "-q")
    assert at_home("train-reader", *arguments).code == 0
    readings = iter([[0, 1], [1, 0], [2, 2]])

    def read(*_: object) -> list[Reading]:
        classes = next(readings)
        return [Reading(classes, 0.9, [(0, 1), (2, 3)], [0.9, 0.9])]

    monkeypatch.setattr("genmodels.analysis.reading_accuracy.read_strips", read)
    monkeypatch.setattr(
        "genmodels.data.images.strips.StripMaker.make", lambda *_: Strips(torch.ones(1, 32, 64), LABELS, LABELS)
    )
    outcome = at_home("read-image", "--run", "long", "--lengths", "2", "--strips", 3, "--json", "--out", "long.svg")
    assert outcome.code == 0, outcome.err
    found = [(r["reading"], r["truth"], r["right"]) for r in json.loads(outcome.out)["readings"]]
    assert found == [("9 10", "9 10", True), ("10 9", "9 10", False), ("11 11", "9 10", False)]
    assert (home / "long.svg").read_text().count("but it is") == 2


def test_strips_of_test_digits_are_read(at_home, home: Path) -> None:
    outcome = at_home("read-image", "--run", "crnn", "--strips", 3, "--lengths", "1,4", "--json")
    assert outcome.code == 0, outcome.err
    document = json.loads(outcome.out)
    assert (home / document["figure"]).read_bytes().startswith(b"\x89PNG")
    assert [len(r["truth"]) for r in document["readings"]] == [1, 4, 1]
    for reading in document["readings"]:
        assert 0 <= reading["confidence"] <= 1
        assert reading["right"] == (reading["truth"] == reading["reading"])
        assert "".join(d["digit"] for d in reading["digits"]) == reading["reading"]
        for digit in reading["digits"]:
            first, last = digit["pixels"]
            assert 0 <= first < last
    again = json.loads(at_home("read-image", "--run", "crnn", "--strips", 3, "--lengths", "1,4", "--json").out)
    first = json.loads(outcome.out)
    assert again.pop("figure") != first.pop("figure"), "which is not written over"
    assert again == first
    plain = at_home("read-image", "--run", "crnn", "--decode", "greedy")
    assert plain.code == 0
    head, *rows = [line.split("\t") for line in plain.out.splitlines()]
    assert head == ["name", "reading", "confidence", "truth"], "a reader of the pipe sees what its columns are"
    assert [row[0] for row in rows] == [f"strip {number}" for number in range(1, 7)]


def test_the_fixed_reader_reads_too_but_no_more_than_its_places(at_home) -> None:
    outcome = at_home("read-image", "--run", "fixed", "--strips", 4, "--lengths", "6", "--json")
    assert outcome.code == 0, outcome.err
    for reading in json.loads(outcome.out)["readings"]:
        assert len(reading["reading"]) <= 2
        assert all("pixels" not in digit for digit in reading["digits"])


def test_pictures_of_the_users_own_are_fitted_and_told(at_home, home: Path, tmp_path: Path) -> None:
    target = tmp_path / "read.pdf"
    outcome = at_home("read-image", "tall.png", "colour.png", "--run", "crnn", "--out", target)
    assert outcome.code == 0, outcome.err
    assert [line.split("\t")[0] for line in outcome.out.splitlines()[1:]] == ["tall.png", "colour.png"]
    assert "tall.png is 64 pixels high: scaled to 32" in outcome.err
    assert "tall.png is dark on light" in outcome.err
    assert target.read_bytes().startswith(b"%PDF")


def test_digits_of_a_page_are_placed_in_the_page(at_home, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read = [Reading([0, 1], 0.9, [(1, 1), (7, 7)], [0.9, 0.9])]
    monkeypatch.setattr("genmodels.analysis.reading_accuracy.read_strips", lambda *_: read)
    page = np.full((400, 300), 255, np.uint8)
    page[250:280, 170:175] = page[250:280, 200:205] = 0
    Image.fromarray(page).save(home / "page.png")
    outcome = at_home("read-image", "page.png", "--run", "crnn", "--json")
    assert "page.png is cut to the ink: 35x30 at (170, 250) of 300x400" in outcome.err
    (reading,) = json.loads(outcome.out)["readings"]
    assert reading["cut"] == [170, 250, 35, 30]
    assert [digit["pixels"] for digit in reading["digits"]] == [[168.5, 174.0], [201.5, 207.0]]


def test_names_of_pictures_cannot_write_lines_of_their_own(at_home, home: Path) -> None:
    (home / "a\nerror: b\x1b.png").write_bytes((home / "tall.png").read_bytes())
    outcome = at_home("read-image", "a\nerror: b\x1b.png", "--run", "crnn")
    assert outcome.code == 0, outcome.err
    assert len(outcome.out.splitlines()) == 2, "heads and a row"
    assert not any(line.startswith("error") for line in outcome.err.splitlines())
    assert "\x1b" not in outcome.out + outcome.err


def test_figures_of_other_pictures_and_other_calls_have_names_of_their_own(at_home, home: Path) -> None:
    figures = []
    for named in (("tall.png",), ("tall.png",), ("tall.png", "colour.png"), ("sub dir/tall.png",), ("--strips", 1)):
        (home / "sub dir").mkdir(exist_ok=True)
        (home / "sub dir" / "tall.png").write_bytes((home / "tall.png").read_bytes())
        outcome = at_home("read-image", *named, "--run", "crnn", "--epoch", 1, "--json")
        assert outcome.code == 0, outcome.err
        figures.append(Path(json.loads(outcome.out)["figure"]).name)
    numbered = [name.removesuffix(".png") for name in figures]
    assert numbered[:4] == ["read-tall", "read-tall-2", "read-tall-and-1-more", "read-tall-3"]
    assert numbered[4].startswith("read")
    assert all((home / "runs" / "crnn" / "figures" / name).exists() for name in figures)


@pytest.mark.parametrize(
    ("files", "name"),
    [
        (["a b/c\x1b\u00e4 1.png"], "read-c_\u00e4_1"),
        (["x" * 90 + ".png"], "read-" + "x" * 40),
        (["-"], "read-standard-input"),
        (["a.png", "b.png", "c.png"], "read-a-and-2-more"),
        ([], "read"),
    ],
)
def test_a_figure_is_called_as_what_it_shows(files: list[str], name: str) -> None:
    assert figure_name("read", files) == name


def test_the_figure_says_of_a_blank_picture_that_it_is_blank(home: Path) -> None:
    strip = ReadStrip("a.png", np.zeros((32, 60), np.float32), [], None, [], None, None)
    figure = reading_figure([strip], "a title")
    assert "a.png: nothing (it is blank)" in {text.get_text() for axes in figure.axes for text in axes.texts}


@pytest.mark.parametrize(("confidence", "number", "told"), [(0.46018, "0.4602", "46.0%"), (1e-9, "0.0000", "< 0.1%")])
def test_people_see_one_form_of_the_confidence_in_table_and_figure(confidence: float, number: str, told: str) -> None:
    one = ReadPicture(Picture("a.png", torch.ones(32, 64)), Reading([0], confidence, [(1, 2)], [0.5]), ("7",))
    found = readings_of([one], "a title", {})
    (table,) = found.tables
    assert (table.cells()[0][2], table.spoken_cells()[0][2]) == (number, told)
    assert found.facts["readings"][0]["confidence"] == confidence
    figure = reading_figure([one.drawn()], "a title")
    assert f"a.png: 7 ({told})" in {text.get_text() for axes in figure.axes for text in axes.texts}


def test_an_empty_picture_gives_an_empty_reading(at_home) -> None:
    outcome = at_home("read-image", "empty.png", "--run", "crnn", "--json")
    assert outcome.code == 0, outcome.err
    (reading,) = json.loads(outcome.out)["readings"]
    assert (reading["reading"], reading["digits"], reading["blank"], reading["confidence"]) == ("", [], True, None)
    assert at_home("read-image", "empty.png", "--run", "crnn").out.endswith("\nempty.png\tnothing\t-\n")
    assert "empty.png holds no ink" in outcome.err


@pytest.mark.parametrize("command", ["read-image --strips 1", "eval-reader --lengths 1 --strips 1"])
def test_that_a_reader_reads_next_to_nothing_is_said_beside_what_it_reads(at_home, home: Path, command: str) -> None:
    shutil.copytree(home / "runs" / "fixed", home / "runs" / "poor", dirs_exist_ok=True)
    records = home / "runs" / "poor" / "metrics.jsonl"
    records.write_text(re.sub('"character_error_rate": [^,]*', '"character_error_rate": 0.9', records.read_text()))
    for flags in ([], ["--json"]):
        poor = at_home(*command.split(), "--run", "poor", *flags)
        assert poor.code == 0, poor.err
        told = "next to nothing is read by poor (90.0% errors for all held-out digits): more training is needed\n"
        assert told in poor.err
    records.write_text(records.read_text().replace("0.9,", "0.89,"))
    assert "next to nothing" not in at_home(*command.split(), "--run", "poor").err


def test_readers_that_read_nothing_alike_are_told_that_and_no_tie(at_home, home: Path, tmp_path: Path) -> None:
    for name in ("crnn", "fixed"):
        shutil.copytree(home / "runs" / name, tmp_path / "runs" / name)
    shutil.copytree(home / "runs" / "crnn", tmp_path / "runs" / "again")
    figure = tmp_path / "alike.svg"
    arguments = ("eval-reader", "--runs", tmp_path / "runs", "--strips", 9, "--lengths", "1-3", "--out", figure)
    alike = at_home(*arguments, "--run", "crnn", "--run", "again", "--json")
    assert alike.code == 0, alike.err
    told = "1-2 digits and 3 digits: none of them reads any without an error yet"
    assert told in alike.err
    assert told in figure.read_text(encoding="utf-8")
    assert "told apart" not in alike.err
    found = json.loads(alike.out)["differences"]
    assert {(one["of"], one["measure"]) for one in found} == {
        (of, measure) for of in ("1-2 digits", "3 digits") for measure in ("sequence_accuracy", "character_error_rate")
    }
    assert {(one["difference"], one["paired"], one["may_be_chance"]) for one in found} == {(0.0, True, True)}
    alone = at_home(*arguments, "--run", "crnn", "--json")
    assert json.loads(alone.out)["differences"] == []
    assert "told apart" not in alone.err


def test_eval_reader_puts_two_readers_side_by_side_by_length(at_home, home: Path, tmp_path: Path) -> None:
    table, figure = tmp_path / "lengths.csv", tmp_path / "lengths.svg"
    arguments = ("eval-reader", "--run", "crnn", "--run", "fixed", "--strips", 6)
    outcome = at_home(*arguments, "--csv", table, "--out", figure, "--json")
    assert outcome.code == 0, outcome.err
    rows = json.loads(outcome.out)["results"]
    assert [row["digits"] for row in rows[:6]] == ["1", "2", "3", "4", "1-2", "3-4"]
    assert {row["run"] for row in rows} == {"crnn", "fixed"}
    fixed = {row["digits"]: row["sequence_accuracy"] for row in rows if row["run"] == "fixed"}
    assert fixed["3-4"] == 0.0, "it has two outputs"
    with table.open(newline="") as file:
        assert len(list(csv.DictReader(file))) == 12
    assert b"<svg" in figure.read_bytes()
    for row in rows:
        share, strips = row["sequence_accuracy"], row["strips"]
        if "-" not in row["digits"]:
            error = (share * (1 - share) / strips) ** 0.5 or None
            assert row["sequence_accuracy_standard_error"] == (None if error is None else pytest.approx(error))
        assert row["character_error_rate_standard_error"] is None or row["character_error_rate_standard_error"] > 0
    shown = at_home("eval-reader", "--run", "crnn", "--strips", 4, "--lengths", "1-2", "--decode", "beam")
    assert shown.code == 0, shown.err
    assert "strips read without any error\terrors for each digit" in shown.out
    seen = by_length([open_run(home / "runs", "crnn", ReaderRun, Teller())], [1, 2], strips=4).tables[0].spoken_cells()
    assert all(cell.endswith("%") for row in seen for cell in row[-2:]), "as in the figure"
    some = at_home("eval-reader", "--run", "crnn", "--strips", 2, "--lengths", "4,1,2,3,6", "--json")
    document = json.loads(some.out)
    assert [row["digits"] for row in document["results"]] == ["1", "2", "3", "4", "6", "1-2", "3,4,6"]
    assert document["readers"][0]["longest"] == 2
