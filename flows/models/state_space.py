"""A level and a slope that drift: smoothed, missing months filled, and forecast with intervals."""

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import pandas as pd
from scipy import stats

from flows.models.results import check_level, describe_left_out, summary_text
from flows.models.sample import (
    FloatArray,
    Sample,
    SampleError,
    check_positive,
    check_series,
    check_varies,
)

Kind = Literal["level", "trend"]
LocalForm = Literal["log", "level"]

_SPECIFICATIONS = {"level": "local level", "trend": "local linear trend"}
_AT_LEAST = 5


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
        ``seasonal``, on that scale.
    loglik : float
        Diffuse log-likelihood.
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
        if self.kind == "trend":
            slope = f"{last['slope']:.4g} a year (s.e. {last['slope_std_error']:.3g})"
            facts.append(("last slope", slope))
        scale = "logarithm" if self.form == "log" else "level"
        title = f"{_SPECIFICATIONS[self.kind].capitalize()} in the {scale}"
        return summary_text(title, facts, self.tidy())

    def _interval(
        self, middle: pd.Series, std_error: pd.Series, level: float | None
    ) -> pd.DataFrame:
        asked = check_level(self.level if level is None else level)
        half = stats.norm.ppf(0.5 + asked / 2) * std_error
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
        If fewer than five values are there, all are the same, one has no logarithm, or annual
        values are asked for a season.
    ValueError
        If a name is unknown or ``horizon`` is negative.

    Notes
    -----
    The start is exactly diffuse [1]_: nothing is assumed about the first level and slope. The
    series is divided by its standard deviation before variances are searched for, so that the unit
    does not matter.

    References
    ----------
    .. [1] Durbin, J. and Koopman, S. J. (2012). Time Series Analysis by State Space Methods, 2nd
       ed. Oxford University Press; chapters 2 and 5.

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
        raise SampleError("expected months or quarters for a season, found years; use season=False")
    values = _scaled(sample, form)
    return _fit(sample, values, kind=kind, form=form, season=season, horizon=horizon, level=level)


def _check_names(kind: str, form: str, horizon: int) -> None:
    for name, found, known in (("kind", kind, get_args(Kind)), ("form", form, get_args(LocalForm))):
        if found not in known:
            raise ValueError(f"expected {name} to be one of {', '.join(known)}, found {found!r}")
    if horizon < 0:
        raise ValueError(f"expected a horizon of 0 or more periods, found {horizon}")


def _scaled(sample: Sample, form: LocalForm) -> FloatArray:
    """Return the series on its calendar, missing periods as NaN."""
    if form == "log":
        check_positive(sample, instead="a zero has no logarithm: use form='level' or leave it out")
    values = np.log(sample.observed) if form == "log" else sample.observed
    grid = np.full(int(sample.steps[-1] - sample.steps[0]) + 1, np.nan)
    grid[sample.steps - sample.steps[0]] = values
    return grid


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
    from statsmodels.tsa.statespace.structural import UnobservedComponents  # noqa: PLC0415

    unit = float(np.nanstd(values))
    options = {"level": _SPECIFICATIONS[kind], "use_exact_diffuse": True}
    if season:
        options["seasonal"] = sample.periods_per_year
    model = UnobservedComponents(values / unit, **options)
    start = model.fit(disp=False, maxiter=500).params
    params = model.fit(start, disp=False, method="nm", maxiter=5000, xtol=1e-9, ftol=1e-11).params
    names = [name.split(".")[-1] for name in model.param_names]
    original = UnobservedComponents(values, **options)
    smoothed = original.smooth(np.asarray(params) * unit**2)
    names = [name if name != "trend" else "slope" for name in names]
    variances = pd.Series(np.asarray(smoothed.params), index=names, name="variance")
    return LocalTrendFit(
        kind=kind,
        form=form,
        variances=variances,
        loglik=float(smoothed.llf),
        states=_states(smoothed, sample, kind),
        forecasts=_forecasts(smoothed, sample, horizon),
        level=level,
        nobs=sample.nobs,
        left_out=sample.left_out,
    )


def _states(smoothed: object, sample: Sample, kind: Kind) -> pd.DataFrame:
    result = smoothed.smoother_results  # type: ignore[attr-defined]
    spread = np.sqrt(np.maximum(result.smoothed_state_cov, 0))
    frame = {"level": result.smoothed_state[0], "level_std_error": spread[0, 0]}
    if kind == "trend":
        frame["slope"] = result.smoothed_state[1] * sample.periods_per_year
        frame["slope_std_error"] = spread[1, 1] * sample.periods_per_year
    return pd.DataFrame(frame, index=_calendar(sample, 0, result.smoothed_state.shape[1]))


def _forecasts(smoothed: object, sample: Sample, horizon: int) -> pd.DataFrame:
    span = int(sample.steps[-1] - sample.steps[0]) + 1
    index = _calendar(sample, span, horizon)
    if horizon == 0:
        return pd.DataFrame({"mean": [], "std_error": []}, index=index, dtype="float64")
    found = smoothed.get_forecast(horizon)  # type: ignore[attr-defined]
    return pd.DataFrame(
        {"mean": np.asarray(found.predicted_mean), "std_error": np.asarray(found.se_mean)},
        index=index,
    )


def _calendar(sample: Sample, skip: int, count: int) -> pd.Index:
    """Return ``count`` periods, ``skip`` after the first one used."""
    steps = [int(sample.steps[0]) + skip + ahead for ahead in range(count)]
    if isinstance(sample.periods, pd.PeriodIndex):
        freq = sample.periods.freqstr
        return pd.PeriodIndex([pd.Period(ordinal=step, freq=freq) for step in steps], freq=freq)
    return pd.Index(steps, name=sample.periods.name)
