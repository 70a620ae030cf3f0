"""How far errors may be correlated: lags and bandwidths from the sample size or from the data."""

import math

import numpy as np

from flows.errors import SampleError
from flows.models.kernels import KERNELS, KernelName
from flows.models.long_run import on_calendar, prewhiten
from flows.models.sample import FloatArray, IntArray
from flows.ties import floor_of

_FEWEST_PAIRS = 3


def rule_of_thumb_lags(nobs: int) -> int:
    r"""
    Return :math:`\lfloor 4 (n / 100)^{2/9} \rfloor` lags, a rule of the sample size alone.

    Parameters
    ----------
    nobs : int
        Number of observations.

    Returns
    -------
    int
        Lags of the Bartlett kernel; 2 for 20 observations, 4 for 100.

    Raises
    ------
    ValueError
        If ``nobs`` is negative.

    References
    ----------
    .. [1] Newey, W. K. and West, K. D. (1994). Review of Economic Studies 61 (4), 631-653; the
       preliminary lags of table II C, widely used as the final ones.

    Examples
    --------
    >>> rule_of_thumb_lags(20), rule_of_thumb_lags(216)
    (2, 4)
    """
    if nobs < 0:
        raise ValueError(f"expected a number of observations, found {nobs}")
    return floor_of(4 * math.pow(nobs / 100, 2 / 9))


def newey_west_bandwidth(
    scores: FloatArray,
    steps: IntArray,
    *,
    kernel: KernelName = "bartlett",
    loadings: FloatArray,
    prewhite: bool,
) -> float:
    """
    Choose the bandwidth from autocovariances, by the rule of Newey and West (1994).

    Parameters
    ----------
    scores : numpy.ndarray
        Shape ``(nobs, k)``.
    steps : numpy.ndarray
        Strictly increasing number of each observation's period, shape ``(nobs,)``.
    kernel : {"bartlett", "parzen", "quadratic-spectral"}
        Kernel that the bandwidth is for.
    loadings : numpy.ndarray
        Weight of each score in the scalar series whose autocovariances decide, shape ``(k,)``:
        zero for the constant, one for the others.
    prewhite : bool
        Whether a first-order autoregression is taken out before.

    Returns
    -------
    float
        Bandwidth; its integer part is the number of lags.

    Raises
    ------
    SampleError
        If ``prewhite`` and a period is missing.

    References
    ----------
    .. [1] Newey, W. K. and West, K. D. (1994). Automatic lag selection in covariance matrix
       estimation. Review of Economic Studies 61 (4), 631-653.

    Examples
    --------
    >>> scores = np.array([[1.0], [1.0], [-1.0], [-1.0]] * 10)
    >>> round(newey_west_bandwidth(scores, np.arange(40), loadings=np.ones(1), prewhite=False), 2)
    10.41
    """
    chosen = KERNELS[kernel]
    nobs = len(scores)
    preliminary = floor_of((3 if prewhite else 4) * (nobs / 100) ** chosen.preliminary)
    if prewhite:
        scores, _ = prewhiten(scores, steps)
        steps = steps[1:]
    series = on_calendar(scores, steps) @ loadings
    lags = np.arange(min(preliminary, len(series) - 1) + 1)
    sigma = np.array([series[: len(series) - lag] @ series[lag:] for lag in lags])
    at_zero = sigma[0] + 2 * sigma[1:].sum()
    if at_zero == 0:
        return 0.0
    curvature = 2 * lags**chosen.order @ sigma
    rate = 1 / (2 * chosen.order + 1)
    return float(chosen.scale * ((curvature / at_zero) ** 2 * nobs) ** rate)


def andrews_bandwidth(
    scores: FloatArray,
    steps: IntArray,
    *,
    kernel: KernelName = "quadratic-spectral",
    loadings: FloatArray,
    prewhite: bool,
    centred: bool = True,
) -> float:
    """
    Choose the bandwidth from first-order autoregressions, by the rule of Andrews (1991).

    Parameters
    ----------
    scores : numpy.ndarray
        Shape ``(nobs, k)``.
    steps : numpy.ndarray
        Strictly increasing number of each observation's period, shape ``(nobs,)``.
    kernel : {"bartlett", "parzen", "quadratic-spectral"}
        Kernel that the bandwidth is for.
    loadings : numpy.ndarray
        Weight of each score's autoregression, shape ``(k,)``: zero for the constant, one for the
        others.
    prewhite : bool
        Whether a first-order vector autoregression is taken out before.
    centred : bool
        Whether the autoregressions have a constant.

    Returns
    -------
    float
        Bandwidth, in periods.

    Raises
    ------
    SampleError
        If ``prewhite`` and a period is missing, or fewer than three pairs of neighbouring periods
        are there for an autoregression.

    Notes
    -----
    The autoregressions use pairs of neighbouring periods only.

    References
    ----------
    .. [1] Andrews, D. W. K. (1991). Heteroskedasticity and autocorrelation consistent covariance
       matrix estimation. Econometrica 59 (3), 817-858; equation 6.4.

    Examples
    --------
    >>> scores = np.array([[1.0], [1.0], [-1.0], [-1.0]] * 10)
    >>> round(andrews_bandwidth(scores, np.arange(40), loadings=np.ones(1), prewhite=False), 2)
    0.87
    """
    chosen = KERNELS[kernel]
    nobs = len(scores)
    if prewhite:
        scores, _ = prewhiten(scores, steps)
        steps = steps[1:]
        nobs -= 1
    rho, variance = _autoregressions(scores, steps, centred=centred)
    weights = loadings * variance**2
    if not weights.any():
        return 0.0
    below = float(np.sum(weights / (1 - rho) ** 4))
    if chosen.order == 1:
        above = np.sum(weights * 4 * rho**2 / ((1 - rho) ** 6 * (1 + rho) ** 2))
    else:
        above = np.sum(weights * 4 * rho**2 / (1 - rho) ** 8)
    return float(chosen.scale * (nobs * above / below) ** (1 / (2 * chosen.order + 1)))


def _autoregressions(
    scores: FloatArray, steps: IntArray, *, centred: bool
) -> tuple[FloatArray, FloatArray]:
    """Return the coefficient and the innovation variance of each score's own autoregression."""
    neighbours = np.flatnonzero(np.diff(steps) == 1)
    if len(neighbours) < _FEWEST_PAIRS:
        raise SampleError(
            f"expected at least {_FEWEST_PAIRS} pairs of neighbouring periods for an automatic "
            f"bandwidth, found {len(neighbours)}; give the lags"
        )
    before, after = scores[neighbours], scores[neighbours + 1]
    if centred:
        before = before - before.mean(axis=0)
        after = after - after.mean(axis=0)
    spread = np.sum(before**2, axis=0)
    moved = np.sum(before * after, axis=0)
    rho = np.divide(moved, spread, out=np.zeros_like(moved), where=spread > 0)
    return rho, np.mean((after - before * rho) ** 2, axis=0)
