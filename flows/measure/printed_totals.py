"""A printed total that differs from the sum of its printed cells: by rounding, or by more."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Cause = Literal["equal", "rounding", "not rounding"]


@dataclass(frozen=True, slots=True)
class PrintedTotal:
    """
    A printed total beside the sum of its cells.

    Parameters
    ----------
    printed, total_of_cells, difference : float
        The total as printed, the sum of the printed cells, and the first less the second.
    low, high : float
        What the printed total can be if cells and total are rounded from the same raw values.
    cause : {"equal", "rounding", "not rounding"}
        ``rounding`` if the printed total is between ``low`` and ``high``.
    cells : int
        How many cells.
    """

    printed: float
    total_of_cells: float
    difference: float
    low: float
    high: float
    cause: Cause
    cells: int

    def summary(self) -> str:
        """
        Say what the difference is and where it comes from.

        Returns
        -------
        str
            One sentence.
        """
        told = f"{self.cells} printed cells add up to {self.total_of_cells:g}"
        if self.cause == "equal":
            return f"{told}, as the printed total."
        why = (
            "cells and total are each rounded from raw values, which allows"
            if self.cause == "rounding"
            else "that is more than rounding, which allows"
        )
        return (
            f"{told}, the printed total is {self.printed:g} ({self.difference:+g}): {why} "
            f"{self.low:g} to {self.high:g}."
        )


def explain_total(cells: Iterable[float], *, printed: float, half: float) -> PrintedTotal:
    """
    Explain a printed total beside its printed cells; neither is corrected.

    Parameters
    ----------
    cells : iterable of float
        Printed cells; a printed 0 stands for less than ``half``, an empty cell is none.
    printed : float
        The printed total.
    half : float
        Half a unit of the last printed place: 0.5 in SIPRI's tables.

    Returns
    -------
    PrintedTotal

    Raises
    ------
    ValueError
        If there is no cell, one is negative or not finite, or ``half`` is not above 0.

    Examples
    --------
    >>> found = explain_total([3, 0, 0, 0], printed=4, half=0.5)
    >>> found.cause, found.difference, found.low, found.high
    ('rounding', 1.0, 2.0, 5.5)
    """
    values = [float(cell) for cell in cells]
    if not values:
        raise ValueError("cells: expected at least one, found none")
    wrong = [value for value in (*values, printed) if not 0 <= value < math.inf]
    if wrong:
        raise ValueError(f"expected finite numbers of at least 0, found {wrong[0]}")
    if half <= 0:
        raise ValueError(f"half: expected more than 0, found {half}")
    total = math.fsum(values)
    low = math.fsum(max(value - half, 0.0) for value in values) - half
    high = math.fsum(value + half for value in values) + half
    inside = low <= printed <= high
    return PrintedTotal(
        printed=printed,
        total_of_cells=total,
        difference=printed - total,
        low=max(low, 0.0),
        high=high,
        cause="equal" if printed == total else "rounding" if inside else "not rounding",
        cells=len(values),
    )
