"""Dates as a sentence has them, whatever the language of the machine."""

import re

MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)

_DATE = re.compile(r"(?P<year>(?:19|20)\d\d)-(?P<month>0[1-9]|1[0-2])(?:-(?P<day>\d\d))?")


def date_in_words(date: str) -> str:
    """
    Return a month or a day as a sentence has it; what is neither stays as it is.

    >>> date_in_words("2025-03"), date_in_words("2024-11-06"), date_in_words("2019")
    ('March 2025', '6 November 2024', '2019')
    """
    match = _DATE.fullmatch(date)
    if match is None:
        return date
    day = f"{int(match['day'])} " if match["day"] else ""
    return f"{day}{MONTHS[int(match['month']) - 1]} {match['year']}"
