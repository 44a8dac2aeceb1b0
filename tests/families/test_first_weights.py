"""Runs that began with the weights of others: told where they are compared, and where their text was learned before."""

import shutil
from pathlib import Path

import pytest

import genmodels
from genmodels.families.curves import curves
from genmodels.families.finetuning import ancestors
from genmodels.families.side_by_side import side_by_side
from genmodels.families.speech.grouping import learned_by
from genmodels.families.text.run import TextRun
from genmodels.runs import RunDir
from genmodels.telling import Teller, silent
from homes import CORPUS, TINY_RUN

SMALL = {name: TINY_RUN[name] for name in ("hidden_size", "embedding_size", "batch_size", "window")} | {"epochs": 1}
PART = CORPUS[:1500]  # all of it was learned from
ON_PARTS = "runs/first, from which the first weights {of}come, was trained on {what}: that tells nothing"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Runs on a text, on a part of it from those weights, from these weights in turn, and on that part alone."""
    folder = tmp_path_factory.mktemp("weights")
    (folder / "all.txt").write_text(CORPUS + "QZ" * 40, encoding="utf-8")
    (folder / "part.txt").write_text(PART, encoding="utf-8")
    runs = folder / "runs"
    genmodels.train_text(folder / "all.txt", name="first", runs=runs, notice=silent, **SMALL)
    child = genmodels.train_text(folder / "part.txt", name="child", init_from="first", runs=runs, notice=silent)
    for name, parent in (("grandchild", child), ("alone", None)):
        how = {"init_from": parent} if parent else SMALL
        genmodels.train_text(folder / "part.txt", name=name, runs=runs, notice=silent, **{**how, "epochs": 1})
    return folder


def runs_of(folder: Path, *names: str, told: list[str] | None = None) -> list[TextRun]:
    notice = silent if told is None else told.append
    return [TextRun(folder / "runs" / name, Teller(notice)) for name in names]


def test_what_runs_began_with_is_told_wherever_they_are_put_side_by_side(folder: Path) -> None:
    runs = runs_of(folder, "child", "alone")
    exhibit = side_by_side(runs)
    rows = {row["what"]: row for row in exhibit.tables[0].rows}
    assert rows["first weights of"] == {"what": "first weights of", "child": "first, epoch 1", "alone": "-"}
    began = "began with trained weights: child with those of first, epoch 1"
    for found in (exhibit, curves(runs)):
        assert began in found.remarks
        assert found.facts["first_weights"] == {"child": "first, epoch 1", "alone": None}
    assert "their settings are the same" not in exhibit.remarks
    alone = side_by_side(runs_of(folder, "alone", "first"))
    assert "first weights of" not in {row["what"] for row in alone.tables[0].rows}


def test_one_text_with_two_alphabets_is_one_text(folder: Path) -> None:
    exhibit = side_by_side(runs_of(folder, "child", "alone"))
    known = [run.document()["data"]["known"] for run in runs_of(folder, "child", "alone")]
    assert known[0] == known[1] + 2
    assert exhibit.facts["same_data"] is True
    told = f"their text is the same, but they know unequally many characters (child {known[0]}, alone {known[1]})"
    assert told in exhibit.remarks
    assert not any("their data" in remark for remark in exhibit.remarks)
    other = side_by_side(runs_of(folder, "child", "first"))
    assert other.facts["same_data"] is False
    assert any(remark.startswith("their data differ") for remark in other.remarks)


def test_networks_that_differ_by_their_first_weights_are_no_group_of_seeds(folder: Path) -> None:
    child, grandchild, alone = (learned_by(run) for run in runs_of(folder, "child", "grandchild", "alone"))
    assert len({child, grandchild, alone}) == 3


def test_held_out_text_that_the_first_weights_learned_from_is_told(folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder / "runs", tmp_path / "runs")
    told: list[str] = []
    genmodels.train_text(
        folder / "part.txt", name="again", init_from="child", runs=tmp_path / "runs", notice=told.append, epochs=1
    )
    what = ON_PARTS.format(of="", what="the validation text of this run")
    assert [what in sentence for sentence in told].count(True) == 1


@pytest.mark.parametrize(("file", "what"), [(None, "its validation text"), ("part.txt", "{file}")])
def test_so_it_is_where_a_text_is_scored(
    folder: Path, monkeypatch: pytest.MonkeyPatch, file: str | None, what: str
) -> None:
    monkeypatch.chdir(folder)
    told: list[str] = []
    TextRun(Path("runs/grandchild"), Teller(told.append)).score(file)
    of = "of runs/grandchild "
    assert any(ON_PARTS.format(of=of, what=what.format(file=file)) in sentence for sentence in told)
    told.clear()
    TextRun(Path("runs/alone"), Teller(told.append)).score()
    assert not any("was trained on" in sentence for sentence in told)


def test_a_later_run_of_the_parents_name_is_not_taken_for_it(folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder / "runs", tmp_path / "runs")
    child = RunDir(tmp_path / "runs" / "child")
    assert [run.name for run in ancestors(child)] == ["first"]
    RunDir(tmp_path / "runs" / "first").update(created_at="2999-01-01T00:00:00+00:00")
    assert list(ancestors(child)) == []


@pytest.mark.parametrize("text", ["a" * 600, "a" * 600 + "\n"], ids=["alone", "with the end of a line"])
@pytest.mark.parametrize("length", [{"minutes": 0.005}, {"epochs": 1}])
def test_that_a_text_of_one_character_teaches_nothing_is_told_and_no_longer_training_is_advised(
    tmp_path: Path, text: str, length: dict[str, object]
) -> None:
    told: list[str] = []
    sizes = {name: value for name, value in SMALL.items() if name != "epochs"}
    genmodels.train_text(text=text, runs=tmp_path, notice=told.append, **sizes, **length)
    why = "the text to train on is one single character again and again: there is nothing to learn in it"
    assert why in told
    assert not any("hardly trained" in said or "ask for" in said or "--learning-rate" in said for said in told), told
