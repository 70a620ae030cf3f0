"""How well a break is dated: the distribution of the estimated date, and intervals from it."""

import math
from dataclasses import dataclass

from scipy.optimize import brentq
from scipy.special import log_ndtr

from flows.errors import SampleError
from flows.models.results import check_level
from flows.models.sample import FloatArray

_SETTLED = 1e-15
"""Where the search for a quantile ends, absolute and relative: at neighbouring numbers."""


@dataclass(frozen=True, slots=True)
class Shift:
    r"""
    What the precision of one break date depends on.

    Parameters
    ----------
    xi : float
        :math:`\delta' Q_2 \delta / \delta' Q_1 \delta`: regressors after against before.
    phi1, phi2 : float
        :math:`\sqrt{\delta' \Omega_i \delta / \delta' Q_i \delta}`: long-run standard deviation of
        the errors before and after, in the direction of the change.
    size : float
        :math:`\delta' Q_1 \delta`: size of the change.
    """

    xi: float
    phi1: float
    phi2: float
    size: float


def argmax_cdf(x: float, *, xi: float = 1.0, phi1: float = 1.0, phi2: float = 1.0) -> float:
    r"""
    Return the distribution of the place where a two-sided Wiener process with drift is largest.

    Parameters
    ----------
    x : float
        Place, in units of :math:`\phi_1^2 / \delta' Q_1 \delta` periods; negative is before the
        break.
    xi, phi1, phi2 : float
        As in :class:`Shift`.

    Returns
    -------
    float
        Probability of a place no later than ``x``.

    Raises
    ------
    ValueError
        If a parameter is not positive.

    References
    ----------
    .. [1] Bai, J. (1997). Estimation of a change point in multiple regression models. Review of
       Economics and Statistics 79 (4), 551-563; appendix B.

    Examples
    --------
    >>> argmax_cdf(0.0), round(argmax_cdf(7.0), 4)
    (0.5, 0.9418)
    """
    if min(xi, phi1, phi2) <= 0:
        raise ValueError(f"expected positive parameters, found {xi}, {phi1}, {phi2}")
    phi = xi * (phi2 / phi1) ** 2
    if x <= 0:
        return _tail(-x, xi / phi)
    return 1 - _tail(x * xi**2 / phi, phi / xi)


def _tail(x: float, rate: float) -> float:
    """
    Return the probability of a place further out than ``x`` on one side.

    ``x`` is in units of that side's process; ``rate`` is the drift over the variance of the other
    side against this one.
    """
    root = math.sqrt(x)
    spread = rate * (1 + rate)
    near = root / math.sqrt(2 * math.pi) * math.exp(-x / 8)
    far = ((1 + 2 * rate) ** 2 / spread - 2 + x / 2) * math.exp(log_ndtr(-root / 2))
    other = (1 + 2 * rate) / spread * math.exp(spread / 2 * x + log_ndtr(-(0.5 + rate) * root))
    return float(far - near - other)


def date_interval(shift: Shift, *, level: float) -> tuple[float, float]:
    """
    Return how many periods before and after its estimate a break date may lie.

    Parameters
    ----------
    shift : Shift
        Size and noise of the change.
    level : float
        Coverage.

    Returns
    -------
    tuple of float
        Periods from the estimate to the ends: the first is negative, the second positive.

    Raises
    ------
    ValueError
        If ``level`` is not between 0 and 1.
    SampleError
        If the noise on both sides is so different that one side alone holds more than the level
        allows.

    Examples
    --------
    >>> low, high = date_interval(Shift(xi=1.0, phi1=1.0, phi2=1.0, size=1.0), level=0.95)
    >>> round(low, 2), round(high, 2)
    (-11.03, 11.03)
    """
    tail = (1 - check_level(level)) / 2
    at_zero = argmax_cdf(0.0, xi=shift.xi, phi1=shift.phi1, phi2=shift.phi2)
    if not tail < at_zero < 1 - tail:
        raise SampleError(
            "expected errors of similar size before and after the break, found "
            f"{at_zero:.3f} of the probability on one side; ask for pooled errors"
        )
    low = -_quantile(shift, 1 - tail)
    high = -_quantile(shift, tail)
    unit = shift.phi1**2 / shift.size
    return low * unit, high * unit


def _quantile(shift: Shift, probability: float) -> float:
    def distance(x: float) -> float:
        return argmax_cdf(x, xi=shift.xi, phi1=shift.phi1, phi2=shift.phi2) - probability

    end = 1.0
    while distance(-end) > 0 or distance(end) < 0:
        end *= 2
    return float(brentq(distance, -end, end, xtol=_SETTLED, rtol=_SETTLED))


def measure_shift(
    delta: FloatArray,
    moments: tuple[FloatArray, FloatArray],
    long_run: tuple[FloatArray, FloatArray],
) -> Shift:
    """
    Put a change of coefficients in relation to the noise on both sides.

    Parameters
    ----------
    delta : numpy.ndarray
        Change of the coefficients, shape ``(k,)``.
    moments : tuple of numpy.ndarray
        Mean outer product of the regressors before and after, each ``(k, k)``.
    long_run : tuple of numpy.ndarray
        Long-run covariance of the scores before and after, each ``(k, k)``.

    Returns
    -------
    Shift
        Scalars for :func:`argmax_cdf`.

    Raises
    ------
    SampleError
        If the coefficients do not change.

    Examples
    --------
    >>> import numpy as np
    >>> one = np.ones((1, 1))
    >>> measure_shift(np.array([2.0]), (one, one), (one, 4 * one))
    Shift(xi=1.0, phi1=1.0, phi2=2.0, size=4.0)
    """
    size = [float(delta @ moment @ delta) for moment in moments]
    noise = [float(delta @ spread @ delta) for spread in long_run]
    if min(size) <= 0 or min(noise) <= 0:
        raise SampleError("expected coefficients that change and errors that vary at a break")
    return Shift(
        xi=size[1] / size[0],
        phi1=math.sqrt(noise[0] / size[0]),
        phi2=math.sqrt(noise[1] / size[1]),
        size=size[0],
    )
