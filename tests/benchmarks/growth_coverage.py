"""Simulate how often intervals of growth hold it, and how often a few deliveries make a trend."""

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd
from scipy import stats
from simulated import autoregressive, monte_carlo_error, percent, section

from flows.errors import SampleError
from flows.models.growth import growth_estimators
from flows.models.quasi_likelihood import fit_quasi_likelihood
from flows.models.sample import FloatArray
from flows.models.standard_errors import ErrorChoice, estimate_covariance

LEVEL = 0.95
GROWTH = 0.05
"""Log points a year."""

NOISE = 0.15
"""Standard deviation of the logarithm around its line, of growth where that is what varies."""

NOBS = (10, 20, 30)

SLOW, FEWER = "state space", 5
"""Its variances are searched for in every sample, a hundred times the work of the others."""

LUMPY_NOBS = 30
LUMPS = (1, 2, 3, 5, 10)


def around_a_line(rho: float) -> Callable[[FloatArray], FloatArray]:
    """Return noise around the line: what autocorrelation of the level does."""
    return lambda innovations: autoregressive(innovations, rho)


def wandering(rho: float) -> Callable[[FloatArray], FloatArray]:
    """Return a random walk whose steps are correlated."""
    return lambda innovations: np.cumsum(autoregressive(innovations, rho), axis=1)


CASES: Mapping[str, Callable[[FloatArray], FloatArray]] = {
    "line, rho 0": around_a_line(0.0),
    "line, rho 0.5": around_a_line(0.5),
    "line, rho 0.8": around_a_line(0.8),
    "random walk": wandering(0.0),
    "random walk, growth 0.5": wandering(0.5),
}


def growth_coverage(nobs: int, case: str, *, draws: int, seed: int) -> pd.DataFrame:
    """Return coverage, samples, and median length of the interval in points, by estimator."""
    innovations = np.random.default_rng([seed, nobs]).normal(size=(draws, nobs))
    years = pd.period_range("1991", periods=nobs, freq="Y")
    truth = 100 * np.expm1(GROWTH)
    ends: dict[str, list[tuple[float, float]]] = {}
    for place, noise in enumerate(CASES[case](innovations)):
        y = pd.Series(np.exp(GROWTH * np.arange(nobs) + NOISE * noise), index=years)
        for name, estimate in growth_estimators(y, level=LEVEL).items():
            if name != SLOW or place % FEWER == 0:
                ends.setdefault(name, []).append(estimate().interval)
    rows = {}
    for name, intervals in ends.items():
        low, high = np.array(intervals).T
        held = float(np.mean((low <= truth) & (truth <= high)))
        rows[name] = (held, len(low), float(np.median(high - low)))
    return pd.DataFrame.from_dict(rows, orient="index", columns=["coverage", "draws", "length"])


def growth_section(*, draws: int, seed: int) -> str:
    """Return a table of coverage in percent with its Monte Carlo error, and of lengths."""
    table = []
    for nobs in NOBS:
        found = {case: growth_coverage(nobs, case, draws=draws, seed=seed) for case in CASES}
        for estimator in next(iter(found.values())).index:
            cells = [_cell(*frame.loc[estimator]) for frame in found.values()]
            table.append([str(nobs), str(estimator), *cells])
    about = (
        f"{draws} samples, of the {SLOW} every {FEWER}th; after the comma the median length in "
        "percentage points."
    )
    title = "Coverage of the intervals of growth"
    return section(title, about, ["n", "estimator", *CASES], table)


def _cell(coverage: float, draws: float, length: float) -> str:
    if np.isnan(length):
        return "no interval"
    return f"{percent(coverage, monte_carlo_error(coverage, int(draws)))}, {length:.1f}"


def lumpy_size(lumps: int, *, draws: int, seed: int) -> tuple[float, float]:
    """
    Return how often deliveries at random years make a Poisson trend, and how often no estimate is.

    The same steps as in ``fit_trend(form="poisson")``, which refuses to take the fewest of them.
    """
    rng = np.random.default_rng([seed, lumps])
    x = np.column_stack([np.ones(LUMPY_NOBS), np.arange(LUMPY_NOBS)])
    rejected = []
    for _ in range(draws):
        y = np.zeros(LUMPY_NOBS)
        y[rng.choice(LUMPY_NOBS, lumps, replace=False)] = np.exp(rng.normal(size=lumps))
        try:
            fit = fit_quasi_likelihood(x, y / y.mean(), family="poisson")
        except SampleError:
            continue
        regressors, resids = fit.weighted(x, y / y.mean())
        choice = ErrorChoice("orthogonal-series")
        covariance = estimate_covariance(regressors, resids, np.arange(LUMPY_NOBS), choice)
        ratio = abs(fit.params[1]) / np.sqrt(covariance.matrix[1, 1])
        rejected.append(2 * stats.t.sf(ratio, covariance.df) < 1 - LEVEL)
    return float(np.mean(rejected)), 1 - len(rejected) / draws


def lumpy_section(*, draws: int, seed: int) -> str:
    """Return a table of rejections in percent with their Monte Carlo error."""
    table = []
    for lumps in LUMPS:
        size, without = lumpy_size(lumps, draws=draws, seed=seed)
        made = round(draws * (1 - without))
        table.append(
            [str(lumps), percent(size, monte_carlo_error(size, made)), f"{100 * without:.1f}"]
        )
    about = f"{draws} samples of {LUMPY_NOBS} years, all zero but for so many, of any size."
    heading = ["years with a value", "size", "no estimate"]
    return section("Size of a Poisson trend of few deliveries", about, heading, table)
