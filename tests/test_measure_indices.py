"""Indices of concentration: by hand, against R's ineq, their bounds, what has no index."""

import math
from collections.abc import Callable, Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from references import reference

from flows.measure.indices import concentration_ratio, effective_number, entropy, herfindahl

INEQ = reference("ineq")
SEVENTEEN_DIGITS = 1e-14
"""R prints 17 digits, and both programs add some tens of numbers."""
ROUNDING = 1e-12

INDICES = (herfindahl, effective_number, entropy, lambda amounts: concentration_ratio(amounts, 2))
amounts = st.lists(st.floats(min_value=0.01, max_value=1e6), min_size=1, max_size=12)


@pytest.mark.parametrize("case", INEQ["cases"])
def test_indices_are_those_of_ineq(case: str) -> None:
    reference = INEQ["cases"][case]
    found = herfindahl(reference["amounts"])
    assert found == pytest.approx(reference["herfindahl"], rel=SEVENTEEN_DIGITS)
    theil = math.log(len(reference["amounts"])) - entropy(reference["amounts"])
    assert theil == pytest.approx(reference["theil"], abs=SEVENTEEN_DIGITS)


def test_indices_by_hand() -> None:
    delivered = [50.0, 10.0, 20.0, 20.0]
    assert herfindahl(delivered) == pytest.approx(0.25 + 0.01 + 0.04 + 0.04)
    assert effective_number(delivered) == pytest.approx(1 / 0.34)
    assert [concentration_ratio(delivered, k) for k in (1, 2, 3, 4, 5)] == [0.5, 0.7, 0.9, 1.0, 1.0]
    halves = 0.5 * math.log(2) + 0.1 * math.log(10) + 2 * 0.2 * math.log(5)
    assert entropy(delivered) == pytest.approx(halves)


@pytest.mark.parametrize("count", [1, 2, 7])
def test_equal_suppliers_and_those_that_deliver_nothing(count: int) -> None:
    delivered = [3.0] * count + [0.0, 0.0]
    assert herfindahl(delivered) == pytest.approx(1 / count)
    assert effective_number(delivered) == pytest.approx(count)
    assert entropy(delivered) == pytest.approx(math.log(count))
    assert concentration_ratio(delivered, 1) == pytest.approx(1 / count)


@given(amounts)
def test_indices_stay_within_their_bounds(delivered: list[float]) -> None:
    count = len(delivered)
    assert 1 / count - ROUNDING <= herfindahl(delivered) <= 1 + ROUNDING
    assert 1 - ROUNDING <= effective_number(delivered) <= count + ROUNDING * count
    assert -ROUNDING <= entropy(delivered) <= math.log(count) + ROUNDING
    ratios = [concentration_ratio(delivered, k) for k in range(1, count + 1)]
    assert ratios == sorted(ratios)
    assert ratios[-1] == 1.0
    assert ratios[0] ** 2 - ROUNDING <= herfindahl(delivered) <= ratios[0] + ROUNDING


@given(amounts, st.sampled_from([1e-3, 0.5, 1e6]))
def test_the_unit_does_not_matter(delivered: list[float], scale: float) -> None:
    scaled = [scale * amount for amount in delivered]
    for index in INDICES:
        assert index(scaled) == pytest.approx(index(delivered), rel=ROUNDING, abs=ROUNDING)


@given(amounts)
def test_two_suppliers_that_merge_concentrate(delivered: list[float]) -> None:
    halves = [amount / 2 for amount in delivered for _ in range(2)]
    assert herfindahl(halves) == pytest.approx(herfindahl(delivered) / 2)
    assert entropy(halves) == pytest.approx(entropy(delivered) + math.log(2))


@pytest.mark.parametrize("index", INDICES)
@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ([], "expected at least one, found none"),
        ([1.0, -2.0], "expected finite numbers of at least 0, found -2.0"),
        ([1.0, math.nan], "at least 0, found nan"),
        ([1.0, math.inf], "at least 0, found inf"),
        ([0.0, 0.0], "expected one above 0, found a sum of 0"),
    ],
)
def test_what_cannot_be_divided_has_no_index(
    index: Callable[[Iterable[float]], float], wrong: list[float], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        index(wrong)


def test_a_ratio_of_no_supplier_is_a_wrong_argument() -> None:
    with pytest.raises(ValueError, match="k: expected at least 1 supplier, found 0"):
        concentration_ratio([1.0], 0)
