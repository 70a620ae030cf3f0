"""Rows of raw tables: years side by side put under one another, rows chosen, columns added."""

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from flows.loaders.raw import RawTable


def melt(raw: RawTable, columns: Sequence[str], *, name: str, keep: Sequence[str]) -> RawTable:
    """
    Return a raw table with one row a cell, for files that have the years side by side.

    Parameters
    ----------
    raw : RawTable
        The file.
    columns : sequence of str
        The columns that hold the values.
    name : str
        New column that says which of them a cell stood in; the cell itself is in ``cell``.
    keep : sequence of str
        The columns that say what a row is about.

    Returns
    -------
    RawTable
        The columns ``keep``, ``line``, ``name`` and ``cell``; rows in the order of the file.

    Raises
    ------
    KeyError
        If one of the columns is missing.

    Examples
    --------
    >>> from flows.loaders.examples import example_path
    >>> from flows.loaders.raw import read_delimited
    >>> raw = read_delimited(example_path("armstat"), ["country", "year", "export"])
    >>> flows = ["export", "import_origin"]
    >>> melt(raw, flows, name="flow", keep=["country"]).rows.iloc[1].to_dict()
    {'country': 'Georgia', 'line': 2, 'flow': 'import_origin', 'cell': '250'}
    """
    repeated = raw.rows[[*keep, "line"]].loc[raw.rows.index.repeat(len(columns))]
    cells = raw.rows[list(columns)].to_numpy(dtype=object).ravel()
    long = repeated.reset_index(drop=True).assign(
        **{
            name: pd.Series([*columns] * len(raw.rows), dtype="str"),
            "cell": pd.Series(cells, dtype="str"),
        }
    )
    return replace(raw, rows=long)


def select(raw: RawTable, rows: pd.Series) -> RawTable:
    """
    Return some rows of a raw table.

    Parameters
    ----------
    raw : RawTable
        The file.
    rows : pandas.Series
        bool, which rows to keep.

    Returns
    -------
    RawTable
        With a fresh index; the lines are those of the file.

    Raises
    ------
    IndexError
        If ``rows`` has another index than the table.

    Examples
    --------
    >>> from flows.loaders.examples import example_path
    >>> from flows.loaders.raw import read_delimited
    >>> raw = read_delimited(example_path("armstat"), ["country", "year", "export"])
    >>> select(raw, raw.rows["year"] == "2024").rows["line"].tolist()
    [4]
    """
    return replace(raw, rows=raw.rows[rows].reset_index(drop=True))


def with_columns(raw: RawTable, **columns: pd.Series) -> RawTable:
    """
    Return a raw table with columns that follow from its own.

    Parameters
    ----------
    raw : RawTable
        The file.
    **columns : pandas.Series
        By name, index of ``raw.rows``; a column of the file that has the name is replaced.

    Returns
    -------
    RawTable

    Raises
    ------
    ValueError
        If a column has another length.

    Examples
    --------
    >>> from flows.loaders.examples import example_path
    >>> from flows.loaders.raw import read_delimited
    >>> raw = read_delimited(example_path("armstat"), ["country", "year", "export"])
    >>> with_columns(raw, half=raw.rows["year"] + "/1").rows["half"].tolist()
    ['2023/1', '2023/1', '2024/1']
    """
    return replace(raw, rows=raw.rows.assign(**columns))
