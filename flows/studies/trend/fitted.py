"""A series of a flow and what the sections of the trend study fit to it, each fit made once."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
import pandas as pd

from flows.findings import Json
from flows.measure.timeseries import Frequency
from flows.models.breaks import BreakFit, Regime, find_breaks
from flows.models.growth import Comparison, GrowthEstimate, compare_fits, estimate_growth
from flows.models.interruption import mark_breaks
from flows.models.sample import FloatArray, Season, first_day, last_day
from flows.models.trend import TrendFit, fit_trend
from flows.periods import Calendar
from flows.table import Rows

Scale = Literal["log", "level"]

LEVEL = 0.95
_SE: Literal["orthogonal-series"] = "orthogonal-series"
"""Keeps the size of its tests in short series; see the comparison in the documentation."""

_NAMES: dict[Frequency, str] = {"month": "Months", "quarter": "Quarters", "year": "Years"}
"""Frequencies that the study looks at, and what a column of them is called."""

_PER_YEAR: dict[Frequency, int] = {"month": 12, "quarter": 4, "year": 1}


@dataclass(frozen=True, eq=False)
class FittedSeries:
    """
    One series of a flow; a fit is made when a section first asks for it.

    Parameters
    ----------
    freq : {"month", "quarter", "year"}
        Its periods.
    calendar : str
        Whose years.
    y : pandas.Series
        Values in million.
    unit : str
        ``"USD million"`` or ``"TIV million"``.
    regime : {"trend", "mean"}
        What is constant between breaks.
    events : pandas.DataFrame
        Columns ``date``, ``name``, ``kind``, of the world and of the records.
    rows : Mapping
        Lines of the raw files.
    """

    freq: Frequency
    calendar: Calendar
    y: pd.Series
    unit: str
    regime: Regime
    events: pd.DataFrame
    rows: Rows

    @property
    def title(self) -> str:
        """``Months``, ``Quarters`` or ``Years``."""
        return _NAMES[self.freq]

    @property
    def unit_label(self) -> str:
        """What an axis of its values says."""
        return f"{self.unit} a {self.freq}{', log scale' if self.scale == 'log' else ''}"

    @property
    def scale(self) -> Scale:
        """Scale of breaks, events and forecasts: logarithms where no value is zero."""
        return "log" if bool((self.y > 0).all()) else "level"

    @property
    def season(self) -> Season:
        """Seasonal effects in breaks and events."""
        return "none" if self.freq == "year" else "dummies"

    @cached_property
    def comparison(self) -> Comparison:
        """Growth by every estimator; by Poisson alone, which admits zeros, where one is zero."""
        if self.scale == "log":
            return compare_fits(estimate_growth(self.y, level=LEVEL), level=LEVEL)
        fit = fit_trend(self.y, form="poisson", se=_SE, level=LEVEL)
        low, high = fit.growth_interval()
        growth = GrowthEstimate(fit.growth_pct, low, high, fit.nobs, "growth of the mean")
        return compare_fits({"Poisson": growth}, level=LEVEL)

    @cached_property
    def fits(self) -> dict[str, TrendFit]:
        """Trends that stand side by side, by the heading of their column."""
        y, name = self.y, self.title
        poisson = {f"{name}, Poisson": fit_trend(y, form="poisson", se=_SE, level=LEVEL)}
        if self.scale == "level":
            return poisson
        fits = {f"{name}, log": fit_trend(y, se=_SE, level=LEVEL)}
        if self.season == "dummies":
            fits[f"{name}, log, seasons"] = fit_trend(y, se=_SE, season="dummies", level=LEVEL)
        return fits | poisson

    @property
    def trend(self) -> TrendFit:
        """The fit whose residuals and influence are looked at."""
        return next(iter(self.fits.values()))

    @cached_property
    def breaks(self) -> BreakFit:
        """Regimes and the dates between them."""
        y = self.y.map(np.log) if self.scale == "log" else self.y
        return find_breaks(y, regime=self.regime, season=self.season, level=LEVEL)

    @cached_property
    def marks(self) -> pd.DataFrame:
        """``world``, ``records`` and ``verdict`` of each break, whatever the calendar."""
        found = self.breaks.conf_int()
        ends = {
            "low": [pd.NaT if pd.isna(low) else self.first_day(low) for low in found["low"]],
            "high": [pd.NaT if pd.isna(high) else self.last_day(high) for high in found["high"]],
        }
        days = pd.DataFrame(
            {name: pd.PeriodIndex(dates, freq="D") for name, dates in ends.items()},
            index=pd.PeriodIndex(self.first_days(found.index), freq="D"),
        )
        return mark_breaks(days, self.events)

    @cached_property
    def lines(self) -> pd.DataFrame:
        """``regime`` and ``fitted``: the line of each regime without seasons, in the unit of y."""
        regimes = self.breaks.regimes
        periods = self.breaks.fitted.index
        number = pd.Series(np.repeat(regimes.index.to_numpy(), regimes["nobs"]), periods)
        line = number.map(regimes["const"])
        if "trend" in regimes:
            line += number.map(regimes["trend"]) * self._years(periods)
        return pd.DataFrame(
            {"regime": number, "fitted": line.map(np.exp) if self.scale == "log" else line}
        )

    def first_day(self, period: object) -> pd.Timestamp:
        """Return the first day of a period, in the calendar of the series."""
        return first_day(period, calendar=self.calendar)

    def last_day(self, period: object) -> pd.Timestamp:
        """Return the last day of a period."""
        return last_day(period, calendar=self.calendar)

    def first_days(self, periods: pd.Index) -> pd.DatetimeIndex:
        """Return the first day of each period."""
        return pd.DatetimeIndex([self.first_day(period) for period in periods])

    def _years(self, periods: pd.Index) -> FloatArray:
        """Return the years since the first period."""
        steps = np.array([getattr(period, "ordinal", period) for period in periods], dtype=float)
        return np.asarray((steps - steps[0]) / _PER_YEAR[self.freq])

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
        return [
            {
                **of,
                "date": f"{self.first_day(date):%Y-%m-%d}",
                "low": None if pd.isna(low) else f"{self.first_day(low):%Y-%m-%d}",
                "high": None if pd.isna(high) else f"{self.last_day(high):%Y-%m-%d}",
                "name": str(date),
            }
            for date, low, high in self.breaks.conf_int().itertuples(name=None)
        ]

    def drawn_events(self, events: pd.DataFrame) -> list[Json]:
        """Return the events between the first and the last day, as they are drawn."""
        first, last = self.first_day(self.y.index[0]), self.last_day(self.y.index[-1])
        inside = events[events["date"].between(first, last)]
        dates = inside["date"].dt.strftime("%Y-%m-%d")
        return [
            {"date": date, "name": name} for date, name in zip(dates, inside["name"], strict=True)
        ]


def check_freqs(freqs: Sequence[Frequency], calendar: Calendar) -> None:
    """Refuse periods in which the study cannot look at a flow."""
    known = tuple(_NAMES) if calendar == "gregorian" else ("year",)
    odd = [repr(freq) for freq in freqs if freq not in known]
    if odd or not freqs:
        raise ValueError(
            f"freqs: expected {', '.join(known)} of the {calendar} calendar, found "
            f"{', '.join(odd) or 'none'}; models take months and quarters of the gregorian "
            "calendar, and years of any"
        )


def join_words(words: Sequence[str], *, nothing: str = "none") -> str:
    """
    Return a list as a sentence has it.

    >>> join_words(["2012", "2018", "2021"]), join_words(["2012"]), join_words([])
    ('2012, 2018 and 2021', '2012', 'none')
    """
    if len(words) < 2:  # noqa: PLR2004 - one word has nothing to be joined to
        return "".join(words) or nothing
    return f"{', '.join(words[:-1])} and {words[-1]}"


def source_line(rows: Rows) -> str:
    """Return what stands under a figure."""
    return f"Source: {', '.join(sorted(rows))}."
