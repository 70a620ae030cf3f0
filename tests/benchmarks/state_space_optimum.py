"""
Hold the likelihood at our variances against a grid and against statsmodels' best of many starts.

Run as ``python tests/benchmarks/state_space_optimum.py [--series N] [--starts N] [--workers N]
[--out FILE]``; the whole takes about twenty minutes of processor time.
"""

import argparse
import sys
import time
import warnings
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import product
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pandas as pd
from markdown_table import markdown_table, versions
from statsmodels.tsa.statespace.structural import UnobservedComponents

from flows.models.diffuse_filter import DiffuseFilter, System
from flows.models.sample import FloatArray
from flows.models.state_space import SPECIFICATIONS, Kind, fit_local_trend
from flows.models.variance_search import Likelihood

SEED = 20261125
SERIES, STARTS = 300, 20
ALLOWED = 1e-9
"""Log-likelihood by which ours may be lower."""

GRID = {1: (1001, 1e-12), 2: (41, 1e-10), 3: (9, 1e-8)}
"""By the number of free ratios: points of each, and the smallest beside 0."""

SHORTEST, LONGEST, SEASONS_TWICE = 10, 216, 3
ZERO = 0.4
"""Chance that a variance is zero in truth."""


@dataclass(frozen=True, slots=True)
class Case:
    """A series drawn from the model that is fitted to it."""

    kind: Kind
    seasons: int
    y: pd.Series

    @property
    def name(self) -> str:
        """Model and season."""
        return self.kind + (f", {self.seasons} seasons" if self.seasons > 1 else "")


def cases(count: int, rng: np.random.Generator) -> Iterator[Case]:
    """Yield series of many lengths, with gaps and without, some variances zero in truth."""
    kinds: tuple[Kind, ...] = ("level", "trend")
    for number in range(count):
        kind = kinds[number % 2]
        seasons = int(rng.choice([1, 1, 1, 4, 12]))
        shortest = max(SHORTEST, SEASONS_TWICE * seasons)
        nobs = int(np.exp(rng.uniform(np.log(shortest), np.log(LONGEST + 1))))
        values = _drawn(kind, seasons, nobs, rng)
        gaps = rng.random(nobs) < rng.choice([0.0, 0.0, 0.1, 0.3])
        gaps[[0, -1]] = False
        # Every season stays seen, and enough values are left.
        gaps[: 2 * seasons + 2] = False
        freq = {1: "Y", 4: "Q", 12: "M"}[seasons]
        index = pd.period_range("1800", periods=nobs, freq=freq)
        y = pd.Series(np.where(gaps, np.nan, values), index=index)
        yield Case(kind, seasons, y / float(y.std()))


def _drawn(kind: Kind, seasons: int, nobs: int, rng: np.random.Generator) -> FloatArray:
    scales = np.exp(rng.normal(0, 1.5, size=4)) * (rng.random(4) >= ZERO)
    if not scales[:2].any():
        scales[0] = 1.0
    noise, level, slope, season = scales[:, None] * rng.normal(size=(4, nobs))
    y = noise + level.cumsum()
    if kind == "trend":
        y += rng.normal() * np.arange(nobs) + 0.1 * slope.cumsum().cumsum()
    if seasons > 1:
        effects = list(rng.normal(0, 2, size=seasons - 1))
        for shock in season:
            effects.append(0.3 * shock - sum(effects[-(seasons - 1) :]))
        y += np.array(effects[-nobs:])
    return np.asarray(y)


def reference_model(case: Case) -> UnobservedComponents:
    """Return statsmodels' model, its filter without the shortcut of a steady state."""
    model = UnobservedComponents(
        case.y.to_numpy(),
        level=SPECIFICATIONS[case.kind],
        seasonal=case.seasons if case.seasons > 1 else None,
        use_exact_diffuse=True,
    )
    model.ssm.tolerance = 0
    return model


def best_of_starts(case: Case, starts: int, rng: np.random.Generator) -> float:
    """Return statsmodels' highest log-likelihood from its own start and from random ones."""
    model = reference_model(case)
    drawn = np.exp(rng.normal(-1, 3, size=(starts - 1, len(model.param_names))))
    found = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for start in [model.start_params, *drawn]:
            fitted = model.fit(start, disp=False, maxiter=500, cov_type="none")
            found.append(float(model.loglike(fitted.params)))
    return max(value for value in found if np.isfinite(value))


def best_of_grid(case: Case) -> float:
    """Return the highest log-likelihood over ratios to each variance in turn, zeros among them."""
    model = reference_model(case)
    places = model.ssm["selection"].argmax(axis=0)
    system = System(
        model.ssm["design"][0], model.ssm["transition"], (None, *(int(at) for at in places))
    )
    likelihood = Likelihood(DiffuseFilter(system, model.endog[:, 0]))
    free = len(places)
    points, lowest = GRID[free]
    ratios = [0.0, *np.geomspace(lowest, 1.0, points)]
    others = np.array(list(product(ratios, repeat=free))).T
    return max(
        float(likelihood.values(np.insert(others, largest, 1.0, axis=0)).max())
        for largest in range(free + 1)
    )


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one series gave: likelihoods, zeros among our variances, seconds of processor time."""

    name: str
    ours: float
    grid: float
    starts: float
    zeros: int
    seconds: float
    seconds_of_a_start: float

    @property
    def deficit(self) -> float:
        """Log-likelihood by which ours is lower than the best of the others."""
        return max(self.grid, self.starts) - self.ours


def compare(number: int, case: Case, starts: int) -> Outcome:
    """Fit one series in all ways; its number decides the starts."""
    rng = np.random.default_rng([SEED, number])
    begin = time.process_time()
    fit = fit_local_trend(case.y, kind=case.kind, form="level", season=case.seasons > 1)
    ours = time.process_time()
    best = best_of_starts(case, starts, rng)
    theirs = time.process_time()
    return Outcome(
        name=case.name,
        ours=fit.loglik,
        grid=best_of_grid(case),
        starts=best,
        zeros=int((fit.variances == 0).sum()),
        seconds=ours - begin,
        seconds_of_a_start=(theirs - ours) / starts,
    )


def compared(drawn: list[Case], starts: int, workers: int) -> Iterator[Outcome]:
    """Yield the outcome of each series, in one process or several."""
    tasks = (range(len(drawn)), drawn, [starts] * len(drawn))
    if workers == 1:
        yield from map(compare, *tasks)
    else:
        with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
            yield from pool.map(compare, *tasks)


def page(outcomes: list[Outcome], starts: int) -> str:
    """Return the page: a row a model."""
    names = sorted({one.name for one in outcomes})
    groups = [[one for one in outcomes if one.name == name] for name in names]
    table = markdown_table(
        [
            "model",
            "series",
            "with a variance of 0",
            "lower than the grid",
            f"lower than the best of {starts}",
            "largest deficit",
            "seconds a fit, median (most)",
            "seconds of one start",
        ],
        [*(_row(group[0].name, group) for group in groups), _row("all", outcomes)],
    )
    return f"""# The optimum of the local trend

Log-likelihood at the variances of `fit_local_trend` against a grid of ratios and against
statsmodels (L-BFGS) from its own start and random ones, for series drawn from the models: lengths
{SHORTEST} to {LONGEST}, gaps in half of them, each variance zero in truth with a chance of
{ZERO:.0%}. Lower means by more than {ALLOWED:g}. A negative deficit means that ours is the highest.

```
python tests/benchmarks/state_space_optimum.py
```

Seed {SEED}; {versions()}.

{table}
"""


def _row(name: str, group: list[Outcome]) -> list[object]:
    seconds = [one.seconds for one in group]
    return [
        name,
        len(group),
        sum(one.zeros > 0 for one in group),
        sum(one.grid - one.ours > ALLOWED for one in group),
        sum(one.starts - one.ours > ALLOWED for one in group),
        f"{max(one.deficit for one in group):.1e}",
        f"{np.median(seconds):.2f} ({max(seconds):.2f})",
        f"{np.median([one.seconds_of_a_start for one in group]):.2f}",
    ]


def main() -> None:
    """Write or print the page; fail where ours is lower anywhere."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--series", type=int, default=SERIES)
    parser.add_argument("--starts", type=int, default=STARTS)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--workers", type=int, default=1)
    asked = parser.parse_args()
    drawn = list(cases(asked.series, np.random.default_rng(SEED)))
    outcomes = []
    for outcome in compared(drawn, asked.starts, asked.workers):
        outcomes.append(outcome)
        sys.stderr.write(f"{len(outcomes)}: {outcome.name}: {outcome.deficit:.2g}\n")
    text = page(outcomes, asked.starts)
    if asked.out:
        asked.out.write_text(text, encoding="utf-8")
    else:
        sys.stdout.write(text)
    sys.exit(int(any(one.deficit > ALLOWED for one in outcomes)))


if __name__ == "__main__":
    main()
