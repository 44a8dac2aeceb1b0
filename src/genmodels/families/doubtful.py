"""Precisions that say nothing, marked where they stand in a table."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from genmodels.analysis.doubts import doubts_about, has_doubtful_precision
from genmodels.exhibit import Format, Row, Table, written

PRECISION, ERROR = "precision", "precision_standard_error"
DOUBT = "precision_says_nothing"  # in a row, as `genmodels.analysis.doubts.precision_says_nothing` found
MEANING = (
    "in brackets it says nothing, as the images drawn are nearly all alike or their recall is below 15 % of that of "
    "real images: fewer than two modes in ten"
)


def doubts_of(shown: Row, *, precision: bool) -> Sequence[str]:
    """Why the measures of an epoch are not to be trusted; none where it is not known of how many images they are."""
    images = shown.get("images")
    return doubts_about(images, {f"epoch {shown['epoch']}": shown}, precision=precision) if images else ()


def tables_with_doubts(table: Table) -> list[Table]:
    """A table of measures for spreadsheets, with a column that says where precision says nothing, and one for people.

    Args:
        table: of drawn images; one without a precision stays as it is, alone.
    """
    if PRECISION not in table.columns:
        return [table]
    return [replace(table, columns={**table.columns, DOUBT: ""}, shown=False), with_doubts(table)]


def with_doubts_found(table: Table) -> Table:
    """See `with_doubts`; of evaluations as they are recorded, without a word on which precisions say nothing."""
    return with_doubts(replace(table, rows=[{**row, DOUBT: has_doubtful_precision(row)} for row in table.rows]))


def with_doubts(table: Table) -> Table:
    """A table of measures, in which people see in brackets a precision that says nothing, and why; programs a number.

    Args:
        table: of drawn images; one without a precision, or without any that says nothing, stays as it is.
    """
    if PRECISION not in table.columns or not any(row.get(DOUBT) for row in table.rows):
        return table
    spoken: Mapping[str, Format] = {PRECISION: _in_brackets(table.columns), ERROR: _without_error(table.columns)}
    shown = {name: form for name, form in spoken.items() if name in table.columns}
    return replace(table, spoken={**table.spoken, **shown}, legend={**table.legend, PRECISION: MEANING})


def _in_brackets(columns: Mapping[str, Format]) -> Format:
    """How a precision is written."""

    def shown(row: Row) -> str:
        told = _as_before(row, PRECISION, columns)
        return f"({told})" if row.get(DOUBT) else told

    return shown


def _without_error(columns: Mapping[str, Format]) -> Format:
    """How its standard error is written: nothing is sure of a number that says nothing."""
    return lambda row: "-" if row.get(DOUBT) else _as_before(row, ERROR, columns)


def _as_before(row: Row, name: str, columns: Mapping[str, Format]) -> str:
    form = columns[name]
    return form(row) if callable(form) else written(row.get(name), form)
