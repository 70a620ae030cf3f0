"""The trend of one series: growth in percent a year, with errors that know about time."""

from dataclasses import dataclass, replace
from typing import get_args

import numpy as np
import pandas as pd
from scipy.special import expit

from flows.errors import SampleError
from flows.models.diagnostics import Diagnostics, diagnose, reset
from flows.models.least_squares import fit_least_squares
from flows.models.quasi_likelihood import Family, fit_quasi_likelihood
from flows.models.results import check_level, label, two_sided_pvalues
from flows.models.sample import FloatArray, Sample, check_positive, check_series, check_varies
from flows.models.season import Season, seasonal_terms
from flows.models.standard_errors import (
    Covariance,
    ErrorChoice,
    LagRule,
    SmallSample,
    StandardError,
    estimate_covariance,
)
from flows.models.trend_fit import Form, TrendFit

TERMS = ("const", "trend")
_AT_LEAST = 3
_EXACT = 1e-10


def fit_trend(
    y: pd.Series,
    *,
    form: Form = "log",
    se: StandardError = "orthogonal-series",
    lags: int | LagRule | None = None,
    prewhite: bool = False,
    small_sample: SmallSample = "stata",
    rng: np.random.Generator | None = None,
    season: Season = "none",
    level: float = 0.95,
) -> TrendFit:
    r"""
    Fit a straight line in time: :math:`\log y_t = \alpha + \beta t + u_t` and its relatives.

    Parameters
    ----------
    y : pandas.Series
        Annual, quarterly or monthly values in one unit. The index is a PeriodIndex or holds
        integers that are years (Gregorian or Solar Hijri); time is read from it, in years, so
        rows may stand in any order and periods may be absent. Missing values are left out and
        counted in the result.
    form : {"log", "level", "poisson", "logit"}
        What is a straight line in time. ``"log"``: the logarithm, so that growth is a constant
        percentage. ``"level"``: the value itself. ``"poisson"``: the logarithm of the mean, by
        pseudo-likelihood, which admits zeros. ``"logit"``: the log odds of a share between 0 and 1.
    se : str
        How standard errors are estimated: ``"orthogonal-series"`` (Sun 2011; the one that keeps
        its size in short series, see docs/monte-carlo.md), ``"newey-west"``, ``"andrews"``
        (quadratic spectral kernel) or ``"ewc"`` (Lazarus and others 2018) where residuals may be
        autocorrelated; ``"classical"``, ``"hc0"`` to ``"hc3"`` where they are not;
        ``"wild-bootstrap"`` and ``"block-bootstrap"``.
    lags : int or {"rule-of-thumb", "newey-west-1994", "andrews-1991"}, optional
        Lags of ``"newey-west"``, in periods of ``y``, or the rule that chooses them; without them
        the rule of thumb :math:`\lfloor 4 (n/100)^{2/9} \rfloor`. Lags are distances in time: the
        observations on both sides of a gap are as far apart as the calendar says. For
        ``"block-bootstrap"`` the length of a block.
    prewhite : bool
        Take a first-order autoregression out of the scores before a kernel weighs them.
    small_sample : {"stata", "fixest", "none"}
        Whether a kernel estimate is multiplied by n/(n-k), as in Stata and fixest, or not, as in
        R's sandwich. ``"fixest"`` counts n-1 degrees of freedom for ``"newey-west"``, the others
        n-k. For ``"poisson"`` and ``"logit"`` with ``"hc1"``, Stata's factor is n/(n-1).
    rng : numpy.random.Generator, optional
        Source of chance; demanded by the bootstraps.
    season : {"none", "dummies", "harmonics"}
        Seasonal effects of months or quarters; ``const`` is then the level of an average season.
    level : float
        Coverage of the intervals.

    Returns
    -------
    TrendFit
        ``params`` (index ``const``, ``trend``), ``growth_pct`` in percent a year, intervals,
        residuals, and the rows left out.

    Raises
    ------
    PeriodError
        If the index holds no periods, periods of several frequencies, or one period twice.
    SampleError
        If there are no more values than coefficients, one is infinite, all are the same, one is
        not positive with ``form="log"`` (a zero flow has no logarithm: use ``"poisson"``), one is
        outside the range of the form, or no estimate exists.
    ValueError
        If a name is unknown, ``lags`` does not fit, or ``level`` is not between 0 and 1.

    References
    ----------
    .. [1] Newey, W. K. and West, K. D. (1987). A simple, positive semi-definite, heteroskedasticity
       and autocorrelation consistent covariance matrix. Econometrica 55 (3), 703-708.
    .. [2] Newey, W. K. and West, K. D. (1994). Automatic lag selection in covariance matrix
       estimation. Review of Economic Studies 61 (4), 631-653.

    Examples
    --------
    >>> years = pd.period_range("2019", "2022", freq="Y")
    >>> exports = pd.Series([100.0, 110.0, 121.0, 133.1], index=years)
    >>> round(fit_trend(exports, form="log", se="classical").growth_pct, 1)
    10.0
    """
    check_level(level)
    choice = ErrorChoice(se, lags=lags, prewhite=prewhite, small_sample=small_sample, rng=rng)
    sample = check_series(y, at_least=_AT_LEAST)
    check_varies(sample)
    names, seasonal = seasonal_terms(sample, season)
    terms = (*TERMS, *names)
    x = np.column_stack([np.ones(sample.nobs), sample.years, seasonal])
    if sample.nobs <= len(terms):
        raise SampleError(
            f"expected more than {len(terms)} observations for {len(terms)} coefficients, "
            f"found {sample.nobs}"
        )
    line = _fit_line(sample, x, form)
    covariance = _covariance(line, sample, choice, form)
    params = label(terms, line.params)
    std_errors = label(terms, np.sqrt(np.diag(covariance.matrix)))
    spread = np.sqrt(np.einsum("ij,jk,ik->i", x, covariance.matrix, x))
    return TrendFit(
        form=form,
        params=params,
        std_errors=std_errors,
        pvalues=two_sided_pvalues(params, std_errors, df=covariance.df),
        covariance=pd.DataFrame(covariance.matrix, index=params.index, columns=list(terms)),
        df=covariance.df,
        convention=covariance.convention,
        lags=covariance.lags,
        level=level,
        nobs=sample.nobs,
        left_out=sample.left_out,
        fitted=pd.Series(line.fitted, index=sample.periods, name="fitted"),
        resids=pd.Series(line.resids, index=sample.periods, name="resids"),
        fitted_std_errors=pd.Series(spread, index=sample.periods),
        r_squared=line.r_squared,
        diagnostics=_diagnose(line, sample, x, form),
    )


@dataclass(frozen=True, slots=True)
class _Line:
    """A fitted line, and the regressors and residuals that stand for it in its covariance."""

    params: FloatArray
    fitted: FloatArray
    resids: FloatArray
    regressors: FloatArray
    weighted: FloatArray
    r_squared: float


def _fit_line(sample: Sample, x: FloatArray, form: Form) -> _Line:
    match form:
        case "level":
            return _least_squares_line(sample.observed, x)
        case "log":
            check_positive(
                sample, instead="a zero has no logarithm: use form='poisson' or leave it out"
            )
            return _least_squares_line(np.log(sample.observed), x)
        case "poisson" | "logit":
            return _quasi_line(sample, x, form)
        case _:
            raise ValueError(
                f"expected form to be one of {', '.join(get_args(Form))}, found {form!r}"
            )


def _least_squares_line(response: FloatArray, x: FloatArray) -> _Line:
    fit = fit_least_squares(x, response)
    deviations = response - response.mean()
    explained = float(1 - fit.resids @ fit.resids / (deviations @ deviations))
    return _Line(fit.params, response - fit.resids, fit.resids, x, fit.resids, explained)


def _quasi_line(sample: Sample, x: FloatArray, form: Form) -> _Line:
    """Fit the mean; the unit of a Poisson response is taken out and put back."""
    family: Family = "poisson" if form == "poisson" else "logit"
    unit = float(np.abs(sample.observed).mean()) if family == "poisson" else 1.0
    response = sample.observed / unit
    fit = fit_quasi_likelihood(x, response, family=family, labels=list(sample.periods))
    flat = fit_quasi_likelihood(np.ones((sample.nobs, 1)), response, family=family)
    regressors, weighted = fit.weighted(x, response)
    params = fit.params.copy()
    params[0] += np.log(unit)
    resids = (response - fit.mean) * unit
    explained = 1 - fit.deviance / flat.deviance
    return _Line(params, x @ params, resids, regressors, weighted, explained)


def _diagnose(line: _Line, sample: Sample, x: FloatArray, form: Form) -> Diagnostics:
    orders = (1,) if sample.periods_per_year == 1 else (1, sample.periods_per_year)
    found = diagnose(line.regressors, line.weighted, sample.steps, sample.periods, orders=orders)
    nobs, k = x.shape
    exact = np.abs(line.resids).max() <= _EXACT * np.abs(line.fitted).max()
    if form not in ("log", "level") or nobs <= k + 3 or exact or line.params[1] == 0:
        return found
    test = reset(x, line.fitted + line.resids)
    return replace(found, tests={**found.tests, test.name: test})


def _covariance(line: _Line, sample: Sample, choice: ErrorChoice, form: Form) -> Covariance:
    found = estimate_covariance(line.regressors, line.weighted, sample.steps, choice)
    quasi = form in ("poisson", "logit")
    if not (quasi and choice.se == "hc1" and choice.small_sample == "stata"):
        return found
    nobs, k = line.regressors.shape
    return replace(
        found, matrix=found.matrix * (nobs - k) / (nobs - 1), convention="HC1, factor n/(n-1)"
    )


def average_change(fit: TrendFit) -> float:
    """
    Return how many percentage points a share changes a year, on average over the sample.

    Parameters
    ----------
    fit : TrendFit
        Of ``form="logit"``.

    Returns
    -------
    float
        Percentage points a year: the slope in log odds times the mean of p(1-p), times 100.

    Raises
    ------
    ValueError
        For another form.

    Examples
    --------
    >>> years = pd.period_range("2019", "2022", freq="Y")
    >>> share = pd.Series([0.47, 0.49, 0.51, 0.53], index=years)
    >>> round(average_change(fit_trend(share, form="logit", se="hc1")), 1)
    2.0
    """
    if fit.form != "logit":
        raise ValueError(f"expected a fit of form='logit', found {fit.form!r}")
    share = expit(fit.fitted.to_numpy())
    return float(100 * fit.slope * np.mean(share * (1 - share)))
