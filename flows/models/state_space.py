"""A level and a slope that drift: smoothed, missing months filled, and forecast with intervals."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, get_args

import numpy as np
import pandas as pd

from flows.errors import SampleError
from flows.models.diffuse_filter import DiffuseFilter, System
from flows.models.local_trend_fit import SPECIFICATIONS, Kind, LocalForm, LocalTrendFit
from flows.models.results import check_level
from flows.models.sample import FloatArray, Sample, check_positive, check_series, check_varies
from flows.models.variance_search import Likelihood, Optimum, find_variances

if TYPE_CHECKING:
    from statsmodels.tsa.statespace.structural import (
        UnobservedComponents,
        UnobservedComponentsResults,
    )

_AT_LEAST = 5

_ROUNDING = 1e-12
"""Noise, relative to the largest value (of a logarithm to 1), that is rounding."""

_BEYOND_START = 2
"""Fewest values beyond those that fix the start: of one alone every variance is as likely."""

_NAMES = {"trend": "slope"}
"""Ours for statsmodels' name of a variance."""


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
        raise SampleError("expected months or quarters for a season, found years; use season=False")
    values = _on_calendar(sample, form)
    return _fit(sample, values, kind=kind, form=form, season=season, horizon=horizon, level=level)


def _check_names(kind: str, form: str, horizon: int) -> None:
    for name, found, known in (("kind", kind, get_args(Kind)), ("form", form, get_args(LocalForm))):
        if found not in known:
            raise ValueError(f"expected {name} to be one of {', '.join(known)}, found {found!r}")
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
    error = np.sqrt(np.maximum(result.smoothed_state_cov, 0)) * units.error
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
    found = smoothed.get_forecast(horizon)
    mean = units.origin + units.unit * np.asarray(found.predicted_mean)
    error = units.error * np.asarray(found.se_mean)
    return pd.DataFrame({"mean": mean, "std_error": error}, index=index)


def _calendar(sample: Sample, skip: int, count: int) -> pd.Index:
    """Return ``count`` periods, ``skip`` after the first one used."""
    steps = [int(sample.steps[0]) + skip + ahead for ahead in range(count)]
    if isinstance(sample.periods, pd.PeriodIndex):
        freq = sample.periods.freqstr
        return pd.PeriodIndex([pd.Period(ordinal=step, freq=freq) for step in steps], freq=freq)
    return pd.Index(steps, name=sample.periods.name)
