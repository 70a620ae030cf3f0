"""Whether the rows of a total are all that it is made of, and what stands in where they are not."""

from dataclasses import dataclass, field

import pandas as pd

from flows.canonical import exact_sum
from flows.countries import country_name
from flows.errors import PeriodError, ScopeError
from flows.measure.checks import rows_by_dataset
from flows.scope import SIDES, Of, Scope, check_all_there, own_file, scope_of
from flows.table import Rows, is_real, where

ALL_PARTNERS = "all partners"
PRINTED_TOTAL = "printed total"
NOT_STATED = "scope not stated"

_TOLERANCE = 1e-3
"""Relative: by how much rows may add up to more than a printed total, as revisions do."""

_STATED = "whole"

_COUNTED_ALIKE = ["reporter", "product", "classification", "valuation", "partner_basis"]
"""What a printed total and the rows beside it have in common."""


@dataclass(frozen=True, slots=True)
class Cover:
    """
    What the rows of a country's total cover.

    ``how``: ``"all partners"``, ``"printed total"``, ``"scope not stated"`` or what the caller
    stated; ``total``: what the publisher prints, in the unit of the rows, where it takes the place
    of their sum; ``lines``: those on which it stands.
    """

    how: str
    total: float | None = None
    lines: Rows = field(default_factory=dict)


def state_whole(table: pd.DataFrame, *, reason: str) -> pd.DataFrame:
    """
    State that the rows of a table are the whole of what it is asked for.

    A share is right only over everything that it is a share of. Rows that were filtered, or that a
    file does not claim to be all partners of a country, are refused; who knows better states it.

    Parameters
    ----------
    table : pandas.DataFrame
        Flow table.
    reason : str
        Why the rows are the whole; recorded in every result that rests on it.

    Returns
    -------
    pandas.DataFrame
        The same rows with the reason in the column ``whole``, which survives what pandas does.

    Raises
    ------
    ValueError
        If no reason is given.

    Examples
    --------
    >>> import flows as fl
    >>> arms = fl.load("sipri-deal-years@2025-03")
    >>> late = fl.state_whole(arms[arms["start"].dt.year >= 2018], reason="only these years matter")
    >>> fl.share(late, supplier="ISR", importer="AZE", start=2016, end=2020).scope
    'stated to be the whole: only these years matter'
    """
    if not reason.strip():
        raise ValueError("reason: expected why these rows are the whole, found nothing")
    return table.assign(**{_STATED: reason})


def stated_reason(rows: pd.DataFrame) -> str | None:
    """Return why somebody states that rows are the whole; none where nobody does, for all rows."""
    if _STATED not in rows.columns or rows.empty or rows[_STATED].isna().any():
        return None
    return "; ".join(sorted(map(str, rows[_STATED].unique())))


def check_kept(table: pd.DataFrame, *, country: str, of: Of, years: tuple[int, int] | None) -> None:
    """Check that no row of a country's total in a window of years was taken out of the table."""
    if stated_reason(table) is not None:
        return
    side, _ = SIDES[of]

    def needed(entries: pd.DataFrame) -> pd.Series:
        first, last = years or (0, 9999)
        inside = (entries["start"].dt.year <= last) & (entries["end"].dt.year >= first)
        return pd.Series((entries[side] == country) & inside)

    check_all_there(
        table,
        needed=needed,
        instead=(
            "say in the measure what the filter meant: start= and end=, dataset=, or "
            "counting=fl.Counting(products=...); if these rows are the whole, "
            "fl.state_whole(table, reason=...)"
        ),
    )


def check_whole_years(rows: pd.DataFrame, *, country: str, start: int, end: int) -> None:
    """Check that every year of a window that has rows shorter than a year has all its days."""
    if stated_reason(rows) is not None:
        return
    periods = rows[["start", "end"]].drop_duplicates()
    for year in range(start, end + 1):
        begins, ends = pd.Timestamp(year, 1, 1), pd.Timestamp(year, 12, 31)
        inside = periods[(periods["start"] >= begins) & (periods["end"] <= ends)]
        missing = _days_missing(inside, begins, ends)
        if len(inside) and missing:
            raise PeriodError(
                f"{year}: expected rows of {country} for the whole year, found "
                f"{inside['start'].min():%d %B} to {inside['end'].max():%d %B} "
                f"({missing} days are missing); ask for years that are complete"
            )


def _days_missing(periods: pd.DataFrame, begins: pd.Timestamp, ends: pd.Timestamp) -> int:
    days = pd.DatetimeIndex([])
    for start, end in periods.itertuples(index=False):
        days = days.union(pd.date_range(start, end))
    return len(pd.date_range(begins, ends)) - len(days)


def cover_of(
    rows: pd.DataFrame, *, country: str, of: Of, start: int, end: int, chosen: bool
) -> Cover:
    """
    Return what the rows of a country's total cover.

    ``chosen``: more than the product was chosen, so that a printed total is of something else.
    ``ScopeError`` where they are known not to be all, and no printed total is at hand.
    """
    if (reason := stated_reason(rows)) is not None:
        return Cover(f"stated to be the whole: {reason}")
    dataset = str(rows["dataset"].iloc[0])
    scope = scope_of(dataset)
    if scope is None and own_file(dataset) is not None:
        raise ScopeError(
            f"{dataset}: expected a file that was loaded in this session, found rows kept from "
            "another one; load the file again, or, if these rows are the whole, "
            "fl.state_whole(table, reason=...)"
        )
    if scope is None:
        return Cover(NOT_STATED)
    if scope.holds_all(country, of=of):
        return Cover(ALL_PARTNERS)
    # Totals are printed in current prices.
    other = chosen or is_real(str(rows["unit"].iloc[0]))
    printed = None if other else _printed(scope, rows, country=country, of=of, window=(start, end))
    if printed is not None:
        return printed
    if scope.partners == "not stated":
        return Cover(NOT_STATED)
    raise ScopeError(
        f"{rows['dataset'].iloc[0]}: expected all partners of {country_name(country)} in its "
        f"{of}, found {_meant(scope)} ({where(rows)}), and no printed total for {start}-{end}; a "
        "share of them is no share of the whole. Load a file with all partners, or, if these are "
        "all, fl.state_whole(table, reason=...)"
    )


def check_known(rows: pd.DataFrame, cover: Cover, *, partner: str, country: str, of: Of) -> None:
    """Check that a partner without a row has no trade, and is not one that is not listed."""
    _, other = SIDES[of]
    scope = scope_of(str(rows["dataset"].iloc[0]))
    listed = rows[rows[other] == partner]
    if listed.empty and scope is not None and partner in scope.unnamed:
        area = scope.unnamed[partner]
        raise ScopeError(
            f"{rows['dataset'].iloc[0]}: this source does not name {country_name(partner)}; its "
            f"trade is in {area} ({country_name(area)}): ask for that code"
        )
    if cover.total is None:
        return
    periods = rows[["start", "end"]].drop_duplicates()
    missing = len(periods) - len(listed[["start", "end"]].drop_duplicates())
    largest = scope is not None and scope.partners == "largest"
    if listed.empty or (missing and largest):
        least = rows.groupby(["start", "end"])["value"].min().sum()
        raise ScopeError(
            f"the share of {country_name(partner)} in the {of} of {country_name(country)} is not "
            f"known: {rows['dataset'].iloc[0]} lists {_meant(scope or Scope())}, and it is not "
            f"among them in {missing} of {len(periods)} periods"
            + (
                f"; it is at most {least:g}, what the last of them has"
                if listed.empty and largest
                else ""
            )
        )


def check_all_partners(scope: str, *, measure: str) -> None:
    """Check that a measure that needs every partner has all of them."""
    if scope == PRINTED_TOTAL:
        raise ScopeError(
            f"{measure}: expected every partner, found some and a printed total; that is enough "
            "for share, partner_shares and concentration only"
        )


def _meant(scope: Scope) -> str:
    if scope.partners == "largest":
        return f"the {scope.largest or 'few'} largest partners only"
    if scope.partners == "not stated":
        return "partners that do not add up to the printed total"
    return "some partners only"


def _printed(
    scope: Scope, rows: pd.DataFrame, *, country: str, of: Of, window: tuple[int, int]
) -> Cover | None:
    """
    Return what a printed total over the products and the whole window of the rows says of them.

    None where there is no such total. Rows that make it up but for rounding are all partners.
    """
    totals = scope.totals
    mine = totals[(totals["of"] == of) & (totals["country"] == country)]
    wanted = rows[_COUNTED_ALIKE].drop_duplicates()
    same = mine.merge(wanted, on=_COUNTED_ALIKE)
    begins, ends = pd.Timestamp(window[0], 1, 1), pd.Timestamp(window[1], 12, 31)
    inside = same[(same["start"] >= begins) & (same["end"] <= ends)]
    by_product = inside.groupby(_COUNTED_ALIKE)[["start", "end"]]
    missing = [_days_missing(days.drop_duplicates(), begins, ends) for _, days in by_product]
    if len(missing) < len(wanted) or any(missing):
        return None
    total, added = exact_sum(inside["value"]), exact_sum(rows["value"])
    lines = inside.assign(dataset=rows["dataset"].iloc[0])
    if added > total * (1 + _TOLERANCE):
        raise ScopeError(
            f"{of} of {country_name(country)}: expected partners that add up to the printed total "
            f"{total:g} at most, found {added:g} ({where(lines)}); one of the two is wrong"
        )
    rounded = (len(rows) + len(inside)) / 2 * float(inside["digit"].max())
    if added > total or (scope.partners == "not stated" and total - added <= rounded):
        return Cover(ALL_PARTNERS)
    return Cover(PRINTED_TOTAL, total, rows_by_dataset(lines))
