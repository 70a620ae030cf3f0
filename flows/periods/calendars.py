"""Periods: runs of whole months of a calendar, known by their first and last day."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from persiantools.jdatetime import JalaliDate

from flows.errors import PeriodError

Calendar = Literal["gregorian", "solar-hijri"]
"""Calendars in which a publisher may state its periods."""

MONTHS = 12
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Period:
    """
    A stretch of days, both ends included, and how its publisher calls it.

    Parameters
    ----------
    start, end : datetime.date
        First and last day, Gregorian.
    label : str
        What is printed: ``"2023"``, ``"2023-03"``, ``"2016-2020"``, ``"1402"``.
    calendar : {"gregorian", "solar-hijri"}
        The calendar to which ``label`` belongs.

    Raises
    ------
    PeriodError
        If ``end`` is before ``start``.

    Examples
    --------
    >>> Period(date(2023, 3, 21), date(2024, 3, 19), "1402", "solar-hijri").days
    365
    """

    start: date
    end: date
    label: str
    calendar: Calendar

    def __post_init__(self) -> None:
        if self.end < self.start:
            raise PeriodError(
                f"period {self.label}: expected its end on or after its start {self.start}, "
                f"found {self.end}"
            )

    @property
    def days(self) -> int:
        """Number of days, both ends included."""
        return (self.end - self.start).days + 1


@dataclass(frozen=True, slots=True)
class Rules:
    """
    What a calendar needs so that its periods can be made.

    Parameters
    ----------
    first_day : Callable
        Gregorian date of the first day of a month, given its year and month.
    years : range
        Years for which ``first_day`` is known. The ranges of two calendars do not meet, so that a
        year of one is never taken for a year of the other.
    lag : int
        Gregorian year in which year ``n`` begins, less ``n``.
    """

    first_day: Callable[[int, int], date]
    years: range
    lag: int


def _first_of_gregorian_month(year: int, month: int) -> date:
    return date(year, month, 1)


def _first_of_solar_hijri_month(year: int, month: int) -> date:
    first: date = JalaliDate(year, month, 1).to_gregorian()  # type: ignore[no-untyped-call]
    return first


_CALENDARS: dict[Calendar, Rules] = {
    "gregorian": Rules(_first_of_gregorian_month, years=range(1800, 2200), lag=0),
    "solar-hijri": Rules(_first_of_solar_hijri_month, years=range(1206, 1499), lag=621),
}


def run_of_months(calendar: Calendar, first: tuple[int, int], last: tuple[int, int]) -> Period:
    """
    Return the months from ``first`` to ``last``: the one way in which every period is made.

    Parameters
    ----------
    calendar : {"gregorian", "solar-hijri"}
        Whose months.
    first, last : tuple of int
        Year and month, 1 to 12; both included.

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
        _check_within(f"month of {calendar} year {year}", month, range(1, MONTHS + 1))
    year, month = last
    following = (year + 1, 1) if month == MONTHS else (year, month + 1)
    return Period(
        start=rules.first_day(*first),
        end=rules.first_day(*following) - _DAY,
        label=_label(first, last),
        calendar=calendar,
    )


def _label(first: tuple[int, int], last: tuple[int, int]) -> str:
    if (first[1], last[1]) == (1, MONTHS):
        return f"{first[0]}" if first[0] == last[0] else f"{first[0]}-{last[0]}"
    months = [f"{year}-{month:02}" for year, month in (first, last)]
    return months[0] if first == last else "..".join(months)


def rules_of(calendar: Calendar) -> Rules:
    """
    Return how a calendar counts.

    Parameters
    ----------
    calendar : {"gregorian", "solar-hijri"}
        Its name.

    Returns
    -------
    Rules
        First days of its months, its years, and its lag behind the Gregorian count.

    Raises
    ------
    PeriodError
        If there is no such calendar.

    Examples
    --------
    >>> rules_of("solar-hijri").first_day(1402, 1)
    datetime.date(2023, 3, 21)
    """
    if calendar not in tuple(_CALENDARS):
        raise PeriodError(f"calendar: expected {' or '.join(_CALENDARS)}, found {calendar!r}")
    return _CALENDARS[calendar]


def _check_within(what: str, number: int, allowed: range) -> None:
    if number not in allowed:
        raise PeriodError(f"{what}: expected {allowed[0]} to {allowed[-1]}, found {number}")
