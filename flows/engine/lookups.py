"""The crosswalks as small Arrow tables that any engine can join."""

import calendar
from collections.abc import Sequence
from datetime import date

import pyarrow as pa
import pyarrow.compute as pc

from flows.countries import Scheme, entries, read_rows

FIRST, LAST = 1900, 2100
"""Calendar years that the engines know."""


def country_table(scheme: Scheme, code: str, alpha3: str) -> pa.Table:
    """
    Return the codes of a scheme that stand for one country at all times.

    Parameters
    ----------
    scheme : {"iso", "m49", "comtrade", "baci", "sipri", "wits", "cow", "armstat"}
        Whose codes.
    code, alpha3 : str
        Names of the columns.

    Returns
    -------
    pyarrow.Table
        One row a code, as text.

    Raises
    ------
    ValueError
        If there is no such scheme.

    Examples
    --------
    >>> country_table("baci", "i", "exporter").filter(pc.field("i") == "51").to_pylist()
    [{'i': '51', 'exporter': 'ARM'}]
    """
    found = {name: {entry.alpha3 for entry in several} for name, several in entries(scheme).items()}
    one = {name: codes.pop() for name, codes in found.items() if len(codes) == 1}
    return pa.table({code: list(one), alpha3: list(one.values())})


def numbered(table: pa.Table, code: str) -> pa.Table:
    """
    Return the rows of a table of codes whose code is a number, as a number.

    Parameters
    ----------
    table : pyarrow.Table
        Of :func:`country_table`.
    code : str
        The column of codes.

    Returns
    -------
    pyarrow.Table
        Column ``code`` as int32.

    Raises
    ------
    KeyError
        If there is no such column.

    Examples
    --------
    >>> numbered(country_table("baci", "i", "exporter"), "i").schema.field("i").type
    DataType(int32)
    """
    digits = table.filter(pc.utf8_is_digit(table[code]))
    cast = digits[code].cast(pa.int32())
    return digits.set_column(digits.schema.get_field_index(code), code, cast)


def period_table() -> pa.Table:
    """
    Return calendar years and months as Comtrade writes them.

    Returns
    -------
    pyarrow.Table
        Columns ``period`` (``2020``, ``2020.0``, ``202001``), ``start``, ``end`` (dates), ``year``.

    Raises
    ------
    OverflowError
        If a year is no date.

    Examples
    --------
    >>> period_table().filter(pc.field("period") == "202402")["end"].to_pylist()
    [datetime.date(2024, 2, 29)]
    """
    rows = []
    for year in range(FIRST, LAST + 1):
        whole = (date(year, 1, 1), date(year, 12, 31), year)
        rows += [(str(year), *whole), (f"{year}.0", *whole)]
        for month in range(1, 13):
            last = calendar.monthrange(year, month)[1]
            rows.append((f"{year}{month:02}", date(year, month, 1), date(year, month, last), year))
    return _table(rows, ["period", "start", "end", "year"])


def year_table() -> pa.Table:
    """
    Return calendar years as BACI writes them.

    Returns
    -------
    pyarrow.Table
        Columns ``t`` (int32), ``start``, ``end`` (dates), ``year``.

    Raises
    ------
    OverflowError
        If a year is no date.

    Examples
    --------
    >>> year_table().slice(0, 1).to_pylist()[0]["end"]
    datetime.date(1900, 12, 31)
    """
    years = range(FIRST, LAST + 1)
    rows = [(year, date(year, 1, 1), date(year, 12, 31), year) for year in years]
    table = _table(rows, ["t", "start", "end", "year"])
    return table.set_column(0, "t", table["t"].cast(pa.int32()))


def classification_table() -> pa.Table:
    """
    Return the codes of classifications.

    Returns
    -------
    pyarrow.Table
        Columns ``classification`` (the code) and ``named``.

    Raises
    ------
    OSError
        If the crosswalk is missing.

    Examples
    --------
    >>> classification_table().filter(pc.field("classification") == "H5")["named"].to_pylist()
    ['HS2017']
    """
    rows = read_rows("classifications.csv")
    return _table(
        [(row["code"], row["classification"]) for row in rows], ["classification", "named"]
    )


def _table(rows: Sequence[Sequence[object]], names: Sequence[str]) -> pa.Table:
    return pa.table(dict(zip(names, map(list, zip(*rows, strict=True)), strict=True)))
