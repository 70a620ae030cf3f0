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
from flows.periods.words import MONTHS, date_in_words

__all__ = [
    "MONTHS",
    "Calendar",
    "Edges",
    "NamedBy",
    "Period",
    "Recut",
    "Span",
    "date_in_words",
    "numbered_periods",
    "period_from",
    "read_year",
    "recut",
    "rules_of",
    "run_of_months",
]
