"""Values in canonical form: their digits do not hang on the machine that computed them."""

import math
from collections.abc import Collection, Iterable

import numpy as np
import pandas as pd

PUBLISHED_DIGITS = 14
"""Significant digits of a published figure, or of a sum of them; see docs/decisions/009."""

ESTIMATE_DIGITS = 8
"""Significant digits of everything else: the noise of arithmetic begins at the fifteenth."""

_NOISE = 4 * np.finfo(np.float64).eps
_PLACES = 10
_INTEGERS = 2.0**53
"""Up to here a float holds every integer."""

_COUNTS = 1e12
"""Up to here a whole number is a count, and no estimate that happens to be one."""


def canonical(value: float, *, exact: bool = False) -> float:
    """Return a value with as many significant digits as are the same on every machine."""
    value = float(value)
    if value.is_integer() and abs(value) < _COUNTS:
        return value + 0.0
    digits = PUBLISHED_DIGITS if exact else ESTIMATE_DIGITS
    return float(f"{value:.{digits - 1}e}") + 0.0


def canonical_frame(frame: pd.DataFrame, *, exact: Collection[str] = ()) -> pd.DataFrame:
    """Return a copy of a frame whose floats are canonical; ``exact`` names published columns."""
    made = frame.copy()
    for place, name in enumerate(made):
        column = made.iloc[:, place]
        if pd.api.types.is_float_dtype(column.dtype):
            cells = [canonical(cell, exact=name in exact) for cell in column]
            made.isetitem(place, np.array(cells, dtype=np.float64))
        elif column.dtype == object:
            made.isetitem(place, column.map(_cell).astype(object).to_numpy())
    return made


def exact_sum(values: Iterable[float]) -> float:
    """Add published figures as the decimals that they are, and anything else without rounding."""
    terms = np.fromiter(values, dtype=np.float64)
    if not np.isfinite(terms).all():
        return math.fsum(terms)
    for places in range(_PLACES + 1):
        scaled = terms * 10.0**places
        whole = np.rint(scaled)
        if np.abs(whole).max(initial=0.0) > _INTEGERS:
            break
        if (np.abs(scaled - whole) <= _NOISE * np.abs(scaled)).all():
            return float(sum(map(int, whole)) / 10**places)
    return math.fsum(terms)


def _cell(cell: object) -> object:
    return canonical(cell) if isinstance(cell, float) else cell
