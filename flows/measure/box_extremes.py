"""Lowest and highest concentration when each supplier's amount is known up to an interval."""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from flows.measure.box_vertices import HERFINDAHL, NEGATIVE_ENTROPY, Amounts, find_highest
from flows.measure.indices import concentration_ratio, entropy, herfindahl

Interval = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Box:
    """
    Amounts of suppliers, each anywhere in its interval.

    Parameters
    ----------
    low, high : tuple of float
        Ends, in one unit, ``0 <= low <= high``.
    anyone : tuple of (low, high)
        Deliveries of unknown suppliers: each may be that of any supplier, named or not, as a whole.

    Raises
    ------
    ValueError
        If the ends do not fit together, or nothing can be above 0.
    """

    low: tuple[float, ...]
    high: tuple[float, ...]
    anyone: tuple[Interval, ...] = ()

    def __post_init__(self) -> None:
        if len(self.low) != len(self.high):
            raise ValueError(f"expected as many lows as highs, found {self.low}, {self.high}")
        pairs = [*zip(self.low, self.high, strict=True), *self.anyone]
        for low, high in pairs:
            if not 0 <= low <= high < math.inf:
                raise ValueError(f"expected 0 <= low <= high, found {low} and {high}")
        if not any(high > 0 for _, high in pairs):
            raise ValueError("expected a supplier with an amount above 0, found none")


def herfindahl_bounds(box: Box) -> Interval:
    """
    Return the lowest and highest Herfindahl index over a box.

    Parameters
    ----------
    box : Box
        What each supplier may have delivered.

    Returns
    -------
    low, high : float
        Exact up to rounding: lowest where all amounts are as near as they can be to one level (the
        level that is the index times the sum), highest at a vertex; see
        :func:`flows.measure.box_vertices.find_highest`.

    Raises
    ------
    ValueError
        As :class:`Box`.

    Examples
    --------
    >>> herfindahl_bounds(Box(low=(1.0, 0.0), high=(1.0, 3.0)))
    (0.5, 1.0)
    """
    low, high = _apart(box)
    lowest = min(map(herfindahl, _levelled(low, high, lambda fixed: _divide(fixed**2, fixed))))
    return lowest, max(find_highest(*ends, HERFINDAHL) for ends in _together(box))


def entropy_bounds(box: Box) -> Interval:
    """
    Return the lowest and highest entropy over a box, in nats.

    Parameters
    ----------
    box : Box
        What each supplier may have delivered.

    Returns
    -------
    low, high : float
        Exact up to rounding: highest at one level, lowest at a vertex.

    Raises
    ------
    ValueError
        As :class:`Box`.

    Examples
    --------
    >>> low, high = entropy_bounds(Box(low=(1.0, 0.0), high=(1.0, 3.0)))
    >>> round(low, 6), round(high, 6)
    (0.0, 0.693147)
    """
    low, high = _apart(box)
    highest = max(map(entropy, _levelled(low, high, _entropy_level)))
    lowest = -max(find_highest(*ends, NEGATIVE_ENTROPY) for ends in _together(box))
    return max(0.0, lowest), highest


def ratio_bounds(box: Box, k: int) -> Interval:
    """
    Return the lowest and highest share of the k largest suppliers over a box.

    Parameters
    ----------
    box : Box
        What each supplier may have delivered.
    k : int
        How many suppliers.

    Returns
    -------
    low, high : float
        Lowest at one level, where the ratio is monotone between the ends of the intervals; highest
        with k suppliers at their high ends and the others at their low ends.

    Raises
    ------
    ValueError
        As :class:`Box`, or if ``k`` is not at least 1.

    References
    ----------
    .. [1] Dinkelbach, W. (1967). On nonlinear fractional programming. Management Science 13 (7),
       492-498.

    Examples
    --------
    >>> ratio_bounds(Box(low=(1.0, 0.0), high=(1.0, 3.0)), 1)
    (0.5, 1.0)
    """
    low, high = _apart(box)
    levelled = _levelled(low, high, lambda _: None)
    lowest = min(concentration_ratio(x, k) for x in levelled)
    return lowest, max(_highest_ratio(*ends, k) for ends in _together(box))


def _highest_ratio(low: Amounts, high: Amounts, k: int) -> float:
    ratio, found = -1.0, 0.0
    while found > ratio:
        ratio = found
        chosen = np.argsort(-((1 - ratio) * high + ratio * low), kind="stable")[:k]
        x = low.copy()
        x[chosen] = high[chosen]
        found = concentration_ratio(x, k) if math.fsum(x) > 0 else ratio
    return ratio


def _apart(box: Box) -> tuple[Amounts, Amounts]:
    """Return the box in which every unknown delivery is that of a supplier of its own."""
    low = [*box.low, *(one for one, _ in box.anyone)]
    high = [*box.high, *(one for _, one in box.anyone)]
    return np.array(low, dtype="float64"), np.array(high, dtype="float64")


def _together(box: Box) -> Iterable[tuple[Amounts, Amounts]]:
    """Yield the boxes in which all unknown deliveries are those of one supplier, named or not."""
    low, high = np.array([*box.low, 0.0]), np.array([*box.high, 0.0])
    if not box.anyone:
        yield low, high
        return
    for place in range(len(low)):
        more_low, more_high = low.copy(), high.copy()
        more_low[place] += math.fsum(one for one, _ in box.anyone)
        more_high[place] += math.fsum(one for _, one in box.anyone)
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
