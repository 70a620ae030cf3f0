"""
Simulate how often breaks are found where there are none, and where there are.

Run as ``python tests/benchmarks/break_sizes.py WORK [--samples N] [--seed S]``: writes a file a
cell into the folder WORK and leaves those that are there alone, so that it can be stopped and goes
on; prints the tables of docs/breaks.md. Every method sees the same series.

The methods beside the default are those in use: the number of breaks by BIC, which is the default
of R's strucchange (flows gives its partitions and criteria, see tests/test_models_breaks.py);
the bootstrap of Diebold and Chen (1996), its autocorrelation from the residuals without a break and
corrected for bias; and for lines the test of Perron and Yabu (2009), which holds whether the noise
is stationary or a random walk.
"""

import argparse
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from break_surface import design_of, noise, statistics
from markdown_table import markdown_table, versions
from scipy.signal import lfilter

from flows.canonical import first_minimum
from flows.errors import SampleError
from flows.models.break_dates import break_interval, measure_shifts
from flows.models.break_sequence import (
    SIGNIFICANCE,
    bootstrap_ratios,
    date_profiles,
    persistence_of,
    search_breaks,
)
from flows.models.break_surface import break_surface
from flows.models.breaks import information_criteria
from flows.models.memory import fit_memory
from flows.models.partitions import fit_regimes, partitions_of
from flows.models.persistent_break import profile_break
from flows.models.sample import FloatArray, IntArray

SAMPLES = 4000
SEED = 20261127
SIZE = 0.05
TRIM = 0.15
NOBS = (20, 30, 60, 120, 216)
RHOS = (0.0, 0.5, 0.8)
SHIFTS = (0, 1, 2, 3)
PEER_SHARE = 20
"""One in so many samples is put to the methods beside the default, which are slower."""

PAIR_SHARE = 10
"""One in so many of the series without one break is searched for a pair."""

LONG, LONG_SHARE = 120, 4
"""From so many observations on, one in so many samples is simulated."""

STRAINED_SHARE = 8

DRAWS = 199
DATE_SHIFTS = (0.75, 1.5, 3.0)

Rows = list[list[str]]

_MOST = 5

# Perron and Yabu (2009), model III, trim 0.15: the quantile of tau by the break's place, tenths of
# the sample, and the 5 % value of Exp-W.
_TAU = (-4.38, -4.65, -4.78, -4.81, -4.90, -4.88, -4.75, -4.70, -4.41, -4.41)
_EXP_W = 3.12
_ADJUST = 10.0


def series(  # noqa: PLR0917 - the cell of a table
    nobs: int, rho: float, shift: float, samples: int, seed: int, at: int | None = None
) -> FloatArray:
    """Return noise of standard deviation one with a shift in the middle."""
    rng = np.random.default_rng([seed, nobs, round(100 * rho)])
    ys = noise(rng, samples, nobs, rho) * np.sqrt(1 - rho**2)
    ys[:, nobs // 2 if at is None else at :] += shift
    return np.asarray(ys)


def shortest_regime(nobs: int, coefficients: int) -> int:
    """Return the shortest regime of ``find_breaks`` with its default trim."""
    return max(int(TRIM * nobs + 1e-9), coefficients + 1)


def default_rejects(ys: FloatArray, coefficients: int) -> FloatArray:
    """Say for each series whether the test of one break rejects, the first of the default."""
    pvalues, _ = _one_break(ys, coefficients, shortest_regime(ys.shape[1], coefficients))
    return np.asarray(pvalues < SIGNIFICANCE, dtype=np.float64)


def whole_default(ys: FloatArray, coefficients: int) -> str:
    """Return percent of series in which the default finds a break or, not one, a pair of them."""
    nobs = ys.shape[1]
    one = default_rejects(ys, coefficients)
    shape = design_of(nobs, coefficients, shortest_regime(nobs, coefficients))
    left = ys[one == 0][: max(len(ys) // PAIR_SHARE, 1)]
    pair = [len(search_breaks(replace(shape, y=y), most=_MOST).breaks) > 0 for y in left]
    share, more = float(one.mean()), float(np.mean(pair))
    variance = share * (1 - share) / len(ys) + (1 - share) ** 2 * more * (1 - more) / len(pair)
    return f"{100 * (share + (1 - share) * more):.1f} ({100 * np.sqrt(variance):.1f})"


def _one_break(ys: FloatArray, coefficients: int, shortest: int) -> tuple[FloatArray, IntArray]:
    """Return the p-value and the date of one break in each series."""
    nobs = ys.shape[1]
    surface = break_surface(nobs, coefficients=coefficients, shortest=shortest)
    ratios, rhos, _, dates = statistics(ys, coefficients, [shortest])[shortest]
    dates = dates.astype(np.int64)
    # Small ratios are not looked at further: a longer memory only makes them smaller.
    pvalues = np.ones(len(ys))
    shape = design_of(nobs, coefficients, shortest)
    for place in np.flatnonzero(ratios > surface.critical.min()):
        fit = fit_regimes(shape.x, ys[place], dates[place : place + 1])
        memory = fit_memory(fit.resids, shape.steps)
        corrected, longer = persistence_of(memory, float(rhos[place]), surface)
        pvalues[place] = surface.pvalue(ratios[place] / longer, corrected)
    return pvalues, dates


def bic_rejects(ys: FloatArray, coefficients: int) -> FloatArray:
    """Say whether BIC takes a break."""
    found = []
    for y in ys:
        shape = design_of(len(y), coefficients, shortest_regime(len(y), coefficients))
        costs = partitions_of(replace(shape, y=y), most=_MOST).costs
        criteria = information_criteria(costs, nobs=len(y), coefficients=coefficients)
        found.append(first_minimum(criteria["bic"]) > 0)
    return np.array(found, dtype=np.float64)


def largest_f(ys: FloatArray, coefficients: int) -> tuple[FloatArray, FloatArray]:
    """Return the largest F statistic of one break, and the residuals without one."""
    nobs = ys.shape[1]
    shape = design_of(nobs, coefficients, shortest_regime(nobs, coefficients))
    basis, _ = np.linalg.qr(shape.x)
    resids = ys - ys @ basis @ basis.T
    alone = np.sum(resids**2, axis=1)
    most = np.zeros(len(ys))
    for date in range(shape.shortest, nobs - shape.shortest + 1):
        after = shape.x * (np.arange(nobs) >= date)[:, None]
        change, _ = np.linalg.qr(after - basis @ (basis.T @ after))
        most = np.maximum(most, np.sum((resids @ change) ** 2, axis=1))
    split = alone - most
    return most / (split / (nobs - 2 * coefficients)), resids


def bootstrap_rejects(ys: FloatArray, coefficients: int) -> FloatArray:
    """Say whether the bootstrap of Diebold and Chen rejects, as it is applied by hand."""
    nobs = ys.shape[1]
    found = []
    statistic, resids = largest_f(ys, coefficients)
    for value, rest in zip(statistic, resids, strict=True):
        rho = float(rest[1:] @ rest[:-1] / (rest[:-1] @ rest[:-1]))
        # The bias around a mean and around a line: Kendall (1954), Orcutt and Winokur (1969).
        bias = (1 + 3 * rho) / nobs if coefficients == 1 else (2 + 4 * rho) / nobs
        rho = min(rho + bias, 0.99)
        drawn, _ = largest_f(noise(np.random.default_rng(1), DRAWS, nobs, rho), coefficients)
        found.append((1 + np.sum(drawn >= value)) / (1 + DRAWS) <= SIZE)
    return np.array(found, dtype=np.float64)


def perron_yabu_rejects(ys: FloatArray, coefficients: int) -> FloatArray:
    """Say whether Exp-W of Perron and Yabu (2009) rejects, noise of first order."""
    if coefficients == 1:
        return np.array([])
    return np.array([_exp_w(y) > _EXP_W for y in ys], dtype=np.float64)


def _exp_w(y: FloatArray) -> float:
    nobs = len(y)
    time = np.arange(1.0, nobs + 1)
    walds = []
    for last in range(max(int(TRIM * nobs), 3) + 1, int((1 - TRIM) * nobs) + 2):
        after = (time > last).astype(np.float64)
        x = np.column_stack([np.ones(nobs), time, after, after * (time - last)])
        resids = y - x @ np.linalg.lstsq(x, y, rcond=None)[0]
        alpha = _alpha(resids, _TAU[int(np.ceil(10 * last / nobs)) - 1])
        ys = np.concatenate([y[:1], y[1:] - alpha * y[:-1]])
        xs = np.concatenate([x[:1], x[1:] - alpha * x[:-1]])
        params, (rss,), *_ = np.linalg.lstsq(xs, ys, rcond=None)
        variance = np.linalg.inv(xs.T @ xs)[2:, 2:] * rss / nobs
        walds.append(params[2:] @ np.linalg.solve(variance, params[2:]))
    return float(np.logaddexp.reduce(np.array(walds) / 2) - np.log(nobs))


def _alpha(resids: FloatArray, tau_high: float) -> float:
    """Return the autoregressive coefficient, corrected and put to one where it is near one."""
    nobs, free = len(resids), 5.0
    past, now = resids[:-1], resids[1:]
    alpha = float(past @ now / (past @ past))
    error = np.sqrt(np.mean((now - alpha * past) ** 2) / (past @ past))
    tau = float((alpha - 1) / error)
    if tau > tau_high:
        step = -tau
    elif tau > -_ADJUST:
        weight = (free * nobs - tau_high**2 * (1 + nobs)) / (
            tau_high * (tau_high + _ADJUST) * (1 + nobs)
        )
        step = tau / nobs - free / (tau + weight * (tau + _ADJUST))
    elif tau > -np.sqrt(free * nobs):
        step = tau / nobs - free / tau
    else:
        step = 0.0
    corrected = min(float(alpha + step * error), 1.0)
    if corrected <= -1:
        return -0.99
    return 1.0 if np.sqrt(nobs) * abs(corrected - 1) <= 1 else float(corrected)


METHODS: dict[str, Callable[[FloatArray, int], FloatArray]] = {
    "default": default_rejects,
    "BIC (strucchange)": bic_rejects,
    "Diebold-Chen": bootstrap_rejects,
    "Perron-Yabu": perron_yabu_rejects,
}


def size_cell(nobs: int, rho: float, coefficients: int, *, samples: int, seed: int) -> Rows:
    """Return percent rejected, a row a method and a column a shift."""
    rows = []
    if nobs >= LONG:
        samples //= LONG_SHARE
    for name, rejects in METHODS.items():
        some = samples if name == "default" else min(samples, SAMPLES // PEER_SHARE)
        cells = [
            percent(rejects(series(nobs, rho, shift, some, seed), coefficients)) for shift in SHIFTS
        ]
        if name == "default":
            cells[0] = whole_default(series(nobs, rho, 0, some, seed), coefficients)
        if cells[0]:
            rows.append([name, *cells])
    return rows


def further_cell(nobs: int, rho: float, coefficients: int, *, samples: int, seed: int) -> Rows:
    """Return percent of series with one certain break that get two, and of two that cancel."""
    some = samples // PEER_SHARE
    third = nobs // 3
    one = series(nobs, rho, 8.0, some, seed)
    both = series(nobs, rho, 3.0, some, seed, at=third)
    both[:, 2 * third :] -= 3.0
    counts = []
    for ys in (one, both):
        shape = design_of(nobs, coefficients, shortest_regime(nobs, coefficients))
        counts.append(
            np.array([len(search_breaks(replace(shape, y=y), most=_MOST).breaks) for y in ys])
        )
    return [[percent(1.0 * (counts[0] > 1)), percent(1.0 * (counts[1] >= 2))]]


def date_cell(nobs: int, rho: float, coefficients: int, *, samples: int, seed: int) -> Rows:
    """Return percent of intervals that hold the date and their median length, a row a kind."""
    shape = design_of(nobs, coefficients, shortest_regime(nobs, coefficients))
    rows = {"likelihood": ["likelihood"], "bai-perron": ["Bai and Perron, errors by regime"]}
    for shift in DATE_SHIFTS:
        ends: dict[str, list[tuple[float, float]]] = {name: [] for name in rows}
        for y in series(nobs, rho, shift, samples // PEER_SHARE, seed):
            design = replace(shape, y=y)
            breaks = partitions_of(design, most=1).breaks[1]
            ends["likelihood"].append(date_profiles(design, breaks)[0].interval(0.95))
            (shift_found,) = measure_shifts(design, breaks, se="regime")
            found: tuple[float, float]
            try:
                found = break_interval(int(breaks[0]), shift_found, level=0.95)  # type: ignore[arg-type]
            except SampleError:
                found = (np.nan, np.nan)
            ends["bai-perron"].append(found)
        for name, pairs in ends.items():
            low, high = np.array(pairs, dtype=np.float64).T
            low, high = np.maximum(low, 0), np.minimum(high, nobs - 1)
            held = (low <= nobs // 2) & (nobs // 2 <= high)
            rows[name].append(f"{percent(1.0 * held)}, {np.nanmedian(high - low + 1):.0f}")
    return list(rows.values())


def _other_noise(  # noqa: PLR0911 - one a kind
    kind: str, nobs: int, samples: int, seed: int
) -> FloatArray:
    """Return noise that is no first-order autoregression with normal innovations."""
    rng = np.random.default_rng([seed, nobs, len(kind)])
    shocks = rng.standard_normal((samples, nobs + 200))
    match kind:
        case "heavy tails, t(4), rho 0.5":
            return np.asarray(lfilter([1.0], [1.0, -0.5], rng.standard_t(4, shocks.shape))[:, 200:])
        case "second order, 0.2 and 0.6":
            return np.asarray(lfilter([1.0], [1.0, -0.2, -0.6], shocks)[:, 200:])
        case "rho 0.9 beneath as much noise":
            slow = lfilter([1.0], [1.0, -0.9], shocks)[:, 200:]
            return np.asarray(slow + np.std(slow) * rng.standard_normal(slow.shape))
        case "moving average, 0.6":
            return np.asarray(lfilter([1.0, 0.6], [1.0], shocks)[:, 200:])
        case "variance grows fivefold, rho 0.5":
            scale = np.linspace(1, 5, nobs + 200)
            return np.asarray(lfilter([1.0], [1.0, -0.5], shocks * scale)[:, 200:])
        case "deliveries: nothing in 7 of 10 years":
            there = rng.random((samples, nobs)) < 0.3
            return np.where(there, rng.exponential(size=there.shape), 0.0)
        case "random walk":
            return np.asarray(shocks[:, 200:].cumsum(axis=1))
    raise ValueError(f"no noise named {kind!r}")


OTHER_NOISE = (
    "heavy tails, t(4), rho 0.5",
    "second order, 0.2 and 0.6",
    "rho 0.9 beneath as much noise",
    "moving average, 0.6",
    "variance grows fivefold, rho 0.5",
    "deliveries: nothing in 7 of 10 years",
    "random walk",
)


def strained_cell(kind: str, nobs: int, coefficients: int, *, samples: int, seed: int) -> Rows:
    """Return percent rejected by the default and by its bootstrap, one draw a series."""
    ys = _other_noise(kind, nobs, samples // STRAINED_SHARE, seed)
    return [[whole_default(ys, coefficients), warp_speed(ys, coefficients, seed)]]


def warp_speed(ys: FloatArray, coefficients: int, seed: int) -> str:
    """
    Return percent rejected by the bootstrap, its critical value from one draw of each series.

    Giacomini, R., Politis, D. N. and White, H. (2013). A warp-speed method for conducting Monte
    Carlo experiments involving bootstrap estimators. Econometric Theory 29 (3), 567-589.
    """
    nobs = ys.shape[1]
    shape = design_of(nobs, coefficients, shortest_regime(nobs, coefficients))
    surface = break_surface(nobs, coefficients=coefficients, shortest=shape.shortest)
    rng = np.random.default_rng(seed)
    ratios, drawn = [], []
    for y in ys:
        design = replace(shape, y=y)
        profile = profile_break(design)
        ratios.append(profile.ratio)
        drawn.append(bootstrap_ratios(design, profile, surface, draws=1, rng=rng)[0])
    return percent(1.0 * (np.array(ratios) > np.quantile(drawn, 1 - SIZE)))


def percent(rejected: npt.ArrayLike) -> str:
    """Return a share in percent with its Monte Carlo error; nothing of nothing."""
    found = np.asarray(rejected, dtype=np.float64)
    count = found.size
    if count == 0:
        return ""
    share = float(np.mean(found))
    error = np.sqrt(share * (1 - share) / count)
    return f"{100 * share:.1f} ({100 * error:.1f})"


def table_of(
    work: Path,
    kind: str,
    first: Sequence[tuple[Any, str]],
    second: Sequence[Any],
    cell: Callable[[Any, Any, int], Rows],
) -> Rows:
    """Return the rows of all cells, each worked out once and kept in a file."""
    rows: Rows = []
    for coefficients, word in ((1, "mean"), (2, "trend")):
        for one, label in first:
            for place, two in enumerate(second):
                path = work / f"{kind}-{coefficients}-{label}-{place}.json"
                if not path.exists():
                    text = json.dumps(cell(one, two, coefficients))
                    path.with_suffix(".part").write_text(text, encoding="utf-8")
                    path.with_suffix(".part").rename(path)
                found = json.loads(path.read_text(encoding="utf-8"))
                rows += [[word, label, str(two), *row] for row in found]
    return rows


def pages(work: Path, samples: int, seed: int) -> Iterator[str]:
    """Yield the tables."""

    def sizes(nobs: int, rho: float, coefficients: int) -> Rows:
        return size_cell(nobs, rho, coefficients, samples=samples, seed=seed)

    def further(nobs: int, rho: float, coefficients: int) -> Rows:
        return further_cell(nobs, rho, coefficients, samples=samples, seed=seed)

    def dates(nobs: int, rho: float, coefficients: int) -> Rows:
        return date_cell(nobs, rho, coefficients, samples=samples, seed=seed)

    def strained(nobs: int, kind: str, coefficients: int) -> Rows:
        return strained_cell(kind, nobs, coefficients, samples=samples, seed=seed)

    yield "### Breaks found\n"
    heading = ["regime", "n", "rho", "method", "no shift", "1 sd", "2 sd", "3 sd"]
    yield markdown_table(heading, table_of(work, "size", _named(NOBS), RHOS, sizes))
    yield "### A second break\n"
    heading = ["regime", "n", "rho", "two found of one", "both found of two"]
    yield markdown_table(heading, table_of(work, "further", _named((60, 120)), RHOS, further))
    yield "### Intervals of the date\n"
    heading = ["regime", "n", "rho", "interval", *(f"{shift:g} sd" for shift in DATE_SHIFTS)]
    yield markdown_table(heading, table_of(work, "date", _named((30, 120)), RHOS, dates))
    yield "### Other noise, no break\n"
    heading = ["regime", "n", "noise", "default", "bootstrap"]
    yield markdown_table(
        heading, table_of(work, "strained", _named((30, 120)), OTHER_NOISE, strained)
    )


def _named(sizes: Sequence[int]) -> list[tuple[int, str]]:
    return [(size, str(size)) for size in sizes]


def main() -> None:
    """Simulate what is missing and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.strip().splitlines()[0])
    parser.add_argument("work", type=Path)
    parser.add_argument("--samples", type=int, default=SAMPLES)
    parser.add_argument("--seed", type=int, default=SEED)
    asked = parser.parse_args()
    asked.work.mkdir(parents=True, exist_ok=True)
    print(f"{asked.samples} samples, seed {asked.seed}; {versions()}.\n")  # noqa: T201
    for part in pages(asked.work, asked.samples, asked.seed):
        print(part, flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
