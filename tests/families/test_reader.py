"""What the runs of readers can be asked, without the command line."""

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from families.refusals import refused
from genmodels.errors import DataError, GenmodelsError, RunError, UsageError
from genmodels.exhibit import Exhibit
from genmodels.families import starting
from genmodels.families.curves import curves
from genmodels.families.reader import READER, ReaderRun, by_length
from genmodels.telling import Teller, silent
from genmodels.training.reporting import QuietReporter
from genmodels.training.starting import plan_of, train
from unit.figure_texts import said

TINY = {
    "channels": 2, "hidden_size": 8, "longest": 2, "strips": 100, "tested_strips": 20, "epochs": 2, "threads": 1,
    "device": "cpu",
}  # fmt: skip


def bars(path: Path, shade: int = 255) -> None:
    """Three classes of bars, of three widths."""
    labels = np.arange(60) % 3
    pixels = np.zeros((60, 20, 16), dtype=np.uint8)
    for image, label in zip(pixels, labels, strict=True):
        image[2:18, 3 : 7 + 4 * label] = shade
    np.savez(path, x_train=pixels[:40], y_train=labels[:40], x_test=pixels[40:], y_test=labels[40:])


def trained(folder: Path, name: str, dataset: str = "bars.npz", **settings: Any) -> None:
    run, task = starting.new_run(
        READER, TINY | settings, dataset=str(folder / dataset), preset=None, config=None, name=name,
        runs=folder / "runs", notice=silent,
    )  # fmt: skip
    train(task, READER, plan_of(run, task, task.settings), run, QuietReporter())


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with image sets, pictures and trained readers, made once."""
    folder = tmp_path_factory.mktemp("readers")
    bars(folder / "bars.npz")
    bars(folder / "grey.npz", 200)
    picture = np.full((64, 120), 255, dtype=np.uint8)
    picture[14:50, 20:40] = 0
    Image.fromarray(picture).save(folder / "tall.png")
    Image.fromarray(np.zeros((32, 60), dtype=np.uint8)).save(folder / "empty.png")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GENMODELS_CACHE", str(folder / "cache"))
        trained(folder, "crnn")
        trained(folder, "fixed", model="cnn", longest=3)
        trained(folder, "other", "grey.npz", epochs=1)
    return folder


def rows_are_mappings(exhibit: Exhibit) -> None:
    for table in exhibit.tables:
        assert all(isinstance(row, dict) for row in table.rows)
        assert len({len(cells) for cells in table.cells()}) == 1


def test_strips_of_test_digits_are_read(opened, notices: list[str]) -> None:
    exhibit = opened("crnn").read(strips=3, lengths=[1, 4], device="cpu")
    assert (exhibit.name, exhibit.facts["epoch"] in {1, 2}, exhibit.facts["beam_width"]) == ("read", True, 1)
    readings = exhibit.facts["readings"]
    assert [len(one["truth"]) for one in readings] == [1, 4, 1]
    assert list(readings[0]) == ["name", "reading", "blank", "confidence", "digits", "truth", "right"]
    for one in readings:
        assert "".join(digit["digit"] for digit in one["digits"]) == one["reading"]
        assert all(list(digit) == ["digit", "surest_output", "pixels"] for digit in one["digits"])
        assert all(first < last for first, last in (digit["pixels"] for digit in one["digits"]))
    assert list(exhibit.tables[0].columns) == ["name", "reading", "confidence", "truth"]
    assert exhibit.tables[0].rows == readings
    rows_are_mappings(exhibit)
    assert notices == []
    assert opened("crnn").read(strips=3, lengths=[1, 4], device="cpu").facts == exhibit.facts


def test_pictures_are_read_with_pixels_of_their_own(opened, home: Path, notices: list[str], tmp_path: Path) -> None:
    exhibit = opened("crnn").read([home / "tall.png", str(home / "empty.png")], decode="greedy", epoch=1, device="cpu")
    tall, empty = exhibit.facts["readings"]
    assert (exhibit.facts["epoch"], exhibit.facts["beam_width"]) == (1, 1)
    assert "truth" not in tall
    assert all(0 <= edge <= 120 for digit in tall["digits"] for edge in digit["pixels"])
    assert (empty["reading"], empty["blank"], empty["confidence"], empty["digits"]) == ("", True, None, [])
    assert (tall["blank"], exhibit.tables[0].cells()[1][1:]) == (False, ["nothing", "-"])
    assert list(exhibit.tables[0].columns) == ["name", "reading", "confidence"]
    assert [sentence.partition("png ")[2] for sentence in notices] == [
        "is dark on light: taken the other way round",
        "is 64 pixels high: scaled to 32",
        "holds no ink, so there is nothing to read",
    ]
    assert exhibit.save(tmp_path / "read.png").read_bytes().startswith(b"\x89PNG")
    alone = opened("crnn").read(str(home / "tall.png"), decode="greedy", epoch=1, device="cpu")
    assert alone.facts["readings"] == [tall], "a path by itself is one file, not its letters"


def test_only_so_many_pictures_are_drawn_and_it_is_told(
    opened, notices: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("genmodels.families.readings.MOST_DRAWN", 2)
    exhibit = opened("fixed").read(strips=3, lengths=[1], device="cpu")
    assert notices == ["the figure shows the first 2 of 3"]
    assert len(exhibit.facts["readings"]) == 3
    assert len(exhibit.figure().axes) == 2


def test_a_reader_that_is_not_trained_to_the_end_is_named_with_what_it_reads(opened, tmp_path: Path) -> None:
    half = ReaderRun(shutil.copytree(opened("crnn").path, tmp_path / "half"))
    half.update(plan=half.plan() | {"total_steps": 2 * half.plan()["total_steps"]})
    found = by_length([half, opened("fixed")], [1], strips=2, device="cpu")
    (told,) = [remark for remark in found.remarks if remark.startswith("not trained to the end: half (stopped, epoch ")]
    assert "crnn" not in told
    assert told[1:] in said(found.figure())


def test_what_a_training_measured_on_a_part_is_not_said_of_strips_that_are_read_now(opened, tmp_path: Path) -> None:
    part = ReaderRun(shutil.copytree(opened("crnn").path, tmp_path / "part"))
    part.update(plan=part.plan() | {"measured_share": 0.125})
    found = by_length([part, opened("fixed")], [1], strips=2, device="cpu")
    assert not any("held out" in remark for remark in found.remarks)


def test_one_reader_is_measured_by_length(opened) -> None:
    exhibit = opened("crnn").by_length(strips=4, device="cpu")
    assert (exhibit.name, exhibit.leads) == ("by-length", "table")
    assert [row["digits"] for row in exhibit.facts["results"]] == ["1", "2", "3", "4", "1-2", "3-4"]
    assert exhibit.facts["readers"] == [
        {"run": "crnn", "path": str(opened("crnn").path), "epoch": exhibit.facts["readers"][0]["epoch"], "longest": 2}
    ]
    rows_are_mappings(exhibit)
    some = opened("crnn").by_length([4, 1, 6, 1], strips=2, decode="beam", beam_width=3, device="cpu")
    assert [row["digits"] for row in some.facts["results"]] == ["1", "4", "6", "4,6"]
    assert some.facts["beam_width"] == 3


def test_two_readers_read_the_same_strips(opened, home: Path, tmp_path: Path) -> None:
    both = by_length([opened("crnn"), opened("fixed")], strips=4, device="cpu")
    rows = both.facts["results"]
    assert {row["run"] for row in rows} == {"crnn", "fixed"}
    assert max(int(row["digits"]) for row in rows if row["digits"].isdecimal()) == 6, "twice the longest of both"
    alone = opened("crnn").by_length(range(1, 7), strips=4, device="cpu").facts["results"]
    assert [row for row in rows if row["run"] == "crnn"] == alone
    assert "nll" not in next(row for row in rows if row["run"] == "fixed" and row["digits"] == "4")
    lines = both.save(tmp_path / "both.csv").read_text().splitlines()
    measures = ["sequence_accuracy", "character_error_rate"]
    assert lines[0].split(",") == [
        "run", "model", "digits", "strips", *measures, *(f"{name}_standard_error" for name in measures),
    ]  # fmt: skip
    assert len(lines) == 1 + len(rows)
    assert b"trained to 3" in both.save(tmp_path / "both.svg").read_bytes()


def test_progress_counts_every_strip(opened, home: Path) -> None:
    counted: list[tuple[str, int, int]] = []

    class Counting:
        def __init__(self, what: str, total: int) -> None:
            self.what, self.total, self.done = what, total, 0

        def __enter__(self):
            return self.advance

        def advance(self, count: int) -> None:
            self.done += count

        def __exit__(self, *_: object) -> None:
            counted.append((self.what, self.total, self.done))

    run = ReaderRun(home / "runs" / "crnn", Teller(silent, Counting))
    run.by_length([1, 2], strips=5, device="cpu")
    assert counted == [("reading with crnn", 10, 10)]


def test_the_course_tells_accuracy_by_epoch(opened, tmp_path: Path) -> None:
    course = opened("crnn").course()
    records = course.facts["evaluations"]
    assert [(r["epoch"], r["split"]) for r in records] == [
        (epoch, split) for epoch in range(3) for split in ("train", "test", "longer")
    ]
    rows_are_mappings(course)
    figure = course.figure()
    labels = {text.get_text() for text in figure.legends[0].get_texts()}
    assert labels == {"train", "test", "test, longer than trained on", "best epoch"}
    assert figure.axes[0].collections, "a band says how sure a share is"
    assert opened("crnn").save(tmp_path / "course.csv").read_text().startswith("epoch,step,split,nll,")


def test_a_run_without_a_finished_epoch_has_no_course(opened, home: Path, tmp_path: Path) -> None:
    run = ReaderRun(tmp_path / "begun")
    run.path.mkdir()
    (run.path / "run.json").write_bytes((home / "runs" / "crnn" / "run.json").read_bytes())
    with pytest.raises(RunError, match="no finished epoch yet"):
        run.course()
    with pytest.raises(RunError, match="no finished epoch yet"):
        run.read()


@pytest.mark.parametrize(
    ("asked", "kind", "fragment"),
    [
        (lambda run: run.read(decode="beem"), UsageError, "decode='beem'"),
        (lambda run: run.read(decode="greedy", beam_width=4), UsageError, "means nothing to --decode greedy"),
        (lambda run: run.read(decode="beam", beam_width=1), UsageError, "beam_width is 1, but it must be from 2 to "),
        (lambda run: run.read(decode="beam", beam_width=0), UsageError, "beam_width is 0, but it must be from 2 to "),
        (lambda run: run.read(decode="beam", beam_width=2.5), UsageError, "beam_width is 2.5, but it must be a"),
        (lambda run: run.read([]), UsageError, "files names no picture"),
        (lambda run: run.read("a.png", strips=2), UsageError, "files and --strips or --lengths contradict each other"),
        (lambda run: run.read(strips=0), UsageError, "strips is 0, but it must be 1 or more"),
        (lambda run: run.read(strips=True), UsageError, "strips is True, but it must be a whole number"),
        (lambda run: run.read(seed=-1), UsageError, "seed is -1, but it must be 0 or more"),
        (lambda run: run.read(lengths=["3"]), UsageError, "lengths is '3', but it must be a whole number"),
        (lambda run: run.read(lengths="3"), UsageError, "lengths is '3', but it must be a whole number, or a"),
        (lambda run: run.read(lengths=[]), UsageError, "lengths names none"),
        (lambda run: run.read(lengths=[3, 99]), UsageError, "lengths=[3,99]: 99 digits are too many"),
        (lambda run: run.read(epoch=7), RunError, "epoch 7"),
        (lambda run: run.read(["none.png"]), DataError, "there is no picture none.png"),
        (lambda run: run.by_length([-1]), UsageError, "lengths"),
        (lambda run: run.by_length([]), UsageError, "lengths names none"),
        (lambda run: run.by_length(strips=0), UsageError, "strips is 0, but it must be from 1 to 100,000"),
        (lambda run: run.by_length(strips=100_001), UsageError, "strips is 100001"),
        (lambda run: run.by_length(seed=-1), UsageError, "seed is -1, but it must be 0 or more"),
        (lambda _: by_length([]), UsageError, "no run was named"),
        (lambda run: run.by_length(decode="x"), UsageError, "decode='x'"),
        (lambda run: run.draw(), RunError, "draws no images"),
    ],
)  # fmt: skip
def test_every_mistake_has_its_sentence(opened, asked, kind: type[GenmodelsError], fragment: str) -> None:
    with refused(kind, fragment):
        asked(opened("crnn"))


def test_readers_of_different_images_are_not_put_side_by_side(opened) -> None:
    with pytest.raises(UsageError, match="different images"):
        by_length([opened("crnn"), opened("other")])


def test_what_cannot_be_asked_is_refused_before_anything_is_loaded(opened, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ReaderRun, "load", lambda *_: pytest.fail("a model was loaded"))
    monkeypatch.setattr(ReaderRun, "images", lambda *_: pytest.fail("images were opened"))
    with pytest.raises(RunError):
        opened("crnn").read(epoch=7)
    with pytest.raises(UsageError):
        opened("crnn").by_length([99])
    with pytest.raises(UsageError):
        by_length([opened("crnn"), opened("other")])


def test_the_curve_of_a_reader_says_that_it_reads_nothing(opened) -> None:
    run = opened("crnn")
    exhibit = curves([run])
    (sentence,) = run.remarks(exhibit.facts["best_epochs"]["crnn"])
    assert "next to nothing is read by crnn" in sentence
    assert exhibit.remarks == [sentence]
    assert sentence[1:] in said(exhibit.figure())


def test_readers_share_the_kinds_of_lines_and_what_one_lacks_is_said(opened) -> None:
    both = curves([opened("crnn"), opened("fixed")])
    parts = {name: {row["part"] for row in both.facts["points"] if name in row["run"]} for name in ("crnn", "fixed")}
    assert parts["crnn"] - parts["fixed"] == {"longer"}
    assert "Of fixed (cnn) what is longer than trained on was not measured." in said(both.figure())


def test_what_by_length_measures_is_what_it_says_of_a_reader_that_reads_nothing(opened) -> None:
    found = opened("crnn").by_length([1, 2], strips=20)
    (row,) = [row for row in found.facts["results"] if row["digits"] == "1-2"]
    assert row["sequence_accuracy"] == 0
    (remark,) = found.remarks
    assert f"{row['character_error_rate']:.1%} errors" in remark


def test_a_folder_of_pictures_is_read_and_what_else_lies_there_is_told(
    opened, home: Path, told, tmp_path: Path
) -> None:
    for name in ("b.png", "a.png"):
        (tmp_path / name).write_bytes((home / "tall.png").read_bytes())
    (tmp_path / "notes.txt").write_text("none of them")
    found = opened("crnn").read(tmp_path, device="cpu").facts["readings"]
    assert [Path(one["name"]).name for one in found] == ["a.png", "b.png"]
    assert told.notices[0] == f"took the 2 pictures in {tmp_path}, and nothing else that lies there"
    (tmp_path / "none").mkdir()
    with pytest.raises(DataError, match="no picture lies in"):
        opened("crnn").read(tmp_path / "none")
