"""Printed figures are as sure as their source, and a column has one format."""

from decimal import Decimal

import pytest
from bridges import armenia, iran, lead
from hypothesis import given
from hypothesis import strategies as st
from small_findings import bounded, findings

from flows.canonical import shared_decimals
from flows.errors import ReportError
from flows.findings import print_number, print_spread
from flows.report.text import render_markdown


@given(st.lists(st.decimals(0, 1000, places=3), min_size=1, max_size=9), st.integers(0, 3))
def test_no_more_decimals_are_printed_than_the_vaguest_figure_bears(
    values: list[Decimal], most: int
) -> None:
    printed = shared_decimals(map(float, values), most=most)
    assert 0 <= printed <= most
    if any(value == int(value) for value in values):
        assert printed == 0


def test_a_bridge_is_printed_as_its_vaguer_statement() -> None:
    whole = lead(iran(412e6), armenia(597.947e6))
    assert whole.decimals == 0
    assert lead(iran(412.25e6), armenia(597.947e6)).decimals == 2
    axes = whole.plot().axes[0]
    beside = {text.get_text() for text in axes.texts}
    assert {"412", "598"} <= beside


@pytest.mark.parametrize(
    ("changes", "printed"),
    [
        ({}, "between 64.16 and 68.26%"),
        ({"high": None}, "at least 64.16%"),
        ({"low": None}, "at most 68.26%"),
        ({"low": 67.7391, "high": 67.7391}, "67.74%"),
        ({"unit": "USD million"}, "between USD\xa064.16 and 68.26\xa0million"),
    ],
)
def test_bounds_in_a_sentence(changes: dict[str, object], printed: str) -> None:
    assert print_spread(bounded(**changes)) == printed


@pytest.mark.parametrize(
    ("changes", "printed"),
    [
        ({}, "USD\xa064.16 to 68.26\xa0million"),
        ({"high": None}, "at least USD\xa064.16\xa0million"),
        ({"low": None}, "at most USD\xa068.26\xa0million"),
    ],
)
def test_the_unit_of_bounds_stands_with_its_figure(
    changes: dict[str, object], printed: str
) -> None:
    number = bounded(unit="USD million", **changes)
    assert print_number(number, "bounds", unit=True) == printed


def test_a_number_without_bounds_has_none_to_print() -> None:
    with pytest.raises(ReportError, match="expected a low or a high, found neither"):
        print_spread(bounded(low=None, high=None, spread=None))


def test_a_text_says_between() -> None:
    text = 'It lies {{ between("arms.share.2025-03", unit=True) }}.'
    assert "It lies [between 64.16 and 68.26%]{.number" in render_markdown(text, findings())
