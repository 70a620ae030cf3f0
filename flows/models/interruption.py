"""A known date: did level or slope change there, and would other dates look the same."""

from typing import get_args

import numpy as np
import pandas as pd
from scipy import stats

from flows.errors import SampleError
from flows.models.hypothesis import HypothesisTest
from flows.models.interruption_fit import InterruptionFit, InterruptionForm
from flows.models.least_squares import fit_least_squares
from flows.models.results import check_level, label, two_sided_pvalues
from flows.models.sample import FloatArray, Sample, check_positive, check_series
from flows.models.season import Season, seasonal_terms
from flows.models.standard_errors import (
    Covariance,
    ErrorChoice,
    LagRule,
    StandardError,
    estimate_covariance,
)
from flows.ties import at_least

CHANGES = ("level_change", "slope_change")
EACH_SIDE = 3
"""Fewest observations before and after the date."""


def fit_interruption(
    y: pd.Series,
    *,
    at: str | int | pd.Period,
    form: InterruptionForm = "log",
    comparison: pd.Series | None = None,
    season: Season = "none",
    se: StandardError = "newey-west",
    lags: int | LagRule | None = None,
    level: float = 0.95,
) -> InterruptionFit:
    r"""
    Fit :math:`y_t = \alpha + \beta t + \gamma 1_{t \ge T} + \delta (t - T) 1_{t \ge T} + u_t`.

    Parameters
    ----------
    y : pandas.Series
        Values in one unit; index of periods as for :func:`flows.models.trend.fit_trend`.
    at : str, int or pandas.Period
        First period of the new regime, known before looking: ``"2021-01"``, ``1400``.
    form : {"log", "level"}
        Scale of the line.
    comparison : pandas.Series, optional
        A series that the event did not touch, with the same kind of index. Its logarithm or level
        is taken off, so that what moved both does not count.
    season : {"none", "dummies", "harmonics"}
        Seasonal effects of months or quarters.
    se : str
        How standard errors are estimated; see :func:`flows.models.trend.fit_trend`.
    lags : int or str, optional
        Lags of ``"newey-west"`` or their rule.
    level : float
        Coverage of the intervals.

    Returns
    -------
    InterruptionFit
        Changes of level and slope, their joint test, and the same test at placebo dates.

    Raises
    ------
    PeriodError
        If the index holds no periods, periods of several frequencies, or one period twice.
    SampleError
        If fewer than three observations lie on a side, or a value has no logarithm.
    ValueError
        If ``at`` is no period of the series' kind or another name is unknown.

    References
    ----------
    .. [1] Wagner, A. K., Soumerai, S. B., Zhang, F. and Ross-Degnan, D. (2002). Segmented
       regression analysis of interrupted time series studies. Journal of Clinical Pharmacy and
       Therapeutics 27 (4), 299-309.
    .. [2] Abadie, A., Diamond, A. and Hainmueller, J. (2015). Comparative politics and the
       synthetic control method. American Journal of Political Science 59 (2), 495-510; placebo
       dates.

    Examples
    --------
    >>> years = pd.period_range("2013", "2022", freq="Y")
    >>> y = pd.Series([1, 2, 3, 4, 5, 16, 17, 18, 19, 20], index=years)
    >>> fit = fit_interruption(y, at="2018", form="level", se="hc1")
    >>> fit.params.abs().round(6).to_list()
    [1.0, 1.0, 10.0, 0.0]
    """
    check_level(level)
    choice = ErrorChoice(se, lags=lags)
    sample = _difference(y, comparison, form)
    place = _place(sample, at)
    names, seasonal = seasonal_terms(sample, season)
    terms = ("const", "trend", *CHANGES, *names)
    x = _design(sample, place, seasonal)
    fit = fit_least_squares(x, sample.observed)
    covariance = estimate_covariance(x, fit.resids, sample.steps, choice)
    test = _joint_test(fit.params, covariance)
    placebo = _placebo(sample, place, seasonal[:place], choice)
    params = label(terms, fit.params)
    std_errors = label(terms, np.sqrt(np.diag(covariance.matrix)))
    return InterruptionFit(
        at=sample.periods[place],
        form=form,
        params=params,
        std_errors=std_errors,
        pvalues=two_sided_pvalues(params, std_errors, df=covariance.df),
        df=covariance.df,
        convention=covariance.convention,
        test=test,
        placebo=placebo,
        placebo_pvalue=_share(placebo.to_numpy(), test.statistic),
        compared=comparison is not None,
        level=level,
        fitted=pd.Series(x @ fit.params, index=sample.periods, name="fitted"),
        resids=pd.Series(fit.resids, index=sample.periods, name="resids"),
        left_out=sample.left_out,
    )


def _difference(y: pd.Series, comparison: pd.Series | None, form: InterruptionForm) -> Sample:
    """Return the series on the scale of the line, less the comparison where there is one."""
    if form not in get_args(InterruptionForm):
        raise ValueError(f"expected form to be log or level, found {form!r}")
    scaled = _scaled(y, form)
    if comparison is None:
        return check_series(scaled, at_least=2 * EACH_SIDE)
    return check_series(scaled.sub(_scaled(comparison, form)), at_least=2 * EACH_SIDE)


def _scaled(y: pd.Series, form: InterruptionForm) -> pd.Series:
    sample = check_series(y, at_least=2 * EACH_SIDE)
    if form == "level":
        return y.astype("float64")
    check_positive(sample, instead="a zero has no logarithm: use form='level' or leave it out")
    return y.astype("float64").map(np.log)


def _place(sample: Sample, at: str | int | pd.Period) -> int:
    """Return the first observation that is no earlier than the date."""
    periods = sample.periods
    try:
        date = (
            pd.Period(str(at), periods.freqstr)
            if isinstance(periods, pd.PeriodIndex)
            else int(str(at))
        )
    except ValueError as error:
        raise ValueError(f"expected a date like {periods[0]}, found {at!r}") from error
    place = int(np.sum(np.asarray(periods < date)))
    after = sample.nobs - place
    if min(place, after) < EACH_SIDE:
        raise SampleError(
            f"expected at least {EACH_SIDE} observations on each side of {at}, "
            f"found {place} before and {after} from it on"
        )
    return place


def _design(sample: Sample, place: int, seasonal: FloatArray) -> FloatArray:
    years = sample.years
    after = np.arange(sample.nobs) >= place
    bend = np.where(after, years - years[place], 0.0)
    return np.column_stack([np.ones(sample.nobs), years, after, bend, seasonal])


def _joint_test(params: FloatArray, covariance: Covariance) -> HypothesisTest:
    changes = params[2:4]
    spread = covariance.matrix[2:4, 2:4]
    statistic = float(changes @ np.linalg.pinv(spread, hermitian=True) @ changes / 2)
    return HypothesisTest(
        name="level and slope",
        null="nothing changes at the date",
        statistic=statistic,
        pvalue=float(stats.f.sf(statistic, 2, covariance.df)),
        df=(2.0, covariance.df),
    )


def _placebo(sample: Sample, place: int, seasonal: FloatArray, choice: ErrorChoice) -> pd.Series:
    """Repeat the test at every date before, with what was known before the true one."""
    before = Sample(
        observed=sample.observed[:place],
        steps=sample.steps[:place],
        periods=sample.periods[:place],
        periods_per_year=sample.periods_per_year,
        left_out=sample.left_out,
    )
    found = {}
    for date in range(EACH_SIDE, place - EACH_SIDE + 1):
        x = _design(before, date, seasonal)
        fit = fit_least_squares(x, before.observed)
        covariance = estimate_covariance(x, fit.resids, before.steps, choice)
        found[before.periods[date]] = _joint_test(fit.params, covariance).statistic
    return pd.Series(found, name="statistic", dtype="float64")


def _share(placebo: FloatArray, statistic: float) -> float:
    if placebo.size == 0:
        return float("nan")
    return float((1 + np.sum(at_least(placebo, statistic))) / (1 + placebo.size))
