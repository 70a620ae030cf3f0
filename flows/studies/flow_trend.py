"""One flow and all that a study of its trend needs: its series, their fits, its events."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from flows.compare.records import record_changes
from flows.countries import country_name
from flows.findings import Json
from flows.measure.selection import select_flows
from flows.measure.timeseries import Frequency, series
from flows.models.break_fit import Regime
from flows.models.event_tests import EventTests, fit_events
from flows.periods import Calendar
from flows.studies.examined import LEVEL, Examined, examine

_EVENT = ["date", "name", "kind"]


@dataclass(frozen=True, slots=True)
class FlowTrend:
    """
    A flow, examined in several frequencies.

    Parameters
    ----------
    title : str
        ``Iran to Armenia``.
    several : tuple of Examined
        The flow by month, by year; figures and events are about the first.
    known : pandas.DataFrame
        Columns ``date``, ``name``, ``kind`` of events in the world.
    changes : pandas.DataFrame
        The same columns, of changes of the records.
    tested : EventTests
        The events in the world, tested on the first series.
    parameters : Mapping
        What the flow is and how it was examined, as the numbers state it.
    """

    title: str
    several: tuple[Examined, ...]
    known: pd.DataFrame
    changes: pd.DataFrame
    tested: EventTests
    parameters: Mapping[str, Json]

    @property
    def main(self) -> Examined:
        """The first of the series."""
        return self.several[0]


def fit_flow(
    trade: pd.DataFrame,
    *,
    exporter: str,
    importer: str,
    which: Mapping[str, str | None],
    freqs: Sequence[Frequency],
    calendar: Calendar,
    regime: Regime,
    events: pd.DataFrame | None,
) -> FlowTrend:
    """
    Examine one flow.

    Parameters
    ----------
    trade : pandas.DataFrame
        Flow table.
    exporter, importer : str
        Alpha-3 codes.
    which : Mapping
        ``reporter``, ``partner_basis``, ``product``, ``dataset``: which statement of the flow,
        where the table holds several.
    freqs : sequence of {"month", "year"}
        Periods in which the flow is looked at.
    calendar : {"gregorian", "solar-hijri"}
        Whose years.
    regime : {"trend", "mean"}
        What is constant between breaks.
    events : pandas.DataFrame, optional
        Dated events as :func:`flows.loaders.events.normalise_events` returns them.

    Returns
    -------
    FlowTrend
        Fits in every frequency.

    Raises
    ------
    FlowsError
        If the flow is not stated, stated twice, or too short to be looked at.
    ValueError
        If ``freqs`` is empty or names another period.
    """
    if not freqs:
        raise ValueError("freqs: expected month, year or both, found none")
    said = select_flows(trade, exporter=exporter, importer=importer, **which)
    known, changes = _events(events), record_changes(said)
    several = tuple(
        examine(
            series(said, exporter=exporter, importer=importer, freq=freq, calendar=calendar),
            freq=freq,
            regime=regime,
            events=pd.concat([known, changes], ignore_index=True),
        )
        for freq in freqs
    )
    main = several[0]
    return FlowTrend(
        title=f"{country_name(exporter)} to {country_name(importer)}",
        several=several,
        known=known,
        changes=changes,
        tested=fit_events(main.y, known, form=main.scale, season=main.season, level=LEVEL),
        parameters={
            "exporter": exporter,
            "importer": importer,
            "calendar": calendar,
            "regime": regime,
            **{key: value for key, value in which.items() if value is not None},
        },
    )


def _events(events: pd.DataFrame | None) -> pd.DataFrame:
    if events is None:
        return pd.DataFrame(columns=_EVENT).astype({"date": "datetime64[s]"})
    return events.rename(columns={"start": "date"})[_EVENT]
