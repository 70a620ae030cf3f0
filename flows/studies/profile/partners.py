"""Partners: how a reporter's trade is divided among them, and where the other of a pair stands."""

import math
from collections.abc import Sequence

import pandas as pd

from flows.canonical import exact_sum
from flows.countries import country_name
from flows.errors import ScopeError
from flows.findings import Findings, Table
from flows.measure.checks import check_stated_once
from flows.measure.covering import NOT_STATED, PRINTED_TOTAL
from flows.measure.indices import herfindahl
from flows.measure.totals import add_total
from flows.measure.trade_indices import Amount
from flows.measure.whole_periods import Cut
from flows.periods import Period
from flows.scope import Of
from flows.studies.numbers import union_of
from flows.studies.profile.question import PairQuestion
from flows.studies.profile.stated import Statement
from flows.studies.profile.tables import PERCENT, ends_of, without_repeats
from flows.studies.section import About

ABOUT = About(needs="a data set that names other partners too", tables=("partners", "place"))

_COLUMNS = [
    *(
        "reporter",
        "flow",
        "partner",
        "dataset",
        "partner_basis",
        "year",
        "partners",
        "share",
        "rank",
    ),
    *("whole", "herfindahl", "herfindahl_low", "herfindahl_high", "rows"),
]
_FORMATS = {"share": ".1f", "herfindahl": ".3f"}
_SIDES = ("exporter", "importer")
_ALIKE = ("reporter", "dataset", "classification", "partner_basis", "valuation", "unit")
_FEWEST_PARTNERS = 2
_LISTED = "partners listed"
"""What a share is of where a data set has some partners only and prints no total."""


def partners(question: PairQuestion, *, short: bool = False) -> Findings:
    """
    Rank the other country among all partners of a reporter.

    Table ``partners``, or ``place`` on one basis where it has to be ``short``; none where no data
    set names other partners.
    """
    frame = concentration_table(question.latest, question.statements)
    if frame.empty:
        return Findings()
    table = _short_table(frame, question.name) if short else _table(frame, question.name)
    return Findings(tables=(table,))


def concentration_table(table: pd.DataFrame, statements: Sequence[Statement]) -> pd.DataFrame:
    """
    Return how a reporter's trade is divided among its partners, in the last whole year.

    One row a statement of all goods by a country about its own trade, where its data set names
    other partners too: share and rank of the partner in ``flow`` (imports or exports), ``whole``,
    what the share is of (all partners, a printed total, or the partners listed), Herfindahl index
    of the partners with bounds, which is not known where they fall short of a printed total.
    """
    entries = []
    for statement in statements:
        if statement.reporter in (statement.exporter, statement.importer) and len(statement.years):
            entries += _concentration(table, statement)
    return pd.DataFrame(entries, columns=_COLUMNS)


def _concentration(table: pd.DataFrame, statement: Statement) -> list[dict[str, object]]:
    """Return the row of a statement, none where its data set names no other partner."""
    side, others = _SIDES if statement.reporter == statement.exporter else _SIDES[::-1]
    year = statement.years.index[-1]
    alike = table[table[side] == statement.reporter]
    for column in _ALIKE:
        alike = alike[alike[column] == getattr(statement, column)]
    inside = _inside(alike, statement, int(str(year)))
    amounts = _by_partner(inside, others)
    if len(amounts) < _FEWEST_PARTNERS:
        return []
    of: Of = "exports" if side == "exporter" else "imports"
    total, whole = _whole(inside, statement, of=of)
    partner = str(getattr(statement, others))
    ranked = sorted(amounts, key=lambda code: (-amounts[code], code))
    return [
        {
            "reporter": statement.reporter,
            "flow": of,
            "partner": partner,
            "dataset": f"{statement.dataset}, {statement.partner_basis or 'no basis'}",
            "partner_basis": statement.partner_basis,
            "year": str(year),
            "partners": len(amounts),
            "share": amounts.get(partner, 0.0) / total,
            "rank": ranked.index(partner) + 1 if partner in amounts else 0,
            "whole": whole,
            **_concentrated(list(amounts.values()), total, short=whole == PRINTED_TOTAL),
            "rows": statement.lines,
        }
    ]


def _concentrated(amounts: list[float], total: float, *, short: bool) -> dict[str, float]:
    """Return the Herfindahl index, or what it can be where a part of a total is not listed."""
    if not short:
        return ends_of("herfindahl", Amount.exact(herfindahl(amounts)))
    rest = total - exact_sum(amounts)
    low = exact_sum((amount / total) ** 2 for amount in amounts)
    ends = {"herfindahl_low": low, "herfindahl_high": low + (rest / total) ** 2}
    return {"herfindahl": math.nan, **ends}


def _inside(alike: pd.DataFrame, statement: Statement, year: int) -> pd.DataFrame:
    """Return what is stated of a year with each partner."""
    period = Period.year(year, calendar=statement.calendar)
    start, end = pd.Timestamp(period.start), pd.Timestamp(period.end)
    inside: pd.DataFrame = alike[
        (alike["start"] >= start) & (alike["end"] <= end) & (alike["value"] > 0)
    ]
    return inside


def _by_partner(inside: pd.DataFrame, others: str) -> dict[str, float]:
    """Add up what is stated with each partner: a month that is not stated adds none."""
    if inside.empty:
        return {}
    check_stated_once(inside)
    sums = inside.groupby(others)["value"].agg(exact_sum)
    return {str(code): float(value) for code, value in sums.items()}


def _whole(inside: pd.DataFrame, statement: Statement, *, of: Of) -> tuple[float, str]:
    """Return what the partners are a share of, in the unit of the rows, and what that is."""
    listed = exact_sum(inside["value"])
    cut = Cut("year", statement.calendar)
    try:
        added = add_total(inside, cut=cut, country=statement.reporter, of=of)
    except ScopeError:
        return listed, _LISTED
    if added.scope != PRINTED_TOTAL:
        return listed, added.scope
    return exact_sum(added.used["value"]), PRINTED_TOTAL


def _table(frame: pd.DataFrame, name: str) -> Table:
    columns = {
        "reporter": "Reporter",
        "flow": "Flow",
        "partner": "Partner",
        "dataset": "Data set",
        "year": "Year",
        "share": "Share, %",
        "rank": "Rank",
        "partners": "Partners",
        "whole": "Share is of",
        "herfindahl": "Herfindahl index",
    }
    return Table(
        id=f"{name}-partners",
        frame=frame.assign(
            share=frame["share"] * PERCENT, whole=frame["whole"].replace({NOT_STATED: _LISTED})
        )[list(columns)],
        labels=columns,
        formats=_FORMATS,
        caption="Share and rank of the partner among all partners, in the last whole year.",
        note="Herfindahl index of the partners' shares, 0 to 1; none where some are not listed.",
        rows=union_of(frame["rows"]),
    )


def _short_table(frame: pd.DataFrame, name: str) -> Table:
    frame = frame[frame["partner_basis"] != "consignment"]
    columns = {
        "says": "Reporter",
        "flow": "Flow",
        "year": "Year",
        "share": "Share, %",
        "rank": "Rank",
        "herfindahl": "Herfindahl",
    }
    places = zip(frame["rank"], frame["partners"], strict=True)
    printed = frame.assign(
        says=frame["reporter"].map(country_name),
        share=frame["share"] * PERCENT,
        rank=[f"{rank} of {count}" for rank, count in places],
    )
    return Table(
        id=f"{name}-place",
        frame=without_repeats(printed[list(columns)], "says"),
        labels=columns,
        formats=_FORMATS,
        caption="Share and rank of each country among all partners of the other.",
        note=(
            "Herfindahl index of the partners’ shares. Trade intensity and revealed advantage need "
            "the trade of the world, which these data do not hold." + _shares_of(frame)
        ),
        rows=union_of(frame["rows"]),
    )


def _shares_of(frame: pd.DataFrame) -> str:
    """Return what the shares are of, where it is not all partners."""
    less = sorted(set(frame["whole"]) & {_LISTED, PRINTED_TOTAL})
    return f" Shares are of the {' or the '.join(less)}." if less else ""
