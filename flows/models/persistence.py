"""
First-order autocorrelation of errors, read off residuals, and what it does to linear functions.

Throughout, ``steps`` number the periods on the calendar as in :class:`~flows.models.sample.Sample`:
two errors that lie ``d`` periods apart have the correlation ``rho ** d``, whatever lies between.
"""

from collections.abc import Callable

import numpy as np
from scipy.optimize import brentq
from scipy.signal import lfilter

from flows.canonical import TIE
from flows.models.covariance import free_cosines, on_calendar
from flows.models.least_squares import fit_least_squares
from flows.models.sample import FloatArray, IntArray

LARGEST = 0.98
"""Errors that persist more are next to a random walk, which no regression on time stands."""

CLOSE = 1e-12
"""How near the root is found, in units of the correlation."""


def estimate_persistence(x: FloatArray, resids: FloatArray, steps: IntArray) -> float:
    r"""
    Return the correlation of neighbouring errors, from 0 to :data:`LARGEST`.

    Residuals are less correlated than errors, the more regressors and the fewer observations. The
    estimate is the :math:`\rho` under which the sum of the products of neighbouring residuals and
    that of their squares have expectations in the ratio of those observed. Three residuals beside a
    line have one ratio whatever the errors, which says nothing: the estimate is zero.

    MacKinnon, J. G. and Smith, A. A. (1998). Approximate bias correction in econometrics. Journal
    of Econometrics 85 (2), 205-230.
    """
    grid = on_calendar(resids[:, None], steps)[:, 0]
    total = float(grid @ grid)
    if total == 0:
        return 0.0
    observed = float(grid[1:] @ grid[:-1]) / total
    basis = np.linalg.qr(x / np.linalg.norm(x, axis=0))[0]
    expected = _expectation(basis, steps)
    if expected(0.0) >= observed - TIE:
        return 0.0
    if expected(LARGEST) <= observed:
        return LARGEST
    return float(brentq(lambda rho: expected(rho) - observed, 0.0, LARGEST, xtol=CLOSE))


def autoregressive_spread(weights: FloatArray, steps: IntArray, rho: float) -> FloatArray:
    """Return the covariance of sums of errors of variance one, ``weights`` of shape ``(n, k)``."""
    grid = on_calendar(weights, steps)
    past = grid.T @ lfilter([1.0], [1.0, -rho], grid, axis=0)
    return np.asarray(past + past.T - grid.T @ grid)


def _expectation(basis: FloatArray, steps: IntArray) -> Callable[[float], float]:
    """
    Return the expected ratio as a function of rho, for residuals of an orthonormal ``basis``.

    With errors of covariance V, shift L and residual maker M the numerator is tr(MLMV), the
    denominator tr(MV): polynomials in rho, whose powers are distances in time.
    """
    grid = on_calendar(basis, steps)
    present = on_calendar(np.ones((len(steps), 1)), steps)
    padded = np.pad(grid, ((1, 1), (0, 0)))
    shifted = present * (padded[2:] + padded[:-2]) / 2
    above = _by_distance(grid @ (grid.T @ shifted), grid) - 2 * _by_distance(shifted, grid)
    above[1] += float(present[1:, 0] @ present[:-1, 0])
    below = -_by_distance(grid, grid)
    below[0] += len(steps)
    distances = np.arange(len(grid))

    def expected(rho: float) -> float:
        powers = rho**distances
        return float((above @ powers) / (below @ powers))

    return expected


def _by_distance(left: FloatArray, right: FloatArray) -> FloatArray:
    """Sum the products of the rows of two grids by their distance in time, columns together."""
    span = len(left)
    transforms = np.conj(np.fft.rfft(left, 2 * span, axis=0)) * np.fft.rfft(right, 2 * span, axis=0)
    lags = np.fft.irfft(transforms.sum(axis=1), 2 * span)
    lags[1:span] += lags[:span:-1]
    return np.asarray(lags[:span])


def persistent_series(
    x: FloatArray, resids: FloatArray, *, steps: IntArray, count: int
) -> FloatArray:
    r"""
    Estimate the covariance of :func:`~flows.models.covariance.orthogonal_series` in short samples.

    That one takes errors to be as variable at the frequencies of the regressors as at those of the
    cosines, which lie above. Under persistence they are more so. Here :math:`(X'X)^{-1}` is
    replaced by the covariance of the coefficients as a multiple of the expected mean square of the
    projections, both under a first-order autoregression with the coefficient of
    :func:`estimate_persistence`. Without autocorrelation, and in the limit, the two are the same.

    Sun, Y. (2011). Journal of Econometrics 164 (2), 345-366; the correction by a fitted
    autoregression is in the manner of Mueller, U. K. (2014). HAC corrections for strongly
    autocorrelated time series. Journal of Business & Economic Statistics 32 (3), 311-322.
    """
    cosines = free_cosines(x, steps=steps, count=count)
    rho = estimate_persistence(x, resids, steps)
    expected = float(np.trace(autoregressive_spread(cosines, steps, rho))) / count
    weights = x @ fit_least_squares(x, resids).bread
    spread = autoregressive_spread(weights, steps, rho)
    return spread * (float(np.mean((cosines.T @ resids) ** 2)) / expected)
