"""Every number that others computed is met, and the page of references names each of them."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from comparison import Comparison, furthest
from reference_table import (
    FEWEST_DIGITS,
    certified,
    comparison_row,
    comparisons,
    digits,
    digits_by_solver,
    separation_row,
    separation_sets,
    solver_needed,
)

PAGE = Path(__file__).resolve().parents[1] / "docs" / "references.md"


@pytest.fixture(scope="module")
def rows() -> list[Comparison]:
    return comparisons()


def test_every_statistic_is_within_its_tolerance(rows: list[Comparison]) -> None:
    assert [row for row in rows if not row.holds] == []


def test_page_names_every_statistic_with_what_was_expected(rows: list[Comparison]) -> None:
    page = PAGE.read_text()
    for row in rows:
        assert f"| {row.statistic} | {row.source} |" in page
        if row.tolerance == 0:
            assert f"| {row.expected} | {row.found} | none | the same |" in page


def test_page_shows_every_separation_set() -> None:
    page = PAGE.read_text()
    for name, nobs, expected, found in separation_sets():
        assert found == expected
        assert " | ".join(map(str, separation_row(name, nobs, expected, found))) in page


@pytest.mark.parametrize("case", list(certified()), ids=lambda case: case[0])
def test_least_squares_has_seven_certified_digits(case: tuple[Any, ...]) -> None:
    _, x, y, params, _ = case
    assert digits_by_solver(x, y, params)["flows (QR)"] >= FEWEST_DIGITS


def test_only_qr_solves_the_polynomial_of_degree_ten() -> None:
    needed = {
        name: solver_needed(digits_by_solver(x, y, params)) for name, x, y, params, _ in certified()
    }
    assert [name for name, words in needed.items() if words == "QR"] == ["Filip"]


def test_digits_by_hand() -> None:
    assert digits(np.array([1.001, 2.0]), np.array([1.0, 2.0])) == pytest.approx(3)
    assert digits(np.array([0.01]), np.array([0.0])) == pytest.approx(2)
    assert digits(np.array([3.0]), np.array([3.0])) == pytest.approx(15)


def test_comparison_by_hand() -> None:
    close = Comparison("a", "R", 2.0, 2.001, 1e-2)
    assert close.difference == pytest.approx(5e-4)
    assert close.holds
    assert not Comparison("a", "R", 2.0, 2.001, 1e-4).holds
    assert not Comparison("dates", "R", "1899", "1898").holds
    assert comparison_row(close)[-2:] == ["5.0e-04", "0.01"]


def test_furthest_shows_the_worst_element() -> None:
    found = furthest("a", "R", [1.0, 10.0], [1.1, 10.2], 0.2)
    assert (found.statistic, found.expected, found.found) == ("a, 2 values", 1.0, 1.1)
    absolute = furthest("a", "R", [1.0, 10.0], [1.1, 10.2], 0.2, relative=False)
    assert (absolute.expected, absolute.found) == (10.0, 10.2)
