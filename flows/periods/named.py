"""The periods of the two calendars that are used most, by name."""

from flows.periods.calendars import Period
from flows.periods.runs import run_of_months

MONTHS = 12


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
