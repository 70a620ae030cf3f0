"""
What is left in the residuals of a trend, and which period carries it.

Throughout, ``x`` are regressors with a constant, shape ``(nobs, k)``; ``resids`` the residuals of a
regression on them and ``steps`` the number of each observation's period, shape ``(nobs,)``.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from flows.canonical import first_maximum
from flows.models.covariance import effective_sample_size, on_calendar
from flows.models.least_squares import fit_least_squares
from flows.models.results import HypothesisTest
from flows.models.sample import FloatArray, IntArray
from flows.results import Card, Result, tidy_rows

_ROUNDING = 1e-12
"""Below it a share of one is the rounding of zero."""


@dataclass(frozen=True, slots=True, repr=False)
class Diagnostics(Result):
    """
    Tests of the residuals, influence of each period, effective sample size.

    Parameters
    ----------
    tests : Mapping
        Tests by name; one is absent where the sample is too small for it, no two periods are as
        far apart as a lag, or the fit is exact.
    influence : pandas.Series
        Change of the slope when the period is left out, by period.
    effective_nobs : float
        Effective sample size: how many uncorrelated observations carry as much information.
    """

    tests: Mapping[str, HypothesisTest]
    influence: pd.Series
    effective_nobs: float

    @property
    def most_influential(self) -> pd.Period | int:
        """
        Return the period that carries the slope: its absence changes it most.

        Returns
        -------
        pandas.Period or int
            As in the index of ``influence``; the first of several that move it alike.
        """
        period: pd.Period | int = self.influence.index[first_maximum(self.influence.abs())]
        return period

    def facts(self) -> list[tuple[str, str]]:
        """
        Return the lines of a summary.

        Returns
        -------
        list of (str, str)
            One a test, the most influential period, and the effective sample size.
        """
        period = self.most_influential
        moved = float(self.influence[self.influence.index == period].iloc[0])
        lines = [("residuals", str(test)) for test in self.tests.values()]
        return [
            *lines,
            ("influence", f"slope moves by {moved:+.4g} without {period}"),
            ("effective n", f"{self.effective_nobs:.1f} of {len(self.influence)} observations"),
        ]

    def tidy(self) -> pd.DataFrame:
        """
        Return the tests as a frame.

        Returns
        -------
        pandas.DataFrame
            One row a test, as :class:`HypothesisTest` has it.
        """
        return tidy_rows(self.tests.values())

    def _card(self) -> Card:
        *tests, influence, effective = self.facts()
        return Card(title="of residuals", facts=(influence, effective), more=tuple(tests))


def diagnose(
    x: FloatArray,
    resids: FloatArray,
    steps: IntArray,
    periods: pd.Index,
    *,
    orders: tuple[int, ...],
) -> Diagnostics:
    """Examine a least-squares trend; residuals of zero are those of an exact fit."""
    nobs, k = x.shape
    fit = fit_least_squares(x, resids)
    moved = -(fit.bread @ x.T)[1] * resids / np.maximum(1 - fit.leverage, _ROUNDING)
    tests = {}
    if resids.any():
        for order in orders:
            if nobs > k + 2 * order and _has_lags(steps, order):
                test = breusch_godfrey(x, resids, steps, order=order)
                tests[test.name] = test
        if nobs > 2 * k:
            tests["Breusch-Pagan"] = breusch_pagan(x, resids)
    return Diagnostics(
        tests=tests,
        influence=pd.Series(moved, index=periods, name="influence"),
        effective_nobs=effective_sample_size(resids, steps),
    )


def _has_lags(steps: IntArray, order: int) -> bool:
    """Whether there are two observations as far apart as each lag up to one."""
    return all(np.isin(steps + lag, steps).any() for lag in range(1, order + 1))


def breusch_godfrey(
    x: FloatArray, resids: FloatArray, steps: IntArray, *, order: int
) -> HypothesisTest:
    """
    Test for autocorrelation of the errors up to a lag.

    Breusch, T. S. (1978). Australian Economic Papers 17 (31), 334-355; Godfrey, L. G. (1978).
    Econometrica 46 (6), 1293-1301.
    """
    grid = on_calendar(resids[:, None], steps)[:, 0]
    place = steps - steps[0]
    lagged = [
        np.where(place >= lag, grid[np.maximum(place - lag, 0)], 0.0) for lag in range(1, order + 1)
    ]
    statistic = _explained(np.column_stack([x, *lagged]), resids)
    return HypothesisTest(
        name=f"Breusch-Godfrey({order})",
        null="errors are uncorrelated",
        statistic=statistic,
        pvalue=float(stats.chi2.sf(statistic, order)),
        df=(float(order),),
    )


def breusch_pagan(x: FloatArray, resids: FloatArray) -> HypothesisTest:
    """
    Test whether the variance of the errors depends on the regressors.

    The regressors may be weighted, as in a quasi-likelihood: statsmodels demands a constant.

    Koenker, R. (1981). A note on studentizing a test for heteroscedasticity. Journal of
    Econometrics 17 (1), 107-112.
    """
    mean = float(resids @ resids) / len(resids)
    squares = resids**2 / mean
    statistic = _explained(x, squares - 1) if np.ptp(squares) > _ROUNDING else 0.0
    df = x.shape[1] - 1
    return HypothesisTest(
        name="Breusch-Pagan",
        null="errors have one variance",
        statistic=statistic,
        pvalue=float(stats.chi2.sf(statistic, df)),
        df=(float(df),),
    )


def reset(x: FloatArray, y: FloatArray) -> HypothesisTest:
    """
    Test whether squares and cubes of the fitted values belong into the regression.

    Ramsey, J. B. (1969). Journal of the Royal Statistical Society B 31 (2), 350-371.
    """
    from statsmodels.regression.linear_model import OLS  # noqa: PLC0415 - slow to import
    from statsmodels.stats.diagnostic import linear_reset  # noqa: PLC0415

    # Origin and unit of the response do not matter to the test; cubes of large values lose digits.
    fit = OLS((y - y.mean()) / y.std(), x).fit()
    test = linear_reset(fit, power=3, use_f=True)
    return HypothesisTest(
        name="RESET",
        null="the line is straight",
        statistic=float(test.fvalue),
        pvalue=float(test.pvalue),
        df=(float(test.df_num), float(test.df_denom)),
    )


def _explained(x: FloatArray, response: FloatArray) -> float:
    """Return the observations times the share of the squares that the regressors explain."""
    left = fit_least_squares(x, response).resids
    return len(response) * max(0.0, 1 - float(left @ left) / float(response @ response))
