"""Which rows a measure counts, and where they stand."""

from collections.abc import Mapping

import pandas as pd

from flows.errors import PeriodError, SchemaError
from flows.table import Rows


def select_flows(table: pd.DataFrame, **values: str | None) -> pd.DataFrame:
    """
    Return the rows with these values.

    Parameters
    ----------
    table : pandas.DataFrame
        Flow table.
    **values : str, optional
        Column and value: ``exporter="IRN"``; ``None`` keeps every row.

    Returns
    -------
    pandas.DataFrame
        The rows, with their index.

    Raises
    ------
    ValueError
        If there is no such column.
    PeriodError
        If rows are asked for by the year of their order.
    SchemaError
        If no row is left; the message names the value that left none and those there are.

    Examples
    --------
    >>> from flows.table import empty_table
    >>> select_flows(empty_table(), exporter="IRN")
    Traceback (most recent call last):
        ...
    flows.errors.SchemaError: expected rows with exporter 'IRN', found none; there are: none
    """
    rows = table
    for column, value in values.items():
        if column == "order_year":
            raise PeriodError(
                f"expected deliveries by their own year, found a choice by order_year {value!r}: "
                "sums by year of order answer another question; ask for them with "
                "Counting(by='order')"
            )
        if column not in table.columns:
            raise ValueError(f"expected a column of the table, found {column!r}")
        if value is None:
            continue
        kept = rows[rows[column] == value]
        if kept.empty:
            there = ", ".join(sorted(repr(one) for one in rows[column].unique())) or "none"
            raise SchemaError(
                f"expected rows with {column} {value!r}, found none; there are: {there}"
            )
        rows = kept
    return rows


def rows_by_dataset(rows: pd.DataFrame) -> Rows:
    """
    Return the lines of the raw files that rows come from.

    Parameters
    ----------
    rows : pandas.DataFrame
        Rows with the columns ``dataset`` and ``line``.

    Returns
    -------
    Mapping
        Data set to its lines, sorted, each once.

    Raises
    ------
    KeyError
        If a column is missing.

    Examples
    --------
    >>> rows_by_dataset(pd.DataFrame({"dataset": ["a@1", "a@1"], "line": [3, 2]}))
    {'a@1': (2, 3)}
    """
    lines: Mapping[str, tuple[int, ...]] = {
        str(dataset): tuple(sorted({int(line) for line in group["line"]}))
        for dataset, group in rows.groupby("dataset", sort=True)
    }
    return lines
