"""
Count how often intervals of the local trend hold the truth: the average slope, and forecasts.

Run as ``python tests/benchmarks/state_space_coverage.py WORK [--samples N] [--out FILE]``. Every
series is kept in ``WORK``, a file a row of the tables: what was stopped goes on when it is run
again. ``--samples 0`` makes the page of what was drawn so far.
"""

import argparse
import math
import sys
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from markdown_table import markdown_table, versions
from scipy import stats

from flows.errors import SampleError
from flows.models.sample import FloatArray
from flows.models.state_space import fit_local_trend

SEED = 20261126
SAMPLES = 400
LENGTHS = (10, 14, 24, 36, 60, 120, 216)
SEASON_LENGTHS = (36, 60, 120)
LONG, SHARE = 120, 4
"""From how many values on, and with a season, a row has only this part of the series."""
LEAST = 25
"""Fewest series of a row that is shown."""
ROUNDS = 16
"""Parts in which the series are drawn, every row in each."""
AHEAD = (1, 6, 12)
LEVEL = 0.95
WARM = 100
"""Periods before the first, so that noise starts from its stationary distribution."""
SEASONS = 12
SEASON_SIZE, SEASON_DRIFT = 2.0, 0.1
"""Standard deviation of a month's effect, and of its shock a month, by that of the noise."""

TRUTHS = (
    "trend and white noise",
    "trend and AR(1) noise 0.5",
    "trend and AR(1) noise 0.8",
    "random walk with drift",
    "drifting level and white noise",
)
SEASON_TRUTHS = ("trend and white noise", "trend and AR(1) noise 0.8", "random walk with drift")


@dataclass(frozen=True, slots=True)
class Cell:
    """A row of the tables: what is drawn, how long, and with a season that drifts or without."""

    nobs: int
    truth: str
    season: bool = False

    @property
    def file(self) -> str:
        """Name of the file that keeps its series."""
        season = "-season" if self.season else ""
        return f"{self.nobs:03d}-{TRUTHS.index(self.truth)}{season}.csv"

    def samples(self, most: int) -> int:
        """Return how many series are drawn where others have so many."""
        return most // SHARE if self.season or self.nobs >= LONG else most


CELLS = (
    *(Cell(nobs, truth) for nobs in LENGTHS for truth in TRUTHS),
    *(Cell(nobs, truth, season=True) for nobs in SEASON_LENGTHS for truth in SEASON_TRUTHS),
)


def drawn(cell: Cell, nobs: int, rng: np.random.Generator) -> FloatArray:
    """Draw a series without growth: the answer is zero."""
    y = without_season(cell.truth, nobs, rng)
    return y + drifting_season(nobs, rng) if cell.season else y


def without_season(truth: str, nobs: int, rng: np.random.Generator) -> FloatArray:
    """Draw noise, lasting or not, or a level that drifts."""
    shocks = rng.normal(size=WARM + nobs)
    match truth:
        case "trend and white noise":
            return shocks[WARM:]
        case "random walk with drift":
            return shocks[WARM:].cumsum()
        case "drifting level and white noise":
            return 0.4 * shocks[WARM:].cumsum() + rng.normal(size=nobs)
    kept = float(truth.rpartition(" ")[2])
    noise = np.zeros(len(shocks))
    for t in range(1, len(shocks)):
        noise[t] = kept * noise[t - 1] + shocks[t]
    return noise[WARM:]


def drifting_season(nobs: int, rng: np.random.Generator) -> FloatArray:
    """Draw effects of months, each of them minus the eleven before it and a shock."""
    effects = list(SEASON_SIZE * rng.normal(size=SEASONS - 1))
    for shock in SEASON_DRIFT * rng.normal(size=nobs):
        effects.append(shock - math.fsum(effects[1 - SEASONS :]))
    return np.array(effects[-nobs:])


def misses(cell: Cell, sample: int) -> dict[str, float]:
    """
    Return by how much each interval misses the truth, as a part of its half length.

    Up to 1 it holds it. Where no variances are the most likely there is no fit, and no interval.
    """
    rng = np.random.default_rng(
        [SEED, cell.nobs, TRUTHS.index(cell.truth), int(cell.season), sample]
    )
    values = drawn(cell, cell.nobs + max(AHEAD), rng)
    months = pd.period_range("2000-01", periods=cell.nobs, freq="M")
    y, future = pd.Series(values[: cell.nobs], index=months), values[cell.nobs :]
    try:
        fit = fit_local_trend(y, form="level", season=cell.season, horizon=max(AHEAD), level=LEVEL)
        white = fit
        if fit.noise == "ar1":
            white = fit_local_trend(y, form="level", season=cell.season, noise="white")
    except SampleError:
        return dict.fromkeys(COLUMNS, math.nan)
    low, high = fit.slope_interval()
    half = stats.norm.ppf(0.5 + LEVEL / 2) * white.states["slope_std_error"].mean()
    ends = fit.forecast_interval()
    union = np.abs(2 * future - ends["low"] - ends["high"]) / (ends["high"] - ends["low"])
    errors = np.abs(future - fit.forecasts["mean"]) / fit.forecasts["std_error"]
    alone = errors / stats.t.ppf(0.5 + LEVEL / 2, fit.df)
    ahead = np.array([union, alone])[:, np.array(AHEAD) - 1]
    return dict(
        zip(
            COLUMNS,
            [
                abs(low + high) / (high - low),
                abs(white.slope) / half,
                *ahead.ravel(),
                float(fit.noise == "ar1"),
            ],
            strict=True,
        )
    )


INTERVALS = ("slope", *(f"{steps} ahead" for steps in AHEAD))
COLUMNS = (
    "slope",
    "slope, as before",
    *(f"{steps} ahead" for steps in AHEAD),
    *(f"{steps} ahead, as before" for steps in AHEAD),
    "AR(1) chosen",
)


def kept(work: Path, cell: Cell) -> pd.DataFrame:
    """Return the series of a row that were drawn so far."""
    path = work / cell.file
    return pd.read_csv(path) if path.exists() else pd.DataFrame(columns=COLUMNS, dtype="float64")


def simulate(work: Path, most: int) -> Iterator[Cell]:
    """Draw what is missing, every row a part of it in turn; yield a row that has more."""
    for part in range(1, ROUNDS + 1):
        for cell in CELLS:
            before = kept(work, cell)
            wanted = math.ceil(cell.samples(most) * part / ROUNDS)
            if len(before) >= wanted:
                continue
            rows = [misses(cell, sample) for sample in range(len(before), wanted)]
            text = pd.concat([before, pd.DataFrame(rows)]).to_csv(index=False, float_format="%.6g")
            # Stopped in between, the file is whole.
            path = work / cell.file
            path.with_suffix(".new").write_text(text, encoding="utf-8")
            path.with_suffix(".new").replace(path)
            yield cell


def table(work: Path, *, season: bool) -> str:
    """Return a table of percentages, a row for each that has enough series."""
    rows = []
    for cell in CELLS:
        series = kept(work, cell)
        if cell.season != season or len(series) < LEAST:
            continue
        fitted = series.dropna()
        held = 100 * (fitted <= 1).mean()
        cells = [f"{held[name]:.0f} ({held[f'{name}, as before']:.0f})" for name in INTERVALS]
        chosen = f"{100 * fitted['AR(1) chosen'].mean():.0f}"
        rows.append([cell.nobs, cell.truth, len(series), len(series) - len(fitted), *cells, chosen])
    return markdown_table(["n", "truth", "series", "no fit", *INTERVALS, "AR(1) chosen"], rows)


def page(work: Path) -> str:
    """Return the page of what was drawn so far."""
    counts = [len(kept(work, cell)) for cell in CELLS]
    few, many = min((count for count in counts if count >= LEAST), default=LEAST), max(counts)
    errors = [100 * math.sqrt(LEVEL * (1 - LEVEL) / count) for count in (few, max(many, few))]
    return f"""# How often intervals of the local trend hold the truth

```
python tests/benchmarks/state_space_coverage.py WORK --out docs/state-space-coverage.md
```

It draws {SAMPLES} series a row, {SAMPLES // SHARE} of {LONG} values or more and with a season,
which takes hours; stopped, it goes on when it is run again. `series` is how many this page was
made of; rows of fewer than {LEAST} are not shown. Months without growth, seed {SEED}, fitted by
`fit_local_trend(form="level")` with its defaults; {versions()}.
Percent of {LEVEL:.0%} intervals that hold the truth; their Monte Carlo error is about
{errors[0]:.0f} with {few} series, {errors[1]:.0f} with {many}.
`slope`: the average slope (`slope_interval`). `ahead`: forecasts (`forecast_interval`). In
parentheses what was given before: of the slope by white noise alone, with normal quantiles and
the mean error of the smoothed slope; of forecasts by Student's t, with parameters taken as they
were estimated. The last column is how often AIC chose AR(1) noise. `no fit`: series that do not say
which variances are the most likely; they are left out of the percentages.

## Without a season

{table(work, season=False)}

## With a season

`season=True`; the effect of a month has a standard deviation of {SEASON_SIZE:g}, its shock one of
{SEASON_DRIFT:g} a month, where that of the noise is 1.

{table(work, season=True)}
"""


def main(argv: list[str]) -> int:
    """Draw what is missing; print, or write, the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("work", type=Path)
    parser.add_argument("--samples", type=int, default=SAMPLES)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args(argv)
    options.work.mkdir(parents=True, exist_ok=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for cell in simulate(options.work, options.samples):
            sys.stderr.write(f"{cell}: {len(kept(options.work, cell))}\n")
    text = page(options.work)
    if options.out:
        options.out.write_text(text, encoding="utf-8")
    else:
        sys.stdout.write(text)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
