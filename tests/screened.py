"""Random series of every kind, and what the function of one series says of each."""

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from flows.errors import SampleError
from flows.models.sample import FloatArray
from flows.models.trend import TrendFit
from flows.screening.designs import Trends
from flows.screening.reasons import Reason

FREQUENCIES = {1: "Y", 4: "Q", 12: "M"}

MESSAGES = {
    Reason.INFINITE: "finite values",
    Reason.FEW: "at least 3 observations",
    Reason.CONSTANT: "values that vary",
    Reason.NOT_POSITIVE: "positive values",
    Reason.NEGATIVE: "values of zero or more",
    Reason.FEW_POSITIVE: "periods that are not zero",
    Reason.NO_COSINES: "cosines beside",
    Reason.NO_LAGS: "the span of the sample",
}
"""What the function of one series says where the kernel has the reason."""

CLOSE = 1e-9
"""Relative: both round as they go, and residuals are differences."""

KINDS = ("plain", "gaps", "late", "zeros", "mostly-zeros", "constant", "bad", "ties")


def random_series(rng: np.random.Generator, kind: str, *, series: int) -> FloatArray:
    """Return series of one length from 1 to 60, of any unit, persistence and noise."""
    shape = series, int(rng.integers(1, 61))
    wandering = rng.normal(size=shape).cumsum(axis=1) * rng.choice([0.01, 0.3, 1.0])
    noise = rng.normal(size=shape) * rng.choice([0.01, 0.3, 2.0])
    values = np.exp(wandering + noise) * 10.0 ** rng.integers(-3, 13)
    match kind:
        case "gaps":
            values[rng.random(shape) < rng.choice([0.1, 0.5, 0.9])] = np.nan
        case "late":
            values[np.arange(shape[1]) < rng.integers(0, shape[1] + 1, size=(series, 1))] = np.nan
            values[:, ::2][rng.random(series) < 1 / 2] = np.nan
        case "zeros":
            values[rng.random(shape) < 1 / 5] = 0
        case "mostly-zeros":
            values[rng.random(shape) < 4 / 5] = 0
        case "constant":
            values[::2] = rng.choice([0.0, 5.0, 1e-9], size=(len(values[::2]), 1))
        case "bad":
            values[rng.random(shape) < 1 / 50] = rng.choice([np.inf, -np.inf, -1.0])
            values[rng.random(shape) < 1 / 10] = np.nan
        case "ties":
            values = rng.integers(1, 4, size=shape).astype(float)
    return values


def check_equal(
    found: Trends,
    values: FloatArray,
    *,
    periods_per_year: int,
    fit: Callable[[pd.Series], TrendFit],
) -> int:
    """Assert that a kernel says of each series what the function of one says; return how many."""
    index = pd.period_range("1961", periods=values.shape[1], freq=FREQUENCIES[periods_per_year])
    for at, row in enumerate(values):
        reason = Reason(int(found.reason[at]))
        y = pd.Series(row, index=index)
        if reason is not Reason.NONE:
            with pytest.raises((SampleError, ValueError), match=MESSAGES[reason]):
                fit(y)
            assert np.isnan([found.slope[at], found.std_error[at], found.pvalue[at]]).all()
            continue
        with warnings.catch_warnings():
            # Of a line without errors, statsmodels finds the design of RESET singular.
            warnings.simplefilter("ignore")
            alone = fit(y)
            expected = of_one(alone)
        noise = 1e-14 * periods_per_year * size_of(alone, row)
        if expected["std_error"] <= noise:
            # Without errors, or with errors that are the same backwards: a ratio of roundings.
            del expected["pvalue"]
        for name, value in expected.items():
            rounding = 100 * noise if name.startswith("growth") else noise
            number = getattr(found, name)[at]
            assert number == pytest.approx(value, rel=CLOSE, abs=rounding), (name, row.tolist())
    return int((found.reason == 0).sum())


def size_of(fit: TrendFit, row: FloatArray) -> float:
    """Return the size of the numbers that a line was fitted to."""
    positive = row[row > 0] if fit.form == "log" else row[~np.isnan(row)]
    return float(np.abs(np.log(positive) if fit.form == "log" else positive).max())


def of_one(fit: TrendFit) -> dict[str, Any]:
    """Return the numbers of a fit by the names of a kernel."""
    low, high = fit.conf_int().loc["trend"]
    numbers = {
        "slope": fit.slope,
        "const": float(fit.params["const"]),
        "std_error": float(fit.std_errors["trend"]),
        "df": fit.df,
        "pvalue": float(fit.pvalues["trend"]),
        "low": low,
        "high": high,
        "nobs": fit.nobs,
    }
    if fit.form == "level":
        return numbers
    low, high = fit.growth_interval()
    return {**numbers, "growth_pct": fit.growth_pct, "growth_low": low, "growth_high": high}
