"""Bounds of the concentration of partners or products whose amounts have bounds."""

import math
from collections.abc import Callable, Sequence
from itertools import pairwise, product

import numpy as np

from flows.measure.indices import herfindahl
from flows.measure.trade_indices import Amount, check_amounts, part_of_sum

_MOST_CORNERS = 12
_STEPS = 80


def herfindahl_bounds(amounts: Sequence[Amount]) -> Amount:
    r"""
    Return the Herfindahl-Hirschman index of partners or products within its bounds.

    Parameters
    ----------
    amounts : sequence of Amount
        One a partner or product, in one unit.

    Returns
    -------
    Amount
        :math:`\sum_k s_k^2` of the shares :math:`s_k`, from 1 over their number to 1. The low is
        exact; so is the high for up to twelve amounts with bounds, and beyond that it is the sum
        of the squares of the highest shares, which the index cannot exceed.

    Raises
    ------
    ValueError
        If there is no amount, one is negative or not finite, or all are zero.

    Notes
    -----
    The set on which the index stays below a level is a convex cone, so that its highest value is
    at a corner of the bounds; and its lowest where every amount is as near as its bounds allow to
    one common amount.

    Examples
    --------
    >>> found = herfindahl_bounds([Amount(30.0, 20.0, 40.0), Amount.exact(30.0)])
    >>> round(found.low, 9), found.value, found.high
    (0.5, 0.5, 0.52)
    """
    check_amounts(*amounts)
    value = herfindahl([one.value for one in amounts])
    open_ends = [one for one in amounts if one.low < one.high]
    if not open_ends:
        return Amount.exact(value)
    if len(open_ends) <= _MOST_CORNERS and all(math.isfinite(one.high) for one in amounts):
        corners = product(*({one.low, one.high} for one in amounts))
        high = max(_index(corner) for corner in corners)
    else:
        high = min(
            1.0, math.fsum(_highest_share(place, amounts) ** 2 for place in range(len(amounts)))
        )
    low = _lowest_index(amounts)
    return Amount(value, min(low, value), max(high, value))


def _index(values: Sequence[float]) -> float:
    return herfindahl(values) if any(values) else 1.0 / len(values)


def _lowest_index(amounts: Sequence[Amount]) -> float:
    """Return the index with each amount drawn to a common one, at the best of those."""
    low = np.array([one.low for one in amounts])
    high = np.array([one.high for one in amounts])

    def clipped(common: float) -> float:
        return _index([float(one) for one in np.clip(common, low, high)])

    edges = sorted({float(end) for end in (*low, *high) if math.isfinite(end)})
    best = min(clipped(edge) for edge in edges)
    for start, end in pairwise(edges):
        best = min(best, _between(clipped, start, end))
    return best


def _between(function: Callable[[float], float], start: float, end: float) -> float:
    """Return the lowest value of a function with one valley, by golden section."""
    ratio = (math.sqrt(5) - 1) / 2
    for _ in range(_STEPS):
        width = ratio * (end - start)
        left, right = end - width, start + width
        if function(left) <= function(right):
            end = right
        else:
            start = left
    return function((start + end) / 2)


def _highest_share(place: int, amounts: Sequence[Amount]) -> float:
    others = math.fsum(one.low for index, one in enumerate(amounts) if index != place)
    return part_of_sum(amounts[place].high, others)
