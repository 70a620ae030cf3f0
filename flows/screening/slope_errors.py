"""
Errors of the slopes of all lines of a block, by the estimators of one series.

Throughout, ``lines`` are regressors as :func:`flows.screening.designs.lines_of` returns them, and
``resids`` the residuals of the series, zeros where there is no value, shape ``(periods, series)``.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from flows.canonical import TIE
from flows.models.covariance import cosines, rule_of_thumb_lags
from flows.models.persistence import CLOSE, LARGEST, by_distance
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
        by_nobs = np.array([rule_of_thumb_lags(nobs) for nobs in range(len(resids) + 1)])
        most = np.minimum(by_nobs[lines.nobs], span - 1)
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
    by_nobs = np.array([1, 1, 1, *(min(cosines(n), n - 2) for n in range(FEWEST, len(resids) + 1))])
    count = by_nobs[lines.nobs]
    waves, dependent = _free_cosines(lines, count)
    above, below, slope, noise = _spreads(lines, waves)
    rho = _persistence(lines, resids, np.stack([above, below], axis=1))
    squares = np.zeros(resids.shape[1])
    for wave in waves:
        squares += total(lines.of(wave) * resids) ** 2
    spread, expected = _powers(lines.of(np.stack([slope, noise], axis=1)), rho)
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
    span = lines.last - lines.first + 1
    angle = np.pi * (np.arange(len(lines.line))[:, None] - lines.first + 0.5) / span
    known = [lines.constant, lines.line]
    dependent = np.zeros(len(count), dtype=bool)
    for number in range(1, int(count.max(initial=1)) + 1):
        raw = np.cos(number * angle) * lines.present
        wave = raw
        for other in known:
            wave = wave - other * total(other * wave)
        length = np.sqrt(total(wave * wave))
        used = number <= count
        dependent |= used & (length <= TIE * np.sqrt(total(raw * raw)))
        known.append(wave * np.where(used, 1 / length, 0.0))
    return known[2:], dependent


def _spreads(
    lines: Lines, waves: list[FloatArray]
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """
    Return four variances under first-order autocorrelation as coefficients of the powers of rho.

    Numerator and denominator of the expected correlation of neighbouring residuals (see
    :func:`flows.models.persistence.estimate_persistence`), variance of the product of the errors
    with the line, and sum of those with the cosines; each of shape ``(periods, patterns)``.
    """
    basis = (lines.constant, lines.line)
    shifted = [lines.present * _neighbours(column) / 2 for column in basis]
    left = []
    for column in range(2):
        across = [total(basis[other] * shifted[column]) for other in range(2)]
        left.append(basis[0] * across[0] + basis[1] * across[1] - 2 * shifted[column])
    above = by_distance(np.stack(left, axis=1), np.stack(basis, axis=1))
    above[1] += total(lines.present[1:] * lines.present[:-1])
    slope = by_distance(lines.line[:, None], lines.line[:, None])
    below = -slope - by_distance(lines.constant[:, None], lines.constant[:, None])
    below[0] += lines.nobs
    stacked = np.stack(waves, axis=1)
    return above, below, slope, by_distance(stacked, stacked)


def _neighbours(column: FloatArray) -> FloatArray:
    """Return the sum of the values of the periods before and after each."""
    both = np.zeros_like(column)
    both[1:] += column[:-1]
    both[:-1] += column[1:]
    return both


def _persistence(lines: Lines, resids: FloatArray, ratio: FloatArray) -> FloatArray:
    """Estimate as :func:`flows.models.persistence.estimate_persistence`."""
    squares = total(resids * resids)
    observed = total(resids[1:] * resids[:-1]) / np.where(squares > 0, squares, 1.0)
    lowest, highest = (
        lines.of(_expected(ratio, np.full(ratio.shape[-1], rho))) for rho in (0.0, LARGEST)
    )
    none = (squares == 0) | (lowest >= observed - TIE)
    rho = np.where(none, 0.0, np.where(highest <= observed, LARGEST, np.nan))
    open_ones = np.flatnonzero(np.isnan(rho) & np.isfinite(observed))
    if len(open_ones):
        own, target = lines.of(ratio, open_ones), observed[open_ones]

        def apart(rho: FloatArray, which: IntArray) -> FloatArray:
            powers = own if own.shape[-1] == 1 else own[..., which]
            return _expected(powers, rho) - target[which]

        ends = np.zeros(len(open_ones)), np.full(len(open_ones), LARGEST)
        rho[open_ones] = brent_roots(apart, *ends, close=CLOSE)
    return rho


def _expected(ratio: FloatArray, rho: FloatArray) -> FloatArray:
    above, below = _powers(ratio, rho)
    return np.asarray(above / below)


def _powers(coefficients: FloatArray, rho: FloatArray) -> FloatArray:
    """Sum coefficients times powers of rho, shape ``(periods, k, series)``, over the periods."""
    sums = np.zeros((coefficients.shape[1], len(rho)))
    for coefficient in coefficients[::-1]:
        sums *= rho
        sums += coefficient
    return sums
