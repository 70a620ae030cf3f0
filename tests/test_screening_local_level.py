"""Local levels of all series at once are those of the series one by one, and of other programs."""

from functools import partial

import numpy as np
import pandas as pd
import pytest
from references import NILE
from statsmodels.tsa.statespace.structural import UnobservedComponents

from flows.errors import SampleError
from flows.models.sample import FloatArray
from flows.models.state_space import LocalForm, fit_local_trend
from flows.screening.blocks import over_blocks
from flows.screening.local_level import LocalLevels, fit_local_levels, level_loglik
from flows.screening.reasons import Reason

RNG = np.random.default_rng(20261126)
ESTIMATES = ("noise_variance", "level_variance", "loglik", "last_level", "last_level_std_error")


def drawn(count: int, nobs: int, *, gaps: float = 0.0) -> FloatArray:
    """Return random walks behind noise, of all ratios of the two, one of them zero at times."""
    scales = np.exp(RNG.normal(-1, 1.5, size=(2, count, 1)))
    scales[RNG.integers(2, size=count), np.arange(count)] *= RNG.random((count, 1)) > 0.3
    noise, shocks = scales * RNG.normal(size=(2, count, nobs))
    values = RNG.normal(size=(count, 1)) + noise + shocks.cumsum(axis=1)
    values[RNG.random(values.shape) < gaps] = np.nan
    return np.asarray(values)


def one_by_one(values: FloatArray, form: LocalForm) -> FloatArray:
    """Return the estimates of the function of one series, NaN where it raises."""
    try:
        y = pd.Series(values, index=pd.period_range("1800", periods=len(values), freq="Y"))
        fit = fit_local_trend(y, kind="level", form=form, noise="white")
    except SampleError:
        return np.full(len(ESTIMATES), np.nan)
    last = fit.states.iloc[-1]
    return np.array([*fit.variances, fit.loglik, last["level"], last["level_std_error"]])


def estimates(fits: LocalLevels) -> FloatArray:
    return np.column_stack([getattr(fits, name) for name in ESTIMATES])


def assert_equal_one_by_one(values: FloatArray, form: LocalForm = "level") -> None:
    fits = fit_local_levels(values, form=form)
    expected = np.array([one_by_one(row, form) for row in values])
    np.testing.assert_array_equal(np.isnan(expected[:, 0]), fits.reason != Reason.NONE)
    found = estimates(fits)
    np.testing.assert_allclose(found[:, 2:], expected[:, 2:], rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(found[:, :2], expected[:, :2], rtol=1e-7)


def test_nile_equals_durbin_and_koopman() -> None:
    # Durbin and Koopman (2012), section 2.10.3: variances 15,098.5 and 1,469.2. By section 2.11
    # the variance of the level known from all values so far is p - q, p^2 = p q + q, by the noise.
    fits = fit_local_levels(NILE.to_numpy(dtype="float64")[None], form="level")
    noise, level = fits.noise_variance[0], fits.level_variance[0]
    assert noise == pytest.approx(15098.5, abs=0.05)
    assert level == pytest.approx(1469.2, abs=0.05)
    q = level / noise
    steady = noise * ((q + np.sqrt(q**2 + 4 * q)) / 2 - q)
    assert fits.last_level_std_error[0] ** 2 == pytest.approx(steady, rel=1e-6)


def test_nile_with_gaps_is_as_likely_as_any_start_of_statsmodels_finds() -> None:
    values = NILE.to_numpy(dtype="float64").copy()
    values[20:40] = values[60:80] = np.nan
    fits = fit_local_levels(values[None], form="level")
    model = UnobservedComponents(values, level="local level", use_exact_diffuse=True)
    model.ssm.tolerance = 0
    at_ours = model.loglike([fits.noise_variance[0], fits.level_variance[0]])
    assert fits.loglik[0] == pytest.approx(at_ours, rel=1e-12)
    starts = ([1e4, 1e3], [1e3, 1e4], [1e4, 1.0], [1.0, 1e4])
    tops = [model.fit(start, disp=False, cov_type="none").llf for start in starts]
    assert fits.loglik[0] >= max(tops) - 1e-9
    filtered = model.smooth([fits.noise_variance[0], fits.level_variance[0]], cov_type="none")
    assert fits.last_level[0] == pytest.approx(filtered.level.filtered[-1], rel=1e-9)


@pytest.mark.parametrize("gaps", [0.0, 0.1, 0.5])
@pytest.mark.parametrize("nobs", [5, 7, 12, 30, 60])
def test_equal_one_by_one(nobs: int, gaps: float) -> None:
    assert_equal_one_by_one(drawn(25, nobs, gaps=gaps))


def test_logarithms_equal_one_by_one() -> None:
    assert_equal_one_by_one(np.exp(drawn(40, 20, gaps=0.1)) * 1e6, "log")


def odd_series() -> FloatArray:
    """Return series with ties, zeros, one value, none, an infinite one, and without noise."""
    rows = [
        RNG.integers(0, 3, size=20).astype(float),
        RNG.integers(1, 3, size=20).astype(float),
        np.repeat([1.0, 5.0], 10),
        np.tile([1.0, 2.0], 10),
        np.arange(1.0, 21.0),
        np.full(20, 3.0),
        np.zeros(20),
        np.append(np.full(19, 1.0), 1.0 + 1e-14),
        np.append(np.full(19, 1.0), 2.0),
        np.append(2.0, np.full(19, 1.0)),
        1e12 * np.exp(1e-6 * np.arange(20.0)),
        np.nextafter(1e30, np.repeat([0.0, np.inf], 10)),
        np.append(RNG.normal(size=19), np.inf),
        np.append(RNG.normal(size=19), -np.inf),
        -np.exp(RNG.normal(size=20)),
        np.full(20, np.nan),
        np.where(np.arange(20) < 4, np.arange(20.0) ** 2 + 1, np.nan),
        np.where(np.arange(20) % 5 == 2, np.arange(20.0) ** 2 + 1, np.nan),
        np.where(np.arange(20) < 5, np.exp(np.arange(20.0) % 3), np.nan),
        np.where(np.isin(np.arange(20), [0, 1, 2, 3, 19]), np.arange(20.0) ** 2 + 1, np.nan),
        np.where(np.isin(np.arange(20), [0, 16, 17, 18, 19]), np.arange(20.0) % 3 + 1, np.nan),
    ]
    return np.array(rows)


@pytest.mark.parametrize("form", ["level", "log"])
def test_odd_series_equal_one_by_one(form: LocalForm) -> None:
    assert_equal_one_by_one(odd_series(), form)


def test_reasons_by_hand() -> None:
    rows = [
        [1.0, 2.0, np.inf, np.nan, np.nan, np.nan],
        [1.0, 2.0, 4.0, 3.0, np.nan, np.nan],
        [-2.0, -2.0, -2.0, -2.0, -2.0, np.nan],
        [0.0, 1.0, 2.0, 1.0, 3.0, np.nan],
        [1.0, 2.0, 1.0, 3.0, 1.0, 5.0],
    ]
    fits = fit_local_levels(np.array(rows))
    assert fits.reason.tolist() == [
        Reason.INFINITE,
        Reason.FEW_FOR_LEVEL,
        Reason.CONSTANT,
        Reason.NOT_POSITIVE,
        Reason.NONE,
    ]
    assert fits.nobs.tolist() == [3, 4, 5, 5, 6]
    assert np.isnan(estimates(fits)).all(axis=1).tolist() == [True] * 4 + [False]


@pytest.mark.parametrize("shape", [(0, 5), (3, 0), (2, 1), (1, 4)])
def test_no_series_and_too_short_ones(shape: tuple[int, int]) -> None:
    fits = fit_local_levels(np.ones(shape))
    assert fits.reason.tolist() == [Reason.FEW_FOR_LEVEL] * shape[0]


@pytest.mark.parametrize("gaps", [0.0, 0.3])
def test_likelihood_at_given_variances_is_that_of_statsmodels(gaps: float) -> None:
    values = drawn(40, 25, gaps=gaps)
    noise, level = np.exp(RNG.normal(0, 2, size=(2, len(values))))
    noise[:10], level[10:20] = 0.0, 0.0
    found = level_loglik(values, noise, level)
    for row, loglik, *variances in zip(values, found, noise, level, strict=True):
        model = UnobservedComponents(row, level="local level", use_exact_diffuse=True)
        model.ssm.tolerance = 0
        assert loglik == pytest.approx(model.loglike(variances), rel=1e-10)


@pytest.mark.parametrize(("nobs", "gaps"), [(6, 0.0), (12, 0.3), (40, 0.2)])
def test_no_ratio_on_a_fine_grid_is_more_likely(nobs: int, gaps: float) -> None:
    values = drawn(250, nobs, gaps=gaps)
    fits = fit_local_levels(values, form="level")
    ratios = np.concatenate([[0.0], np.geomspace(1e-7, 1e7, 400)])
    for row, loglik, reason in zip(values, fits.loglik, fits.reason, strict=True):
        if reason == Reason.NONE:
            assert loglik >= best_by_matrices(row, ratios) - 1e-9


def best_by_matrices(row: FloatArray, ratios: FloatArray) -> float:
    """Return the highest log-likelihood of changes between values under whole covariances."""
    at = np.flatnonzero(~np.isnan(row))
    changes, over = np.diff(row[at]), np.diff(at)
    count = len(changes)
    noise = 2 * np.eye(count) - np.eye(count, k=1) - np.eye(count, k=-1)
    covariances = noise + ratios[:, None, None] * np.diag(over)
    squares = np.linalg.solve(covariances, changes[:, None])[..., 0] @ changes
    logs = np.linalg.slogdet(covariances)[1]
    logliks = -(count * (1 + np.log(2 * np.pi * squares / count)) + logs + np.log(2 * np.pi)) / 2
    walk = np.log(2 * np.pi * np.mean(changes**2 / over))
    none = -(count * (1 + walk) + np.log(over).sum() + np.log(2 * np.pi)) / 2
    return float(max(logliks.max(), none))


def test_order_blocks_and_threads_change_no_byte() -> None:
    values = drawn(100, 24, gaps=0.2)
    whole = estimates(fit_local_levels(values, form="level"))
    order = RNG.permutation(len(values))
    kernel = partial(fit_local_levels, form="level")
    np.testing.assert_array_equal(estimates(kernel(values[order])), whole[order])
    for block in (1, 7, 64):
        np.testing.assert_array_equal(estimates(over_blocks(kernel, values, block=block)), whole)


def test_unit_and_origin_move_what_they_should() -> None:
    values = drawn(100, 15, gaps=0.1)
    values = values[fit_local_levels(values, form="level").reason == Reason.NONE]
    base = fit_local_levels(values, form="level")
    moved = fit_local_levels(1000 * values + 7, form="level")
    np.testing.assert_allclose(moved.noise_variance, 1e6 * base.noise_variance, rtol=1e-7)
    np.testing.assert_allclose(moved.level_variance, 1e6 * base.level_variance, rtol=1e-7)
    np.testing.assert_allclose(moved.last_level, 1000 * base.last_level + 7, rtol=1e-9)
    lost = (base.nobs - 1) * np.log(1000)
    np.testing.assert_allclose(moved.loglik, base.loglik - lost, rtol=1e-9)
