"""What a search for breaks found, with dates as people write them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from flows.errors import SampleError
from flows.models.break_dates import Shift
from flows.models.break_intervals import break_interval
from flows.models.hypothesis import HypothesisTest
from flows.models.regimes import RegimeErrors
from flows.models.results import describe_left_out, summary_text
from flows.models.sample import IntArray

Regime = Literal["mean", "trend"]


@dataclass(frozen=True, slots=True)
class BreakFit:
    """
    Regimes of one series, their dates, and the tests behind them.

    Parameters
    ----------
    regime : {"mean", "trend"}
        What is constant within a regime.
    break_dates : pandas.Index
        First period of each new regime.
    chosen_by : str
        How the number of breaks was chosen.
    criteria : pandas.DataFrame
        Columns ``rss``, ``aic``, ``bic``, ``lwz``; one row a number of breaks, index ``breaks``.
    tests : Mapping
        Tests by name.
    regimes : pandas.DataFrame
        One row a regime: ``start``, ``end``, ``nobs``, and a column a coefficient. ``const`` is the
        level, or the line's value in the first period of the sample; ``trend`` is a year's change.
    f_path : pandas.Series
        F statistic of one break by the first period of the new regime.
    fitted, resids : pandas.Series
        By period.
    errors : str
        Covariance behind tests and intervals.
    shortest : int
        Fewest observations of a regime.
    level : float
        Coverage of intervals unless another is asked for.
    left_out : pandas.Series
        Reason for each row of the series that is not used, by period.
    positions : numpy.ndarray
        Breaks as observations counted from 0, behind ``break_dates``.
    shifts : tuple
        What each interval depends on; see :class:`flows.models.break_dates.Shift`.
    """

    regime: Regime
    break_dates: pd.Index
    chosen_by: str
    criteria: pd.DataFrame
    tests: Mapping[str, HypothesisTest]
    regimes: pd.DataFrame
    f_path: pd.Series
    fitted: pd.Series
    resids: pd.Series
    errors: RegimeErrors
    shortest: int
    level: float
    left_out: pd.Series
    positions: IntArray
    shifts: tuple[Shift | None, ...]

    @property
    def nobs(self) -> int:
        """Number of observations used."""
        return len(self.fitted)

    def conf_int(self, *, level: float | None = None) -> pd.DataFrame:
        """
        Return the interval of each break date.

        Parameters
        ----------
        level : float, optional
            Coverage; the fit's own if not given.

        Returns
        -------
        pandas.DataFrame
            Columns ``low``, ``high``, periods kept within the sample, missing where the noise on
            both sides is too different for an interval; one row a break, index ``break_date``.

        Raises
        ------
        ValueError
            If ``level`` is not between 0 and 1.
        """
        asked = self.level if level is None else level
        ends = [
            self._ends(int(at), shift, asked)
            for at, shift in zip(self.positions, self.shifts, strict=True)
        ]
        return pd.DataFrame(
            ends, columns=["low", "high"], index=self.break_dates.rename("break_date")
        )

    def tidy(self) -> pd.DataFrame:
        """
        Return the breaks as a frame.

        Returns
        -------
        pandas.DataFrame
            Columns ``low``, ``high``, ``before``, ``after`` (the level on both sides of the
            break); one row a break, index ``break_date``.
        """
        before = [self.fitted.iloc[at - 1] for at in self.positions]
        after = [self.fitted.iloc[at] for at in self.positions]
        return self.conf_int().assign(before=before, after=after)

    def summary(self) -> str:
        """
        Print the breaks for a person.

        Returns
        -------
        str
            Dates with intervals, tests, choice and rows left out; no date or time of printing.
        """
        dates = [
            f"{date} [{low}, {high}]"
            for date, low, high in self.conf_int().itertuples(index=True, name=None)
        ]
        facts = [
            ("breaks", ", ".join(dates) or "none"),
            ("chosen by", self.chosen_by),
            ("periods", f"{self.fitted.index[0]} to {self.fitted.index[-1]}"),
            ("nobs", f"{self.nobs}, at least {self.shortest} a regime"),
            ("left out", describe_left_out(self.left_out)),
            ("errors", self.errors),
            ("interval", f"{self.level:.0%}"),
            *(("test", str(test)) for test in self.tests.values()),
        ]
        return summary_text(f"Breaks in the {self.regime}", facts, self.regimes)

    def _ends(self, at: int, shift: Shift | None, level: float) -> tuple[object, object]:
        if shift is None:
            return None, None
        try:
            low, high = break_interval(at, shift, level=level)
        except SampleError:
            return None, None
        last = self.nobs - 1
        index = self.fitted.index
        return index[min(max(low, 0), last)], index[min(max(high, 0), last)]
