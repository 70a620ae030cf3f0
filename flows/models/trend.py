"""The trend of one series: growth in percent a year, with errors that know about time."""

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import pandas as pd

from flows.models.least_squares import fit_least_squares
from flows.models.results import (
    check_level,
    describe_left_out,
    interval,
    label,
    summary_text,
    tidy_frame,
    two_sided_pvalues,
)
from flows.models.sample import FloatArray, Sample, check_positive, check_series, check_varies
from flows.models.standard_errors import (
    ErrorChoice,
    LagRule,
    SmallSample,
    StandardError,
    estimate_covariance,
)

Form = Literal["log", "level"]

TERMS = ("const", "trend")
_AT_LEAST = 3


@dataclass(frozen=True, slots=True)
class TrendFit:
    """
    A straight line through a series, in its logarithm or in its level.

    Parameters
    ----------
    form : {"log", "level"}
        What is a straight line in time.
    params, std_errors, pvalues : pandas.Series
        Index ``const``, ``trend``. ``const`` is the fitted value in the first period used;
        ``trend`` is a year's change, in log points or in units of the series.
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
        By period, in logarithms for ``form="log"``.
    fitted_std_errors : pandas.Series
        Standard error of the line itself, by period, as ``fitted``.
    r_squared : float
        Share of the variance that the line explains.
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

    @property
    def slope(self) -> float:
        """Change a year: log points for ``form="log"``, units of the series for ``"level"``."""
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
            For ``form="level"``: a straight line in the level grows at no constant rate.
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
            For ``form="level"``, or if ``level`` is not between 0 and 1.
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
            Columns ``fitted``, ``low``, ``high``; one row a period. For ``form="log"`` the
            exponential of the line: the median of the series, not its mean.

        Raises
        ------
        ValueError
            If ``level`` is not between 0 and 1.
        """
        asked = self.level if level is None else level
        ends = interval(self.fitted, self.fitted_std_errors, df=self.df, level=asked)
        line = ends.assign(fitted=self.fitted)[["fitted", "low", "high"]]
        return line.apply(np.exp) if self.form == "log" else line

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
        ]
        if self.form == "log":
            low, high = self.growth_interval()
            growth = f"{self.growth_pct:.2f} % a year [{low:.2f}, {high:.2f}]"
            facts.insert(0, ("growth", growth))
        return summary_text(f"Trend in the {_NAMES[self.form]}", facts, self.tidy())

    def _check_growth(self) -> None:
        if self.form != "log":
            raise ValueError(
                "a straight line in the level grows at no constant rate: "
                "read slope, or fit with form='log'"
            )


_NAMES: dict[str, str] = {"log": "logarithm", "level": "level"}


def fit_trend(
    y: pd.Series,
    *,
    form: Form = "log",
    se: StandardError = "newey-west",
    lags: int | LagRule | None = None,
    prewhite: bool = False,
    small_sample: SmallSample = "stata",
    rng: np.random.Generator | None = None,
    level: float = 0.95,
) -> TrendFit:
    r"""
    Fit :math:`\log y_t = \alpha + \beta t + u_t`, or the same in the level, by least squares.

    Parameters
    ----------
    y : pandas.Series
        Annual, quarterly or monthly values in one unit. The index is a PeriodIndex or holds
        integers that are years (Gregorian or Solar Hijri); time is read from it, in years, so
        rows may stand in any order and periods may be absent. Missing values are left out and
        counted in the result.
    form : {"log", "level"}
        What is a straight line in time: the logarithm, so that growth is a constant percentage,
        or the value itself.
    se : str
        How standard errors are estimated: ``"newey-west"``, ``"andrews"`` (quadratic spectral
        kernel), ``"orthogonal-series"`` (Sun 2011) or ``"ewc"`` (Lazarus and others 2018) where
        residuals may be autocorrelated; ``"classical"``, ``"hc0"`` to ``"hc3"`` where they are not;
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
        n-k.
    rng : numpy.random.Generator, optional
        Source of chance; demanded by the bootstraps.
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
        If fewer than three values are there, one is infinite, all are the same, or one is not
        positive with ``form="log"``: a zero flow has no logarithm.
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
    response = _response(sample, form)
    x = np.column_stack([np.ones(sample.nobs), sample.years])
    fit = fit_least_squares(x, response)
    covariance = estimate_covariance(x, fit.resids, sample.steps, choice)
    params = label(TERMS, fit.params)
    std_errors = label(TERMS, np.sqrt(np.diag(covariance.matrix)))
    deviations = response - response.mean()
    return TrendFit(
        form=form,
        params=params,
        std_errors=std_errors,
        pvalues=two_sided_pvalues(params, std_errors, df=covariance.df),
        covariance=pd.DataFrame(covariance.matrix, index=params.index, columns=list(TERMS)),
        df=covariance.df,
        convention=covariance.convention,
        lags=covariance.lags,
        level=level,
        nobs=sample.nobs,
        left_out=sample.left_out,
        fitted=pd.Series(response - fit.resids, index=sample.periods, name="fitted"),
        resids=pd.Series(fit.resids, index=sample.periods, name="resids"),
        fitted_std_errors=pd.Series(
            np.sqrt(np.einsum("ij,jk,ik->i", x, covariance.matrix, x)), index=sample.periods
        ),
        r_squared=float(1 - fit.resids @ fit.resids / (deviations @ deviations)),
    )


def _response(sample: Sample, form: Form) -> FloatArray:
    match form:
        case "level":
            return sample.observed
        case "log":
            check_positive(
                sample, instead="a zero has no logarithm: use form='level' or leave it out"
            )
            return np.log(sample.observed)
        case _:
            raise ValueError(
                f"expected form to be one of {', '.join(get_args(Form))}, found {form!r}"
            )
