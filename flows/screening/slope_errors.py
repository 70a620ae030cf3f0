"""
Errors of the slopes of all lines of a block, by the estimators of one series.

Throughout, ``lines`` are regressors as :func:`flows.screening.designs.lines_of` returns them, and
``resids`` the residuals of the series, zeros where there is no value, shape ``(periods, series)``.
"""

import functools
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from flows.canonical import TIE
from flows.models.covariance import cosines, rule_of_thumb_lags
from flows.models.persistence import CLOSE, LARGEST
from flows.models.sample import FloatArray, IntArray
from flows.screening.designs import FEWEST, BoolArray, Lines, Number, total
from flows.screening.reasons import Reason, ReasonArray
from flows.screening.roots import brent_roots


@dataclass(frozen=True, slots=True)
class SlopeErrors:
    """
    Variances of slopes.

    ``variance``, ``df``: of each series, with the degrees of freedom of Student's t; ``reason``:
    why there is none, zero where there is one.
    """

    variance: FloatArray
    df: FloatArray
    reason: ReasonArray


def classical_errors(lines: Lines, resids: FloatArray) -> SlopeErrors:
    """Estimate as :func:`flows.models.covariance.classical`."""
    df = lines.of(lines.nobs.astype(np.float64)) - 2
    variance = total(resids * resids) / df / lines.of(lines.length) ** 2
    return SlopeErrors(variance, _each(df, resids), np.zeros(resids.shape[1], dtype=np.int8))


def newey_west_errors(lines: Lines, resids: FloatArray, *, lags: int | None) -> SlopeErrors:
    """Estimate as :func:`flows.models.covariance.newey_west`, with the factor n/(n-k)."""
    span = lines.last - lines.first
    if lags is None:
        sizes, size = np.unique(lines.nobs, return_inverse=True)
        by_rule = np.array([rule_of_thumb_lags(n) for n in sizes.tolist()])[size]
        most = np.minimum(by_rule, span - 1)
    else:
        most = np.full(len(span), lags)
    scores = lines.of(lines.line) * resids
    meat = total(scores * scores)
    weights = np.maximum(1 - np.arange(most.max(initial=0) + 1)[:, None] / (most + 1), 0.0)
    for lag in range(1, min(len(weights), len(scores))):
        meat += 2 * lines.of(weights[lag]) * total(scores[:-lag] * scores[lag:])
    nobs = lines.of(lines.nobs.astype(np.float64))
    variance = meat / lines.of(lines.length) ** 2 * (nobs / (nobs - 2))
    roomless = np.where(most >= span, Reason.NO_LAGS, Reason.NONE).astype(np.int8)
    return SlopeErrors(variance, _each(nobs - 2, resids), _each(lines.of(roomless), resids))


def orthogonal_errors(lines: Lines, resids: FloatArray) -> SlopeErrors:
    """Estimate as :func:`flows.models.persistence.persistent_series`."""
    sizes, size = np.unique(lines.nobs, return_inverse=True)
    count = np.array([min(cosines(n), n - 2) if n >= FEWEST else 1 for n in sizes.tolist()])[size]
    waves, dependent = _free_cosines(lines, count)
    squares = np.zeros(resids.shape[1])
    for wave in waves:
        squares += total(lines.of(wave) * resids) ** 2
    rho = _persistence(lines, resids)
    spread, *apart = _spreads(lines.of(np.stack([lines.line, *waves], axis=1)), rho)
    expected = functools.reduce(np.add, apart)
    # The mean square and its expectation are both over the same number of cosines.
    variance = spread * (squares / expected) / lines.of(lines.length) ** 2
    reason = np.where(dependent, Reason.NO_COSINES, Reason.NONE).astype(np.int8)
    return SlopeErrors(
        variance,
        _each(lines.of(count.astype(np.float64)), resids),
        _each(lines.of(reason), resids),
    )


def _each(numbers: npt.NDArray[Number], resids: FloatArray) -> npt.NDArray[Number]:
    """Return a number of each series where one may stand for all."""
    return np.array(np.broadcast_to(numbers, resids.shape[1:]))


def _free_cosines(lines: Lines, count: IntArray) -> tuple[list[FloatArray], BoolArray]:
    """
    Return cosines made orthogonal to the lines and to one another, and where none are left.

    Those beyond the count of a pattern are zero.
    """
    spans, span = np.unique(len(lines.line) * lines.first + lines.last, return_inverse=True)
    first, last = np.divmod(spans, len(lines.line))
    place = (np.arange(len(lines.line))[:, None] - first + 0.5) / (last - first + 1)
    known = [lines.constant, lines.line]
    dependent = np.zeros(len(count), dtype=bool)
    for number in range(1, int(count.max(initial=1)) + 1):
        raw = np.take(np.cos(number * np.pi * place), span, axis=1) * lines.present
        wave = raw
        for other in known:
            wave = wave - other * total(other * wave)
        length = np.sqrt(total(wave * wave))
        used = number <= count
        dependent |= used & (length <= TIE * np.sqrt(total(raw * raw)))
        known.append(wave * np.where(used, 1 / length, 0.0))
    return known[2:], dependent


def _spreads(columns: FloatArray, rho: FloatArray) -> FloatArray:
    """Return the variance of the product of autocorrelated errors with each column."""
    count, series = columns.shape[1], len(rho)
    own = np.empty((len(columns), count, series))
    own[:] = columns
    flat = own.reshape(len(columns), count * series)
    repeated = np.tile(rho, count)
    past, sums, product = np.zeros((3, count * series))
    for column in flat:
        # Each pair of periods counts twice, a period with itself once.
        past *= repeated
        np.add(past, past, out=product)
        product += column
        product *= column
        sums += product
        past += column
    return np.asarray(sums.reshape(count, series))


def _persistence(lines: Lines, resids: FloatArray) -> FloatArray:
    """Estimate as :func:`flows.models.persistence.estimate_persistence`."""
    squares = total(resids * resids)
    observed = total(resids[1:] * resids[:-1]) / np.where(squares > 0, squares, 1.0)
    expected = _Expected.of(lines)
    ends_of_patterns = expected.without(), expected(np.full(len(lines.nobs), LARGEST))
    lowest, highest = (np.broadcast_to(lines.of(end), observed.shape) for end in ends_of_patterns)
    none = (squares == 0) | (lowest >= observed - TIE)
    rho = np.where(none, 0.0, LARGEST)
    between = np.flatnonzero(~none & (highest > observed))
    if not len(between):
        return rho
    target = observed[between]
    which, own = np.empty(0, dtype=np.int64), expected

    def apart(rho: FloatArray, those: IntArray) -> FloatArray:
        nonlocal which, own
        if those is not which:
            which, own = those, expected.beside(lines, between[those])
        return own(rho) - target[those]

    ends = np.zeros(len(between)), rho[between]
    values = lowest[between] - target, highest[between] - target
    rho[between] = brent_roots(apart, ends, values, close=CLOSE)
    return rho


@dataclass(frozen=True, slots=True)
class _Expected:
    r"""
    The expected correlation of neighbouring residuals as a function of that of errors.

    With errors of covariance V, shift L and residual maker M it is tr(MLMV) by tr(MV). ``columns``:
    the regressors Q beside :math:`Q (Q'LQ) - 2 L Q`, shape ``(periods, 4, patterns)``; ``once``:
    sum of the products of the two; ``pairs``, ``nobs``: pairs of neighbouring values, and values,
    of each pattern.
    """

    columns: FloatArray
    once: FloatArray
    pairs: FloatArray
    nobs: FloatArray

    @classmethod
    def of(cls, lines: Lines) -> "_Expected":
        """Return the function of each pattern."""
        basis = [lines.constant, lines.line]
        moved = [lines.present * _neighbours(column) / 2 for column in basis]
        mixed = [
            basis[0] * total(basis[0] * column) + basis[1] * total(basis[1] * column) - 2 * column
            for column in moved
        ]
        return cls(
            np.stack([*basis, *mixed], axis=1),
            total(basis[0] * mixed[0]) + total(basis[1] * mixed[1]),
            total(lines.present[1:] * lines.present[:-1]),
            lines.nobs.astype(np.float64),
        )

    def beside(self, lines: Lines, series: IntArray) -> "_Expected":
        """Return the function of each of some series."""
        columns = np.empty((*self.columns.shape[:2], len(series)))
        columns[:] = lines.of(self.columns, series)
        alone = (lines.of(numbers, series) for numbers in (self.once, self.pairs, self.nobs))
        return _Expected(columns, *alone)

    def without(self) -> FloatArray:
        """Return it where errors are not autocorrelated."""
        return np.asarray(self.once / (self.nobs - 2))

    def __call__(self, rho: FloatArray) -> FloatArray:
        """Return it at a correlation of each."""
        flat = self.columns.reshape(len(self.columns), 4 * len(rho))
        half = 2 * len(rho)
        repeated = np.tile(rho, 4)
        past, across, product = np.zeros((3, 2 * half))
        own = np.zeros(half)
        for column in flat:
            past *= repeated
            past += column
            np.multiply(past[:half], column[half:], out=product[:half])
            np.multiply(past[half:], column[:half], out=product[half:])
            across += product
            np.multiply(past[:half], column[:half], out=product[:half])
            own += product[:half]
        sums = functools.reduce(np.add, across.reshape(4, len(rho)))
        above = self.pairs * rho + sums - self.once
        constant, line = own.reshape(2, len(rho))
        return np.asarray(above / (self.nobs + 2 - 2 * (constant + line)))


def _neighbours(column: FloatArray) -> FloatArray:
    """Return the sum of the values of the periods before and after each."""
    both = np.zeros_like(column)
    both[1:] += column[:-1]
    both[:-1] += column[1:]
    return both
