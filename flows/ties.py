"""The rule for ties: what differs by rounding alone is equal, and of equals the first is taken."""

import math

import numpy as np
import numpy.typing as npt

TIE = 1e-9
"""Differences of this size, relative to the values, are taken for rounding."""


def first_minimum(values: npt.ArrayLike, tolerance: float = TIE) -> int:
    """
    Return the first position whose value is the least, or as near to it as rounding.

    Near is within ``tolerance`` times the largest finite amount; NaN is never taken.
    """
    return first_maximum(-np.asarray(values, dtype=np.float64), tolerance)


def first_maximum(values: npt.ArrayLike, tolerance: float = TIE) -> int:
    """
    Return the first position whose value is the greatest, or as near to it as rounding.

    Near is within ``tolerance`` times the largest finite amount; NaN is never taken.
    """
    found = np.asarray(values, dtype=np.float64).ravel()
    if np.isnan(found).all():
        raise ValueError(f"expected a number to choose among, found {found.tolist()}")
    greatest = np.nanmax(found)
    if np.isinf(greatest):
        return int(np.argmax(found == greatest))
    size = np.abs(found[np.isfinite(found)]).max()
    return int(np.argmax(found >= greatest - tolerance * size))


def at_least(values: npt.ArrayLike, bound: float, tolerance: float = TIE) -> npt.NDArray[np.bool_]:
    """Return which values reach a bound, those included that rounding alone keeps below it."""
    lowered = bound - tolerance * abs(bound) if np.isfinite(bound) else bound
    return np.asarray(np.asarray(values, dtype=np.float64) >= lowered)


def floor_of(value: float, tolerance: float = TIE) -> int:
    """Return the whole number below, or the one above where rounding alone is between."""
    return math.floor(value + tolerance * max(1.0, abs(value)))
