"""Periods of any calendar: months in a row, known by their first and last day, and their names."""

from datetime import date

from flows.periods.runs import numbered_periods


def test_half_years_that_touch_the_days_are_numbered() -> None:
    days = {"start": date(2023, 1, 1), "end": date(2023, 12, 31)}
    assert [
        (number, one.label)
        for number, one in numbered_periods(**days, calendar="nepal-fiscal", span="half-year")
    ] == [(4159, "2079/80-H2")]
