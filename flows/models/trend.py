"""The trend of one series: growth in percent a year, with errors that know about time."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal, get_args

import numpy as np
import pandas as pd
from scipy.special import expit

from flows.errors import SampleError
from flows.models.diagnostics import Diagnostics, diagnose, reset
from flows.models.least_squares import fit_least_squares
from flows.models.quasi_likelihood import Family, fit_quasi_likelihood
from flows.models.results import (
    Estimates,
    check_level,
    describe_left_out,
    interval,
    interval_facts,
    label,
    summary_text,
    two_sided_pvalues,
)
from flows.models.sample import (
    FloatArray,
    Sample,
    Season,
    check_choice,
    check_not_negative,
    check_positive,
    check_series,
    check_varies,
    first_day,
    seasonal_terms,
)
from flows.models.standard_errors import (
    Covariance,
    ErrorChoice,
    LagRule,
    SmallSample,
    StandardError,
    estimate_covariance,
)
from flows.results import Card, DrawingCall, Drawn, print_estimate, print_growth

_TERMS = ("const", "trend")
_AT_LEAST = 3
_EXACT = 1e-10

FEWEST_POSITIVE = 5
"""
Fewest periods that are not zero where some are.

With one of 30 a test of no growth at 5 % is wrong in 16 % of series, with two in 8, with three or
more in 5 (docs/monte-carlo.md); but a rate needs a before and an after of its own.
"""

Form = Literal["log", "level", "poisson", "logit"]

GROWTH_FORMS = ("log", "poisson")
"""Forms in which a straight line is constant growth."""

_NAMES: dict[str, str] = {
    "log": "logarithm",
    "level": "level",
    "poisson": "logarithm of the mean",
    "logit": "log odds",
}


@dataclass(frozen=True, slots=True, repr=False)
class TrendFit(Estimates, Drawn):
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
    covariance_type : str
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
        Tests of the residuals, influence of each period, effective sample size.
    """

    form: Form
    params: pd.Series
    std_errors: pd.Series
    pvalues: pd.Series
    covariance: pd.DataFrame
    df: float
    covariance_type: str
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

    def growth_without(self, period: pd.Period | int) -> float:
        """
        Return growth in percent a year if one period is left out.

        Parameters
        ----------
        period : pandas.Period or int
            One of those used, such as ``diagnostics.most_influential``.

        Returns
        -------
        float
            That of the line fitted to all other periods; for ``"poisson"`` of the first step
            towards it.

        Raises
        ------
        KeyError
            If the period is not among those used.
        ValueError
            For ``"level"`` and ``"logit"``, which grow at no constant rate.

        Examples
        --------
        >>> years = pd.period_range("2018", "2022", freq="Y")
        >>> exports = pd.Series([100.0, 110.0, 121.0, 133.1, 300.0], index=years)
        >>> fit = fit_trend(exports, se="classical")
        >>> round(fit.growth_pct), round(fit.growth_without(pd.Period("2022")))
        (27, 10)
        """
        self._check_growth()
        influence = self.diagnostics.influence
        moved = influence[influence.index == period]
        if moved.empty:
            used = influence.index
            raise KeyError(f"expected one of the periods {used[0]} to {used[-1]}, found {period}")
        return float(100 * np.expm1(self.slope + moved.iloc[0]))

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
        coverage = self.level if level is None else level
        ends = interval(self.fitted, self.fitted_std_errors, df=self.df, level=coverage)
        line = ends.assign(fitted=self.fitted)[["fitted", "low", "high"]]
        scales: dict[str, Callable[[float], float]] = {
            "log": math.exp,
            "poisson": math.exp,
            "logit": expit,
        }
        return line.map(scales[self.form]) if self.form in scales else line

    def summary(self) -> str:
        """
        Print the fit for a person.

        Returns
        -------
        str
            Estimates, covariance type, rows left out; no date or time.
        """
        facts = [
            ("periods", f"{self.fitted.index[0]} to {self.fitted.index[-1]}"),
            ("nobs", str(self.nobs)),
            ("left out", describe_left_out(self.left_out)),
            ("covariance", f"{self.covariance_type}; t({self.df:g})"),
            ("interval", f"{self.level:.0%}"),
            ("R squared", f"{self.r_squared:.4f}"),
            *self.diagnostics.facts(),
        ]
        if self.form in GROWTH_FORMS:
            low, high = self.growth_interval()
            growth = f"{self.growth_pct:.2f} % a year [{low:.2f}, {high:.2f}]"
            facts.insert(0, ("growth", growth))
        return summary_text(f"Trend in the {_NAMES[self.form]}", facts, self.tidy())

    def drawing(self) -> DrawingCall:
        """
        Return the series, its trend and the band around it.

        Returns
        -------
        DrawingCall
            For :func:`flows.figures.draw_trend`, whose axis is logarithmic.

        Raises
        ------
        ValueError
            For ``"level"`` and ``"logit"``, which are no straight line there.
        """
        self._check_growth()
        line = self.line_interval()
        values = (
            np.exp(self.fitted + self.resids)
            if self.form == "log"
            else line["fitted"] + self.resids
        )
        columns = {"low": "fitted_low", "high": "fitted_high"}
        data = line.rename(columns=columns).assign(
            date=[first_day(period) for period in line.index], series="series", value=values
        )
        options = {"unit_label": "Unit of the series, log scale"}
        return DrawingCall("draw_trend", data.reset_index(drop=True), options)

    def _check_growth(self) -> None:
        if self.form not in GROWTH_FORMS:
            raise ValueError(
                f"a straight line in the {_NAMES[self.form]} grows at no constant rate: "
                "read slope, or fit with form='log' or 'poisson'"
            )

    def _card(self) -> Card:
        if self.form in GROWTH_FORMS:
            growth = print_growth(self.growth_pct, *self.growth_interval(), level=self.level)
        else:
            _, (_, growth) = interval_facts(self.params, self.conf_int(), level=self.level)
        return Card(
            title=f"{_NAMES[self.form]}, {self.fitted.index[0]} to {self.fitted.index[-1]}",
            facts=(
                ("growth" if self.form in GROWTH_FORMS else "a year", growth),
                ("nobs", str(self.nobs)),
                ("left out", describe_left_out(self.left_out)),
                ("errors", f"{self.covariance_type}; t({self.df:g})"),
                ("R squared", print_estimate(self.r_squared)),
            ),
            more=tuple(self.diagnostics.facts()),
        )

    def _dependent(self) -> str:
        return _NAMES[self.form]


def fit_trend(
    y: pd.Series,
    *,
    form: Form = "log",
    se: StandardError = "orthogonal-series",
    lags: int | LagRule | None = None,
    prewhite: bool = False,
    small_sample: SmallSample = "stata",
    rng: np.random.Generator | int | None = None,
    season: Season = "none",
    level: float = 0.95,
) -> TrendFit:
    r"""
    Fit a straight line in time: :math:`\log y_t = \alpha + \beta t + u_t` and its relatives.

    Parameters
    ----------
    y : pandas.Series
        Annual, quarterly or monthly values in one unit; growth of a currency's current prices
        holds that of prices (see :func:`flows.deflate`). The index is a PeriodIndex or holds
        integers that are years (Gregorian or Solar Hijri); time is read from it, in years, so
        rows may stand in any order and periods may be absent. Missing values are left out and
        counted in the result.
    form : {"log", "level", "poisson", "logit"}
        What is a straight line in time. ``"log"``: the logarithm, so that growth is a constant
        percentage. ``"level"``: the value itself. ``"poisson"``: the logarithm of the mean, by
        pseudo-likelihood, which admits zeros. ``"logit"``: the log odds of a share between 0 and 1.
    se : str
        How standard errors are estimated: ``"orthogonal-series"`` (Sun 2011, with a factor for
        first-order autocorrelation; the one that keeps its size in short series, see
        docs/monte-carlo.md), ``"newey-west"``, ``"andrews"``
        (quadratic spectral kernel) or ``"ewc"`` (Lazarus and others 2018) where residuals may be
        autocorrelated; ``"classical"``, ``"hc0"``, ``"hc1"``, ``"hc2"``, ``"hc3"`` where they are
        not; ``"wild-bootstrap"`` and ``"block-bootstrap"``.
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
        n-k. For ``"poisson"`` and ``"logit"`` with ``"hc1"``, Stata's factor is n/(n-1). With
        ``"none"``, ``"orthogonal-series"`` is as published, without its factor.
    rng : numpy.random.Generator or int, optional
        Source of chance, or its seed; demanded by the bootstraps.
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
        outside the range of the form, fewer than five are not zero (with ``"poisson"``, where
        zeros are among them), or no estimate exists.
    TypeError
        If ``y`` is no Series.
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
    check_choice("form", form, get_args(Form))
    choice = ErrorChoice(se, lags=lags, prewhite=prewhite, small_sample=small_sample, rng=rng)
    sample = check_series(y, at_least=_AT_LEAST)
    check_varies(sample)
    names, seasonal = seasonal_terms(sample, season)
    terms = (*_TERMS, *names)
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
        covariance_type=covariance.covariance_type,
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


def _least_squares_line(response: FloatArray, x: FloatArray) -> _Line:
    fit = fit_least_squares(x, response)
    deviations = response - response.mean()
    explained = float(1 - fit.resids @ fit.resids / (deviations @ deviations))
    return _Line(fit.params, response - fit.resids, fit.resids, x, fit.resids, explained)


def _quasi_line(sample: Sample, x: FloatArray, form: Form) -> _Line:
    """Fit the mean; the unit of a Poisson response is taken out and put back."""
    family: Family = "poisson" if form == "poisson" else "logit"
    if family == "poisson":
        _check_deliveries(sample, x.shape[1])
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


def _check_deliveries(sample: Sample, k: int) -> None:
    """Refuse values below zero, and a series of zeros with a few values among them."""
    check_not_negative(sample)
    periods = sample.periods[sample.observed > 0]
    fewest = max(FEWEST_POSITIVE, k + 1)
    if len(periods) < min(fewest, sample.nobs):
        shown = ", ".join(str(period) for period in periods)
        raise SampleError(
            f"expected at least {fewest} periods that are not zero for {k} coefficients, found "
            f"{len(periods)} of {sample.nobs} ({shown}); so few have no growth rate: say what was "
            "traded when, or take longer periods"
        )


def _diagnose(line: _Line, sample: Sample, x: FloatArray, form: Form) -> Diagnostics:
    orders = (1,) if sample.periods_per_year == 1 else (1, sample.periods_per_year)
    least_squares = form in ("log", "level")
    # A quasi-likelihood is fitted to values whose mean is one, or to shares.
    size = float(np.abs(line.fitted).max()) if least_squares else 1.0
    exact = np.abs(line.weighted).max() <= _EXACT * size
    left = np.zeros_like(line.weighted) if exact else line.weighted
    diagnostics = diagnose(line.regressors, left, sample.steps, sample.periods, orders=orders)
    nobs, k = x.shape
    if not least_squares or nobs <= k + 3 or exact or line.params[1] == 0:
        return diagnostics
    test = reset(x, line.fitted + line.resids)
    return replace(diagnostics, tests={**diagnostics.tests, test.name: test})


def _covariance(line: _Line, sample: Sample, choice: ErrorChoice, form: Form) -> Covariance:
    covariance = estimate_covariance(line.regressors, line.weighted, sample.steps, choice)
    quasi = form in ("poisson", "logit")
    if not (quasi and choice.se == "hc1" and choice.small_sample == "stata"):
        return covariance
    nobs, k = line.regressors.shape
    return replace(
        covariance,
        matrix=covariance.matrix * (nobs - k) / (nobs - 1),
        covariance_type="HC1, factor n/(n-1)",
    )


def average_change(fit: TrendFit) -> float:
    """Return how many percentage points a share changes a year, on average over the sample."""
    if fit.form != "logit":
        raise ValueError(f"expected a fit of form='logit', found {fit.form!r}")
    share = expit(fit.fitted.to_numpy())
    return float(100 * fit.slope * np.mean(share * (1 - share)))
