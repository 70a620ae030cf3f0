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
    for exports, imports in product(statements, repeat=2):
        if not _are_two_sides(exports, imports):
            continue
        calendar = exports.calendar if exports.by == "year" else imports.calendar
        said, heard = recut(exports, calendar), recut(imports, calendar)
        for year in said.index.intersection(heard.index):
            if not said[year] > 0 or not heard[year] > 0:
                continue
            ratio = float(heard[year] / said[year])
            high = exports.high.get(year, said[year])
            entries.append(
                {
                    "flow": exports.title,
                    "exporter_says": exports.dataset,
                    "importer_says": f"{imports.dataset}, {imports.partner_basis or 'no basis'}",
                    "importer_basis": imports.partner_basis,
                    "calendar": calendar,
                    "year": str(year),
                    "unit": exports.unit,
                    "exporter_report": float(said[year]),
                    "importer_report": float(heard[year]),
                    "ratio": ratio,
                    "low": math.nan if math.isinf(high) else ratio,
                    "high": ratio,
                    "asymmetry_log": math.log(ratio),
                    "rows": lines_of_year([exports, imports], str(year), calendar),
                }
            )
    return pd.DataFrame(entries, columns=_COLUMNS)


def lines_of_year(statements: Sequence[Statement], year: str, calendar: str = "") -> Rows:
    """Return the lines of the rows that touch a year."""
    lines: dict[str, set[int]] = {}
    for statement in statements:
        period = _period_rows(statement.rows, year, calendar or statement.calendar)
        lines.setdefault(statement.dataset, set()).update(int(line) for line in period["line"])
    return {dataset: tuple(sorted(numbers)) for dataset, numbers in sorted(lines.items())}


def _period_rows(rows: pd.DataFrame, year: str, calendar: str) -> pd.DataFrame:
    period = Period.year(int(year), calendar=calendar)
    start, end = pd.Timestamp(period.start), pd.Timestamp(period.end)
    stated = rows[(rows["start"] == start) & (rows["end"] == end)]
    if len(stated):
        return stated
    return rows[(rows["start"] <= end) & (rows["end"] >= start)]


def _are_two_sides(exports: Statement, imports: Statement) -> bool:
    return (
        (exports.exporter, exports.importer) == (imports.exporter, imports.importer)
        and exports.reporter == exports.exporter
        and imports.reporter == imports.importer
        and exports.classification == imports.classification == TOTAL
        and exports.unit == imports.unit
    )


def _in_calendar(statement: Statement, calendar: Calendar) -> pd.Series:
    if statement.calendar == calendar:
        return statement.years
    try:
        return series(
            statement.rows,
            exporter=statement.exporter,
            importer=statement.importer,
            freq="year",
            calendar=calendar,
        )
    except FlowsError:
        return pd.Series(dtype="float64", index=pd.Index([], dtype="int64"))
