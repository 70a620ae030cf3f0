"""Ties that rounding would decide fall by the rule: the first, the earliest, the fewest."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.canonical import at_least, first_maximum, first_minimum, floor_of
from flows.errors import SampleError
from flows.models.breaks import find_breaks
from flows.models.composition import find_composition_breaks
from flows.models.exact_break import find_exact_break
from flows.models.partitions import best_partitions, partial_partitions, segment_costs

scales = st.floats(1e-9, 1e12)


@given(scale=scales, noise=st.lists(st.floats(-1e-12, 1e-12), min_size=4, max_size=4))
def test_first_of_equals_is_taken_whatever_the_last_bits(scale: float, noise: list[float]) -> None:
    values = scale * (np.array([3.0, 1.0, 1.0, 2.0]) + noise)
    assert first_minimum(values) == 1
    assert first_maximum(-values) == 1


def test_infinite_and_missing_values() -> None:
    assert first_minimum([np.inf, 2.0, np.nan, 1.0]) == 3
    assert first_minimum([1.0, -np.inf, -np.inf]) == 1
    assert first_minimum([np.inf, np.inf]) == 0
    assert first_maximum([np.nan, 0.0, 0.0]) == 1
    for nothing in ([], [np.nan]):
        with pytest.raises(ValueError, match="expected a number to choose among"):
            first_maximum(nothing)
    assert at_least([np.inf, 1.0], np.inf).tolist() == [True, False]
    assert at_least([-1.0, -1.0 - 1e-12, -1.1], -1.0).tolist() == [True, True, False]


@given(whole=st.integers(-1000, 1000), off=st.floats(-1e-11, 1e-11))
def test_floor_of_a_whole_number_but_for_rounding(whole: int, off: float) -> None:
    assert floor_of(whole + off) == whole
    assert -floor_of(-(whole + off)) == whole
    assert floor_of(whole + 0.5) == whole


# The same read from either end: one break at either edge leaves the same squares.
NOISE = np.array([0.1, -0.2, 0.1, 0.0, 0.2, -0.2])
BUMP = np.repeat([0.0, 3.0, 0.0], [4, 4, 4]) + np.concatenate([NOISE, NOISE[::-1]])


@pytest.mark.parametrize("scale", [0.1, 1.0, 1 / 3, 1e9])
@pytest.mark.parametrize("shift", [0.0, 0.7, 1000 / 3])
def test_earlier_break_of_two_that_fit_the_same(scale: float, shift: float) -> None:
    y = pd.Series(scale * (BUMP + shift), index=range(2001, 2013))
    assert find_breaks(y, choose=1).break_dates.to_list() == [2005]
    costs = segment_costs(np.ones((12, 1)), y.to_numpy(), shortest=2)
    assert best_partitions(costs, most=1).breaks[1].tolist() == [4]


@pytest.mark.parametrize("scale", [0.1, 1.0, 1 / 3, 1e9])
def test_series_that_breaks_fit_exactly_is_refused_with_the_fewest(scale: float) -> None:
    y = pd.Series(scale * np.repeat([0.1, 0.7], 10), index=range(2001, 2021))
    with pytest.raises(SampleError, match="regimes from 2011 on fit every value"):
        find_breaks(y)


@pytest.mark.parametrize("scale", [0.1, 1.0, 1 / 3, 1e9])
def test_exact_line_has_no_breaks(scale: float) -> None:
    y = pd.Series(scale * (0.1 + 0.7 * np.arange(20.0)), index=range(2001, 2021))
    for choose in ("bic", "lwz"):
        assert find_breaks(y, regime="trend", choose=choose).break_dates.empty


@pytest.mark.parametrize("scale", [0.1, 1.0, 1 / 3, 1e9])
def test_earlier_break_beside_common_coefficients(scale: float) -> None:
    season = np.tile([[1.0], [-1.0]], (6, 1))
    y = scale * (BUMP + season[:, 0] / 7)
    found = partial_partitions(np.ones((12, 1)), season, y, shortest=2, most=2)
    assert [breaks.tolist() for breaks in found.breaks] == [[], [4], [4, 8]]


@pytest.mark.parametrize("scale", [0.1, 1.0, 1 / 3, 1e9])
def test_orders_that_tie_with_the_observed_one_are_counted(scale: float) -> None:
    # Two of four choices of places for the two larger values are as extreme, 2 of 6.
    y = pd.Series(scale * np.array([0.1, 0.1, 0.7, 0.7]), index=range(2001, 2005))
    found = find_exact_break(y, shortest=2)
    assert found.pvalue == pytest.approx(2 / 6)
    bump = pd.Series(scale * np.repeat([0.1, 0.4, 0.1], [2, 3, 2]), index=range(2001, 2008))
    assert find_exact_break(bump).break_date == 2003


def test_earlier_break_of_two_compositions() -> None:
    share = np.repeat([0.1, 0.7, 0.1], 6)
    shares = pd.DataFrame({"ISR": share, "RUS": 1 - share}, index=range(2001, 2019))
    found = find_composition_breaks(
        shares, least=3, block=1, draws=99, rng=np.random.default_rng(1), significance=1e-9
    )
    assert found.tried == (2007,)
