"""Cells as they are printed: one format a column, missing cells empty, a true minus sign."""

import pandas as pd

from flows.errors import ReportError
from flows.findings import MINUS, Table


def format_cells(table: Table) -> pd.DataFrame:
    """
    Return the printed columns of a table as text.

    Parameters
    ----------
    table : Table
        Its labels name the columns to print and their order.

    Returns
    -------
    pandas.DataFrame
        Columns of ``table.labels`` by their names in ``table.frame``, every cell a ``str``; a
        missing value is empty, a negative number has a true minus sign, a zero has no sign.

    Raises
    ------
    ReportError
        If a label or a format names a column that the frame lacks, or a value does not take the
        format of its column.

    Examples
    --------
    >>> frame = pd.DataFrame({"supplier": ["ISR", "RUS"], "change": [-1234.5, None]})
    >>> labels = {"supplier": "Supplier", "change": "Change"}
    >>> format_cells(Table("changes", frame, labels, {"change": ",.1f"}, "", "", {}))
      supplier    change
    0      ISR  −1,234.5
    1      RUS
    """
    _check_columns(table)
    return pd.DataFrame(
        {
            column: pd.Series(
                [
                    _format_cell(table, column, row, value)
                    for row, value in enumerate(table.frame[column], start=1)
                ],
                dtype="str",
            )
            for column in table.labels
        }
    )


def numeric_columns(table: Table) -> tuple[str, ...]:
    """
    Return the printed columns that hold numbers, which are set flush right.

    Parameters
    ----------
    table : Table
        Any.

    Returns
    -------
    tuple of str
        Columns that have a format or a numeric type, in the order of the labels.

    Raises
    ------
    ReportError
        If a label or a format names a column that the frame lacks.

    Examples
    --------
    >>> frame = pd.DataFrame({"year": [2016, 2017], "supplier": ["ISR", "RUS"]})
    >>> labels = {"supplier": "Supplier", "year": "Year"}
    >>> numeric_columns(Table("years", frame, labels, {}, "", "", {}))
    ('year',)
    """
    _check_columns(table)
    return tuple(
        column
        for column in table.labels
        if column in table.formats
        or (
            pd.api.types.is_numeric_dtype(table.frame[column])
            and not pd.api.types.is_bool_dtype(table.frame[column])
        )
    )


def table_csv(table: Table) -> str:
    r"""
    Return the raw values of a table, unrounded and with every column.

    Parameters
    ----------
    table : Table
        Any.

    Returns
    -------
    str
        Comma separated, first line the columns' names, a missing value empty.

    Examples
    --------
    >>> frame = pd.DataFrame({"supplier": ["ISR"], "share": [0.6773923]})
    >>> table_csv(Table("shares", frame, {"share": "Share"}, {"share": ".1%"}, "", "", {}))
    'supplier,share\nISR,0.6773923\n'
    """
    return str(table.frame.to_csv(index=False, lineterminator="\n"))


def _check_columns(table: Table) -> None:
    unknown = [
        column for column in (*table.labels, *table.formats) if column not in table.frame.columns
    ]
    if unknown:
        raise ReportError(
            f"table {table.id!r}: expected columns among {', '.join(table.frame.columns)}; "
            f"found {', '.join(dict.fromkeys(unknown))} in its labels or formats"
        )


def _format_cell(table: Table, column: str, row: int, value: object) -> str:
    if pd.isna(value):  # type: ignore[call-overload]
        return ""
    if column not in table.formats:
        return str(value)
    try:
        printed = format(value, table.formats[column])
    except (TypeError, ValueError) as error:
        raise ReportError(
            f"table {table.id!r}, column {column!r}, row {row}: expected a value that takes the "
            f"format {table.formats[column]!r}, found {value!r}"
        ) from error
    if not any(digit in printed for digit in "123456789"):
        printed = printed.replace("-", "")
    return printed.replace("-", MINUS)
