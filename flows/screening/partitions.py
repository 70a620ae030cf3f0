"""
The exact partition of every series into regimes, for each number of breaks.

Throughout, arrays have the series of one length as their last axis, so that what the search does
for one start and one end it does for all of them with numbers that lie together.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from flows.canonical import TIE, first_maxima
from flows.models.breaks import ROUNDING, criteria_of
from flows.models.sample import FloatArray, IntArray, Regime
from flows.screening.observations import Observations, alike
from flows.screening.reasons import Reason, ReasonArray

_AT_ONCE = 512
"""Series that are searched at once."""


@dataclass(frozen=True, slots=True)
class AllPartitions:
    """
    The partition of least cost of each series, for 0, 1, 2, ... breaks.

    ``breaks``: first periods of the new regimes, counted from 0, shape ``(series, numbers,
    breaks)``, -1 where there is none; ``costs``: sums of squared residuals, NaN where there is no
    room for so many, shape ``(series, numbers)``; ``nobs``: observations; ``reason``: why there is
    none at all; ``coefficients``: of a regime; shape ``(series,)``.
    """

    breaks: npt.NDArray[np.int16]
    costs: FloatArray
    nobs: IntArray
    reason: ReasonArray
    coefficients: IntArray

    def chosen(self, choose: Literal["bic", "lwz"] | int) -> IntArray:
        """Return how many breaks ``find_breaks`` takes, -1 where it would refuse."""
        if isinstance(choose, int):
            if not 0 <= choose < self.costs.shape[1]:
                raise ValueError(
                    f"expected 0 to {self.costs.shape[1] - 1} breaks, as many as were searched, "
                    f"found choose={choose}"
                )
            return np.where(np.isnan(self.costs[:, choose]), -1, choose)
        counts = np.full(len(self.costs), -1)
        for series in alike(self.coefficients, self.nobs, np.isnan(self.costs).sum(axis=1)):
            costs = self.costs[series]
            costs = costs[:, ~np.isnan(costs[0])]
            if costs.shape[1]:
                first = series[0]
                criteria = criteria_of(
                    costs, nobs=int(self.nobs[first]), coefficients=int(self.coefficients[first])
                )
                counts[series] = _first_minima(criteria[choose])
        return counts

    def taken(self, counts: IntArray) -> npt.NDArray[np.int16]:
        """Return the breaks of each series' partition into so many, -1 where there is none."""
        return self.breaks[np.arange(len(counts)), np.maximum(counts, 0)]


def _first_minima(values: FloatArray) -> IntArray:
    """Return the first minimum of each row; a partition that fits exactly is minus infinity."""
    exact = np.isinf(values)
    least = first_maxima(-np.where(exact, 0.0, values).T)
    return np.where(exact.any(axis=1), np.argmax(exact, axis=1), least)


def all_partitions(
    values: FloatArray, *, regime: Regime = "mean", trim: float = 0.15, most: int = 5
) -> AllPartitions:
    """
    Find the partition of least cost of each series for each number of breaks, exactly.

    ``values``: shape ``(series, periods)``. They are those of
    :func:`flows.models.partitions.partitions_of`, with its rule for ties.
    """
    sample = Observations.of(values, trend=regime == "trend", trim=trim)
    found = AllPartitions(
        breaks=np.full((len(values), most + 1, most), -1, dtype=np.int16),
        costs=np.full((len(values), most + 1), np.nan),
        nobs=sample.nobs,
        reason=sample.reason,
        coefficients=np.full(len(values), sample.coefficients),
    )
    usable = np.flatnonzero(sample.reason == Reason.NONE)
    gaps = np.diff(sample.steps[usable], axis=1)
    broken = ((gaps != 1) & (np.arange(1, values.shape[1]) < sample.nobs[usable, None])).any(axis=1)
    for part in alike(broken, sample.nobs[usable]):
        for start in range(0, len(part), _AT_ONCE):
            series = usable[part[start : start + _AT_ONCE]]
            _search(sample, series, found, most)
    return found


def _search(sample: Observations, series: IntArray, found: AllPartitions, most: int) -> None:
    """Put the partitions of series of one length in their places."""
    nobs, shortest = int(sample.nobs[series[0]]), int(sample.shortest[series[0]])
    y, steps = sample.columns(series, np.zeros_like(series), nobs)
    gains = _Gains.of(y, steps if sample.trend else None)
    most = min(most, nobs // shortest - 1)
    explained = _explained(gains, shortest, most)
    spread = np.sum((y - y.mean(axis=0)) ** 2, axis=0)
    for count in range(most + 1):
        breaks = _trace(gains, explained, count, shortest)
        costs = _costs(y, steps if sample.trend else None, breaks)
        found.costs[series, count] = np.where(costs > ROUNDING * spread, costs, 0.0)
        found.breaks[series, count, :count] = sample.steps[series, breaks].T


@dataclass(frozen=True, slots=True)
class _Gains:
    """
    What a mean or a line of its own explains of any stretch, from sums up to each end.

    ``sums``: of what one mean or line of the whole leaves; ``inverse``: one over each length;
    ``time``: of time, its square and its product with ``sums``' values, or None without lines;
    ``tie``: differences that are rounding.
    """

    sums: FloatArray
    inverse: FloatArray
    time: tuple[FloatArray, FloatArray, FloatArray] | None
    tie: FloatArray

    @classmethod
    def of(cls, y: FloatArray, steps: IntArray | None) -> "_Gains":
        nobs = len(y)
        inverse = np.concatenate([[0.0], 1 / np.arange(1.0, nobs + 1)])
        rest = y - y.mean(axis=0)
        time = None
        if steps is not None:
            at = steps - steps.mean(axis=0)
            rest = rest - at * (np.sum(at * rest, axis=0) / np.sum(at**2, axis=0))
            time = _up_to(at), _up_to(at**2), _up_to(at * rest)
        return cls(_up_to(rest), inverse, time, TIE * np.sum(rest**2, axis=0))

    def of_stretches(self, starts: IntArray, ends: IntArray) -> FloatArray:
        """
        Return what is explained from each start, shape ``(starts, 1)``, to an end.

        ``ends``: one of all series, shape ``(1,)``, or one a series. Minus infinity where it is no
        stretch.
        """
        length = ends - starts
        inverse = self.inverse[np.maximum(length, 0)]
        change = self._between(self.sums, starts, ends)
        gain = change * change * inverse
        if self.time is not None:
            at, square, product = (self._between(sums, starts, ends) for sums in self.time)
            middle = at * inverse
            spread = square - middle * at
            product = product - middle * change
            gain += product**2 / np.where(length > 1, spread, 1.0)
        return np.asarray(gain)

    @staticmethod
    def _between(sums: FloatArray, starts: IntArray, ends: IntArray) -> FloatArray:
        if len(ends) == 1:
            return np.asarray(sums[ends] - sums[starts[:, 0]])
        series = np.arange(len(ends)) if sums.shape[1] > 1 else np.zeros(len(ends), dtype=np.int64)
        return np.asarray(sums[ends, series] - sums[starts[:, 0]])


def _up_to(rows: FloatArray) -> FloatArray:
    """Return the sum of the rows before each end."""
    return np.concatenate([np.zeros((1, rows.shape[1])), np.cumsum(rows, axis=0)])


def _explained(gains: _Gains, shortest: int, most: int) -> FloatArray:
    """Return the most that 1, 2, ... regimes explain, shape ``(regimes, ends, series)``."""
    nobs, series = len(gains.sums) - 1, gains.sums.shape[1]
    explained = np.full((most, nobs + 1, series), -np.inf)
    for end in range(shortest, nobs + 1 - shortest):
        starts = np.arange(max(end - shortest + 1, 1))[:, None]
        whole = gains.of_stretches(starts, np.array([end]))
        if most:
            explained[0, end] = whole[0]
        for count in range(1, min(most, end // shortest)):
            first = count * shortest
            through = whole[first:] + explained[count - 1, first : len(whole)]
            explained[count, end] = through.max(axis=0)
    return explained


def _trace(gains: _Gains, explained: FloatArray, count: int, shortest: int) -> IntArray:
    """Follow the last breaks back from the end of the sample, shape ``(count, series)``."""
    nobs, series = len(gains.sums) - 1, gains.sums.shape[1]
    breaks = np.empty((count, series), dtype=np.int64)
    end = np.array([nobs])
    for regime in range(count, 0, -1):
        later = count - regime
        starts = np.arange(regime * shortest, nobs - (later + 1) * shortest + 1)[:, None]
        through = gains.of_stretches(starts, end) + explained[regime - 1, starts[:, 0]]
        through[np.broadcast_to(starts > end - shortest, through.shape)] = -np.inf
        end = starts[0, 0] + np.argmax(through >= through.max(axis=0) - gains.tie, axis=0)
        breaks[regime - 1] = end
    return breaks


def _costs(y: FloatArray, steps: IntArray | None, breaks: IntArray) -> FloatArray:
    """Return the sums of squares that the regimes leave, each fitted again."""
    rows = np.arange(len(y))[:, None]
    number = np.sum(rows >= breaks[:, None], axis=0)
    total = np.zeros(y.shape[1])
    for regime in range(len(breaks) + 1):
        inside = number == regime
        count = inside.sum(axis=0)
        rest = np.where(inside, y - np.sum(y, axis=0, where=inside) / count, 0.0)
        if steps is not None:
            at = np.where(inside, steps - np.sum(inside * steps, axis=0) / count, 0.0)
            rest -= at * (np.sum(at * rest, axis=0) / np.sum(at**2, axis=0))
        total += np.sum(rest**2, axis=0)
    return total
