"""Nominal dollars in the prices of a base period, by a price index that is named and cited."""

from datetime import date
from typing import overload

import numpy as np
import pandas as pd

from flows.errors import SchemaError, UnitError
from flows.measure.levels import days_of, level_over, with_lines
from flows.periods import Calendar, Period
from flows.table import is_real, real_unit

_NEEDED = ("index", "currency", "start", "end", "level", "dataset", "line")


@overload
def deflate(
    values: pd.DataFrame,
    index: pd.DataFrame,
    *,
    base: int | Period,
    calendar: Calendar | None = ...,
) -> pd.DataFrame: ...


@overload
def deflate(
    values: pd.Series, index: pd.DataFrame, *, base: int | Period, calendar: Calendar | None = ...
) -> pd.Series: ...


def deflate(
    values: pd.DataFrame | pd.Series,
    index: pd.DataFrame,
    *,
    base: int | Period,
    calendar: Calendar | None = None,
) -> pd.DataFrame | pd.Series:
    """
    Put nominal amounts (current dollars) into the prices of a base period.

    Parameters
    ----------
    values : pandas.DataFrame or pandas.Series
        Flow table in the currency of the index, or a series of :func:`flows.series`, in one
        such unit (``attrs["unit"]``) or in millions of it.
    index : pandas.DataFrame
        One monthly price index as ``fl.load("bls-cpi-u@2026-09")`` returns it: columns ``index``,
        ``currency``, ``start``, ``end``, ``level``, ``dataset``, ``line``.
    base : int or Period
        Calendar year, or other period, in whose prices the amounts are stated.
    calendar : str, optional
        Whose years, where the index of a series holds numbers of years.

    Returns
    -------
    pandas.DataFrame or pandas.Series
        As ``values``, times the index of the base by that of the period. The unit says so: ``"USD
        at 2023 prices"``, so that it is never added to current dollars. The ``rows`` of a series
        hold the lines of the index as well.

    Raises
    ------
    UnitError
        If the unit is not the currency of the index: TIV is no price, constant prices are not
        deflated again.
    PeriodError
        If the index lacks a month of a period or of the base, or the days of a period are not
        known.
    SchemaError
        If ``index`` is not one index.

    Notes
    -----
    The index of a month is the month's; that of any other period is the mean over its months, one
    that is in it for some days counted by that part. A consumer price index puts all amounts into
    what consumers in one country can buy: it is not a price index of the goods traded, and real
    growth by it is not growth in quantities.

    Examples
    --------
    >>> import flows as fl
    >>> prices = fl.load("bls-cpi-u@2026-09")
    >>> trade = fl.load("armstat-by-country@2025-02")
    >>> y = fl.series(trade, exporter="IRN", importer="ARM", partner_basis="origin", freq="year")
    >>> real = fl.deflate(y, prices, base=2024)
    >>> real.attrs["unit"], round(float(real.loc["2007"] / y.loc["2007"]), 3)
    ('USD at 2024 prices', 1.513)
    """
    check_index(index)
    period = Period.year(base) if isinstance(base, int) else base
    if isinstance(values, pd.DataFrame):
        return _deflate_table(values, index, period)
    return _deflate_series(values, index, period, calendar)


def check_index(index: pd.DataFrame) -> None:
    """Check that a table is one price index by month."""
    missing = [name for name in _NEEDED if name not in index]
    if missing:
        raise SchemaError(
            f"index: expected a price index with the columns {', '.join(_NEEDED)}, missing "
            f"{', '.join(missing)}; load one, such as fl.load('bls-cpi-u@2026-09')"
        )
    names = sorted({*index["index"]}), sorted({*index["currency"]}), sorted({*index["dataset"]})
    if any(len(name) != 1 for name in names) or index["start"].duplicated().any():
        raise SchemaError(
            f"index: expected one index in one currency, found {', '.join(names[0]) or 'none'} in "
            f"{', '.join(names[1]) or 'none'}; choose by its column 'index'"
        )


def _deflate_table(table: pd.DataFrame, index: pd.DataFrame, base: Period) -> pd.DataFrame:
    currency = str(index["currency"].iloc[0])
    _check_currency(sorted(table["unit"].unique()), currency)
    days = table[["start", "end"]].drop_duplicates()
    spans = zip(days["start"].dt.date, days["end"].dt.date, strict=True)
    levels = days.assign(level=[_level(index, *span) for span in spans])
    factor = _level(index, base.start, base.end) / table[["start", "end"]].merge(
        levels, on=["start", "end"], how="left"
    )["level"].to_numpy(dtype="float64")
    scaled = {name: table[name] * factor for name in ("value", "low", "high")}
    return table.assign(**scaled, unit=real_unit(currency, base.label))


def _deflate_series(
    y: pd.Series, index: pd.DataFrame, base: Period, calendar: Calendar | None
) -> pd.Series:
    unit, currency = str(y.attrs.get("unit", "")), str(index["currency"].iloc[0])
    _check_currency([unit], currency)
    instead = "deflate the table before fl.series"
    spans = [days_of(period, calendar, instead=instead) for period in y.index]
    levels = np.array([_level(index, *span) for span in spans])
    real = y * (_level(index, base.start, base.end) / levels)
    rows = with_lines(y, index, [*spans, (base.start, base.end)])
    real.attrs = {**y.attrs, "unit": real_unit(currency, base.label), "rows": rows}
    return real


def _check_currency(units: list[str], currency: str) -> None:
    wrong = [unit or "nothing" for unit in units if unit != currency]
    if not wrong:
        return
    why = "it is at constant prices already" if is_real(wrong[0]) else "convert it first"
    if wrong[0] == "TIV":
        why = "TIV is a volume of arms and not a price"
    raise UnitError(
        f"expected amounts in {currency}, the currency of the index, found {', '.join(wrong)}: "
        f"{why}"
    )


def _level(index: pd.DataFrame, start: date, end: date) -> float:
    return level_over(index, start, end, name=f"the index {index['index'].iloc[0]}")
