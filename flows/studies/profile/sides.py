"""The two sides of a flow: what both countries state of the same years."""

import math
from collections.abc import Sequence
from functools import cache
from itertools import product

import pandas as pd

from flows.errors import FlowsError
from flows.measure.timeseries import series
from flows.periods import Calendar, Period
from flows.studies.profile.stated import TOTAL, Statement
from flows.table import Rows

_COLUMNS = [
    *("flow", "exporter_says", "importer_says", "importer_basis", "calendar", "year", "unit"),
    *("exporter_report", "importer_report", "ratio", "low", "high", "asymmetry_log", "rows"),
]


def asymmetry_table(statements: Sequence[Statement]) -> pd.DataFrame:
    """
    Return how far the two sides' statements of a flow lie apart, by year.

    One row a flow, pair of statements of all goods, and year of the calendar of the side that
    states years. ``ratio`` is the importer's report divided by the exporter's, ``asymmetry_log``
    its logarithm; ``low`` is missing where the exporter states no upper bound.
    """
    entries: list[dict[str, object]] = []
    recut = cache(_in_calendar)
    for one, other in product(statements, repeat=2):
        if not _are_two_sides(one, other):
            continue
        calendar = one.calendar if one.by == "year" else other.calendar
        said, heard = recut(one, calendar), recut(other, calendar)
        for year in said.index.intersection(heard.index):
            if not said[year] > 0 or not heard[year] > 0:
                continue
            ratio = float(heard[year] / said[year])
            high = one.high.get(year, said[year])
            entries.append(
                {
                    "flow": one.title,
                    "exporter_says": one.dataset,
                    "importer_says": f"{other.dataset}, {other.partner_basis or 'no basis'}",
                    "importer_basis": other.partner_basis,
                    "calendar": calendar,
                    "year": str(year),
                    "unit": one.unit,
                    "exporter_report": float(said[year]),
                    "importer_report": float(heard[year]),
                    "ratio": ratio,
                    "low": math.nan if math.isinf(high) else ratio,
                    "high": ratio,
                    "asymmetry_log": math.log(ratio),
                    "rows": lines_of_year([one, other], str(year), calendar),
                }
            )
    return pd.DataFrame(entries, columns=_COLUMNS)


def lines_of_year(several: Sequence[Statement], year: str, calendar: str = "") -> Rows:
    """Return the lines of the rows that touch a year."""
    lines: dict[str, set[int]] = {}
    for one in several:
        period = _period_rows(one.rows, year, calendar or one.calendar)
        lines.setdefault(one.dataset, set()).update(int(line) for line in period["line"])
    return {dataset: tuple(sorted(found)) for dataset, found in sorted(lines.items())}


def _period_rows(rows: pd.DataFrame, year: str, calendar: str) -> pd.DataFrame:
    period = Period.year(int(year), calendar=calendar)
    start, end = pd.Timestamp(period.start), pd.Timestamp(period.end)
    stated = rows[(rows["start"] == start) & (rows["end"] == end)]
    if len(stated):
        return stated
    return rows[(rows["start"] <= end) & (rows["end"] >= start)]


def _are_two_sides(one: Statement, other: Statement) -> bool:
    return (
        (one.exporter, one.importer) == (other.exporter, other.importer)
        and one.reporter == one.exporter
        and other.reporter == other.importer
        and one.classification == other.classification == TOTAL
        and one.unit == other.unit
    )


def _in_calendar(one: Statement, calendar: Calendar) -> pd.Series:
    if one.calendar == calendar:
        return one.years
    try:
        return series(
            one.rows, exporter=one.exporter, importer=one.importer, freq="year", calendar=calendar
        )
    except FlowsError:
        return pd.Series(dtype="float64", index=pd.Index([], dtype="int64"))
