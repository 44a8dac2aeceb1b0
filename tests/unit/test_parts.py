"""Weights kept inside an epoch: their numbers, who asks for which, and how many stay."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from genmodels.errors import RunError, UsageError
from genmodels.families.run import Run
from genmodels.runs import RunDir, create_run
from genmodels.runs import parts as parts_module
from genmodels.runs.checkpoint import save_epoch
from genmodels.runs.epochs import chosen, name_of, numbers_in, part_of, told
from genmodels.runs.parts import MOST_PARTS, forget_parts, prune_parts, save_part, spread
from genmodels.runs.verifying import checkpoints_of, problems_of

WEIGHTS = {"model": {"weight": np.zeros(3, np.float32)}}


@pytest.fixture
def run(tmp_path: Path) -> RunDir:
    return create_run(tmp_path, "text", {"settings": {}, "data": {}}, "r")


def keep(run: RunDir, *numbers: float) -> None:
    """As a training of ten steps an epoch keeps them, with a sample each."""
    for number in numbers:
        run.write_sample(f"{name_of(number)}.txt", b"text")
        if isinstance(number, int):
            save_epoch(run, number, WEIGHTS, {"epoch": number, "step": 10 * number})
        else:
            save_part(run, number, WEIGHTS, {"epoch": number, "step": round(10 * number)})


def samples_of(run: RunDir) -> list[str]:
    return sorted(path.name for path in (run.path / "samples").iterdir())


@given(st.integers(1, 10**6), st.integers(2, 10**6))
def test_a_part_lies_inside_its_epoch_and_its_name_tells_its_number(step: int, steps_per_epoch: int) -> None:
    if step % steps_per_epoch == 0:
        return
    part, epoch = part_of(step, steps_per_epoch), step // steps_per_epoch
    assert epoch < part < epoch + 1
    assert abs(part - step / steps_per_epoch) <= 0.0011
    assert float(name_of(part).removeprefix("epoch-")) == part


def test_epochs_and_parts_are_read_from_names_of_directories_alone(run: RunDir) -> None:
    keep(run, 0.25, 1, 1.5, 12)
    for stray in ("epoch-1", "epoch-0001.5", "epoch-0001.25x", ".tmp-epoch-0003.500-9", "step-00000010"):
        (run.checkpoints / stray).mkdir()
    (run.checkpoints / "epoch-0007.500").write_text("a file")
    assert sorted(numbers_in(run.checkpoints)) == [0.25, 1, 1, 1.5, 12]
    (run.checkpoints / "epoch-1").rmdir()
    assert (run.epochs(), run.parts(), run.kept()) == ([1, 12], [0.25, 1.5], [0.25, 1, 1.5, 12])
    assert list(numbers_in(run.path / "nowhere")) == []


def test_a_part_is_the_nearest_that_was_kept_and_a_whole_epoch_is_itself(tmp_path: Path) -> None:
    kept = [0.24, 0.52, 1, 2]
    assert [chosen(asked, kept) for asked in (0.25, 0.5, 0.98, 1, 1.0, "latest")] == [0.24, 0.52, 1, 1, 1, 2]
    assert [chosen(asked, kept) for asked in (0.4, 3, 2.2, float("nan"))] == [None] * 4
    for nonsense in ("first", "0.5", True):
        with pytest.raises(UsageError, match="is not an epoch"):
            chosen(nonsense, kept)


def test_kept_numbers_are_told_in_short() -> None:
    assert told([0.25, 1, 2, 3, 3.5, 4, 7]) == "0.25, 1-3, 3.5, 4, 7"
    assert told([5]) == "5"
    many = sorted({*(n / 26 for n in range(1, 52) if n != 26), 1, 2})
    assert told(many) == f"1-2, 50 parts of epochs from {1 / 26} to {51 / 26}"


def test_a_run_finds_what_is_asked_for_and_all_of_it(run: RunDir) -> None:
    keep(run, 0.25, 1)
    run.point("best", "epoch-0001")
    asked = Run(run.path)
    assert [path.name for path in asked.epoch_checkpoints("all")] == ["epoch-0000.250", "epoch-0001"]
    assert [path.name for path in asked.epoch_checkpoints([0.26, 0.24, "latest"])] == ["epoch-0000.250", "epoch-0001"]
    assert [path.name for path in asked.epoch_checkpoints()] == ["epoch-0001"]
    for wrong in ("some", [None], []):
        with pytest.raises(UsageError):
            asked.epoch_checkpoints(wrong)


def test_a_run_inside_its_first_epoch_says_how_it_is_read(run: RunDir) -> None:
    with pytest.raises(RunError, match="no finished epoch yet"):
        Run(run.path).epoch_checkpoints("all")
    keep(run, 0.2, 0.4)
    with pytest.raises(RunError, match="no finished epoch yet") as caught:
        run.epoch_checkpoint(None)
    assert caught.value.hint == "its epoch 'latest' reads the newest weights inside it, of epoch 0.4."
    assert "--epochs latest" in str(caught.value.hint_for(["--epochs"]))
    assert run.epoch_checkpoint("latest").name == "epoch-0000.400"


@given(st.lists(st.integers(1, 500), unique=True).map(sorted), st.integers(1, 12))
def test_what_is_spread_keeps_the_last_and_never_more_than_asked(numbers: list[int], most: int) -> None:
    left = spread(numbers, most)
    assert len(left) == min(most, len(numbers))
    assert set(left) <= set(numbers)
    assert left[-1:] == numbers[-1:]


def test_of_many_previews_some_stay_and_lie_evenly(run: RunDir) -> None:
    left: list[float] = []
    for minute in range(1, 601):  # ten hours
        left = spread([*left, float(minute)], MOST_PARTS)
    gaps = np.diff([0.0, *left])
    assert len(left) == MOST_PARTS
    assert gaps[:-1].max() <= 3 * gaps[:-1].min()


def test_too_many_or_too_large_parts_go_with_their_samples(run: RunDir, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts_module, "MOST_PARTS", 6)
    keep(run, *(step / 10 for step in range(1, 10)), 1)
    assert len(run.parts()) == 6
    assert samples_of(run) == [f"{name_of(number)}.txt" for number in run.kept()]
    monkeypatch.setattr(parts_module, "MOST_BYTES", 13)  # a single part has 12
    keep(run, 1.5)
    assert len(run.parts()) == parts_module.FEWEST_PARTS
    assert run.parts()[-1] == 1.5
    assert run.epochs() == [1], "epochs are no parts"


def test_going_back_forgets_the_parts_after_the_state(run: RunDir) -> None:
    keep(run, 0.3, 0.6, 1, 1.4)
    forget_parts(run, after=6)
    assert run.kept() == [0.3, 0.6, 1]
    assert samples_of(run) == ["epoch-0000.300.txt", "epoch-0000.600.txt", "epoch-0001.txt"]
    (run.checkpoints / "epoch-0000.300" / "state.json").write_text("{")
    forget_parts(run, after=6)
    assert run.parts() == [0.6], "a damaged one can't tell its step"


def test_parts_go_with_the_epochs_that_are_not_kept(run: RunDir) -> None:
    keep(run, 0.5, 1, 1.5, 2, 2.5, 3, 3.5)
    prune_parts(run, None)
    assert run.parts() == [0.5, 1.5, 2.5, 3.5]
    prune_parts(run, 2)
    assert run.parts() == [1.5, 2.5, 3.5]
    prune_parts(run, 1)
    assert run.parts() == [2.5, 3.5]


def test_parts_are_verified_like_epochs(run: RunDir) -> None:
    keep(run, 0.5)
    run.append_metrics({"epoch": 0, "step": 0, "split": "validation"})
    assert [path.name for path in checkpoints_of(run)] == ["epoch-0000.500"]
    assert problems_of(run) == {}
    (run.checkpoints / "epoch-0000.500" / "model.safetensors").write_bytes(b"")
    assert list(problems_of(run)) == ["epoch-0000.500"]
