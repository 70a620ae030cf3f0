"""The periods that publishers use, by name."""

from collections.abc import Mapping
from datetime import date
from typing import cast

from flows.errors import PeriodError
from flows.periods.calendars import MONTHS, Calendar, Period, rules_of, run_of_months


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
    return run_of_months("gregorian", (year, 1), (year, MONTHS))


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
    return run_of_months("gregorian", (first, 1), (last, MONTHS))


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
    return run_of_months("solar-hijri", (year, 1), (year, MONTHS))


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


def period_from(entry: Mapping[str, object]) -> Period:
    """
    Return the period that an entry of a configuration file names.

    Parameters
    ----------
    entry : Mapping
        ``calendar`` and ``year``, and if not the whole year ``month``. ``year`` or ``month`` may
        be a pair, first and last: ``{calendar = "gregorian", year = [2016, 2020]}``,
        ``{calendar = "solar-hijri", year = 1400, month = [1, 5]}``.

    Returns
    -------
    Period
        From the first day of the first month to the last day of the last.

    Raises
    ------
    PeriodError
        If a key is missing or unknown, the calendar is unknown, or a number is out of range.

    Examples
    --------
    >>> period_from({"calendar": "solar-hijri", "year": 1402}) == solar_hijri_year(1402)
    True
    """
    if not {"calendar", "year"} <= set(entry) <= {"calendar", "year", "month"}:
        raise PeriodError(
            f"period: expected the keys calendar, year and if need be month, "
            f"found {', '.join(entry) or 'none'}"
        )
    calendar = cast("Calendar", entry["calendar"])
    first_year, last_year = _pair("year", entry["year"])
    first_month, last_month = _pair("month", entry.get("month", [1, MONTHS]))
    if "month" in entry and first_year != last_year:
        raise PeriodError(f"period: expected months of one year, found years {entry['year']}")
    return run_of_months(calendar, (first_year, first_month), (last_year, last_month))


def years_between(start: date, end: date, *, calendar: Calendar) -> tuple[Period, ...]:
    """
    Return the years that lie wholly between two days.

    Parameters
    ----------
    start, end : datetime.date
        First and last day, both included.
    calendar : {"gregorian", "solar-hijri"}
        Whose years.

    Returns
    -------
    tuple of Period
        In their order; none if no whole year fits.

    Raises
    ------
    PeriodError
        If the calendar is unknown.

    Examples
    --------
    >>> years = years_between(date(2022, 1, 1), date(2024, 12, 31), calendar="solar-hijri")
    >>> [year.label for year in years]
    ['1401', '1402']
    """
    rules = rules_of(calendar)
    numbers = range(start.year - rules.lag, end.year - rules.lag + 1)
    known = (number for number in numbers if number in rules.years)
    years = (run_of_months(calendar, (number, 1), (number, MONTHS)) for number in known)
    return tuple(year for year in years if start <= year.start and year.end <= end)


def _pair(name: str, value: object) -> tuple[int, int]:
    match value:
        case int() as only:
            return only, only
        case [int() as first, int() as last]:
            return first, last
    raise PeriodError(f"period: expected a number or a pair as {name}, found {value!r}")
