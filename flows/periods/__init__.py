"""Periods of any calendar, with true first and last days, and re-cutting data to them."""

from flows.periods.recutting import Edges, Recut, recut
from flows.periods.rules import Calendar, Period, rules_of
from flows.periods.runs import (
    Span,
    calendar_year,
    fiscal_year,
    gregorian_month,
    gregorian_year,
    half_year,
    numbered_periods,
    period_from,
    periods_between,
    quarter,
    read_year,
    run_of_months,
    solar_hijri_months,
    solar_hijri_year,
    window,
    years_between,
)

__all__ = [
    "Calendar",
    "Edges",
    "Period",
    "Recut",
    "Span",
    "calendar_year",
    "fiscal_year",
    "gregorian_month",
    "gregorian_year",
    "half_year",
    "numbered_periods",
    "period_from",
    "periods_between",
    "quarter",
    "read_year",
    "recut",
    "rules_of",
    "run_of_months",
    "solar_hijri_months",
    "solar_hijri_year",
    "window",
    "years_between",
]
