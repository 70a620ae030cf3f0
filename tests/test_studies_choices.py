"""Rules and countings by name."""

import json
from typing import Any

import pytest

from flows.measure.bound_rules import RoundedCell, Rule, UncertainNumber, UnknownPartner
from flows.measure.counting import ALL, Counting
from flows.studies.choices import (
    RULES,
    counting_json,
    read_counting,
    read_rules,
    rule_words,
    rules_json,
)

GIVEN: dict[str, dict[str, Any]] = {
    "uncertain_years": {"within": 1},
    "uncertain_numbers": {"fraction": 0.25},
    "rounded_cells": {"half": 0.5},
    "unknown_partners": {},
    "local_production": {},
    "second_hand": {"used": [0.3, 0.5], "modernised": [0.6, 0.7]},
}


def test_every_rule_can_be_named_written_and_read_again() -> None:
    assert GIVEN.keys() == RULES.keys()
    rules = read_rules(GIVEN)
    assert rules == read_rules(json.loads(json.dumps(rules_json(GIVEN))))
    assert list(rules) == list(GIVEN)


def test_every_rule_has_words_of_its_own() -> None:
    words = [rule_words(rule) for rule in read_rules(GIVEN).values()]
    assert len({title for title, _ in words}) == len({meaning for _, meaning in words}) == 6


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        (UncertainNumber(fraction=0.25), "may be 25% lower or higher"),
        (RoundedCell(half=0.5), "may be 0.5 lower or higher"),
        (UnknownPartner(), "may be anyone"),
    ],
)
def test_words_say_how_far(rule: Rule, told: str) -> None:
    assert rule_words(rule)[1].endswith(told)


def test_an_unknown_rule_is_named() -> None:
    with pytest.raises(ValueError, match=r"rules: expected among uncertain_years, .*, found luck"):
        read_rules({"luck": {}})
    with pytest.raises(TypeError, match="within"):
        read_rules({"uncertain_years": {}})


@pytest.mark.parametrize(
    "counting",
    [
        ALL,
        Counting(by="order", products=("ships",)),
        Counting(year_estimated=False, local_production=False, without_deals=("1", "2")),
    ],
)
def test_a_counting_is_read_as_it_was_written(counting: Counting) -> None:
    assert read_counting(json.loads(json.dumps(counting_json(counting)))) == counting
    assert counting_json(ALL) == {}
