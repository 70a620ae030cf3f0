"""
One break in persistent noise, of many stretches of series with as many values each, at once.

Throughout, arrays are time by autocorrelation by stretch, ``(n, r, s)``, so that sums over time add
rows that lie together. What depends on the periods alone has a last axis of length one where they
are the same in all stretches.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from flows.canonical import first_maxima
from flows.models.break_sequence import one_break, persistence_of
from flows.models.break_surface import BreakSurface
from flows.models.memory import ROWS_A_LAG, long_run_variances, most_lags
from flows.models.partitions import Design
from flows.models.persistent_break import FLOOR, RHOS, best_rho
from flows.models.sample import FloatArray, IntArray

BoolArray = npt.NDArray[np.bool_]

_EXPLAINED = 1e-3
"""Share that one break leaves unexplained below which sums of squares lose digits."""

_VARIES = 1e-10
"""Sum of squares around the mean or line, relative to that of the values, with the same effect."""

_PIVOT = 1e-6
"""Pivot of lagged products, relative to its diagonal, with the same effect."""

_EMPTY = 1e-12
"""Product of a lag with itself, relative to that of no lag, with the same effect."""


@dataclass(frozen=True, slots=True)
class OneBreaks:
    """
    What :class:`flows.models.break_sequence.OneBreak` says of one stretch, of many.

    ``dates``: shape ``(d,)``; ``deviances``: shape ``(d, s)``; ``best``: the most likely date;
    ``least``: its deviance; ``rho``: the autocorrelation that goes with it; ``ratio``,
    ``autocorrelation``, ``longer``: as there; shape ``(s,)``.
    """

    dates: IntArray
    deviances: FloatArray
    best: IntArray
    least: FloatArray
    rho: FloatArray
    ratio: FloatArray
    autocorrelation: FloatArray
    longer: FloatArray

    @property
    def above(self) -> FloatArray:
        """What the deviance of each date lies above the least one, shape ``(d, s)``."""
        return np.asarray((self.deviances - self.deviances.min(axis=0)) / self.longer)


def one_breaks(
    values: FloatArray, steps: IntArray, *, shortest: int, surface: BreakSurface, trend: bool
) -> OneBreaks:
    """
    Hold one break of each stretch against noise that persists.

    ``values``: shape ``(n, s)``; ``steps``: their periods, shape ``(n, s)``, or ``(n, 1)`` where
    all stretches have the same. Where a sum of squares would lose digits, a stretch is handed to
    the function of one series.
    """
    regression = _Regression.of(steps, trend=trend)
    noise = regression.residuals(values)
    dates = np.arange(shortest, len(values) - shortest + 1)
    without, deviances, by_rho = _deviances(values, noise, regression, dates)
    best = first_maxima(-deviances)
    stretches = np.arange(values.shape[1])
    rho = best_rho(by_rho)
    memory, lost = _memories(
        regression.residuals_beside(noise, dates[best]), steps, most=most_lags(len(values))
    )
    autocorrelation, longer = persistence_of(memory, rho, surface)
    ratio = without - deviances.min(axis=0)
    lost |= ratio > -len(values) * np.log(_EXPLAINED)
    lost |= np.sum(noise**2, axis=0) <= _VARIES * np.sum(values**2, axis=0)
    found = OneBreaks(
        dates=dates,
        deviances=deviances,
        best=dates[best],
        least=deviances[best, stretches],
        rho=rho,
        ratio=ratio / longer,
        autocorrelation=autocorrelation,
        longer=longer,
    )
    for place in np.flatnonzero(lost).tolist():
        periods = steps[:, min(place, steps.shape[1] - 1)]
        _take(found, place, Design(_columns(periods, trend), values[:, place], periods, shortest))
    return found


def _take(found: OneBreaks, place: int, design: Design) -> None:
    """Put the result of the function of one series in its place."""
    single = one_break(design)
    found.deviances[:, place] = single.profile.deviances
    found.best[place] = single.profile.best
    found.least[place] = single.profile.deviances[single.profile.best - found.dates[0]]
    found.rho[place] = single.profile.rho
    found.ratio[place] = single.ratio
    found.autocorrelation[place] = single.autocorrelation
    found.longer[place] = single.longer


def _columns(steps: IntArray, trend: bool) -> FloatArray:  # noqa: FBT001 - one of two regressions
    constant = np.ones((len(steps), 1))
    return np.column_stack([constant, steps - steps[0]]) if trend else constant


@dataclass(frozen=True, slots=True)
class _Regression:
    """
    A mean, or a line, as it is fitted to whitened values.

    ``kept``: what a value keeps of the one before it, ``scales``: what puts innovations to one
    variance, ``size``: the sum of their log variances, by period, autocorrelation and stretch;
    ``place``: time between -1 and 1, shape ``(n, s)``, or None without a line.
    """

    kept: FloatArray
    scales: FloatArray
    size: FloatArray
    place: FloatArray | None

    @classmethod
    def of(cls, steps: IntArray, *, trend: bool) -> "_Regression":
        gaps, rhos = np.diff(steps, axis=0), RHOS[:, None]
        powers = rhos ** np.arange(int(gaps.max()) + 1)
        variances = (1 - powers**2) / (1 - rhos**2)
        # Nothing comes before the first value, and it has the variance of all noise.
        powers[:, 0], variances[:, 0] = 0.0, 1 / (1 - RHOS**2)
        since = np.concatenate([np.zeros((1, steps.shape[1]), dtype=gaps.dtype), gaps])
        kept, scales, sizes = (
            np.ascontiguousarray(table[:, since].swapaxes(0, 1))
            for table in (powers, 1 / np.sqrt(variances), np.log(variances))
        )
        size = sizes.sum(axis=0)
        line = 2 * (steps - steps[0]) / (steps[-1] - steps[0]) - 1 if trend else None
        return cls(kept, scales, size, line)

    def residuals(self, values: FloatArray) -> FloatArray:
        """Return what the mean or the line leaves."""
        everywhere = np.ones(values.shape)
        return values - self._fitted(values, everywhere)

    def residuals_beside(self, values: FloatArray, breaks: IntArray) -> FloatArray:
        """Return what one mean or line on each side of a break leaves."""
        after = (np.arange(len(values))[:, None] >= breaks).astype(np.float64)
        before = 1 - after
        return values - before * self._fitted(values, before) - after * self._fitted(values, after)

    def _fitted(self, values: FloatArray, weights: FloatArray) -> FloatArray:
        """Return the mean or line of the values of weight one."""
        count = weights.sum(axis=0)
        mean = np.sum(weights * values, axis=0) / count
        if self.place is None:
            return np.broadcast_to(mean, values.shape)
        place = self.place - np.sum(weights * self.place, axis=0) / count
        weighted = weights * place
        slope = np.sum(weighted * (values - mean), axis=0) / np.sum(weighted * place, axis=0)
        return np.asarray(mean + slope * place)

    def whitened(self, columns: FloatArray) -> FloatArray:
        """Take from each row what the row before says of it, and scale it to one variance."""
        white = columns[:, None] * self.scales
        white[1:] -= columns[:-1, None] * (self.kept[1:] * self.scales[1:])
        return white


class _Change(NamedTuple):
    """
    What changes at each date, beside what the mean or line explains.

    ``white``, ``first``: a regressor, whitened, within a regime and in its first row; ``basis``:
    the directions of the mean or line, ``beside``: their products with the change at each date;
    ``slope``: of the second change on the first, ``own``: one over the sums of squares of the first
    and of what it leaves of the second.
    """

    white: list[FloatArray]
    first: list[FloatArray]
    basis: list[FloatArray]
    beside: list[list[FloatArray]]
    own: list[FloatArray]
    slope: FloatArray | None


def _changes(regression: _Regression, dates: IntArray) -> _Change:
    """Return what a change explains at most, by date, from the periods alone."""
    columns = [np.ones((len(regression.scales), 1))]
    if regression.place is not None:
        columns.append(regression.place)
    white = [regression.whitened(column) for column in columns]
    first = [(column[:, None] * regression.scales)[dates] for column in columns]
    basis: list[FloatArray] = []
    for column in white:
        rest = column
        for direction in basis:
            rest = rest - direction * np.sum(direction * rest, axis=0)
        basis.append(rest / np.sqrt(np.sum(rest**2, axis=0)))
    beside = [
        [_later(a * q, dates) + b * q[dates] for q in basis]
        for a, b in zip(white, first, strict=True)
    ]

    def product(i: int, j: int) -> FloatArray:
        whole = _later(white[i] * white[j], dates) + first[i] * first[j]
        for one, other in zip(beside[i], beside[j], strict=True):
            whole -= one * other
        return whole

    own = product(0, 0)
    if len(columns) == 1:
        return _Change(white, first, basis, beside, [1 / own], None)
    slope = product(0, 1) / own
    rest = product(1, 1) - slope**2 * own
    return _Change(white, first, basis, beside, [1 / own, 1 / rest], slope)


def _later(rows: FloatArray, dates: IntArray) -> FloatArray:
    """Sum the rows after each date; the rows are used up."""
    for row in range(len(rows) - 2, dates[0], -1):
        rows[row] += rows[row + 1]
    return rows[dates[0] + 1 : dates[-1] + 2]


def _deviances(
    values: FloatArray, noise: FloatArray, regression: _Regression, dates: IntArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """
    Return the deviances without a break, those of one by date, and those of the best date by rho.

    They are those of :func:`flows.models.persistent_break.deviances`, of a regression that
    differs by stretch.
    """
    nobs = len(values)
    change = _changes(regression, dates)
    spread = np.sum((values - values.mean(axis=0)) ** 2, axis=0)
    floor = FLOOR * np.where(spread > 0, spread, 1.0)
    rest = regression.whitened(noise)
    alone = np.sum(rest * rest, axis=0)
    within = []
    for direction in change.basis:
        within.append(np.sum(direction * rest, axis=0))
        alone -= within[-1] ** 2
    explained = []
    for white, first, beside in zip(change.white, change.first, change.beside, strict=True):
        found = _later(white * rest, dates) + first * rest[dates]
        for one, product in zip(within, beside, strict=True):
            found -= one * product
        explained.append(found)
    if change.slope is not None:
        explained[1] -= change.slope * explained[0]
    for found, own in zip(explained, change.own, strict=True):
        np.multiply(found, found, out=found)
        np.multiply(found, own, out=found)
    split = np.subtract(alone, sum(explained[1:], explained[0]), out=explained[0])
    np.maximum(split, floor, out=split)
    # Logarithms are taken of the least of all autocorrelations, their size put in beforehand.
    least = np.min(split * np.exp(regression.size / nobs), axis=1)
    deviances = nobs * np.log(least)
    best = first_maxima(-deviances)
    at_best = split[best, :, np.arange(values.shape[1])].T
    without = nobs * np.log(np.maximum(alone, floor)) + regression.size
    return without.min(axis=0), deviances, nobs * np.log(at_best) + regression.size


@dataclass(frozen=True, slots=True)
class _Memories:
    """What :class:`flows.models.memory.Memory` says of each stretch, shape ``(s,)``."""

    order: IntArray
    total: FloatArray
    beyond_first: FloatArray


def _memories(resids: FloatArray, steps: IntArray, *, most: int) -> tuple[_Memories, BoolArray]:
    """Return how long the noise of each stretch remembers, and where products lose digits."""
    count = resids.shape[1]
    found = _Memories(np.ones(count, dtype=np.int64), np.zeros(count), np.ones(count))
    lost, open_ = np.zeros(count, dtype=np.bool_), np.ones(count, dtype=np.bool_)
    for lags in range(most, 1, -1):
        whole = steps[lags:] - steps[:-lags] == lags
        now = open_ & (whole.sum(axis=0) >= ROWS_A_LAG * lags)
        if now.any():
            rows = whole[:, now] if whole.shape[1] > 1 else whole
            order, total, beyond, lost[now] = _longest(resids[:, now], rows, lags)
            found.order[now], found.total[now], found.beyond_first[now] = order, total, beyond
            open_ &= ~now
    return found, lost


def _longest(
    resids: FloatArray, whole: BoolArray, lags: int
) -> tuple[IntArray, FloatArray, FloatArray, BoolArray]:
    """
    Return order, sum of coefficients and long-run variance of the longest memory.

    The orders' regressions are nested: the products of all lags are eliminated one lag after the
    other, and what is left in the last place is the sum of squares that so many lags leave.
    """
    nobs, count = resids.shape
    # The value itself stands behind its lags.
    rows = np.stack([resids[lags - lag : nobs - lag] for lag in (*range(1, lags + 1), 0)])
    products = np.einsum("irs,jrs->ijs", rows * whole, rows)
    sizes = np.stack([products[lag, lag] for lag in range(lags + 1)])
    ones, total = np.ones((lags, count)), np.zeros(count)
    lost = np.zeros(count, dtype=np.bool_)
    squares, totals = np.empty((lags, count)), np.empty((lags, count))
    for lag in range(lags):
        pivot = products[lag, lag]
        lost |= pivot <= np.maximum(_PIVOT * sizes[lag], _EMPTY * sizes[-1])
        root = np.sqrt(np.where(pivot > 0, pivot, 1.0))
        column = products[lag + 1 :, lag] / root
        products[lag + 1 :, lag + 1 :] -= column[:, None] * column
        share = ones[lag] / root
        ones[lag + 1 :] -= column[:-1] * share
        total = total + share * column[-1]
        squares[lag], totals[lag] = products[-1, -1], total
    lost |= squares[-1] <= _PIVOT * sizes[-1]
    long_run = long_run_variances(squares, totals, floor=0.0)
    best, stretches = first_maxima(long_run), np.arange(count)
    beyond = long_run[best, stretches] / np.where(lost, 1.0, long_run[0])
    return best + 1, totals[best, stretches], beyond, lost
