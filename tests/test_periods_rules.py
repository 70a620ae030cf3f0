"""How each calendar counts: the first days of its months, its years, and what they are called."""

from flows.periods.rules import fiscal_calendar


def test_fiscal_calendar() -> None:
    assert fiscal_calendar(10, 1, "end") == "fiscal-10-01-end"
