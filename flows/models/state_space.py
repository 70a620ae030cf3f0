"""A level and a slope that drift: smoothed, missing months filled, and forecast with intervals."""

from typing import get_args

import numpy as np
import pandas as pd

from flows.errors import SampleError
from flows.models.local_trend_fit import SPECIFICATIONS, Kind, LocalForm, LocalTrendFit
from flows.models.results import check_level
from flows.models.sample import FloatArray, Sample, check_positive, check_series, check_varies

_AT_LEAST = 5


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
    options = {"level": SPECIFICATIONS[kind], "use_exact_diffuse": True}
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
