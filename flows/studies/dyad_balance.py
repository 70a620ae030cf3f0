"""What the statements about a pair give together: balances, asymmetries, concentration."""

import math
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import product
from typing import Any

import pandas as pd

from flows.errors import FlowsError
from flows.measure.timeseries import series
from flows.measure.trade_indices import Amount, balance, import_share, normalised_balance
from flows.periods import Calendar, calendar_year
from flows.studies.dyad_statements import Statement
from flows.table import ORGANISATIONS, Rows

_TOTAL = "TOTAL"
_PREFERRED = ("destination", "origin", "")
"""Bases that a balance is made of where a reporter states several."""

BALANCE_COLUMNS = [
    *("reporter", "country", "partner", "dataset", "unit", "calendar", "year"),
    *("exports", "imports"),
    *("balance", "balance_low", "balance_high"),
    *("normalised", "normalised_low", "normalised_high"),
    *("import_share", "import_share_low", "import_share_high", "rows"),
]
ASYMMETRY_COLUMNS = [
    *("flow", "exporter_says", "importer_says", "calendar", "year", "unit"),
    *("exporter_report", "importer_report", "ratio", "low", "high", "asymmetry_log", "rows"),
]


def balance_table(statements: Sequence[Statement]) -> pd.DataFrame:
    """
    Return what each reporter says of its own exports to the other and imports from it, by year.

    Parameters
    ----------
    statements : sequence of Statement
        All of a pair.

    Returns
    -------
    pandas.DataFrame
        Columns :data:`BALANCE_COLUMNS`; one row a reporter, data set and year in which both
        directions are stated in one unit and calendar. ``balance`` is exports less imports;
        ``normalised`` is it over both together, ``import_share`` imports over both; each with the
        bounds that the amounts leave; ``rows`` are the lines of the raw files.

    Raises
    ------
    ValueError
        If an amount is negative.
    """
    entries: list[dict[str, object]] = []
    for exports, imports in _own_statements(statements):
        for year in exports.years.index.intersection(imports.years.index):
            out, into = _amount(exports, year), _amount(imports, year)
            if out.value + into.value == 0:
                continue
            entries.append(
                {
                    "reporter": exports.reporter,
                    "country": exports.exporter,
                    "partner": exports.importer,
                    "dataset": exports.dataset,
                    "unit": exports.unit,
                    "calendar": exports.calendar,
                    "year": str(year),
                    "exports": out.value,
                    "imports": into.value,
                    **ends_of("balance", balance(out, into)),
                    **ends_of("normalised", normalised_balance(out, into)),
                    **ends_of("import_share", import_share(out, into)),
                    "rows": _lines([exports, imports], str(year)),
                }
            )
    return pd.DataFrame(entries, columns=BALANCE_COLUMNS)


def asymmetry_table(statements: Sequence[Statement]) -> pd.DataFrame:
    """
    Return how far the two sides' statements of a flow lie apart, by year.

    Parameters
    ----------
    statements : sequence of Statement
        All of a pair.

    Returns
    -------
    pandas.DataFrame
        Columns :data:`ASYMMETRY_COLUMNS`; one row a flow, pair of statements of all goods, and year
        of the calendar of the side that states years. ``ratio`` is the importer's report divided
        by the exporter's, ``asymmetry_log`` its logarithm; ``low`` is missing where the exporter
        states no upper bound.

    Raises
    ------
    FlowsError
        If a statement contradicts itself.
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
                    "calendar": calendar,
                    "year": str(year),
                    "unit": one.unit,
                    "exporter_report": float(said[year]),
                    "importer_report": float(heard[year]),
                    "ratio": ratio,
                    "low": math.nan if math.isinf(high) else ratio,
                    "high": ratio,
                    "asymmetry_log": math.log(ratio),
                    "rows": _lines([one, other], str(year), calendar),
                }
            )
    return pd.DataFrame(entries, columns=ASYMMETRY_COLUMNS)


def _own_statements(statements: Sequence[Statement]) -> Iterator[tuple[Statement, Statement]]:
    """Yield exports and imports of a reporter; an organisation speaks for the first country."""
    own = [one for one in statements if one.classification == _TOTAL]
    first = own[0].exporter if own else ""
    keys = dict.fromkeys((one.exporter, one.reporter, one.dataset, one.unit) for one in own)
    for country, reporter, dataset, unit in keys:
        speaker = first if reporter in ORGANISATIONS else reporter
        if speaker != country:
            continue
        mine = [
            one for one in own if (one.reporter, one.dataset, one.unit) == (reporter, dataset, unit)
        ]
        exports = _preferred(one for one in mine if one.exporter == country)
        imports = _preferred(one for one in mine if one.importer == country)
        if exports and imports and exports.calendar == imports.calendar:
            yield exports, imports


def _preferred(several: Iterable[Statement]) -> Statement | None:
    order = {basis: place for place, basis in enumerate(_PREFERRED)}
    return min(
        several,
        key=lambda one: (order.get(one.partner_basis, len(order)), one.valuation),
        default=None,
    )


def _are_two_sides(one: Statement, other: Statement) -> bool:
    return (
        (one.exporter, one.importer) == (other.exporter, other.importer)
        and one.reporter == one.exporter
        and other.reporter == other.importer
        and one.classification == other.classification == _TOTAL
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


def _amount(one: Statement, year: Any) -> Amount:
    value, low, high = (float(ends.loc[year]) for ends in (one.years, one.low, one.high))
    return Amount(value, min(low, value), max(high, value))


def ends_of(name: str, found: Amount) -> dict[str, float]:
    """
    Return an index as three columns.

    Parameters
    ----------
    name : str
        Of the index.
    found : Amount
        With its bounds.

    Returns
    -------
    dict
        ``name``, ``name_low`` and ``name_high``.

    Raises
    ------
    AttributeError
        If ``found`` is no amount.

    Examples
    --------
    >>> ends_of("share", Amount(0.5, 0.4, 0.6))
    {'share': 0.5, 'share_low': 0.4, 'share_high': 0.6}
    """
    return {name: found.value, f"{name}_low": found.low, f"{name}_high": found.high}


def _lines(several: Sequence[Statement], year: str, calendar: str = "") -> Rows:
    """Return the lines of the rows that touch a year."""
    lines: dict[str, set[int]] = {}
    for one in several:
        period = _period_rows(one.rows, year, calendar or one.calendar)
        lines.setdefault(one.dataset, set()).update(int(line) for line in period["line"])
    return {dataset: tuple(sorted(found)) for dataset, found in sorted(lines.items())}


def _period_rows(rows: pd.DataFrame, year: str, calendar: str) -> pd.DataFrame:
    period = calendar_year(int(year), calendar=calendar)
    start, end = pd.Timestamp(period.start), pd.Timestamp(period.end)
    stated = rows[(rows["start"] == start) & (rows["end"] == end)]
    if len(stated):
        return stated
    return rows[(rows["start"] <= end) & (rows["end"] >= start)]
