"""Covariance by resampling residuals; chance comes in as a generator."""

import math

import numpy as np

from flows.errors import SampleError
from flows.models.least_squares import fit_least_squares
from flows.models.sample import FloatArray, IntArray


def wild_bootstrap(
    x: FloatArray, resids: FloatArray, *, draws: int, rng: np.random.Generator
) -> FloatArray:
    r"""
    Estimate the covariance from residuals with random signs, for errors of changing variance.

    Parameters
    ----------
    x : numpy.ndarray
        Regressors, shape ``(nobs, k)``.
    resids : numpy.ndarray
        Residuals of the regression on ``x``, shape ``(nobs,)``.
    draws : int
        Number of resamples.
    rng : numpy.random.Generator
        Source of chance.

    Returns
    -------
    numpy.ndarray
        Covariance of the coefficients over the draws, shape ``(k, k)``.

    Raises
    ------
    ValueError
        If there are fewer than two draws.

    Notes
    -----
    Residuals are divided by :math:`\sqrt{1-h_i}` and keep or change their sign with equal chance,
    so the expected covariance is HC2.

    References
    ----------
    .. [1] Davidson, R. and Flachaire, E. (2008). The wild bootstrap, tamed at last. Journal of
       Econometrics 146 (1), 162-169.

    Examples
    --------
    >>> x, resids = np.ones((4, 1)), np.array([1.0, 1.0, -1.0, -1.0])
    >>> wild_bootstrap(x, resids, draws=9999, rng=np.random.default_rng(1)).round(1)
    array([[0.3]])
    """
    fit = fit_least_squares(x, resids)
    scaled = resids / np.sqrt(1 - fit.leverage)
    signs = rng.choice([-1.0, 1.0], size=(_enough(draws), len(x)))
    return _spread(x, fit.bread, signs * scaled)


def block_bootstrap(
    x: FloatArray,
    resids: FloatArray,
    *,
    steps: IntArray,
    length: int | None = None,
    draws: int,
    rng: np.random.Generator,
) -> FloatArray:
    r"""
    Estimate the covariance from overlapping blocks of residuals, for autocorrelated errors.

    Parameters
    ----------
    x : numpy.ndarray
        Regressors in the order of time, shape ``(nobs, k)``.
    resids : numpy.ndarray
        Residuals of the regression on ``x``, shape ``(nobs,)``.
    steps : numpy.ndarray
        Number of each observation's period; without gaps.
    length : int, optional
        Periods in a block; without it :math:`\lceil n^{1/3} \rceil`.
    draws : int
        Number of resamples.
    rng : numpy.random.Generator
        Source of chance.

    Returns
    -------
    numpy.ndarray
        Covariance of the coefficients over the draws, shape ``(k, k)``.

    Raises
    ------
    ValueError
        If there are fewer than two draws, or ``length`` is not between 1 and the sample.
    SampleError
        If a period is missing: a block would jump over the gap.

    References
    ----------
    .. [1] Kuensch, H. R. (1989). The jackknife and the bootstrap for general stationary
       observations. Annals of Statistics 17 (3), 1217-1241.

    Examples
    --------
    >>> x, resids = np.ones((4, 1)), np.array([1.0, 1.0, -1.0, -1.0])
    >>> rng = np.random.default_rng(1)
    >>> block_bootstrap(x, resids, steps=np.arange(4), length=1, draws=9999, rng=rng).round(2)
    array([[0.25]])
    """
    nobs = len(x)
    if np.any(np.diff(steps) != 1):
        raise SampleError("expected no missing period for blocks of residuals, found a gap")
    width = math.ceil(round(nobs ** (1 / 3), 9)) if length is None else length
    if not 1 <= width <= nobs:
        raise ValueError(f"expected blocks of 1 to {nobs} periods, found {width}")
    starts = rng.integers(0, nobs - width + 1, size=(_enough(draws), math.ceil(nobs / width)))
    places = (starts[:, :, None] + np.arange(width)).reshape(draws, -1)[:, :nobs]
    return _spread(x, fit_least_squares(x, resids).bread, resids[places])


def _enough(draws: int) -> int:
    if draws < 2:  # noqa: PLR2004 - one draw has no spread
        raise ValueError(f"expected at least 2 draws, found {draws}")
    return draws


def _spread(x: FloatArray, bread: FloatArray, errors: FloatArray) -> FloatArray:
    """Return the covariance of the coefficients of each row of errors."""
    return np.atleast_2d(np.cov(errors @ x @ bread, rowvar=False))
