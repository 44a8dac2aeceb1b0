"""eval-text --mix and --protocol dynamic through the command line."""

import json

import pytest

from cli.mistakes import check
from homes import SENTENCES


@pytest.fixture(autouse=True)
def _few_gradients(monkeypatch: pytest.MonkeyPatch) -> None:
    """Gathered over little text, so that this is quick."""
    monkeypatch.setattr("genmodels.analysis.dynamic.STRETCHES", 3)
    monkeypatch.setattr("genmodels.analysis.dynamic.STRETCH", 201)


@pytest.fixture
def text(cli, trained, tmp_path) -> str:
    (tmp_path / "other.txt").write_text(SENTENCES * 32, encoding="utf-8")
    return "other.txt"


def test_each_kind_of_figure_has_its_own_key_and_its_own_table(cli, text: str) -> None:
    facts = json.loads(cli("eval-text", text, "--mix", "--json").out)
    assert [row["protocol"] for row in facts["results"]] == ["carried", "windows"]
    assert facts["mixed"][0]["nll"] < facts["results"][0]["nll"]
    assert facts["dynamic"] is None
    outcome = cli("eval-text", text, "--mix", "--protocol", "dynamic")
    assert outcome.code == 0, outcome.err
    mixed, dynamic = (block.splitlines() for block in outcome.out.strip().split("\n\n"))
    assert mixed[0].split("\t") == [
        "epoch", "order", "weight", "predicted", "mixed nll", "nll ±", "bits_per_char", "gain", "gain ±",
    ]  # fmt: skip
    assert "dynamic nll" in dynamic[0].split("\t")
    assert len(mixed) == len(dynamic) == 2
    both = cli("eval-text", text, "--mix").out
    assert [len(block.splitlines()) for block in both.strip().split("\n\n")] == [3, 2]
    assert both.splitlines()[0].split("\t")[:5] == ["epoch", "protocol", "predicted", "nll", "nll ±"]


def test_without_a_protocol_the_network_learns_nothing(cli, text: str) -> None:
    outcome = cli("eval-text", text)
    assert "dynamic" not in outcome.out
    assert "mixed" not in outcome.out


def test_the_rate_is_an_expert_s_and_refused_where_nothing_learns(cli, text: str) -> None:
    assert "--dynamic-rate" not in cli("eval-text", "--help").out
    assert "--dynamic-rate" in cli("eval-text", "--help-all").out
    check(cli("eval-text", text, "--dynamic-rate", 0.002), 2, "--dynamic-rate 0.002 means nothing without")
    assert cli("eval-text", text, "--dynamic-rate", 0.002, "--protocol", "dynamic").code == 0
    slow = json.loads(cli("eval-text", text, "--protocol", "dynamic", "--dynamic-rate", 0, "--json").out)["dynamic"][0]
    assert slow["rate"] == 0
    assert slow["gain"] == pytest.approx(0, abs=1e-5)
