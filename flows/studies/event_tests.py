"""The table of events and what changed at each."""

import numpy as np
import pandas as pd

from flows.findings import Table
from flows.models.event_tests import EventTests
from flows.studies.examined import LEVEL, Examined

_CHANGES = ["level_change", "low", "high"]


def events_frame(tested: EventTests) -> pd.DataFrame:
    """
    Return the tests as they are printed.

    Parameters
    ----------
    tested : EventTests
        From :func:`flows.models.event_tests.fit_events`.

    Returns
    -------
    pandas.DataFrame
        As ``tested.frame``, ``since`` as text; for logarithms changes of level in percent and those
        of growth in hundredths of a log point.

    Raises
    ------
    KeyError
        If a column is missing.
    """
    frame = tested.tidy()
    frame["since"] = frame["since"].map(str).astype(object)
    if tested.form == "log":
        frame[_CHANGES] = 100 * np.expm1(frame[_CHANGES].astype(float))
        frame["slope_change"] = 100 * frame["slope_change"].astype(float)
    return frame


def events_table(tested: EventTests, examined: Examined, *, title: str, name: str) -> Table:
    """
    Return the table of events.

    Parameters
    ----------
    tested : EventTests
        From :func:`flows.models.event_tests.fit_events`.
    examined : Examined
        The series.
    title : str
        What the series is.
    name : str
        First part of the id.

    Returns
    -------
    Table
        One row an event.
    """
    log = examined.scale == "log"
    unit = "%" if log else examined.unit
    by_year = "Growth, log points a year" if log else f"Slope, {unit} a year"
    left_out = f" Not tested: {'; '.join(tested.left_out)}." if tested.left_out else ""
    return Table(
        id=f"{name}-events",
        frame=events_frame(tested),
        labels={
            "event": "Event",
            "since": "From",
            "level_change": f"Level, {unit}",
            "low": "Low",
            "high": "High",
            "slope_change": by_year,
            "pvalue": "p",
            "holm": "p (Holm)",
            "placebo": "Placebo p",
        },
        formats={
            **dict.fromkeys([*_CHANGES, "slope_change"], "+.1f"),
            **dict.fromkeys(["pvalue", "holm", "placebo"], ".4f"),
        },
        caption=f"Events and {title}: what changed in {examined.title.lower()} from each date on.",
        note=(
            "Each event is tested alone, against a straight line before and after it. Level: jump "
            f"in the first period, with its {LEVEL:.0%} interval; p: that neither level nor slope "
            f"changes; Holm: adjusted for {len(tested.frame)} events; placebo p: share of dates, "
            "among the event’s own and all those before it, with a change as large. Errors: "
            f"{tested.convention}.{left_out}"
        ),
        rows=examined.rows,
    )
