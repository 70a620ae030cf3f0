"""One flow over time: a series by month, or by year of the calendar that is asked for."""

import math
from collections.abc import Iterator
from datetime import date
from typing import Literal, get_args

import pandas as pd

from flows.errors import PeriodError
from flows.measure.selection import (
    check_one_statement,
    check_stated_once,
    rows_by_dataset,
    select_flows,
)
from flows.measure.spans import span_stated
from flows.periods import Calendar, Period, gregorian_month, recut, years_between
from flows.table import where

Frequency = Literal["month", "year"]
Absent = Literal["missing", "zero"]

_LONGEST_MONTH = 31
_FIRST_ORDINAL = {"year": 1970, "month": 1970 * 12}


def series(
    table: pd.DataFrame,
    *,
    exporter: str,
    importer: str,
    freq: Frequency,
    calendar: Calendar = "gregorian",
    reporter: str | None = None,
    partner_basis: str | None = None,
    product: str | None = None,
    dataset: str | None = None,
    absent: Absent = "missing",
) -> pd.Series:
    """
    Return one flow as a series over time.

    Parameters
    ----------
    table : pandas.DataFrame
        Flow table.
    exporter, importer : str
        Alpha-3 codes.
    freq : {"month", "year"}
        A year that the source states is taken as stated; any other year is put together from its
        months, cut by days where the calendars differ, if all of them are there.
    calendar : {"gregorian", "solar-hijri"}
        Whose years.
    reporter, partner_basis, product, dataset : str, optional
        Which statement of the flow, where the table holds several.
    absent : {"missing", "zero"}
        What a calendar year without a statement is. By default it is not there: missing is not
        zero. In a census, such as SIPRI's deliveries, nothing found in a year that is counted is
        ``"zero"``; the data set has to say which years it counts.

    Returns
    -------
    pandas.Series
        Values in the unit of the rows. The index is a ``PeriodIndex``, or for Iranian years an
        index of whole numbers named ``solar_hijri_year``. ``attrs``: ``unit``; ``rows``, the lines
        of the raw files by data set; ``left_out``, each year that has a statement for only a part
        of it, with the reason; ``zeros``, the years that were filled with zero.
        Where several products are summed, one without a row in a period adds nothing.

    Raises
    ------
    DoubleCountError
        If the flow is stated more than once: two reporters, bases or vintages, or two rows for
        the same days.
    UnitError
        If the rows have two units.
    PeriodError
        If months are asked for and a row is not a month, no year is covered, or zeros are asked for
        and the data set does not say which years it counts.
    SchemaError
        If no row is left, or the size of a flow is not published.
    ValueError
        If ``freq`` or ``absent`` is unknown, months of another calendar than the Gregorian are
        asked for, or zeros of anything but calendar years.

    Examples
    --------
    >>> from flows.table import check_flows
    >>> trade = check_flows(pd.DataFrame({
    ...     "start": pd.date_range("2023-01-01", periods=12, freq="MS"),
    ...     "end": pd.date_range("2023-01-01", periods=12, freq="ME"),
    ...     "line": range(2, 14),
    ... }).assign(
    ...     exporter="IRN", importer="ARM", reporter="ARM", product="TOTAL",
    ...     classification="TOTAL", value=50e6, unit="USD", low=50e6, high=50e6, valuation="CIF",
    ...     partner_basis="origin", coverage="all goods", estimate=False, dataset="armstat@2025-02",
    ... ))
    >>> series(trade, exporter="IRN", importer="ARM", freq="year").to_dict()
    {Period('2023', 'Y-DEC'): 600000000.0}
    """
    if freq not in get_args(Frequency):
        raise ValueError(f"freq: expected {' or '.join(get_args(Frequency))}, found {freq!r}")
    if freq == "month" and calendar != "gregorian":
        raise ValueError(f"expected months of the gregorian calendar, found {calendar!r}")
    if absent not in get_args(Absent):
        raise ValueError(f"absent: expected {' or '.join(get_args(Absent))}, found {absent!r}")
    if absent == "zero" and (freq, calendar) != ("year", "gregorian"):
        raise ValueError(
            f"absent='zero': expected calendar years, found freq {freq!r}, calendar {calendar!r}"
        )
    rows = select_flows(
        table,
        exporter=exporter,
        importer=importer,
        dataset=dataset,
        reporter=reporter,
        partner_basis=partner_basis,
        product=product,
    )
    check_one_statement(rows)
    used, left_out = (_months(rows), {}) if freq == "month" else _years(rows, calendar)
    values = used.groupby("at", sort=True)["value"].agg(math.fsum)
    zeros: list[int] = []
    if absent == "zero":
        zeros = [
            year
            for year in span_stated(rows)
            if year not in values.index and str(year) not in left_out
        ]
        values = pd.concat([values, pd.Series(0.0, index=zeros)]).sort_index()
    values.index = _index(values.index, freq, calendar)
    values.name = f"{exporter} to {importer}"
    values.attrs = {
        "unit": str(rows["unit"].iloc[0]),
        "rows": rows_by_dataset(used),
        "left_out": left_out,
        "zeros": tuple(zeros),
    }
    return values


def _months(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows with the number of their month in ``at``."""
    months = [gregorian_month(day.year, day.month) for day in rows["start"]]
    wrong = [
        (start.date(), end.date()) != (month.start, month.end)
        for start, end, month in zip(rows["start"], rows["end"], months, strict=True)
    ]
    if any(wrong):
        raise PeriodError(
            f"expected months, found other periods at {where(rows[wrong])}; ask for freq='year'"
        )
    check_stated_once(rows)
    return rows.assign(at=rows["start"].dt.year * 12 + rows["start"].dt.month - 1)


def _years(rows: pd.DataFrame, calendar: Calendar) -> tuple[pd.DataFrame, dict[str, str]]:
    """Return the rows of each whole year with its number in ``at``, and the years left out."""
    used, left_out = [], {}
    for year in _years_touched(rows, calendar):
        try:
            parts = _parts_of_year(rows, year)
        except PeriodError as error:
            left_out[year.label] = str(error)
            continue
        used.append(parts.assign(at=int(year.label)))
    if not used:
        raise PeriodError(
            f"expected a whole {calendar} year or all of its months, "
            f"found none in {rows['start'].min().date()} to {rows['end'].max().date()}"
        )
    return pd.concat(used), left_out


def _years_touched(rows: pd.DataFrame, calendar: Calendar) -> Iterator[Period]:
    """Yield the years for which there is a row, if only for some days of them."""
    first, last = rows["start"].min().year - 1, rows["end"].max().year + 1
    for year in years_between(date(first, 1, 1), date(last, 12, 31), calendar=calendar):
        if _touching(rows, year).any():
            yield year


def _parts_of_year(rows: pd.DataFrame, year: Period) -> pd.DataFrame:
    """Return the statement of a year, or its months with the values that fall into it."""
    stated = rows[_same_days(rows, year)]
    if len(stated):
        check_stated_once(stated)
        return stated
    short = (rows["end"] - rows["start"]).dt.days < _LONGEST_MONTH
    months = rows[short & _touching(rows, year)]
    if len(months):
        check_stated_once(months)
    per_month = pd.DataFrame(months.groupby(["start", "end"], as_index=False)["value"].sum())
    weights = recut(per_month, year).rows[["start", "end", "weight"]]
    parts = months.merge(weights, on=["start", "end"])
    return parts.assign(value=parts["value"] * parts["weight"])


def _touching(rows: pd.DataFrame, period: Period) -> pd.Series:
    start, end = pd.Timestamp(period.start), pd.Timestamp(period.end)
    return (rows["start"] <= end) & (rows["end"] >= start)


def _same_days(rows: pd.DataFrame, period: Period) -> pd.Series:
    start, end = pd.Timestamp(period.start), pd.Timestamp(period.end)
    return (rows["start"] == start) & (rows["end"] == end)


def _index(numbers: pd.Index, freq: Frequency, calendar: Calendar) -> pd.Index:
    if calendar == "solar-hijri":
        return numbers.rename("solar_hijri_year")
    periods = [
        pd.Period(ordinal=int(number) - _FIRST_ORDINAL[freq], freq=freq[0].upper())
        for number in numbers
    ]
    return pd.PeriodIndex(periods, name=freq)
