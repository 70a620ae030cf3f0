"""Periods: days in a row, as a calendar cuts time, and what their publisher calls them."""

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal, cast, get_args

from flows.errors import PeriodError
from flows.periods.rules import Calendar, NamedBy, Rules, fiscal_calendar, rules_of

_MONTHS = 12

Span = Literal["year", "half-year", "quarter"]
"""Parts into which a calendar cuts time by its months."""

_SPANS: Mapping[str, Span] = {"half": "half-year", "quarter": "quarter"}
"""Keys of an entry that name a part of a year by its number."""

_PARTS: Mapping[Span, int] = {"year": 1, "half-year": 2, "quarter": 4}
"""Parts of a kind in a year."""

_LETTERS = {2: "H", 4: "Q"}
_DAY = timedelta(days=1)
_CENTURY = 100


@dataclass(frozen=True, slots=True, repr=False)
class Period:
    """
    A stretch of days, both ends included, and how its publisher calls it.

    Periods are made by name: :meth:`year`, :meth:`month`, :meth:`months`, :meth:`quarter`,
    :meth:`half_year`, :meth:`fiscal_year`, :meth:`window`, :meth:`between`.

    Parameters
    ----------
    start, end : datetime.date
        First and last day, Gregorian.
    label : str
        What is printed: ``"2023"``, ``"2023-03"``, ``"2016-2020"``, ``"1402"``.
    calendar : str
        The calendar to which ``label`` belongs; see :data:`~flows.periods.Calendar`.

    Raises
    ------
    PeriodError
        If ``end`` is before ``start``.

    Examples
    --------
    >>> Period(date(2023, 3, 21), date(2024, 3, 19), "1402", "solar-hijri").days
    365

    Printed, a period is the shortest call that makes it:

    >>> Period(date(2023, 3, 21), date(2024, 3, 19), "1402", "solar-hijri")
    Period.year(1402, calendar='solar-hijri')
    """

    start: date
    end: date
    label: str
    calendar: Calendar

    def __post_init__(self) -> None:
        if self.end < self.start:
            raise PeriodError(
                f"period {self.label}: expected its end on or after its start {self.start}, "
                f"found {self.end}"
            )

    def __repr__(self) -> str:
        """Return the call that makes the period."""
        with suppress(PeriodError):
            for arguments, period in _named_periods(self):
                if period == self:
                    return f"Period.{arguments})"
        return f"Period({self.start!r}, {self.end!r}, {self.label!r}, {self.calendar!r})"

    @property
    def days(self) -> int:
        """Number of days, both ends included."""
        return (self.end - self.start).days + 1

    @classmethod
    def year(cls, year: int, *, calendar: Calendar = "gregorian") -> "Period":
        """
        Return a year.

        Parameters
        ----------
        year : int
            Its number in the calendar: 1800 to 2199 in the Gregorian one, 1206 to 1498 in the
            Iranian one (the years whose first days its authority has published).
        calendar : str
            Whose year; see :data:`~flows.periods.Calendar`.

        Returns
        -------
        Period
            Its first to its last day.

        Raises
        ------
        PeriodError
            If the calendar is unknown or the year out of its range, as 1402 is in the Gregorian
            calendar.

        Examples
        --------
        Iran's year 1402, which starts at the spring equinox, and Nepal's fiscal year 2080/81:

        >>> iranian = Period.year(1402, calendar="solar-hijri")
        >>> iranian.start, iranian.end
        (datetime.date(2023, 3, 21), datetime.date(2024, 3, 19))
        >>> Period.year(2080, calendar="nepal-fiscal").start
        datetime.date(2023, 7, 17)
        """
        return part_of_year(calendar, year, 1, span="year")

    @classmethod
    def month(cls, year: int, month: int, *, calendar: Calendar = "gregorian") -> "Period":
        """
        Return a month.

        Parameters
        ----------
        year, month : int
            Number of the year, and of the month in it, from 1.
        calendar : str
            Whose month; see :data:`~flows.periods.Calendar`.

        Returns
        -------
        Period
            The first to the last day of the month.

        Raises
        ------
        PeriodError
            If the calendar is unknown, or the year or the month out of its range.

        Examples
        --------
        >>> Period.month(2024, 2).end, Period.month(2024, 2).label
        (datetime.date(2024, 2, 29), '2024-02')
        """
        return run_of_months(calendar, (year, month), (year, month))

    @classmethod
    def months(
        cls, year: int, first: int, last: int, *, calendar: Calendar = "gregorian"
    ) -> "Period":
        """
        Return some months of a year, as in "the first five months of 1400".

        Parameters
        ----------
        year : int
            Number of the year.
        first, last : int
            First and last month, both included, from 1.
        calendar : str
            Whose months; see :data:`~flows.periods.Calendar`.

        Returns
        -------
        Period
            The first day of month ``first`` to the last day of month ``last``.

        Raises
        ------
        PeriodError
            If the calendar is unknown, the year or a month out of its range, or ``last`` before
            ``first``.

        Examples
        --------
        >>> months = Period.months(1400, 1, 5, calendar="solar-hijri")
        >>> months.end, months.label
        (datetime.date(2021, 8, 22), '1400-01..1400-05')
        """
        return run_of_months(calendar, (year, first), (year, last))

    @classmethod
    def quarter(cls, year: int, number: int, *, calendar: Calendar = "gregorian") -> "Period":
        """
        Return a quarter of a year.

        Parameters
        ----------
        year : int
            Number of the year.
        number : int
            1 to 4.
        calendar : str
            Whose year; see :data:`~flows.periods.Calendar`.

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
        >>> Period.quarter(2023, 4, calendar="india-fiscal").end
        datetime.date(2024, 3, 31)
        """
        return part_of_year(calendar, year, number, span="quarter")

    @classmethod
    def half_year(cls, year: int, number: int, *, calendar: Calendar = "gregorian") -> "Period":
        """
        Return a half of a year.

        Parameters
        ----------
        year : int
            Number of the year.
        number : int
            1 or 2.
        calendar : str
            Whose year; see :data:`~flows.periods.Calendar`.

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
        >>> Period.half_year(2024, 2).start
        datetime.date(2024, 7, 1)
        """
        return part_of_year(calendar, year, number, span="half-year")

    @classmethod
    def fiscal_year(
        cls, label: int | str, *, start_month: int, start_day: int = 1, named_by: NamedBy
    ) -> "Period":
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
        ValueError
            If ``named_by`` is neither.

        Examples
        --------
        >>> indian = Period.fiscal_year(2023, start_month=4, named_by="start")
        >>> indian.label, indian.start, indian.end
        ('2023/24', datetime.date(2023, 4, 1), datetime.date(2024, 3, 31))
        >>> Period.fiscal_year("2022-23", start_month=7, named_by="end").start
        datetime.date(2022, 7, 1)
        """
        calendar = fiscal_calendar(start_month, start_day, named_by)
        return cls.year(read_year(str(label), calendar=calendar), calendar=calendar)

    @classmethod
    def window(cls, first: int, last: int) -> "Period":
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
        >>> Period.window(2016, 2020).label
        '2016-2020'
        """
        return run_of_months("gregorian", (first, 1), (last, _MONTHS))

    @classmethod
    def between(
        cls, start: date, end: date, *, calendar: Calendar = "gregorian", span: Span
    ) -> tuple["Period", ...]:
        """
        Return the years, half-years or quarters that lie wholly between two days.

        Parameters
        ----------
        start, end : datetime.date
            First and last day, both included.
        calendar : str
            Whose; see :data:`~flows.periods.Calendar`.
        span : {"year", "half-year", "quarter"}
            Which.

        Returns
        -------
        tuple of Period
            In their order; none if no whole period fits.

        Raises
        ------
        PeriodError
            If the calendar is unknown.
        ValueError
            If ``span`` is none of the three.

        Examples
        --------
        >>> days = date(2023, 1, 1), date(2023, 12, 31)
        >>> quarters = Period.between(*days, calendar="india-fiscal", span="quarter")
        >>> [quarter.label for quarter in quarters]
        ['2022/23-Q4', '2023/24-Q1', '2023/24-Q2', '2023/24-Q3']
        """
        numbered = numbered_periods(start, end, calendar=calendar, span=span)
        return tuple(period for _, period in numbered)


def period_from(entry: Mapping[str, object]) -> Period:
    """Return the period that an entry of a configuration file names."""
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
    if not {"calendar", "year"} <= set(entry) or len(parts) > 1 or set(parts) - {"month", *_SPANS}:
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


def run_of_months(calendar: Calendar, first: tuple[int, int], last: tuple[int, int]) -> Period:
    """Return the months from ``first`` to ``last``: the one way in which every period is made."""
    rules = rules_of(calendar)
    for year, month in (first, last):
        _check_within(f"{calendar} year", year, rules.years)
        _check_within(f"month of {calendar} year {year}", month, range(1, rules.months + 1))
    year, month = last
    following = (year + 1, 1) if month == rules.months else (year, month + 1)
    return Period(
        start=rules.first_day(*first),
        end=rules.first_day(*following) - _DAY,
        label=_label(rules, first, last),
        calendar=calendar,
    )


def part_of_year(calendar: Calendar, year: int, number: int, *, span: Span) -> Period:
    """Return a year, a half-year or a quarter."""
    parts = _parts(span)
    rules = rules_of(calendar)
    _check_within(f"{span} of {calendar} year {year}", number, range(1, parts + 1))
    width = len(rules.quarters) // parts
    quarters = rules.quarters[(number - 1) * width : number * width]
    period = run_of_months(calendar, (year, quarters[0][0]), (year, quarters[-1][1]))
    letter = _LETTERS.get(parts)
    return (
        replace(period, label=f"{_year_label(rules, year)}-{letter}{number}") if letter else period
    )


def _parts(span: Span) -> int:
    """Return how many of a kind a year has."""
    if span not in get_args(Span):
        raise ValueError(f"span: expected {', '.join(get_args(Span))}, found {span!r}")
    return _PARTS[span]


def numbered_periods(
    start: date, end: date, *, calendar: Calendar, span: Span
) -> Iterator[tuple[int, Period]]:
    """Yield the periods of a kind that lie wholly between two days, each with its number."""
    rules = rules_of(calendar)
    parts = _parts(span)
    # A fiscal year that ends in a later year may have parts in the years beside it.
    for year in range(start.year - rules.lag - 1, end.year - rules.lag + 1):
        if year not in rules.years:
            continue
        for part in range(1, parts + 1):
            period = part_of_year(calendar, year, part, span=span)
            if start <= period.start and period.end <= end:
                yield year * parts + part - 1, period


_PRINTED_YEAR = re.compile(
    r"(F\.?Y\.? ?)?([0-9]{4}|(?<=[Y. ])[0-9]{2})(?:\.0)?(?:[/\u2013-]([0-9]{2,4}))?"
)
_MIDDLE = 50
"""Of a century: FY98 is 1998, FY23 is 2023."""


def read_year(text: str, *, calendar: Calendar) -> int:
    """Return the number of a year as a table prints it: 2023, 2022/23, 2080/081, FY23."""
    rules = rules_of(calendar)
    match = _PRINTED_YEAR.fullmatch(text.strip())
    if not match or ((match[1] or match[3]) and not rules.named_by):
        raise PeriodError(f"expected a year of the {calendar} calendar, found {text!r}")
    short = len(match[2]) == 2  # noqa: PLR2004 - digits
    first = int(match[2]) + (2000 if int(match[2]) < _MIDDLE else 1900) * short
    if not match[3]:
        if match[1] and rules.named_by == "start":
            raise PeriodError(
                f"expected both years, as in FY 2022-23, found {text!r}: years of the {calendar} "
                "calendar are named by their start, and FY often names the end; "
                "if it does here, calendar = fiscal-MM-DD-end says so"
            )
        return first
    if (first + 1) % 10 ** len(match[3]) != int(match[3]):
        raise PeriodError(f"expected two years that follow one another, found {text!r}")
    return first if rules.named_by == "start" else first + 1


def _year_label(rules: Rules, year: int) -> str:
    """Return how a year is printed."""
    if rules.named_by is None:
        return f"{year}"
    first = year if rules.named_by == "start" else year - 1
    return f"{first}/{(first + 1) % _CENTURY:02}"


def _label(rules: Rules, first: tuple[int, int], last: tuple[int, int]) -> str:
    years = [_year_label(rules, year) for year, _ in (first, last)]
    if (first[1], last[1]) == (1, rules.months):
        between = "-" if rules.named_by is None else ".."
        return years[0] if first[0] == last[0] else between.join(years)
    months = [f"{year}-{month:02}" for year, (_, month) in zip(years, (first, last), strict=True)]
    return months[0] if first == last else "..".join(months)


def _check_within(what: str, number: int, allowed: range) -> None:
    if number not in allowed:
        raise PeriodError(f"{what}: expected {allowed[0]} to {allowed[-1]}, found {number}")


def _named_periods(like: Period) -> Iterator[tuple[str, Period]]:
    """Yield calls, but for their closing bracket, with periods of the days of another."""
    calendar, start, end = like.calendar, like.start, like.end
    whose = "" if calendar == "gregorian" else f", calendar={calendar!r}"
    for span in get_args(Span):
        name = span.replace("-", "_")
        for number, period in numbered_periods(start, end, calendar=calendar, span=span):
            year, part = divmod(number, _PARTS[span])
            yield f"{name}({year}" + ("" if span == "year" else f", {part + 1}") + whose, period
    for year, first, last in _months_of(like):
        numbers = f"month({year}, {first}" if first == last else f"months({year}, {first}, {last}"
        yield numbers + whose, run_of_months(calendar, (year, first), (year, last))
    if calendar == "gregorian":
        yield f"window({start.year}, {end.year}", Period.window(start.year, end.year)


def _months_of(like: Period) -> Iterator[tuple[int, int, int]]:
    """Yield year, first and last month that begin and end with a period."""
    rules = rules_of(like.calendar)
    near = like.start.year - rules.lag
    for year in (near - 1, near):
        if year not in rules.years:
            continue
        starts = [rules.first_day(year, month) for month in range(1, rules.months + 1)]
        ends = [start - _DAY for start in (*starts[1:], rules.first_day(year + 1, 1))]
        if like.start in starts and like.end in ends:
            yield year, starts.index(like.start) + 1, ends.index(like.end) + 1
