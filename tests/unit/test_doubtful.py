"""A precision that says nothing stands in brackets for people, and as a number for programs."""

from genmodels.exhibit import Table
from genmodels.families.doubtful import DOUBT, MEANING, tables_with_doubts, with_doubts

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
