"""The trend of a share: log odds that move on a straight line, told in percentage points a year."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import expit, stdtrit

from flows.models.results import Estimates, check_level
from flows.models.standard_errors import LagRule, StandardError
from flows.models.trend import TrendFit, average_change, fit_trend
from flows.results import Card, print_interval


@dataclass(frozen=True, slots=True, repr=False)
class ShareTrend(Estimates):
    """
    A straight line in the log odds of a share, and what it means in percentage points.

    Parameters
    ----------
    fit : TrendFit
        The line; ``form="logit"``.
    change : float
        Percentage points a year: the mean, over the years of the sample, of the slope of the
        fitted share.
    change_std_error : float
        Its standard error, by the delta method.
    """

    fit: TrendFit
    change: float
    change_std_error: float

    @property
    def params(self) -> pd.Series:
        """Coefficients in log odds, index ``const``, ``trend``."""
        return self.fit.params

    @property
    def std_errors(self) -> pd.Series:
        """Standard errors of ``params``."""
        return self.fit.std_errors

    @property
    def pvalues(self) -> pd.Series:
        """P-values of ``params``; that of ``trend`` is that of no change of the share."""
        return self.fit.pvalues

    @property
    def nobs(self) -> int:
        """Years used."""
        return self.fit.nobs

    @property
    def df(self) -> float:
        """Degrees of freedom of the fit."""
        return self.fit.df

    @property
    def level(self) -> float:
        """Coverage of the intervals, if no other is asked for."""
        return self.fit.level

    def change_interval(self, *, level: float | None = None) -> tuple[float, float]:
        """
        Return the interval of ``change``.

        Parameters
        ----------
        level : float, optional
            Coverage; the fit's own if not given.

        Returns
        -------
        tuple of float
            Low and high, percentage points a year, by Student's t with the degrees of freedom of
            the fit.

        Raises
        ------
        ValueError
            If ``level`` is not between 0 and 1.
        """
        coverage = check_level(self.level if level is None else level)
        reach = float(stdtrit(self.fit.df, (1 + coverage) / 2)) * self.change_std_error
        return self.change - reach, self.change + reach

    def tidy(self, *, level: float | None = None) -> pd.DataFrame:
        """
        Return the estimates as a frame.

        Parameters
        ----------
        level : float, optional
            Coverage of the intervals; the fit's own if not given.

        Returns
        -------
        pandas.DataFrame
            Columns ``estimate``, ``std_error``, ``pvalue``, ``low``, ``high``; rows ``const`` and
            ``trend`` in log odds, and ``change`` in percentage points a year, whose p-value is
            that of ``trend``.
        """
        low, high = self.change_interval(level=level)
        row = [self.change, self.change_std_error, self.pvalues["trend"], low, high]
        frame = self.fit.tidy(level=level)
        frame.loc["change"] = row
        return frame

    def summary(self) -> str:
        """
        Print the trend for a person.

        Returns
        -------
        str
            The change a year with its interval, then the summary of the fit.
        """
        low, high = self.change_interval()
        change = f"{self.change:+z.2f} percentage points a year [{low:z.2f}, {high:z.2f}]"
        return f"{change}\n{self.fit.summary()}"

    @property
    def covariance_type(self) -> str:
        """How the covariance of ``params`` was estimated."""
        return self.fit.covariance_type

    def _card(self) -> Card:
        fitted = dict(self.fit._card().facts)  # noqa: SLF001 - of its own kind
        ends = self.change_interval()
        change = print_interval(self.change, *ends, level=self.level)
        index = self.fit.fitted.index
        return Card(
            title=f"share, {index[0]} to {index[-1]}",
            facts=(
                ("points a year", change),
                ("in log odds", fitted.pop("a year")),
                *((name, fitted[name]) for name in ("nobs", "left out", "errors")),
            ),
        )

    def _dependent(self) -> str:
        return "log odds of the share"


def fit_share_trend(
    y: pd.Series,
    *,
    se: StandardError = "orthogonal-series",
    lags: int | LagRule | None = None,
    rng: np.random.Generator | int | None = None,
    level: float = 0.95,
) -> ShareTrend:
    r"""
    Fit :math:`E(s_t) = 1 / (1 + e^{-(\alpha + \beta t)})` to shares by quasi-likelihood.

    The mean of a share can be 0 or 1 in single years, and the fitted one never leaves that range
    [1]_. The change is the average marginal effect of a year,
    :math:`100 \beta \, n^{-1} \sum_t \hat s_t (1 - \hat s_t)`. Every year counts the same, whatever
    was traded in it.

    Parameters
    ----------
    y : pandas.Series
        Shares between 0 and 1 by year, shape ``(nobs,)``; gaps are allowed.
    se, lags, rng
        How standard errors are estimated, as in :func:`flows.fit_trend`.
    level : float
        Coverage of the intervals.

    Returns
    -------
    ShareTrend
        Coefficients in log odds and ``change`` in percentage points a year.

    Raises
    ------
    PeriodError
        If the index holds no periods, or one twice.
    SampleError
        If there are fewer than three years, all shares are the same, one is outside 0 to 1, or no
        estimate exists because zeros and ones are separated in time.
    ValueError
        If a name is unknown or ``level`` is not between 0 and 1.

    References
    ----------
    .. [1] Papke, L. E. and Wooldridge, J. M. (1996). Econometric methods for fractional response
       variables. Journal of Applied Econometrics 11 (6), 619-632.

    Examples
    --------
    >>> years = pd.period_range("2019", "2022", freq="Y")
    >>> trend = fit_share_trend(pd.Series([0.47, 0.49, 0.51, 0.53], index=years), se="hc1")
    >>> round(trend.change, 1)
    2.0
    """
    fit = fit_trend(y, form="logit", se=se, lags=lags, rng=rng, level=level)
    gradient = _gradient(fit)
    matrix = fit.covariance.loc[["const", "trend"], ["const", "trend"]].to_numpy()
    spread = float(np.sqrt(gradient @ matrix @ gradient))
    return ShareTrend(fit=fit, change=average_change(fit), change_std_error=spread)


def _gradient(fit: TrendFit) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Return the derivative of the average change with respect to constant and slope."""
    line = fit.fitted.to_numpy()
    share = expit(line)
    steep = share * (1 - share)
    bend = steep * (1 - 2 * share)
    years = (line - fit.params["const"]) / fit.slope if fit.slope else np.zeros_like(line)
    by_const = fit.slope * np.mean(bend)
    by_slope = np.mean(steep) + fit.slope * np.mean(bend * years)
    return 100 * np.array([by_const, by_slope])
