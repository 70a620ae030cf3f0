"""Whether one regression holds over a whole series: a known date, and a drift at no known date."""

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import pandas as pd

from flows.errors import SampleError
from flows.models.break_tests import known_date_test
from flows.models.breaks import ROUNDING, regressors
from flows.models.fluctuation import Sums, ols_cusum, ols_mosum, recursive_cusum
from flows.models.least_squares import fit_least_squares
from flows.models.partitions import Design
from flows.models.results import HypothesisTest, describe_left_out
from flows.models.sample import (
    FloatArray,
    Regime,
    Sample,
    Season,
    check_choice,
    check_series,
    check_varies,
    seasonal_terms,
    step_of,
)
from flows.results import Card, Result

FluctuationKind = Literal["recursive-cusum", "ols-cusum", "ols-mosum"]


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Fluctuation(Result):
    """
    Sums of residuals over time, and whether they go further than chance.

    Parameters
    ----------
    kind : {"recursive-cusum", "ols-cusum", "ols-mosum"}
        Which sums.
    process : pandas.Series
        The sums in units of their standard deviation, by the last period that is in each.
    test : HypothesisTest
        That the coefficients are the same in all periods.
    regime : {"mean", "trend"}
        What is constant under the null.
    left_out : pandas.Series
        Reason for each row of the series that is not used, by period.
    """

    kind: FluctuationKind
    process: pd.Series
    test: HypothesisTest
    regime: Regime
    left_out: pd.Series

    @property
    def pvalue(self) -> float:
        """P-value of ``test``."""
        return self.test.pvalue

    def tidy(self) -> pd.DataFrame:
        """
        Return the sums as a frame.

        Returns
        -------
        pandas.DataFrame
            Column ``process``; one row a period, index ``period``.
        """
        return self.process.to_frame("process").rename_axis("period")

    def summary(self) -> str:
        """
        Print the test for a person.

        Returns
        -------
        str
            The test, the period in which the sums are largest, rows left out.
        """
        furthest = self.process.index[int(np.argmax(np.abs(self.process.to_numpy())))]
        return "\n".join(
            [
                f"Constancy of the {self.regime}",
                str(self.test),
                f"furthest from zero in {furthest}",
                f"left out: {describe_left_out(self.left_out)}",
            ]
        )

    def _card(self) -> Card:
        furthest = self.process.index[int(np.argmax(np.abs(self.process.to_numpy())))]
        return Card(
            title=f"constancy of the {self.regime}, {self.kind}",
            facts=(
                ("test", str(self.test)),
                ("furthest", f"from zero in {furthest}"),
                ("left out", describe_left_out(self.left_out)),
            ),
        )


def chow_test(
    y: pd.Series,
    *,
    at: str | int | pd.Period,
    regime: Regime = "mean",
    season: Season = "none",
) -> HypothesisTest:
    r"""
    Test whether the mean or the trend of a series changed at a date known beforehand.

    Parameters
    ----------
    y : pandas.Series
        Values in one unit, or their logarithm; index of periods as for :func:`flows.fit_trend`.
    at : str, int or pandas.Period
        First period of the second regime: ``"2021-01"``, ``1400``. It must not have been chosen by
        looking at ``y``; for the date that fits best see :func:`flows.find_breaks`.
    regime : {"mean", "trend"}
        What is constant on each side of the date.
    season : {"none", "dummies", "harmonics"}
        Seasonal effects of months or quarters, the same on both sides.

    Returns
    -------
    HypothesisTest
        ``statistic``, ``pvalue`` and ``df`` of the F test. The errors are taken as uncorrelated
        with one variance; :func:`flows.fit_interruption` admits others.

    Raises
    ------
    PeriodError
        If the index holds no periods, periods of several frequencies, or one period twice.
    SampleError
        If a side has too few observations for its coefficients, a value is infinite, all values
        are the same, or two regimes fit every value.
    ValueError
        If ``at`` is no period of the series' kind, or ``regime`` or ``season`` is unknown.

    Notes
    -----
    With the residual sums of squares :math:`S_0` of one regression and :math:`S_1` of two with
    :math:`k` coefficients each that change and :math:`p` that do not, the statistic is
    :math:`\frac{(S_0 - S_1) / k}{S_1 / (n - 2k - p)}`.

    References
    ----------
    .. [1] Chow, G. C. (1960). Tests of equality between sets of coefficients in two linear
       regressions. Econometrica 28 (3), 591-605.

    Examples
    --------
    >>> years = pd.period_range("2011", "2022", freq="Y")
    >>> y = pd.Series([10, 11, 9, 10, 11, 10, 20, 21, 19, 20, 21, 20], index=years)
    >>> test = chow_test(y, at="2017")
    >>> round(test.statistic, 1), test.df, test.rejects()
    (529.4, (1.0, 10.0), True)
    """
    sample, x, seasonal = _regression(y, regime, season)
    place = int(np.sum(sample.steps < step_of(at, sample.periods)))
    k = x.shape[1]
    after = sample.nobs - place
    if min(place, after) < k or sample.nobs <= 2 * k + seasonal.shape[1]:
        raise SampleError(
            f"a Chow test at {at} needs {k} observations on each side and more than "
            f"{2 * k + seasonal.shape[1]} in all; found {place} before and {after} from it on"
        )
    after_it = (np.arange(sample.nobs) >= place)[:, None]
    _check_noise(np.column_stack([x * ~after_it, x * after_it, seasonal]), sample.observed)
    common = seasonal if seasonal.shape[1] else None
    design = Design(x, sample.observed, sample.steps, k, common)
    return known_date_test(design, place)


def fluctuation_test(
    y: pd.Series,
    *,
    kind: FluctuationKind = "recursive-cusum",
    regime: Regime = "mean",
    season: Season = "none",
    bandwidth: float = 0.15,
    rng: np.random.Generator | int | None = None,
) -> Fluctuation:
    """
    Test whether the mean or the trend of a series stays the same, without naming a date.

    Parameters
    ----------
    y : pandas.Series
        Values in one unit, or their logarithm; index of periods as for :func:`flows.fit_trend`.
        Observations are taken in the order of time, those on both sides of a gap as neighbours.
    kind : {"recursive-cusum", "ols-cusum", "ols-mosum"}
        What is summed up: the errors of predicting each period from those before it [1]_ [2]_, the
        least-squares residuals from the first period on [3]_, or those of a moving window [4]_.
    regime : {"mean", "trend"}
        What is constant under the null.
    season : {"none", "dummies", "harmonics"}
        Seasonal effects of months or quarters, tested with the rest.
    bandwidth : float
        Window of ``"ols-mosum"`` as a share of the observations.
    rng : numpy.random.Generator or int, optional
        Source of chance, or its seed; demanded by ``"ols-mosum"``, whose p-value is simulated, and
        by it alone.

    Returns
    -------
    Fluctuation
        The sums by period in ``process``, and their ``test``.

    Raises
    ------
    PeriodError
        If the index holds no periods, periods of several frequencies, or one period twice.
    SampleError
        If there are too few observations, a value is infinite, all values are the same, or the
        regression fits every value.
    ValueError
        If a name is unknown, ``bandwidth`` leaves no window, or ``rng`` does not fit ``kind``.

    References
    ----------
    .. [1] Brown, R. L., Durbin, J. and Evans, J. M. (1975). Techniques for testing the constancy of
       regression relationships over time. Journal of the Royal Statistical Society B 37 (2),
       149-192.
    .. [2] Zeileis, A. (2000). p values and alternative boundaries for CUSUM tests. Working Paper
       78, SFB Adaptive Information Systems and Modelling in Economics.
    .. [3] Ploberger, W. and Kraemer, W. (1992). The CUSUM test with OLS residuals. Econometrica 60
       (2), 271-285.
    .. [4] Chu, C.-S. J., Hornik, K. and Kuan, C.-M. (1995). MOSUM tests for parameter constancy.
       Biometrika 82 (3), 603-617.

    Examples
    --------
    >>> years = pd.period_range("2011", "2022", freq="Y")
    >>> y = pd.Series([10, 11, 9, 10, 11, 10, 20, 21, 19, 20, 21, 20], index=years)
    >>> cusum = fluctuation_test(y, kind="ols-cusum")
    >>> cusum.test.rejects(), str(cusum.process.abs().idxmax())
    (True, '2016')
    """
    check_choice("kind", kind, get_args(FluctuationKind))
    if (kind == "ols-mosum") != (rng is not None):
        raise ValueError(
            "expected rng, a seed or numpy.random.Generator, with kind='ols-mosum' and only there; "
            f"found rng={rng} with kind={kind!r}"
        )
    sample, x, seasonal = _regression(y, regime, season)
    x = np.column_stack([x, seasonal])
    if sample.nobs < x.shape[1] + 2:
        raise SampleError(
            f"expected at least {x.shape[1] + 2} observations for {x.shape[1]} coefficients, "
            f"found {sample.nobs}"
        )
    _check_noise(x, sample.observed)
    sums = _sums(x, sample.observed, kind, bandwidth, rng)
    # The last observation of each sum; the zero before the first one has none.
    process = sums.process if kind == "ols-mosum" else sums.process[1:]
    periods = sample.periods[sample.nobs - len(process) :]
    return Fluctuation(
        kind=kind,
        process=pd.Series(process, index=periods, name="process"),
        test=sums.test,
        regime=regime,
        left_out=sample.left_out,
    )


def _sums(
    x: FloatArray,
    y: FloatArray,
    kind: FluctuationKind,
    bandwidth: float,
    rng: np.random.Generator | int | None,
) -> Sums:
    if kind == "recursive-cusum":
        return recursive_cusum(x, y)
    if kind == "ols-cusum":
        return ols_cusum(x, y)
    return ols_mosum(x, y, rng=np.random.default_rng(rng), bandwidth=bandwidth)


def _regression(
    y: pd.Series, regime: Regime, season: Season
) -> tuple[Sample, FloatArray, FloatArray]:
    """Return a series, the regressors that are constant in a regime, and those of the season."""
    check_choice("regime", regime, get_args(Regime))
    sample = check_series(y, at_least=2)
    check_varies(sample)
    _, seasonal = seasonal_terms(sample, season)
    return sample, regressors(sample, regime), seasonal


def _check_noise(x: FloatArray, y: FloatArray) -> None:
    """Refuse a regression that leaves no errors to test with."""
    resids = fit_least_squares(x, y).resids
    deviations = y - y.mean()
    if resids @ resids <= ROUNDING * (deviations @ deviations):
        raise SampleError(
            "the regression fits every value exactly; there are no errors to test with"
        )
