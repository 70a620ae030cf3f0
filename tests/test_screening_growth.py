"""Lines of all series at once are those of one series, whoever stands beside it."""

import math
from dataclasses import astuple
from fractions import Fraction
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from screened import KINDS, check_equal, random_series

from flows.models.trend import fit_trend
from flows.screening.blocks import over_blocks
from flows.screening.growth import trends
from flows.screening.reasons import Reason

ERRORS = [
    {"se": "orthogonal-series"},
    {"se": "classical"},
    {"se": "newey-west"},
    {"se": "newey-west", "lags": 2},
]


@pytest.mark.parametrize("form", ["log", "level"])
@pytest.mark.parametrize("kind", KINDS)
def test_lines_are_those_of_one_series(kind: str, form: str) -> None:
    rng = np.random.default_rng([KINDS.index(kind), form == "log"])
    fitted = 0
    for number in range(12):
        values = random_series(rng, kind, series=10)
        options: dict[str, Any] = {"form": form, "level": 0.9, **ERRORS[number % len(ERRORS)]}
        often = int(rng.choice([1, 4, 12]))
        fitted += check_equal(
            trends(values, periods_per_year=often, **options),
            values,
            periods_per_year=often,
            fit=partial(fit_trend, **options),
        )
    assert fitted >= (0 if "zeros" in kind and form == "log" else 40)


@pytest.mark.parametrize("periods", range(1, 7))
def test_every_pattern_of_short_series(periods: int) -> None:
    rng = np.random.default_rng(periods)
    patterns = np.array(list(np.ndindex(*[2] * periods)), dtype=bool)
    values = np.where(patterns, rng.lognormal(size=patterns.shape), np.nan)
    check_equal(trends(values), values, periods_per_year=1, fit=fit_trend)


def test_long_series_of_months() -> None:
    rng = np.random.default_rng(8)
    values = np.exp(np.cumsum(rng.normal(size=(12, 240)) / 10, axis=1))
    values[4:, 60:75] = np.nan
    values[8:][rng.random((4, 240)) < 1 / 3] = np.nan
    found = trends(values, periods_per_year=12)
    check_equal(found, values, periods_per_year=12, fit=fit_trend)


def test_growth_by_hand() -> None:
    # log2 of 1, 4, 2 at 0, 1, 2 is 0, 2, 1: slope 1/2, residuals 1/2 times -1, 2, -1.
    found = trends(np.array([[1.0, 4.0, 2.0]]), se="classical")
    assert found.growth_pct == pytest.approx(100 * (math.sqrt(2) - 1))
    assert found.std_error == pytest.approx(math.log(2) * math.sqrt(6 / 4 / 1 / 2))
    assert (found.df, found.nobs, found.reason) == (1, 3, Reason.NONE)


def test_slow_growth_of_large_values_keeps_its_digits() -> None:
    rng = np.random.default_rng(3)
    years = np.arange(30)
    values = np.rint(1e12 * (1 + 1e-6 * years) + 1e4 * rng.normal(size=(50, 30)))
    found = trends(values, form="level", se="classical")
    for at, row in enumerate(values):
        y = [Fraction(int(value)) for value in row]
        mean, middle = sum(y) / 30, Fraction(29, 2)
        squares = sum((t - middle) ** 2 for t in range(30))
        slope = sum((t - middle) * value for t, value in enumerate(y)) / squares
        left = [value - mean - slope * (t - middle) for t, value in enumerate(y)]
        variance = sum(e * e for e in left) / 28 / squares
        assert found.slope[at] == pytest.approx(float(slope), rel=1e-9)
        assert found.std_error[at] == pytest.approx(math.sqrt(variance), rel=1e-9)


@pytest.mark.parametrize("options", [{"form": "log"}, {"form": "level", "se": "newey-west"}])
def test_no_series_minds_who_stands_beside_it(options: dict[str, Any]) -> None:
    rng = np.random.default_rng(12)
    values = random_series(rng, "plain", series=80)
    values = np.concatenate([values, np.where(rng.random(values.shape) < 0.8, values, np.nan)])
    kernel = partial(trends, **options)
    whole = [array.tobytes() for array in arrays(kernel(values))]
    for block in (1, 7, 512):
        # Blocks run on as many threads as there are cores.
        assert [a.tobytes() for a in arrays(over_blocks(kernel, values, block=block))] == whole
    order = rng.permutation(len(values))
    shuffled = arrays(kernel(values[order]))
    assert [array[np.argsort(order)].tobytes() for array in shuffled] == whole


def arrays(found: Any) -> list[np.ndarray]:
    """Return the arrays of a result."""
    return list(astuple(found))


@given(scale=st.floats(1e-6, 1e12), shift=st.integers(0, 20))
def test_growth_does_not_depend_on_unit_or_first_year(scale: float, shift: int) -> None:
    y = np.array([10.0, 11, 9, 13, 16, 12, np.nan, 22, 18, 27, 33, 25])
    plain = trends(y[None])
    moved = trends(np.concatenate([np.full(shift, np.nan), scale * y])[None])
    for name in ("growth_pct", "std_error", "pvalue", "growth_low", "growth_high"):
        assert getattr(moved, name) == pytest.approx(getattr(plain, name), rel=1e-9)


def test_names_that_are_unknown_are_refused() -> None:
    with pytest.raises(ValueError, match="form to be one of log, level"):
        trends(np.ones((1, 3)), form="poisson")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="se to be one of"):
        trends(np.ones((1, 3)), se="hc1")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="between 0 and 1"):
        trends(np.ones((1, 3)), level=95)
    with pytest.raises(ValueError, match="lags"):
        trends(np.ones((1, 3)), lags=2)


def test_a_block_without_series_has_none() -> None:
    assert len(trends(np.empty((0, 5))).slope) == 0
    assert trends(np.empty((2, 0))).reason.tolist() == [Reason.FEW, Reason.FEW]
    index = pd.Index([2001, 2002, 2003])
    assert trends(np.full((1, 3), np.nan)).nobs == 0
    with pytest.raises(ValueError, match="at least 3"):
        fit_trend(pd.Series([np.nan] * 3, index=index))
