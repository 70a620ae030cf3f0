"""Extremes of concentration over a box: by hand, and against brute force on small boxes."""

import math
from collections.abc import Callable, Sequence
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.measure.box_extremes import Box, entropy_bounds, herfindahl_bounds, ratio_bounds
from flows.measure.indices import concentration_ratio, entropy, herfindahl

Bounds = Callable[[Box], tuple[float, float]]
Index = Callable[[Sequence[float]], float]

ROUNDING = 1e-9
GRID = 5
"""Points an interval: brute force on a grid cannot be beyond the bounds."""

CASES: dict[str, tuple[Bounds, Index, bool]] = {
    "hhi": (herfindahl_bounds, herfindahl, True),
    "cr1": (lambda box: ratio_bounds(box, 1), lambda x: concentration_ratio(x, 1), True),
    "cr2": (lambda box: ratio_bounds(box, 2), lambda x: concentration_ratio(x, 2), True),
    "entropy": (entropy_bounds, entropy, False),
}
"""Bounds, index, and whether a higher index is more concentrated (its vertex end is the high)."""

amounts = st.integers(min_value=0, max_value=12).map(float)
intervals = st.tuples(amounts, amounts).map(lambda pair: (min(pair), max(pair)))


def boxes(most: int, unknown: int = 0) -> st.SearchStrategy[Box]:
    pairs = st.lists(intervals, min_size=1, max_size=most)
    return (
        st.builds(lambda named, loose: (named, loose), pairs, st.lists(intervals, max_size=unknown))
        .filter(lambda drawn: any(high > 0 for _, high in [*drawn[0], *drawn[1]]))
        .map(
            lambda drawn: Box(
                low=tuple(low for low, _ in drawn[0]),
                high=tuple(high for _, high in drawn[0]),
                anyone=tuple(drawn[1]),
            )
        )
    )


def assignments(box: Box, choose: Callable[[float, float], Sequence[float]]) -> list[list[float]]:
    """Return every total of suppliers: amounts as chosen, unknown deliveries to any or to new."""
    count, loose = len(box.low), len(box.anyone)
    found = []
    pairs = [*zip(box.low, box.high, strict=True), *box.anyone]
    for x in product(*(choose(low, high) for low, high in pairs)):
        for owners in product(range(count + loose), repeat=loose):
            totals = [*x[:count], *([0.0] * loose)]
            for amount, owner in zip(x[count:], owners, strict=True):
                totals[owner] += amount
            if sum(totals) > 0:
                found.append(totals)
    return found


@pytest.mark.parametrize("name", CASES)
@settings(max_examples=60)
@given(box=boxes(6))
def test_the_concentrated_end_is_that_of_all_vertices(name: str, box: Box) -> None:
    bounds, index, rises = CASES[name]
    values = [index(x) for x in assignments(box, lambda low, high: (low, high))]
    found = bounds(box)[1] if rises else bounds(box)[0]
    expected = max(values) if rises else min(values)
    assert found == pytest.approx(expected, abs=ROUNDING)


@pytest.mark.parametrize("name", CASES)
@settings(max_examples=30)
@given(box=boxes(3, unknown=2))
def test_unknown_deliveries_may_be_those_of_anyone(name: str, box: Box) -> None:
    bounds, index, rises = CASES[name]
    low, high = bounds(box)
    values = [index(x) for x in assignments(box, lambda low, high: (low, high))]
    assert low - ROUNDING <= min(values)
    assert max(values) <= high + ROUNDING
    end, expected = (high, max(values)) if rises else (low, min(values))
    assert end == pytest.approx(expected, abs=ROUNDING)


@pytest.mark.parametrize("name", CASES)
@settings(max_examples=30)
@given(box=boxes(4))
def test_no_point_of_a_grid_is_beyond_the_bounds_and_the_even_end_is_reached(
    name: str, box: Box
) -> None:
    bounds, index, rises = CASES[name]
    low, high = bounds(box)
    values = [index(x) for x in assignments(box, lambda a, b: np.linspace(a, b, GRID).tolist())]
    assert low - ROUNDING <= min(values)
    assert max(values) <= high + ROUNDING
    even = low if rises else high
    levels = np.linspace(0.0, 12.0, 4801)
    points = [np.clip(level, box.low, box.high).tolist() for level in levels]
    reached = [index(x) for x in points if sum(x) > 0]
    nearest = min(reached) if rises else max(reached)
    assert even == pytest.approx(nearest, abs=1e-4)


@pytest.mark.parametrize("name", CASES)
@settings(max_examples=30)
@given(box=boxes(5, unknown=1), wider=st.floats(min_value=0.0, max_value=3.0))
def test_wider_intervals_give_wider_bounds(name: str, box: Box, wider: float) -> None:
    bounds = CASES[name][0]
    low, high = bounds(box)
    wide = Box(
        low=tuple(max(0.0, one - wider) for one in box.low),
        high=tuple(one + wider for one in box.high),
        anyone=box.anyone,
    )
    wide_low, wide_high = bounds(wide)
    assert wide_low <= low + ROUNDING
    assert high <= wide_high + ROUNDING


@pytest.mark.parametrize("name", CASES)
@given(box=boxes(5, unknown=1), scale=st.sampled_from([1e-3, 1e4]))
def test_the_unit_does_not_matter(name: str, box: Box, scale: float) -> None:
    bounds = CASES[name][0]
    other = Box(
        low=tuple(scale * low for low in box.low),
        high=tuple(scale * high for high in box.high),
        anyone=tuple((scale * low, scale * high) for low, high in box.anyone),
    )
    assert bounds(other) == pytest.approx(bounds(box), abs=ROUNDING)


def test_a_box_without_width_has_no_bounds_but_its_value() -> None:
    box = Box(low=(5.0, 3.0, 2.0), high=(5.0, 3.0, 2.0))
    assert herfindahl_bounds(box) == pytest.approx((0.38, 0.38))
    assert ratio_bounds(box, 3) == pytest.approx((1.0, 1.0))
    expected = -sum(x * math.log(x) for x in (0.5, 0.3, 0.2))
    assert entropy_bounds(box) == pytest.approx((expected, expected))


def test_many_alike_suppliers_are_no_burden() -> None:
    half = 20
    low, high = herfindahl_bounds(Box(low=(0.75,) * 2 * half, high=(1.25,) * 2 * half))
    assert low == pytest.approx(1 / (2 * half))
    counts = range(2 * half + 1)
    expected = max(
        (k * 1.25**2 + (2 * half - k) * 0.75**2) / (k * 1.25 + (2 * half - k) * 0.75) ** 2
        for k in counts
    )
    assert high == pytest.approx(expected, abs=ROUNDING)


@pytest.mark.parametrize(
    ("low", "high", "message"),
    [
        ((1.0,), (1.0, 2.0), "as many lower as upper ends"),
        ((2.0,), (1.0,), "expected 0 <= low <= high, both finite, found 2.0 and 1.0"),
        ((-1.0,), (1.0,), "found -1.0 and 1.0"),
        ((0.0,), (0.0,), "amount above 0, found none"),
        ((0.0,), (math.inf,), "found 0.0 and inf"),
    ],
)
def test_no_box(low: tuple[float, ...], high: tuple[float, ...], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Box(low=low, high=high)
