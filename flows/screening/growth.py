"""Growth of all series at once: straight lines in the logarithm or in the level."""

from typing import Literal, get_args

import numpy as np
from scipy.special import stdtr, stdtrit

from flows.models.results import check_level
from flows.models.sample import FloatArray, check_choice
from flows.screening.designs import Lines, Sheet, Trends, lines_of, sheet_of, total
from flows.screening.reasons import Reason, ReasonArray
from flows.screening.slope_errors import (
    SlopeErrors,
    classical_errors,
    newey_west_errors,
    orthogonal_errors,
)

LineForm = Literal["log", "level"]
SlopeError = Literal["orthogonal-series", "classical", "newey-west"]


def trends(
    values: FloatArray,
    *,
    periods_per_year: int = 1,
    form: LineForm = "log",
    se: SlopeError = "orthogonal-series",
    lags: int | None = None,
    level: float = 0.95,
) -> Trends:
    """
    Fit a line to each series, as :func:`flows.fit_trend` with ``season="none"`` does.

    ``values``: shape ``(series, periods)``, NaN where nothing is stated; ``periods_per_year``: 1, 4
    or 12; ``lags``: of ``"newey-west"``, the rule of thumb if not given; ``level``: coverage of the
    intervals.
    """
    check_choice("form", form, get_args(LineForm))
    sheet = sheet_of(values)
    with np.errstate(all="ignore"):
        lines = lines_of(sheet.present, periods_per_year=periods_per_year)
        reason = sheet.reason()
        response = sheet.values
        if form == "log":
            reason[(reason == 0) & (sheet.lowest <= 0)] = Reason.NOT_POSITIVE
            response = np.log(np.where(sheet.present, sheet.values, 1.0))
        mean = total(response) / lines.of(lines.nobs.astype(np.float64))
        moved = (response - mean) * lines.of(lines.present)
        line, length = lines.of(lines.line), lines.of(lines.length)
        along = total(line * moved)
        slope = along / length
        errors = slope_errors(lines, moved - line * along, se=se, lags=lags)
        const = mean - slope * lines.of(lines.since_first)
        return estimates(slope, const, errors, sheet, reason, level=level, growing=form == "log")


def slope_errors(
    lines: Lines, resids: FloatArray, *, se: SlopeError, lags: int | None
) -> SlopeErrors:
    """Estimate the errors of slopes by a named choice."""
    check_choice("se", se, get_args(SlopeError))
    if lags is not None and se != "newey-west":
        raise ValueError(f"lags are taken by se='newey-west' only, found se={se!r}")
    match se:
        case "orthogonal-series":
            return orthogonal_errors(lines, resids)
        case "classical":
            return classical_errors(lines, resids)
        case "newey-west":
            return newey_west_errors(lines, resids, lags=lags)


def estimates(
    slope: FloatArray,
    const: FloatArray,
    errors: SlopeErrors,
    sheet: Sheet,
    reason: ReasonArray,
    *,
    level: float,
    growing: bool,
) -> Trends:
    """Return slopes with their tests and intervals, NaN where there is a reason."""
    reason = np.where(reason == 0, errors.reason, reason)
    none = reason != 0
    slope, const, variance, df = (
        np.where(none, np.nan, numbers) for numbers in (slope, const, errors.variance, errors.df)
    )
    std_error = np.sqrt(variance)
    half = std_error * _quantile(df, level)
    low, high = slope - half, slope + half
    growth = [
        100 * np.expm1(end) if growing else np.full(len(end), np.nan) for end in (slope, low, high)
    ]
    return Trends(
        slope=slope,
        const=const,
        std_error=std_error,
        df=df,
        pvalue=2 * stdtr(df, -np.abs(slope / std_error)),
        low=low,
        high=high,
        growth_pct=growth[0],
        growth_low=growth[1],
        growth_high=growth[2],
        nobs=sheet.nobs,
        reason=reason,
    )


def _quantile(df: FloatArray, level: float) -> FloatArray:
    """Return the quantile of Student's t of each, found once for each number of degrees."""
    distinct, which = np.unique(df, return_inverse=True)
    return np.asarray(stdtrit(distinct, 0.5 + check_level(level) / 2)[which])
