"""Groups of countries: which rows are of their members, on the days of each row."""

from datetime import date
from functools import cache

import pandas as pd

from flows.countries import country_groups, country_name, dissolved_states, group_name
from flows.errors import CountryError, PeriodError, SchemaError
from flows.table import where

_UNTOLD = ("XBL", "XXE")
"""Codes that stand for several members at once."""


def is_group(code: str | None) -> bool:
    """Say whether a name is that of a group of countries."""
    return code in country_groups()


def printed_name(code: str) -> str:
    """
    Return the name that is printed for a country or a group.

    >>> printed_name("ARM"), printed_name("EU27_2020")
    ('Armenia', 'EU-27')
    """
    return group_name(code) if is_group(code) else country_name(code)


def member_rows(table: pd.DataFrame, *, side: str, group: str) -> pd.DataFrame:
    """
    Return the rows of a group's members, members on all days of the row.

    ``unclear`` says of a row why it is of a member in part only; such rows are there too.
    """
    standing = standings(table, side=side, group=group)
    rows = table[standing.notna()]
    if rows.empty:
        there = ", ".join(sorted(map(repr, table[side].unique()))) or "none"
        raise SchemaError(
            f"expected rows with a member of {group} as {side}, found none; there are: {there}"
        )
    return rows.assign(unclear=standing[standing.notna()].astype("str"))


def rows_among(rows: pd.DataFrame, group: str, *, country: str) -> pd.DataFrame:
    """Return the rows whose partner is a member of a group, and not the country itself."""
    if not is_group(group):
        raise CountryError(
            f"among: expected a group of countries ({', '.join(country_groups())}), found {group!r}"
        )
    kept = rows[are_of(rows, group, country=country)]
    if kept.empty and len(rows):
        raise SchemaError(
            f"among: expected rows with a member of {group}, found none ({where(rows)})"
        )
    return kept


def are_of(rows: pd.DataFrame, partner: str, *, country: str) -> pd.Series:
    """Say which rows are of a partner, or of the members of a group other than the country."""
    if not is_group(partner):
        return rows["partner"] == partner
    standing = standings(rows, side="partner", group=partner)
    partly = rows[standing.notna() & standing.ne("")]
    if len(partly):
        reason = standing[partly.index[0]]
        raise PeriodError(
            f"{where(partly)}: expected members of {partner} for the whole of each row, found "
            f"that {reason}; ask for years without a change, for a fixed list such as EU27_2020, "
            "or take data by month"
        )
    return standing.eq("") & (rows["partner"] != country)


def outside_rows(rows: pd.DataFrame, *, side: str, group: str) -> pd.DataFrame:
    """Return the rows of all but the members; ``unclear`` gains the rows of members in part."""
    standing = standings(rows, side=side, group=group)
    kept = rows[standing.ne("") | standing.isna()]
    partly = standing[kept.index].fillna("")
    return kept.assign(unclear=kept["unclear"].where(kept["unclear"] != "", partly))


def members_between(group: str, start: pd.Timestamp, end: pd.Timestamp) -> list[str]:
    """Return the countries that were in a group on some day of a period."""
    return [
        member.alpha3
        for member in country_groups()[group]
        if member.start <= end.date() and member.end >= start.date()
        if member.alpha3 not in _UNTOLD
    ]


def check_member(code: str, group: str, *, start: int, end: int) -> None:
    """Check that a country was a member of a group in a window of years."""
    members = members_between(group, pd.Timestamp(start, 1, 1), pd.Timestamp(end, 12, 31))
    if code not in members:
        raise CountryError(
            f"expected a member of {group} in {start}-{end}, found {code!r}; there are: "
            f"{', '.join(sorted(members))}"
        )


def members_ever(group: str) -> set[str]:
    """Return all codes under which members of a group may stand."""
    listed = {member.alpha3 for member in country_groups()[group]}
    return listed | {code for code in dissolved_states() if heirs_of(code) & listed}


def heirs_of(code: str) -> frozenset[str]:
    """Return the states of today on the territory of a dissolved one; the code of any other."""
    gone = dissolved_states().get(code)
    if gone is None:
        return frozenset({code})
    return frozenset(heir for successor in gone.successors for heir in heirs_of(successor))


def standings(table: pd.DataFrame, *, side: str, group: str) -> pd.Series:
    """Return "" for a member, a reason for one in part, and nothing for any other."""
    keys = table[[side, "start", "end"]].drop_duplicates()
    keys["standing"] = [
        _standing(group, code, start.date(), end.date())
        for code, start, end in keys.itertuples(index=False)
    ]
    found = table[[side, "start", "end"]].merge(keys, on=[side, "start", "end"], how="left")
    return pd.Series(found["standing"].to_numpy(dtype=object), index=table.index, dtype=object)


@cache
def _standing(group: str, code: str, start: date, end: date) -> str | None:
    for member in country_groups()[group]:
        if member.alpha3 != code or member.start > end or member.end < start:
            continue
        if member.start <= start and end <= member.end:
            return ""
        change = member.start if member.start > start else member.end
        word = "joined" if member.start > start else "left"
        return f"{country_name(code)} {word} {group} within the period, on {change}"
    if code in _UNTOLD and any(member.alpha3 == code for member in country_groups()[group]):
        return f"{country_name(code)} holds the trade of members of {group} and of others"
    return _standing_of_dissolved(group, code, end) if code in dissolved_states() else None


def _standing_of_dissolved(group: str, code: str, end: date) -> str | None:
    """
    Return the standing of a state that is no more and was never a member itself.

    A list that holds for all times is of territory. Of a group by date a state was no member while
    it was there; what is counted under its code after its end may be of members.
    """
    members = country_groups()[group]
    heirs = heirs_of(code)
    inside = sorted({m.alpha3 for m in members if m.start <= end <= m.end} & heirs)
    of_territory = any(member.start == date.min for member in members)
    if of_territory and len(inside) == len(heirs):
        return ""
    if not inside or (not of_territory and end <= dissolved_states()[code].end):
        return None
    return f"{country_name(code)} holds the trade of members of {group} ({', '.join(inside)})"
