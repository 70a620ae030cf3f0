"""One flow over time: a series by month, or by year of the calendar that is asked for."""

from collections.abc import Iterator
from datetime import date
from typing import Literal, get_args

import pandas as pd

from flows.canonical import exact_sum
from flows.errors import PeriodError
from flows.measure.double_counting import check_one_statement, check_periods, check_stated_once
from flows.measure.selection import rows_by_dataset, select_flows
from flows.measure.spans import span_stated
from flows.periods import Calendar, Period, Span, gregorian_month, numbered_periods, recut
from flows.table import where

Frequency = Literal["month", "quarter", "half-year", "year"]
Absent = Literal["missing", "zero"]

_LONGEST_MONTH = 32
_FIRST_ORDINAL = {"year": 1970, "quarter": 1970 * 4, "month": 1970 * 12}


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
    freq : {"month", "quarter", "half-year", "year"}
        A year, half-year or quarter that the source states is taken as stated; any other is put
        together from its months, cut by days where the calendars differ, if all of them are there.
    calendar : str
        Whose years, half-years or quarters; see :data:`flows.periods.Calendar`.
    reporter, partner_basis, product, dataset : str, optional
        Which statement of the flow, where the table holds several.
    absent : {"missing", "zero"}
        What a calendar year without a statement is. By default it is not there: missing is not
        zero. In a census, such as SIPRI's deliveries, nothing found in a year that is counted is
        ``"zero"``; the data set has to say which years it counts.

    Returns
    -------
    pandas.Series
        Values in the unit of the rows. The index is a ``PeriodIndex``; for years of another
        calendar than the Gregorian an index of their numbers, named after it
        (``solar_hijri_year``); for half-years, and for quarters of another calendar, one of their
        labels. ``attrs``: ``unit``; ``rows``, the lines of the raw files by data set; ``left_out``,
        each period that has a statement for only a part of it, with the reason; ``zeros``, the
        years that were filled with zero. Where several products are summed, one without a row in a
        period adds nothing.

    Raises
    ------
    DoubleCountError
        If the flow is stated more than once: two reporters, bases or vintages, or two rows for
        the same days.
    UnitError
        If the rows have two units.
    PeriodError
        If months are asked for and a row is not a month, no period is covered, or zeros are asked
        for and the data set does not say which years it counts.
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
    used, left_out = (_months(rows), {}) if freq == "month" else _spans(rows, calendar, freq)
    values = used.groupby("at", sort=True)["value"].agg(exact_sum)
    zeros: list[int] = []
    if absent == "zero":
        zeros = [
            year
            for year in span_stated(rows)
            if year not in values.index and str(year) not in left_out
        ]
        values = pd.concat([values, pd.Series(0.0, index=zeros)]).sort_index()
    values.index = _index(values.index, used, freq, calendar)
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


def _spans(
    rows: pd.DataFrame, calendar: Calendar, span: Span
) -> tuple[pd.DataFrame, dict[str, str]]:
    """Return the rows of each whole period with its number in ``at``, and the periods left out."""
    used, left_out = [], {}
    for number, period in _touched(rows, calendar, span):
        try:
            parts = _parts_of(rows, period)
        except PeriodError as error:
            left_out[period.label] = str(error)
            continue
        used.append(parts.assign(at=number, label=period.label))
    if not used:
        raise PeriodError(
            f"expected a whole {calendar} {span} or all of its months, "
            f"found none in {rows['start'].min().date()} to {rows['end'].max().date()}"
        )
    return pd.concat(used), left_out


def _touched(rows: pd.DataFrame, calendar: Calendar, span: Span) -> Iterator[tuple[int, Period]]:
    """Yield the periods for which there is a row, if only for some days of them."""
    first, last = date(rows["start"].min().year - 1, 1, 1), date(rows["end"].max().year + 1, 12, 31)
    for number, period in numbered_periods(first, last, calendar=calendar, span=span):
        if _touching(rows, period).any():
            yield number, period


def _parts_of(rows: pd.DataFrame, period: Period) -> pd.DataFrame:
    """Return the statement of a period, or its months with the values that fall into it."""
    stated = rows[_same_days(rows, period)]
    if len(stated):
        check_periods(stated)
        return stated
    short = (rows["end"] - rows["start"]).dt.days < _LONGEST_MONTH
    months = rows[short & _touching(rows, period)]
    if len(months):
        check_periods(months)
    per_month = pd.DataFrame(
        months.groupby(["start", "end"], as_index=False)["value"].agg(exact_sum)
    )
    weights = recut(per_month, period).rows[["start", "end", "weight"]]
    parts = months.merge(weights, on=["start", "end"])
    return parts.assign(value=parts["value"] * parts["weight"])


def _touching(rows: pd.DataFrame, period: Period) -> pd.Series:
    start, end = pd.Timestamp(period.start), pd.Timestamp(period.end)
    return (rows["start"] <= end) & (rows["end"] >= start)


def _same_days(rows: pd.DataFrame, period: Period) -> pd.Series:
    start, end = pd.Timestamp(period.start), pd.Timestamp(period.end)
    return (rows["start"] == start) & (rows["end"] == end)


def _index(numbers: pd.Index, used: pd.DataFrame, freq: Frequency, calendar: Calendar) -> pd.Index:
    """Return the periods of these numbers as a model or a reader knows them."""
    if freq == "half-year" or (freq == "quarter" and calendar != "gregorian"):
        labels = dict(zip(used["at"], used["label"], strict=True))
        return numbers.map(labels).rename(freq.replace("-", "_"))
    if calendar != "gregorian":
        return numbers.rename(f"{calendar.replace('-', '_')}_year")
    ordinals = [int(number) - _FIRST_ORDINAL[freq] for number in numbers]
    return pd.PeriodIndex(
        [pd.Period(ordinal=ordinal, freq=freq[0].upper()) for ordinal in ordinals], name=freq
    )
