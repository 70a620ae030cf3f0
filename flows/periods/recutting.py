"""Re-cutting: what the months of one calendar say about a period of another."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from flows.canonical import exact_sum
from flows.errors import PeriodError, did_you_mean
from flows.periods.period import Period
from flows.results import Card, Result, print_own
from flows.table import where

Edges = Literal["days", "whole-in", "whole-out"]
"""What happens to a part that the start or the end of the period cuts."""

_DAY = np.timedelta64(1, "D")
_EDGES = {"days": np.positive, "whole-in": np.ceil, "whole-out": np.floor}


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Recut(Result):
    """
    The value of one flow in a period, put together from parts such as months.

    Parameters
    ----------
    value : float
        Sum of weight times value, in the unit of the parts.
    period : Period
        What it is the value of.
    edges : {"days", "whole-in", "whole-out"}
        What was done with parts that an edge of the period cuts.
    rows : pandas.DataFrame
        The parts that went in, by start, with the column ``weight``: the share of each, 0 to 1.
    """

    value: float
    period: Period
    edges: Edges
    rows: pd.DataFrame

    @property
    def is_whole(self) -> bool:
        """Whether the value is a sum of parts as they were published, none of them cut."""
        return bool((self.rows["weight"] == 1).all())

    def tidy(self) -> pd.DataFrame:
        """
        Return the value as a table.

        Returns
        -------
        pandas.DataFrame
            One row: ``value``, ``period`` (its label), ``start``, ``end``, ``edges``, ``parts``.
        """
        return pd.DataFrame(
            [
                {
                    "value": self.value,
                    "period": self.period.label,
                    "start": self.period.start,
                    "end": self.period.end,
                    "edges": self.edges,
                    "parts": len(self.rows),
                }
            ]
        )

    def _card(self) -> Card:
        cut = int((self.rows["weight"] < 1).sum())
        return Card(
            title=f"one flow in {self.period.label}",
            facts=(
                ("value", print_own(self.value)),
                ("parts", f"{len(self.rows)}, of which {cut} in part"),
                ("edges", self.edges),
            ),
        )


def recut(parts: pd.DataFrame, period: Period, *, edges: Edges = "days") -> Recut:
    """
    Sum the parts of one flow over a period that need not begin and end where they do.

    Parameters
    ----------
    parts : pandas.DataFrame
        Statements of one flow that follow one another, such as its months, in any order. Columns
        ``start`` and ``end`` (dates, both included) and ``value``; ``dataset`` and ``line``, if
        there, are named in errors. Parts outside the period may be there too.
    period : Period
        What to sum over.
    edges : {"days", "whole-in", "whole-out"}
        A part that an edge of the period cuts counts by its days inside (``"days"``, as if it
        were spread evenly), wholly, or not at all. For values that are not negative the last two
        are bounds: they hold however the value lies within the part.

    Returns
    -------
    Recut
        The value with the parts and their weights.

    Raises
    ------
    PeriodError
        If a day of the period lies in no part or in two, or a part that counts has no value.
    ValueError
        If ``edges`` is none of the three.

    Examples
    --------
    March has 11 days from the 21st on, and April 20 up to the 20th.

    >>> from flows.periods import Period
    >>> months = pd.DataFrame({
    ...     "start": pd.to_datetime(["2023-03-01", "2023-04-01"]),
    ...     "end": pd.to_datetime(["2023-03-31", "2023-04-30"]),
    ...     "value": [31.0, 60.0],
    ... })
    >>> farvardin = Period.month(1402, 1, calendar="solar-hijri")
    >>> round(recut(months, farvardin).value, 9)
    51.0
    >>> recut(months, farvardin, edges="whole-in").value
    91.0
    """
    if edges not in _EDGES:
        raise ValueError(
            f"edges: expected {', '.join(_EDGES)}, found {edges!r}{did_you_mean(edges, _EDGES)}"
        )
    touching = _touching(parts, period)
    _check_cover(touching, period)
    weighted = touching.assign(weight=_EDGES[edges](_share_inside(touching, period)))
    rows = weighted[weighted["weight"] > 0].reset_index(drop=True)
    _check_values(rows, period)
    value = exact_sum(rows["value"] * rows["weight"])
    return Recut(value=value, period=period, edges=edges, rows=rows)


def _touching(parts: pd.DataFrame, period: Period) -> pd.DataFrame:
    start, end = pd.Timestamp(period.start), pd.Timestamp(period.end)
    return parts[(parts["start"] <= end) & (parts["end"] >= start)].sort_values("start")


def _share_inside(rows: pd.DataFrame, period: Period) -> np.ndarray:
    first, last = _days_inside(rows, period)
    whole = _days(rows["end"]) - _days(rows["start"]) + _DAY
    share: np.ndarray = (last - first + _DAY) / whole
    return share


def _days_inside(rows: pd.DataFrame, period: Period) -> tuple[np.ndarray, np.ndarray]:
    """Return the first and the last day of each row that lie in the period."""
    first = np.maximum(_days(rows["start"]), np.datetime64(period.start))
    last = np.minimum(_days(rows["end"]), np.datetime64(period.end))
    return first, last


def _days(dates: pd.Series) -> np.ndarray:
    return dates.to_numpy(dtype="datetime64[D]")


def _check_cover(rows: pd.DataFrame, period: Period) -> None:
    """Raise unless each day of the period lies in exactly one of the rows, sorted by start."""
    first, last = _days_inside(rows, period)
    covered_to = np.append(np.datetime64(period.start) - _DAY, last)
    next_from = np.append(first, np.datetime64(period.end) + _DAY)
    wanted = f"{_about(period)}: expected one part for every day"
    for place in np.flatnonzero(next_from <= covered_to)[:1]:
        begin, until = next_from[place], min(last[place], covered_to[place])
        twice = rows[(first <= until) & (last >= begin)]
        raise PeriodError(f"{wanted}, found {len(twice)} for {begin} to {until}{_at(twice)}")
    gaps = [
        f"{covered_to[place] + _DAY} to {next_from[place] - _DAY}"
        for place in np.flatnonzero(next_from > covered_to + _DAY)
    ]
    if gaps:
        raise PeriodError(f"{wanted}, found none for {', '.join(gaps)}")


def _check_values(rows: pd.DataFrame, period: Period) -> None:
    missing = rows[rows["value"].isna()]
    if len(missing):
        starts = ", ".join(str(day) for day in _days(missing["start"]))
        raise PeriodError(
            f"{_about(period)}: expected a value in every part, "
            f"found none in the part from {starts}{_at(missing)}"
        )


def _about(period: Period) -> str:
    return f"period {period.label} ({period.start} to {period.end})"


def _at(rows: pd.DataFrame) -> str:
    return f" at {where(rows)}" if {"dataset", "line"} <= set(rows.columns) else ""
