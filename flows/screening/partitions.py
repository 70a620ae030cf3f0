"""
The exact partition of every series into regimes, for each number of breaks.

Throughout, arrays have the series of one length as their last axis, so that what the search does
for one start and one end it does for all of them with numbers that lie together.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
import numpy.typing as npt

from flows.canonical import TIE, first_maxima
from flows.models.breaks import ROUNDING, criteria_of
from flows.models.sample import FloatArray, IntArray, Regime
from flows.screening.observations import Observations, alike
from flows.screening.reasons import Reason, ReasonArray

PARTITIONS_BLOCK = 1_024
"""Series of a block, and the most that are searched at once."""

_EXPLAINED = 1e-3
"""Share that the regimes leave below which a difference of sums has too few digits."""


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
        for start in range(0, len(part), PARTITIONS_BLOCK):
            series = usable[part[start : start + PARTITIONS_BLOCK]]
            _search(sample, series, found, most)
    return found


def _search(sample: Observations, series: IntArray, found: AllPartitions, most: int) -> None:
    """Put the partitions of series of one length in their places."""
    nobs, shortest = int(sample.nobs[series[0]]), int(sample.shortest[series[0]])
    y, steps = sample.columns(series, np.zeros_like(series), nobs)
    gains = _Gains.of(y, steps if sample.trend else None)
    most = min(most, nobs // shortest - 1)
    explained = _explained(gains, shortest, most)
    to_end = gains.from_starts(slice(shortest, nobs - shortest + 1), nobs)
    spread = np.sum((y - y.mean(axis=0)) ** 2, axis=0)
    for count in range(most + 1):
        breaks = _trace(gains, explained, to_end, count=count, shortest=shortest)
        costs = gains.left_by(breaks)
        found.costs[series, count] = np.where(costs > ROUNDING * spread, costs, 0.0)
        found.breaks[series, count, :count] = sample.steps[series, breaks].T


@dataclass(frozen=True, slots=True)
class _Gains:
    """
    What a mean or a line of its own explains of any stretch, from sums up to each end.

    ``rest``: what one mean or line of the whole leaves; ``total``: the sum of its squares;
    ``sums``: of it; ``time``: periods around their mean, with sums of them, of their squares and of
    their products with ``rest``, or None without lines.
    """

    rest: FloatArray
    total: FloatArray
    sums: FloatArray
    time: tuple[FloatArray, FloatArray, FloatArray, FloatArray] | None

    @classmethod
    def of(cls, y: FloatArray, steps: IntArray | None) -> "_Gains":
        rest = y - y.mean(axis=0)
        time = None
        if steps is not None:
            at = steps - steps.mean(axis=0)
            rest -= at * (np.sum(at * rest, axis=0) / np.sum(at**2, axis=0))
            time = at, _up_to(at), _up_to(at**2), _up_to(at * rest)
        return cls(rest, np.sum(rest**2, axis=0), _up_to(rest), time)

    def from_starts(self, starts: slice, ends: int | IntArray) -> FloatArray:
        """
        Return what is explained from each start to an end, shape ``(starts, series)``.

        ``ends``: one of all series, or one a series.
        """
        places = np.arange(starts.start, starts.stop, dtype=np.float64)[:, None]
        length = np.maximum(np.asarray(ends, dtype=np.float64) - places, 1.0)
        change = _at(self.sums, ends) - self.sums[starts]
        if self.time is None:
            np.multiply(change, change, out=change)
            return np.divide(change, length, out=change)
        time = [_at(sums, ends) - sums[starts] for sums in self.time[1:]]
        return _line_gain(change, length, *time)

    def left_by(self, breaks: IntArray) -> FloatArray:
        """Return the sums of squares that the regimes between breaks leave."""
        explained = np.zeros(len(self.total))
        for first, last in self._regimes(breaks):
            length, change, *time = self._within(first, last)
            gain = _line_gain(change, length, *time) if time else change**2 / length
            explained += gain
        costs = self.total - explained
        lost = np.flatnonzero(costs <= _EXPLAINED * self.total)
        if len(lost):
            costs[lost] = self._of(lost).left_by_fits(breaks[:, lost])
        return costs

    def left_by_fits(self, breaks: IntArray) -> FloatArray:
        """Return the same with its regimes taken off: a difference of sums has fewer digits."""
        fitted, rows = np.zeros_like(self.rest), np.arange(len(self.rest))[:, None]
        for first, last in self._regimes(breaks):
            length, change, *time = self._within(first, last)
            line = change / length
            if self.time is not None:
                at, square, product = time
                slope = (product - at * line) / (square - at * at / length)
                line = line + slope * (self.time[0] - at / length)
            np.copyto(fitted, line, where=rows >= first)
        return np.asarray(np.sum((self.rest - fitted) ** 2, axis=0))

    def _of(self, series: IntArray) -> "_Gains":
        """Return the same of some of the series."""
        time = self.time
        if time is not None:
            at, sums, squares, products = time
            if at.shape[1] > 1:
                at, sums, squares = at[:, series], sums[:, series], squares[:, series]
            time = at, sums, squares, products[:, series]
        return _Gains(self.rest[:, series], self.total[series], self.sums[:, series], time)

    def _regimes(self, breaks: IntArray) -> Iterator[tuple[IntArray, IntArray]]:
        """Yield the first row of each regime and the one after its last."""
        nobs, series = self.rest.shape
        return pairwise([np.zeros(series, dtype=np.int64), *breaks, np.full(series, nobs)])

    def _within(self, first: IntArray, last: IntArray) -> list[FloatArray]:
        """Return the length of a regime and its sums."""
        sums = [self.sums, *(self.time[1:] if self.time else ())]
        return [(last - first).astype(np.float64), *(_at(s, last) - _at(s, first) for s in sums)]


def _line_gain(
    change: FloatArray, length: FloatArray, at: FloatArray, square: FloatArray, product: FloatArray
) -> FloatArray:
    """Return what a line explains, by the sums of values and of time; of one value its mean."""
    middle = at / length
    spread = np.where(length > 1, square - middle * at, 1.0)
    return np.asarray(change**2 / length + (product - middle * change) ** 2 / spread)


def _at(sums: FloatArray, ends: int | IntArray) -> FloatArray:
    """Return the sums up to one end, or to one of each series."""
    if isinstance(ends, int):
        return np.asarray(sums[ends])
    return np.asarray(sums[ends, np.arange(len(ends)) if sums.shape[1] > 1 else 0])


def _up_to(rows: FloatArray) -> FloatArray:
    """Return the sum of the rows before each end."""
    sums = np.zeros((len(rows) + 1, rows.shape[1]))
    for place, row in enumerate(rows):
        np.add(sums[place], row, out=sums[place + 1])
    return sums


def _explained(gains: _Gains, shortest: int, most: int) -> FloatArray:
    """Return the most that 1, 2, ... regimes explain, shape ``(regimes, ends, series)``."""
    nobs, series = gains.rest.shape
    explained = np.full((most, nobs + 1, series), -np.inf)
    room = np.empty((nobs, series))
    for end in range(shortest, nobs + 1 - shortest if most else 0):
        explained[0, end] = gains.from_starts(slice(0, 1), end)[0]
        if most == 1 or end < 2 * shortest:
            continue
        whole = gains.from_starts(slice(shortest, end - shortest + 1), end)
        for count in range(1, min(most, end // shortest)):
            first = (count - 1) * shortest
            before = explained[count - 1, first + shortest : end - shortest + 1]
            through = np.add(whole[first:], before, out=room[: len(before)])
            through.max(axis=0, out=explained[count, end])
    return explained


def _trace(
    gains: _Gains, explained: FloatArray, to_end: FloatArray, *, count: int, shortest: int
) -> IntArray:
    """
    Follow the last breaks back from the end of the sample, shape ``(count, series)``.

    ``to_end``: what is explained from each start but the first ones to the end of the sample.
    """
    nobs, series = gains.rest.shape
    breaks = np.empty((count, series), dtype=np.int64)
    tie = TIE * gains.total
    for regime in range(count, 0, -1):
        first = regime * shortest
        starts = slice(first, nobs - (count - regime + 1) * shortest + 1)
        if regime == count:
            through = to_end[first - shortest :] + explained[regime - 1, starts]
        else:
            ends = breaks[regime]
            through = gains.from_starts(starts, ends)
            through += explained[regime - 1, starts]
            rows = np.arange(starts.start, starts.stop)[:, None]
            np.copyto(through, -np.inf, where=rows > ends - shortest)
        breaks[regime - 1] = first + np.argmax(through >= through.max(axis=0) - tie, axis=0)
    return breaks
