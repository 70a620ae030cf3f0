"""How long noise remembers: of all autoregressions of residuals the one that remembers longest."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from flows.canonical import first_maximum
from flows.models.sample import FloatArray, IntArray

WANDERING = 0.999
"""Largest sum of coefficients: more is a random walk or beyond."""

_LONGEST = 12

ROWS_A_LAG = 3
"""Fewest rows without a gap for each lag."""


class Remembers(Protocol):
    """How long the noise of one series, or of each of many, remembers, by an autoregression."""

    @property
    def order(self) -> int | IntArray:
        """Lags."""

    @property
    def total(self) -> float | FloatArray:
        """Sum of the coefficients."""

    @property
    def beyond_first(self) -> float | FloatArray:
        """Long-run variance by that of the best autoregression of first order."""


@dataclass(frozen=True, slots=True)
class Memory:
    """
    The autoregression of residuals that remembers longest.

    ``coefficients``: by lag, shape ``(order,)``; ``innovations``: what they leave, with mean 0,
    none where no two values are neighbours;
    ``beyond_first``: long-run variance by that of the best autoregression of first order.
    """

    coefficients: FloatArray
    innovations: FloatArray
    beyond_first: float

    @property
    def order(self) -> int:
        """How many lags the autoregression has."""
        return len(self.coefficients)

    @property
    def total(self) -> float:
        """Sum of the coefficients: how much of a shock is there to stay, 1 in a random walk."""
        return float(self.coefficients.sum())


def fit_memory(resids: FloatArray, steps: IntArray) -> Memory:
    """
    Fit autoregressions by least squares, rows around a gap left out, and take the longest memory.

    All orders have the same rows; at most one lag for every ten values, and twelve. The one of the
    largest long-run variance is taken and not that of a criterion: what looks like a break is slow,
    and a criterion often misses a slow part beneath noise (docs/decisions/016).
    """
    lagged = _lagged(resids, steps)
    most = lagged.shape[1] - 1
    gram = lagged.T @ lagged
    fits = [_solve(gram[1 : k + 1, 1 : k + 1], gram[1 : k + 1, 0]) for k in range(1, most + 1)]
    sums = [gram[0, 0] - fit @ gram[1 : k + 1, 0] for k, fit in enumerate(fits, start=1)]
    floor = np.finfo(np.float64).eps * max(gram[0, 0], np.finfo(np.float64).tiny)
    totals = np.array([fit.sum() for fit in fits])
    long_run = long_run_variances(np.array(sums), totals, floor=floor)
    best = first_maximum(long_run)
    shocks = lagged[:, 0] - lagged[:, 1 : best + 2] @ fits[best]
    if len(shocks):
        shocks -= shocks.mean()
    return Memory(fits[best], shocks, float(long_run[best] / long_run[0]))


def _lagged(resids: FloatArray, steps: IntArray) -> FloatArray:
    """Return each residual beside those before it, rows without a gap."""
    grid = np.full(int(steps[-1] - steps[0]) + 1, np.nan)
    grid[steps - steps[0]] = resids
    for most in range(most_lags(len(resids)), 0, -1):
        lagged = np.lib.stride_tricks.sliding_window_view(grid, most + 1)[:, ::-1]
        lagged = lagged[~np.isnan(lagged).any(axis=1)]
        if len(lagged) >= ROWS_A_LAG * most:
            break
    return lagged


def most_lags(nobs: int) -> int:
    """Return the largest order that is fitted to so many values."""
    return min(_LONGEST, nobs // 10 + 1)


def _solve(gram: FloatArray, moved: FloatArray) -> FloatArray:
    return np.asarray(np.linalg.lstsq(gram, moved, rcond=None)[0])


def long_run_variances(
    squares: FloatArray, totals: FloatArray, *, floor: FloatArray | float
) -> FloatArray:
    """Return the long-run variance, by what an autoregression leaves and its coefficients' sum."""
    return np.asarray(np.maximum(squares, floor) / (1 - np.minimum(totals, WANDERING)) ** 2)
