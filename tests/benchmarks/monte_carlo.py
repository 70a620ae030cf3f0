"""
Simulate how often a test is wrong where nothing happened, and how often an interval holds.

Run as ``python tests/benchmarks/monte_carlo.py [--replications N] [--seed S] [--quick]``. Prints
Markdown. Every covariance sees the same errors, and every degree of autocorrelation the same
innovations: differences within a table are better known than its cells.
"""

import argparse
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from deals_coverage import deals_section
from event_size import event_section
from growth_coverage import growth_section, lumpy_section
from markdown_table import versions
from scipy import stats
from simulated import autoregressive, monte_carlo_error, percent, section

from flows.errors import SampleError
from flows.models.break_dates import break_interval, measure_shifts
from flows.models.partitions import Design, best_partitions, segment_costs
from flows.models.sample import FloatArray
from flows.models.standard_errors import DRAWS, ErrorChoice, estimate_covariance

REPLICATIONS = 4000
QUICK = 32
SEED = 20261123

SIGNIFICANCE = 0.05
LEVEL = 0.95
TRIM = 0.15

CHOICES: Mapping[str, Mapping[str, Any]] = {
    "classical": {"se": "classical"},
    "HC1": {"se": "hc1"},
    "HC3": {"se": "hc3"},
    "Newey-West, rule of thumb": {"se": "newey-west"},
    "Newey-West, rule of thumb, n-1 df (fixest)": {"se": "newey-west", "small_sample": "fixest"},
    "Newey-West, rule of thumb, no factor": {"se": "newey-west", "small_sample": "none"},
    "Newey-West, 1994 lags": {"se": "newey-west", "lags": "newey-west-1994"},
    "Newey-West, 1994 lags, prewhitened": {
        "se": "newey-west",
        "lags": "newey-west-1994",
        "prewhite": True,
    },
    "Newey-West, Andrews lags": {"se": "newey-west", "lags": "andrews-1991"},
    "Andrews": {"se": "andrews"},
    "Andrews, prewhitened": {"se": "andrews", "prewhite": True},
    "equal-weighted cosine": {"se": "ewc"},
    "orthogonal series, as published": {"se": "orthogonal-series", "small_sample": "none"},
    "orthogonal series": {"se": "orthogonal-series"},
    "wild bootstrap": {"se": "wild-bootstrap"},
    "moving-block bootstrap": {"se": "block-bootstrap"},
}
"""Options of ``fit_trend`` by the name in the table."""

TREND_SAMPLES: Mapping[int, int] = {8: 4, 20: 1, 216: 4}
"""Observations, and by how much the replications are divided: long samples cost more."""

BREAK_SAMPLES: Mapping[int, int] = {60: 4, 216: 8}
BOOTSTRAP_DIVISOR = 4
GROWTH_DIVISOR = 20
DEALS_DIVISOR = 4

STRAINED_CHOICES = (
    "HC3",
    "Newey-West, rule of thumb",
    "equal-weighted cosine",
    "orthogonal series, as published",
    "orthogonal series",
)
STRAINED_NOBS = 20
STRAINED_CASES: Mapping[str, tuple[float, float]] = {
    "rho 0.95": (0.95, 1.0),
    "variance grows, rho 0": (0.0, 5.0),
    "variance grows, rho 0.5": (0.5, 5.0),
}
"""Autocorrelation, and the last standard deviation of an error as a multiple of the first."""

TREND_RHOS = (0.0, 0.5, 0.8)
BREAK_RHOS = (0.0, 0.5)
BREAK_SIZES = (0.75, 1.5, 3.0)
BREAK_ERRORS = ("pooled", "regime", "hac", "hac-prewhitened")


@dataclass(frozen=True, slots=True)
class TrendTests:
    """Slopes, their standard errors and degrees of freedom, each of shape ``(draws,)``."""

    slopes: FloatArray
    std_errors: FloatArray
    df: FloatArray

    @property
    def pvalues(self) -> FloatArray:
        """Two-sided p-values of a slope of zero."""
        return np.asarray(2 * stats.t.sf(np.abs(self.slopes / self.std_errors), self.df))

    @property
    def half_lengths(self) -> FloatArray:
        """Half the length of the interval of each slope."""
        return np.asarray(stats.t.ppf(0.5 + LEVEL / 2, self.df) * self.std_errors)


def straight_line(nobs: int) -> FloatArray:
    """Return a constant and a trend."""
    return np.column_stack([np.ones(nobs), np.arange(nobs)])


def trend_tests(errors: FloatArray, choice: ErrorChoice) -> TrendTests:
    """Fit a line to every row and estimate its covariance by one choice."""
    nobs = errors.shape[1]
    x, steps = straight_line(nobs), np.arange(nobs)
    params = errors @ np.linalg.pinv(x).T
    found = [estimate_covariance(x, resids, steps, choice) for resids in errors - params @ x.T]
    variances = np.array([covariance.matrix[1, 1] for covariance in found])
    return TrendTests(
        params[:, 1], np.sqrt(variances), np.array([covariance.df for covariance in found])
    )


def slope_deviation(nobs: int, rho: float) -> float:
    """Return the true standard deviation of the slope under autoregressive errors."""
    lag = np.abs(np.subtract.outer(np.arange(nobs), np.arange(nobs)))
    weights = np.linalg.pinv(straight_line(nobs))[1]
    return float(np.sqrt(weights @ np.where(lag == 0, 1.0, rho**lag) @ weights))


def trend_size(nobs: int, *, draws: int, seed: int) -> pd.DataFrame:
    """Return the rate of rejection and the length of intervals for each choice and rho."""
    innovations = np.random.default_rng([seed, nobs]).normal(size=(draws, nobs))
    rows = []
    for rho in TREND_RHOS:
        errors = autoregressive(innovations, rho)
        oracle = stats.norm.ppf(0.5 + LEVEL / 2) * slope_deviation(nobs, rho)
        for name, options in CHOICES.items():
            resamples = "bootstrap" in options["se"]
            rng = np.random.default_rng([seed, nobs, 1]) if resamples else None
            used = errors[: draws // BOOTSTRAP_DIVISOR] if resamples else errors
            tests = trend_tests(used, ErrorChoice(**options, rng=rng))
            size = float(np.mean(tests.pvalues < SIGNIFICANCE))
            length = float(np.median(tests.half_lengths) / oracle)
            rows.append((name, rho, size, monte_carlo_error(size, len(used)), length))
    return pd.DataFrame(rows, columns=["errors", "rho", "size", "size_error", "length"])


def strained_size(*, draws: int, seed: int) -> pd.DataFrame:
    """Return the rate of rejection where errors nearly wander or their variance grows."""
    nobs = STRAINED_NOBS
    innovations = np.random.default_rng([seed, nobs]).normal(size=(draws, nobs))
    choices = {name: ErrorChoice(**CHOICES[name]) for name in STRAINED_CHOICES}
    table = {}
    for case, (rho, growth) in STRAINED_CASES.items():
        errors = autoregressive(innovations, rho) * np.linspace(1.0, growth, nobs)
        table[case] = {
            name: float(np.mean(trend_tests(errors, choice).pvalues < SIGNIFICANCE))
            for name, choice in choices.items()
        }
    return pd.DataFrame(table)


def date_interval(y: FloatArray, errors: str) -> tuple[int, int] | None:
    """Return the interval of one break in the mean, ends within the sample."""
    nobs = len(y)
    design = Design(np.ones((nobs, 1)), y, np.arange(nobs), int(TRIM * nobs))
    costs = segment_costs(design.x, design.y, shortest=design.shortest)
    breaks = best_partitions(costs, most=1).breaks[1]
    shift = measure_shifts(design, breaks, se=errors)[0]  # type: ignore[arg-type]
    if shift is None:
        return None
    try:
        low, high = break_interval(int(breaks[0]), shift, level=LEVEL)
    except SampleError:
        return None
    return max(low, 0), min(high, nobs - 1)


def date_coverage(nobs: int, *, draws: int, seed: int) -> pd.DataFrame:
    """Return how often intervals hold the date of a break in the middle, and their length."""
    innovations = np.random.default_rng([seed, nobs]).normal(size=(draws, nobs))
    shape = np.arange(nobs) >= nobs // 2
    rows = []
    for rho in BREAK_RHOS:
        noise = autoregressive(innovations, rho)
        for size in BREAK_SIZES:
            for errors in BREAK_ERRORS:
                ends = [date_interval(y, errors) for y in noise + size * shape]
                rows.append((errors, rho, size, *_summarise(ends, nobs // 2)))
    columns = ["errors", "rho", "size", "coverage", "coverage_error", "length", "without"]
    return pd.DataFrame(rows, columns=columns)


def _summarise(
    ends: Sequence[tuple[int, int] | None], at: int
) -> tuple[float, float, float, float]:
    """Return coverage, its error and the median length of intervals, and the share without one."""
    given = np.array([pair for pair in ends if pair is not None])
    covered = float(np.mean((given[:, 0] <= at) & (at <= given[:, 1])))
    length = float(np.median(given[:, 1] - given[:, 0] + 1))
    without = 1 - len(given) / len(ends)
    return covered, monte_carlo_error(covered, len(given)), length, without


def trend_section(nobs: int, *, draws: int, seed: int) -> str:
    """Return a table of rejections in percent with their Monte Carlo error, and of lengths."""
    found = trend_size(nobs, draws=draws, seed=seed)
    table = [
        [
            name,
            *(percent(row.size, row.size_error) for row in rows.itertuples()),
            *(f"{length:.2f}" for length in rows["length"]),
        ]
        for name, rows in found.groupby("errors", sort=False)
    ]
    columns = [f"{what}, rho {rho:g}" for what in ("size", "length") for rho in TREND_RHOS]
    about = f"{draws} samples, bootstraps {draws // BOOTSTRAP_DIVISOR}."
    return section(f"Size at n = {nobs}", about, ["standard errors", *columns], table)


def strained_section(*, draws: int, seed: int) -> str:
    """Return a table of rejections in percent with their Monte Carlo error."""
    found = strained_size(draws=draws, seed=seed)
    table = [
        [name, *(percent(size, monte_carlo_error(size, draws)) for size in sizes)]
        for name, sizes in found.iterrows()
    ]
    title = f"Size at n = {STRAINED_NOBS} under strain"
    return section(title, f"{draws} samples.", ["standard errors", *found.columns], table)


def break_section(nobs: int, *, draws: int, seed: int) -> str:
    """Return a table of coverage in percent with its Monte Carlo error, and of median lengths."""
    table = []
    found = date_coverage(nobs, draws=draws, seed=seed)
    for (rho, name), rows in found.groupby(["rho", "errors"], sort=False):
        cells = [
            f"{percent(row.coverage, row.coverage_error)}, {row.length:.0f}"
            for row in rows.itertuples()
        ]
        table.append([f"{rho:g}", name, *cells, f"{100 * rows['without'].max():.1f}"])
    heading = ["rho", "errors", *(f"{size:g} sd" for size in BREAK_SIZES), "no interval"]
    return section(f"Coverage at n = {nobs}", f"{draws} samples.", heading, table)


def sections(replications: int, seed: int) -> Iterator[str]:
    """Yield what was run, then each table as it is ready."""
    yield f"{replications} replications, seed {seed}, {DRAWS} resamples of a bootstrap;"
    yield f"{versions()}.\n"
    for nobs, divisor in TREND_SAMPLES.items():
        yield trend_section(nobs, draws=replications // divisor, seed=seed)
    yield strained_section(draws=replications, seed=seed)
    yield event_section(draws=replications, seed=seed)
    yield growth_section(draws=replications // GROWTH_DIVISOR, seed=seed)
    yield lumpy_section(draws=replications // DEALS_DIVISOR, seed=seed)
    yield deals_section(draws=replications // DEALS_DIVISOR, seed=seed)
    for nobs, divisor in BREAK_SAMPLES.items():
        yield break_section(nobs, draws=replications // divisor, seed=seed)


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the command line, simulate, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--replications", type=int, default=REPLICATIONS)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--quick", action="store_true", help=f"{QUICK} replications")
    asked = parser.parse_args(arguments)
    for text in sections(QUICK if asked.quick else asked.replications, asked.seed):
        print(text, flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
