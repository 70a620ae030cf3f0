"""One flow over time: a series by month, or by year of the calendar that is asked for."""

from typing import Literal

import pandas as pd

from flows.errors import PeriodError
from flows.measure.selection import check_one_statement, rows_by_dataset, select_flows
from flows.periods import Calendar, Period, gregorian_month, recut, years_between
from flows.table import where

Frequency = Literal["month", "year"]

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

    Returns
    -------
    pandas.Series
        Values in the unit of the rows. The index is a ``PeriodIndex``, or for Iranian years an
        index of whole numbers named ``solar_hijri_year``. A period without a statement is not
        there: missing is not zero. ``attrs``: ``unit``; ``rows``, the lines of the raw files by
        data set; ``left_out``, the years that have a statement for only a part of them.

    Raises
    ------
    DoubleCountError
        If the flow is stated more than once: two reporters, bases or vintages.
    UnitError
        If the rows have two units.
    PeriodError
        If months are asked for and a row is not a month, or two rows state the same days.
    SchemaError
        If no row is left, or the size of a flow is not published.
    ValueError
        If months of another calendar than the Gregorian are asked for.

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
    if freq == "month":
        if calendar != "gregorian":
            raise ValueError(f"expected months of the gregorian calendar, found {calendar!r}")
        used, left_out = _months(rows), {}
    else:
        used, left_out = _years(rows, calendar)
    values = used.groupby("at")["value"].sum().sort_index()
    values.index = _index(values.index, freq, calendar)
    values.name = f"{exporter} to {importer}"
    values.attrs = {
        "unit": str(rows["unit"].iloc[0]),
        "rows": rows_by_dataset(used),
        "left_out": left_out,
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
    return rows.assign(at=rows["start"].dt.year * 12 + rows["start"].dt.month - 1)


def _years(rows: pd.DataFrame, calendar: Calendar) -> tuple[pd.DataFrame, dict[str, str]]:
    """Return the rows of each whole year with its number in ``at``, and the years left out."""
    first, last = rows["start"].min().date(), rows["end"].max().date()
    months = rows[(rows["end"] - rows["start"]).dt.days < _LONGEST_MONTH]
    used, left_out = [], {}
    for year in years_between(first, last, calendar=calendar):
        stated = rows[_same_days(rows, year)]
        try:
            parts = stated if len(stated) else _year_of_months(months, year)
        except PeriodError as error:
            left_out[year.label] = str(error)
            continue
        used.append(parts.assign(at=int(year.label)))
    if not used:
        raise PeriodError(
            f"expected a whole {calendar} year or all of its months, "
            f"found none in {first} to {last}"
        )
    return pd.concat(used), left_out


def _year_of_months(months: pd.DataFrame, year: Period) -> pd.DataFrame:
    """Return the parts of a year with the values that fall into it."""
    per_month = months.groupby(["start", "end"], as_index=False)["value"].sum()
    weights = recut(per_month, year).rows[["start", "end", "weight"]]
    parts = months.merge(weights, on=["start", "end"])
    return parts.assign(value=parts["value"] * parts["weight"])


def _same_days(rows: pd.DataFrame, period: Period) -> pd.Series:
    start, end = pd.Timestamp(period.start), pd.Timestamp(period.end)
    return (rows["start"] == start) & (rows["end"] == end)


def _index(numbers: pd.Index, freq: Frequency, calendar: Calendar) -> pd.Index:
    if calendar == "solar-hijri":
        return numbers.rename("solar_hijri_year")
    ordinals = numbers.to_numpy() - _FIRST_ORDINAL[freq]
    return pd.PeriodIndex.from_ordinals(ordinals, freq=freq[0].upper()).rename(freq)
