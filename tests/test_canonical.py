"""Canonical values: the same on every machine, and no digit of a published figure lost."""

import math
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.canonical import (
    ESTIMATE_DIGITS,
    PUBLISHED_DIGITS,
    at_least,
    canonical,
    exact_sum,
    exact_sums,
    first_maxima,
    first_maximum,
    first_minimum,
    floor_of,
)
from flows.findings import Figure, Number, Table, canonical_frame
from flows.models.breaks import find_breaks
from flows.models.composition import find_composition_breaks
from flows.models.exact_break import find_exact_break
from flows.models.partitions import best_partitions, partial_partitions, segment_costs

finite = st.floats(allow_nan=False, allow_infinity=False, allow_subnormal=False)
published = st.lists(
    st.tuples(st.integers(0, 10**9), st.integers(0, 6)), min_size=1, max_size=40
).map(lambda figures: [Decimal(digits).scaleb(-places) for digits, places in figures])


@given(finite, st.sampled_from([{"exact": True}, {"exact": False}]))
def test_a_canonical_value_stays_as_it_is(value: float, kind: dict[str, bool]) -> None:
    once = canonical(value, **kind)
    assert canonical(once, **kind) == once


@given(finite)
def test_a_canonical_value_is_within_half_a_unit_of_its_last_digit(value: float) -> None:
    assert canonical(value) == pytest.approx(value, rel=0.5 * 10.0 ** (1 - ESTIMATE_DIGITS))
    assert canonical(value, exact=True) == pytest.approx(
        value, rel=0.5 * 10.0 ** (1 - PUBLISHED_DIGITS)
    )


def test_a_count_keeps_all_its_digits() -> None:
    assert canonical(123_456_789.0) == 123_456_789.0
    assert canonical(123_456_789.5) == 123_456_790.0


def test_what_is_no_number_and_what_has_no_end_stay() -> None:
    assert math.isnan(canonical(math.nan))
    assert canonical(-math.inf) == -math.inf
    assert math.copysign(1.0, canonical(-0.0)) == 1.0


def test_the_noise_of_arithmetic_does_not_reach_the_digits() -> None:
    """Of 200,000 values with three units of noise in the last place at most one moves."""
    rng = np.random.default_rng(20261125)
    values = rng.normal(size=200_000) * 10.0 ** rng.integers(-6, 12, size=200_000)
    noisy = values * (1 + rng.choice([-3, 3], size=200_000) * np.finfo(float).eps)
    moved = sum(canonical(a) != canonical(b) for a, b in zip(values, noisy, strict=True))
    assert moved <= 1


@given(published)
def test_a_sum_of_published_figures_is_exact(figures: list[Decimal]) -> None:
    assert exact_sum(map(float, figures)) == float(sum(figures))


@given(published, st.sampled_from([1e-3, 1e3, 1e6]))
def test_a_sum_in_another_unit_is_exact(figures: list[Decimal], unit: float) -> None:
    amounts = [float(figure) * unit for figure in figures]
    whole = float(sum(figures) * Decimal(repr(unit)))
    assert canonical(exact_sum(amounts), exact=True) == canonical(whole, exact=True)


def test_sums_of_nothing_and_of_what_is_missing() -> None:
    assert exact_sum([]) == 0.0
    assert math.isnan(exact_sum([0.1, math.nan]))
    assert exact_sum([562949953.8984375]) == 562949953.8984375
    assert exact_sum([1 / 3, 1 / 3, 1 / 3]) == math.fsum([1 / 3] * 3)
    assert exact_sum([1e300, 0.1, -1e300]) == 0.1


def test_a_frame_is_canonical_but_for_its_published_columns() -> None:
    noisy = 1.23456789012
    frame = pd.DataFrame(
        {"value": [noisy], "said": [noisy], "count": [3], "mixed": pd.Series([noisy], dtype=object)}
    )
    made = canonical_frame(frame, exact=("said",))
    assert made.to_dict("list") == {
        "value": [1.2345679],
        "said": [noisy],
        "count": [3],
        "mixed": [1.2345679],
    }
    assert frame["value"].tolist() == [noisy]
    assert made.dtypes.to_dict() == frame.dtypes.to_dict()


def test_columns_of_one_name_are_each_canonical() -> None:
    frame = pd.DataFrame([[1 / 3, 2 / 3]], columns=["a", "a"])
    assert canonical_frame(frame).to_numpy().tolist() == [[0.33333333, 0.66666667]]


def test_what_a_study_hands_on_is_canonical() -> None:
    frame = pd.DataFrame({"value": [1 / 3]})
    number = Number("n", 2 / 3, "%", "0.7", "N.", (), {}, 1 / 3, 1.0, "bounds")
    table = Table("t", frame, {}, {}, "", "", {})
    figure = Figure("f", "draw_trend", frame, {"ends": [1 / 3, {"at": 2 / 3}]}, "", "", {})
    assert (number.value, number.low, number.high) == (0.66666667, 0.33333333, 1.0)
    assert table.frame["value"].tolist() == figure.data["value"].tolist() == [0.33333333]
    assert figure.options == {"ends": [0.33333333, {"at": 0.66666667}]}


def test_a_published_number_keeps_its_digits() -> None:
    said = 612.07228307
    number = Number("n", said, "USD million", "612.072", "N.", (), {}, exact=True)
    assert number.value == said


scales = st.floats(1e-9, 1e12)


@given(scale=scales, noise=st.lists(st.floats(-1e-12, 1e-12), min_size=4, max_size=4))
def test_first_of_equals_is_taken_whatever_the_last_bits(scale: float, noise: list[float]) -> None:
    values = scale * (np.array([3.0, 1.0, 1.0, 2.0]) + noise)
    assert first_minimum(values) == 1
    assert first_maximum(-values) == 1


def test_first_maxima_are_those_of_each_column() -> None:
    columns = np.random.default_rng(1).integers(0, 3, (6, 40)) + 1e-13
    columns[:, ::2] += 1e-13 * np.random.default_rng(2).standard_normal((6, 20))
    assert first_maxima(columns).tolist() == [first_maximum(column) for column in columns.T]


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
def test_plateaus_have_the_fewest_breaks_that_fit_them(scale: float) -> None:
    y = pd.Series(scale * np.repeat([0.1, 0.7], 10), index=range(2001, 2021))
    for choose in ("sequential", "bai-perron", "bic", "lwz"):
        assert find_breaks(y, choose=choose).break_dates.to_list() == [2011]


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
    assert [breaks.tolist() for breaks in found] == [[], [4], [4, 8]]


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


@given(
    groups=st.lists(
        st.lists(
            st.one_of(
                st.integers(-9, 9).map(lambda tenths: tenths / 10),
                st.decimals(0, 10**6, places=3).map(float),
                st.floats(-1e18, 1e18),
            ),
            min_size=1,
            max_size=5,
        ),
        min_size=1,
        max_size=6,
    )
)
def test_sums_of_groups_are_those_of_each_group(groups: list[list[float]]) -> None:
    numbers = np.repeat(np.arange(len(groups)), [len(group) for group in groups])
    found = exact_sums(np.concatenate(groups), numbers, len(groups))
    assert found.tolist() == [exact_sum(group) for group in groups]
