"""The days of a period, whatever its calendar."""

from datetime import date

import pandas as pd

from flows.periods import solar_hijri_year


def first_day(period: object) -> pd.Timestamp:
    """
    Return the first day of a period.

    Parameters
    ----------
    period : pandas.Period or int
        An Iranian year where it is a number.

    Returns
    -------
    pandas.Timestamp

    Raises
    ------
    PeriodError
        If the year is out of the range of the calendar.

    Examples
    --------
    >>> first_day(pd.Period("2021-03", "M")), first_day(1402)
    (Timestamp('2021-03-01 00:00:00'), Timestamp('2023-03-21 00:00:00'))
    """
    return pd.Timestamp(_span(period)[0])


def last_day(period: object) -> pd.Timestamp:
    """
    Return the last day of a period.

    Parameters
    ----------
    period : pandas.Period or int
        An Iranian year where it is a number.

    Returns
    -------
    pandas.Timestamp

    Raises
    ------
    PeriodError
        If the year is out of the range of the calendar.

    Examples
    --------
    >>> last_day(pd.Period("2021-03", "M"))
    Timestamp('2021-03-31 00:00:00')
    """
    return pd.Timestamp(_span(period)[1])


def _span(period: object) -> tuple[date, date]:
    if isinstance(period, pd.Period):
        return period.start_time.date(), period.end_time.date()
    year = solar_hijri_year(int(str(period)))
    return year.start, year.end
