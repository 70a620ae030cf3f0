"""A level and a slope that drift: smoothed, forecast with intervals, and held against its past."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np
import pandas as pd
from scipy import stats

from flows.errors import SampleError
from flows.models.diffuse_filter import DiffuseFilter, System
from flows.models.results import check_level, describe_left_out, summary_text
from flows.models.sample import (
    FloatArray,
    Sample,
    check_choice,
    check_positive,
    check_series,
    check_varies,
    periods_at,
)
from flows.models.variance_search import Likelihood, Optimum, find_variances

_AT_LEAST = 5

_ROUNDING = 1e-12
"""Noise, relative to the largest value (of a logarithm to 1), that is rounding."""

_KNOWN = 1e-12
"""Variance of a smoothed state, relative to the largest of the shocks, that is rounding."""

_BEYOND_START = 2
"""Fewest values beyond those that fix the start: of one alone every variance is as likely."""

_NAMES = {"trend": "slope"}
"""Ours for statsmodels' name of a variance."""

Kind = Literal["level", "trend"]
LocalForm = Literal["log", "level"]

SPECIFICATIONS = {"level": "local level", "trend": "local linear trend"}
"""Names of the models."""

Forecaster = Callable[[pd.Series, int], pd.Series | FloatArray]
"""Takes a series and a horizon, returns that many forecasts in the units of the series."""

if TYPE_CHECKING:
    from statsmodels.tsa.statespace.structural import (
        UnobservedComponents,
        UnobservedComponentsResults,
    )


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
        coverage = check_level(self.level if level is None else level)
        half = stats.norm.ppf(0.5 + coverage / 2) * std_error
        frame = pd.DataFrame({"fitted": middle, "low": middle - half, "high": middle + half})
        return frame.apply(np.exp) if self.form == "log" else frame


def fit_local_trend(
    y: pd.Series,
    *,
    kind: Kind = "trend",
    form: LocalForm = "log",
    season: bool = False,
    horizon: int = 0,
    level: float = 0.95,
) -> LocalTrendFit:
    r"""
    Fit :math:`y_t = \mu_t + \varepsilon_t` with a level that drifts.

    Parameters
    ----------
    y : pandas.Series
        Values in one unit; index of periods as for :func:`flows.models.trend.fit_trend`. Absent and
        missing periods are filled by the smoother.
    kind : {"level", "trend"}
        :math:`\mu_{t+1} = \mu_t + \eta_t`, or the same plus a slope that is a random walk.
    form : {"log", "level"}
        Scale of the series.
    season : bool
        Add a season of months or quarters that drifts.
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
        If fewer than five values are there, or fewer than two beyond those that fix the start; all
        are the same, one has no logarithm, annual values are asked for a season, or a season is
        never observed; or the most likely variances cannot be determined.
    ValueError
        If a name is unknown or ``horizon`` is negative.

    Notes
    -----
    The start is exactly diffuse [1]_: nothing is assumed about the first level and slope. Variances
    are where the exact score [2]_ is zero, or exactly zero themselves; which is decided by the
    likelihood. The search is for ratios of variances, so that the unit does not matter; see
    :func:`flows.models.variance_search.find_variances`.

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
    _check_names(kind, form, horizon)
    sample = check_series(y, at_least=_AT_LEAST)
    check_varies(sample)
    if season and sample.periods_per_year == 1:
        raise SampleError("a series of years has no season; use season=False")
    values = _on_calendar(sample, form)
    return _fit(sample, values, kind=kind, form=form, season=season, horizon=horizon, level=level)


def _check_names(kind: str, form: str, horizon: int) -> None:
    check_choice("kind", kind, get_args(Kind))
    check_choice("form", form, get_args(LocalForm))
    if horizon < 0:
        raise ValueError(f"expected a horizon of 0 or more periods, found {horizon}")


def _on_calendar(sample: Sample, form: LocalForm) -> FloatArray:
    """Return the series on its calendar, missing periods as NaN."""
    if form == "log":
        check_positive(sample, instead="a zero has no logarithm: use form='level' or leave it out")
    values = np.log(sample.observed) if form == "log" else sample.observed
    grid = np.full(int(sample.steps[-1] - sample.steps[0]) + 1, np.nan)
    grid[sample.steps - sample.steps[0]] = values
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


def _fit(
    sample: Sample,
    values: FloatArray,
    *,
    kind: Kind,
    form: LocalForm,
    season: bool,
    horizon: int,
    level: float,
) -> LocalTrendFit:
    origin = float(values[0])
    # A power of two: dividing by it rounds nothing.
    unit = 2.0 ** round(math.log2(float(np.nanstd(values))))
    model = _model((values - origin) / unit, kind, sample.periods_per_year if season else None)
    likelihood = _likelihood(model)
    size = max(float(np.nanmax(np.abs(values))), float(form == "log"))
    best = _optimum(likelihood, rounding=_ROUNDING * size / unit)
    smoothed = model.smooth(best.ratios, cov_type="none")
    units = _Units(origin, unit, best.scale)
    names = [name.removeprefix("sigma2.") for name in model.param_names]
    return LocalTrendFit(
        kind=kind,
        form=form,
        variances=pd.Series(
            best.ratios * units.error**2,
            index=[_NAMES.get(name, name) for name in names],
            name="variance",
        ),
        loglik=best.loglik - likelihood.count * math.log(unit),
        states=_states(smoothed, sample, kind, units),
        forecasts=_forecasts(smoothed, sample, horizon, units),
        level=level,
        nobs=sample.nobs,
        left_out=sample.left_out,
    )


def _model(values: FloatArray, kind: Kind, seasons: int | None) -> "UnobservedComponents":
    from statsmodels.tsa.statespace.structural import UnobservedComponents  # noqa: PLC0415

    model = UnobservedComponents(
        values, level=SPECIFICATIONS[kind], seasonal=seasons, use_exact_diffuse=True
    )
    # Variances that no longer change are not replaced by their limit: exact in every unit.
    model.ssm.tolerance = 0
    return model


def _likelihood(model: "UnobservedComponents") -> Likelihood:
    """Return the likelihood of the model's series, if more than its start can be estimated."""
    places = model.ssm["selection"].argmax(axis=0)
    system = System(
        design=model.ssm["design"][0],
        transition=model.ssm["transition"],
        sources=(None, *(int(place) for place in places)),
    )
    kalman = DiffuseFilter(system, model.endog[:, 0])
    if kalman.start.unknowns:
        raise SampleError(
            "expected each season to be observed, found one that is not; use season=False"
        )
    if kalman.count < _BEYOND_START:
        unknowns = len(system.design)
        raise SampleError(
            f"expected at least {_BEYOND_START} values more than the {unknowns} unknowns of the "
            f"start, found {kalman.nobs}; use kind='level' or season=False"
        )
    return Likelihood(kalman)


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
    error = np.sqrt(np.where(spread > _KNOWN, spread, 0.0)) * units.error
    frame = {"level": units.origin + state[0], "level_std_error": error[0, 0]}
    if kind == "trend":
        frame["slope"] = state[1] * sample.periods_per_year
        frame["slope_std_error"] = error[1, 1] * sample.periods_per_year
    return pd.DataFrame(frame, index=_calendar(sample, 0, state.shape[1]))


def _forecasts(
    smoothed: "UnobservedComponentsResults", sample: Sample, horizon: int, units: _Units
) -> pd.DataFrame:
    span = int(sample.steps[-1] - sample.steps[0]) + 1
    index = _calendar(sample, span, horizon)
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


def naive(y: pd.Series, horizon: int) -> FloatArray:
    """Forecast that nothing changes."""
    return np.full(horizon, float(y.iloc[-1]))


def drift(y: pd.Series, horizon: int) -> FloatArray:
    """Forecast that the average change goes on."""
    change = (float(y.iloc[-1]) - float(y.iloc[0])) / max(len(y) - 1, 1)
    return np.asarray(float(y.iloc[-1]) + change * np.arange(1, horizon + 1), dtype=np.float64)


@dataclass(frozen=True, slots=True, eq=False)
class Backtest:
    """
    Forecasts of one series from origins in its past, and how far they missed.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row a forecast: ``forecaster``, ``origin`` (last period that was known), ``period``,
        ``ahead`` (periods from the origin), ``forecast``, ``observed``, ``error`` (forecast less
        observed).
    scores : pandas.DataFrame
        Columns ``mae``, ``rmse`` (in the unit of the series), ``relative`` (the mean absolute error
        divided by the naive one's: below 1 is better) and ``origins``; one row a forecaster, index
        ``forecaster``, ``naive`` and ``drift`` last.
    horizon : int
        Periods ahead.
    """

    frame: pd.DataFrame
    scores: pd.DataFrame
    horizon: int

    def tidy(self) -> pd.DataFrame:
        """
        Return the scores as a frame.

        Returns
        -------
        pandas.DataFrame
            :attr:`scores`, a new frame.
        """
        return self.scores.copy()

    def summary(self) -> str:
        """
        Print the scores for a person.

        Returns
        -------
        str
            One line a forecaster; no date or time.
        """
        origins = int(self.scores["origins"].iloc[0])
        facts = [("origins", str(origins)), ("periods ahead", str(self.horizon))]
        return summary_text("Forecasts held against the past", facts, self.scores)


def backtest(
    y: pd.Series,
    forecasters: Mapping[str, Forecaster],
    *,
    first: int,
    horizon: int = 1,
    stride: int = 1,
) -> Backtest:
    """
    Forecast from each origin on what was known then, beside the naive and the drift forecast.

    Parameters
    ----------
    y : pandas.Series
        Values in one unit without gaps; index of periods.
    forecasters : Mapping
        Forecasters by name: any function that takes the series up to the origin and a horizon, and
        returns that many forecasts in the unit of the series.
    first : int
        Observations before the first origin.
    horizon : int
        Periods ahead.
    stride : int
        Periods from one origin to the next.

    Returns
    -------
    Backtest
        ``scores``, one row a forecaster, and ``frame``, one row a forecast.

    Raises
    ------
    SampleError
        If a period is missing or no origin is left.
    ValueError
        If ``first``, ``horizon`` or ``stride`` is below 1, or a forecaster returns another number
        of forecasts.

    References
    ----------
    .. [1] Tashman, L. J. (2000). Out-of-sample tests of forecasting accuracy. International Journal
       of Forecasting 16 (4), 437-450.

    Examples
    --------
    >>> y = pd.Series([1.0, 2.0, 3.0, 4.0], index=pd.period_range("2019", "2022", freq="Y"))
    >>> backtest(y, {}, first=2).scores["mae"].to_dict()
    {'naive': 1.0, 'drift': 0.0}

    A model of the package, or any other function:

    >>> def local_level(known, horizon):
    ...     fit = fit_local_trend(known, kind="level", form="level", horizon=horizon)
    ...     return fit.forecast_interval()["fitted"]
    >>> y = pd.Series([1.0, 2, 4, 3, 5, 6, 5], index=pd.period_range("2016", "2022", freq="Y"))
    >>> backtest(y, {"local level": local_level}, first=6).frame["forecaster"].to_list()
    ['local level', 'naive', 'drift']
    """
    for name, value in (("first", first), ("horizon", horizon), ("stride", stride)):
        if value < 1:
            raise ValueError(f"expected {name} to be 1 or more periods, found {value}")
    sample = check_series(y, at_least=2)
    origins = range(first, sample.nobs - horizon + 1, stride)
    if not sample.unbroken or len(origins) == 0:
        raise SampleError(
            f"expected an unbroken series of more than {first + horizon - 1} periods, found "
            f"{sample.nobs}"
        )
    frame = pd.concat(
        [
            _forecast_from(sample, origin, horizon, forecaster).assign(forecaster=name)
            for name, forecaster in {**forecasters, "naive": naive, "drift": drift}.items()
            for origin in origins
        ],
        ignore_index=True,
    )
    columns = ["forecaster", "origin", "period", "ahead", "forecast", "observed", "error"]
    errors = {
        str(name): rows["error"].to_numpy()
        for name, rows in frame.groupby("forecaster", sort=False)
    }
    return Backtest(frame[columns], _score(errors, len(origins)), horizon)


def _forecast_from(
    sample: Sample, origin: int, horizon: int, forecaster: Forecaster
) -> pd.DataFrame:
    """Return the forecasts from one origin beside what was observed."""
    ordered = pd.Series(sample.observed, index=sample.periods)
    forecast = np.asarray(forecaster(ordered.iloc[:origin], horizon), dtype=np.float64)
    if forecast.shape != (horizon,):
        raise ValueError(
            f"expected {horizon} forecasts from {sample.periods[origin - 1]}, found {forecast.size}"
        )
    observed = sample.observed[origin : origin + horizon]
    return pd.DataFrame(
        {
            "origin": [sample.periods[origin - 1]] * horizon,
            "period": list(sample.periods[origin : origin + horizon]),
            "ahead": np.arange(1, horizon + 1),
            "forecast": forecast,
            "observed": observed,
            "error": forecast - observed,
        }
    )


def _score(errors: Mapping[str, FloatArray], origins: int) -> pd.DataFrame:
    frame = pd.DataFrame(
        {
            "mae": {name: float(np.mean(np.abs(error))) for name, error in errors.items()},
            "rmse": {name: float(np.sqrt(np.mean(error**2))) for name, error in errors.items()},
        }
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        relative = frame["mae"].to_numpy() / frame.loc["naive", "mae"]
    frame["relative"] = relative
    frame["origins"] = origins
    return frame.rename_axis("forecaster")
