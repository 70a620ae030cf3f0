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
    canonical,
    exact_sum,
)
from flows.findings import Figure, Number, Table, canonical_frame

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
    number = Number("n", 2 / 3, "%", "0.7", "N.", "flows.share", {}, {}, 1 / 3, 1.0, "bounds")
    table = Table("t", frame, {}, {}, "", "", {})
    figure = Figure("f", "draw_trend", frame, {"ends": [1 / 3, {"at": 2 / 3}]}, "", "", {})
    assert (number.value, number.low, number.high) == (0.66666667, 0.33333333, 1.0)
    assert table.frame["value"].tolist() == figure.data["value"].tolist() == [0.33333333]
    assert figure.options == {"ends": [0.33333333, {"at": 0.66666667}]}


def test_a_published_number_keeps_its_digits() -> None:
    said = 612.07228307
    number = Number("n", said, "USD million", "612.072", "N.", "flows.recut", {}, {}, exact=True)
    assert number.value == said
