"""The question of the trend study: which flow, in which periods, beside which events."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import pandas as pd

from flows.compare.history import record_changes
from flows.countries import country_name
from flows.measure.checks import select_flows
from flows.measure.timeseries import series
from flows.measure.whole_periods import Frequency
from flows.models.interruption import EventTests, fit_events
from flows.models.sample import Regime
from flows.origin import Made, call
from flows.periods import Calendar
from flows.studies.numbers import union_of
from flows.studies.trend.fitted import LEVEL, FittedSeries
from flows.table import TIV, Rows

_NO_EVENT = ["start", "name", "kind"]
_MILLION = 1e6


@dataclass(frozen=True, eq=False)
class TrendQuestion:
    """
    One flow and how it is looked at; what several sections need is computed once.

    Parameters
    ----------
    name : str
        First part of every id.
    trade : Made of pandas.DataFrame
        Flow table.
    exporter, importer : str
        Alpha-3 codes.
    which : Mapping
        ``reporter``, ``partner_basis``, ``product``, ``dataset``: which statement of the flow,
        where the table holds several.
    freqs : tuple of {"month", "quarter", "half-year", "year"}
        Figures and events are about the first.
    calendar : str
        Whose years.
    regime : {"trend", "mean"}
        What is constant between breaks.
    events : Made of pandas.DataFrame
        Events in the world: columns ``start``, ``name``, ``kind``.
    """

    name: str
    trade: Made[pd.DataFrame]
    exporter: str
    importer: str
    which: Mapping[str, str | None]
    freqs: tuple[Frequency, ...]
    calendar: Calendar
    regime: Regime
    events: Made[pd.DataFrame]

    @property
    def title(self) -> str:
        """``Iran to Armenia``."""
        return f"{country_name(self.exporter)} to {country_name(self.importer)}"

    @property
    def words(self) -> dict[str, str]:
        """What the texts of all sections may say of the flow."""
        freq, second = [*self.freqs, ""][:2]
        return {
            "title": self.title,
            "regime": self.regime,
            "freq": freq,
            "second-freq": second,
            "level": f"{LEVEL:.0%}",
        }

    @property
    def flow(self) -> dict[str, str]:
        """Columns and their values that tell the flow, and which statement of it."""
        named = {column: value for column, value in self.which.items() if value is not None}
        return {"exporter": self.exporter, "importer": self.importer, **named}

    @cached_property
    def stated(self) -> pd.DataFrame:
        """Rows of the flow."""
        return select_flows(self.trade.value, **self.flow)

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
    def tested(self) -> Made[EventTests]:
        """The events in the world, tested on the first series."""
        main = self.main
        tests = call(
            fit_events,
            main.million.arg,
            self.events.arg,
            form=main.scale,
            season=main.season,
            calendar=main.dated,
            level=LEVEL,
        )
        return tests.called("tests")

    @property
    def rows(self) -> Rows:
        """Lines of the raw files in any of the series."""
        return union_of(series.rows for series in self.series)

    def reversed(self, partner_basis: str | None) -> "TrendQuestion":
        """Ask the same of the other direction, where its partners stand on another basis."""
        which = {**self.which, "partner_basis": partner_basis}
        return replace(self, exporter=self.importer, importer=self.exporter, which=which)

    def _fitted(self, freq: Frequency) -> FittedSeries:
        stated = call(
            series,
            self.trade.arg,
            exporter=self.exporter,
            importer=self.importer,
            freq=freq,
            calendar=self.calendar,
            reporter=self.which["reporter"],
            partner_basis=self.which["partner_basis"],
            product=self.which["product"],
            dataset=self.which["dataset"],
        )
        unit = str(stated.value.attrs["unit"])
        return FittedSeries(
            freq=freq,
            million=stated.part(lambda y: y / _MILLION) if unit != TIV else stated,
            calendar=self.calendar,
            unit=f"{unit} million",
            regime=self.regime,
            world=self.events,
            records=self.changes,
            rows=stated.value.attrs["rows"],
        )


def ask(
    trade: Made[pd.DataFrame],
    events: Made[pd.DataFrame] | None = None,
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
    if not freqs:
        raise ValueError("freqs: expected month, year or both, found none")
    which = {
        "reporter": reporter,
        "partner_basis": partner_basis,
        "product": product,
        "dataset": dataset,
    }
    dated_events = call(pd.DataFrame, columns=_NO_EVENT) if events is None else events
    return TrendQuestion(
        name, trade, exporter, importer, which, tuple(freqs), calendar, regime, dated_events
    )
