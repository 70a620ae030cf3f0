"""How each calendar counts: the first days of its months, its years, and what they are called."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from typing import Literal

from persiantools.jdatetime import JalaliDate

from flows.errors import PeriodError
from flows.periods.bikram_sambat import FIRST_YEAR, LAST_YEAR, first_of_bikram_sambat_month
from flows.periods.calendars import Calendar
from flows.periods.ethiopian import first_of_ethiopian_month

NamedBy = Literal["start", "end"]
"""Which of the two years that it touches a fiscal year is named by."""

_QUARTERS = ((1, 3), (4, 6), (7, 9), (10, 12))


@dataclass(frozen=True, slots=True)
class Rules:
    """
    What a calendar needs so that its periods can be made.

    Parameters
    ----------
    first_day : Callable
        Gregorian date of the first day of a month, given its year and month.
    years : range
        Years all of whose months are known.
    months : int
        How many a year has: 12, or 13 where it ends with a short one.
    quarters : tuple
        First and last month of each quarter; two quarters make a half-year.
    named_by : {"start", "end"}, optional
        Of a fiscal year, which touches two years; ``None`` for a year of its own.
    """

    first_day: Callable[[int, int], date]
    years: range
    months: int = 12
    quarters: tuple[tuple[int, int], ...] = _QUARTERS
    named_by: NamedBy | None = None

    @property
    def lag(self) -> int:
        """Gregorian year in which year ``n`` begins, less ``n``."""
        return self.first_day(self.years[0], 1).year - self.years[0]


def rules_of(calendar: Calendar) -> Rules:
    """
    Return how a calendar counts.

    Parameters
    ----------
    calendar : str
        Its name; see :data:`flows.periods.Calendar`.

    Returns
    -------
    Rules
        First days of its months, its years, and what they are called.

    Raises
    ------
    PeriodError
        If there is no such calendar, or no such day on which a fiscal year could begin.

    Examples
    --------
    >>> rules_of("solar-hijri").first_day(1402, 1)
    datetime.date(2023, 3, 21)
    >>> rules_of("fiscal-04-06-end").first_day(2024, 1)
    datetime.date(2023, 4, 6)
    """
    if not isinstance(calendar, str):
        raise PeriodError(f"calendar: expected a name, found {calendar!r}")
    if calendar in _CALENDARS:
        return _CALENDARS[calendar]
    return _fiscal_by_name(calendar)


def fiscal_calendar(start_month: int, start_day: int, named_by: NamedBy) -> Calendar:
    """
    Return the name of the calendar whose years begin on a Gregorian day.

    Parameters
    ----------
    start_month : int
        1 to 12.
    start_day : int
        1 to 28: each of its months begins on that day.
    named_by : {"start", "end"}
        Which of the two calendar years gives its number.

    Returns
    -------
    str
        As :func:`rules_of` takes it.

    Raises
    ------
    PeriodError
        If there is no such day, it is 1 January, or ``named_by`` is neither.

    Examples
    --------
    >>> fiscal_calendar(10, 1, "end")
    'fiscal-10-01-end'
    """
    name = f"fiscal-{start_month:02}-{start_day:02}-{named_by}"
    rules_of(name)
    return name


def fiscal_rules(base: Rules, start_month: int, *, start_day: int = 1, named_by: NamedBy) -> Rules:
    """
    Return the calendar whose years begin with a later month of another calendar.

    Parameters
    ----------
    base : Rules
        Whose months are counted.
    start_month : int
        With which the year begins; it becomes month 1.
    start_day : int
        Day of the month on which each month begins.
    named_by : {"start", "end"}
        Which of the two years of ``base`` gives the number.

    Returns
    -------
    Rules

    Raises
    ------
    IndexError
        If ``base`` has no years.

    Examples
    --------
    >>> fiscal_rules(rules_of("gregorian"), 7, named_by="end").first_day(2023, 12)
    datetime.date(2023, 6, 1)
    """
    earlier = int(named_by == "end")

    def first_day(year: int, month: int) -> date:
        later, place = divmod(start_month - 1 + month - 1, base.months)
        first = base.first_day(year - earlier + later, place + 1)
        return first + timedelta(start_day - 1)

    years = range(base.years.start + earlier, base.years.stop - 1 + earlier)
    return Rules(first_day, years, base.months, base.quarters, named_by)


def _first_of_gregorian_month(year: int, month: int) -> date:
    return date(year, month, 1)


def _first_of_solar_hijri_month(year: int, month: int) -> date:
    first: date = JalaliDate(year, month, 1).to_gregorian()  # type: ignore[no-untyped-call]
    return first


_GREGORIAN = Rules(_first_of_gregorian_month, range(1800, 2200))
_BIKRAM_SAMBAT = Rules(first_of_bikram_sambat_month, range(FIRST_YEAR, LAST_YEAR + 1))
_ETHIOPIAN = Rules(
    first_of_ethiopian_month,
    range(1800, 2200),
    months=13,
    quarters=((1, 3), (4, 6), (7, 9), (10, 13)),
)
_HAMLE, _SHRAWAN = 11, 4

_CALENDARS: Mapping[Calendar, Rules] = {
    "gregorian": _GREGORIAN,
    "solar-hijri": Rules(_first_of_solar_hijri_month, range(1206, 1499)),
    "bikram-sambat": _BIKRAM_SAMBAT,
    "ethiopian": _ETHIOPIAN,
    "india-fiscal": fiscal_rules(_GREGORIAN, 4, named_by="start"),
    "pakistan-fiscal": fiscal_rules(_GREGORIAN, 7, named_by="end"),
    "nepal-fiscal": fiscal_rules(_BIKRAM_SAMBAT, _SHRAWAN, named_by="start"),
    # The National Bank of Ethiopia's first quarter is Hamle to Meskerem, 8 July to 10 October:
    # Pagume, the short month, falls into it.
    "ethiopia-fiscal": replace(
        fiscal_rules(_ETHIOPIAN, _HAMLE, named_by="end"),
        quarters=((1, 4), (5, 7), (8, 10), (11, 13)),
    ),
}

_FISCAL = re.compile(r"fiscal-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])-(start|end)")


@cache
def _fiscal_by_name(calendar: Calendar) -> Rules:
    found = _FISCAL.fullmatch(calendar)
    if not found or calendar.startswith("fiscal-01-01"):
        raise PeriodError(
            f"calendar: expected {', '.join(_CALENDARS)}, or a fiscal year that begins on another "
            f"day than 1 January, as fiscal-07-01-end, found {calendar!r}"
        )
    month, day, named_by = found.groups()
    by: NamedBy = "start" if named_by == "start" else "end"
    return fiscal_rules(_GREGORIAN, int(month), start_day=int(day), named_by=by)
