"""How each calendar counts: the first days of its months, its years, and what they are called."""

import csv
import io
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from itertools import accumulate
from typing import Literal, get_args

from persiantools.jdatetime import JalaliDate

from flows.errors import PeriodError

Calendar = str
"""
Name of the calendar in which a publisher states its periods.

``"gregorian"``, ``"solar-hijri"``, ``"bikram-sambat"``, ``"ethiopian"``; the fiscal years
``"india-fiscal"``, ``"pakistan-fiscal"``, ``"nepal-fiscal"``, ``"ethiopia-fiscal"``; and any fiscal
year as ``"fiscal-MM-DD-start"`` or ``"fiscal-MM-DD-end"``: the Gregorian day on which it begins,
and which of the two years that it touches it is named by.
"""

_DAY = timedelta(days=1)

NamedBy = Literal["start", "end"]
"""Which of the two years that it touches a fiscal year is named by."""

_QUARTERS = ((1, 3), (4, 6), (7, 9), (10, 12))

_HAMLE, _SHRAWAN = 11, 4

_FISCAL = re.compile(r"fiscal-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])-(start|end)")

# 1 Meskerem of year 1 is 29 August 8 in the Julian calendar, 27 August in the Gregorian one:
# Reingold and Dershowitz, Calendrical Calculations (4th edition, 2018), chapter 4.
_DAYS_BEFORE_ETHIOPIAN_YEAR_1 = 2795
_ETHIOPIAN_YEAR_DAYS = 365
_ETHIOPIAN_MONTH_DAYS = 30

# The months of each year are published by Nepal's calendar committee. The table is that of
# nepali-datetime 1.0.8.5 (MIT), whose first days py-nepali 1.2.0 (MIT) shares for every month but
# Jestha 2062, a day later there, and bikram 2.1.4 (MIT) for every month up to the end of 2081.
_BIKRAM_SAMBAT_TABLE = "bikram_sambat.csv"
_BIKRAM_SAMBAT_FIRST_DAY = date(1944, 4, 13)


@dataclass(frozen=True, slots=True)
class Rules:
    """What a calendar needs so that its periods can be made."""

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
    """Return how a calendar counts."""
    if not isinstance(calendar, str):
        raise PeriodError(f"calendar: expected a name, found {calendar!r}")
    if calendar in _CALENDARS:
        return _CALENDARS[calendar]
    return _fiscal_by_name(calendar)


def fiscal_calendar(start_month: int, start_day: int, named_by: NamedBy) -> Calendar:
    """Return the name of the calendar whose years begin on a Gregorian day."""
    if named_by not in get_args(NamedBy):
        raise ValueError(f"named_by: expected start or end, found {named_by!r}")
    name = f"fiscal-{start_month:02}-{start_day:02}-{named_by}"
    rules_of(name)
    return name


def _fiscal_rules(base: Rules, start_month: int, *, start_day: int = 1, named_by: NamedBy) -> Rules:
    """Return the calendar whose years begin with a later month of another calendar."""
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


def _bikram_sambat_rules() -> Rules:
    """Return Nepal's calendar: the days of its months follow no rule, they are in a table."""
    text = files("flows.periods").joinpath(_BIKRAM_SAMBAT_TABLE).read_text(encoding="utf-8")
    _, *rows = csv.reader(io.StringIO(text))
    years = range(int(rows[0][0]), int(rows[-1][0]) + 1)
    lengths = (int(days) for _, *months in rows for days in months)
    days_before = tuple(accumulate(lengths, initial=0))

    def first_day(year: int, month: int) -> date:
        months = (year - years.start) * 12 + month - 1
        return _BIKRAM_SAMBAT_FIRST_DAY + timedelta(days_before[months])

    return Rules(first_day, years)


_BIKRAM_SAMBAT = _bikram_sambat_rules()


def _first_of_ethiopian_month(year: int, month: int) -> date:
    """Return the first day of a month of the Ethiopian calendar."""
    days = _ETHIOPIAN_YEAR_DAYS * (year - 1) + year // 4 + _ETHIOPIAN_MONTH_DAYS * (month - 1)
    return date.fromordinal(_DAYS_BEFORE_ETHIOPIAN_YEAR_1 + 1 + days)


_ETHIOPIAN = Rules(
    _first_of_ethiopian_month,
    range(1800, 2200),
    months=13,
    quarters=((1, 3), (4, 6), (7, 9), (10, 13)),
)

_CALENDARS: Mapping[Calendar, Rules] = {
    "gregorian": _GREGORIAN,
    "solar-hijri": Rules(_first_of_solar_hijri_month, range(1206, 1499)),
    "bikram-sambat": _BIKRAM_SAMBAT,
    "ethiopian": _ETHIOPIAN,
    "india-fiscal": _fiscal_rules(_GREGORIAN, 4, named_by="start"),
    "pakistan-fiscal": _fiscal_rules(_GREGORIAN, 7, named_by="end"),
    "nepal-fiscal": _fiscal_rules(_BIKRAM_SAMBAT, _SHRAWAN, named_by="start"),
    # The National Bank of Ethiopia's first quarter is Hamle to Meskerem, 8 July to 10 October:
    # Pagume, the short month, falls into it.
    "ethiopia-fiscal": replace(
        _fiscal_rules(_ETHIOPIAN, _HAMLE, named_by="end"),
        quarters=((1, 4), (5, 7), (8, 10), (11, 13)),
    ),
}


@cache
def _fiscal_by_name(calendar: Calendar) -> Rules:
    match = _FISCAL.fullmatch(calendar)
    if not match or calendar.startswith("fiscal-01-01"):
        raise PeriodError(
            f"calendar: expected {', '.join(_CALENDARS)}, or a fiscal year that begins on another "
            f"day than 1 January, as fiscal-07-01-end, found {calendar!r}"
        )
    month, day, named_by = match.groups()
    by: NamedBy = "start" if named_by == "start" else "end"
    return _fiscal_rules(_GREGORIAN, int(month), start_day=int(day), named_by=by)
