"""One break where the noise may persist: its likelihood at every date, beside persistence."""

from dataclasses import dataclass

import numpy as np

from flows.canonical import first_maxima, first_minimum
from flows.models.partitions import Design
from flows.models.sample import FloatArray, IntArray

RHOS = np.array(
    [
        -0.8,
        -0.6,
        -0.4,
        -0.2,
        0,
        0.1,
        0.2,
        0.3,
        0.4,
        0.5,
        0.6,
        0.7,
        0.8,
        0.86,
        0.91,
        0.95,
        0.98,
        0.995,
    ]
)
"""Autocorrelations at which the likelihood is computed."""

FLOOR = 1e-12
"""Residual sum of squares, relative to that around one mean, below which it is rounding."""


@dataclass(frozen=True, slots=True)
class BreakProfile:
    """
    What one break would explain, by its date.

    ``dates``: first observations of the new regime, counted from 0; ``deviances``: by date, minus
    twice the logarithm of the likelihood; ``without``: the same without a break; ``rho``: the
    autocorrelation of the noise that goes with the best date; ``spread``: the standard deviation of
    its innovations.
    """

    dates: IntArray
    deviances: FloatArray
    without: float
    rho: float
    spread: float

    @property
    def ratio(self) -> float:
        """Twice the logarithm of the likelihood ratio of a break at the best date to none."""
        return self.without - float(self.deviances.min())

    @property
    def best(self) -> int:
        """The date of the largest likelihood, the first of those that differ by rounding."""
        return int(self.dates[first_minimum(self.deviances)])


def profile_break(design: Design) -> BreakProfile:
    """
    Return the likelihood of one break at every date that leaves both regimes long enough.

    The noise is a stationary first-order autoregression with normal innovations, started from its
    own distribution; a missing period is a longer step of it. Level, line and season, and the
    autocorrelation, are estimated again for every date: on :data:`RHOS`, with a parabola through
    the best three.
    """
    dates, without, by_date = deviances(design, design.y[None, :])
    profile = by_date.min(axis=0)[0]
    best = first_minimum(profile)
    rho = float(best_rho(by_date[:, :, best])[0])
    size = float(np.sum(np.log(_variances(design.steps, rho))))
    return BreakProfile(
        dates=dates,
        deviances=profile,
        without=float(without.min(axis=0)[0]),
        rho=rho,
        spread=float(np.exp((profile[best] - size) / (2 * len(design.y)))) / np.sqrt(len(design.y)),
    )


def deviances(design: Design, ys: FloatArray) -> tuple[IntArray, FloatArray, FloatArray]:
    """
    Return the deviance of many series with the regressors of one design.

    ``ys``: shape ``(series, nobs)``. Returned: the dates; deviances without a break, shape
    ``(len(RHOS), series)``; with one, shape ``(len(RHOS), series, dates)``.
    """
    nobs = len(design.y)
    regressors = _centred(design)
    fixed = regressors if design.common is None else np.column_stack([regressors, design.common])
    noise = (ys.T - fixed @ np.linalg.lstsq(fixed, ys.T, rcond=None)[0]).T
    spread = np.sum((ys - ys.mean(axis=1, keepdims=True)) ** 2, axis=1)
    floor = FLOOR * np.where(spread > 0, spread, 1.0)[:, None]
    dates = np.arange(design.shortest, nobs - design.shortest + 1)
    without, by_date = [], []
    for rho in RHOS:
        variances = _variances(design.steps, rho)
        kept = rho ** np.diff(design.steps)
        alone, split = _residual_sums(
            regressors, fixed, noise, kept=kept, scales=1 / np.sqrt(variances), dates=dates
        )
        size = float(np.sum(np.log(variances)))
        without.append(nobs * np.log(np.maximum(alone, floor[:, 0])) + size)
        by_date.append(nobs * np.log(np.maximum(split, floor)) + size)
    return dates, np.array(without), np.array(by_date)


def _variances(steps: IntArray, rho: float) -> FloatArray:
    """Return the variance of each value, those before it given, as multiples of an innovation's."""
    later = (1 - rho ** (2.0 * np.diff(steps))) / (1 - rho**2)
    return np.concatenate([[1 / (1 - rho**2)], later])


def _centred(design: Design) -> FloatArray:
    """Return the regressors that may change, the line between -1 and 1."""
    if design.x.shape[1] == 1:
        return design.x
    place = 2 * (design.steps - design.steps[0]) / (design.steps[-1] - design.steps[0]) - 1
    return np.column_stack([np.ones(len(place)), place])


def _residual_sums(
    x: FloatArray,
    fixed: FloatArray,
    noise: FloatArray,
    *,
    kept: FloatArray,
    scales: FloatArray,
    dates: IntArray,
) -> tuple[FloatArray, FloatArray]:
    """
    Return the whitened sums of squares without a break and with one at every date.

    What changes at a date is a regressor that is zero before it: whitened, the first row is not
    reduced by the one before, and all later rows are those of the whole sample. So that its
    products are sums from a date to the end.
    """
    white = _whitened(fixed, kept, scales)
    basis, _ = np.linalg.qr(white)
    rest = (noise * scales).T
    rest[1:] -= (noise[:, :-1] * kept).T * scales[1:, None]
    rest -= basis @ (basis.T @ rest)
    alone = np.sum(rest**2, axis=0)

    later = white[:, : x.shape[1]]
    first = x * scales[:, None]
    gram = _tail(later[:, :, None] * later[:, None, :], first[:, :, None] * first[:, None, :])
    beside = _tail(later[:, :, None] * basis[:, None, :], first[:, :, None] * basis[:, None, :])
    gram = (gram - beside @ beside.transpose(0, 2, 1))[dates]
    explained = [
        _tail(later[:, [column]] * rest, first[:, [column]] * rest)[dates]
        for column in range(x.shape[1])
    ]
    return alone, (alone - _gain(gram, explained)).T


def _whitened(columns: FloatArray, kept: FloatArray, scales: FloatArray) -> FloatArray:
    """Take from each row what the row before says of it, and scale it to one variance."""
    white = columns.astype(np.float64, copy=True)
    white[1:] -= columns[:-1] * kept[:, None]
    return np.asarray(white * scales[:, None])


def _tail(later: FloatArray, first: FloatArray) -> FloatArray:
    """Sum the later rows after each row, and add its own as the first of a regime."""
    sums = np.cumsum(later[::-1], axis=0)[::-1]
    return np.asarray(sums - later + first)


def _gain(gram: FloatArray, explained: list[FloatArray]) -> FloatArray:
    """Return what the changing coefficients explain by date and series, for one or two of them."""
    if len(explained) == 1:
        return np.asarray(explained[0] ** 2 / gram[:, 0])
    a, b, c = gram[:, 0, 0, None], gram[:, 0, 1, None], gram[:, 1, 1, None]
    u, v = explained
    return np.asarray((c * u**2 - 2 * b * u * v + a * v**2) / (a * c - b**2))


def best_rho(by_rho: FloatArray) -> FloatArray:
    """
    Return the autocorrelation of the least deviance of each series, shape ``(RHOS, series)``.

    Of those that differ by rounding the largest: where all gaps are of an even number of periods,
    an autocorrelation and its negative are the same.
    """
    least = len(RHOS) - 1 - first_maxima(-by_rho[::-1])
    middle = np.clip(least, 1, len(RHOS) - 2)
    series = np.arange(by_rho.shape[1])
    left, at, right = (RHOS[middle + shift] for shift in (-1, 0, 1))
    rise = (by_rho[middle + 1, series] - by_rho[middle, series]) / (right - at)
    fall = (by_rho[middle, series] - by_rho[middle - 1, series]) / (at - left)
    bend = rise - fall
    with np.errstate(divide="ignore", invalid="ignore"):
        turn = (left + at) / 2 - fall * (right - left) / (2 * bend)
    inside = (bend > 0) & (least == middle)
    return np.asarray(np.where(inside, np.clip(turn, left, right), RHOS[least]))
