"""Periods: runs of whole months of a calendar, known by their first and last day."""

from dataclasses import dataclass
from datetime import date, timedelta

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


@dataclass(frozen=True, slots=True)
class Period:
    """
    A stretch of days, both ends included, and how its publisher calls it.

    Parameters
    ----------
    start, end : datetime.date
        First and last day, Gregorian.
    label : str
        What is printed: ``"2023"``, ``"2023-03"``, ``"2016-2020"``, ``"1402"``.
    calendar : str
        The calendar to which ``label`` belongs; see :data:`Calendar`.

    Raises
    ------
    PeriodError
        If ``end`` is before ``start``.

    Examples
    --------
    >>> Period(date(2023, 3, 21), date(2024, 3, 19), "1402", "solar-hijri").days
    365
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

    @property
    def days(self) -> int:
        """Number of days, both ends included."""
        return (self.end - self.start).days + 1
