"""A regression whose coefficients differ between regimes, and the covariance of its changes."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, get_args

import numpy as np
from scipy.linalg import block_diag

from flows.models.bandwidth import andrews_bandwidth
from flows.models.kernels import KERNELS
from flows.models.least_squares import fit_least_squares
from flows.models.long_run import long_run_meat, prewhiten
from flows.models.sample import FloatArray, IntArray

RegimeErrors = Literal["pooled", "regime", "hac", "hac-prewhitened"]


@dataclass(frozen=True, slots=True)
class RegimeFit:
    """
    Least squares with coefficients by regime.

    Parameters
    ----------
    params : numpy.ndarray
        Coefficients that change, one row a regime, shape ``(regimes, k)``.
    common : numpy.ndarray
        Coefficients that stay the same, shape ``(p,)``.
    resids : numpy.ndarray
        Shape ``(nobs,)``.
    rss : float
        Sum of squared residuals.
    """

    params: FloatArray
    common: FloatArray
    resids: FloatArray
    rss: float


def cut(nobs: int, breaks: IntArray) -> list[slice]:
    """
    Return the rows of each regime.

    Parameters
    ----------
    nobs : int
        Number of observations.
    breaks : numpy.ndarray
        First observation of each new regime, counted from 0.

    Returns
    -------
    list of slice
        One a regime, in order.

    Raises
    ------
    ValueError
        If the breaks do not increase within the sample.

    Examples
    --------
    >>> cut(10, np.array([4]))
    [slice(0, 4, None), slice(4, 10, None)]
    """
    ends = [0, *(int(start) for start in breaks), nobs]
    if any(end <= start for start, end in pairwise(ends)):
        raise ValueError(f"expected breaks that increase between 0 and {nobs}, found {breaks}")
    return [slice(start, end) for start, end in pairwise(ends)]


def by_regime(x: FloatArray, breaks: IntArray) -> FloatArray:
    """
    Spread regressors over regimes, zero outside their own.

    Parameters
    ----------
    x : numpy.ndarray
        Shape ``(nobs, k)``.
    breaks : numpy.ndarray
        First observation of each new regime, counted from 0.

    Returns
    -------
    numpy.ndarray
        Shape ``(nobs, regimes * k)``.

    Raises
    ------
    ValueError
        If the breaks do not increase within the sample.

    Examples
    --------
    >>> by_regime(np.ones((3, 1)), np.array([1]))
    array([[1., 0.],
           [0., 1.],
           [0., 1.]])
    """
    return np.asarray(block_diag(*(x[rows] for rows in cut(len(x), breaks))))


def fit_regimes(
    x: FloatArray, y: FloatArray, breaks: IntArray, *, common: FloatArray | None = None
) -> RegimeFit:
    """
    Fit one regression a regime; coefficients of ``common`` stay the same.

    Parameters
    ----------
    x : numpy.ndarray
        Regressors whose coefficients change, shape ``(nobs, k)``.
    y : numpy.ndarray
        Response, shape ``(nobs,)``.
    breaks : numpy.ndarray
        First observation of each new regime, counted from 0.
    common : numpy.ndarray, optional
        Regressors whose coefficients do not change, shape ``(nobs, p)``.

    Returns
    -------
    RegimeFit
        Coefficients and residuals.

    Raises
    ------
    SampleError
        If the regressors are dependent within a regime.

    Examples
    --------
    >>> fit_regimes(np.ones((4, 1)), np.array([1.0, 3.0, 8.0, 8.0]), np.array([2])).params
    array([[2.],
           [8.]])
    """
    k = x.shape[1]
    if common is None:
        fits = [fit_least_squares(x[rows], y[rows]) for rows in cut(len(x), breaks)]
        resids = np.concatenate([fit.resids for fit in fits])
        params = np.array([fit.params for fit in fits])
        return RegimeFit(params, np.array([]), resids, float(resids @ resids))
    regimes = len(breaks) + 1
    fit = fit_least_squares(np.column_stack([by_regime(x, breaks), common]), y)
    return RegimeFit(
        params=fit.params[: regimes * k].reshape(regimes, k),
        common=fit.params[regimes * k :],
        resids=fit.resids,
        rss=float(fit.resids @ fit.resids),
    )


def regime_covariance(
    x: FloatArray,
    resids: FloatArray,
    breaks: IntArray,
    steps: IntArray,
    *,
    errors: RegimeErrors,
    common: FloatArray | None = None,
) -> FloatArray:
    """
    Estimate the covariance of the coefficients that change, as Bai and Perron's tests use it.

    Parameters
    ----------
    x : numpy.ndarray
        Regressors whose coefficients change, shape ``(nobs, k)``.
    resids : numpy.ndarray
        Residuals of the model with breaks, shape ``(nobs,)``.
    breaks : numpy.ndarray
        First observation of each new regime, counted from 0.
    steps : numpy.ndarray
        Number of each observation's period, shape ``(nobs,)``.
    errors : {"pooled", "regime", "hac", "hac-prewhitened"}
        Uncorrelated with one variance, uncorrelated with a variance a regime, or a quadratic
        spectral estimate a regime, of the scores as they are or prewhitened.
    common : numpy.ndarray, optional
        Regressors whose coefficients do not change, shape ``(nobs, p)``.

    Returns
    -------
    numpy.ndarray
        Shape ``(regimes * k, regimes * k)``.

    Raises
    ------
    SampleError
        If a period is missing with ``"hac-prewhitened"``.
    ValueError
        If ``errors`` is unknown.

    References
    ----------
    .. [1] Bai, J. and Perron, P. (2003). Computation and analysis of multiple structural change
       models. Journal of Applied Econometrics 18 (1), 1-22; section 4.1.

    Examples
    --------
    >>> resids = np.array([-1.0, 1.0, 0.0, 0.0])
    >>> regime_covariance(np.ones((4, 1)), resids, np.array([2]), np.arange(4), errors="pooled")
    array([[0.25, 0.  ],
           [0.  , 0.25]])
    """
    regressors = by_regime(x, breaks)
    if common is not None:
        fitted = [fit_least_squares(common, column).resids for column in regressors.T]
        regressors = np.column_stack(fitted)
    bread = fit_least_squares(regressors, resids).bread
    match errors:
        case "pooled":
            return bread * float(np.mean(resids**2))
        case "regime":
            variances = [np.mean(resids[rows] ** 2) for rows in cut(len(x), breaks)]
            lengths = [rows.stop - rows.start for rows in cut(len(x), breaks)]
            meat = (regressors.T * np.repeat(variances, lengths)) @ regressors
        case "hac" | "hac-prewhitened":
            prewhite = errors == "hac-prewhitened"
            if common is None:
                meat = _meat_by_regime(x, resids, breaks, steps, prewhite=prewhite)
            else:
                spread = long_run_covariance(regressors, resids, steps, prewhite=prewhite)
                meat = len(x) * spread
        case _:
            raise ValueError(
                f"expected errors to be one of {', '.join(get_args(RegimeErrors))}, "
                f"found {errors!r}"
            )
    return np.asarray(bread @ meat @ bread)


def _meat_by_regime(
    x: FloatArray, resids: FloatArray, breaks: IntArray, steps: IntArray, *, prewhite: bool
) -> FloatArray:
    parts = [
        (rows.stop - rows.start)
        * long_run_covariance(x[rows], resids[rows], steps[rows], prewhite=prewhite)
        for rows in cut(len(x), breaks)
    ]
    return np.asarray(block_diag(*parts))


def long_run_covariance(
    x: FloatArray, resids: FloatArray, steps: IntArray, *, prewhite: bool = True
) -> FloatArray:
    """
    Estimate the long-run covariance of the scores, as Bai and Perron (2003) do.

    Parameters
    ----------
    x : numpy.ndarray
        Regressors in the order of time, shape ``(nobs, k)``.
    resids : numpy.ndarray
        Residuals, shape ``(nobs,)``.
    steps : numpy.ndarray
        Number of each observation's period, shape ``(nobs,)``.
    prewhite : bool
        Take a first-order vector autoregression out first and put it back after.

    Returns
    -------
    numpy.ndarray
        Per observation, shape ``(k, k)``.

    Raises
    ------
    SampleError
        If ``prewhite`` and a period is missing.

    Examples
    --------
    >>> resids = np.array([1.0, 0.0, -1.0, 0.0])
    >>> long_run_covariance(np.ones((4, 1)), resids, np.arange(4), prewhite=False)
    array([[0.66666667]])
    """
    scores = x * resids[:, None]
    recolour = np.eye(x.shape[1])
    if prewhite:
        scores, recolour = prewhiten(scores, steps)
        steps = steps[1:]
    bandwidth = andrews_bandwidth(
        scores, steps, loadings=np.ones(x.shape[1]), prewhite=False, centred=False
    )
    kernel = KERNELS["quadratic-spectral"]
    meat = long_run_meat(scores, steps, kernel=kernel, bandwidth=bandwidth)
    return np.asarray(recolour @ meat @ recolour.T / (len(scores) - x.shape[1]))
