"""
Simulate what a search for breaks and a date known beforehand find in short monthly series.

Run as ``python tests/benchmarks/known_date.py [--samples N]``; prints the tables of
docs/transit.md. The series are as long as those of the case, 68 months, with a season and with
first-order autoregressive noise of standard deviation one, the date in the 39th month.
"""

import argparse
import sys
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pandas as pd
from markdown_table import markdown_table
from scipy import stats
from simulated import autoregressive, monte_carlo_error, percent
from statsmodels.stats.multitest import multipletests

from flows.models.break_sequence import search_breaks
from flows.models.least_squares import fit_least_squares
from flows.models.partitions import Design
from flows.models.sample import FloatArray, check_series, seasonal_terms
from flows.models.standard_errors import ErrorChoice, estimate_covariance

SAMPLES, SEED = 500, 20261126
SEARCHED = 10
"""One in so many samples is searched, which is slower."""
SIGNIFICANCE = 0.05
MONTHS = pd.period_range("2019-01", periods=68, freq="M")
AT = "2022-03"
PLACE = int(MONTHS.get_loc(pd.Period(AT, "M")))
RHOS = (0.5, 0.8, 0.95)
SHIFTED_RHOS = (0.5, 0.8)
SHIFTS = (3.0,)
FAMILY = 5
"""Receivers whose p-values are adjusted together."""
SHARED = 0.5
"""Correlation of their noise."""
RAMP = 6
"""Months in which a change is complete that does not come at once."""
MOST = 5
CHOICE = ErrorChoice("orthogonal-series")
SAMPLE = check_series(pd.Series(np.arange(68.0), index=MONTHS), at_least=68)
_TERMS = seasonal_terms(SAMPLE, "dummies")[1]
_AFTER = np.arange(68) >= PLACE
STEP = np.column_stack([np.ones(68), _AFTER, _TERMS])
"""A mean on each side of the date, beside a season."""
LINE = np.column_stack([STEP, SAMPLE.years, np.where(_AFTER, np.arange(68) - PLACE, 0)])
"""A line on each side."""
DESIGN = Design(np.ones((68, 1)), np.zeros(68), SAMPLE.steps, int(0.15 * 68), _TERMS)
_SEASON = 0.3 * np.sin(2 * np.pi * np.arange(68) / 12)


def noise(samples: int, rho: float, rng: np.random.Generator) -> FloatArray:
    """Return stationary noise, one series a row."""
    return autoregressive(rng.normal(size=(samples, len(MONTHS))), rho)


def step(size: float, *, months: int) -> FloatArray:
    """Return a change of the level that is complete after some months."""
    return size * np.clip((np.arange(len(MONTHS)) - PLACE + 1) / months, 0, 1)


def is_found(values: FloatArray) -> bool:
    """Say whether a search, as ``find_breaks`` makes it by default, finds any break."""
    search = search_breaks(replace(DESIGN, y=values + _SEASON), most=MOST)
    return len(search.breaks) > 0


def pvalue(values: FloatArray, x: FloatArray) -> float:
    """Return the p-value of a change of the level, the second column, as ``fit_interruption``."""
    fit = fit_least_squares(x, values + _SEASON)
    covariance = estimate_covariance(x, fit.resids, SAMPLE.steps, CHOICE)
    ratio = abs(fit.params[1]) / np.sqrt(covariance.matrix[1, 1])
    return float(2 * stats.t.sf(ratio, covariance.df))


def rates(ys: FloatArray) -> list[tuple[float, int]]:
    """
    Return how often the search, the known date and the date beside a line find something.

    Beside each share stands of how many samples it is.
    """
    searched = ys[::SEARCHED]
    return [
        (float(np.mean([is_found(y) for y in searched])), len(searched)),
        *(
            (float(np.mean([pvalue(y, x) < SIGNIFICANCE for y in ys])), len(ys))
            for x in (STEP, LINE)
        ),
    ]


def any_of_family(samples: int, rho: float, rng: np.random.Generator) -> float:
    """Return how often any of several receivers differs after Holm's adjustment."""
    rejected = []
    for _ in range(samples):
        own, common = noise(FAMILY, rho, rng), noise(1, rho, rng)
        ys = np.sqrt(SHARED) * common + np.sqrt(1 - SHARED) * own
        adjusted = multipletests([pvalue(y, STEP) for y in ys], method="holm")[1]
        rejected.append(bool((adjusted < SIGNIFICANCE).any()))
    return float(np.mean(rejected))


def size_rows(samples: int) -> Iterator[list[str]]:
    """Yield a row a persistence where nothing changes."""
    for place, rho in enumerate(RHOS):
        rng = np.random.default_rng([SEED, place])
        family = any_of_family(samples, rho, rng)
        yield [f"{rho:g}", *_printed([*rates(noise(samples, rho, rng)), (family, samples)])]


def power_rows(samples: int) -> Iterator[list[str]]:
    """Yield a row a persistence and change where the level changes at the date."""
    for place, rho in enumerate(SHIFTED_RHOS):
        for size in SHIFTS:
            for months, name in ((1, "at once"), (RAMP, f"over {RAMP} months")):
                rng = np.random.default_rng([SEED, 100 + place])
                ys = noise(samples, rho, rng) + step(size, months=months)
                yield [f"{rho:g}", f"{size:g} sd", name, *_printed(rates(ys))]


def _printed(shares: list[tuple[float, int]]) -> list[str]:
    return [percent(share, monte_carlo_error(share, draws)) for share, draws in shares]


def main() -> None:
    """Print the two tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--samples", type=int, default=SAMPLES)
    samples = parser.parse_args().samples
    found = ["search", "known date", "known date, beside a line"]
    sizes = markdown_table(["rho", *found, f"any of {FAMILY}, Holm"], list(size_rows(samples)))
    powers = markdown_table(["rho", "change", "comes", *found], list(power_rows(samples)))
    sys.stdout.write(f"{sizes}\n\n{powers}\n")


if __name__ == "__main__":
    main()
