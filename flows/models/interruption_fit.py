"""What a known date did to a line."""

from dataclasses import dataclass
from typing import Literal

import pandas as pd

from flows.models.hypothesis import HypothesisTest
from flows.models.results import describe_left_out, interval, summary_text, tidy_frame

InterruptionForm = Literal["log", "level"]


@dataclass(frozen=True, slots=True)
class InterruptionFit:
    """
    A line that may jump and bend at a known date.

    Parameters
    ----------
    at : pandas.Period or int
        First period of the new regime.
    form : {"log", "level"}
        Scale of the line.
    params, std_errors, pvalues : pandas.Series
        Index ``const``, ``trend``, ``level_change``, ``slope_change`` and seasonal terms.
        ``level_change`` is the jump in the first period of the new regime, ``slope_change`` the
        change of a year's change; in log points for ``form="log"``.
    df : float
        Degrees of freedom of Student's t.
    convention : str
        How standard errors were estimated.
    test : HypothesisTest
        That neither level nor slope changes.
    placebo : pandas.Series
        The statistic of that test at each date before ``at``, from the observations before it.
    placebo_pvalue : float
        Share of dates, the true one among them, whose statistic is at least as large; NaN where no
        date before has room.
    compared : bool
        Whether a comparison series was taken off.
    level : float
        Coverage of intervals unless another is asked for.
    fitted, resids : pandas.Series
        By period, on the scale of the line.
    left_out : pandas.Series
        Reason for each row of the series that is not used, by period.
    """

    at: object
    form: InterruptionForm
    params: pd.Series
    std_errors: pd.Series
    pvalues: pd.Series
    df: float
    convention: str
    test: HypothesisTest
    placebo: pd.Series
    placebo_pvalue: float
    compared: bool
    level: float
    fitted: pd.Series
    resids: pd.Series
    left_out: pd.Series

    @property
    def nobs(self) -> int:
        """Number of observations used."""
        return len(self.fitted)

    def conf_int(self, *, level: float | None = None) -> pd.DataFrame:
        """
        Return the interval of each coefficient.

        Parameters
        ----------
        level : float, optional
            Coverage; the fit's own if not given.

        Returns
        -------
        pandas.DataFrame
            Columns ``low``, ``high``; one row a coefficient.

        Raises
        ------
        ValueError
            If ``level`` is not between 0 and 1.
        """
        asked = self.level if level is None else level
        return interval(self.params, self.std_errors, df=self.df, level=asked)

    def tidy(self) -> pd.DataFrame:
        """
        Return the estimates as a frame.

        Returns
        -------
        pandas.DataFrame
            Columns ``estimate``, ``std_error``, ``pvalue``, ``low``, ``high``; one row a
            coefficient.
        """
        return tidy_frame(self.params, self.std_errors, self.pvalues, self.conf_int())

    def summary(self) -> str:
        """
        Print the fit for a person.

        Returns
        -------
        str
            Date, tests, placebo dates, convention and estimates; no date or time of printing.
        """
        placebo = f"{len(self.placebo)} dates, p = {self.placebo_pvalue:.3f}"
        facts = [
            ("periods", f"{self.fitted.index[0]} to {self.fitted.index[-1]}"),
            ("nobs", str(self.nobs)),
            ("left out", describe_left_out(self.left_out)),
            ("compared", "with another series" if self.compared else "with its own past"),
            ("test", str(self.test)),
            ("placebo", placebo if len(self.placebo) else "no date before has room"),
            ("errors", f"{self.convention}; t({self.df:g})"),
        ]
        return summary_text(f"Interruption at {self.at}", facts, self.tidy())
