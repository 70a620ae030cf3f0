"""
Size and power of the 5 % test of a trend in 20 years, and coverage of break dates, by simulation.

Run with ``python tests/benchmarks/trend_errors.py [draws]``; prints two tables as CSV. The seed is
fixed: a second run prints the same digits.
"""

import sys

import numpy as np
import pandas as pd
from scipy import stats

from flows.models.breaks import find_breaks
from flows.models.least_squares import fit_least_squares
from flows.models.standard_errors import ErrorChoice, estimate_covariance

NOBS = 20
RHOS = (0.0, 0.5, 0.8)
CHOICES = {
    "classical": {"se": "classical"},
    "HC1": {"se": "hc1"},
    "HC3": {"se": "hc3"},
    "Newey-West, rule of thumb": {"se": "newey-west"},
    "Newey-West 1994": {"se": "newey-west", "lags": "newey-west-1994"},
    "Newey-West 1994, prewhitened": {
        "se": "newey-west",
        "lags": "newey-west-1994",
        "prewhite": True,
    },
    "Andrews, prewhitened": {"se": "andrews", "prewhite": True},
    "equal-weighted cosine": {"se": "ewc"},
    "orthogonal series": {"se": "orthogonal-series"},
    "wild bootstrap": {"se": "wild-bootstrap"},
    "block bootstrap": {"se": "block-bootstrap"},
}


def autoregression(rho: float, nobs: int, rng: np.random.Generator) -> np.ndarray:
    """Draw a stationary first-order autoregression of unit innovations."""
    errors = rng.standard_normal(nobs)
    found = np.empty(nobs)
    found[0] = errors[0] / np.sqrt(1 - rho**2)
    for t in range(1, nobs):
        found[t] = rho * found[t - 1] + errors[t]
    return found


def size_of_trend_tests(draws: int) -> pd.DataFrame:
    """Return the share of draws without trend in which 5 % tests find one."""
    steps = np.arange(NOBS)
    x = np.column_stack([np.ones(NOBS), steps])
    table = {}
    for rho in RHOS:
        rng = np.random.default_rng(2018)
        rejected = dict.fromkeys(CHOICES, 0)
        for draw in range(draws):
            fit = fit_least_squares(x, autoregression(rho, NOBS, rng))
            for name, options in CHOICES.items():
                chance = np.random.default_rng(draw) if "bootstrap" in name else None
                choice = ErrorChoice(**options, rng=chance)  # type: ignore[arg-type]
                covariance = estimate_covariance(x, fit.resids, steps, choice)
                ratio = abs(fit.params[1]) / np.sqrt(covariance.matrix[1, 1])
                rejected[name] += ratio > stats.t.ppf(0.975, covariance.df)
        table[f"rho={rho}"] = {name: count / draws for name, count in rejected.items()}
    return pd.DataFrame(table)


def coverage_of_break_dates(draws: int) -> pd.DataFrame:
    """Return the share of draws in which 95 % intervals hold the true date of one mean shift."""
    index = pd.period_range("1901", periods=60, freq="Y")
    table: dict[str, dict[str, float]] = {}
    for size in (1.0, 2.0):
        for errors in ("pooled", "regime", "hac"):
            rng = np.random.default_rng(1997)
            covered = 0
            for _ in range(draws):
                y = pd.Series(rng.standard_normal(60), index=index)
                y.iloc[30:] += size
                ends = find_breaks(y, choose=1, most=1, errors=errors).conf_int()  # type: ignore[arg-type]
                low, high = ends.iloc[0]
                covered += bool(low <= index[30] <= high)
            table.setdefault(f"shift of {size:g} s.d.", {})[errors] = covered / draws
    return pd.DataFrame(table)


if __name__ == "__main__":
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    print(size_of_trend_tests(count).round(3).to_csv(index_label="covariance"))  # noqa: T201
    print(coverage_of_break_dates(count // 4).round(3).to_csv(index_label="errors"))  # noqa: T201
