"""Every family's learning rate can be looked for, on the batches that a training has."""

import json
from pathlib import Path

import pytest
import torch

from contract.cases import TRAINED, every_case
from contract.helpers import Case, Trained
from doors import FAMILIES, Cli
from genmodels.families.sweeping import _signs
from genmodels.settings.sweep import SweepSettings
from genmodels.training.sweep import Swept, sweep

ASKED = SweepSettings(lowest=1e-4, highest=0.5, steps=25)
QUICK = ("--steps", 25, "--lowest", 0.0001)


def swept(case: Case, folder: Path) -> Swept:
    family = FAMILIES[case.family]
    to_fall = family.score in family.steps
    return sweep(case.make(folder, 1), ASKED.rates(), _signs(family), lambda _: None, to_fall=to_fall)


@every_case
def test_a_sweep_is_a_training_whose_rate_rises(case: Case, tmp_path: Path) -> None:
    found, task = swept(case, tmp_path), case.make(tmp_path, 1)
    family = FAMILIES[case.family]
    logged = []
    for step, rate in enumerate(found.rates[:3]):
        given = {
            name: float(value) for name, value in task.train_step(step, rate / task.settings.learning_rate).items()
        }
        given.pop("finite")
        logged.append(task.logged(given))
    assert found.rates == ASKED.rates()[: len(found.rates)]
    for name, sign in _signs(family).items():
        assert found.losses[name][:3] == pytest.approx([sign * one[name] for one in logged], rel=1e-4)


@every_case
def test_the_same_seed_sweeps_alike(case: Case, tmp_path: Path) -> None:
    before = torch.get_rng_state()
    assert swept(case, tmp_path) == swept(case, tmp_path)
    assert torch.equal(before, torch.get_rng_state())


@pytest.fixture(params=TRAINED, ids=str)
def promised(request: pytest.FixtureRequest, home_of, monkeypatch: pytest.MonkeyPatch, cli: Cli) -> Trained:
    """A family's training, in a folder with its data."""
    found: Trained = request.param
    folder = home_of(found.home)
    monkeypatch.setenv("GENMODELS_CACHE", str(folder / "cache"))
    monkeypatch.chdir(folder)
    return found


def test_find_rate_takes_what_the_training_takes_and_makes_no_run(promised: Trained, cli: Cli) -> None:
    before = sorted(Path().rglob("*"))
    told = cli("find-rate", promised.family, *promised.flags, *QUICK, "--json")
    assert told.code == 0, told.err
    found = json.loads(told.out)
    family = FAMILIES[promised.family]
    assert (found["family"], found["usual"]) == (promised.family, family.settings.learning_rate)
    assert found["losses"].keys() == found["smoothed"].keys() == family.steps.keys()
    assert {len(values) for values in found["losses"].values()} == {len(found["rates"])}
    assert found["why"]
    assert [path for path in sorted(Path().rglob("*")) if path not in before and "cache" not in path.parts] == []
