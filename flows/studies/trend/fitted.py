"""A series of a flow and what the sections of the trend study fit to it, each fit made once."""

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
import pandas as pd

from flows.findings import Json
from flows.measure.whole_periods import Frequency
from flows.models.breaks import BreakFit, find_breaks
from flows.models.growth import Comparison, GrowthEstimate, compare_fits, compare_growth
from flows.models.interruption import date_events
from flows.models.sample import Regime, Season, first_day, last_day
from flows.models.trend import TrendFit, fit_trend
from flows.origin import Made, applied, call
from flows.periods import Calendar
from flows.table import Rows, million_label

Scale = Literal["log", "level"]

LEVEL = 0.95
_SE: Literal["orthogonal-series"] = "orthogonal-series"
"""Keeps the size of its tests in short series; see the comparison in the documentation."""

_NAMES: dict[Frequency, str] = {
    "month": "Months",
    "quarter": "Quarters",
    "half-year": "Half-years",
    "year": "Years",
}


@dataclass(frozen=True, eq=False)
class FittedSeries:
    """
    One series of a flow; a fit is made when a section first asks for it.

    Parameters
    ----------
    freq : {"month", "quarter", "half-year", "year"}
        Its periods.
    million : Made of pandas.Series
        Its values, in million.
    calendar : str
        Whose years.
    unit : str
        ``"USD million"`` or ``"TIV million"``.
    regime : {"trend", "mean"}
        What is constant between breaks.
    world : Made of pandas.DataFrame
        Events: columns ``start``, ``name``, ``kind``.
    records : pandas.DataFrame
        Changes of the records: columns ``date``, ``name``, ``kind``.
    rows : Mapping
        Lines of the raw files.
    """

    freq: Frequency
    million: Made[pd.Series]
    calendar: Calendar
    unit: str
    regime: Regime
    world: Made[pd.DataFrame]
    records: pd.DataFrame
    rows: Rows

    @property
    def y(self) -> pd.Series:
        """The values by period."""
        return self.million.value

    @property
    def dated(self) -> Calendar | None:
        """The calendar, where the index does not say the days of its periods."""
        return None if isinstance(self.y.index, pd.PeriodIndex) else self.calendar

    @property
    def title(self) -> str:
        """``Months`` or ``Years``."""
        return _NAMES[self.freq]

    @property
    def unit_label(self) -> str:
        """What an axis of its values says."""
        return self.labelled(log=self.scale == "log")

    def labelled(self, *, log: bool) -> str:
        """Return what an axis says that is logarithmic or not."""
        label = million_label(self.unit.removesuffix(" million"), a=self.freq)
        return f"{label}, log scale" if log else label

    @property
    def scale(self) -> Scale:
        """Scale of breaks, events and forecasts: logarithms where no value is zero."""
        return "log" if bool((self.y > 0).all()) else "level"

    @property
    def season(self) -> Season:
        """Seasonal effects in breaks and events."""
        return "none" if self.freq == "year" else "dummies"

    @cached_property
    def growth(self) -> Made[Comparison] | None:
        """Growth by every estimator; none where a value is zero."""
        if self.scale == "level":
            return None
        return call(compare_growth, self.million.arg, level=LEVEL)

    @cached_property
    def comparison(self) -> Comparison:
        """Growth by every estimator; by Poisson alone, which admits zeros, where one is zero."""
        if self.growth is not None:
            return self.growth.value
        fit = self.trend.value
        low, high = fit.growth_interval()
        growth = GrowthEstimate(fit.growth_pct, low, high, fit.nobs, "growth of the mean")
        return compare_fits({"Poisson": growth}, level=LEVEL)

    def estimate(self, estimator: str) -> tuple[Made[float], Made[tuple[float, float]]]:
        """Return growth by an estimator, percent a year, and its interval."""
        if self.growth is None:
            return (
                self.trend.part(lambda fit: fit.growth_pct),
                self.trend.part(lambda fit: fit.growth_interval()),
            )
        return (
            self.growth.part(lambda growth: growth.estimates[estimator].growth_pct),
            self.growth.part(lambda growth: growth.estimates[estimator].interval),
        )

    @property
    def extremes(self) -> tuple[Made[float], Made[float]]:
        """The lowest and the highest of the estimates."""
        if self.growth is None:
            alone = self.trend.part(lambda fit: fit.growth_pct)
            return alone, alone
        return (
            self.growth.part(lambda growth: growth.table["growth_pct"].min()),
            self.growth.part(lambda growth: growth.table["growth_pct"].max()),
        )

    @cached_property
    def fits(self) -> dict[str, Made[TrendFit]]:
        """Trends that stand side by side, by the heading of their column."""
        y, name = self.million.arg, self.title
        poisson = {f"{name}, Poisson": call(fit_trend, y, form="poisson", se=_SE, level=LEVEL)}
        if self.scale == "level":
            return poisson
        fits = {f"{name}, log": call(fit_trend, y, form="log", se=_SE, level=LEVEL)}
        if self.season != "none":
            fits[f"{name}, log, seasons"] = call(
                fit_trend, y, form="log", se=_SE, season="dummies", level=LEVEL
            )
        return fits | poisson

    @property
    def trend(self) -> Made[TrendFit]:
        """The fit whose residuals and influence are looked at."""
        return next(iter(self.fits.values()))

    @cached_property
    def breaks(self) -> Made[BreakFit]:
        """Regimes and the dates between them."""
        scaled = self.million
        if self.scale == "log":
            scaled = scaled.part(lambda y: applied(np.log, y))
        return call(find_breaks, scaled.arg, regime=self.regime, season=self.season, level=LEVEL)

    @cached_property
    def marks(self) -> pd.DataFrame:
        """``world``, ``records`` and ``verdict`` of each break, whatever the calendar."""
        events = pd.concat([date_events(self.world.value), self.records], ignore_index=True)
        return self.breaks.value.beside(events, calendar=self.calendar)

    @cached_property
    def lines(self) -> pd.DataFrame:
        """``regime`` and ``fitted``: the line of each regime without seasons, in the unit of y."""
        lines = self.breaks.value.lines()
        return lines.assign(fitted=np.exp(lines["fitted"])) if self.scale == "log" else lines

    def first_days(self, periods: pd.Index) -> pd.DatetimeIndex:
        """Return the first day of each period, in the calendar of the series."""
        return pd.DatetimeIndex([first_day(period, calendar=self.calendar) for period in periods])

    def drawn_regimes(self) -> pd.DataFrame:
        """Return values and lines of the regimes by date, as they are drawn."""
        lines = self.lines
        return pd.DataFrame(
            {
                "date": self.first_days(lines.index),
                "regime": lines["regime"].to_numpy(),
                "value": self.y.reindex(lines.index).to_numpy(),
                "fitted": lines["fitted"].to_numpy(),
            }
        )

    def drawn_breaks(self, **of: str) -> list[Json]:
        """Return break dates and the days of their intervals, as they are drawn."""
        dates = self.breaks.value.drawn_dates(calendar=self.calendar)
        return [{**of, **date} for date in dates]

    def drawn_events(self, events: pd.DataFrame) -> list[Json]:
        """Return the events between the first and the last day, as they are drawn."""
        first = first_day(self.y.index[0], calendar=self.calendar)
        last = last_day(self.y.index[-1], calendar=self.calendar)
        dated = date_events(events, "name")
        inside = dated[dated["date"].between(first, last)]
        dates = inside["date"].dt.strftime("%Y-%m-%d")
        return [
            {"date": date, "name": name} for date, name in zip(dates, inside["name"], strict=True)
        ]
