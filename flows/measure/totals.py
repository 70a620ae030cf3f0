"""What a series adds up: one flow, all partners of a country, or the members of a group."""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from flows.canonical import exact_sum
from flows.countries import country_name
from flows.errors import PeriodError, ScopeError
from flows.measure.checks import (
    SOURCE_LINES,
    check_one_scope,
    check_one_statement,
    check_split_by_year,
    select_flows,
)
from flows.measure.covering import (
    ALL_MEMBERS,
    ALL_PARTNERS,
    ALL_ROWS,
    NOT_STATED,
    PRINTED_TOTAL,
    Cover,
    claimed,
    lists_some,
    make_up,
    not_all_partners,
    printed_beside,
    stated_reason,
    stated_whole,
)
from flows.measure.groups import (
    heirs_of,
    is_group,
    member_rows,
    members_between,
    members_ever,
    outside_rows,
)
from flows.measure.whole_periods import Cut, are_months
from flows.periods import Period
from flows.scope import SIDES, Of, check_all_there, scope_of
from flows.table import COLUMNS, where

_FLOW = ["exporter", "importer", "product"]
_STATED = ["start", "end", "product"]
_HELD = "members"
"""Column of rows that were added up: the members that each holds, where each has to have a row."""

_OF_TOTAL: Mapping[str, Of] = {"importer": "imports", "exporter": "exports"}
_MEMBERS = "each member"


@dataclass(frozen=True, slots=True)
class Added:
    """
    What is added up by period.

    ``used``: rows of the whole periods, with their number in ``at``; ``left_out``: periods that are
    not whole, with the reason; ``scope``: what they rest on; ``members``: of a group, those summed.
    """

    used: pd.DataFrame
    left_out: dict[str, str]
    scope: str
    members: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """
    Whose flows are asked for.

    ``exporter``, ``importer``: a code, a group, or None for all partners; ``cut``: into which
    periods; ``wanted``: values of other columns; ``all_years``: a year without rows says something.
    """

    exporter: str | None
    importer: str | None
    cut: Cut
    wanted: dict[str, str | None]
    all_years: bool

    @property
    def sides(self) -> dict[str, str]:
        """The columns of which a value is asked for."""
        sides = {"exporter": self.exporter, "importer": self.importer}
        return {side: code for side, code in sides.items() if code is not None}

    @property
    def group(self) -> str | None:
        """The column of the group; none where countries are asked for."""
        groups = [side for side, code in self.sides.items() if is_group(code)]
        if len(groups) > 1:
            raise ValueError(
                "expected a group of countries and a country, found two groups: "
                f"{self.exporter} and {self.importer}"
            )
        return groups[0] if groups else None


def add_flows(table: pd.DataFrame, asked: Asked) -> tuple[pd.DataFrame, Added]:
    """Return the rows that are asked for, and what is added up of them by period."""
    side = asked.group
    rows = _rows_asked(table, asked)
    if side is not None:
        return rows, _add_members(table, rows, asked, side)
    if len(asked.sides) > 1:
        return rows, Added(*asked.cut.whole(rows), _scope_of_flow(rows))
    of: Of = "imports" if "importer" in asked.sides else "exports"
    check_one_scope(rows, of=of)
    return rows, add_total(rows, cut=asked.cut, country=asked.sides[SIDES[of][0]], of=of)


def _rows_asked(table: pd.DataFrame, asked: Asked) -> pd.DataFrame:
    """Return the rows that are asked for, each flow of which is stated once."""
    near = _rows_near(table, asked)
    _check_kept(near, asked)
    rows = near if asked.group is None else _rows_of_members(near, asked, asked.group)
    check_one_statement(rows)
    check_split_by_year(rows)
    return rows


def add_total(rows: pd.DataFrame, *, cut: Cut, country: str, of: Of) -> Added:
    """Return what all partners of a country add up to, or what is printed where they do not."""
    used, left_out = cut.whole(rows)
    scope = claimed(rows, country=country, of=of)
    if scope is not None:
        return Added(used, left_out, scope)
    totals = _printed_totals(rows, cut=cut, country=country, of=of)
    if totals.empty and lists_some(rows):
        periods = f"{rows['start'].min():%Y}-{rows['end'].max():%Y}"
        raise not_all_partners(rows, country=country, of=of, periods=periods)
    if totals.empty:
        return Added(used, left_out, NOT_STATED)
    if _are_all(used, totals, country=country, of=of) and not lists_some(rows):
        kept, how = used[used["at"].isin(totals["at"])], ALL_PARTNERS
    else:
        kept, how = totals, PRINTED_TOTAL
    missing = {
        label: f"{label}: expected all partners or a printed total, found neither"
        for label in used["label"].unique()
    }
    reasons = {
        label: reason
        for label, reason in (missing | left_out).items()
        if label not in set(kept["label"])
    }
    return Added(kept, dict(sorted(reasons.items())), how)


def _printed_totals(rows: pd.DataFrame, *, cut: Cut, country: str, of: Of) -> pd.DataFrame:
    """Return what is printed of the whole periods between the first and the last row."""
    printed = printed_beside(rows, country=country, of=of)
    inside = (printed["start"] >= rows["start"].min()) & (printed["end"] <= rows["end"].max())
    side, other = SIDES[of]
    flows: pd.DataFrame = printed[inside].assign(
        **{side: country, other: ""},
        **{name: rows[name].iloc[0] for name in ("unit", "coverage")},
        low=printed["value"],
        high=printed["value"],
    )
    if cut.freq == "month":
        flows = flows[are_months(flows)]
    if flows.empty:
        return flows.assign(at=0, label="")
    totals, _ = cut.whole(flows)
    stated, _ = cut.whole(rows)
    keys = ["at", "product"]
    lacking = stated[~_index(stated, keys).isin(_index(totals, keys))]
    complete: pd.DataFrame = totals[~totals["at"].isin(lacking["at"])]
    return complete


def _are_all(used: pd.DataFrame, totals: pd.DataFrame, *, country: str, of: Of) -> bool:
    """Say whether rows make up what is printed in every period that has both."""
    both = used[used["at"].isin(totals["at"])]
    made_up = [
        make_up(parts, totals[totals["at"] == at], country=country, of=of)
        for at, parts in both.groupby("at")
    ]
    return all(made_up) and len(made_up) == totals["at"].nunique()


def _rows_near(table: pd.DataFrame, asked: Asked) -> pd.DataFrame:
    """Return the rows of a country, and of all that were ever members of a group."""
    sides = asked.sides
    group = asked.group
    countries = {side: code for side, code in sides.items() if side != group}
    rows = select_flows(table, **countries, **asked.wanted)
    if group is None:
        return rows
    # Those of other countries are named where none is of a member.
    near = rows[rows[group].isin(members_ever(sides[group]))]
    return rows if near.empty else near


def _rows_of_members(near: pd.DataFrame, asked: Asked, side: str) -> pd.DataFrame:
    """Return the rows of members by date, without the trade of the members with one another."""
    group, other = asked.sides[side], _other(side)
    rows = member_rows(near, side=side, group=group)
    if other in asked.sides:
        return rows[rows[side] != rows[other]]
    return outside_rows(rows, side=other, group=group)


def _other(side: str) -> str:
    return "importer" if side == "exporter" else "exporter"


def _check_kept(near: pd.DataFrame, asked: Asked) -> None:
    """Check that no row was taken out of a period that is there, or of any year."""
    if stated_reason(near) is not None:
        return
    there = near[["start", "end"]].drop_duplicates()

    def needed(entries: pd.DataFrame) -> pd.Series:
        mine = pd.Series(data=True, index=entries.index)
        for side, code in asked.sides.items():
            mine &= entries[side].isin(members_ever(code) if is_group(code) else {code})
        if asked.wanted.get("product") is not None:
            mine &= entries["product"] == asked.wanted["product"]
        if asked.all_years:
            return mine
        same = _index(entries, ["start", "end"]).isin(_index(there, ["start", "end"]))
        alone = _alone(entries[mine & ~same], near).reindex(mine.index, fill_value=False)
        kept: pd.Series = mine & (same | alone)
        return kept

    check_all_there(
        near,
        needed=needed,
        instead="name what is wanted by product=, reporter=, partner_basis= or dataset=",
    )


def _alone(entries: pd.DataFrame, near: pd.DataFrame) -> pd.Series:
    """Say which entries are of days that a table has, and of a flow of which it has none then."""
    periods = near[["start", "end"]].drop_duplicates()
    alone = pd.Series(data=False, index=entries.index)
    for (start, end), rows in entries.groupby(["start", "end"]):
        if ((periods["start"] <= end) & (periods["end"] >= start)).any():
            same_days = near[(near["start"] <= end) & (near["end"] >= start)]
            alone[rows.index] = ~_index(rows, _FLOW).isin(_index(same_days, _FLOW))
    return alone


def _index(rows: pd.DataFrame, columns: list[str]) -> pd.MultiIndex:
    return pd.MultiIndex.from_frame(rows[columns])


def _scope_of_flow(rows: pd.DataFrame) -> str:
    """Return what one flow rests on: every row of it that its data set has, where that is known."""
    if (stated := stated_whole(rows)) is not None:
        return stated
    return NOT_STATED if scope_of(str(rows["dataset"].iloc[0])) is None else ALL_ROWS


def _add_members(table: pd.DataFrame, rows: pd.DataFrame, asked: Asked, side: str) -> Added:
    """Return what the members of a group add up to, in the periods in which they are all there."""
    scope = _scope_of_group(table, rows, asked, side)
    used, left_out = asked.cut.whole(rows)
    if scope == ALL_MEMBERS:
        besides = asked.sides.get(_other(side), "")
        lacking = _without_member(used, side, asked.sides[side], besides=besides)
        used, left_out = used[~used["label"].isin(lacking)], left_out | lacking
    return Added(used, left_out, scope, tuple(sorted(used[side].unique())))


def _scope_of_group(table: pd.DataFrame, rows: pd.DataFrame, asked: Asked, side: str) -> str:
    """Return what the sum over the members of a group rests on, where they can be added."""
    group, other = asked.sides[side], _other(side)
    alike = as_members_report(rows, side=side)
    if other in asked.sides:
        check_one_scope(alike, of=_OF_TOTAL[other])
        return _scope_with_country(table, rows, asked, side)
    check_one_scope(alike.assign(**{side: group}), of=_OF_TOTAL[side])
    return _scope_of_members(table, rows, asked, side)


def join_members(table: pd.DataFrame, *, exporter: str, importer: str) -> pd.DataFrame:
    """
    Return the statements of a group's members on a flow as those of one, a row a period.

    One of the two is the group. The members are those that a series adds up; whether each is there
    is for :func:`check_every_member` to say, of the rows of a whole period.
    """
    asked = Asked(exporter, importer, Cut("year"), wanted={}, all_years=False)
    side = str(asked.group)
    rows = _rows_asked(table, asked)
    each = _scope_of_group(table, rows, asked, side) in {ALL_MEMBERS, NOT_STATED}
    lines = rows["line"].astype("str")
    parts = rows.assign(
        **{_HELD: rows[side] if each else ""},
        **{SOURCE_LINES: rows[SOURCE_LINES].fillna(lines) if SOURCE_LINES in rows else lines},
    ).groupby(_STATED, sort=True)
    sums = {name: parts[name].agg(exact_sum) for name in ("value", "low", "high")}
    joined = {name: parts[name].agg(" ".join) for name in (_HELD, SOURCE_LINES)}
    marks = {"estimate": parts["estimate"].any(), "unclear": parts["unclear"].max()}
    of_group = rows["reporter"].iloc[0] == rows[side].iloc[0]
    names = {side: asked.sides[side], **({"reporter": asked.sides[side]} if of_group else {})}
    first = rows.drop_duplicates(_STATED).set_index(_STATED).sort_index()
    whole = first.assign(**sums, **joined, **marks, **names).reset_index()
    return whole[[*COLUMNS, *joined, "unclear"]]


def check_every_member(rows: pd.DataFrame, period: Period) -> None:
    """Check that the rows of :func:`join_members` of one period hold what every member states."""
    if _HELD not in rows.columns:
        return
    partly = rows[rows["unclear"] != ""]
    if len(partly):
        raise PeriodError(f"{period.label}: {partly['unclear'].iloc[0]} ({where(partly)})")
    side = "exporter" if is_group(rows["exporter"].iloc[0]) else "importer"
    group, country = rows[side].iloc[0], rows[_other(side)].iloc[0]
    listed = rows.assign(label=period.label, **{side: rows[_HELD].str.split()}).explode(side)
    needed = listed.dropna(subset=side)
    for reason in _without_member(needed, side, group, besides=country).values():
        raise PeriodError(f"{reason} ({where(rows)})")


def as_members_report(rows: pd.DataFrame, *, side: str) -> pd.DataFrame:
    """Return rows of a group's members, in which those that a member reports itself are alike."""
    return rows.assign(reporter=rows["reporter"].mask(rows["reporter"] == rows[side], _MEMBERS))


def cover_among(rows: pd.DataFrame, group: str, *, country: str, of: Of) -> Cover:
    """Return what the flows between a country and a group cover; refuse them if members lack."""
    side = SIDES[of][1]
    members = _members_of(rows, group)
    scope = claimed(rows, country=country, of=of)
    _check_named(rows, side, members)
    if scope is not None and scope != NOT_STATED:
        return Cover(scope)
    if _all_hold(rows, members, of=_OF_TOTAL[side]):
        return Cover(ALL_MEMBERS)
    dated = rows.assign(label=rows["start"].dt.strftime("%Y-%m-%d"))
    for reason in _without_member(dated, side, group, besides=country).values():
        raise ScopeError(f"{rows['dataset'].iloc[0]}: {reason}; load a file with all members")
    return Cover(ALL_MEMBERS)


def _scope_with_country(table: pd.DataFrame, rows: pd.DataFrame, asked: Asked, side: str) -> str:
    """
    Return what the flows between a country and the members of a group rest on.

    Where the members report themselves, or partners of the country are known to be missing, each
    member has to have a row.
    """
    country, of = asked.sides[_other(side)], _OF_TOTAL[_other(side)]
    scope = claimed(rows, country=country, of=of)
    _check_named(rows, side, _members_of(rows, asked.sides[side]))
    if scope is not None and scope != NOT_STATED:
        return scope
    if _all_hold(rows, _members_of(rows, asked.sides[side]), of=_OF_TOTAL[side]):
        return ALL_PARTNERS
    if (rows["reporter"] == rows[side]).all() or lists_some(rows):
        return ALL_MEMBERS
    whole = select_flows(select_flows(table, **{_other(side): country}), **asked.wanted)
    totals = _printed_totals(whole, cut=asked.cut, country=country, of=of)
    used, _ = asked.cut.whole(whole)
    if totals.empty:
        return NOT_STATED
    return ALL_PARTNERS if _are_all(used, totals, country=country, of=of) else ALL_MEMBERS


def _scope_of_members(table: pd.DataFrame, rows: pd.DataFrame, asked: Asked, side: str) -> str:
    """Return what the trade of a group with all others rests on: that of each member."""
    of, group = _OF_TOTAL[side], asked.sides[side]
    members = _members_of(rows, group)
    if (stated := stated_whole(rows)) is not None:
        return stated
    if _all_hold(rows, members, of=of):
        return ALL_PARTNERS
    for member in sorted(set(members) & set(rows[side])):
        own = select_flows(select_flows(table, **{side: member}), **asked.wanted)
        if add_total(own, cut=asked.cut, country=member, of=of).scope == PRINTED_TOTAL:
            raise ScopeError(
                f"{of} of {group}: expected all partners of each member, found a printed total of "
                f"{country_name(member)}, in which the trade among members cannot be told apart"
            )
    return ALL_MEMBERS


def _members_of(rows: pd.DataFrame, group: str) -> list[str]:
    return members_between(group, rows["start"].min(), rows["end"].max())


def _all_hold(rows: pd.DataFrame, members: list[str], *, of: Of) -> bool:
    scope = scope_of(str(rows["dataset"].iloc[0]))
    return scope is not None and all(scope.holds_all(member, of=of) for member in members)


def _check_named(rows: pd.DataFrame, side: str, members: list[str]) -> None:
    """Check that the source names every member."""
    scope = scope_of(str(rows["dataset"].iloc[0]))
    unnamed = [] if scope is None else sorted(set(members) & set(scope.unnamed) - set(rows[side]))
    if unnamed:
        raise ScopeError(
            f"{rows['dataset'].iloc[0]}: this source does not name {country_name(unnamed[0])}, a "
            "member of the group: its trade cannot be added"
        )


def _without_member(used: pd.DataFrame, side: str, group: str, *, besides: str) -> dict[str, str]:
    """Return the periods in which a member has no row, with its name."""
    reasons = {}
    for label, rows in used.groupby("label", sort=True):
        listed = {heir for code in rows[side].unique() for heir in heirs_of(code)}
        members = members_between(group, rows["start"].min(), rows["end"].max())
        missing = sorted(set(members) - listed - {besides} - set(rows[side]))
        if missing:
            reasons[str(label)] = (
                f"{label}: expected a row of every member of {group}, found none of "
                f"{', '.join(missing)}: whether it had no trade or is not listed is not stated"
            )
    return reasons
