"""What every family's training step promises, and what it draws from: streams named by seed, name and step alone."""

import sys
from pathlib import Path
from typing import Any

import pytest
import torch

from contract.cases import CASES
from contract.helpers import Case
from doors import FAMILIES
from genmodels.device import step_generator
from genmodels.randomness import derive_seed

every_usual_case = pytest.mark.parametrize("case", [case for case in CASES if not case.rare], ids=str)
PICTURES = [case for case in CASES if case.family in {"gan", "pixelrnn", "vae"} and not case.rare]


def record_draws(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, str, int]]:
    """Whoever asks for random numbers, by seed, stream and step."""
    asked: list[tuple[int, str, int]] = []

    def recorded(seed: int, stream: str, step: int) -> int:
        asked.append((seed, stream, step))
        return derive_seed(seed, stream, step)

    for name, module in list(sys.modules.items()):
        if name.startswith("genmodels.") and getattr(module, "derive_seed", None) is derive_seed:
            monkeypatch.setattr(module, "derive_seed", recorded)
    return asked


@every_usual_case
def test_a_step_draws_from_streams_of_its_own_seed_and_number(
    case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = case.make(tmp_path, 5)
    asked = record_draws(monkeypatch)
    for step in (3, 4):
        del asked[:]
        task.train_step(step, 1.0)
        epoch = step // task.steps_per_epoch  # the order of the data is drawn once for each
        assert asked
        assert {(seed, number) for seed, _, number in asked} <= {(5, step), (5, epoch)}
        streams = [stream for _, stream, _ in asked]
        assert len(set(streams)) == len(streams), "no two draws have the same numbers"


@every_usual_case
def test_a_step_gives_the_same_whatever_others_draw(case: Case, tmp_path: Path) -> None:
    found: list[dict[str, torch.Tensor]] = []
    for seed in (1, 2):
        task = case.make(tmp_path, 5)
        torch.manual_seed(seed)
        found.append(dict(task.train_step(2, 1.0)))
    assert found[0].keys() == found[1].keys()
    assert all(torch.equal(found[0][name], found[1][name]) for name in found[0])


@every_usual_case
def test_a_step_says_whether_all_was_finite_and_how_steep_it_was(case: Case, tmp_path: Path) -> None:
    task = case.make(tmp_path, 5)
    result = task.train_step(2, 1.0)
    assert bool(result["finite"])
    assert float(result["gradient_norm"]) > 0
    if case.family != "gan":  # whose score is not a loss
        assert FAMILIES[case.family].score in task.logged({name: float(value) for name, value in result.items()})
    with torch.no_grad():
        for parameter in task.model.parameters():
            parameter.fill_(torch.nan)
    assert not bool(task.train_step(3, 1.0)["finite"])


@every_usual_case
def test_what_is_carried_from_step_to_step_comes_back_as_it_was(case: Case, tmp_path: Path) -> None:
    task, other = case.make(tmp_path, 5), case.make(tmp_path, 6)
    fresh = [tensor.dtype for tensor in getattr(other, "carried", ())]
    for step in range(3):
        task.train_step(step, 1.0)
    other.load_state(task.state())
    ours, theirs = (getattr(one, "carried", ()) for one in (task, other))
    assert len(ours) == len(theirs)
    assert all(torch.equal(mine, its) for mine, its in zip(ours, theirs, strict=True))
    assert [tensor.dtype for tensor in ours] == fresh, "ids stay ids"


@pytest.mark.parametrize("case", PICTURES, ids=str)
def test_pictures_of_a_preview_are_drawn_from_their_generator_alone(case: Case, tmp_path: Path) -> None:
    task: Any = case.make(tmp_path, 5)
    found = []
    for seed in (1, 2):
        torch.manual_seed(seed)
        with torch.no_grad():
            found.append(task.draw(5, step_generator(torch.device("cpu"), 1, "preview", 0)))
    assert torch.equal(*found)
    assert found[0].shape == (5, *task.images.shape)
    assert bool(((found[0] >= 0) & (found[0] <= 255) & (found[0] == found[0].round())).all())


def test_an_update_that_breaks_one_player_alone_is_broken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (case,) = [case for case in CASES if str(case).startswith("gan") and not case.rare][:1]
    task = case.make(tmp_path, 5)
    for name in ("update_discriminator", "update_generator"):
        with monkeypatch.context() as patch:
            update = getattr(task, name)
            patch.setattr(task, name, lambda *given, of=update: (torch.tensor(False), of(*given)[1]))
            assert not bool(task.train_step(1, 1.0)["finite"])
    assert bool(task.train_step(2, 1.0)["finite"])
