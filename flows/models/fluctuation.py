"""
Does a regression drift away from itself: cumulated and moving sums of its residuals.

Throughout, ``x`` are regressors in the order of time, shape ``(nobs, k)``, and ``y`` is the
response, shape ``(nobs,)``.
"""

from typing import NamedTuple

import numpy as np
from scipy import stats

from flows.canonical import at_least
from flows.models.least_squares import fit_least_squares
from flows.models.results import HypothesisTest
from flows.models.sample import FloatArray

_SMALL = 0.3
_DRAWS, _CHUNK = 20_000, 1000


class Sums(NamedTuple):
    """
    Sums of residuals that stay near zero while coefficients are constant, and their test.

    ``process``: values over time, the first of them zero where sums are cumulated; ``test``:
    whether they go further than chance.
    """

    process: FloatArray
    test: HypothesisTest


def _recursive_residuals(x: FloatArray, y: FloatArray) -> FloatArray:
    """
    Return the standardised errors of predicting each observation from those before it.

    Brown, R. L., Durbin, J. and Evans, J. M. (1975). Journal of the Royal Statistical Society B
    37 (2), 149-192.
    """
    nobs, k = x.shape
    resids = np.empty(nobs - k)
    for t in range(k, nobs):
        fit = fit_least_squares(x[:t], y[:t])
        scale = np.sqrt(1 + x[t] @ fit.bread @ x[t])
        resids[t - k] = (y[t] - x[t] @ fit.params) / scale
    return resids


def recursive_cusum(x: FloatArray, y: FloatArray) -> Sums:
    """
    Test constancy by the cumulated sum of recursive residuals.

    Brown, R. L., Durbin, J. and Evans, J. M. (1975). Journal of the Royal Statistical Society B
    37 (2), 149-192. Zeileis, A. (2000). p values and alternative boundaries for CUSUM tests.
    Working Paper 78, SFB Adaptive Information Systems and Modelling in Economics; equation 8.
    """
    resids = _recursive_residuals(x, y)
    scale = np.std(resids, ddof=1) * np.sqrt(len(resids))
    process = np.concatenate([[0.0], np.cumsum(resids)]) / scale
    boundary = 1 + 2 * np.linspace(0, 1, len(process))
    statistic = float(np.max(np.abs(process / boundary)))
    return Sums(process, HypothesisTest("Rec-CUSUM", _NULL, statistic, _crossing_pvalue(statistic)))


def ols_cusum(x: FloatArray, y: FloatArray) -> Sums:
    """
    Test constancy by the cumulated sum of least-squares residuals.

    Ploberger, W. and Kraemer, W. (1992). The CUSUM test with OLS residuals. Econometrica 60
    (2), 271-285.
    """
    process = _cumulated(x, y)
    statistic = float(np.max(np.abs(process)))
    return Sums(process, HypothesisTest("OLS-CUSUM", _NULL, statistic, _bridge_pvalue(statistic)))


def ols_mosum(
    x: FloatArray, y: FloatArray, *, rng: np.random.Generator, bandwidth: float = 0.15
) -> Sums:
    """
    Look for instability by sums of least-squares residuals over a moving window.

    Chu, C.-S. J., Hornik, K. and Kuan, C.-M. (1995). MOSUM tests for parameter constancy.
    Biometrika 82 (3), 603-617.
    """
    nobs = len(y)
    window = int(np.floor(bandwidth * nobs))
    if not 0 < window < nobs:
        raise ValueError(f"expected a window of 1 to {nobs - 1} observations, found {window}")
    process = _moved(_cumulated(x, y)[None, :], window)[0]
    statistic = float(np.max(np.abs(process)))
    pvalue = _mosum_pvalue(statistic, share=window / nobs, rng=rng)
    return Sums(process, HypothesisTest("OLS-MOSUM", _NULL, statistic, pvalue))


_NULL = "constant coefficients"


def _cumulated(x: FloatArray, y: FloatArray) -> FloatArray:
    nobs, k = x.shape
    resids = fit_least_squares(x, y).resids
    scale = np.sqrt(resids @ resids / (nobs - k) * nobs)
    return np.asarray(np.concatenate([[0.0], np.cumsum(resids)]) / scale)


def _moved(paths: FloatArray, window: int) -> FloatArray:
    return np.asarray(paths[:, window:] - paths[:, :-window])


def _crossing_pvalue(statistic: float) -> float:
    """Return the chance that Brownian motion crosses the lines of Brown, Durbin and Evans."""
    x = statistic
    if x < _SMALL:
        return 1 - 0.1465 * x
    tail, cdf = stats.norm.sf, stats.norm.cdf
    upper = tail(3 * x) + np.exp(-4 * x**2) * (cdf(x) + cdf(5 * x) - 1)
    return float(2 * (upper - np.exp(-16 * x**2) * tail(x)))


def _bridge_pvalue(statistic: float) -> float:
    """Return the chance that a Brownian bridge goes that far: Kolmogorov's distribution."""
    return float(stats.kstwobign.sf(statistic))


def _mosum_pvalue(statistic: float, *, share: float, rng: np.random.Generator) -> float:
    grid = 500
    largest = np.empty(_DRAWS)
    window = max(1, round(share * grid))
    for start in range(0, _DRAWS, _CHUNK):
        steps = rng.standard_normal((_CHUNK, grid)) / np.sqrt(grid)
        paths = np.pad(np.cumsum(steps, axis=1), ((0, 0), (1, 0)))
        bridges = paths - np.linspace(0, 1, grid + 1) * paths[:, -1:]
        largest[start : start + _CHUNK] = np.abs(_moved(bridges, window)).max(axis=1)
    return float((1 + np.sum(at_least(largest, statistic))) / (1 + _DRAWS))
