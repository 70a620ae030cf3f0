"""Every total of a table at once: its sum, what covers it, and how concentrated it is."""

import numpy as np
import pandas as pd

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
    sums = np.add.reduceat(values, starts)
    shares = values / np.repeat(sums, sizes)
    at_most = values == np.repeat(np.maximum.reduceat(values, starts), sizes)
    group = np.repeat(np.arange(len(starts)), sizes)
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
    parts = [
        _covers_of(rows, country=str(country), of=of)
        for country, rows in used.groupby(side, sort=True)
    ]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=_COVER)


def _covers_of(rows: pd.DataFrame, *, country: str, of: Of) -> pd.DataFrame:
    cells = rows.groupby(CELL, sort=True, as_index=False).agg(
        value=("value", "sum"), rows=("value", "size")
    )
    cells = cells.assign(country=country, printed=np.nan, refused="")
    claim = claimed(rows, country=country, of=of)
    if claim is not None:
        return cells.assign(scope=claim)[_COVER]
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
    refused = (
        pd.Series("", index=cells.index, dtype="str")
        .mask(too_much, "partners add up to more than the printed total; one of the two is wrong")
        .mask(scope == "", some)
    )
    return cells.assign(
        scope=scope, refused=refused, printed=total.where((scope == PRINTED_TOTAL) & ~too_much)
    )[_COVER]


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
