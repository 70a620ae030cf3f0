"""Slope and forecasts of a local trend under many sets of variances, none of which is known."""

import itertools

import numpy as np

from flows.models.diffuse_filter import DiffuseFilter, System
from flows.models.sample import FloatArray
from flows.models.variance_search import Likelihood

_SLOPE = 1
"""Place of the slope among the states."""

_PARTS_KEPT = (0.0, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95)
_LEVELS = (0.0, *10.0 ** np.arange(-3, 2.1, 0.5))
"""Variance of shocks to the level, by the variance that such noise adds up to in the long run."""


def average_slopes(likelihood: Likelihood, sets: FloatArray) -> tuple[FloatArray, FloatArray]:
    """
    Return the average slope over the sample and its standard error.

    A state of its own adds the slopes up from zero, so that one pass of the filter knows their
    sum under all columns of parameters.
    """
    kalman = likelihood.kalman
    summing = DiffuseFilter(_with_sum(kalman.system), kalman.y)
    filtered = summing.run(sets)
    sums = filtered.following[:, -1]
    scale = filtered.squares / kalman.count
    errors = np.sqrt(np.maximum(sums[-1], 0.0) * scale)
    return sums[0] / len(kalman.y), errors / len(kalman.y)


def forecasts(
    likelihood: Likelihood, sets: FloatArray, horizon: int
) -> tuple[FloatArray, FloatArray]:
    """Return forecasts and their standard errors, a row a period and a column a set."""
    kalman = likelihood.kalman
    filtered = kalman.run(sets)
    means, spreads = kalman.forecast(filtered, horizon)
    return means, np.sqrt(np.maximum(spreads, 0.0) * filtered.squares / kalman.count)


def likely(likelihood: Likelihood, best: FloatArray) -> FloatArray:
    """Return the best parameters, and after them the alternatives about as likely as the best."""
    others = alternatives(best, likelihood.kalman.system)
    values = likelihood.values(np.column_stack([best, others]))
    return np.column_stack([best, others[:, values[1:] >= values.max() - 1]])


def _with_sum(system: System) -> System:
    """Return the model with one state more, last: the sum of the slopes so far."""
    size = len(system.design)
    transition = np.zeros((size + 1, size + 1))
    transition[:size, :size] = system.transition
    transition[size, [_SLOPE, size]] = 1.0
    return System(
        design=np.append(system.design, 0.0),
        transition=transition,
        sources=system.sources,
        autoregressive=system.autoregressive,
        zero_start=(*system.zero_start, size),
    )


def alternatives(best: FloatArray, system: System) -> FloatArray:
    """
    Return parameters from noise alone to a random walk, of noise that keeps little or much.

    Shocks to slope and season have the size, relative to all others, that they have at the best.
    """
    count = len(system.sources)
    lasting = system.autoregressive is not None
    noise_at, level_at = [0, count - 1] if lasting else [0], 1
    others = best[[*noise_at, level_at]].sum()
    sets = []
    for rho, level in itertools.product(_PARTS_KEPT if lasting else (0.0,), (*_LEVELS, np.inf)):
        ratios = np.zeros(count)
        ratios[count - 1 if rho else 0] = float(level < np.inf)
        ratios[level_at] = level * (1 - rho) ** 2 if level < np.inf else 1.0
        rest = best[:count] * ratios.sum() / others if others else np.zeros(count)
        rest[[*noise_at, level_at]] = 0.0
        sets.append(np.append(ratios + rest, rho) if lasting else ratios + rest)
    return np.array(sets).T
