"""First-order autocorrelation read off residuals: by matrices, and exact where nothing is there."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from flows.models.covariance import cosines, orthogonal_series
from flows.models.least_squares import fit_least_squares
from flows.models.persistence import (
    LARGEST,
    autoregressive_spread,
    estimate_persistence,
    persistent_series,
)
from flows.models.sample import FloatArray
from flows.models.standard_errors import Covariance, ErrorChoice, estimate_covariance, joint_test

GAPS = np.delete(np.arange(24), [3, 9, 10, 17])


def _line(steps: FloatArray) -> FloatArray:
    since = np.maximum(steps - 12, 0)
    return np.column_stack([np.ones(len(steps)), steps, since > 0, since]).astype(float)


def _spread(steps: FloatArray, rho: float) -> FloatArray:
    lags = np.abs(np.subtract.outer(steps, steps))
    return np.where(lags == 0, 1.0, rho**lags)


@pytest.mark.parametrize("rho", [0.0, 0.3, 0.9])
def test_spread_over_gaps_is_that_of_the_whole_matrix(rho: float) -> None:
    x = _line(GAPS)
    expected = x.T @ _spread(GAPS, rho) @ x
    np.testing.assert_allclose(autoregressive_spread(x, GAPS, rho), expected, rtol=1e-12)


@pytest.mark.parametrize("rho", [0.2, 0.6, 0.9])
def test_persistence_is_found_where_residuals_have_their_expected_correlation(rho: float) -> None:
    x = _line(GAPS)
    maker = np.eye(len(GAPS)) - x @ np.linalg.pinv(x)
    neighbours = (np.abs(np.subtract.outer(GAPS, GAPS)) == 1) / 2
    left = maker @ _spread(GAPS, rho) @ maker
    ratio = np.trace(neighbours @ left) / np.trace(left)
    # Residuals with that ratio: a mixture of the two extreme eigenvectors of the quadratic form.
    values, vectors = np.linalg.eigh(maker @ (neighbours - ratio * np.eye(len(GAPS))) @ maker)
    resids = vectors[:, -1] * np.sqrt(-values[0]) + vectors[:, 0] * np.sqrt(values[-1])
    assert ratio < rho
    assert estimate_persistence(x, maker @ resids, GAPS) == pytest.approx(rho, abs=1e-9)


def test_persistence_stays_between_none_and_the_largest() -> None:
    steps = np.arange(20)
    x = np.column_stack([np.ones(20), steps])
    waves = fit_least_squares(x, np.sin(steps / 3.0)).resids
    assert estimate_persistence(x, waves, steps) == LARGEST
    assert estimate_persistence(x, fit_least_squares(x, (-1.0) ** steps).resids, steps) == 0
    assert estimate_persistence(x, np.zeros(20), steps) == 0


def test_three_values_say_nothing_about_persistence() -> None:
    rng = np.random.default_rng(11)
    for steps in (np.arange(3), np.array([0, 1, 3]), np.array([0, 5, 6]), np.array([0, 2, 5])):
        x = np.column_stack([np.ones(3), steps])
        resids = [fit_least_squares(x, y).resids for y in rng.normal(size=(100, 3))]
        assert {estimate_persistence(x, left, steps) for left in resids} == {0.0}


def test_without_persistence_nothing_is_corrected() -> None:
    steps = np.arange(20)
    x = _line(steps)
    resids = fit_least_squares(x, np.random.default_rng(1).normal(size=20) + (-1.0) ** steps).resids
    expected = orthogonal_series(x, resids, steps=steps, count=2)
    np.testing.assert_allclose(
        persistent_series(x, resids, steps=steps, count=2), expected, rtol=1e-10
    )


@given(unit=st.floats(1e-12, 1e12))
def test_covariance_has_the_square_of_the_unit(unit: float) -> None:
    steps = np.arange(20)
    x = _line(steps)
    resids = fit_least_squares(x, np.cumsum(np.random.default_rng(2).normal(size=20))).resids
    small = persistent_series(x, resids, steps=steps, count=2)
    large = persistent_series(x, unit * resids, steps=steps, count=2)
    np.testing.assert_allclose(large / unit / unit, small, rtol=1e-8)


DRAWS = 1000
FAR = 4
"""Monte Carlo standard errors; chance goes further once in 16,000 times."""


def _joint_pvalues(nobs: int, choice: ErrorChoice) -> FloatArray:
    """Return p-values of a jump and a bend in the middle of white noise."""
    steps = np.arange(nobs)
    since = steps - nobs // 2
    x = np.column_stack([np.ones(nobs), steps, since >= 0, np.maximum(since, 0)]).astype(float)
    weights = np.linalg.pinv(x)
    pvalues = []
    for noise in np.random.default_rng(nobs).normal(size=(DRAWS, nobs)):
        params = weights @ noise
        covariance = estimate_covariance(x, noise - x @ params, steps, choice)
        test = joint_test("", params, covariance, slice(2, 4), null="")
        pvalues.append(test.pvalue)
    return np.array(pvalues)


def test_wald_over_q_is_exactly_f_with_one_variance_of_k_cosines() -> None:
    """The whole distribution, not one size: Kolmogorov and Smirnov against uniform p-values."""
    published = ErrorChoice("orthogonal-series", small_sample="none")
    for nobs in (20, 60):
        assert stats.kstest(_joint_pvalues(nobs, published), "uniform").pvalue > 1e-4
    # Its factor costs nothing where there is no autocorrelation.
    with_factor = np.mean(_joint_pvalues(20, ErrorChoice("orthogonal-series")) < 0.05)
    assert with_factor == pytest.approx(0.05, abs=FAR * np.sqrt(0.05 * 0.95 / DRAWS))


def test_joint_test_of_a_whole_matrix_loses_degrees_of_freedom() -> None:
    matrix = np.diag([4.0, 9.0])
    params = np.array([2.0, 3.0])
    one = joint_test("", params, Covariance(matrix, "", None, 5), slice(0, 2), null="")
    assert (one.statistic, one.df) == (1.0, (2.0, 5))
    whole = joint_test(
        "", params, Covariance(matrix, "", None, 5, whole=True), slice(0, 2), null=""
    )
    # Hotelling: (K - q + 1) / (K q) times 2, with 2 and 4 degrees of freedom.
    assert (whole.statistic, whole.df) == (pytest.approx(0.8), (2.0, 4))
    short = joint_test(
        "", params, Covariance(matrix, "", None, 1, whole=True), slice(0, 2), null=""
    )
    assert str(short) == ": none (needs 2 projections at least, found 1)"
    with pytest.raises(ValueError, match="expected a test, found none: needs 2"):
        short.rejects()
    alike = joint_test("", params, Covariance(np.ones((2, 2)), "", None, 5), slice(0, 2), null="")
    assert "not independent" in alike.reason


def test_orthogonal_series_counts_its_cosines() -> None:
    steps = np.arange(8)
    x = np.column_stack([np.ones(8), steps])
    resids = fit_least_squares(x, np.array([1.0, 3, 2, 5, 4, 4, 6, 9])).resids
    assert cosines(8) == 1
    found = estimate_covariance(x, resids, steps, ErrorChoice("orthogonal-series"))
    assert found.covariance_type == "orthogonal series, 1 cosine, AR(1) factor"
