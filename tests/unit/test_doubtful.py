"""A precision that says nothing stands in brackets for people, and as a number for programs."""

import pytest

from genmodels.analysis.doubts import has_doubtful_precision
from genmodels.cli.reporters import measures_told
from genmodels.exhibit import Table
from genmodels.families.doubtful import DOUBT, MEANING, tables_with_doubts, with_doubts, with_doubts_found
from genmodels.families.gan import GAN
from genmodels.families.summary import _main_figures

COLUMNS = {"run": "", "precision": ".2f", "recall": ".2f", "precision_standard_error": ".2f"}
ERRORS = {"precision": "precision_standard_error"}
GOOD = {"run": "vae", "precision": 0.75, "recall": 0.5, "precision_standard_error": 0.02, DOUBT: False}
BAD = {"run": "gan", "precision": 0.9, "recall": 0.0, "precision_standard_error": 0.01, DOUBT: True}
REAL = {"run": "(real images)", "precision": 0.95, "recall": 0.9, "precision_standard_error": None}


def test_the_cell_that_says_nothing_is_marked_and_explained() -> None:
    table = with_doubts(Table("t", COLUMNS, [GOOD, BAD, REAL], errors=ERRORS))
    precisions = [row[1] for row in table.spoken_cells()]
    assert precisions == ["0.75\u00a0±\u00a00.02", "(0.90)", "0.95"]
    assert table.meanings == {"precision": MEANING}
    assert [row[1] for row in table.cells()] == ["0.75", "0.90", "0.95"], "programs get numbers"


def test_a_spreadsheet_has_a_column_that_says_where() -> None:
    whole, shown = tables_with_doubts(Table("t", COLUMNS, [GOOD, BAD, REAL], errors=ERRORS))
    assert (whole.shown, shown.shown, DOUBT in shown.columns) == (False, True, False)
    heads, *lines = [line.split(",") for line in whole.as_csv().decode().splitlines()]
    assert [line[heads.index(DOUBT)] for line in lines] == ["False", "True", ""]
    others = Table("t", {"run": "", "nll": ".2f"}, [{"run": "pixels", "nll": 1.0}])
    assert tables_with_doubts(others) == [others]


def test_a_table_without_such_a_cell_stays_as_it_is() -> None:
    table = Table("t", COLUMNS, [GOOD, REAL], errors=ERRORS)
    assert with_doubts(table) is table
    others = Table("t", {"run": "", "nll": ".2f"}, [{"run": "pixels", "nll": 1.0}])
    assert with_doubts(others) is others


@pytest.mark.parametrize(("recall", "told"), [(0.01, "(0.900)"), (0.5, "0.900")])
def test_a_training_and_its_run_show_it_as_eval_images_does(recall: float, told: str) -> None:
    record = {
        "epoch": 1,
        "split": "val",
        "kernel_distance": 0.5,
        "precision": 0.9,
        "recall": recall,
        "real/recall": 0.8,
    }
    assert f"precision {told}, recall {recall:.3f}" in measures_told(record, GAN)
    table = with_doubts_found(Table("t", {"split": "", "precision": ".3f", "recall": ".3f"}, [record]))
    assert table.spoken_cells()[0][1] == told
    assert table.cells()[0][1] == "0.900", "for programs it is a number"
    assert (table.legend == {"precision": MEANING}) == (told == "(0.900)")
    shown = _main_figures([record], GAN)
    assert shown.spoken_cells()[0][list(shown.columns).index("precision")] == told


def test_records_without_a_recall_have_no_doubtful_precision() -> None:
    assert not has_doubtful_precision({"split": "train", "score_real": 0.5})
    assert not has_doubtful_precision({"precision": 0.9})
