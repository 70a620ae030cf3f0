"""How well a break is dated: the distribution of the estimated date, and intervals from it."""

import math
from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq
from scipy.special import log_ndtr

from flows.canonical import floor_of
from flows.errors import SampleError
from flows.models.covariance import automatic_bandwidth, kernel_hac
from flows.models.partitions import Design, RegimeErrors, cut, fit_regimes
from flows.models.results import check_level
from flows.models.sample import FloatArray, IntArray

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


def measure_shifts(
    design: Design, breaks: IntArray, *, se: RegimeErrors
) -> tuple[Shift | None, ...]:
    """
    Measure each change of the coefficients against the noise on both sides.

    Bai, J. and Perron, P. (2003). Journal of Applied Econometrics 18 (1), 1-22; section 3.2.
    """
    fit = fit_regimes(design.x, design.y, breaks, common=design.common)
    parts = cut(len(design.y), breaks)
    if se == "pooled":
        moment = design.x.T @ design.x / len(design.y)
        moments = [moment] * len(parts)
        noise = [moment * fit.rss / len(design.y)] * len(parts)
    else:
        moments = [design.x[rows].T @ design.x[rows] / (rows.stop - rows.start) for rows in parts]
        noise = [
            _noise(design.x[rows], fit.resids[rows], design.steps[rows], moment, se)
            for rows, moment in zip(parts, moments, strict=True)
        ]
    changes = np.diff(fit.params, axis=0)
    shifts: list[Shift | None] = []
    for i, change in enumerate(changes):
        try:
            shifts.append(
                measure_shift(change, (moments[i], moments[i + 1]), (noise[i], noise[i + 1]))
            )
        except SampleError:
            shifts.append(None)
    return tuple(shifts)


def _noise(
    x: FloatArray, resids: FloatArray, steps: IntArray, moment: FloatArray, se: RegimeErrors
) -> FloatArray:
    """Return the long-run covariance of the scores of one regime."""
    if se == "regime":
        return moment * float(np.mean(resids**2))
    prewhite = se == "hac-prewhitened"
    bandwidth = automatic_bandwidth(
        x, resids, rule="andrews-1991", kernel="quadratic-spectral", steps=steps, prewhite=prewhite
    )
    covariance = kernel_hac(
        x,
        resids,
        bandwidth=bandwidth,
        kernel="quadratic-spectral",
        steps=steps,
        prewhite=prewhite,
        adjust=True,
    )
    return np.asarray(len(x) * moment @ covariance @ moment)


def break_interval(at: int, shift: Shift, *, level: float) -> tuple[int, int]:
    """Return the interval of one break, in observations."""
    low, high = date_interval(shift, level=level)
    return floor_of(at + low), -floor_of(-(at + high))


def argmax_cdf(x: float, *, xi: float = 1.0, phi1: float = 1.0, phi2: float = 1.0) -> float:
    """
    Return the distribution of the place where a two-sided Wiener process with drift is largest.

    Bai, J. (1997). Estimation of a change point in multiple regression models. Review of
    Economics and Statistics 79 (4), 551-563; appendix B.
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
    """Return how many periods before and after its estimate a break date may lie."""
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
    """Put a change of coefficients in relation to the noise on both sides."""
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
