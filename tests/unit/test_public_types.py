"""A type checker knows every name that a program uses."""

import subprocess
import sys
from pathlib import Path

import pytest

KNOWN = """
from typing import assert_type

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

import genmodels
from genmodels.sampling.writing import Sample

run = genmodels.train_text("corpus.txt", epochs=3)
assert_type(run, genmodels.TextRun)
assert_type(run.sample("they each ", temperature=[0.25, 0.75, 1.5], length=200), list[Sample])
assert_type(run.score("other.txt"), genmodels.Exhibit)
vae = genmodels.train_vae("mnist", epochs=20, name="first")
assert_type(vae.reconstruct(epochs=[1, 10, 20]), genmodels.Exhibit)
assert_type(vae.reconstruct(epochs=[1, 10, 20]).figure(), Figure)
assert_type(vae.samples(epochs="all"), genmodels.Sheet)
assert_type(vae.samples(epochs=[0.25, 1, "latest"]), genmodels.Sheet)
assert_type(genmodels.open_run("last"), genmodels.Run)
assert_type(genmodels.open_run("first", genmodels.VaeRun), genmodels.VaeRun)
assert_type(genmodels.list_runs(), list[genmodels.Run])
assert_type(genmodels.open_run("first").draw(64), NDArray[np.float32])
assert_type(genmodels.train_pixelrnn().complete(), genmodels.Exhibit)
assert_type(genmodels.train_gan(minutes=3).course(), genmodels.Exhibit)
assert_type(genmodels.train_reader().read(["strip.png"]), genmodels.Exhibit)
assert_type(genmodels.train_speech("words").transcribe(["hello.wav"]), genmodels.Exhibit)
assert_type(genmodels.compare_speech(["window:11", "lstm"], minutes=3), genmodels.Exhibit)
assert_type(genmodels.compare_word_errors(["one", genmodels.open_run("two", genmodels.SpeechRun)]), genmodels.Exhibit)
assert_type(genmodels.resume(vae), genmodels.Run)
"""
UNKNOWN = """
import genmodels

genmodels.train_vea("mnist")
genmodels.train_vae("mnist").recontruct()
"""


CONFIG = """
[mypy]
strict = true
[mypy-torch.*,torchvision.*,safetensors.*,PIL.*,typer.*,rich.*]
follow_imports = skip
"""  # none of their types is looked at here, and reading torch's takes half a minute


def checked(folder: Path, program: str) -> str:
    (folder / "program.py").write_text(program, encoding="utf-8")
    (folder / "mypy.ini").write_text(CONFIG, encoding="utf-8")
    command = [sys.executable, "-m", "mypy", "--cache-dir", str(folder / "cache"), "program.py"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False).stdout


@pytest.mark.sweep
def test_mypy_knows_every_type_of_a_program_that_uses_the_library(tmp_path: Path) -> None:
    assert checked(tmp_path, KNOWN) == "Success: no issues found in 1 source file\n"
    told = checked(tmp_path, UNKNOWN)
    assert 'Module has no attribute "train_vea"' in told
    assert '"VaeRun" has no attribute "recontruct"' in told
