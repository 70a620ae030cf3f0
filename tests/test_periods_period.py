"""Periods by name: their numbers, and the calls as which they are printed."""

import datetime as dt
from datetime import date

import pytest

from flows.periods.period import Period, numbered_periods


def test_half_years_that_touch_the_days_are_numbered() -> None:
    days = {"start": date(2023, 1, 1), "end": date(2023, 12, 31)}
    assert [
        (number, one.label)
        for number, one in numbered_periods(**days, calendar="nepal-fiscal", span="half-year")
    ] == [(4159, "2079/80-H2")]


@pytest.mark.parametrize(
    "call",
    [
        "Period.year(2023)",
        "Period.year(1402, calendar='solar-hijri')",
        "Period.year(2080, calendar='nepal-fiscal')",
        "Period.year(2023, calendar='fiscal-07-01-end')",
        "Period.half_year(2024, 2)",
        "Period.quarter(2023, 4, calendar='india-fiscal')",
        "Period.month(2024, 2)",
        "Period.month(2015, 13, calendar='ethiopian')",
        "Period.months(1400, 1, 5, calendar='solar-hijri')",
        "Period.window(2016, 2020)",
        "Period(datetime.date(2023, 3, 21), datetime.date(2023, 5, 1), 'spring', 'gregorian')",
        "Period(datetime.date(2023, 3, 21), datetime.date(2023, 5, 1), 'spring', 'maya')",
        "Period(datetime.date(1, 1, 1), datetime.date(9999, 12, 31), 'all', 'gregorian')",
    ],
)
def test_a_period_is_printed_as_the_call_that_makes_it(call: str) -> None:
    period = eval(call, {"Period": Period, "datetime": dt})  # noqa: S307 - our own text
    assert repr(period) == call


def test_an_unknown_span_is_refused_between_any_days() -> None:
    with pytest.raises(ValueError, match="span: expected year, half-year, quarter, found 'week'"):
        Period.between(date(1500, 1, 1), date(1500, 12, 31), span="week")  # type: ignore[arg-type]
