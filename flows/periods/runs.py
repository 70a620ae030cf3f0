"""Periods of any calendar: months in a row, known by their first and last day, and their names."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Literal, cast, get_args

from flows.errors import PeriodError
from flows.periods.rules import Calendar, NamedBy, Period, Rules, fiscal_calendar, rules_of

_MONTHS = 12

Span = Literal["year", "half-year", "quarter"]
"""Parts into which a calendar cuts time by its months."""

_SPANS: Mapping[str, Span] = {"half": "half-year", "quarter": "quarter"}
"""Keys of an entry that name a part of a year by its number."""

_PARTS: Mapping[str, int] = {"year": 1, "half-year": 2, "quarter": 4}
"""Parts of a kind in a year."""

_LETTERS = {2: "H", 4: "Q"}
_DAY = timedelta(days=1)
_CENTURY = 100


def gregorian_year(year: int) -> Period:
    """
    Return a calendar year.

    Parameters
    ----------
    year : int
        1800 to 2199.

    Returns
    -------
    Period
        1 January to 31 December.

    Raises
    ------
    PeriodError
        If the year is out of range, as an Iranian year would be.

    Examples
    --------
    >>> gregorian_year(2023).end
    datetime.date(2023, 12, 31)
    """
    return run_of_months("gregorian", (year, 1), (year, _MONTHS))


def gregorian_month(year: int, month: int) -> Period:
    """
    Return a calendar month.

    Parameters
    ----------
    year : int
        1800 to 2199.
    month : int
        1 to 12.

    Returns
    -------
    Period
        The first to the last day of the month.

    Raises
    ------
    PeriodError
        If the year or the month is out of range.

    Examples
    --------
    >>> gregorian_month(2024, 2).end, gregorian_month(2024, 2).label
    (datetime.date(2024, 2, 29), '2024-02')
    """
    return run_of_months("gregorian", (year, month), (year, month))


def window(first: int, last: int) -> Period:
    """
    Return several calendar years as one period.

    Parameters
    ----------
    first, last : int
        First and last year, both included; 1800 to 2199.

    Returns
    -------
    Period
        1 January of ``first`` to 31 December of ``last``.

    Raises
    ------
    PeriodError
        If a year is out of range, or ``last`` is before ``first``.

    Examples
    --------
    >>> window(2016, 2020).label
    '2016-2020'
    """
    return run_of_months("gregorian", (first, 1), (last, _MONTHS))


def solar_hijri_year(year: int) -> Period:
    """
    Return an Iranian year, which starts at the spring equinox on 20, 21 or 22 March.

    Parameters
    ----------
    year : int
        1206 to 1498: the years whose first days the Iranian calendar authority has published.

    Returns
    -------
    Period
        1 Farvardin to the last day of Esfand.

    Raises
    ------
    PeriodError
        If the year is out of range, as a Gregorian year would be.

    Examples
    --------
    >>> iranian = solar_hijri_year(1402)
    >>> iranian.start, iranian.end
    (datetime.date(2023, 3, 21), datetime.date(2024, 3, 19))
    """
    return run_of_months("solar-hijri", (year, 1), (year, _MONTHS))


def solar_hijri_months(year: int, first: int, last: int) -> Period:
    """
    Return some months of an Iranian year, as in "the first five months of 1400".

    Parameters
    ----------
    year : int
        1206 to 1498.
    first, last : int
        First and last month, both included, 1 to 12.

    Returns
    -------
    Period
        The first day of month ``first`` to the last day of month ``last``.

    Raises
    ------
    PeriodError
        If the year or a month is out of range, or ``last`` is before ``first``.

    Examples
    --------
    >>> solar_hijri_months(1400, 1, 5).end, solar_hijri_months(1400, 1, 5).label
    (datetime.date(2021, 8, 22), '1400-01..1400-05')
    """
    return run_of_months("solar-hijri", (year, first), (year, last))


def calendar_year(year: int, *, calendar: Calendar) -> Period:
    """
    Return a year of any calendar.

    Parameters
    ----------
    year : int
        Its number there.
    calendar : str
        Whose year; see :data:`Calendar`.

    Returns
    -------
    Period
        Its first to its last day.

    Raises
    ------
    PeriodError
        If the calendar is unknown or the year out of its range.

    Examples
    --------
    Nepal's fiscal year 2080/81, and Ethiopia's 2015:

    >>> calendar_year(2080, calendar="nepal-fiscal").start
    datetime.date(2023, 7, 17)
    >>> calendar_year(2015, calendar="ethiopia-fiscal").start
    datetime.date(2022, 7, 8)
    """
    return part_of_year(calendar, year, 1, span="year")


def fiscal_year(
    label: int | str, *, start_month: int, start_day: int = 1, named_by: NamedBy
) -> Period:
    """
    Return a fiscal year that begins on a day of the Gregorian calendar.

    Parameters
    ----------
    label : int or str
        Its number, or both years as ``"2022/23"`` or ``"2022-23"``.
    start_month : int
        1 to 12.
    start_day : int
        1 to 28.
    named_by : {"start", "end"}
        Which of the two calendar years that it touches is its number: India's 2023 is 2023/24,
        Pakistan's 2022/23.

    Returns
    -------
    Period
        Twelve months, labelled by both years.

    Raises
    ------
    PeriodError
        If there is no such day, it is 1 January, or the year is out of range.

    Examples
    --------
    >>> indian = fiscal_year(2023, start_month=4, named_by="start")
    >>> indian.label, indian.start, indian.end
    ('2023/24', datetime.date(2023, 4, 1), datetime.date(2024, 3, 31))
    >>> fiscal_year("2022-23", start_month=7, named_by="end").start
    datetime.date(2022, 7, 1)
    """
    calendar = fiscal_calendar(start_month, start_day, named_by)
    return calendar_year(read_year(str(label), calendar=calendar), calendar=calendar)


def half_year(year: int, number: int, *, calendar: Calendar) -> Period:
    """
    Return a half of a year of any calendar.

    Parameters
    ----------
    year : int
        Number of the year.
    number : int
        1 or 2.
    calendar : str
        Whose year; see :data:`Calendar`.

    Returns
    -------
    Period
        Two quarters.

    Raises
    ------
    PeriodError
        If the calendar is unknown or a number out of range.

    Examples
    --------
    >>> half_year(2024, 2, calendar="gregorian").start
    datetime.date(2024, 7, 1)
    """
    return part_of_year(calendar, year, number, span="half-year")


def quarter(year: int, number: int, *, calendar: Calendar) -> Period:
    """
    Return a quarter of a year of any calendar.

    Parameters
    ----------
    year : int
        Number of the year.
    number : int
        1 to 4.
    calendar : str
        Whose year; see :data:`Calendar`.

    Returns
    -------
    Period
        Three months; where a year has a short thirteenth, it belongs to the quarter around it.

    Raises
    ------
    PeriodError
        If the calendar is unknown or a number out of range.

    Examples
    --------
    >>> quarter(2023, 4, calendar="india-fiscal").end
    datetime.date(2024, 3, 31)
    """
    return part_of_year(calendar, year, number, span="quarter")


def periods_between(
    start: date, end: date, *, calendar: Calendar, span: Span
) -> tuple[Period, ...]:
    """
    Return the years, half-years or quarters that lie wholly between two days.

    Parameters
    ----------
    start, end : datetime.date
        First and last day, both included.
    calendar : str
        Whose; see :data:`Calendar`.
    span : {"year", "half-year", "quarter"}
        Which.

    Returns
    -------
    tuple of Period
        In their order; none if no whole one fits.

    Raises
    ------
    PeriodError
        If the calendar is unknown.
    ValueError
        If ``span`` is none of the three.

    Examples
    --------
    >>> days = date(2023, 1, 1), date(2023, 12, 31)
    >>> [one.label for one in periods_between(*days, calendar="india-fiscal", span="quarter")]
    ['2022/23-Q4', '2023/24-Q1', '2023/24-Q2', '2023/24-Q3']
    """
    return tuple(one for _, one in numbered_periods(start, end, calendar=calendar, span=span))


def years_between(start: date, end: date, *, calendar: Calendar) -> tuple[Period, ...]:
    """Return the years that lie wholly between two days."""
    return periods_between(start, end, calendar=calendar, span="year")


def period_from(entry: Mapping[str, object]) -> Period:
    """Return the period that an entry of a configuration file names."""
    part = _part(entry)
    calendar = cast("Calendar", entry["calendar"])
    first_year, last_year = _pair("year", entry["year"])
    if part and first_year != last_year:
        raise PeriodError(f"period: expected a {part} of one year, found years {entry['year']}")
    if part in _SPANS:
        number, last = _pair(part, entry[part])
        if number != last:
            raise PeriodError(f"period: expected one {part}, found {entry[part]}")
        return part_of_year(calendar, first_year, number, span=_SPANS[part])
    first_month, last_month = _pair("month", entry.get("month", [1, rules_of(calendar).months]))
    return run_of_months(calendar, (first_year, first_month), (last_year, last_month))


def _part(entry: Mapping[str, object]) -> str:
    """Return which part of a year an entry names; empty for the whole."""
    parts = [key for key in entry if key not in {"calendar", "year"}]
    if not {"calendar", "year"} <= set(entry) or len(parts) > 1 or set(parts) - {"month", *_SPANS}:
        raise PeriodError(
            f"period: expected the keys calendar, year and if need be month, quarter or half, "
            f"found {', '.join(entry) or 'none'}"
        )
    return parts[0] if parts else ""


def _pair(name: str, value: object) -> tuple[int, int]:
    match value:
        case int() as only:
            return only, only
        case [int() as first, int() as last]:
            return first, last
    raise PeriodError(f"period: expected a number or a pair as {name}, found {value!r}")


def run_of_months(calendar: Calendar, first: tuple[int, int], last: tuple[int, int]) -> Period:
    """Return the months from ``first`` to ``last``: the one way in which every period is made."""
    rules = rules_of(calendar)
    for year, month in (first, last):
        _check_within(f"{calendar} year", year, rules.years)
        _check_within(f"month of {calendar} year {year}", month, range(1, rules.months + 1))
    year, month = last
    following = (year + 1, 1) if month == rules.months else (year, month + 1)
    return Period(
        start=rules.first_day(*first),
        end=rules.first_day(*following) - _DAY,
        label=_label(rules, first, last),
        calendar=calendar,
    )


def part_of_year(calendar: Calendar, year: int, number: int, *, span: Span) -> Period:
    """Return a year, a half-year or a quarter."""
    if span not in get_args(Span):
        raise ValueError(f"span: expected {', '.join(get_args(Span))}, found {span!r}")
    parts = _PARTS[span]
    rules = rules_of(calendar)
    _check_within(f"{span} of {calendar} year {year}", number, range(1, parts + 1))
    width = len(rules.quarters) // parts
    quarters = rules.quarters[(number - 1) * width : number * width]
    period = run_of_months(calendar, (year, quarters[0][0]), (year, quarters[-1][1]))
    letter = _LETTERS.get(parts)
    return (
        replace(period, label=f"{_year_label(rules, year)}-{letter}{number}") if letter else period
    )


def numbered_periods(
    start: date, end: date, *, calendar: Calendar, span: Span
) -> Iterator[tuple[int, Period]]:
    """Yield the periods of a kind that lie wholly between two days, each with its number."""
    rules = rules_of(calendar)
    parts = _PARTS.get(span, 1)
    # A fiscal year that ends in a later year may have parts in the years beside it.
    for year in range(start.year - rules.lag - 1, end.year - rules.lag + 1):
        if year not in rules.years:
            continue
        for part in range(1, parts + 1):
            period = part_of_year(calendar, year, part, span=span)
            if start <= period.start and period.end <= end:
                yield year * parts + part - 1, period


def read_year(text: str, *, calendar: Calendar) -> int:
    """Return the number of a year as a table prints it."""
    rules = rules_of(calendar)
    found = re.fullmatch(r"([0-9]{4})(?:\.0)?(?:[/\u2013-]([0-9]{2}|[0-9]{4}))?", text.strip())
    if not found or (found[2] and not rules.named_by):
        raise PeriodError(f"expected a year of the {calendar} calendar, found {text!r}")
    first = int(found[1])
    if not found[2]:
        return first
    if (first + 1) % 10 ** len(found[2]) != int(found[2]):
        raise PeriodError(f"expected two years that follow one another, found {text!r}")
    return first if rules.named_by == "start" else first + 1


def _year_label(rules: Rules, year: int) -> str:
    """Return how a year is printed."""
    if rules.named_by is None:
        return f"{year}"
    first = year if rules.named_by == "start" else year - 1
    return f"{first}/{(first + 1) % _CENTURY:02}"


def _label(rules: Rules, first: tuple[int, int], last: tuple[int, int]) -> str:
    years = [_year_label(rules, year) for year, _ in (first, last)]
    if (first[1], last[1]) == (1, rules.months):
        between = "-" if rules.named_by is None else ".."
        return years[0] if first[0] == last[0] else between.join(years)
    months = [f"{year}-{month:02}" for year, (_, month) in zip(years, (first, last), strict=True)]
    return months[0] if first == last else "..".join(months)


def _check_within(what: str, number: int, allowed: range) -> None:
    if number not in allowed:
        raise PeriodError(f"{what}: expected {allowed[0]} to {allowed[-1]}, found {number}")
