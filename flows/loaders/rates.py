"""Exchange rates: what a unit of one currency costs in another, by day or month."""

import pandas as pd

from flows.errors import LayoutError, SchemaError
from flows.loaders.cells import fail, filled, melt, numbers, select, texts, with_report
from flows.loaders.layout import Layout, starts_with
from flows.loaders.records import delimited
from flows.loaders.text import RawTable
from flows.table import currencies, where

EURO = "EUR"

_HISTORY = ("Date", "USD", "JPY")
_PORTAL = ("CURRENCY", "CURRENCY_DENOM", "EXR_TYPE", "TIME_PERIOD", "OBS_VALUE")
_REFERENCE = "SP00"
_DAY, _MONTH = r"\d{4}-\d{2}-\d{2}", r"\d{4}-\d{2}"
_NOT_QUOTED = "N/A"

_PAST = ("BGN", "CYP", "EEK", "HRK", "LTL", "LVL", "MTL", "ROL", "RUB", "SIT", "SKK", "TRL", "ISK")
"""Currencies that the file has had, of which some are no more."""


def normalise_ecb_history(raw: RawTable) -> pd.DataFrame:
    """
    Return the rates of a file with one row a day and one column a currency.

    Columns ``currency``, ``base``, ``start`` and ``end`` (the day), ``level`` (units of
    ``currency`` for one of ``base``), ``dataset``, ``line``; by currency, in the order of the days.
    A currency that was not quoted on a day (``N/A``) has no row of it. This is not a flow table.
    """
    columns = [name for name in raw.rows.columns if name.strip() and name not in {"Date", "line"}]
    unknown = [name for name in columns if name not in {*currencies(), *_PAST}]
    if unknown:
        raise LayoutError(
            f"{raw.path}:{raw.header_line}: expected columns of currencies, found {unknown[0]!r}; "
            "correct the header, or take the column out of a copy of the file"
        )
    quoted = [name for name in columns if name in currencies()]
    long = melt(raw, quoted, name="currency", keep=["Date"])
    stated = select(long, texts(long, "cell") != _NOT_QUOTED)
    there = filled(stated)
    return _rates(
        there,
        currency=texts(there, "currency"),
        base=pd.Series(EURO, index=there.rows.index),
        periods=_days(there, "Date", _DAY),
        level=numbers(there, "cell"),
        rows_in=len(raw.rows),
        left_out={
            "currencies of the past": len(columns) - len(quoted),
            "cells without a rate": len(stated.rows) - len(there.rows),
        },
    )


def normalise_ecb_portal(raw: RawTable) -> pd.DataFrame:
    """
    Return the rates by day or month of a reply of the data portal, data set EXR.

    Columns as of :func:`normalise_ecb_history`. Other series than the spot rates (effective rates)
    and periods without a rate are left out, and counted.
    """
    _check_in_units(raw)
    spot = texts(raw, "EXR_TYPE") == _REFERENCE
    if not spot.any():
        fail(raw, ~spot, "EXR_TYPE", f"spot rates, {_REFERENCE}")
    stated = texts(raw, "OBS_VALUE").isin(["", "NaN"])
    kept = select(raw, spot & ~stated)
    return _rates(
        kept,
        currency=texts(kept, "CURRENCY"),
        base=texts(kept, "CURRENCY_DENOM"),
        periods=_days(kept, "TIME_PERIOD", f"{_DAY}|{_MONTH}"),
        level=numbers(kept, "OBS_VALUE"),
        rows_in=len(raw.rows),
        left_out={
            "other series than spot rates": int((~spot).sum()),
            "periods without a rate": int((spot & stated).sum()),
        },
    )


def _check_in_units(raw: RawTable) -> None:
    """Check that no rate is in thousands, where a reply says what it is in."""
    if "UNIT_MULT" in raw.rows:
        other = ~texts(raw, "UNIT_MULT").isin(["0", "0.0", ""])
        if other.any():
            fail(raw, other, "UNIT_MULT", "0: a rate for one unit of a currency")


def _days(raw: RawTable, column: str, pattern: str) -> dict[str, pd.Series]:
    """Return the first and the last day of the days or months of a column."""
    cells = texts(raw, column)
    starts = pd.to_datetime(cells, format="ISO8601", errors="coerce")
    wrong = starts.isna() | ~cells.str.fullmatch(pattern)
    if wrong.any():
        fail(raw, wrong, column, "a day as 2024-01-31" + (" or a month" if "|" in pattern else ""))
    months = cells.str.len() == len("2024-01")
    ends = starts.mask(months, starts + pd.offsets.MonthEnd(0))
    return {"start": starts.astype("datetime64[s]"), "end": ends.astype("datetime64[s]")}


def _rates(
    raw: RawTable,
    *,
    currency: pd.Series,
    base: pd.Series,
    periods: dict[str, pd.Series],
    level: pd.Series,
    rows_in: int,
    left_out: dict[str, int],
) -> pd.DataFrame:
    frame = pd.DataFrame(
        {
            "currency": currency,
            "base": base,
            **periods,
            "level": level,
            "dataset": raw.dataset,
            "line": raw.rows["line"],
        }
    ).sort_values(["currency", "base", "start", "end"], ignore_index=True)
    return check_rates(with_report(frame, raw, rows_in=rows_in, left_out=left_out))


def check_rates(frame: pd.DataFrame) -> pd.DataFrame:
    """Return rates unchanged, or say which is not positive, or stands there twice."""
    key = ["currency", "base", "start", "end"]
    faults = {
        "expected a rate above 0": ~(frame["level"] > 0),
        "expected each pair of currencies and period once": frame.duplicated(key, keep=False),
    }
    for demand, wrong in faults.items():
        if wrong.any():
            raise SchemaError(f"{demand}; rows at fault: {where(frame[wrong])}")
    return frame


LAYOUTS = (
    Layout(
        "ecb_history",
        "European Central Bank",
        "reference rates of the euro by day",
        starts_with(_HISTORY),
        delimited(_HISTORY),
        normalise_ecb_history,
        check_rates,
    ),
    Layout(
        "ecb_portal",
        "European Central Bank",
        "exchange rates by day or month, a reply of the data portal",
        starts_with(_PORTAL),
        delimited(_PORTAL),
        normalise_ecb_portal,
        check_rates,
        documented="replies as public repositories quote them",
    ),
)
