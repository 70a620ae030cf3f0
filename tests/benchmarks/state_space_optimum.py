"""
Hold the likelihood at our variances against a grid and against statsmodels' best of many starts.

Run as ``python tests/benchmarks/state_space_optimum.py [--series N] [--starts N] [--workers N]
[--out FILE]``; the whole takes about twenty minutes of processor time.
"""

import argparse
import math
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
from scipy.signal import lfilter
from statsmodels.tsa.statespace.structural import UnobservedComponents

from flows.errors import SampleError
from flows.models.diffuse_filter import DiffuseFilter, System
from flows.models.local_model import SPECIFICATIONS, Kind
from flows.models.sample import FloatArray
from flows.models.state_space import Noise, fit_local_trend
from flows.models.variance_search import Likelihood

SEED = 20261125
SERIES, STARTS = 300, 20
ALLOWED, ALLOWED_LASTING = 1e-9, 1e-6
"""Log-likelihood by which ours may be lower, with white noise and with noise that lasts."""

GRID = {1: (1001, 1e-12), 2: (41, 1e-10), 3: (9, 1e-8)}
"""By the number of free ratios: points of each, and the smallest beside 0."""
LASTING_GRID = {2: (13, 1e-8), 3: (7, 1e-8)}
"""The same with noise that lasts, at each of the parts kept."""
PARTS_KEPT = (-0.9, -0.6, -0.3, 0.2, 0.4, 0.6, 0.8, 0.9, 0.97)
FARTHEST = 0.9999
"""Largest part kept that is compared: beyond, ours calls it a level that drifts."""
LASTING_SHARE = 3
"""There is a series with noise that lasts for so many others."""

SHORTEST, LONGEST, SEASONS_TWICE = 10, 216, 3
ZERO = 0.4
"""Chance that a variance is zero in truth."""


@dataclass(frozen=True, slots=True)
class Case:
    """A series drawn from the model that is fitted to it."""

    kind: Kind
    seasons: int
    y: pd.Series
    lasting: bool = False

    @property
    def name(self) -> str:
        """Model, season and noise."""
        season = f", {self.seasons} seasons" if self.seasons > 1 else ""
        return self.kind + season + (", AR(1) noise" if self.lasting else "")

    @property
    def allowed(self) -> float:
        """Log-likelihood by which ours may be lower."""
        return ALLOWED_LASTING if self.lasting else ALLOWED


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


def lasting_cases(count: int, rng: np.random.Generator) -> Iterator[Case]:
    """Yield series without a season, part of whose noise lasts."""
    kinds: tuple[Kind, ...] = ("level", "trend")
    for number in range(count):
        kind = kinds[number % 2]
        nobs = int(np.exp(rng.uniform(np.log(2 * SHORTEST), np.log(LONGEST + 1))))
        shocks = np.exp(rng.normal()) * rng.normal(size=nobs)
        values = _drawn(kind, 1, nobs, rng) + lfilter(
            [1.0], [1.0, -rng.uniform(-0.6, 0.98)], shocks
        )
        y = pd.Series(values, index=pd.period_range("1800", periods=nobs, freq="Y"))
        yield Case(kind, 1, y / float(y.std()), lasting=True)


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
        autoregressive=1 if case.lasting else None,
        use_exact_diffuse=True,
    )
    model.ssm.tolerance = 0
    return model


def best_of_starts(case: Case, starts: int, rng: np.random.Generator) -> float:
    """Return statsmodels' highest log-likelihood from its own start and from random ones."""
    model = reference_model(case)
    drawn = np.exp(rng.normal(-1, 3, size=(starts - 1, len(model.param_names))))
    if case.lasting:
        drawn[:, -1] = rng.uniform(-0.9, 0.95, size=len(drawn))
    tops = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for start in [model.start_params, *drawn]:
            fitted = model.fit(start, disp=False, maxiter=500, cov_type="none")
            if not case.lasting or abs(fitted.params[-1]) <= FARTHEST:
                tops.append(float(model.loglike(fitted.params)))
    return max((value for value in tops if np.isfinite(value)), default=-math.inf)


def best_of_grid(case: Case) -> float:
    """Return the highest log-likelihood over ratios to each variance in turn, zeros among them."""
    likelihood = _likelihood(case)
    free = len(likelihood.kalman.system.sources) - 1
    points, lowest = (LASTING_GRID if case.lasting else GRID)[free]
    ratios = [0.0, *np.geomspace(lowest, 1.0, points)]
    others = np.array(list(product(ratios, repeat=free))).T
    sets = [np.insert(others, largest, 1.0, axis=0) for largest in range(free + 1)]
    if case.lasting:
        sets = [
            np.vstack([columns, np.full(columns.shape[1], rho)])
            for columns, rho in product(sets, PARTS_KEPT)
        ]
    return max(float(likelihood.values(columns).max()) for columns in sets)


def _likelihood(case: Case) -> Likelihood:
    model = reference_model(case)
    transition, places = model.ssm["transition"].copy(), model.ssm["selection"].argmax(axis=0)
    last = int(places[-1]) if case.lasting else None
    if last is not None:
        transition[last, last] = 1.0
    sources = (None, *(int(at) for at in places))
    system = System(model.ssm["design"][0], transition, sources, autoregressive=last)
    return Likelihood(DiffuseFilter(system, model.endog[:, 0]))


@dataclass(frozen=True, slots=True)
class Outcome:
    """
    What one series gave: likelihoods, zeros among our variances, seconds of processor time.

    ``ours`` is NaN where the series does not determine noise that lasts.
    """

    name: str
    allowed: float
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
    zeros, loglik = _ours(case)
    ours = time.process_time()
    best = best_of_starts(case, starts, rng)
    theirs = time.process_time()
    return Outcome(
        name=case.name,
        allowed=case.allowed,
        ours=loglik,
        grid=best_of_grid(case),
        starts=best,
        zeros=zeros,
        seconds=ours - begin,
        seconds_of_a_start=(theirs - ours) / starts,
    )


def _ours(case: Case) -> tuple[int, float]:
    noise: Noise = "ar1" if case.lasting else "white"
    try:
        fit = fit_local_trend(
            case.y, kind=case.kind, form="level", noise=noise, season=case.seasons > 1
        )
    except SampleError:
        if not case.lasting:
            raise
        return 0, math.nan
    return int((fit.variances == 0).sum()), fit.loglik


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
    names = sorted({outcome.name for outcome in outcomes})
    groups = [[outcome for outcome in outcomes if outcome.name == name] for name in names]
    table = markdown_table(
        [
            "model",
            "series",
            "undetermined",
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
{ZERO:.0%}. Lower means by more than {ALLOWED:g}, with AR(1) noise by more than {ALLOWED_LASTING:g}
where theirs keeps at most {FARTHEST:g} of itself. A negative deficit means that ours is the
highest. AR(1) noise is undetermined where `noise="ar1"` is an error and `noise="aic"` takes
white noise.

```
python tests/benchmarks/state_space_optimum.py
```

Seed {SEED}; {versions()}.

{table}
"""


def _row(name: str, outcomes: list[Outcome]) -> list[object]:
    seconds = [outcome.seconds for outcome in outcomes]
    fitted = [outcome for outcome in outcomes if not math.isnan(outcome.ours)]
    return [
        name,
        len(outcomes),
        len(outcomes) - len(fitted),
        sum(outcome.zeros > 0 for outcome in fitted),
        sum(outcome.grid - outcome.ours > outcome.allowed for outcome in fitted),
        sum(outcome.starts - outcome.ours > outcome.allowed for outcome in fitted),
        f"{max((outcome.deficit for outcome in fitted), default=math.nan):.1e}",
        f"{np.median(seconds):.2f} ({max(seconds):.2f})",
        f"{np.median([outcome.seconds_of_a_start for outcome in outcomes]):.2f}",
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
    drawn += lasting_cases(asked.series // LASTING_SHARE, np.random.default_rng([SEED, 1]))
    outcomes = []
    for outcome in compared(drawn, asked.starts, asked.workers):
        outcomes.append(outcome)
        sys.stderr.write(f"{len(outcomes)}: {outcome.name}: {outcome.deficit:.2g}\n")
    text = page(outcomes, asked.starts)
    if asked.out:
        asked.out.write_text(text, encoding="utf-8")
    else:
        sys.stdout.write(text)
    sys.exit(int(any(outcome.deficit > outcome.allowed for outcome in outcomes)))


if __name__ == "__main__":
    main()
