"""Whether the rows of a total are all that it is made of, and what stands in where they are not."""

from dataclasses import dataclass, field
from typing import TypeVar

import pandas as pd

from flows.canonical import exact_sum
from flows.countries import country_name
from flows.errors import DoubleCountError, PeriodError, ScopeError
from flows.measure.checks import FILTERS, rows_by_dataset
from flows.scope import SIDES, Of, Scope, check_all_there, own_file, scope_of, source_of
from flows.table import Rows, is_real, where

ALL_PARTNERS = "all partners"
PRINTED_TOTAL = "printed total"
NOT_STATED = "scope not stated"
ALL_ROWS = "all rows of the flow"
ALL_MEMBERS = "a row of every member"

TOLERANCE = 1e-3
"""Relative: by how much rows may add up to more than a printed total, as revisions do."""

_STATED = "whole"
_SHOWN = 5

COUNTED_ALIKE = ["reporter", "product", "classification", "valuation", "partner_basis"]
"""What a printed total and the rows beside it have in common."""


Counts = TypeVar("Counts", float, pd.Series)
"""One number, or one a total."""


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


def stated_whole(rows: pd.DataFrame) -> str | None:
    """Return how a result says that somebody states its rows to be the whole."""
    reason = stated_reason(rows)
    return None if reason is None else f"stated to be the whole: {reason}"


def check_one_holder(rows: pd.DataFrame, *, country: str, of: Of) -> None:
    """
    Check that rows that are alike but for their data set come from one.

    Tables of single suppliers together are a country's imports only if somebody states it.
    """
    datasets = sorted(map(str, rows["dataset"].unique()))
    alike = len(rows[[name for name in FILTERS if name != "dataset"]].drop_duplicates()) == 1
    if len(datasets) < 2 or not alike or stated_reason(rows) is not None:  # noqa: PLR2004 - several
        return
    scopes = {dataset: scope_of(dataset) or Scope() for dataset in datasets}
    held = [dataset for dataset, scope in scopes.items() if scope.holds_all(country, of=of)]
    total = f"{of} of {country_name(country)}"
    choose = (
        f"choose dataset={held[0]!r}, which holds all {total}"
        if held
        else f"none of them holds all {total}: load a table that does, or, if together they hold "
        "every partner, fl.state_whole(table, reason=...)"
    )
    shown = [f"{dataset!r}{_held_in_words(scopes[dataset])}" for dataset in datasets[:_SHOWN]]
    more = f" and {len(datasets) - _SHOWN} more" if len(datasets) > _SHOWN else ""
    raise DoubleCountError(
        f"{of} of {country}: expected one dataset in one sum, found {', '.join(shown)}{more} "
        f"({where(rows.drop_duplicates('dataset').head(_SHOWN))}); {choose}"
    )


def _held_in_words(scope: Scope) -> str:
    """Return whose imports and exports a data set holds all of, where it is of a few countries."""
    held = [
        f"{of} of {', '.join(countries)}"
        for of, countries in scope.countries.items()
        if scope.partners == "all" and countries and len(countries) <= _SHOWN
    ]
    return f" (all {' and '.join(held)})" if held else ""


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


def check_whole_years(rows: pd.DataFrame, *, country: str, of: Of, start: int, end: int) -> None:
    """
    Check that every year of a window has all its days, or is known to have been empty.

    Deliveries are a census: a year between others without any was one without deliveries. Of trade
    that is so only where the data set says that it counts the year.
    """
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
        if missing and not _touched(periods, begins, ends) and not _counts(rows, of, year):
            raise PeriodError(
                f"{year}: expected rows of {country}, found none; whether it had no {of} or they "
                f"are missing is not stated in {rows['dataset'].iloc[0]}; ask for years that are "
                "there, or, if these rows are the whole, fl.state_whole(table, reason=...)"
            )


def _touched(periods: pd.DataFrame, begins: pd.Timestamp, ends: pd.Timestamp) -> bool:
    return bool(((periods["start"] <= ends) & (periods["end"] >= begins)).any())


def _counts(rows: pd.DataFrame, of: Of, year: int) -> bool:
    """
    Say whether a data set is known to count a year in which a country has none of these rows.

    It says so itself, or it is of every country and has the year, or it has other goods of the
    country in that year, stated alike.
    """
    scope = _scope(rows)
    if scope.years is not None or (rows["unit"] == "TIV").all():
        return True
    begins, ends = pd.Timestamp(year, 1, 1), pd.Timestamp(year, 12, 31)
    if scope.partners == "all" and scope.countries.get(of, ()) is None:
        return _touched(scope.entries, begins, ends)
    alike = [SIDES[of][0], "reporter", "partner_basis", "valuation"]
    return _touched(scope.entries.merge(rows[alike].drop_duplicates()), begins, ends)


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
    if (how := claimed(rows, country=country, of=of)) is not None:
        return Cover(how)
    scope = _scope(rows)
    printed = None if chosen else _printed(scope, rows, country=country, of=of, window=(start, end))
    if printed is not None:
        return printed
    if scope.partners == "not stated":
        return Cover(NOT_STATED)
    raise not_all_partners(rows, country=country, of=of, periods=f"{start}-{end}")


def claimed(rows: pd.DataFrame, *, country: str, of: Of) -> str | None:
    """Return what the rows of a total are as far as claims say; none if printed totals have to."""
    if (stated := stated_whole(rows)) is not None:
        return stated
    dataset = str(rows["dataset"].iloc[0])
    scope = scope_of(dataset)
    made = dataset != source_of(dataset) and scope_of(source_of(dataset)) is not None
    if scope is None and (made or own_file(dataset) is not None):
        raise ScopeError(
            f"{dataset}: expected a file that was loaded in this session, found rows kept from "
            "another one; load the file again, or, if these rows are the whole, "
            "fl.state_whole(table, reason=...)"
        )
    if scope is None:
        return NOT_STATED
    return ALL_PARTNERS if scope.holds_all(country, of=of) else None


def not_all_partners(rows: pd.DataFrame, *, country: str, of: Of, periods: str) -> ScopeError:
    """Return the error that rows are some partners of a country only, and no total is at hand."""
    return ScopeError(
        f"{rows['dataset'].iloc[0]}: expected all partners of {country_name(country)} in its "
        f"{of}, found {_meant(_scope(rows))} ({where(rows)}), and no printed total for {periods}; "
        "what they add up to is not the whole. Load a file with all partners, or, if these are "
        "all, fl.state_whole(table, reason=...)"
    )


def lists_some(rows: pd.DataFrame) -> bool:
    """Say whether rows that are not claimed to be all partners are known to be some only."""
    return _scope(rows).partners != "not stated"


def _scope(rows: pd.DataFrame) -> Scope:
    return scope_of(str(rows["dataset"].iloc[0])) or Scope()


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
    same = printed_beside(rows, country=country, of=of)
    begins, ends = pd.Timestamp(window[0], 1, 1), pd.Timestamp(window[1], 12, 31)
    inside = same[(same["start"] >= begins) & (same["end"] <= ends)]
    by_product = inside.groupby(COUNTED_ALIKE)[["start", "end"]]
    missing = [_days_missing(days.drop_duplicates(), begins, ends) for _, days in by_product]
    if len(missing) < len(rows[COUNTED_ALIKE].drop_duplicates()) or any(missing):
        return None
    total, added = exact_sum(inside["value"]), exact_sum(rows["value"])
    made_up = make_up(rows, inside, country=country, of=of)
    if added > total or (scope.partners == "not stated" and made_up):
        return Cover(ALL_PARTNERS)
    return Cover(PRINTED_TOTAL, total, rows_by_dataset(inside))


def printed_beside(rows: pd.DataFrame, *, country: str, of: Of) -> pd.DataFrame:
    """
    Return the totals that are printed of what rows are parts of, of whatever period.

    ``ScopeError`` for rows at constant prices: totals are printed in current ones.
    """
    totals = _scope(rows).totals
    mine = totals[(totals["of"] == of) & (totals["country"] == country)]
    if len(mine) and is_real(unit := str(rows["unit"].iloc[0])):
        raise ScopeError(
            f"{of} of {country_name(country)}: {rows['dataset'].iloc[0]} prints totals in current "
            f"prices ({where(mine.assign(dataset=rows['dataset'].iloc[0]))}), and its rows are in "
            f"{unit}; take the series first and deflate that: fl.deflate(fl.series(...), ...)"
        )
    alike = mine.merge(rows[COUNTED_ALIKE].drop_duplicates(), on=COUNTED_ALIKE)
    return alike.assign(dataset=str(rows["dataset"].iloc[0]))


def make_up(rows: pd.DataFrame, printed: pd.DataFrame, *, country: str, of: Of) -> bool:
    """
    Say whether rows add up to the totals printed beside them, but for rounding.

    Rows that add up to more, by more than revisions do, are refused.
    """
    total, added = exact_sum(printed["value"]), exact_sum(rows["value"])
    if added > total * (1 + TOLERANCE):
        raise ScopeError(
            f"{of} of {country_name(country)}: expected partners that add up to the printed total "
            f"{total:g} at most, found {added:g} ({where(printed)}); one of the two is wrong"
        )
    rounded = rounding(len(rows), len(printed), float(printed["digit"].max()))
    return added > total or total - added <= rounded


def rounding(rows: Counts, printed: Counts, digit: Counts) -> Counts:
    """Return by how much so many rows may miss the totals printed beside them by rounding alone."""
    return (rows + printed) / 2 * digit
