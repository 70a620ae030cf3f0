"""Covariance from a few cosines of the residuals: few degrees of freedom, and honest about it."""

import math

import numpy as np
from scipy.linalg import qr

from flows.errors import SampleError
from flows.models.least_squares import fit_least_squares
from flows.models.sample import FloatArray, IntArray
from flows.ties import floor_of


def cosines(nobs: int) -> int:
    r"""
    Return :math:`\lfloor 0.4 n^{2/3} \rfloor`, the number of cosines that suits the sample size.

    Parameters
    ----------
    nobs : int
        Number of observations.

    Returns
    -------
    int
        At least 1; 2 for 20 observations, 8 for 100.

    Raises
    ------
    ValueError
        If ``nobs`` is not positive.

    References
    ----------
    .. [1] Lazarus, E., Lewis, D. J., Stock, J. H. and Watson, M. W. (2018). HAR inference:
       recommendations for practice. Journal of Business & Economic Statistics 36 (4), 541-559.

    Examples
    --------
    >>> cosines(20), cosines(100), cosines(216)
    (2, 8, 14)
    """
    if nobs < 1:
        raise ValueError(f"expected a positive number of observations, found {nobs}")
    return max(1, floor_of(0.4 * math.pow(nobs, 2 / 3)))


def equal_weighted_cosine(
    x: FloatArray, resids: FloatArray, *, steps: IntArray, count: int
) -> FloatArray:
    """
    Estimate the covariance from equally weighted cosine transforms of the scores.

    Parameters
    ----------
    x : numpy.ndarray
        Regressors in the order of time, shape ``(nobs, k)``.
    resids : numpy.ndarray
        Residuals of the regression on ``x``, shape ``(nobs,)``.
    steps : numpy.ndarray
        Number of each observation's period, strictly increasing, shape ``(nobs,)``; a cosine is
        read off where the period stands on the calendar.
    count : int
        Number of cosines, which is the degrees of freedom of Student's t.

    Returns
    -------
    numpy.ndarray
        Covariance of the coefficients, shape ``(k, k)``.

    Raises
    ------
    ValueError
        If ``count`` is not between 1 and the number of observations.

    References
    ----------
    .. [1] Lazarus, E., Lewis, D. J., Stock, J. H. and Watson, M. W. (2018). HAR inference:
       recommendations for practice. Journal of Business & Economic Statistics 36 (4), 541-559.

    Examples
    --------
    >>> resids = np.array([1.0, 1.0, -1.0, -1.0])
    >>> equal_weighted_cosine(np.ones((4, 1)), resids, steps=np.arange(4), count=1).round(4)
    array([[0.8536]])
    """
    _check_count(count, len(x))
    transforms = _basis(steps, count).T @ (x * resids[:, None])
    bread = fit_least_squares(x, resids).bread
    return np.asarray(bread @ (2 / count * transforms.T @ transforms) @ bread)


def orthogonal_series(
    x: FloatArray, resids: FloatArray, *, steps: IntArray, count: int
) -> FloatArray:
    r"""
    Estimate the covariance of trend coefficients from cosines made orthogonal to the regressors.

    Parameters
    ----------
    x : numpy.ndarray
        Constant, trends and shifts in the order of time, shape ``(nobs, k)``.
    resids : numpy.ndarray
        Residuals of the regression on ``x``, shape ``(nobs,)``.
    steps : numpy.ndarray
        Number of each observation's period, strictly increasing, shape ``(nobs,)``.
    count : int
        Number of cosines, which is the degrees of freedom of Student's t.

    Returns
    -------
    numpy.ndarray
        :math:`\hat\omega^2 (X'X)^{-1}`, where :math:`\hat\omega^2` is the mean squared projection
        of the residuals on the series, shape ``(k, k)``.

    Raises
    ------
    ValueError
        If ``count`` is not between 1 and the number of observations less the regressors.
    SampleError
        If the cosines depend on the regressors.

    Notes
    -----
    The regressors move slowly, so only the long-run variance of the errors matters. Residuals carry
    no trace of the regressors, and neither do the series: with uncorrelated normal errors the t
    ratio has exactly Student's distribution, and stays close to it under autocorrelation.

    Seasonal dummies do not move slowly. Beside them the errors of the slope stay right, and those
    of the dummies themselves come out too large: with first-order autocorrelation of 0.5 by 1.7
    times in 72 months and 1.8 times in 216 (docs/monte-carlo.md). Test a season by other errors.

    References
    ----------
    .. [1] Sun, Y. (2011). Robust trend inference with series variance estimator and testing-optimal
       smoothing parameter. Journal of Econometrics 164 (2), 345-366.

    Examples
    --------
    >>> resids = np.array([1.0, 1.0, -1.0, -1.0])
    >>> orthogonal_series(np.ones((4, 1)), resids, steps=np.arange(4), count=3).round(12)
    array([[0.33333333]])
    """
    nobs, k = x.shape
    _check_count(count, nobs - k)
    q, r = qr(np.column_stack([x, _basis(steps, count)]), mode="economic")
    remaining = np.abs(np.diag(r)[k:])
    if remaining.min() <= nobs * np.finfo(np.float64).eps:
        raise SampleError(
            f"expected {count} cosines beside {k} regressors in {nobs} observations, found them "
            "dependent; use another covariance"
        )
    projections = q[:, k:].T @ resids
    return fit_least_squares(x, resids).bread * float(np.mean(projections**2))


def _basis(steps: IntArray, count: int) -> FloatArray:
    span = steps[-1] - steps[0] + 1
    place = (steps - steps[0] + 0.5) / span
    return np.cos(np.pi * np.outer(place, np.arange(1, count + 1)))


def _check_count(count: int, most: int) -> None:
    if not 1 <= count <= most:
        raise ValueError(f"expected 1 to {most} cosines, found {count}")
