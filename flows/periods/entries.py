"""Periods as a configuration file names them."""

from collections.abc import Mapping
from typing import cast

from flows.errors import PeriodError
from flows.periods.calendars import Calendar, Period
from flows.periods.rules import rules_of
from flows.periods.runs import Span, part_of_year, run_of_months

_SPANS: Mapping[str, Span] = {"half": "half-year", "quarter": "quarter"}
_PARTS = {"month", *_SPANS}


def period_from(entry: Mapping[str, object]) -> Period:
    """
    Return the period that an entry of a configuration file names.

    Parameters
    ----------
    entry : Mapping
        ``calendar`` and ``year``, and if not the whole year ``month``, ``quarter`` or ``half``.
        ``year`` or ``month`` may be a pair, first and last: ``{calendar = "gregorian",
        year = [2016, 2020]}``, ``{calendar = "solar-hijri", year = 1400, month = [1, 5]}``,
        ``{calendar = "nepal-fiscal", year = 2080, quarter = 1}``.

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
    >>> period_from({"calendar": "solar-hijri", "year": 1402}).start
    datetime.date(2023, 3, 21)
    """
    part = _part(entry)
    calendar = cast("Calendar", entry["calendar"])
    first_year, last_year = _pair("year", entry["year"])
    if part and first_year != last_year:
        raise PeriodError(f"period: expected a {part} of one year, found years {entry['year']}")
    if part in _SPANS:
        number, last = _pair(part, entry[part])
        if number != last:
            raise PeriodError(f"period: expected one {part}, found {entry[part]}")
        return part_of_year(calendar, first_year, number, span=_SPANS[part])
    first_month, last_month = _pair("month", entry.get("month", [1, rules_of(calendar).months]))
    return run_of_months(calendar, (first_year, first_month), (last_year, last_month))


def _part(entry: Mapping[str, object]) -> str:
    """Return which part of a year an entry names; empty for the whole."""
    parts = [key for key in entry if key not in {"calendar", "year"}]
    if not {"calendar", "year"} <= set(entry) or len(parts) > 1 or set(parts) - _PARTS:
        raise PeriodError(
            f"period: expected the keys calendar, year and if need be month, quarter or half, "
            f"found {', '.join(entry) or 'none'}"
        )
    return parts[0] if parts else ""


def _pair(name: str, value: object) -> tuple[int, int]:
    match value:
        case int() as only:
            return only, only
        case [int() as first, int() as last]:
            return first, last
    raise PeriodError(f"period: expected a number or a pair as {name}, found {value!r}")
