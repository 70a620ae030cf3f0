"""What a trend fit found: growth in percent a year and the line behind it."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from scipy.special import expit

from flows.models.diagnostics import Diagnostics
from flows.models.results import describe_left_out, interval, summary_text, tidy_frame

Form = Literal["log", "level", "poisson", "logit"]

GROWTH_FORMS = ("log", "poisson")
"""Forms in which a straight line is constant growth."""


@dataclass(frozen=True, slots=True)
class TrendFit:
    """
    A straight line through a series, in its logarithm or in its level.

    Parameters
    ----------
    form : {"log", "level", "poisson", "logit"}
        What is a straight line in time: the logarithm, the level, the logarithm of the mean, or
        the log odds of a share.
    params, std_errors, pvalues : pandas.Series
        Index ``const``, ``trend``. ``const`` is the fitted value in the first period used;
        ``trend`` is a year's change, in log points, units of the series, or log odds.
    covariance : pandas.DataFrame
        Covariance of ``params``.
    df : float
        Degrees of freedom of Student's t behind ``pvalues`` and intervals.
    convention : str
        How ``covariance`` was estimated.
    lags : int, optional
        Lags of the kernel, where there is one.
    level : float
        Coverage of intervals unless another is asked for.
    nobs : int
        Observations used.
    left_out : pandas.Series
        Reason for each row of the series that is not used, by period.
    fitted, resids : pandas.Series
        By period. ``fitted`` is on the scale of the straight line, ``resids`` too, except for
        ``"poisson"`` and ``"logit"``, where they are values less fitted means.
    fitted_std_errors : pandas.Series
        Standard error of the line itself, by period, as ``fitted``.
    r_squared : float
        Share of the variance that the line explains; of the deviance for ``"poisson"`` and
        ``"logit"``.
    diagnostics : Diagnostics
        Tests of the residuals, influence of each period, effective observations.
    """

    form: Form
    params: pd.Series
    std_errors: pd.Series
    pvalues: pd.Series
    covariance: pd.DataFrame
    df: float
    convention: str
    lags: int | None
    level: float
    nobs: int
    left_out: pd.Series
    fitted: pd.Series
    resids: pd.Series
    fitted_std_errors: pd.Series
    r_squared: float
    diagnostics: Diagnostics

    @property
    def slope(self) -> float:
        """Change a year on the scale of the straight line."""
        return float(self.params["trend"])

    @property
    def growth_pct(self) -> float:
        """
        Growth in percent a year.

        Returns
        -------
        float
            ``100 * (exp(slope) - 1)``.

        Raises
        ------
        ValueError
            For ``"level"`` and ``"logit"``, which grow at no constant rate.
        """
        self._check_growth()
        return float(100 * np.expm1(self.slope))

    def growth_interval(self, *, level: float | None = None) -> tuple[float, float]:
        """
        Return the interval of ``growth_pct``.

        Parameters
        ----------
        level : float, optional
            Coverage; the fit's own if not given.

        Returns
        -------
        tuple of float
            Low and high, in percent a year: the ends of the slope's interval, transformed.

        Raises
        ------
        ValueError
            For ``"level"`` and ``"logit"``, or if ``level`` is not between 0 and 1.
        """
        self._check_growth()
        low, high = self.conf_int(level=level).loc["trend"].to_numpy()
        return float(100 * np.expm1(low)), float(100 * np.expm1(high))

    def line_interval(self, *, level: float | None = None) -> pd.DataFrame:
        """
        Return the line and its interval in the units of the series.

        Parameters
        ----------
        level : float, optional
            Coverage at each period; the fit's own if not given.

        Returns
        -------
        pandas.DataFrame
            Columns ``fitted``, ``low``, ``high``; one row a period. For ``"log"`` the
            exponential of the line: the median of the series, not its mean; for ``"poisson"`` the
            mean, for ``"logit"`` the mean share.

        Raises
        ------
        ValueError
            If ``level`` is not between 0 and 1.
        """
        asked = self.level if level is None else level
        ends = interval(self.fitted, self.fitted_std_errors, df=self.df, level=asked)
        line = ends.assign(fitted=self.fitted)[["fitted", "low", "high"]]
        scales: dict[str, Callable[[float], float]] = {
            "log": math.exp,
            "poisson": math.exp,
            "logit": expit,
        }
        return line.map(scales[self.form]) if self.form in scales else line

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
            Estimates, convention of the errors, rows left out; no date or time.
        """
        facts = [
            ("periods", f"{self.fitted.index[0]} to {self.fitted.index[-1]}"),
            ("nobs", str(self.nobs)),
            ("left out", describe_left_out(self.left_out)),
            ("errors", f"{self.convention}; t({self.df:g})"),
            ("interval", f"{self.level:.0%}"),
            ("R squared", f"{self.r_squared:.4f}"),
            *self.diagnostics.facts(),
        ]
        if self.form in GROWTH_FORMS:
            low, high = self.growth_interval()
            growth = f"{self.growth_pct:.2f} % a year [{low:.2f}, {high:.2f}]"
            facts.insert(0, ("growth", growth))
        return summary_text(f"Trend in the {_NAMES[self.form]}", facts, self.tidy())

    def _check_growth(self) -> None:
        if self.form not in GROWTH_FORMS:
            raise ValueError(
                f"a straight line in the {_NAMES[self.form]} grows at no constant rate: "
                "read slope, or fit with form='log' or 'poisson'"
            )


_NAMES: dict[str, str] = {
    "log": "logarithm",
    "level": "level",
    "poisson": "logarithm of the mean",
    "logit": "log odds",
}
