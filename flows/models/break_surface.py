"""What was simulated of a break in persistent noise: p-values, sizes found, date intervals."""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
import pandas as pd

from flows.errors import SampleError
from flows.models.persistent_break import RHOS
from flows.models.sample import FloatArray

TRUE_RHOS = (-0.5, -0.25, 0.0, 0.2, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 1.0)
"""Autocorrelations of the simulated noise; 1 is a random walk."""

KNOTS = (-0.5, 0.0, 0.3, 0.6, 0.8, 0.95, 1.05, 1.2)
"""Corrected autocorrelations between which a critical value is a straight line."""

SIGNIFICANCES = (0.25, 0.10, 0.05, 0.025, 0.01, 0.001)
LEVELS = (0.80, 0.90, 0.95, 0.99)

BEYOND = 0.2
"""The corrected autocorrelation reaches so far above 1: an estimate above the median of a walk."""

FEWEST = 8
"""Observations of the shortest sample that was simulated."""

COLUMNS = {
    "median": [f"median {rho:g}" for rho in TRUE_RHOS],
    "critical": [f"critical {size:g} {knot:g}" for size in SIGNIFICANCES for knot in KNOTS],
    "detectable": [f"detectable {rho:g}" for rho in TRUE_RHOS],
    "date": [f"date {level:g}" for level in LEVELS],
}
"""Columns of the table by what they hold, beside ``nobs``, ``coefficients`` and ``shortest``."""


@dataclass(frozen=True, slots=True)
class BreakSurface:
    """
    The simulated distribution for one sample size, number of coefficients and shortest regime.

    ``medians``: of the estimated autocorrelation, by the true one; ``critical``: values of the
    likelihood ratio by significance and knot; ``detectable``: the shift in the middle of the sample
    that is found in 80 % of series at 5 %, in standard deviations of the innovations, by the true
    autocorrelation, infinite where none that was tried is; ``date``: by level, what the deviance
    of the true date lies above the least one.
    """

    medians: FloatArray
    critical: FloatArray
    detectable: FloatArray
    date: FloatArray

    def corrected(self, rho: FloatArray | float) -> FloatArray:
        """
        Return the autocorrelation whose estimate has this as its median.

        Andrews, D. W. K. (1993). Exactly median-unbiased estimation of first order autoregressive /
        unit root models. Econometrica 61 (1), 139-165.
        """
        top = float(self.medians[-1])
        above = np.clip((np.asarray(rho) - top) / (RHOS[-1] - top), 0.0, 1.0)
        return np.asarray(np.interp(rho, self.medians, TRUE_RHOS) + BEYOND * above)

    def critical_values(self, corrected: FloatArray | float) -> FloatArray:
        """Return the critical values at an autocorrelation, one a significance (last axis)."""
        at = np.asarray(corrected, dtype=np.float64)
        values = [np.interp(at, KNOTS, row) for row in self.critical]
        return np.maximum.accumulate(np.stack(values, axis=-1), axis=-1)

    def critical_value(self, corrected: float, *, significance: float) -> float:
        """Return the critical value at one of the simulated significances."""
        return float(self.critical_values(corrected)[SIGNIFICANCES.index(significance)])

    def pvalue(self, ratio: FloatArray | float, corrected: FloatArray | float) -> FloatArray:
        """Return the p-value of likelihood ratios; none is put below the least simulated."""
        ratio, critical = np.maximum(ratio, 0.0), self.critical_values(corrected)
        values = np.concatenate([np.zeros((*critical.shape[:-1], 1)), critical], axis=-1)
        chances = np.log([1.0, *SIGNIFICANCES])
        above = np.sum(values <= ratio[..., None], axis=-1)
        low = np.clip(above - 1, 0, len(chances) - 2)
        start = np.take_along_axis(values, low[..., None], axis=-1)[..., 0]
        end = np.take_along_axis(values, low[..., None] + 1, axis=-1)[..., 0]
        width = np.where(end > start, end - start, 1.0)
        inside = (chances[low + 1] - chances[low]) / width * (ratio - start) + chances[low]
        return np.asarray(np.exp(np.where(above < len(chances), inside, chances[-1])))

    def detectable_shift(self, corrected: FloatArray | float) -> FloatArray:
        """Return the shift that is found in 80 % of such series, in standard deviations."""
        at = np.interp(corrected, TRUE_RHOS, np.arange(len(TRUE_RHOS)))
        known = np.where(np.isinf(self.detectable), 0.0, self.detectable)
        shift = np.interp(at, np.arange(len(TRUE_RHOS)), known)
        beside = np.stack([np.floor(at), np.ceil(at)]).astype(np.int64)
        return np.asarray(np.where(np.isinf(self.detectable[beside]).any(axis=0), np.inf, shift))

    def date_quantile(self, level: float) -> float:
        """Return how far above the least deviance a date may lie in an interval of this level."""
        check_simulated(level)
        return float(
            np.exp(
                np.interp(
                    np.log1p(-level), np.log1p(-np.array(LEVELS))[::-1], np.log(self.date)[::-1]
                )
            )
        )


def check_simulated(level: float) -> None:
    """Refuse a level of an interval for which no quantile was simulated."""
    if not LEVELS[0] <= level <= LEVELS[-1]:
        raise ValueError(
            f"level: intervals of break dates are simulated for {LEVELS[0]} to {LEVELS[-1]}, "
            f"found {level}"
        )


@cache
def break_surface(nobs: int, *, coefficients: int, shortest: int) -> BreakSurface:
    """
    Return the distribution for a sample, between those that were simulated.

    Linear in the trim, then in one over the number of observations; longer samples than the longest
    take its values.
    """
    if nobs < FEWEST:
        raise SampleError(f"expected at least {FEWEST} observations for a break, found {nobs}")
    table = _surfaces()[coefficients]
    sizes = np.array(sorted(table))
    at = int(np.clip(np.searchsorted(sizes, nobs), 1, len(sizes) - 1))
    short, long = sizes[at - 1], sizes[at]
    weight = float(np.clip((1 / short - 1 / nobs) / (1 / short - 1 / long), 0.0, 1.0))
    trim = shortest / nobs
    return _unpacked(_between(_at_trim(table[short], trim), _at_trim(table[long], trim), weight))


def _at_trim(rows: pd.DataFrame, trim: float) -> FloatArray:
    """Return the values of one sample size at a trim."""
    trims, values = rows.index.to_numpy(), rows.to_numpy()
    at = int(np.clip(np.searchsorted(trims, trim), 1, max(len(trims) - 1, 1)))
    if len(trims) == 1:
        return np.asarray(values[0])
    weight = float(np.clip((trim - trims[at - 1]) / (trims[at] - trims[at - 1]), 0.0, 1.0))
    return _between(values[at - 1], values[at], weight)


def _between(low: FloatArray, high: FloatArray, weight: float) -> FloatArray:
    if weight in {0.0, 1.0}:
        return high if weight else low
    return (1 - weight) * low + weight * high


def _unpacked(values: FloatArray) -> BreakSurface:
    parts = np.split(values, np.cumsum([len(names) for names in COLUMNS.values()])[:-1])
    medians, critical, detectable, date = parts
    return BreakSurface(medians, critical.reshape(len(SIGNIFICANCES), len(KNOTS)), detectable, date)


@cache
def _surfaces() -> dict[int, dict[int, pd.DataFrame]]:
    """Return the simulated rows by number of coefficients and observations, index the trim."""
    path = files("flows.models").joinpath("critical_values", "persistent_break.csv")
    with path.open(encoding="utf-8") as file:
        table = pd.read_csv(file)
    names = [name for names in COLUMNS.values() for name in names]
    table = table.assign(trim=table["shortest"] / table["nobs"]).set_index("trim").sort_index()
    return {
        k: {
            n: table.loc[(table["coefficients"] == k) & (table["nobs"] == n), names]
            for n in sorted(set(table["nobs"]))
        }
        for k in sorted(set(table["coefficients"]))
    }
