"""
Simulate the surface from which breaks in persistent noise get their p-values.

Run as ``python tests/benchmarks/break_surface.py WORK [--series N] [--seed S]``: writes a file a
sample size into the folder WORK, leaves those that are there alone, so that it can be stopped and
goes on, and in the end writes ``flows/models/critical_values/persistent_break.csv``.

For each sample size, number of coefficients (1: a mean, 2: a line) and shortest regime:

* median: of the autocorrelation that is estimated with one break allowed, by the true one;
* critical: values of the likelihood ratio of one break, a broken line over the corrected
  autocorrelation, fitted so that each true autocorrelation is rejected as often as is said;
* detectable: the shift in the middle that is found in 80 % of series at 5 %;
* date: the quantile of what the deviance of the true date lies above the least one, the largest
  over shifts and autocorrelations.
"""

import argparse
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.optimize import isotonic_regression, least_squares
from scipy.signal import lfilter
from scipy.special import expit

import flows.models
from flows.models.break_surface import (
    COLUMNS,
    KNOTS,
    LEVELS,
    SIGNIFICANCES,
    TRUE_RHOS,
    BreakSurface,
)
from flows.models.partitions import Design
from flows.models.persistent_break import best_rho, deviances
from flows.models.sample import FloatArray

SERIES = 8000
SEED = 20261126
SIZES = (8, 10, 12, 15, 20, 25, 30, 40, 60, 90, 120, 180, 240, 480)
TRIMS = (0.05, 0.10, 0.15, 0.20, 0.25, 0.30, 0.40)

SHIFTS = (0.75, 1.5, 2.25, 3.0, 4.5, 6.0, 9.0)
"""In standard deviations of the innovations."""

VISIBLE = 0.7
"""Smallest shift, in standard deviations of the noise, whose date has to lie in its interval."""

POWER = 0.8

_Shifted = tuple[tuple[float, float], dict[int, FloatArray]]
"""True rho and shift, and what was found by shortest regime."""

_CHUNK = 100

_LONG = 240
"""From here on fewer series are drawn: a long sample tells more of one series."""


def noise(rng: np.random.Generator, series: int, nobs: int, rho: float) -> FloatArray:
    """Return autoregressions with innovations of variance one; a random walk where rho is 1."""
    innovations = rng.standard_normal((series, nobs))
    if rho < 1:
        innovations[:, 0] /= np.sqrt(1 - rho**2)
    return np.asarray(lfilter([1.0], [1.0, -rho], innovations, axis=1))


def shortest_regimes(nobs: int, coefficients: int) -> list[int]:
    """Return the shortest regimes of a sample, each once."""
    lengths = {max(int(trim * nobs + 1e-9), coefficients + 1) for trim in TRIMS}
    return sorted(length for length in lengths if 2 * length <= nobs)


def design_of(nobs: int, coefficients: int, shortest: int) -> Design:
    """Return the regression of a mean or a line."""
    steps = np.arange(nobs)
    x = np.vander(steps.astype(np.float64), coefficients, increasing=True)
    return Design(x, np.zeros(nobs), steps, shortest)


def statistics(
    ys: FloatArray, coefficients: int, lengths: list[int], *, at: int | None = None
) -> dict[int, FloatArray]:
    """Return by shortest regime the ratio, the estimate of rho, how far the date is off, and it."""
    nobs = ys.shape[1]
    design = design_of(nobs, coefficients, lengths[0])
    found: dict[int, list[FloatArray]] = {length: [] for length in lengths}
    for first in range(0, len(ys), _CHUNK):
        dates, without, by_date = deviances(design, ys[first : first + _CHUNK])
        for length in lengths:
            inside = np.flatnonzero((dates >= length) & (dates <= nobs - length))
            profile = by_date[:, :, inside].min(axis=0)
            best = inside[profile.argmin(axis=1)]
            least = profile.min(axis=1)
            above = np.full(len(least), np.nan)
            if at is not None and length <= at <= nobs - length:
                above = by_date.min(axis=0)[:, int(at - dates[0])] - least
            rho = best_rho(by_date[:, np.arange(len(best)), best])
            ratios = without.min(axis=0) - least
            found[length].append(np.array([ratios, rho, above, dates[best]]))
    return {length: np.concatenate(parts, axis=1) for length, parts in found.items()}


def critical_lines(ratios: list[FloatArray], rhos: list[FloatArray]) -> FloatArray:
    """Fit critical values at the knots so that every true rho is rejected as often as is said."""
    weights = [
        np.stack([np.interp(rho, KNOTS, unit) for unit in np.eye(len(KNOTS))]) for rho in rhos
    ]
    lines: list[FloatArray] = []
    for size in SIGNIFICANCES:
        quantiles = np.array([np.quantile(ratio, 1 - size) for ratio in ratios])
        bounds = (quantiles.min() * 0.8, quantiles.max() * 1.3)
        if lines:
            below, start, stiff = lines[-1], lines[-1] + quantiles.mean() - lines[-1].mean(), 2.0
        else:
            below, start, stiff = np.zeros(len(KNOTS)), np.interp(KNOTS, TRUE_RHOS, quantiles), 0.5
        start = np.clip(start, bounds[0] + 1e-6, bounds[1] - 1e-6)
        lines.append(
            _line(ratios, weights, size, below=below, start=start, stiff=stiff, bounds=bounds)
        )
    return np.array(lines)


def _line(
    ratios: list[FloatArray],
    weights: list[FloatArray],
    size: float,
    *,
    below: FloatArray,
    start: FloatArray,
    stiff: float,
    bounds: tuple[float, float],
) -> FloatArray:
    """Fit one critical value a knot; what it lies above the line below bends little."""
    spread = float(np.std(ratios[TRUE_RHOS.index(0.0)]))
    bend = stiff * np.diff(np.eye(len(KNOTS)), 2, axis=0) / spread
    line = start
    for width in (0.3, 0.15, 0.08):
        scale = width * spread

        def miss(values: FloatArray, scale: float = scale) -> FloatArray:
            rejected = [
                expit((ratio - values @ weight) / scale).mean()
                for ratio, weight in zip(ratios, weights, strict=True)
            ]
            return np.concatenate([5 * (np.array(rejected) / size - 1), bend @ (values - below)])

        def slope(values: FloatArray, scale: float = scale) -> FloatArray:
            rows = []
            for ratio, weight in zip(ratios, weights, strict=True):
                near = expit((ratio - values @ weight) / scale)
                rows.append(-5 / size * (weight @ (near * (1 - near))) / (scale * len(ratio)))
            return np.vstack([*rows, bend])

        line = least_squares(miss, line, jac=slope, bounds=bounds, max_nfev=30).x
    return np.asarray(line)


def detectable(
    shifted: Mapping[tuple[float, float], FloatArray], surface: BreakSurface, rho: float
) -> float:
    """Return the least shift that is found often enough, between those that were tried."""
    five = SIGNIFICANCES.index(0.05)
    power = [
        float(np.mean(ratio > surface.critical_values(surface.corrected(estimate))[:, five]))
        for ratio, estimate, *_ in (shifted[rho, shift] for shift in SHIFTS)
    ]
    rising = np.maximum.accumulate(power)
    if rising[-1] < POWER:
        return np.inf
    past = int(np.argmax(rising >= POWER))
    if past == 0:
        return SHIFTS[0]
    return float(np.interp(POWER, rising[past - 1 : past + 1], SHIFTS[past - 1 : past + 1]))


def simulate(nobs: int, coefficients: int, *, series: int, seed: int) -> pd.DataFrame:
    """Return the rows of one sample size, one a shortest regime."""
    lengths = shortest_regimes(nobs, coefficients)
    nulls: list[dict[int, FloatArray]] = []
    shifted: list[_Shifted] = []
    early: list[_Shifted] = []
    for place, rho in enumerate(TRUE_RHOS):
        rng = np.random.default_rng([seed, nobs, coefficients, place])
        nulls.append(statistics(noise(rng, series, nobs, rho), coefficients, lengths))
        some = max(series // 10, 250)
        for shift in SHIFTS:
            for at, kept in ((nobs // 2, shifted), (nobs // 4, early)):
                ys = noise(rng, some, nobs, rho)
                ys[:, at:] += shift
                kept.append(((rho, shift), statistics(ys, coefficients, lengths, at=at)))
    rows = []
    for length in lengths:
        ratios = [null[length][0] for null in nulls]
        medians = isotonic_regression([np.median(null[length][1]) for null in nulls]).x
        medians = medians + 1e-4 * np.arange(len(medians))
        empty = np.zeros((len(SIGNIFICANCES), len(KNOTS)))
        surface = BreakSurface(medians, empty, medians, medians)
        rhos = [surface.corrected(null[length][1]) for null in nulls]
        critical = critical_lines(ratios, rhos)
        surface = BreakSurface(medians, critical, medians, medians)
        middle = {key: by_length[length] for key, by_length in shifted}
        sizes = [detectable(middle, surface, rho) for rho in TRUE_RHOS]
        above = [
            by_length[length][2]
            for (rho, shift), by_length in [*shifted, *early]
            if rho < 1 and shift * np.sqrt(1 - rho**2) >= VISIBLE
        ]
        dates = [
            max(np.quantile(part, level) for part in above if not np.isnan(part).any())
            for level in LEVELS
        ]
        values = np.concatenate([medians, critical.ravel(), sizes, dates])
        names = [name for names in COLUMNS.values() for name in names]
        rows.append(
            {
                "nobs": nobs,
                "coefficients": coefficients,
                "shortest": length,
                **dict(zip(names, values.round(4).tolist(), strict=True)),
            }
        )
    return pd.DataFrame(rows)


def main() -> None:
    """Simulate what is missing and put the table together."""
    parser = argparse.ArgumentParser(description=__doc__.strip().splitlines()[0])
    parser.add_argument("work", type=Path)
    parser.add_argument("--series", type=int, default=SERIES)
    parser.add_argument("--seed", type=int, default=SEED)
    asked = parser.parse_args()
    asked.work.mkdir(parents=True, exist_ok=True)
    parts = []
    for nobs in SIZES:
        for coefficients in (1, 2):
            path = asked.work / f"{nobs}-{coefficients}.csv"
            if not path.exists():
                series = asked.series // (2 if nobs >= _LONG else 1)
                rows = simulate(nobs, coefficients, series=series, seed=asked.seed)
                rows.to_csv(path.with_suffix(".part"), index=False)
                path.with_suffix(".part").rename(path)
                print(f"{path.name} is there", flush=True)  # noqa: T201
            parts.append(pd.read_csv(path))
    table = pd.concat(parts).sort_values(["coefficients", "nobs", "shortest"])
    folder = Path(flows.models.__file__).parent / "critical_values"
    table.to_csv(folder / "persistent_break.csv", index=False)


if __name__ == "__main__":
    main()
