"""Price indices: what a unit of money buys, by month."""

from pathlib import Path

import pandas as pd

from flows.errors import SchemaError
from flows.loaders.cells import (
    calendar_year,
    fail,
    numbers,
    select,
    spans,
    texts,
    translate,
    with_report,
)
from flows.loaders.layout import Layout, starts_with
from flows.loaders.records import read_delimited
from flows.loaders.text import RawTable
from flows.periods import Period
from flows.table import where

_BLS_COLUMNS = ("series_id", "year", "period", "value")
_PRICES = ("CU", "CW", "SU", "PC", "WP", "WD", "ND", "EI", "AP")
"""How series of prices begin: of consumers, producers and foreign trade."""

_MONTH = "M(0[1-9]|1[0-2])"


def read_bls_index(path: Path, *, dataset: str | None = None) -> RawTable:
    """
    Read a file of the time series of the U.S. Bureau of Labor Statistics.

    Parameters
    ----------
    path : pathlib.Path
        A file such as ``cu.data.1.AllItems``: cells between tabs, padded with blanks.
    dataset : str, optional
        ``source@vintage``; the file's name by default.

    Returns
    -------
    RawTable
        All columns.

    Raises
    ------
    LayoutError
        If encoding, header or a row is not as the layout has it.
    OSError
        If the file cannot be read.

    Examples
    --------
    >>> from flows.loaders.examples import example_path
    >>> read_bls_index(example_path("bls_index")).rows.loc[0, "year"]
    '2019'
    """
    return read_delimited(path, _BLS_COLUMNS, dataset=dataset, usual="\t")


def normalise_bls_index(raw: RawTable) -> pd.DataFrame:
    """
    Return indices by month.

    Parameters
    ----------
    raw : RawTable
        Of :func:`read_bls_index`.

    Returns
    -------
    pandas.DataFrame
        Columns ``index`` (the publisher's name of the series), ``currency`` (``USD``), ``start``
        and ``end`` (first and last day of the month), ``level``, ``dataset``, ``line``; in the
        order of the months. This is not a flow table. Averages of years and halves (``M13``,
        ``S01``) are left out, and counted.

    Raises
    ------
    LayoutError
        If a cell is not a year or a number, or a series is not of prices.
    SchemaError
        As in :func:`check_price_index`.

    Examples
    --------
    >>> from flows.loaders.examples import example_path
    >>> prices = normalise_bls_index(read_bls_index(example_path("bls_index")))
    >>> prices["index"].iloc[0], str(prices["start"].iloc[0].date()), float(prices["level"].iloc[0])
    ('CUUR0000SA0', '2019-01-01', 251.712)
    """
    prices = texts(raw, "series_id").str.startswith(_PRICES)
    if not prices.all():
        fail(raw, ~prices, "series_id", f"series of prices ({', '.join(_PRICES)})")
    monthly = texts(raw, "period").str.fullmatch(_MONTH)
    if not monthly.any():
        fail(raw, ~monthly, "period", "months, M01 to M12")
    kept = select(raw, monthly)
    years = translate(kept, "year", calendar_year)
    months = pd.Series(
        [
            Period.month(year.start.year, int(period[1:]))
            for year, period in zip(years, texts(kept, "period"), strict=True)
        ]
    )
    frame = pd.DataFrame(
        {
            "index": texts(kept, "series_id"),
            "currency": "USD",
            **spans(months),
            "level": numbers(kept, "value"),
            "dataset": raw.dataset,
            "line": kept.rows["line"],
        }
    ).sort_values(["index", "start"], ignore_index=True)
    left_out = {"averages of a year or a half": int((~monthly).sum())}
    return check_price_index(with_report(frame, kept, rows_in=len(raw.rows), left_out=left_out))


def check_price_index(frame: pd.DataFrame) -> pd.DataFrame:
    """Return indices unchanged, or say which is not positive, or has a month twice."""
    faults = {
        "expected an index above 0": ~(frame["level"] > 0),
        "expected each index and month once": frame.duplicated(["index", "start"], keep=False),
    }
    for demand, wrong in faults.items():
        if wrong.any():
            raise SchemaError(f"{demand}; rows at fault: {where(frame[wrong])}")
    return frame


LAYOUTS = (
    Layout(
        "bls_index",
        "U.S. Bureau of Labor Statistics",
        "price indices by month",
        starts_with(_BLS_COLUMNS),
        read_bls_index,
        normalise_bls_index,
        check_price_index,
    ),
)
