"""Digits that do not hang on the machine: canonical values, exact sums, one rule for ties."""

import math
from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt

PUBLISHED_DIGITS = 14
"""Significant digits of a published figure, or of a sum of them; see docs/decisions/009."""

ESTIMATE_DIGITS = 8
"""Significant digits of everything else: the noise of arithmetic begins at the fifteenth."""

MINUS = "\N{MINUS SIGN}"
"""What a negative number is printed with."""

TIE = 1e-9
"""Differences of this size, relative to the values, are taken for rounding."""

_PLACES = 10
_INTEGERS = 2.0**53
"""Up to here a float holds every integer."""

_COUNTS = 1e12
"""Up to here a whole number is a count, and no estimate that happens to be one."""


def canonical(value: float, *, exact: bool = False) -> float:
    """
    Return a value with as many significant digits as are the same on every machine.

    ``exact``: it is a published figure, or a sum or difference of such, and keeps all its digits.
    """
    value = float(value)
    if value.is_integer() and abs(value) < _COUNTS:
        return value + 0.0
    digits = PUBLISHED_DIGITS if exact else ESTIMATE_DIGITS
    return float(f"{value:.{digits - 1}e}") + 0.0


def print_value(value: float, digits: int, *, exact: bool = False) -> str:
    """
    Print a value as the report does: from its canonical form, with ``digits`` decimals.

    Parameters
    ----------
    value : float
        Finite.
    digits : int
        Decimals.
    exact : bool
        Whether it is a published figure, or a sum or difference of such, of which no digit is lost;
        any other value is taken with eight significant digits.

    Returns
    -------
    str
        Thousands with commas, a minus sign where it is negative; what rounds to zero has no sign.

    Raises
    ------
    ValueError
        If the value is not finite.

    Examples
    --------
    >>> print_value(-1234.56, 1), print_value(-0.04, 1)
    ('−1,234.6', '0.0')
    """
    if not abs(value) < float("inf"):
        raise ValueError(f"expected a finite value to print, found {value}")
    return f"{canonical(value, exact=exact):z,.{digits}f}".replace("-", MINUS)


def shared_decimals(values: Iterable[float], *, most: int) -> int:
    """
    Return with how many decimals published figures are printed beside each other.

    As many as they have, ``most`` at the most, and none if one of them is whole: that one is known
    no better, and a column has one format.

    >>> shared_decimals([205.91, 304.5], most=2), shared_decimals([205.91, 412.0], most=2)
    (2, 0)
    """
    exact = [canonical(value, exact=True) for value in values if math.isfinite(value)]
    needed = [
        next((places for places in range(most) if round(value, places) == value), most)
        for value in exact
    ]
    return 0 if 0 in needed else max(needed, default=most)


def exact_sum(values: Iterable[float]) -> float:
    """
    Add published figures as the decimals that they are, and anything else without rounding.

    >>> 0.1 + 0.2 + 0.3, exact_sum([0.1, 0.2, 0.3])
    (0.6000000000000001, 0.6)
    """
    terms = np.fromiter(values, dtype=np.float64)
    if not np.isfinite(terms).all():
        return math.fsum(terms)
    for places in range(_PLACES + 1):
        whole = np.rint(terms * 10.0**places)
        if np.abs(whole).max(initial=0.0) > _INTEGERS:
            break
        if (whole / 10.0**places == terms).all():
            return float(sum(map(int, whole)) / 10**places)
    return math.fsum(terms)


def exact_sums(
    values: npt.NDArray[np.float64], groups: npt.NDArray[np.integer[Any]], count: int
) -> npt.NDArray[np.float64]:
    """
    Add published figures by group, each sum as :func:`exact_sum` has it.

    ``groups``: the number of each value's group, from 0 to ``count - 1``, shape of ``values``.

    >>> exact_sums(np.array([0.1, 0.2, 0.3, 1.0]), np.array([0, 0, 0, 1]), 2).tolist()
    [0.6, 1.0]
    """
    added, is_open = np.zeros(count), np.ones(count, dtype=np.bool_)
    for places in range(_PLACES + 1):
        whole = np.rint(values * 10.0**places)
        held = (whole / 10.0**places == values) & (np.abs(whole) <= _INTEGERS)
        whole = np.where(held, whole, 0.0)
        settled = is_open & (np.bincount(groups, weights=~held, minlength=count) == 0)
        settled &= np.bincount(groups, weights=np.abs(whole), minlength=count) <= _INTEGERS
        sums = np.bincount(groups, weights=whole, minlength=count)
        added[settled] = sums[settled] / 10.0**places
        is_open &= ~settled
        values, groups = values[is_open[groups]], groups[is_open[groups]]
        if not len(values):
            return added
    added[groups] = values
    several = (np.bincount(groups, minlength=count) > 1)[groups]
    order = np.flatnonzero(several)[np.argsort(groups[several], kind="stable")]
    held, starts = np.unique(groups[order], return_index=True)
    for group, part in zip(held, np.split(values[order], starts[1:]), strict=False):
        added[group] = exact_sum(part)
    return added


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


def first_maxima(values: npt.NDArray[np.float64], tolerance: float = TIE) -> npt.NDArray[np.int64]:
    """Return :func:`first_maximum` of each column of finite values: of their first axis."""
    size = np.abs(values).max(axis=0)
    return np.asarray(np.argmax(values >= values.max(axis=0) - tolerance * size, axis=0))


def at_least(values: npt.ArrayLike, bound: float, tolerance: float = TIE) -> npt.NDArray[np.bool_]:
    """Return which values reach a bound, those included that rounding alone keeps below it."""
    lowered = bound - tolerance * abs(bound) if np.isfinite(bound) else bound
    return np.asarray(np.asarray(values, dtype=np.float64) >= lowered)


def floor_of(value: float, tolerance: float = TIE) -> int:
    """Return the whole number below, or the one above where rounding alone is between."""
    return math.floor(value + tolerance * max(1.0, abs(value)))
