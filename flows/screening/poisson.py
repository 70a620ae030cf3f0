"""Growth of the mean of all series at once, zeros among them: Poisson pseudo-likelihood."""

from dataclasses import dataclass, fields, replace

import numpy as np
import numpy.typing as npt

from flows.models.quasi_likelihood import ROUNDS
from flows.models.sample import FloatArray, IntArray
from flows.models.trend import FEWEST_POSITIVE
from flows.screening.designs import BoolArray, Lines, Number, Trends, lines_of, sheet_of, total
from flows.screening.growth import SlopeError, estimates, slope_errors
from flows.screening.reasons import Reason

_CLOSE = 1e-8
"""Change of the linear predictor from which on the next one is rounding: it is near the square."""


def poisson_trends(
    values: FloatArray,
    *,
    periods_per_year: int = 1,
    se: SlopeError = "orthogonal-series",
    lags: int | None = None,
    level: float = 0.95,
) -> Trends:
    """
    Fit the mean of each series, as :func:`flows.fit_trend` with ``form="poisson"`` does.

    Arguments are those of :func:`flows.screening.growth.trends`. Nothing is said about separation:
    with five periods that are not zero a constant and a line have no direction that leaves all five
    where they are, so that the estimate always exists (see
    :func:`flows.models.quasi_likelihood.separated`).
    """
    sheet = sheet_of(values)
    with np.errstate(all="ignore"):
        lines = lines_of(sheet.present, periods_per_year=periods_per_year)
        reason = sheet.reason()
        positive = (sheet.values > 0).sum(axis=0)
        few = positive < np.minimum(FEWEST_POSITIVE, sheet.nobs)
        reason[(reason == 0) & few] = Reason.FEW_POSITIVE
        reason[(sheet.lowest < 0) & np.isin(reason, (Reason.NONE, Reason.FEW_POSITIVE))] = (
            Reason.NEGATIVE
        )
        unit = total(sheet.values) / lines.of(lines.nobs.astype(np.float64))
        response = sheet.values / unit
        fitted = np.flatnonzero(reason == 0)
        log_mean, slope = _settled(lines, response, fitted)
        reason[(reason == 0) & np.isnan(slope)] = Reason.UNSETTLED
        mean = np.exp(log_mean + slope * lines.of(lines.years)) * lines.of(lines.present)
        weighted, resids = _weighted(lines, response, mean)
        errors = slope_errors(weighted, resids, se=se, lags=lags)
        const = log_mean - slope * lines.of(lines.since_first) + np.log(unit)
        return estimates(slope, const, errors, sheet, reason, level=level, growing=True)


def _settled(lines: Lines, response: FloatArray, series: IntArray) -> tuple[FloatArray, FloatArray]:
    """
    Return logarithm of the mean at the mean time, and slope, NaN where they do not settle.

    The rounds of weighted least squares are those of the function of one series; a series that has
    settled leaves, so that no other decides how often it is moved.
    """
    log_mean, slope = np.full((2, response.shape[1]), np.nan)
    part = _part_of(lines, response, series)
    height, rate, lost = _start(part)
    moving = ~lost
    for _ in range(1, ROUNDS):
        if not moving.all():
            part, height, rate = part.kept(moving), height[moving], rate[moving]
        if not len(part.series):
            break
        higher, faster, lost = _step(part, height, rate)
        height, rate = height + higher, rate + faster
        moved = np.maximum(*(np.abs(higher + faster * end) for end in (part.start, part.end)))
        settled = ~lost & (moved <= _CLOSE)
        log_mean[part.series[settled]] = height[settled]
        slope[part.series[settled]] = rate[settled]
        moving = ~lost & (moved > _CLOSE)
    return log_mean, slope


@dataclass(frozen=True, slots=True)
class _Part:
    """
    The series that still move, numbered ``series``.

    ``start``, ``end``: years from the mean time to the first and the last value; the rest as in
    :class:`~flows.screening.designs.Lines`.
    """

    series: IntArray
    response: FloatArray
    years: FloatArray
    present: FloatArray
    start: FloatArray
    end: FloatArray
    nobs: IntArray

    def kept(self, which: BoolArray) -> "_Part":
        """Return those that are marked; what stands for all of them stays."""
        arrays = (getattr(self, field.name) for field in fields(self))
        return _Part(
            *(
                array if array.shape[-1] == 1 else np.compress(which, array, axis=-1)
                for array in arrays
            )
        )


def _part_of(lines: Lines, response: FloatArray, series: IntArray) -> _Part:
    end = np.take_along_axis(lines.years, lines.last[None], axis=0)[0]
    return _Part(
        series=series,
        response=np.take(response, series, axis=1),
        years=lines.of(lines.years, series),
        present=lines.of(lines.present, series),
        start=-lines.of(lines.since_first, series),
        end=lines.of(end, series),
        nobs=lines.of(lines.nobs, series),
    )


def _start(part: _Part) -> tuple[FloatArray, FloatArray, BoolArray]:
    """Return the line through the logarithm of values half way to their mean, which is one."""
    half = (part.response + 1) / 2
    mean = half * part.present
    working = np.log(half) + (part.response - mean) / half
    weight, middle, centred, squares, lost = _moments(part, mean)
    rate = total(mean * centred * working) / squares
    return total(mean * working) / weight - rate * middle, rate, lost


def _step(
    part: _Part, height: FloatArray, rate: FloatArray
) -> tuple[FloatArray, FloatArray, BoolArray]:
    """Return the change of the line in a round, and where its weights leave no line."""
    mean = np.exp(height + rate * part.years) * part.present
    weight, middle, centred, squares, lost = _moments(part, mean)
    left = part.response - mean
    faster = total(left * centred) / squares
    return total(left) / weight - faster * middle, faster, lost


def _moments(
    part: _Part, mean: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray, BoolArray]:
    """
    Return weight, weighted time, years from it, their weighted squares, and where no line is left.

    That is where :func:`~flows.models.least_squares.fit_least_squares` takes time for a multiple of
    the constant.
    """
    weight = total(mean)
    middle = total(mean * part.years) / weight
    centred = part.years - middle
    squares = total(mean * centred * centred)
    from_first = squares + weight * (middle - part.start) ** 2
    least = part.nobs * np.finfo(np.float64).eps
    return weight, middle, centred, squares, ~(np.sqrt(squares / from_first) > least)


def _weighted(lines: Lines, response: FloatArray, mean: FloatArray) -> tuple[Lines, FloatArray]:
    """Return regressors and residuals that stand for each fit in least-squares errors."""
    root = np.sqrt(mean)
    resids = np.where(mean > 0, (response - mean) / root, 0.0)
    weight = total(mean)
    years = lines.of(lines.years)
    centred = root * (years - total(mean * years) / weight)
    length = np.sqrt(total(centred * centred))

    def own(per_pattern: npt.NDArray[Number]) -> npt.NDArray[Number]:
        beside = lines.of(per_pattern)
        return np.array(np.broadcast_to(beside, (*beside.shape[:-1], mean.shape[1])))

    weighted = replace(
        lines,
        present=own(lines.present),
        constant=root / np.sqrt(weight),
        line=centred / length,
        length=length,
        nobs=own(lines.nobs),
        first=own(lines.first),
        last=own(lines.last),
        column=slice(None),
    )
    return weighted, resids
