"""Runs that earlier versions wrote: opened, sampled, verified and gone on with by this one; a newer format is refused.

A run of each format that there was lies in golden/, as the version of that time wrote it: format-1 is of the time
before runs were sealed. Never make one of them anew: whoever changes the format adds one.
"""

import json
import shutil
import zipfile
from pathlib import Path

import pytest

from doors import Cli
from genmodels.runs import RunDir
from genmodels.runs.verifying import problems_of, verified

pytestmark = pytest.mark.faults
GOLDEN = sorted((Path(__file__).parent / "golden").glob("*.zip"))
TEXT = "the cat sat on the mat and the dog ran.\n" * 20


@pytest.fixture(params=GOLDEN, ids=lambda path: path.stem)
def golden(request: pytest.FixtureRequest, tmp_path: Path) -> RunDir:
    with zipfile.ZipFile(request.param) as archive:
        archive.extractall(tmp_path / "runs" / "golden")
    (tmp_path / "corpus.txt").write_text(TEXT)
    return RunDir(tmp_path / "runs" / "golden")


def test_an_earlier_run_is_opened_sampled_and_gone_on_with(golden: RunDir, cli: Cli) -> None:
    runs, corpus = golden.path.parent, golden.path.parents[1] / "corpus.txt"
    said: list[str] = []
    assert verified(golden, said.append)[1] == {}
    sealed = "seal" in golden.document()
    assert [("holds no seal" in one) for one in said] == ([] if sealed else [True])
    assert json.loads(cli("runs", "show", "golden", "--runs", runs, "--json").out)["best_epoch"] == 2
    sampled = cli("sample-text", "--run", golden.path, "--length", "5", "--prompt", "the ", "--seed", "1")
    assert (sampled.code, len(sampled.out.strip("\n"))) == (0, 9), sampled.err
    resumed = cli("train-text", corpus, "--resume", "golden", "--runs", runs, "--epochs", "3")
    assert resumed.code == 0, resumed.err
    assert ("holds no seal" in resumed.err) != sealed
    assert (golden.epochs(), problems_of(golden)) == ([1, 2, 3], {})


@pytest.mark.parametrize("file", ["run.json", "checkpoints/epoch-0002/manifest.json", "checkpoints/last-state"])
def test_a_newer_format_is_refused_politely(golden: RunDir, cli: Cli, file: str) -> None:
    name = file.replace("last-state", f"{golden.pointer('last')}/manifest.json")
    document = json.loads((golden.path / name).read_text())
    (golden.path / name).write_text(json.dumps(document | {"format": 99}))
    outcome = cli("runs", "verify", golden.path)
    assert outcome.code == 4
    assert "format 99" in outcome.err + outcome.out
    if file == "run.json":
        assert "hint: update genmodels." in outcome.err


WRONG = {
    "nothing is there": lambda path: path.unlink(),
    "it is empty": lambda path: path.write_bytes(b""),
    "it is cut": lambda path: path.write_bytes(path.read_bytes()[: path.stat().st_size // 2]),
    "it is longer": lambda path: path.write_bytes(path.read_bytes() + b"{}\n"),
    "it is noise": lambda path: path.write_bytes(bytes(range(256)) * 4),
    "it is a folder": lambda path: (path.unlink(), path.mkdir()),
    "it is null": lambda path: path.write_text("null"),
    "it is a list": lambda path: path.write_text("[]\n"),
    "it is a number": lambda path: path.write_text('{"files": 3, "format": 1}\n'),
}
COMMANDS = (
    ("runs", "verify", "golden"), ("runs", "show", "golden"), ("runs", "list"), ("plot-curve", "golden"),
    ("sample-text", "--run", "golden", "--length", "3"), ("train-text", "--resume", "golden"),
    ("runs", "prune", "golden", "--yes"), ("runs", "export", "golden", "--to", "csv"),
)  # fmt: skip


@pytest.mark.sweep
@pytest.mark.parametrize("wrong", WRONG)
def test_a_damaged_file_of_a_run_is_never_loaded_as_good_and_never_a_bug(golden: RunDir, cli: Cli, wrong: str) -> None:
    whole = golden.path.with_name("aside")
    golden.path.rename(whole)
    for path in sorted(one for one in whole.rglob("*") if one.is_file() and one.parent.name != "samples"):
        shutil.copytree(whole, golden.path)
        WRONG[wrong](golden.path / path.relative_to(whole))
        command = cli("runs", "verify", "golden", "--runs", golden.path.parent)
        told = {"last": "newer training state", "best": "no seal", "metrics.jsonl": "no seal"}.get(path.name)
        assert command.code in {4, 5} or (told is not None and told in command.err), path
        shutil.rmtree(golden.path)


@pytest.mark.nightly
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("wrong", WRONG)
def test_no_command_takes_a_damaged_file_for_a_bug_of_its_own(golden: RunDir, cli: Cli, wrong: str) -> None:
    whole = golden.path.with_name("aside")
    golden.path.rename(whole)
    for path in sorted(one for one in whole.rglob("*") if one.is_file()):
        for command in COMMANDS:
            shutil.copytree(whole, golden.path)
            WRONG[wrong](golden.path / path.relative_to(whole))
            outcome = cli(*command, "--runs", golden.path.parent)
            assert outcome.code in {0, 2, 3, 4, 5}, (path.name, command, outcome.err)
            shutil.rmtree(golden.path)
