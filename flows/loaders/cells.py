"""Columns of text cells as numbers and flags; errors name file, line and cell."""

from typing import NoReturn

import numpy as np
import pandas as pd

from flows.errors import LayoutError
from flows.loaders.raw import RawTable, make_table
from flows.loaders.text import Record

_NUMBER = r"-?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?"
_INTEGER = r"[0-9]{1,15}(?:\.0+)?"
_FLAGS = {"Yes": True, "No": False, "": None}


def texts(raw: RawTable, column: str) -> pd.Series:
    """
    Return a column without the blanks around its cells.

    Parameters
    ----------
    raw : RawTable
        The file.
    column : str
        Name of a column.

    Returns
    -------
    pandas.Series
        Text, index as ``raw.rows``.

    Raises
    ------
    KeyError
        If the file has no such column.

    Examples
    --------
    >>> texts(_example(" 12"), "cell").tolist()
    ['12']
    """
    return raw.rows[column].str.strip()


def numbers(raw: RawTable, column: str, *, blank: bool = False) -> pd.Series:
    """
    Return a column of numbers that are not negative.

    Parameters
    ----------
    raw : RawTable
        The file.
    column : str
        Name of a column.
    blank : bool
        Whether a cell may be empty.

    Returns
    -------
    pandas.Series
        float64; an empty cell is missing, never zero.

    Raises
    ------
    LayoutError
        At the first cell that is anything else: thousands separators and decimal commas included.

    Examples
    --------
    >>> numbers(_example("12.5"), "cell").tolist()
    [12.5]
    >>> numbers(_example("1,250"), "cell")
    Traceback (most recent call last):
        ...
    flows.errors.LayoutError: my.csv:2: column cell: expected a number as 1250.5, found '1,250'
    """
    cells = texts(raw, column)
    empty = cells == ""
    _demand(raw, column, cells.str.fullmatch(_NUMBER) | empty, "a number as 1250.5")
    if not blank:
        _demand(raw, column, ~empty, "a number")
    values = cells.mask(empty, "nan").to_numpy(dtype=object).astype("float64")
    result = pd.Series(values, index=cells.index)
    _demand(raw, column, result.ne(np.inf), "a finite number")
    _demand(raw, column, ~result.lt(0), "a number that is not negative")
    return result


def integers(raw: RawTable, column: str, *, blank: bool = False) -> pd.Series:
    """
    Return a column of whole numbers.

    Parameters
    ----------
    raw : RawTable
        The file.
    column : str
        Name of a column.
    blank : bool
        Whether a cell may be empty.

    Returns
    -------
    pandas.Series
        Int64; an empty cell is missing.

    Raises
    ------
    LayoutError
        At the first cell that is anything else; ``371.0`` is a whole number.

    Examples
    --------
    >>> integers(_example("371.0"), "cell").tolist()
    [371]
    """
    cells = texts(raw, column)
    allowed = cells.str.fullmatch(_INTEGER) | ((cells == "") & blank)
    _demand(raw, column, allowed, "a whole number")
    return cells.str.replace(r"\..*", "", regex=True).mask(cells == "").astype("Int64")


def flags(raw: RawTable, column: str) -> pd.Series:
    """
    Return a column of ``Yes``, ``No`` or nothing.

    Parameters
    ----------
    raw : RawTable
        The file.
    column : str
        Name of a column.

    Returns
    -------
    pandas.Series
        boolean; an empty cell is missing, for the publisher did not say.

    Raises
    ------
    LayoutError
        At the first cell that is anything else.

    Examples
    --------
    >>> flags(_example("Yes"), "cell").tolist()
    [True]
    """
    cells = texts(raw, column)
    _demand(raw, column, cells.isin(list(_FLAGS)), "Yes, No or nothing")
    return cells.map(_FLAGS).astype("boolean")


def fail(raw: RawTable, wrong: pd.Series, column: str, expected: str) -> NoReturn:
    """
    Raise for the first row at fault.

    Parameters
    ----------
    raw : RawTable
        The file.
    wrong : pandas.Series
        bool, which rows are at fault; at least one is.
    column : str
        Column of the cell to be shown.
    expected : str
        What should stand there.

    Raises
    ------
    LayoutError
        Always: file, line, column, expected, found, and how many more.

    Examples
    --------
    >>> fail(_example("12"), pd.Series([True]), "cell", "a month")
    Traceback (most recent call last):
        ...
    flows.errors.LayoutError: my.csv:2: column cell: expected a month, found '12'
    """
    faults = raw.rows[wrong]
    more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
    raise LayoutError(
        f"{raw.path}:{faults['line'].iloc[0]}: column {column}: expected {expected}, "
        f"found {faults[column].iloc[0]!r}{more}"
    )


def _demand(raw: RawTable, column: str, right: pd.Series, expected: str) -> None:
    if not right.all():
        fail(raw, ~right, column, expected)


def _example(cell: str) -> RawTable:
    return make_table(["cell"], [Record(2, [cell])], path="my.csv")
