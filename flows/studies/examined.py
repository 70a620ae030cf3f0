"""One series of a trend study: its growth in several ways, its breaks, and what they lie beside."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from flows.measure.timeseries import Frequency
from flows.models.break_fit import BreakFit, Regime
from flows.models.breaks import find_breaks
from flows.models.coincidence import mark_breaks
from flows.models.days import first_day, last_day
from flows.models.growth import Comparison, GrowthEstimate, compare_fits
from flows.models.growth_estimators import estimate_growth
from flows.models.season import Season
from flows.models.trend import fit_trend
from flows.models.trend_fit import TrendFit
from flows.table import Rows

Scale = Literal["log", "level"]

LEVEL = 0.95
_SE: Literal["orthogonal-series"] = "orthogonal-series"
"""Keeps the size of its tests in short series; see the comparison in the documentation."""

_NAMES: dict[Frequency, str] = {"month": "Months", "year": "Years"}


@dataclass(frozen=True, slots=True)
class Examined:
    """
    One series and all that was fitted to it.

    Parameters
    ----------
    freq : {"month", "year"}
        Its periods.
    y : pandas.Series
        Values in million.
    unit : str
        ``"USD million"`` or ``"TIV million"``.
    scale : {"log", "level"}
        Scale of breaks, events and forecasts: logarithms where no value is zero.
    season : str
        Seasonal effects in breaks and events.
    comparison : Comparison
        Growth by several estimators; by Poisson alone where a value is zero.
    fits : dict
        Trends for the table side by side.
    breaks : BreakFit
        Regimes.
    marks : pandas.DataFrame
        ``world``, ``records`` and ``verdict``, one row a break; see
        :func:`flows.models.coincidence.mark_breaks`.
    rows : Mapping
        Lines of the raw files.
    """

    freq: Frequency
    y: pd.Series
    unit: str
    scale: Scale
    season: Season
    comparison: Comparison
    fits: dict[str, TrendFit]
    breaks: BreakFit
    marks: pd.DataFrame
    rows: Rows

    @property
    def title(self) -> str:
        """``Months`` or ``Years``."""
        return _NAMES[self.freq]

    @property
    def trend(self) -> TrendFit:
        """The fit whose residuals and influence are looked at."""
        return next(iter(self.fits.values()))


def examine(y: pd.Series, *, freq: Frequency, regime: Regime, events: pd.DataFrame) -> Examined:
    """
    Fit trends and regimes to one series.

    Parameters
    ----------
    y : pandas.Series
        As from :func:`flows.series`.
    freq : {"month", "year"}
        Its periods.
    regime : {"mean", "trend"}
        What is constant between breaks.
    events : pandas.DataFrame
        Columns ``date``, ``name``, ``kind``, of the world and of the records.

    Returns
    -------
    Examined
        All fits.

    Raises
    ------
    SampleError
        If the series is too short or constant.
    """
    unit = str(y.attrs["unit"])
    million = y / 1e6 if unit == "USD" else y.astype(float)
    scale: Scale = "log" if bool((million > 0).all()) else "level"
    season: Season = "dummies" if freq == "month" else "none"
    breaks = find_breaks(
        million.map(np.log) if scale == "log" else million,
        regime=regime,
        season=season,
        level=LEVEL,
    )
    return Examined(
        freq=freq,
        y=million,
        unit=f"{unit} million",
        scale=scale,
        season=season,
        comparison=compare_fits(_estimates(million, scale), level=LEVEL),
        fits=_fits(million, freq, scale),
        breaks=breaks,
        marks=mark_breaks(_calendar_dates(breaks.conf_int(), of=y.index), events),
        rows=y.attrs["rows"],
    )


def _calendar_dates(found: pd.DataFrame, *, of: pd.Index) -> pd.DataFrame:
    """Return breaks and their intervals as days, whatever the calendar of the series."""
    ends = {
        "low": [pd.NaT if pd.isna(low) else first_day(low, of=of) for low in found["low"]],
        "high": [pd.NaT if pd.isna(high) else last_day(high, of=of) for high in found["high"]],
    }
    return pd.DataFrame(
        {name: pd.PeriodIndex(days, freq="D") for name, days in ends.items()},
        index=pd.PeriodIndex([first_day(period, of=of) for period in found.index], freq="D"),
    )


def _estimates(y: pd.Series, scale: Scale) -> dict[str, GrowthEstimate]:
    """Return growth by every estimator, or by the one that admits zeros."""
    if scale == "log":
        return estimate_growth(y, level=LEVEL)
    fit = fit_trend(y, form="poisson", se=_SE, level=LEVEL)
    low, high = fit.growth_interval()
    return {"Poisson": GrowthEstimate(fit.growth_pct, low, high, fit.nobs, "growth of the mean")}


def _fits(y: pd.Series, freq: Frequency, scale: Scale) -> dict[str, TrendFit]:
    """Return the trends that stand side by side, by the heading of their column."""
    name = _NAMES[freq]
    fits = {f"{name}, Poisson": fit_trend(y, form="poisson", se=_SE, level=LEVEL)}
    if scale == "level":
        return fits
    seasonal = {}
    if freq == "month":
        seasonal[f"{name}, log, seasons"] = fit_trend(y, se=_SE, season="dummies", level=LEVEL)
    return {f"{name}, log": fit_trend(y, se=_SE, level=LEVEL), **seasonal, **fits}
