"""Figures of the trend study."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from flows.findings import Figure, Json
from flows.models.days import first_day, last_day
from flows.models.state_space import fit_local_trend
from flows.studies.examined import LEVEL, Examined
from flows.studies.regimes_table import regime_lines

_INNER = 0.8
_AHEAD = {"month": 12, "year": 3}
_LAGS = {"month": 24, "year": 6}
_NORMAL = 1.96


def breaks_figure(one: Examined, events: pd.DataFrame, *, title: str, name: str) -> Figure:
    """
    Return the figure of a series with its regimes, break dates and events.

    Parameters
    ----------
    one : Examined
        The series.
    events : pandas.DataFrame
        Columns ``date`` and ``name``.
    title : str
        What the series is.
    name : str
        First part of the id.

    Returns
    -------
    Figure
        Drawn by ``draw_breaks``.
    """
    lines = regime_lines(one)
    of = one.y.index
    inside = events[events["date"].between(first_day(of[0], of=of), last_day(of[-1], of=of))]
    data = pd.DataFrame(
        {
            "date": _dates(lines.index, of=one.y.index),
            "regime": lines["regime"].to_numpy(),
            "value": one.y.reindex(lines.index).to_numpy(),
            "fitted": lines["fitted"].to_numpy(),
        }
    )
    named = zip(inside["date"].dt.strftime("%Y-%m-%d"), inside["name"], strict=True)
    return Figure(
        id=f"{name}-breaks",
        draw="draw_breaks",
        data=data,
        options={
            "unit_label": f"{one.unit} a {one.freq}{', log scale' if one.scale == 'log' else ''}",
            "breaks": _marks(one),
            "interval_label": f"{LEVEL:.0%} interval of its date",
            "events": [{"date": date, "name": event} for date, event in named],
            "log": one.scale == "log",
        },
        caption=(
            f"{title} by {one.freq}: regimes of the {one.breaks.regime}, the dates between them "
            f"with their {LEVEL:.0%} intervals, and events (dashed), which had no part in finding "
            "the dates."
        ),
        source=_source(one),
        rows=one.rows,
        exact=("value",),
    )


def path_figure(one: Examined, *, title: str, name: str) -> Figure:
    """
    Return the figure of the break statistic by date.

    Parameters
    ----------
    one : Examined
        The series.
    title : str
        What the series is.
    name : str
        First part of the id.

    Returns
    -------
    Figure
        Drawn by ``draw_break_path``.
    """
    path = one.breaks.f_path
    return Figure(
        id=f"{name}-break-path",
        draw="draw_break_path",
        data=pd.DataFrame(
            {"date": _dates(path.index, of=one.y.index), "statistic": path.to_numpy()}
        ),
        options={
            "unit_label": "F statistic of one break at each date",
            "critical_value": one.breaks.tests["supF(1)"].critical_values[0.05],
            "critical_label": "5% critical value of the largest",
            "breaks": _marks(one),
        },
        caption=(
            f"{title} by {one.freq}: how strongly the data speak for a single break at each date, "
            "errors taken as uncorrelated, with the dates that were chosen."
        ),
        source=_source(one),
        rows=one.rows,
    )


def estimates_figure(several: Sequence[Examined], *, title: str, name: str) -> Figure:
    """
    Return the figure of growth by estimator.

    Parameters
    ----------
    several : sequence of Examined
        The flow by month, by year.
    title : str
        What the flow is.
    name : str
        First part of the id.

    Returns
    -------
    Figure
        Drawn by ``draw_estimates``.
    """
    frames = [one.comparison.tidy().reset_index().assign(group=f"by {one.freq}") for one in several]
    data = pd.concat(frames, ignore_index=True).rename(
        columns={"estimator": "name", "growth_pct": "value"}
    )
    return Figure(
        id=f"{name}-estimates",
        draw="draw_estimates",
        data=data[["group", "name", "value", "low", "high", "nobs", "answers"]],
        options={"unit_label": "Growth, percent a year"},
        caption=(
            f"Growth of {title} by estimator, with {LEVEL:.0%} intervals. The estimators answer "
            "different questions: the two lines weigh all periods, differences only the first and "
            "the last, Theil–Sen takes the median pair of periods, and the state space lets the "
            "slope drift."
        ),
        source=_source(*several),
        rows=several[0].rows,
    )


def residual_figures(one: Examined, *, title: str, name: str) -> tuple[Figure, Figure]:
    """
    Return the figures of residuals over time and of their autocorrelation.

    Parameters
    ----------
    one : Examined
        The series.
    title : str
        What the series is.
    name : str
        First part of the ids.

    Returns
    -------
    tuple of Figure
        Drawn by ``draw_residuals`` and ``draw_autocorrelation``.
    """
    resids, form = one.trend.resids, one.trend.form
    unit = "log points" if form == "log" else one.unit
    over_time = Figure(
        id=f"{name}-residuals",
        draw="draw_residuals",
        data=pd.DataFrame(
            {"date": _dates(resids.index, of=one.y.index), "value": resids.to_numpy()}
        ),
        options={"unit_label": f"Residuals, {unit}", "spread": float(resids.std())},
        caption=f"What one straight line leaves of {title} by {one.freq}.",
        source=_source(one),
        rows=one.rows,
    )
    correlated = Figure(
        id=f"{name}-autocorrelation",
        draw="draw_autocorrelation",
        data=_autocorrelations(resids, lags=_LAGS[one.freq]),
        options={
            "unit_label": f"Correlation of residuals with those so many {one.freq}s before",
            "band_label": "95% of uncorrelated residuals",
        },
        caption=(
            f"Autocorrelation of what one straight line leaves of {title}: the reason why errors "
            "that take periods for independent are too small."
        ),
        source=_source(one),
        rows=one.rows,
    )
    return over_time, correlated


def forecast_figure(one: Examined, *, title: str, name: str) -> Figure:
    """
    Return the figure of a local linear trend and where it leads.

    Parameters
    ----------
    one : Examined
        The series.
    title : str
        What the series is.
    name : str
        First part of the id.

    Returns
    -------
    Figure
        Drawn by ``draw_forecast``.
    """
    ahead = _AHEAD[one.freq]
    fit = fit_local_trend(one.y, form=one.scale, season=one.freq == "month", horizon=ahead)
    wide, narrow = (fit.forecast_interval(level=level) for level in (LEVEL, _INNER))
    past = pd.DataFrame({"value": one.y, "fitted": fit.bands()["fitted"]})
    future = wide.rename(columns={"fitted": "forecast"}).assign(
        inner_low=narrow["low"], inner_high=narrow["high"]
    )
    joined = pd.concat([past, future])
    return Figure(
        id=f"{name}-forecast",
        draw="draw_forecast",
        data=joined.reset_index(drop=True).assign(date=_dates(joined.index, of=one.y.index)),
        options={
            "unit_label": f"{one.unit} a {one.freq}{', log scale' if one.scale == 'log' else ''}",
            "interval_label": f"{LEVEL:.0%} interval",
            "inner_label": f"{_INNER:.0%} interval",
            "log": one.scale == "log",
        },
        caption=(
            f"{title} by {one.freq}: smoothed level of a local linear trend, and {ahead} "
            f"{one.freq}s ahead if level, slope and season drift as they did."
        ),
        source=_source(one),
        rows=one.rows,
    )


def _marks(one: Examined) -> list[Json]:
    """Return break dates and the days of their intervals, as the drawing functions take them."""
    found, of = one.breaks.conf_int(), one.y.index
    return [
        {
            "date": f"{first_day(period, of=of):%Y-%m-%d}",
            "low": None if pd.isna(low) else f"{first_day(low, of=of):%Y-%m-%d}",
            "high": None if pd.isna(high) else f"{last_day(high, of=of):%Y-%m-%d}",
            "name": str(period),
        }
        for period, low, high in found.itertuples(name=None)
    ]


def _autocorrelations(resids: pd.Series, *, lags: int) -> pd.DataFrame:
    """Return the correlation of residuals with those some periods before, gaps left empty."""
    steps = [getattr(period, "ordinal", period) for period in resids.index]
    grid = pd.Series(resids.to_numpy(), index=steps).reindex(range(min(steps), max(steps) + 1))
    values = grid.fillna(0.0).to_numpy()
    lag = np.arange(1, min(lags, len(values) // 3) + 1)
    total = float(values @ values)
    correlated = [float(values[k:] @ values[:-k]) / total for k in lag]
    band = _NORMAL / np.sqrt(len(resids))
    return pd.DataFrame({"lag": lag, "value": correlated, "low": -band, "high": band})


def _dates(periods: pd.Index, *, of: pd.Index) -> pd.DatetimeIndex:
    return pd.DatetimeIndex([first_day(period, of=of) for period in periods])


def _source(*several: Examined) -> str:
    return f"Source: {', '.join(sorted({dataset for one in several for dataset in one.rows}))}."
