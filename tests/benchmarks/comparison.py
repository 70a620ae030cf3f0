"""A statistic that others computed beside ours, and the files that say what to expect."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from flows.models.sample import FloatArray

REFERENCE = Path(__file__).resolve().parents[1] / "reference"

ROUNDING = 1e-10
"""Two programs in double precision, after the condition of the regressors (1e3) has multiplied."""

RECURSION = 1e-9
"""The same where one of them adds up recursive residuals."""

CLOSED_FORM = 1e-12
"""Absolute, of a probability."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """A statistic that somebody else computed, and ours; ``tolerance`` 0 asks for the same."""

    statistic: str
    source: str
    expected: Any
    found: Any
    tolerance: float = 0.0
    relative: bool = True

    @property
    def difference(self) -> float:
        """Distance, relative to what is expected unless it is of a probability or a rounding."""
        if self.tolerance == 0:
            return float(self.expected != self.found)
        distance = abs(self.found - self.expected)
        return float(distance / abs(self.expected) if self.relative else distance)

    @property
    def holds(self) -> bool:
        """Whether the difference is within the tolerance."""
        return self.difference <= self.tolerance


def furthest(
    statistic: str,
    source: str,
    expected: ArrayLike,
    found: ArrayLike,
    tolerance: float,
    *,
    relative: bool = True,
) -> Comparison:
    """Compare two arrays by the element that is furthest off."""
    theirs, ours = np.ravel(expected).astype(float), np.ravel(found).astype(float)
    distance = np.abs(ours - theirs) / (np.abs(theirs) if relative else 1.0)
    worst = int(np.argmax(distance))
    name = f"{statistic}, {len(theirs)} values"
    return Comparison(
        name, source, float(theirs[worst]), float(ours[worst]), tolerance, relative=relative
    )


def read(name: str) -> Any:
    """Return what a file of ``tests/reference`` holds."""
    return json.loads((REFERENCE / f"{name}.json").read_text())


def nile() -> FloatArray:
    """Return the flow of the Nile, 1871-1970."""
    return np.array(read("sandwich")["data"]["nile"]["values"], dtype=float)
