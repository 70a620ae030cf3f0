"""
Count how often intervals of the local trend hold the truth: the average slope, and forecasts.

Run as ``python tests/benchmarks/state_space_coverage.py [--samples N] [--out FILE]``.
"""

import argparse
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from markdown_table import markdown_table, versions
from scipy import stats

from flows.models.sample import FloatArray
from flows.models.state_space import fit_local_trend

SEED = 20261126
SAMPLES = 100
LENGTHS = (10, 14, 24, 36, 60, 120, 216)
AHEAD = (1, 6, 12)
LEVEL = 0.95
WARM = 100
"""Periods before the first, so that noise starts from its stationary distribution."""


def drawn(truth: str, nobs: int, rng: np.random.Generator) -> FloatArray:
    """Draw a series without growth: the answer is zero."""
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


TRUTHS = (
    "trend and white noise",
    "trend and AR(1) noise 0.5",
    "trend and AR(1) noise 0.8",
    "random walk with drift",
    "drifting level and white noise",
)


def held(truth: str, nobs: int, rng: np.random.Generator) -> dict[str, bool]:
    """Say of one series which intervals hold the truth."""
    y = drawn(truth, nobs + max(AHEAD), rng)
    months = pd.period_range("2000-01", periods=nobs, freq="M")
    fit = fit_local_trend(
        pd.Series(y[:nobs], index=months), form="level", horizon=max(AHEAD), level=LEVEL
    )
    low, high = fit.slope_interval()
    white = fit_local_trend(pd.Series(y[:nobs], index=months), form="level", noise="white")
    half = stats.norm.ppf(0.5 + LEVEL / 2) * white.states["slope_std_error"].mean()
    hits = {"slope": low <= 0 <= high, "slope, as before": abs(white.slope) <= half}
    t = stats.t.ppf(0.5 + LEVEL / 2, fit.df)
    for ahead in AHEAD:
        mean, std_error = fit.forecasts.iloc[ahead - 1]
        hits[f"{ahead} ahead"] = abs(y[nobs + ahead - 1] - mean) <= t * std_error
    return {**hits, "AR(1) chosen": fit.noise == "ar1"}


def coverages(samples: int) -> Iterator[dict[str, object]]:
    """Yield one row a truth and length, in percent."""
    for nobs in LENGTHS:
        for number, truth in enumerate(TRUTHS):
            rng = np.random.default_rng([SEED, nobs, number])
            hits = pd.DataFrame([held(truth, nobs, rng) for _ in range(samples)])
            yield {"n": nobs, "truth": truth, **(100 * hits.mean()).to_dict()}


def report(rows: pd.DataFrame, samples: int) -> str:
    """Return the page."""
    error = 100 * np.sqrt(LEVEL * (1 - LEVEL) / samples)
    return f"""# How often intervals of the local trend hold the truth

```
python tests/benchmarks/state_space_coverage.py --samples {samples}
```

{samples} series a row, seed {SEED}, `fit_local_trend(form="level")` by its defaults;
{versions()}.
Percent of {LEVEL:.0%} intervals that hold the truth; their Monte Carlo error is about {error:.0f}.
`slope`: the average slope (`slope_interval`). `slope, as before`: by white noise alone, with normal
quantiles and the mean error of the smoothed slope. `ahead`: forecasts, by Student's t, also where
`forecast_interval` gives none. The last column is how often AIC chose AR(1) noise.

{markdown_table(rows.columns, rows.itertuples(index=False))}
"""


def main(argv: list[str]) -> int:
    """Run the simulation and print, or write, the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--samples", type=int, default=SAMPLES)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args(argv)
    rows = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for row in coverages(options.samples):
            rows.append(row)
            sys.stderr.write(f"{row}\n")
            page = report(pd.DataFrame(rows).round(0).astype({"n": "int64"}), options.samples)
            if options.out:
                options.out.write_text(page, encoding="utf-8")
    if not options.out:
        sys.stdout.write(page)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
