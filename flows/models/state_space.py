"""A level and a slope that drift, and noise that lasts: smoothed, forecast with intervals."""

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np
import pandas as pd
from scipy import stats

from flows.errors import SampleError
from flows.models.integration import UNTESTED, Persistence, find_persistence
from flows.models.local_model import SPECIFICATIONS, Kind, likelihood_of, local_model
from flows.models.parameter_sets import average_slopes, forecasts, likely
from flows.models.results import HypothesisTest, check_level, describe_left_out, summary_text
from flows.models.sample import (
    FloatArray,
    Sample,
    check_choice,
    check_positive,
    check_series,
    check_varies,
    first_day,
    periods_at,
)
from flows.models.variance_search import Likelihood, Optimum, find_variances
from flows.results import (
    Card,
    DrawingCall,
    Drawn,
    print_count,
    print_estimate,
    print_growth,
    print_interval,
)

AT_LEAST = 5

ROUNDING = 1e-12
"""Noise, relative to the largest value (of a logarithm to 1), that is rounding."""

KNOWN = 1e-12
"""Variance of a smoothed state, relative to the largest of the shocks, that is rounding."""

_NAMES = {"trend": "slope"}
"""Ours for statsmodels' name of a variance."""

_AR_FROM = 10
"""Fewest values from which autoregressive noise is tried by ``noise="aic"``."""

_WHOLE_YEARS = 3
"""Fewest years' worth of values for a season."""

INTERVALS_FROM = 10
"""Fewest values for an interval of the slope or of a forecast: with fewer none was simulated."""

_SLOPE_HOLDS_FROM = 24
"""Fewest values of a random walk whose slope the 95 % interval holds in 90 of 100."""

_TOLD = 2.0
"""Log-likelihood by which autoregressive noise has to be better to be told from other shocks."""

_INNER = 0.8
"""Coverage of the narrower interval of forecasts."""

Noise = Literal["aic", "ar1", "white"]
LocalForm = Literal["log", "level"]

if TYPE_CHECKING:
    from statsmodels.tsa.statespace.structural import (
        UnobservedComponents,
        UnobservedComponentsResults,
    )


@dataclass(frozen=True, slots=True, repr=False)
class LocalTrendFit(Drawn):
    """
    An unobserved level, with or without a slope, behind a noisy series.

    Parameters
    ----------
    kind : {"level", "trend"}
        Whether the level is a random walk alone or has a slope that is one.
    form : {"log", "level"}
        Scale of the series.
    noise : {"ar1", "white"}
        Whether autoregressive noise stands beside the white one.
    variances : pandas.Series
        Of the noise (``irregular``) and of a period's shocks to ``level``, ``slope``,
        ``seasonal`` and the autoregressive noise (``ar``), on that scale; exactly 0 where none is
        more likely than a little.
    rho : float
        Part that autoregressive noise keeps of itself from a period to the next; NaN without any.
    criteria : pandas.DataFrame
        Columns ``loglik``, ``parameters``, ``aic``; one row a ``noise`` that was fitted.
    loglik : float
        Diffuse log-likelihood; infinite where the model fits every value but for rounding.
    states : pandas.DataFrame
        Smoothed ``level`` and ``level_std_error``, and for ``kind="trend"`` ``slope`` and
        ``slope_std_error`` in change a year; one row a calendar period, missing ones included.
    forecasts : pandas.DataFrame
        Columns ``mean``, ``std_error`` of the series itself; one row a period after the last.
    df : float
        Degrees of freedom of intervals: values beyond the start and the parameters.
    plausible : pandas.DataFrame
        Average slope, as change a year: ``slope``, ``std_error``, ``df`` (values beyond the start);
        first that of the optimum, then one row for each set of parameters whose likelihood is not
        less than 1/e of the highest; empty for ``kind="level"``.
    plausible_forecasts : pandas.DataFrame
        Forecasts under the same parameters: columns ``mean`` and ``std_error``, each with a column
        a set, the optimum's first; one row a period after the last.
    persistence : Persistence
        Variance ratios, tests for I(0) and I(1), and what they say.
    level : float
        Coverage of intervals unless another is asked for.
    nobs : int
        Observations used.
    observed : pandas.Series
        These observations, in the unit of the series.
    left_out : pandas.Series
        Reason for each row of the series that is not used, by period.
    """

    kind: Kind
    form: LocalForm
    noise: Literal["ar1", "white"]
    variances: pd.Series
    rho: float
    criteria: pd.DataFrame
    loglik: float
    states: pd.DataFrame
    forecasts: pd.DataFrame
    df: float
    plausible: pd.DataFrame
    plausible_forecasts: pd.DataFrame
    persistence: Persistence
    level: float
    nobs: int
    observed: pd.Series
    left_out: pd.Series

    @property
    def tests(self) -> tuple[HypothesisTest, ...]:
        """Tests for I(1) and I(0): augmented Dickey-Fuller and KPSS, both with a trend."""
        return self.persistence.tests

    @property
    def slope(self) -> float:
        """Average slope over the sample, in change a year; NaN for ``kind="level"``."""
        return float(self.plausible["slope"].iloc[0]) if len(self.plausible) else math.nan

    def slope_interval(self, *, level: float | None = None) -> tuple[float, float]:
        """
        Return the interval of the average slope over the sample.

        It is the union of Student's intervals under all sets of variances, and parts kept, whose
        likelihood is not less than 1/e of the highest: a short series does not say whether shocks
        fade, and the interval does not claim that it did. Where the slope drifts it is the average
        of these periods alone: a growth that is behind them, and may go on, is less well known.

        Parameters
        ----------
        level : float, optional
            Coverage; the fit's own if not given.

        Returns
        -------
        tuple of float
            Low and high, in change a year on the scale of the fit; NaN where fewer than 10 values
            are there: of so few it was not simulated. Of random walks it holds the slope in 85 of
            100 with 10 values, 90 with 14 and 91 with 24 where 95 is said
            (``docs/state-space-coverage.md``).

        Raises
        ------
        SampleError
            If there is no slope.
        ValueError
            If ``level`` is not between 0 and 1.
        """
        coverage = check_level(self.level if level is None else level)
        if self.plausible.empty:
            raise SampleError("expected kind='trend', found a level without a slope")
        if self._too_short:
            return math.nan, math.nan
        quantiles = stats.t.ppf(0.5 + coverage / 2, self.plausible["df"])
        half = quantiles * self.plausible["std_error"]
        slopes = self.plausible["slope"]
        return float((slopes - half).min()), float((slopes + half).max())

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

        The interval is the union of Student's intervals under all sets of variances, and parts
        kept, whose likelihood is not less than 1/e of the highest: variances that were estimated
        are not taken as known. How often it holds is in ``docs/state-space-coverage.md``.

        Parameters
        ----------
        level : float, optional
            Coverage at each period; the fit's own if not given.

        Returns
        -------
        pandas.DataFrame
            Columns ``fitted``, ``low``, ``high``; one row a period. ``low`` and ``high`` are by
            Student's t, with a degree of freedom less for each parameter, and missing where
            fewer than 10 values are there: of so few it was not simulated.

        Raises
        ------
        ValueError
            If ``level`` is not between 0 and 1.
        """
        coverage = check_level(self.level if level is None else level)
        half = (
            stats.t.ppf(0.5 + coverage / 2, self.df)
            * self.plausible_forecasts["std_error"].to_numpy()
        )
        means = self.plausible_forecasts["mean"].to_numpy()
        frame = pd.DataFrame(
            {
                "fitted": self.forecasts["mean"],
                "low": (means - half).min(axis=1),
                "high": (means + half).max(axis=1),
            }
        )
        if self._too_short:
            frame[["low", "high"]] = np.nan
        return self._in_units(frame)

    def fan(self, *, inner: float = _INNER) -> pd.DataFrame:
        """
        Return the series, its smoothed level, and its forecasts within two intervals.

        Parameters
        ----------
        inner : float
            Coverage of the narrower interval; that of the wider is the fit's own.

        Returns
        -------
        pandas.DataFrame
            Columns ``value``, ``fitted``, ``forecast``, ``low``, ``high``, ``inner_low``,
            ``inner_high``, each missing where there is none; one row a period.

        Raises
        ------
        ValueError
            If ``inner`` is not between 0 and 1.
        """
        past = pd.DataFrame({"value": self.observed, "fitted": self.bands()["fitted"]})
        wide = self.forecast_interval().rename(columns={"fitted": "forecast"})
        narrow = self.forecast_interval(level=inner)[["low", "high"]].add_prefix("inner_")
        return pd.concat([past, wide.join(narrow)])

    def drawing(self) -> DrawingCall:
        """
        Return the series, its level and the fan of its forecasts.

        Returns
        -------
        DrawingCall
            For :func:`flows.figures.draw_forecast`.
        """
        fan, log = self.fan(), self.form == "log"
        options = {
            "unit_label": "Unit of the series" + ", log scale" * log,
            "interval_label": f"{self.level:.0%} interval",
            "inner_label": f"{_INNER:.0%} interval",
            "log": log,
        }
        data = fan.reset_index(drop=True).assign(date=[first_day(period) for period in fan.index])
        return DrawingCall("draw_forecast", data, options)

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
        scale = "logarithm" if self.form == "log" else "level"
        title = f"{SPECIFICATIONS[self.kind].capitalize()} in the {scale}"
        facts = [*self._sample_facts(), *self._noise_facts(), *self._state_facts()]
        return summary_text(title, facts, self.tidy())

    def _sample_facts(self) -> list[tuple[str, str]]:
        ratios = [f"{ratio:.2f} over {n}" for n, ratio in self.persistence.variance_ratios.items()]
        return [
            ("periods", f"{self.states.index[0]} to {self.states.index[-1]}"),
            ("nobs", f"{self.nobs} of {len(self.states)} periods"),
            ("left out", describe_left_out(self.left_out)),
            ("shocks", self.persistence.reading),
            *(("test", f"{test}; null: {test.null}") for test in self.tests),
            ("variance ratios", ", ".join(ratios) or "none: too few periods, or some are missing"),
        ]

    def _noise_facts(self) -> list[tuple[str, str]]:
        aics = "; ".join(f"{name} {aic:.1f}" for name, aic in self.criteria["aic"].items())
        facts = [("start", "exact diffuse"), ("loglik", f"{self.loglik:.4f}"), ("AIC", aics)]
        if np.isinf(self.loglik):
            facts.append(("noise", "none: the model fits every value but for rounding"))
        elif self.noise == "white":
            facts.append(("noise", "white"))
        elif math.isnan(self.rho):
            facts.append(("noise", "white: no part of it that lasts is more likely than none"))
        else:
            facts.append(("noise", f"AR(1), keeps {self.rho:.3f} of itself{self._doubt()}"))
        return facts

    def _doubt(self) -> str:
        """Say where autoregressive noise is not told from what the model has without it."""
        better = float(self.criteria["loglik"]["ar1"] - self.criteria["loglik"]["white"])
        if better >= _TOLD:
            return ""
        return (
            f"; not told from white noise beside a level that drifts (log-likelihood {better:.2f} "
            f"higher)"
        )

    def _state_facts(self) -> list[tuple[str, str]]:
        last = self.states.iloc[-1]
        facts = [("last level", f"{last['level']:.6g} (s.e. {last['level_std_error']:.3g})")]
        if self.kind == "trend":
            low, high = self.slope_interval()
            interval = "" if self._too_short else f", {self.level:.0%} {low:.4g} to {high:.4g}"
            facts += [
                ("last slope", f"{last['slope']:.4g} a year (s.e. {last['slope_std_error']:.3g})"),
                ("average slope", f"{self.slope:.4g} a year{interval}"),
            ]
        return [*facts, *self._interval_facts()]

    def _interval_facts(self) -> list[tuple[str, str]]:
        """Say which intervals a short series has not, and which hold less than they say."""
        if self._too_short and (self.kind == "trend" or len(self.forecasts)):
            few = f"{self.nobs} values, {INTERVALS_FROM} needed"
            return [("intervals", f"none of slope and forecasts: {few}")]
        if self.kind == "trend" and self.nobs < _SLOPE_HOLDS_FROM and np.isfinite(self.loglik):
            short = f"fewer than {_SLOPE_HOLDS_FROM} values"
            return [("intervals", f"{short}: if shocks stay, 95% of the slope holds in 85 to 90%")]
        return []

    @property
    def _too_short(self) -> bool:
        return self.nobs < INTERVALS_FROM and not np.isinf(self.loglik)

    def _interval(
        self, middle: pd.Series, std_error: pd.Series, level: float | None
    ) -> pd.DataFrame:
        coverage = check_level(self.level if level is None else level)
        half = stats.t.ppf(0.5 + coverage / 2, self.df) * std_error
        return self._in_units(
            pd.DataFrame({"fitted": middle, "low": middle - half, "high": middle + half})
        )

    def _in_units(self, frame: pd.DataFrame) -> pd.DataFrame:
        return frame.apply(np.exp) if self.form == "log" else frame

    def _card(self) -> Card:
        growth = ("a year", "none: a level without a slope")
        if len(self.plausible):
            ends = self.slope_interval()
            growth = ("a year", print_interval(self.slope, *ends, level=self.level))
            if self.form == "log":
                rates = (100 * math.expm1(rate) for rate in (self.slope, *ends))
                growth = ("growth", print_growth(*rates, level=self.level))
        index = self.states.index
        return Card(
            title=f"{SPECIFICATIONS[self.kind]}, {self.form}, {index[0]} to {index[-1]}",
            facts=(
                growth,
                ("shocks", self.persistence.reading),
                ("noise", self.noise),
                ("nobs", f"{self.nobs} of {print_count(len(self.states), 'period')}"),
                ("left out", describe_left_out(self.left_out)),
            ),
            more=tuple(
                (f"variance of {name}", print_estimate(variance))
                for name, variance in self.variances.items()
            ),
        )


def fit_local_trend(
    y: pd.Series,
    *,
    kind: Kind = "trend",
    form: LocalForm = "log",
    noise: Noise = "aic",
    season: bool = False,
    horizon: int = 0,
    level: float = 0.95,
) -> LocalTrendFit:
    r"""
    Fit :math:`y_t = \mu_t + \varepsilon_t` with a level that drifts and noise that may last.

    Parameters
    ----------
    y : pandas.Series
        Values in one unit; index of periods as for :func:`flows.fit_trend`. Absent and
        missing periods are filled by the smoother.
    kind : {"level", "trend"}
        :math:`\mu_{t+1} = \mu_t + \eta_t`, or the same plus a slope that is a random walk.
    form : {"log", "level"}
        Scale of the series.
    noise : {"aic", "ar1", "white"}
        :math:`\varepsilon_t` white; white beside noise that keeps a part :math:`\rho` of itself
        from a period to the next, :math:`|\rho| < 1`; or which of the two has the lower AIC, where
        there are 10 values or more. See ``docs/decisions/015-noise-beside-a-trend.md``.
    season : bool
        Add a season of months or quarters that drifts; needs three years of values.
    horizon : int
        Periods to forecast.
    level : float
        Coverage of the intervals.

    Returns
    -------
    LocalTrendFit
        Variances by maximum likelihood, smoothed states, forecasts.

    Raises
    ------
    PeriodError
        If the index holds no periods, periods of several frequencies, or one period twice.
    SampleError
        If fewer than five values are there, or fewer than two beyond those that fix the start; for
        a season fewer than three years of them; for ``noise="ar1"`` fewer than 10; all are the
        same, one has no logarithm, annual values are asked for a season, or a season is never
        observed; or the most likely variances cannot be determined.
    ValueError
        If a name is unknown or ``horizon`` is negative.

    Notes
    -----
    The start is exactly diffuse [1]_: nothing is assumed about the first level and slope;
    autoregressive noise starts from its stationary distribution. Variances and :math:`\rho` are
    where the exact score [2]_ is zero, or exactly zero themselves; which is decided by the
    likelihood. The search is for ratios of variances, so that the unit does not matter.

    References
    ----------
    .. [1] Durbin, J. and Koopman, S. J. (2012). Time Series Analysis by State Space Methods, 2nd
       ed. Oxford University Press; chapters 2 and 5.
    .. [2] Koopman, S. J. and Shephard, N. (1992). Exact score for time series models in state space
       form. Biometrika 79 (4), 823-826.

    Examples
    --------
    >>> years = pd.period_range("2013", "2022", freq="Y")
    >>> y = pd.Series([10, 12, 11, 13, 15, 14, 16, 18, 17, 19], index=years)
    >>> fit = fit_local_trend(y, kind="level", form="level", horizon=1)
    >>> fit.states.shape, str(fit.forecasts.index[0])
    ((10, 2), '2023')
    """
    check_level(level)
    _check_names(kind, form, noise, horizon)
    sample = check_series(y, at_least=_AR_FROM if noise == "ar1" else AT_LEAST)
    check_varies(sample)
    if season:
        _check_season(sample)
    asked = _Asked(kind, form, noise, season, horizon, level)
    return _fit(sample, _on_calendar(sample, form), asked)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What was asked of :func:`fit_local_trend`."""

    kind: Kind
    form: LocalForm
    noise: Noise
    season: bool
    horizon: int
    level: float


def _check_season(sample: Sample) -> None:
    """Refuse a season where it would be read off less than three years of values."""
    seasons = sample.periods_per_year
    if seasons == 1:
        raise SampleError("a series of years has no season; use season=False")
    if sample.nobs < _WHOLE_YEARS * seasons:
        raise SampleError(
            f"expected at least {_WHOLE_YEARS * seasons} values, {_WHOLE_YEARS} years of them, for "
            f"{seasons} seasons, found {sample.nobs}; use season=False"
        )


def _check_names(kind: str, form: str, noise: str, horizon: int) -> None:
    check_choice("kind", kind, get_args(Kind))
    check_choice("form", form, get_args(LocalForm))
    check_choice("noise", noise, get_args(Noise))
    if horizon < 0:
        raise ValueError(f"expected a horizon of 0 or more periods, found {horizon}")


def _on_calendar(sample: Sample, form: LocalForm) -> FloatArray:
    """Return the series on its calendar, missing periods as NaN."""
    if form == "log":
        check_positive(sample, instead="a zero has no logarithm: use form='level' or leave it out")
        sample = replace(sample, observed=np.log(sample.observed))
        check_varies(sample)
    grid = np.full(int(sample.steps[-1] - sample.steps[0]) + 1, np.nan)
    grid[sample.steps - sample.steps[0]] = sample.observed
    return grid


@dataclass(frozen=True, slots=True)
class _Units:
    """How the standardised series is turned back: its origin, its unit, its noise."""

    origin: float
    unit: float
    scale: float

    @property
    def error(self) -> float:
        """Factor of a standard error."""
        return self.unit * math.sqrt(self.scale)


@dataclass(frozen=True, slots=True)
class _Fitted:
    """A model of one noise, with its optimum."""

    model: "UnobservedComponents"
    likelihood: Likelihood
    best: Optimum

    @property
    def noisy(self) -> float:
        """Return 1, or 0 where the model fits every value but for rounding."""
        return float(not np.isinf(self.best.loglik))

    @property
    def criteria(self) -> dict[str, float]:
        """Log-likelihood, parameters (those of the start among them), and AIC."""
        count = len(self.best.params) + self.likelihood.kalman.nobs - self.likelihood.count
        aic = 2 * count - 2 * self.best.loglik
        return {"loglik": self.best.loglik, "parameters": count, "aic": aic}


def _fit(sample: Sample, values: FloatArray, asked: _Asked) -> LocalTrendFit:
    origin = float(values[0])
    # A power of two: dividing by it rounds nothing.
    unit = 2.0 ** round(math.log2(float(np.nanstd(values))))
    size = max(float(np.nanmax(np.abs(values))), float(asked.form == "log"))
    fits = _fit_noises(
        (values - origin) / unit,
        asked,
        seasons=sample.periods_per_year if asked.season else None,
        rounding=ROUNDING * size / unit,
    )
    criteria = pd.DataFrame({noise: fit.criteria for noise, fit in fits.items()}).T
    lost = fits["white"].likelihood.count * math.log(unit)
    criteria = criteria.assign(
        loglik=criteria["loglik"] - lost, aic=criteria["aic"] + 2 * lost
    ).rename_axis("noise")
    chosen = asked.noise if asked.noise in fits else str(criteria["aic"].idxmin())
    fit = fits[chosen]
    best, names = fit.best, [name.removeprefix("sigma2.") for name in fit.model.param_names]
    units = _Units(origin, unit, best.scale)
    sets = best.params[:, None] if np.isinf(best.loglik) else likely(fit.likelihood, best.params)
    smoothed = fit.model.smooth(best.params, cov_type="none")
    kept = best.rho is not None and best.rho != 0
    used = int(np.count_nonzero(best.ratios)) - 1 + kept
    return LocalTrendFit(
        kind=asked.kind,
        form=asked.form,
        noise="white" if best.rho is None else "ar1",
        variances=pd.Series(
            best.ratios * units.error**2,
            index=[_NAMES.get(name, name) for name in names[: len(best.ratios)]],
            name="variance",
        ),
        rho=float(best.rho) if kept and best.rho is not None else math.nan,
        criteria=criteria,
        loglik=float(criteria["loglik"][chosen]),
        states=_states(smoothed, sample, asked.kind, units),
        forecasts=_forecasts(smoothed, sample, asked.horizon, units),
        df=float(max(fit.likelihood.count - used, 1)),
        plausible=_plausible(fit, sets, sample.periods_per_year, units, asked),
        plausible_forecasts=_plausible_forecasts(fit, sets, sample, asked.horizon, units),
        persistence=UNTESTED
        if np.isinf(best.loglik)
        else find_persistence(
            values, periods_per_year=sample.periods_per_year, season=asked.season
        ),
        level=asked.level,
        nobs=sample.nobs,
        observed=pd.Series(sample.observed, index=sample.periods),
        left_out=sample.left_out,
    )


def _fit_noises(
    values: FloatArray, asked: _Asked, *, seasons: int | None, rounding: float
) -> dict[str, _Fitted]:
    """Fit white noise, and autoregressive noise where it is asked for, or may be by AIC."""
    model = local_model(values, asked.kind, seasons)
    likelihood = likelihood_of(model)
    white = _Fitted(model, likelihood, _optimum(likelihood, rounding=rounding))
    fits = {"white": white}
    tried = asked.noise == "ar1" or (asked.noise == "aic" and likelihood.kalman.nobs >= _AR_FROM)
    if tried and not np.isinf(white.best.loglik):
        model = local_model(values, asked.kind, seasons, autoregressive=1)
        likelihood = likelihood_of(model)
        try:
            fits["ar1"] = _Fitted(model, likelihood, find_variances(likelihood, nested=white.best))
        except SampleError:
            # Too few values to tell such noise from other shocks: it is no candidate.
            if asked.noise == "ar1":
                raise
    return fits


def _plausible(
    fit: _Fitted, sets: FloatArray, periods_per_year: int, units: _Units, asked: _Asked
) -> pd.DataFrame:
    """Return the average slope under each of the likely sets of parameters."""
    if asked.kind == "level":
        return pd.DataFrame({"slope": [], "std_error": [], "df": []}, dtype="float64")
    slopes, errors = average_slopes(fit.likelihood, sets)
    factor = units.unit * periods_per_year
    return pd.DataFrame(
        {
            "slope": slopes * factor,
            "std_error": fit.noisy * errors * factor,
            "df": float(fit.likelihood.count),
        }
    )


def _plausible_forecasts(
    fit: _Fitted, sets: FloatArray, sample: Sample, horizon: int, units: _Units
) -> pd.DataFrame:
    """Return forecasts under each of the likely sets of parameters."""
    means, errors = forecasts(fit.likelihood, sets, horizon)
    parts = {
        "mean": pd.DataFrame(units.origin + units.unit * means),
        "std_error": pd.DataFrame(fit.noisy * units.unit * errors),
    }
    index = _calendar(sample, int(sample.steps[-1] - sample.steps[0]) + 1, horizon)
    return pd.concat(parts, axis=1).set_axis(index, axis=0)


def _optimum(likelihood: Likelihood, *, rounding: float) -> Optimum:
    noise_alone = np.eye(len(likelihood.kalman.system.sources))[0]
    if math.sqrt(likelihood.scale(noise_alone)) <= rounding:
        return Optimum(noise_alone, scale=0.0, loglik=math.inf)
    return find_variances(likelihood)


def _states(
    smoothed: "UnobservedComponentsResults", sample: Sample, kind: Kind, units: _Units
) -> pd.DataFrame:
    result = smoothed.smoother_results
    state = result.smoothed_state * units.unit
    spread = result.smoothed_state_cov
    error = np.sqrt(np.where(spread > KNOWN, spread, 0.0)) * units.error
    frame = {"level": units.origin + state[0], "level_std_error": error[0, 0]}
    if kind == "trend":
        frame["slope"] = state[1] * sample.periods_per_year
        frame["slope_std_error"] = error[1, 1] * sample.periods_per_year
    return pd.DataFrame(frame, index=_calendar(sample, 0, state.shape[1]))


def _forecasts(
    smoothed: "UnobservedComponentsResults", sample: Sample, horizon: int, units: _Units
) -> pd.DataFrame:
    index = _calendar(sample, int(sample.steps[-1] - sample.steps[0]) + 1, horizon)
    if horizon == 0:
        return pd.DataFrame({"mean": [], "std_error": []}, index=index, dtype="float64")
    forecast = smoothed.get_forecast(horizon)
    mean = units.origin + units.unit * np.asarray(forecast.predicted_mean)
    error = units.error * np.asarray(forecast.se_mean)
    return pd.DataFrame({"mean": mean, "std_error": error}, index=index)


def _calendar(sample: Sample, skip: int, count: int) -> pd.Index:
    """Return ``count`` periods, ``skip`` after the first one used."""
    first = int(sample.steps[0]) + skip
    return periods_at(range(first, first + count), sample.periods)
