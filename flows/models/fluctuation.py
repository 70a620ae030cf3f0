"""Does a regression drift away from itself: cumulated and moving sums of its residuals."""

from dataclasses import dataclass

import numpy as np
from scipy import stats

from flows.models.hypothesis import HypothesisTest
from flows.models.least_squares import fit_least_squares
from flows.models.sample import FloatArray
from flows.ties import at_least

_SMALL = 0.3
_DRAWS, _CHUNK = 20_000, 1000


@dataclass(frozen=True, slots=True)
class Fluctuation:
    """
    A process that stays near zero while coefficients are constant, and its test.

    Parameters
    ----------
    process : numpy.ndarray
        Values over time, the first of them zero where sums are cumulated.
    test : HypothesisTest
        Whether it goes further than chance.
    """

    process: FloatArray
    test: HypothesisTest


def recursive_residuals(x: FloatArray, y: FloatArray) -> FloatArray:
    """
    Return the standardised errors of predicting each observation from those before it.

    Parameters
    ----------
    x : numpy.ndarray
        Regressors in the order of time, shape ``(nobs, k)``; the first ``k`` rows independent.
    y : numpy.ndarray
        Response, shape ``(nobs,)``.

    Returns
    -------
    numpy.ndarray
        Shape ``(nobs - k,)``.

    Raises
    ------
    SampleError
        If the first ``k`` rows of the regressors are dependent.

    References
    ----------
    .. [1] Brown, R. L., Durbin, J. and Evans, J. M. (1975). Journal of the Royal Statistical
       Society B 37 (2), 149-192.

    Examples
    --------
    >>> recursive_residuals(np.ones((3, 1)), np.array([1.0, 3.0, 5.0])).round(4)
    array([1.4142, 2.4495])
    """
    nobs, k = x.shape
    found = np.empty(nobs - k)
    for t in range(k, nobs):
        fit = fit_least_squares(x[:t], y[:t])
        scale = np.sqrt(1 + x[t] @ fit.bread @ x[t])
        found[t - k] = (y[t] - x[t] @ fit.params) / scale
    return found


def recursive_cusum(x: FloatArray, y: FloatArray) -> Fluctuation:
    r"""
    Test constancy by the cumulated sum of recursive residuals.

    Parameters
    ----------
    x : numpy.ndarray
        Regressors in the order of time, shape ``(nobs, k)``.
    y : numpy.ndarray
        Response, shape ``(nobs,)``.

    Returns
    -------
    Fluctuation
        Process of length ``nobs - k + 1``; the statistic is its largest distance from zero in
        units of the boundary :math:`1 + 2t`.

    Raises
    ------
    SampleError
        If the first ``k`` rows of the regressors are dependent.

    References
    ----------
    .. [1] Brown, R. L., Durbin, J. and Evans, J. M. (1975). Journal of the Royal Statistical
       Society B 37 (2), 149-192.
    .. [2] Zeileis, A. (2000). p values and alternative boundaries for CUSUM tests. Working Paper
       78, SFB Adaptive Information Systems and Modelling in Economics; equation 8.

    Examples
    --------
    >>> recursive_cusum(np.ones((4, 1)), np.array([1.0, 1.0, 3.0, 3.0])).process.round(3)
    array([0.   , 0.   , 1.123, 1.917])
    """
    resids = recursive_residuals(x, y)
    scale = np.std(resids, ddof=1) * np.sqrt(len(resids))
    process = np.concatenate([[0.0], np.cumsum(resids)]) / scale
    boundary = 1 + 2 * np.linspace(0, 1, len(process))
    statistic = float(np.max(np.abs(process / boundary)))
    return Fluctuation(
        process, HypothesisTest("Rec-CUSUM", _NULL, statistic, _crossing_pvalue(statistic))
    )


def ols_cusum(x: FloatArray, y: FloatArray) -> Fluctuation:
    """
    Test constancy by the cumulated sum of least-squares residuals.

    Parameters
    ----------
    x : numpy.ndarray
        Regressors in the order of time with a constant, shape ``(nobs, k)``.
    y : numpy.ndarray
        Response, shape ``(nobs,)``.

    Returns
    -------
    Fluctuation
        Process of length ``nobs + 1``; the statistic is its largest distance from zero.

    Raises
    ------
    SampleError
        If the regressors are dependent.

    References
    ----------
    .. [1] Ploberger, W. and Kraemer, W. (1992). The CUSUM test with OLS residuals. Econometrica 60
       (2), 271-285.

    Examples
    --------
    >>> ols_cusum(np.ones((4, 1)), np.array([1.0, 1.0, 3.0, 3.0])).process.round(3)
    array([ 0.   , -0.433, -0.866, -0.433,  0.   ])
    """
    process = _cumulated(x, y)
    statistic = float(np.max(np.abs(process)))
    return Fluctuation(
        process, HypothesisTest("OLS-CUSUM", _NULL, statistic, _bridge_pvalue(statistic))
    )


def ols_mosum(
    x: FloatArray, y: FloatArray, *, rng: np.random.Generator, bandwidth: float = 0.15
) -> Fluctuation:
    r"""
    Look for instability by sums of least-squares residuals over a moving window.

    Parameters
    ----------
    x : numpy.ndarray
        Regressors in the order of time with a constant, shape ``(nobs, k)``.
    y : numpy.ndarray
        Response, shape ``(nobs,)``.
    rng : numpy.random.Generator
        Source of the 20,000 Brownian bridges behind the p-value, whose standard error is
        :math:`\sqrt{p (1 - p) / 20000}`: 0.0015 at 0.05.
    bandwidth : float
        Length of the window as a share of the sample.

    Returns
    -------
    Fluctuation
        Process of length ``nobs - window + 1``; the statistic is its largest distance from zero.

    Raises
    ------
    ValueError
        If the window holds no observation or the whole sample.

    References
    ----------
    .. [1] Chu, C.-S. J., Hornik, K. and Kuan, C.-M. (1995). MOSUM tests for parameter constancy.
       Biometrika 82 (3), 603-617.

    Examples
    --------
    >>> y, rng = np.array([1.0, 1.0, 3.0, 3.0]), np.random.default_rng(1995)
    >>> ols_mosum(np.ones((4, 1)), y, rng=rng, bandwidth=0.5).process.round(3)
    array([-0.866,  0.   ,  0.866])
    """
    nobs = len(y)
    window = int(np.floor(bandwidth * nobs))
    if not 0 < window < nobs:
        raise ValueError(f"expected a window of 1 to {nobs - 1} observations, found {window}")
    process = _moved(_cumulated(x, y)[None, :], window)[0]
    statistic = float(np.max(np.abs(process)))
    pvalue = _mosum_pvalue(statistic, share=window / nobs, rng=rng)
    return Fluctuation(process, HypothesisTest("OLS-MOSUM", _NULL, statistic, pvalue))


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
