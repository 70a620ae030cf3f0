"""The question of the trend study: which flow, in which periods, beside which events."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import pandas as pd

from flows.compare.history import record_changes
from flows.countries import country_name
from flows.findings import Json
from flows.measure.checks import select_flows
from flows.measure.timeseries import Frequency, series
from flows.models.breaks import Regime
from flows.models.interruption import EventTests, fit_events
from flows.periods import Calendar
from flows.studies.numbers import union_of
from flows.studies.trend.fitted import LEVEL, FittedSeries, check_freqs
from flows.table import Rows

_EVENT = ["date", "name", "kind"]
_MILLION = 1e6


@dataclass(frozen=True, eq=False)
class TrendQuestion:
    """
    One flow and how it is looked at; what several sections need is computed once.

    Parameters
    ----------
    name : str
        First part of every id.
    trade : pandas.DataFrame
        Flow table.
    exporter, importer : str
        Alpha-3 codes.
    which : Mapping
        ``reporter``, ``partner_basis``, ``product``, ``dataset``: which statement of the flow,
        where the table holds several.
    freqs : tuple of {"month", "quarter", "year"}
        Figures and events are about the first.
    calendar : str
        Whose years.
    regime : {"trend", "mean"}
        What is constant between breaks.
    events : pandas.DataFrame
        Columns ``date``, ``name``, ``kind`` of events in the world.
    """

    name: str
    trade: pd.DataFrame
    exporter: str
    importer: str
    which: Mapping[str, str | None]
    freqs: tuple[Frequency, ...]
    calendar: Calendar
    regime: Regime
    events: pd.DataFrame

    @property
    def title(self) -> str:
        """``Iran to Armenia``."""
        return f"{country_name(self.exporter)} to {country_name(self.importer)}"

    @property
    def words(self) -> dict[str, str]:
        """What the texts of all sections may say of the flow."""
        return {"title": self.title, "regime": self.regime}

    @property
    def parameters(self) -> dict[str, Json]:
        """What the flow is and how it is looked at, as the numbers state it."""
        return {
            "exporter": self.exporter,
            "importer": self.importer,
            "calendar": self.calendar,
            "regime": self.regime,
            **{key: value for key, value in self.which.items() if value is not None},
        }

    @cached_property
    def stated(self) -> pd.DataFrame:
        """Rows of the flow."""
        return select_flows(
            self.trade, exporter=self.exporter, importer=self.importer, **self.which
        )

    @cached_property
    def changes(self) -> pd.DataFrame:
        """Columns ``date``, ``name``, ``kind`` of changes of the records."""
        return record_changes(self.stated)

    @cached_property
    def series(self) -> tuple[FittedSeries, ...]:
        """The flow by month, by year."""
        return tuple(self._fitted(freq) for freq in self.freqs)

    @property
    def main(self) -> FittedSeries:
        """The first of the series."""
        return self.series[0]

    @cached_property
    def tested(self) -> EventTests:
        """The events in the world, tested on the first series."""
        main = self.main
        return fit_events(
            main.y,
            self.events,
            calendar=self.calendar,
            form=main.scale,
            season=main.season,
            level=LEVEL,
        )

    @property
    def rows(self) -> Rows:
        """Lines of the raw files in any of the series."""
        return union_of(one.rows for one in self.series)

    def reversed(self, partner_basis: str | None) -> "TrendQuestion":
        """Ask the same of the other direction, where its partners stand on another basis."""
        which = {**self.which, "partner_basis": partner_basis}
        return replace(self, exporter=self.importer, importer=self.exporter, which=which)

    def _fitted(self, freq: Frequency) -> FittedSeries:
        y = series(
            self.stated,
            exporter=self.exporter,
            importer=self.importer,
            freq=freq,
            calendar=self.calendar,
        )
        unit = str(y.attrs["unit"])
        return FittedSeries(
            freq=freq,
            calendar=self.calendar,
            y=y / _MILLION if unit == "USD" else y.astype(float),
            unit=f"{unit} million",
            regime=self.regime,
            events=pd.concat([self.events, self.changes], ignore_index=True),
            rows=y.attrs["rows"],
        )


def ask(
    trade: pd.DataFrame,
    events: pd.DataFrame | None = None,
    *,
    exporter: str,
    importer: str,
    freqs: Sequence[Frequency] = ("month", "year"),
    calendar: Calendar = "gregorian",
    reporter: str | None = None,
    partner_basis: str | None = None,
    product: str | None = None,
    dataset: str | None = None,
    regime: Regime = "trend",
    name: str,
) -> TrendQuestion:
    """Ask how a flow grew; the arguments are those of :func:`flows.trend_study`."""
    check_freqs(freqs, calendar)
    which = {
        "reporter": reporter,
        "partner_basis": partner_basis,
        "product": product,
        "dataset": dataset,
    }
    known = pd.DataFrame(columns=_EVENT).astype({"date": "datetime64[s]"})
    if events is not None:
        known = events.rename(columns={"start": "date"})[_EVENT]
    return TrendQuestion(
        name, trade, exporter, importer, which, tuple(freqs), calendar, regime, known
    )
