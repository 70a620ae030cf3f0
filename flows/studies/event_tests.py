"""Known dates, tested: what changed there, and would other dates have looked the same."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from flows.findings import Table
from flows.models.hypothesis import holm
from flows.models.interruption import fit_interruption
from flows.models.interruption_fit import InterruptionFit
from flows.models.sample import SampleError
from flows.studies.examined import LEVEL, Examined, first_day

SIGNIFICANCE = 0.05

_COLUMNS = [
    "event",
    "since",
    "level_change",
    "low",
    "high",
    "slope_change",
    "pvalue",
    "placebo",
    "placebos",
]


@dataclass(frozen=True, slots=True)
class EventTests:
    """
    Events, each tested for a change of level and slope of one series.

    Parameters
    ----------
    frame : pandas.DataFrame
        Columns ``event``, ``since`` (first whole period), ``level_change`` with ``low`` and
        ``high``, ``slope_change``, ``pvalue``, ``placebo`` (share of dates that look like this
        one), ``placebos`` (how many) and ``holm`` (``pvalue`` adjusted for the number of events);
        one row an event.
    left_out : tuple of str
        Events that could not be tested, with the reason.
    convention : str
        How the errors were estimated; empty where nothing was tested.
    """

    frame: pd.DataFrame
    left_out: tuple[str, ...]
    convention: str

    def below(self, column: str) -> list[str]:
        """
        Return the events whose p-value in a column is below 5 percent.

        Parameters
        ----------
        column : str
            ``"pvalue"``, ``"holm"`` or ``"placebo"``.

        Returns
        -------
        list of str
            In the order of time.

        Raises
        ------
        KeyError
            If there is no such column.
        """
        return [str(name) for name in self.frame.loc[self.frame[column] < SIGNIFICANCE, "event"]]


def fit_events(examined: Examined, events: pd.DataFrame) -> EventTests:
    """
    Test each event for a change in one series.

    Parameters
    ----------
    examined : Examined
        The series.
    events : pandas.DataFrame
        Columns ``date`` and ``name``.

    Returns
    -------
    EventTests
        Changes are counted from the first period that begins on the day of the event or later.
    """
    fits: dict[str, InterruptionFit] = {}
    left_out = []
    for day, name in zip(events["date"], events["name"], strict=True):
        try:
            fits[str(name)] = _fit(examined, day)
        except SampleError as error:
            left_out.append(f"{name}: {error}")
    frame = pd.DataFrame(
        [_row(name, fit) for name, fit in fits.items()], columns=_COLUMNS
    ).sort_values("since", kind="stable", ignore_index=True)
    frame["holm"] = pd.Series(holm(frame["pvalue"].to_list()), dtype=float)
    conventions = sorted({fit.convention for fit in fits.values()})
    return EventTests(frame, tuple(left_out), "; ".join(conventions))


def events_table(tested: EventTests, examined: Examined, *, title: str, name: str) -> Table:
    """
    Return the table of events.

    Parameters
    ----------
    tested : EventTests
        From :func:`fit_events`.
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
        frame=tested.frame,
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
            **dict.fromkeys(["level_change", "low", "high", "slope_change"], "+.1f"),
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


def _fit(examined: Examined, day: pd.Timestamp) -> InterruptionFit:
    later = [period for period in examined.y.index if first_day(period) >= day]
    if not later:
        raise SampleError("expected periods after it, found none")
    return fit_interruption(
        examined.y,
        at=later[0],
        form=examined.scale,
        season=examined.season,
        se="orthogonal-series",
        level=LEVEL,
    )


def _row(name: str, fit: InterruptionFit) -> list[object]:
    ends = fit.tidy().loc["level_change", ["estimate", "low", "high"]]
    changes = [float(end) for end in ends.to_numpy(dtype=float)]
    slope = float(fit.params["slope_change"])
    if fit.form == "log":
        changes = [float(100 * np.expm1(change)) for change in changes]
        slope *= 100
    placebos = len(fit.placebo)
    tests = [fit.test.pvalue, fit.placebo_pvalue if placebos else np.nan, placebos]
    return [name, str(fit.at), *changes, slope, *tests]
