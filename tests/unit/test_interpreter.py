"""Another Python process finds the packages that this one finds, and nothing in the current folder."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from genmodels.interpreter import python_running


def code_of(module: str) -> int:
    command, environment = python_running(module, "--version")
    return subprocess.run(command, env=environment, capture_output=True, check=False).returncode


@pytest.mark.parametrize("here", ["", "."])
def test_nothing_is_taken_out_of_the_current_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, here: str) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [here, *sys.path])
    (tmp_path / "decoy.py").write_text("", encoding="utf-8")
    assert code_of("decoy") == 1
    (tmp_path / "decoy.py").rename(tmp_path / "json.py")
    assert code_of("genmodels") == 0


def test_our_package_is_found_where_it_lies_in_the_current_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    import genmodels

    home = Path(genmodels.__file__).resolve().parents[1]
    monkeypatch.chdir(home)
    monkeypatch.setenv("PYTHONPATH", "")
    monkeypatch.setattr(sys, "path", ["", *(path for path in sys.path if path and Path(path).resolve() != home)])
    assert code_of("genmodels") == 0
    assert python_running("genmodels")[1]["PYTHONPATH"].split(os.pathsep)[-1] == str(home), "after all others"
