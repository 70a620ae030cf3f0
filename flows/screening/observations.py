"""Observations of many series without the gaps between them, and why some cannot be searched."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from flows.models.sample import FloatArray, IntArray
from flows.screening.reasons import Reason, ReasonArray


@dataclass(frozen=True, slots=True)
class Observations:
    """
    The observations of each series in the order of time, zeros behind the last.

    ``y``, ``steps``: values and the numbers of their periods, shape ``(series, periods)``;
    ``nobs``, ``shortest``: observations of a series, and the fewest of a regime; ``reason``: why
    there are no two regimes; ``trend``: whether a regime has a line and not a mean.
    """

    y: FloatArray
    steps: IntArray
    nobs: IntArray
    shortest: IntArray
    reason: ReasonArray
    trend: bool

    @classmethod
    def of(cls, values: FloatArray, *, trend: bool, trim: float) -> "Observations":
        """Take the values that are there, as :func:`flows.find_breaks` does."""
        there = ~np.isnan(values)
        nobs, periods = there.sum(axis=1), values.shape[1]
        y, steps = values, np.broadcast_to(np.arange(periods), values.shape)
        used = np.arange(periods) < nobs[:, None]
        if not there.all():
            steps = np.argsort(~there, axis=1, kind="stable")
            y = np.where(used, np.take_along_axis(values, steps, axis=1), 0.0)
        least = np.array([math.floor(trim * count) for count in range(periods + 1)])
        shortest = np.maximum(least[nobs], 3 if trend else 2)
        same = ((y == y[:, :1]) | ~used).all(axis=1)
        reason = np.select(
            [np.isinf(values).any(axis=1), nobs < 2, same, nobs < 2 * shortest],  # noqa: PLR2004 - one value has no other beside it
            [Reason.INFINITE, Reason.FEW, Reason.CONSTANT, Reason.NO_ROOM],
            Reason.NONE,
        )
        return cls(y, steps, nobs, shortest, reason.astype(np.int8), trend)

    @property
    def coefficients(self) -> int:
        """Coefficients of a regime."""
        return 2 if self.trend else 1

    def columns(self, series: IntArray, first: IntArray, nobs: int) -> tuple[FloatArray, IntArray]:
        """
        Return values and periods of stretches of one length, shape ``(nobs, stretches)``.

        Where no period is missing in any of them the periods are the same: shape ``(nobs, 1)``.
        """
        cells = series, first + np.arange(nobs)[:, None]
        steps = self.steps[cells]
        if (steps[-1] - steps[0] == nobs - 1).all():
            steps = np.arange(nobs)[:, None]
        return self.y[cells], steps


def alike(*marks: IntArray) -> Iterator[IntArray]:
    """Return the rows that are alike in all marks, one kind after another."""
    order = np.lexsort(marks)
    changed = np.any([np.diff(mark[order]) != 0 for mark in marks], axis=0)
    yield from (part for part in np.split(order, np.flatnonzero(changed) + 1) if len(part))
