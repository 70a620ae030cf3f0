"""Lengths of the months of the Bikram Sambat calendar, which no rule gives: they are published."""

from datetime import date, timedelta
from itertools import accumulate

# The months of each year are published by Nepal's calendar committee. This table is that of
# nepali-datetime 1.0.8.5 (MIT), whose first days py-nepali 1.2.0 (MIT) shares for every month but
# Jestha 2062, a day later there, and bikram 2.1.4 (MIT) for every month up to the end of 2081.
FIRST_YEAR = 2001
_FIRST_DAY = date(1944, 4, 13)
_SHORTEST = 29
_DAYS_ABOVE_SHORTEST = (
    "223222101011",
    "223321101011",
    "232321110012",
    "132321110102",
    "223222101011",
    "223321101011",
    "232321110012",
    "222322011002",
    "223222101011",
    "223321101011",
    "232321110012",
    "222322011011",
    "223222101011",
    "223321101011",
    "232321110012",
    "222322011011",
    "223222101011",
    "232321101011",
    "232321110102",
    "222322101011",
    "223222101011",
    "232321110011",
    "232321110102",
    "222322101011",
    "223222101011",
    "232321110012",
    "132321110102",
    "223222101011",
    "223231101011",
    "232321110012",
    "132321110102",
    "223222101011",
    "223321101011",
    "232321110012",
    "132322011002",
    "223222101011",
    "223321101011",
    "232321110012",
    "222322011011",
    "223222101011",
    "223321101011",
    "232321110012",
    "222322011011",
    "223222101011",
    "232321101011",
    "232321110012",
    "222322101011",
    "223222101011",
    "232321110011",
    "232321110102",
    "222322101011",
    "223222101011",
    "232321110011",
    "232321110102",
    "223222101011",
    "223231101011",
    "232321110012",
    "132321110102",
    "223222101011",
    "223321101011",
    "232321110012",
    "222322010102",
    "223222101011",
    "223321101011",
    "232321110012",
    "222322011002",
    "223222101011",
    "223321101011",
    "232321110012",
    "222322011011",
    "223222101011",
    "232321101011",
    "232321110012",
    "222322101011",
    "223222101011",
    "232321110011",
    "232321110102",
    "222322101011",
    "223222101011",
    "232321110011",
    "232321110102",
    "223222101011",
)
"""One text a year: the days of each of its twelve months above 29."""

LAST_YEAR = FIRST_YEAR + len(_DAYS_ABOVE_SHORTEST) - 1

_MONTH_DAYS = [_SHORTEST + int(digit) for months in _DAYS_ABOVE_SHORTEST for digit in months]
_DAYS_BEFORE = tuple(accumulate(_MONTH_DAYS, initial=0))


def first_of_bikram_sambat_month(year: int, month: int) -> date:
    """
    Return the first day of a month of Nepal's calendar.

    Parameters
    ----------
    year : int
        2001 to 2082, or 2083 for its first month.
    month : int
        1 (Baishakh) to 12 (Chaitra).

    Returns
    -------
    datetime.date
        Gregorian.

    Raises
    ------
    IndexError
        If the month is past the table.

    Examples
    --------
    The fiscal year 2080/81 began on 1 Shrawan 2080.

    >>> first_of_bikram_sambat_month(2080, 4)
    datetime.date(2023, 7, 17)
    """
    return _FIRST_DAY + timedelta(_DAYS_BEFORE[(year - FIRST_YEAR) * 12 + month - 1])
