"""What one of several processes meets alone, all of them answer alike: otherwise they would wait for each other."""

from pathlib import Path

import pytest

from contract.helpers import all_finite
from genmodels.runs import RunDir
from several.compared import assert_alike, assert_kept_alike
from several.conftest import Pair
from several.trained import train_case

TEXT = "text-lstm"


def trained_by_both(
    pair: Pair, folder: Path, case: str, epochs: int = 3, **asked: object
) -> tuple[RunDir, RunDir, dict[str, object]]:
    """A training by one process and by two, of whom both come to the same; what the two come to."""
    ours = train_case(case, str(folder), "alone", epochs=epochs, **asked)
    theirs = pair.train(case=case, folder=str(folder), name="two", epochs=epochs, **asked)
    assert {**theirs, "weights": ""} == {**ours, "weights": ""}
    alone, two = (RunDir(folder / "runs" / name) for name in ("alone", "two"))
    assert_alike(alone, two)
    assert_kept_alike(alone, two)
    return alone, two, theirs


@pytest.mark.parametrize("case", [TEXT, "gan-mlp hinge", "vae-mlp"])
def test_a_loss_that_is_not_finite_in_one_sends_all_back(case: str, pair: Pair, tmp_path: Path) -> None:
    _, two, found = trained_by_both(pair, tmp_path, case, fault="infinite_loss", preview_steps=3)
    assert (found["rollbacks"], found["rate_scale"]) == (1, 0.5)
    assert all_finite(two)


def test_a_score_that_is_not_finite_in_one_sends_all_back(pair: Pair, tmp_path: Path) -> None:
    _, two, found = trained_by_both(pair, tmp_path, TEXT, fault="undefined_score")
    assert (found["rollbacks"], found["rate_scale"]) == (1, 0.5)
    assert all_finite(two)


def test_an_update_that_is_broken_in_one_is_neither_looked_at_nor_saved(pair: Pair, tmp_path: Path) -> None:
    """A look at the model is due after that step, and two processes then do the same."""
    two = {"case": TEXT, "folder": str(tmp_path), "name": "two", "epochs": 2}
    found = pair.train(**two, fault="broken_in_one", preview_steps=1)
    assert (found["rollbacks"], found["rate_scale"]) == (1, 0.5)
    assert all_finite(RunDir(tmp_path / "runs" / "two"))


def test_all_end_where_the_loss_of_one_is_never_finite(pair: Pair, tmp_path: Path) -> None:
    ours, theirs = pair.do("train_case", case=TEXT, folder=str(tmp_path), name="two", epochs=1, fault="endless_loss")
    assert ours == theirs
    assert ours.startswith("DivergedError: the loss or gradient was not finite near step 7, after 3 new attempts")
    assert RunDir(tmp_path / "runs" / "two").pointer("last") == "step-00000000"


def test_the_clock_of_the_first_says_how_much_is_measured(pair: Pair, tmp_path: Path) -> None:
    timed = {"minutes": 1.0, "planned": [(0, 2), (15, 16)], "total_steps": 16}
    alone, two, found = trained_by_both(pair, tmp_path, "vae-mlp", fault="slow_clock", plan=timed)
    assert found["measured_share"] == two.document()["plan"]["measured_share"] < 1.0
    assert two.document()["plan"] == alone.document()["plan"]


@pytest.mark.parametrize("asked", [{"patience": 2}, {"until": ("nll", 2.0)}], ids=str)
def test_all_end_when_the_first_has_had_enough(asked: dict[str, object], pair: Pair, tmp_path: Path) -> None:
    alone, two, found = trained_by_both(pair, tmp_path, TEXT, epochs=5, fault="better_and_better", plan=asked)
    assert 0 < found["evaluated"] < 5
    assert two.document()["plan"] == alone.document()["plan"]
    assert two.document()["plan"]["total_steps"] == found["step"]


def test_a_signal_that_reaches_one_after_all_agreed_to_stop_is_no_second_one(pair: Pair, tmp_path: Path) -> None:
    answers = pair.do("train_case", case=TEXT, folder=str(tmp_path), name="two", epochs=3, fault="two_signals")
    told = "everything is saved in "
    assert [answer.partition(told)[0] for answer in answers] == [f"Stopped: stopped after step {STOPPED_AT}; "] * 2
    assert RunDir(tmp_path / "runs" / "two").pointer("last") == f"step-{STOPPED_AT:08d}"


STOPPED_AT = 22


@pytest.mark.parametrize("case", ["vae-conv", "gan-dcgan", "pixelrnn-pixelcnn"])
def test_a_last_batch_of_fewer_images_than_processes_is_measured(case: str, pair: Pair, tmp_path: Path) -> None:
    trained_by_both(pair, tmp_path, case, epochs=1, fault="small_batches")


def test_what_each_makes_in_its_turn_is_there_when_all_go_on(pair: Pair, tmp_path: Path) -> None:
    assert pair.do("made_when_all_have", folder=str(tmp_path)) == [["0", "1"]] * 2


def test_a_program_hears_of_a_training_from_the_first_process_alone(pair: Pair, tmp_path: Path) -> None:
    first, other = pair.do("told_by_a_program", folder=str(tmp_path))
    assert all(first.values()), first
    assert not any(other.values()), other
