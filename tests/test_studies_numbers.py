"""How a study prints a value, what a number of it holds, and rules and countings by name."""

import csv
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.canonical import canonical, print_value
from flows.measure.rules import RoundedCell, Rule, UncertainNumber, UnknownPartner
from flows.origin import code_lines, noted
from flows.origin import given as given_value
from flows.studies.numbers import (
    RULES,
    make_number,
    print_share,
    read_rules,
    rule_words,
)


@pytest.mark.parametrize(
    ("value", "digits", "printed"),
    [
        (67.7392, 2, "67.74"),
        (-47.89, 1, "\u221247.9"),
        (1029.61, 2, "1,029.61"),
        (-0.001, 2, "0.00"),
        (216.0, 0, "216"),
    ],
)
def test_a_value_is_printed(value: float, digits: int, printed: str) -> None:
    assert print_value(value, digits) == printed


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_what_is_not_finite_is_not_printed(value: float) -> None:
    with pytest.raises(ValueError, match="expected a finite value to print"):
        print_value(value, 1)


@given(st.floats(-1e12, 1e12), st.integers(0, 6))
def test_the_printed_value_is_within_half_a_digit(value: float, digits: int) -> None:
    read = float(print_value(value, digits).replace("\u2212", "-").replace(",", ""))
    stated = canonical(value)
    assert abs(read - stated) <= 0.5 * 10**-digits * (1 + 1e-9) + abs(stated) * 1e-15


def test_a_number_has_bounds_or_an_interval_with_its_level() -> None:
    value = given_value("ratio", 1.0)
    ends = given_value("ends", (0.5, 2.0))
    plain = make_number("trade", "a", value, "%", "A.", digits=0, rows={"d@1": (2,)})
    bounded = make_number("trade", "b", value, "%", "B.", digits=0, rows={}, bounds=ends)
    interval = make_number(
        "trade", "c", value, "%", "C.", digits=0, rows={}, interval=ends, level=0.95
    )
    assert (plain.low, plain.high, plain.spread, plain.level) == (None, None, None, None)
    assert (bounded.low, bounded.high, bounded.spread, bounded.level) == (0.5, 2.0, "bounds", None)
    assert (interval.low, interval.spread, interval.level) == (0.5, "interval", 0.95)
    assert plain.code == ("value = ratio",)
    assert interval.code == ("value = ratio", "low, high = ends")


@pytest.mark.parametrize(
    ("percent", "printed"),
    [
        (100, "100"),
        (67.739, "68"),
        (10.5, "11"),
        (10.0, "10"),
        (9.95, "10"),
        (9.949, "9.9"),
        (6.25, "6.3"),
        (6.0, "6.0"),
        (0.05, "0.1"),
        (0.0499, "<0.05"),
        (1e-9, "<0.05"),
        (0.0, "0"),
    ],
)
def test_shares_are_printed_as_sipri_does(percent: float, printed: str) -> None:
    assert print_share(percent) == printed


@pytest.mark.parametrize("percent", [-0.1, 100.1, float("nan")])
def test_no_percentage_is_refused(percent: float) -> None:
    with pytest.raises(ValueError, match="expected a share of 0 to 100 percent"):
        print_share(percent)


def test_cells_of_a_fact_sheet_are_printed_as_they_are_in_real_export(
    shared_reference: Path,
) -> None:
    path = shared_reference / "sipri" / "fact_sheet_2024-03_table1_exporters_2019-23.csv"
    with path.open(encoding="utf-8") as lines:
        records = list(csv.DictReader(lines))
    names = ["share_2019_23", "share_2014_18", "rec1_share", "rec2_share", "rec3_share"]
    cells = [record[name] for record in records for name in names if record[name][:1] != "<"]
    assert [print_share(float(cell)) for cell in cells] == cells


GIVEN: dict[str, dict[str, Any]] = {
    "uncertain_years": {"within": 1},
    "uncertain_numbers": {"fraction": 0.25},
    "rounded_cells": {"half": 0.5},
    "unknown_partners": {},
    "local_production": {},
    "second_hand": {"used": [0.3, 0.5], "modernised": [0.6, 0.7]},
}


def test_every_rule_can_be_named_and_written() -> None:
    assert GIVEN.keys() == RULES.keys()
    rules = read_rules(GIVEN)
    assert list(rules) == list(GIVEN)
    written = noted(None, print, tuple(rules.values()))
    assert code_lines({"nothing": written})[0].count("fl.rules.") == len(RULES)


def test_every_rule_has_words_of_its_own() -> None:
    words = [rule_words(rule) for rule in read_rules(GIVEN).values()]
    assert len({title for title, _ in words}) == len({meaning for _, meaning in words}) == 6


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        (UncertainNumber(fraction=0.25), "may be 25% lower or higher"),
        (RoundedCell(half=0.5), "may be 0.5 lower or higher"),
        (UnknownPartner(), "may be any country"),
    ],
)
def test_words_say_how_far(rule: Rule, told: str) -> None:
    assert rule_words(rule)[1].endswith(told)


def test_an_unknown_rule_is_named() -> None:
    with pytest.raises(
        ValueError, match=r"rules: expected names among uncertain_years, .*, found luck"
    ):
        read_rules({"luck": {}})
    with pytest.raises(TypeError, match="within"):
        read_rules({"uncertain_years": {}})
