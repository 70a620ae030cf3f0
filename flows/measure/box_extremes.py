"""Lowest and highest concentration when each supplier's amount is known up to an interval."""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from flows.measure.indices import concentration_ratio, entropy, herfindahl

Interval = tuple[float, float]

Amounts = NDArray[np.float64]

_STEPS = 50
"""Halvings of the dual variable: any value gives a valid bound, the best one the tightest."""
_TIE = 1e-13
"""Relative to a total of 1: what improves by less is no better."""


@dataclass(frozen=True, slots=True)
class Box:
    """
    Amounts of suppliers, each anywhere in its interval.

    ``low``, ``high``: ends, in one unit, ``0 <= low <= high``; ``anyone``: deliveries of unknown
    suppliers: each may be that of any supplier, named or not, as a whole.
    """

    low: tuple[float, ...]
    high: tuple[float, ...]
    anyone: tuple[Interval, ...] = ()

    def __post_init__(self) -> None:
        if len(self.low) != len(self.high):
            raise ValueError(
                f"expected as many lower as upper ends, found {self.low} and {self.high}"
            )
        pairs = [*zip(self.low, self.high, strict=True), *self.anyone]
        for low, high in pairs:
            if not 0 <= low <= high < math.inf:
                raise ValueError(f"expected 0 <= low <= high, both finite, found {low} and {high}")
        if not any(high > 0 for _, high in pairs):
            raise ValueError("expected a supplier with an amount above 0, found none")


def herfindahl_bounds(box: Box) -> Interval:
    """Return the lowest and highest Herfindahl index over a box."""
    low, high = _apart(box)
    lowest = min(map(herfindahl, _levelled(low, high, lambda fixed: _divide(fixed**2, fixed))))
    return lowest, max(_find_highest(*ends, _HERFINDAHL) for ends in _together(box))


def entropy_bounds(box: Box) -> Interval:
    """Return the lowest and highest entropy over a box, in nats."""
    low, high = _apart(box)
    highest = max(map(entropy, _levelled(low, high, _entropy_level)))
    lowest = -max(_find_highest(*ends, _NEGATIVE_ENTROPY) for ends in _together(box))
    return max(0.0, lowest), highest


def ratio_bounds(box: Box, k: int) -> Interval:
    """
    Return the lowest and highest share of the k largest suppliers over a box.

    Dinkelbach, W. (1967). On nonlinear fractional programming. Management Science 13 (7),
    492-498.
    """
    low, high = _apart(box)
    levelled = _levelled(low, high, lambda _: None)
    lowest = min(concentration_ratio(x, k) for x in levelled)
    return lowest, max(_highest_ratio(*ends, k) for ends in _together(box))


def _highest_ratio(low: Amounts, high: Amounts, k: int) -> float:
    ratio, reached = -1.0, 0.0
    while reached > ratio:
        ratio = reached
        chosen = np.argsort(-((1 - ratio) * high + ratio * low), kind="stable")[:k]
        x = low.copy()
        x[chosen] = high[chosen]
        reached = concentration_ratio(x, k) if math.fsum(x) > 0 else ratio
    return ratio


def _apart(box: Box) -> tuple[Amounts, Amounts]:
    """Return the box in which every unknown delivery is that of a supplier of its own."""
    low = [*box.low, *(lowest for lowest, _ in box.anyone)]
    high = [*box.high, *(highest for _, highest in box.anyone)]
    return np.array(low, dtype="float64"), np.array(high, dtype="float64")


def _together(box: Box) -> Iterable[tuple[Amounts, Amounts]]:
    """Yield the boxes in which all unknown deliveries are those of one supplier, named or not."""
    low, high = np.array([*box.low, 0.0]), np.array([*box.high, 0.0])
    if not box.anyone:
        yield low, high
        return
    for place in range(len(low)):
        more_low, more_high = low.copy(), high.copy()
        more_low[place] += math.fsum(lowest for lowest, _ in box.anyone)
        more_high[place] += math.fsum(highest for _, highest in box.anyone)
        yield more_low, more_high


def _levelled(
    low: Amounts, high: Amounts, best_level: Callable[[Amounts], float | None]
) -> Sequence[Amounts]:
    """Return the points as near to one level as can be: at each end, and at the best between."""
    ends = np.unique(np.concatenate([low, high]))
    levels = list(ends)
    for below, above in pairwise(ends):
        fixed = np.concatenate([low[low >= above], high[high <= below]])
        level = best_level(fixed)
        if level is not None and below < level < above:
            levels.append(level)
    points = [np.clip(level, low, high) for level in levels]
    return [point for point in points if math.fsum(point) > 0]


def _divide(numerators: Amounts, denominators: Amounts) -> float | None:
    total = math.fsum(denominators)
    return math.fsum(numerators) / total if total > 0 else None


def _entropy_level(fixed: Amounts) -> float | None:
    filled = fixed[fixed > 0]
    mean_log = _divide(filled * np.log(filled), filled)
    return None if mean_log is None else math.exp(mean_log)


@dataclass(frozen=True, slots=True)
class Objective:
    r"""
    A ratio as the sign of a separable function less a convex function of the sum.

    ``value``: of amounts: what is to be highest; ``gain``: of amounts and a value to beat: the part
    of each amount, shape as the amounts; ``price``: of a sum and a value to beat: a convex function
    of the sum, with its derivative. :math:`\sum` gain - price is positive where the value is
    beaten.
    """

    value: Callable[[Amounts], float]
    gain: Callable[[Amounts, float], Amounts]
    price: Callable[[float, float], tuple[float, float]]


def _x_log_x(x: Amounts) -> Amounts:
    return np.where(x > 0, x * np.log(np.where(x > 0, x, 1.0)), 0.0)


def _negative_entropy(x: Amounts) -> float:
    total = math.fsum(x)
    return math.fsum(_x_log_x(x)) / total - math.log(total)


_HERFINDAHL = Objective(
    value=lambda x: math.fsum(x**2) / math.fsum(x) ** 2,
    gain=lambda x, _: x**2,
    price=lambda total, best: (best * total**2, 2 * best * total),
)

_NEGATIVE_ENTROPY = Objective(
    value=_negative_entropy,
    gain=lambda x, best: _x_log_x(x) - best * x,
    price=lambda total, _: (total * math.log(total), math.log(total) + 1.0),
)


def _find_highest(low: Amounts, high: Amounts, objective: Objective) -> float:
    """Return the highest value of a quasi-convex ratio over a box."""
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
