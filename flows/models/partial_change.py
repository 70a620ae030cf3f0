"""Breaks in some coefficients while the others stay the same over the whole sample."""

import numpy as np

from flows.errors import SampleError
from flows.models.regimes import fit_regimes
from flows.models.sample import FloatArray, IntArray
from flows.models.segments import Partitions, best_partitions, segment_costs
from flows.ties import TIE, first_minimum

_ROUNDS = 100


def partial_partitions(
    x: FloatArray, common: FloatArray, y: FloatArray, *, shortest: int, most: int
) -> Partitions:
    """
    Find the partition of least cost for each number of breaks where some coefficients are common.

    Parameters
    ----------
    x : numpy.ndarray
        Regressors whose coefficients change, shape ``(nobs, k)``.
    common : numpy.ndarray
        Regressors whose coefficients do not change, shape ``(nobs, p)``.
    y : numpy.ndarray
        Response, shape ``(nobs,)``.
    shortest : int
        Fewest observations of a regime.
    most : int
        Largest number of breaks.

    Returns
    -------
    Partitions
        For 0 to ``most`` breaks, or fewer where the sample has no room or its coefficients cannot
        be told apart.

    Raises
    ------
    SampleError
        If the regressors are dependent.

    Notes
    -----
    One break is found by trying every date. For more, partition and common coefficients are
    estimated in turns until the cost no longer falls [1]_, from two starts: coefficients of the
    sample without breaks, and those beside the best single break; the better end is kept.

    References
    ----------
    .. [1] Bai, J. and Perron, P. (2003). Computation and analysis of multiple structural change
       models. Journal of Applied Econometrics 18 (1), 1-22; section 3.3.

    Examples
    --------
    >>> season = np.array([[1.0], [-1.0]] * 4)
    >>> y = np.array([2.0, 0.0, 2.0, 0.0, 7.0, 5.0, 7.0, 5.0])
    >>> partial_partitions(np.ones((8, 1)), season, y, shortest=2, most=1).breaks[1]
    array([4])
    """
    none = np.array([], dtype=np.int64)
    whole = fit_regimes(x, y, none, common=common)
    breaks, costs = [none], [whole.rss]
    starts = [whole.common]
    for count in range(1, most + 1):
        coefficients = (count + 1) * x.shape[1] + common.shape[1]
        if len(y) < (count + 1) * shortest or len(y) <= coefficients:
            break
        if count == 1:
            candidates = [_single(x, common, y, shortest)]
        else:
            candidates = [_in_turns(x, common, y, shortest, count, start) for start in starts]
        ends = [regime_cost(x, y, at, common=common) for at in candidates]
        best = first_minimum(ends)
        found, cost = candidates[best], ends[best]
        if len(found) < count or not np.isfinite(cost):
            break
        if count == 1:
            starts.append(fit_regimes(x, y, found, common=common).common)
        breaks.append(found)
        costs.append(cost)
    return Partitions(tuple(breaks), np.array(costs))


def regime_cost(
    x: FloatArray, y: FloatArray, breaks: IntArray, *, common: FloatArray | None = None
) -> float:
    """
    Return the sum of squared residuals of a partition.

    Parameters
    ----------
    x, y, breaks, common
        As for :func:`flows.models.regimes.fit_regimes`.

    Returns
    -------
    float
        Infinite where the coefficients cannot be told apart.

    Examples
    --------
    >>> regime_cost(np.ones((4, 1)), np.array([1.0, 3.0, 8.0, 8.0]), np.array([2]))
    2.0
    """
    try:
        return fit_regimes(x, y, breaks, common=common).rss
    except SampleError:
        return np.inf


def _single(x: FloatArray, common: FloatArray, y: FloatArray, shortest: int) -> IntArray:
    dates = range(shortest, len(y) - shortest + 1)
    costs = [regime_cost(x, y, np.array([date]), common=common) for date in dates]
    return np.array([dates[first_minimum(costs)]])


def _in_turns(  # noqa: PLR0917 - a step of one algorithm
    x: FloatArray, common: FloatArray, y: FloatArray, shortest: int, count: int, start: FloatArray
) -> IntArray:
    """Estimate partition and common coefficients in turns until the cost no longer falls."""
    coefficients, least = start, np.inf
    breaks = np.array([], dtype=np.int64)
    for _ in range(_ROUNDS):
        costs = segment_costs(x, y - common @ coefficients, shortest=shortest)
        candidate = best_partitions(costs, most=count).breaks[count]
        cost = regime_cost(x, y, candidate, common=common)
        if not cost < least * (1 - TIE):
            return breaks
        breaks, least = candidate, cost
        coefficients = fit_regimes(x, y, candidate, common=common).common
    raise SampleError(
        f"expected partition and common coefficients to settle within {_ROUNDS} turns, found "
        f"the cost still falling at {least:.9g}; use season='none' or fewer breaks"
    )
