"""The most concentrated point of a box: a vertex, found by branch and bound with a dual bound."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Amounts = NDArray[np.float64]

_STEPS = 50
"""Halvings of the dual variable: any value gives a valid bound, the best one the tightest."""
_TIE = 1e-13
"""Relative to a total of 1: what improves by less is no better."""


@dataclass(frozen=True, slots=True)
class Objective:
    r"""
    A ratio as the sign of a separable function less a convex function of the sum.

    Parameters
    ----------
    value : callable
        Of amounts: what is to be highest.
    gain : callable
        Of amounts and a value to beat: the part of each amount, shape as the amounts.
    price : callable
        Of a sum and a value to beat: a convex function of the sum, with its derivative.
        :math:`\sum` gain - price is positive where the value is beaten.
    """

    value: Callable[[Amounts], float]
    gain: Callable[[Amounts, float], Amounts]
    price: Callable[[float, float], tuple[float, float]]


def _x_log_x(x: Amounts) -> Amounts:
    return np.where(x > 0, x * np.log(np.where(x > 0, x, 1.0)), 0.0)


def _negative_entropy(x: Amounts) -> float:
    total = math.fsum(x)
    return math.fsum(_x_log_x(x)) / total - math.log(total)


HERFINDAHL = Objective(
    value=lambda x: math.fsum(x**2) / math.fsum(x) ** 2,
    gain=lambda x, _: x**2,
    price=lambda total, best: (best * total**2, 2 * best * total),
)

NEGATIVE_ENTROPY = Objective(
    value=_negative_entropy,
    gain=lambda x, best: _x_log_x(x) - best * x,
    price=lambda total, _: (total * math.log(total), math.log(total) + 1.0),
)


def find_highest(low: Amounts, high: Amounts, objective: Objective) -> float:
    r"""
    Return the highest value of a quasi-convex ratio over a box.

    Parameters
    ----------
    low, high : numpy.ndarray
        Least and greatest amount of each supplier, shape ``(n,)``, ``0 <= low <= high``, not all
        of ``high`` 0.
    objective : Objective
        :data:`HERFINDAHL` or :data:`NEGATIVE_ENTROPY`.

    Returns
    -------
    float
        Exact up to rounding.

    Notes
    -----
    Where it is highest, every amount is at one of its ends. With the value :math:`\lambda` of the
    best vertex so far, another is better if :math:`\sum_i \phi(x_i) - g(\sum_i x_i) > 0`, where
    :math:`g` is convex. A tangent of :math:`g` at any :math:`\tau` makes the sum separable and
    bounds it from above; the bound is least where :math:`\tau` is the sum that it leads to. A
    branch whose bound is not positive is cut.

    Examples
    --------
    >>> find_highest(np.array([1.0, 0.0]), np.array([1.0, 3.0]), HERFINDAHL)
    1.0
    """
    scale = math.fsum(high)
    ends = np.stack([low, high]) / scale
    # Widest first: its end decides most, and the wrong one is cut at once.
    ends = ends[:, np.lexsort((ends[0], ends[0] - ends[1]))]
    best = max(objective.value(x) for x in _starts(ends))
    branches = [ends]
    while branches:
        ends = branches.pop()
        if math.fsum(ends[1]) == 0:
            continue
        bound, x = _bound(ends, objective, best)
        if bound <= _TIE:
            continue
        if math.fsum(x) > 0:
            best = max(best, objective.value(x))
        branches += _split(ends)
    return best


def _starts(ends: Amounts) -> list[Amounts]:
    """Return some vertices: the largest of the midpoints at their high ends, the others low."""
    order = np.argsort(-ends.sum(axis=0), kind="stable")
    starts = []
    for count in range(1, len(order) + 1):
        x = ends[0].copy()
        x[order[:count]] = ends[1][order[:count]]
        if math.fsum(x) > 0:
            starts.append(x)
    return starts


def _split(ends: Amounts) -> list[Amounts]:
    """Return the two branches of the first open amount; of equal ones the first are high."""
    open_ones = np.flatnonzero(ends[0] < ends[1])
    if not len(open_ones):
        return []
    first = open_ones[0]
    alike = (ends == ends[:, [first]]).all(axis=0)
    down, up = ends.copy(), ends.copy()
    down[1, alike] = ends[0, first]
    up[0, first] = ends[1, first]
    return [down, up]


def _bound(ends: Amounts, objective: Objective, best: float) -> tuple[float, Amounts]:
    """Return the least upper bound over the dual variable that was found, and its vertex."""
    least, vertex = math.inf, ends[1]
    gains = np.stack([objective.gain(ends[0], best), objective.gain(ends[1], best)])
    below, above = math.fsum(ends[0]), math.fsum(ends[1])
    for _ in range(_STEPS):
        total = (below + above) / 2
        value, slope = objective.price(total, best)
        net = gains - slope * ends
        is_high = net[1] > net[0]
        bound = math.fsum(np.where(is_high, net[1], net[0])) - value + slope * total
        x = np.where(is_high, ends[1], ends[0])
        if bound < least:
            least, vertex = bound, x
        if least <= _TIE or above - below <= _TIE:
            break
        below, above = (total, above) if math.fsum(x) > total else (below, total)
    return least, vertex
