"""Periods as tables print them: years, months by number or name, both in one cell, quarters."""

import re
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from types import MappingProxyType

from flows.errors import PeriodError
from flows.loaders.month_names import bare_month, base_calendar, named_month, spelt_months
from flows.periods import Calendar, Period, read_year, rules_of

YEAR_TEXT = r"(?:F\.?Y\.? ?)?[0-9]{2,4}(?:[/\u2013-][0-9]{2,4})?"
"""What ``{year}`` in a pattern stands for."""

_MONTH_TEXT = (
    r"[0-9]{4}[-./M ]?[0-9]{2}(?:-[0-9]{2}(?:[ T]00:00:00)?)?|[0-9]{1,2}[./-][0-9]{4}"
    r"|[0-9]{4}[ -]?NAME\.?|NAME\.?[ -]?(?:[0-9]{4}|[0-9]{2})|NAME\.?|[0-9]{1,2}"
)

_NUMBERED = re.compile(r"([0-9]{4})(?:([-./M ])?([0-9]{2})|[-./M ]([0-9]))")
_DAY = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})(?:[ T]00:00:00)?")
_SERIAL = re.compile(r"[2-6][0-9]{4}(?:\.0)?")
_SERIAL_START = date(1899, 12, 30)
"""Day 0 of spreadsheets, whose dates are numbers where nothing says how they are shown."""

_YEAR_LAST = re.compile(r"([0-9]{1,2})[./-]([0-9]{4})")
_DAY_FIRST_OR_LAST = re.compile(r"[0-9]{1,2}([/.-])[0-9]{1,2}\1[0-9]{4}")
_NAMED = re.compile(r"([^\W\d_]+)\.?[ -]?([0-9]{4}|[0-9]{2})")
_NAMED_LAST = re.compile(r"([0-9]{4})[ -]?([^\W\d_]+)\.?")
_QUARTER = re.compile(r"(?i:([0-9]{4})[-. /]?Q([1-4])|Q([1-4])[-. /]?([0-9]{4}))")
_NUMBERED_QUARTER = re.compile(r"(?i:[QT]?([1-4])(?:\.0)?|([1-4])[QT]|(IV|I{1,3}))")
_ROMAN = {"I": 1, "II": 2, "III": 3, "IV": 4}
_POINTED = re.compile(r"([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{4})")
_CLOSE = re.compile(r"([12][0-9]{3})([01][0-9])([0-3][0-9])")
_PLACES = (("{day}", "{}", "{}"), ("{}", "{month}", "{}"), ("{}", "{}", "{year}"))
QUARTER_TEXT = r"(?i:[0-9]{4}[-. /]?Q[1-4]|Q[1-4][-. /]?[0-9]{4}|[QT]?[1-4]|[1-4][QT]|IV|I{1,3})"
"""What ``{quarter}`` in a pattern stands for."""

DAY_TEXT = (
    r"(?:[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[ T]00:00:00)?|[0-9]{1,2}\.[0-9]{1,2}\.[0-9]{4}|[0-9]{8}"
    r"|[0-9]{1,2})"
)
"""What ``{day}`` in a pattern stands for: a date, or the number of a day."""

_CENTURY, _PIVOT = 100, 50


def month_text(months: Iterable[str]) -> str:
    """Return what ``{month}`` in a pattern stands for, with its year or without."""
    names = "|".join(map(re.escape, spelt_months(months)))
    return _MONTH_TEXT.replace("NAME", f"(?i:{names})")


def printed_period(
    year: str,
    month: str,
    quarter: str = "",
    day: str = "",
    *,
    calendar: Calendar,
    months: Mapping[str, int] = MappingProxyType({}),
) -> Period:
    """
    Return the period that cells of a year, a month, a quarter and a day print; some are empty.

    A month alone holds its year: ``2023-01``, ``202301``, ``Jan 2023``, a date of its first or
    last day. So does a quarter alone, ``2023-Q1``, and a year alone may, where the calendar's years
    are not printed so. ``months``: names of months that are in no language that is known, to
    their numbers in the calendar.
    """
    if day:
        return _single_day(day, month, year, calendar, months)
    if quarter:
        return _quarter(quarter, year, calendar)
    if year and month:
        number = _month_number(month, calendar, read_year(year, calendar=calendar), months)
        return Period.month(read_year(year, calendar=calendar), number, calendar=calendar)
    if month:
        return _month_with_year(month, calendar, months)
    if rules_of(calendar).named_by is None and not _is_year(year, calendar):
        return _month_as_year(year, calendar, months)
    return Period.year(read_year(year, calendar=calendar), calendar=calendar)


def _quarter(cell: str, year: str, calendar: Calendar) -> Period:
    """Return the quarter that a cell names, with its year or beside one."""
    match = (_NUMBERED_QUARTER if year else _QUARTER).fullmatch(cell.strip())
    if match is None:
        example = "1, Q1 or I" if year else "2023-Q1 or Q1 2023"
        raise PeriodError(
            f"expected a quarter as {example}, found {cell!r}; where cells hold more, write under "
            '[cells] quarter = "{quarter} {}"'
        )
    if not year:
        printed, number = match[1] or match[4], match[2] or match[3]
        return Period.quarter(int(printed), int(number), calendar=calendar)
    number = match[1] or match[2] or str(_ROMAN[match[3].upper()])
    return Period.quarter(read_year(year, calendar=calendar), int(number), calendar=calendar)


def _single_day(
    cell: str, month: str, year: str, calendar: Calendar, months: Mapping[str, int]
) -> Period:
    """Return the period of one day: a date, or the number of a day beside its month and year."""
    if month and year:
        around = printed_period(year, month, calendar=calendar, months=months)
        place = int(cell) if cell.isascii() and cell.isdigit() else 0
        if not 1 <= place <= around.days:
            raise PeriodError(
                f"expected a day of {around.label}, 1 to {around.days}, found {cell!r}"
            )
        return _of_day(around.start + timedelta(place - 1))
    if match := _POINTED.fullmatch(cell):
        return _of_day(_date(f"{match[3]}-{match[2]:>02}-{match[1]:>02}"))
    if match := _CLOSE.fullmatch(cell):
        return _of_day(_date("-".join(match.groups())))
    if _DAY.fullmatch(cell) or _SERIAL.fullmatch(cell):
        return _of_day(_date(cell))
    sign = "/" if "/" in cell else "-"
    first, second, last = map(sign.join, _PLACES)
    raise PeriodError(
        f"expected a date as 2023-01-31 or 31.01.2023, found {cell!r}; where the day stands first, "
        f'name the column as day, month and year, and write under [cells] day = "{first}", '
        f'month = "{second}", year = "{last}"; change the first two where the month does'
    )


def _of_day(day: date) -> Period:
    """Return a day of a year that the calendar has: 3.12.1011 is a slip of 2011."""
    Period.year(day.year)
    return Period(day, day, day.isoformat(), "gregorian")


def _is_year(text: str, calendar: Calendar) -> bool:
    try:
        read_year(text, calendar=calendar)
    except PeriodError:
        return False
    return True


def _month_as_year(cell: str, calendar: Calendar, months: Mapping[str, int]) -> Period:
    """Return the month or quarter in a column of years, where it can be nothing else."""
    if match := _QUARTER.fullmatch(cell):
        year, number = match[1] or match[4], match[2] or match[3]
        return Period.quarter(int(year), int(number), calendar=calendar)
    if _DAY.fullmatch(cell) or _SERIAL.fullmatch(cell):
        raise PeriodError(
            f"expected a year, found {_as_date(cell)}, which may stand for its year or its month; "
            "name the column as month instead of year if it has months"
        )
    numbered = _NUMBERED.fullmatch(cell)
    if numbered and numbered[2] in {"/", "."}:
        raise PeriodError(
            f"expected a year of the {calendar} calendar, found {cell!r}; name the column as month "
            "instead of year if it has months, or the calendar whose years are printed so"
        )
    if numbered and numbered[2] and int(numbered[3] or 0) == (int(numbered[1]) + 1) % _CENTURY:
        raise PeriodError(
            f"expected a year, found {cell!r}, which may be a month or two years; name the column "
            "as month instead of year if it has months, or the fiscal year as calendar"
        )
    if numbered or any(form.fullmatch(cell) for form in (_YEAR_LAST, _NAMED, _NAMED_LAST)):
        return _month_with_year(cell, calendar, months)
    raise PeriodError(f"expected a year of the {calendar} calendar, found {cell!r}")


def _month_with_year(cell: str, calendar: Calendar, months: Mapping[str, int]) -> Period:
    if rules_of(calendar).named_by is not None:
        raise PeriodError(
            f"expected a month beside its fiscal year, found {cell!r} alone; months of civil "
            'years are those of calendar = "gregorian"'
        )
    if _DAY.fullmatch(cell) or _SERIAL.fullmatch(cell):
        return _month_of_day(_date(cell), calendar)
    if match := _NUMBERED.fullmatch(cell):
        year, month = match[1], match[3] or match[4]
    elif match := _YEAR_LAST.fullmatch(cell):
        month, year = match.groups()
    elif match := _NAMED.fullmatch(cell):
        month, year = match[1], _whole_year(match[2])
    elif match := _NAMED_LAST.fullmatch(cell):
        year, month = match.groups()
    else:
        raise PeriodError(_no_month(cell))
    number = _month_number(month, calendar, int(year), months)
    return Period.month(int(year), number, calendar=calendar)


def _no_month(cell: str) -> str:
    if _DAY_FIRST_OR_LAST.fullmatch(cell) is None:
        return (
            f"expected a month and its year as 2023-01 or Jan 2023, found {cell!r}; if years stand "
            "elsewhere, say where"
        )
    sign = next(character for character in cell if not character.isdigit())
    last, first = f"{{}}{sign}{{month}}", f"{{month}}{sign}{{}}{sign}{{}}"
    return (
        f"expected a month and its year as 2023-01, found {cell!r}, of which two numbers may be "
        f'the month; write under [cells] month = "{last}" where the day stands first; where the '
        f'month does, name the column as year too, and write month = "{first}" and '
        f'year = "{{}}{sign}{{}}{sign}{{year}}"'
    )


def _month_of_day(day: date, calendar: Calendar) -> Period:
    period = Period.month(day.year, day.month)
    if calendar != "gregorian" or day not in {period.start, period.end}:
        raise PeriodError(
            f"expected a month, or the date of its first or last day, found the date {day}; "
            "name the column as day instead if each row is of one day"
        )
    return period


def _as_date(cell: str) -> str:
    """Return what a cell is taken for that prints a date, or its number in spreadsheets."""
    number = "" if _DAY.fullmatch(cell) else f"{cell!r}, in spreadsheets the number of "
    return f"{number}the date {_date(cell)}"


def _date(cell: str) -> date:
    """Return the day that a cell prints, or whose number in spreadsheets it is."""
    match = _DAY.fullmatch(cell)
    if match is None:
        return _SERIAL_START + timedelta(int(cell.removesuffix(".0")))
    try:
        return date(*(int(part) for part in match.groups()))
    except ValueError as error:
        raise PeriodError(f"expected a date, found {cell!r}") from error


def _whole_year(digits: str) -> str:
    """Return a year of four digits: 98 is 1998, 23 is 2023."""
    if len(digits) > 2:  # noqa: PLR2004 - of a century
        return digits
    return ("20" if int(digits) < _PIVOT else "19") + digits


def _month_number(cell: str, calendar: Calendar, year: int, months: Mapping[str, int]) -> int:
    word = cell.strip().rstrip(".")
    digits = cell.strip().removesuffix(".0")
    if digits.isascii() and digits.isdigit():
        return int(digits)
    own = {bare_month(name): number for name, number in months.items()}
    if bare_month(word) in own:
        return own[bare_month(word)]
    number = named_month(word, calendar)
    if number is None:
        raise PeriodError(
            f"expected a month as a number or a name, found {cell!r}; "
            f'write "{word}" = its number under [months], or leave its rows out by [only]'
        )
    rules, named = rules_of(calendar), rules_of(base_calendar(calendar))
    firsts = [rules.first_day(year, place) for place in range(1, rules.months + 1)]
    around = {place.year - named.lag for place in firsts}
    near = {n for n in around | {n - 1 for n in around} if n in named.years}
    begins = {named.first_day(n, number) for n in near}
    places = [n for n, first in enumerate(firsts, 1) if first in begins]
    if not places:
        raise PeriodError(
            f"expected a month of the {calendar} calendar, found {cell!r}; "
            f'write "{word}" = its number in that year under [months]'
        )
    return places[0]
