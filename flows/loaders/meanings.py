"""Columns of text cells as countries and periods; errors name file, line and cell."""

import re
from collections.abc import Callable
from typing import TypeVar

import pandas as pd

from flows.countries import Scheme, country_codes
from flows.errors import FlowsError, LayoutError
from flows.loaders.cells import texts
from flows.loaders.raw import RawTable
from flows.periods import Period, gregorian_year

Value = TypeVar("Value")

_YEAR = re.compile(r"[0-9]{4}")


def translate(raw: RawTable, column: str, meaning: Callable[[str], Value]) -> pd.Series:
    """
    Return what a function makes of each cell, and where it fails.

    Parameters
    ----------
    raw : RawTable
        The file.
    column : str
        Name of a column.
    meaning : callable
        Called once for each different cell, without the blanks around it.

    Returns
    -------
    pandas.Series
        Its results.

    Raises
    ------
    FlowsError
        The error of the function, of the same class, with file and line before its message.

    Examples
    --------
    >>> from flows.loaders.examples import example_path
    >>> from flows.loaders.raw import read_delimited
    >>> raw = read_delimited(example_path("armstat"), ["country", "year", "export"])
    >>> translate(raw, "country", str.upper).tolist()[:2]
    ['GEORGIA', 'IRAN']
    """
    cells = texts(raw, column)
    meanings: dict[str, Value] = {}
    for cell in cells.unique():
        try:
            meanings[cell] = meaning(cell)
        except FlowsError as error:
            line = raw.rows.loc[cells == cell, "line"].iloc[0]
            raise type(error)(f"{raw.path}:{line}: column {column}: {error}") from error
    return pd.Series([meanings[cell] for cell in cells], index=cells.index)


def codes(raw: RawTable, column: str, *, scheme: Scheme, on: pd.Series | None = None) -> pd.Series:
    """
    Return a column of countries as alpha-3 codes.

    Parameters
    ----------
    raw : RawTable
        The file.
    column : str
        Name of a column.
    scheme : {"iso", "m49", "comtrade", "baci", "sipri", "wits", "cow", "armstat"}
        Whose names or codes the cells are.
    on : pandas.Series, optional
        First days of the statements, where one code has stood for several states.

    Returns
    -------
    pandas.Series
        Alpha-3 codes; ``XXX`` for areas that are not specified.

    Raises
    ------
    CountryError
        If the crosswalk does not have a name; all such names are listed with their lines.

    Examples
    --------
    >>> from flows.loaders.examples import example_path
    >>> from flows.loaders.raw import read_delimited
    >>> raw = read_delimited(example_path("armstat"), ["country", "year", "export"])
    >>> codes(raw, "country", scheme="armstat").tolist()
    ['GEO', 'IRN', 'IRN']
    """
    return country_codes(
        texts(raw, column), scheme=scheme, on=on, path=raw.path, lines=raw.rows["line"]
    )


def calendar_year(cell: str) -> Period:
    """
    Return the calendar year that a cell names.

    Parameters
    ----------
    cell : str
        Four digits, or four digits with ``.0``.

    Returns
    -------
    Period
        1 January to 31 December.

    Raises
    ------
    LayoutError
        If the cell is anything else.
    PeriodError
        If the year is out of the range of the calendar.

    Examples
    --------
    >>> calendar_year("2023").start
    datetime.date(2023, 1, 1)
    """
    digits = cell.removesuffix(".0")
    if not _YEAR.fullmatch(digits):
        raise LayoutError(f"expected a year, found {cell!r}")
    return gregorian_year(int(digits))


def spans(periods: pd.Series) -> dict[str, pd.Series]:
    """
    Return periods as the columns ``start`` and ``end``.

    Parameters
    ----------
    periods : pandas.Series
        Of :class:`flows.periods.Period`.

    Returns
    -------
    dict
        ``start`` and ``end``, datetime64[s].

    Raises
    ------
    AttributeError
        If an element is not a period.

    Examples
    --------
    >>> spans(pd.Series([gregorian_year(2023)]))["end"].dt.month.tolist()
    [12]
    """
    return {
        side: pd.Series([getattr(one, side) for one in periods], index=periods.index).astype(
            "datetime64[s]"
        )
        for side in ("start", "end")
    }
