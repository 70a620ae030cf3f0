"""Long-run variance of scores that are dated: kernel weights follow the distance in time."""

import numpy as np

from flows.errors import SampleError
from flows.models.kernels import Kernel
from flows.models.sample import FloatArray, IntArray


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
    kernel : Kernel
        Weight of a lag divided by the bandwidth.
    bandwidth : float
        In periods; zero leaves no lag.

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
    >>> from flows.models.kernels import KERNELS
    >>> scores = np.array([[1.0], [2.0]])
    >>> long_run_meat(scores, np.array([0, 1]), kernel=KERNELS["bartlett"], bandwidth=2)
    array([[7.]])
    >>> long_run_meat(scores, np.array([0, 5]), kernel=KERNELS["bartlett"], bandwidth=2)
    array([[5.]])
    """
    grid = on_calendar(scores, steps)
    meat = grid.T @ grid / 2
    lags = np.arange(len(grid)) if bandwidth > 0 else np.arange(1)
    weights = kernel.weights(lags / bandwidth) if bandwidth > 0 else np.ones(1)
    for lag in np.flatnonzero(weights)[1:]:
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


def effective_observations(resids: FloatArray, steps: IntArray) -> float:
    r"""
    Return the number of uncorrelated observations that the sample is worth.

    Parameters
    ----------
    resids : numpy.ndarray
        Residuals in the order of time, shape ``(nobs,)``.
    steps : numpy.ndarray
        Number of each observation's period, shape ``(nobs,)``.

    Returns
    -------
    float
        :math:`n (1 - r) / (1 + r)`, where :math:`r` is the correlation of neighbouring periods,
        kept at zero or above; between 1 and ``nobs``.

    Raises
    ------
    IndexError
        If ``steps`` and ``resids`` differ in length.

    Examples
    --------
    >>> effective_observations(np.array([1.0, -1.0, 1.0, -1.0]), np.arange(4))
    4.0
    """
    nobs = len(resids)
    total = float(resids @ resids)
    if total == 0:
        return float(nobs)
    grid = on_calendar(resids[:, None], steps)[:, 0]
    r = max(0.0, float(grid[1:] @ grid[:-1]) / total)
    return max(1.0, nobs * (1 - r) / (1 + r))
