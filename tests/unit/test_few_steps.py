"""Trainings that were too short to be put side by side are named, and no others."""

from functools import partial
from pathlib import Path

from genmodels.families import FAMILIES
from genmodels.families.speech.errors import groups_table
from genmodels.families.steps import lengths_told, to_go_on, to_train_anew, too_few_told, trainings_told, unequal_told
from genmodels.telling import Teller
from genmodels.training.beginnings import Beginning
from genmodels.training.signs import ENOUGH_STEPS
from made_runs import made_run


def test_short_trainings_alone_are_named_and_of_many_the_first() -> None:
    assert too_few_told({"a": 39, "b": 5000}) == (
        f"so few steps (a 39) hardly tell which is better: each should have {ENOUGH_STEPS} or more"
    )
    told = too_few_told({f"s{number}": 39 for number in range(60)})
    assert told is not None
    assert told.startswith("so few steps (s0 39, s1 39, s2 39 and 57 more) hardly tell")
    assert too_few_told({"a": ENOUGH_STEPS}) is None
    assert too_few_told({}) is None
    late = Beginning("cnn", "to read", 2000)
    assert too_few_told({"c": 1826, "r": 1826}, {"c": late, "r": None}) == (
        "so few steps (c 1,826, where its kind (cnn) begins to read after about 2,000) hardly tell which is better: "
        f"each should have {ENOUGH_STEPS} or more"
    )


def test_a_network_that_was_never_updated_has_too_few_steps() -> None:
    row = {"network": "lstm", "runs": 1, "alone": 0.5}
    assert "steps" in groups_table([{**row, "steps": 0}]).meanings
    assert "steps" not in groups_table([{**row, "steps": ENOUGH_STEPS}]).meanings
    assert "steps" not in groups_table([row]).meanings, "kept before steps were counted"


def test_unequal_times_are_told_with_both_ends() -> None:
    told = unequal_told({"rnn": 60.0, "lstm": 130.0, "gru": 62.0})
    assert told is not None
    assert "from 1 min 00 s (rnn) to 2 min 10 s (lstm)" in told
    assert unequal_told({"rnn": 60.0, "lstm": 78.0}) is None
    assert unequal_told({"a": 0.0, "b": 0.3}) is None, "both are told as 0 s"


def test_trainings_that_were_given_no_time_are_unequal_by_their_steps() -> None:
    steps, seconds = {"window 1": 65, "tdnn": 400}, {"window 1": 61.0, "tdnn": 60.0}
    few = "so few steps (window 1 65) hardly tell which is better: each should have 400 or more"
    assert trainings_told(steps, seconds, True) == [few]
    longer = ["--minutes 7", "--threads 1"]
    assert trainings_told(steps, seconds, True, longer) == [f"{few}; ask for --minutes 7 and --threads 1"]
    unequal = "they were not trained alike, from 65 steps (window 1) to 400 (tdnn)"
    assert trainings_told(steps, seconds, False) == [few, unequal]
    assert trainings_told({"a": 500, "b": 600}, {"a": 1.0, "b": 99.0}, False) == []


def test_the_minutes_advised_for_a_comparison_count_what_comes_before_and_after_the_steps_once(tmp_path: Path) -> None:
    run = made_run(tmp_path, "tiny", scores=[3.0], settings={"minutes": 1.0, "threads": 1})
    run.truncate_metrics(0)
    for step, split, seconds in ((0, "validation", 20.0), (10, "train", 30.0), (10, "validation", 50.0)):
        steps = {"steps": 10} if split == "train" else {"nll": 3.0}
        run.append_metrics({"epoch": min(step, 1), "step": step, "split": split, "seconds": seconds, **steps})
    runs = [FAMILIES["text"].run(run.path, Teller())]
    (told,) = lengths_told(runs, partial(to_train_anew, device="cpu"))
    assert told.endswith("ask for --minutes 9"), "50 s, and 390 more steps of 1 s, and a tenth in reserve"
    (told,) = lengths_told(runs, to_go_on)
    assert told.endswith("ask for --minutes 8 beside --resume"), "40 s beside the steps, and 390 more, and a tenth"
    same = ["so few steps (tiny 10) hardly tell which is better: each should have 400 or more"]
    assert lengths_told(runs) == same, "whatever device it was trained on"
    run.truncate_metrics(0)
    for longer in (partial(to_train_anew, device="cpu"), to_go_on):
        assert "so few steps" in lengths_told(runs, longer)[0], "its records are gone"
