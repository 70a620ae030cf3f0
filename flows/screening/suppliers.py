"""Every total of a table at once: its sum, what covers it, and how concentrated it is."""

import numpy as np
import pandas as pd

from flows.canonical import exact_sums
from flows.measure.covering import (
    ALL_PARTNERS,
    NOT_STATED,
    PRINTED_TOTAL,
    TOLERANCE,
    claimed,
    not_all_partners,
    printed_beside,
    rounding,
    stated_reason,
)
from flows.measure.pair_years import sum_cells
from flows.scope import SIDES, Of, Scope, scope_of

CELL = ["product", "year"]
"""What makes a total beside the country whose total it is."""

_COVER = ["country", *CELL, "scope", "printed", "refused"]
_TOO_MUCH = "partners add up to more than the printed total; one of the two is wrong"
_CLAIMED = pd.Index(["dataset", "whole"])
"""Columns by which claims are known."""

_MEASURES = ("total", "partners", "hhi", "main", "main_share")
_DAYS = {False: 365, True: 366}


def concentrations(rows: pd.DataFrame, *, total: list[str], partner: str) -> pd.DataFrame:
    """
    Return how concentrated every total is on its partners.

    One row a total above 0, sorted: the columns ``total`` names, then ``total`` (the sum),
    ``partners`` (how many have a part in it), ``hhi``, ``main`` (the largest one; of equal ones the
    first in the alphabet) and ``main_share``.
    """
    parts = sum_cells(rows[rows["value"] > 0], [*total, partner])
    if parts.empty:
        return parts[total].assign(**dict.fromkeys(_MEASURES, np.nan))
    values = parts["value"].to_numpy()
    starts = np.flatnonzero(~parts.duplicated(total).to_numpy())
    sizes = np.diff(starts, append=len(values))
    group = np.repeat(np.arange(len(starts)), sizes)
    sums = exact_sums(values, group, len(starts))
    shares = values / sums[group]
    at_most = values == np.maximum.reduceat(values, starts)[group]
    largest = np.flatnonzero(at_most)[np.unique(group[at_most], return_index=True)[1]]
    return (
        parts[total]
        .iloc[starts]
        .reset_index(drop=True)
        .assign(
            total=sums,
            partners=sizes,
            hhi=np.add.reduceat(shares**2, starts),
            main=parts[partner].to_numpy()[largest],
            main_share=shares[largest],
        )
    )


def covers(used: pd.DataFrame, *, of: Of) -> pd.DataFrame:
    """
    Return what the rows of every country, product and year are of its total.

    One row a total: ``country``, ``product``, ``year``, ``scope`` as in a share, ``printed`` (what
    the publisher prints, where that stands in for the sum), and ``refused``: why there is none.
    """
    side, _ = SIDES[of]
    claims = used[[side, *_CLAIMED.intersection(used.columns)]].drop_duplicates()
    scopes = {
        country: claimed(rows, country=str(country), of=of)
        for country, rows in claims.groupby(side, sort=True)
    }
    cells = used[[side, *CELL]].drop_duplicates().rename(columns={side: "country"})
    cells = cells.assign(scope=cells["country"].map(scopes), printed=np.nan, refused="")
    known = cells["scope"].notna()
    others = [
        _covers_beside_totals(rows, country=str(country), of=of)
        for country, rows in used[used[side].isin(cells.loc[~known, "country"])].groupby(side)
    ]
    return pd.concat([cells[known], *others], ignore_index=True)[_COVER]


def _covers_beside_totals(rows: pd.DataFrame, *, country: str, of: Of) -> pd.DataFrame:
    """Return what rows are of whose country no claim holds, by the totals printed beside them."""
    cells = rows.groupby(CELL, sort=True, as_index=False).agg(
        value=("value", "sum"), rows=("value", "size")
    )
    beside = cells.merge(_printed_by_year(rows, country=country, of=of), on=CELL, how="left")
    total, added = beside["total"], beside["value"]
    unsaid = (scope_of(str(rows["dataset"].iloc[0])) or Scope()).partners == "not stated"
    made_up = total - added <= rounding(beside["rows"], beside["lines"], beside["digit"])
    whole = (added > total) | (made_up & unsaid)
    scope = pd.Series(PRINTED_TOTAL, index=cells.index, dtype="str")
    scope = scope.mask(whole, ALL_PARTNERS)
    scope = scope.mask(total.isna(), NOT_STATED if unsaid else "")
    too_much = added > total * (1 + TOLERANCE)
    some = str(not_all_partners(rows, country=country, of=of, periods="the year"))
    refused = pd.Series("", index=cells.index, dtype="str").mask(too_much, _TOO_MUCH)
    refused = refused.mask(scope == "", some)
    printed = total.where((scope == PRINTED_TOTAL) & ~too_much)
    return cells.assign(country=country, scope=scope, refused=refused, printed=printed)[_COVER]


def _printed_by_year(rows: pd.DataFrame, *, country: str, of: Of) -> pd.DataFrame:
    """Return what is printed of each product and calendar year, where all of its days are."""
    printed = printed_beside(rows, country=country, of=of)
    year = printed["start"].dt.year
    inside = printed[year == printed["end"].dt.year].assign(
        year=year, days=(printed["end"] - printed["start"]).dt.days + 1
    )
    sums = inside.groupby(CELL, as_index=False).agg(
        total=("value", "sum"),
        lines=("value", "size"),
        digit=("digit", "max"),
        days=("days", "sum"),
    )
    leap = pd.to_datetime(sums["year"].astype("str"), format="%Y").dt.is_leap_year
    whole = sums["days"] == leap.map(_DAYS)
    whole_years: pd.DataFrame = sums[whole].drop(columns="days")
    return whole_years


def counts_all_exports(rows: pd.DataFrame) -> bool:
    """Say whether rows are the exports of every country, as far as claims say."""
    if stated_reason(rows) is not None:
        return True
    scopes = [scope_of(str(dataset)) for dataset in rows["dataset"].unique()]
    return all(scope is None or scope.countries.get("exports", ()) is None for scope in scopes)
