"""Years, half-years and quarters of any calendar, fiscal years among them."""

from datetime import date

from flows.periods.calendars import Calendar, Period
from flows.periods.rules import NamedBy, fiscal_calendar
from flows.periods.runs import Span, numbered_periods, part_of_year, read_year


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
    """
    Return the years that lie wholly between two days.

    Parameters
    ----------
    start, end : datetime.date
        First and last day, both included.
    calendar : str
        Whose years; see :data:`Calendar`.

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
    return periods_between(start, end, calendar=calendar, span="year")
