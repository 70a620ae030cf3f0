"""One question, several estimators: growth in percent a year, side by side."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd

from flows.models.results import check_level

_AT_LEAST = 5


@dataclass(frozen=True, slots=True)
class GrowthEstimate:
    """
    Growth by one estimator.

    Parameters
    ----------
    growth_pct, low, high : float
        Percent a year, with an interval.
    nobs : int
        Observations used.
    answers : str
        Which question this estimator answers.
    """

    growth_pct: float
    low: float
    high: float
    nobs: int
    answers: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """
    Estimates side by side, and where they disagree.

    Parameters
    ----------
    table : pandas.DataFrame
        Columns ``growth_pct``, ``low``, ``high``, ``nobs``, ``answers``; one row an estimator.
    apart : tuple of (str, str)
        Pairs of estimators whose intervals do not overlap.
    level : float
        Coverage of the intervals.
    """

    table: pd.DataFrame
    apart: tuple[tuple[str, str], ...]
    level: float

    @property
    def same_sign(self) -> bool:
        """Whether every estimate says growth, or every one decline."""
        return bool(np.ptp(np.sign(self.table["growth_pct"])) == 0)

    def tidy(self) -> pd.DataFrame:
        """
        Return the estimates as a frame.

        Returns
        -------
        pandas.DataFrame
            :attr:`table`, a new frame.
        """
        return self.table.copy()

    def summary(self) -> str:
        """
        Print the comparison for a person.

        Returns
        -------
        str
            One line an estimator, and whether they agree.
        """
        lines = [
            f"{name:<18} {growth:8.2f} % a year [{low:.2f}, {high:.2f}]  {answers}"
            for name, growth, low, high, _, answers in self.table.itertuples(name=None)
        ]
        pairs = "; ".join(f"{one} and {other}" for one, other in self.apart)
        verdict = f"intervals apart: {pairs}" if pairs else "all intervals overlap"
        sign = "one sign" if self.same_sign else "signs differ"
        return "\n".join(
            [f"Growth by estimator, {self.level:.0%} intervals", *lines, verdict, sign]
        )


def compare_fits(estimates: Mapping[str, GrowthEstimate], *, level: float = 0.95) -> Comparison:
    """
    Put growth estimates side by side.

    Parameters
    ----------
    estimates : Mapping
        Estimates by name, all with intervals of ``level``, as
        :func:`flows.models.growth_estimators.estimate_growth` returns them.
    level : float
        Coverage of their intervals.

    Returns
    -------
    Comparison
        The table, and pairs whose intervals do not overlap.

    Raises
    ------
    ValueError
        If there is no estimate, or ``level`` is not between 0 and 1.

    Examples
    --------
    >>> one = GrowthEstimate(2.0, 1.0, 3.0, 9, "line")
    >>> other = GrowthEstimate(5.0, 4.0, 6.0, 9, "ends")
    >>> compare_fits({"OLS": one, "differences": other}).apart
    (('OLS', 'differences'),)
    """
    if not estimates:
        raise ValueError("expected at least one estimate to compare")
    columns = ["growth_pct", "low", "high", "nobs", "answers"]
    rows = [[getattr(found, name) for name in columns] for found in estimates.values()]
    table = pd.DataFrame(rows, columns=columns, index=pd.Index(estimates, name="estimator"))
    apart = tuple(
        (one, other)
        for one, other in combinations(estimates, 2)
        if estimates[one].high < estimates[other].low or estimates[other].high < estimates[one].low
    )
    return Comparison(table, apart, check_level(level))
