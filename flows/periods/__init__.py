"""Periods of any calendar, with true first and last days, and re-cutting data to them."""

from flows.periods.period import (
    Period,
    Span,
    numbered_periods,
    period_from,
    read_year,
    run_of_months,
)
from flows.periods.recutting import Edges, Recut, recut
from flows.periods.rules import Calendar, NamedBy, rules_of

__all__ = [
    "Calendar",
    "Edges",
    "NamedBy",
    "Period",
    "Recut",
    "Span",
    "numbered_periods",
    "period_from",
    "read_year",
    "recut",
    "rules_of",
    "run_of_months",
]
