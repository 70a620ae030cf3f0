"""Poisson pseudo-likelihood and fractional logit: existence, R's numbers, and by hand."""

from decimal import Decimal, localcontext
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from references import NILE, reference

from flows.errors import SampleError
from flows.models.quasi_likelihood import fit_quasi_likelihood, separated
from flows.models.sample import FloatArray
from flows.models.trend import average_change, fit_trend

SETS = reference("separation")["sets"]
POISSON = reference("poisson")


def _regression(columns: list[str], rows: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return regressors with a constant and a dummy for each level of a fixed effect."""
    x = [np.ones(len(rows))]
    for name, column in zip(columns[1:], rows.T[1:], strict=True):
        if name.startswith("id"):
            x.extend((column == level).astype(float) for level in np.unique(column))
        else:
            x.append(column)
    return np.column_stack(x), rows[:, 0]


@pytest.mark.parametrize("name", SETS)
def test_separated_observations_are_found_exactly(name: str) -> None:
    case = SETS[name]
    x, y = _regression(case["columns"], np.array(case["rows"], dtype=float))
    assert (np.flatnonzero(separated(x, y)) + 1).tolist() == case["separated"]


def test_separated_observations_of_real_samples_are_found_exactly(shared_reference: Path) -> None:
    files = sorted((shared_reference / "poisson_separation").glob("[01]*.csv"))
    assert len(files) == 12
    for path in files:
        frame = pd.read_csv(path)
        truth = frame.pop("separated").to_numpy() == 1
        x, y = _regression(list(frame.columns), frame.to_numpy(dtype=float))
        assert (separated(x, y) == truth).all(), path.name


def test_separation_by_hand() -> None:
    # The third regressor is positive only where y is zero: its coefficient falls for ever.
    x = np.array([[1.0, 0.0], [1.0, 0.0], [1.0, 2.0], [1.0, 0.0]])
    assert separated(x, np.array([1.0, 0.0, 0.0, 3.0])).tolist() == [False, False, True, False]
    assert not separated(x, np.array([1.0, 0.0, 0.5, 3.0])).any()
    assert separated(x, np.zeros(4)).all()


def test_share_of_one_separates_like_a_share_of_zero() -> None:
    x = np.array([[1.0, 0.0], [1.0, 0.0], [1.0, 2.0]])
    assert separated(x, np.array([0.4, 0.6, 1.0]), upper=1.0).tolist() == [False, False, True]


def test_no_estimate_is_reported_where_none_exists() -> None:
    x = np.column_stack([np.ones(4), np.arange(4)])
    with pytest.raises(SampleError, match="observations 2019, 2020, 2021 to be separated"):
        fit_quasi_likelihood(
            x, np.array([0, 0, 0, 5.0]), family="poisson", labels=range(2019, 2023)
        )


def test_poisson_trend_of_the_nile_equals_r() -> None:
    fit = fit_trend(NILE, form="poisson", se="hc0")
    assert fit.slope == pytest.approx(POISSON["params"][1], rel=1e-8)
    # R's glm stops when the deviance moves by less than 1e-8 of itself.
    assert fit.std_errors["trend"] == pytest.approx(POISSON["hc0"][1], rel=1e-7)
    hc1 = fit_trend(NILE, form="poisson", se="hc1", small_sample="none")
    assert hc1.std_errors["trend"] == pytest.approx(POISSON["hc1"][1], rel=1e-7)
    stata = fit_trend(NILE, form="poisson", se="hc1")
    assert stata.std_errors["trend"] == pytest.approx(
        POISSON["hc0"][1] * np.sqrt(100 / 99), rel=1e-7
    )
    assert stata.covariance_type == "HC1, factor n/(n-1)"


def test_poisson_deviance_and_dispersion_equal_r() -> None:
    x = np.column_stack([np.ones(100), np.arange(1, 101)])
    y = NILE.to_numpy(dtype=float)
    fit = fit_quasi_likelihood(x, y, family="poisson")
    assert fit.deviance == pytest.approx(POISSON["deviance"], rel=1e-10)
    _, resids = fit.weighted(x, y)
    assert resids @ resids / 98 == pytest.approx(POISSON["dispersion"], rel=1e-8)
    assert fit.params[0] == pytest.approx(POISSON["params"][0], rel=1e-8)


def test_poisson_admits_zeros() -> None:
    y = pd.Series([0.0, 4.0, 3.0, 4.0, 5.0, 4.0], index=pd.Index(range(2019, 2025)))
    fit = fit_trend(y, form="poisson", se="hc0")
    assert fit.growth_pct > 0
    assert fit.resids.sum() == pytest.approx(0, abs=1e-9)


def test_one_delivery_has_no_growth_rate() -> None:
    years = pd.Index(range(1994, 2024))
    one = pd.Series(np.where(years == 2023, 12.0, 0.0), index=years)
    with pytest.raises(SampleError, match=r"at least 5 periods that are not zero .* \(2023\)"):
        fit_trend(one, form="poisson")
    three = pd.Series(np.where(years % 8 == 0, 12.0, 0.0), index=years)
    with pytest.raises(SampleError, match="found 3 of 30"):
        fit_trend(three, form="poisson")
    # Without zeros nothing is lumpy: four values are few, and say so in their interval.
    assert fit_trend(pd.Series([1.0, 2, 2, 3], index=years[:4]), form="poisson").nobs == 4


def test_exact_growth_is_found_by_poisson() -> None:
    years = pd.period_range("2015", periods=6, freq="Y")
    y = pd.Series(100 * 1.07 ** np.arange(6), index=years)
    fit = fit_trend(y, form="poisson", se="hc1")
    assert fit.growth_pct == pytest.approx(7)
    assert fit.line_interval()["fitted"].to_list() == pytest.approx(y.to_list())
    assert "growth" in fit.summary()


SPIKES = [
    ([0, 1, 3, 4, 5, 6, 7], [2.6e-3, 7.2e-4, 0.57, 6.38, 12.35, 6.73, 390582]),
    ([1, 4, 10, 12, 13, 14], [0, 8.5e-4, 1.02, 0.34, 3.1e-6, 14828.8]),
    ([0, 5, 9, 10, 11], [1e-5, 0.228, 0.284, 0.006, 3557215.022]),
]


@pytest.mark.parametrize(("steps", "values"), SPIKES)
def test_a_value_far_above_the_others_costs_no_digits(
    steps: list[int], values: list[float]
) -> None:
    # With exact arithmetic: at the estimate mean times have the weights of values and of means.
    times, weights = [[Decimal(str(number)) for number in row] for row in (steps, values)]
    wanted = sum(t * w for t, w in zip(times, weights, strict=True)) / sum(weights)
    low, high = Decimal(0), Decimal(100)
    with localcontext(prec=50):
        for _ in range(100):
            slope = (low + high) / 2
            means = [(slope * (t - times[-1])).exp() for t in times]
            mean_time = sum(t * m for t, m in zip(times, means, strict=True)) / sum(means)
            low, high = (slope, high) if mean_time < wanted else (low, slope)
    fit = fit_trend(pd.Series(values, index=2000 + np.array(steps)), form="poisson")
    assert fit.slope == pytest.approx(float(slope), rel=1e-13)


def test_logit_of_two_means() -> None:
    # Shares 0.2, 0.2 then 0.5, 0.5 at t = 0, 0.. cannot repeat a year: three years, exact odds.
    odds = np.array([0.25, 0.5, 1.0])
    years = pd.period_range("2019", periods=3, freq="Y")
    fit = fit_trend(pd.Series(odds / (1 + odds), index=years), form="logit", se="hc0")
    assert fit.slope == pytest.approx(np.log(2))
    share = odds / (1 + odds)
    expected = 100 * np.log(2) * np.mean(share * (1 - share))
    assert average_change(fit) == pytest.approx(expected)
    assert fit.line_interval()["fitted"].to_list() == pytest.approx(share.tolist())
    with pytest.raises(ValueError, match="log odds grows at no constant rate"):
        _ = fit.growth_pct


def test_shares_outside_their_range_are_refused() -> None:
    y = pd.Series([0.5, 1.2, 0.4], index=pd.period_range("2019", periods=3, freq="Y"))
    with pytest.raises(SampleError, match="between 0 and 1"):
        fit_trend(y, form="logit")
    with pytest.raises(SampleError, match=r"zero or more, found -1\.2 at 2019, 2020, 2021"):
        fit_trend(-y, form="poisson")
    with pytest.raises(ValueError, match=r"form='logit', found 'log'"):
        average_change(fit_trend(y, se="classical"))
    with pytest.raises(ValueError, match="poisson or logit"):
        fit_quasi_likelihood(np.ones((2, 1)), np.ones(2), family="gamma")  # type: ignore[arg-type]


COUNTS = st.lists(st.integers(0, 20), min_size=5, max_size=12)


@given(values=COUNTS, factor=st.floats(0.01, 1e9))
def test_poisson_growth_does_not_depend_on_the_unit(values: list[int], factor: float) -> None:
    y = pd.Series(values, index=pd.period_range("2001", periods=len(values), freq="Y"), dtype=float)
    assume(np.ptp(y) > 0)
    x = np.column_stack([np.ones(len(y)), np.arange(len(y))])
    assume(not separated(x, y.to_numpy()).any())
    assume((y > 0).sum() >= 5)
    assert fit_trend(factor * y, form="poisson").slope == pytest.approx(
        fit_trend(y, form="poisson").slope, abs=1e-7
    )


@given(values=COUNTS)
def test_scores_are_zero_at_the_estimate(values: list[int]) -> None:
    y = np.array(values, dtype=float)
    x = np.column_stack([np.ones(len(y)), np.arange(len(y))])
    if separated(x, y).any():
        with pytest.raises(SampleError, match="separated"):
            fit_quasi_likelihood(x, y, family="poisson")
        return
    fit: Any = fit_quasi_likelihood(x, y, family="poisson")
    np.testing.assert_allclose(x.T @ (y - fit.mean), 0, atol=1e-4)
