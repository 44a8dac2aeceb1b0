"""`genmodels doctor`: all that a report of trouble needs, and nothing else."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from rich.console import Console
from rich.progress import Progress

from genmodels.diagnosis import devices, fonts
from genmodels.diagnosis.terminal import terminal

SECTIONS = ["versions", "devices", "threads", "memory", "limits", "folders", "fonts", "terminal"]


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """However busy the machine of the tests is."""
    monkeypatch.setattr("genmodels.diagnosis.asking.PATIENCE", 120.0)


@pytest.fixture
def no_libraries(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """PyTorch and matplotlib can't be imported by another process."""
    (tmp_path / "broken").mkdir()
    for name in ("torch", "matplotlib"):
        (tmp_path / "broken" / f"{name}.py").write_text(f"raise ImportError('no {name} here')", encoding="ascii")
    monkeypatch.syspath_prepend(tmp_path / "broken")


def test_all_sections_are_told_with_what_is_installed(cli, trained) -> None:
    outcome = cli("doctor")
    assert outcome.code == 0, outcome.err
    blocks = [block.splitlines() for block in outcome.out.strip().split("\n\n")]
    assert [block[0].strip() for block in blocks] == SECTIONS
    told = {line.partition("\t")[0]: line.partition("\t")[2] for block in blocks for line in block[1:]}
    import torch

    assert {*devices.LINES, *fonts.LINES} <= told.keys(), "those that are told in any case"
    assert told["PyTorch"].startswith(torch.__version__)
    assert told["--device auto"].startswith(("cpu", "cuda", "mps"))
    assert told["runs"].startswith(str(trained.parent))
    assert "1 run, " in told["runs"]
    assert told["figures are written in"] == "DejaVu Sans"
    assert "\x1b" not in outcome.out


def test_json_has_sizes_as_numbers_and_names_the_same_sections(cli, trained) -> None:
    facts = json.loads(cli("doctor", "--json").out)
    assert list(facts) == [*SECTIONS, "problems"]
    files = [path for path in trained.parent.rglob("*") if path.is_file()]
    runs = facts["folders"]["runs"]
    assert (runs["runs"], runs["files"], runs["counted_all"]) == (1, len(files), True)
    assert runs["bytes"] == sum(path.stat().st_size for path in files)
    assert facts["folders"]["cache"]["writable"] is True
    assert facts["memory"]["in all"] > 2**20


def test_the_encoding_is_told_also_while_a_bar_is_drawn(monkeypatch) -> None:
    opened = [io.TextIOWrapper(io.BytesIO(), encoding="iso-8859-15") for _ in range(2)]
    for name, stream in zip(("stdout", "stderr"), opened, strict=True):
        monkeypatch.setattr(stream, "isatty", lambda: True)
        monkeypatch.setattr(sys, name, stream)
    monkeypatch.delenv("TERM", raising=False)
    with Progress(console=Console(force_terminal=True, force_interactive=True), transient=True):
        assert sys.stdout not in opened, "Rich has put its own stream there"
        told = terminal().facts[:2]
    assert [fact.shown for fact in told] == ["a terminal, iso-8859-15"] * 2


def test_pytorch_that_is_broken_is_a_problem_and_the_rest_is_told(cli, no_libraries) -> None:
    outcome = cli("doctor")
    assert outcome.code == 0, outcome.err
    assert "PyTorch\tcan't be used: ImportError: no torch here" in outcome.out
    assert "problem: matplotlib: can't be used: ImportError: no matplotlib here" in outcome.err
    assert "cores\t" in outcome.out


def test_nothing_personal_is_told(cli, no_libraries, tmp_path, monkeypatch) -> None:
    home = tmp_path / "home" / "zaphodb"
    home.mkdir(parents=True)
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.setenv(name, "zaphodb")
    monkeypatch.setattr("socket.gethostname", lambda: "heartofgold")
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("USERPROFILE", str(home))
    monkeypatch.setenv("GENMODELS_CACHE", str(home / "cache"))
    monkeypatch.setenv("GENMODELS_TOKEN", "a secret")
    for arguments in (["doctor"], ["doctor", "--json"]):
        outcome = cli(*arguments, "--runs", "/net/heartofgold/zaphodb/runs", "--csv", "table.csv")
        said = outcome.out + outcome.err + Path("table.csv").read_text(encoding="utf-8")
        assert "~/cache" in said.replace("\\\\", "/")
        assert not {word for word in ("zaphodb", "heartofgold", "secret") if word in said}


def test_the_table_for_a_spreadsheet_has_every_section(cli, no_libraries) -> None:
    assert cli("doctor", "--csv", "all.csv").code == 0
    lines = Path("all.csv").read_text(encoding="utf-8").splitlines()
    assert lines[0] == "section,what,found"
    assert list(dict.fromkeys(line.partition(",")[0] for line in lines[1:])) == SECTIONS


def test_it_looks_and_changes_nothing(cli, no_libraries, tmp_path) -> None:
    before = sorted(tmp_path.rglob("*"))
    cli("doctor", "--runs", "new")
    assert sorted(path for path in tmp_path.rglob("*") if "__pycache__" not in path.parts) == before


@pytest.mark.skipif(os.name == "nt", reason="POSIX has HOME")
def test_it_answers_without_a_home_and_in_a_process_of_its_own_without_pytorch(tmp_path, no_libraries) -> None:
    left_out = {"HOME", "GENMODELS_CACHE"}
    environment = {name: value for name, value in os.environ.items() if name not in left_out}
    environment["PYTHONPATH"] = os.pathsep.join(sys.path)
    done = subprocess.run(
        [sys.executable, "-m", "genmodels", "doctor", "--json"],
        capture_output=True, text=True, env=environment, cwd=tmp_path, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["devices"]["PyTorch"] is None
