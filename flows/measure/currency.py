"""Amounts of one currency in another, by exchange rates that are named and cited."""

from collections.abc import Iterable
from datetime import date
from typing import overload

import numpy as np
import pandas as pd

from flows.errors import SchemaError, UnitError
from flows.measure.levels import days_of, level_over, with_lines
from flows.periods import Calendar
from flows.table import currencies, is_real

_NEEDED = ("currency", "base", "start", "end", "level", "dataset", "line")
_SHOWN = 5


@overload
def convert_currency(
    values: pd.DataFrame, rates: pd.DataFrame, *, to: str, calendar: Calendar | None = ...
) -> pd.DataFrame: ...


@overload
def convert_currency(
    values: pd.Series, rates: pd.DataFrame, *, to: str, calendar: Calendar | None = ...
) -> pd.Series: ...


def convert_currency(
    values: pd.DataFrame | pd.Series,
    rates: pd.DataFrame,
    *,
    to: str,
    calendar: Calendar | None = None,
) -> pd.DataFrame | pd.Series:
    """
    Convert amounts into another currency at the mean rate of their period.

    Parameters
    ----------
    values : pandas.DataFrame or pandas.Series
        Flow table, or a series of :func:`flows.series` with its currency in ``attrs["unit"]``. Rows
        in ``to`` already stay as they are.
    rates : pandas.DataFrame
        Rates by day or by month, as ``fl.load`` returns them of files of the European Central Bank:
        columns ``currency``, ``base``, ``start``, ``end``, ``level`` (units of ``currency`` for one
        of ``base``), ``dataset``, ``line``.
    to : str
        ISO 4217 code, such as ``"USD"``.
    calendar : str, optional
        Whose years, where the index of a series holds numbers of years.

    Returns
    -------
    pandas.DataFrame or pandas.Series
        As ``values``, in ``to``. The ``rows`` of a series hold the lines of the rates as well.

    Raises
    ------
    UnitError
        If a unit is no currency (TIV), is at constant prices, or is not among the rates.
    PeriodError
        If there is no rate in a month of a period, or for more than a week of it, or the days of a
        period are not known.
    SchemaError
        If ``rates`` are not rates of one base, by day or by month.

    Notes
    -----
    Of rates by day the mean over the days on which they are quoted is taken, which is how central
    banks average; of rates by month the mean over the months, one that is in the period for some
    days counted by that part. Between two currencies that are both quoted against a third the ratio
    of the two means is taken. Trade moves within a year, and so do rates: convert months and add up
    years afterwards (convert the table, or a monthly series), as offices of statistics do.

    Examples
    --------
    >>> import flows as fl
    >>> rates = fl.load(fl.example_path("ecb_portal"))
    >>> trade = fl.load(fl.example_path("comext_web"))
    >>> y = fl.series(trade, exporter="BEL", importer="ARM", freq="month")
    >>> dollars = convert_currency(y, rates, to="USD")
    >>> dollars.attrs["unit"], round(float(dollars.iloc[0] / y.iloc[0]), 4)
    ('USD', 1.1012)
    """
    _check_rates(rates)
    if to not in currencies():
        raise UnitError(f"to: expected a currency (USD, EUR, ...), found {to!r}")
    if isinstance(values, pd.DataFrame):
        return _convert_table(values, rates, to)
    return _convert_series(values, rates, to, calendar)


def _check_rates(rates: pd.DataFrame) -> None:
    missing = [name for name in _NEEDED if name not in rates]
    if missing:
        raise SchemaError(
            f"rates: expected exchange rates with the columns {', '.join(_NEEDED)}, missing "
            f"{', '.join(missing)}; load some, such as eurofxref-hist.csv of the European Central "
            "Bank"
        )
    bases = sorted(rates["base"].unique())
    lengths = sorted((rates["start"] == rates["end"]).unique())
    if len(bases) != 1 or len(lengths) != 1:
        raise SchemaError(
            f"rates: expected one base and rates by day or by month, found the bases "
            f"{', '.join(bases) or 'none'}" + (" by day and by month" if len(lengths) > 1 else "")
        )


def _convert_table(table: pd.DataFrame, rates: pd.DataFrame, to: str) -> pd.DataFrame:
    _check_units(sorted(table["unit"].unique()), rates, to)
    keys = ["unit", "start", "end"]
    kinds = table[keys].drop_duplicates()
    spans = zip(kinds["unit"], kinds["start"].dt.date, kinds["end"].dt.date, strict=True)
    kinds = kinds.assign(factor=[_factor(rates, unit, to, *span) for unit, *span in spans])
    factor = table[keys].merge(kinds, on=keys, how="left")["factor"].to_numpy(dtype="float64")
    scaled = {name: table[name] * factor for name in ("value", "low", "high")}
    return table.assign(**scaled, unit=to)


def _convert_series(
    y: pd.Series, rates: pd.DataFrame, to: str, calendar: Calendar | None
) -> pd.Series:
    unit = str(y.attrs.get("unit", ""))
    _check_units([unit], rates, to)
    instead = "convert the table before fl.series"
    spans = [days_of(period, calendar, instead=instead) for period in y.index]
    converted: pd.Series = y * np.array([_factor(rates, unit, to, *span) for span in spans])
    used = rates[rates["currency"].isin({unit, to})]
    converted.attrs = {**y.attrs, "unit": to, "rows": with_lines(y, used, spans)}
    return converted


def _check_units(units: Iterable[str], rates: pd.DataFrame, to: str) -> None:
    base = rates["base"].iloc[0]
    known = {base, *rates["currency"]}
    for unit in [*units, to]:
        if unit == "TIV":
            raise UnitError("expected amounts of money, found TIV: a volume of arms has no price")
        if is_real(unit):
            raise UnitError(
                f"expected current prices, found {unit}: convert first, and deflate afterwards"
            )
        if unit not in known:
            raise UnitError(
                f"expected rates of {unit or 'nothing'}, found {base} and {len(known) - 1} "
                f"currencies against it ({', '.join(sorted(known - {base})[:_SHOWN])}, ...)"
            )


def _factor(rates: pd.DataFrame, unit: str, to: str, start: date, end: date) -> float:
    """Return what one of a unit is in another currency over a period."""
    if unit == to:
        return 1.0
    return _level(rates, to, start, end) / _level(rates, unit, start, end)


def _level(rates: pd.DataFrame, currency: str, start: date, end: date) -> float:
    base = rates["base"].iloc[0]
    if currency == base:
        return 1.0
    own = rates[rates["currency"] == currency]
    return level_over(own, start, end, name=f"a rate of {currency} for one {base}")
