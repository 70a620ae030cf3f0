"""Calendars of other reporters against published days; tiling, names and totals as properties."""

from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.errors import PeriodError
from flows.periods import Period, period_from, read_year, recut, rules_of, run_of_months
from flows.periods.period import part_of_year

FLOAT = 1e-9
DAY = timedelta(days=1)

NAMED = ["gregorian", "solar-hijri", "bikram-sambat", "ethiopian"]
FISCAL = ["india-fiscal", "pakistan-fiscal", "nepal-fiscal", "ethiopia-fiscal", "fiscal-04-06-end"]
calendars = st.sampled_from([*NAMED, *FISCAL])
spans = st.sampled_from(["year", "half-year", "quarter"])


@pytest.mark.parametrize(
    ("period", "start", "end", "label"),
    [
        # India's financial year and Pakistan's, which their statistics offices name so.
        (Period.year(2023, calendar="india-fiscal"), "2023-04-01", "2024-03-31", "2023/24"),
        (Period.year(2023, calendar="pakistan-fiscal"), "2022-07-01", "2023-06-30", "2022/23"),
        # Nepal's years as Nepal Rastra Bank dates them: mid-July to mid-July.
        (Period.year(2078, calendar="nepal-fiscal"), "2021-07-16", "2022-07-16", "2078/79"),
        (Period.year(2080, calendar="nepal-fiscal"), "2023-07-17", "2024-07-15", "2080/81"),
        (Period.year(2080, calendar="bikram-sambat"), "2023-04-14", "2024-04-12", "2080"),
        # Ethiopia's fiscal years are 8 July to 7 July, and New Year 11 September, or 12 before a
        # Gregorian leap year.
        (Period.year(2015, calendar="ethiopia-fiscal"), "2022-07-08", "2023-07-07", "2014/15"),
        (Period.year(2016, calendar="ethiopian"), "2023-09-12", "2024-09-10", "2016"),
        (Period.year(2015, calendar="ethiopian"), "2022-09-11", "2023-09-11", "2015"),
        # The National Bank of Ethiopia dates its first quarter 8 July to 10 October.
        (
            Period.quarter(2015, 1, calendar="ethiopia-fiscal"),
            "2022-07-08",
            "2022-10-10",
            "2014/15-Q1",
        ),
        (
            Period.quarter(2015, 2, calendar="ethiopia-fiscal"),
            "2022-10-11",
            "2023-01-08",
            "2014/15-Q2",
        ),
        (Period.half_year(1402, 1, calendar="solar-hijri"), "2023-03-21", "2023-09-22", "1402-H1"),
        (Period.quarter(2024, 1), "2024-01-01", "2024-03-31", "2024-Q1"),
        (
            Period.fiscal_year(2024, start_month=4, start_day=6, named_by="end"),
            "2023-04-06",
            "2024-04-05",
            "2023/24",
        ),
        (
            Period.fiscal_year("1999-00", start_month=10, named_by="start"),
            "1999-10-01",
            "2000-09-30",
            "1999/00",
        ),
        (
            run_of_months("india-fiscal", (2023, 1), (2023, 3)),
            "2023-04-01",
            "2023-06-30",
            "2023/24-01..2023/24-03",
        ),
        (
            run_of_months("india-fiscal", (2022, 1), (2023, 12)),
            "2022-04-01",
            "2024-03-31",
            "2022/23..2023/24",
        ),
    ],
    ids=lambda value: f"{value.calendar} {value.label}" if isinstance(value, Period) else "",
)
def test_a_period_has_its_published_days(period: Period, start: str, end: str, label: str) -> None:
    assert (str(period.start), str(period.end), period.label) == (start, end, label)


@pytest.mark.parametrize("year", [1992, 2000, 2008])
def test_ethiopian_new_year_is_a_day_later_before_a_gregorian_leap_year(year: int) -> None:
    days = [Period.year(one, calendar="ethiopian").start for one in range(year - 1, year + 3)]
    assert [(day.month, day.day) for day in days] == [(9, 11), (9, 12), (9, 11), (9, 11)]
    assert run_of_months("ethiopian", (year - 1, 13), (year - 1, 13)).days == 6
    assert run_of_months("ethiopian", (year, 13), (year, 13)).days == 5


@pytest.mark.parametrize("calendar", [*NAMED, *FISCAL])
def test_every_year_begins_where_the_last_one_ends(calendar: str) -> None:
    years = [Period.year(year, calendar=calendar) for year in rules_of(calendar).years]
    assert all(one.end + DAY == other.start for one, other in pairwise(years))
    assert {year.days for year in years} <= {364, 365, 366, 367}
    if calendar not in {"bikram-sambat", "nepal-fiscal"}:
        assert {year.days for year in years} <= {365, 366}


@given(calendars, spans, st.dates(date(1950, 1, 1), date(2015, 1, 1)), st.integers(800, 3000))
def test_parts_tile_time(calendar: str, span: Any, start: date, days: int) -> None:
    end = start + timedelta(days)
    found = Period.between(start, end, calendar=calendar, span=span)
    assert found
    assert start <= found[0].start
    assert found[-1].end <= end
    assert all(one.end + DAY == other.start for one, other in pairwise(found))
    longest = max(one.days for one in found) + 2
    assert (found[0].start - start).days < longest
    assert (end - found[-1].end).days < longest


@given(calendars, st.integers(0, 60), spans)
def test_parts_of_a_year_are_the_year(calendar: str, place: int, span: Any) -> None:
    year = rules_of(calendar).years[place]
    count = {"year": 1, "half-year": 2, "quarter": 4}[span]
    parts = [part_of_year(calendar, year, number + 1, span=span) for number in range(count)]
    whole = Period.year(year, calendar=calendar)
    assert (parts[0].start, parts[-1].end) == (whole.start, whole.end)
    assert sum(part.days for part in parts) == whole.days


@given(calendars, st.integers(0, 60))
def test_the_label_of_a_year_reads_as_its_number(calendar: str, place: int) -> None:
    year = rules_of(calendar).years[place]
    label = Period.year(year, calendar=calendar).label
    assert read_year(label, calendar=calendar) == year
    assert read_year(str(year), calendar=calendar) == year


@given(calendars, spans, st.lists(st.floats(0, 1e9), min_size=48, max_size=48))
def test_recutting_keeps_the_total(calendar: str, span: Any, values: list[float]) -> None:
    index = pd.period_range("2010-01", "2013-12", freq="M")
    parts = pd.DataFrame(
        {
            "start": index.start_time.astype("datetime64[s]"),
            "end": index.end_time.normalize().astype("datetime64[s]"),
            "value": values,
        }
    )
    periods = Period.between(date(2010, 1, 1), date(2013, 12, 31), calendar=calendar, span=span)
    whole = Period(periods[0].start, periods[-1].end, "all", calendar)
    total = sum(recut(parts, period).value for period in periods)
    assert total == pytest.approx(recut(parts, whole).value, rel=FLOAT, abs=FLOAT)


@pytest.mark.parametrize(
    ("entry", "period"),
    [
        ({"calendar": "india-fiscal", "year": 2023}, ("2023-04-01", "2024-03-31")),
        ({"calendar": "nepal-fiscal", "year": 2080, "quarter": 1}, ("2023-07-17", "2023-10-17")),
        ({"calendar": "gregorian", "year": 2023, "half": 2}, ("2023-07-01", "2023-12-31")),
        ({"calendar": "ethiopian", "year": 2015}, ("2022-09-11", "2023-09-11")),
        ({"calendar": "pakistan-fiscal", "year": 2023, "month": 12}, ("2023-06-01", "2023-06-30")),
    ],
    ids=str,
)
def test_configuration_names_them(entry: dict[str, object], period: tuple[str, str]) -> None:
    found = period_from(entry)
    assert (str(found.start), str(found.end)) == period


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        (
            {"calendar": "gregorian", "year": 2023, "quarter": 5},
            "quarter .* expected 1 to 4, found",
        ),
        ({"calendar": "gregorian", "year": 2023, "quarter": [1, 2]}, "one quarter, found .1, 2."),
        ({"calendar": "gregorian", "year": 2023, "quarter": 1, "half": 1}, "expected the keys"),
        ({"calendar": "gregorian", "year": [2022, 2023], "half": 1}, "a half of one year"),
        ({"calendar": "nepal-fiscal", "year": 2090}, "expected 2001 to 2081, found 2090"),
        ({"calendar": "ethiopian", "year": 2015, "month": 14}, "expected 1 to 13, found 14"),
        ({"calendar": "fiscal-01-01-end", "year": 2015}, "another day than 1 January"),
        ({"calendar": "fiscal-02-30-end", "year": 2015}, "found 'fiscal-02-30-end'"),
    ],
    ids=str,
)
def test_a_faulty_configuration_is_named(entry: dict[str, object], message: str) -> None:
    with pytest.raises(PeriodError, match=message):
        period_from(entry)


@pytest.mark.parametrize(
    ("text", "calendar", "message"),
    [
        ("2022/24", "india-fiscal", "follow one another, found '2022/24'"),
        ("2022/2024", "pakistan-fiscal", "follow one another, found '2022/2024'"),
        ("2022/23", "gregorian", "a year of the gregorian calendar, found '2022/23'"),
        ("FY23", "india-fiscal", "both years, as in FY 2022-23, found 'FY23'"),
        ("FY23", "gregorian", "a year of the gregorian calendar, found 'FY23'"),
        ("2080/082", "nepal-fiscal", "follow one another, found '2080/082'"),
        ("", "gregorian", "found ''"),
    ],
)
def test_a_year_that_is_none_is_refused(text: str, calendar: str, message: str) -> None:
    with pytest.raises(PeriodError, match=message):
        read_year(text, calendar=calendar)


def test_a_fiscal_year_needs_a_day_and_a_side() -> None:
    with pytest.raises(PeriodError, match="found 'fiscal-13-01-end'"):
        Period.fiscal_year(2023, start_month=13, named_by="end")
    with pytest.raises(ValueError, match="named_by: expected start or end, found 'middle'"):
        Period.fiscal_year(2023, start_month=7, named_by="middle")  # type: ignore[arg-type]


def test_an_unknown_span_is_a_wrong_argument() -> None:
    with pytest.raises(ValueError, match="expected year, half-year, quarter, found 'week'"):
        part_of_year("gregorian", 2023, 1, span="week")  # type: ignore[arg-type]


def test_years_as_a_spreadsheet_prints_them_are_read() -> None:
    assert read_year(" 2023.0 ", calendar="gregorian") == 2023
    assert read_year("2022–23", calendar="india-fiscal") == 2022
    assert Period.year(2023, calendar="gregorian") == Period.year(2023)
    assert np.all(
        [
            one.label
            for one in Period.between(
                date(2023, 1, 1), date(2023, 12, 31), calendar="gregorian", span="half-year"
            )
        ]
        == ["2023-H1", "2023-H2"]
    )
