"""
The exact partition of every series into regimes, for each number of breaks.

Throughout, arrays have the series of one length as their last axis, so that what the search does
for one start and one end it does for all of them with numbers that lie together.
"""

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

_AT_ONCE = 1024
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
        costs = gains.left_by(breaks)
        found.costs[series, count] = np.where(costs > ROUNDING * spread, costs, 0.0)
        found.breaks[series, count, :count] = sample.steps[series, breaks].T


@dataclass(frozen=True, slots=True)
class _Gains:
    """
    What a mean or a line of its own explains of any stretch, from sums up to each end.

    ``rest``: what one mean or line of the whole leaves; ``sums``: of it; ``inverse``: one over each
    length; ``time``: periods around their mean, with sums of them, of their squares and of their
    products with ``rest``, or None without lines; ``tie``: differences that are rounding.
    """

    rest: FloatArray
    sums: FloatArray
    inverse: FloatArray
    time: tuple[FloatArray, FloatArray, FloatArray, FloatArray] | None
    tie: FloatArray

    @classmethod
    def of(cls, y: FloatArray, steps: IntArray | None) -> "_Gains":
        inverse = np.concatenate([[0.0], 1 / np.arange(1.0, len(y) + 1)])
        rest = y - y.mean(axis=0)
        time = None
        if steps is not None:
            at = steps - steps.mean(axis=0)
            rest -= at * (np.sum(at * rest, axis=0) / np.sum(at**2, axis=0))
            time = at, _up_to(at), _up_to(at**2), _up_to(at * rest)
        return cls(rest, _up_to(rest), inverse, time, TIE * np.sum(rest**2, axis=0))

    def from_starts(self, starts: slice, ends: int | IntArray) -> FloatArray:
        """
        Return what is explained from each start to an end, shape ``(starts, series)``.

        ``ends``: one of all series, or one a series.
        """
        length = ends - np.arange(starts.start, starts.stop)[:, None]
        inverse = self.inverse[np.maximum(length, 0)]
        change = _at(self.sums, ends) - self.sums[starts]
        if self.time is None:
            change *= change
            change *= inverse
            return change
        at, square, product = (_at(sums, ends) - sums[starts] for sums in self.time[1:])
        middle = at * inverse
        spread = np.where(length > 1, square - middle * at, 1.0)
        return np.asarray(change**2 * inverse + (product - middle * change) ** 2 / spread)

    def left_by(self, breaks: IntArray) -> FloatArray:
        """
        Return the sums of squares that the regimes between breaks leave.

        The regimes are taken off and what is left is squared: sums of what they explain would lose
        digits where a regime hardly varies.
        """
        nobs, series = self.rest.shape
        rows, fitted = np.arange(nobs)[:, None], np.zeros((nobs, series))
        ends = [np.zeros(series, dtype=np.int64), *breaks, np.full(series, nobs)]
        for first, last in pairwise(ends):
            inside = rows >= first
            inverse = self.inverse[last - first]
            mean = (_at(self.sums, last) - _at(self.sums, first)) * inverse
            if self.time is None:
                np.copyto(fitted, mean, where=inside)
                continue
            at, square, product = (_at(sums, last) - _at(sums, first) for sums in self.time[1:])
            middle = at * inverse
            slope = (product - at * mean) / (square - at * middle)
            np.copyto(fitted, mean + slope * (self.time[0] - middle), where=inside)
        np.subtract(self.rest, fitted, out=fitted)
        return np.asarray(np.sum(np.multiply(fitted, fitted, out=fitted), axis=0))


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
    for end in range(shortest, nobs + 1 - shortest if most else 0):
        explained[0, end] = gains.from_starts(slice(0, 1), end)[0]
        if most == 1 or end < 2 * shortest:
            continue
        whole = gains.from_starts(slice(shortest, end - shortest + 1), end)
        for count in range(1, min(most, end // shortest)):
            first = (count - 1) * shortest
            through = whole[first:] + explained[count - 1, first + shortest : end - shortest + 1]
            through.max(axis=0, out=explained[count, end])
    return explained


def _trace(gains: _Gains, explained: FloatArray, count: int, shortest: int) -> IntArray:
    """Follow the last breaks back from the end of the sample, shape ``(count, series)``."""
    nobs, series = gains.rest.shape
    breaks = np.empty((count, series), dtype=np.int64)
    ends: int | IntArray = nobs
    for regime in range(count, 0, -1):
        first = regime * shortest
        starts = slice(first, nobs - (count - regime + 1) * shortest + 1)
        through = gains.from_starts(starts, ends)
        through += explained[regime - 1, starts]
        if regime < count:
            rows = np.arange(starts.start, starts.stop)[:, None]
            np.copyto(through, -np.inf, where=rows > ends - shortest)
        ends = first + np.argmax(through >= through.max(axis=0) - gains.tie, axis=0)
        breaks[regime - 1] = ends
    return breaks
