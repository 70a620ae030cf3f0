"""How a reporter's trade is divided among its partners, and where the other of a pair stands."""

from collections.abc import Sequence

import pandas as pd

from flows.canonical import exact_sum
from flows.findings import Table
from flows.measure.checks import check_stated_once
from flows.measure.indices import herfindahl
from flows.measure.trade_indices import Amount
from flows.periods import calendar_year
from flows.studies.dyad_balance import ends_of
from flows.studies.dyad_exhibits import union_of
from flows.studies.dyad_statements import Statement

CONCENTRATION_COLUMNS = [
    *("reporter", "flow", "partner", "dataset", "year", "partners", "share", "rank"),
    *("herfindahl", "herfindahl_low", "herfindahl_high", "rows"),
]

_SIDES = ("exporter", "importer")
_ALIKE = ("reporter", "dataset", "classification", "partner_basis", "valuation", "unit")
_FEWEST_PARTNERS = 2


def concentration_table(table: pd.DataFrame, statements: Sequence[Statement]) -> pd.DataFrame:
    """
    Return how a reporter's trade is divided among its partners, in the last whole year.

    Parameters
    ----------
    table : pandas.DataFrame
        Flow table with all partners that the sources name.
    statements : sequence of Statement
        Of the pair.

    Returns
    -------
    pandas.DataFrame
        Columns :data:`CONCENTRATION_COLUMNS`; one row a statement of all goods by a country about
        its own trade, where its data set names other partners too: share and rank of the partner
        in ``flow`` (imports or exports), Herfindahl index of the partners with bounds.

    Raises
    ------
    FlowsError
        If a flow is stated twice.
    """
    entries = []
    for one in statements:
        if one.reporter in (one.exporter, one.importer) and len(one.years):
            entries += _concentration(table, one)
    return pd.DataFrame(entries, columns=CONCENTRATION_COLUMNS)


def _concentration(table: pd.DataFrame, one: Statement) -> list[dict[str, object]]:
    """Return the row of a statement, none where its data set names no other partner."""
    side, others = _SIDES if one.reporter == one.exporter else _SIDES[::-1]
    year = one.years.index[-1]
    alike = table[table[side] == one.reporter]
    for column in _ALIKE:
        alike = alike[alike[column] == getattr(one, column)]
    amounts = _by_partner(alike, one, int(str(year)), others)
    if len(amounts) < _FEWEST_PARTNERS:
        return []
    partner = str(getattr(one, others))
    ranked = sorted(amounts, key=lambda code: (-amounts[code], code))
    index = Amount.exact(herfindahl(list(amounts.values())))
    return [
        {
            "reporter": one.reporter,
            "flow": "exports" if side == "exporter" else "imports",
            "partner": partner,
            "dataset": f"{one.dataset}, {one.partner_basis or 'no basis'}",
            "year": str(year),
            "partners": len(amounts),
            "share": amounts.get(partner, 0.0) / exact_sum(amounts.values()),
            "rank": ranked.index(partner) + 1 if partner in amounts else 0,
            **ends_of("herfindahl", index),
            "rows": one.lines,
        }
    ]


def _by_partner(alike: pd.DataFrame, one: Statement, year: int, others: str) -> dict[str, float]:
    """Return what is stated of a year with each partner: a month that is not stated adds none."""
    period = calendar_year(year, calendar=one.calendar)
    start, end = pd.Timestamp(period.start), pd.Timestamp(period.end)
    inside = alike[(alike["start"] >= start) & (alike["end"] <= end) & (alike["value"] > 0)]
    if inside.empty:
        return {}
    check_stated_once(inside)
    sums = inside.groupby(others)["value"].agg(exact_sum)
    return {str(code): float(value) for code, value in sums.items()}


def partners_exhibit(frame: pd.DataFrame, *, name: str) -> Table:
    """
    Return where the other country stands among a reporter's partners.

    Parameters
    ----------
    frame : pandas.DataFrame
        Of :func:`concentration_table`.
    name : str
        First part of the id.

    Returns
    -------
    Table
        One row a statement.

    Raises
    ------
    KeyError
        If a column is missing.
    """
    columns = {
        "reporter": "Reporter",
        "flow": "Flow",
        "partner": "Partner",
        "dataset": "Data set",
        "year": "Year",
        "share": "Share, %",
        "rank": "Rank",
        "partners": "Of",
        "herfindahl": "Herfindahl",
    }
    return Table(
        id=f"{name}-partners",
        frame=frame.assign(share=frame["share"] * 100)[list(columns)],
        labels=columns,
        formats={"share": ".1f", "herfindahl": ".3f"},
        caption="The partner among all partners, last whole year.",
        note="Herfindahl index of the partners' shares, 0 to 1.",
        rows=union_of(frame["rows"]),
    )
