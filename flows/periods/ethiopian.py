"""The Ethiopian calendar: twelve months of 30 days, then Pagume of five days or six."""

from datetime import date

# 1 Meskerem of year 1 is 29 August 8 in the Julian calendar, 27 August in the Gregorian one:
# Reingold and Dershowitz, Calendrical Calculations (4th edition, 2018), chapter 4.
_DAYS_BEFORE_YEAR_1 = 2795
_YEAR = 365
_MONTH = 30


def first_of_ethiopian_month(year: int, month: int) -> date:
    """
    Return the first day of a month of the Ethiopian calendar.

    Parameters
    ----------
    year : int
        Of the Era of Incarnation, 1 or later; every fourth year, 2003, 2007, has a leap day.
    month : int
        1 (Meskerem) to 13 (Pagume); Hamle, with which the fiscal year begins, is 11.

    Returns
    -------
    datetime.date
        Gregorian.

    Raises
    ------
    OverflowError
        If the day lies beyond what a date can hold.

    Examples
    --------
    The country celebrated its year 2000 on 12 September 2007.

    >>> first_of_ethiopian_month(2000, 1)
    datetime.date(2007, 9, 12)
    """
    days = _YEAR * (year - 1) + year // 4 + _MONTH * (month - 1)
    return date.fromordinal(_DAYS_BEFORE_YEAR_1 + 1 + days)
