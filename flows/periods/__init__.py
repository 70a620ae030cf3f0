"""Periods of any calendar, with true first and last days, and re-cutting data to them."""

from flows.periods.calendars import Calendar, Period
from flows.periods.named import (
    gregorian_month,
    gregorian_year,
    period_from,
    solar_hijri_months,
    solar_hijri_year,
    window,
    years_between,
)
from flows.periods.recutting import Edges, Recut, recut

__all__ = [
    "Calendar",
    "Edges",
    "Period",
    "Recut",
    "gregorian_month",
    "gregorian_year",
    "period_from",
    "recut",
    "solar_hijri_months",
    "solar_hijri_year",
    "window",
    "years_between",
]
