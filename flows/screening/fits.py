"""What is fitted to every series: forms of growth, and breaks."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

import numpy as np
import pandas as pd

from flows.models.sample import FloatArray, Regime
from flows.models.several_tests import Adjustment, adjust_pvalues
from flows.screening.blocks import over_blocks
from flows.screening.breaks import BREAKS_BLOCK, AllChoice, SeriesBreaks, find_all_breaks
from flows.screening.designs import BLOCK, Trends
from flows.screening.growth import trends
from flows.screening.local_level import BLOCK as LOCAL_BLOCK
from flows.screening.local_level import fit_local_levels
from flows.screening.poisson import poisson_trends
from flows.screening.reasons import Reason, in_words

Fit = Literal["log", "poisson", "level", "breaks", "local"]

DEFAULT_FITS: tuple[Fit, ...] = ("log", "poisson", "level", "breaks")

_YEAR = {"Y": 1, "M": 12}


@dataclass(frozen=True, slots=True, eq=False)
class Fitted:
    """
    What was fitted.

    ``columns``: arrays of one value a series, named as in :class:`flows.screening.screen.Screen`;
    ``breaks``: one row a break, ``series`` counted from 0.
    """

    columns: dict[str, Any]
    breaks: pd.DataFrame


def describe_series(amounts: FloatArray, periods: pd.PeriodIndex) -> dict[str, Any]:
    """Return which periods have a value, and how large values are, by the names of columns."""
    stated = ~np.isnan(amounts)
    nobs = stated.sum(axis=1)
    last = amounts.shape[1] - 1 - stated[:, ::-1].argmax(axis=1)
    return {
        "first": periods[stated.argmax(axis=1)],
        "last": periods[last],
        "nobs": nobs,
        "zeros": (amounts == 0).sum(axis=1),
        "mean": np.nansum(amounts, axis=1) / nobs,
        "latest": amounts[:, -1],
    }


def adjust_together(
    pvalues: Mapping[str, FloatArray], method: Adjustment
) -> tuple[dict[str, FloatArray], int]:
    """
    Adjust the p-values of all fits together; return them by column, and the number of tests.

    ``pvalues``: by the names of their columns, such as ``log_pvalue``; the adjusted ones are named
    ``log_adjusted``.
    """
    if not pvalues:
        return {}, 0
    every = np.concatenate(list(pvalues.values()))
    parts = np.split(adjust_pvalues(every, method=method), len(pvalues))
    names = [name.replace("_pvalue", "_adjusted") for name in pvalues]
    return dict(zip(names, parts, strict=True)), int(np.sum(~np.isnan(every)))


def fit_series(
    amounts: FloatArray,
    periods: pd.PeriodIndex,
    fits: Sequence[Fit],
    *,
    regime: Regime,
    choose: AllChoice | int,
    level: float,
) -> Fitted:
    """Fit all forms that are asked for to all series, in blocks on all cores."""
    per_year = _YEAR[periods.freqstr[0]]
    columns: dict[str, Any] = {}
    kernel: Callable[..., Trends]
    for fit in fits:
        match fit:
            case "poisson":
                kernel = poisson_trends
            case "log" | "level":
                kernel = partial(trends, form=fit)
            case "local":
                columns |= _local(amounts)
                continue
            case "breaks":
                continue
        work = partial(kernel, periods_per_year=per_year, level=level)
        columns |= _columns(over_blocks(work, amounts, block=BLOCK), fit)
    if "breaks" not in fits:
        return Fitted(columns, _no_breaks())
    own, breaks = _breaks(amounts, periods, regime=regime, choose=choose, level=level)
    return Fitted({**columns, **own}, breaks)


def _columns(found: Trends, fit: Fit) -> dict[str, Any]:
    """Return slopes, or growth where the line has any, by the names of columns."""
    change = (
        {f"{fit}_change": found.slope, f"{fit}_low": found.low, f"{fit}_high": found.high}
        if fit == "level"
        else {
            f"{fit}_growth_pct": found.growth_pct,
            f"{fit}_low": found.growth_low,
            f"{fit}_high": found.growth_high,
        }
    )
    return {**change, f"{fit}_pvalue": found.pvalue, f"{fit}_reason": in_words(found.reason)}


def _local(amounts: FloatArray) -> dict[str, Any]:
    """Return the local level of the logarithm in the last period with a value, and its shocks."""
    found = over_blocks(fit_local_levels, amounts, block=LOCAL_BLOCK)
    return {
        "local_level": np.exp(found.last_level),
        "local_std_error": found.last_level_std_error,
        "local_noise_sd": np.sqrt(found.noise_variance),
        "local_shock_sd": np.sqrt(found.level_variance),
        "local_reason": in_words(found.reason),
    }


def _breaks(
    amounts: FloatArray,
    periods: pd.PeriodIndex,
    *,
    regime: Regime,
    choose: AllChoice | int,
    level: float,
) -> tuple[dict[str, Any], pd.DataFrame]:
    """Return the breaks of the logarithm; a series with a zero has none."""
    without = np.flatnonzero((amounts <= 0).any(axis=1))
    logs = np.log(amounts, out=np.full_like(amounts, np.nan), where=amounts > 0)
    logs[without] = np.nan
    found, breaks = breaks_of(logs, periods, regime=regime, choose=choose, level=level)
    reason = found.reason.copy()
    reason[without] = np.where(
        np.isinf(amounts[without]).any(axis=1), Reason.INFINITE, Reason.NOT_POSITIVE
    )
    columns = {
        "breaks": found.count,
        "break_pvalue": found.pvalue,
        "break_reason": in_words(reason),
    }
    levels = {name: np.exp(breaks[name]) for name in ("before", "after")}
    return columns, breaks.assign(**levels)


def breaks_of(
    values: FloatArray,
    periods: pd.PeriodIndex,
    *,
    regime: Regime = "mean",
    choose: AllChoice | int = "sequential",
    level: float,
) -> tuple[SeriesBreaks, pd.DataFrame]:
    """Return the breaks of all series, and a row a break with its dates."""
    search = partial(find_all_breaks, regime=regime, choose=choose, level=level)
    found = over_blocks(search, values, block=BREAKS_BLOCK)
    breaks = pd.DataFrame(
        {
            "series": found.series,
            "break_date": periods[found.at],
            "low": periods[found.low],
            "high": periods[found.high],
            "before": found.before,
            "after": found.after,
            "pvalue": found.added,
        }
    )
    return found, breaks


def _no_breaks() -> pd.DataFrame:
    names = ["series", "break_date", "low", "high", "before", "after", "pvalue"]
    return pd.DataFrame(columns=names).astype({"series": "int64"})
