"""
Lines in time for all series of a block: which periods have a value, and what hangs on that alone.

Arrays have the shape ``(periods, series)``, so that sums over time run along neighbouring numbers.
What hangs on the pattern of a series alone has a column a distinct pattern of the block, which
:meth:`Lines.of` lays beside the series.
"""

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from flows.models.sample import FloatArray, IntArray
from flows.screening.reasons import Reason, ReasonArray

Number = TypeVar("Number", bound=np.generic)
BoolArray = npt.NDArray[np.bool_]

FEWEST = 3
"""Values that a line with an error needs."""

BLOCK = 1024
"""Series of a block of lines: more leave the cache, with fewer the calls take longer than sums."""

_WORD = 64
"""Periods whose pattern one integer holds."""


@dataclass(frozen=True, slots=True)
class Trends:
    """
    A line through each series; arrays of one number a series, NaN where ``reason`` is not zero.

    ``slope``: change a year on the scale of the line; ``const``: the line in the first period that
    has a value; ``std_error``, ``pvalue``, ``low``, ``high``: of the slope, by Student's t with
    ``df`` degrees of freedom; ``growth_pct``, ``growth_low``, ``growth_high``: percent a year, NaN
    too where the line is one in the level; ``nobs``: values; ``reason``: a :class:`Reason`.
    """

    slope: FloatArray
    const: FloatArray
    std_error: FloatArray
    df: FloatArray
    pvalue: FloatArray
    low: FloatArray
    high: FloatArray
    growth_pct: FloatArray
    growth_low: FloatArray
    growth_high: FloatArray
    nobs: IntArray
    reason: ReasonArray


@dataclass(frozen=True, slots=True)
class Sheet:
    """
    The values of a block, zeros where there are none, shape ``(periods, series)``.

    ``present``: where there is a value; ``nobs``: values of each series; ``lowest``, ``highest``:
    the extremes of each.
    """

    values: FloatArray
    present: BoolArray
    nobs: IntArray
    lowest: FloatArray
    highest: FloatArray

    def reason(self) -> ReasonArray:
        """Return why a series has no line, zero where it may have one."""
        infinite = np.isinf(self.lowest) | np.isinf(self.highest)
        reasons = np.where(self.lowest == self.highest, Reason.CONSTANT, Reason.NONE)
        reasons[self.nobs < FEWEST] = Reason.FEW
        reasons[infinite & (self.nobs > 0)] = Reason.INFINITE
        return reasons.astype(np.int8)


def sheet_of(values: FloatArray) -> Sheet:
    """Lay a block of shape ``(series, periods)`` out by period."""
    series, periods = values.shape
    laid = np.ascontiguousarray(values.T)
    if periods < FEWEST:
        laid = np.concatenate([laid, np.full((FEWEST - periods, series), np.nan)])
    present = ~np.isnan(laid)
    if present.all():
        nobs = np.full(laid.shape[1], len(laid))
        return Sheet(laid, present, nobs, laid.min(axis=0), laid.max(axis=0))
    lowest = np.where(present, laid, np.inf).min(axis=0, initial=np.inf)
    highest = np.where(present, laid, -np.inf).max(axis=0, initial=-np.inf)
    return Sheet(np.where(present, laid, 0.0), present, present.sum(axis=0), lowest, highest)


@dataclass(frozen=True, slots=True)
class Lines:
    """
    The regressors of a line in time, orthonormal, a column a pattern (or series).

    ``present``: one where there is a value; ``years``: from the mean time of the values, zeros
    elsewhere; ``constant``, ``line``: the orthonormal regressors, all of shape ``(periods,
    patterns)``; ``length``: length of the regressor that ``line`` is a multiple of, so that the
    slope is the product with ``line`` divided by it; ``since_first``: years from the first value to
    the mean time; ``nobs``, ``first``, ``last``: values, first and last period that has one;
    ``column``: column of each series, a slice where one stands for all or each
    has its own.
    """

    present: FloatArray
    years: FloatArray
    constant: FloatArray
    line: FloatArray
    length: FloatArray
    since_first: FloatArray
    nobs: IntArray
    first: IntArray
    last: IntArray
    column: slice | IntArray

    def of(
        self, per_pattern: npt.NDArray[Number], series: IntArray | None = None
    ) -> npt.NDArray[Number]:
        """
        Lay a number of each pattern, or each period of it, beside the series, or some of them.

        Where all series have one pattern its column stays alone, to be broadcast.
        """
        if isinstance(self.column, slice):
            if per_pattern.shape[-1] == 1 or series is None:
                return per_pattern
            return np.take(per_pattern, series, axis=-1)
        column = self.column if series is None else self.column[series]
        return np.take(per_pattern, column, axis=-1)


def lines_of(present: BoolArray, *, periods_per_year: int) -> Lines:
    """Return the regressors of each distinct pattern of values."""
    patterns, column = _patterns(present)
    weight = patterns.astype(np.float64)
    nobs = patterns.sum(axis=0)
    first = patterns.argmax(axis=0)
    last = len(patterns) - 1 - patterns[::-1].argmax(axis=0)
    time = np.arange(len(patterns), dtype=np.float64)[:, None]
    mean_time = total(time * weight) / nobs
    years = (time - mean_time) * weight / periods_per_year
    length = np.sqrt(total(years * years))
    return Lines(
        present=weight,
        years=years,
        constant=weight / np.sqrt(nobs),
        line=years / length,
        length=length,
        since_first=(mean_time - first) / periods_per_year,
        nobs=nobs,
        first=first,
        last=last,
        column=column,
    )


def _patterns(present: BoolArray) -> tuple[BoolArray, slice | IntArray]:
    """Return the distinct columns, and which of them is that of each series."""
    if present.all():
        return present[:, :1], slice(0, 1)
    periods, series = present.shape
    words = -(-periods // _WORD)
    padded = np.zeros((series, words * _WORD // 8), dtype=np.uint8)
    packed = np.packbits(present, axis=0)
    padded[:, : len(packed)] = packed.T
    keys = padded.view(np.uint64)
    whole = keys[:, 0] if words == 1 else padded.view(np.dtype((np.void, padded.shape[1])))[:, 0]
    _, at, column = np.unique(whole, return_index=True, return_inverse=True)
    if len(at) == 1:
        return present[:, :1], slice(0, 1)
    return np.ascontiguousarray(present[:, at]), column


def total(terms: FloatArray) -> FloatArray:
    """
    Sum over time, one period after another.

    NumPy adds a single column in pairs, with another rounding: it stands twice.
    """
    if terms.shape[1] == 1:
        return np.asarray(np.repeat(terms, 2, axis=1).sum(axis=0)[:1])
    return np.asarray(terms.sum(axis=0))
