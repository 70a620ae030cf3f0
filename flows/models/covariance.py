"""Covariance of least-squares coefficients: named choices, each a function of arrays alone."""

from typing import Literal

import numpy as np

from flows.models.bandwidth import andrews_bandwidth, newey_west_bandwidth
from flows.models.kernels import KERNELS, KernelName
from flows.models.least_squares import fit_least_squares
from flows.models.long_run import long_run_meat, prewhiten
from flows.models.sample import FloatArray, IntArray

Heteroskedastic = Literal["hc0", "hc1", "hc2", "hc3"]
BandwidthRule = Literal["newey-west-1994", "andrews-1991"]


def classical(x: FloatArray, resids: FloatArray) -> FloatArray:
    r"""
    Estimate :math:`s^2 (X'X)^{-1}`, right where errors are uncorrelated with one variance.

    Parameters
    ----------
    x : numpy.ndarray
        Regressors, shape ``(nobs, k)``.
    resids : numpy.ndarray
        Residuals of the regression on ``x``, shape ``(nobs,)``.

    Returns
    -------
    numpy.ndarray
        Covariance of the coefficients, shape ``(k, k)``.

    Raises
    ------
    SampleError
        If the regressors are dependent.

    Examples
    --------
    >>> classical(np.ones((3, 1)), np.array([-1.0, 0.0, 1.0])).round(12)
    array([[0.33333333]])
    """
    nobs, k = x.shape
    return _bread(x) * float(resids @ resids / (nobs - k))


def heteroskedastic(x: FloatArray, resids: FloatArray, *, kind: Heteroskedastic) -> FloatArray:
    r"""
    Estimate the covariance where errors are uncorrelated and their variance may change.

    Parameters
    ----------
    x : numpy.ndarray
        Regressors, shape ``(nobs, k)``.
    resids : numpy.ndarray
        Residuals of the regression on ``x``, shape ``(nobs,)``.
    kind : {"hc0", "hc1", "hc2", "hc3"}
        Squared residuals as they are, times :math:`n/(n-k)`, divided by :math:`1-h_i`, or by
        :math:`(1-h_i)^2`.

    Returns
    -------
    numpy.ndarray
        Covariance of the coefficients, shape ``(k, k)``.

    Raises
    ------
    ValueError
        If ``kind`` is none of the four.
    SampleError
        If the regressors are dependent.

    References
    ----------
    .. [1] White, H. (1980). Econometrica 48 (4), 817-838.
    .. [2] MacKinnon, J. G. and White, H. (1985). Journal of Econometrics 29 (3), 305-325.

    Examples
    --------
    >>> x, resids = np.ones((4, 1)), np.array([-1.0, 1.0, -1.0, 1.0])
    >>> heteroskedastic(x, resids, kind="hc0"), heteroskedastic(x, resids, kind="hc1").round(8)
    (array([[0.25]]), array([[0.33333333]]))
    """
    nobs, k = x.shape
    fit = fit_least_squares(x, resids)
    match kind:
        case "hc0":
            squares = resids**2
        case "hc1":
            squares = resids**2 * nobs / (nobs - k)
        case "hc2":
            squares = resids**2 / (1 - fit.leverage)
        case "hc3":
            squares = resids**2 / (1 - fit.leverage) ** 2
        case _:
            raise ValueError(f"expected kind to be hc0, hc1, hc2 or hc3, found {kind!r}")
    return fit.bread @ (x.T * squares) @ x @ fit.bread


def newey_west(
    x: FloatArray,
    resids: FloatArray,
    *,
    lags: int,
    steps: IntArray | None = None,
    prewhite: bool = False,
    adjust: bool = False,
) -> FloatArray:
    r"""
    Estimate the covariance of :func:`kernel_hac` with the triangular weights of whole lags.

    Parameters
    ----------
    x : numpy.ndarray
        Regressors in the order of time, shape ``(nobs, k)``.
    resids : numpy.ndarray
        Residuals of the regression on ``x``, shape ``(nobs,)``.
    lags : int
        Periods over which errors may be correlated; lag :math:`l` weighs :math:`1 - l/(L+1)`.
    steps : numpy.ndarray, optional
        Number of each observation's period, strictly increasing, shape ``(nobs,)``; without it
        every period is taken to be observed.
    prewhite : bool
        Take a first-order vector autoregression out of the scores first and put it back after.
    adjust : bool
        Multiply by :math:`n/(n-k)`.

    Returns
    -------
    numpy.ndarray
        Covariance of the coefficients, shape ``(k, k)``.

    Raises
    ------
    ValueError
        If ``lags`` is negative.
    SampleError
        If the regressors are dependent, or ``prewhite`` and a period is missing.

    References
    ----------
    .. [1] Newey, W. K. and West, K. D. (1987). Econometrica 55 (3), 703-708.

    Examples
    --------
    >>> x, resids = np.ones((4, 1)), np.array([1.0, 1.0, -1.0, -1.0])
    >>> newey_west(x, resids, lags=0), newey_west(x, resids, lags=1)
    (array([[0.25]]), array([[0.3125]]))
    """
    if lags < 0:
        raise ValueError(f"expected lags to be 0 or more, found {lags}")
    return kernel_hac(x, resids, bandwidth=lags + 1, steps=steps, prewhite=prewhite, adjust=adjust)


def kernel_hac(
    x: FloatArray,
    resids: FloatArray,
    *,
    bandwidth: float,
    kernel: KernelName = "bartlett",
    steps: IntArray | None = None,
    prewhite: bool = False,
    adjust: bool = False,
) -> FloatArray:
    r"""
    Estimate the covariance where errors are autocorrelated and their variance may change.

    Parameters
    ----------
    x : numpy.ndarray
        Regressors in the order of time, shape ``(nobs, k)``.
    resids : numpy.ndarray
        Residuals of the regression on ``x``, shape ``(nobs,)``.
    bandwidth : float
        In periods; :math:`L` lags of Newey and West are a bandwidth of :math:`L + 1` with
        ``"bartlett"``. Zero leaves no lag.
    kernel : {"bartlett", "parzen", "quadratic-spectral"}
        Weight of a lag divided by the bandwidth.
    steps : numpy.ndarray, optional
        Number of each observation's period, strictly increasing, shape ``(nobs,)``; without it
        every period is taken to be observed.
    prewhite : bool
        Take a first-order vector autoregression out of the scores first and put it back after.
    adjust : bool
        Multiply by :math:`n/(n-k)`.

    Returns
    -------
    numpy.ndarray
        Covariance of the coefficients, shape ``(k, k)``.

    Raises
    ------
    ValueError
        If ``bandwidth`` is negative.
    SampleError
        If the regressors are dependent, or ``prewhite`` and a period is missing.

    Notes
    -----
    Without gaps this is ``kernHAC`` and ``NeweyWest`` of R's sandwich, prewhitened or not. Around a
    gap, lags are distances in time (see :func:`flows.models.long_run.long_run_meat`).

    References
    ----------
    .. [1] Newey, W. K. and West, K. D. (1987). Econometrica 55 (3), 703-708.
    .. [2] Andrews, D. W. K. (1991). Econometrica 59 (3), 817-858.

    Examples
    --------
    >>> x, resids = np.ones((4, 1)), np.array([1.0, 1.0, -1.0, -1.0])
    >>> kernel_hac(x, resids, bandwidth=1), kernel_hac(x, resids, bandwidth=2)
    (array([[0.25]]), array([[0.3125]]))
    """
    if bandwidth < 0:
        raise ValueError(f"expected a bandwidth of 0 or more, found {bandwidth}")
    nobs, k = x.shape
    scores = x * resids[:, None]
    dates = np.arange(nobs) if steps is None else steps
    recolour = np.eye(k)
    if prewhite:
        scores, recolour = prewhiten(scores, dates)
        dates = dates[1:]
    meat = long_run_meat(scores, dates, kernel=KERNELS[kernel], bandwidth=bandwidth)
    outer = _bread(x) @ recolour
    return np.asarray(outer @ meat @ outer.T * (nobs / (nobs - k) if adjust else 1.0))


def automatic_bandwidth(
    x: FloatArray,
    resids: FloatArray,
    *,
    rule: BandwidthRule,
    kernel: KernelName = "bartlett",
    steps: IntArray | None = None,
    prewhite: bool = False,
) -> float:
    """
    Choose the bandwidth of :func:`kernel_hac` from the data.

    Parameters
    ----------
    x : numpy.ndarray
        Regressors in the order of time, shape ``(nobs, k)``; the constant has no say.
    resids : numpy.ndarray
        Residuals of the regression on ``x``, shape ``(nobs,)``.
    rule : {"newey-west-1994", "andrews-1991"}
        From autocovariances, or from first-order autoregressions.
    kernel : {"bartlett", "parzen", "quadratic-spectral"}
        Kernel that the bandwidth is for.
    steps : numpy.ndarray, optional
        Number of each observation's period, strictly increasing, shape ``(nobs,)``.
    prewhite : bool
        Whether the covariance will be prewhitened.

    Returns
    -------
    float
        Bandwidth, in periods; the integer part of Newey and West's is a number of lags.

    Raises
    ------
    ValueError
        If ``rule`` is unknown.
    SampleError
        If ``prewhite`` and a period is missing.

    Examples
    --------
    >>> resids = np.array([1.0, 1.0, -1.0, -1.0] * 10)
    >>> round(automatic_bandwidth(np.ones((40, 1)), resids, rule="newey-west-1994"), 2)
    10.41
    """
    rules = {"newey-west-1994": newey_west_bandwidth, "andrews-1991": andrews_bandwidth}
    if rule not in rules:
        raise ValueError(f"expected rule to be one of {', '.join(rules)}, found {rule!r}")
    dates = np.arange(len(x)) if steps is None else steps
    loadings = np.ones(1) if x.shape[1] == 1 else np.where(np.ptp(x, axis=0) == 0, 0.0, 1.0)
    scores = x * resids[:, None]
    return rules[rule](scores, dates, kernel=kernel, loadings=loadings, prewhite=prewhite)


def _bread(x: FloatArray) -> FloatArray:
    return fit_least_squares(x, np.zeros(len(x))).bread
