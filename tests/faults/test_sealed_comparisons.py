"""Attacks on comparison.json: what another hand changed is told by name, and not gone on with."""

import contextlib
import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from doors import Cli
from genmodels.errors import RunError
from genmodels.runs import ComparisonDir
from genmodels.runs.sealed_comparison import check_comparison, differences_in
from genmodels.runs.sealing import is_whole
from genmodels.runs.seals import told
from genmodels.runs.verifying import verified, way_out
from made_runs import made_comparison

pytestmark = pytest.mark.faults


@pytest.fixture
def found(tmp_path: Path) -> ComparisonDir:
    return made_comparison(tmp_path, "c", ["rnn", "lstm"], [(3.0, 2.0, 1.5, 1.25), (3.0, 2.0, 1.5, 1.0)])


def rewritten(found: ComparisonDir, change: Callable[[dict[str, Any]], object]) -> None:
    """comparison.json as an editor leaves it."""
    document = json.loads((found.path / "comparison.json").read_text())
    change(document)
    (found.path / "comparison.json").write_text(json.dumps(document))


def quiet(_: str) -> None:
    """Nobody is told."""


def test_a_comparison_as_it_was_left_is_whole_whatever_genmodels_itself_changes(
    found: ComparisonDir, cli: Cli, tmp_path: Path
) -> None:
    check_comparison(found, pytest.fail)
    assert verified(found, pytest.fail)[1] == {}
    found.update(result=None, members={"rnn": {}, "lstm": {}, "gru": {}})
    rewritten(found, lambda document: None)
    assert differences_in(found) == [], "in other spaces it says the same"
    assert cli("runs", "rename", "c", "d", "--runs", tmp_path).code == 0
    assert cli("runs", "note", "d", "mine", "--runs", tmp_path).code == 0
    check_comparison(ComparisonDir(tmp_path / "d"), pytest.fail)


CHANGES: dict[str, tuple[Callable[[dict[str, Any]], object], str]] = {
    "a setting": (lambda d: d["settings"]["seed"].update(value=2), "settings.seed was 1 and is 2"),
    "a new one": (lambda d: d["settings"].update(rate={"value": 2, "from": "flag"}), "settings.rate was not there"),
    "data": (lambda d: d["data"].update(fingerprint="x"), "data.fingerprint was corpus.txt and is x"),
    "a member's setting": (lambda d: d["members"]["rnn"].update(model="gru"), "members.rnn was {'model': 'rnn'}"),
    "a member less": (lambda d: d["members"].pop("lstm"), "members.lstm was {'model': 'lstm'}"),
    "the time": (lambda d: d.update(created_at="2026-01-01"), "created_at was"),
    "where it came from": (lambda d: d["settings"]["seed"].update({"from": "default"}), "changed by another hand"),
    "the seal's values": (lambda d: d["seal"].pop("values"), "changed by another hand"),
    "the seal's sum": (lambda d: d["seal"].pop("sha256"), "changed by another hand"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_was_changed_is_named_refused_and_with_accept_recorded(
    found: ComparisonDir, change: str, cli: Cli, tmp_path: Path
) -> None:
    make, expected = CHANGES[change]
    rewritten(found, make)
    problems = verified(found)[1]
    assert expected in problems["comparison.json"]
    assert "--accept-changes" in way_out(found, problems)
    with pytest.raises(RunError, match="is not as it was left") as error:
        check_comparison(found, quiet)
    assert expected in error.value.what
    said: list[str] = []
    check_comparison(found, said.append, accept=True)
    assert "comparison.json records" in said[0]
    (entry,) = found.document()["accepted"]
    assert expected in entry["changes"]["comparison.json"]
    check_comparison(found, pytest.fail)
    assert verified(found)[1] == {}
    shown = cli("runs", "show", "c", "--runs", tmp_path)
    assert "changes by another hand were accepted" in f"{shown.out} {shown.err}"


def test_a_result_that_was_changed_is_told_and_measured_again(found: ComparisonDir) -> None:
    rewritten(found, lambda document: document["result"]["facts"]["comparison"][0].update(nll=0.1))
    assert "result.facts was" in told(differences_in(found))["comparison.json"]
    said: list[str] = []
    check_comparison(found, said.append)
    assert "which decides nothing" in said[0]
    assert found.document()["result"] is None
    check_comparison(found, pytest.fail)


def test_the_command_refuses_and_verify_names_the_file(found: ComparisonDir, cli: Cli, tmp_path: Path) -> None:
    rewritten(found, lambda document: document["settings"]["seed"].update(value=2))
    outcome = cli("train-text", "--resume", "c", "--runs", tmp_path)
    assert (outcome.code, "settings.seed was 1 and is 2" in outcome.err.replace("\n", " ")) == (4, True), outcome.err
    outcome = cli("runs", "verify", "c", "--runs", tmp_path)
    assert (outcome.code, "comparison.json" in outcome.out) == (4, True)
    assert "genmodels train-text --resume" in outcome.err


def test_an_older_one_without_a_seal_goes_on_and_that_is_told(found: ComparisonDir) -> None:
    rewritten(found, lambda document: document.pop("seal"))
    said: list[str] = []
    check_comparison(found, said.append)
    assert verified(found, said.append)[1] == {}
    assert said == ["c holds no seal, as an earlier version began it: changes by another hand are not found"] * 2
    found.update(result=None)
    check_comparison(found, quiet)


def test_a_flipped_bit_anywhere_in_it_is_told(found: ComparisonDir) -> None:
    path = found.path / "comparison.json"
    whole = path.read_bytes()
    for bit in random.Random(1).sample(range(8 * len(whole)), 200):
        flipped = bytearray(whole)
        flipped[bit // 8] ^= 1 << bit % 8
        path.write_bytes(flipped)
        said: list[str] = []
        with contextlib.suppress(RunError):
            assert verified(found, said.append)[1] or said, (bit, flipped)


def test_a_result_whose_names_are_numbers_is_whole_when_it_is_read_back(found: ComparisonDir) -> None:
    found.update(result={"title": "", "facts": {"by": {2: "a", 10: "b"}}})
    assert is_whole(found.stored())
