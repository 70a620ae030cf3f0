"""Regimes of a flow, the dates between them, and whether the world or the statistics changed."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from flows.findings import Table
from flows.models.sample import FloatArray
from flows.studies.examined import LEVEL, Examined

VERDICTS = {
    "world": "an event in the world",
    "statistics": "a change in the statistics",
    "either": "both an event and a change in the statistics",
    "unexplained": "nothing at hand",
}
_SHORTEST_NAME = 40


def regimes_table(several: Sequence[Examined], *, title: str, name: str) -> Table:
    """
    Return the table of regimes: when each began, how it grew, what its beginning coincides with.

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
    Table
        One row a regime.
    """
    frame = pd.concat([regimes_frame(one) for one in several], ignore_index=True)
    first = several[0]
    change = "Growth, % a year" if first.scale == "log" else f"Change, {first.unit} a year"
    level = f"Level, {first.unit}"
    trends = any(one.breaks.regime == "trend" for one in several)
    changed = {"change": change} if trends else {}
    choices = "; ".join(
        f"{one.title.lower()}: at least {one.breaks.shortest} a regime, errors "
        f"{one.breaks.errors}, number by {one.breaks.chosen_by}"
        for one in several
    )
    rows = {
        dataset: tuple(sorted({line for one in several for line in one.rows.get(dataset, ())}))
        for dataset in sorted({dataset for one in several for dataset in one.rows})
    }
    return Table(
        id=f"{name}-regimes",
        frame=frame,
        labels={
            "periods": "Periods",
            "start": "From",
            "interval": f"{LEVEL:.0%} interval",
            "end": "To",
            "level": level,
            **changed,
            "beside": "Coincides with",
        },
        formats={"level": ",.1f", "change": "+.1f"},
        caption=f"Regimes of {title}, and what lies within the interval of each date.",
        note=(
            "The first period of each regime, estimated, with the interval of that date. Level: "
            "fitted value in the middle of the regime. Coincidence is no cause, and nothing at "
            "hand means only that no event and no change of the records that the data sets state "
            f"lies in the interval. {choices}. Intervals and choice rest on long samples; with few "
            "years they are indications."
        ),
        rows=rows,
    )


def regimes_frame(one: Examined) -> pd.DataFrame:
    """
    Return regimes with their dates, levels and growth.

    Parameters
    ----------
    one : Examined
        A series.

    Returns
    -------
    pandas.DataFrame
        Columns ``periods``, ``start``, ``low``, ``high``, ``interval``, ``end``, ``level``,
        ``change`` (percent or units a year; missing for regimes of the mean), ``verdict``,
        ``beside``; one row a regime.

    Raises
    ------
    KeyError
        If the regimes lack a column.
    """
    regimes, found = one.breaks.regimes, one.breaks.conf_int()
    log = one.scale == "log"
    middles = regime_lines(one).groupby("regime")["fitted"].median()
    change = regimes["trend"] if "trend" in regimes else pd.Series(np.nan, index=regimes.index)
    lows, highs = ([None, *map(_text, found[end])] for end in ("low", "high"))
    verdicts = ["", *one.marks["verdict"]]
    beside = ["", *(_beside(mark) for mark in one.marks.itertuples())]
    return pd.DataFrame(
        {
            "periods": one.title,
            "start": [str(start) for start in regimes["start"]],
            "low": lows,
            "high": highs,
            "interval": [
                f"{low} to {high}" if low and high else ""
                for low, high in zip(lows, highs, strict=True)
            ],
            "end": [str(end) for end in regimes["end"]],
            "level": middles,
            "change": 100 * np.expm1(change) if log else change,
            "verdict": verdicts,
            "beside": beside,
        }
    )


def regime_lines(one: Examined) -> pd.DataFrame:
    """
    Return the line of each regime without its seasons, in the units of the series.

    Parameters
    ----------
    one : Examined
        A series.

    Returns
    -------
    pandas.DataFrame
        Columns ``regime`` (number) and ``fitted``; one row a period, index as the series.

    Raises
    ------
    KeyError
        If the regimes lack a column.
    """
    regimes = one.breaks.regimes
    number = pd.Series(
        np.repeat(regimes.index.to_numpy(), regimes["nobs"]), one.breaks.fitted.index
    )
    line = number.map(regimes["const"])
    if "trend" in regimes:
        line += number.map(regimes["trend"]) * _years(number.index)
    fitted = line.map(np.exp) if one.scale == "log" else line
    return pd.DataFrame({"regime": number, "fitted": fitted})


def _years(periods: pd.Index) -> FloatArray:
    """Return the years since the first period."""
    steps = np.array([getattr(period, "ordinal", period) for period in periods], dtype=float)
    per_year = 12 if getattr(periods, "freqstr", "") == "M" else 1
    return np.asarray((steps - steps[0]) / per_year)


def _text(period: object) -> str | None:
    return None if pd.isna(period) else str(period)  # type: ignore[call-overload]


def _beside(mark: object) -> str:
    """Return the events within an interval, those of the records marked as such."""
    world, records = mark.world, mark.records  # type: ignore[attr-defined]
    parts = [world, f"in the statistics: {records}" if records else ""]
    return "; ".join(part for part in parts if part) or VERDICTS["unexplained"]
