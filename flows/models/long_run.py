"""Long-run variance of scores that are dated: kernel weights follow the distance in time."""

import math
from collections.abc import Callable

import numpy as np

from flows.models.sample import FloatArray, IntArray, SampleError

Kernel = Callable[[FloatArray], FloatArray]


def bartlett(distance: FloatArray) -> FloatArray:
    """
    Weigh a distance, in units of the bandwidth, by the triangle of Newey and West (1987).

    Parameters
    ----------
    distance : numpy.ndarray
        Lag divided by bandwidth, not negative.

    Returns
    -------
    numpy.ndarray
        One at zero, falling to zero at one; same shape.

    Raises
    ------
    TypeError
        If ``distance`` is not an array of numbers.

    Examples
    --------
    >>> bartlett(np.array([0.0, 0.25, 2.0]))
    array([1.  , 0.75, 0.  ])
    """
    return np.maximum(1 - distance, 0.0)


def long_run_meat(
    scores: FloatArray, steps: IntArray, *, kernel: Kernel, bandwidth: float
) -> FloatArray:
    r"""
    Sum :math:`w_{|s-t|} g_s g_t'` over all pairs of dated scores.

    Parameters
    ----------
    scores : numpy.ndarray
        One row an observation, shape ``(nobs, k)``.
    steps : numpy.ndarray
        Strictly increasing number of each observation's period, shape ``(nobs,)``.
    kernel : callable
        Weight of a lag divided by the bandwidth.
    bandwidth : float
        In periods; lags at or past it weigh nothing under :func:`bartlett`.

    Returns
    -------
    numpy.ndarray
        Sum, not mean, shape ``(k, k)``.

    Raises
    ------
    IndexError
        If ``steps`` and ``scores`` differ in length.

    Notes
    -----
    Scores are laid on the calendar with zeros in missing periods, so that two observations around
    a gap count as far apart as they are: the amplitude-modulated estimator [1]_.

    References
    ----------
    .. [1] Datta, D. D. and Du, W. (2012). Nonparametric HAC estimation for time series data with
       missing observations. International Finance Discussion Papers 1060.

    Examples
    --------
    >>> scores = np.array([[1.0], [2.0]])
    >>> long_run_meat(scores, np.array([0, 1]), kernel=bartlett, bandwidth=2)
    array([[7.]])
    >>> long_run_meat(scores, np.array([0, 5]), kernel=bartlett, bandwidth=2)
    array([[5.]])
    """
    grid = on_calendar(scores, steps)
    lags = np.arange(len(grid))
    weights = kernel(lags / bandwidth)
    meat = weights[0] * grid.T @ grid / 2
    for lag in lags[1:][weights[1:] != 0]:
        meat += weights[lag] * grid[:-lag].T @ grid[lag:]
    return np.asarray(meat + meat.T)


def on_calendar(scores: FloatArray, steps: IntArray) -> FloatArray:
    """
    Lay dated rows on an unbroken calendar, zeros where a period is missing.

    Parameters
    ----------
    scores : numpy.ndarray
        Shape ``(nobs, k)``.
    steps : numpy.ndarray
        Strictly increasing, shape ``(nobs,)``.

    Returns
    -------
    numpy.ndarray
        Shape ``(steps[-1] - steps[0] + 1, k)``.

    Raises
    ------
    IndexError
        If ``steps`` and ``scores`` differ in length.

    Examples
    --------
    >>> on_calendar(np.array([[1.0], [2.0]]), np.array([2019, 2021]))
    array([[1.],
           [0.],
           [2.]])
    """
    if np.any(np.diff(steps) <= 0) or len(steps) != len(scores):
        raise IndexError(f"expected {len(scores)} strictly increasing steps, found {len(steps)}")
    grid = np.zeros((int(steps[-1] - steps[0]) + 1, scores.shape[1]))
    grid[steps - steps[0]] = scores
    return grid


def prewhiten(scores: FloatArray, steps: IntArray) -> tuple[FloatArray, FloatArray]:
    """
    Take a first-order vector autoregression out of the scores.

    Parameters
    ----------
    scores : numpy.ndarray
        Shape ``(nobs, k)``.
    steps : numpy.ndarray
        Number of each observation's period; without gaps.

    Returns
    -------
    resids : numpy.ndarray
        Whitened scores of all periods but the first, shape ``(nobs - 1, k)``.
    recolour : numpy.ndarray
        Matrix that carries their long-run variance back to the scores', shape ``(k, k)``.

    Raises
    ------
    SampleError
        If a period is missing: the autoregression would jump over the gap.

    References
    ----------
    .. [1] Andrews, D. W. K. and Monahan, J. C. (1992). Econometrica 60 (4), 953-966.

    Examples
    --------
    >>> resids, recolour = prewhiten(np.array([[4.0], [2.0], [1.0]]), np.arange(3))
    >>> resids.ravel().round(12), recolour.round(12)
    (array([0., 0.]), array([[2.]]))
    """
    if np.any(np.diff(steps) != 1):
        raise SampleError(
            "expected no missing period where scores are prewhitened, found a gap; "
            "use prewhite=False, which weighs lags by their distance in time"
        )
    transition = np.linalg.lstsq(scores[:-1], scores[1:], rcond=None)[0].T
    resids = scores[1:] - scores[:-1] @ transition.T
    return resids, np.linalg.inv(np.eye(scores.shape[1]) - transition)


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
    return math.floor(4 * math.pow(nobs / 100, 2 / 9))


def newey_west_bandwidth(
    scores: FloatArray, steps: IntArray, *, loadings: FloatArray, prewhite: bool
) -> float:
    """
    Choose the bandwidth of the Bartlett kernel from the data.

    Parameters
    ----------
    scores : numpy.ndarray
        Shape ``(nobs, k)``.
    steps : numpy.ndarray
        Strictly increasing number of each observation's period, shape ``(nobs,)``.
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
    nobs = len(scores)
    preliminary = math.floor((3 if prewhite else 4) * (nobs / 100) ** (2 / 9))
    if prewhite:
        scores, _ = prewhiten(scores, steps)
        steps = steps[1:]
    series = on_calendar(scores, steps) @ loadings
    lags = np.arange(min(preliminary, len(series) - 1) + 1)
    sigma = np.array([series[: len(series) - lag] @ series[lag:] for lag in lags])
    at_zero = sigma[0] + 2 * sigma[1:].sum()
    if at_zero == 0:
        return 0.0
    slope = 2 * lags @ sigma
    return float(1.1447 * np.cbrt((slope / at_zero) ** 2 * nobs))
