"""What a terminal shows of an evaluation while a model trains: words and units, not the names of the records."""

from pathlib import Path

import pytest

from contract.cases import FIRST
from contract.helpers import Case
from doors import family_of
from genmodels.cli.reporters import measures_told

TEXT = {"epoch": 1, "step": 9, "split": "validation", "nll": 1.5, "bits_per_char": 2.16, "perplexity": 4.48,
        "accuracy": 0.5, "seconds": 3.0}  # fmt: skip
GAME = {"epoch": 1, "step": 9, "split": "test", "score_real": 0.5, "separation": 0.75, "kernel_distance": 0.0123,
        "kernel_distance_standard_error": 0.001, "class_kl": 0.02, "classes_present": 10, "precision": 0.9,
        "recall": 0.8, "nearest_squared": 30.0, "variety": 0.9, "share/0": 0.1}  # fmt: skip


def test_a_game_is_told_by_its_family_s_measures_in_words() -> None:
    told = measures_told(GAME, family_of("gan"))
    assert told.startswith(
        "kernel distance 0.0123\u00a0±\u00a00.0010, KL of the classes in nats 0.0200, classes drawn 10"
    )
    assert "_" not in told
    assert "nearest" not in told, "metrics.jsonl has it"


def test_a_score_has_its_unit() -> None:
    told = measures_told(TEXT, family_of("text"))
    assert "nats/char, bits per char" in told
    assert "_" not in told


@pytest.mark.parametrize("family", ["gan", "vae"])
def test_a_part_without_the_score_leaves_no_line(family: str) -> None:
    assert measures_told({"epoch": 1, "step": 9, "split": "train", "score_real": 0.5}, family_of(family)) == ""


@pytest.mark.parametrize("case", FIRST.values(), ids=str)
def test_how_sure_a_score_is_stands_beside_it_under_the_name_that_records_have(case: Case, tmp_path: Path) -> None:
    family = family_of(case.family)
    records = case.make(tmp_path, 1).evaluate(lambda: None).values()
    told = [measures_told(record, family) for record in records if f"{family.score}_standard_error" in record]
    assert all("\u00a0±\u00a0" in one.partition(",")[0] for one in told), told
    assert told or family.name == "text", "its characters are not independent: eval-text says how sure they are"
    assert not [one for one in told if "standard error" in one.partition(",")[0]]
