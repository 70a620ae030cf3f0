"""Periods out of whole months: years, half-years, quarters and months of any calendar."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Literal, get_args

from flows.errors import PeriodError
from flows.periods.calendars import Calendar, Period
from flows.periods.rules import Rules, rules_of

Span = Literal["year", "half-year", "quarter"]
"""Parts into which a calendar cuts time by its months."""

_PARTS: dict[str, int] = {"year": 1, "half-year": 2, "quarter": 4}
_LETTERS = {2: "H", 4: "Q"}
_DAY = timedelta(days=1)
_CENTURY = 100


def run_of_months(calendar: Calendar, first: tuple[int, int], last: tuple[int, int]) -> Period:
    """
    Return the months from ``first`` to ``last``: the one way in which every period is made.

    Parameters
    ----------
    calendar : str
        Whose months; see :data:`flows.periods.Calendar`.
    first, last : tuple of int
        Year and month, counted from the first of that calendar's year; both included.

    Returns
    -------
    Period
        Labelled by its years if it has no broken ones, else by its months.

    Raises
    ------
    PeriodError
        If the calendar is unknown, a year or month is out of range, or ``last`` before ``first``.

    Examples
    --------
    >>> run_of_months("gregorian", (2021, 7), (2022, 6)).label
    '2021-07..2022-06'
    """
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
    """
    Return a year, a half-year or a quarter.

    Parameters
    ----------
    calendar : str
        Whose; see :data:`flows.periods.Calendar`.
    year : int
        Its number there.
    number : int
        1 to 4 for a quarter, 1 or 2 for a half-year, 1 for a year.
    span : {"year", "half-year", "quarter"}
        What to return.

    Returns
    -------
    Period
        Labelled ``"2023"``, ``"2023-H1"``, ``"2023-Q1"``; a fiscal year by the two years that it
        touches, ``"2022/23"``.

    Raises
    ------
    PeriodError
        If the calendar is unknown, or a number is out of range.
    ValueError
        If ``span`` is none of the three.

    Examples
    --------
    >>> part_of_year("india-fiscal", 2023, 1, span="quarter").label
    '2023/24-Q1'
    """
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
        replace(period, label=f"{year_label(rules, year)}-{letter}{number}") if letter else period
    )


def numbered_periods(
    start: date, end: date, *, calendar: Calendar, span: Span
) -> Iterator[tuple[int, Period]]:
    """
    Yield the periods of a kind that lie wholly between two days, each with its number.

    Parameters
    ----------
    start, end : datetime.date
        First and last day, both included.
    calendar : str
        Whose periods; see :data:`flows.periods.Calendar`.
    span : {"year", "half-year", "quarter"}
        Which.

    Yields
    ------
    tuple
        Number of the period, counted in periods of that length from the first of year 0 (so the
        number of a year is the year), and the period; in the order of time.

    Raises
    ------
    PeriodError
        If the calendar is unknown.
    ValueError
        If ``span`` is none of the three.

    Examples
    --------
    >>> days = {"start": date(2023, 1, 1), "end": date(2023, 12, 31)}
    >>> [
    ...     (number, one.label)
    ...     for number, one in numbered_periods(**days, calendar="nepal-fiscal", span="half-year")
    ... ]
    [(4159, '2079/80-H2')]
    """
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
    """
    Return the number of a year as a table prints it.

    Parameters
    ----------
    text : str
        ``"2023"``, or for a fiscal year both that it touches: ``"2022/23"``, ``"2022-23"``,
        ``"2022/2023"``.
    calendar : str
        Whose year; see :data:`flows.periods.Calendar`.

    Returns
    -------
    int
        The year by which the calendar names it.

    Raises
    ------
    PeriodError
        If the text is no year of that calendar.

    Examples
    --------
    >>> read_year("2022-23", calendar="pakistan-fiscal")
    2023
    """
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


def year_label(rules: Rules, year: int) -> str:
    """
    Return how a year is printed.

    Parameters
    ----------
    rules : Rules
        Of its calendar.
    year : int
        Its number.

    Returns
    -------
    str
        The number, or the two years that a fiscal year touches, with a slash: a hyphen would make
        ``2003-04`` a month.

    Raises
    ------
    TypeError
        If ``year`` is no number.

    Examples
    --------
    >>> year_label(rules_of("pakistan-fiscal"), 2023)
    '2022/23'
    """
    if rules.named_by is None:
        return f"{year}"
    first = year if rules.named_by == "start" else year - 1
    return f"{first}/{(first + 1) % _CENTURY:02}"


def _label(rules: Rules, first: tuple[int, int], last: tuple[int, int]) -> str:
    years = [year_label(rules, year) for year, _ in (first, last)]
    if (first[1], last[1]) == (1, rules.months):
        between = "-" if rules.named_by is None else ".."
        return years[0] if first[0] == last[0] else between.join(years)
    months = [f"{year}-{month:02}" for year, (_, month) in zip(years, (first, last), strict=True)]
    return months[0] if first == last else "..".join(months)


def _check_within(what: str, number: int, allowed: range) -> None:
    if number not in allowed:
        raise PeriodError(f"{what}: expected {allowed[0]} to {allowed[-1]}, found {number}")
