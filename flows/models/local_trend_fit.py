"""What was found behind a noisy series: a drifting level, its slope, and where they lead."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from scipy import stats

from flows.models.results import check_level, describe_left_out, summary_text

Kind = Literal["level", "trend"]
LocalForm = Literal["log", "level"]

SPECIFICATIONS = {"level": "local level", "trend": "local linear trend"}
"""Names of the models."""


@dataclass(frozen=True, slots=True)
class LocalTrendFit:
    """
    An unobserved level, with or without a slope, behind a noisy series.

    Parameters
    ----------
    kind : {"level", "trend"}
        Whether the level is a random walk alone or has a slope that is one.
    form : {"log", "level"}
        Scale of the series.
    variances : pandas.Series
        Of the noise (``irregular``) and of a period's shocks to ``level``, ``slope`` and
        ``seasonal``, on that scale; exactly 0 where none is more likely than a little.
    loglik : float
        Diffuse log-likelihood; infinite where the model fits every value but for rounding.
    states : pandas.DataFrame
        Smoothed ``level`` and ``level_std_error``, and for ``kind="trend"`` ``slope`` and
        ``slope_std_error`` in change a year; one row a calendar period, missing ones included.
    forecasts : pandas.DataFrame
        Columns ``mean``, ``std_error`` of the series itself; one row a period after the last.
    level : float
        Coverage of intervals unless another is asked for.
    nobs : int
        Observations used.
    left_out : pandas.Series
        Reason for each row of the series that is not used, by period.
    """

    kind: Kind
    form: LocalForm
    variances: pd.Series
    loglik: float
    states: pd.DataFrame
    forecasts: pd.DataFrame
    level: float
    nobs: int
    left_out: pd.Series

    def bands(self, *, level: float | None = None) -> pd.DataFrame:
        """
        Return the smoothed level with its interval in the units of the series.

        Parameters
        ----------
        level : float, optional
            Coverage at each period; the fit's own if not given.

        Returns
        -------
        pandas.DataFrame
            Columns ``fitted``, ``low``, ``high``; one row a calendar period.

        Raises
        ------
        ValueError
            If ``level`` is not between 0 and 1.
        """
        return self._interval(self.states["level"], self.states["level_std_error"], level)

    def forecast_interval(self, *, level: float | None = None) -> pd.DataFrame:
        """
        Return forecasts with their interval in the units of the series.

        Parameters
        ----------
        level : float, optional
            Coverage at each period; the fit's own if not given.

        Returns
        -------
        pandas.DataFrame
            Columns ``fitted``, ``low``, ``high``; one row a period. Variances are taken as known.

        Raises
        ------
        ValueError
            If ``level`` is not between 0 and 1.
        """
        return self._interval(self.forecasts["mean"], self.forecasts["std_error"], level)

    def tidy(self) -> pd.DataFrame:
        """
        Return the variances as a frame.

        Returns
        -------
        pandas.DataFrame
            Column ``estimate``; one row a source of noise, index ``term``.
        """
        return self.variances.to_frame("estimate").rename_axis("term")

    def summary(self) -> str:
        """
        Print the fit for a person.

        Returns
        -------
        str
            Scale, likelihood, last level and slope, variances; no date or time of printing.
        """
        last = self.states.iloc[-1]
        facts = [
            ("periods", f"{self.states.index[0]} to {self.states.index[-1]}"),
            ("nobs", f"{self.nobs} of {len(self.states)} periods"),
            ("left out", describe_left_out(self.left_out)),
            ("start", "exact diffuse"),
            ("loglik", f"{self.loglik:.4f}"),
            ("last level", f"{last['level']:.6g} (s.e. {last['level_std_error']:.3g})"),
        ]
        if np.isinf(self.loglik):
            facts.append(("noise", "none: the model fits every value but for rounding"))
        if self.kind == "trend":
            slope = f"{last['slope']:.4g} a year (s.e. {last['slope_std_error']:.3g})"
            facts.append(("last slope", slope))
        scale = "logarithm" if self.form == "log" else "level"
        title = f"{SPECIFICATIONS[self.kind].capitalize()} in the {scale}"
        return summary_text(title, facts, self.tidy())

    def _interval(
        self, middle: pd.Series, std_error: pd.Series, level: float | None
    ) -> pd.DataFrame:
        asked = check_level(self.level if level is None else level)
        half = stats.norm.ppf(0.5 + asked / 2) * std_error
        frame = pd.DataFrame({"fitted": middle, "low": middle - half, "high": middle + half})
        return frame.apply(np.exp) if self.form == "log" else frame
