"""One break in a short series: by hand, over all orders, and what is refused."""

import itertools
import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import permutation_test

from flows.errors import FlowsError, SampleError
from flows.models.exact_break import find_exact_break, runs_test

ROUNDING = 1e-12
"""Relative, of quotients of small whole numbers."""


def yearly(*values: float, first: int = 2011) -> pd.Series:
    return pd.Series(values, index=pd.RangeIndex(first, first + len(values)), dtype="float64")


def test_the_best_date_and_its_share_by_hand() -> None:
    found = find_exact_break(yearly(1.0, 1.0, 3.0, 5.0))
    # Mean 2.5, squares 2.25 + 2.25 + 0.25 + 6.25 = 11; the halves have means 1 and 4:
    # 4 * 1.5 ** 2 = 9 of them lie between. The one date with two observations on both sides.
    assert found.break_date == 2013
    assert (found.before, found.after) == (1.0, 4.0)
    assert found.test.statistic == pytest.approx(9 / 11, rel=ROUNDING)
    assert found.dates.index.to_list() == [2013]
    # Of the 24 orders those with the two ones together in one half: 2 * 2! * 2!.
    assert found.pvalue == pytest.approx(8 / 24, rel=ROUNDING)
    assert found.pvalue == found.smallest
    assert (found.orderings, found.exact, found.nobs) == (24, True, 4)


def test_a_regime_of_one_is_looked_at_where_it_is_asked_for() -> None:
    y = yearly(9.0, 1.0, 1.0, 1.0)
    found = find_exact_break(y, shortest=1)
    assert found.break_date == 2012
    assert found.dates.index.to_list() == [2012, 2013, 2014]
    assert found.test.statistic == pytest.approx(1.0, rel=ROUNDING)
    assert found.pvalue == pytest.approx(2 / 4, rel=ROUNDING)


def test_one_direction_counts_half_of_the_orders_of_a_perfect_break() -> None:
    y = yearly(1.0, 2.0, 3.0, 14.0, 15.0, 16.0, 17.0)
    assert find_exact_break(y).pvalue == pytest.approx(2 / 35, rel=ROUNDING)
    assert find_exact_break(y, direction="rise").pvalue == pytest.approx(1 / 35, rel=ROUNDING)
    assert find_exact_break(y, direction="fall").pvalue == 1.0


def test_tidy_is_one_row() -> None:
    row = find_exact_break(yearly(1.0, 1.0, 3.0, 5.0)).tidy().iloc[0]
    assert row["break_date"] == 2013
    assert row["pvalue"] == row["smallest"] == pytest.approx(1 / 3)


def by_definition(values: np.ndarray, shortest: int) -> float:
    """Return the largest squared difference of means, weighted, over all dates."""
    nobs = len(values)
    return max(
        cut * (nobs - cut) / nobs * (values[:cut].mean() - values[cut:].mean()) ** 2
        for cut in range(shortest, nobs - shortest + 1)
    )


few = st.lists(st.integers(-20, 20), min_size=4, max_size=6).filter(lambda one: len(set(one)) > 1)


@settings(max_examples=25)
@given(few)
def test_every_order_is_counted_by_its_definition(values: list[int]) -> None:
    found = find_exact_break(yearly(*values))
    observed = by_definition(np.array(values), 2)
    orders = list(itertools.permutations(values))
    extreme = sum(by_definition(np.array(one), 2) >= observed - 1e-9 for one in orders)
    assert found.pvalue == pytest.approx(extreme / len(orders), rel=ROUNDING)
    assert found.smallest <= found.pvalue


@settings(max_examples=25)
@given(few, st.floats(0.1, 100.0), st.floats(-100.0, 100.0))
def test_unit_and_level_change_nothing(values: list[int], unit: float, level: float) -> None:
    one, other = (find_exact_break(y) for y in (yearly(*values), unit * yearly(*values) + level))
    assert other.pvalue == pytest.approx(one.pvalue, rel=ROUNDING)
    assert other.test.statistic == pytest.approx(one.test.statistic, abs=1e-9)


def test_one_date_only_is_the_permutation_test_of_two_means() -> None:
    values = np.array([1.2, 0.4, 2.2, 3.1, 1.9, 4.0])
    scipy = permutation_test(
        (values[:3], values[3:]),
        lambda a, b: abs(a.mean() - b.mean()),
        n_resamples=np.inf,
        alternative="greater",
    )
    found = find_exact_break(yearly(*values), shortest=3)
    assert found.pvalue == pytest.approx(scipy.pvalue, rel=ROUNDING)


def test_longer_series_draw_orders_and_never_say_zero() -> None:
    y = yearly(*[0.0, 1.0] * 5, *[100.0, 101.0] * 5)
    found = find_exact_break(y, draws=199, rng=np.random.default_rng(7))
    again = find_exact_break(y, draws=199, rng=np.random.default_rng(7))
    assert found.break_date == 2021
    assert found.pvalue == again.pvalue == 1 / 200
    assert not found.exact


@pytest.mark.parametrize(
    ("count", "chance"),
    [
        (8, {"draws": 99, "rng": np.random.default_rng(1)}),
        (9, {}),
        (9, {"draws": 99}),
        (9, {"draws": 0, "rng": np.random.default_rng(1)}),
    ],
)
def test_chance_must_fit_the_number_of_observations(count: int, chance: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=f"more than 8 .* found {count} observations") as bad:
        find_exact_break(yearly(*range(count)), **chance)
    assert not isinstance(bad.value, FlowsError)


def test_what_is_refused() -> None:
    with pytest.raises(ValueError, match=r"direction to be one of .* found 'up'"):
        find_exact_break(yearly(1.0, 2.0), direction="up")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="shortest to be 1 observation or more, found 0"):
        find_exact_break(yearly(1.0, 2.0), shortest=0)
    with pytest.raises(SampleError, match="at least 4 observations for two regimes of 2, found 3"):
        find_exact_break(yearly(1.0, 2.0, 3.0))
    with pytest.raises(SampleError, match="values that vary"):
        find_exact_break(yearly(1.0, 1.0, 1.0, 1.0))
    with pytest.raises(SampleError, match="above or below 2, found none"):
        runs_test(yearly(2.0, 2.0), around=2.0)


def test_runs_by_hand() -> None:
    test = runs_test(yearly(-1.0, -2.0, -3.0, 4.0, 5.0, 6.0, 7.0), around=0.0)
    assert test.statistic == 2
    assert test.pvalue == pytest.approx(2 / math.comb(7, 3), rel=ROUNDING)
    assert runs_test(yearly(1.0, 2.0), around=0.0).pvalue == 1.0
    # + - + : three runs of two and one, the most there can be
    assert runs_test(yearly(1.0, -2.0, 3.0), around=0.0).pvalue == 1.0


@settings(max_examples=25)
@given(st.lists(st.sampled_from([-1.0, 1.0]), min_size=1, max_size=8))
def test_runs_are_counted_by_definition(signs: list[float]) -> None:
    def runs(one: tuple[float, ...]) -> int:
        return 1 + sum(a != b for a, b in itertools.pairwise(one))

    orders = set(itertools.permutations(signs))
    as_few = sum(runs(one) <= runs(tuple(signs)) for one in orders)
    found = runs_test(yearly(*signs), around=0.0)
    assert found.pvalue == pytest.approx(as_few / len(orders), rel=ROUNDING)
