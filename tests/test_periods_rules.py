"""How each calendar counts: the first days of its months, its years, and what they are called."""

from flows.periods.rules import fiscal_calendar


def test_a_fiscal_calendar_is_named_by_its_first_day_and_label() -> None:
    assert fiscal_calendar(10, 1, "end") == "fiscal-10-01-end"
