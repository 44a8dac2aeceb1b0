"""A sealed run, changed by another hand."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from genmodels.errors import RunError
from genmodels.runs import RunDir
from genmodels.runs.accepting import check_as_left
from genmodels.runs.seals import Seals, told
from made_runs import made_run


def sealed_run(folder: Path) -> RunDir:
    """A finished run of four epochs."""
    plan = {"steps_per_epoch": 10, "total_steps": 40, "minutes": None, "planned": []}
    return made_run(folder, "r", settings={"dropout": 0.5, "device": "auto"}, prompt="the", plan=plan)


def quiet(_: str) -> None:
    """Nobody is told."""


def rewritten(run: RunDir, change: Callable[[dict[str, Any]], object]) -> None:
    """run.json as an editor leaves it."""
    document = json.loads((run.path / "run.json").read_text())
    change(document)
    (run.path / "run.json").write_text(json.dumps(document))


def differences(run: RunDir) -> dict[str, str]:
    return told(Seals(run, run.document()).differences())


def refused(run: RunDir) -> str:
    with pytest.raises(RunError) as error:
        check_as_left(run, quiet)
    assert "--accept-changes" in str(error.value.hint)
    return error.value.what
