"""The days of a period, whatever its calendar."""

from datetime import date

import pandas as pd

from flows.periods import calendar_year


def first_day(period: object, *, of: pd.Index) -> pd.Timestamp:
    """
    Return the first day of a period.

    Parameters
    ----------
    period : pandas.Period or int
        A year of a calendar where it is a number.
    of : pandas.Index
        Of the series; its name says whose years numbers are, as :func:`flows.series` gives it.

    Returns
    -------
    pandas.Timestamp

    Raises
    ------
    PeriodError
        If the calendar is unknown, or the year out of its range.
    ValueError
        If it is a number and the index is not named after a calendar.

    Examples
    --------
    >>> first_day(1402, of=pd.Index([1402], name="solar_hijri_year"))
    Timestamp('2023-03-21 00:00:00')
    """
    return pd.Timestamp(_span(period, of)[0])


def last_day(period: object, *, of: pd.Index) -> pd.Timestamp:
    """
    Return the last day of a period.

    Parameters
    ----------
    period : pandas.Period or int
        A year of a calendar where it is a number.
    of : pandas.Index
        Of the series; its name says whose years numbers are, as :func:`flows.series` gives it.

    Returns
    -------
    pandas.Timestamp

    Raises
    ------
    PeriodError
        If the calendar is unknown, or the year out of its range.
    ValueError
        If it is a number and the index is not named after a calendar.

    Examples
    --------
    >>> months = pd.period_range("2021-03", "2021-03", freq="M")
    >>> last_day(months[0], of=months)
    Timestamp('2021-03-31 00:00:00')
    """
    return pd.Timestamp(_span(period, of)[1])


def _span(period: object, of: pd.Index) -> tuple[date, date]:
    if isinstance(period, pd.Period):
        return period.start_time.date(), period.end_time.date()
    calendar, ending, _ = str(of.name).rpartition("_year")
    if not ending:
        raise ValueError(
            f"expected periods, or years in an index named after their calendar "
            f"('solar_hijri_year'), found {period!r} in one named {of.name!r}"
        )
    year = calendar_year(int(str(period)), calendar=calendar.replace("_", "-"))
    return year.start, year.end
